/**
 * One definition of a table, and from it the DDL of both places where it stands: embedded and on a server.
 * Every table is a MergeTree of one kind; what is written is synced before it is acknowledged, and a repeated insert
 * with the same token changes nothing.
 */
import type { Driver } from './driver.ts';

export interface Column {
  readonly name: string;
  /** ClickHouse's type, as `system.columns` prints it. */
  readonly type: string;
  /** For example `ZSTD(1)`, `Delta, ZSTD(1)`. */
  readonly codec?: string;
  /** An expression over the other columns, computed when it is read; it takes no room. */
  readonly alias?: string;
}

export interface Table {
  readonly name: string;
  /** What one row is. */
  readonly description: string;
  readonly columns: readonly Column[];
  /** Sorting key; it is the primary key too. */
  readonly orderBy: readonly string[];
  /** An expression; few partitions, such as one a month. */
  readonly partitionBy?: string;
  /** Rows are taken away one by one, and often: the engine then marks them instead of writing parts anew. */
  readonly volatile?: boolean;
  /** Rows that finding one of them reads, a power of two; 8192 where it is not said. Stores keep what they were made with. */
  readonly granularity?: number;
  /** It need not outlive a loss of power, because it is made again from the others. */
  readonly temporary?: boolean;
  /** It is filled anew by queries, which may insert the same again; no insert is taken for a repetition. */
  readonly repeating?: boolean;
  /**
   * Named `SELECT … ORDER BY` or `SELECT … GROUP BY` that the engine keeps beside the rows. One that changes needs a
   * new name: stores that hold the old one then get the new one, and lose the old.
   */
  readonly projections?: Readonly<Record<string, string>>;
  /** Rows that finding one of them reads through a projection, by its name; as many as through the table where it is not said. */
  readonly projectionGranularity?: Readonly<Record<string, number>>;
}

/** Inserts that are remembered for deduplication: far more than can be in doubt after a crash. */
const WINDOW = 1000;

/**
 * How the engine merges, on tables that are new and on those that a store has. By itself it takes all parts below five megabytes to be of one
 * size, so after every fifth insert it wrote a small table anew, all of it and synced: what one insert cost grew with all that were
 * before it. And what was merged away stayed in memory for half a minute at least, 35 KB a part.
 */
const MERGING: Readonly<Record<string, number>> = {
  merge_selector_base: 10,
  cleanup_delay_period: 5,
  cleanup_delay_period_random_add: 2,
  max_cleanup_delay_period: 10,
};
const MERGING_TEXTS: readonly string[] = Object.entries(MERGING).map(([name, value]) => `${name} = ${value}`);

/**
 * Room that inserts leave on the disk. A merge that runs into a full disk can leave a part behind that cannot be read
 * [seen with 26.7]; merges reserve what they need, so they never do while inserts stop before.
 */
const RESERVE = 64 << 20;

export const createTable = (table: Table): string =>
  `CREATE TABLE IF NOT EXISTS ${quoted(table.name)} ${body(table)} ENGINE = MergeTree ${tail(table)}`;

/**
 * Makes the tables, and adds the columns and projections that a newer definition has. A column whose type changed, or that went away,
 * needs a stated migration: it is refused with a `TypeError` that names both types, and nothing is changed.
 */
export async function prepare(driver: Driver, tables: readonly Table[]): Promise<void> {
  const rows = await driver.query<{ table: string; name: string; type: string }>(
    `SELECT table, name, type FROM system.columns
     WHERE database = currentDatabase() AND table IN {names:Array(String)}`,
    { names: tables.map(({ name }) => name) },
  );
  const found = Map.groupBy(rows, ({ table }) => table);
  const additions: string[] = [];
  /** A new one is made as it is defined. */
  const earlier: Table[] = [];
  for (const table of tables) {
    const existing = new Map(found.get(table.name)?.map(({ name, type }) => [name, type]));
    if (existing.size === 0) additions.push(createTable(table));
    else {
      earlier.push(table);
      additions.push(...widened(table, existing));
    }
  }
  additions.push(...(await mergingOtherwise(driver, earlier)));
  for (const statement of additions) await driver.command(statement);
  if (earlier.length > 0 && tables.some(({ projections }) => projections)) await project(driver, earlier);
}

/** `prepare` of some tables for whoever may ask often: of one driver it is done once. */
export function preparingOnce(tables: readonly Table[]): (driver: Driver) => Promise<void> {
  const prepared = new WeakMap<Driver, Promise<void>>();
  return (driver) => {
    const before = prepared.get(driver);
    if (before) return before;
    const made = prepare(driver, tables);
    prepared.set(driver, made);
    made.catch(() => prepared.delete(driver));
    return made;
  };
}

/** What gives tables of an earlier release the settings of `MERGING`. */
async function mergingOtherwise(driver: Driver, tables: readonly Table[]): Promise<readonly string[]> {
  if (tables.length === 0) return [];
  const rows = await driver.query<{ name: string; engine_full: string }>(
    `SELECT name, engine_full FROM system.tables
     WHERE database = currentDatabase() AND engine = 'MergeTree' AND name IN {names:Array(String)}`,
    { names: tables.map(({ name }) => name) },
  );
  return rows.flatMap(({ name, engine_full: engine }) => {
    const lacking = MERGING_TEXTS.filter((text) => !`${engine},`.includes(` ${text},`));
    if (lacking.length === 0) return [];
    return [`ALTER TABLE ${quoted(name)} MODIFY SETTING ${lacking.join(', ')}`];
  });
}

/**
 * Brings every table to the projections of its definition. The rows that are there already get theirs in the engine's
 * own time, also over a restart: until then they are read as they are, slower and equal. What a crash left undone, an
 * added projection that the older rows never got, is begun again.
 */
async function project(driver: Driver, tables: readonly Table[]): Promise<void> {
  const own = 'database = currentDatabase()';
  const rows = await driver.query<{ table: string; name: string; lacking: string }>(
    `SELECT p.table AS table, p.name AS name, parts.n > ifNull(held.n, 0) AND pending.command IS NULL AS lacking
     FROM (SELECT table, name FROM system.projections WHERE ${own}) AS p
     LEFT JOIN (SELECT table, count() AS n FROM system.parts WHERE ${own} AND active AND rows > 0 GROUP BY table) AS parts
       ON parts.table = p.table
     LEFT JOIN (SELECT table, name, count() AS n FROM system.projection_parts WHERE ${own} AND active GROUP BY table, name) AS held
       ON held.table = p.table AND held.name = p.name
     LEFT JOIN (SELECT DISTINCT table, command FROM system.mutations WHERE ${own} AND NOT is_done) AS pending
       ON pending.table = p.table AND pending.command = concat('(MATERIALIZE PROJECTION ', p.name, ')')`,
  );
  const found = Map.groupBy(rows, ({ table }) => table);
  for (const definition of tables) {
    const { name: table, projections = {} } = definition;
    const existing = new Map(found.get(table)?.map(({ name, lacking }) => [name, Number(lacking) === 1]));
    const alter = `ALTER TABLE ${quoted(table)}`;
    for (const name of existing.keys())
      if (!Object.hasOwn(projections, name)) await driver.command(`${alter} DROP PROJECTION ${quoted(name)}`);
    for (const [name, select] of Object.entries(projections)) {
      const lacking = existing.get(name);
      if (lacking === false) continue;
      if (lacking === undefined)
        await driver.command(`${alter} ADD ${projectionText(definition, name, select)}`);
      await driver.command(`${alter} MATERIALIZE PROJECTION ${quoted(name)} SETTINGS mutations_sync = 0`);
    }
  }
}

function widened(table: Table, existing: ReadonlyMap<string, string>): string[] {
  const names = new Set(table.columns.map(({ name }) => name));
  const lost = [...existing.keys()].find((name) => !names.has(name));
  if (lost !== undefined) {
    throw new TypeError(
      `table ${table.name} has a column ${lost} that is no longer defined; state a migration`,
    );
  }
  return table.columns.flatMap((column) => {
    const type = existing.get(column.name);
    if (type === undefined) return [`ALTER TABLE ${quoted(table.name)} ADD COLUMN ${columnText(column)}`];
    if (type === column.type) return [];
    throw new TypeError(
      `column ${table.name}.${column.name} is ${type} and is now defined as ${column.type}; state a migration`,
    );
  });
}

/** An identifier as SQL writes it. */
export const quoted = (name: string): string => `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;

const columnText = ({ name, type, codec, alias }: Column) =>
  `${quoted(name)} ${type}${alias ? ` ALIAS ${alias}` : ''}${codec ? ` CODEC(${codec})` : ''}`;

function projectionText({ projectionGranularity = {} }: Table, name: string, select: string): string {
  const rows = projectionGranularity[name];
  const settings = rows === undefined ? '' : ` WITH SETTINGS (index_granularity = ${rows})`;
  return `PROJECTION ${quoted(name)} (${select})${settings}`;
}

function body(table: Table): string {
  const { columns, projections = {} } = table;
  const parts = Object.entries(projections).map(([name, select]) => projectionText(table, name, select));
  return `(${[...columns.map(columnText), ...parts].join(', ')})`;
}

const SYNCED = 'fsync_after_insert = 1, fsync_part_directory = 1, min_rows_to_fsync_after_merge = 1';
// What patch parts need: https://clickhouse.com/docs/sql-reference/statements/update
const PATCHED = 'enable_block_number_column = 1, enable_block_offset_column = 1';

/** Blocks are no larger than what is read of them: finding a row decompresses one. */
const finer = (rows: number) =>
  `index_granularity = ${rows}, min_compress_block_size = ${rows * 16}, max_compress_block_size = ${rows * 64}`;

function tail(table: Table): string {
  const { orderBy, partitionBy, description, volatile, temporary, repeating, granularity } = table;
  const settings = [
    `non_replicated_deduplication_window = ${repeating ? 0 : WINDOW}`,
    `min_free_disk_bytes_to_perform_insert = ${RESERVE}`,
    ...MERGING_TEXTS,
    ...(temporary ? [] : [SYNCED]),
    ...(volatile ? [PATCHED] : []),
    ...(granularity ? [finer(granularity)] : []),
  ];
  const partition = partitionBy ? `PARTITION BY ${partitionBy} ` : '';
  const order = `${partition}ORDER BY (${orderBy.join(', ')})`;
  return `${order} SETTINGS ${settings.join(', ')} COMMENT '${description.replaceAll("'", "''")}'`;
}
