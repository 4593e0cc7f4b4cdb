/**
 * pnpm-lock.yaml, versions 5 to 9. Keys of `packages` changed with each: `/name/1.2.3_peers` (5),
 * `/name@1.2.3(peers)` (6), `name@1.2.3` (9, with the peers only under `snapshots`).
 */
import { compact } from '../../../compact.ts';
import {
  type AskedNames,
  commitOf,
  type DependencyFormat,
  type FileReading,
  failed,
  MEBIBYTE,
  nameAndVersion,
  named,
  type Package,
} from '../format.ts';
import { reachable } from '../graph.ts';
import { parseYaml, type YamlNode, yamlGet, yamlMap, yamlText } from '../yaml.ts';

const ASKED = ['dependencies', 'optionalDependencies', 'devDependencies'] as const;
interface Asked {
  readonly requirement: string | undefined;
  readonly development: boolean;
}

function parsePnpmLock(source: string): FileReading {
  // pnpm 10 and later may put what pnpm itself needs into a document of its own in front.
  const documents = source.split(/^---[ \t]*\r?$/m);
  if (documents.length > 4)
    return failed({ code: 'yaml-invalid', message: 'holds more documents than pnpm writes' });
  let offset = 0;
  const packages: Package[] = [];
  const members: string[] = [];
  const asked: AskedNames[] = [];
  for (const document of documents) {
    if (document.trim() !== '') {
      const parsed = parseYaml(document);
      if ('problem' in parsed) {
        const { line } = parsed.problem;
        return failed({ ...parsed.problem, ...(line === undefined ? {} : { line: line + offset }) });
      }
      const reading = parseDocument(parsed.value, offset);
      if (reading.problems.length > 0) return reading;
      packages.push(...reading.packages);
      members.push(...(reading.members ?? []));
      asked.push(...(reading.asked ?? []));
    }
    offset += document.split('\n').length - 1;
  }
  if (members.length === 0) return failed({ code: 'lockfile-version-unknown', message: 'holds no lockfile' });
  return { packages, problems: [], members, asked };
}

function parseDocument(lock: YamlNode, offset: number): FileReading {
  const major = Number.parseInt(yamlText(yamlGet(lock, 'lockfileVersion')) ?? '', 10);
  if (!(major >= 5 && major <= 9)) {
    return failed({
      code: 'lockfile-version-unknown',
      message: `has lockfileVersion ${yamlText(yamlGet(lock, 'lockfileVersion'))?.slice(0, 20) ?? 'none'}, which is not read`,
      remedy: 'write it again with a pnpm of version 6 to 10',
    });
  }
  const importers = yamlMap(yamlGet(lock, 'importers'));
  const asked = new Map<string, Asked>();
  const roots: { readonly key: string; readonly development: boolean }[] = [];
  const askedBy = new Map<string, Set<string>>();
  const projects = importers
    ? [...importers].map(([key, { value }]) => [key, value] as const)
    : [['.', lock] as const];
  for (const [project, importer] of projects) {
    const names = new Set<string>();
    askedBy.set(project === '.' ? '' : project, names);
    for (const section of ASKED) {
      for (const [name, { value }] of yamlMap(yamlGet(importer, section)) ?? []) {
        names.add(name);
        const version = yamlText(value) ?? yamlText(yamlGet(value, 'version'));
        if (version === undefined || /^(link|workspace):/.test(version)) continue;
        const requirement =
          yamlText(yamlGet(value, 'specifier')) ?? yamlText(yamlGet(yamlGet(importer, 'specifiers'), name));
        const development = section === 'devDependencies';
        const key = snapshotKey(name, version, major);
        roots.push({ key, development });
        const known = asked.get(withoutPeers(key));
        asked.set(withoutPeers(key), {
          requirement: known?.requirement ?? requirement,
          development: development && known?.development !== false,
        });
      }
    }
  }
  const snapshots = yamlMap(yamlGet(lock, 'snapshots'));
  const graph = edges(snapshots, major);
  const production = reachable(
    roots.filter(({ development }) => !development).map(({ key }) => key),
    (key) => graph.get(key) ?? [],
  );
  const needed = new Set([...production].map(withoutPeers));
  const needs = new Map<string, string[]>();
  for (const [key, others] of graph) {
    const plain = withoutPeers(key);
    if (others.length > 0)
      needs.set(plain, [...new Set([...(needs.get(plain) ?? []), ...others.map(withoutPeers)])]);
  }
  const packages: Package[] = [];
  for (const [key, { value, line }] of yamlMap(yamlGet(lock, 'packages')) ?? []) {
    const plain = withoutPeers(key);
    const { name, version } = nameVersion(plain, major);
    const resolution = yamlGet(value, 'resolution');
    const tarball = yamlText(yamlGet(resolution, 'tarball'));
    const commit =
      yamlText(yamlGet(resolution, 'commit')) ??
      (/\/tar\.gz\//.test(tarball ?? '') ? commitOf(tarball) : undefined);
    const ask = asked.get(plain);
    packages.push(
      compact<Package>({
        type: 'npm',
        name: yamlText(yamlGet(value, 'name')) ?? name,
        version: yamlText(yamlGet(value, 'version')) ?? version ?? commit,
        integrity: yamlText(yamlGet(resolution, 'integrity')) ?? commit ?? variantHash(resolution),
        requirement: ask?.requirement,
        direct: ask !== undefined,
        development: snapshots ? !needed.has(plain) : flag(yamlGet(value, 'dev')),
        origin:
          yamlGet(resolution, 'directory') !== undefined || /(^|@)(file|link):/.test(key)
            ? 'path'
            : commit !== undefined
              ? 'git'
              : tarball !== undefined && /^https?:/.test(version ?? '')
                ? 'url'
                : 'registry',
        line: line === 0 ? undefined : line + offset,
        needs: needs.get(plain),
      }),
    );
  }
  return {
    packages,
    problems: [],
    members: [...askedBy.keys()],
    asked: [...askedBy].map(([member, names]) => ({ member, names: [...names] })),
  };
}

/** A runtime is one archive for each platform: its hash is that of the first, where every one has a hash. */
function variantHash(resolution: YamlNode | undefined): string | undefined {
  const variants = yamlGet(resolution, 'variants');
  if (!Array.isArray(variants)) return undefined;
  const hashes = variants.map((variant: YamlNode) =>
    yamlText(yamlGet(yamlGet(variant, 'resolution'), 'integrity')),
  );
  return hashes.every((hash) => hash !== undefined) ? hashes[0] : undefined;
}

const flag = (node: YamlNode | undefined): boolean | undefined =>
  node === 'true' ? true : node === 'false' ? false : undefined;

function edges(
  snapshots: ReadonlyMap<string, { readonly value: YamlNode }> | undefined,
  major: number,
): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  for (const [key, { value }] of snapshots ?? []) {
    const others: string[] = [];
    for (const section of ['dependencies', 'optionalDependencies']) {
      for (const [name, { value: version }] of yamlMap(yamlGet(value, section)) ?? []) {
        if (typeof version === 'string') others.push(snapshotKey(name, version, major));
      }
    }
    graph.set(key, others);
  }
  return graph;
}

/** Key under which a version that some project asks for stands. An alias carries the real name in its version. */
function snapshotKey(name: string, version: string, major: number): string {
  if (version.startsWith('/')) return version;
  if (major < 6) return hostOf(version) === '' ? `/${name}/${version}` : version;
  const plain = withoutPeers(version);
  const complete = plain.lastIndexOf('@') > 0 || /^[a-z0-9.-]+\.[a-z]+\//.test(plain);
  if (complete && !/^(https?|git|file|git\+[a-z]+):/.test(plain)) return version;
  return major < 9 ? `/${name}@${version}` : `${name}@${version}`;
}

/** The host of another registry that a key begins with, `registry.example.test/…`; empty where there is none. */
function hostOf(key: string): string {
  const host = key.slice(0, Math.max(0, key.indexOf('/')));
  return /.\../s.test(host) ? host : '';
}

const NAME_VERSION = /^((?:@[^/]+\/)?[^/]+)\/([^/_]+)(?:_.*)?$/;

function withoutPeers(key: string): string {
  const open = key.indexOf('(');
  return open < 0 ? key : key.slice(0, open);
}

function nameVersion(key: string, major: number): { name: string; version?: string } {
  const plain = key.startsWith('/') ? key.slice(1) : key;
  if (major < 6) {
    const host = hostOf(plain);
    const inner = host === '' || host.includes('@') ? plain : plain.slice(host.length + 1);
    const match = NAME_VERSION.exec(inner) ?? NAME_VERSION.exec(plain);
    return match?.[1] && match[2] ? { name: match[1], version: match[2] } : { name: plain };
  }
  return nameAndVersion(plain);
}

export const pnpmLock: DependencyFormat = {
  id: 'pnpm-lock',
  family: 'npm',
  ecosystem: 'npm',
  role: 'lock',
  matches: named('pnpm-lock.yaml'),
  locks: /^package\.json$/,
  limit: 32 * MEBIBYTE,
  parse: parsePnpmLock,
};
