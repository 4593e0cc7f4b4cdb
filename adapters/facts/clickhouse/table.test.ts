import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { type ClickHouseClientConfigOptions, createClient } from '@clickhouse/client';
import { canonical } from '@macadam/core/text/canonical';
import { kinds } from '@macadam/testing/facts/devices';
import { anyText } from '@macadam/testing/texts';
import { createChdbConnection } from 'chdb/connection';
import fc from 'fast-check';
import { openChdb } from './chdb.ts';
import { EngineError, SETTINGS } from './driver.ts';
import { tabSeparated } from './rows.ts';
import { clientDriver } from './server.ts';
import { createTable, prepare, type Table } from './table.ts';
import { assetTable, DERIVED, KEPT } from './tables.ts';

const directory = mkdtempSync(join(tmpdir(), 'macadam-table-'));
const driver = await openChdb({ directory });
after(async () => {
  await driver.close();
  rmSync(directory, { recursive: true });
});

const odd: Table = {
  name: 'odd',
  description: "a table of odd things, such as 'quotes'",
  columns: [
    { name: 'text', type: 'String', codec: 'ZSTD(1)' },
    { name: 'number', type: 'UInt64' },
    { name: 'length', type: 'UInt64', alias: 'length(text)' },
  ],
  orderBy: ['number'],
  partitionBy: 'number % 2',
  projections: { by_text: 'SELECT text, count() GROUP BY text' },
};
const withMore = (table: Table): Table => ({
  ...table,
  columns: [...table.columns, { name: 'more', type: 'Nullable(Float64)' }],
});
const tables = [...KEPT, ...DERIVED, ...[...kinds.values()].map(assetTable), odd];

test('every definition gives DDL that the engine reads', async () => {
  for (const table of tables) await driver.query(`EXPLAIN AST ${createTable(table)}`);
  await assert.rejects(driver.query('EXPLAIN AST CREATE TABLE (x'), EngineError);
});

test('a table gains the columns that its definition gains; other changes are refused and change nothing', async () => {
  await prepare(driver, tables);
  await prepare(driver, tables);
  const wider = withMore(odd);
  await prepare(driver, [wider]);
  const columns = () =>
    driver.query<{ name: string }>(
      "SELECT name FROM system.columns WHERE table = 'odd' AND database = currentDatabase() ORDER BY position",
    );
  const names = async () => (await columns()).map(({ name }) => name).join();
  assert.equal(await names(), 'text,number,length,more');
  await assert.rejects(
    prepare(driver, [odd]),
    /table odd has a column more that is no longer defined; state a migration/,
  );
  const retyped = {
    ...odd,
    columns: wider.columns.map((column) =>
      column.name === 'number' ? { ...column, type: 'String' } : column,
    ),
  };
  await assert.rejects(
    prepare(driver, [retyped]),
    /column odd.number is UInt64 and is now defined as String; state a migration/,
  );
  assert.equal(await names(), 'text,number,length,more');
});

test('tables that an earlier release made merge as new ones do, and are altered once', async () => {
  const merging = async () => {
    const [row] = await driver.query<{ engine_full: string }>(
      "SELECT engine_full FROM system.tables WHERE name = 'odd' AND database = currentDatabase()",
    );
    return [...(row?.engine_full ?? '').matchAll(/(?:merge_|cleanup_)\w+ = \d+/g)].map(([text]) => text);
  };
  const wider = withMore(odd);
  await prepare(driver, [wider]);
  const whole = await merging();
  assert.ok(whole.includes('merge_selector_base = 10') && whole.length >= 3, whole.join());
  await driver.command(
    'ALTER TABLE odd RESET SETTING merge_selector_base, cleanup_delay_period, max_cleanup_delay_period',
  );
  assert.notDeepEqual((await merging()).sort(), whole.toSorted());
  await prepare(driver, [wider]);
  assert.deepEqual((await merging()).sort(), whole.toSorted());
  const altered: string[] = [];
  const counting = {
    ...driver,
    command: async (sql: string) => {
      altered.push(sql);
    },
  };
  await prepare(counting, [wider]);
  assert.deepEqual(altered, []);
});

/** The official client, as it speaks to a server, on the engine in this process. */
async function openClient() {
  const database = driver.database;
  // The package was typed against another copy of the client's own types.
  const connection: unknown = createChdbConnection({ path: directory });
  const client = createClient({ connection } as ClickHouseClientConfigOptions);
  await client.command({ query: `USE ${database}` });
  for (const [name, value] of Object.entries(SETTINGS))
    await client.command({ query: `SET ${name} = '${value}'` });
  return clientDriver(client, directory, database);
}

for (const [name, open] of [
  ['chdb', () => openChdb({ directory })],
  ['client', openClient],
] as const) {
  test(`${name}: what is inserted is read back as it was, once for each token, and no digit is lost`, async () => {
    const driver = await open();
    await driver.command('TRUNCATE TABLE odd');
    const said = `\\N\ttab\nline\r\0\b\f\\'"é\u2028`;
    const insertion = {
      table: 'odd',
      columns: ['text', 'number'],
      format: 'TabSeparated',
      rows: Buffer.from(tabSeparated([said, 2n ** 64n - 1n])),
      token: 'once',
    } as const;
    await driver.insert(insertion);
    await driver.insert(insertion);
    const rows = await driver.query(
      'SELECT text, number FROM odd WHERE text = {said:String} AND number = {most:UInt64}',
      { said, most: 2n ** 64n - 1n },
    );
    assert.deepEqual(rows, [{ text: said, number: '18446744073709551615' }]);
    await driver.insert({ ...insertion, rows: new Uint8Array(), token: 'none' });
    await assert.rejects(
      driver.insert({ ...insertion, rows: Buffer.from('a\tb\n'), token: 'bad' }),
      EngineError,
    );
    assert.deepEqual(await driver.query('SELECT [1.5, nan] AS x, 7 AS y WHERE 1 = 0'), []);
    assert.deepEqual(await driver.query('SELECT [1.5, nan] AS x'), [{ x: [1.5, 'nan'] }]);
    await driver.close();
  });
}

test('the engine reads out of JSON what this process reads, whatever stands in it', async () => {
  const leaf = fc.oneof(anyText(), fc.integer(), fc.boolean(), fc.constant(null));
  const value = fc.oneof(leaf, fc.array(leaf, { maxLength: 4 }));
  const observed = fc.record({ name: anyText(), value }, { noNullPrototype: true });
  const written = fc.sample(observed, { numRuns: 500, seed: 7 });
  await driver.command('CREATE TABLE IF NOT EXISTS written (n UInt64, body String) ENGINE = Memory');
  await driver.insert({
    table: 'written',
    columns: ['n', 'body'],
    format: 'TabSeparated',
    rows: Buffer.from(
      written
        .map((one, n) =>
          tabSeparated([n, canonical({ name: one.name, attributes: { it: { value: one.value } } })]),
        )
        .join(''),
    ),
    token: 'written',
  });
  const read = await driver.query<{ name: string; attributes: string }>(
    `SELECT JSONExtractString(body, 'name') AS name, JSONExtractRaw(body, 'attributes') AS attributes
     FROM written ORDER BY n`,
  );
  await driver.command('DROP TABLE written');
  assert.deepEqual(
    read.map((row) => ({ name: row.name, value: JSON.parse(row.attributes).it.value })),
    written,
  );
});

test('what the engine refuses is said with its number', async () => {
  await assert.rejects(
    driver.query('SELECT nowhere'),
    (error) => error instanceof EngineError && error.code === 47,
  );
  await assert.rejects(
    driver.command('SELECT throwIf(1)'),
    (error) => error instanceof EngineError && error.code === 395,
  );
});

test('what takes long in the background is waited for by nobody else, and values reach the statement that they were given to', async () => {
  await driver.command('CREATE TABLE IF NOT EXISTS piped (text String) ENGINE = MergeTree ORDER BY text');
  // The engine reads it to its end, which comes when everybody else was answered.
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const slow = driver.background.command(`INSERT INTO piped FROM INFILE '${pipe}' FORMAT TabSeparated`);
  const own = async (number: number) => {
    const text = `${number} it’s 'quoted' \\ \t\n\0`;
    const [row] = await driver.query<{ text: string; list: readonly string[]; none: string | null }>(
      'SELECT {text:String} AS text, {list:Array(String)} AS list, {none:Nullable(String)} AS none',
      { text, list: [text, '\\N', ''], none: null },
    );
    assert.deepEqual(row, { text, list: [text, '\\N', ''], none: null });
  };
  await Promise.all(Array.from({ length: 20 }, (_, number) => own(number)));
  writeFileSync(pipe, 'slow\n');
  await slow;
  assert.deepEqual(await driver.query('SELECT text FROM piped'), [{ text: 'slow' }]);
  // A session remembers what it was given: a statement does not take what another left there.
  await assert.rejects(driver.query('SELECT {text:String} AS text'), /has a parameter text/);
});

test('what the engine keeps for its own sake is bounded', async () => {
  const sizes = await driver.query<{ name: string; value: string }>(
    "SELECT name, value FROM system.server_settings WHERE name LIKE '%cache_size'",
  );
  const large = sizes.filter(({ value }) => Number(value) > 128 << 20);
  // Of these sorts of indices and disks we have none.
  const ours = large.filter(
    ({ name }) => !/^(iceberg|parquet|paimon|avro|page|user_|vector|text_index)/.test(name),
  );
  assert.deepEqual(ours, []);
  assert.ok(sizes.some(({ name }) => name === 'mark_cache_size'));
  const [threads] = await driver.query<{ value: string }>(
    "SELECT value FROM system.server_settings WHERE name = 'max_thread_pool_free_size'",
  );
  assert.equal(threads?.value, '32');
});
