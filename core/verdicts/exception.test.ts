/** Exceptions: for whom, until when, and what people must be told of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Exception,
  endOf,
  exceptionFor,
  exceptionMistake,
  exceptionSchema,
  idleExceptions,
  selects,
} from './exception.ts';

const NOW = new Date('2026-11-01T00:00:00Z');

test('an exception is over by itself at the end of its last day', () => {
  const exception = {
    standard: 'generated',
    assets: ['x*'],
    reason: 'a stated reason',
    approver: '@a',
    until: '2026-11-02',
  };
  const asset = { id: 'thing/x1', name: 'x1' };
  const at = (time: string) => exceptionFor([exception], 'generated', asset, new Date(time));
  assert.equal(at('2026-11-02T23:59:59.999Z'), exception);
  assert.equal(at('2026-11-03T00:00:00Z'), null);
  assert.equal(exceptionFor([exception], 'another', asset, NOW), null);
  assert.equal(exceptionFor([exception], 'generated', { id: 'thing/y', name: 'y' }, NOW), null);
});

const exception = (more: Partial<Exception> = {}): Exception => ({
  standard: 'generated',
  assets: ['x'],
  reason: 'a stated reason',
  approver: '@a',
  until: '2026-12-01',
  ...more,
});

test('it ends with its last day, UTC', () => {
  assert.equal(endOf(exception()).toISOString(), '2026-12-02T00:00:00.000Z');
});

test('nobody is excepted for longer than 180 days at a time', () => {
  assert.equal(exceptionMistake(exception({ until: '2027-04-30' }), NOW), null);
  assert.equal(
    exceptionMistake(exception({ until: '2027-05-01' }), NOW),
    'an exception ends after at most 180 days: the latest date is 2027-04-30',
  );
});

test('an asset is meant by its name or by its id', () => {
  const found = (asset: { id: string; name: string }) =>
    exceptionFor([exception()], 'generated', asset, NOW) !== null;
  assert.equal(found({ id: 'thing/1', name: 'x' }), true);
  assert.equal(found({ id: 'x', name: 'another' }), true);
  assert.equal(found({ id: 'thing/1', name: 'another' }), false);
  const several = exception({ assets: ['w', 'x'] });
  assert.equal(exceptionFor([several], 'generated', { id: 'thing/1', name: 'x' }, NOW), several);
});

test('an exception names assets, a reason that can be followed, somebody and a day', () => {
  const accepted = (more: object) => exceptionSchema.safeParse({ ...exception(), ...more }).success;
  assert.equal(accepted({}), true);
  for (const wrong of [
    { assets: [] },
    { assets: [''] },
    { reason: 'too short' },
    { approver: '@' },
    { until: '2026-02-30' },
    { standard: 'No id' },
    { more: 1 },
  ])
    assert.equal(accepted(wrong), false, JSON.stringify(wrong));
});

test('of several exceptions in force the one that ends last counts, then the first reason', () => {
  const [a, b, c] = [
    exception({ until: '2026-11-20', reason: 'b stated reason' }),
    exception({ until: '2026-12-01', reason: 'c stated reason' }),
    exception({ until: '2026-12-01', reason: 'b stated reason' }),
  ];
  const asset = { id: 'thing/x', name: 'x' };
  for (const list of [
    [a, b, c],
    [c, b, a],
    [b, a, c],
    [b, c, a],
  ])
    assert.equal(exceptionFor(list, 'generated', asset, NOW), c);
});

test('a star stands for any characters, and what stands beside it for itself', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['x', 'x', true],
    ['x', 'xy', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['a*', 'ab', true],
    ['a*', 'ba', false],
    ['*b', 'ab', true],
    ['*b', 'ba', false],
    ['a*c', 'abc', true],
    ['a*c', 'ac', true],
    ['a*c', 'abd', false],
    // A part may not be counted twice.
    ['aa*aa', 'aaa', false],
    ['aa*aa', 'aaaa', true],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c', false],
    ['a*bc*cd', 'abcd', false],
    ['a*bc*cd', 'abccd', true],
    ['*x*x*', 'x', false],
    ['*x*x*', 'xx', true],
    ['a*b*b', 'ab', false],
  ];
  for (const [selector, text, expected] of cases)
    assert.equal(selects(selector, text), expected, `${selector} and ${text}`);
});

test('what covers nothing is told: what has ended, and names that nothing answers to', () => {
  const judged = (standard: string) =>
    standard === 'generated'
      ? [
          { id: 'thing/x1', name: 'x1' },
          { id: 'thing/y', name: 'y' },
        ]
      : undefined;
  const idle = (at: string, ...list: Exception[]) =>
    idleExceptions(list, judged, new Date(at)).map(({ path, reason }) => [path.join('.'), reason]);
  const live = exception({ assets: ['x*', 'thing/y'] });
  assert.deepEqual(idle('2026-12-01T23:59:59.999Z', live), []);
  assert.deepEqual(idle('2026-12-02T00:00:00Z', exception({ assets: ['nobody'] }), live), [
    [
      '0.until',
      'the exception ended on 2026-12-01 and covers nothing any more; take it out, or have it approved anew',
    ],
    [
      '1.until',
      'the exception ended on 2026-12-01 and covers nothing any more; take it out, or have it approved anew',
    ],
  ]);
  assert.deepEqual(idle('2026-11-01T00:00:00Z', live, exception({ assets: ['x1', 'z', 'y'] })), [
    [
      '1.assets.1',
      'no asset that generated looks at in this run is called `z`, so nothing is excepted by it; correct the name, or take it out',
    ],
  ]);
  assert.deepEqual(idle('2026-11-01T00:00:00Z', exception({ standard: 'another' })), []);
});
