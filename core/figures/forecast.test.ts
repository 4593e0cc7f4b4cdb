import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { FEWEST_STEPS, type ForecastRequest, forecast, type ObservedStep } from './forecast.ts';
import { seeded } from './seeded.ts';

const NOW = { pass: 500, fail: 500, unknown: 0 };
const step = (ended: number, began: number): ObservedStep => ({ ...NOW, ended, began, passing: 0 });
const asked = (more: Partial<ForecastRequest>): ForecastRequest => ({
  steps: Array.from({ length: 12 }, () => step(25, 2)),
  now: NOW,
  target: 0.9,
  random: seeded(7),
  ...more,
});

test('a target that is reached is met, whatever the pace was', () => {
  assert.deepEqual(forecast(asked({ now: { pass: 90, fail: 10, unknown: 0 }, steps: [] })), { kind: 'met' });
});

test('nothing in scope, too few steps and too much unknown are no forecast', () => {
  const none = { pass: 0, fail: 0, unknown: 0 };
  assert.deepEqual(forecast(asked({ now: none })), { kind: 'cannot-tell', why: 'nothing-in-scope' });
  const few = Array.from({ length: FEWEST_STEPS - 1 }, () => step(25, 2));
  assert.deepEqual(forecast(asked({ steps: few })), { kind: 'cannot-tell', why: 'too-few-steps' });
  const blind = { pass: 500, fail: 100, unknown: 400 };
  assert.deepEqual(forecast(asked({ now: blind })), { kind: 'cannot-tell', why: 'too-much-unknown' });
});

test('where as much comes in as is fixed, it is never', () => {
  const found = forecast(asked({ steps: Array.from({ length: 12 }, () => step(20, 25)) }));
  assert.equal(found.kind, 'never');
});

test('a steady pace is expected about when the sum says, and the cautious day is later', () => {
  const found = forecast(asked({}));
  assert.ok(found.kind === 'expected' && found.cautious !== null);
  // From 500 failures to 100 at 5 % a step, less what comes in: about 35 to 45 steps.
  assert.ok(found.likely > 25 && found.likely < 60, String(found.likely));
  assert.ok(found.cautious >= found.likely);
});

test('the same seed gives the same forecast', () => {
  assert.deepEqual(forecast(asked({ random: seeded(3) })), forecast(asked({ random: seeded(3) })));
});

test('fixing twice as fast is never expected later', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 5, max: 60 }), { minLength: 8, maxLength: 20 }), (ended) => {
      const slow = forecast(
        asked({ steps: ended.map((one) => step(one, 1)), random: seeded(1), futures: 200 }),
      );
      const fast = forecast(
        asked({ steps: ended.map((one) => step(2 * one, 1)), random: seeded(1), futures: 200 }),
      );
      if (slow.kind !== 'expected') return;
      assert.ok(fast.kind === 'expected' && fast.likely <= slow.likely);
    }),
    { numRuns: 25 },
  );
});
