/** A PostgreSQL as others run theirs: over TCP, with a password, and for us without a superuser's rights. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { accountFor } from '@macadam/adapters/decisions/postgres/account';
import { asOwner } from './test-database.ts';

export interface PostgresServer {
  /** A login that may make databases and logins, in a database that it owns. */
  readonly url: string;
  /** Ends it as a machine does that loses its power. */
  kill(): Promise<void>;
  /** Starts it again where it was. */
  restart(): Promise<void>;
  end(): Promise<void>;
}

export interface PostgresOptions {
  /** Of PostgreSQL's programs: `bin/initdb` lies in it. */
  readonly home: string;
  /** An empty folder, which another account may pass. */
  readonly folder: string;
}

const TRIES = 600;

export async function postgresServer({ home, folder }: PostgresOptions): Promise<PostgresServer> {
  const place = join(folder, 'server');
  mkdirSync(place);
  // `initdb` asks for the account's name, and the one that would be ours alone may have none.
  const { maker: ids } = accountFor(place);
  if (ids) chownSync(place, ids.uid, ids.gid);
  const secret = randomBytes(12).toString('hex');
  const file = join(place, 'secret');
  writeFileSync(file, secret);
  if (ids) chownSync(file, ids.uid, ids.gid);
  const data = join(place, 'data');
  const made = spawnSync(
    join(home, 'bin/initdb'),
    ['-D', data, '-U', 'admin', '--auth=scram-sha-256', `--pwfile=${file}`, '--encoding=UTF8', '--no-sync'],
    { ...ids, cwd: place, encoding: 'utf8' },
  );
  assert.equal(made.status, 0, made.stderr);
  const port = await freePort();
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories=', 'fsync=off'];
  let server: ChildProcess;
  const start = () => {
    const words = ['-D', data, ...settings.flatMap((one) => ['-c', one])];
    server = spawn(join(home, 'bin/postgres'), words, { ...ids, cwd: place, stdio: 'ignore' });
  };
  const ended = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, 'exit');
    server.kill(signal);
    await exit;
  };
  const url = (login: string, database: string) =>
    `postgres://${login}:${secret}@127.0.0.1:${port}/${database}`;
  const answers = async (statement: string) => {
    for (let attempt = 0; ; attempt += 1)
      try {
        return await asOwner({ url: url('admin', 'postgres') }, (client) => client.query(statement));
      } catch (error) {
        if (attempt > TRIES) throw error;
        await pause(50);
        // After a kill it refuses to start while a process of before has not noticed yet.
        if (server.exitCode !== null || server.signalCode !== null) start();
      }
  };
  start();
  await answers(`create role installer login createdb createrole password '${secret}'`);
  await answers('create database installed owner installer');
  return {
    url: url('installer', 'installed'),
    kill: () => ended('SIGKILL'),
    restart: async () => {
      start();
      await answers('select 1');
    },
    end: () => ended('SIGINT'),
  };
}

/** A login without any right of its own, by its URL: what the server is given where another login owns the tables. */
export async function applicationLogin(ownerUrl: string): Promise<string> {
  const url = new URL(ownerUrl);
  const secret = randomBytes(12).toString('hex');
  await asOwner({ url: ownerUrl }, (client) =>
    client.query(`create role application login noinherit password '${secret}'`),
  );
  url.username = 'application';
  url.password = secret;
  return url.href;
}

async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as { port: number };
  listener.close();
  await once(listener, 'close');
  return port;
}
