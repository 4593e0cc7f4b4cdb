import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Asset } from '@macadam/core/facts/asset';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import { type CompiledStandard, compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { judgeOf, rowOf as preparedOf } from '@macadam/core/verdicts/evaluate';
import { type Standard, standardSchema } from '@macadam/core/verdicts/standard';
import { arbitraryAsset } from '@macadam/testing/facts/sample';
import { openTrial, type Trial } from '@macadam/testing/facts/sql-trial';
import fc from 'fast-check';
import { parse } from 'yaml';
import { rowOf } from '../columns.ts';
import { tableOf } from '../layout.ts';
import { type Judgement, judge } from './judging.ts';
import { EAGER, pass } from './pass.ts';

const root = join(import.meta.dirname, '../../..');
const clock = { asOf: new Date('2026-11-01T12:00:00Z'), real: new Date('2026-11-02T00:00:00Z') };

const kind: Kind = kindSchema.parse({
  kind: 'thing',
  description: 'A thing for tests of the translation.',
  key: ['on'],
  fresh_for: '7d',
  attributes: {
    on: { type: 'bool', description: 'Whether it is on.' },
    off: { type: 'bool', optional: true, description: 'Whether it is off.' },
    approved: { type: 'bool', set_by: 'approval', description: 'Whether somebody allowed it.' },
    name: { type: 'string', immutable: true, description: 'What it is called.' },
    count: { type: 'int', description: 'How many there are.' },
    limit: { type: 'int', optional: true, description: 'How many there may be.' },
    share: { type: 'double', description: 'A part of a whole.' },
    state: { type: 'enum(new, old)', description: 'How far it is.' },
    used_at: { type: 'timestamp', optional: true, description: 'When it was used.' },
    life: { type: 'duration', description: 'How long it lives.' },
    tags: { type: 'list', of: 'string', optional: true, description: 'Words about it.' },
    ports: { type: 'list', of: 'int', description: 'Numbers of doors.' },
    labels: { type: 'map', of: 'string', description: 'Words by name.' },
    notes: { type: 'map', of: 'int', optional: true, description: 'Numbers by name.' },
    keys: {
      type: 'list',
      description: 'Keys that open it.',
      of: {
        id: { type: 'string' },
        at: { type: 'timestamp', optional: true },
        strong: { type: 'bool' },
        scopes: { type: 'list', of: 'string', optional: true },
        marks: { type: 'map', of: 'string', optional: true },
        deep: { type: 'record', optional: true, fields: { a: { type: 'int' } } },
      },
    },
    host: {
      type: 'record',
      optional: true,
      description: 'What holds it.',
      fields: {
        at: { type: 'string' },
        safe: { type: 'bool', optional: true },
        ports: { type: 'list', of: 'int' },
        rules: { type: 'list', of: { id: { type: 'string' }, on: { type: 'bool', optional: true } } },
        inner: { type: 'record', optional: true, fields: { depth: { type: 'double', optional: true } } },
      },
    },
  },
});

const PARAMS = {
  idle: '720h',
  words: ['a', 'b', 'write'],
  none: [],
  most: 3,
  strict: true,
  since: '2020-01-01T00:00:00Z',
};

function standard(check: string, of: Kind = kind, more: Partial<Standard> = {}): CompiledStandard {
  const definition = standardSchema.parse({
    id: 'rule',
    pillar: 'engineering',
    title: 'A rule that a test makes up',
    statement: 'What one expression says is so.',
    why: 'It is asked of both compilers alike.',
    origin: { report: 'none', lesson: 'Two compilers, one meaning.' },
    scope: { kind: of.kind },
    check,
    params: PARAMS,
    reasons: [{ id: 'rest', when: 'true', say: 'the last reason' }],
    severity: 'low',
    measure: { kind: 'share' },
    rollout: { state: 'observe', on_unknown: 'allow' },
    toil: { owner_minutes: 0 },
    ...more,
  });
  const compiled = compileStandard(definition, of, { file: 'rule', lineOf: () => 1 });
  assert.ok(
    'definition' in compiled,
    `${check}: ${'mistakes' in compiled ? compiled.mistakes.map(({ reason }) => reason).join('; ') : ''}`,
  );
  return compiled;
}

const EXPRESSIONS: readonly string[] = [
  'asset.on',
  '!asset.on || asset.approved',
  'asset.on && asset.approved && asset.count > 0',
  'asset.on ? asset.count > 0 : asset.share < 0.5',
  'asset.on ? true : true',
  '(asset.count > 0 && asset.on) == (asset.share > 0.0)',
  'has(asset.off)',
  'has(asset.off) && asset.off',
  '!has(asset.limit) || asset.limit >= asset.count',
  'asset.?limit.orValue(7) > 3',
  'asset.?off.orValue(asset.on)',
  'asset.?limit.hasValue() && asset.on',
  ...['tags', 'notes', 'labels', 'host'].flatMap((name) => [
    `asset.?${name}.hasValue()`,
    `has(asset.${name})`,
  ]),
  'asset.?tags.orValue(["a"]).size() == 0',
  'size(asset.?notes.orValue(asset.notes)) == 0',
  'asset.keys.all(k, k.?scopes.hasValue() && has(k.scopes) && has(k.marks))',
  'asset.name == "a" || asset.name > "b"',
  'asset.name.startsWith("a") || asset.name.endsWith("b") || asset.name.contains(".")',
  'asset.name.matches("^a.b$")',
  'asset.name.matches("a.b")',
  'size(asset.name) > 1 && asset.name.size() < 5',
  'asset.name + "x" != "ax"',
  'asset.name.lowerAscii() == asset.name || asset.name.upperAscii() == asset.name',
  'asset.name.reverse() == asset.name',
  'asset.name.charAt(1) == "."',
  'asset.name.substring(1) != "" && asset.name.substring(0, 1) != "b"',
  'asset.name.indexOf("b") > 0',
  'asset.name.replace("a", "b") == "b"',
  'asset.state == "new"',
  'asset.state in ["new"]',
  'asset.state != asset.name',
  'asset.count + 1 > asset.count',
  'asset.count * asset.count >= 0',
  'asset.count * 4611686018427387904 > 5',
  'asset.count - 9223372036854775807 < 0',
  '-asset.count < 5 && 7 / asset.count < 8',
  'asset.count % 2 == 0 || asset.count % -3 == 1',
  'asset.count in [1, 2, asset.count]',
  'double(asset.count) > asset.share',
  'int(asset.share) < 100',
  'string(asset.count).startsWith("-")',
  'string(asset.on) == "true"',
  'int(asset.name) == 7',
  'asset.share * 2.0 >= asset.share && asset.share / 0.0 > 1.0',
  'math.abs(asset.count) > 10 && math.greatest(asset.count, 5) > 5',
  'has(asset.used_at) && now - asset.used_at > params.idle',
  'has(asset.used_at) && asset.used_at + asset.life > now',
  'has(asset.used_at) && asset.used_at < params.since',
  'has(asset.used_at) && asset.used_at.getFullYear() > 2000 && asset.used_at.getMonth() < 6',
  'has(asset.used_at) && asset.used_at.getDate() > 15 && asset.used_at.getDayOfYear() < 100',
  'has(asset.used_at) && asset.used_at.getHours() > 11 && asset.used_at.getDayOfWeek() != 0',
  'has(asset.used_at) && asset.used_at.getMinutes() > 11 && asset.used_at.getSeconds() + asset.used_at.getMilliseconds() > 30',
  'asset.life > duration("1h") || asset.life < duration("-1s")',
  'asset.life + params.idle > days(30) && asset.life.getSeconds() > 0 && asset.life.getMilliseconds() >= 0',
  'timestamp("2026-01-01T00:00:00Z") < now',
  'has(asset.tags)',
  'asset.tags.all(t, t != "a")',
  'asset.tags.exists(t, t == "a")',
  'asset.tags.exists_one(t, t == "a")',
  '"a" in asset.tags',
  'asset.name in asset.tags',
  'asset.name in params.words && !(asset.name in params.none)',
  'size(asset.tags) == 2',
  'asset.tags == ["a", "b"]',
  'asset.tags.filter(t, t != "a").size() == 1',
  'asset.tags.filter(t, t != "a").all(t, t.startsWith("b"))',
  'asset.tags.map(t, size(t)).exists(n, n > 3)',
  'asset.tags.map(t, t != "", t + "!").all(t, t.endsWith("!"))',
  '"a!" in asset.tags.map(t, t + "!")',
  'asset.tags + ["z"] == ["z"]',
  'asset.tags.join(",") == "a,b" || asset.tags.join() == ""',
  'asset.ports.all(p, p > 0 && p + 1 > p)',
  'asset.ports.exists(p, p > params.most) == asset.on',
  'asset.ports.filter(p, p > 0).map(p, p + 1).exists(p, p % 2 == 0)',
  '(asset.on ? asset.ports : [1, 2]).exists(p, p == 2)',
  '[asset.count, 7].exists(c, c == 7)',
  '[asset.count, asset.count + 1] == [1, 2]',
  'params.words.exists(w, asset.name.startsWith(w))',
  'params.words.all(w, asset.tags.exists(t, t == w))',
  'asset.tags.exists(t, params.words.exists(w, t.startsWith(w) && asset.on))',
  'asset.keys.all(k, k.strong)',
  'asset.keys.exists(k, !k.strong && k.id != "a")',
  'asset.keys.exists_one(k, k.strong)',
  'asset.keys.exists(k, true)',
  'asset.keys.all(k, !has(k.at) || k.at < now)',
  'asset.keys.all(k, has(k.at) && now - k.at < params.idle)',
  'asset.keys.filter(k, k.strong).all(k, k.id.startsWith("a"))',
  'asset.keys.filter(k, has(k.at)).size() > 1',
  'asset.keys.map(k, k.id).exists(id, id == asset.name)',
  'asset.keys.all(k, asset.keys.exists(other, other.id == k.id && other.strong))',
  'asset.keys.exists(k, k.scopes.exists(s, s == "write"))',
  'asset.keys.all(k, size(k.scopes) < 3 && has(k.scopes))',
  'asset.keys.exists(k, k.?at.orValue(now) == now)',
  'size(asset.keys) > 1',
  '(asset.keys.exists(k, k.strong) || asset.on) && asset.keys.all(k, k.strong || asset.on)',
  'has(asset.host)',
  'has(asset.host) && asset.host.at == "a"',
  'has(asset.host) && has(asset.host.safe) && asset.host.safe',
  'asset.?host.?safe.orValue(false)',
  'asset.?host.?inner.?depth.orValue(1.0) > 0.0',
  'has(asset.host) && asset.host.ports.exists(p, p > 0)',
  'has(asset.host) && asset.host.rules.all(r, r.id != "a" || (has(r.on) && r.on))',
  'has(asset.host) && has(asset.host.inner) && has(asset.host.inner.depth) && asset.host.inner.depth > 1.0',
  'size(asset.labels) > 1',
];

/** Times and counts as literals: the last and first that 64 bits of nanoseconds hold, those beside them, and the ends of CEL. */
const TIMES = [
  '2262-04-11T23:47:16.854775807Z',
  '2262-04-11T23:47:16.854775808Z',
  '2262-04-11T23:47:17Z',
  '1677-09-21T00:12:43.145224192Z',
  '1677-09-21T00:12:43.145224191Z',
  '9999-12-31T23:59:59.999999999Z',
  '0001-01-01T00:00:00Z',
].map((time) => `timestamp("${time}")`);

const SPANS = ['9223372036854775807ns', '-9223372036854775808ns', '1ns', '-1ns'].map(
  (span) => `duration("${span}")`,
);

/** Where a literal is all that its column could not hold, or what comes of it: decided here, unknown there. */
const EDGES: readonly string[] = [
  ...TIMES.flatMap((time) => [
    `asset.?used_at.orValue(${time}) - params.idle != now`,
    `now != (asset.on ? ${time} : now) - params.idle`,
    `(asset.on ? ${time} : now) - now > params.idle`,
    `now - (asset.on ? ${time} : now) > params.idle`,
    `(asset.on ? ${time} : now) + asset.life < now`,
    `asset.?used_at.orValue(${time}) - now < asset.life`,
    `asset.?used_at.orValue(${time}) - asset.?used_at.orValue(now) < asset.life`,
    `asset.?used_at.orValue(${time}) < now`,
    `asset.?used_at.orValue(${time}) == ${time}`,
    `asset.?used_at.orValue(${time}) in [now, ${time}]`,
    `(asset.on ? ${time} : now) in [now]`,
    `now - ${time} >= params.idle`,
    `asset.on || ${time} - now < params.idle`,
    `(asset.on ? ${time} : now).getFullYear() > 2000`,
    `int(asset.?used_at.orValue(${time})) > 0`,
    `asset.keys.exists(k, k.?at.orValue(${time}) - now > params.idle)`,
    `asset.keys.all(k, k.?at.orValue(${time}) - params.idle != now)`,
    `asset.keys.map(k, k.?at.orValue(${time})).exists(t, t - now > params.idle)`,
    `[now, ${time}].exists(t, t - now > params.idle)`,
    `[now, asset.?used_at.orValue(${time})].all(t, now - t < params.idle)`,
    `(asset.on ? [${time}] : [now]) == [${time}]`,
    `([${time}] + [now])[asset.on ? 0 : 1] - now > params.idle`,
    `cel.bind(t, asset.on ? ${time} : now, t - now > params.idle && now - t < params.idle)`,
  ]),
  ...SPANS.flatMap((span) => [
    `(asset.on ? ${span} : params.idle) + asset.life > params.idle`,
    `asset.life - (asset.on ? ${span} : params.idle) > params.idle`,
    `params.idle - ${span} > asset.life || asset.on`,
    `${span} + ${span} < asset.life || asset.on`,
    `asset.?used_at.orValue(now) + (asset.on ? ${span} : params.idle) != now`,
    `asset.?used_at.orValue(now) - (asset.on ? ${span} : params.idle) > now`,
    `(asset.on ? ${span} : asset.life) in [${span}, params.idle]`,
  ]),
  '(asset.on ? 18446744073709551615u : 0u) > 7u',
  '(asset.on ? 18446744073709551615u : 0u) + 1u > 7u',
  '1u - 2u < (asset.on ? 1u : 0u)',
  'asset.on || 9223372036854775807 + 1 > asset.count',
  '(asset.on ? 9223372036854775808u : uint(asset.count)) - 1u < 7u',
  'int(asset.on ? 18446744073709551615u : uint(asset.count)) >= 0',
  'double(asset.on ? 18446744073709551615u : 1u) > 2.0',
  'uint(asset.count) in [18446744073709551615u, 7u]',
  'math.greatest(uint(asset.count), asset.on ? 18446744073709551615u : 0u) > 7u',
  '[1u, 18446744073709551615u].exists(n, n > uint(asset.count))',
  '(asset.on ? 9223372036854775807 : asset.count) + asset.count > 0',
];

/** What no element or key answers: the cause is compared, and not the path, which one compiler gives to the list and one to the map. */
const OF_KEYS: readonly string[] = [
  'asset.tags[0] == "a" || asset.tags[1] == "b"',
  'asset.keys[0].strong',
  'asset.keys[0].id == asset.keys[1].id',
  '"a" in asset.labels',
  'asset.name in asset.labels',
  'has(asset.labels.a) && asset.labels.a == "b"',
  'asset.labels["a"] == "b"',
];

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['asset.labels[asset.name] == "b"', /a key that is not constant/],
  ['string(asset.share) == "0"', /^the function double_to_string$/],
  ['duration(asset.name) > duration("1h")', /^duration\(\) of text that is not constant$/],
  ['asset.keys.exists(k, has(k.deep) && k.deep.a == 1)', /too deep for columns$/],
  ['asset.name.split(",").size() > 1', /^the function string_split_string$/],
  ['asset.labels == asset.labels', /^equality of a map and a map$/],
  ['asset.keys == asset.keys', /^equality of lists of this type$/],
  ['ip(asset.name).isLoopback()', /^the function /],
];

/** Recent for most, so that about one in six is too old under the kind's seven days. */
const seenAt = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('2026-10-30T00:00:00Z', '2026-10-25T12:00:00Z') },
  { weight: 1, arbitrary: fc.constantFrom('2026-10-25T11:59:59.999Z', '2020-01-01T00:00:00Z') },
);
const sampleOf = (of: Kind, count: number): readonly Asset[] =>
  fc
    .sample(arbitraryAsset(of, seenAt), { numRuns: count, seed: 11 })
    .map((asset, at) => ({ ...asset, id: `t${at}` }));
/** Made once: to make them takes longer than to judge them. */
const THINGS = sampleOf(kind, 200);

let trial: Trial;
before(async () => {
  trial = await openTrial({ few: true });
});
after(() => trial.close());

/** How many verdicts of each name were compared. */
async function compare(
  of: Kind,
  standards: readonly CompiledStandard[],
  assets: readonly Asset[],
  paths: boolean,
) {
  await trial.fill(
    of,
    tableOf(of),
    assets.map((asset) => rowOf(of, asset)),
  );
  const judged: Judgement = await judge({ database: trial, kind: of, standards, clock });
  const counts: Record<string, number> = { outside: 0 };
  const prepared = assets.map((asset) => preparedOf(of, asset));
  for (const each of standards) {
    assert.deepEqual(judged.refused.get(each), undefined, each.check.text);
    const closures = judgeOf(each, clock);
    for (const [index, asset] of assets.entries()) {
      const row = prepared[index];
      assert.ok(row);
      const found = judged.verdicts.get(each)?.get(asset.id);
      if (!found) {
        assert.ok(judged.left.get(each)?.includes(asset.id));
        counts.outside = (counts.outside ?? 0) + 1;
        continue;
      }
      const { verdict, reason, causes } = closures.judge(row);
      const path = paths && verdict === 'unknown' ? (causes[0]?.path ?? null) : null;
      const got = { ...found, path: paths ? ('path' in found ? found.path : null) : null };
      const right = { verdict, reason, path };
      // What is said of a difference takes longer to say than to find.
      if (!isDeepStrictEqual(got, right))
        assert.deepEqual(got, right, `${each.check.text} of ${JSON.stringify([...asset.attributes])}`);
      counts[verdict] = (counts[verdict] ?? 0) + 1;
    }
  }
  return counts;
}

test('every construct means in SQL what it means in closures, over all states of a fact', async () => {
  const counts = await compare(
    kind,
    EXPRESSIONS.map((text) => standard(text)),
    THINGS.slice(0, 150),
    true,
  );
  for (const verdict of ['pass', 'fail', 'unknown'])
    assert.ok((counts[verdict] ?? 0) > 1000, JSON.stringify(counts));
});

test('what a literal holds beyond 64 bits hides nothing that is unknown, and overflows as in closures', async () => {
  const counts = await compare(
    kind,
    EDGES.map((text) => standard(text)),
    THINGS.slice(0, 60),
    true,
  );
  for (const verdict of ['pass', 'fail', 'unknown'])
    assert.ok((counts[verdict] ?? 0) > 1000, JSON.stringify(counts));
});

test('the engine refuses branches that have no type in common, of which conversions would lose NULL', async () => {
  const mixed = 'if(number = 0, toInt64(number), toUInt64(number))';
  await assert.rejects(trial.query(`SELECT ${mixed} AS x FROM numbers(2) ${EAGER}`), /no supertype/);
});

test('indexes and keys that find nothing are unknown in both', async () => {
  const counts = await compare(
    kind,
    OF_KEYS.map((text) => standard(text)),
    THINGS.slice(0, 150),
    false,
  );
  assert.ok((counts.unknown ?? 0) > 100, JSON.stringify(counts));
});

test('scope comes before the check, reasons in their order, and each standard has its own age', async () => {
  const rules = [
    standard('asset.on', kind, { scope: { kind: 'thing', where: 'asset.count > 0' } }),
    standard('asset.on', kind, {
      scope: { kind: 'thing', where: 'has(asset.off) && asset.off' },
      evidence: { max_age: '36500d' },
    }),
    standard('asset.on', kind, { evidence: { max_age: '1h' } }),
    standard('asset.keys.all(k, k.strong)', kind, {
      reasons: ['asset.keys.exists(k, k.id == "a")', 'asset.on', 'asset.count > 0', 'true'].map(
        (when, at) => ({
          id: `r${at}`,
          when,
          say: 'a reason',
          fix: true,
        }),
      ),
    }),
  ];
  const counts = await compare(kind, rules, THINGS, true);
  assert.ok((counts['not-applicable'] ?? 0) > 100, JSON.stringify(counts));
});

test('what would double its text on every level, or make very long ones, is left to the closures', () => {
  let nested = 'asset.on';
  for (let level = 0; level < 80; level += 1)
    nested = `(${nested} ? asset.name == "${level}" : asset.name != "${level}")`;
  let text = 'size(v14) > 0';
  for (let level = 14; level > 0; level -= 1)
    text = `cel.bind(v${level}, v${level - 1}.replace("a", "aa"), ${text})`;
  const bombs = [nested, `cel.bind(v0, asset.name, ${text})`].map((check) => standard(check));
  const { refused, standards } = pass(kind, [...bombs, standard('asset.on')], clock);
  assert.deepEqual(
    refused.map(({ refusal }) => refusal.refused),
    ['an expression too long for a query', 'texts that may become very long'],
  );
  assert.equal(standards.length, 1);
});

test('what is not translated is refused by the name of its construct', () => {
  const rules = REFUSED.map(([text]) => standard(text));
  const { refused, standards } = pass(kind, [...rules, standard('asset.on')], clock);
  assert.equal(standards.length, 1);
  for (const [at, [, expected]] of REFUSED.entries())
    assert.match(refused[at]?.refusal.refused ?? '', expected);
});

test('every standard that Macadam brings is translated, and judges as closures do', async (context) => {
  const kinds = new Map(
    globSync('kinds/*.yaml', { cwd: root }).map((file) => {
      const own = kindSchema.parse(parse(readFileSync(join(root, file), 'utf8')));
      return [own.kind, own] as const;
    }),
  );
  const byKind = Map.groupBy(
    globSync('standards/*/*/standard.yaml', { cwd: root }).map((file) => {
      const definition = standardSchema.parse(parse(readFileSync(join(root, file), 'utf8')));
      const own = kinds.get(definition.scope.kind);
      assert.ok(own, file);
      const compiled = compileStandard(definition, own, { file, lineOf: () => 1, kinds });
      assert.ok('definition' in compiled, file);
      return compiled;
    }),
    ({ definition }) => definition.scope.kind,
  );
  let count = 0;
  for (const [name, standards] of byKind) {
    const own = kinds.get(name);
    assert.ok(own);
    const counts = await compare(own, standards, sampleOf(own, 80), true);
    assert.ok((counts.unknown ?? 0) > 0, `${name} ${JSON.stringify(counts)}`);
    count += standards.length;
  }
  context.diagnostic(`${count} standards, none refused`);
  assert.ok(count >= 11, `${count} standards`);
});

test('a row that makes the query throw is left to closures, and only that row', async () => {
  const assets = THINGS;
  const rows = assets.map((asset) => rowOf(kind, asset));
  await trial.fill(kind, 'kind_thing', rows);
  const rules = [standard('asset.on'), standard('asset.count > 0')];
  const sound = await judge({ database: trial, kind, standards: rules, clock });
  // An engine that fails whenever the second standard meets one certain row.
  const fragile = {
    query: async <R extends object>(sql: string, parameters = {}) =>
      trial.query<R>(
        sql.includes('`count`')
          ? sql.replace('SELECT ', "SELECT throwIf(`@id` = 't77', 'a bad row') AS bad, ")
          : sql,
        parameters,
      ),
  };
  const judged = await judge({ database: fragile, kind, standards: rules, clock });
  const [first, second] = rules as [CompiledStandard, CompiledStandard];
  assert.deepEqual(judged.verdicts.get(first), sound.verdicts.get(first));
  const expected = new Map(sound.verdicts.get(second));
  const before = sound.left.get(second) ?? [];
  expected.delete('t77');
  const sorted = (map: ReadonlyMap<string, unknown> | undefined) =>
    [...(map ?? [])].toSorted(([a], [b]) => (a < b ? -1 : 1));
  assert.deepEqual(sorted(judged.verdicts.get(second)), sorted(expected));
  assert.deepEqual(judged.left.get(second)?.toSorted(), [...new Set([...before, 't77'])].toSorted());
});

test('a query that the engine refuses whatever the rows leaves its standard to closures, and no other', async () => {
  await trial.fill(
    kind,
    'kind_thing',
    THINGS.slice(0, 20).map((asset) => rowOf(kind, asset)),
  );
  const rules = [standard('asset.on'), standard('asset.count > 0')] as const;
  const broken = {
    query: async <R extends object>(sql: string, parameters = {}) =>
      trial.query<R>(
        sql.includes('`count`') ? sql.replace('`count`', 'no_such_function(1)') : sql,
        parameters,
      ),
  };
  const judged = await judge({ database: broken, kind, standards: rules, clock });
  assert.match(judged.refused.get(rules[1])?.refused ?? '', /no_such_function/);
  assert.ok((judged.verdicts.get(rules[0])?.size ?? 0) > 0);
});
