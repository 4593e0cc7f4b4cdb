/** The laws of merging: what several sources say of one asset is a join. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonical } from '../text/canonical.ts';
import { KIND, NOW, observation } from '../verdicts/generated.test.ts';
import { assetsOf, merge } from './asset.ts';
import type { Observation, Statement } from './observation.ts';

const arrivals = fc
  .array(
    fc.record({
      source: fc.constantFrom('one', 'two'),
      hour: fc.constantFrom(0, 1, 30, 60),
      a: fc.option(
        fc.oneof(
          fc.boolean().map((value): Statement => ({ value })),
          fc.constant<Statement>({ unobserved: 'failed', why: 'x' }),
        ),
      ),
      l: fc.option(
        fc.record({
          value: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
          complete: fc.boolean(),
        }),
      ),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((list) =>
    list.map(({ source, hour, a, l }) =>
      observation(
        'x',
        { ...(a && { a }), ...(l && { l }) },
        { source, observedAt: new Date(NOW.getTime() - hour * 3_600_000).toISOString() },
      ),
    ),
  );
const said = (observations: readonly Observation[]) => canonical([...merge(KIND, observations).attributes]);

test('order, duplicates and grouping of arrivals do not matter', () => {
  fc.assert(
    fc.property(arrivals, fc.infiniteStream(fc.nat()), (list, order) => {
      const shuffled = list
        .map((one) => ({ one, key: order.next().value ?? 0 }))
        .sort((x, y) => x.key - y.key)
        .map(({ one }) => one);
      assert.equal(said(shuffled), said(list));
      assert.equal(said([...list, ...shuffled.slice(0, 2)]), said(list));
    }),
    { numRuns: 500 },
  );
});

test('what is unobserved never enters and erases nothing', () => {
  fc.assert(
    fc.property(arrivals, (list) => {
      const held = merge(KIND, list).attributes.get('a');
      const silent = observation('x', { a: { unobserved: 'forbidden', why: 'x' } }, { source: 'three' });
      const after = merge(KIND, [...list, silent]).attributes.get('a');
      if (held?.source) assert.deepEqual(after, held);
      else assert.ok(after && 'unobserved' in after.statement);
    }),
  );
});

test('the newest wins, unless another source differs within the time to settle', () => {
  const at = (hours: number, source: string, value: boolean) =>
    observation(
      'x',
      { a: { value } },
      { source, observedAt: new Date(NOW.getTime() - hours * 3_600_000).toISOString() },
    );
  const a = (...list: Observation[]) => merge(KIND, list).attributes.get('a')?.statement;
  assert.deepEqual(a(at(0, 'one', true), at(25, 'two', false)), { value: true });
  assert.deepEqual(a(at(0, 'one', true), at(24, 'two', false)), {
    unobserved: 'disputed',
    why: 'one and two disagree',
  });
  assert.deepEqual(a(at(0, 'one', true), at(1, 'one', false)), { value: true });
  assert.deepEqual(a(at(0, 'one', true), at(0, 'one', false)), {
    unobserved: 'disputed',
    why: 'one says two things at the same time',
  });
  assert.deepEqual(a(at(0, 'one', true), at(0, 'two', true)), { value: true });
});

test('partial lists unite, only a complete one removes', () => {
  const l = (...list: Statement[]) =>
    merge(
      KIND,
      list.map((one, index) => observation('x', { l: one }, { source: `s${index}` })),
    ).attributes.get('l')?.statement;
  assert.deepEqual(l({ value: [1], complete: false }, { value: [2], complete: false }), {
    value: [1, 2],
    complete: false,
  });
  assert.deepEqual(l({ value: [1] }), { value: [1] });
});

test('weaker than the kind asks for is shown and is no statement', () => {
  const strict = {
    ...KIND,
    attributes: { ...KIND.attributes, a: { ...KIND.attributes.a, assurance: 'effective', window: '90d' } },
  } as typeof KIND;
  const a = (statement: Statement) =>
    merge(strict, [observation('x', { a: statement })]).attributes.get('a')?.statement;
  assert.deepEqual(a({ value: true }), {
    unobserved: 'unobserved',
    why: 'one only knows it as configured, effective is asked for',
  });
  assert.deepEqual(a({ value: true, assurance: 'tested', window: '30d' }), {
    unobserved: 'unobserved',
    why: 'one looked back 30 days, 90 days is asked for',
  });
  assert.deepEqual(a({ value: true, assurance: 'tested', window: '90d' }), {
    value: true,
    assurance: 'tested',
    window: '90d',
  });
});

const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000).toISOString();

test('name and place are those of the newest observation, in whatever order they arrive', () => {
  const [newest, older, oldest] = [0, 5, 9].map((hours) =>
    observation(
      `n${hours}`,
      {},
      { id: 'thing/x', observedAt: hoursAgo(hours), location: { path: `${hours}` } },
    ),
  );
  assert.ok(newest && older && oldest);
  const unreadable = observation('n', {}, { id: 'thing/x', observedAt: 'some day' });
  for (const list of [
    [newest, older, oldest, unreadable],
    [unreadable, oldest, older, newest],
    [older, unreadable, newest, oldest],
  ]) {
    const { name, location } = merge(KIND, list);
    assert.deepEqual([name, location], ['n0', { path: '0' }]);
  }
  assert.equal(merge(KIND, [older]).name, 'n5');
  assert.equal('location' in merge(KIND, [unreadable]), false);
});

test('of two newest observations the same one names the asset, in whatever order they arrive', () => {
  const [a, b] = ['p', 'q'].map((name) => observation(name, {}, { id: 'thing/x' }));
  assert.ok(a && b);
  assert.equal(merge(KIND, [a, b]).name, 'p');
  assert.equal(merge(KIND, [b, a]).name, 'p');
});

test('an asset needs an observation', () => {
  assert.throws(() => merge(KIND, []), TypeError);
});

test('assets come by id, each once, and those of an unknown kind are left to the caller', () => {
  const list = ['b', 'c', 'a', 'c'].map((name) => observation(name, {}));
  const stranger = observation('a0', {}, { kind: 'stranger' });
  const assets = assetsOf(new Map([['thing', KIND]]), [stranger, ...list]);
  assert.deepEqual(
    assets.map(({ id }) => id),
    ['thing/a', 'thing/b', 'thing/c'],
  );
  // It does not take part under an id that a known kind has, either.
  const same = observation('b', { a: { value: true } }, { kind: 'stranger' });
  const [b] = assetsOf(new Map([['thing', KIND]]), [...list.slice(0, 1), same]);
  assert.equal(b?.attributes.get('a')?.source, null);
});

test('an authority is heard alone, and nobody stands in for it', () => {
  const ruled = {
    ...KIND,
    attributes: { ...KIND.attributes, a: { ...KIND.attributes.a, authority: 'two' } },
  } as typeof KIND;
  const [one, two] = ['one', 'two'].map((source) =>
    observation(
      'x',
      { a: { value: source === 'two' } },
      { source, observedAt: hoursAgo(source === 'two' ? 9 : 0) },
    ),
  );
  assert.ok(one && two);
  assert.deepEqual(merge(ruled, [one, two]).attributes.get('a')?.statement, { value: true });
  assert.deepEqual(merge(ruled, [one]).attributes.get('a')?.statement, {
    unobserved: 'unobserved',
    why: 'no source of this run looks at it',
  });
});

test('of gaps the strongest cause is told, else the remedy of the kind', () => {
  const remedied = {
    ...KIND,
    attributes: { ...KIND.attributes, a: { ...KIND.attributes.a, remedy: 'ask the host' } },
  } as typeof KIND;
  const a = (...gaps: Statement[]) =>
    merge(
      remedied,
      gaps.length === 0 ? [observation('x', {})] : gaps.map((gap) => observation('x', { a: gap })),
    ).attributes.get('a')?.statement;
  assert.deepEqual(a(), { unobserved: 'unobserved', why: 'no source of this run looks at it; ask the host' });
  assert.deepEqual(
    a(
      { unobserved: 'failed', why: 'a broken disk' },
      { unobserved: 'forbidden', why: 'no right' },
      { unobserved: 'forbidden', why: 'my door is shut' },
    ),
    { unobserved: 'forbidden', why: 'my door is shut' },
  );
});

test('agreeing sources never weaken each other, and the first of them by name is quoted', () => {
  const of = (source: string, assurance: Observation['assurance'], hours = 0) =>
    observation('x', { a: { value: true } }, { source, assurance, observedAt: hoursAgo(hours) });
  const [weak, strong] = [of('two', 'attested'), of('three', 'tested', 1)];
  for (const list of [
    [weak, strong, of('four', 'configured', 2)],
    [of('four', 'configured', 2), strong, weak],
  ]) {
    const held = merge(KIND, list).attributes.get('a');
    assert.deepEqual([held?.source, held?.assurance], ['two', 'tested']);
  }
  for (const list of [
    [of('one', 'configured'), of('two', 'configured')],
    [of('two', 'configured'), of('one', 'configured')],
  ])
    assert.equal(merge(KIND, list).attributes.get('a')?.source, 'one');
});

test('a list that was said to be complete and one that was not said to be partial are the same', () => {
  const list = merge(KIND, [
    observation('x', { l: { value: [1] } }),
    observation('x', { l: { value: [1], complete: true } }, { source: 'two' }),
  ]);
  assert.deepEqual(list.attributes.get('l')?.statement, { value: [1] });
  const other = merge(KIND, [
    observation('x', { l: { value: [1] } }),
    observation('x', { l: { value: [2], complete: true } }, { source: 'two' }),
  ]);
  assert.deepEqual(other.attributes.get('l')?.statement, {
    unobserved: 'disputed',
    why: 'one and two disagree',
  });
});

test('one partial list is enough to unite, in the order of the elements; what is no list adds nothing', () => {
  const united = merge(KIND, [
    observation('x', { l: { value: [3, 1] } }),
    observation('x', { l: { value: [2, 1], complete: false } }, { source: 'two' }),
    observation('x', { l: { value: 'many' } }, { source: 'three' }),
  ]);
  assert.deepEqual(united.attributes.get('l')?.statement, { value: [1, 2, 3], complete: false });
  const alone = merge(KIND, [observation('x', { l: { value: [2, 1], complete: false } })]);
  assert.deepEqual(alone.attributes.get('l')?.statement, { value: [1, 2], complete: false });
});

test('elements are the same by their key, else as a whole', () => {
  const k = (...lists: Statement[]) =>
    merge(
      KIND,
      lists.map((k, index) => observation('x', { k }, { source: `s${index}` })),
    ).attributes.get('k')?.statement;
  const odd = [{ p: true }, { p: false }, [1], [2], 7, 8];
  const kept = k({ value: odd, complete: false });
  assert.ok(kept && 'value' in kept && Array.isArray(kept.value));
  // Without its key, and being no record at all, each is one of which nobody knows which it is.
  const no = (what: string) => ({ unobserved: 'failed', why: `s0 says ${what}, which is no thing.k[]` });
  assert.deepEqual(
    new Set(kept.value),
    new Set([{ p: true }, { p: false }, no('[1]'), no('[2]'), no('7'), no('8')]),
  );
});
