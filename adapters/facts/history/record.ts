/** Writing the history: what a tick changed, where an epoch opens, and what late truth changes about the past. */
import { hash } from 'node:crypto';
import type { Move, State } from '@macadam/core/figures/accounting';
import type { StandingChange } from '@macadam/core/figures/tick';
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

interface Row {
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
}

export const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

/** The number of an asset in the history: the first 64 bits of the digest of its id. */
export function assetNumber(id: string): string {
  return BigInt(`0x${hash('sha256', id).slice(0, 16)}`).toString();
}

/** Two rows for each change, one where an asset enters or leaves: O is not kept. */
function rowsOf(change: StandingChange, epoch: number, { valid, known }: Moment): Row[] {
  const { standard, asset, step, from, to, gone } = change;
  const about = { standard, epoch, valid: seconds(valid), known, asset: assetNumber(asset), step, from, to };
  const shared = { ...about, gone: gone ? 1 : 0 };
  const rows: Row[] = [];
  if (from !== 'O') {
    rows.push({
      ...shared,
      team: change.team,
      state: from,
      reason: change.fromReason,
      side: 'old',
      sign: -1,
    });
  }
  if (to !== 'O') {
    rows.push({ ...shared, team: change.toTeam, state: to, reason: change.toReason, side: 'new', sign: 1 });
  }
  return rows;
}

async function insert(driver: Driver, rows: readonly Row[], token: string): Promise<void> {
  if (rows.length === 0) return;
  const columns = verdictDelta.columns.map(({ name }) => name);
  const lines = rows.map((row) => JSON.stringify(columns.map((name) => row[name as keyof Row])));
  await driver.insert({
    table: verdictDelta.name,
    columns,
    format: 'JSONCompactEachRow',
    rows: Buffer.from(`${lines.join('\n')}\n`),
    token,
  });
}

/** Ids are written before the rows that stand for them. A number that two ids share is refused. */
async function name(driver: Driver, ids: Iterable<string>, token: string): Promise<void> {
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

/**
 * What one tick changed. Idempotent: the same changes of the same moment are written once. Every standard that is
 * judged, or changed, for the first time opens its first epoch, empty, at that moment: late truth about a tick that
 * changed nothing needs one to belong to.
 *
 * Throws `RangeError` for a moment before the epoch that is open: that is late truth, see `amend`.
 */
export async function record(
  driver: Driver,
  moment: Moment,
  changes: readonly StandingChange[],
  judged: readonly string[] = [],
): Promise<void> {
  const known = await epochs(driver);
  const current = new Map(known.map((epoch) => [epoch.standard, epoch]));
  const entering = changes.filter(({ from }) => from === 'O').map(({ asset }) => asset);
  const token = `${moment.known}:${seconds(moment.valid)}:${hash('sha256', JSON.stringify(changes))}`;
  const opened = [...new Set([...judged, ...changes.map(({ standard }) => standard)])].filter(
    (one) => !current.has(one),
  );
  for (const standard of opened) {
    const first = { standard, epoch: 1, ...moment };
    await putEpoch(driver, first);
    current.set(standard, first);
  }
  const rows = changes.flatMap((change) => {
    const epoch = current.get(change.standard);
    if (!epoch || epoch.valid > moment.valid) {
      throw new RangeError(
        `${change.standard}: ${moment.valid.toISOString()} lies before the open epoch; amend it`,
      );
    }
    return rowsOf(change, epoch.epoch, moment);
  });
  await name(driver, entering, token);
  await insert(driver, rows, token);
}

async function putEpoch(driver: Driver, { standard, epoch, valid, known }: Epoch): Promise<void> {
  await driver.insert({
    table: verdictEpoch.name,
    columns: ['standard', 'epoch', 'valid', 'known'],
    format: 'JSONCompactEachRow',
    rows: Buffer.from(`${JSON.stringify([standard, epoch, seconds(valid), known])}\n`),
    token: `${standard}:${epoch}`,
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
       'opening', 'O', state, 0, 'new', 1
     FROM ${verdictDelta.name}
     WHERE standard = {standard:String} AND epoch = {before:UInt32}
       AND valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}
     GROUP BY standard, team, asset, state, reason HAVING sum(sign) = 1`,
    { standard, epoch, before: last.epoch, valid: seconds(moment.valid), known: moment.known },
  );
  await putEpoch(driver, { standard, epoch, ...moment });
}

/** A change at a moment of the past, as it is now known to have been. */
export interface Past {
  readonly valid: Date;
  readonly change: StandingChange;
}

/**
 * Late truth about one asset under one standard: what happened from `since` on is replaced by `right`, as of the batch
 * `known`. Rows are taken back, never edited, so the picture of every earlier batch stays what it was; the openings
 * of later epochs are corrected with it.
 */
export async function amend(
  driver: Driver,
  about: { readonly standard: string; readonly asset: string; readonly since: Date; readonly known: number },
  right: readonly Past[],
): Promise<void> {
  const { standard, asset, since, known } = about;
  const own = (await epochs(driver)).filter((epoch) => epoch.standard === standard);
  const held = await driver.query<Omit<Row, 'known' | 'sign'> & { sum: string }>(
    `SELECT standard, epoch, toUnixTimestamp(valid) AS valid, team, asset, state, reason, step, \`from\`, \`to\`, gone, side,
       sum(sign) AS sum
     FROM ${verdictDelta.name} WHERE asset = {asset:UInt64} AND standard = {standard:String}
     GROUP BY ALL HAVING sum(sign) != 0 ORDER BY valid, epoch`,
    { asset: assetNumber(asset), standard },
  );
  const from = seconds(since);
  const rows: Row[] = held
    .filter((row) => row.valid >= from)
    .map(({ sum, ...row }) => ({ ...row, known, sign: Number(sum) > 0 ? -1 : 1 }));
  const epochAt = (valid: number) => own.findLast((epoch) => seconds(epoch.valid) <= valid)?.epoch ?? 1;
  // A change at an epoch's own moment is in that epoch's opening, so its rows belong to the one before.
  const epochOf = (valid: number) =>
    own.find((epoch) => seconds(epoch.valid) === valid && epoch.epoch > 1)
      ? epochAt(valid - 1)
      : epochAt(valid);
  for (const { valid, change } of right) {
    rows.push(...rowsOf(change, epochOf(seconds(valid)), { valid, known }));
  }
  for (const epoch of own) {
    if (epoch.epoch === 1 || seconds(epoch.valid) < from) continue;
    const last = right.findLast(({ valid }) => valid <= epoch.valid)?.change;
    const standing = last ? standingAfter(last) : before(held, from);
    if (!standing || standing.state === 'O') continue;
    rows.push({
      standard,
      epoch: epoch.epoch,
      valid: seconds(epoch.valid),
      known,
      asset: assetNumber(asset),
      ...standing,
      step: 'opening',
      from: 'O',
      to: standing.state,
      gone: 0,
      side: 'new',
      sign: 1,
    });
  }
  const token = `amend:${known}:${hash('sha256', JSON.stringify([standard, asset, from, right]))}`;
  await name(driver, [asset], token);
  await insert(driver, rows, token);
}

interface Stood {
  readonly team: string;
  readonly state: State;
  readonly reason: string;
}

const standingAfter = ({ toTeam, to, toReason }: StandingChange): Stood => ({
  team: toTeam,
  state: to,
  reason: toReason,
});

/** Where the asset stood just before `from`, by the rows of the epoch that was open then. */
function before(
  held: readonly (Omit<Row, 'known' | 'sign'> & { sum: string })[],
  from: number,
): Stood | null {
  const last = held.findLast((row) => row.valid < from && row.side === 'new');
  if (!last) return null;
  const left = held.some((row) => row.valid >= last.valid && row.valid < from && row.to === 'O');
  return left ? null : { team: last.team, state: last.state, reason: last.reason };
}
