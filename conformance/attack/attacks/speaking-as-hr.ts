import assert from 'node:assert/strict';
import type { Attack } from '../attack.ts';
import type { Attacked } from '../server.ts';

const NOW = new Date().toISOString();
const line = (source: string, kind: string, attributes: object = {}) => ({
  kind,
  id: `${kind}/forged`,
  name: 'forged',
  source,
  observedAt: NOW,
  assurance: 'tested',
  attributes,
});

const send = (server: Attacked, token: string, lines: readonly object[]) =>
  server.ask('/api/observations', {
    token,
    method: 'POST',
    raw: `${lines.map((one) => JSON.stringify(one)).join('\n')}\n`,
    headers: { 'content-type': 'application/x-ndjson' },
  });

export const attack: Attack = {
  finding:
    'Whoever may send facts could speak as any source, such as the authority for people or the server’s own look',
  run: async (start) => {
    const server = await start();
    const token = await server.machine('patrol', {
      roles: ['engineer'],
      scopes: ['Fact::*'],
      sources: [{ source: 'patrol', kinds: ['device'] }],
    });
    const none = await server.machine('mute', { roles: ['engineer'], scopes: ['Fact::*'] });
    for (const source of ['hr', 'git', 'github', 'approvals']) {
      const { status, text } = await send(server, token, [line(source, 'device')]);
      assert.ok([403, 422].includes(status), `as ${source}: ${status} ${text.slice(0, 300)}`);
    }
    assert.equal((await send(server, token, [line('patrol', 'user')])).status, 403, 'of another kind');
    assert.equal(
      (await send(server, none, [line('patrol', 'device')])).status,
      403,
      'of a token that names none',
    );
    const listing = {
      collection: {
        source: 'git',
        startedAt: NOW,
        finishedAt: NOW,
        status: 'complete',
        partitions: [
          {
            kind: 'repository',
            container: 'estate',
            containerName: 'e',
            complete: true,
            seen: 0,
            witness: { id: 'w', count: 0 },
          },
        ],
      },
    };
    assert.equal((await send(server, token, [listing])).status, 403, 'a listing that empties the estate');
    const stored = (await server.done('/api/collections')).json<{ items: { source: string }[] }>().items;
    assert.ok(!stored.some(({ source }) => source === 'hr'), 'nothing of it is stored');
    assert.equal((await send(server, token, [line('patrol', 'device')])).status, 201, 'as itself it may');
  },
};
