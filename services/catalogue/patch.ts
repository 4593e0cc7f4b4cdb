/** A unified diff by git itself, from copies outside of any repository: what `git apply` takes. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Tree } from '@macadam/adapters/readers/tree';

/** `files`: the new text of each file that changes. Throws where git cannot be run. */
export async function patchOf(files: ReadonlyMap<string, string>, tree: Tree): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), 'macadam-patch-'));
  try {
    for (const [path, text] of files) {
      const before = tree.has(path) ? await tree.read(path) : undefined;
      if (typeof before === 'string') put(join(scratch, 'a', path), before);
      put(join(scratch, 'b', path), text);
    }
    mkdirSync(join(scratch, 'a'), { recursive: true });
    return diff(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function diff(folder: string): string {
  const result = spawnSync(
    'git',
    ['diff', '--no-index', '--no-prefix', '--no-color', '--no-ext-diff', 'a', 'b'],
    {
      cwd: folder,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
      maxBuffer: 2 ** 28,
    },
  );
  if (result.status !== 1 && result.status !== 0)
    throw new Error(`git could not make the patch: ${result.stderr}`);
  return result.stdout;
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
