/** Whether a promise is kept: each status has its own evidence, and what was not seen makes none of them better. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { commitmentMistake, commitmentOf, type Outlook, type StatusInput, statusOf } from './target.ts';

const AT = new Date('2026-11-28T09:00:00Z');
const TARGET = { share: 0.9, by: '2027-03-31' };
const early: Outlook = { kind: 'expected', cautious: new Date('2027-03-31T20:00:00Z') };
const late: Outlook = { kind: 'expected', cautious: new Date('2027-04-01T00:00:00Z') };
const stands = (more: Partial<StatusInput>) =>
  statusOf({ atLeast: 0.5, atMost: 0.6, target: TARGET, at: AT, forecast: null, ...more });

const cases: readonly (readonly [string, Partial<StatusInput>, string, string | null])[] = [
  ['no target', { target: null }, 'no-target', 'no-target'],
  ['nothing in scope', { atLeast: null, atMost: null }, 'cannot-tell', 'nothing-in-scope'],
  ['at least the target', { atLeast: 0.9, atMost: 0.95 }, 'met', null],
  ['the target met after its day', { atLeast: 0.9, atMost: 1, at: new Date('2028-01-01') }, 'met', null],
  ['no forecast', {}, 'cannot-tell', 'too-few-steps'],
  ['a forecast in time, on the last day', { forecast: early }, 'on-track', null],
  ['a forecast that is late', { forecast: late }, 'off-track', 'late'],
  [
    'a forecast without a cautious date',
    { forecast: { kind: 'expected', cautious: null } },
    'off-track',
    'late',
  ],
  ['a pace that never arrives', { forecast: { kind: 'never' } }, 'off-track', 'never'],
  [
    'a forecast that cannot tell',
    { forecast: { kind: 'cannot-tell', why: 'too-much-unknown' } },
    'cannot-tell',
    'too-much-unknown',
  ],
  ['a day that has passed', { at: new Date('2027-04-01') }, 'off-track', 'missed'],
  [
    'a day that has passed while what is unknown decides',
    { atMost: 0.9, at: new Date('2027-04-01') },
    'cannot-tell',
    'too-much-unknown',
  ],
  [
    'a container that was not listed whole, of a target that is reached otherwise',
    { atLeast: 1, atMost: 1, containers: { whole: 4, total: 5 } },
    'on-track',
    'not-listed-whole',
  ],
  [
    'a container that was not listed whole when the day has passed',
    { atLeast: 1, atMost: 1, containers: { whole: 4, total: 5 }, at: new Date('2027-04-01') },
    'cannot-tell',
    'not-listed-whole',
  ],
  [
    'a container that was not listed whole, of a target that is out of reach of what is known',
    { forecast: { kind: 'never' }, containers: { whole: 4, total: 5 } },
    'cannot-tell',
    'not-listed-whole',
  ],
  [
    'containers that were listed whole',
    { atLeast: 1, atMost: 1, containers: { whole: 5, total: 5 } },
    'met',
    null,
  ],
];
for (const [what, input, status, cause] of cases)
  test(`${what}: ${status}`, () => assert.deepEqual(stands(input), { status, cause }));

test('looking less never makes a standard met, nor off track once its day has passed', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const at = fc.constantFrom(AT, new Date('2027-04-01'));
  fc.assert(
    fc.property(fc.tuple(share, share, share, share), at, (shares, moment) => {
      const [least = 0, less = 0, more = 0, most = 0] = shares.toSorted((x, y) => x - y);
      const before = stands({ atLeast: less, atMost: more, at: moment }).status;
      const after = stands({ atLeast: least, atMost: most, at: moment }).status;
      assert.ok(after === before || after === 'cannot-tell', `${before} became ${after}`);
      const short = stands({ atLeast: less, atMost: more, at: moment, containers: { whole: 0, total: 1 } });
      assert.notEqual(short.status, 'met');
      assert.notEqual(short.status, 'off-track');
    }),
  );
});

test('what the company says stands over what the standard says, part by part', () => {
  const promised = { id: 'a', target: TARGET, accountable: 'Head of code' };
  assert.deepEqual(commitmentOf(promised, {}), { target: TARGET, accountable: 'Head of code' });
  assert.deepEqual(commitmentOf(promised, { a: { by: '2028-01-01' }, b: { share: 1 } }), {
    target: { share: 0.9, by: '2028-01-01' },
    accountable: 'Head of code',
  });
  assert.deepEqual(commitmentOf({ id: 'a' }, { a: { share: 1, accountable: 'me' } }), {
    target: null,
    accountable: 'me',
  });
  assert.match(commitmentMistake({ id: 'a' }, { a: { share: 1 } }) ?? '', /no day: add `by`/);
  assert.match(commitmentMistake({ id: 'a' }, { a: { by: '2028-01-01' } }) ?? '', /no share: add `share`/);
  assert.equal(commitmentMistake({ id: 'a' }, { a: { accountable: 'me' } }), null);
  assert.equal(commitmentMistake(promised, { a: { share: 1 } }), null);
});
