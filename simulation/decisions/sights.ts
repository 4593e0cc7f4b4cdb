/**
 * What each pass sees: the history's own moves since the pass before, of everything that failed or could not be told.
 * One query for all standards, since a query costs more than its rows.
 */

import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import { type Moment, seconds } from '@macadam/adapters/facts/history/record';
import { verdictAsset, verdictDelta } from '@macadam/adapters/facts/history/table';
import type { State } from '@macadam/core/figures/accounting';
import type { SeenStanding, Sight } from '@macadam/services/work/pass';

/** Standard → what happened to what fails it, up to the moment of one pass and from that of another on. */
export type Seen = ReadonlyMap<string, readonly SeenStanding[]>;

export interface Watch {
  /** What is failing, by standard, as of the moment before. */
  readonly held: Map<string, Set<string>>;
  readonly nameOf: (asset: string) => string | undefined;
}

interface Moved {
  readonly standard: string;
  readonly id: string;
  readonly state: State;
  readonly team: string;
  readonly gone: number;
  /** Unix seconds of the first failure after it was last well, within the span; 0 for none. */
  readonly since: string;
}

/**
 * As it is known today, so that what a work item says is what the history says. `from` null: of all the time before, and
 * then only of what fails or cannot be told at the moment.
 */
export async function seenBetween(
  driver: Driver,
  standards: readonly string[],
  span: { readonly from: Moment | null; readonly to: Moment },
  { held, nameOf }: Watch,
): Promise<Seen> {
  if (standards.length === 0) return new Map();
  const { from, to } = span;
  const within = `standard IN ({standards:Array(String)}) AND step != 'opening'
    AND valid > fromUnixTimestamp({from:Int64}) AND valid <= fromUnixTimestamp({to:Int64})`;
  // Of millions that failed once, those that do not any more need no place in memory.
  const some = from
    ? ''
    : `AND (standard, asset) IN (SELECT standard, asset FROM ${verdictDelta.name} WHERE ${within} AND state IN ('F', 'X', 'U')
         GROUP BY standard, asset HAVING sum(sign) > 0)`;
  const rows = await driver.query<Moved>(
    `WITH
       moved AS (
         SELECT standard, asset, toUInt64(toUnixTimestamp(valid)) * 8 + CAST(step AS Int8) AS at,
           if(side = 'old', 'O', toString(state)) AS stood, \`from\`, team, gone
         FROM ${verdictDelta.name}
         WHERE ${within} AND (side = 'new' OR \`to\` = 'O') ${some}
         GROUP BY standard, asset, valid, step, side, state, \`from\`, \`to\`, team, reason, gone HAVING sum(sign) != 0),
       told AS (
         SELECT standard, asset, argMax(stood, at) AS state, argMax(team, at) AS team, argMax(gone, at) AS gone,
           maxIf(at, stood IN ('P', 'O')) AS well,
           arrayFilter(time -> time > well, groupArrayIf(at, stood IN ('F', 'X'))) AS failures,
           if(empty(failures), 0, intDiv(arrayMin(failures), 8)) AS since
         FROM moved GROUP BY standard, asset
         HAVING countIf(stood IN ('F', 'X') OR \`from\` IN ('F', 'X', 'U')) > 0)
     SELECT standard, id, state, team, gone, toString(since) AS since FROM told
     INNER JOIN (SELECT DISTINCT asset, id FROM ${verdictAsset.name} WHERE asset IN (SELECT asset FROM told)) AS named
       USING (asset)
     ORDER BY standard, id`,
    { standards, from: from ? seconds(from.valid) : 0, to: seconds(to.valid) },
  );
  const seen = new Map<string, SeenStanding[]>();
  for (const { standard, id: asset, state, team, gone, since } of rows) {
    const own = held.get(standard) ?? new Set<string>();
    held.set(standard, own);
    const fails = state === 'F' || state === 'X';
    // What never failed and cannot be told is nobody's work; what failed within the span and cannot be told now, is.
    if (!fails && since === '0' && !own.has(asset)) continue;
    if (fails || state === 'U') own.add(asset);
    else own.delete(asset);
    const name = nameOf(asset);
    const list = seen.get(standard) ?? [];
    seen.set(standard, list);
    list.push({
      asset,
      state,
      team,
      gone: gone === 1,
      by: `batch:${to.known}#${asset}`,
      ...(name !== undefined && { name }),
      ...(since !== '0' && { since: new Date(Number(since) * 1000).toISOString() }),
    });
  }
  return seen;
}

/** Of each standard the first of these moments from which on no more than so many fail; past the last where that never comes. */
export async function fewFrom(
  driver: Driver,
  moments: readonly Moment[],
  most: number,
): Promise<ReadonlyMap<string, number>> {
  const rows = await driver.query<{ standard: string; at: number; net: string }>(
    `SELECT standard, toUnixTimestamp(valid) AS at, sum(sign) AS net FROM ${verdictDelta.name}
     WHERE step != 'opening' AND state IN ('F', 'X') GROUP BY standard, at ORDER BY at`,
  );
  const first = new Map<string, number>();
  for (const [standard, changes] of Map.groupBy(rows, (row) => row.standard)) {
    const counts = moments.map(({ valid }) =>
      changes.reduce((sum, { at, net }) => (at <= seconds(valid) ? sum + Number(net) : sum), 0),
    );
    const many = counts.findLastIndex((count) => count > most);
    first.set(standard, many + 1);
  }
  return first;
}

/** For a pass that took in the moment before, or for the first one. */
export const sightOf = (seen: readonly SeenStanding[], after: Moment | null, moment: Moment): Sight => ({
  moment,
  after,
  changes: async () => seen,
  whole: async () => seen,
});
