import assert from 'node:assert/strict';
import { join } from 'node:path';
import { asOwner } from '@macadam/testing/decisions/test-database';
import type { Attack } from '../attack.ts';

export const attack: Attack = {
  finding:
    'Secrets of webhooks lay in the table of idempotency keys in the clear, and were given again when the right was gone',
  run: async (start) => {
    const server = await start();
    await server.done('/api/webhooks/one', {
      method: 'PUT',
      body: { url: 'https://hooks.example/in', events: ['*'], division: '', active: true },
    });
    const headers = { 'idempotency-key': 'keep-it' };
    for (const way of ['secret', 'rotation'])
      await server.ask(`/api/webhooks/one/${way}`, { method: 'POST', headers });
    await server.ask('/api/tokens', { body: { name: 'x', scopes: ['*::read'], hours: 1 }, headers });
    const socket = join(server.folder, 'data/decisions/socket');
    const kept = await asOwner({ socket, user: 'macadam', database: 'postgres' }, (client) =>
      client.query<{ answer: unknown }>('select answer from macadam.idempotency'),
    );
    const text = JSON.stringify(kept.rows);
    assert.doesNotMatch(text, /whsec_|mcd_|"secret"/);
    const first = await server.ask('/api/webhooks/one/secret', { method: 'POST' });
    const second = await server.ask('/api/webhooks/one/secret', { method: 'POST' });
    assert.deepEqual([first.status, second.status], [200, 409], 'a secret is shown once');
  },
};
