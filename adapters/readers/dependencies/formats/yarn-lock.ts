/** yarn.lock: the format of its own of yarn 1, and the YAML of yarn 2 and later ("berry"). */
import { compact } from '../../../compact.ts';
import {
  commitOf,
  type DependencyFormat,
  type FileReading,
  failed,
  MEBIBYTE,
  nameAndVersion,
  named,
  type Package,
} from '../format.ts';
import { conflict, eachLine } from '../text.ts';
import { parseYaml, yamlGet, yamlMap, yamlText } from '../yaml.ts';
import { npmOrigin, npmReference } from './package-json.ts';

function parseYarnLock(source: string): FileReading {
  const unfinished = conflict(source);
  if (unfinished) return failed(unfinished);
  return /^"?__metadata"?:/m.test(source) ? berry(source) : classic(source);
}

interface Entry {
  readonly header: string;
  readonly line: number;
  readonly fields: Map<string, string>;
}

function classic(source: string): FileReading {
  const all: Entry[] = [];
  let entry: Entry | undefined;
  let strange: number | undefined;
  eachLine(source, (line, number) => {
    if (line === '' || line.startsWith('#')) return;
    if (!line.startsWith(' ')) {
      if (!line.endsWith(':')) strange ??= number;
      entry = { header: line.slice(0, -1), line: number, fields: new Map() };
      all.push(entry);
      return;
    }
    // Deeper lines are the entry's own dependencies.
    if (line.startsWith('   ')) return;
    const space = line.indexOf(' ', 2);
    if (space > 0) entry?.fields.set(line.slice(2, space), line.slice(space + 1).replaceAll('"', ''));
  });
  if (strange !== undefined) {
    return failed({
      code: 'yarn-lock-invalid',
      message: 'is not a yarn lockfile',
      remedy: 'let yarn write it again',
      line: strange,
    });
  }
  const packages = all.map(({ header, line, fields }): Package => {
    const first = (header.split(', ', 1)[0] ?? '').replaceAll('"', '');
    const { name, version: range = '*' } = nameAndVersion(first);
    const asked = npmReference(name, range);
    const resolved = fields.get('resolved');
    const commit = asked.origin === 'git' ? commitOf(resolved) : undefined;
    // Before integrity fields, yarn put the SHA-1 of the tarball behind its address, and checks it.
    const sha1 = /#([0-9a-f]{40})$/.exec(resolved ?? '')?.[1];
    return compact<Package>({
      type: 'npm',
      ...asked,
      version: fields.get('version'),
      integrity: fields.get('integrity') ?? commit ?? (sha1 === undefined ? undefined : `sha1:${sha1}`),
      line,
    });
  });
  return { packages, problems: [] };
}

function berry(source: string): FileReading {
  const parsed = parseYaml(source);
  if ('problem' in parsed) return failed(parsed.problem);
  const root = yamlMap(parsed.value);
  const workspaces = new Map<string, boolean>();
  const members: string[] = [];
  for (const [, { value }] of root ?? []) {
    const member = /@workspace:(.*)$/.exec(yamlText(yamlGet(value, 'resolution')) ?? '')?.[1];
    if (member === undefined) continue;
    members.push(member === '.' ? '' : member);
    for (const [name, { value: range }] of yamlMap(yamlGet(value, 'dependencies')) ?? []) {
      if (typeof range === 'string') workspaces.set(`${name}@${range}`, true);
    }
  }
  const packages: Package[] = [];
  for (const [header, { value, line }] of root ?? []) {
    const resolution = yamlText(yamlGet(value, 'resolution'));
    if (header === '__metadata') continue;
    if (resolution === undefined) {
      return failed({
        code: 'yarn-lock-invalid',
        message: `has an entry without a resolution: \`${header.slice(0, 80)}\``,
        remedy: 'let yarn write it again',
        line,
      });
    }
    const { name, version: target = resolution } = nameAndVersion(resolution);
    // A patch is a file of the repository; the package that it changes has an entry of its own.
    if (target.startsWith('patch:')) continue;
    const asked = header.split(', ').find((one) => workspaces.has(one));
    const origin = target.startsWith('npm:') ? 'registry' : npmOrigin(target);
    const commit = origin === 'git' ? commitOf(target) : undefined;
    packages.push(
      compact<Package>({
        type: 'npm',
        name,
        version: yamlText(yamlGet(value, 'version')),
        integrity: yamlText(yamlGet(value, 'checksum')) ?? commit,
        requirement: asked?.slice(asked.indexOf('@', 1) + 1).replace(/^npm:/, ''),
        direct: asked !== undefined,
        origin,
        ofPlatform: yamlGet(value, 'conditions') === undefined ? undefined : true,
        line: line === 0 ? undefined : line,
      }),
    );
  }
  return { packages, problems: [], members };
}

export const yarnLock: DependencyFormat = {
  id: 'yarn-lock',
  family: 'npm',
  ecosystem: 'npm',
  role: 'lock',
  matches: named('yarn.lock'),
  locks: /^package\.json$/,
  limit: 32 * MEBIBYTE,
  parse: parseYarnLock,
};
