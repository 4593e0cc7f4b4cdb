/**
 * Late truth: what is known now of ticks that were written, and was not then. The path of every asset that it may concern is
 * derived again from the first of these ticks, by the definitions and exceptions that were in force at each, and held against the rows
 * that stand; only what differs is written. Only assets of which the late batches speak are read.
 */

import type { Asset } from '@macadam/core/facts/asset';
import { wholeKinds } from '@macadam/core/facts/enumeration';
import type { Related } from '@macadam/core/facts/related';
import type { State } from '@macadam/core/figures/accounting';
import {
  changesAlong,
  type Judged,
  judgedAs,
  type PreviousStatus,
  type StandingChange,
} from '@macadam/core/figures/tick';
import type { Kind } from '@macadam/core/kinds/kind';
import { relationsOf } from '@macadam/core/kinds/relation';
import { canonical } from '@macadam/core/text/canonical';
import { type CompiledStandard, looksAround } from '@macadam/core/verdicts/compiled-standard';
import { evaluate, judgeOf, rowOf } from '@macadam/core/verdicts/evaluate';
import {
  acceptedValue,
  type Exception,
  exceptionsOf,
  type StandardExceptions,
} from '@macadam/core/verdicts/exception';
import type { Driver } from '../clickhouse/driver.ts';
import type { AssetPast, Collected, Facts } from '../port.ts';
import { enumeratedIn, relatedOf } from './around.ts';
import { definitionsOf, exceptionsAt } from './definitions.ts';
import { type PastFacts, pastFacts } from './facts-at.ts';
import { candidates, type LateBatches, lateBatches } from './late-batches.ts';
import type { LoggedTick } from './log.ts';
import {
  assetNumber,
  corrections,
  type Epoch,
  epochs,
  type HeldRow,
  heldRows,
  insertRows,
  nameAssets,
  type PastTick,
  type Row,
  seconds,
  stoodAfter,
  stoodBefore,
} from './record.ts';
import { tickCorrected, tickTouched } from './table.ts';
import { NOBODY, type Teams } from './teams.ts';

export interface LateOptions {
  readonly driver: Driver;
  readonly facts: Facts;
  readonly kinds: ReadonlyMap<string, Kind>;
  /** Those of today, with their digests: they stand in where a definition of a tick was not kept. */
  readonly standards: readonly CompiledStandard[];
  readonly definitions: Readonly<Record<string, string>>;
  readonly teams: Teams;
  readonly written: readonly LoggedTick[];
  /** What is known now. */
  readonly known: number;
}

export interface Corrected {
  /** Since when something may have been otherwise than it was known; null: nothing was. */
  readonly since: Date | null;
  /** Assets whose past was corrected. */
  readonly corrected: number;
}

export async function correctLate(options: LateOptions): Promise<Corrected> {
  const { driver, facts, written, known } = options;
  const previous = written.at(-1);
  if (!previous || previous.known === known) return { since: null, corrected: 0 };
  const late = await lateBatches(driver, facts, previous, known);
  const first = late && written.findIndex(({ valid }) => valid >= late.since);
  if (late === null || first === null || first === -1) return { since: null, corrected: 0 };
  const correcting = new Correcting(options, first, late);
  return { since: written[first]?.valid ?? null, corrected: await correcting.run() };
}

/** A tick that is derived again. */
interface ReopenedTick {
  readonly tick: LoggedTick;
  /** The one before it; null: it was the first. */
  readonly before: LoggedTick | null;
  readonly exceptions: readonly Exception[];
}

/** Ids that are read at once. */
const PAGE = 200;

class Correcting {
  readonly #options: LateOptions;
  readonly #late: LateBatches;
  /** From the first tick that may have been otherwise, oldest first. */
  #ticks: readonly ReopenedTick[] = [];
  readonly #first: number;
  /** By digest. */
  #compiled: ReadonlyMap<string, CompiledStandard> = new Map();
  readonly #today: ReadonlyMap<string, CompiledStandard>;
  #epochs: ReadonlyMap<string, readonly Epoch[]> = new Map();
  #past: PastFacts | null = null;
  /** All that list anything: each tick asks what was newest then. */
  #collected: readonly Collected[] | null = null;
  readonly #excepting = new Map<string, StandardExceptions>();

  constructor(options: LateOptions, first: number, late: LateBatches) {
    this.#options = options;
    this.#first = first;
    this.#late = late;
    this.#today = new Map(options.standards.map((one) => [one.definition.id, one]));
  }

  async run(): Promise<number> {
    const { driver, written, kinds } = this.#options;
    const ticks: ReopenedTick[] = [];
    for (const [index, tick] of written.entries()) {
      if (index < this.#first) continue;
      const exceptions = [...(await exceptionsAt(driver, tick.valid)).values()];
      ticks.push({ tick, before: written[index - 1] ?? null, exceptions });
    }
    this.#ticks = ticks;
    this.#compiled = await definitionsOf(
      driver,
      ticks.flatMap(({ tick }) => Object.values(tick.definitions)),
    );
    this.#epochs = Map.groupBy(await epochs(driver), ({ standard }) => standard);
    await candidates(driver, this.#late, this.#lookers());
    let corrected = 0;
    for (const kind of kinds.values()) corrected += await this.#correctKind(kind);
    await this.#past?.done();
    return corrected;
  }

  /** The definition of a standard at a tick; null: it was not in force, or nobody knows any more what it said. */
  #definitionAt(tick: LoggedTick, standard: string): CompiledStandard | null {
    const digest = tick.definitions[standard];
    if (digest === undefined) return null;
    return this.#compiled.get(digest) ?? this.#today.get(standard) ?? null;
  }

  /** Every standard that was in force at any of the ticks and was about the kind. */
  #standardsOf(kind: string): readonly string[] {
    const ids = new Set(
      this.#ticks.flatMap(({ tick, before }) => [
        ...Object.keys(tick.definitions),
        ...Object.keys(before?.definitions ?? {}),
      ]),
    );
    return [...ids]
      .filter((id) => this.#ticks.some(({ tick }) => this.#definitionAt(tick, id)?.kind.kind === kind))
      .sort();
  }

  /** By kind: the kinds that any of its standards looks at. */
  #lookers(): ReadonlyMap<string, ReadonlySet<string>> {
    const found = new Map<string, Set<string>>();
    for (const { tick } of this.#ticks)
      for (const id of Object.keys(tick.definitions)) {
        const standard = this.#definitionAt(tick, id);
        if (!standard || !looksAround(standard)) continue;
        const { kind } = standard.kind;
        const others = found.get(kind) ?? new Set<string>();
        for (const { other } of relationsOf(standard.kind, standard.kinds ?? new Map()))
          others.add(other.kind);
        found.set(kind, others);
      }
    return found;
  }

  async #correctKind(kind: Kind): Promise<number> {
    const { driver } = this.#options;
    const standards = this.#standardsOf(kind.kind);
    if (standards.length === 0) return 0;
    let corrected = 0;
    for (let after = ''; ; ) {
      const rows = await driver.query<{ id: string }>(
        `SELECT DISTINCT id FROM ${tickTouched.name} WHERE kind = {kind:String} AND id > {after:String} ORDER BY id LIMIT ${PAGE}`,
        { kind: kind.kind, after },
      );
      const last = rows.at(-1)?.id;
      if (last === undefined) return corrected;
      corrected += await this.#correctPage(
        kind,
        standards,
        rows.map(({ id }) => id),
      );
      after = last;
    }
  }

  async #correctPage(kind: Kind, standards: readonly string[], ids: readonly string[]): Promise<number> {
    const { driver, facts, known } = this.#options;
    const pasts = await facts.pastsOf(kind.kind, ids, known);
    const then = this.#late.forgotten
      ? await facts.pastsOf(kind.kind, ids, this.#late.forgotten.comparedWith)
      : null;
    const held = Map.groupBy(await heldRows(driver, ids), ({ asset }) => asset);
    const related = await this.#relatedAt(kind, standards, pasts);
    const rows: Row[] = [];
    const corrected: string[] = [];
    for (const id of ids) {
      const own = held.get(assetNumber(id)) ?? [];
      const life: Life = { id, past: pasts.get(id) ?? NOWHERE, held: own, related };
      const from = then ? this.#firstDifference(life, then.get(id) ?? NOWHERE) : 0;
      if (from === null) continue;
      const right = standards.flatMap((standard) => this.#differences(life, standard, from));
      if (right.length === 0) continue;
      rows.push(...right);
      corrected.push(id);
    }
    if (corrected.length === 0) return 0;
    await nameAssets(driver, corrected);
    await insertRows(driver, rows);
    await insertNumbers(driver, corrected);
    return corrected.length;
  }

  /**
   * Where observations were forgotten since, what they said of the ticks before is not known any more: there only what is known to be
   * another is corrected. Null: nothing is.
   */
  #firstDifference({ past }: Life, then: AssetPast): number | null {
    const forgotten = this.#late.forgotten;
    const found = this.#ticks.findIndex(
      ({ tick }) =>
        (forgotten !== null && tick.valid >= forgotten.at) ||
        contentOf(past.at(tick.valid)) !== contentOf(then.at(tick.valid)),
    );
    return found === -1 ? null : found;
  }

  /** What has to be added to the rows of an asset under a standard, so that they are the right ones. */
  #differences(life: Life, standard: string, from: number): readonly Row[] {
    const { known } = this.#options;
    const own = life.held.filter((row) => row.standard === standard);
    const start = this.#ticks[from];
    if (!start) return [];
    let stood = stoodBefore(own, seconds(start.tick.valid));
    const right: PastTick[] = [];
    for (const reopened of this.#ticks.slice(from)) {
      const { valid } = reopened.tick;
      const changes = this.#changesAt(reopened, standard, life, stood);
      // Where nobody knows any more what was asked, it stays as it was told.
      stood = changes === null ? stoodBefore(own, seconds(valid) + 1) : stoodAfter(changes, stood);
      right.push({ valid, changes, stood });
    }
    const about = { standard, asset: life.id, since: start.tick.valid, known };
    return corrections(about, own, this.#epochs.get(standard) ?? [], right);
  }

  /** The path through one tick, by what was in force at it. Null where its definition is not known any more. */
  #changesAt(
    { tick, before, exceptions }: ReopenedTick,
    id: string,
    life: Life,
    stood: PreviousStatus | null,
  ): readonly StandingChange[] | null {
    const digest = tick.definitions[id];
    const start = stood ?? { state: 'O' as State, team: '', reason: '' };
    if (digest === undefined) {
      const leaves = { excepted: start.state === 'X', ...start };
      const nowhere: Judged = { verdict: 'O', reason: '' };
      const steps = { definition: nowhere, evidence: nowhere, clock: nowhere };
      return changesAlong({
        standard: id,
        asset: life.id,
        start: leaves,
        steps,
        after: { team: start.team, excepted: false, gone: false },
      });
    }
    const standard = this.#definitionAt(tick, id);
    if (!standard) return null;
    const kind = standard.kind;
    const own = kind.kind === life.id.slice(0, life.id.indexOf('/'));
    const held = own && before ? life.past.at(before.valid, kind) : null;
    const seen = own ? life.past.at(tick.valid, kind) : null;
    const old = before?.valid ?? tick.valid;
    const now = life.related(tick);
    const redefined = before !== null && before.definitions[id] !== digest;
    const evidence = judge(standard, seen, old, now);
    const steps = {
      definition: redefined
        ? judge(standard, held, old, before && life.related(before))
        : { verdict: start.state === 'X' ? ('F' as const) : start.state, reason: start.reason },
      evidence: before === null ? judge(standard, seen, tick.valid, now) : evidence,
      clock: judge(standard, seen, tick.valid, now),
    };
    const about = seen ?? held;
    const value = () =>
      about ? acceptedValue(evaluate(standard, about, { asOf: tick.valid, real: tick.valid }, now)) : '';
    const excepted = (at: Date) =>
      about !== null &&
      this.#exceptionsOf(tick, exceptions, id).inForce({ id: about.id, name: about.name, value }, at) !==
        null;
    const team = seen ? this.#teamAt(life, seconds(tick.valid), id, seen) : start.team;
    const from = {
      ...start,
      team: start.state === 'O' ? team : start.team,
      excepted: start.state === 'X' || (start.state !== 'F' && excepted(old)),
    };
    const to = { team, excepted: excepted(tick.valid), gone: seen === null };
    return changesAlong({ standard: id, asset: life.id, start: from, steps, after: to });
  }

  #exceptionsOf(tick: LoggedTick, exceptions: readonly Exception[], standard: string): StandardExceptions {
    const key = `${seconds(tick.valid)} ${standard}`;
    const known = this.#excepting.get(key) ?? exceptionsOf(exceptions, standard);
    this.#excepting.set(key, known);
    return known;
  }

  /** By the organisation that was known then: the team that the asset had at the tick, or the first that it had after it. */
  #teamAt({ held }: Life, valid: number, standard: string, seen: Asset): string {
    const { teams } = this.#options;
    if (teams.answers === null) return teams.of(seen);
    const own = [...new Set([standard, ...held.map((row) => row.standard)])];
    for (const id of own) {
      const stood = stoodBefore(
        held.filter((row) => row.standard === id),
        valid + 1,
      );
      if (stood) return stood.team;
    }
    const next = held.filter((row) => row.valid > valid && row.side === 'new' && row.sum > 0);
    return next.toSorted((a, b) => a.valid - b.valid)[0]?.team ?? teams.of(seen) ?? NOBODY;
  }

  /** What assets of the page look at, at each tick. */
  async #relatedAt(
    kind: Kind,
    standards: readonly string[],
    pasts: ReadonlyMap<string, AssetPast>,
  ): Promise<Life['related']> {
    const looking = this.#ticks.some(({ tick }) =>
      standards.some((id) => {
        const standard = this.#definitionAt(tick, id);
        return standard !== null && standard.kind.kind === kind.kind && looksAround(standard);
      }),
    );
    if (!looking) return () => undefined;
    const { driver, facts, kinds, known } = this.#options;
    this.#past ??= pastFacts(driver, facts, known);
    const found = new Map<number, Related>();
    const asked = new Map(
      this.#ticks
        .flatMap(({ tick, before }) => [...(before ? [before] : []), tick])
        .map((one) => [seconds(one.valid), one]),
    );
    for (const [valid, tick] of asked) {
      const page = [...pasts.values()].flatMap((past) => past.at(tick.valid) ?? []);
      for (const { other } of relationsOf(kind, kinds)) await this.#past.prepare(other, tick.valid);
      const source = this.#past.source(tick.valid);
      this.#collected ??= await facts.collections({ known, listing: true });
      const whole = wholeKinds(enumeratedIn(this.#collected, tick.valid));
      found.set(valid, await relatedOf({ driver, kinds, source, whole }, kind, page));
    }
    return (tick) => found.get(seconds(tick.valid));
  }
}

/** One asset whose past is derived again. */
interface Life {
  readonly id: string;
  readonly past: AssetPast;
  /** Every row of it that stands. */
  readonly held: readonly HeldRow[];
  readonly related: (tick: LoggedTick) => Related | undefined;
}

const NOWHERE: AssetPast = { at: () => null };

function judge(
  standard: CompiledStandard,
  asset: Asset | null,
  at: Date,
  related: Related | null | undefined,
): Judged {
  if (asset === null) return { verdict: 'O', reason: '' };
  const { decide } = judgeOf(standard, { asOf: at, real: at }, related ?? undefined);
  return judgedAs(standard, decide(rowOf(standard.kind, asset)));
}

const contentOf = (asset: Asset | null): string =>
  asset ? canonical({ ...asset, attributes: [...asset.attributes] }) : '';

async function insertNumbers(driver: Driver, ids: readonly string[]): Promise<void> {
  await driver.insert({
    table: tickCorrected.name,
    columns: ['asset'],
    format: 'JSONCompactEachRow',
    rows: Buffer.from(ids.map((id) => JSON.stringify([assetNumber(id)])).join('\n')),
    token: `corrected:${assetNumber(ids.join('\n'))}`,
  });
}
