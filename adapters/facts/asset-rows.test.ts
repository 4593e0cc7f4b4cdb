import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import { arbitraryAsset } from '@macadam/testing/facts/sample';
import fc from 'fast-check';
import { assetRows } from './asset-rows.ts';
import { openChdb } from './clickhouse/chdb.ts';
import type { Driver } from './clickhouse/driver.ts';
import { createTable } from './clickhouse/table.ts';
import { assetTable } from './clickhouse/tables.ts';
import { assetOf, type Cell, cellsOf, columnNames, rowOf } from './columns.ts';

const kind: Kind = kindSchema.parse({
  kind: 'thing',
  description: 'A thing for tests of its rows.',
  key: ['name'],
  fresh_for: '7d',
  attributes: {
    name: { type: 'string', immutable: true, description: 'What it is called.' },
    used: { type: 'bool', optional: true, description: 'Whether it is used.' },
    tags: { type: 'list', of: 'string', optional: true, description: 'Words about it.' },
    keys: {
      type: 'list',
      description: 'Keys that open it.',
      of: { id: { type: 'string' }, strong: { type: 'bool' } },
    },
  },
});
const assets = fc
  .sample(arbitraryAsset(kind), { numRuns: 40, seed: 3 })
  .map((asset, at) => ({ ...asset, id: `thing/${String(at).padStart(2, '0')}` }));
/** As their columns give them, which is what was always read. */
const expected = assets.map((asset) => assetOf(kind, JSON.parse(JSON.stringify(rowOf(kind, asset)))));

const directory = mkdtempSync(join(tmpdir(), 'macadam-asset-rows-'));
let driver: Driver;
/** Statements that were asked. */
const asked: string[] = [];
before(async () => {
  driver = await openChdb({ directory });
});
after(async () => {
  await driver.close();
  rmSync(directory, { recursive: true });
});

/** A table of the assets, of which some have no text of their own as it is written now. */
async function filled(held: (row: Cell, at: number) => Cell): Promise<void> {
  const table = assetTable(kind);
  await driver.command(`DROP TABLE IF EXISTS ${table.name} SYNC`);
  await driver.command(createTable(table));
  const columns = columnNames(kind);
  const place = columns.indexOf('@held');
  const lines = assets.map((asset, at) => {
    const cells = [...cellsOf(kind, asset), 1];
    const outside = cells[columns.indexOf('@outside')] === 1;
    return JSON.stringify(
      cells.with(place, outside ? (cells[place] ?? null) : held(cells[place] ?? null, at)),
    );
  });
  await driver.insert({
    table: table.name,
    columns: [...columns, '@known'],
    format: 'JSONCompactEachRow',
    rows: Buffer.from(lines.join('\n')),
    token: `${Math.random()}`,
  });
}

const read = async (attributes?: readonly string[]) => {
  asked.length = 0;
  const watched: Driver = {
    ...driver,
    query: (sql, parameters) => {
      asked.push(sql);
      return driver.query(sql, parameters);
    },
  };
  const rows = await assetRows(watched, kind, {
    from: 'FROM kind_thing WHERE `@id` > {after:String} ORDER BY `@id`',
    parameters: { after: '' },
    beside: '`@known` + 1 AS `@next`',
    ...(attributes && { attributes }),
  });
  assert.ok(rows.every(({ id, asset, row }) => id === asset.id && Number(row['@next']) === 2));
  return rows.map(({ asset }) => asset);
};

test('assets are read by the texts of their rows, in one statement', async () => {
  await filled((text) => text);
  assert.deepEqual(await read(), expected);
  assert.equal(asked.length, 1);
  assert.doesNotMatch(asked.join(), /\*/);
});

test('where a row has no text, as an earlier release wrote it, or one of other columns, all are read by their columns', async () => {
  for (const other of ['', ['0123456789abcdef', 'thing/07']]) {
    await filled((text, at) => (at % 7 === 0 ? other : text));
    assert.deepEqual(await read(), expected);
    assert.equal(asked.length, 2);
  }
});

test('of some attributes the same is read either way', async () => {
  const names = ['keys', 'used'];
  await filled((text) => text);
  const byText = await read(names);
  assert.equal(asked.length, 1);
  await filled(() => '');
  assert.deepEqual(await read(names), byText);
  const some = byText.filter(({ attributes }) => attributes.size === names.length);
  assert.ok(some.length > 10, `${some.length} of ${byText.length} have no more than was asked for`);
});
