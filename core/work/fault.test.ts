import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CAUSES } from '../facts/observation.ts';
import { WORK_POLICY } from './batch.ts';
import { type FaultInput, type FaultWork, faultsOf, reconcileFaults, subjectOf } from './fault.ts';

const NO_FAULTS: FaultWork = { at: new Date(0).toISOString(), known: 0, opened: 0, open: new Map() };
const unknowns = function* (count: number) {
  for (let at = 0; at < count; at++)
    yield { cause: 'forbidden' as const, source: 'github', standard: `s${at % 40}` };
  yield { cause: 'stale' as const, source: 'github', standard: 's1' };
  yield { cause: 'unobserved' as const, source: null, standard: 's1' };
};
const pass = (work: FaultWork, change: Partial<FaultInput>) =>
  reconcileFaults(work, {
    tallies: [],
    heardFrom: () => null,
    policy: WORK_POLICY,
    known: work.known + 1,
    now: new Date('2026-11-02T09:00:00Z'),
    ...change,
  });

test('3,000 assets that a source left in the dark are one item for its owner', () => {
  const tallies = faultsOf(unknowns(3000), ({ of, id }) => (of === 'source' ? `owner of ${id}` : null));
  assert.deepEqual(tallies, [
    {
      subject: { of: 'source', id: 'github' },
      owner: 'owner of github',
      causes: { forbidden: 3000, stale: 1 },
    },
    { subject: { of: 'standard', id: 's1' }, owner: null, causes: { unobserved: 1 } },
  ]);
  const { events, work } = pass(NO_FAULTS, { tallies: tallies.slice(0, 1) });
  assert.deepEqual(
    events.map(({ event, item }) => [event, item.id, item.owner, item.due]),
    [['fault-opened', 'source/github/1', 'owner of github', '2026-11-09']],
  );
  const input = { tallies: faultsOf(unknowns(10), () => 'red').slice(0, 1), known: work.known };
  const less = pass(work, input);
  assert.deepEqual(less.events, []);
  const item = less.work.open.get('source/github');
  assert.deepEqual(
    [item?.causes, item?.due, item?.owner],
    [{ forbidden: 10, stale: 1 }, '2026-11-09', 'red'],
  );
  assert.deepEqual(pass(less.work, input), { work: less.work, events: [] }, 'twice is once');
});

test('it closes on what the source said since, never on silence, and not on older facts', () => {
  const opened = pass(NO_FAULTS, { tallies: faultsOf(unknowns(1), () => 'red').slice(0, 1) }).work;
  assert.deepEqual(pass(opened, {}).events, []);
  const heardFrom = () => 'collection 7';
  assert.deepEqual(pass(opened, { heardFrom, known: 0 }), { work: opened, events: [] });
  const closed = pass(opened, { heardFrom, now: new Date('2026-11-05T00:00:00Z') });
  assert.deepEqual(
    closed.events.map(({ event, item }) => [event, item.id, item.by, item.closedAt]),
    [['fault-closed', 'source/github/1', 'collection 7', '2026-11-05T00:00:00.000Z']],
  );
  assert.equal(closed.work.open.size, 0);
  const again = pass(closed.work, { tallies: faultsOf(unknowns(1), () => 'red').slice(0, 1) });
  assert.deepEqual(
    again.events.map(({ item }) => [item.id, item.openedAt]),
    [['source/github/2', '2026-11-05T00:00:00.000Z']],
  );
});

test('every cause has somebody who acts on it', () => {
  const of = (source: string | null) => CAUSES.map((cause) => subjectOf(cause, source, 's').of);
  assert.deepEqual(of('github'), ['source', 'source', 'source', 'source', 'source', 'standard', 'standard']);
  assert.deepEqual(new Set(of(null)), new Set(['standard']));
});
