import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { factsContract } from '@macadam/testing/facts/contract';
import type { FactsOptions } from '../port.ts';
import { openChdb } from './chdb.ts';
import type { Driver } from './driver.ts';
import { openServer } from './server.ts';
import { openStore } from './store.ts';

const directory = mkdtempSync(join(tmpdir(), 'macadam-facts-'));
let count = 0;
/** Every store has a database of its own, which is dropped with it. */
const on = (driver: (database: string) => Promise<Driver>) => async (options: FactsOptions) => {
  const database = `test_${process.pid}_${count++}`;
  const facts = await openStore(await driver(database), options);
  const dispose = async () => {
    await facts.close();
    const again = await driver(database);
    await again.command(`DROP DATABASE \`${database}\` SYNC`);
    await again.close();
  };
  return { facts, dispose };
};

// One driver stays open: the engine lives as long as one does, and starting it takes most of a store's time.
const kept = await openChdb({ directory });
factsContract(
  'chdb',
  on((database) => openChdb({ directory, database })),
);
const url = process.env.MACADAM_CLICKHOUSE_URL;
if (url)
  factsContract(
    'server',
    on((database) => openServer({ url, database })),
  );

after(async () => {
  await kept.close();
  rmSync(directory, { recursive: true });
});
