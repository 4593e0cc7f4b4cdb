/**
 * The laws of work over random histories in a real database: what a pass leaves in the store is what `reconcile` makes of
 * everything, whoever else is at it, and although it reads only what it can change.
 */

import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import type { FailingRecord } from '@macadam/adapters/decisions/failing';
import { type Decisions, DecisionsError, type DecisionTransaction } from '@macadam/adapters/decisions/port';
import { startEngine } from '@macadam/adapters/decisions/postgres/engine';
import { type Exception, exceptionFor } from '@macadam/core/verdicts/exception';
import { dayAfter, MS_OF_DAY, WORK_POLICY } from '@macadam/core/work/batch';
import { reconcile, type StandardWork } from '@macadam/core/work/reconcile';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder, trialsOn } from '@macadam/testing/decisions/test-database';
import { ann, ben, cy, playedTeams, playedWorld, type World } from '@macadam/testing/work/sample';
import { noWork } from '@macadam/testing/work/standard-work';
import fc from 'fast-check';
import { exceptionsInForce } from './exceptions.ts';
import { idleStandards } from './idle.ts';
import { type PassOptions, pass, type Sight, subjectOfStandard } from './pass.ts';
import { RECONCILE } from './tick.ts';

const root = trialFolder();
const engine = await startEngine(preparedPlace(join(root, 'store')), { fleeting: true });
const trials = trialsOn(engine.address);
const { decisions, again } = await trials.open({ simulated: true });
const second = await again();
after(async () => {
  await second.close();
  await decisions.close();
  await engine.stop();
  rmSync(root, { recursive: true });
});

type Step =
  | {
      readonly step: 'observe';
      readonly assets: readonly number[];
      readonly verdict: 'P' | 'F' | 'U' | 'O';
      readonly gone: boolean;
    }
  | { readonly step: 'own'; readonly assets: readonly number[]; readonly owner: string | null }
  | { readonly step: 'drift'; readonly assets: readonly number[] }
  | { readonly step: 'tick'; readonly passes: 0 | 1 | 2 }
  | { readonly step: 'time'; readonly hours: number; readonly passes: 0 | 1 | 2 }
  | {
      readonly step: 'except';
      readonly assets: readonly number[];
      readonly days: number;
      readonly any: boolean;
    }
  | { readonly step: 'end'; readonly pick: number }
  | { readonly step: 'merge' }
  | { readonly step: 'rollout' }
  | { readonly step: 'act'; readonly act: number; readonly asset: number };

const some = fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 4 });
const passes = fc.constantFrom(0 as const, 1 as const, 1 as const, 2 as const);
const tick = passes.map((many): Step => ({ step: 'tick', passes: many }));
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        step: fc.constant('observe' as const),
        assets: some,
        verdict: fc.constantFrom('P', 'F', 'F', 'F', 'U', 'O'),
        gone: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        step: fc.constant('own' as const),
        assets: some,
        owner: fc.constantFrom('n1', 'n2', 's1', null),
      }),
    },
    { weight: 1, arbitrary: fc.record({ step: fc.constant('drift' as const), assets: some }) },
    { weight: 5, arbitrary: tick },
    {
      weight: 4,
      arbitrary: fc.record({
        step: fc.constant('time' as const),
        hours: fc.constantFrom(1, 24 * 4, 24 * 7, 24 * 8),
        passes,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        step: fc.constant('except' as const),
        assets: some,
        days: fc.constantFrom(0, 3, 30),
        any: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ step: fc.constant('end' as const), pick: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.constantFrom<Step>({ step: 'merge' }, { step: 'rollout' }) },
    {
      weight: 2,
      arbitrary: fc.record({ step: fc.constant('act' as const), act: fc.nat(4), asset: fc.nat(5) }),
    },
  ),
  { minLength: 6, maxLength: 22 },
);
const history = fc.record({ severity: fc.constantFrom('critical' as const, 'high' as const), steps });

/** Some assets fail from the beginning, of several owners; each is at another place of its life when something happens. */
const BEGINNING: readonly Step[] = [
  { step: 'observe', assets: [0, 1, 2, 3], verdict: 'F', gone: false },
  { step: 'own', assets: [1, 2], owner: 'n2' },
  { step: 'own', assets: [3], owner: 's1' },
  { step: 'tick', passes: 1 },
];

const idOf = (at: number) => `asset-${at}`;
let count = 0;

interface Lived {
  readonly world: World;
  readonly merged: Map<string, string>;
  readonly severity: 'critical' | 'high';
  now: number;
  opens: boolean;
  asked: number;
  sight: Sight | null;
  /** What `reconcile` makes of everything. */
  model: StandardWork;
  /** Of each asset that ever left a batch: why it did so last, and when it was due there. */
  readonly left: Map<string, { readonly why: string; readonly due: string }>;
}

const at = (lived: Lived) => ({ at: new Date(lived.now) });

const exceptionsOf = (lived: Lived): Promise<readonly Exception[]> =>
  decisions.transaction(cy, (tx) => exceptionsInForce(tx, { standard: lived.world.standard }), at(lived));

function optionsOf(lived: Lived): PassOptions {
  return {
    standard: { id: lived.world.standard, severity: lived.severity, opens: lived.opens },
    sight: lived.sight,
    teams: playedTeams(lived.merged),
    judge: lived.world.judge,
  };
}

/** People who act at any time, as far as the store lets them. */
async function actOn(lived: Lived, { act, asset }: Step & { readonly step: 'act' }): Promise<void> {
  const standard = lived.world.standard;
  const attempt = decisions.transaction(
    act % 2 ? ann : ben,
    async (tx) => {
      const [batch] = (await tx.work.batches({ standard, open: true })).slice(-1);
      if (!batch) return;
      if (act === 0) await tx.work.claim(batch.id, true);
      else if (act === 1) await tx.work.snooze(batch.id, batch.dueOn);
      else if (act === 2 || act === 3)
        await tx.work.dispute(batch.id, {
          assets: [idOf(asset)],
          reason: 'it is not so',
          untilOn: dayAfter(tx.at, 14),
        });
      else
        for (const { number } of await tx.work.disputes(batch.id))
          await tx.work.settleDispute(number, 'upheld', 'it is');
    },
    at(lived),
  );
  await attempt.catch((error) => assert.ok(error instanceof DecisionsError, `${error}`));
}

async function happen(lived: Lived, step: Step): Promise<number> {
  const { world } = lived;
  const standard = world.standard;
  switch (step.step) {
    case 'observe':
      for (const one of step.assets) {
        const before = world.assets.get(idOf(one));
        const { verdict } = step;
        world.assets.set(idOf(one), {
          owner: 'n1',
          value: 'one',
          ...before,
          verdict,
          gone: verdict === 'O' && step.gone,
        });
      }
      return 0;
    case 'own':
      for (const one of step.assets) {
        const before = world.assets.get(idOf(one));
        if (before) world.assets.set(idOf(one), { ...before, owner: step.owner });
      }
      return 0;
    case 'drift':
      for (const one of step.assets) {
        const before = world.assets.get(idOf(one));
        if (before) world.assets.set(idOf(one), { ...before, value: before.value === 'one' ? 'two' : 'one' });
      }
      return 0;
    case 'tick':
      lived.now += 3_600_000;
      lived.sight = world.tick(new Date(lived.now), await exceptionsOf(lived));
      lived.now += 1000;
      return step.passes;
    case 'time':
      lived.now += step.hours * 3_600_000;
      return step.passes;
    case 'except': {
      lived.asked += 1;
      const id = `${standard}-${lived.asked}`;
      const values = await world.judge(standard, step.assets.map(idOf));
      const assets = step.assets
        .map(idOf)
        .filter((asset) => /[FX]/.test(world.last()?.stood.get(asset)?.state ?? ''));
      if (assets.length === 0) return 0;
      await decisions.transaction(
        ann,
        (tx) =>
          tx.permissions.request({
            id,
            standard,
            division: 'north',
            selectors: assets,
            reason: 'there is no fix yet',
            until: dayAfter(new Date(lived.now).toISOString(), step.days),
          }),
        at(lived),
      );
      lived.now += 1000;
      await decisions
        .transaction(
          ben,
          (tx) =>
            tx.permissions.approve(
              id,
              assets.map((asset) => ({ asset, accepted: step.any ? null : (values.get(asset) ?? null) })),
            ),
          at(lived),
        )
        .catch((error) => assert.match(`${error}`, /over already/));
      return 0;
    }
    case 'end': {
      const inForce = (await exceptionsOf(lived)).filter(({ ended_at }) => ended_at === undefined);
      const id = inForce[step.pick % Math.max(1, inForce.length)]?.id;
      if (id !== undefined)
        await decisions.transaction(ann, (tx) => tx.permissions.end(id, 'not needed'), at(lived));
      return 0;
    }
    case 'merge':
      lived.merged.set('n2', 'n1');
      return 1;
    case 'rollout':
      lived.opens = !lived.opens;
      return 0;
    case 'act':
      await actOn(lived, step);
      return 0;
  }
}

const time = (text: string) => new Date(text).toISOString();

interface Stored {
  readonly failing: ReadonlyMap<string, FailingRecord>;
  readonly open: unknown;
}

async function storedOf(tx: DecisionTransaction, standard: string): Promise<Stored> {
  const failing = await tx.failing.wanted(standard, { assets: [], all: true });
  const open = await tx.work.batches({ standard, open: true, limit: 1000 });
  const held = await tx.work.hold(open.map(({ id }) => id));
  return {
    failing: new Map(failing.map((one) => [one.asset, one])),
    open: Object.fromEntries(
      held.map(({ batch, remaining }) => [
        batch.id,
        [batch.team, batch.of, batch.dueOn, batch.division, remaining],
      ]),
    ),
  };
}

const stored = (lived: Lived): Promise<Stored> =>
  decisions.transaction(RECONCILE, (tx) => storedOf(tx, lived.world.standard), at(lived));

/** The model sees what the people did: disputes move what is shown, and so the date of what changes hands. */
async function withPeople(lived: Lived): Promise<StandardWork> {
  const { model } = lived;
  const disputes = await decisions.transaction(
    RECONCILE,
    async (tx) =>
      new Map((await tx.work.hold([...model.open.keys()])).map((one) => [one.batch.id, one.disputes])),
    at(lived),
  );
  const open = new Map(
    [...model.open].map(([id, batch]) => [
      id,
      {
        ...batch,
        disputes: (disputes.get(id) ?? []).map((one) => ({
          assets: one.assets,
          by: one.openedBy,
          why: one.reason,
          at: one.openedAt,
          settled:
            one.endedAt === null
              ? null
              : { by: one.endedBy ?? '', at: one.endedAt, upheld: one.outcome === 'upheld', why: '' },
        })),
      },
    ]),
  );
  return { ...model, open };
}

/** Times at which there was nothing to do. */
let idles = 0;

/** Whether the standard is held to be idle, where its newest tick says nothing new. */
async function isIdle(lived: Lived): Promise<boolean> {
  const { sight, world, merged, opens } = lived;
  if (!sight) return false;
  const { valid } = sight.moment;
  return decisions.transaction(
    RECONCILE,
    async (tx) => {
      const head = await tx.failing.pass(subjectOfStandard(world.standard));
      const taken = head && Date.parse(head.valid);
      const next = sight.after !== null && taken === sight.after.valid.getTime();
      if (taken !== valid.getTime() && !(next && (await sight.changes()).length === 0)) return false;
      const standards = [{ id: world.standard, opens }];
      return (await idleStandards(tx, { standards, valid, teams: playedTeams(merged) })).length > 0;
    },
    at(lived),
  );
}

async function run(lived: Lived, processes: number): Promise<void> {
  const options = optionsOf(lived);
  const stores: readonly Decisions[] = [decisions, second].slice(0, processes);
  const before = await withPeople(lived);
  const idle = (await isIdle(lived)) ? await stored(lived) : null;
  const acting = processes > 1 ? [actOn(lived, { step: 'act', act: 0, asset: 0 })] : [];
  const results = await Promise.all([
    ...stores.map((one) => one.transaction(RECONCILE, (tx) => pass(tx, options), at(lived))),
    ...acting.map(async (one) => {
      await one;
      return null;
    }),
  ]);
  const passed = results.filter((one) => one !== null);
  assert.ok(passed.filter(({ events }) => events.length > 0).length <= 1, 'of several at once one does it');
  if (idle !== null) {
    idles += 1;
    assert.deepEqual(
      passed.flatMap(({ events }) => events),
      [],
      'it was held to be idle',
    );
    assert.deepEqual(await stored(lived), idle, 'it was held to be idle');
  }
  if (!lived.sight) return;
  const { of } = playedTeams(lived.merged);
  const standings = lived.world.standings().map((one) => ({ ...one, owner: of(one.owner, one.asset) }));
  // What failed and is unknown by now has failed also for whoever did not look before.
  const early = standings.flatMap((one) =>
    one.verdict === 'U' && one.since !== undefined && !before.failing.has(one.asset)
      ? [{ ...one, verdict: 'F' as const }]
      : [],
  );
  const modelled = reconcile(before, {
    standard: options.standard,
    standings: [...early, ...standings],
    exceptions: await exceptionsOf(lived),
    policy: WORK_POLICY,
    now: new Date(lived.now),
    known: lived.sight.moment.known,
    returned: new Map(
      [...lived.left].flatMap(([asset, { why, due }]) => (why === 'gone' ? [[asset, due] as const] : [])),
    ),
  });
  lived.model = modelled.work;
  for (const one of modelled.events)
    if (one.event === 'left')
      lived.left.set(one.departure.asset, {
        why: one.departure.why,
        due: before.open.get(one.batch)?.due ?? '',
      });
  assert.deepEqual(
    passed
      .flatMap(({ events }) => events)
      .map(({ event }) => event)
      .sort(),
    modelled.events.map(({ event }) => event).sort(),
  );
  const once = await decisions.transaction(RECONCILE, (tx) => pass(tx, options), at(lived));
  assert.deepEqual(once.events, [], 'twice is once');
}

/** Dates of batches are those of the checks before. */
async function check(lived: Lived, dates: Map<string, string>): Promise<void> {
  const { model, world } = lived;
  const { standard } = world;
  const { failing, open, exceptions, lastOpened } = await decisions.transaction(
    RECONCILE,
    async (tx) => {
      await closures(tx, standard, dates);
      return {
        ...(await storedOf(tx, standard)),
        exceptions: await exceptionsInForce(tx, { standard }),
        lastOpened: await tx.work.lastOpened(standard, ['n1', 'n2', 's1']),
      };
    },
    at(lived),
  );
  const shown = (one: {
    name: string;
    since: string;
    unknown: boolean;
    batch: string | null;
    excepted: string | null;
    exceptedUntil: string | null;
    dueFrom: string | null;
    handedOverAt: string | null;
  }) => ({
    name: one.name,
    since: time(one.since),
    unknown: one.unknown,
    batch: one.batch,
    excepted: one.excepted,
    exceptedUntil: one.exceptedUntil,
    dueFrom: one.dueFrom,
    handedOverAt: one.handedOverAt === null ? null : time(one.handedOverAt),
  });
  assert.deepEqual(
    new Map(
      [...failing]
        .sort()
        .map(([asset, one]) => [asset, { team: one.team, by: one.observation, ...shown(one) }]),
    ),
    new Map(
      [...model.failing]
        .sort()
        .map(([asset, one]) => [asset, { team: one.owner, by: one.by, ...shown(one) }]),
    ),
  );
  const gone = (departures: readonly { asset: string }[]) => new Set(departures.map(({ asset }) => asset));
  assert.deepEqual(
    open,
    Object.fromEntries(
      [...model.open].map(([id, { owner, of, due, members, departures }]) => {
        const left = gone(departures);
        const division = owner.startsWith('s') ? 'south' : 'north';
        return [id, [owner, of, due, division, members.filter((asset) => !left.has(asset))]];
      }),
    ),
  );
  // Law by law, of what is stored alone.
  for (const { asset, verdict, value, owner } of world.standings()) {
    const held = failing.get(asset);
    if (verdict === 'P' || verdict === 'O') assert.equal(held, undefined);
    if (verdict !== 'F') continue;
    assert.ok(held, `${asset} fails, and nothing is stored of it`);
    const subject = { id: asset, name: `the ${asset}`, value: () => value ?? '' };
    const exception = exceptionFor(exceptions, standard, subject, new Date(lived.now));
    assert.equal(held.excepted, exception?.id ?? null, 'excepted exactly while an exception is in force');
    if (exception === null && held.batch === null && owner !== null && lived.opens) {
      assert.notEqual(lived.severity, 'critical');
      const last = lastOpened.get(held.team ?? '');
      assert.ok(
        last !== undefined && lived.now - Date.parse(last) < WORK_POLICY.every * MS_OF_DAY,
        'it was the owner’s turn',
      );
    }
  }
}

/** Dates stand still, members are frozen, and who left was seen to. */
async function closures(
  tx: DecisionTransaction,
  standard: string,
  dates: Map<string, string>,
): Promise<void> {
  for (const batch of await tx.work.batches({ standard, limit: 1000 })) {
    const members = await tx.work.members(batch.id, { limit: 1000 });
    const frozen = JSON.stringify([
      batch.dueOn,
      batch.team,
      batch.openedAt,
      members.map(({ asset }) => asset),
    ]);
    assert.equal(dates.get(batch.id) ?? frozen, frozen, 'what was frozen moved');
    dates.set(batch.id, frozen);
    assert.ok(batch.of === 'reassigned' || batch.dueOn >= batch.openedAt.slice(0, 10));
    assert.equal(
      batch.closedAt !== null,
      members.every(({ leftAt }) => leftAt !== null),
    );
    for (const { asset, leftAs, observation, leftFor } of members) {
      assert.notEqual(leftAs, 'excepted', 'an exception takes nobody out');
      if (leftAs === 'reassigned') assert.ok(leftFor, `${asset} left for nothing`);
      else if (leftAs !== null) assert.match(observation ?? '', new RegExp(`^collection-\\d+#${asset}$`));
    }
  }
}

/** What chance alone would seldom bring about: at the second time there is nothing to do; then something has waited for a week, and changes hands. */
const SELDOM: readonly (readonly Step[])[] = [
  [
    { step: 'tick', passes: 1 },
    { step: 'time', hours: 1, passes: 1 },
  ],
  [
    { step: 'observe', assets: [4], verdict: 'F', gone: false },
    { step: 'tick', passes: 1 },
    { step: 'time', hours: 24 * 8, passes: 1 },
    { step: 'merge' },
  ],
];

test('what passes leave in the store is what reconcile makes of everything, in any order and by anybody', async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ severity, steps: all }) => {
      count += 1;
      const standard = `played-${process.pid}-${count}`;
      const lived: Lived = {
        world: playedWorld(standard),
        merged: new Map(),
        severity,
        opens: true,
        asked: 0,
        sight: null,
        now: Date.parse('2026-11-02T09:00:00Z') + count * 400 * MS_OF_DAY,
        model: noWork(standard),
        left: new Map(),
      };
      const dates = new Map<string, string>();
      for (const step of [...BEGINNING, ...all]) {
        const processes = await happen(lived, step);
        if (processes === 0 || (lived.sight === null && step.step !== 'tick')) continue;
        await run(lived, processes);
        await check(lived, dates);
      }
      const head = await decisions.transaction(
        cy,
        (tx) => tx.failing.pass(subjectOfStandard(standard)),
        at(lived),
      );
      assert.ok(head === null || head.opened >= dates.size);
    }),
    {
      numRuns: Number(process.env.MACADAM_HISTORY_RUNS ?? 8),
      examples: SELDOM.map((steps) => [{ severity: 'high', steps }]),
    },
  );
  assert.ok(idles > 0, 'at no time there was nothing to do');
});
