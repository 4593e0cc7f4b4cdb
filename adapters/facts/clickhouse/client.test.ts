/** The store over the official client, as it speaks to a server, with the engine of this process behind it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { type ClickHouseClientConfigOptions, createClient } from '@clickhouse/client';
import { createChdbConnection } from 'chdb/connection';
import { factsContract } from '../contract.ts';
import { openChdb } from './chdb.ts';
import { SETTINGS } from './driver.ts';
import { clientDriver } from './server.ts';
import { openStore } from './store.ts';

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
    const facts = await openStore(clientDriver(client, directory, database), options);
    return { facts, dispose: () => facts.close() };
  },
  2,
);
after(async () => {
  await kept.close();
  rmSync(directory, { recursive: true });
});
