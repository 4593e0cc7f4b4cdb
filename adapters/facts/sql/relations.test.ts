import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Asset, Attribute } from '@macadam/core/facts/asset';
import type { Statement, Value } from '@macadam/core/facts/observation';
import { relatedIn } from '@macadam/core/facts/related';
import { kindSchema } from '@macadam/core/kinds/kind';
import { type CompiledStandard, compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { evaluate } from '@macadam/core/verdicts/evaluate';
import { standardSchema } from '@macadam/core/verdicts/standard';
import { openTrial, type Trial } from '@macadam/testing/facts/sql-trial';
import { rowOf } from '../columns.ts';
import { judge } from './judging.ts';

const host = kindSchema.parse({
  kind: 'host',
  description: 'A machine for tests of relations.',
  key: ['name'],
  fresh_for: '7d',
  attributes: {
    name: { type: 'string', immutable: true, description: 'What it is called.' },
    zone: { type: 'string', optional: true, description: 'Id of the zone in which it stands.' },
    size: { type: 'int', description: 'How large it is.' },
  },
  relations: {
    agents: { from: 'agent', by: 'host' },
    helpers: { from: 'agent', by: 'helps' },
    zone: { to: 'zone', by: 'zone' },
  },
});
const agent = kindSchema.parse({
  kind: 'agent',
  description: 'A program on a machine, for tests of relations.',
  key: ['host'],
  fresh_for: '2d',
  attributes: {
    host: { type: 'string', description: 'Id of the machine.' },
    helps: { type: 'list', of: 'string', optional: true, description: 'Ids of machines that it helps.' },
    on: { type: 'bool', description: 'Whether it runs.' },
    size: { type: 'int', optional: true, description: 'How large it is.' },
    tags: { type: 'list', of: 'string', description: 'Words about it.' },
    notes: { type: 'map', of: 'string', optional: true, description: 'Words by name.' },
    keys: {
      type: 'list',
      of: { id: { type: 'string' }, scopes: { type: 'list', of: 'string', optional: true } },
      optional: true,
      description: 'Keys that it holds.',
    },
    box: {
      type: 'record',
      fields: { words: { type: 'list', of: 'string', optional: true } },
      optional: true,
      description: 'What holds it.',
    },
  },
  relations: { host: { to: 'host', by: 'host' }, helps: { to: 'host', by: 'helps' } },
});
const zone = kindSchema.parse({
  kind: 'zone',
  description: 'A place for tests of relations.',
  key: ['safe'],
  fresh_for: '7d',
  attributes: {
    safe: { type: 'bool', description: 'Whether it is safe.' },
    level: { type: 'int', immutable: true, description: 'How deep it is.' },
  },
});
const kinds = new Map([host, agent, zone].map((kind) => [kind.kind, kind]));
const clock = { asOf: new Date('2026-11-01T00:00:00Z'), real: new Date('2026-11-01T00:00:00Z') };

function standard(check: string): CompiledStandard {
  const definition = standardSchema.parse({
    id: 'rule',
    pillar: 'engineering',
    title: 'A rule that a test makes up',
    statement: 'What one expression says is so.',
    why: 'It is asked of both compilers alike.',
    origin: { report: 'none', lesson: 'Two compilers, one meaning.' },
    scope: { kind: 'host' },
    check,
    reasons: [{ id: 'rest', when: 'true', say: 'the last reason' }],
    severity: 'low',
    measure: { kind: 'share' },
    rollout: { state: 'observe', on_unknown: 'allow' },
    toil: { owner_minutes: 0 },
  });
  const compiled = compileStandard(definition, host, { file: 'rule', lineOf: () => 1, kinds });
  assert.ok(
    'definition' in compiled,
    `${check}: ${'mistakes' in compiled ? compiled.mistakes.map(({ reason }) => reason) : ''}`,
  );
  return compiled;
}

const gap: Statement = { unobserved: 'forbidden', why: 'no right' };
function asset(
  kind: string,
  id: string,
  values: Readonly<Record<string, Value | Statement | undefined>>,
  days = 0,
): Asset {
  const observedAt = new Date(clock.asOf.getTime() - days * 86_400_000).toISOString();
  const attributes = Object.entries(kinds.get(kind)?.attributes ?? {}).map(
    ([name, about]): [string, Attribute] => {
      const given = values[name];
      const statement: Statement =
        given === undefined
          ? about.optional
            ? { absent: true }
            : gap
          : typeof given === 'object' && !Array.isArray(given)
            ? (given as Statement)
            : { value: given as Value };
      const seen = !('unobserved' in statement);
      return [
        name,
        {
          statement,
          source: seen ? 's' : null,
          observedAt: seen ? observedAt : null,
          receivedAt: null,
          assurance: seen ? 'attested' : null,
        },
      ];
    },
  );
  return { id, kind, name: id, attributes: new Map(attributes) };
}

const HOSTS = [
  asset('host', 'h1', { name: 'a', zone: 'z1', size: 1 }),
  asset('host', 'h2', { name: 'b', zone: 'z2', size: 2 }),
  asset('host', 'h3', { name: 'c', zone: 'nowhere', size: 3 }),
  asset('host', 'h4', { name: 'd' }),
  asset('host', 'h5', { name: 'e', zone: gap, size: 5 }),
  asset('host', 'h6', { name: 'f', zone: 'z1', size: 6 }, 30),
];
const ZONES = [asset('zone', 'z1', { safe: true, level: 1 }), asset('zone', 'z2', { safe: gap, level: 2 })];
const AGENTS = [
  asset('agent', 'a1', {
    host: 'h1',
    on: true,
    size: 1,
    tags: ['x'],
    helps: ['h2', 'h2'],
    notes: { value: { a: 'b' } },
    keys: [{ id: 'k', scopes: ['x'] }, { id: 'l' }],
    box: { value: {} },
  }),
  asset('agent', 'a2', { host: 'h1', on: true, tags: [] }),
  asset('agent', 'a3', {
    host: 'h2',
    on: false,
    size: 7,
    tags: ['x', 'y'],
    helps: ['h1'],
    notes: gap,
    box: gap,
  }),
  asset('agent', 'a4', { host: 'h2', on: gap, size: 2, tags: gap, helps: gap, keys: gap }),
  asset('agent', 'a5', { host: 'h3', on: true, size: 3, tags: { value: ['y'], complete: false } }),
];
/** Agents of which it is not known where they run: too old, or never seen. */
const LOOSE = [
  asset('agent', 'a6', { host: 'h4', on: true, tags: [] }, 5),
  asset('agent', 'a7', { host: gap, on: true, tags: [] }),
];

const EXPRESSIONS = [
  'related("agents").exists(a, a.on)',
  'related("agents").all(a, a.on)',
  'related("agents").exists_one(a, a.on)',
  'size(related("agents")) > 1',
  'related("agents").filter(a, has(a.size)).size() == 1',
  'related("agents").all(a, has(a.size) && a.size <= asset.size)',
  'related("agents").exists(a, "x" in a.tags)',
  'related("agents").all(a, a.tags.exists(t, t == "x"))',
  'related("agents").map(a, a.host).all(id, id.startsWith("h"))',
  'related("agents").all(a, a.on) && related("zone").all(z, z.safe)',
  'related("helpers").exists(a, a.on)',
  'size(related("helpers")) == 2',
  'related("zone").exists(z, z.safe)',
  'related("zone").all(z, z.level > 1)',
  'size(related("zone")) == 1',
  'related("zone").exists(z, z.level >= asset.size)',
  '!related("zone").exists(z, z.safe) || related("agents").all(a, a.on)',
];

/** None of a list or map is the complete empty one, so that there always is one where somebody looked. */
const PRESENT = [
  'has(a.size)',
  'a.?size.hasValue()',
  ...['helps', 'notes', 'keys', 'box'].flatMap((name) => [`has(a.${name})`, `a.?${name}.hasValue()`]),
  'a.?helps.orValue(["x"]).size() == 0',
  'a.?helps.orValue(a.tags).exists(h, h == "h2")',
  'a.?box.?words.hasValue()',
  'has(a.box) && has(a.box.words)',
  'has(a.box) && a.box.?words.hasValue() && size(a.box.words) == 0',
  'a.keys.all(k, k.?scopes.hasValue())',
  'a.keys.exists(k, has(k.scopes))',
].flatMap((is) => [
  ...['exists', 'all', 'exists_one'].map((macro) => `related("agents").${macro}(a, ${is})`),
  `size(related("agents").filter(a, ${is})) == 1`,
  `related("agents").map(a, ${is}).exists(b, b)`,
  `related("agents").map(a, ${is}, a.host).size() == 1`,
]);

let trial: Trial;
before(async () => {
  trial = await openTrial({ few: true });
});
after(() => trial.close());

/** Since when a kind is listed to its end: so many days ago, or never. */
const listed = (days: number | null): [string, number][] =>
  days === null ? [] : [['agent', clock.asOf.getTime() - days * 86_400_000]];

async function compare(
  agents: readonly Asset[],
  days: number | null,
  checks: readonly string[] = [...EXPRESSIONS, ...PRESENT],
): Promise<Record<string, number>> {
  const all = { host: HOSTS, zone: ZONES, agent: agents };
  for (const [name, assets] of Object.entries(all)) {
    const kind = kinds.get(name);
    assert.ok(kind);
    await trial.fill(
      kind,
      `kind_${name}`,
      assets.map((one) => rowOf(kind, one)),
    );
  }
  const whole = new Map(listed(days));
  const related = relatedIn(kinds, Object.values(all).flat(), whole);
  const standards = checks.map(standard);
  const { verdicts, refused } = await judge({
    database: trial,
    kind: host,
    standards,
    clock,
    options: { whole },
  });
  const counts: Record<string, number> = {};
  for (const each of standards) {
    assert.equal(refused.get(each), undefined, each.check.text);
    for (const one of HOSTS) {
      const { verdict, reason, causes } = evaluate(each, one, clock, related);
      const path = verdict === 'unknown' ? (causes[0]?.path ?? null) : null;
      assert.deepEqual(
        verdicts.get(each)?.get(one.id),
        { verdict, reason, path },
        `${each.check.text} of ${one.id}`,
      );
      counts[verdict] = (counts[verdict] ?? 0) + 1;
    }
  }
  return counts;
}

test('a relation means in SQL what it means in closures', async () => {
  const counts = await compare(AGENTS, 0);
  for (const verdict of ['pass', 'fail', 'unknown'])
    assert.ok((counts[verdict] ?? 0) > 10, JSON.stringify(counts));
});

test('an asset of which nobody knows where it belongs leaves every list open', async () => {
  await compare([...AGENTS, ...LOOSE], 0);
});

test('a kind that was not listed to its end leaves every list open', async () => {
  await compare(AGENTS, null);
});

test('a kind that was listed to its end too long ago leaves every list open', async () => {
  // Agents are fresh for two days, to the millisecond.
  const [fresh, stale, never] = [
    await compare(AGENTS, 2, EXPRESSIONS),
    await compare(AGENTS, 2 + 1 / 86_400_000, EXPRESSIONS),
    await compare(AGENTS, null, EXPRESSIONS),
  ];
  assert.deepEqual(stale, never);
  assert.notDeepEqual(fresh, stale);
});

test('a relation to an asset that columns cannot hold is left to closures', async () => {
  const odd = asset('agent', 'a9', { host: 'h1', on: 'maybe', tags: [] });
  await trial.fill(agent, 'kind_agent', [rowOf(agent, odd)]);
  const rule = standard('related("agents").exists(a, a.on)');
  const { refused } = await judge({
    database: trial,
    kind: host,
    standards: [rule],
    clock,
    options: { whole: new Map(listed(0)) },
  });
  assert.equal(refused.get(rule)?.refused, 'a related agent that columns cannot hold');
});
