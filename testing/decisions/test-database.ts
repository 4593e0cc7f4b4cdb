/** Databases for tests: a new one each, on a server that is there. */
import { chmodSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DecisionsOptions } from '@macadam/adapters/decisions/port';
import { APPLICATION_LOGIN } from '@macadam/adapters/decisions/postgres/cluster';
import type { Address } from '@macadam/adapters/decisions/postgres/connection';
import { makeTables } from '@macadam/adapters/decisions/postgres/migrate';
import { openStore } from '@macadam/adapters/decisions/postgres/store';
import pg from 'pg';
import type { OpenedDecisions } from './contract.ts';

/** An empty folder that another account may pass, as root needs it to. */
export function trialFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-trial-'));
  chmodSync(folder, 0o711);
  return folder;
}

/** Ids of the processes that a process has started. Reads /proc, so on Linux only. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => {
      try {
        const stat = readFileSync(`/proc/${child}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
      } catch {
        return false;
      }
    });
}

/** A session as whoever the address connects as. */
async function session(address: Address): Promise<pg.Client> {
  const client = new pg.Client(
    'url' in address
      ? { connectionString: address.url }
      : { host: address.socket, user: address.user, database: address.database },
  );
  // A session that is ended from outside tells whoever asks over it, and an idle one nobody.
  client.on('error', () => {});
  await client.connect();
  return client;
}

/** Runs statements as whoever the address connects as. */
export async function asOwner<T>(address: Address, body: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await session(address);
  try {
    return await body(client);
  } finally {
    await client.end();
  }
}

export interface Trials {
  /** A new, empty database. */
  database(): Promise<Address>;
  /** A new one with all that another holds, to which nobody is connected. */
  copyOf(database: Address): Promise<Address>;
  open(options?: Partial<DecisionsOptions>): Promise<OpenedDecisions & { readonly address: Address }>;
  /** Drops what was made. */
  end(): Promise<void>;
}

let count = 0;

export function trialsOn(server: Address): Trials {
  const made: string[] = [];
  /** One for all databases, since each costs the server a process. */
  let kept: Promise<pg.Client> | undefined;
  const statement = async (text: string) => {
    kept ??= session(server);
    return (await kept).query(text);
  };
  const newDatabase = async (template: string) => {
    const name = `macadam_trial_${process.pid}_${count}`;
    count += 1;
    made.push(name);
    // By its files: to write each page of them into the log, too, takes the server three times as long.
    await statement(`create database ${name} ${template} strategy file_copy`);
    // What a crash costs has a test of its own, which does not come here.
    await statement(`alter database ${name} set synchronous_commit = off`);
    return name;
  };
  /** Its tables are made once, and copied: nobody may be connected to it then. */
  let tables: Promise<string> | undefined;
  const withTables = async () => {
    // A cluster that was prepared has them already, in a database to which nobody is connected but who asks.
    const { rows } = await statement("select to_regclass('macadam.migration') is not null as made");
    if (rows[0].made && 'socket' in server) return server.database;
    const name = await newDatabase('');
    await asOwner(inDatabase(server, name), (client) => makeTables(client));
    return name;
  };
  return {
    database: async () => inDatabase(server, await newDatabase('')),
    copyOf: async (database) => inDatabase(server, await newDatabase(`template ${nameOf(database)}`)),
    open: async (options = {}) => {
      tables ??= withTables();
      const address = inDatabase(server, await newDatabase(`template ${await tables}`));
      const again = () =>
        openStore(address, 'a trial', {
          now: () => new Date(),
          connections: 4,
          ...('socket' in address && { application: { ...address, user: APPLICATION_LOGIN } }),
          ...options,
        });
      const decisions = await again();
      return { decisions, again, dispose: () => decisions.close(), address };
    },
    end: async () => {
      tables = undefined;
      for (const name of made.splice(0)) await statement(`drop database ${name} with (force)`);
      await (await kept)?.end();
      kept = undefined;
    },
  };
}

const nameOf = (address: Address): string =>
  'url' in address ? new URL(address.url).pathname.slice(1) : address.database;

function inDatabase(server: Address, database: string): Address {
  if (!('url' in server)) return { ...server, database };
  const url = new URL(server.url);
  url.pathname = `/${database}`;
  return { url: url.href };
}
