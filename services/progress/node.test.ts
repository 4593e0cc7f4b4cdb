/** The law of the account for every unit between any two looks, by the measures that count something else than assets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AmountCause, AmountChange } from '@macadam/adapters/facts/history/amounts';
import type { CohortRow } from '@macadam/adapters/facts/history/measured';
import type { Between, Retrospect } from '@macadam/adapters/facts/history/retrospect';
import { change } from '@macadam/core/figures/accounting';
import { cohortChange, cohortTally, type MeasureTally, NO_AMOUNTS } from '@macadam/core/figures/measure';
import { leakEstate } from '@macadam/testing/server/leaks';
import { measureByTeam, type TeamMeasure } from './amounts.ts';
import { cohortMoves } from './cohort.ts';

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

interface Stands {
  readonly water: readonly TeamMeasure[];
  readonly mended: readonly TeamMeasure[];
  readonly cohort: readonly CohortRow[];
}

const nameOf = ({ cell, step }: Pick<AmountCause, 'cell' | 'step'>): string => `${cell} ${step}`;
const sumOf = (all: readonly TeamMeasure[], name: keyof MeasureTally): number =>
  all.reduce((sum, { tally }) => sum + tally[name], 0);

test('weights, eliminations and durations: causes explain every change of every unit between any two looks, each with a list', async () => {
  const { source, standards, days, look, remove } = await leakEstate();
  try {
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
    const gone = new Set<string>();
    const all = [...days, ...['12', '20'].map((day) => new Date(`2026-11-${day}T12:00:00Z`))];
    for (const [index, at] of all.entries()) {
      // From the fourth look on every seventh is handed on.
      const ownerOf = (leak: number) => TEAMS[(leak + (index > 3 && leak % 7 === 0 ? 1 : 0)) % 3] ?? '';
      const here = new Set((await look(at, gone, ownerOf)).map(({ name }) => name));
      if (index === 2)
        for (let leak = 0; leak < 60; leak++) if (!here.has(`leak-${leak}`)) gone.add(`leak-${leak}`);
    }
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
  } finally {
    await remove();
  }
});
