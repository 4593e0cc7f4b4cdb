/**
 * Fills a store with a simulated company: the same one, whoever asks with the same size, seed and day. One model, two
 * ways out: as observations that are collected and judged tick by tick as any are, or set at a time in the engine. Both
 * give the same slices, accounts and merged assets.
 */

import { columnNames } from '@macadam/adapters/facts/columns';
import { digestOf } from '@macadam/adapters/facts/history/definitions';
import { type Moment, seconds } from '@macadam/adapters/facts/history/record';
import { tickLog, verdictAsset, verdictDelta, verdictEpoch } from '@macadam/adapters/facts/history/table';
import { quoted, tableOf } from '@macadam/adapters/facts/layout';
import type { Stores } from '@macadam/adapters/facts/open';
import { FactsError } from '@macadam/adapters/facts/port';
import type { Simulated } from '@macadam/adapters/facts/simulated';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import { type Calendar, calendar } from './calendar.ts';
import { rowColumns } from './columns.ts';
import { population } from './life.ts';
import { collectionOf, countSeen, isLateAt, type Kept, lateCollection, lateTicks } from './listing.ts';
import type { Model } from './model.ts';
import { MODELS } from './models.ts';
import { insertJudged, insertMoves, type Judged, judgedTable } from './moves.ts';
import { observe, type Seen } from './observations.ts';
import { organisation } from './organisation.ts';
import { SIZES, type Size, type SizeName } from './size.ts';
import { SOURCES, type SourceName } from './source.ts';
import { adding, BRIEFLY, lives, sighted } from './view.ts';

export interface SimulateOptions {
  readonly size: SizeName | Size;
  readonly seed?: string;
  /** The day of the last tick, at noon. */
  readonly until: Date;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly standards: readonly CompiledStandard[];
}

export interface SimulationProgress {
  readonly doing: string;
  readonly done: number;
  readonly total: number;
}

/**
 * Takes seconds for `small` and minutes for `report`. Rejects with `FactsError` `invalid` where the store holds
 * anything already: something real, another company, or one that was cut off.
 */
export async function simulate(
  stores: Stores,
  options: SimulateOptions,
  progress: (progress: SimulationProgress) => void = () => {},
): Promise<Simulated> {
  const size = typeof options.size === 'string' ? SIZES[options.size] : options.size;
  const seed = options.seed ?? '1';
  const when = calendar(size, seed, options.until);
  if (stores.simulated() !== null || (await stores.facts.newest()) > 0) {
    const what = stores.simulated() ? 'a simulated company, whole or in part,' : 'something real';
    throw new FactsError('invalid', `${stores.facts.place} holds ${what} already; name an empty folder`);
  }
  const about = { size: size.name, seed, until: when.tickAt(when.ticks).toISOString(), every: size.every };
  const mark = { ...about, organisation: organisation(size, when.ticks), whole: false };
  await stores.mark(mark);
  const company: Company = {
    stores,
    calendar: when,
    kinds: options.kinds,
    standards: options.standards,
    progress,
    models: MODELS.filter(({ kind }) => options.kinds.has(kind)),
  };
  const moments = await collect(company);
  if (size.observed === 'none') await fillKinds(company, moments.at(-1)?.known ?? 0);
  if (size.observed !== 'all') await judgeAtOnce(company, moments);
  const whole = { ...mark, whole: true };
  await stores.mark(whole);
  return whole;
}

interface Company {
  readonly stores: Stores;
  readonly calendar: Calendar;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly standards: readonly CompiledStandard[];
  readonly models: readonly Model[];
  readonly progress: (progress: SimulationProgress) => void;
}

/** Every collection of every tick, with its observations where they are kept. Gives the moment of each tick. */
async function collect(company: Company): Promise<readonly Moment[]> {
  const { stores, calendar: when, models, progress } = company;
  const { facts, driver, history } = stores;
  const { ticks, size } = when;
  const all = size.observed === 'all';
  // What is older than the longest trouble says nothing of today any more.
  const first = all ? 0 : Math.max(0, ticks - when.longest);
  const sources = SOURCES.filter((one) => models.some((model) => sees(model, one)));
  // Of earlier ticks each source leaves one collection, by turns: a batch for what was known then.
  const kept: Kept = (source, tick) => tick >= first || sources.indexOf(source) === tick % sources.length;
  progress({ doing: 'counting', done: 0, total: 1 });
  const counts = await countSeen(driver, models, when, kept);
  const moments: Moment[] = [];
  let said: readonly Seen[] = [];
  for (let tick = 0; tick <= ticks; tick += 1) {
    progress({ doing: 'collecting', done: tick, total: ticks + 1 });
    if (all && tick % TOGETHER === 0) said = await saidAt(company, ticksFrom(tick, ticks));
    if (size.observed === 'newest' && tick === first) said = await saidAt(company, [ticks]);
    let known = 0;
    const later: (readonly [SourceName, Observation[]])[] = [];
    for (const source of sources.filter((one) => kept(one, tick))) {
      const seen = said.filter((one) => one.tick === tick && one.observation.source === source);
      const collection = collectionOf({ source, tick, models, calendar: when, counts });
      const inTime = seen.filter(({ late }) => !late).map(({ observation }) => observation);
      const appended = await facts.append(collection, inTime, new Date(collection.finishedAt));
      known = appended.batch;
      if (all && isLateAt(when, source, tick))
        later.push([source, seen.filter(({ late }) => late).map(({ observation }) => observation)]);
    }
    const valid = when.tickAt(tick);
    moments.push({ valid, known });
    if (all)
      await history.tick({
        facts,
        kinds: company.kinds,
        standards: company.standards,
        exceptions: [],
        at: valid,
      });
    for (const [source, observations] of later) {
      const collection: Collection = lateCollection(source, tick, when);
      const received = new Date(collection.finishedAt);
      const arrived = observations.map((one) => ({ ...one, receivedAt: received.toISOString() }));
      await facts.append(collection, arrived, received);
    }
  }
  // What was claimed of ticks whose observations are not kept would count as never delivered.
  if (first > 0)
    await driver.command('ALTER TABLE partition UPDATE delivered = seen WHERE delivered != seen');
  await facts.settled();
  return moments;
}

const sees = ({ sources }: Model, source: SourceName) => sources.some((one) => one === source);

/** Ticks that are observed in one query a kind: a query costs more than its rows. */
const TOGETHER = 5;

const ticksFrom = (first: number, last: number): readonly number[] =>
  Array.from({ length: Math.min(TOGETHER, last + 1 - first) }, (_, index) => first + index);

async function saidAt(
  { stores, models, kinds, calendar: when }: Company,
  ticks: readonly number[],
): Promise<readonly Seen[]> {
  const said: Seen[] = [];
  for (const model of models) {
    const kind = kinds.get(model.kind);
    const newest = when.size.observed === 'newest';
    if (kind)
      said.push(...(await observe({ driver: stores.driver, kind, model, calendar: when, ticks, newest })));
  }
  return said;
}

/** The merged assets as of the last tick, where no observations are kept that give them. */
async function fillKinds({ stores, calendar: when, kinds, models, progress }: Company, known: number) {
  for (const [done, model] of models.entries()) {
    progress({ doing: `assets: ${model.kind}`, done, total: models.length });
    const kind = kinds.get(model.kind);
    if (!kind) continue;
    const names = columnNames(kind).map(quoted).join(', ');
    const last = sighted(
      model,
      when,
      { tick: 'tick', whole: 'false' },
      lives({ model, calendar: when, ticks: [when.ticks] }),
    );
    const columns = rowColumns(kind, model, when, true);
    await stores.driver.command(
      `INSERT INTO ${quoted(tableOf(kind))} (${names}, \`@known\`)
       SELECT ${names}, toUInt64(${known}) FROM (${adding(columns, `${last} WHERE \`@exists\``)}) ${BRIEFLY}`,
    );
  }
}

/** Assets whose histories are made at once: as many as need some hundred megabytes. */
const AT_ONCE = 50_000;

/** Writes the whole history in the engine: names, moves of every tick, what came late, and openings of epochs. */
async function judgeAtOnce(company: Company, moments: readonly Moment[]): Promise<void> {
  const { stores, calendar: when, kinds, standards, models, progress } = company;
  const { driver } = stores;
  const cuts = cutsOf(when);
  const epochs = moments.map((_, tick) => cuts.findLastIndex((cut) => cut < tick) + 1 || 1);
  const judged = models.flatMap((model): Judged[] => {
    const kind = kinds.get(model.kind);
    const own = standards.filter(({ definition }) => definition.scope.kind === model.kind);
    return kind && own.length > 0 ? [{ kind, model, standards: own, calendar: when }] : [];
  });
  const total = judged.reduce((sum, { model }) => sum + population(model, when), 0);
  const moving = insertMoves({
    standards: judged.flatMap((one) => one.standards),
    calendar: when,
    known: moments.map((moment) => moment.known),
    epochs,
  });
  let [done, waiting, place] = [0, 0, 1];
  const move = async () => {
    if (waiting > 0) await driver.command(moving);
    await driver.command(`TRUNCATE TABLE ${judgedTable.name}`);
    waiting = 0;
  };
  await driver.command(`DROP TABLE IF EXISTS ${judgedTable.name}`);
  await driver.command(judgedTable.create);
  for (const one of judged) {
    await nameAssets(company, one);
    const all = population(one.model, when);
    for (let first = 0; first < all; first += AT_ONCE) {
      progress({ doing: `history: ${one.model.kind}`, done: done + first, total });
      const end = Math.min(all, first + AT_ONCE);
      await driver.command(insertJudged(one, [first, end], place));
      waiting += end - first;
      if (waiting >= AT_ONCE) await move();
    }
    done += all;
    place += one.standards.length;
  }
  await move();
  await driver.command(`DROP TABLE ${judgedTable.name}`);
  const opened = cuts.flatMap((cut, index) => {
    const moment = moments[cut];
    return moment ? [{ epoch: index + 1, ...moment }] : [];
  });
  progress({ doing: 'opening epochs', done: 0, total: 1 });
  for (const epoch of opened) if (epoch.epoch > 1) await open(driver, epoch);
  await nameEpochs(driver, standards, opened);
  const definitions = Object.fromEntries(standards.map((one) => [one.definition.id, digestOf(one)]));
  const lines = moments.map(({ valid, known: batch }) =>
    JSON.stringify([seconds(valid), batch, definitions]),
  );
  await driver.insert({
    table: tickLog.name,
    columns: ['valid', 'known', 'definitions'],
    format: 'JSONCompactEachRow',
    rows: Buffer.from(`${lines.join('\n')}\n`),
    token: 'simulated ticks',
  });
}

async function nameAssets({ stores }: Company, { kind, model, calendar: when }: Judged): Promise<void> {
  const columns = rowColumns(kind, model, when, false).filter(
    ([name]) => name === '@id' || kind.key.includes(name),
  );
  const ids = `SELECT \`@id\` AS id FROM (${adding(columns, lives({ model, calendar: when, ticks: [when.ticks] }))})`;
  await stores.driver.command(
    `INSERT INTO ${verdictAsset.name} (asset, id)
     SELECT reinterpretAsUInt64(reverse(substring(SHA256(id), 1, 8))), id FROM (${ids}) ${BRIEFLY}`,
  );
}

/** Ticks at which an epoch opens: the first, and some after which nothing is learned late about them. */
function cutsOf(when: Calendar): readonly number[] {
  const late = lateTicks(when);
  const cuts = [0];
  for (const part of [1 / when.ticks, 1 / 3, 2 / 3]) {
    let cut = Math.max(1, Math.round(when.ticks * part));
    while (late.has(cut) || cuts.includes(cut)) cut += 1;
    if (cut < when.ticks) cuts.push(cut);
  }
  return cuts.sort((a, b) => a - b);
}

type Opened = Moment & { readonly epoch: number };

/** As `openEpoch` of the history, of all standards, with the number that the moves after it have already. */
async function open(driver: Stores['driver'], { epoch, valid, known }: Opened): Promise<void> {
  await driver.command(
    `INSERT INTO ${verdictDelta.name}
     SELECT standard, {epoch:UInt32}, fromUnixTimestamp({valid:Int64}), {known:UInt64}, team, asset, state, reason,
       'opening', 'O', state, 0, 'new', 1, 0, 1
     FROM ${verdictDelta.name}
     WHERE epoch = {before:UInt32} AND valid <= fromUnixTimestamp({valid:Int64}) AND known <= {known:UInt64}
     GROUP BY standard, team, asset, state, reason HAVING sum(sign) = 1`,
    { epoch, before: epoch - 1, valid: seconds(valid), known },
  );
}

async function nameEpochs(
  driver: Stores['driver'],
  standards: readonly CompiledStandard[],
  opened: readonly Opened[],
): Promise<void> {
  const lines = standards.flatMap(({ definition }) =>
    opened.map(({ epoch, valid, known }) => JSON.stringify([definition.id, epoch, seconds(valid), known])),
  );
  await driver.insert({
    table: verdictEpoch.name,
    columns: ['standard', 'epoch', 'valid', 'known'],
    format: 'JSONCompactEachRow',
    rows: Buffer.from(`${lines.join('\n')}\n`),
    token: 'simulated epochs',
  });
}
