/** package.json: what npm, pnpm, yarn and bun projects ask for. */
import { compact } from '../../../compact.ts';
import {
  type DependencyFormat,
  entries,
  type FileReading,
  failed,
  field,
  MEBIBYTE,
  named,
  type Package,
  text,
  texts,
} from '../format.ts';
import { jsonLines, parseJson, twiceProblems } from '../text.ts';

const SECTIONS = ['dependencies', 'optionalDependencies', 'devDependencies'] as const;

/** What a requirement of npm's world refers to; `npm:` aliases name another package. */
export function npmReference(
  name: string,
  range: string,
): Pick<Package, 'name' | 'as' | 'origin' | 'requirement'> {
  const alias = /^npm:((?:@[^@/]+\/)?[^@]+)(?:@(.*))?$/.exec(range);
  const real = alias?.[1];
  if (alias && real !== undefined) {
    const reference = { name: real, origin: 'registry' as const, requirement: alias[2] || '*' };
    return real === name ? reference : { ...reference, as: name };
  }
  return { name, origin: npmOrigin(range), requirement: range || '*' };
}

export function npmOrigin(range: string): Package['origin'] {
  if (/^(file|link|workspace|portal|patch):|^\.{0,2}\//.test(range)) return 'path';
  if (/^git(\+|:|@)|^(github|gitlab|bitbucket|gist):|\.git(#|$)/.test(range)) return 'git';
  if (/^https?:/.test(range)) return 'url';
  if (/^[^@\s/:]+\/[^@\s/:][^@\s/:#]*(#.*)?$/.test(range)) return 'git';
  return 'registry';
}

function parsePackageJson(source: string): FileReading {
  const parsed = parseJson(source);
  if ('problem' in parsed) return failed(parsed.problem);
  const { lines, twice } = jsonLines(source, 2);
  const packages: Package[] = [];
  for (const section of SECTIONS) {
    for (const [name, range] of entries(field(parsed.value, section))) {
      if (typeof range !== 'string') continue;
      packages.push(
        compact<Package>({
          type: 'npm',
          ...npmReference(name, range),
          direct: true,
          development: section === 'devDependencies',
          line: lines.get(`${section}\0${name}`),
        }),
      );
    }
  }
  const workspaces = field(parsed.value, 'workspaces');
  const globs = Array.isArray(workspaces) ? texts(workspaces) : texts(field(workspaces, 'packages'));
  const sections = twice.filter(({ key }) => SECTIONS.some((s) => key === s || lines.has(`${s}\0${key}`)));
  const entry = ['main', 'module', 'exports', 'types', 'bin', 'files', 'publishConfig'];
  const published =
    field(parsed.value, 'private') !== true &&
    text(field(parsed.value, 'name')) !== undefined &&
    text(field(parsed.value, 'version')) !== undefined &&
    entry.some((name) => field(parsed.value, name) !== undefined);
  return compact<FileReading>({
    packages,
    published,
    problems: twiceProblems(sections),
    workspaces: globs.length > 0 ? globs : undefined,
    project: text(field(parsed.value, 'name')),
  });
}

export const packageJson: DependencyFormat = {
  id: 'package-json',
  family: 'npm',
  ecosystem: 'npm',
  role: 'manifest',
  matches: named('package.json'),
  limit: 2 * MEBIBYTE,
  parse: parsePackageJson,
};
