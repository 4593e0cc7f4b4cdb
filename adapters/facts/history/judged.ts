/**
 * Judges what is due of a kind, a query for all of it; what queries leave goes to the closures a page at a time. What each says stands
 * in `tick_judged` afterwards, in rows that are put together by asset and step.
 */
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Asset } from '@macadam/core/facts/asset';
import type { Kind } from '@macadam/core/kinds/kind';
import { type Budget, budgets, NO_BUDGET } from '@macadam/core/verdicts/budget';
import { type CompiledStandard, looksAround } from '@macadam/core/verdicts/compiled-standard';
import { judgeOf, rowOf } from '@macadam/core/verdicts/evaluate';
import { expiryOf, instantsOf, nextInstant, SLACK, termsOf } from '@macadam/core/verdicts/expiry';
import { type AssetRow, assetRows } from '../asset-rows.ts';
import { type Driver, EngineError, type Parameters } from '../clickhouse/driver.ts';
import { outsideIn } from '../sql/judging.ts';
import { pass } from '../sql/pass.ts';
import { type FactsSource, relatedOf, tableSource } from './around.ts';
import { codeOf, NOT_JUDGED, quotedText, shortened } from './codes.ts';
import { instantTexts, NEVER } from './instants.ts';
import { assetNumber } from './record.ts';
import { tickDue, tickJudged } from './table.ts';
import { answersFor, namedOwner, type Teams } from './teams.ts';

/** SQL of the number by which an asset stands in the history; as `assetNumber`. */
export const numberOf = (id: string): string =>
  `reinterpretAsUInt64(reverse(substring(SHA256(${id}), 1, 8)))`;

export interface JudgingOptions {
  readonly driver: Driver;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly kind: Kind;
  /** All standards of the kind, in the order of their codes. */
  readonly standards: readonly CompiledStandard[];
  readonly teams: Teams;
  /** Null: there was no tick before. */
  readonly before: Date | null;
  readonly at: Date;
  /** Everything of the kind; else what stands in `tick_due`. */
  readonly everything: boolean;
  /** How many there are at most, and up to how many closures judge; `manyOf` says up to how many they are the cheaper way. */
  readonly count: number;
  readonly few: number;
  /** What stands around may have changed between the two clocks. */
  readonly crossedAround: boolean;
  /** What `wholeAt` gives. */
  readonly whole: ReadonlyMap<string, number>;
}

/** Reading the text of a query that judges a catalogue costs about as much as judging this many assets by closures. */
export const FEW = 2000;
/** The most of a kind that closures judge: some eight seconds of this process's own thread. */
const MANY = 50_000;
/** Of so many assets one is judged by closures while a query reads the columns of all (docs/decisions/0209-the-tick-of-a-million.md). */
const READ_WHILE_JUDGED = 50;

/** Up to how many assets that are due of a kind closures judge at less cost than a query does, by how many there are of it. */
export function manyOf(assets: number, standards: readonly CompiledStandard[]): number {
  // To find what assets of a page look at takes statements of its own.
  if (standards.some(looksAround)) return FEW;
  return Math.min(MANY, FEW + Math.floor(assets / READ_WHILE_JUDGED));
}

/** One step for some standards: which facts, at which clock. */
interface Step {
  readonly step: 'definition' | 'evidence' | 'clock';
  readonly clock: Date;
  readonly standards: readonly CompiledStandard[];
  readonly source: FactsSource;
  readonly whole: ReadonlyMap<string, number>;
  /** SQL of the ids that it is about, a SELECT of `id`; empty for all. */
  readonly ids: string;
}

const DUE = (kind: Kind) => `SELECT id FROM ${tickDue.name} WHERE kind = ${quotedText(kind.kind)}`;
const CROSSED = (kind: Kind) =>
  `SELECT id FROM ${tickJudged.name} WHERE kind = ${quotedText(kind.kind)} AND crossed = 1`;
/** SQL of conditions that hold for what a step is about. */
const amongOf = ({ ids }: Step): readonly string[] => (ids === '' ? [] : [`\`@id\` IN (${ids})`]);

/**
 * Judges the facts of today: at the new clock, and what passed an instant at the old one as well. Gives how many assets closures found;
 * null where queries judged.
 */
export async function judgeToday(options: JudgingOptions): Promise<number | null> {
  const { driver, kind, standards, before, at, everything, whole, count, few } = options;
  const today = { standards, source: tableSource, whole };
  const now: Step = { ...today, step: 'clock', clock: at, ids: everything ? '' : DUE(kind) };
  const early: Step | null =
    before === null ? null : { ...today, step: 'evidence', clock: before, ids: CROSSED(kind) };
  const judged = count <= few ? await judgedByClosures(options, now, early) : null;
  if (judged !== null) return judged;
  await judgeByClosures(options, now, await judgeByQueries(options, now));
  if (early === null) return null;
  const [row] = await driver.query<{ crossed: string }>(
    `SELECT sum(crossed) AS crossed FROM ${tickJudged.name} WHERE kind = {kind:String}`,
    { kind: kind.kind },
  );
  const crossed = Number(row?.crossed ?? 0);
  if (crossed > few || (await judgedByClosures({ ...options, count: crossed }, early, null)) === null)
    await judgeByClosures(options, early, await judgeByQueries(options, early));
  return null;
}

/**
 * How many assets closures judged that a step is about, and by `crossed` what passed an instant of it; null: it is as if they had judged
 * none.
 */
async function judgedByClosures(
  options: JudgingOptions,
  step: Step,
  crossed: Step | null,
): Promise<number | null> {
  const { driver, kind, standards, count } = options;
  const { judged, isWhole } = await judgePages(options, step, {
    some: standards,
    condition: '',
    whole: true,
    crossed,
  });
  if (isWhole || count <= FEW) return judged;
  // What takes closures too long of many may take a query no time.
  const steps = [step, ...(crossed === null ? [] : [crossed])].map((one) => one.step);
  await driver.command(
    `DELETE FROM ${tickJudged.name} WHERE kind = {kind:String} AND step IN {steps:Array(String)}`,
    { kind: kind.kind, steps },
  );
  return null;
}

/** Judges the facts of the last tick under new definitions. */
export async function judgeBefore(
  options: JudgingOptions & { readonly before: Date },
  redefined: readonly CompiledStandard[],
  source: FactsSource,
  whole: ReadonlyMap<string, number>,
): Promise<void> {
  const step: Step = {
    step: 'definition',
    clock: options.before,
    standards: redefined,
    source,
    whole,
    ids: '',
  };
  if (options.count <= options.few)
    await judgePages(options, step, { some: redefined, condition: '', whole: true });
  else await judgeByClosures(options, step, await judgeByQueries(options, step));
}

/** What a query could not judge. */
interface Left {
  /** Standards that closures judge for every asset. */
  readonly refused: readonly CompiledStandard[];
  /** Ids that they judge by a standard. */
  readonly ids: ReadonlyMap<CompiledStandard, readonly string[]>;
}

let attempts = 0;
/** A whole catalogue over millions of assets takes a few. */
const STATEMENT_SECONDS = 120;
/** The engine's number for it. */
const TIMEOUT_EXCEEDED = 159;

async function judgeByQueries(options: JudgingOptions, step: Step): Promise<Left> {
  const { driver, kind } = options;
  const clock = { asOf: step.clock, real: step.clock };
  const whole = pass(kind, step.standards, clock, { whole: step.whole, source: step.source });
  const refused = whole.refused.map(({ standard }) => standard);
  const sound: CompiledStandard[] = [];
  const outsideOf = outsideIn(driver, step.source);
  for (const standard of whole.standards)
    if ((await outsideOf(standard)) === null) sound.push(standard);
    else refused.push(standard);
  const ids = new Map<CompiledStandard, string[]>();
  const run = async (some: readonly CompiledStandard[], part: Part): Promise<void> => {
    attempts += 1;
    const attempt = attempts;
    const { sql, parameters } = selected({ options, step, some, part, attempt });
    const columns = tickJudged.columns.map(({ name }) => name).join(', ');
    try {
      await driver.command(
        `INSERT INTO ${tickJudged.name} (${columns}) ${sql}, insert_deduplicate = 0, max_execution_time = ${STATEMENT_SECONDS}`,
        parameters,
      );
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      await driver.command(`DELETE FROM ${tickJudged.name} WHERE attempt = {attempt:UInt32}`, { attempt });
      await divide(some, part, error);
    }
  };
  /** Halves the standards first, then the rows, until what throws stands alone. */
  const divide = async (some: readonly CompiledStandard[], part: Part, error: unknown): Promise<void> => {
    const [standard] = some;
    if (!standard) throw error;
    if (some.length > 1) {
      const half = Math.ceil(some.length / 2);
      await run(some.slice(0, half), part);
      await run(some.slice(half), part);
      return;
    }
    // Parts of what takes too long take long together; the closures stop where their time is up.
    const slow = error instanceof EngineError && error.code === TIMEOUT_EXCEEDED;
    if (part === ALL && (slow || (await failsWithoutRows(options, step, standard)))) {
      refused.push(standard);
      // Every asset has a row, by which it is known to be there.
      await run([], ALL);
      return;
    }
    const conditions = [...amongOf(step), ...within(part)].join(' AND ');
    const found = await driver.query<{ id: string }>(
      `SELECT \`@id\` AS id FROM ${step.source(kind)} ${conditions && `WHERE ${conditions}`} LIMIT 2`,
    );
    // Without a row there is nothing that could be at fault but the engine.
    if (found.length === 0) throw error;
    const middle = part.from + (part.to - part.from) / 2n;
    if (found.length === 1 || middle === part.from) {
      ids.set(standard, [...(ids.get(standard) ?? []), ...found.map(({ id }) => id)]);
      await run([], part);
    } else {
      await run(some, { from: part.from, to: middle });
      await run(some, { from: middle, to: part.to });
    }
  };
  await run(sound, ALL);
  return { refused, ids };
}

interface SelectedInput {
  readonly options: JudgingOptions;
  readonly step: Step;
  readonly some: readonly CompiledStandard[];
  readonly part: Part;
  readonly attempt: number;
}

/** The SELECT whose rows go into `tick_judged`. */
function selected({ options, step, some, part, attempt }: SelectedInput): {
  readonly sql: string;
  readonly parameters: Parameters;
} {
  const { kind, standards, teams, before, at, crossedAround } = options;
  const clock = { asOf: step.clock, real: step.clock };
  const one = pass(kind, some, clock, { whole: step.whole, source: step.source });
  const today = step.step === 'clock';
  const own = some.filter((standard) => !expiryOf(standard).always);
  const instants = instantTexts(kind, termsOf(kind.kind, own));
  const always = own.length < some.length || instants === null;
  const now = nanos(at);
  // What throws at one clock may do so at the other: then closures judge both.
  const crossed =
    before === null ? '0' : always || crossedAround ? '1' : instants.between(nanos(before), now);
  const due = always ? `toInt64(${now})` : instants.next(now);
  const place = new Map(one.standards.map((standard, index) => [standard, index]));
  const codes = (numbers: readonly string[]) =>
    standards.map((standard) => {
      const index = place.get(standard);
      const number = index === undefined ? undefined : numbers[index];
      return number === undefined
        ? `toUInt16(${NOT_JUDGED})`
        : `if(\`@outside\` = 1, toUInt16(${NOT_JUDGED}), ${shortened(number)})`;
    });
  const team = !today ? "''" : teams.answers === null ? namedOwner(kind) : "ifNull(`@owner`, 'nobody')";
  const columns = (numbers: readonly string[]): readonly string[] => [
    quotedText(kind.kind),
    numberOf('`@id`'),
    quotedText(step.step),
    '`@id`',
    // That it was there before says nothing of whether it is.
    today ? '1' : '0',
    // What the columns cannot hold is told by the closures.
    today ? `if(\`@outside\` = 1, '', ${team})` : "''",
    today ? `if(\`@outside\` = 1, toInt64(${NEVER}), ${due})` : `toInt64(${NEVER})`,
    today ? `if(\`@outside\` = 1, 1, ${crossed})` : '0',
    `[${codes(numbers).join(', ')}]`,
    `toUInt32(${attempt})`,
  ];
  const join =
    today && teams.answers !== null
      ? ` LEFT JOIN ${answersFor(teams.answers, kind.kind, options.everything ? '' : `asset IN (${DUE(kind)})`)} AS \`@answers\` ON \`@id\` = \`@owned\``
      : '';
  const conditions = [...amongOf(step), ...within(part)].join(' AND ');
  const sql = one.select(columns, `${join}${conditions && ` WHERE ${conditions}`}`);
  return { sql, parameters: Object.fromEntries(one.parameters) };
}

const nanos = (date: Date): bigint => BigInt(date.getTime()) * 1_000_000n;

async function failsWithoutRows(
  options: JudgingOptions,
  step: Step,
  standard: CompiledStandard,
): Promise<boolean> {
  const { sql, parameters } = selected({
    options,
    step: { ...step, ids: "SELECT '' AS id WHERE false" },
    some: [standard],
    part: ALL,
    attempt: 0,
  });
  try {
    await options.driver.query(sql, parameters);
    return false;
  } catch {
    return true;
  }
}

/** A part of a table, by a hash of the asset's id: `to` is excluded. */
interface Part {
  readonly from: bigint;
  readonly to: bigint;
}

const ALL: Part = { from: 0n, to: 2n ** 64n };

const within = (part: Part): readonly string[] =>
  part === ALL ? [] : [`sipHash64(\`@id\`) BETWEEN ${part.from} AND ${part.to - 1n}`];

/** Assets that closures judge at once. */
const PAGE = 1000;

async function judgeByClosures(options: JudgingOptions, step: Step, { refused, ids }: Left): Promise<void> {
  const { standards } = step;
  // What the columns cannot hold is judged by every standard, the rest by those that were refused.
  await judgePages(options, step, { some: standards, condition: '`@outside` = 1', whole: true });
  if (refused.length > 0)
    await judgePages(options, step, { some: refused, condition: '`@outside` = 0', whole: false });
  for (const [standard, left] of ids)
    for (let from = 0; from < left.length; from += AT_ONCE)
      await judgePages(options, step, {
        some: [standard],
        condition: '`@id` IN {ids:Array(String)}',
        ids: left.slice(from, from + AT_ONCE),
        whole: false,
      });
}

const AT_ONCE = 200;

interface Pages {
  readonly some: readonly CompiledStandard[];
  /** SQL. */
  readonly condition: string;
  readonly ids?: readonly string[];
  /** Nothing of the row was judged or said by a query. */
  readonly whole: boolean;
  /** The step by which those are judged as well that passed an instant. */
  readonly crossed?: Step | null;
}

interface BudgetedPages extends Pages {
  /** What is left of a standard's time, over all pages. */
  readonly budgetFor: (standard: CompiledStandard) => Budget;
}

/** Lines that are written at once, and assets that are judged before whoever else has something to ask of this process has a turn. */
const LINES = 20_000;
const ONE_TURN = 50;

interface JudgedPages {
  /** Assets. */
  readonly judged: number;
  /** False where the time of a standard was used up, so that of some assets it said nothing. */
  readonly isWhole: boolean;
}

async function judgePages(options: JudgingOptions, step: Step, pages: Pages): Promise<JudgedPages> {
  const { driver } = options;
  const budget = budgets(() => performance.now());
  const own = new Map(pages.some.map((standard) => [standard, budget()]));
  const budgeted: BudgetedPages = { ...pages, budgetFor: (standard) => own.get(standard) ?? NO_BUDGET };
  let lines: string[] = [];
  let judged = 0;
  for await (const rows of pagesOf(options, step, pages)) {
    judged += rows.length;
    const page = rows.map(({ asset }) => asset);
    const said = await judgePage(options, step, budgeted, page);
    lines.push(...said.lines);
    if (pages.crossed && said.crossed.length > 0)
      lines.push(...(await judgePage(options, pages.crossed, budgeted, said.crossed)).lines);
    if (lines.length < LINES) continue;
    await insertJudged(driver, lines);
    lines = [];
  }
  await insertJudged(driver, lines);
  return { judged, isWhole: [...own.values()].every((one) => !one.spent()) };
}

async function insertJudged(driver: Driver, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  await driver.insert({
    table: tickJudged.name,
    columns: tickJudged.columns.map(({ name }) => name),
    format: 'JSONCompactEachRow',
    rows: Buffer.from(lines.join('\n')),
    token: randomUUID(),
  });
}

/** The assets of a step, by their ids. */
async function* pagesOf(
  { driver, kind, count }: JudgingOptions,
  step: Step,
  { condition, ids }: Pages,
): AsyncGenerator<readonly AssetRow[]> {
  const conditions = [...(condition === '' ? [] : [condition]), ...amongOf(step)];
  const where = (range: string) => `FROM ${step.source(kind)} WHERE ${[range, ...conditions].join(' AND ')}`;
  if (step.ids !== '' && condition === '' && count > PAGE) {
    // Where assets lie far apart, the engine reads most of a table before it knows that a thousand are the first. What lies between two it skips.
    const listed = await driver.query<{ id: string }>(`SELECT DISTINCT id FROM (${step.ids}) ORDER BY id`);
    for (let from = 0; from < listed.length; from += PAGE) {
      const part = listed.slice(from, from + PAGE);
      yield await assetRows(driver, kind, {
        from: where('`@id` BETWEEN {first:String} AND {last:String}'),
        parameters: { first: part[0]?.id ?? '', last: part.at(-1)?.id ?? '' },
      });
    }
    return;
  }
  for (let after = ''; ; ) {
    const rows = await assetRows(driver, kind, {
      from: `${where('`@id` > {after:String}')} ORDER BY \`@id\` LIMIT ${PAGE}`,
      parameters: { after, ids: ids ?? [] },
    });
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    if (rows.length < PAGE) return;
    after = last.id;
  }
}

interface JudgedPage {
  /** Rows of `tick_judged`. */
  readonly lines: readonly string[];
  /** Those that passed an instant between the two clocks. */
  readonly crossed: readonly Asset[];
}

async function judgePage(
  options: JudgingOptions,
  step: Step,
  { some, whole, budgetFor }: BudgetedPages,
  page: readonly Asset[],
): Promise<JudgedPage> {
  const { driver, kinds, kind, standards, teams, before, at, crossedAround } = options;
  const clock = { asOf: step.clock, real: step.clock };
  const related = some.some(looksAround)
    ? await relatedOf({ driver, kinds, source: step.source, whole: step.whole }, kind, page)
    : undefined;
  const judges = some.map(
    (standard) =>
      [standards.indexOf(standard), judgeOf(standard, clock, related, budgetFor(standard))] as const,
  );
  const always = crossedAround || some.some((standard) => expiryOf(standard).always);
  const terms = termsOf(kind.kind, some);
  const today = step.step === 'clock';
  const crossed: Asset[] = [];
  const lines: string[] = [];
  for (const [number, asset] of page.entries()) {
    if (number > 0 && number % ONE_TURN === 0) await setImmediate();
    const row = rowOf(kind, asset);
    const codes: number[] = new Array(standards.length).fill(NOT_JUDGED);
    for (const [place, { decide }] of judges) codes[place] = codeOf(decide(row));
    // Of how it was judged at another clock or by other facts nobody asks when that changes.
    const instants = today && !always ? instantsOf(terms, asset) : [];
    const next = always ? nanos(at) : nextInstant(instants, nanos(at));
    const since = before === null ? null : nextInstant(instants, nanos(before));
    const passed = today && before !== null && (always || (since !== null && since <= nanos(at) + SLACK));
    if (passed) crossed.push(asset);
    lines.push(
      JSON.stringify([
        kind.kind,
        assetNumber(asset.id),
        step.step,
        asset.id,
        today ? 1 : 0,
        today && whole ? teams.of(asset) : '',
        String(today ? (next ?? NEVER) : NEVER),
        passed ? 1 : 0,
        codes,
        0,
      ]),
    );
  }
  return { lines, crossed };
}
