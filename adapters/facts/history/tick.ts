/**
 * A tick of the store: judges what is due, writes down what changed since the last one and why, and, where evidence arrived
 * late, what was so at earlier ticks. Everything is done by queries over all that is due at once; only what queries refuse,
 * and single assets, are judged by closures. A tick is written whole or not at all: it counts once its own row stands, and what one
 * left behind that did not come to its end is taken back by the next.
 */
import { randomUUID } from 'node:crypto';
import type { Kind } from '@macadam/core/kinds/kind';
import { relationsOf } from '@macadam/core/kinds/relation';
import { type CompiledStandard, looksAround } from '@macadam/core/verdicts/compiled-standard';
import type { Exception } from '@macadam/core/verdicts/exception';
import { expiryOf, SLACK } from '@macadam/core/verdicts/expiry';
import type { Driver } from '../clickhouse/driver.ts';
import { sweepAway } from '../clickhouse/recovery.ts';
import { goneTable } from '../clickhouse/tables.ts';
import type { Facts } from '../port.ts';
import { tableSource, wholeAt } from './around.ts';
import { factsBefore } from './before.ts';
import { quotedText } from './codes.ts';
import { recordContainers } from './containers.ts';
import { exceptionsAt, keepDefinitions, keepExceptions } from './definitions.ts';
import { aroundOf, findDue } from './due.ts';
import { type ExceptedOptions, exceptedBeforeGone, exceptedOf, stirred } from './excepted.ts';
import { FEW, type JudgingOptions, judgeBefore, judgeToday, manyOf } from './judged.ts';
import { correctLate } from './late.ts';
import { type LoggedTick, sweep, type TickLog } from './log.ts';
import { recordMeasured } from './measured.ts';
import { type MovingOptions, noteGone, withdraw, writeMoving } from './moving.ts';
import { type Epoch, epochs, type Moment, openEpoch, putEpochs, seconds } from './record.ts';
import { judgement, SCRATCH, tickBegun, tickDue, tickJudged, tickLog, verdictDelta } from './table.ts';
import { NAMED, newestAnswers, type Teams } from './teams.ts';
import { recordUnnamed } from './uncounted.ts';

export interface TickOptions {
  readonly facts: Facts;
  readonly driver: Driver;
  readonly log: TickLog;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly standards: readonly CompiledStandard[];
  readonly exceptions: readonly Exception[];
  /** The tick's time; a whole second. */
  readonly at: Date;
  /** Digest of what is part of every definition beside the standard and its kind: places, central exclusions. */
  readonly shared?: string;
  /** Whose assets are; whom their sources name as owners where it is left out. */
  readonly teams?: Teams;
  /** Assets of a kind up to which closures judge them. Either way gives the same; default is where both take as long. */
  readonly few?: number;
}

export interface Ticked {
  readonly moment: Moment;
  /** The tick before it, if there was one. */
  readonly previous: Moment | null;
  /** Standards under which anything changed, sorted. */
  readonly changed: readonly string[];
  /** Assets that were judged. */
  readonly judged: number;
  /** Assets whose past is otherwise than it was known at the tick before. */
  readonly late: number;
}

/** What is known of a kind before it is judged. */
interface Inhabited {
  readonly assets: number;
  /** Anything of it was judged by this way of judging. */
  readonly judged: boolean;
}

/** Rejects with `RangeError` for a time that is not later than the last tick's. */
export const tick = (options: TickOptions): Promise<Ticked> =>
  options.facts.steady((known) => new Ticking(options, known).run());

class Ticking {
  readonly #options: TickOptions;
  readonly #driver: Driver;
  readonly #moment: Moment;
  readonly #teams: Teams;
  #previous: LoggedTick | null = null;
  /** By standard. */
  #definitions: Readonly<Record<string, string>> = {};
  readonly #epochs = new Map<string, number>();
  /** All of them, until this tick opens others at its end. */
  #opened: readonly Epoch[] = [];
  #answered = 0;

  constructor(options: TickOptions, known: number) {
    this.#options = options;
    this.#driver = options.driver;
    this.#moment = { valid: options.at, known };
    this.#teams = options.teams ?? NAMED;
  }

  async run(): Promise<Ticked> {
    const { standards, exceptions, kinds, facts, log, at } = this.#options;
    const driver = this.#driver;
    const written = await log.written();
    const previous = written.at(-1) ?? null;
    this.#previous = previous;
    if (previous && seconds(previous.valid) >= seconds(at)) {
      throw new RangeError(
        `a tick at ${at.toISOString()} is not after the last one, ${previous.valid.toISOString()}`,
      );
    }
    await this.#begin();
    // Before anything is judged: what is answered meanwhile is of the next tick.
    this.#answered = await newestAnswers(driver, this.#teams);
    this.#definitions = await keepDefinitions(driver, standards, this.#options.shared);
    const known = await exceptionsAt(driver, previous?.valid ?? new Date(0));
    const change = await keepExceptions(driver, at, known, exceptions);
    await this.#openEpochs();
    const late = await correctLate({
      driver,
      facts,
      kinds,
      standards,
      definitions: this.#definitions,
      teams: this.#teams,
      written,
      known: this.#moment.known,
    });
    const around = await this.#judge(change, late.corrected > 0);
    const gone = Object.keys(previous?.definitions ?? {}).filter(
      (id) => !Object.hasOwn(this.#definitions, id),
    );
    if (previous)
      await withdraw(driver, gone, {
        moment: this.#moment,
        previous: this.#before,
        epochs: this.#epochs,
        opened: this.#opened,
      });
    await recordUnnamed({
      driver,
      facts,
      standards: standards.map(({ definition, kind }) => ({ id: definition.id, kind: kind.kind })),
      definitions: this.#definitions,
      withdrawn: gone,
      written,
      since: late.since,
      moment: this.#moment,
    });
    await recordContainers({
      driver,
      facts,
      kinds,
      standards: standards.map(({ definition, kind }) => ({ id: definition.id, kind: kind.kind })),
      past: late.since === null ? [] : written.filter(({ valid }) => late.since && valid >= late.since),
      previous,
      moment: this.#moment,
    });
    await recordMeasured(driver, standards, this.#moment);
    const rows = await this.#rowsWritten([...Object.keys(this.#definitions), ...gone]);
    const judged = await this.#countJudged();
    await driver.insert({
      table: tickLog.name,
      columns: ['valid', 'known', 'definitions', 'around', 'written', 'answered'],
      format: 'JSONCompactEachRow',
      rows: Buffer.from(
        JSON.stringify([
          seconds(at),
          this.#moment.known,
          this.#definitions,
          Object.fromEntries(Object.entries(around).map(([id, next]) => [id, String(next)])),
          Object.fromEntries(rows),
          this.#answered,
        ]),
      ),
      token: randomUUID(),
    });
    log.add({
      valid: new Date(seconds(at) * 1000),
      known: this.#moment.known,
      definitions: this.#definitions,
      around,
      written: Object.fromEntries(rows),
      answered: this.#answered,
    });
    await this.#clean(judged > 0);
    await this.#recut(rows, written);
    return {
      moment: this.#moment,
      previous: previous && { valid: previous.valid, known: previous.known },
      changed: [...rows.keys()].sort(),
      judged,
      late: late.corrected,
    };
  }

  /** The last tick as it is known now. */
  get #before(): Moment {
    return { valid: this.#previous?.valid ?? this.#options.at, known: this.#moment.known };
  }

  async #begin(): Promise<void> {
    const driver = this.#driver;
    await sweep(driver, this.#previous?.valid ?? null);
    for (const { name } of SCRATCH) await driver.command(`TRUNCATE TABLE ${name}`);
    await driver.insert({
      table: tickBegun.name,
      columns: ['valid'],
      format: 'JSONCompactEachRow',
      rows: Buffer.from(JSON.stringify([seconds(this.#moment.valid)])),
      token: randomUUID(),
    });
  }

  /** Every standard that is judged for the first time opens its first epoch, empty: late truth about a quiet tick needs one. */
  async #openEpochs(): Promise<void> {
    const before = await epochs(this.#driver);
    for (const { standard, epoch } of before) this.#epochs.set(standard, epoch);
    const first = Object.keys(this.#definitions)
      .filter((id) => !this.#epochs.has(id))
      .map((standard): Epoch => ({ standard, epoch: 1, ...this.#moment }));
    await putEpochs(this.#driver, first);
    for (const { standard, epoch } of first) this.#epochs.set(standard, epoch);
    this.#opened = [...before, ...first];
  }

  /** Judges every kind, and writes what moved. Gives when what standards look at may change by itself. */
  async #judge(
    change: Awaited<ReturnType<typeof keepExceptions>>,
    isCorrected: boolean,
  ): Promise<Readonly<Record<string, bigint>>> {
    const { kinds, standards, exceptions, at } = this.#options;
    const driver = this.#driver;
    const previous = this.#previous;
    const byKind = Map.groupBy(standards, ({ kind }) => kind.kind);
    const judged = [...byKind.keys()].flatMap((name) => kinds.get(name) ?? []);
    const looking = standards.filter(looksAround);
    const whole = looking.length > 0 ? await this.#whole(at) : new Map<string, number>();
    const before = previous?.valid ?? at;
    const around = await aroundOf({ options: { driver, kinds }, standards: looking, whole, before, at });
    const excepting = { driver, kinds, exceptions, known: change, before, at };
    const called = await stirred(excepting, standards);
    const inhabited = await this.#inhabited(judged);
    const { known } = this.#moment;
    if (previous)
      await findDue(
        {
          driver,
          kinds,
          teams: this.#teams,
          at,
          since: previous.known,
          known,
          answered: { before: previous.answered, now: this.#answered },
        },
        judged.filter(({ kind }) => inhabited.has(kind)),
      );
    const due = await this.#countDue();
    for (const kind of judged) {
      const own = byKind.get(kind.kind) ?? [];
      const redefined = own.filter((one) => this.#isRedefined(one));
      const there = inhabited.get(kind.kind);
      if (there === undefined) {
        await this.#leaveOtherKinds(kind, redefined);
        continue;
      }
      const everything = this.#isEverything(there.judged, own, redefined);
      if (!everything && !due.has(kind.kind)) continue;
      const options: JudgingOptions = {
        driver,
        kinds,
        kind,
        standards: own,
        teams: this.#teams,
        before: previous?.valid ?? null,
        at,
        everything,
        count: everything ? there.assets : (due.get(kind.kind) ?? 0),
        few: this.#options.few ?? (everything ? FEW : manyOf(there.assets, own)),
        crossedAround: own.some(({ definition }) => around.crossed.has(definition.id)),
        whole,
      };
      const isCalled = called.has(kind.kind);
      const found = await this.#judgeKind(options, redefined, isCalled ? excepting : null);
      if (isCalled) await exceptedOf({ options: excepting, kind, standards: own, everything, whole });
      const mayBeGone = due.has(kind.kind) && (everything || found === null || found < options.count);
      await this.#writeKind(options, redefined, { isCalled, isCorrected, mayBeGone });
    }
    return around.next;
  }

  /** Gives how many assets closures found; null where queries judged. */
  async #judgeKind(
    options: JudgingOptions,
    redefined: readonly CompiledStandard[],
    /** Null: no exception calls an asset of the kind. */
    excepting: ExceptedOptions | null,
  ): Promise<number | null> {
    const found = await judgeToday(options);
    const previous = this.#previous;
    if (previous === null || redefined.length === 0) return found;
    const { driver, kinds, kind } = options;
    const others = redefined.some(looksAround) ? relationsOf(kind, kinds).map(({ other }) => other) : [];
    const whole = others.length > 0 ? await this.#whole(previous.valid) : new Map<string, number>();
    const given = { driver, facts: this.#options.facts, moment: this.#before, since: previous.known };
    const { source, done } = await factsBefore(given, new Set([kind, ...others]));
    await judgeBefore({ ...options, before: previous.valid }, redefined, source, whole);
    if (excepting !== null)
      await exceptedBeforeGone({
        options: excepting,
        kind,
        standards: redefined,
        source,
        whole: options.whole,
      });
    await done();
    return found;
  }

  async #writeKind(
    { driver, kind, standards, count, few }: JudgingOptions,
    redefined: readonly CompiledStandard[],
    {
      isCalled,
      isCorrected,
      mayBeGone,
    }: Pick<MovingOptions, 'isCalled' | 'isCorrected'> & { readonly mayBeGone: boolean },
  ): Promise<void> {
    const previous = this.#previous && this.#before;
    const moving: MovingOptions = {
      driver,
      kind,
      standards,
      moment: this.#moment,
      previous,
      epochs: this.#epochs,
      opened: this.#opened,
      anew: redefined.length > 0,
      isCalled,
      isCorrected,
      // With 0 all is done by queries, also of a kind of which there is nothing any more.
      few: few > 0 && count <= Math.min(few, FEW),
    };
    if (mayBeGone) await noteGone(moving);
    await writeMoving(moving);
    await this.#leaveOtherKinds(kind, redefined);
  }

  /** A standard that was about another kind has nothing to do with what stood under it. */
  async #leaveOtherKinds(kind: Kind, redefined: readonly CompiledStandard[]): Promise<void> {
    if (this.#previous === null) return;
    const before = this.#previous.definitions;
    const known = redefined.map(({ definition }) => definition.id).filter((id) => Object.hasOwn(before, id));
    await withdraw(this.#driver, known, {
      moment: this.#moment,
      previous: this.#before,
      epochs: this.#epochs,
      opened: this.#opened,
      but: kind.kind,
    });
  }

  /** Kinds of which there is an asset, or was one at the last tick: most companies have a few of those that standards are about. */
  async #inhabited(kinds: readonly Kind[]): Promise<ReadonlyMap<string, Inhabited>> {
    if (kinds.length === 0) return new Map();
    const maybe = this.#options.facts.inhabited();
    const counts = kinds
      .filter(({ kind }) => maybe.has(kind))
      .map(
        (kind) =>
          `SELECT ${quotedText(kind.kind)} AS kind, count() AS assets, 0 AS judged FROM ${tableSource(kind)} HAVING assets > 0`,
      );
    const rows = await this.#driver.query<{ kind: string; assets: string; judged: number }>(
      `SELECT kind, max(assets) AS assets, max(judged) AS judged FROM (
         ${counts.map((text) => `${text} UNION ALL `).join('')}
         SELECT toString(kind) AS kind, 0 AS assets, 1 AS judged FROM ${judgement.name} GROUP BY kind
         UNION ALL SELECT toString(kind) AS kind, 0 AS assets, 0 AS judged FROM ${goneTable.name} GROUP BY kind
       ) GROUP BY kind`,
    );
    return new Map(
      rows.map(({ kind, assets, judged }) => [kind, { assets: Number(assets), judged: judged === 1 }]),
    );
  }

  #whole(at: Date): Promise<ReadonlyMap<string, number>> {
    return wholeAt(this.#options.facts, at, this.#moment.known);
  }

  #isRedefined({ definition }: CompiledStandard): boolean {
    return this.#previous?.definitions[definition.id] !== this.#definitions[definition.id];
  }

  /** Whether everything of a kind has to be judged, and not only what is new or expires. */
  #isEverything(
    isJudged: boolean,
    own: readonly CompiledStandard[],
    redefined: readonly CompiledStandard[],
  ): boolean {
    const previous = this.#previous;
    if (previous === null || redefined.length > 0 || !isJudged) return true;
    if (own.some((one) => expiryOf(one).always)) return true;
    const now = BigInt(this.#options.at.getTime()) * 1_000_000n + SLACK;
    return own.filter(looksAround).some(({ definition }) => {
      const next = previous.around[definition.id];
      return previous.known !== this.#moment.known || (next !== undefined && next <= now);
    });
  }

  /** By kind; an asset that is due for two reasons may count twice. */
  async #countDue(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#driver.query<{ kind: string; due: string }>(
      `SELECT toString(kind) AS kind, count() AS due FROM ${tickDue.name} GROUP BY kind`,
    );
    return new Map(rows.map(({ kind, due }) => [kind, Number(due)]));
  }

  async #countJudged(): Promise<number> {
    const [row] = await this.#driver.query<{ judged: string }>(
      `SELECT uniqExact(kind, asset) AS judged FROM ${tickJudged.name}`,
    );
    return Number(row?.judged ?? 0);
  }

  /** How many rows there are of this tick, by standard. */
  async #rowsWritten(standards: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#driver.query<{ standard: string; rows: string }>(
      `SELECT toString(standard) AS standard, count() AS rows FROM ${verdictDelta.name}
       WHERE standard IN {standards:Array(String)} AND valid = fromUnixTimestamp({valid:Int64}) AND step != 'opening'
       GROUP BY standard`,
      { standards, valid: seconds(this.#moment.valid) },
    );
    return new Map(rows.map(({ standard, rows: count }) => [standard, Number(count)]));
  }

  /** What was judged before is superseded, and what is gone was told. It may be done again. */
  async #clean(judged: boolean): Promise<void> {
    const driver = this.#driver;
    const valid = { valid: seconds(this.#moment.valid) };
    if (judged)
      await driver.command(
        `DELETE FROM ${judgement.name} WHERE valid < fromUnixTimestamp({valid:Int64})
           AND (kind, asset) IN (SELECT kind, asset FROM ${tickJudged.name})`,
        valid,
      );
    const [row] = await driver.query<{ rows: string }>(`SELECT count() AS rows FROM ${goneTable.name}`);
    if (Number(row?.rows) > 0) await sweepAway(driver, goneTable.name, `batch <= ${this.#moment.known}`);
  }

  /** Opens a new epoch for every standard whose changes have come to half of its opening. */
  async #recut(rowsOf: ReadonlyMap<string, number>, earlier: readonly LoggedTick[]): Promise<void> {
    const opened = new Map(this.#opened.map((one) => [one.standard, one]));
    const grown: { readonly standard: string; readonly changes: number; readonly own: Epoch }[] = [];
    for (const [standard, rows] of rowsOf) {
      const own = opened.get(standard) ?? { standard, epoch: 1, ...this.#moment };
      const since = earlier.filter(({ valid }) => valid > own.valid && valid < this.#moment.valid);
      const changes = since.reduce((sum, one) => sum + (one.written[standard] ?? 0), rows);
      if (changes > LEAST) grown.push({ standard, changes, own });
    }
    const openings = await this.#openings(grown.map(({ own }) => own));
    for (const { standard, changes } of grown)
      if (changes > (openings.get(standard) ?? 0) / 2) await openEpoch(this.#driver, standard, this.#moment);
  }

  /** How many assets stood where epochs opened, by standard. Most standards have theirs in common, so that one statement asks for all. */
  async #openings(opened: readonly Epoch[]): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for (const together of Map.groupBy(opened, ({ epoch, valid }) => `${epoch} ${seconds(valid)}`).values()) {
      const [one] = together;
      if (!one) continue;
      const rows = await this.#driver.query<{ standard: string; opening: string }>(
        // The first epoch opens empty, with the rows of its tick: they are its opening.
        `SELECT toString(standard) AS standard, sum(sign) AS opening FROM ${verdictDelta.name}
         WHERE standard IN {standards:Array(String)} AND epoch = {epoch:UInt32} AND valid <= fromUnixTimestamp({opened:Int64})
         GROUP BY standard`,
        {
          standards: together.map(({ standard }) => standard),
          epoch: one.epoch,
          opened: seconds(one.valid),
        },
      );
      for (const { standard, opening } of rows) found.set(standard, Number(opening));
    }
    return found;
  }
}

/** Below this many rows a sum costs nothing, whatever it reads. */
const LEAST = 10_000;
