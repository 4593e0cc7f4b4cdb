/** The laws of what several statements say together, over values of every shape. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runs } from '@macadam/testing/runs';
import fc from 'fast-check';
import { kindSchema } from '../kinds/kind.ts';
import { canonical } from '../text/canonical.ts';
import { NOW, observation } from '../verdicts/generated.test.ts';
import { type Asset, merge, retained } from './asset.ts';
import { isUnobserved, type Known, type Observation, type Statement, type Value } from './observation.ts';

const description = 'Something that is looked at.';
const KIND = kindSchema.parse({
  kind: 'thing',
  description,
  key: ['s'],
  fresh_for: '6d',
  attributes: {
    s: { type: 'string', description },
    b: { type: 'bool', description },
    t: { type: 'timestamp', optional: true, description },
    u: { type: 'duration', description },
    l: { type: 'list', of: 'string', description },
    times: { type: 'list', of: 'timestamp', description },
    k: {
      type: 'list',
      element_key: 'id',
      description,
      of: {
        id: { type: 'int' },
        ok: { type: 'bool' },
        at: { type: 'timestamp', optional: true },
        n: { type: 'list', of: 'int', optional: true },
      },
    },
    pairs: { type: 'list', description, of: { x: { type: 'int' }, y: { type: 'bool', optional: true } } },
    m: { type: 'map', of: 'string', description },
    r: {
      type: 'record',
      description,
      fields: { ok: { type: 'bool' }, at: { type: 'timestamp', optional: true } },
    },
  },
});
const HOUR = 3_600_000;
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * HOUR).toISOString();
const said = (name: string, statement: Statement, source = 'a', hours = 0): Observation =>
  observation('x', { [name]: statement }, { source, observedAt: hoursAgo(hours) });
const held = (name: string, ...all: readonly Observation[]) => merge(KIND, all).attributes.get(name);
const statement = (name: string, ...all: readonly Observation[]) => held(name, ...all)?.statement;
const partial = (value: Value): Known => ({ value, complete: false });

const WHY = 'withheld by the test';
const hole = { unobserved: 'forbidden', why: WHY } as const;
const small = fc.integer({ min: 0, max: 3 });
const moment = fc.constantFrom(
  '2026-01-01T00:00:00Z',
  '2026-01-01T00:00:00.000Z',
  '2026-01-01T01:00:00+01:00',
  '2026-02-01T00:00:00Z',
);
const or = (of: fc.Arbitrary<unknown>, ...others: readonly unknown[]) =>
  fc.oneof({ weight: 5, arbitrary: of }, { weight: 1, arbitrary: fc.constantFrom(hole, ...others) });
const record = (model: Record<string, fc.Arbitrary<unknown>>, requiredKeys: string[]) =>
  fc.record(model, { requiredKeys, noNullPrototype: true });
const element = record(
  {
    id: or(small, 'one'),
    ok: or(fc.boolean(), 7),
    at: or(moment),
    n: or(fc.array(small, { maxLength: 3 }), 'many'),
  },
  ['id'],
);
const few = (of: fc.Arbitrary<unknown>) => or(fc.array(or(of), { maxLength: 3 }), 'none', { a: 1 });
const VALUES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  b: or(fc.boolean(), 'yes'),
  t: or(moment, 7),
  u: or(fc.constantFrom('60s', '1m', '2m'), true),
  l: few(fc.constantFrom('x', 'y', 'z')),
  times: few(moment),
  k: few(element),
  pairs: few(record({ x: or(small), y: or(fc.boolean()) }, ['x'])),
  m: or(
    fc.dictionary(fc.constantFrom('a', 'b'), or(fc.constantFrom('x', 'y'), 7), { noNullPrototype: true }),
  ),
  r: or(record({ ok: or(fc.boolean(), 7), at: or(moment) }, [])),
};
/** Several statements of one attribute, by sources that repeat themselves. */
const anything: fc.Arbitrary<readonly Observation[]> = fc
  .constantFrom(...Object.keys(VALUES), 'k', 'k')
  .chain((name) =>
    fc
      .array(
        fc.record({
          source: fc.constantFrom('a', 'b', 'c'),
          hours: fc.constantFrom(0, 0, 1, 23, 24, 25, 47, 48, 49, 60, 100),
          assurance: fc.constantFrom('attested' as const, 'tested' as const),
          receivedAt: fc.constantFrom(hoursAgo(0), hoursAgo(-1)),
          value: VALUES[name] ?? fc.boolean(),
          complete: fc.constantFrom(true, false, undefined),
          absent: fc.nat(9).map((one) => one === 0 && name !== 'b'),
        }),
        { minLength: 1, maxLength: 6 },
      )
      .map((all) =>
        all.map(({ value, complete, absent, source, hours, ...more }) => {
          const known = { value, ...(complete !== undefined && { complete }) } as Statement;
          return { ...said(name, absent ? { absent } : known, source, hours), ...more };
        }),
      ),
  );
/** Of the attributes that anything was said of. */
const text = (asset: Asset) =>
  canonical([...asset.attributes].filter(([, one]) => !canonical(one).includes('no source of this run')));

test('order, duplicates and grouping of arrivals do not matter, whatever is said', () => {
  fc.assert(
    fc.property(anything, fc.infiniteStream(fc.nat()), (all, order) => {
      const shuffled = [...all, ...all.slice(0, 3)]
        .map((one) => [order.next().value ?? 0, one] as const)
        .sort(([a], [b]) => a - b)
        .map(([, one]) => one);
      assert.equal(text(merge(KIND, shuffled)), text(merge(KIND, all)));
    }),
    { numRuns: runs(3000) },
  );
});

test('what was merged stays the same when it is merged again', () => {
  fc.assert(
    fc.property(anything, (all) => {
      for (const [name, { statement: once, source, observedAt }] of merge(KIND, all).attributes) {
        if (source === null || observedAt === null) continue;
        const again = merge(KIND, [observation('x', { [name]: once }, { source, observedAt })]);
        assert.deepEqual(again.attributes.get(name)?.statement, once);
      }
    }),
    { numRuns: runs(1000) },
  );
});

test('what is not telling can be forgotten: the rest says the same', () => {
  fc.assert(
    fc.property(anything, (all) => {
      const kept = [...retained(KIND, all)];
      assert.ok(kept.length > 0 && kept.length <= all.length);
      assert.equal(text(merge(KIND, kept)), text(merge(KIND, all)));
    }),
    { numRuns: runs(2000) },
  );
});

/** Says less of a value: holes in places, and parts of lists. */
function less(value: Value, draw: () => number): Value {
  if (Array.isArray(value)) return (value as Value[]).map((one) => less(one, draw)).sort(() => draw() - 1.5);
  if (typeof value !== 'object' || isUnobserved(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      name !== 'id' && draw() === 0 ? hole : less(field as Value, draw),
    ]),
  );
}

const knows = (observations: readonly Observation[], id: Value | undefined) =>
  observations.some(({ attributes: { k } }) =>
    ((k as Known).value as unknown as readonly Readonly<Record<string, Value>>[]).some(
      (word) => word.id === id && !isUnobserved(word.ok),
    ),
  );

test('sources that each say a part of one truth, spelled as they like, never contradict each other or it', () => {
  const ids = fc.uniqueArray(small, { maxLength: 4 });
  const truth = fc.record({
    l: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 }),
    k: ids.chain((all) =>
      fc.tuple(
        ...all.map((id) =>
          fc.record({ id: fc.constant(id), ok: fc.boolean(), n: fc.uniqueArray(small, { maxLength: 2 }) }),
        ),
      ),
    ),
    r: fc.record({ ok: fc.boolean() }),
  });
  const looks = fc.array(
    fc.record({
      source: fc.constantFrom('a', 'b', 'c'),
      hours: fc.integer({ min: 0, max: 47 }),
      whole: fc.boolean(),
      t: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01T00:00:00.0Z', '2026-01-01T01:00:00+01:00'),
      u: fc.constantFrom('60s', '1m', '0.5m30s'),
    }),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(truth, looks, fc.infiniteStream(fc.nat(3)), (real, all, choices) => {
      const draw = () => choices.next().value ?? 0;
      const part = <T extends Value>(of: readonly T[], whole: boolean) =>
        ({
          value: less(
            of.filter(() => whole || draw() > 0),
            draw,
          ),
          complete: whole,
        }) as Statement;
      const observations = all.map(({ source, hours, whole, t, u }) =>
        observation(
          'x',
          {
            t: { value: t },
            u: { value: u },
            l: part(real.l, whole),
            k: part(real.k as unknown as Value[], whole),
            r: { value: less(real.r, draw) },
          },
          { source, observedAt: hoursAgo(hours) },
        ),
      );
      const asset = merge(KIND, observations);
      assert.ok(!text(asset).includes('disputed'), text(asset));
      const now = (name: string) =>
        (asset.attributes.get(name)?.statement as Known | undefined) ?? { value: [] };
      const whole = all.some((one) => one.whole);
      const l = now('l');
      assert.equal(l.complete ?? true, whole || (l.complete ?? true));
      if (whole) assert.deepEqual([l.value, now('l').complete ?? true], [[...real.l].sort(), true]);
      const k = now('k').value as unknown as readonly Readonly<Record<string, Value>>[];
      if (whole) assert.equal(k.length, real.k.length);
      assert.deepEqual(
        k.map(({ id }) => id),
        k.map(({ id }) => id).sort(),
      );
      for (const one of k) {
        const original = real.k.find(({ id }) => id === one.id);
        assert.ok(original);
        if (!isUnobserved(one.ok)) assert.equal(one.ok, original.ok);
        if (!isUnobserved(one.n)) assert.deepEqual(one.n, [...original.n].sort());
        // What anybody saw is known.
        const seen = knows(observations, one.id);
        assert.equal(isUnobserved(one.ok), !seen);
        // Nothing of it is older than the whole: what is stale decides nothing.
        const since = asset.attributes.get('k')?.observedAt ?? '';
        const young = observations.filter(({ observedAt }) => observedAt >= since);
        assert.ok(!seen || knows(young, one.id));
      }
    }),
    { numRuns: runs(1000) },
  );
});

test('of an element of which sources say different things within the time to settle, just that is disputed', () => {
  const list = (ok: boolean) => [{ id: 1, ok, n: [2] }];
  const disputed = (why: string) => [{ id: 1, ok: { unobserved: 'disputed', why }, n: [2] }];
  for (const complete of [true, false]) {
    for (const first of [true, false]) {
      const [a, b] = [said('k', { value: list(first), complete }), said('k', partial(list(!first)), 'b', 1)];
      const now = statement('k', a, b) as Known;
      assert.deepEqual([now.value, now.complete ?? true], [disputed('a and b disagree'), complete]);
      assert.deepEqual(statement('k', a, said('k', partial(list(!first)), 'b', 25)), a.attributes.k);
    }
    // One statement may do so by itself, in either order.
    for (const value of [
      [...list(true), ...list(false)],
      [...list(false), ...list(true)],
    ]) {
      const now = statement('k', said('k', { value, complete })) as Known;
      assert.deepEqual([now.value, now.complete], [disputed('a says two things at the same time'), complete]);
    }
  }
});

test('a list has no order of its own, and each element once', () => {
  const l = (...value: string[]) => said('l', { value }, value[0]);
  assert.deepEqual(statement('l', l('y', 'x', 'y'), l('x', 'y')), { value: ['x', 'y'] });
  assert.deepEqual(statement('l', l('\u{1F600}', '\uFFEE', 'a')), { value: ['a', '\uFFEE', '\u{1F600}'] });
  const k = [10, 9].map((id) => ({ id, ok: true }));
  assert.deepEqual(statement('k', said('k', { value: k })), { value: k.toReversed() });
  const times = ['2026-01-01T00:00:00.5Z', '2026-01-01T01:00:00+01:00', '2026-01-01T00:00:00Z'];
  assert.deepEqual(statement('times', said('times', { value: times })), {
    value: ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.5Z'],
  });
});

test('what does not fit its kind is no statement: it erases nothing, and says why where nothing else is known', () => {
  const good = said('b', { value: true }, 'a', 48);
  const bad = said('b', { value: 'yes' }, 'b');
  assert.deepEqual(held('b', good, bad), held('b', good));
  assert.deepEqual(statement('b', bad), { unobserved: 'failed', why: 'b says "yes", which is no bool' });
  assert.deepEqual(statement('b', good, said('b', { value: hole }, 'b')), { value: true });
  assert.deepEqual(statement('b', said('b', { value: hole })), hole);
  assert.deepEqual(statement('k', said('k', { value: [{ id: 1, ok: 'yes', other: 1 }] })), {
    value: [{ id: 1, ok: { unobserved: 'failed', why: 'a says "yes", which is no bool' } }],
  });
});

test('a hole within a value says nothing, and erases nothing', () => {
  const full = said('k', { value: [{ id: 1, ok: true }] }, 'a', 1);
  const holed = said('k', { value: [{ id: 1, ok: hole }] }, 'b');
  assert.deepEqual(statement('k', full, holed), { value: [{ id: 1, ok: true }] });
  assert.equal(held('k', full, holed)?.observedAt, hoursAgo(1));
  assert.deepEqual(statement('k', holed), { value: [{ id: 1, ok: hole }] });
  const again = said('k', { value: [{ id: 1, ok: hole }] });
  assert.deepEqual(statement('k', full, again), { value: [{ id: 1, ok: true }] });
  // What is too old to be a part leaves the hole.
  assert.deepEqual(statement('k', said('k', { value: [{ id: 1, ok: true }] }, 'a', 49), again), {
    value: [{ id: 1, ok: hole }],
  });
  const r = (value: Value, hours: number) => said('r', { value }, 'a', hours);
  assert.deepEqual(statement('r', r({ ok: true, at: '2026-01-01T00:00:00Z' }, 9), r({ ok: hole }, 0)), {
    value: { ok: true },
  });
  assert.deepEqual(held('r', r({ ok: true }, 99), r({ ok: hole, at: hole }, 0))?.observedAt, hoursAgo(99));
});

test('a partial list takes away nothing that it did not look at', () => {
  const l = (value: readonly string[], complete: boolean, source: string, hours: number) =>
    said('l', { value, complete }, source, hours);
  const whole = l(['a', 'b'], true, 'a', 2);
  const now = held('l', whole, l(['a'], false, 'b', 0));
  assert.deepEqual([now?.statement, now?.observedAt], [{ value: ['a', 'b'], complete: true }, hoursAgo(2)]);
  // From each source's last complete one on: the whole is as old as the oldest part of it.
  const parts = [l(['x'], false, 'a', 30), l(['y'], false, 'a', 0)];
  assert.deepEqual(statement('l', ...parts), partial(['x', 'y']));
  assert.equal(held('l', ...parts)?.observedAt, hoursAgo(30));
  assert.deepEqual(statement('l', ...parts, l(['z'], true, 'a', 20)), partial(['y', 'z']));
  assert.deepEqual(statement('l', ...parts, l(['z'], true, 'b', 3)), partial(['y', 'z']));
  // Two days are a third of six; what is older would make all of it stale too soon.
  assert.deepEqual(statement('l', l(['bad'], true, 'b', 48), l(['a'], false, 'a', 0)), partial(['a', 'bad']));
  assert.deepEqual(statement('l', l(['bad'], true, 'b', 49), l(['a'], false, 'a', 0)), partial(['a']));
});

test('an element that could be another leaves open how many there are', () => {
  const complete = (name: string, ...value: readonly Value[]) => {
    const now = statement(name, said(name, { value })) as Known;
    return now.complete ?? true;
  };
  assert.equal(complete('l', hole), true);
  assert.equal(complete('l', 'x', hole), false);
  assert.equal(complete('pairs', { x: 1, y: hole }, { x: 2, y: hole }), true);
  assert.equal(complete('pairs', { x: 1, y: hole }, { x: 1, y: true }), false);
  // An optional field that is not there is absent, and could be so where it is not known.
  assert.equal(complete('pairs', { x: 1, y: hole }, { x: 1 }), false);
  assert.equal(complete('pairs', { x: hole, y: true }, { x: 1 }), true);
  assert.equal(complete('k', { id: hole, ok: true }, { id: 1, ok: false }), false);
  assert.equal(complete('k', { id: 2, ok: hole }, { id: 1, ok: hole }), true);
});

/** How often the fields of elements were read while they were merged. */
function readsOf(all: (counted: Counted) => readonly Observation[]): number {
  let reads = 0;
  const counted: Counted = (fields) => {
    const element = {};
    for (const [name, value] of Object.entries(fields)) {
      const get = () => {
        reads += 1;
        return value;
      };
      Object.defineProperty(element, name, { enumerable: true, get });
    }
    return element;
  };
  merge(KIND, all(counted));
  return reads;
}

type Counted = (fields: Readonly<Record<string, Value>>) => Value;

test('twice as many elements, or twice as many sources, are read about twice as often', () => {
  const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);
  const shapes: Readonly<Record<string, (count: number) => (counted: Counted) => readonly Observation[]>> = {
    'elements out of order': (count) => (counted) => [
      said('k', { value: numbers(count).map((id) => counted({ id: count - id, ok: true })) }),
    ],
    'the same said twice at one time': (count) => (counted) =>
      [1, 2].map(() =>
        said('k', { value: numbers(count).map((id) => counted({ id: count - id, ok: true })) }),
      ),
    'every element twice': (count) => (counted) => [
      said('k', { value: numbers(count).map((id) => counted({ id: id % (count / 2), ok: true })) }),
    ],
    'elements without a key': (count) => (counted) => [
      said('k', { value: numbers(count).map(() => counted({ id: hole, ok: true })) }),
    ],
    'elements known in part': (count) => (counted) => [
      said('pairs', { value: numbers(count).map((x) => counted({ x, y: hole })) }),
    ],
    'two sources that differ everywhere': (count) => (counted) =>
      [true, false].map((ok) =>
        said('k', { value: numbers(count).map((id) => counted({ id: count - id, ok })) }, ok ? 'a' : 'b'),
      ),
    'sources that say the same': (count) => (counted) =>
      numbers(count).map((at) =>
        said('k', { value: [2, 1].map((id) => counted({ id, ok: true })) }, `source-${at}`),
      ),
    'sources that list a part': (count) => (counted) =>
      numbers(count).map((at) =>
        said('k', partial([at, 0].map((id) => counted({ id, ok: true }))), `source-${at}`),
      ),
  };
  for (const [what, of] of Object.entries(shapes)) {
    const [once, twice] = [readsOf(of(100)), readsOf(of(200))];
    assert.ok(once > 0 && twice < 2.5 * once, `${what}: ${once} reads, then ${twice}`);
  }
});

test('of elements known in part it is said whether two of them could be one, however they were left open', () => {
  const complete = (...value: readonly Value[]) =>
    ((statement('pairs', said('pairs', { value })) as Known).complete ?? true) === true;
  const open = (x: Value, ...rest: readonly Value[]): Value => ({
    x,
    ...(rest[0] !== undefined && { y: rest[0] }),
  });
  // Each leaves another place open: the second of the one could be the first of the other.
  assert.equal(complete(open(1, hole), open(hole, true)), false);
  assert.equal(complete(open(1, hole), open(2, true), open(3, true)), true);
  // No field that is absent is one that is known to be there.
  assert.equal(complete(open(hole), open(hole, true)), true);
  assert.equal(complete(open(hole), open(1, true)), true);
  assert.equal(complete(open(hole), open(hole)), false);
  assert.equal(complete(open(hole, 7), open(1)), true);
  assert.equal(complete(open(hole, 7), open(1, true)), false);
});
