import assert from 'node:assert/strict';
import type { Attack } from '../attack.ts';

export const attack: Attack = {
  finding:
    'Twenty look-ups at once each began a second transaction within the first, and hung the server for good',
  run: async (start) => {
    const server = await start();
    const paths = ['/api/who?text=one', '/api/owners/unowned', '/api/webhooks', '/who?text=one', '/owners'];
    const asked = Array.from({ length: 20 }, (_, index) => paths[index % paths.length] ?? '');
    const answers = await Promise.all(asked.map((path) => server.ask(path)));
    for (const [index, { status, text }] of answers.entries())
      assert.ok([200, 404, 429].includes(status), `${asked[index]}: ${status} ${text.slice(0, 200)}`);
    assert.equal((await server.ask('/api/health')).status, 200);
  },
};
