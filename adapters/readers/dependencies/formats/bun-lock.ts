/** bun.lock, the text lockfile of bun 1.2 and later: JSON with trailing commas. Format: https://bun.com/docs/pm/lockfile */
import { compact } from '../../../compact.ts';
import {
  type AskedNames,
  commitOf,
  type DependencyFormat,
  entries,
  type FileReading,
  failed,
  field,
  list,
  MEBIBYTE,
  nameAndVersion,
  named,
  type Package,
  text,
} from '../format.ts';
import { jsonLines, parseJson, plainJson, twiceProblems } from '../text.ts';
import { npmOrigin } from './package-json.ts';

const SECTIONS = ['dependencies', 'optionalDependencies', 'devDependencies'] as const;

function parseBunLock(source: string): FileReading {
  const strict = plainJson(source);
  const parsed = parseJson(strict);
  if ('problem' in parsed) return failed(parsed.problem);
  const version = field(parsed.value, 'lockfileVersion');
  if (version !== 0 && version !== 1) {
    return failed({
      code: 'lockfile-version-unknown',
      message: `has lockfileVersion ${JSON.stringify(version)?.slice(0, 20) ?? 'none'}, which is not read`,
      remedy: 'write it again with a bun of version 1.2 or later',
    });
  }
  const { lines, twice } = jsonLines(strict, 2);
  const requests = new Map<string, { readonly range: string; readonly development: boolean }>();
  const asked: AskedNames[] = [];
  for (const [member, project] of entries(field(parsed.value, 'workspaces'))) {
    const names = new Set<string>();
    for (const section of SECTIONS) {
      for (const [name, range] of entries(field(project, section))) {
        if (typeof range !== 'string') continue;
        names.add(name);
        const development = section === 'devDependencies' && requests.get(name)?.development !== false;
        requests.set(name, { range, development });
      }
    }
    asked.push({ member, names: [...names] });
  }
  const packages = entries(field(parsed.value, 'packages')).flatMap(([key, entry]): Package[] => {
    const found = packageOf(key, list(entry), lines.get(`packages\0${key}`));
    if (found === undefined) return [];
    const request = requests.get(key);
    return [
      {
        ...found,
        direct: request !== undefined,
        ...(request === undefined ? {} : { requirement: request.range, development: request.development }),
      },
    ];
  });
  return { packages, problems: twiceProblems(twice), members: asked.map(({ member }) => member), asked };
}

/**
 * An entry is `[ "name@version", registry, { … }, integrity ]`; of a git repository `[ "name@git+…#commit", { … }, id ]`.
 * The key is the name that the project uses, behind the package that it stands below.
 */
function packageOf(key: string, entry: readonly unknown[], line: number | undefined): Package | undefined {
  const resolved = text(entry[0]);
  if (resolved === undefined) return undefined;
  const { name, version: target = '' } = nameAndVersion(resolved);
  const origin = npmOrigin(target);
  const commit = origin === 'git' ? commitOf(target) : undefined;
  const integrity = entry.slice(1).find((part) => /^sha\d+-/.test(text(part) ?? ''));
  const used = usedName(key);
  return compact<Package>({
    type: 'npm',
    name,
    as: used === name ? undefined : used,
    version: origin === 'git' ? commit : target || undefined,
    integrity: text(integrity) ?? commit,
    origin,
    line,
  });
}

/** The last name of a key such as `parent/@scope/name`. */
function usedName(key: string): string {
  const parts = key.split('/');
  const last = parts.at(-1) ?? key;
  const scope = parts.at(-2);
  return scope?.startsWith('@') ? `${scope}/${last}` : last;
}

export const bunLock: DependencyFormat = {
  id: 'bun-lock',
  family: 'npm',
  ecosystem: 'npm',
  role: 'lock',
  matches: named('bun.lock'),
  locks: /^package\.json$/,
  limit: 32 * MEBIBYTE,
  parse: parseBunLock,
};
