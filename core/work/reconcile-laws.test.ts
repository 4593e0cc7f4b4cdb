import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noWork, withdrawnStandings } from '@macadam/testing/work/standard-work';
import fc from 'fast-check';
import { type Exception, endOf, exceptionFor } from '../verdicts/exception.ts';
import { act } from './act.ts';
import { type Batch, dayAfter, dueOf, MS_OF_DAY, remaining, WORK_POLICY } from './batch.ts';
import {
  type Reconciled,
  type ReconcileInput,
  reconcile,
  type StandardWork,
  type WorkStanding,
} from './reconcile.ts';

const START = Date.parse('2026-11-02T09:00:00Z');
const ID = 'keys-rotate';

/** The world as it is, the exceptions that were approved, and what reconcile made of it. */
interface Lived {
  now: number;
  known: number;
  seen: number;
  readonly world: Map<string, WorkStanding>;
  exceptions: Exception[];
  work: StandardWork;
  opens: boolean;
  /** Every `by` of a passing or inapplicable standing, with its asset. */
  readonly shown: Set<string>;
  readonly ids: Set<string>;
}

type Step =
  | {
      readonly step: 'observe';
      readonly assets: readonly number[];
      readonly verdict: WorkStanding['verdict'];
      readonly gone: boolean;
    }
  | { readonly step: 'silence' | 'late' | 'rollout' }
  | { readonly step: 'reassign'; readonly assets: readonly number[]; readonly owner: string | null }
  | { readonly step: 'reorganise'; readonly from: string; readonly into: string }
  | {
      readonly step: 'except';
      readonly assets: readonly number[];
      readonly days: number;
      readonly value: boolean;
    }
  | { readonly step: 'end' | 'drift'; readonly pick: number }
  | { readonly step: 'pass-time'; readonly hours: number }
  | { readonly step: 'to-the-end-of-an-exception'; readonly pick: number; readonly early: boolean }
  | {
      readonly step: 'act';
      readonly pick: number;
      readonly kind: number;
      readonly by: string;
      readonly asset: number;
    };

const team = fc.constantFrom('red', 'green', 'blue');
const some = fc.uniqueArray(fc.nat({ max: 7 }), { minLength: 1, maxLength: 8 });
const pick = fc.nat({ max: 20 });
const stepOf: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      step: fc.constant('observe' as const),
      assets: some,
      verdict: fc.constantFrom('P', 'F', 'F', 'F', 'U', 'O') as fc.Arbitrary<WorkStanding['verdict']>,
      gone: fc.boolean(),
    }),
  },
  fc.record({ step: fc.constantFrom('silence' as const, 'late' as const, 'rollout' as const) }),
  fc.record({ step: fc.constant('reassign' as const), assets: some, owner: fc.option(team) }),
  fc.record({ step: fc.constant('reorganise' as const), from: team, into: team }),
  fc.record({
    step: fc.constant('except' as const),
    assets: some,
    days: fc.nat({ max: 20 }),
    value: fc.boolean(),
  }),
  fc.record({ step: fc.constantFrom('end' as const, 'drift' as const), pick }),
  fc.record({ step: fc.constant('pass-time' as const), hours: fc.nat({ max: 24 * 20 }) }),
  fc.record({ step: fc.constant('to-the-end-of-an-exception' as const), pick, early: fc.boolean() }),
  fc.record({
    step: fc.constant('act' as const),
    pick,
    kind: fc.nat({ max: 6 }),
    by: fc.constantFrom('ada', 'bo'),
    asset: fc.nat({ max: 7 }),
  }),
);
const severity = fc.constantFrom('critical' as const, 'high' as const);
const history = fc.record({ severity, steps: fc.array(stepOf, { maxLength: 25 }) });

const name = (asset: number) => `asset-${asset}`;
const at = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(1, list.length)];
const inputOf = (
  lived: Lived,
  level: 'critical' | 'high',
  standings: Iterable<WorkStanding>,
): ReconcileInput => ({
  standard: { id: ID, severity: level, opens: lived.opens },
  standings,
  exceptions: lived.exceptions,
  policy: WORK_POLICY,
  now: new Date(lived.now),
  known: lived.known,
});

function begin(): Lived {
  const empty = { world: new Map(), exceptions: [], shown: new Set<string>(), ids: new Set<string>() };
  return { ...empty, now: START, known: 1, seen: 0, work: noWork(ID), opens: true };
}

/** Changes the world; returns the assets of which something new is known. */
function happen(lived: Lived, step: Step): string[] {
  const { world } = lived;
  const say = (asset: string, change: Partial<WorkStanding>): string => {
    const before = world.get(asset) ?? { asset, verdict: 'P', owner: 'red', by: '', value: 'one' };
    lived.seen += 1;
    const next: WorkStanding = { ...before, ...change, by: `observation ${lived.seen}` };
    if (next.verdict === 'P' || next.verdict === 'O') lived.shown.add(`${asset} ${next.by}`);
    world.set(asset, next);
    return asset;
  };
  switch (step.step) {
    case 'observe':
      return step.assets.map((one) => say(name(one), { verdict: step.verdict, gone: step.gone }));
    case 'reassign':
      return step.assets.map((one) => say(name(one), { owner: step.owner }));
    case 'reorganise':
      return [...world.values()]
        .filter(({ owner }) => owner === step.from)
        .map(({ asset }) => say(asset, { owner: step.into }));
    case 'drift': {
      const one = at([...world.keys()], step.pick);
      return one === undefined ? [] : [say(one, { value: `another ${lived.seen}` })];
    }
    case 'except':
      lived.exceptions = [
        ...lived.exceptions,
        {
          id: `exception ${lived.exceptions.length}`,
          standard: ID,
          assets: ['*'],
          reason: 'for the test',
          approver: 'cy',
          until: dayAfter(new Date(lived.now).toISOString(), step.days),
          approved_at: new Date(lived.now).toISOString(),
          accepted: Object.fromEntries(
            step.assets.map((one) => [name(one), step.value ? (world.get(name(one))?.value ?? 'one') : null]),
          ),
        },
      ];
      return [];
    case 'end': {
      const ended = at(lived.exceptions, step.pick);
      lived.exceptions = lived.exceptions.map((one) =>
        one === ended && one.ended_at === undefined
          ? { ...one, ended_at: new Date(lived.now).toISOString() }
          : one,
      );
      return [];
    }
    case 'to-the-end-of-an-exception': {
      const ending = at(lived.exceptions, step.pick);
      if (ending) lived.now = Math.max(lived.now, endOf(ending).getTime() - Number(step.early));
      return [];
    }
    case 'pass-time':
      lived.now += step.hours * 3_600_000;
      return [];
    case 'rollout':
      lived.opens = !lived.opens;
      return [];
    case 'act':
      actOn(lived, step);
      return [];
    default:
      return [];
  }
}

function actOn(lived: Lived, { pick: index, kind, by, asset }: Step & { readonly step: 'act' }): void {
  const batch = at([...lived.work.open.values()], index);
  if (!batch) return;
  const until = dayAfter(new Date(lived.now).toISOString(), 3);
  const what = [
    { act: 'claim' as const },
    { act: 'release' as const },
    { act: 'snooze' as const, until },
    { act: 'dispute' as const, assets: [name(asset)], why: 'the verdict is false' },
    { act: 'settle' as const, asset: name(asset), upheld: true, why: 'it is' },
    { act: 'settle' as const, asset: name(asset), upheld: false, why: 'it is not' },
    { act: 'comment' as const, text: 'soon' },
  ][kind];
  if (!what) return;
  const acted = act(batch, what, { by, now: new Date(lived.now), policy: WORK_POLICY });
  if ('batch' in acted) {
    lived.work = { ...lived.work, open: new Map([...lived.work.open, [batch.id, acted.batch]]) };
  }
}

/** Lives through a history and checks after every step what must always hold. */
function live(
  { severity: level, steps }: { readonly severity: 'critical' | 'high'; readonly steps: readonly Step[] },
  check: (before: StandardWork, after: Reconciled, input: ReconcileInput, lived: Lived) => void,
): Lived {
  const lived = begin();
  for (const step of steps) {
    const changed = happen(lived, step);
    if (step.step === 'late') {
      const stale = {
        ...inputOf(lived, level, withdrawnStandings(lived.work, 'long ago')),
        known: lived.work.known - 1,
      };
      const { work, events } = reconcile(lived.work, stale);
      assert.equal(work, lived.work, 'what is older than the last pass changes nothing');
      assert.deepEqual(events, []);
    }
    lived.known += 1;
    // All that is known, or only what changed; a source that fell silent says nothing of anything.
    const told =
      step.step === 'silence'
        ? []
        : lived.seen % 2 === 0
          ? [...lived.world.values()]
          : changed.flatMap((asset) => lived.world.get(asset) ?? []);
    const input = inputOf(lived, level, told);
    const before = lived.work;
    const after = reconcile(before, input);
    lived.work = after.work;
    check(before, after, input, lived);
  }
  return lived;
}

const excepted = (lived: Lived, asset: string): Exception | null => {
  const value = lived.world.get(asset)?.value;
  const subject = { id: asset, name: asset, ...(value !== undefined && { value: () => value }) };
  return exceptionFor(lived.exceptions, ID, subject, new Date(lived.now));
};

const holding = (work: StandardWork, asset: string): Batch[] =>
  [...work.open.values()].filter((batch) => remaining(batch).includes(asset));

test('every failing, not excepted asset is in exactly one open batch or in the next to open', () => {
  fc.assert(
    fc.property(history, (one) => {
      live(one, (_, { work }, __, lived) => {
        for (const { asset, verdict, owner } of lived.world.values()) {
          const held = holding(work, asset);
          const known = work.failing.get(asset);
          assert.ok(held.length <= 1, `${asset} is in ${held.length} batches`);
          assert.equal(known?.batch ?? null, held[0]?.id ?? null);
          if (verdict === 'P' || verdict === 'O') assert.equal(known, undefined);
          if (verdict === 'U') assert.ok(known === undefined || known.unknown);
          if (verdict !== 'F') continue;
          assert.ok(known, `${asset} fails, and nothing knows of it`);
          const exception = excepted(lived, asset);
          assert.equal(
            known.excepted,
            exception?.id ?? null,
            'excepted exactly while an exception is in force',
          );
          if (exception) {
            assert.equal(known.exceptedUntil, exception.until);
            const end = dayAfter(endOf(exception).toISOString(), WORK_POLICY.resume);
            assert.equal(known.dueFrom, end, 'due no earlier than 14 days after the exception');
          } else if (known.batch === null && owner !== null && lived.opens) {
            const last = Date.parse(work.lastOpened.get(owner) ?? '');
            assert.notEqual(one.severity, 'critical', 'what is critical opens at once');
            assert.ok(lived.now - last < WORK_POLICY.every * MS_OF_DAY, 'it was the owner’s turn');
          }
          if (held[0] && owner !== null) assert.equal(held[0].owner, owner);
        }
      });
    }),
    { numRuns: 400 },
  );
});

test('twice is once, in any order, and what was given is left as it was', () => {
  fc.assert(
    fc.property(history, (one) => {
      live(one, (before, after, input) => {
        const again = reconcile(after.work, input);
        assert.deepEqual(again.events, []);
        assert.deepEqual(again.work, after.work);
        const copy = structuredClone(before);
        const reversed = reconcile(before, { ...input, standings: [...input.standings].reverse() });
        assert.deepEqual(before, copy);
        assert.deepEqual(reversed.work, after.work);
      });
    }),
    { numRuns: 200 },
  );
});

test('all that is known and only what changed come to the same', () => {
  fc.assert(
    fc.property(history, (one) => {
      live(one, (before, after, input, lived) => {
        if (lived.work.failing.size === 0 && lived.world.size === 0) return;
        const full = reconcile(after.work, { ...input, standings: lived.world.values() });
        assert.deepEqual(full.work, after.work);
        assert.ok(before.opened <= after.work.opened);
      });
    }),
    { numRuns: 200 },
  );
});

test('no date moves by itself, members are frozen, and none is lost or found', () => {
  fc.assert(
    fc.property(history, (one) => {
      live(one, (before, { work, events }, { now, policy }, lived) => {
        const closed = new Map(
          events.flatMap((event) =>
            event.event === 'closed' ? [[event.batch.id, event.batch] as const] : [],
          ),
        );
        for (const [id, batch] of before.open) {
          const after = work.open.get(id) ?? closed.get(id);
          assert.ok(after, `${id} vanished`);
          for (const field of [
            'due',
            'members',
            'openedAt',
            'owner',
            'disputes',
            'snoozedUntil',
            'claimedBy',
          ] as const)
            assert.deepEqual(after[field], batch[field], field);
          assert.deepEqual(after.departures.slice(0, batch.departures.length), batch.departures);
        }
        for (const batch of [...work.open.values(), ...closed.values()]) {
          const left = remaining(batch);
          const departed = batch.departures.map(({ asset }) => asset);
          assert.deepEqual([...left, ...departed].sort(), [...batch.members]);
          assert.equal(left.length === 0, closed.has(batch.id), 'it closes when it is empty, and only then');
          assert.equal(batch.closedAt, closed.has(batch.id) ? now.toISOString() : null);
          for (const asset of batch.members) {
            const due = dueOf(batch, asset, { now: now.toISOString(), policy });
            const latest = dayAfter(`${batch.due}T00:00:00Z`, policy.dispute);
            assert.ok(due >= batch.due && due <= latest);
            if (!batch.disputes.some(({ assets }) => assets.includes(asset))) assert.equal(due, batch.due);
          }
        }
        for (const event of events) {
          if (event.event !== 'opened') continue;
          assert.equal(lived.ids.has(event.batch.id), false, 'an id is given once');
          lived.ids.add(event.batch.id);
          assert.ok(event.batch.members.length > 0);
          assert.deepEqual(work.open.get(event.batch.id), event.batch);
        }
      });
    }),
    { numRuns: 300 },
  );
});

test('a batch of failures has the days of the policy, what changes hands its date or the days of a new owner', () => {
  fc.assert(
    fc.property(history, (one) => {
      live(one, (before, { events, work }, { now, policy }) => {
        const today = now.toISOString();
        for (const event of events) {
          if (event.event !== 'opened') continue;
          const { batch } = event;
          if (batch.of === 'failures') {
            assert.equal(batch.due, dayAfter(today, policy.due[one.severity]));
            const last = before.lastOpened.get(batch.owner);
            if (one.severity !== 'critical' && last !== undefined)
              assert.ok(now.getTime() - Date.parse(last) >= policy.every * MS_OF_DAY, 'one a week');
            continue;
          }
          for (const asset of batch.members) {
            const [from] = holding(before, asset);
            assert.ok(from && from.owner !== batch.owner);
            const kept = dueOf(from, asset, { now: today, policy });
            const first = before.failing.get(asset)?.handedOverAt ?? today;
            assert.equal(batch.due, [kept, dayAfter(first, policy.handover)].sort()[1]);
            assert.equal(work.failing.get(asset)?.handedOverAt, first, 'the days count once a failure');
          }
        }
      });
    }),
    { numRuns: 300 },
  );
});

test('every closure has its observation or its new owner', () => {
  fc.assert(
    fc.property(history, (one) => {
      live(one, (before, { events, work }, _, lived) => {
        const told = events.filter((event) => event.event === 'left');
        for (const { batch, departure } of told) {
          const { asset, why, by } = departure;
          assert.ok(remaining(before.open.get(batch) as Batch).includes(asset));
          assert.notEqual(why, 'excepted', 'an exception takes nobody out');
          if (why === 'reassigned') assert.equal(work.failing.get(asset)?.owner, by);
          else {
            assert.ok(lived.shown.has(`${asset} ${by}`), `${asset} ${why} by ${by}`);
            const { verdict, gone } = lived.world.get(asset) as WorkStanding;
            assert.equal(why, verdict === 'P' ? 'passed' : gone ? 'gone' : 'out-of-scope');
          }
        }
        for (const event of events)
          if (event.event === 'closed')
            assert.deepEqual(
              told.filter(({ batch }) => batch === event.batch.id).map(({ departure }) => departure),
              event.batch.departures.slice(before.open.get(event.batch.id)?.departures.length),
            );
      });
    }),
    { numRuns: 300 },
  );
});

test('the clock of a failure runs through unknown, and never runs backwards', () => {
  fc.assert(
    fc.property(history, (one) => {
      live(one, (before, { work }, { now }) => {
        for (const [asset, { since }] of work.failing) {
          const earlier = before.failing.get(asset)?.since;
          assert.equal(since, earlier ?? now.toISOString());
        }
        const skewed = reconcile(work, {
          standard: { id: ID, severity: one.severity, opens: true },
          standings: [],
          exceptions: [],
          policy: WORK_POLICY,
          now: new Date(START - 1),
          known: work.known,
        });
        assert.equal(skewed.work.at, work.at, 'a clock that is behind sets nothing back');
      });
    }),
    { numRuns: 100 },
  );
});

test('after an exception an asset is due no earlier than 14 days after its end, and no later because nobody looked', () => {
  fc.assert(
    fc.property(history, (one) => {
      live(one, (before, { work }, { now, policy }, lived) => {
        for (const [asset, { excepted: id }] of before.failing) {
          const after = work.failing.get(asset);
          if (id === null || after === undefined || after.excepted !== null) continue;
          const exception = lived.exceptions.find((granted) => granted.id === id) as Exception;
          // What drifted ends where it was seen.
          const end = new Date(Math.min(endOf(exception).getTime(), now.getTime())).toISOString();
          assert.ok(after.dueFrom !== null && after.dueFrom >= dayAfter(end, policy.resume));
          assert.ok(after.dueFrom <= dayAfter(now.toISOString(), policy.resume));
        }
      });
    }),
    { numRuns: 300 },
  );
});
