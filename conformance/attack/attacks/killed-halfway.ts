import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Attack } from '../attack.ts';
import { untilNoneOf } from '../ending.ts';

const CLI = join(import.meta.dirname, '../../../apps/cli/main.ts');

export const attack: Attack = {
  finding: 'A backup or a restore that was killed left half of it behind, and the next one needed a hand',
  seconds: 900,
  run: async (start) => {
    const server = await start();
    const { folder } = server;
    await server.end();
    const env = { PATH: process.env.PATH, HOME: folder };
    const data = join(folder, 'data');
    const killed = async (words: readonly string[], after: number) => {
      const child = spawn(process.execPath, [CLI, ...words], { env, stdio: 'ignore' });
      const exit = once(child, 'exit');
      await pause(after);
      child.kill('SIGKILL');
      await exit;
    };
    const done = (...words: readonly string[]) => {
      const { status, stderr } = spawnSync(process.execPath, [CLI, ...words], { env, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    };
    const partial = () => readdirSync(folder).filter((name) => name.includes('.partial'));

    const archive = join(folder, 'copy.tar');
    for (const after of [300, 900, 1500, 2200, 3000]) {
      await killed(['backup', archive, '--data', data], after);
      // It has its name when it is whole.
      if (existsSync(archive)) break;
    }
    if (!existsSync(archive)) done('backup', archive, '--data', data);
    assert.deepEqual(partial(), [], 'what was killed is taken away by the next');

    const target = join(folder, 'again');
    for (const after of [300, 900, 1500, 2500, 4000]) {
      await killed(['restore', archive, '--data', target], after);
      if (existsSync(target)) break;
    }
    // A database of it that was orphaned ends by itself.
    await untilNoneOf(target);
    if (!existsSync(target)) done('restore', archive, '--data', target);
    assert.deepEqual(partial(), [], 'what was killed is taken away by the next');
    const again = await start({ folder, words: ['--data', target] });
    assert.equal((await again.ask('/api/health/ready')).status, 200);
    await again.end();
    const first = await start({ folder });
    assert.equal((await first.ask('/api/health/ready')).status, 200);
    await first.end();
  },
};
