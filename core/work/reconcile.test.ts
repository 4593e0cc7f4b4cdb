import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noWork, withdrawnStandings } from '@macadam/testing/work/standard-work';
import type { Exception } from '../verdicts/exception.ts';
import { type Batch, MS_OF_DAY, remaining, WORK_POLICY } from './batch.ts';
import {
  type FailingAsset,
  type ReconcileInput,
  reconcile,
  type StandardWork,
  type WorkEvent,
  type WorkStanding,
} from './reconcile.ts';

const START = Date.parse('2026-11-02T09:00:00Z');
const ID = 'keys-rotate';

const pass = (work: StandardWork, change: Partial<ReconcileInput>) =>
  reconcile(work, {
    standard: { id: ID, severity: 'high', opens: true },
    standings: [],
    exceptions: [],
    policy: WORK_POLICY,
    now: new Date(START),
    known: work.known + 1,
    ...change,
  });
const standing = (asset: string, verdict: WorkStanding['verdict'], more: Partial<WorkStanding> = {}) => ({
  asset,
  verdict,
  owner: 'red',
  by: `seen ${verdict}`,
  ...more,
});
const told = (events: readonly WorkEvent[]) =>
  events.map((one) =>
    one.event === 'left'
      ? `${one.departure.asset} left ${one.batch}: ${one.departure.why} by ${one.departure.by}`
      : one.event === 'failing-again'
        ? `${one.asset} fails again: ${one.exception} ${one.why}`
        : one.event === 'paused'
          ? `${one.asset} in ${one.batch} paused by ${one.exception} until ${one.until}`
          : `${one.event} ${one.batch.id} of ${one.batch.owner} due ${one.batch.due}: ${remaining(one.batch).join(' ')}`,
  );

test('a batch from its opening to its end, in words', () => {
  const first = pass(noWork(ID), { standings: [standing('b', 'F'), standing('a', 'F'), standing('c', 'P')] });
  assert.deepEqual(told(first.events), ['opened keys-rotate/1 of red due 2026-12-02: a b']);
  const later = pass(first.work, { standings: [standing('c', 'F'), standing('a', 'U')] });
  assert.deepEqual(told(later.events), [], 'the next batch is a week away, and unknown is no pass');
  const passed = pass(later.work, { standings: [standing('a', 'P'), standing('b', 'O', { gone: true })] });
  assert.deepEqual(told(passed.events), [
    'a left keys-rotate/1: passed by seen P',
    'b left keys-rotate/1: gone by seen O',
    'closed keys-rotate/1 of red due 2026-12-02: ',
  ]);
  const early = pass(passed.work, { now: new Date(START + 7 * MS_OF_DAY - 1) });
  assert.deepEqual(told(early.events), []);
  const week = pass(early.work, { now: new Date(START + 7 * MS_OF_DAY) });
  assert.deepEqual(told(week.events), ['opened keys-rotate/2 of red due 2026-12-09: c']);
  const withdrawn = pass(week.work, { standings: withdrawnStandings(week.work, 'commit 12ab') });
  assert.deepEqual(told(withdrawn.events), [
    'c left keys-rotate/2: out-of-scope by commit 12ab',
    'closed keys-rotate/2 of red due 2026-12-09: ',
  ]);
});

test('what was gone while it was to be done and comes back keeps its date, and 14 days at least', () => {
  const first = pass(noWork(ID), { standings: [standing('a', 'F'), standing('b', 'F')] });
  const gone = pass(first.work, { standings: ['a', 'b'].map((one) => standing(one, 'O', { gone: true })) });
  const back = {
    standings: ['a', 'b', 'new'].map((one) => standing(one, 'F')),
    returned: new Map([
      ['a', '2026-12-02'],
      ['b', '2026-11-12'],
    ]),
    now: new Date(START + 7 * MS_OF_DAY),
  };
  assert.deepEqual(told(pass(gone.work, back).events), [
    'opened keys-rotate/2 of red due 2026-11-23: b',
    'opened keys-rotate/3 of red due 2026-12-02: a',
    'opened keys-rotate/4 of red due 2026-12-09: new',
  ]);
});

test('what changes hands keeps a date that is far enough, and is not overdue where it first arrives', () => {
  const first = pass(noWork(ID), { standings: [standing('a', 'F'), standing('b', 'F')] });
  const soon = pass(first.work, { standings: [standing('a', 'F', { owner: 'blue' })] });
  assert.deepEqual(told(soon.events), [
    'a left keys-rotate/1: reassigned by blue',
    'opened keys-rotate/2 of blue due 2026-12-02: a',
  ]);
  const overdue = new Date('2026-12-24T00:00:00Z');
  const late = pass(soon.work, { standings: [standing('b', 'U', { owner: 'blue' })], now: overdue });
  assert.deepEqual(told(late.events), [
    'b left keys-rotate/1: reassigned by blue',
    'closed keys-rotate/1 of red due 2026-12-02: ',
    'opened keys-rotate/3 of blue due 2027-01-07: b',
  ]);
  const nobody = pass(late.work, { standings: [standing('b', 'F', { owner: null })], now: overdue });
  assert.deepEqual(told(nobody.events), [], 'what has no owner for a while stays with the one that it had');
});

test('an exception pauses members where they are, and after its end they are due no earlier than 14 days later', () => {
  const exception: Exception = {
    id: 'e',
    standard: ID,
    assets: ['*'],
    reason: 'until it is replaced',
    approver: 'cy',
    until: '2026-12-10',
    accepted: { a: 'two ports', b: null },
  };
  const exceptions = [exception];
  const failing = [standing('a', 'F', { value: 'two ports' }), standing('b', 'F')];
  const first = pass(noWork(ID), { standings: failing });
  const granted = pass(first.work, { exceptions });
  assert.deepEqual(told(granted.events), [
    'a in keys-rotate/1 paused by e until 2026-12-10',
    'b in keys-rotate/1 paused by e until 2026-12-10',
  ]);
  assert.deepEqual(remaining(granted.work.open.get('keys-rotate/1') as Batch), ['a', 'b'], 'they fail still');
  const clock = (work: StandardWork, asset: string) => {
    const { excepted, exceptedUntil, dueFrom, batch } = work.failing.get(asset) as FailingAsset;
    return { excepted, exceptedUntil, dueFrom, batch };
  };
  assert.deepEqual(clock(granted.work, 'b'), {
    excepted: 'e',
    exceptedUntil: '2026-12-10',
    dueFrom: '2026-12-25',
    batch: 'keys-rotate/1',
  });
  const drifted = pass(granted.work, {
    exceptions,
    standings: [standing('a', 'F', { value: 'five ports' })],
  });
  assert.deepEqual(told(drifted.events), ['a fails again: e drifted']);
  assert.equal(clock(drifted.work, 'a').dueFrom, '2026-11-16', '14 days from when it was seen');
  const last = pass(drifted.work, { exceptions, now: new Date('2026-12-10T23:59:59.999Z') });
  assert.deepEqual(told(last.events), []);
  const over = pass(last.work, { exceptions, now: new Date('2027-01-20T00:00:00Z') });
  assert.deepEqual(told(over.events), ['b fails again: e ended']);
  assert.deepEqual(clock(over.work, 'b'), {
    excepted: null,
    exceptedUntil: null,
    dueFrom: '2026-12-25',
    batch: 'keys-rotate/1',
  });
  const passed = pass(over.work, { standings: [standing('a', 'P'), standing('b', 'P')] });
  assert.equal(passed.work.open.size, 0, 'it closes by what was seen alone');
});

test('an exception that is ended early leaves 14 days from there, and what changes hands takes its pause along', () => {
  const exception: Exception = {
    id: 'e',
    standard: ID,
    assets: ['a'],
    reason: 'until it is replaced',
    approver: 'cy',
    until: '2027-03-01',
  };
  const first = pass(noWork(ID), { standings: [standing('a', 'F')] });
  const granted = pass(first.work, { exceptions: [exception] });
  const moved = pass(granted.work, {
    exceptions: [exception],
    standings: [standing('a', 'F', { owner: 'blue' })],
  });
  assert.deepEqual(told(moved.events), [
    'a left keys-rotate/1: reassigned by blue',
    'closed keys-rotate/1 of red due 2026-12-02: ',
    'opened keys-rotate/2 of blue due 2026-12-02: a',
  ]);
  assert.equal(moved.work.failing.get('a')?.exceptedUntil, '2027-03-01');
  const now = new Date('2026-11-20T12:00:00Z');
  const ended = pass(moved.work, {
    exceptions: [{ ...exception, ended_at: '2026-11-20T09:00:00Z' }],
    now,
  });
  assert.deepEqual(told(ended.events), ['a fails again: e ended']);
  assert.equal(ended.work.failing.get('a')?.dueFrom, '2026-12-04');
});

test('a new owner has 14 days once a failure, so two teams that pass it to and fro win nothing', () => {
  const fails = (owner: string) => ({ standings: [standing('a', 'F', { owner })] });
  const first = pass(noWork(ID), fails('red'));
  const handed = pass(first.work, { ...fails('blue'), now: new Date('2026-11-30T09:00:00Z') });
  const due = ({ events }: typeof first) => told(events).filter((one) => one.startsWith('opened'));
  assert.deepEqual(due(handed), ['opened keys-rotate/2 of blue due 2026-12-14: a']);
  const back = pass(handed.work, { ...fails('red'), now: new Date('2026-12-10T09:00:00Z') });
  assert.deepEqual(due(back), ['opened keys-rotate/3 of red due 2026-12-14: a']);
  const again = pass(back.work, { ...fails('blue'), now: new Date('2026-12-24T09:00:00Z') });
  assert.deepEqual(due(again), ['opened keys-rotate/4 of blue due 2026-12-14: a'], 'it stays overdue');
  const fixed = pass(again.work, { standings: [standing('a', 'P')], now: new Date('2026-12-25T09:00:00Z') });
  const anew = pass(fixed.work, { ...fails('red'), now: new Date('2027-01-10T09:00:00Z') });
  const later = pass(anew.work, { ...fails('blue'), now: new Date('2027-02-08T09:00:00Z') });
  assert.deepEqual(due(later), ['opened keys-rotate/6 of blue due 2027-02-22: a'], 'another failure');
});

test('what is only measured waits, and a failure keeps the earlier of two beginnings', () => {
  const only = { standard: { id: ID, severity: 'high' as const, opens: false } };
  const since = '2026-10-01T00:00:00+02:00';
  const measured = pass(noWork(ID), { ...only, standings: [standing('a', 'F', { since })] });
  assert.deepEqual(told(measured.events), []);
  const earlier = pass(measured.work, { standings: [standing('a', 'F', { since: '2026-10-01T00:00:00Z' })] });
  assert.equal(earlier.work.failing.get('a')?.since, since, 'it is two hours before the other');
  assert.deepEqual(told(earlier.events), ['opened keys-rotate/1 of red due 2026-12-02: a']);
});

test('before the first pass nothing is known, and facts of the same number are heard again', () => {
  assert.deepEqual(noWork(ID), {
    standard: ID,
    at: '1970-01-01T00:00:00.000Z',
    known: 0,
    opened: 0,
    lastOpened: new Map(),
    failing: new Map(),
    open: new Map(),
  });
  const zero = pass(noWork(ID), { standings: [standing('a', 'F')], known: 0 });
  assert.equal(zero.work.open.size, 1);
  const same = pass(zero.work, { standings: [standing('a', 'P')], known: 0 });
  assert.equal(same.work.open.size, 0, 'the clock alone may have changed');
  assert.deepEqual(pass(same.work, { standings: [standing('a', 'F')], known: -1 }), {
    work: same.work,
    events: [],
  });
});

test('what cannot be told keeps the exception that it has, and another one that accepted a value takes nothing over', () => {
  const any: Exception = {
    id: 'any',
    standard: ID,
    assets: ['a'],
    approver: 'ciso',
    reason: 'one may have what it wants',
    until: '2026-11-10',
  };
  const own = { ...any, id: 'own', reason: 'as it stood at first', accepted: { a: 'one' } };
  const failing = pass(noWork(ID), { standings: [standing('a', 'F', { value: 'one' })] });
  const hidden = pass(failing.work, { standings: [standing('a', 'U')], exceptions: [any, own] });
  assert.equal(hidden.work.failing.get('a')?.excepted, 'any');
  const again = pass(hidden.work, { exceptions: [any, own] });
  assert.equal(again.work.failing.get('a')?.excepted, 'any', 'twice is once');
  const seen = pass(again.work, {
    standings: [standing('a', 'F', { value: 'one' })],
    exceptions: [any, own],
  });
  assert.equal(seen.work.failing.get('a')?.excepted, 'own');
  const kept = pass(seen.work, { standings: [standing('a', 'U')], exceptions: [own] });
  assert.equal(kept.work.failing.get('a')?.excepted, 'own');
});

test('an exception may call an asset by its name, and one without an id is told by its reason', () => {
  const exception: Exception = {
    standard: ID,
    assets: ['db*'],
    reason: 'until it is replaced',
    approver: 'cy',
    until: '2026-12-31',
  };
  const named = { standings: [standing('server/1', 'F', { name: 'db1' })], exceptions: [exception] };
  const { work, events } = pass(noWork(ID), named);
  assert.deepEqual(told(events), ['server/1 in null paused by until it is replaced until 2026-12-31']);
  assert.equal(work.failing.get('server/1')?.excepted, 'until it is replaced');
  assert.equal(pass(work, { exceptions: [] }).events[0]?.event, 'failing-again');
});

test('departures and batches are told in the order of ids, whatever the order of standings', () => {
  const failing = ['c', 'a', 'b'].map((asset) => standing(asset, 'F', { owner: asset }));
  const first = pass(noWork(ID), { standings: failing });
  assert.deepEqual(
    first.events.map((one) => one.event === 'opened' && [one.batch.id, one.batch.owner]),
    [
      ['keys-rotate/1', 'a'],
      ['keys-rotate/2', 'b'],
      ['keys-rotate/3', 'c'],
    ],
  );
  const moved = pass(first.work, {
    standings: failing.map((one) => ({ ...one, owner: one.asset === 'c' ? 'blue' : 'green' })),
  });
  assert.deepEqual(
    moved.events.flatMap((one) =>
      one.event === 'opened' ? [[one.batch.id, one.batch.owner, one.batch.members]] : [],
    ),
    [
      ['keys-rotate/4', 'blue', ['c']],
      ['keys-rotate/5', 'green', ['a', 'b']],
    ],
  );
  assert.deepEqual([...moved.work.open.keys()], ['keys-rotate/4', 'keys-rotate/5']);
  assert.equal(moved.work.lastOpened.has('green'), false, 'what changed hands is not the batch of the week');
  const again = pass(moved.work, { standings: [standing('d', 'F', { owner: 'green' })] });
  assert.equal(again.work.failing.get('d')?.batch, 'keys-rotate/6');
});

test('a batch opens as nobody has touched it', () => {
  const { events } = pass(noWork(ID), { standings: [standing('a', 'F')] });
  assert.deepEqual(events, [
    {
      event: 'opened',
      batch: {
        id: 'keys-rotate/1',
        standard: ID,
        owner: 'red',
        of: 'failures',
        due: '2026-12-02',
        openedAt: '2026-11-02T09:00:00.000Z',
        members: ['a'],
        departures: [],
        closedAt: null,
        claimedBy: null,
        snoozedUntil: null,
        snoozes: 0,
        disputes: [],
        comments: [],
      },
    },
  ]);
});

test('by ring work opens for those alone whose ring warns, and for the others when theirs does', () => {
  const ring = (open: readonly string[]) => ({
    standard: {
      id: ID,
      severity: 'high' as const,
      opens: true,
      opensFor: ({ id }: { readonly id: string }, owner: string) => open.includes(owner) || open.includes(id),
    },
  });
  const standings = [
    standing('a', 'F', { owner: 'red' }),
    standing('b', 'F', { owner: 'green' }),
    standing('c', 'F', { owner: 'green' }),
  ];
  const first = pass(noWork(ID), { ...ring(['red', 'c']), standings });
  const opened = ({ events }: typeof first) =>
    events.flatMap((one) => (one.event === 'opened' ? [[one.batch.owner, one.batch.members]] : []));
  assert.deepEqual(opened(first), [
    ['green', ['c']],
    ['red', ['a']],
  ]);
  const later = pass(first.work, {
    ...ring(['red', 'green']),
    standings,
    now: new Date('2026-11-20T09:00:00Z'),
  });
  assert.deepEqual(opened(later), [['green', ['b']]]);
});
