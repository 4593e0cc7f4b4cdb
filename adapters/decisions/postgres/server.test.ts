/**
 * The contract on a PostgreSQL that is not ours: the server that DATABASE_URL names, else one that is started here from
 * the programs in POSTGRES_HOME, over TCP, with a password and without a superuser's rights.
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import test, { after } from 'node:test';
import { decisionsContract } from '@macadam/testing/decisions/contract';
import { postgresServer } from '@macadam/testing/decisions/postgres-server';
import { system } from '@macadam/testing/decisions/sample';
import { asOwner, trialFolder, trialsOn } from '@macadam/testing/decisions/test-database';
import { openDecisions } from '../open.ts';

const root = trialFolder();
const { DATABASE_URL, POSTGRES_HOME: home } = process.env;
assert.ok(DATABASE_URL || home, 'set DATABASE_URL, or POSTGRES_HOME to the folder of a PostgreSQL’s bin/');
const server = DATABASE_URL ? null : await postgresServer({ home: home ?? '', folder: root });
const trials = trialsOn({ url: DATABASE_URL || (server?.url ?? '') });
after(async () => {
  await trials.end();
  await server?.end();
  rmSync(root, { recursive: true });
});

decisionsContract('a PostgreSQL server', trials.open);

test('a server is opened by its URL, and named without its password', async () => {
  const address = await trials.database();
  assert.ok('url' in address);
  const decisions = await openDecisions(address.url, { now: () => new Date() });
  const { password, hostname } = new URL(address.url);
  assert.ok(decisions.place.includes(hostname));
  assert.ok(password === '' || !decisions.place.includes(password), decisions.place);
  await decisions.transaction(system, (tx) => tx.organisation.putPerson({ id: 'a', name: 'A' }));
  await decisions.close();
});

test('many that open one empty database at once migrate it once', async () => {
  const address = await trials.database();
  assert.ok('url' in address);
  const open = () => openDecisions(address.url, { now: () => new Date(), connections: 2 });
  const all = await Promise.all(Array.from({ length: 6 }, open));
  const [ran] = await asOwner(
    address,
    async (client) =>
      (await client.query('select count(*) as all, count(distinct name) as once from macadam.migration'))
        .rows,
  );
  assert.equal(ran.all, ran.once);
  for (const one of all) await one.close();
});
