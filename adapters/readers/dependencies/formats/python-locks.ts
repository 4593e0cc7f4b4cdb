/**
 * The TOML lockfiles of Python: poetry.lock, uv.lock, pdm.lock and pylock.toml (PEP 751). All are a list of
 * packages with the hashes of their files; where content comes from, and who needs what, each says in its own way.
 */
import { compact } from '../../../compact.ts';
import {
  commitOf,
  type DependencyFormat,
  entries,
  type FileReading,
  failed,
  field,
  list,
  MEBIBYTE,
  named,
  type Package,
  text,
  texts,
} from '../format.ts';
import { reachable } from '../graph.ts';
import { normalName } from '../python.ts';
import { parseToml, tableLines } from '../text.ts';

interface Table {
  readonly table: unknown;
  readonly name: string;
  readonly line: number | undefined;
}

function tables(source: string, key: string): { lock: unknown; found: Table[] } | { failure: FileReading } {
  const parsed = parseToml(source);
  if ('problem' in parsed) return { failure: failed(parsed.problem) };
  const all = list(field(parsed.value, key));
  const lines = tableLines(source, key);
  const found = all.flatMap((table, at): Table[] => {
    const name = text(field(table, 'name'));
    // A header inside of a text would shift all that follow: then no line is better than a wrong one.
    return name === undefined
      ? []
      : [{ table, name: normalName(name), line: lines.length === all.length ? lines[at] : undefined }];
  });
  return { lock: parsed.value, found };
}

const firstHash = (files: unknown): string | undefined => {
  for (const file of list(files)) {
    const hash = text(field(file, 'hash'));
    if (hash !== undefined) return hash;
    const [best] = entries(field(file, 'hashes')).filter(([, value]) => typeof value === 'string');
    if (best) return `${best[0]}:${best[1]}`;
  }
  return undefined;
};

function parsePoetryLock(source: string): FileReading {
  const read = tables(source, 'package');
  if ('failure' in read) return read.failure;
  const metadata = field(field(read.lock, 'metadata'), 'files');
  const packages = read.found.map(({ table, name, line }): Package => {
    const from = field(table, 'source');
    const kind = text(field(from, 'type'));
    const commit = kind === 'git' ? commitOf(text(field(from, 'resolved_reference'))) : undefined;
    const groups = texts(field(table, 'groups'));
    const category = text(field(table, 'category'));
    return compact<Package>({
      type: 'pypi',
      name,
      version: text(field(table, 'version')) ?? commit,
      integrity:
        commit ??
        firstHash(field(table, 'files')) ??
        firstHash(field(metadata, text(field(table, 'name')) ?? '')) ??
        firstHash(field(metadata, name)),
      development:
        groups.length > 0
          ? !groups.includes('main')
          : category === undefined
            ? undefined
            : category !== 'main',
      origin:
        kind === 'git' || kind === 'url'
          ? kind
          : kind === 'directory' || kind === 'file'
            ? 'path'
            : 'registry',
      line,
    });
  });
  return { packages, problems: [] };
}

function parseUvLock(source: string): FileReading {
  const read = tables(source, 'package');
  if ('failure' in read) return read.failure;
  const members: string[] = [];
  const direct = new Set<string>();
  const production: string[] = [];
  const graph = new Map<string, string[]>();
  const names = (items: unknown): string[] =>
    list(items)
      .flatMap((item) => text(field(item, 'name')) ?? [])
      .map(normalName);
  for (const { table, name } of read.found) {
    const needs = [
      ...names(field(table, 'dependencies')),
      ...entries(field(table, 'optional-dependencies')).flatMap(([, items]) => names(items)),
    ];
    graph.set(name, [...(graph.get(name) ?? []), ...needs]);
    const from = field(table, 'source');
    const home =
      text(field(from, 'editable')) ?? text(field(from, 'virtual')) ?? text(field(from, 'directory'));
    if (home === undefined) continue;
    members.push(home === '.' ? '' : home);
    production.push(name);
    const groups = entries(field(table, 'dev-dependencies')).flatMap(([, items]) => names(items));
    for (const asked of [...needs, ...groups]) direct.add(asked);
  }
  const needed = reachable(production, (name) => graph.get(name) ?? []);
  const versions = new Map(read.found.map(({ table, name }) => [name, text(field(table, 'version'))]));
  const packages = read.found.map(({ table, name, line }): Package => {
    const from = field(table, 'source');
    const git = text(field(from, 'git'));
    const commit = commitOf(git);
    const needs = names(field(table, 'dependencies')).map((other) => `${other}@${versions.get(other) ?? ''}`);
    return compact<Package>({
      type: 'pypi',
      name,
      version: text(field(table, 'version')) ?? commit,
      integrity: commit ?? text(field(field(table, 'sdist'), 'hash')) ?? firstHash(field(table, 'wheels')),
      direct: direct.has(name),
      development: !needed.has(name),
      origin:
        git !== undefined
          ? 'git'
          : text(field(from, 'url')) !== undefined
            ? 'url'
            : text(field(from, 'registry')) !== undefined
              ? 'registry'
              : 'path',
      line,
      needs: needs.length > 0 ? [...new Set(needs)] : undefined,
    });
  });
  return { packages, problems: [], members };
}

function parsePdmLock(source: string): FileReading {
  const read = tables(source, 'package');
  if ('failure' in read) return read.failure;
  const old = field(field(read.lock, 'metadata'), 'files');
  const packages = read.found.map(({ table, name, line }): Package => {
    const commit = commitOf(text(field(table, 'revision')));
    const version = text(field(table, 'version'));
    const groups = texts(field(table, 'groups'));
    return compact<Package>({
      type: 'pypi',
      name,
      version: version ?? commit,
      integrity: commit ?? firstHash(field(table, 'files')) ?? firstHash(field(old, `${name} ${version}`)),
      development: groups.length > 0 ? !groups.includes('default') : undefined,
      origin:
        text(field(table, 'git')) !== undefined
          ? 'git'
          : text(field(table, 'path')) !== undefined
            ? 'path'
            : text(field(table, 'url')) !== undefined
              ? 'url'
              : 'registry',
      line,
    });
  });
  return { packages, problems: [] };
}

function parsePylock(source: string): FileReading {
  const read = tables(source, 'packages');
  if ('failure' in read) return read.failure;
  const packages = read.found.map(({ table, name, line }): Package => {
    const vcs = field(table, 'vcs');
    const commit = commitOf(text(field(vcs, 'commit-id')));
    const archive = field(table, 'archive');
    return compact<Package>({
      type: 'pypi',
      name,
      version: text(field(table, 'version')) ?? commit ?? firstHash([archive]),
      integrity: commit ?? firstHash([archive, field(table, 'sdist'), ...list(field(table, 'wheels'))]),
      origin:
        vcs !== undefined
          ? 'git'
          : field(table, 'directory') !== undefined
            ? 'path'
            : archive !== undefined
              ? 'url'
              : 'registry',
      line,
    });
  });
  return { packages, problems: [] };
}

const lockfile = (
  id: string,
  name: string | RegExp,
  ecosystem: string,
  parse: (source: string) => FileReading,
): DependencyFormat => ({
  id,
  family: 'pypi',
  ecosystem,
  role: 'lock',
  matches: typeof name === 'string' ? named(name) : (path) => name.test(path),
  locks: /^pyproject\.toml$/,
  limit: 32 * MEBIBYTE,
  parse,
});

export const poetryLock = lockfile('poetry-lock', 'poetry.lock', 'pip', parsePoetryLock);
export const uvLock = lockfile('uv-lock', 'uv.lock', 'uv', parseUvLock);
export const pdmLock = lockfile('pdm-lock', 'pdm.lock', 'pip', parsePdmLock);
export const pylock = lockfile('pylock', /(?:^|\/)pylock(?:\.[\w-]+)?\.toml$/, 'pip', parsePylock);
