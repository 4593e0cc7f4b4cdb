/**
 * A tick of the store: judges everything that is known, writes down what changed since the last one and why, and, where
 * evidence arrived late, what was so at earlier ticks. A tick is written whole or not at all: it counts once its own
 * row stands, and writing it again writes the same.
 */
import { hash } from 'node:crypto';
import type { Asset } from '@macadam/core/asset';
import { canonical } from '@macadam/core/canonical';
import type { CompiledStandard } from '@macadam/core/compiled-standard';
import type { Exception } from '@macadam/core/exception';
import type { Kind } from '@macadam/core/kind';
import type { Partition } from '@macadam/core/observation';
import { ownerOf } from '@macadam/core/picture';
import { relatedIn } from '@macadam/core/related';
import { changesOf, type Side, type StandingChange, type Stood, withdrawn } from '@macadam/core/tick';
import type { Driver } from '../clickhouse/driver.ts';
import type { Facts } from '../port.ts';
import { assetsAt } from './read.ts';
import { amend, epochs, type Moment, openEpoch, type Past, record, seconds } from './record.ts';
import { tickLog, verdictDelta } from './table.ts';

export interface TickOptions {
  readonly facts: Facts;
  readonly driver: Driver;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly standards: readonly CompiledStandard[];
  readonly exceptions: readonly Exception[];
  /** The tick's time; a whole second. */
  readonly at: Date;
  /** The team whose an asset is; what its sources name as owners where it is left out. */
  readonly teamOf?: (asset: Asset) => string;
}

export interface Ticked {
  readonly moment: Moment;
  /** The tick before it, if there was one. */
  readonly previous: Moment | null;
  readonly changes: readonly StandingChange[];
  /** Assets about which something was learned late. */
  readonly late: number;
}

/** Who has nobody's name on it is a group of its own. */
export const NOBODY = 'nobody';
const named = (asset: Asset): string => ownerOf(asset) ?? NOBODY;

interface LoggedTick extends Moment {
  readonly definitions: Readonly<Record<string, string>>;
}

/** Ticks that were written, oldest first. */
export async function ticks(driver: Driver): Promise<readonly LoggedTick[]> {
  const rows = await driver.query<{ valid: number; known: string; definitions: Record<string, string> }>(
    `SELECT toUnixTimestamp(valid) AS valid, known, definitions FROM ${tickLog.name} ORDER BY valid, known`,
  );
  return rows.map((row) => ({ ...row, valid: new Date(row.valid * 1000), known: Number(row.known) }));
}

/** What a standard says, its parameters included: another digest is another definition. */
export const digestOf = ({ definition, params }: CompiledStandard): string =>
  hash(
    'sha256',
    canonical([definition.scope, definition.check, definition.reasons, definition.evidence, params]),
  );

/** Throws `RangeError` for a time that is not later than the last tick's. */
export async function tick(options: TickOptions): Promise<Ticked> {
  const { facts, driver, kinds, standards, at, teamOf = named } = options;
  const known = await facts.settled();
  const moment: Moment = { valid: at, known };
  const written = await ticks(driver);
  await sweep(driver, written.at(-1)?.valid ?? null);
  const previous = written.at(-1) ?? null;
  if (previous && seconds(previous.valid) >= seconds(at)) {
    throw new RangeError(
      `a tick at ${at.toISOString()} is not after the last one, ${previous.valid.toISOString()}`,
    );
  }
  const sides = new Sides(facts, kinds);
  const late = await learnedLate(driver, sides, written, known);
  if (late.size > 0) await correct(options, sides, written, late, known);
  const from = previous ? { valid: previous.valid, known } : null;
  const definitions = Object.fromEntries(standards.map((one) => [one.definition.id, digestOf(one)]));
  const changes: StandingChange[] = [];
  for (const standard of standards) {
    const { id, scope } = standard.definition;
    const before = from ? await sides.at(scope.kind, from) : { assets: new Map(), at };
    const after = await sides.now(scope.kind, at);
    const stood = from ? await stoodAt(driver, from, id) : new Map();
    const redefined = previous?.definitions[id] !== definitions[id];
    changes.push(
      ...changesOf({ standard, redefined, stood, before, after, exceptions: options.exceptions, teamOf }),
    );
  }
  for (const id of Object.keys(previous?.definitions ?? {})) {
    if (from && !Object.hasOwn(definitions, id))
      changes.push(...withdrawn(id, await stoodAt(driver, from, id)));
  }
  await record(driver, moment, changes, Object.keys(definitions));
  await driver.insert({
    table: tickLog.name,
    columns: ['valid', 'known', 'definitions'],
    format: 'JSONCompactEachRow',
    rows: Buffer.from(`${JSON.stringify([seconds(at), known, definitions])}\n`),
    token: `tick:${seconds(at)}:${known}`,
  });
  await recut(driver, moment);
  const assets = new Set([...late.values()].flatMap((ids) => [...ids]));
  return {
    moment,
    previous: previous && { valid: previous.valid, known: previous.known },
    changes,
    late: assets.size,
  };
}

/** Takes back what a tick wrote that did not come to its end: it lies after the last one that did. */
async function sweep(driver: Driver, last: Date | null): Promise<void> {
  const keys = 'standard, epoch, valid, known, team, asset, state, reason, step, `from`, `to`, gone, side';
  await driver.command(
    `INSERT INTO ${verdictDelta.name} SELECT ${keys}, toInt8(-sum(sign)) FROM ${verdictDelta.name}
     WHERE valid > fromUnixTimestamp({last:Int64}) GROUP BY ${keys} HAVING sum(sign) != 0`,
    { last: last ? seconds(last) : 0 },
  );
}

async function stoodAt(driver: Driver, moment: Moment, standard: string): Promise<Map<string, Stood>> {
  const stood = new Map<string, Stood>();
  const limit = 100_000;
  for (let after = ''; ; ) {
    const page = await assetsAt(driver, moment, { standard }, { limit, after });
    for (const { asset, state, team, reason } of page) stood.set(asset, { state, team, reason });
    const last = page.at(-1)?.asset;
    if (last === undefined || page.length < limit) return stood;
    after = last;
  }
}

/** Assets of a kind at moments, each read once. */
class Sides {
  readonly #facts: Facts;
  readonly #kinds: ReadonlyMap<string, Kind>;
  readonly #held = new Map<string, Promise<ReadonlyMap<string, Asset>>>();

  constructor(facts: Facts, kinds: ReadonlyMap<string, Kind>) {
    this.#facts = facts;
    this.#kinds = kinds;
  }

  get kinds(): Iterable<string> {
    return this.#kinds.keys();
  }

  assets(kind: string, moment?: Moment): Promise<ReadonlyMap<string, Asset>> {
    const key = moment ? `${kind} ${seconds(moment.valid)} ${moment.known}` : kind;
    let held = this.#held.get(key);
    if (!held) {
      const read = moment
        ? this.#facts.assetsAsOf(kind, { valid: moment.valid.toISOString(), known: moment.known })
        : this.#facts.assets(kind);
      held = gather(read);
      this.#held.set(key, held);
    }
    return held;
  }

  at = (kind: string, moment: Moment): Promise<Side> => this.#side(kind, moment.valid, moment);
  now = (kind: string, at: Date): Promise<Side> => this.#side(kind, at);

  async #side(kind: string, at: Date, moment?: Moment): Promise<Side> {
    const assets = await this.assets(kind, moment);
    const relations = Object.values(this.#kinds.get(kind)?.relations ?? {});
    const others = new Set(relations.flatMap(({ to, from }) => to ?? from ?? []));
    if (others.size === 0) return { assets, at };
    const around = [...assets.values()];
    for (const other of others) around.push(...(await this.assets(other, moment)).values());
    const collections = await this.#facts.collections(moment ? { known: moment.known } : {});
    // Of each partition its newest collection says how whole it is.
    const newest = new Map<string, Partition>();
    for (const { collection, retracted } of collections) {
      if (retracted) continue;
      for (const one of collection.partitions) {
        newest.set(`${collection.source}\n${one.kind}\n${one.container}`, one);
      }
    }
    const partitions = [...newest.values()];
    return { assets, at, related: relatedIn(this.#kinds, around, partitions) };
  }
}

/** Everything of a kind as it is at the moment, with what it refers to. Reads all of them. */
export const sideNow = (
  facts: Facts,
  kinds: ReadonlyMap<string, Kind>,
  kind: string,
  at: Date,
): Promise<Side> => new Sides(facts, kinds).now(kind, at);

async function gather(read: AsyncIterable<Asset>): Promise<ReadonlyMap<string, Asset>> {
  const assets = new Map<string, Asset>();
  for await (const asset of read) assets.set(asset.id, asset);
  return assets;
}

/**
 * Assets, by kind, of which we now know that they were otherwise at a tick than we knew when the last one was written.
 * The last tick always is compared; those before it where something was learned since about a time that lies before them.
 */
async function learnedLate(
  driver: Driver,
  sides: Sides,
  written: readonly LoggedTick[],
  known: number,
): Promise<Map<string, Set<string>>> {
  const late = new Map<string, Set<string>>();
  const previous = written.at(-1);
  if (!previous || previous.known === known) return late;
  const since = await learnedAbout(driver, previous.known, known);
  const compared = written.filter((one) => one === previous || (since !== null && one.valid >= since));
  for (const kind of sides.kinds) {
    const found = new Set<string>();
    for (const { valid } of compared) {
      const then = await sides.assets(kind, { valid, known: previous.known });
      const now = await sides.assets(kind, { valid, known });
      for (const id of new Set([...then.keys(), ...now.keys()]))
        if (!found.has(id) && contentOf(then.get(id)) !== contentOf(now.get(id))) found.add(id);
    }
    if (found.size > 0) late.set(kind, found);
  }
  return late;
}

/** The earliest time that batches after one and up to another say something about; null for none. */
async function learnedAbout(driver: Driver, after: number, upto: number): Promise<Date | null> {
  const range = 'number > {after:UInt64} AND number <= {upto:UInt64}';
  const [row] = await driver.query<{ rows: string; at: string }>(
    `SELECT count() AS rows, min(at) AS at FROM batch WHERE (event != 'forget' AND ${range}) OR (event = 'collection'
     AND subject IN (SELECT subject FROM batch WHERE event IN ('retract', 'confirm') AND ${range}))`,
    { after, upto },
  );
  return row && Number(row.rows) > 0 ? new Date(Number(BigInt(row.at) / 1_000_000n)) : null;
}

const contentOf = (asset: Asset | undefined): string =>
  asset ? canonical({ ...asset, attributes: [...asset.attributes] }) : '';

/** Writes what was so at the earlier ticks, as it is known now. Definitions of the past are taken to be those of today. */
async function correct(
  { driver, standards, exceptions, teamOf = named }: TickOptions,
  sides: Sides,
  written: readonly LoggedTick[],
  late: ReadonlyMap<string, ReadonlySet<string>>,
  known: number,
): Promise<void> {
  for (const standard of standards) {
    const { id, scope } = standard.definition;
    const ids = late.get(scope.kind);
    if (!ids) continue;
    const right = new Map<string, Past[]>([...ids].map((asset) => [asset, []]));
    let stood: ReadonlyMap<string, Stood> = new Map();
    let before: Side = { assets: new Map(), at: written[0]?.valid ?? new Date(0) };
    for (const { valid, definitions } of written) {
      if (!Object.hasOwn(definitions, id)) continue;
      const whole = await sides.at(scope.kind, { valid, known });
      const after: Side = { ...whole, assets: only(whole.assets, ids) };
      const changes = changesOf({
        standard,
        redefined: stood.size === 0,
        stood,
        before,
        after,
        exceptions,
        teamOf,
      });
      for (const change of changes) right.get(change.asset)?.push({ valid, change });
      stood = moved(stood, changes);
      before = after;
    }
    for (const [asset, past] of right) {
      await amend(driver, { standard: id, asset, since: new Date(0), known }, past);
    }
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

/** Opens a new epoch for every standard whose changes have come to half of its opening. */
async function recut(driver: Driver, moment: Moment): Promise<void> {
  const open = new Map((await epochs(driver)).map((epoch) => [epoch.standard, epoch.epoch]));
  const sizes = await driver.query<{ standard: string; epoch: number; opening: string; changes: string }>(
    `SELECT standard, epoch, sumIf(sign, step = 'opening') AS opening, countIf(step != 'opening') AS changes
     FROM ${verdictDelta.name} GROUP BY standard, epoch`,
  );
  for (const { standard, epoch, opening, changes } of sizes) {
    if (open.get(standard) !== epoch) continue;
    if (Number(changes) > LEAST && Number(changes) > Number(opening) / 2)
      await openEpoch(driver, standard, moment);
  }
}

/** Below this many rows a sum costs nothing, whatever it reads. */
const LEAST = 10_000;
