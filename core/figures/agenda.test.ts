import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AgendaInput, agendaOf, periodOf, reviewsDue } from './agenda.ts';

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
