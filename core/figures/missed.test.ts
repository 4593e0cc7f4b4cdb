import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asksWhy, countedReasons, daysLeft, signalOf } from './missed.ts';

const target = { share: 0.9, by: '2027-03-01' };

test('before its day a target is at risk, after it missed; what cannot be told is neither', () => {
  const of = (
    status: Parameters<typeof signalOf>[0]['status'],
    cause: Parameters<typeof signalOf>[0]['cause'],
  ) => signalOf({ status, cause, target });
  assert.equal(of('off-track', 'late'), 'at-risk');
  assert.equal(of('off-track', 'never'), 'at-risk');
  assert.equal(of('off-track', 'missed'), 'missed');
  assert.equal(of('cannot-tell', 'too-much-unknown'), 'cannot-tell');
  assert.equal(of('on-track', null), 'kept');
  assert.equal(of('met', null), 'kept');
  assert.equal(signalOf({ status: 'no-target', cause: 'no-target', target: null }), null);
  assert.deepEqual(
    ['2027-02-27', '2027-03-01', '2027-03-02'].map((today) => daysLeft(target.by, today)),
    [2, 0, -1],
  );
  assert.equal(asksWhy({ signal: 'missed', daysLeft: -1 }), true);
  assert.equal(asksWhy({ signal: 'cannot-tell', daysLeft: -1 }), true);
  assert.equal(asksWhy({ signal: 'kept', daysLeft: -1 }), false);
  assert.equal(asksWhy({ signal: 'at-risk', daysLeft: 0 }), false);
});

test('reasons are counted, those that are given most often first', () => {
  const misses = (['hard-to-fix', 'other', 'hard-to-fix'] as const).map((reason) => ({ reason }));
  assert.deepEqual(countedReasons(misses), [
    { reason: 'hard-to-fix', count: 2 },
    { reason: 'other', count: 1 },
  ]);
});
