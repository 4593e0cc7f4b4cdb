/** The history beside the facts, on the same engine. */

import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import { remembered } from '../../remembered.ts';
import type { Driver } from '../clickhouse/driver.ts';
import { prepare } from '../clickhouse/table.ts';
import { amountChanges, amountsAt, amountsBetween, amountsNow } from './amounts.ts';
import { type CohortWindow, cohortCauses, cohortChanges, cohortShapes } from './cohorts.ts';
import { containersAt } from './containers.ts';
import { everFailed, failedStandards } from './failing.ts';
import { moments, retractTicks, tickLogOf, versionsOf } from './log.ts';
import { cohortAt, cohortMeasured, measuredAt, measuredNow, NO_COHORT } from './measured.ts';
import { account, assetsAt, assetsOf, broken, changesAt, life, slice, teamsProgress } from './read.ts';
import { assetNumber, type Epoch, epochs, type Moment } from './record.ts';
import { HISTORY } from './table.ts';
import { type Ticked, type TickOptions, tick } from './tick.ts';
import { unnamedPlaces } from './uncounted.ts';
import { untold } from './unknown.ts';
import { type Written, type WrittenRows, writtenRows } from './written.ts';

type Of<F extends (of: never, ...rest: never[]) => unknown> = F extends (
  of: never,
  ...rest: infer Rest
) => infer Result
  ? (...rest: Rest) => Result
  : never;

/** What is asked of a list beside what it is of. */
type Listing<F extends (driver: never, of: never, ...rest: never[]) => unknown> = F extends (
  driver: never,
  of: never,
  ...rest: infer Rest
) => unknown
  ? Rest
  : never;

export interface History {
  /** Judges what is due and writes down what changed. */
  readonly tick: (options: Omit<TickOptions, 'driver' | 'log'>) => Promise<Ticked>;
  /** Moments of the ticks that were written, oldest first. */
  readonly ticks: () => Promise<readonly Moment[]>;
  readonly versions: Of<typeof versionsOf>;
  /** Takes back every tick after an instant. */
  readonly retractTicks: Of<typeof retractTicks>;
  readonly changesAt: Of<typeof changesAt>;
  readonly slice: Of<typeof slice>;
  readonly containers: (moment: Moment) => ReturnType<typeof containersAt>;
  readonly measuredAt: Of<typeof measuredAt>;
  readonly measuredNow: (standard: CompiledStandard, moment: Moment) => ReturnType<typeof measuredNow>;
  readonly amountsAt: Of<typeof amountsAt>;
  readonly amountsNow: Of<typeof amountsNow>;
  readonly amountsBetween: Of<typeof amountsBetween>;
  readonly amountChanges: Of<typeof amountChanges>;
  readonly cohortAt: Of<typeof cohortAt>;
  readonly cohortMeasured: Of<typeof cohortMeasured>;
  readonly cohortCauses: (window: CohortWindow) => Promise<ReturnType<typeof cohortCauses>>;
  readonly cohortChanges: (
    window: CohortWindow,
    ...rest: Listing<typeof cohortChanges>
  ) => ReturnType<typeof cohortChanges>;
  readonly account: Of<typeof account>;
  readonly teamsProgress: Of<typeof teamsProgress>;
  readonly assetsAt: Of<typeof assetsAt>;
  readonly assetsOf: Of<typeof assetsOf>;
  readonly everFailed: Of<typeof everFailed>;
  readonly untold: (moment: Moment) => ReturnType<typeof untold>;
  readonly unnamedPlaces: Of<typeof unnamedPlaces>;
  readonly life: (asset: string, moment: Moment) => ReturnType<typeof life>;
  readonly broken: Of<typeof broken>;
}

/** A trend shows forty moments, and a forecast twice 26. */
const MOMENTS = 200;
/** What happened between two of them, of all standards or of one. */
const ACCOUNTS = 64;

/**
 * Makes the tables that are missing. Nobody else may write ticks meanwhile: what was so at a moment never changes, so it is asked of the
 * engine once, until ticks are taken back.
 */
export async function openHistory(driver: Driver): Promise<History> {
  await prepare(driver, HISTORY);
  const log = tickLogOf(driver.background);
  const written = remembered<readonly Moment[]>(1);
  const opened = remembered<readonly Epoch[]>(1);
  const there = remembered<WrittenRows>(1);
  const slices = remembered<Awaited<ReturnType<History['slice']>>>(MOMENTS);
  const containers = remembered<Awaited<ReturnType<History['containers']>>>(MOMENTS);
  const failed = remembered<Awaited<ReturnType<typeof failedStandards>>>(1);
  const accounts = remembered<Awaited<ReturnType<History['account']>>>(ACCOUNTS);
  const ofUnits = remembered<Awaited<ReturnType<History['account']>>>(ACCOUNTS);
  const cohorts = remembered<Awaited<ReturnType<typeof cohortShapes>>>(ACCOUNTS);
  const forget = () => {
    for (const one of [written, opened, there, slices, containers, failed, accounts, ofUnits, cohorts])
      one.forget();
  };
  const ticks = async () => {
    const found = await written.of('', () => moments(driver));
    // Before the first tick somebody else may write: a company is simulated all at once.
    if (found.length === 0) written.forget();
    return found;
  };
  const own: Written = {
    driver,
    ticks,
    epochs: async () => {
      if ((await ticks()).length === 0) opened.forget();
      return opened.of('', () => epochs(driver));
    },
    rows: async () => {
      if ((await ticks()).length === 0) there.forget();
      return there.of('', () => writtenRows(driver));
    },
  };
  const isJudged = async (standard: string) => (await own.rows()).judged.has(standard);
  const figuresAt = (moment: Moment) => slices.of(questionOf(moment), () => slice(own, moment));
  const shapesIn = (window: CohortWindow) => {
    const { from, to, standard, since, teams } = window;
    const question = [questionOf(from), questionOf(to), standard, since.getTime(), teams];
    return cohorts.of(JSON.stringify(question), () => cohortShapes(driver, window));
  };
  return {
    tick: async (options) => {
      try {
        return await tick({ ...options, driver: driver.background, log });
      } finally {
        written.forget();
        opened.forget();
        there.forget();
      }
    },
    ticks,
    versions: (...rest) => versionsOf(driver, ...rest),
    retractTicks: async (...rest) => {
      try {
        return await retractTicks(driver, ...rest);
      } finally {
        forget();
      }
    },
    changesAt: (...rest) => changesAt(driver, ...rest),
    slice: (moment, ...rest) =>
      // Of teams there are too many to keep each.
      rest.length === 0 ? figuresAt(moment) : slice(own, moment, ...rest),
    containers: (moment) => containers.of(questionOf(moment), () => containersAt(driver, moment)),
    measuredAt: async (standard, moment) =>
      (await isJudged(standard)) ? measuredAt(driver, standard, moment) : null,
    measuredNow: async (standard, moment) =>
      measuredNow(driver, standard, moment, await isJudged(standard.definition.id)),
    amountsAt: (...rest) => amountsAt(driver, ...rest),
    amountsNow: (...rest) => amountsNow(driver, ...rest),
    amountsBetween: (...rest) => amountsBetween(driver, ...rest),
    amountChanges: (...rest) => amountChanges(driver, ...rest),
    cohortAt: (...rest) => cohortAt(driver, ...rest),
    cohortMeasured: async (standard, ...rest) =>
      (await isJudged(standard)) ? cohortMeasured(driver, standard, ...rest) : NO_COHORT,
    cohortCauses: async (window) => cohortCauses(await shapesIn(window)),
    cohortChanges: async (window, ...rest) => cohortChanges(driver, await shapesIn(window), ...rest),
    account: (from, to, selection = {}, ...rest) => {
      const { standard, team, teams } = selection;
      const ask = () => account(own, from, to, selection, ...rest);
      if (rest.length > 0) return ask();
      const between = `${questionOf(from)} ${questionOf(to)} ${standard ?? ''}`;
      // Kept apart, for there are many units, and every page tells of everybody.
      return team === undefined && teams === undefined
        ? accounts.of(between, ask)
        : ofUnits.of(JSON.stringify([between, team, teams]), ask);
    },
    teamsProgress: (...rest) => teamsProgress(own, ...rest),
    assetsAt: (...rest) => assetsAt(own, ...rest),
    assetsOf: (...rest) => assetsOf(driver, ...rest),
    // Work asks for each standard of a tick, and of most of them nothing ever failed.
    everFailed: async (standard, moment) => {
      const any = await failed.of(questionOf(moment), () => failedStandards(driver, moment));
      return any.has(standard) ? everFailed(driver, standard, moment) : [];
    },
    // Whatever cannot be told is in the figures, too, which every look asks for.
    untold: async (moment) =>
      (await figuresAt(moment)).some(({ unknown }) => unknown !== 0) ? untold(own, moment) : [],
    unnamedPlaces: (...rest) => unnamedPlaces(own, ...rest),
    life: (asset, moment) => life(driver, assetNumber(asset), moment),
    broken: () => broken(driver),
  };
}

const questionOf = ({ valid, known }: Moment): string => `${valid.getTime()}:${known}`;
