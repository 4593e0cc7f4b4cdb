import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation, Statement } from '../facts/observation.ts';
import { kindChange } from './change.ts';
import { type Kind, kindSchema } from './kind.ts';
import { upgraded } from './migration.ts';

const description = 'Something that a test says.';
type Rough = Readonly<Record<string, unknown>>;
const kind = (attributes: Readonly<Record<string, Rough>>, more: Rough = {}): Kind =>
  kindSchema.parse({
    kind: 'thing',
    description: 'A thing that exists in a test.',
    key: ['id'],
    fresh_for: '7d',
    ...more,
    attributes: Object.fromEntries(
      Object.entries({ id: { type: 'string' }, ...attributes }).map(([name, one]) => [
        name,
        { description, ...one },
      ]),
    ),
  });
const why = 'Because a test says so.';
const refused = (before: Kind, after: Kind): string[] => {
  const found = kindChange(before, after);
  return found.change === 'refused'
    ? found.mistakes.map(({ path, reason }) => `${path.join('.')}: ${reason}`)
    : [];
};

const OLD = kind({
  size: { type: 'string' },
  state: { type: 'enum(on, off)' },
  ended_at: { type: 'timestamp', optional: true },
  parts: {
    type: 'list',
    element_key: 'label',
    of: { label: { type: 'string' }, weight: { type: 'int', optional: true } },
  },
  note: { type: 'string', optional: true },
});
const parts = (fields: Rough, more: Rough = {}) => ({
  type: 'list',
  element_key: 'label',
  of: fields,
  ...more,
});
const same = {
  size: { type: 'string' },
  state: { type: 'enum(on, off)' },
  ended_at: { type: 'timestamp', optional: true },
  parts: parts({ label: { type: 'string' }, weight: { type: 'int', optional: true } }),
  note: { type: 'string', optional: true },
};

test('what is only added is free', () => {
  assert.deepEqual(kindChange(OLD, kind(same)), { change: 'none' });
  const free: readonly Kind[] = [
    kind({ ...same, more: { type: 'int' } }),
    kind({ ...same, state: { type: 'enum(starting, off, on)' } }),
    kind({ ...same, size: { type: 'string', optional: true } }),
    kind({
      ...same,
      parts: parts({
        label: { type: 'string' },
        weight: { type: 'int', optional: true },
        at: { type: 'timestamp' },
      }),
    }),
    kind({ ...same, ended_at: { type: 'timestamp', optional: true, window: '90d', assurance: 'effective' } }),
    kind(same, { relations: { part_of: { to: 'thing', by: 'size' } }, fresh_for: '1d', settle: '1h' }),
  ];
  for (const one of free) assert.deepEqual(kindChange(OLD, one), { change: 'free' });
});

const { note: _, ...withoutNote } = same;
const refusals: readonly (readonly [what: string, after: Kind, expected: RegExp])[] = [
  [
    'a removed attribute',
    kind(withoutNote),
    /^attributes: `note` is gone; state `migrations: \[{ version: 2, why: …, rename: { "note": NEW_NAME } }\]`, or `drop: { "note": WHY }`/,
  ],
  [
    'a renamed attribute',
    kind({ ...withoutNote, notes: { type: 'string', optional: true } }),
    /rename: { "note": notes }/,
  ],
  [
    'a renamed field',
    kind({ ...same, parts: parts({ name: { type: 'string' }, label: { type: 'string' } }) }),
    /attributes.parts.of: `parts\[\].weight` is gone/,
  ],
  [
    'a type',
    kind({ ...same, size: { type: 'int' } }),
    /attributes.size: `size` was string and is now int; .*convert: { "size": { from: string, to: int, by: "CEL over value" } }/,
  ],
  [
    'the type of a field',
    kind({
      ...same,
      parts: parts({ label: { type: 'string' }, weight: { type: 'double', optional: true } }),
    }),
    /attributes.parts.of.weight: `parts\[\].weight` was int and is now double/,
  ],
  [
    'a word that is gone',
    kind({ ...same, state: { type: 'enum(on, broken)' } }),
    /`state` no longer has the word `off`/,
  ],
  [
    'never absent any more',
    kind({ ...same, ended_at: { type: 'timestamp' } }),
    /`ended_at` could be absent and no longer can; .*absent: "CEL"/,
  ],
  [
    'another element key',
    kind({ ...same, parts: { ...same.parts, element_key: undefined } }),
    /attributes.parts.element_key: .*told apart by `label`; .*element_key: { "parts": WHY }/,
  ],
  ['another key', kind(same, { key: ['id', 'size'] }), /^key: the key was \[id\]: .*key: WHY/],
];
for (const [what, after, expected] of refusals)
  test(`it is refused without a migration: ${what}`, () => {
    const found = refused(OLD, after);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', expected);
  });

const NEW = kind(
  {
    bytes: { type: 'int' },
    state: { type: 'enum(on, idle)' },
    ended_at: { type: 'timestamp' },
    pieces: {
      type: 'list',
      element_key: 'name',
      of: { name: { type: 'string' }, weight: { type: 'double', optional: true } },
    },
  },
  {
    migrations: [
      {
        version: 2,
        why,
        rename: { size: 'bytes', parts: 'pieces', 'parts[].label': 'name' },
        drop: { note: why },
        convert: {
          bytes: { from: 'string', to: 'int', by: 'int(value) * 1024' },
          state: { from: 'enum(on, off)', to: 'enum(on, idle)', by: 'value == "off" ? "idle" : value' },
          'pieces[].weight': {
            from: { type: 'int', optional: true },
            to: { type: 'double', optional: true },
            by: 'double(value)',
          },
          ended_at: {
            from: { type: 'timestamp', optional: true },
            to: 'timestamp',
            by: 'value',
            absent: 'timestamp("9999-12-31T00:00:00Z")',
          },
        },
      },
    ],
  },
);

test('a stated migration is taken', () => {
  assert.deepEqual(refused(OLD, NEW), []);
  assert.deepEqual(kindChange(OLD, NEW), { change: 'migrated', from: 1, to: 2 });
});

const observation = (attributes: Readonly<Record<string, Statement>>): Observation => ({
  kind: 'thing',
  id: 'thing/1',
  name: '1',
  source: 'test',
  observedAt: '2026-11-01T00:00:00Z',
  receivedAt: '2026-11-01T00:00:00Z',
  assurance: 'configured',
  attributes,
});
const read = (attributes: Readonly<Record<string, Statement>>) =>
  upgraded(NEW, 1, observation(attributes)).attributes;

test('what was observed before is read as the present version says it', () => {
  const gap = { unobserved: 'forbidden', why: 'no right' } as const;
  assert.deepEqual(
    read({
      size: { value: '3', assurance: 'tested' },
      state: { value: 'off' },
      ended_at: { absent: true, window: '90d' },
      parts: { value: [{ label: 'a', weight: 2 }, { label: gap }, gap], complete: false },
      note: { value: 'x' },
    }),
    {
      bytes: { value: 3072, assurance: 'tested' },
      state: { value: 'idle' },
      ended_at: { value: '9999-12-31T00:00:00Z', window: '90d' },
      pieces: { value: [{ name: 'a', weight: 2 }, { name: gap }, gap], complete: false },
    },
  );
  assert.deepEqual(read({ size: gap, note: gap }), { bytes: gap });
});

test('what cannot be converted is unobserved, and says what and why', () => {
  const [found] = Object.values(read({ size: { value: 'three' } }));
  assert.ok(found && 'unobserved' in found);
  assert.equal(found.unobserved, 'failed');
  assert.match(found.why, /^version 2 of its kind cannot read "three" as `bytes`: /);
  const state = read({ state: { value: 'broken' } }).state;
  assert.ok(state && 'unobserved' in state && /cannot read "broken" as `state`/.test(state.why));
});

test('what was observed under the present version is itself', () => {
  const one = observation({ bytes: { value: 3 } });
  assert.equal(upgraded(NEW, 2, one), one);
});

test('two names can be exchanged, and later versions go on from there', () => {
  const before = kind({ a: { type: 'int' }, b: { type: 'int' } });
  const migrations = [
    { version: 2, why, rename: { a: 'b', b: 'a' } },
    { version: 3, why, rename: { a: 'c' } },
  ];
  const after = kind({ b: { type: 'int' }, c: { type: 'int' } }, { migrations });
  assert.deepEqual(refused(before, after), []);
  const one = observation({ a: { value: 1 }, b: { value: 2 } });
  assert.deepEqual(upgraded(after, 1, one).attributes, { b: { value: 1 }, c: { value: 2 } });
  assert.deepEqual(upgraded(after, 2, one).attributes, { c: { value: 1 }, b: { value: 2 } });
});

test('a renamed part of the key keeps the ids; another key and element key are stated', () => {
  const before = kind(
    { name: { type: 'string' }, l: parts({ label: { type: 'string' }, n: { type: 'int' } }) },
    { key: ['name'] },
  );
  const renamed = kind(
    { title: { type: 'string' }, l: parts({ label: { type: 'string' }, n: { type: 'int' } }) },
    { key: ['title'], migrations: [{ version: 2, why, rename: { name: 'title' } }] },
  );
  assert.equal(kindChange(before, renamed).change, 'migrated');
  const rekeyed = kind(
    {
      name: { type: 'string' },
      l: parts({ label: { type: 'string' }, n: { type: 'int' } }, { element_key: 'n' }),
    },
    { migrations: [{ version: 2, why, key: why, element_key: { l: why } }] },
  );
  assert.equal(kindChange(before, rekeyed).change, 'migrated');
});

test('a migration that does not fit what was is refused, and so is a version that was in force and changed', () => {
  const wrong = kind(
    {
      count: { type: 'double' },
      state: same.state,
      ended_at: same.ended_at,
      parts: same.parts,
      note: same.note,
    },
    {
      migrations: [
        {
          version: 2,
          why,
          rename: { sise: 'count' },
          convert: { count: { from: 'int', to: 'double', by: 'double(value)' } },
        },
      ],
    },
  );
  assert.match(
    refused(OLD, wrong).join('\n'),
    /migrations.0.rename.sise: version 1 has no `sise`, did you mean `size`\?/,
  );
  const other = kind(
    {
      size: { type: 'double' },
      state: same.state,
      ended_at: same.ended_at,
      parts: same.parts,
      note: same.note,
    },
    {
      migrations: [
        { version: 2, why, convert: { size: { from: 'int', to: 'double', by: 'double(value)' } } },
      ],
    },
  );
  assert.match(refused(OLD, other).join('\n'), /convert.size.from: version 1 has it as string/);
  assert.match(refused(NEW, OLD).join('\n'), /version 2 was in force and its migration is gone/);
  const told = kind(
    { ...same, state: { type: 'enum(on, off)' } },
    { migrations: [{ version: 2, why, drop: { other: why } }] },
  );
  assert.match(
    refused(NEW, told).join('\n'),
    /migrations.0: version 2 was in force as it was; state what changes as a further version/,
  );
  const reworded = { ...NEW, migrations: NEW.migrations.map((one) => ({ ...one, why: 'In better words.' })) };
  assert.deepEqual(kindChange(NEW, reworded), { change: 'free' });
});
