/** The history beside the facts, on the same engine. */
import type { Driver } from '../clickhouse/driver.ts';
import { prepare } from '../clickhouse/table.ts';
import { containersAt } from './containers.ts';
import { everFailed } from './failing.ts';
import { retractTicks, ticks } from './log.ts';
import { cohortAt, cohortMeasured, measuredAt, measuredNow } from './measured.ts';
import { account, assetsAt, assetsOf, broken, changesAt, life, slice } from './read.ts';
import { assetNumber, type Moment } from './record.ts';
import { HISTORY } from './table.ts';
import { type Ticked, type TickOptions, tick } from './tick.ts';
import { untold } from './unknown.ts';
import { unnamedPlaces } from './unnamed.ts';

type Of<F extends (driver: Driver, ...rest: never[]) => unknown> = F extends (
  driver: Driver,
  ...rest: infer Rest
) => infer Result
  ? (...rest: Rest) => Result
  : never;

export interface History {
  /** Judges what is due and writes down what changed. */
  readonly tick: (options: Omit<TickOptions, 'driver'>) => Promise<Ticked>;
  /** Moments of the ticks that were written, oldest first. */
  readonly ticks: () => Promise<readonly Moment[]>;
  /** Takes back every tick after an instant. */
  readonly retractTicks: Of<typeof retractTicks>;
  readonly changesAt: Of<typeof changesAt>;
  readonly slice: Of<typeof slice>;
  readonly containers: (moment: Moment) => ReturnType<typeof containersAt>;
  readonly measuredAt: Of<typeof measuredAt>;
  readonly measuredNow: Of<typeof measuredNow>;
  readonly cohortAt: Of<typeof cohortAt>;
  readonly cohortMeasured: Of<typeof cohortMeasured>;
  readonly account: Of<typeof account>;
  readonly assetsAt: Of<typeof assetsAt>;
  readonly assetsOf: Of<typeof assetsOf>;
  readonly everFailed: Of<typeof everFailed>;
  readonly untold: Of<typeof untold>;
  readonly unnamedPlaces: Of<typeof unnamedPlaces>;
  readonly life: (asset: string, moment: Moment) => ReturnType<typeof life>;
  readonly broken: Of<typeof broken>;
}

/** Makes the tables that are missing. */
export async function openHistory(driver: Driver): Promise<History> {
  await prepare(driver, HISTORY);
  return {
    tick: (options) => tick({ ...options, driver }),
    ticks: () => ticks(driver),
    retractTicks: (...rest) => retractTicks(driver, ...rest),
    changesAt: (...rest) => changesAt(driver, ...rest),
    slice: (...rest) => slice(driver, ...rest),
    containers: (moment) => containersAt(driver, moment),
    measuredAt: (...rest) => measuredAt(driver, ...rest),
    measuredNow: (...rest) => measuredNow(driver, ...rest),
    cohortAt: (...rest) => cohortAt(driver, ...rest),
    cohortMeasured: (...rest) => cohortMeasured(driver, ...rest),
    account: (...rest) => account(driver, ...rest),
    assetsAt: (...rest) => assetsAt(driver, ...rest),
    assetsOf: (...rest) => assetsOf(driver, ...rest),
    everFailed: (...rest) => everFailed(driver, ...rest),
    untold: (...rest) => untold(driver, ...rest),
    unnamedPlaces: (...rest) => unnamedPlaces(driver, ...rest),
    life: (asset, moment) => life(driver, assetNumber(asset), moment),
    broken: () => broken(driver),
  };
}
