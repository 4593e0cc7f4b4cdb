import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Attack } from '../attack.ts';

/** Longer than the database lets a transaction lie idle. */
const HELD_BACK_MS = 65_000;
/** For as long an answer is waited for: a machine under load is slow, and not wrong. */
const ANSWER_MS = 180_000;
const OBSERVATION = {
  kind: 'repository',
  id: 'repository/held-back',
  name: 'held back',
  source: 'patrol',
  observedAt: '2026-01-01T00:00:00Z',
  assurance: 'effective',
  attributes: {},
};

export const attack: Attack = {
  finding:
    'A body whose last byte came after the database had given up was stored as facts without an entry in the log',
  seconds: 400,
  run: async (start) => {
    const server = await start();
    const token = await server.machine('patrol', {
      roles: ['engineer'],
      scopes: ['Fact::*'],
      sources: [{ source: 'patrol', kinds: ['repository'] }],
    });
    const body = Buffer.from(`${JSON.stringify(OBSERVATION)}\n`);
    const socket = await server.open();
    const answered = once(socket, 'data');
    socket.write(
      server.head('POST', '/api/observations', {
        authorization: `Bearer ${token}`,
        cookie: '',
        'content-type': 'application/x-ndjson',
        'content-length': String(body.length),
      }),
    );
    socket.write(body.subarray(0, -1));
    await new Promise((resolve) => setTimeout(resolve, HELD_BACK_MS));
    socket.write(body.subarray(-1));
    const [answer] = await Promise.race([
      answered,
      new Promise<[Buffer]>((resolve) => setTimeout(() => resolve([Buffer.from('nothing')]), ANSWER_MS)),
    ]);
    const said = String(answer);
    const collections = (await server.done('/api/collections?source=patrol')).json<{ items: unknown[] }>()
      .items;
    const entries = (await server.log()).filter(({ action }) => action === 'fact.ingest');
    assert.equal(collections.length, entries.length, `facts and entries differ; it was answered:\n${said}`);
    assert.match(said, /^HTTP\/1\.1 201 /);
  },
};
