/** Cargo.toml and Cargo.lock (versions 1 to 4). Format: https://doc.rust-lang.org/cargo/reference/ */
import { compact } from '../../../compact.ts';
import {
  type Beside,
  commitOf,
  type DependencyFormat,
  entries,
  type FileReading,
  failed,
  field,
  folder,
  foldersUp,
  join,
  list,
  MEBIBYTE,
  named,
  type Package,
  text,
  texts,
} from '../format.ts';
import { parseToml, tableLines, tomlLines } from '../text.ts';

const SECTIONS = { dependencies: false, 'dev-dependencies': true, 'build-dependencies': true } as const;

function parseCargoToml(source: string, path: string, beside: Beside): FileReading {
  const parsed = parseToml(source);
  if ('problem' in parsed) return failed(parsed.problem);
  const find = tomlLines(source);
  const inherited = workspaceDependencies(parsed.value, path, beside);
  const packages: Package[] = [];
  const add = (table: unknown, prefix: string): void => {
    for (const [section, development] of Object.entries(SECTIONS)) {
      for (const [name, value] of entries(field(table, section))) {
        const asked = field(value, 'workspace') === true ? field(inherited, name) : value;
        const git = text(field(asked, 'git'));
        const commit = commitOf(text(field(asked, 'rev')));
        packages.push(
          compact<Package>({
            type: 'cargo',
            name: text(field(asked, 'package')) ?? name,
            requirement: text(asked) ?? text(field(asked, 'version')) ?? commit ?? git ?? '*',
            direct: true,
            development,
            origin:
              text(field(asked, 'path')) !== undefined ? 'path' : git !== undefined ? 'git' : 'registry',
            line: find(`${prefix}${section}`, name) ?? find(`${prefix}${section}.${name}`, name),
          }),
        );
      }
    }
  };
  add(parsed.value, '');
  for (const [target, table] of entries(field(parsed.value, 'target'))) {
    add(table, `target.${target.replaceAll(/["'\s]/g, '')}.`);
  }
  const workspaces = texts(field(field(parsed.value, 'workspace'), 'members'));
  return compact<FileReading>({
    packages,
    problems: [],
    workspaces: workspaces.length > 0 ? workspaces : undefined,
    project: text(field(field(parsed.value, 'package'), 'name')),
    published: field(parsed.value, 'lib') !== undefined && field(parsed.value, 'bin') === undefined,
  });
}

/** `[workspace.dependencies]` of this manifest or of the nearest one above that has a workspace. */
function workspaceDependencies(own: unknown, path: string, beside: Beside): unknown {
  if (field(own, 'workspace') !== undefined) return field(field(own, 'workspace'), 'dependencies');
  for (const up of foldersUp(folder(path)).slice(1)) {
    const above = beside.get(join(up, 'Cargo.toml') ?? '');
    const parsed = typeof above === 'string' ? parseToml(above) : undefined;
    const workspace = parsed && 'value' in parsed ? field(parsed.value, 'workspace') : undefined;
    if (workspace !== undefined) return field(workspace, 'dependencies');
  }
  return undefined;
}

function parseCargoLock(source: string): FileReading {
  const parsed = parseToml(source);
  if ('problem' in parsed) return failed(parsed.problem);
  const tables = list(field(parsed.value, 'package'));
  const lines = tableLines(source, 'package');
  const byName = new Map<string, string[]>();
  for (const table of tables) {
    const name = text(field(table, 'name')) ?? '';
    byName.set(name, [...(byName.get(name) ?? []), text(field(table, 'version')) ?? '']);
  }
  /** A need is a name, followed by the version where the file has several of that name. */
  const needed = (table: unknown): string[] =>
    texts(field(table, 'dependencies')).map((need) => {
      const [name = '', version] = need.split(' ');
      return `${name}@${version ?? byName.get(name)?.[0] ?? ''}`;
    });
  const own = tables.filter((table) => field(table, 'source') === undefined);
  const direct = new Set(own.flatMap(needed));
  const checksums = new Map(
    entries(field(parsed.value, 'metadata')).map(([key, value]) => [key, text(value)] as const),
  );
  const packages = tables.flatMap((table, at): Package[] => {
    const name = text(field(table, 'name'));
    if (name === undefined) return [];
    const version = text(field(table, 'version'));
    const from = text(field(table, 'source'));
    const commit = from?.startsWith('git+') ? commitOf(from) : undefined;
    const needs = needed(table);
    return [
      compact<Package>({
        type: 'cargo',
        name,
        version,
        integrity:
          commit ?? text(field(table, 'checksum')) ?? checksums.get(`checksum ${name} ${version} (${from})`),
        direct: direct.has(`${name}@${version}`),
        origin: from === undefined ? 'path' : from.startsWith('git+') ? 'git' : 'registry',
        line: lines.length === tables.length ? lines[at] : undefined,
        needs: needs.length > 0 ? needs : undefined,
      }),
    ];
  });
  return { packages, problems: [] };
}

export const cargoToml: DependencyFormat = {
  id: 'cargo-toml',
  family: 'cargo',
  ecosystem: 'cargo',
  role: 'manifest',
  matches: named('Cargo.toml'),
  limit: 2 * MEBIBYTE,
  beside: (path) =>
    foldersUp(folder(path))
      .slice(1)
      .flatMap((up) => join(up, 'Cargo.toml') ?? []),
  parse: parseCargoToml,
};

export const cargoLock: DependencyFormat = {
  id: 'cargo-lock',
  family: 'cargo',
  ecosystem: 'cargo',
  role: 'lock',
  matches: named('Cargo.lock'),
  locks: /^Cargo\.toml$/,
  limit: 32 * MEBIBYTE,
  parse: parseCargoLock,
};
