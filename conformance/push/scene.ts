/** A server with push protection and a clone whose pushes are made from a seed, as the commits that `git fast-import` makes of them. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Asked } from '../../paved/secrets/push/hook.ts';
import { install } from '../../paved/secrets/push/install.ts';

export const PROGRAM: string = join(import.meta.dirname, '../../paved/secrets/push/main.ts');

export interface File {
  readonly path: string;
  readonly contents: Buffer | string;
  readonly mode?: '100644' | '100755' | '120000';
}

export interface Commit {
  readonly message: string;
  readonly files: readonly File[];
  readonly removed?: readonly string[];
  /** Submodules: path and the commit that they point to. */
  readonly links?: readonly { readonly path: string; readonly commit: string }[];
  /** Beside the parent that it has anyway. */
  readonly merged?: string;
}

export interface Scene {
  readonly server: string;
  readonly clone: string;
  /** Where it is pushed to: the folder of the server, or an address. */
  address: string;
  /** More for the environment of a push, as an SSH command. */
  pushEnvironment: Readonly<Record<string, string>>;
}

const environment: Readonly<Record<string, string>> = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};

/** `asked`: whom the hook asks first; a text is the socket of a resident. */
export function makeScene(folder: string, asked?: string | Asked): Scene {
  const server = join(folder, 'server.git');
  const clone = join(folder, 'clone.git');
  mkdirSync(folder, { recursive: true });
  for (const each of [server, clone]) execFileSync('git', ['init', '-q', '--bare', each]);
  install({
    folder: server,
    hook: 'pre-receive',
    program: PROGRAM,
    policy: { bypass: 'reason', onFailure: 'refuse' },
    ...(asked !== undefined && { asked: typeof asked === 'string' ? { socket: asked } : asked }),
  });
  // A server that packs by itself would be busy at moments of its own.
  execFileSync('git', ['--git-dir', server, 'config', 'gc.auto', '0']);
  return { server, clone, address: server, pushEnvironment: {} };
}

export function git(folder: string, parameters: readonly string[], input: string | Buffer = ''): string {
  return execFileSync('git', ['--git-dir', folder, ...parameters], {
    input,
    env: environment,
    maxBuffer: 2 ** 28,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
    .toString()
    .trim();
}

export function fails(folder: string, parameters: readonly string[]): boolean {
  return spawnSync('git', ['--git-dir', folder, ...parameters], { env: environment }).status !== 0;
}

/** Makes the commits one after the other on `parent` (null: none) and gives the last. */
export function commits(clone: string, parent: string | null, all: readonly Commit[]): string {
  const name = 'refs/heads/made';
  const parts: (string | Buffer)[] = [`reset ${name}\n${parent === null ? '' : `from ${parent}\n`}\n`];
  const data = (contents: Buffer | string) => {
    const bytes = Buffer.from(contents);
    parts.push(`data ${bytes.length}\n`, bytes, '\n');
  };
  for (const { message, files, removed = [], links = [], merged } of all) {
    parts.push(`commit ${name}\ncommitter A <a@example.com> 1700000000 +0000\n`);
    data(message);
    if (merged !== undefined) parts.push(`merge ${merged}\n`);
    for (const path of removed) parts.push(`D ${quoted(path)}\n`);
    for (const { path, commit } of links) parts.push(`M 160000 ${commit} ${quoted(path)}\n`);
    for (const { path, contents, mode = '100644' } of files) {
      parts.push(`M ${mode} inline ${quoted(path)}\n`);
      data(contents);
    }
    parts.push('\n');
  }
  git(clone, ['fast-import', '--quiet', '--force'], Buffer.concat(parts.map((part) => Buffer.from(part))));
  return git(clone, ['rev-parse', name]);
}

const quoted = (path: string) => `"${path.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;

export interface Pushed {
  readonly accepted: boolean;
  readonly said: string;
}

export function push(
  { clone, address, pushEnvironment }: Scene,
  parameters: readonly string[],
): Promise<Pushed> {
  const child = spawn('git', ['--git-dir', clone, 'push', '-q', address, ...parameters], {
    env: { ...environment, ...pushEnvironment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes));
  return new Promise((answer, reject) => {
    child.on('error', reject);
    child.on('close', (code) => answer({ accepted: code === 0, said }));
  });
}

/** Pushes that are half in: folders of objects that wait for a decision which was made, and locks of references. */
export function leftOver(server: string): readonly string[] {
  const waiting = readdirSync(join(server, 'objects')).filter((name) => name.startsWith('tmp_objdir'));
  const locks = existsSync(join(server, 'refs'))
    ? readdirSync(join(server, 'refs'), { recursive: true })
        .map(String)
        .filter((name) => name.endsWith('.lock'))
    : [];
  return [...waiting, ...locks];
}
