/** deno.json and deno.lock (versions 2 to 5). Format: https://docs.deno.com/runtime/fundamentals/modules/ */
import { compact } from '../../../compact.ts';
import {
  type DependencyFormat,
  entries,
  type FileReading,
  failed,
  field,
  MEBIBYTE,
  nameAndVersion,
  named,
  type Package,
  text,
  texts,
} from '../format.ts';
import { jsonLines, parseJson, plainJson } from '../text.ts';

/** `jsr:@scope/name@range/path` and `npm:name@range`. */
const SPECIFIER = /^(jsr|npm):\/?((?:@[^@/]+\/)?[^@/]+)(?:@([^/]+))?/;

function parseDenoJson(source: string): FileReading {
  const strict = plainJson(source);
  const parsed = parseJson(strict);
  if ('problem' in parsed) return failed(parsed.problem);
  const { lines } = jsonLines(strict, 2);
  const packages = entries(field(parsed.value, 'imports')).flatMap(([key, target]): Package[] => {
    if (typeof target !== 'string') return [];
    // A whole host stands for a place, below which imports name what they need.
    if (/^https?:\/\/[^/]+\/$/.test(target)) return [];
    const line = lines.get(`imports\0${key}`);
    if (/^https?:/.test(target))
      return [compact<Package>({ type: 'generic', name: target, direct: true, origin: 'url', line })];
    const match = SPECIFIER.exec(target);
    if (match?.[1] === undefined || match[2] === undefined) return [];
    return [
      compact<Package>({
        type: match[1],
        name: match[2],
        requirement: match[3] ?? '*',
        direct: true,
        origin: 'registry',
        line,
      }),
    ];
  });
  const workspace = field(parsed.value, 'workspace');
  const globs = Array.isArray(workspace) ? texts(workspace) : texts(field(workspace, 'members'));
  return compact<FileReading>({
    packages,
    problems: [],
    workspaces: globs.length > 0 ? globs : undefined,
    project: text(field(parsed.value, 'name')),
  });
}

function parseDenoLock(source: string): FileReading {
  const parsed = parseJson(source);
  if ('problem' in parsed) return failed(parsed.problem);
  const version = String(field(parsed.value, 'version'));
  if (!/^[2345]$/.test(version)) {
    return failed({
      code: 'lockfile-version-unknown',
      message: `has version ${version.slice(0, 20)}, which is not read`,
      remedy: 'write it again with a deno of version 1.37 or later',
    });
  }
  if (version === '2') return version2(source, parsed.value);
  // Version 3 keeps both registries under `packages`, later ones at the top.
  const root = version === '3' ? field(parsed.value, 'packages') : parsed.value;
  const { lines } = jsonLines(source, version === '3' ? 3 : 2);
  const prefix = version === '3' ? 'packages\0' : '';
  const specifiers = new Map(entries(field(root, 'specifiers')));
  const requests = new Map<string, string>();
  for (const [specifier, target] of specifiers) {
    const asked = SPECIFIER.exec(specifier);
    const found = version === '3' ? text(target) : `${asked?.[1]}:${asked?.[2]}@${text(target)}`;
    if (asked && found !== undefined) requests.set(withoutPeers(found), asked[3] ?? '*');
  }
  const packages: Package[] = [];
  for (const type of ['jsr', 'npm'] as const) {
    for (const [key, entry] of entries(field(root, type))) {
      const plain = withoutPeers(key);
      const requirement = requests.get(`${type}:${plain}`);
      packages.push(
        compact<Package>({
          type,
          ...nameAndVersion(plain),
          integrity: text(field(entry, 'integrity')),
          requirement,
          direct: requirement !== undefined,
          origin: 'registry',
          line: lines.get(`${prefix}${type}\0${key}`),
        }),
      );
    }
  }
  packages.push(...remote(parsed.value, lines));
  return { packages, problems: [] };
}

/** Version 2 knows npm alone, and modules by their address. */
function version2(source: string, lock: unknown): FileReading {
  const { lines } = jsonLines(source, 3);
  const npm = field(lock, 'npm');
  const requests = new Map<string, string>();
  for (const [specifier, target] of entries(field(npm, 'specifiers'))) {
    if (typeof target === 'string') requests.set(target, nameAndVersion(specifier).version ?? '*');
  }
  const packages = entries(field(npm, 'packages')).map(([key, entry]): Package => {
    return compact<Package>({
      type: 'npm',
      ...nameAndVersion(withoutPeers(key)),
      integrity: text(field(entry, 'integrity')),
      requirement: requests.get(key),
      direct: requests.has(key),
      origin: 'registry',
      line: lines.get(`npm\0packages\0${key}`),
    });
  });
  return { packages: [...packages, ...remote(lock, lines)], problems: [] };
}

/** Modules that are imported by their address, with the hash of each. */
function remote(lock: unknown, lines: ReadonlyMap<string, number>): Package[] {
  return entries(field(lock, 'remote')).map(([url, hash]): Package => {
    const digest = text(hash);
    return compact<Package>({
      type: 'generic',
      name: url,
      version: digest,
      integrity: digest === undefined ? undefined : `sha256:${digest}`,
      origin: 'url',
      line: lines.get(`remote\0${url}`),
    });
  });
}

/** `name@1.0.0_peer@2.0.0` is `name@1.0.0` in the company of a peer. */
const withoutPeers = (key: string): string => key.replace(/^((?:@[^@/]+\/)?[^@_/]+@[^_]+)_.*$/, '$1');

export const denoJson: DependencyFormat = {
  id: 'deno-json',
  family: 'deno',
  ecosystem: 'deno',
  role: 'manifest',
  matches: named('deno.json', 'deno.jsonc'),
  limit: 2 * MEBIBYTE,
  parse: parseDenoJson,
};

export const denoLock: DependencyFormat = {
  id: 'deno-lock',
  family: 'deno',
  ecosystem: 'deno',
  role: 'lock',
  matches: named('deno.lock'),
  locks: /^deno\.jsonc?$/,
  limit: 32 * MEBIBYTE,
  parse: parseDenoLock,
};
