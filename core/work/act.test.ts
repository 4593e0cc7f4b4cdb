import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { act, defects, isQuiet, type WorkAct } from './act.ts';
import { type Batch, byPlace, dueOf, overdue, remaining, WORK_POLICY } from './batch.ts';

const NOW = new Date('2026-11-02T09:00:00Z');
const BATCH: Batch = {
  id: 's/1',
  standard: 's',
  owner: 'red',
  of: 'failures',
  openedAt: '2026-11-01T00:00:00.000Z',
  due: '2026-12-01',
  members: ['a', 'b', 'c'],
  departures: [{ asset: 'c', why: 'passed', by: 'o', at: '2026-11-01T00:00:00.000Z' }],
  closedAt: null,
  claimedBy: null,
  snoozedUntil: null,
  snoozes: 0,
  disputes: [],
  comments: [],
};
const run = (batch: Batch, what: WorkAct, by = 'ada', now = NOW) =>
  act(batch, what, { by, now, policy: WORK_POLICY });
const done = (batch: Batch, what: WorkAct, by = 'ada', now = NOW): Batch => {
  const found = run(batch, what, by, now);
  assert.ok('batch' in found, JSON.stringify(found));
  return found.batch;
};
const refused = (batch: Batch, what: WorkAct, by = 'ada', now = NOW): string => {
  const found = run(batch, what, by, now);
  assert.ok('refusal' in found);
  return `${found.refusal.field}: ${found.refusal.reason}; ${found.refusal.fix}`;
};

test('of two who claim at once the second is told of the first', () => {
  const claimed = done(BATCH, { act: 'claim' });
  assert.equal(claimed.claimedBy, 'ada');
  assert.deepEqual(done(claimed, { act: 'claim' }), claimed);
  assert.match(refused(claimed, { act: 'claim' }, 'bo'), /ada has claimed it; ask them to release it/);
  assert.match(refused(claimed, { act: 'release' }, 'bo'), /bo has not claimed it/);
  assert.equal(done(claimed, { act: 'release' }).claimedBy, null);
});

test('a snooze ends, within the due date, and there are two of them', () => {
  const once = done(BATCH, { act: 'snooze', until: '2026-11-16' });
  assert.deepEqual([once.snoozedUntil, once.due], ['2026-11-16', BATCH.due]);
  assert.equal(isQuiet(once, new Date('2026-11-16T23:59:59Z')), true);
  assert.equal(isQuiet(once, new Date('2026-11-17T00:00:00Z')), false);
  assert.equal(isQuiet(BATCH, NOW), false);
  assert.equal(isQuiet({ ...BATCH, closedAt: 'x' }, NOW), true);
  assert.match(
    refused(BATCH, { act: 'snooze', until: '2026-11-17' }),
    /until: it is too far away; name 2026-11-16 or a day before/,
  );
  assert.match(refused(BATCH, { act: 'snooze', until: '2026-11-02' }), /is no later day/);
  assert.match(refused(BATCH, { act: 'snooze', until: 'soon' }), /`soon` is no later day/);
  const late = new Date('2026-11-28T00:00:00Z');
  assert.match(refused(BATCH, { act: 'snooze', until: '2026-12-02' }, 'ada', late), /name 2026-12-01/);
  assert.match(
    refused(BATCH, { act: 'snooze', until: '2026-12-05' }, 'ada', new Date('2026-12-03T00:00:00Z')),
    /it is due: do it/,
  );
  const twice = done(once, { act: 'snooze', until: '2026-11-10' });
  assert.match(refused(twice, { act: 'snooze', until: '2026-11-10' }), /snoozed 2 times already/);
});

const at = (now: string) => ({ now, policy: WORK_POLICY });
const FALSE: WorkAct = { act: 'dispute', assets: ['a'], why: 'it is not a key' };

test('a dispute stops the clock of what it names, for 14 days at most, once', () => {
  const disputed = done(BATCH, FALSE);
  const due = (batch: Batch, asset: string, now: string) => dueOf(batch, asset, at(now));
  const late = (now: string) => overdue(disputed, at(now));
  assert.equal(due(disputed, 'a', NOW.toISOString()), '2026-12-01');
  assert.equal(due(disputed, 'a', '2026-11-05T09:00:00.000Z'), '2026-12-04');
  assert.equal(due(disputed, 'a', '2026-11-05T09:00:00.001Z'), '2026-12-05', 'a day that began counts');
  assert.equal(due(disputed, 'b', '2026-11-05T09:00:00.000Z'), '2026-12-01');
  assert.equal(due(disputed, 'a', '2027-03-01T00:00:00.000Z'), '2026-12-15');
  assert.deepEqual(late('2026-12-01T23:59:59.000Z'), []);
  assert.deepEqual(late('2026-12-02T00:00:00.000Z'), ['b']);
  assert.deepEqual(late('2026-12-15T23:59:59.000Z'), ['b'], 'its last day is not over');
  assert.deepEqual(late('2026-12-16T00:00:00.000Z'), ['a', 'b']);
  assert.match(
    refused(disputed, { ...FALSE, assets: ['a', 'b'] }, 'bo'),
    /ada has disputed some of them already/,
  );
  assert.match(refused(BATCH, { ...FALSE, assets: ['c'] }), /c is not to be done here/);
  assert.match(refused(BATCH, { ...FALSE, assets: [] }), /it names no asset/);
  assert.match(refused(BATCH, { ...FALSE, why: 'wrong' }), /at least ten characters/);
});

test('an exception makes a member due some days after its end, whatever else stopped its clock', () => {
  const pauses = new Map([
    ['a', { exception: 'e1', until: '2027-01-31', dueFrom: '2027-02-15' }],
    ['b', { exception: null, until: null, dueFrom: '2026-11-20' }],
  ]);
  const clock = { ...at('2026-12-20T00:00:00.000Z'), pauses };
  assert.equal(dueOf(BATCH, 'a', clock), '2027-02-15');
  assert.equal(dueOf(BATCH, 'b', clock), '2026-12-01', 'it ended long before the batch is due');
  assert.deepEqual(overdue(BATCH, clock), ['b']);
  assert.deepEqual(overdue(BATCH, { ...clock, now: '2027-02-16T00:00:00.000Z' }), ['a', 'b']);
});

test('the standard’s owner settles it: upheld, it counts against the standard; rejected, the clock runs again', () => {
  const disputed = done(BATCH, { ...FALSE, assets: ['b', 'a'] });
  assert.deepEqual(disputed.disputes[0]?.assets, ['a', 'b']);
  const yes: WorkAct = { act: 'settle', asset: 'a', upheld: true, why: 'the pattern is wrong' };
  assert.match(refused(disputed, yes), /ada disputed it; let the owner of the standard decide/);
  assert.match(refused(BATCH, yes, 'cy'), /nobody disputes a/);
  const later = new Date('2026-11-04T09:00:00Z');
  const upheld = done(disputed, yes, 'cy', later);
  assert.deepEqual([defects(upheld), defects(disputed), remaining(upheld)], [2, 0, ['a', 'b']]);
  assert.match(refused(upheld, yes, 'cy'), /cy has settled it/);
  const rejected = done(disputed, { ...yes, upheld: false }, 'cy', later);
  assert.equal(defects(rejected), 0);
  assert.equal(dueOf(rejected, 'a', at('2027-01-01T00:00:00.000Z')), '2026-12-03');
  assert.equal(dueOf(upheld, 'a', at('2027-01-01T00:00:00.000Z')), '2026-12-15');
});

test('what has closed takes comments only', () => {
  const closed = { ...BATCH, closedAt: '2026-11-02T00:00:00.000Z' };
  assert.match(refused(closed, { act: 'claim' }), /s\/1 has closed/);
  assert.deepEqual(done(closed, { act: 'comment', text: 'thanks' }).comments, [
    { by: 'ada', at: NOW.toISOString(), text: 'thanks' },
  ]);
  assert.match(refused(BATCH, { act: 'comment', text: ' ' }), /text: it is empty/);
});

test('assets of one file stand together, and those without a file under their repository', () => {
  const places = byPlace({ ...BATCH, departures: [] }, (asset) =>
    asset === 'c' ? { repository: 'r' } : { repository: 'r', path: 'f' },
  );
  assert.deepEqual(
    [...(places.get('r') ?? [])],
    [
      ['f', ['a', 'b']],
      ['', ['c']],
    ],
  );
});

test('thirty items that are six files read as six', () => {
  const batch = { ...BATCH, members: Array.from({ length: 30 }, (_, at) => `x${at}`), departures: [] };
  const places = byPlace(batch, (asset) => {
    const at = Number(asset.slice(1));
    return at === 29 ? null : { repository: `r${at % 2}`, path: `f${at % 6}` };
  });
  assert.deepEqual(
    [...places].map(([repository, paths]) => [repository, [...paths.keys()].sort()]),
    [
      ['r0', ['f0', 'f2', 'f4']],
      ['r1', ['f1', 'f3', 'f5']],
      ['', ['x29']],
    ],
  );
});

const assets = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'z'));
const day = fc.integer({ min: 1, max: 30 }).map((one) => `2026-11-${String(one).padStart(2, '0')}`);
const anything: fc.Arbitrary<WorkAct> = fc.oneof(
  fc.record({ act: fc.constantFrom('claim' as const, 'release' as const) }),
  fc.record({ act: fc.constant('snooze' as const), until: day }),
  fc.record({ act: fc.constant('dispute' as const), assets, why: fc.constantFrom('no', 'it is not so') }),
  fc.record({
    act: fc.constant('settle' as const),
    asset: fc.constantFrom('a', 'b'),
    upheld: fc.boolean(),
    why: fc.constant('so'),
  }),
);

test('whatever people do at once, dates, members and departures stay, and nothing closes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(anything, fc.constantFrom('ada', 'bo'), day), { maxLength: 12 }),
      (acts) => {
        let batch = BATCH;
        for (const [what, by, on] of acts) {
          const found = run(batch, what, by, new Date(`${on}T12:00:00Z`));
          if ('batch' in found) batch = found.batch;
        }
        for (const field of ['id', 'due', 'members', 'departures', 'closedAt', 'owner', 'openedAt'] as const)
          assert.deepEqual(batch[field], BATCH[field]);
        assert.ok(batch.snoozes <= WORK_POLICY.snoozes && (batch.snoozedUntil ?? '') <= batch.due);
        const disputed = batch.disputes.flatMap((one) => one.assets);
        assert.equal(new Set(disputed).size, disputed.length, 'once an asset');
        for (const { by, settled } of batch.disputes) assert.notEqual(settled?.by, by);
      },
    ),
  );
});
