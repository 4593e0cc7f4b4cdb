import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockFolder } from '@macadam/adapters/data-folder/lock';
import { asOwner } from '@macadam/testing/decisions/test-database';
import { until } from '@macadam/testing/until';
import type { Attack } from '../attack.ts';
import type { Attacked } from '../server.ts';

interface Ready {
  readonly status: string;
  readonly decisions: { readonly state: string; readonly detail: string };
  readonly facts: { readonly state: string };
}

const ROOT = join(import.meta.dirname, '../../..');

/** What health says, as soon as it says what is expected. */
function untilReady(server: Attacked, expected: (ready: Ready) => boolean): Promise<Ready> {
  let said = '';
  return until(
    'health says what is expected',
    async () => {
      const { text } = await server.ask('/api/health/ready', { token: '' });
      said = text;
      const ready = JSON.parse(text) as Ready;
      return expected(ready) && ready;
    },
    () => said,
  );
}

/** Busy or not. */
const answers = ({ status }: Ready) => status !== 'unavailable';

const check = (server: Attacked) =>
  spawnSync(process.execPath, [join(ROOT, 'deploy/health.mjs')], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, MACADAM_PORT: String(server.port), MACADAM_ORIGIN: server.url },
  });

export const attack: Attack = {
  finding: 'A thread that is stuck, a database that hangs, a lock and much to do looked alike from outside',
  seconds: 900,
  run: async (start) => {
    const server = await start();
    const socket = join(server.folder, 'data/decisions/socket');
    const postmaster = Number(
      readFileSync(join(server.folder, 'data/decisions/data/postmaster.pid'), 'utf8').split('\n')[0],
    );
    const stores = (ready: Ready) => [ready.decisions.state, ready.facts.state];
    assert.deepEqual(stores(await untilReady(server, answers)), ['ok', 'ok']);
    assert.equal(check(server).status, 0);

    // A session that holds what others need.
    await asOwner({ socket, user: 'macadam', database: 'postgres' }, async (client) => {
      await client.query('begin; lock table macadam.audit in access exclusive mode');
      const reader = server.ask('/api/work-items').catch(() => null);
      const writer = server.ask('/api/machines/x', { method: 'PUT', body: { title: 'x' } }).catch(() => null);
      const locked = await untilReady(server, ({ decisions }) => decisions.state === 'locked');
      assert.deepEqual(stores(locked), ['locked', 'ok'], JSON.stringify(locked));
      assert.match(check(server).stdout, /decisions: locked: another session holds a lock/);
      await client.query('rollback');
      await Promise.all([reader, writer]);
    });
    assert.deepEqual(stores(await untilReady(server, answers)), ['ok', 'ok']);

    // A database that hangs: all of it is stopped, its sessions too.
    const children = spawnSync('pgrep', ['-P', String(postmaster)], { encoding: 'utf8' }).stdout.split('\n');
    const stopped = [postmaster, ...children.filter(Boolean).map(Number)];
    for (const pid of stopped) process.kill(pid, 'SIGSTOP');
    try {
      const hangs = await untilReady(server, ({ decisions }) => decisions.state === 'no answer');
      assert.deepEqual(stores(hangs), ['no answer', 'ok'], JSON.stringify(hangs));
      assert.equal((await server.ask('/api/health/live', { token: '' })).status, 200, 'the process turns');
    } finally {
      for (const pid of stopped) process.kill(pid, 'SIGCONT');
    }
    assert.deepEqual(stores(await untilReady(server, answers)), ['ok', 'ok']);

    // A process that does not turn.
    server.process.kill('SIGSTOP');
    assert.match(check(server).stdout, /the server took the connection and did not answer .*event loop/);
    server.process.kill('SIGCONT');
    assert.deepEqual(stores(await untilReady(server, answers)), ['ok', 'ok']);

    await server.end();
    assert.match(check(server).stdout, /no server listens on port/);

    // Another process that has the facts.
    const release = lockFolder(join(server.folder, 'data/facts'), new Date());
    const without = await start({ folder: server.folder });
    const held = await untilReady(without, ({ facts }) => facts.state === 'locked');
    assert.deepEqual(stores(held), ['ok', 'locked']);
    release();
    await without.end();
  },
};
