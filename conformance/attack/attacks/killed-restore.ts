import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Attack } from '../attack.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Processes whose command line names a folder. */
const of = (folder: string) =>
  readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(folder);
    } catch {
      return false;
    }
  });

export const attack: Attack = {
  finding: 'A restore that was killed left a database behind that nobody ended',
  seconds: 180,
  run: async (start) => {
    const server = await start();
    const archive = join(server.folder, 'copy.tar');
    const env = { ...process.env, HOME: server.folder };
    const cli = join(ROOT, 'apps/cli/main.ts');
    const made = spawnSync(
      process.execPath,
      [cli, 'backup', archive, '--data', join(server.folder, 'data'), '--decisions-only'],
      { encoding: 'utf8', env },
    );
    assert.equal(made.status, 0, made.stderr);
    for (const wait of [1500, 3000, 4500]) {
      const target = join(server.folder, `again-${wait}`);
      const child = spawn(process.execPath, [cli, 'restore', archive, '--data', target], {
        env,
        stdio: 'ignore',
      });
      const exit = once(child, 'exit');
      await new Promise((resolve) => setTimeout(resolve, wait));
      child.kill('SIGKILL');
      await exit;
      for (let waited = 0; of(target).length > 0 && waited < 300; waited += 1)
        await new Promise((resolve) => setTimeout(resolve, 100));
      assert.deepEqual(of(target), [], 'processes of it go on');
    }
  },
};
