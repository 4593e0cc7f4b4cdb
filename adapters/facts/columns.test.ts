import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Asset, Attribute } from '@macadam/core/facts/asset';
import { isUnobserved, type Value } from '@macadam/core/facts/observation';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import { arbitraryAsset } from '@macadam/testing/facts/sample';
import { openTrial } from '@macadam/testing/facts/sql-trial';
import fc from 'fast-check';
import { parse } from 'yaml';
import { assetOf, heldAsset, rowOf } from './columns.ts';
import { columnsOf, createTable } from './layout.ts';

const kind: Kind = kindSchema.parse({
  kind: 'thing',
  description: 'A thing for tests of its columns.',
  key: ['used'],
  fresh_for: '7d',
  attributes: {
    used: { type: 'bool', description: 'Whether it is used.' },
    used_at: { type: 'timestamp', optional: true, description: 'When it was used.' },
    name: { type: 'string', immutable: true, description: 'What it is called.' },
    count: { type: 'int', optional: true, description: 'How many there are.' },
    share: { type: 'double', description: 'A part of a whole.' },
    state: { type: 'enum(new, old)', description: 'How far it is.' },
    life: { type: 'duration', description: 'How long it lives.' },
    tags: { type: 'list', of: 'string', optional: true, description: 'Words about it.' },
    ends: { type: 'list', of: 'timestamp', description: 'Times at which it ends.' },
    labels: { type: 'map', of: 'int', optional: true, description: 'Numbers by name.' },
    keys: {
      type: 'list',
      description: 'Keys that open it.',
      of: {
        id: { type: 'string' },
        at: { type: 'timestamp', optional: true },
        strong: { type: 'bool' },
        scopes: { type: 'list', of: 'string', optional: true },
        deep: { type: 'record', optional: true, fields: { a: { type: 'int' } } },
      },
    },
    host: {
      type: 'record',
      optional: true,
      description: 'What holds it.',
      fields: {
        at: { type: 'string' },
        ports: { type: 'list', of: 'int' },
        rules: { type: 'list', of: { id: { type: 'string' }, on: { type: 'bool', optional: true } } },
        inner: { type: 'record', optional: true, fields: { depth: { type: 'double', optional: true } } },
      },
    },
  },
});

const assets = arbitraryAsset(kind);

/** What expressions, messages and evidence can tell apart: one spelling of times, and defaults as they are read. */
function seen(asset: Asset): unknown {
  return {
    ...asset,
    attributes: [...asset.attributes].map(([name, { statement, observedAt, ...rest }]) => {
      const definition = kind.attributes[name];
      if (isUnobserved(statement)) return [name, statement, null, rest];
      const at = observedAt === null ? null : instantOf(observedAt);
      if ('absent' in statement) return [name, 'absent', at, rest];
      return [name, plain(statement.value, definition as Definition), statement.complete ?? true, at, rest];
    }),
  };
}
type Definition = { type: string; optional?: boolean; of?: unknown; fields?: Record<string, Definition> };

const instantOf = (of: string) => rowOf(kind, sample(of)).used_at;
const lengthOf = (of: string) => rowOf(kind, sample(undefined, of)).life;
function sample(at?: string, life?: string): Asset {
  const held = (value?: string): Attribute => ({
    statement: value === undefined ? { unobserved: 'failed', why: '' } : { value },
    source: 'git',
    observedAt: '2026-01-01T00:00:00Z',
    receivedAt: null,
    assurance: 'attested',
  });
  return {
    id: '',
    kind: 'thing',
    name: '',
    attributes: new Map([
      ['used_at', held(at)],
      ['life', held(life)],
    ]),
  };
}

function plain(value: Value | undefined, definition: Definition): unknown {
  if (value === undefined)
    return definition.optional ? 'absent' : { unobserved: 'unobserved', why: 'the source did not say' };
  if (isUnobserved(value)) return value;
  if (Array.isArray(value)) {
    const of = definition.of;
    return value.map((item: Value) =>
      plain(
        item,
        typeof of === 'string' ? { type: of } : { type: 'record', fields: of as Record<string, Definition> },
      ),
    );
  }
  if (definition.type === 'record') {
    const given = value as Record<string, Value>;
    return Object.fromEntries(
      Object.entries(definition.fields ?? {}).map(([name, field]) => [name, plain(given[name], field)]),
    );
  }
  if (definition.type === 'timestamp') return instantOf(String(value)) ?? value;
  if (definition.type === 'duration') return lengthOf(String(value)) ?? value;
  return value;
}

test('an asset comes back from its row as expressions, messages and evidence see it', () => {
  let inside = 0;
  fc.assert(
    fc.property(assets, (asset) => {
      const row = rowOf(kind, asset);
      if (row['@outside'] === 0) inside++;
      assert.deepEqual(seen(assetOf(kind, JSON.parse(JSON.stringify(row)))), seen(asset));
    }),
    { numRuns: 500 },
  );
  assert.ok(inside > 100, `only ${inside} of 500 rows were inside the columns`);
});

/** As the engine has it. */
const heldIn = (row: ReturnType<typeof rowOf>): string => {
  const held = row['@held'];
  return typeof held === 'string' ? held : JSON.stringify(held);
};

test('the text of a row gives the same asset as its columns, and some attributes of it alone', () => {
  let texts = 0;
  fc.assert(
    fc.property(assets, (asset) => {
      const row = rowOf(kind, asset);
      const whole = assetOf(kind, JSON.parse(JSON.stringify(row)));
      const held = heldIn(row);
      assert.deepEqual(heldAsset(kind, held), whole);
      if (row['@outside'] === 1) return;
      texts++;
      const some = new Map([...whole.attributes].filter(([name]) => name === 'keys' || name === 'host'));
      assert.deepEqual(heldAsset(kind, held, ['host', 'keys']), { ...whole, attributes: some });
    }),
    { numRuns: 300 },
  );
  assert.ok(texts > 60, `only ${texts} of 300 rows had a text`);
});

test('the text of a row is read by the columns that it was written for, and by no others', () => {
  const asset: Asset = { id: 'x', kind: 'thing', name: 'x', attributes: new Map() };
  const held = heldIn(rowOf(kind, asset));
  assert.equal(heldAsset(kind, held)?.id, 'x');
  const { used, ...rest } = kind.attributes;
  assert.equal(heldAsset({ ...kind, attributes: { ...rest, ...(used && { used }) } }, held), null);
  const typed = { ...kind.attributes, count: { ...kind.attributes.count, type: 'double' } };
  assert.equal(heldAsset({ ...kind, attributes: typed as Kind['attributes'] }, held), null);
  assert.equal(heldAsset(kind, ''), null, 'there is none');
});

test('a row comes back from the engine as it went in', async () => {
  const trial = await openTrial();
  try {
    const rows = fc
      .sample(assets, { numRuns: 300, seed: 7 })
      .map((asset, at) => ({ ...rowOf(kind, asset), '@id': `t${at}` }));
    await trial.fill(kind, 'things', rows);
    const back = await trial.query<Record<string, never>>('SELECT * FROM things');
    const byId = new Map(back.map((row) => [row['@id'], row]));
    for (const row of rows) {
      const found = byId.get(row['@id'] as never);
      assert.ok(found);
      assert.deepEqual(seen(assetOf(kind, found)), seen(assetOf(kind, row)));
    }
  } finally {
    trial.close();
  }
});

test('every column has one name, also where an attribute and what is known about it could clash', () => {
  const names = columnsOf(kind).map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.includes('used@at') && names.includes('used_at') && names.includes('keys/at'));
  assert.match(createTable(kind), /`keys\/id` Array\(Nullable\(String\)\)/);
});

test('the kinds that Macadam brings have a row for every column', () => {
  for (const name of ['repository', 'pipeline', 'dependency']) {
    const own = kindSchema.parse(
      parse(readFileSync(new URL(`../../kinds/${name}.yaml`, import.meta.url), 'utf8')),
    );
    const row = rowOf(own, { id: 'x', kind: name, name: 'x', attributes: new Map() });
    assert.deepEqual(
      Object.keys(row).toSorted(),
      columnsOf(own)
        .map((column) => column.name)
        .toSorted(),
    );
    assert.equal(row['@outside'], 0);
  }
});

test('what the columns cannot hold exactly is kept beside them', () => {
  const outside = (value: Value, name = 'used_at', observedAt = '2026-01-01T00:00:00Z') =>
    rowOf(kind, {
      id: 'x',
      kind: 'thing',
      name: 'x',
      attributes: new Map([
        [name, { statement: { value }, source: 'git', observedAt, receivedAt: null, assurance: 'attested' }],
      ]),
    })['@outside'];
  assert.equal(outside('2026-01-01T00:00:00Z'), 0);
  assert.equal(outside('0001-01-01T00:00:00Z'), 1, 'a year that nanoseconds in 64 bits do not reach');
  assert.equal(outside('soon'), 1, 'what is not a timestamp');
  assert.equal(
    outside(true, 'used', '1970-01-01T00:00:00Z'),
    1,
    'seen at the very time that stands for never',
  );
  assert.equal(outside(1.5, 'count'), 1, 'what is no integer');
  assert.equal(outside('\ud800', 'name'), 1, 'half a surrogate pair');
  assert.equal(outside([{ unobserved: 'failed', why: 'x' }], 'tags'), 1, 'an element that is unobserved');
  assert.equal(outside([{ id: 'a', strong: { unobserved: 'failed', why: 'x' } }], 'keys'), 0);
});
