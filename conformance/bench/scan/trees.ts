/** The files of an estate's newest commits on disk, as the peers want them: names and bytes as git has them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Trees {
  /** One folder a repository, by its name. */
  readonly folder: string;
  readonly repositories: readonly RepositoryTree[];
}

export interface RepositoryTree {
  readonly name: string;
  readonly files: number;
  /** Files that the clone does not hold, so that nobody can look at them. */
  readonly missing: number;
}

/**
 * Links in a tree become files that hold their target, so that no peer leaves it. Throws where a commit cannot be read, and where the
 * estate holds a link: a scan of it follows none, so that figures of different repositories would stand side by side.
 */
export function checkedOut(estate: string, place: string): Trees {
  const folder = join(place, 'trees');
  const found = readdirSync(estate, { withFileTypes: true });
  const link = found.find((one) => one.isSymbolicLink());
  if (link)
    throw new Error(
      `${join(estate, link.name)} is a link, which a scan does not follow: copy the repository`,
    );
  const names = found.map(({ name }) => name).sort();
  return { folder, repositories: names.map((name) => checkedOutOne(join(estate, name), name, place)) };
}

function checkedOutOne(repository: string, name: string, place: string): RepositoryTree {
  const to = join(place, 'trees', name);
  mkdirSync(to, { recursive: true });
  const git = (...args: string[]) =>
    spawnSync('git', ['-c', 'core.symlinks=false', '-c', 'core.bare=false', `--work-tree=${to}`, ...args], {
      cwd: repository,
      env: {
        ...process.env,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_INDEX_FILE: join(place, `index-${name}`),
        GIT_NO_LAZY_FETCH: '1',
      },
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    });
  const read = git('read-tree', 'HEAD');
  if (read.status !== 0) throw new Error(`${repository}: git cannot read its newest commit: ${read.stderr}`);
  const files = git('ls-files').stdout.split('\n').length - 1;
  // Goes on after what it cannot read, and names it.
  const { stderr } = git('checkout-index', '--all', '--force');
  const missing = stderr.split('\n').filter((line) => /unable to read/.test(line)).length;
  return { name, files, missing };
}
