/** Backup and restore on the stores themselves. Loaded only by what needs them. */
import { resolve } from 'node:path';
import { DirectoryHeld } from '@macadam/adapters/data-folder/lock';
import { DecisionsError } from '@macadam/adapters/decisions/port';
import { EngineError } from '@macadam/adapters/facts/clickhouse/driver';
import { openStores, type Stores } from '@macadam/adapters/facts/open';
import { FactsError } from '@macadam/adapters/facts/port';
import { BackupError, writeArchive } from '@macadam/services/backup/archive';
import { verifiedContents } from '@macadam/services/backup/contents';
import { backup } from '@macadam/services/backup/make';
import { type Restored, restore } from '@macadam/services/backup/restore';
import { UsageError } from '../terminal.ts';
import { VERSION } from '../version.ts';
import { placesOf } from './audit-local.ts';
import type { BackupOptions, RestoreOptions } from './backup.ts';
import { loadHere } from './test.ts';

/** Of stores that no server holds; decisions alone may be in use. */
export async function backupStores(to: string, options: BackupOptions): Promise<void> {
  const { facts, decisions } = placesOf(options);
  const now = () => new Date();
  const made = (stores: Stores | null) =>
    writeArchive(resolve(to), backup({ decisions, stores, release: VERSION, now }), verifiedContents);
  try {
    if (options.decisionsOnly) return await made(null);
    if (/^https?:\/\//.test(facts))
      throw new BackupError(
        'facts on a ClickHouse server are copied by its own BACKUP; give --decisions-only',
      );
    const stores = await openStores(facts, { kinds: loadHere().kinds, now });
    try {
      return await made(stores);
    } finally {
      await stores.close();
    }
  } catch (error) {
    if (error instanceof DirectoryHeld)
      throw new UsageError(`${error.message}; or ask the server that holds it, with --server`);
    throw told(error);
  }
}

export async function restoreStores(from: string, { data, database }: RestoreOptions): Promise<Restored> {
  try {
    return await restore({ from: resolve(from), data: resolve(data), database: database ?? null });
  } catch (error) {
    throw told(error);
  }
}

const told = (error: unknown): unknown =>
  error instanceof DecisionsError || error instanceof FactsError || error instanceof EngineError
    ? new UsageError(error.message)
    : error;
