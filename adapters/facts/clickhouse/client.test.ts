/** The store over the official client, as it speaks to a server, with the engine of this process behind it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { type ClickHouseClientConfigOptions, createClient } from '@clickhouse/client';
import { factsContract } from '@macadam/testing/facts/contract';
import { createChdbConnection } from 'chdb/connection';
import { FOR_FEW_ROWS, openChdb } from './chdb.ts';
import { type Driver, SETTINGS } from './driver.ts';
import { clientDriver } from './server.ts';
import { openStore } from './store.ts';

/**
 * The driver differs from the embedded one in how statements and their values travel. Every text of a statement that these send, and every
 * condition in one, is sent by the rest of the contract, too; that the store answers them well is shown on the embedded driver.
 */
const ASKED_ELSEWHERE = [
  'the same content again gives the first batch and changes nothing',
  'the newest statement counts, whenever it arrives',
  'the past is what was known of what was true',
  'an asset that a complete collection does not list is gone, and gone is a barrier',
  'an incomplete collection removes nothing, and neither does another partition',
  'what cannot be read leaves nothing behind, and the same store goes on',
  'what a newer look left open is not forgotten',
  'existence, completeness and every past are what a plain model says, and what was said stays',
  'any order, repetition and grouping of arrivals gives the same facts, byte for byte',
];
const directory = mkdtempSync(join(tmpdir(), 'macadam-client-'));
let count = 0;
const kept = await openChdb({ directory });
factsContract(
  'client',
  async (options) => {
    const database = `client_${count++}`;
    // The package was typed against another copy of the client's own types.
    const connection: unknown = createChdbConnection({ path: directory });
    const client = createClient({ connection } as ClickHouseClientConfigOptions);
    await client.command({ query: `CREATE DATABASE ${database} ENGINE = Atomic` });
    await client.command({ query: `USE ${database}` });
    for (const [name, value] of Object.entries(SETTINGS))
      await client.command({ query: `SET ${name} = '${value}'` });
    // As the embedded driver does for small stores.
    for (const [name, value] of Object.entries(FOR_FEW_ROWS))
      await client.command({ query: `SET ${name} = '${value}'` });
    const driver = clientDriver(client, directory, database);
    // Behind the client, the engine of this process takes text only: bytes go to it directly.
    const direct = await openChdb({ directory, database });
    const insert: Driver['insert'] = (rows) => (rows.format === 'RowBinary' ? direct : driver).insert(rows);
    const both: Driver = {
      ...driver,
      insert,
      get background() {
        return both;
      },
    };
    const facts = await openStore(both, options);
    const dispose = async () => {
      await facts.close();
      await direct.close();
    };
    return { facts, dispose };
  },
  ASKED_ELSEWHERE,
);
after(async () => {
  await kept.close();
  rmSync(directory, { recursive: true });
});
