/**
 * Assets that must exist and have no name, in the history: how many each partition hides from every standard of its kind, as
 * changes with both times, like those of named assets. They are unknowns of whole standards and of nobody's team, so they stand
 * beside the rows of assets, where a sum over one asset's rows stays 0 or 1.
 */
import { randomUUID } from 'node:crypto';
import type { Cause } from '@macadam/core/facts/observation';
import { unnamedCount } from '@macadam/core/facts/population';
import type { Move } from '@macadam/core/figures/accounting';
import type { Driver, Parameters } from '../clickhouse/driver.ts';
import { countsOf } from '../clickhouse/history.ts';
import { quoted, tableOf } from '../layout.ts';
import type { SignedManifest } from '../manifest.ts';
import type { Facts } from '../port.ts';
import type { LoggedTick } from './log.ts';
import { type Moment, seconds } from './record.ts';
import { verdictUnnamed } from './table.ts';
import type { Written } from './written.ts';

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

export interface UnnamedOptions {
  readonly driver: Driver;
  readonly facts: Pick<Facts, 'pastsOf' | 'hasEvent'>;
  /** Those in force, by id and kind. */
  readonly standards: readonly { readonly id: string; readonly kind: string }[];
  /** Digests of their definitions. */
  readonly definitions: Readonly<Record<string, string>>;
  /** Ids of those that were in force at the last tick and are no more. */
  readonly withdrawn: readonly string[];
  readonly written: readonly LoggedTick[];
  /** The first tick of the past that may have been otherwise than it was known; null: none. */
  readonly since: Date | null;
  readonly moment: Moment;
}

/** A tick, written or about to be: what is asked of it. */
type Asked = Pick<LoggedTick, 'valid' | 'definitions'>;

/** Writes what ticks hide: those of the past that have to be asked again, and the new one. Where nothing can have changed nothing is read. */
export async function recordUnnamed(options: UnnamedOptions): Promise<void> {
  const { driver, standards, definitions, withdrawn, written, since, moment } = options;
  const { known } = moment;
  const previous = written.at(-1) ?? null;
  const anew = standards.some(({ id }) => previous?.definitions[id] !== definitions[id]);
  if (previous && !anew && withdrawn.length === 0 && !(await isNews(driver, previous, moment))) return;
  const now: Asked = { valid: moment.valid, definitions };
  const past = since === null ? [] : written.filter(({ valid }) => valid >= since);
  const first = seconds((past[0] ?? now).valid);
  const stood = await standing(driver, known, first);
  const told = past.length > 0 ? await rowsSince(driver, known, first) : [];
  const hidden = hiddenOnce(options, now);
  const rows: Row[] = [];
  const all = [...standards, ...withdrawn.map((id) => ({ id, kind: null }))];
  for (const { id, kind } of all) {
    let stands = stood.filter((one) => one.standard === id);
    const own = told.filter(({ standard }) => standard === id);
    let before: Asked | null = written.at(-1 - past.length) ?? null;
    // Of what a standard hid that is no longer in force, nothing is asked again.
    for (const tick of kind === null ? [now] : [...past, now]) {
      const valid = seconds(tick.valid);
      const right: Row[] = [];
      const go = (step: Move['step'], next: readonly Hidden[]) => {
        right.push(...moves({ standard: id, valid, step }, stands, next));
        stands = next.map((one) => ({ ...one, standard: id }));
      };
      const [old, defined] = [before?.definitions[id], tick.definitions[id]];
      if (defined === undefined || kind === null) go('definition', []);
      else {
        if (before !== null && old !== defined) go('definition', await hidden(kind, before));
        go('evidence', await hidden(kind, tick));
      }
      rows.push(
        ...difference(
          own.filter((row) => row.valid === valid),
          right,
        ),
      );
      before = tick;
    }
  }
  await insert(driver, rows, known);
}

/** Whether a batch came since the last tick, or speaks of a time that came since. */
async function isNews(driver: Driver, previous: Moment, moment: Moment): Promise<boolean> {
  if (previous.known !== moment.known) return true;
  const [row] = await driver.query<{ rows: string }>(
    'SELECT count() AS rows FROM batch WHERE at > {from:Int64} AND at <= {to:Int64}',
    { from: nanos(previous.valid), to: nanos(moment.valid) },
  );
  return Number(row?.rows) > 0;
}

/** The same question of the same tick is asked by every standard of a kind. */
function hiddenOnce(options: UnnamedOptions, now: Asked) {
  const asked = new Map<string, Promise<readonly Hidden[]>>();
  const open = new Map<number, Promise<ReadonlyMap<string, readonly OpenRun[]>>>();
  const reasons = reasonsOnce(options.driver);
  const { known } = options.moment;
  return (kind: string, tick: Asked): Promise<readonly Hidden[]> => {
    const valid = seconds(tick.valid);
    const runs =
      open.get(valid) ??
      openRuns(options, { valid: tick.valid, known }).then((all) => Map.groupBy(all, (one) => one.kind));
    open.set(valid, runs);
    const key = `${kind} ${valid}`;
    const answer =
      asked.get(key) ??
      runs.then((all) =>
        hiddenIn({ options, kind, asked: tick, open: all.get(kind) ?? [], newest: tick === now, reasons }),
      );
    asked.set(key, answer);
    return answer;
  };
}

interface HiddenInInput {
  readonly options: UnnamedOptions;
  readonly kind: string;
  readonly asked: Asked;
  readonly open: readonly OpenRun[];
  readonly newest: boolean;
  readonly reasons: ReturnType<typeof reasonsOnce>;
}

async function hiddenIn({
  options: {
    driver,
    facts,
    moment: { known },
  },
  kind,
  asked: { valid },
  open,
  newest,
  reasons,
}: HiddenInInput): Promise<readonly Hidden[]> {
  const hidden: Hidden[] = [];
  for (const [source, runs] of Map.groupBy(open, (one) => one.source)) {
    const asked = { kind, source, runs, moment: { valid, known } };
    const named = await (newest ? namedNow(driver, facts, asked) : namedThen(driver, facts, asked));
    for (const { container, expected, batch } of runs) {
      const count = unnamedCount(Number(expected), named.get(container) ?? 0);
      if (count === 0) continue;
      hidden.push({ source, container, reason: await reasons(batch, kind, container), count });
    }
  }
  return hidden;
}

interface OpenRun {
  readonly kind: string;
  readonly source: string;
  readonly container: string;
  readonly batch: string;
  readonly expected: string;
}

/** A partition by one name: its container, then what sets it apart. */
const PLACE = `arrayStringConcat(arrayFilter(part -> part != '', [toString(container), toString(estate), toString(format)]), ' · ')`;
const BASE = `arrayStringConcat(arrayFilter(part -> part != '', [toString(container), toString(estate)]), ' · ')`;

const NOT_RETIRED = ` AND NOT arrayExists(retired -> retired.1 = source AND started_at <= retired.2, (
  SELECT groupArray((subject, at)) FROM batch
  WHERE event = 'retire-source' AND number <= {known:UInt64} AND at <= {valid:Int64}))`;
const NOT_CONFIRMED = ` AND newest.2 NOT IN (
  SELECT subject FROM batch WHERE event = 'confirm' AND number <= {known:UInt64})`;

/**
 * The newest run of each partition of which fewer arrived than there must be. There must be as many as it saw or its witness
 * counts; where it came to no end and has no witness, as many as the last one knew that did or
 * had one. What a person confirmed hides nothing, and a source that was retired has no word.
 */
const openRuns = ({ driver, facts }: UnnamedOptions, { valid, known }: Moment): Promise<readonly OpenRun[]> =>
  driver.query<OpenRun>(
    `SELECT toString(kind) AS kind, toString(source) AS source, container, newest.3 AS batch, expected FROM (
       SELECT kind, source, container, maxIf(started_at, tells) AS told_at,
         arrayMax(arrayMap(one -> if(one.1 >= told_at, one.2, 0), groupArray((started_at, counted)))) AS expected,
         argMax((delivered, collection, batch), (started_at, collection)) AS newest
       FROM (
         SELECT kind, source, ${PLACE} AS container, started_at, collection, batch, delivered,
           greatest(seen, ifNull(witness, 0)) AS counted, claimed = 1 OR witness IS NOT NULL AS tells
         FROM partition WHERE started_at <= {valid:Int64} AND ${countsOf(facts)}${facts.hasEvent('retire-source') ? NOT_RETIRED : ''})
       GROUP BY kind, source, container)
     WHERE expected > newest.1${facts.hasEvent('confirm') ? NOT_CONFIRMED : ''}
     ORDER BY kind, source, container`,
    { known, valid: nanos(valid) },
  );

const nanos = (date: Date): bigint => BigInt(date.getTime()) * 1_000_000n;

interface Naming {
  readonly kind: string;
  readonly source: string;
  readonly runs: readonly OpenRun[];
  readonly moment: Moment;
}

/** Which of these partitions an asset is in: where their newest runs saw it, and where the source saw it last, in whichever run. */
const placed = (facts: Pick<Facts, 'hasEvent'>): string => `WITH {containers:Array(String)} AS open,
    arrayZip({containers:Array(String)}, {batches:Array(UInt64)}) AS runs
  SELECT asset, arrayConcat(groupUniqArrayIf(own, has(runs, (own, batch))), groupUniqArrayIf(base, has(runs, (base, batch)))) AS newest,
    argMax([own, base], seen_at) AS last,
    arrayDistinct(arrayConcat(newest, arrayFilter(one -> has(open, one), last))) AS places
  FROM (SELECT asset, seen_at, batch, ${PLACE} AS own, ${BASE} AS base FROM observation
    WHERE kind = {kind:String} AND source = {source:String} AND seen_at <= {valid:Int64} AND ${countsOf(facts)}
      AND asset IN (SELECT asset FROM observation WHERE kind = {kind:String} AND source = {source:String}
        AND (has({containers:Array(String)}, ${PLACE}) OR has({containers:Array(String)}, ${BASE}))))
  GROUP BY asset HAVING notEmpty(places)`;

const placedBy = ({ kind, source, runs, moment: { valid, known } }: Naming): Parameters => ({
  kind,
  source,
  known,
  valid: nanos(valid),
  containers: runs.map(({ container }) => container),
  batches: runs.map(({ batch }) => Number(batch)),
});

/** Container → how many assets that exist now are in it. */
async function namedNow(
  driver: Driver,
  facts: Pick<Facts, 'hasEvent'>,
  asked: Naming,
): Promise<ReadonlyMap<string, number>> {
  const table = quoted(tableOf({ kind: asked.kind }));
  const rows = await driver.query<{ container: string; named: string }>(
    `SELECT container, count() AS named FROM (${placed(facts)}) ARRAY JOIN places AS container
     WHERE asset IN (SELECT \`@id\` FROM ${table}) GROUP BY container`,
    placedBy(asked),
  );
  return new Map(rows.map(({ container, named }) => [container, Number(named)]));
}

/** Ids that are read at once. */
const PAGE = 200;

/** Container → how many assets that existed at the moment were in it. */
async function namedThen(
  driver: Driver,
  facts: Pick<Facts, 'pastsOf' | 'hasEvent'>,
  asked: Naming,
): Promise<ReadonlyMap<string, number>> {
  const { kind, moment } = asked;
  const counts = new Map<string, number>();
  for (let after = ''; ; ) {
    const rows = await driver.query<{ asset: string; places: readonly string[] }>(
      `SELECT asset, places FROM (${placed(facts)}) WHERE asset > {after:String} ORDER BY asset LIMIT ${PAGE}`,
      { ...placedBy(asked), after },
    );
    const last = rows.at(-1)?.asset;
    if (last === undefined) return counts;
    const pasts = await facts.pastsOf(
      kind,
      rows.map(({ asset }) => asset),
      moment.known,
    );
    for (const { asset, places } of rows)
      if (pasts.get(asset)?.at(moment.valid))
        for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
    after = last;
  }
}

/** Why the source says that it could not list a partition; a manifest is read once. */
function reasonsOnce(driver: Driver) {
  const read = new Map<string, Promise<ReadonlyMap<string, Cause | undefined>>>();
  return async (batch: string, kind: string, container: string): Promise<Cause> => {
    const causes = read.get(batch) ?? causesOf(driver, batch);
    read.set(batch, causes);
    return (await causes).get(JSON.stringify([kind, container])) ?? 'incomplete';
  };
}

async function causesOf(driver: Driver, batch: string): Promise<ReadonlyMap<string, Cause | undefined>> {
  const [row] = await driver.query<{ body: string }>(`SELECT body FROM batch WHERE number = {batch:UInt64}`, {
    batch: Number(batch),
  });
  const { manifest } = JSON.parse(row?.body ?? '{}') as Partial<SignedManifest>;
  return new Map(
    (manifest?.collection.partitions ?? []).map(({ kind, container, estate, format, cause }) => [
      JSON.stringify([kind, [container, estate, format].filter((part) => part).join(' · ')]),
      cause,
    ]),
  );
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

/** What each partition hid from each standard before a time (Unix seconds), as it is known. */
async function standing(
  driver: Driver,
  known: number,
  before: number,
): Promise<readonly (Hidden & { readonly standard: string })[]> {
  const rows = await driver.query<Omit<Hidden, 'count'> & { standard: string; hidden: string }>(
    `SELECT toString(standard) AS standard, toString(source) AS source, container, toString(reason) AS reason, sum(change) AS hidden
     FROM ${verdictUnnamed.name} WHERE known <= {known:UInt64} AND valid < fromUnixTimestamp({before:Int64})
     GROUP BY ALL HAVING hidden != 0`,
    { known, before },
  );
  return rows.map(({ hidden, ...row }) => ({ ...row, count: Number(hidden) }));
}

const COLUMNS = verdictUnnamed.columns.map(({ name }) => name);

/** Rows of ticks from a time on (Unix seconds). */
async function rowsSince(driver: Driver, known: number, since: number): Promise<readonly Row[]> {
  const rows = await driver.query<Omit<Row, 'change'> & { readonly moved: string }>(
    `SELECT toString(standard) AS standard, toUnixTimestamp(valid) AS valid, toString(source) AS source, container,
       toString(reason) AS reason, step, \`from\`, \`to\`, gone, side, sum(change) AS moved
     FROM ${verdictUnnamed.name} WHERE known <= {known:UInt64} AND valid >= fromUnixTimestamp({since:Int64})
     GROUP BY ALL HAVING moved != 0`,
    { known, since },
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
    token: randomUUID(),
  });
}

const chosen = (standard: string | undefined): string =>
  standard === undefined ? '' : ' AND standard = {standard:String}';
const given = (standard: string | undefined): Parameters => (standard === undefined ? {} : { standard });

/** How many have no name, by standard, as of a moment. */
export async function unnamedAt(
  { driver, rows: there }: Written,
  { valid, known }: Moment,
  standard?: string,
): Promise<ReadonlyMap<string, number>> {
  if (!(await there()).unnamed) return new Map();
  const rows = await driver.query<{ standard: string; hidden: string }>(
    `SELECT standard, sum(change) AS hidden FROM ${verdictUnnamed.name}
     WHERE valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}${chosen(standard)}
     GROUP BY standard HAVING hidden != 0`,
    { valid: seconds(valid), known, ...given(standard) },
  );
  return new Map(rows.map((row) => [row.standard, Number(row.hidden)]));
}

/** The same by partition and cause. */
export async function unnamedPlaces(
  { driver, rows: there }: Written,
  { valid, known }: Moment,
): Promise<readonly UnnamedPlace[]> {
  if (!(await there()).unnamed) return [];
  const rows = await driver.query<Omit<UnnamedPlace, 'count'> & { readonly hidden: string }>(
    `SELECT standard, source, container, reason AS cause, sum(change) AS hidden FROM ${verdictUnnamed.name}
     WHERE valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}
     GROUP BY standard, source, container, cause HAVING hidden != 0 ORDER BY standard, source, container, cause`,
    { valid: seconds(valid), known },
  );
  return rows.map(({ hidden, ...row }) => ({ ...row, count: Number(hidden) }));
}

/** How many assets of one partition have no name under a standard, and why. */
export interface UnnamedPlace {
  readonly standard: string;
  readonly source: string;
  readonly container: string;
  readonly cause: Cause;
  readonly count: number;
}

/** The same by cause and by the source that has to name them. */
export async function unnamedReasons(
  { driver, rows: there }: Written,
  { valid, known }: Moment,
): Promise<readonly { standard: string; cause: Cause; source: string; count: number }[]> {
  if (!(await there()).unnamed) return [];
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
  { driver, rows: there }: Written,
  from: Moment,
  to: Moment,
  standard?: string,
): Promise<readonly UnnamedSide[]> {
  if (!(await there()).unnamed) return [];
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
