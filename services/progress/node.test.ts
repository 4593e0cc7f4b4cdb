/** The law of the account for every unit between any two looks, by the measures that count something else than assets. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { AmountCause, AmountChange } from '@macadam/adapters/facts/history/amounts';
import type { CohortRow } from '@macadam/adapters/facts/history/measured';
import type { Between, Retrospect } from '@macadam/adapters/facts/history/retrospect';
import type { Asset } from '@macadam/core/facts/asset';
import { change, type State } from '@macadam/core/figures/accounting';
import { cohortChange, cohortTally, type MeasureTally, NO_AMOUNTS } from '@macadam/core/figures/measure';
import { picture } from '@macadam/core/figures/picture';
import { reviewText } from '@macadam/core/figures/review-file';
import { verifyReview } from '@macadam/core/figures/review-verify';
import { FULL_MINUTES, leakEstate } from '@macadam/testing/server/leaks';
import { measureByTeam, type TeamMeasure } from './amounts.ts';
import { cohortMoves, cohortPairs } from './cohort.ts';
import { type Frozen, freezeReview, type PreviousReview } from './freeze.ts';
import { progressAt } from './status.ts';

const TEAMS = ['plumbers', 'roofers', 'masons'];
const NODES = [['masons'], ['plumbers', 'roofers'], TEAMS];
/** Looks beside each other, and with weeks between them. */
const PAIRS = [
  [0, 1],
  [3, 4],
  [2, 4],
  [0, 5],
] as const;
const NAMES = Object.keys(NO_AMOUNTS) as (keyof MeasureTally)[];

const { source, standards, days, look, remove } = await leakEstate();
after(remove);
/** What was there once and is not any more. */
const gone = new Set<string>();
/** After the fourth look every seventh is handed on. */
const ownerOn = (index: number) => (leak: number) =>
  TEAMS[(leak + (index > 3 && leak % 7 === 0 ? 1 : 0)) % 3] ?? '';

interface Stands {
  readonly water: readonly TeamMeasure[];
  readonly mended: readonly TeamMeasure[];
  readonly cohort: readonly CohortRow[];
}

const nameOf = ({ cell, step }: Pick<AmountCause, 'cell' | 'step'>): string => `${cell} ${step}`;
const sumOf = (all: readonly TeamMeasure[], name: keyof MeasureTally): number =>
  all.reduce((sum, { tally }) => sum + tally[name], 0);

async function leaksFrozen(previous: PreviousReview | null): Promise<Frozen> {
  const number = previous === null ? 1 : 2;
  const made = await freezeReview({
    source,
    head: { number, title: 'Leaks', frozenAt: '2026-11-05T13:00:00Z', frozenBy: 'ann', simulated: false },
    minutes: FULL_MINUTES,
    previous,
    exceptions: [],
    divisions: new Map(),
    key: null,
  });
  assert.ok('text' in made, 'why' in made ? made.why : '');
  return made;
}

test('all four measures: the store counts as the functions do at every tick, and a review derives them again', async () => {
  const { stores, past } = source;
  const compiled = standards.map((one) => one.compiled);
  let cohortBefore = NO_AMOUNTS;
  let earlier: PreviousReview | null = null;
  const began = new Map<string, State>();
  const lastOf = new Map<string, State>();
  for (const [day, at] of days.entries()) {
    const observations = await look(at, gone, ownerOn(day));
    const here = new Set(observations.map(({ name }) => name));
    const assets: Asset[] = [];
    for await (const asset of stores.facts.assets('leak')) assets.push(asset);
    const { scan, verdicts } = picture({
      engine: 'test',
      catalogue: 'test',
      standards: compiled,
      assets,
      collections: [],
      exceptions: [],
      clock: { asOf: at, real: at },
    });
    const between = await past.between({});
    assert.ok(between && !('fault' in between));
    const progress = await progressAt(past, between, standards, {});
    for (const id of ['water-kept', 'mended-in-time']) {
      const functions = scan.standards.find((one) => one.id === id)?.measure;
      assert.deepEqual(progress.get(id)?.measure, functions, `${id} on day ${day}`);
    }
    const letters = { pass: 'P', fail: 'F', unknown: 'U', 'not-applicable': 'O' } as const;
    const stands = new Map(
      verdicts
        .filter(({ standard }) => standard === 'leaks-gone')
        .map(({ asset, verdict }) => [asset.name, letters[verdict]] as const),
    );
    if (day === 0) for (const [name, state] of stands) began.set(name, state);
    for (const name of began.keys()) if (!here.has(name)) gone.add(name);
    const members = [...began].map(([name, first]) => ({
      began: first,
      stands: stands.get(name) ?? ('O' as const),
      gone: gone.has(name),
      last: stands.get(name) ?? lastOf.get(name) ?? first,
    }));
    for (const [name, state] of stands) lastOf.set(name, state);
    assert.deepEqual(
      progress.get('leaks-gone')?.measure?.tally,
      cohortTally(members),
      `cohort on day ${day}`,
    );
    const leaks = standards.find(({ id }) => id === 'leaks-gone');
    assert.ok(leaks);
    // Each change is an asset in a list, and the lists add up to what the amounts moved by.
    const moves = await cohortMoves(past, between, leaks.compiled);
    const pairs = cohortPairs(moves);
    assert.equal(
      pairs.reduce((sum, { count }) => sum + count, 0),
      moves.length,
    );
    const tally = cohortTally(members);
    const change = cohortChange(moves);
    for (const name of ['pass', 'fail', 'unknown'] as const)
      assert.equal(change[name], tally[name] - cohortBefore[name], `${name} on day ${day}`);
    cohortBefore = tally;
    if (day === 0) {
      const { review, digest } = await leaksFrozen(null);
      const { at: reviewed, known } = review.head;
      earlier = { number: 1, digest, at: reviewed, known, figures: review.figures };
    }
  }
  assert.ok(gone.size > 3);
  assert.ok(earlier);
  // Between the two an asset may be fixed, fail and be fixed again: each is counted, and each stands in the list.
  const made = await leaksFrozen(earlier);
  const twice = made.review.facts.cellAssets.filter(({ assets }) => new Set(assets).size < assets.length);
  assert.ok(twice.length > 0, 'no asset changed twice for the same cause');
  const eliminated = made.review.figures.find(({ standard }) => standard === 'leaks-gone')?.measure;
  assert.ok(eliminated && eliminated.tally.pass > 5 && eliminated.tally.fail > 5, JSON.stringify(eliminated));
  const lying = verifyReview(
    Buffer.from(
      reviewText(
        { ...made.review, facts: { ...made.review.facts, cohorts: made.review.facts.cohorts.slice(1) } },
        null,
      ),
    ),
  );
  assert.ok(
    lying.differing.some(({ field }) => field.startsWith('measure.')),
    JSON.stringify(lying.differing),
  );
});

// It looks twice more at the same estate.
test('weights, eliminations and durations: causes explain every change of every unit between any two looks, each with a list', async () => {
  // What a cohort was at a moment is asked of the store once.
  const cohorts = new Map<string, Promise<readonly CohortRow[]>>();
  const past: Retrospect = {
    ...source.past,
    cohort: (between, standard) => {
      const moment = between.to.valid.toISOString();
      const held = cohorts.get(moment) ?? source.past.cohort(between, standard);
      cohorts.set(moment, held);
      return held;
    },
  };
  const standard = (id: string) => {
    const found = standards.find((one) => one.id === id);
    assert.ok(found);
    return found;
  };
  for (const [index, day] of ['12', '20'].entries())
    await look(new Date(`2026-11-${day}T12:00:00Z`), gone, ownerOn(days.length + index));
  const ticks = await past.ticks();
  const water = standard('water-kept').compiled;
  const leaks = standard('leaks-gone').compiled;
  const stands: Stands[] = [];
  for (const to of ticks) {
    const at: Between = { from: null, to, known: false, fromFirst: false };
    stands.push({
      water: (await measureByTeam(past, at, standard('water-kept'))) ?? [],
      mended: (await measureByTeam(past, at, standard('mended-in-time'))) ?? [],
      cohort: await past.cohort(at, leaks),
    });
  }
  let explained = 0;
  for (const [earlier, later] of PAIRS) {
    const [from, to, before, now] = [ticks[earlier], ticks[later], stands[earlier], stands[later]];
    assert.ok(from && to && before && now);
    const between: Between = { from, to, known: false, fromFirst: false };
    const causesOf = new Map<string, readonly AmountCause[]>();
    for (const team of TEAMS) causesOf.set(team, (await past.amountCauses(between, water, { team })) ?? []);
    // A list is asked for once: that of a unit is what is of its teams in it.
    const lists = new Map<string, readonly AmountChange[]>();
    for (const [name, [cause]] of Map.groupBy([...causesOf.values()].flat(), nameOf))
      if (cause)
        lists.set(name, await past.amountChanges(between, water, {}, { ...cause, offset: 0, limit: 1000 }));
    for (const teams of NODES) {
      const said = `${teams.join()}, looks ${earlier} to ${later}`;
      const own = <T extends { readonly team: string }>(all: readonly T[]): readonly T[] =>
        all.filter(({ team }) => teams.includes(team));
      const moved = (of: 'water' | 'mended', name: keyof MeasureTally): number =>
        sumOf(own(now[of]), name) - sumOf(own(before[of]), name);

      const causes = teams.flatMap((team) => causesOf.get(team) ?? []);
      for (const name of NAMES)
        assert.equal(
          causes.reduce((sum, one) => sum + one.moved[name], 0),
          moved('water', name),
          `${name} of water, ${said}`,
        );
      for (const same of Map.groupBy(causes, nameOf).values()) {
        const [cause] = same;
        assert.ok(cause);
        const counted = same.reduce((sum, { changes }) => sum + changes, 0);
        const listed = own(lists.get(nameOf(cause)) ?? []).length;
        assert.equal(listed, counted, `${cause.cell} of water, ${said}`);
      }

      const moves = await cohortMoves(past, between, leaks, teams);
      const standing: MeasureTally = cohortTally(own(now.cohort));
      const stood: MeasureTally = cohortTally(own(before.cohort));
      for (const name of NAMES)
        assert.equal(cohortChange(moves)[name], standing[name] - stood[name], `${name} of leaks, ${said}`);

      const selection = { standard: 'mended-in-time', teams };
      const cells = await past.cells(between, selection);
      for (const name of ['pass', 'fail', 'unknown'] as const)
        assert.equal(
          cells.reduce((sum, { cell, state, count }) => sum + change([{ cell, state }])[name] * count, 0),
          moved('mended', name),
          `${name} of mended, ${said}`,
        );
      const whole = await past.changed(between, selection, () => true, { offset: 0, limit: 10_000 });
      assert.equal(whole.assets.length, whole.changes, `lists of mended, ${said}`);
      explained += whole.changes + moves.length + causes.length;
    }
  }
  assert.ok(explained > 200, String(explained));
});
