/**
 * The embedded engine's files as of one moment: the engine links every active part to a second name (`FREEZE`), so nothing is
 * copied, and what is merged or deleted later is still there. Put into an empty folder under the same names, they are the store.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, globSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Driver } from './driver.ts';
import { quoted } from './table.ts';

export interface Frozen {
  readonly engine: string;
  /** Rows of each table. */
  readonly rows: Readonly<Record<string, number>>;
  /** `path` is below the folder of the engine. */
  readonly files: readonly { readonly path: string; readonly from: string }[];
  /** Lets go of what only the copy still needed. */
  release(): void;
}

interface Found {
  readonly name: string;
  readonly data_paths: readonly string[];
  readonly metadata_path: string;
  readonly query: string;
}

/** Names that are in use; others in the folder are of a process that was killed. */
const inUse = new Set<string>();

/** Nothing may be written meanwhile. `directory`: where the engine keeps its files. */
export async function freezeEngine(driver: Driver, directory: string): Promise<Frozen> {
  const shadow = join(directory, 'shadow');
  // The engine writes what is no letter, digit or underscore in another way.
  const name = `copy_${randomUUID().replaceAll('-', '')}`;
  inUse.add(name);
  for (const left of existsSync(shadow) ? readdirSync(shadow) : [])
    if (left.startsWith('copy_') && !inUse.has(left)) rmSync(join(shadow, left), { recursive: true });
  const release = () => {
    rmSync(join(shadow, name), { recursive: true, force: true });
    inUse.delete(name);
  };
  try {
    const tables = await driver.query<Found>(
      `SELECT name, data_paths, metadata_path, create_table_query AS query FROM system.tables
       WHERE database = currentDatabase() ORDER BY name`,
    );
    const rows: Record<string, number> = {};
    for (const table of tables) {
      // Rows that are marked as changed or deleted stand in parts beside, which are not linked: they are worked in first.
      if (/enable_block_offset_column/.test(table.query))
        await driver.command(`ALTER TABLE ${quoted(table.name)} APPLY PATCHES`);
      await driver.command(`ALTER TABLE ${quoted(table.name)} FREEZE WITH NAME '${name}'`);
      const [count] = await driver.query<{ rows: string }>(
        `SELECT count() AS rows FROM ${quoted(table.name)}`,
      );
      rows[table.name] = Number(count?.rows ?? 0);
    }
    const [engine] = await driver.query<{ version: string }>('SELECT version() AS version');
    const linked = join(shadow, name);
    const parts = globSync('**/*', { cwd: linked, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((from) => ({ path: relative(linked, from), from }));
    const own = (path: string) => ({ path, from: join(directory, path) });
    const beside = [
      join('metadata', `${driver.database}.sql`),
      ...tables.map(({ metadata_path: path }) => path),
      ...tables.flatMap(({ data_paths: paths }) =>
        paths.map((path) => join(relative(directory, path), 'format_version.txt')),
      ),
    ];
    const files = [...beside.map(own), ...parts].sort((a, b) => (a.path < b.path ? -1 : 1));
    return { engine: engine?.version ?? '', rows, files, release };
  } catch (error) {
    release();
    throw error;
  }
}
