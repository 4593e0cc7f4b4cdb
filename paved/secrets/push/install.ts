/** Puts the hooks into a repository, a folder of repositories, or a folder that a server runs hooks from. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Asked, MARK, preCommit, preReceive } from './hook.ts';
import type { Policy } from './receive.ts';

export type HookName = 'pre-receive' | 'pre-commit';

export interface Installation {
  readonly folder: string;
  readonly hook: HookName;
  /** The file that is run. */
  readonly program: string;
  /** Who is asked first, see `resident.ts` and `other-machines.ts`. */
  readonly asked?: Asked;
  readonly policy: Omit<Policy, 'repository' | 'log'> & {
    readonly repository?: string;
    readonly log?: string;
  };
}

/** The files that were written. Throws with what is wrong and what to do. */
export function install(installation: Installation): string[] {
  const folder = resolve(installation.folder);
  need(installation);
  if (!existsSync(folder)) throw new Error(`there is no folder ${folder}`);
  if (folder.endsWith('.d')) return [intoServer(folder, installation)];
  const own = gitFolder(folder);
  if (own !== null) return [intoRepository(own, installation)];
  const repositories = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => gitFolder(join(folder, name)) ?? []);
  if (repositories.length === 0)
    throw new Error(
      `${folder} is no git repository and holds none; name a repository, a folder of repositories, or a folder of hooks that ends in .d`,
    );
  if (installation.policy.repository !== undefined)
    throw new Error(
      `--repository names one repository, and ${folder} holds ${repositories.length}; leave it out`,
    );
  return repositories.map((repository) => intoRepository(repository, installation));
}

/** The folder that holds the objects and hooks of exactly this folder; null where it is no repository. */
function gitFolder(folder: string): string | null {
  if (existsSync(join(folder, 'HEAD')) && existsSync(join(folder, 'objects'))) return folder;
  if (!existsSync(join(folder, '.git'))) return null;
  const { status, stdout } = spawnSync('git', ['-C', folder, 'rev-parse', '--git-common-dir'], {
    encoding: 'utf8',
  });
  return status === 0 ? resolve(folder, stdout.trim()) : null;
}

/** A hook that stood there runs after ours, under another name. */
function intoRepository(folder: string, installation: Installation): string {
  const { hook, program, policy } = installation;
  const ours = join(folder, 'macadam');
  const path = join(hooksOf(folder), hook);
  const earlier = `${path}.before-macadam`;
  mkdirSync(dirname(path), { recursive: true });
  mkdirSync(ours, { recursive: true });
  if (existsSync(path) && !readFileSync(path, 'utf8').includes(MARK)) renameSync(path, earlier);
  const kept = existsSync(earlier) ? earlier : null;
  const started = { node: process.execPath, file: program, cache: join(ours, 'compile-cache') };
  if (hook === 'pre-commit') return written(path, preCommit(started, kept));
  if (policy.bypass === 'reason') configure(folder, 'receive.advertisePushOptions', 'true');
  return written(
    path,
    preReceive(
      started,
      {
        repository: policy.repository ?? nameOf(folder),
        log: resolve(policy.log ?? join(ours, 'push-protection.ndjson')),
        bypass: policy.bypass,
        onFailure: policy.onFailure,
        ...presenceOf(policy),
      },
      { earlier: kept, asked: askedOf(installation) },
    ),
  );
}

/** One hook for all repositories of a server: GitLab's and Gitea's run every file of a folder. */
function intoServer(folder: string, installation: Installation): string {
  const { hook, program, policy } = installation;
  if (hook !== 'pre-receive') throw new Error('a folder of hooks on a server takes pre-receive only');
  const { log } = policy;
  if (log === undefined)
    throw new Error('--log is missing: a hook for many repositories needs one place for its log');
  const started = { node: process.execPath, file: program, cache: `${resolve(log)}.compile-cache` };
  const complete: Policy = {
    repository: policy.repository ?? '',
    log: resolve(log),
    bypass: policy.bypass,
    onFailure: policy.onFailure,
    ...presenceOf(policy),
  };
  return written(
    join(folder, 'macadam-secrets'),
    preReceive(started, complete, { asked: askedOf(installation) }),
  );
}

/** By whole paths: the hook runs elsewhere. */
function askedOf({ asked }: Installation): Asked | null {
  if (asked === undefined) return null;
  if ('socket' in asked) return { socket: resolve(asked.socket) };
  const { service, token, authority } = asked;
  return { service, token: resolve(token), authority: authority === null ? null : resolve(authority) };
}

function need({ asked, policy }: Installation): void {
  if (asked === undefined) return;
  const name = 'socket' in asked ? '--resident' : '--service';
  for (const program of 'socket' in asked ? ['curl'] : ['curl', 'tar'])
    if (spawnSync(program, ['--version']).status !== 0)
      throw new Error(
        `${name} is asked by \`${program}\`, which is missing here: install it, or leave ${name} out`,
      );
  if ('socket' in asked) return;
  if (policy.presence !== undefined)
    throw new Error(
      '--service cannot look at signatures, whose list is on this machine: leave it or --allowed-signers out',
    );
  if ((statSync(asked.token).mode & 0o077) !== 0)
    throw new Error(`${asked.token} can be read by others: \`chmod 600\` it, for the user that git runs as`);
}

/** The list by its whole path: the hook runs elsewhere. */
function presenceOf({ presence }: Pick<Policy, 'presence'>): Pick<Policy, 'presence'> {
  if (presence === undefined) return {};
  return { presence: { allowedSigners: resolve(presence.allowedSigners), bots: presence.bots } };
}

function hooksOf(folder: string): string {
  const { stdout } = spawnSync('git', ['--git-dir', folder, 'config', 'core.hooksPath'], {
    encoding: 'utf8',
  });
  const set = stdout.trim();
  if (set !== '')
    throw new Error(
      `${folder} runs its hooks from ${set} (core.hooksPath), and so may others; install into that folder's repository, or unset it`,
    );
  return join(folder, 'hooks');
}

/** What people call the repository: its folder, or the one that its `.git` is in. */
function nameOf(folder: string): string {
  const name = basename(folder) === '.git' ? basename(dirname(folder)) : basename(folder);
  return name.replace(/\.git$/, '');
}

function configure(folder: string, name: string, value: string): void {
  const { status, stderr } = spawnSync('git', ['--git-dir', folder, 'config', name, value], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${folder}: git could not set ${name}: ${stderr.trim()}`);
}

/** Whole or not at all: a push may run it at any moment. */
function written(path: string, text: string): string {
  const beside = `${path}.new`;
  writeFileSync(beside, text);
  chmodSync(beside, 0o755);
  renameSync(beside, path);
  return path;
}
