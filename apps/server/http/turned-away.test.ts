/** Who is turned away at the door: counted in the log, however many there are. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { Decisions } from '@macadam/adapters/decisions/port';
import { CALLBACK_PATH } from '@macadam/adapters/identity/openid';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { sampleServer } from '@macadam/testing/server/sample-server';
import { doorOf, TURNED_AWAY } from './turned-away.ts';

const folder = trialFolder();
const now = () => new Date('2026-11-02T00:00:00Z');
const decisions = await openDecisions(preparedPlace(join(folder, 'decisions')), { now: () => new Date() });
after(async () => {
  await decisions.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Told {
  readonly refused: Readonly<Record<string, number>>;
  readonly addresses: number;
  readonly most: readonly { readonly address: string; readonly count: number }[];
  readonly elsewhere: number;
}

/** What the log was told of who was turned away, the newest first. */
const told = async () =>
  (
    await decisions.transaction(
      { id: 'auditor', divisions: 'all' },
      (tx) => tx.auditEntries({ action: TURNED_AWAY, limit: 100 }),
      { readOnly: true },
    )
  ).map(({ principal, detail }) => ({ principal, ...(detail as Told) }));

type Server = Awaited<ReturnType<typeof sampleServer>>;

/** What the log has of a server's refusals when it has ended. */
async function refusalsOf(requests: (server: Server) => Promise<void>) {
  const before = (await told()).length;
  const server = await sampleServer({
    people: { ann: { roles: [{ role: 'reader', division: '' }] } },
    decisions,
    limits: { perMinute: 20 },
  });
  await requests(server);
  await server.close();
  const entries = await told();
  assert.deepEqual(server.failures, []);
  return entries.slice(0, entries.length - before);
}

test('log-ins that fail are counted in the log: links, tokens and answers of a provider that are none', async () => {
  const entries = await refusalsOf(async (server) => {
    const nobody = { authorization: '' };
    for (const key of ['A'.repeat(43), 'B'.repeat(43), 'short'])
      await server.ask('', 'GET', `/login/link?key=${key}`, undefined, nobody);
    await server.ask('', 'GET', `${CALLBACK_PATH}?code=c&state=s`, undefined, nobody);
    await server.ask('mallory', 'GET', '/api/me');
    await server.ask('', 'GET', '/api/me', undefined, { cookie: `macadam=${'C'.repeat(43)}` });
    assert.equal((await server.ask('ann', 'GET', '/api/me')).statusCode, 200);
  });
  assert.deepEqual(
    entries.map(({ principal, refused, addresses }) => ({ principal, refused, addresses })),
    [
      {
        principal: 'machine:door',
        refused: {
          'a link or an answer of a provider that logs nobody in': 4,
          'a token or a session of nobody': 2,
        },
        addresses: 1,
      },
    ],
  );
});

test('what a schema, a limit, the name of the server or another site’s page is refused by is counted in the log', async () => {
  let limited = 0;
  const entries = await refusalsOf(async (server) => {
    await server.ask('ann', 'GET', '/api/work-items?limit=many');
    await server.ask('ann', 'GET', '/api/work-items', undefined, { host: 'evil.example' });
    await server.ask('ann', 'POST', '/api/tokens', {}, { origin: 'https://evil.example' });
    await server.ask('ann', 'POST', '/api/handovers', { why: 'x'.repeat(5 * 2 ** 20) });
    await server.ask('ann', 'DELETE', '/api/me');
    for (let at = 0; at < 30; at += 1)
      limited += (await server.ask('ann', 'GET', '/api/me')).statusCode === 429 ? 1 : 0;
  });
  const [entry] = entries;
  assert.equal(entries.length, 1, 'one entry for all of them');
  assert.ok(limited > 0);
  assert.deepEqual(entry?.refused, {
    'a request that cannot be read': 2,
    'another name of the server': 1,
    'not permitted': 1,
    'too large': 1,
    'too many': limited,
  });
  assert.deepEqual([entry?.most, entry?.elsewhere], [[{ address: '127.0.0.1', count: 5 + limited }], 0]);
});

test('however many are turned away, and from wherever, there is one small entry', async () => {
  const door = doorOf({ decisions, now, failed: (error) => assert.fail(String(error)) });
  for (let at = 0; at < 20_000; at += 1)
    door.refused('too many', at < 100 ? '192.0.2.1' : `198.18.${at >> 8}.${at & 255}`);
  door.refused('too slow', undefined);
  const before = (await told()).length;
  await door.close();
  await door.close();
  const [entry, ...rest] = await told();
  assert.equal(rest.length, before, 'one entry, also where it is ended twice');
  assert.deepEqual(entry?.refused, { 'too many': 20_000, 'too slow': 1 });
  assert.deepEqual([entry?.addresses, entry?.most.length], [1000, 10]);
  assert.deepEqual(entry?.most[0], { address: '192.0.2.1', count: 100 });
  assert.equal(entry?.elsewhere, 20_001 - 100 - 999);
  assert.ok(JSON.stringify(entry).length < 2000);
});

test('what could not be written is in the next entry', async () => {
  let broken = true;
  const failures: unknown[] = [];
  const sometimes: Pick<Decisions, 'transaction'> = {
    transaction: (...given) =>
      broken ? Promise.reject(new Error('the log cannot be had')) : decisions.transaction(...given),
  };
  const door = doorOf({ decisions: sometimes, now, failed: (error) => failures.push(error) });
  door.refused('a rule', '192.0.2.1');
  await door.close();
  assert.equal(failures.length, 1);
  broken = false;
  door.refused('a rule', '192.0.2.1');
  door.refused('too slow', '192.0.2.2');
  await door.close();
  const [entry] = await told();
  assert.deepEqual([entry?.refused, entry?.addresses], [{ 'a rule': 2, 'too slow': 1 }, 2]);
});
