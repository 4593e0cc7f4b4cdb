/**
 * What nearly every question has to know of the history beside its rows: which ticks were written, and where the sums of standards begin.
 * Both change with a tick alone, so that they are mostly known already.
 */
import type { Driver, Parameters } from '../clickhouse/driver.ts';
import type { Epoch, Moment } from './record.ts';

export interface Written {
  readonly driver: Driver;
  /** Oldest first. */
  readonly ticks: () => Promise<readonly Moment[]>;
  /** Oldest first. */
  readonly epochs: () => Promise<readonly Epoch[]>;
}

/** A condition, or a statement, with what it names. */
export interface Where {
  readonly sql: string;
  readonly parameters: Parameters;
}

/** The epoch that each standard's sum begins at, for a moment: the newest that was open and known then. */
export function epochsAt(
  written: readonly Epoch[],
  { valid, known }: Moment,
  standards?: readonly string[],
): Where {
  const chosen = new Map<string, number>();
  for (const one of written) {
    const fits = one.valid <= valid && one.known <= known && (standards?.includes(one.standard) ?? true);
    if (fits) chosen.set(one.standard, one.epoch);
  }
  const numbers = [...new Set(chosen.values())];
  if (numbers.length <= 1)
    return { sql: ' AND epoch = {epoch:UInt32}', parameters: { epoch: numbers[0] ?? 0 } };
  return {
    sql: ' AND epoch = transform(standard, {epochStandards:Array(String)}, {epochNumbers:Array(UInt32)}, 0)',
    parameters: { epochStandards: [...chosen.keys()], epochNumbers: [...chosen.values()] },
  };
}
