/**
 * How the assets of a kind stand by two definitions of one standard, by the facts that are held now. Nothing is written down, and what
 * an expression may take is bounded: it can be anybody's draft.
 */

import type { Kind } from '@macadam/core/kinds/kind';
import { budgets } from '@macadam/core/verdicts/budget';
import { type CompiledStandard, looksAround } from '@macadam/core/verdicts/compiled-standard';
import { judgeOf, rowOf } from '@macadam/core/verdicts/evaluate';
import { assetRows } from '../asset-rows.ts';
import { type Driver, EngineError, type Parameters } from '../clickhouse/driver.ts';
import { outsideIn } from '../sql/judging.ts';
import { CODE, EAGER, pass, STEP } from '../sql/pass.ts';
import { relatedOf, tableSource } from './around.ts';
import { codeOf } from './codes.ts';
import { answersFor, namedOwner } from './teams.ts';

export type ComparedVerdict = keyof typeof CODE;

export interface ComparingOptions {
  readonly driver: Driver;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly kind: Kind;
  /** As it judges today, and as it would. */
  readonly today: CompiledStandard;
  readonly changed: CompiledStandard;
  readonly at: Date;
  /** What `wholeAt` gives. */
  readonly whole: ReadonlyMap<string, number>;
  /** A table of answers, as `Teams` has it; null: sources name owners. */
  readonly answers: string | null;
}

/** Assets of one team that stand so today, and so with the change. */
export interface ComparedGroup {
  readonly team: string;
  readonly from: ComparedVerdict;
  readonly to: ComparedVerdict;
  readonly count: number;
}

export interface ComparedAsset {
  readonly asset: string;
  readonly team: string;
  readonly from: ComparedVerdict;
  readonly to: ComparedVerdict;
}

/** Which of the assets that would change are wanted. */
export interface ComparedFilter {
  /** Null: of every team. */
  readonly teams: readonly string[] | null;
  readonly from?: ComparedVerdict | undefined;
  readonly to?: ComparedVerdict | undefined;
}

export interface Compared {
  readonly groups: readonly ComparedGroup[];
  /** By id in order. */
  readonly changes: (
    filter: ComparedFilter,
    page: { readonly after: string; readonly limit: number },
  ) => Promise<readonly ComparedAsset[]>;
}

/** The change asks for more than a draft may take; in words. */
export interface TooCostly {
  readonly tooCostly: string;
}

const VERDICTS: readonly ComparedVerdict[] = ['fail', 'pass', 'unknown', 'na'];
/** What one query of a draft may take. A new expression over seven million assets takes a third of a second. */
const STATEMENT_SECONDS = 10;
/** Assets that functions judge where no query can. */
const MOST_BY_FUNCTIONS = 200_000;
const PAGE = 1000;

/** Rejects where the engine fails otherwise than by what the change asks of it. */
export async function compared(options: ComparingOptions): Promise<Compared | TooCostly> {
  try {
    return (await byQuery(options)) ?? (await byFunctions(options));
  } catch (error) {
    if (!(error instanceof EngineError) || !LIMITS.has(error.code)) throw error;
    return {
      tooCostly: `judging it takes longer than ${STATEMENT_SECONDS} seconds, or more memory than there is`,
    };
  }
}

/** The engine's numbers of a time and a memory that are used up. */
const LIMITS = new Set([159, 241]);

/** Null where a query cannot judge both. */
async function byQuery(options: ComparingOptions): Promise<Compared | null> {
  const { driver, kind, today, changed, at, whole, answers } = options;
  const one = pass(kind, [today, changed], { asOf: at, real: at }, { details: 'none', whole });
  if (one.refused.length > 0) return null;
  const outsideOf = outsideIn(driver);
  for (const standard of [today, changed]) if ((await outsideOf(standard)) !== null) return null;
  const team = answers === null ? namedOwner(kind) : "ifNull(`@owner`, 'nobody')";
  const join =
    answers === null
      ? ''
      : ` LEFT JOIN ${answersFor(answers, kind.kind)} AS \`@answers\` ON \`@id\` = \`@owned\``;
  const rows = one.select(
    ([was = '', is = '']) => [
      '`@id` AS `@asset`',
      `${team} AS \`@team\``,
      `toUInt8(${was} % ${STEP}) AS \`@was\``,
      `toUInt8(${is} % ${STEP}) AS \`@is\``,
    ],
    `${join} WHERE \`@outside\` = 0`,
  );
  const parameters: Parameters = Object.fromEntries(one.parameters);
  const ask = <R extends object>(sql: string, more: Parameters = {}) =>
    driver.query<R>(`${sql} ${EAGER}, max_execution_time = ${STATEMENT_SECONDS}`, { ...parameters, ...more });
  const found = await ask<{ team: string; was: number; is: number; number: string }>(
    `SELECT \`@team\` AS team, \`@was\` AS was, \`@is\` AS is, count() AS number FROM (${rows}) GROUP BY team, was, is`,
  );
  const left = await judged(options, '`@outside` = 1');
  if ('tooCostly' in left) return null;
  return {
    groups: summed([
      ...found.map((row) => ({
        team: row.team,
        from: verdictOf(row.was),
        to: verdictOf(row.is),
        count: Number(row.number),
      })),
      ...left.rows.map((row) => ({ team: row.team, from: row.from, to: row.to, count: 1 })),
    ]),
    changes: async (filter, { after, limit }) => {
      const conditions = ['`@was` != `@is`', '`@asset` > {after:String}'];
      if (filter.from) conditions.push(`\`@was\` = ${CODE[filter.from]}`);
      if (filter.to) conditions.push(`\`@is\` = ${CODE[filter.to]}`);
      if (filter.teams) conditions.push('`@team` IN {teams:Array(String)}');
      const page = await ask<{ asset: string; team: string; was: number; is: number }>(
        `SELECT \`@asset\` AS asset, \`@team\` AS team, \`@was\` AS was, \`@is\` AS is FROM (${rows})
         WHERE ${conditions.join(' AND ')} ORDER BY asset LIMIT ${limit}`,
        { after, teams: filter.teams ?? [] },
      );
      const all = page.map((row) => ({
        asset: row.asset,
        team: row.team,
        from: verdictOf(row.was),
        to: verdictOf(row.is),
      }));
      return pageOf([...all, ...left.rows], filter, { after, limit });
    },
  };
}

const verdictOf = (code: number): ComparedVerdict => VERDICTS[code] ?? 'unknown';

async function byFunctions(options: ComparingOptions): Promise<Compared | TooCostly> {
  const { driver, kind } = options;
  const [row] = await driver.query<{ number: string }>(`SELECT count() AS number FROM ${tableSource(kind)}`);
  const number = Number(row?.number ?? 0);
  if (number > MOST_BY_FUNCTIONS)
    return {
      tooCostly: `no query can judge it, and functions judge ${MOST_BY_FUNCTIONS} assets at most; there are ${number}`,
    };
  const found = await judged(options, 'true');
  if ('tooCostly' in found) return found;
  return {
    groups: summed(found.rows.map(({ team, from, to }) => ({ team, from, to, count: 1 }))),
    changes: async (filter, page) => pageOf(found.rows, filter, page),
  };
}

/** What functions say of the rows for which a condition holds. */
async function judged(
  { driver, kinds, kind, today, changed, at, whole, answers }: ComparingOptions,
  condition: string,
): Promise<{ readonly rows: readonly ComparedAsset[] } | TooCostly> {
  const budget = budgets(() => performance.now());
  const own = [budget(), budget()] as const;
  const clock = { asOf: at, real: at };
  const around = looksAround(today) || looksAround(changed);
  const rows: ComparedAsset[] = [];
  const join =
    answers === null
      ? ''
      : ` LEFT JOIN ${answersFor(answers, kind.kind)} AS \`@answers\` ON \`@id\` = \`@owned\``;
  const team = answers === null ? namedOwner(kind) : "ifNull(`@owner`, 'nobody')";
  for (let after = ''; ; ) {
    const page = await assetRows(driver, kind, {
      beside: `${team} AS \`@team\``,
      from: `FROM ${tableSource(kind)}${join}
       WHERE \`@id\` > {after:String} AND ${condition} ORDER BY \`@id\` LIMIT ${PAGE}`,
      parameters: { after },
    });
    const last = page.at(-1);
    if (last === undefined) return { rows };
    const assets = page.map(({ asset }) => asset);
    const related = around
      ? await relatedOf({ driver, kinds, source: tableSource, whole }, kind, assets)
      : undefined;
    const [was, is] = [judgeOf(today, clock, related, own[0]), judgeOf(changed, clock, related, own[1])];
    for (const [index, asset] of assets.entries()) {
      const row = rowOf(kind, asset);
      rows.push({
        asset: asset.id,
        team: String(page[index]?.row['@team'] ?? 'nobody'),
        from: verdictOf(codeOf(was.decide(row)) % STEP),
        to: verdictOf(codeOf(is.decide(row)) % STEP),
      });
    }
    if (own[1].spent()) return { tooCostly: 'its functions use up the time that a draft may take' };
    if (page.length < PAGE) return { rows };
    after = last.id;
  }
}

function summed(groups: readonly ComparedGroup[]): readonly ComparedGroup[] {
  const sums = new Map<string, ComparedGroup>();
  for (const group of groups) {
    const key = `${group.from} ${group.to} ${group.team}`;
    const count = group.count + (sums.get(key)?.count ?? 0);
    sums.set(key, { team: group.team, from: group.from, to: group.to, count });
  }
  return [...sums.values()];
}

const pageOf = (
  rows: readonly ComparedAsset[],
  { teams, from, to }: ComparedFilter,
  { after, limit }: { readonly after: string; readonly limit: number },
): readonly ComparedAsset[] =>
  rows
    .filter(
      (row) =>
        row.from !== row.to &&
        byBytes(row.asset, after) > 0 &&
        (from ?? row.from) === row.from &&
        (to ?? row.to) === row.to &&
        (teams === null || teams.includes(row.team)),
    )
    .toSorted((a, b) => byBytes(a.asset, b.asset))
    .slice(0, limit);

/** As the engine orders texts. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
