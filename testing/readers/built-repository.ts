/** Repositories built for tests, with git's own plumbing and away from the settings of whoever runs them. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const NAME = {
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};
const DATE = '2026-06-01T12:00:00Z';

/** `maintenance.auto`: each commit would start another git that finds nothing to tidy up. */
const SETTINGS = ['init.defaultBranch=main', 'protocol.file.allow=always', 'maintenance.auto=false'].flatMap(
  (one) => ['-c', one],
);

/** Runs git for a test, away from the settings of whoever runs it. */
export function git(folder: string, args: readonly string[], input: string | Buffer = ''): Buffer {
  return execFileSync('git', [...SETTINGS, ...args], {
    cwd: folder,
    input,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_DATE: DATE,
      GIT_COMMITTER_DATE: DATE,
      ...NAME,
    },
  });
}

export function text(folder: string, args: readonly string[], input: string | Buffer = ''): string {
  return git(folder, args, input).toString().trim();
}

/** What git made of the same files before: most repositories of tests begin alike, and a copy takes no process. */
const made = new Map<string, string>();

/** A working copy with one commit of these files. */
export function working(
  folder: string,
  files: Readonly<Record<string, string>> = { 'a.txt': 'a\n', 'sub/b.txt': 'b\n' },
  init: readonly string[] = [],
): void {
  mkdirSync(folder, { recursive: true });
  const isEmpty = readdirSync(folder).length === 0;
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const inGit = join(folder, '.git');
  const key = JSON.stringify([files, init]);
  const found = isEmpty ? made.get(key) : undefined;
  if (found !== undefined) {
    cpSync(found, inGit, { recursive: true });
    return;
  }
  git(folder, ['init', '-q', ...init]);
  git(folder, ['add', '-A']);
  git(folder, ['commit', '-qm', 'one']);
  if (isEmpty) made.set(key, kept(inGit));
}

function kept(folder: string): string {
  const place = mkdtempSync(join(tmpdir(), 'macadam-made-'));
  process.once('exit', () => rmSync(place, { recursive: true, force: true }));
  cpSync(folder, place, { recursive: true });
  return place;
}

/** A bare repository whose HEAD is a commit of this raw tree. */
export function bareOf(folder: string, tree: (dir: string) => string): void {
  mkdirSync(folder, { recursive: true });
  git(folder, ['init', '-q', '--bare']);
  const commit = text(folder, ['commit-tree', tree(folder), '-m', 'one']);
  git(folder, ['update-ref', 'refs/heads/main', commit]);
}

export function blob(folder: string, content: string | Buffer): string {
  return text(folder, ['hash-object', '-w', '--stdin'], content);
}

/** A raw tree object, names unchecked. */
export function rawTree(
  folder: string,
  items: readonly (readonly [mode: string, name: string | Buffer, oid: string])[],
): string {
  const content = Buffer.concat(
    items.flatMap(([mode, name, oid]) => [
      Buffer.from(`${mode} `),
      Buffer.from(name),
      Buffer.from([0]),
      Buffer.from(oid, 'hex'),
    ]),
  );
  return text(folder, ['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], content);
}

export function objectPath(folder: string, oid: string): string {
  const path = join(folder, '.git', 'objects', oid.slice(0, 2), oid.slice(2));
  chmodSync(path, 0o644);
  return path;
}
