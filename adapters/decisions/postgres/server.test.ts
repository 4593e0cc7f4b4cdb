/**
 * The contract on a PostgreSQL that is not ours: the server that DATABASE_URL names, else one that is started here from
 * the programs in POSTGRES_HOME, over TCP, with a password and without a superuser's rights.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { decisionsContract } from '@macadam/testing/decisions/contract';
import { system } from '@macadam/testing/decisions/sample';
import { asOwner, trialFolder, trialsOn } from '@macadam/testing/decisions/test-database';
import { openDecisions } from '../open.ts';
import { accountFor } from './account.ts';

const root = trialFolder();
let server: ChildProcess | undefined;
const url = process.env.DATABASE_URL || (await startServer(process.env.POSTGRES_HOME ?? ''));
const trials = trialsOn({ url });
after(async () => {
  await trials.end();
  if (server) {
    server.kill('SIGINT');
    await once(server, 'exit');
  }
  rmSync(root, { recursive: true });
});

async function startServer(home: string): Promise<string> {
  assert.ok(home, 'set DATABASE_URL, or POSTGRES_HOME to the folder of a PostgreSQL’s bin/');
  const place = join(root, 'server');
  mkdirSync(place);
  // `initdb` asks for the account's name, and the one that would be ours alone may have none.
  const { maker: ids } = accountFor(place);
  if (ids) chownSync(place, ids.uid, ids.gid);
  const secret = randomBytes(12).toString('hex');
  const file = join(place, 'secret');
  writeFileSync(file, secret);
  if (ids) chownSync(file, ids.uid, ids.gid);
  const data = join(place, 'data');
  const options = { ...ids, cwd: place, encoding: 'utf8' } as const;
  const made = spawnSync(
    join(home, 'bin/initdb'),
    ['-D', data, '-U', 'admin', '--auth=scram-sha-256', `--pwfile=${file}`, '--encoding=UTF8', '--no-sync'],
    options,
  );
  assert.equal(made.status, 0, made.stderr);
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', 'fsync=off'];
  server = spawn(join(home, 'bin/postgres'), ['-D', data, ...settings.flatMap((one) => ['-c', one])], {
    ...ids,
    cwd: place,
    stdio: 'ignore',
  });
  const admin = { url: `postgres://admin:${secret}@127.0.0.1:${port}/postgres` };
  const statement = `create role installer login createdb createrole password '${secret}'`;
  for (let attempt = 0; ; attempt += 1)
    try {
      await asOwner(admin, (client) => client.query(statement));
      return `postgres://installer:${secret}@127.0.0.1:${port}/postgres`;
    } catch (error) {
      if (attempt > 300) throw error;
      await pause(50);
    }
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as { port: number };
  listener.close();
  await once(listener, 'close');
  return port;
}

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
