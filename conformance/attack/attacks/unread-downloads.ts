import assert from 'node:assert/strict';
import { join } from 'node:path';
import { asOwner } from '@macadam/testing/decisions/test-database';
import { until } from '@macadam/testing/until';
import type { Attack } from '../attack.ts';
import type { Attacked } from '../server.ts';

/** More than all buffers on the way to somebody who does not read. */
const ENTRIES = 8000;
const ENTRY_BYTES = 2000;

/** A log that grew over the years, in one go. */
async function growLog({ folder }: Attacked): Promise<void> {
  const socket = join(folder, 'data/decisions/socket');
  await asOwner({ socket, user: 'macadam', database: 'postgres' }, async (client) => {
    await client.query('begin');
    await client.query("select set_config('macadam.principal', 'machine:years', true)");
    const content = JSON.stringify({
      action: 'work.pass',
      detail: 'x'.repeat(ENTRY_BYTES),
      outcome: 'done',
      principal: 'machine:years',
      subject: 'all',
    });
    await client.query('select macadam.audit_append(array(select $1::text from generate_series(1, $2)))', [
      content,
      ENTRIES,
    ]);
    await client.query('commit');
  });
}

export const attack: Attack = {
  finding: 'Twelve downloads that nobody reads held every transaction, and everybody else waited for minutes',
  seconds: 500,
  run: async (start) => {
    const server = await start();
    const token = await server.machine('auditor', { roles: ['auditor'], scopes: ['Audit::*'] });
    await growLog(server);
    const whole = await server.done('/api/audit?format=csv&action=work.pass', { token });
    assert.ok(whole.text.length > ENTRIES * ENTRY_BYTES, 'it is more than any buffer holds');
    const sockets = await Promise.all(Array.from({ length: 12 }, () => server.open()));
    let begun = 0;
    for (const [index, socket] of sockets.entries()) {
      socket.once('data', () => {
        begun += 1;
        socket.pause();
      });
      socket.write(
        server.head('GET', '/api/audit?format=csv', {
          authorization: `Bearer ${token}`,
          cookie: '',
          connection: 'close',
          'x-n': String(index),
        }),
      );
    }
    await until(
      'each download has begun or is refused',
      () => begun === sockets.length,
      () => `${begun} have.`,
    );
    for (let count = 0; count < 20; count += 1) {
      const { status, took, text } = await server.ask('/api/me');
      assert.equal(status, 200, text);
      assert.ok(took < 5000, `an answer took ${took.toFixed(0)} ms`);
    }
    const write = await server.ask('/api/machines/after', { method: 'PUT', body: { title: 'after' } });
    assert.equal(write.status, 200, write.text);
    for (const socket of sockets) socket.destroy();
  },
};
