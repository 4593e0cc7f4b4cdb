/** Writing the history: what a tick changed, where an epoch opens, and what late truth changes about the past. */
import { hash, randomUUID } from 'node:crypto';
import { type Move, STEPS, type State } from '@macadam/core/figures/accounting';
import type { PreviousStatus, StandingChange } from '@macadam/core/figures/tick';
import type { Driver } from '../clickhouse/driver.ts';
import { verdictAsset, verdictDelta, verdictEpoch } from './table.ts';

/** When it was true, to the second, and the sealed batch by which it was learned. */
export interface Moment {
  readonly valid: Date;
  readonly known: number;
}

export interface Epoch {
  readonly standard: string;
  readonly epoch: number;
  readonly valid: Date;
  readonly known: number;
}

export interface Row {
  readonly standard: string;
  readonly epoch: number;
  readonly valid: number;
  readonly known: number;
  readonly team: string;
  readonly asset: string;
  readonly state: State;
  readonly reason: string;
  readonly step: Move['step'] | 'opening';
  readonly from: State;
  readonly to: State;
  readonly gone: number;
  readonly side: 'old' | 'new';
  readonly sign: 1 | -1;
  /** Place in the path of the tick, from 1; an opening has none. */
  readonly turn: number;
  /** Rows that are written one by one may have been learned late. */
  readonly on_time: 0 | 1;
}

export const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

/** The number of an asset in the history: the first 64 bits of the digest of its id. */
export function assetNumber(id: string): string {
  return BigInt(`0x${hash('sha256', id).slice(0, 16)}`).toString();
}

/** Two rows for each change, one where an asset enters or leaves: O is not kept. */
export const rowsOf = (change: StandingChange, epoch: number, moment: Moment): Row[] =>
  rowsOfNumber({ ...change, asset: assetNumber(change.asset) }, { epoch, moment, onTime: 0 });

/** The same of a change whose asset is given by its number. */
export function rowsOfNumber(
  change: StandingChange,
  { epoch, moment, onTime }: { readonly epoch: number; readonly moment: Moment; readonly onTime: 0 | 1 },
): Row[] {
  const { standard, asset, step, from, to, gone } = change;
  const row = (side: Row['side'], team: string, state: State, reason: string): Row => ({
    standard,
    epoch,
    valid: seconds(moment.valid),
    known: moment.known,
    team,
    asset,
    state,
    reason,
    step,
    from,
    to,
    gone: gone ? 1 : 0,
    side,
    sign: side === 'new' ? 1 : -1,
    turn: STEPS.indexOf(step) + 1,
    on_time: onTime,
  });
  return [
    ...(from === 'O' ? [] : [row('old', change.team, from, change.fromReason)]),
    ...(to === 'O' ? [] : [row('new', change.toTeam, to, change.toReason)]),
  ];
}

const COLUMNS = verdictDelta.columns.map(({ name }) => name as keyof Row);

export async function insertRows(
  driver: Driver,
  rows: readonly Row[],
  token: string = randomUUID(),
): Promise<void> {
  if (rows.length === 0) return;
  const lines = rows.map((row) => JSON.stringify(COLUMNS.map((name) => row[name])));
  await driver.insert({
    table: verdictDelta.name,
    columns: COLUMNS,
    format: 'JSONCompactEachRow',
    rows: Buffer.from(`${lines.join('\n')}\n`),
    token,
  });
}

/** Ids are written before the rows that stand for them. A number that two ids share is refused. */
export async function nameAssets(
  driver: Driver,
  ids: Iterable<string>,
  token: string = randomUUID(),
): Promise<void> {
  const byNumber = new Map([...new Set(ids)].map((id) => [assetNumber(id), id]));
  if (byNumber.size === 0) return;
  const lines = [...byNumber].map(([asset, id]) => JSON.stringify([asset, id]));
  await driver.insert({
    table: verdictAsset.name,
    columns: ['asset', 'id'],
    format: 'JSONCompactEachRow',
    rows: Buffer.from(`${lines.join('\n')}\n`),
    token,
  });
}

/** Every epoch, oldest first. */
export async function epochs(driver: Driver): Promise<readonly Epoch[]> {
  const rows = await driver.query<{ standard: string; epoch: number; valid: number; known: string }>(
    `SELECT standard, epoch, toUnixTimestamp(valid) AS valid, known FROM ${verdictEpoch.name} ORDER BY standard, epoch`,
  );
  return rows.map((row) => ({ ...row, valid: new Date(row.valid * 1000), known: Number(row.known) }));
}

export async function putEpochs(driver: Driver, opened: readonly Epoch[]): Promise<void> {
  if (opened.length === 0) return;
  const lines = opened.map(({ standard, epoch, valid, known }) =>
    JSON.stringify([standard, epoch, seconds(valid), known]),
  );
  await driver.insert({
    table: verdictEpoch.name,
    columns: ['standard', 'epoch', 'valid', 'known'],
    format: 'JSONCompactEachRow',
    rows: Buffer.from(`${lines.join('\n')}\n`),
    token: hash('sha256', opened.map(({ standard, epoch }) => `${standard}:${epoch}`).join()),
  });
}

/**
 * Opens the next epoch of a standard: one row for every asset in scope, as it stands at that moment. Changes valid up
 * to and at the moment are in the opening. The epoch is named last and its number is a new one, so a crash in
 * between leaves only rows that no sum ever reads.
 */
export async function openEpoch(driver: Driver, standard: string, moment: Moment): Promise<void> {
  const own = (await epochs(driver)).filter((epoch) => epoch.standard === standard);
  const last = own.at(-1);
  if (!last || last.valid >= moment.valid) return;
  const [used] = await driver.query<{ epoch: number }>(
    `SELECT max(epoch) AS epoch FROM ${verdictDelta.name} WHERE standard = {standard:String}`,
    { standard },
  );
  const epoch = Math.max(last.epoch, used?.epoch ?? 0) + 1;
  await driver.command(
    `INSERT INTO ${verdictDelta.name}
     SELECT standard, {epoch:UInt32}, fromUnixTimestamp({valid:Int64}), {known:UInt64}, team, asset, state, reason,
       'opening', 'O', state, 0, 'new', 1, 0, 1
     FROM ${verdictDelta.name}
     WHERE standard = {standard:String} AND epoch = {before:UInt32}
       AND valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}
     GROUP BY standard, team, asset, state, reason HAVING sum(sign) = 1`,
    { standard, epoch, before: last.epoch, valid: seconds(moment.valid), known: moment.known },
  );
  await putEpochs(driver, [{ standard, epoch, ...moment }]);
}

/** Rows of an asset that say the same, summed up. */
export interface HeldRow extends Row {
  /** Not 0. */
  readonly sum: number;
}

/** Every row that stands of some assets; few, because a server gets them in a URL. */
export async function heldRows(driver: Driver, ids: readonly string[]): Promise<readonly HeldRow[]> {
  const rows = await driver.query<Omit<HeldRow, 'sum' | 'known' | 'sign' | 'on_time'> & { sum: string }>(
    `SELECT toString(standard) AS standard, epoch, toUnixTimestamp(valid) AS valid, toString(team) AS team, toString(asset) AS asset,
       state, toString(reason) AS reason, step, \`from\`, \`to\`, gone, side, turn, sum(sign) AS sum
     FROM ${verdictDelta.name} WHERE asset IN (SELECT toUInt64(arrayJoin({numbers:Array(String)})))
     GROUP BY ALL HAVING sum != 0 ORDER BY valid, epoch`,
    { numbers: ids.map(assetNumber) },
  );
  return rows.map(({ sum, ...row }) => ({ ...row, known: 0, sign: 1, on_time: 0, sum: Number(sum) }));
}

/** What a tick of the past is known to have changed for one asset under one standard; null: as it was told. */
export interface PastTick {
  readonly valid: Date;
  readonly changes: readonly StandingChange[] | null;
  /** Where the asset stood after it; null for nowhere. */
  readonly stood: PreviousStatus | null;
}

/**
 * Late truth about one asset under one standard: what has to be added to the rows that stand, so that from `since` on they are
 * those of `right`, as of the batch `known`. Rows are taken back, never edited, so the picture of every earlier batch stays
 * what it was; the openings of later epochs are corrected with it.
 */
export function corrections(
  about: { readonly standard: string; readonly asset: string; readonly since: Date; readonly known: number },
  held: readonly HeldRow[],
  epochsOf: readonly Epoch[],
  right: readonly PastTick[],
): readonly Row[] {
  const { standard, asset, known } = about;
  const since = seconds(about.since);
  const told = new Set(right.flatMap(({ valid, changes }) => (changes === null ? seconds(valid) : [])));
  const rows = right.flatMap(({ valid, changes }) =>
    (changes ?? []).flatMap((change) => rowsOf(change, epochOf(epochsOf, seconds(valid)), { valid, known })),
  );
  for (const { epoch, valid } of epochsOf) {
    if (epoch === 1 || seconds(valid) < since) continue;
    const stood = right.findLast((one) => one.valid <= valid)?.stood ?? null;
    if (stood) rows.push(openingOf({ standard, asset, known, epoch, valid: seconds(valid), stood }));
  }
  const wrong = held.filter(
    ({ valid, step, epoch }) => valid >= since && (step === 'opening' ? epoch > 1 : !told.has(valid)),
  );
  return difference(wrong, rows, known);
}

/** A change at an epoch's own moment is in that epoch's opening, so its rows belong to the one before. */
const epochOf = (own: readonly Epoch[], valid: number): number =>
  own.findLast(({ epoch, valid: opened }) => epoch === 1 || seconds(opened) < valid)?.epoch ?? 1;

interface Opening {
  readonly standard: string;
  readonly asset: string;
  readonly known: number;
  readonly epoch: number;
  readonly valid: number;
  readonly stood: PreviousStatus;
}

const openingOf = ({ standard, asset, known, epoch, valid, stood }: Opening): Row => ({
  standard,
  epoch,
  valid,
  known,
  team: stood.team,
  asset: assetNumber(asset),
  state: stood.state,
  reason: stood.reason,
  step: 'opening',
  from: 'O',
  to: stood.state,
  gone: 0,
  side: 'new',
  sign: 1,
  turn: 0,
  on_time: 0,
});

function difference(wrong: readonly HeldRow[], right: readonly Row[], known: number): readonly Row[] {
  const sums = new Map<string, { readonly row: Row; sum: number }>();
  const add = (given: Row, by: number) => {
    const row: Row = { ...given, known, sign: 1 };
    const key = COLUMNS.map((name) => row[name]).join('\n');
    const one = sums.get(key) ?? { row, sum: 0 };
    one.sum += by;
    sums.set(key, one);
  };
  for (const row of wrong) add(row, -row.sum);
  for (const row of right) add(row, row.sign);
  return [...sums.values()].flatMap(({ row, sum }) =>
    Array.from({ length: Math.abs(sum) }, (): Row => ({ ...row, sign: sum > 0 ? 1 : -1 })),
  );
}

/** Where an asset stood before a time (Unix seconds), by all its rows under one standard; null for nowhere. */
export function stoodBefore(rows: readonly HeldRow[], valid: number): PreviousStatus | null {
  const sums = new Map<string, { readonly stood: PreviousStatus; sum: number }>();
  for (const row of rows) {
    if (row.valid >= valid || (row.step === 'opening' && row.epoch > 1)) continue;
    const { state, team, reason, sum } = row;
    const key = JSON.stringify([state, team, reason]);
    const one = sums.get(key) ?? { stood: { state, team, reason }, sum: 0 };
    one.sum += sum;
    sums.set(key, one);
  }
  return [...sums.values()].find(({ sum }) => sum > 0)?.stood ?? null;
}

/** Where an asset stands after changes in the order of their steps. */
export function stoodAfter(
  changes: readonly StandingChange[],
  stood: PreviousStatus | null,
): PreviousStatus | null {
  const last = changes.at(-1);
  if (!last) return stood;
  return last.to === 'O' ? null : { state: last.to, team: last.toTeam, reason: last.toReason };
}
