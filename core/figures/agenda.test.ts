import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AgendaInput, agendaOf, periodOf, reviewsDue, unitAgendaOf } from './agenda.ts';

test('a week begins on Monday, a quarter with its first month, in UTC', () => {
  const of = (every: 'week' | 'month' | 'quarter', at: string) => periodOf(every, new Date(at));
  assert.equal(of('week', '2027-01-03T23:59:59.999Z'), '2026-12-28');
  assert.equal(of('week', '2027-01-04T00:00:00Z'), '2027-01-04');
  assert.equal(of('month', '2027-02-28T12:00:00Z'), '2027-02-01');
  assert.equal(of('quarter', '2027-06-30T23:00:00Z'), '2027-04-01');
  assert.equal(of('quarter', '2027-01-01T00:00:00Z'), '2027-01-01');
});

test('a review is due until one of its program was frozen in the period', () => {
  const programs = [
    { title: 'Week', every: 'week' as const },
    { title: 'Board', every: 'quarter' as const },
  ];
  const now = new Date('2027-01-06T12:00:00Z');
  const frozen = (number: number, title: string, frozenAt: string) => ({ number, title, frozenAt });
  const due = (...reviews: ReturnType<typeof frozen>[]) =>
    reviewsDue(programs, reviews, now).map((one) => [one.due, one.isDue, one.last]);
  assert.deepEqual(due(), [
    ['2027-01-04', true, null],
    ['2027-01-01', true, null],
  ]);
  const weekly = frozen(8, 'Week 1', '2027-01-04T09:00:00Z');
  const board = frozen(7, 'Board Q4', '2026-12-31T09:00:00Z');
  assert.deepEqual(due(weekly, board), [
    ['2027-01-04', false, 8],
    ['2027-01-01', true, 7],
  ]);
});

test('a review is of the program with the longest title that its own begins with, and each says when the next period begins', () => {
  const programs = [
    { title: 'Week', every: 'week' as const },
    { title: 'Week North', every: 'month' as const, unit: 'north', unattended: true },
  ];
  const north = { number: 3, title: 'Week North 2027-01-01', frozenAt: '2027-01-06T09:00:00Z' };
  const [all, one] = reviewsDue(programs, [north], new Date('2027-01-07T12:00:00Z'));
  assert.deepEqual([all?.isDue, all?.last, all?.next, all?.unattended], [true, null, '2027-01-11', false]);
  assert.deepEqual([one?.isDue, one?.last, one?.next, one?.unit], [false, 3, '2027-02-01', 'north']);
  for (const [every, at, next] of [
    ['week', '2027-03-28T23:00:00Z', '2027-03-29'],
    ['month', '2027-01-31T12:00:00Z', '2027-02-01'],
    ['month', '2027-02-01T00:00:00Z', '2027-03-01'],
    ['quarter', '2026-12-31T23:59:59Z', '2027-01-01'],
    ['quarter', '2027-01-01T00:00:00Z', '2027-04-01'],
    ['quarter', '2027-07-01T00:00:00Z', '2027-10-01'],
  ] as const)
    assert.equal(reviewsDue([{ title: 'one', every }], [], new Date(at))[0]?.next, next, `${every} of ${at}`);
});

test('the agenda of a unit is what fails more or less there than at the review before, the largest change first', () => {
  const stands = (id: string, fail: number, before: number | null, unknown = 0) => ({
    standard: id,
    label: id.toUpperCase(),
    fail,
    unknown,
    before: before === null ? null : { fail: before, unknown: 0 },
  });
  const actions = [{ id: '1.1', what: 'Lock', owner: 'ann', due: '2027-01-01' }];
  const items = unitAgendaOf(
    [
      stands('a', 3, 2),
      stands('b', 9, 2, 4),
      stands('c', 0, 5),
      stands('d', 0, 0),
      stands('e', 1, 1),
      stands('f', 2, null),
    ],
    { actions, today: '2027-01-06' },
  );
  assert.deepEqual(
    items.map(({ kind, says }) => `${kind} ${says}`),
    [
      'action-overdue 1.1 Lock: ann, by 2027-01-01',
      'more-failing B: 9 fail, 2 at the review before; of 4 nobody can tell',
      'more-failing F: 2 fail, 0 at the review before',
      'more-failing A: 3 fail, 2 at the review before',
      'fewer-failing C: 0 fail, 5 at the review before',
      'still-failing E: 1 fails',
    ],
  );
});

const standard = (id: string, status: AgendaInput['standards'][number]['status'], definition = 'd') => ({
  standard: id,
  label: id.toUpperCase(),
  status,
  cause: null,
  definition,
  unexplained: false,
});

test('the agenda is what changed, what cannot be told, and what was promised, the decisions first', () => {
  const items = agendaOf({
    standards: [
      standard('a', 'off-track'),
      standard('b', 'met'),
      standard('c', 'cannot-tell'),
      standard('d', 'met', 'other'),
      standard('e', 'no-target'),
      standard('f', 'off-track'),
    ],
    before: [
      { standard: 'a', status: 'on-track', definition: 'd' },
      { standard: 'b', status: 'off-track', definition: 'd' },
      { standard: 'c', status: 'cannot-tell', definition: 'd' },
      { standard: 'd', status: 'met', definition: 'd' },
      { standard: 'e', status: 'met', definition: 'd' },
    ],
    actions: [
      { id: '1.1', what: 'Buy locks', owner: 'bob', due: '2027-01-05' },
      { id: '1.2', what: 'Sell keys', owner: 'ann', due: '2027-01-06' },
    ],
    waitingExceptions: 1,
    today: '2027-01-06',
  });
  assert.deepEqual(
    items.map(({ kind, standard: of }) => [kind, of]),
    [
      ['exceptions-waiting', null],
      ['action-overdue', null],
      ['worse', 'a'],
      ['off-track', 'f'],
      ['cannot-tell', 'c'],
      ['redefined', 'd'],
      ['better', 'b'],
      ['action-open', null],
    ],
  );
  assert.equal(items[2]?.says, 'A: on track, now off track');
  assert.equal(items[1]?.says, '1.1 Buy locks: bob, by 2027-01-05');
});

test('before the first review nothing has changed, and what is open is on it', () => {
  const items = agendaOf({
    standards: [standard('a', 'off-track'), standard('b', 'met')],
    before: null,
    actions: [],
    waitingExceptions: 0,
    today: '2027-01-06',
  });
  assert.deepEqual(items, [
    { kind: 'off-track', standard: 'a', label: 'A', detail: 'off track', says: 'A: off track' },
  ]);
});

test('why a standard is off track, or cannot be told, is said in the words of every page', () => {
  const items = agendaOf({
    standards: [
      { ...standard('a', 'off-track'), cause: 'never' },
      { ...standard('b', 'cannot-tell'), cause: 'too-much-unknown' },
      { ...standard('c', 'off-track'), cause: 'late' },
    ],
    before: null,
    actions: [],
    waitingExceptions: 0,
    today: '2027-01-06',
  });
  assert.deepEqual(
    items.map(({ says }) => says),
    [
      'A: off track, never at this pace',
      'C: off track, the forecast lies after the day',
      'B: cannot tell, what is unknown decides',
    ],
  );
});

test('a target that was missed stands on it until somebody says why', () => {
  const missed = { ...standard('a', 'off-track'), cause: 'missed' as const, unexplained: true };
  const [first, second] = agendaOf({
    standards: [missed],
    before: null,
    actions: [],
    waitingExceptions: 0,
    today: '2027-01-06',
  });
  assert.deepEqual(
    [first?.kind, first?.says],
    ['missed-unexplained', 'A: its day has passed, and nobody said why it was missed'],
  );
  assert.equal(second?.kind, 'off-track');
});
