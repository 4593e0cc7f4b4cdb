/**
 * What decisions changed about where assets stand, as rows of the history: excepted from one tick to another, or another
 * team's. Only for what stays as it is otherwise, so that each is two moves and the openings between them.
 */

import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import {
  assetNumber,
  type Epoch,
  epochs,
  type Moment,
  seconds,
} from '@macadam/adapters/facts/history/record';
import { IN_TURN, verdictAsset, verdictDelta } from '@macadam/adapters/facts/history/table';
import type { State } from '@macadam/core/figures/accounting';

/** Something that fails from some tick on and never moves again. */
export interface Lasting {
  readonly standard: string;
  /** Its number in the history. */
  readonly number: string;
  readonly asset: string;
  readonly team: string;
  readonly reason: string;
  /** When it last moved, Unix seconds. */
  readonly last: number;
}

/** At most so many of each standard and team, the same ones whoever asks. */
export async function lastingFailures(
  driver: Driver,
  { each, oneIn }: { readonly each: number; readonly oneIn: number },
): Promise<readonly Lasting[]> {
  return driver.query<Lasting>(
    `WITH
       moved AS (
         SELECT standard, asset, toUInt64(toUnixTimestamp(valid)) * 8 + ${IN_TURN} AS at,
           if(side = 'old', 'O', toString(state)) AS stood, team, reason
         FROM ${verdictDelta.name}
         WHERE step != 'opening' AND (side = 'new' OR \`to\` = 'O') AND intDiv(asset, 16) % {oneIn:UInt64} = 0
         GROUP BY standard, asset, valid, step, turn, side, state, \`to\`, team, reason, gone HAVING sum(sign) != 0),
       stands AS (
         SELECT standard, asset, argMax(stood, at) AS state, argMax(team, at) AS own, argMax(reason, at) AS why,
           intDiv(max(at), 8) AS moved_at FROM moved GROUP BY standard, asset HAVING state = 'F'),
       some AS (SELECT standard, own, why, moved_at, asset AS nr FROM stands ORDER BY asset LIMIT {each:UInt64} BY standard, own)
     SELECT standard, toString(nr) AS number, id AS asset, own AS team, why AS reason, toUInt32(moved_at) AS last FROM some
     INNER JOIN (SELECT DISTINCT asset AS nr, id FROM ${verdictAsset.name} WHERE asset IN (SELECT nr FROM some)) AS named
       USING (nr)
     ORDER BY standard, own, nr`,
    { each, oneIn },
  );
}

/** A list of numbers travels as texts: beyond 53 bits nothing else is exact. */
const NUMBERS = 'SELECT arrayJoin(arrayMap(number -> toUInt64(number), {numbers:Array(String)}))';

/** Everything that stands of assets at the last tick, each to be of another team from then on. */
export async function reassigned(
  driver: Driver,
  at: Moment,
  moves: ReadonlyMap<string, string>,
): Promise<readonly Reassigned[]> {
  const rows = await driver.query<Omit<Lasting, 'last'> & Pick<Reassigned, 'state'>>(
    `SELECT standard, toString(nr) AS number, id AS asset, team, reason, toString(state) AS state FROM (
       SELECT standard, asset AS nr, team, reason, state FROM ${verdictDelta.name}
       WHERE step != 'opening' AND asset IN (${NUMBERS})
       GROUP BY standard, asset, team, reason, state HAVING sum(sign) = 1) AS stands
     INNER JOIN (SELECT DISTINCT asset AS nr, id FROM ${verdictAsset.name} WHERE asset IN (${NUMBERS})) AS named
       USING (nr)
     ORDER BY standard, id`,
    { numbers: [...moves.keys()].map(assetNumber) },
  );
  return rows.flatMap((row) => {
    const into = moves.get(row.asset);
    return into === undefined ? [] : [{ ...row, last: 0, at, into }];
  });
}

/** Excepted at the tick `from`, and failing again at the tick `to`, if that has come. */
export interface Excepted extends Lasting {
  readonly from: Moment;
  readonly to: Moment | null;
}

/** Of another team from the last tick on. */
export interface Reassigned extends Lasting {
  readonly at: Moment;
  readonly state: State;
  readonly into: string;
}

interface Row {
  readonly standard: string;
  readonly epoch: number;
  readonly valid: number;
  readonly known: number;
  readonly team: string;
  readonly asset: string;
  readonly state: State;
  readonly reason: string;
  readonly step: 'opening' | 'reassigned' | 'exception';
  readonly from: State;
  readonly to: State;
  readonly gone: 0;
  readonly side: 'old' | 'new';
  readonly sign: 1 | -1;
}

export async function layOver(
  driver: Driver,
  excepted: readonly Excepted[],
  handed: readonly Reassigned[],
): Promise<void> {
  const own = Map.groupBy(await epochs(driver), ({ standard }) => standard);
  const rows = [
    ...excepted.flatMap((one) => rowsOf(one, own.get(one.standard) ?? [])),
    ...handed.flatMap((one) => handedRows(one, own.get(one.standard) ?? [])),
  ];
  if (rows.length === 0) return;
  const columns = verdictDelta.columns.map(({ name }) => name);
  const lines = rows.map((row) => JSON.stringify(columns.map((name) => row[name as keyof Row])));
  await driver.insert({
    table: verdictDelta.name,
    columns,
    format: 'JSONCompactEachRow',
    rows: Buffer.from(`${lines.join('\n')}\n`),
    token: 'simulated decisions',
  });
}

/** A change at an epoch's own moment is in that epoch's opening, so its rows belong to the one before. */
const epochOf = (own: readonly Epoch[], { valid }: Moment): number =>
  own.findLast((epoch) => epoch.valid < valid)?.epoch ?? 1;

function rowsOf(one: Excepted, own: readonly Epoch[]): Row[] {
  const { from, to } = one;
  const move = (at: Moment, before: 'F' | 'X', after: 'F' | 'X'): Row[] => {
    const about = {
      ...aboutOf(one),
      epoch: epochOf(own, at),
      valid: seconds(at.valid),
      known: at.known,
      ...({ step: 'exception', from: before, to: after, gone: 0 } as const),
    };
    return [
      { ...about, state: before, side: 'old', sign: -1 },
      { ...about, state: after, side: 'new', sign: 1 },
    ];
  };
  const openings = own
    .filter(
      (epoch) => epoch.epoch > 1 && epoch.valid >= from.valid && (to === null || epoch.valid < to.valid),
    )
    .flatMap(({ epoch, valid, known }): Row[] => {
      const opening = (state: 'F' | 'X', sign: 1 | -1): Row => ({
        ...aboutOf(one),
        epoch,
        valid: seconds(valid),
        known,
        state,
        sign,
        step: 'opening',
        from: 'O',
        to: state,
        gone: 0,
        side: 'new',
      });
      return [opening('F', -1), opening('X', 1)];
    });
  return [...move(from, 'F', 'X'), ...openings, ...(to ? move(to, 'X', 'F') : [])];
}

function handedRows(one: Reassigned, own: readonly Epoch[]): Row[] {
  const { at, state, into } = one;
  const about = {
    ...aboutOf(one),
    epoch: epochOf(own, at),
    valid: seconds(at.valid),
    known: at.known,
    state,
    ...({ step: 'reassigned', from: state, to: state, gone: 0 } as const),
  };
  return [
    { ...about, side: 'old', sign: -1 },
    { ...about, team: into, side: 'new', sign: 1 },
  ];
}

const aboutOf = ({ standard, number: asset, team, reason }: Lasting) => ({ standard, asset, team, reason });
