/** The laws of merging: what several sources say of one asset is a join. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { merge } from './asset.ts';
import { canonical } from './canonical.ts';
import { KIND, NOW, observation } from './generated.test.ts';
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
    why: 'one looked back 30d, 90d is asked for',
  });
  assert.deepEqual(a({ value: true, assurance: 'tested', window: '90d' }), {
    value: true,
    assurance: 'tested',
    window: '90d',
  });
});
