import assert from 'node:assert/strict';
import { join } from 'node:path';
import { asOwner } from '@macadam/testing/decisions/test-database';
import type { Attack } from '../attack.ts';

export const attack: Attack = {
  finding: 'Each session that PostgreSQL ended cost a connection, and after ten of them there were none',
  run: async (start) => {
    const server = await start();
    const socket = join(server.folder, 'data/decisions/socket');
    const endSessions = () =>
      asOwner({ socket, user: 'macadam', database: 'postgres' }, (client) =>
        client.query(
          // It waits until they are gone: one that dies later would be missed by who asks next, which is no fault.
          'select pg_terminate_backend(pid, 60000) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null',
        ),
      );
    for (let round = 0; round < 15; round += 1) {
      const asked = Promise.all(Array.from({ length: 12 }, () => server.ask('/api/me')));
      const [answers] = await Promise.all([asked, endSessions()]);
      for (const { status, text } of answers)
        assert.ok([200, 429, 503].includes(status), `${status} ${text.slice(0, 200)}`);
    }
    const after = await Promise.all(Array.from({ length: 12 }, () => server.ask('/api/me')));
    for (const { status, took, text } of after) {
      assert.equal(status, 200, text);
      assert.ok(took < 10_000, `an answer took ${took.toFixed(0)} ms`);
    }
  },
};
