/** What is made from the definition of a kind, for every kind there is and for one that has everything. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { jsonSchemaOf } from '@macadam/core/kinds/json-schema';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import { pageOf } from '@macadam/core/kinds/page';
import { typesOf } from '@macadam/core/kinds/typescript';
import { readDocument } from '@macadam/core/text/document';
import { wholeCatalogue } from '@macadam/testing/catalogue';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { exampleSchema, observationsOf } from './example.ts';

const root = join(import.meta.dirname, '../..');
const { kinds, standards, mistakes } = wholeCatalogue();
assert.deepEqual(mistakes, []);

const description = 'Something that a test says */ of it.';
const FULL: Kind = kindSchema.parse({
  kind: 'full-thing',
  description: 'A kind that has everything.',
  key: ['id'],
  fresh_for: '7d',
  attributes: {
    id: { type: 'string', immutable: true, description },
    state: { type: 'enum(on, off)', authority: 'directory', description },
    used_at: { type: 'timestamp', optional: true, window: '90d', assurance: 'effective', description },
    count: { type: 'int', settle: '1h', remedy: 'count them', description },
    share: { type: 'double', description },
    took: { type: 'duration', description },
    tags: { type: 'map', of: 'string', description },
    kept: { type: 'bool', set_by: 'approval', description },
    owner: {
      type: 'record',
      optional: true,
      description,
      fields: { name: { type: 'string' }, until: { type: 'timestamp', optional: true } },
    },
    keys: {
      type: 'list',
      element_key: 'id',
      at_most: 9,
      description,
      of: {
        id: { type: 'string' },
        on: { type: 'bool', optional: true },
        uses: { type: 'list', of: 'enum(a, b)' },
      },
    },
  },
  relations: { beside: { to: 'full-thing', by: 'id' } },
});

const ACCEPTED: readonly (readonly [what: string, attributes: string])[] = [
  ['nothing', '{}'],
  [
    'scalars',
    `{ id: { value: 'a' }, state: { value: 'on', assurance: 'tested' }, count: { value: 3 }, share: { value: 0.5 }, took: { value: '90d' } }`,
  ],
  [
    'gaps',
    `{ state: { unobserved: 'forbidden', why: 'no right' }, keys: { unobserved: 'failed', why: 'down' } }`,
  ],
  [
    'absent where it is optional',
    `{ used_at: { absent: true, window: '90d' }, owner: { absent: true }, keys: { absent: true } }`,
  ],
  [
    'lists and maps that may hold more',
    `{ keys: { value: [{ id: 'x', uses: ['a'] }], complete: false }, tags: { value: { a: 'b' }, complete: false } }`,
  ],
  [
    'gaps inside',
    `{ owner: { value: { name: { unobserved: 'forbidden', why: 'no right' } } }, keys: { value: [{ id: 'x', on: true, uses: [{ unobserved: 'failed', why: 'down' }] }, { unobserved: 'failed', why: 'down' }] } }`,
  ],
];
const REFUSED: readonly (readonly [what: string, attributes: string])[] = [
  ['an unknown attribute', `{ colour: { value: 'red' } }`],
  ['another type', `{ count: { value: '3' } }`],
  ['a word that the enum lacks', `{ state: { value: 'broken' } }`],
  ['absent where it is not optional', `{ state: { absent: true } }`],
  ['no window where one is asked for', `{ used_at: { value: '2026-11-01T00:00:00Z' } }`],
  ['an unknown cause', `{ state: { unobserved: 'whatever', why: 'x' } }`],
  ['a gap without a reason', `{ state: { unobserved: 'failed' } }`],
  ['a plain value', `{ count: 3 }`],
  ['a word of a list that its enum lacks', `{ keys: { value: [{ id: 'x', uses: ['c'] }] } }`],
  ['an unknown field', `{ owner: { value: { name: 'a', phone: 'b' } } }`],
  ['a partial scalar', `{ count: { value: 3, complete: false } }`],
];

test('generated TypeScript compiles, takes what a source may state and refuses what it may not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-types-'));
  try {
    for (const kind of [...kinds.values(), FULL])
      writeFileSync(join(folder, `${kind.kind}.ts`), typesOf(kind));
    const core = JSON.stringify(join(root, 'core/facts/observation.ts'));
    const lines = [
      `import type { FullThing } from './full-thing.ts';`,
      `import type { Observation } from ${core};`,
      'export const fits = (thing: FullThing): Observation["attributes"] => thing;',
      ...ACCEPTED.map(([, text], index) => `export const accepted${index}: FullThing = ${text};`),
    ];
    writeFileSync(join(folder, 'accepted.ts'), lines.join('\n'));
    for (const [index, [, text]] of [
      ...REFUSED,
      ['set by approval', '{ kept: { value: true } }'] as const,
    ].entries())
      writeFileSync(
        join(folder, `refused${String(index).padStart(2, '0')}.ts`),
        `import type { FullThing } from './full-thing.ts';\nexport const refused: FullThing = ${text};\n`,
      );
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          strict: true,
          noEmit: true,
          exactOptionalPropertyTypes: true,
          allowImportingTsExtensions: true,
          module: 'nodenext',
          target: 'esnext',
          lib: ['esnext'],
          skipLibCheck: true,
          types: [],
        },
        include: ['*.ts'],
      }),
    );
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--singleThreaded'], {
      encoding: 'utf8',
    });
    const wrong = stdout.split('\n').filter((line) => /error TS/.test(line));
    const unexpected = wrong.filter((line) => !/refused\d+\.ts/.test(line));
    assert.deepEqual(unexpected, []);
    const refused = new Set(wrong.map((line) => Number(/refused(\d+)\.ts/.exec(line)?.[1])));
    const taken = REFUSED.filter((_, index) => !refused.has(index)).map(([what]) => what);
    assert.deepEqual(taken, []);
    assert.ok(refused.has(REFUSED.length), 'what only an approval sets');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

// Checks that are made shorter, or hold what they refer to themselves, take half as long again to make, and run a few times each.
const ajv = formats.default(
  new Ajv2020({ strict: true, allowUnionTypes: true, inlineRefs: false, code: { optimize: false } }),
);

test('the JSON Schema takes and refuses the same', () => {
  const accepts = ajv.compile(jsonSchemaOf(FULL));
  const observation = (text: string) => ({
    kind: 'full-thing',
    id: 'full-thing/a',
    name: 'a',
    source: 'test',
    observedAt: '2026-11-01T00:00:00Z',
    receivedAt: '2026-11-01T00:00:00Z',
    assurance: 'configured',
    attributes: new Function(`return ${text}`)(),
  });
  for (const [what, text] of ACCEPTED)
    assert.ok(accepts(observation(text)), `${what}: ${JSON.stringify(accepts.errors)}`);
  for (const [what, text] of REFUSED) assert.ok(!accepts(observation(text)), what);
  const good = observation('{}');
  for (const [what, broken] of [
    ['another kind', { ...good, kind: 'thing' }],
    ['the id of another kind', { ...good, id: 'thing/a' }],
    ['no time', { ...good, observedAt: 'yesterday' }],
    ['a number beyond safe integers', { ...good, attributes: { count: { value: 2 ** 53 } } }],
    ['a duration without a unit', { ...good, attributes: { took: { value: '90' } } }],
    ['a field of no meaning', { ...good, extra: 1 }],
  ] as const)
    assert.ok(!accepts(broken), what);
});

test('the JSON Schemas take every observation of the examples of the catalogue', async () => {
  const schemas = new Map([...kinds].map(([name, kind]) => [name, ajv.compile(jsonSchemaOf(kind))]));
  let count = 0;
  for (const { folder, compiled } of standards) {
    for (const file of globSync(join(folder, 'examples', '*.yaml'))) {
      const example = readDocument(readFileSync(file, 'utf8'), file, exampleSchema);
      assert.ok('value' in example, file);
      for (const observation of await observationsOf(compiled.kind, example.value)) {
        const accepts = schemas.get(observation.kind);
        assert.ok(accepts, observation.kind);
        const plain = JSON.parse(JSON.stringify(observation));
        assert.ok(
          accepts(plain),
          `${file}, ${observation.id}: ${JSON.stringify(accepts.errors?.slice(0, 3))}`,
        );
        count += 1;
      }
    }
  }
  assert.ok(count > standards.length * 3, `${count} observations`);
});

test('the page mentions every attribute, field, relation, setting and reader', () => {
  const page = pageOf(FULL, new Map([['full-thing', FULL]]), [
    { definition: { id: 'things-are-on', statement: 'Every thing is on.' }, reads: ['state'] },
  ]);
  for (const said of [
    '### `used_at`: timestamp',
    'Window: a source has to look back at least 90d',
    'Least assurance: effective',
    'Authority: the newest word of `directory`',
    'Sources that differ within 1h are disputed',
    'To have it seen: count them.',
    'Set by approval: no source states it',
    'Immutable: it never ages.',
    'Elements are told apart, and ordered, by `id`.',
    'At most 9 elements',
    '- `until`: timestamp; may be absent',
    '- `beside`: the full-thing that `id` names',
    '### `state`: one of on, off',
    'Read by `things-are-on`.',
    '- `things-are-on`: Every thing is on.',
    'A value, absent (somebody looked, and there is none), or unobserved.',
  ])
    assert.ok(page.includes(said), said);
  for (const kind of kinds.values()) {
    const own = pageOf(kind, kinds, []);
    const names = [...Object.keys(kind.attributes), ...Object.keys(kind.relations)];
    assert.deepEqual(
      names.filter((name) => !own.includes(`\`${name}\``)),
      [],
      kind.kind,
    );
  }
});
