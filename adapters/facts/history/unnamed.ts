/**
 * Assets that must exist and have no name, in the history: how many each partition hides from every standard of its kind, as
 * changes with both times, like those of named assets. They are unknowns of whole standards and of nobody's team, so they stand
 * beside the rows of assets, where a sum over one asset's rows stays 0 or 1.
 */
import { hash } from 'node:crypto';
import type { Asset } from '@macadam/core/facts/asset';
import type { Cause } from '@macadam/core/facts/observation';
import { unnamedCount } from '@macadam/core/facts/population';
import type { Move } from '@macadam/core/figures/accounting';
import type { Driver, Parameters } from '../clickhouse/driver.ts';
import { COUNTS } from '../clickhouse/history.ts';
import type { SignedManifest } from '../manifest.ts';
import { type Moment, seconds } from './record.ts';
import type { Sides } from './sides.ts';
import { verdictUnnamed } from './table.ts';

/** What one partition hides. */
interface Hidden {
  readonly source: string;
  readonly container: string;
  readonly reason: Cause;
  readonly count: number;
}

/** One side of a change of so many at once. */
export interface UnnamedSide extends Pick<Move, 'step' | 'from' | 'to'> {
  readonly standard: string;
  readonly gone: number;
  readonly side: 'old' | 'new';
  readonly change: number;
}

interface Row extends UnnamedSide, Omit<Hidden, 'count'> {
  readonly valid: number;
}

/** A tick, written or about to be: what is asked of it, and which definition of a standard was in force. */
export interface Counted {
  readonly valid: Date;
  readonly definitions: Readonly<Record<string, string>>;
}

/** A standard, by its id and its kind. Null: it was withdrawn. */
interface Counting {
  readonly id: string;
  readonly kind: string | null;
}

/**
 * Writes what ticks hide: those of the past that have to be asked again, and the new one. `before`: the tick that
 * the first of them follows, if there is one.
 */
export async function recordUnnamed(
  driver: Driver,
  sides: Sides,
  standards: readonly Counting[],
  {
    before,
    past,
    now,
    known,
  }: {
    readonly before: Counted | null;
    readonly past: readonly Counted[];
    readonly now: Counted;
    readonly known: number;
  },
): Promise<void> {
  const held = await heldRows(driver, known);
  const hidden = hiddenOnce(driver, sides, now, known);
  const rows: Row[] = [];
  for (const { id, kind } of standards) {
    const own = held.filter(({ standard }) => standard === id);
    // Of what a standard hid that is no longer in force, nothing is asked again.
    const ticks = kind === null ? [now] : [...past, now];
    const first = seconds((ticks[0] ?? now).valid);
    let stands = standing(own.filter(({ valid }) => valid < first));
    let previous = before;
    for (const tick of ticks) {
      const valid = seconds(tick.valid);
      const right: Row[] = [];
      const go = (step: Move['step'], next: readonly Hidden[]) => {
        right.push(...moves({ standard: id, valid, step }, stands, next));
        stands = next;
      };
      const [old, defined] = [previous?.definitions[id], tick.definitions[id]];
      if (defined === undefined || kind === null) go('definition', []);
      else {
        if (previous !== null && old !== defined) go('definition', await hidden(kind, previous));
        go('evidence', await hidden(kind, tick));
      }
      rows.push(
        ...difference(
          own.filter((row) => row.valid === valid),
          right,
        ),
      );
      previous = tick;
    }
  }
  await insert(driver, rows, known);
}

/** The same question of the same tick is asked by every standard of a kind. */
function hiddenOnce(driver: Driver, sides: Sides, now: Counted, known: number) {
  const asked = new Map<string, Promise<readonly Hidden[]>>();
  return (kind: string, tick: Counted): Promise<readonly Hidden[]> => {
    const key = `${kind} ${seconds(tick.valid)}`;
    const answer =
      asked.get(key) ?? hiddenAt(driver, sides, kind, { valid: tick.valid, known }, tick === now);
    asked.set(key, answer);
    return answer;
  };
}

async function hiddenAt(
  driver: Driver,
  sides: Sides,
  kind: string,
  moment: Moment,
  newest: boolean,
): Promise<readonly Hidden[]> {
  const open = await openRuns(driver, kind, moment);
  const hidden: Hidden[] = [];
  for (const [source, runs] of Map.groupBy(open, (one) => one.source)) {
    const existing = await sides.assets(kind, newest ? undefined : moment);
    const named = await namedIn(driver, { kind, source, runs }, moment, existing);
    for (const { container, claimed, expected, batch } of runs) {
      const count = unnamedCount(claimed === 1, Number(expected), named.get(container) ?? 0);
      if (count === 0) continue;
      hidden.push({ source, container, reason: await reasonOf(driver, batch, kind, container), count });
    }
  }
  return hidden;
}

interface OpenRun {
  readonly source: string;
  readonly container: string;
  readonly batch: string;
  readonly claimed: number;
  readonly expected: string;
}

/**
 * The newest run of each partition that may hide assets: it came to no end, or fewer arrived than there must be. There must be
 * as many as it saw or its witness counts; where it came to no end and has no witness, as many as the last one knew that did or
 * had. What a person confirmed hides nothing, and a source that was retired has no word.
 */
const openRuns = (driver: Driver, kind: string, { valid, known }: Moment): Promise<readonly OpenRun[]> =>
  driver.query<OpenRun>(
    `WITH
       retired AS (
         SELECT subject AS source, max(at) AS gone_at FROM batch
         WHERE event = 'retire-source' AND number <= {known:UInt64} AND at <= {valid:Int64} GROUP BY subject),
       run AS (
         SELECT source, container, started_at, collection, batch, claimed, delivered,
           greatest(seen, ifNull(witness, 0)) AS counted, claimed = 1 OR witness IS NOT NULL AS tells
         FROM partition LEFT JOIN retired USING (source)
         WHERE kind = {kind:String} AND started_at <= {valid:Int64} AND (gone_at IS NULL OR started_at > gone_at) AND ${COUNTS}),
       told AS (
         SELECT source, container, maxIf(started_at, tells) AS told_at FROM run GROUP BY source, container),
       latest AS (
         SELECT source, container, max(if(started_at >= told_at, counted, 0)) AS expected,
           argMax((claimed, delivered, collection, batch), (started_at, collection)) AS newest
         FROM run INNER JOIN told USING (source, container) GROUP BY source, container)
     SELECT source, container, newest.4 AS batch, newest.1 AS claimed, expected FROM latest
     WHERE newest.1 = 0 OR (expected > newest.2 AND newest.3 NOT IN (
       SELECT subject FROM batch WHERE event = 'confirm' AND number <= {known:UInt64}))
     ORDER BY source, container`,
    { kind, known, valid: nanos(valid) },
  );

const nanos = (date: Date): bigint => BigInt(date.getTime()) * 1_000_000n;

/** Container → how many assets exist that its newest run saw, or that the source last saw there, in whichever of its runs. */
async function namedIn(
  driver: Driver,
  {
    kind,
    source,
    runs,
  }: { readonly kind: string; readonly source: string; readonly runs: readonly OpenRun[] },
  { valid, known }: Moment,
  existing: ReadonlyMap<string, Asset>,
): Promise<ReadonlyMap<string, number>> {
  const rows = await driver.query<{ asset: string; places: readonly string[] }>(
    `WITH {containers:Array(String)} AS open
     SELECT asset, groupUniqArrayIf(container,
         has(arrayZip(open, {batches:Array(UInt64)}), (container, batch))) AS newest,
       argMax(container, seen_at) AS last, if(has(open, last), arrayPushBack(newest, last), newest) AS places
     FROM observation
     WHERE kind = {kind:String} AND source = {source:String} AND seen_at <= {valid:Int64} AND ${COUNTS}
     GROUP BY asset HAVING notEmpty(places)`,
    {
      kind,
      source,
      known,
      valid: nanos(valid),
      containers: runs.map(({ container }) => container),
      batches: runs.map(({ batch }) => Number(batch)),
    },
  );
  const counts = new Map<string, number>();
  for (const { asset, places } of rows)
    if (existing.has(asset))
      for (const place of new Set(places)) counts.set(place, (counts.get(place) ?? 0) + 1);
  return counts;
}

/** Why the source says that it could not list a partition. */
async function reasonOf(driver: Driver, batch: string, kind: string, container: string): Promise<Cause> {
  const [row] = await driver.query<{ body: string }>(`SELECT body FROM batch WHERE number = {batch:UInt64}`, {
    batch: Number(batch),
  });
  const { manifest } = JSON.parse(row?.body ?? '{}') as Partial<SignedManifest>;
  const said = manifest?.collection.partitions.find(
    (one) => one.kind === kind && one.container === container,
  );
  return said?.cause ?? 'incomplete';
}

const placeOf = ({ source, container }: Pick<Hidden, 'source' | 'container'>) =>
  JSON.stringify([source, container]);

function moves(
  about: { readonly standard: string; readonly valid: number; readonly step: Move['step'] },
  from: readonly Hidden[],
  to: readonly Hidden[],
): Row[] {
  const after = new Map(to.map((one) => [placeOf(one), one]));
  const places = new Map([...from, ...to].map((one) => [placeOf(one), one]));
  const left = new Map(from.map((one) => [placeOf(one), one]));
  return [...places].flatMap(([place, { source, container, reason }]) => {
    const [old, now] = [left.get(place), after.get(place)];
    const [was, is] = [old?.count ?? 0, now?.count ?? 0];
    const base = { ...about, source, container };
    const leaves = {
      ...base,
      from: 'U',
      to: 'O',
      gone: about.step === 'definition' ? 0 : 1,
      side: 'old',
    } as const;
    const enters = { ...base, from: 'O', to: 'U', gone: 0, side: 'new' } as const;
    const stays = { ...base, from: 'U', to: 'U', gone: 0 } as const;
    const same = old && now && old.reason !== now.reason ? Math.min(was, is) : 0;
    const rows: Row[] = [
      { ...leaves, reason: old?.reason ?? reason, change: -Math.max(0, was - is) },
      { ...stays, reason: old?.reason ?? reason, side: 'old', change: -same },
      { ...stays, reason: now?.reason ?? reason, side: 'new', change: same },
      { ...enters, reason: now?.reason ?? reason, change: Math.max(0, is - was) },
    ];
    return rows.filter(({ change }) => change !== 0);
  });
}

const keyOf = ({ change: _, ...row }: Row) => JSON.stringify(Object.entries(row).sort());

/** What has to be added to rows that stand, so that they are the right ones. */
function difference(held: readonly Row[], right: readonly Row[]): Row[] {
  const sums = new Map<string, Row>();
  const add = (row: Row, sign: 1 | -1) => {
    const key = keyOf(row);
    sums.set(key, { ...row, change: (sums.get(key)?.change ?? 0) + sign * row.change });
  };
  for (const row of held) add(row, -1);
  for (const row of right) add(row, 1);
  return [...sums.values()].filter(({ change }) => change !== 0);
}

/** What rows sum up to, by partition and cause. */
function standing(rows: readonly Row[]): readonly Hidden[] {
  const sums = new Map<string, Hidden>();
  for (const { source, container, reason, change } of rows) {
    const key = JSON.stringify([source, container, reason]);
    sums.set(key, { source, container, reason, count: (sums.get(key)?.count ?? 0) + change });
  }
  return [...sums.values()].filter(({ count }) => count !== 0);
}

const COLUMNS = verdictUnnamed.columns.map(({ name }) => name);

async function heldRows(driver: Driver, known: number): Promise<readonly Row[]> {
  const rows = await driver.query<Omit<Row, 'change'> & { readonly moved: string }>(
    `SELECT standard, toUnixTimestamp(valid) AS valid, source, container, reason, step, \`from\`, \`to\`, gone, side,
       sum(change) AS moved
     FROM ${verdictUnnamed.name} WHERE known <= {known:UInt64} GROUP BY ALL HAVING moved != 0`,
    { known },
  );
  return rows.map(({ moved, ...row }) => ({ ...row, change: Number(moved) }));
}

async function insert(driver: Driver, rows: readonly Row[], known: number): Promise<void> {
  if (rows.length === 0) return;
  const lines = rows.map((row) => {
    const values: Readonly<Record<string, unknown>> = { ...row, known };
    return JSON.stringify(COLUMNS.map((name) => values[name]));
  });
  await driver.insert({
    table: verdictUnnamed.name,
    columns: COLUMNS,
    format: 'JSONCompactEachRow',
    rows: Buffer.from(`${lines.join('\n')}\n`),
    token: `unnamed:${known}:${hash('sha256', lines.join('\n'))}`,
  });
}

const chosen = (standard: string | undefined): string =>
  standard === undefined ? '' : ' AND standard = {standard:String}';
const given = (standard: string | undefined): Parameters => (standard === undefined ? {} : { standard });

/** How many have no name, by standard, as of a moment. */
export async function unnamedAt(
  driver: Driver,
  { valid, known }: Moment,
  standard?: string,
): Promise<ReadonlyMap<string, number>> {
  const rows = await driver.query<{ standard: string; hidden: string }>(
    `SELECT standard, sum(change) AS hidden FROM ${verdictUnnamed.name}
     WHERE valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}${chosen(standard)}
     GROUP BY standard HAVING hidden != 0`,
    { valid: seconds(valid), known, ...given(standard) },
  );
  return new Map(rows.map((row) => [row.standard, Number(row.hidden)]));
}

/** The same by cause and by the source that has to name them. */
export async function unnamedReasons(
  driver: Driver,
  { valid, known }: Moment,
): Promise<readonly { standard: string; cause: Cause; source: string; count: number }[]> {
  const rows = await driver.query<{ standard: string; cause: Cause; source: string; hidden: string }>(
    `SELECT standard, reason AS cause, source, sum(change) AS hidden FROM ${verdictUnnamed.name}
     WHERE valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}
     GROUP BY standard, cause, source HAVING hidden != 0 ORDER BY standard, cause, source`,
    { valid: seconds(valid), known },
  );
  return rows.map(({ hidden, ...row }) => ({ ...row, count: Number(hidden) }));
}

/** What of them changed between two moments: the difference of the sums up to each. */
export async function unnamedBetween(
  driver: Driver,
  from: Moment,
  to: Moment,
  standard?: string,
): Promise<readonly UnnamedSide[]> {
  const upTo = (name: 'from' | 'to') =>
    `sumIf(change, valid <= fromUnixTimestamp({${name}Valid:Int64}) AND known <= {${name}Known:UInt64})`;
  const rows = await driver.query<Omit<UnnamedSide, 'change'> & { readonly moved: string }>(
    `SELECT standard, step, \`from\`, \`to\`, gone, side, ${upTo('to')} - ${upTo('from')} AS moved
     FROM ${verdictUnnamed.name} WHERE true${chosen(standard)}
     GROUP BY standard, step, \`from\`, \`to\`, gone, side HAVING moved != 0`,
    {
      fromValid: seconds(from.valid),
      fromKnown: from.known,
      toValid: seconds(to.valid),
      toKnown: to.known,
      ...given(standard),
    },
  );
  return rows.map(({ moved, ...row }) => ({ ...row, change: Number(moved) }));
}
