/** Late truth: what is known now of ticks that were written, and was not then. */
import type { Asset } from '@macadam/core/facts/asset';
import { changesOf, type Side, type StandingChange, type Stood } from '@macadam/core/figures/tick';
import { canonical } from '@macadam/core/text/canonical';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import type { Exception } from '@macadam/core/verdicts/exception';
import type { Driver } from '../clickhouse/driver.ts';
import { looksAround } from '../rejudge.ts';
import type { LoggedTick } from './log.ts';
import { amend, type Moment, type Past } from './record.ts';
import { type Sides, stoodAt } from './sides.ts';

export interface LateOptions {
  readonly driver: Driver;
  readonly exceptions: readonly Exception[];
  readonly teamOf: (asset: Asset) => string;
}

/** A tick of the past, as it was known when the last one was written, and as it is known now. */
interface Reopened extends LoggedTick {
  readonly before: Moment;
  readonly now: Moment;
}

/**
 * Ticks at which something may have been otherwise than we knew when the last one was written: those that lie after the earliest
 * time that something was learned about since. What began after a tick says nothing of it, so mostly there are none.
 */
export async function reopened(
  driver: Driver,
  written: readonly LoggedTick[],
  known: number,
): Promise<readonly Reopened[]> {
  const previous = written.at(-1);
  if (!previous || previous.known === known) return [];
  const { since, redefined, forgotten } = await learnedAbout(driver, previous.known, known);
  // What was known before rows were forgotten cannot be asked any more.
  const then = Math.max(previous.known, forgotten);
  return written
    .filter((one) => (redefined && one === previous) || (since !== null && one.valid >= since))
    .map((one) => ({
      ...one,
      before: { valid: one.valid, known: then },
      now: { valid: one.valid, known },
    }));
}

/** Assets, by kind, of which we now know that they were otherwise at a tick. */
export async function learnedLate(
  sides: Sides,
  compared: readonly Reopened[],
): Promise<Map<string, Set<string>>> {
  const late = new Map<string, Set<string>>();
  for (const kind of compared.length > 0 ? sides.kinds : []) {
    const found = new Set<string>();
    for (const tick of compared) {
      const then = await sides.assets(kind, tick.before);
      const now = await sides.assets(kind, tick.now);
      for (const id of new Set([...then.keys(), ...now.keys()]))
        if (!found.has(id) && contentOf(then.get(id)) !== contentOf(now.get(id))) found.add(id);
    }
    if (found.size > 0) late.set(kind, found);
  }
  return late;
}

/**
 * Assets whose verdict we now know to have been another at a tick: their own evidence, or, of a standard that looks around, what
 * was learned late of others, or of how whole these were listed.
 */
export async function mistaken(
  { driver, exceptions, teamOf }: LateOptions,
  sides: Sides,
  compared: readonly Reopened[],
  late: ReadonlyMap<string, ReadonlySet<string>>,
  standard: CompiledStandard,
  digest: string | undefined,
): Promise<ReadonlySet<string>> {
  const { id, scope } = standard.definition;
  const own = late.get(scope.kind) ?? new Set<string>();
  if (!looksAround(standard)) return own;
  const found = new Set(own);
  for (const { before, now, definitions } of compared) {
    // What another definition said is not known any more.
    if (definitions[id] !== digest) continue;
    const moved = sides.around(scope.kind).some((kind) => late.has(kind));
    const listed = async ({ valid, known }: Moment) => canonical(await sides.enumerated(valid, known));
    if (!moved && (await listed(before)) === (await listed(now))) continue;
    const side = await sides.at(scope.kind, now);
    const stood = await stoodAt(driver, before, id);
    const asked = { standard, redefined: true, stood, before: side, after: side, exceptions, teamOf };
    for (const { step, asset } of changesOf(asked))
      if (step === 'definition' || step === 'evidence') found.add(asset);
  }
  return found;
}

interface Learned {
  /** The earliest time that the batches say something about; null for none. */
  readonly since: Date | null;
  /** Kinds were defined anew, so that what was said before is read otherwise. */
  readonly redefined: boolean;
  /** The batch in which rows were last forgotten, or 0. */
  readonly forgotten: number;
}

/** What batches after one and up to another tell. */
async function learnedAbout(driver: Driver, after: number, upto: number): Promise<Learned> {
  const range = 'number > {after:UInt64} AND number <= {upto:UInt64}';
  const [row] = await driver.query<{ rows: string; at: string; redefined: string; forgotten: string }>(
    `SELECT countIf(event != 'forget') AS rows, minIf(at, event != 'forget') AS at,
       countIf(event = 'catalogue') AS redefined, maxIf(number, event = 'forget') AS forgotten
     FROM batch WHERE (${range}) OR (event = 'collection'
       AND subject IN (SELECT subject FROM batch WHERE event IN ('retract', 'confirm') AND ${range}))`,
    { after, upto },
  );
  return {
    since: row && Number(row.rows) > 0 ? new Date(Number(BigInt(row.at) / 1_000_000n)) : null,
    redefined: Number(row?.redefined ?? 0) > 0,
    forgotten: Number(row?.forgotten ?? 0),
  };
}

const contentOf = (asset: Asset | undefined): string =>
  asset ? canonical({ ...asset, attributes: [...asset.attributes] }) : '';

/** Writes what was so at the earlier ticks, as it is known now. Definitions of the past are taken to be those of today. */
export async function correct(
  { driver, exceptions, teamOf }: LateOptions,
  sides: Sides,
  written: readonly LoggedTick[],
  standard: CompiledStandard,
  ids: ReadonlySet<string>,
  known: number,
): Promise<void> {
  const { id, scope } = standard.definition;
  const right = new Map<string, Past[]>([...ids].map((asset) => [asset, []]));
  let stood: ReadonlyMap<string, Stood> = new Map();
  let before: Side = { assets: new Map(), at: written[0]?.valid ?? new Date(0) };
  for (const { valid, definitions } of written) {
    if (!Object.hasOwn(definitions, id)) continue;
    const whole = await sides.at(scope.kind, { valid, known });
    const after: Side = { ...whole, assets: only(whole.assets, ids) };
    const redefined = stood.size === 0;
    const changes = changesOf({ standard, redefined, stood, before, after, exceptions, teamOf });
    for (const change of changes) right.get(change.asset)?.push({ valid, change });
    stood = moved(stood, changes);
    before = after;
  }
  for (const [asset, past] of right) {
    await amend(driver, { standard: id, asset, since: new Date(0), known }, past);
  }
}

const only = (assets: ReadonlyMap<string, Asset>, ids: ReadonlySet<string>) =>
  new Map([...assets].filter(([id]) => ids.has(id)));

function moved(stood: ReadonlyMap<string, Stood>, changes: readonly StandingChange[]): Map<string, Stood> {
  const next = new Map(stood);
  for (const { asset, to, toTeam, toReason } of changes) {
    if (to === 'O') next.delete(asset);
    else next.set(asset, { state: to, team: toTeam, reason: toReason });
  }
  return next;
}
