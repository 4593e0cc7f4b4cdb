import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Attack } from '../attack.ts';
import { untilNoneOf } from '../ending.ts';

const ROOT = join(import.meta.dirname, '../../..');

export const attack: Attack = {
  finding: 'A restore that was killed left a database behind that nobody ended',
  seconds: 900,
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
      await untilNoneOf(target);
    }
  },
};
