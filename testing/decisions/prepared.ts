/** Clusters for tests of something else: making one, and its tables, takes five times as long as copying one that was made. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { startEngine } from '@macadam/adapters/decisions/postgres/engine';
import { makeTables } from '@macadam/adapters/decisions/postgres/migrate';
import { asOwner } from './test-database.ts';

/** Folder of the cluster that a run of all tests makes once; where it is not set each test makes its own. */
export const CLUSTER = 'MACADAM_TEST_CLUSTER';

/** Makes the cluster that others are copied from: with all tables, and nothing in them that says what for. Rejects as the engine does. */
export async function makeCluster(place: string): Promise<void> {
  const engine = await startEngine(place, { fleeting: true });
  try {
    await asOwner(engine.address, async (client) => {
      await makeTables(client);
      // A third of what is copied, from which nobody makes a database.
      await client.query("update pg_database set datistemplate = false where datname = 'template0'");
      await client.query('drop database template0');
    });
  } finally {
    await engine.stop();
  }
}

/** The place itself, with a new cluster in it where there is one to copy; one that is there already stays as it is. */
export function preparedPlace(place: string): string {
  const made = process.env[CLUSTER];
  const data = join(place, 'data');
  if (made === undefined || existsSync(data)) return place;
  // Another account passes what lies above it, and lists nothing there.
  mkdirSync(dirname(place), { recursive: true, mode: 0o711 });
  mkdirSync(place, { recursive: true });
  chmodSync(place, 0o711);
  execFileSync('cp', ['-a', join(made, 'data'), data]);
  return place;
}
