import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { brokenEntry, fileIssuanceLog, type IssuedToken } from './log.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-log-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const ISSUER = { issuer: 'https://login.example.com', longestLife: 3600 };
const token = (name: string): IssuedToken => ({
  token: name,
  type: 'at+jwt',
  id: `id-${name}`,
  audience: ['https://api.example.com'],
  client: 'orders',
  key: 'key-1',
  expires: 2_000_000_000,
});

test('reports follow each other without a gap, whoever writes and whatever the clock does', async () => {
  let now = 1000;
  const path = join(folder, 'reports.db');
  const [one, other] = [fileIssuanceLog(path, () => now), fileIssuanceLog(path, () => now)];
  assert.equal(one.report(ISSUER, 0), null, 'nothing is complete without a mark');
  await Promise.all([one.append(token('a')), other.append(token('b'))]);
  now = 2000;
  one.mark();
  now = 500;
  await other.append(token('c'));
  const first = one.report(ISSUER, 0);
  assert.deepEqual(
    [first?.report.from, first?.report.to, first?.report.tokens.toSorted()],
    [1000, 2000, ['a', 'b']],
  );
  assert.equal(one.report(ISSUER, first?.next ?? 0), null);
  now = 3000;
  other.mark();
  const second = other.report(ISSUER, first?.next ?? 0);
  assert.deepEqual([second?.report.from, second?.report.to, second?.report.tokens], [2000, 3000, ['c']]);
  const services = { 'https://api.example.com': 'orders', 'https://idle.example.com': 'idle' };
  const counts = one.counts({ issuer: ISSUER.issuer, services }, 0);
  assert.deepEqual(
    counts.map(({ service, issued, from, to }) => [service, issued, from, to]),
    [
      ['orders', 3, 1000, 3000],
      ['idle', 0, 1000, 3000],
    ],
  );
  assert.deepEqual(one.counts({ issuer: ISSUER.issuer, services }, second?.next ?? 0), []);
  const [byAudience] = one.counts({ issuer: ISSUER.issuer, services: {} }, first?.next ?? 0);
  assert.deepEqual([byAudience?.service, byAudience?.issued], ['https://api.example.com', 1]);
  assert.equal(brokenEntry(one.entries()), null);
  assert.deepEqual(one.find('c'), token('c'));
  for (const log of [one, other]) log.close();
});

test('tokens of people and of workloads are counted for the service that they are for, identity tokens for none', async () => {
  let now = 1000;
  const log = fileIssuanceLog(join(folder, 'types.db'), () => now);
  await log.append(token('person'));
  await log.append({ ...token('workload'), type: 'JWT-SVID', client: 'spiffe://example.com/shop/orders' });
  await log.append({ ...token('identity'), type: 'JWT', audience: ['client-1'] });
  now = 2000;
  log.mark();
  const counts = log.counts({ issuer: ISSUER.issuer, services: {} }, 0);
  assert.deepEqual(
    counts.map(({ service, issued }) => [service, issued]),
    [['https://api.example.com', 2]],
  );
  log.close();
});

test('an entry that is changed, left out, put in or put elsewhere is found', async () => {
  const path = join(folder, 'chain.db');
  const log = fileIssuanceLog(path, () => 1000);
  for (const name of ['a', 'b', 'c', 'd']) await log.append(token(name));
  const entries = log.entries();
  assert.equal(brokenEntry(entries), null);
  assert.equal(brokenEntry(entries.toSpliced(1, 1)), 2);
  assert.equal(brokenEntry(entries.with(2, { ...(entries[2] ?? assert.fail()), token: 'x' })), 3);
  assert.equal(brokenEntry([...entries.slice(0, 2), ...entries.slice(2).toReversed()]), 3);
  log.close();
  const database = new DatabaseSync(path);
  assert.throws(() => database.exec("UPDATE log SET token = 'x'"), /is not changed/);
  assert.throws(() => database.exec('DELETE FROM log'), /is not shortened/);
  database.close();
});
