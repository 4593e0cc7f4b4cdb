/**
 * go.mod and go.sum. Go needs no lockfile: minimal version selection makes the versions of go.mod exact, and go.sum
 * holds their hashes. Formats: https://go.dev/ref/mod#go-mod-file and https://go.dev/ref/mod#go-sum-files
 */
import type { Unobserved } from '@macadam/core/facts/observation';
import { compact } from '../../../compact.ts';
import {
  type Beside,
  type DependencyFormat,
  type FileReading,
  failed,
  folder,
  foldersUp,
  join,
  MEBIBYTE,
  named,
  type Package,
} from '../format.ts';
import { conflict, eachLine } from '../text.ts';

interface Required {
  readonly version: string;
  readonly indirect: boolean;
  readonly line: number;
}

interface GoMod {
  readonly module: string | undefined;
  readonly go: readonly [number, number];
  readonly requires: Map<string, Required>;
  readonly replaces: Map<string, { readonly path: string; readonly version: string | undefined }>;
  readonly strange: number | undefined;
}

function readGoMod(source: string): GoMod {
  const requires = new Map<string, Required>();
  const replaces = new Map<string, { path: string; version: string | undefined }>();
  let module: string | undefined;
  let go: [number, number] = [1, 16];
  let strange: number | undefined;
  let inside = '';
  eachLine(source, (raw, number) => {
    const slashes = raw.search(/(^|\s)\/\//);
    const code = (slashes < 0 ? raw : raw.slice(0, slashes)).trim();
    if (code === '') return;
    if (inside !== '' && code === ')') {
      inside = '';
      return;
    }
    const words = code.split(/\s+/).map((word) => word.replace(/^["`]|["`]$/g, ''));
    if (inside === '' && words[1] === '(' && words.length === 2) {
      inside = words[0] ?? '';
      return;
    }
    const [verb, ...rest] = inside === '' ? words : [inside, ...words];
    if (verb === 'module') module = rest[0];
    else if (verb === 'go') {
      const [major, minor] = (rest[0] ?? '').split('.').map(Number);
      if (Number.isInteger(major) && Number.isInteger(minor)) go = [major ?? 1, minor ?? 16];
    } else if (verb === 'require') {
      const [path, version] = rest;
      if (path === undefined || version === undefined) strange ??= number;
      else requires.set(path, { version, indirect: isIndirect(raw), line: number });
    } else if (verb === 'replace') {
      const arrow = rest.indexOf('=>');
      const [from, fromVersion] = rest.slice(0, arrow);
      const [to, version] = rest.slice(arrow + 1);
      if (arrow < 1 || from === undefined || to === undefined) strange ??= number;
      else replaces.set(fromVersion === undefined ? from : `${from}@${fromVersion}`, { path: to, version });
    } else if (!['exclude', 'retract', 'toolchain', 'tool', 'godebug', 'ignore'].includes(verb ?? '')) {
      strange ??= number;
    }
  });
  return { module, go, requires, replaces, strange };
}

/** `module@version` → hash of its content, else of its go.mod alone (then nothing else of it is used). */
function readGoSum(
  source: string,
  into: Map<string, { hash: string; line: number }> = new Map(),
): typeof into {
  eachLine(source, (line, number) => {
    const first = line.indexOf(' ');
    const second = line.indexOf(' ', first + 1);
    if (first < 0 || second < 0) return;
    const version = line.slice(first + 1, second);
    const hash = line.slice(second + 1).trim();
    const bare = version.endsWith('/go.mod');
    const key = `${line.slice(0, first)}@${bare ? version.slice(0, -7) : version}`;
    if (!bare || !into.has(key)) into.set(key, { hash: bare ? `go.mod ${hash}` : hash, line: number });
  });
  return into;
}

function parseGoMod(source: string, path: string, beside: Beside): FileReading {
  const unfinished = conflict(source);
  if (unfinished) return failed(unfinished);
  const { module, go, requires, replaces, strange } = readGoMod(source);
  if (module === undefined) {
    return failed({ code: 'go-mod-invalid', message: 'names no module', remedy: 'run `go mod init`' });
  }
  const sums = new Map<string, { hash: string; line: number }>();
  let unread: Unobserved | undefined;
  const directory = folder(path);
  for (const name of [
    join(directory, 'go.sum'),
    ...foldersUp(directory).map((up) => join(up, 'go.work.sum')),
  ]) {
    const found = name === undefined ? undefined : beside.get(name);
    if (typeof found === 'string' && conflict(found) === undefined) readGoSum(found, sums);
    else if (typeof found === 'string')
      unread = { unobserved: 'failed', why: `${name} holds the markers of an unfinished merge; resolve it` };
    else if (found !== undefined) unread = found;
  }
  const packages: Package[] = [];
  for (const [name, { version: asked, indirect, line }] of requires) {
    const replaced = replaces.get(`${name}@${asked}`) ?? replaces.get(name);
    const actual = replaced?.path ?? name;
    const version = replaced === undefined ? asked : replaced.version;
    packages.push(
      compact<Package>({
        type: 'golang',
        name: actual,
        version,
        integrity: sums.get(`${actual}@${version}`)?.hash ?? unread,
        requirement: replaced === undefined ? undefined : `${name} ${asked}`,
        direct: !indirect,
        origin: version === undefined ? 'path' : 'registry',
        line,
      }),
    );
  }
  const problem =
    strange === undefined
      ? []
      : [
          {
            code: 'go-mod-invalid',
            message: 'has a line that is not understood',
            remedy: 'run `go mod tidy`',
            line: strange,
          },
        ];
  // Before Go 1.17 go.mod lists only what the module itself imports; the rest is in no file that can be told apart.
  const old = go[0] === 1 && go[1] < 17 && requires.size > 0;
  return {
    packages,
    project: module,
    problems: old
      ? [
          ...problem,
          {
            code: 'indirect-not-listed',
            message: `is written for Go ${go.join('.')}, so it does not list what its dependencies need`,
            remedy: 'run `go mod tidy -go=1.17` or later',
          },
        ]
      : problem,
  };
}

export const goMod: DependencyFormat = {
  id: 'go-mod',
  family: 'golang',
  ecosystem: 'gomod',
  role: 'both',
  matches: named('go.mod'),
  limit: 4 * MEBIBYTE,
  beside: (path) => {
    const up = foldersUp(folder(path));
    return [join(folder(path), 'go.sum'), ...up.map((directory) => join(directory, 'go.work.sum'))].filter(
      (found) => found !== undefined,
    );
  },
  parse: parseGoMod,
};

/** What stands behind the first two slashes is a comment. */
function isIndirect(line: string): boolean {
  const comment = line.indexOf('//');
  return comment >= 0 && /\bindirect\b/.test(line.slice(comment));
}
