/**
 * What nearly every question has to know of the history beside its rows: which ticks were written, where the sums of standards begin, and of
 * what there are rows. All of it changes with a tick alone, so that it is mostly known already.
 */
import type { Driver, Parameters } from '../clickhouse/driver.ts';
import type { Epoch, Moment } from './record.ts';
import { verdictDelta, verdictUnnamed } from './table.ts';

export interface Written {
  readonly driver: Driver;
  /** Oldest first. */
  readonly ticks: () => Promise<readonly Moment[]>;
  /** Oldest first. */
  readonly epochs: () => Promise<readonly Epoch[]>;
  readonly rows: () => Promise<WrittenRows>;
}

/** Of what there are rows at all. Most stores have none of many standards, and to find none takes as long as to find some. */
export interface WrittenRows {
  /** Standards under which anything ever stood. */
  readonly judged: ReadonlySet<string>;
  /** Anything ever had no name. */
  readonly unnamed: boolean;
}

export async function writtenRows(driver: Driver): Promise<WrittenRows> {
  const [row] = await driver.query<{ judged: readonly string[]; unnamed: string }>(
    `SELECT (SELECT groupArray(toString(standard)) FROM (SELECT standard FROM ${verdictDelta.name} GROUP BY standard)) AS judged,
       (SELECT count() FROM ${verdictUnnamed.name}) AS unnamed`,
  );
  return { judged: new Set(row?.judged), unnamed: Number(row?.unnamed ?? 0) > 0 };
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
