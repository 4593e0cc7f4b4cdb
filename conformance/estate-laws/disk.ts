/** The truth on disk: real repositories, made and changed by git itself. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { contentsOf } from './contents.ts';
import { PEOPLE_DEFINITION, PEOPLE_STANDARD } from './people.ts';
import type { Estate, File, Repository } from './truth.ts';

/** Away from the settings of whoever runs it; commits are as old as the clock says, one second after another. */
export function git(folder: string, args: readonly string[], at: Date): string {
  return execFileSync('git', ['-c', 'gc.auto=0', '-c', 'protocol.file.allow=always', ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@example.com',
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@example.com',
      GIT_AUTHOR_DATE: at.toISOString(),
      GIT_COMMITTER_DATE: at.toISOString(),
    },
  }).trim();
}

/** Writes all files of a repository as its newest commit. */
export function commit(estate: string, repository: Repository, at: Date): void {
  const folder = join(estate, repository.folder);
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true });
    git(folder, ['init', '-q', '-b', 'main'], at);
    git(folder, ['commit', '-q', '--allow-empty', '-m', `repository ${repository.seed}`], at);
  }
  if (repository.branched) git(folder, ['checkout', '-q', 'main'], at);
  for (const entry of readdirSync(folder))
    if (entry !== '.git') rmSync(join(folder, entry), { recursive: true });
  for (const [path, file] of repository.files)
    for (const [at, text] of contentsOf(path, file)) {
      mkdirSync(dirname(join(folder, at)), { recursive: true });
      writeFileSync(join(folder, at), text);
    }
  git(folder, ['add', '-A'], at);
  git(folder, ['commit', '-q', '--allow-empty', '-m', 'change'], at);
  if (repository.branched) git(folder, ['checkout', '-q', 'other'], at);
}

/** Checks out a branch on which every workflow is pinned: what it holds is not what the estate holds. */
export function branch(estate: string, repository: Repository, at: Date): void {
  const folder = join(estate, repository.folder);
  git(folder, ['symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main'], at);
  git(folder, ['update-ref', 'refs/remotes/origin/main', 'main'], at);
  git(folder, ['checkout', '-q', '-B', 'other'], at);
  rmSync(join(folder, '.github/workflows'), { recursive: true, force: true });
  git(folder, ['add', '-A'], at);
  git(folder, ['commit', '-q', '--allow-empty', '-m', 'other'], at);
}

export function clone(estate: string, from: string, to: string, at: Date): void {
  git(estate, ['clone', '-q', '--no-hardlinks', from, to], at);
}

export function move(estate: string, from: string, to: string): void {
  mkdirSync(dirname(join(estate, to)), { recursive: true });
  renameSync(join(estate, from), join(estate, to));
}

export function remove(estate: string, folder: string): void {
  rmSync(join(estate, folder), { recursive: true, force: true });
}

/** Makes what names the newest commit unreadable, or readable again. */
export function setHeadless(estate: string, repository: Repository): void {
  const head = join(estate, repository.folder, '.git/HEAD');
  const kept = `${head}.kept`;
  if (repository.headless) {
    renameSync(head, kept);
    writeFileSync(head, 'ref: \0nonsense');
  } else renameSync(kept, head);
}

/** Overwrites the object that holds a file's content, or puts it back. */
export function setDamaged(estate: string, repository: Repository, path: string, damaged: boolean): void {
  const folder = join(estate, repository.folder);
  const id = git(folder, ['rev-parse', `main:${path}`], new Date(0));
  const object = join(folder, '.git/objects', id.slice(0, 2), id.slice(2));
  const kept = `${object}.kept`;
  if (damaged) {
    const bytes = readFileSync(object);
    renameSync(object, kept);
    writeFileSync(object, bytes.subarray(0, Math.floor(bytes.length / 2)));
  } else {
    rmSync(object, { force: true });
    renameSync(kept, object);
  }
}

export function configure(estate: string, truth: Estate): void {
  const left = truth.repositories.flatMap(({ folder, excluded }) =>
    excluded ? [`${folder}/${excluded}`] : [],
  );
  writeFileSync(
    join(estate, 'macadam.yaml'),
    `parameters:
  pipeline-uses-pinned: { trusted_owners: ${JSON.stringify(truth.trusted)} }
excludes: ${JSON.stringify(left)}
catalogue: [own]
`,
  );
  mkdirSync(join(estate, 'own'), { recursive: true });
  writeFileSync(join(estate, 'own', `${PEOPLE_STANDARD}.yaml`), PEOPLE_DEFINITION);
}

export type { File };
