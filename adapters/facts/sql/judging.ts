/**
 * Runs a pass and says what it leaves to closures: standards that do not translate, rows whose columns cannot hold the
 * asset, and rows that make a query throw. One bad row must not end the pass for the others.
 */

import type { Kind } from '@macadam/core/kinds/kind';
import { relationsOf } from '@macadam/core/kinds/relation';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import type { Clock } from '@macadam/core/verdicts/evaluate';
import { quoted, tableOf } from '../layout.ts';
import type { Parameter } from './constants.ts';
import { decode, type Judged, type PassOptions, pass } from './pass.ts';
import type { Untranslatable } from './value.ts';

export type Parameters = Readonly<Record<string, Parameter>>;

export interface Database {
  query<R extends object>(sql: string, parameters?: Parameters): Promise<readonly R[]>;
}

export interface Judgement {
  /** By standard and asset id. */
  readonly verdicts: ReadonlyMap<CompiledStandard, ReadonlyMap<string, Judged>>;
  /** Standards that closures have to judge for every asset, and why. */
  readonly refused: ReadonlyMap<CompiledStandard, Untranslatable>;
  /** Ids of assets that closures have to judge by a standard. */
  readonly left: ReadonlyMap<CompiledStandard, readonly string[]>;
}

interface JudgeInput {
  readonly database: Database;
  readonly kind: Kind;
  readonly standards: readonly CompiledStandard[];
  readonly clock: Clock;
  readonly options?: PassOptions;
}

/** Verdicts of every row of a kind's table, in memory: for parts of an estate. A store inserts a pass's SELECT instead. */
export async function judge({
  database,
  kind,
  standards,
  clock,
  options = {},
}: JudgeInput): Promise<Judgement> {
  const whole = pass(kind, standards, clock, options);
  const verdicts = new Map<CompiledStandard, Map<string, Judged>>();
  const left = new Map<CompiledStandard, string[]>();
  for (const standard of whole.standards) {
    verdicts.set(standard, new Map());
    left.set(standard, []);
  }
  const refused = new Map(whole.refused.map(({ standard, refusal }) => [standard, refusal]));
  const from = `FROM ${quoted(options.table ?? tableOf(kind))}`;
  const run = async (some: readonly CompiledStandard[], part: Part): Promise<void> => {
    const one = pass(kind, some, clock, { ...options, part: where(part, options.part) });
    let rows: readonly Readonly<Record<string, unknown>>[];
    try {
      rows = await database.query(one.sql, Object.fromEntries(one.parameters));
    } catch (error) {
      await divide(some, part, error);
      return;
    }
    for (const row of rows) {
      const id = String(row['@id']);
      for (const [column, standard] of one.standards.entries()) {
        // The columns cannot hold the asset.
        if (Number(row['@outside']) === 1) left.get(standard)?.push(id);
        else verdicts.get(standard)?.set(id, decode(one, column, Number(row[`s${column}`])));
      }
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
    if (part === ALL && (await failsWithoutRows(standard))) {
      verdicts.delete(standard);
      left.delete(standard);
      refused.set(standard, {
        refused: `what the engine refuses: ${said(error)}`,
        at: { line: 1, column: 1 },
      });
      return;
    }
    const ids = await database.query<{ '@id': string }>(
      `SELECT \`@id\` ${from} ${where(part, options.part)} LIMIT 2`,
    );
    const [only] = ids;
    // Without a row there is nothing that could be at fault but the engine.
    if (!only) throw error;
    const middle = part.from + (part.to - part.from) / 2n;
    if (ids.length === 1 || middle === part.from) left.get(standard)?.push(...ids.map((row) => row['@id']));
    else {
      await run(some, { from: part.from, to: middle });
      await run(some, { from: middle, to: part.to });
    }
  };
  const failsWithoutRows = async (standard: CompiledStandard): Promise<boolean> => {
    const empty = pass(kind, [standard], clock, { ...options, part: 'WHERE false' });
    try {
      await database.query(empty.sql, Object.fromEntries(empty.parameters));
      return false;
    } catch {
      return true;
    }
  };
  const sound: CompiledStandard[] = [];
  const outsideOf = outsideIn(database);
  for (const standard of whole.standards) {
    const beyond = await outsideOf(standard);
    if (beyond === null) sound.push(standard);
    else {
      verdicts.delete(standard);
      left.delete(standard);
      refused.set(standard, {
        refused: `a related ${beyond} that columns cannot hold`,
        at: { line: 1, column: 1 },
      });
    }
  }
  if (sound.length > 0) await run(sound, ALL);
  return { verdicts, refused, left };
}

/**
 * Gives, of a standard, a kind at the other end of one of its relations of which a row does not hold all of its asset. Each kind is
 * asked about once, however many standards look at it.
 */
export function outsideIn(
  database: Database,
  source: (kind: Kind) => string = (kind) => quoted(tableOf(kind)),
): (standard: CompiledStandard) => Promise<string | null> {
  const found = new Map<string, boolean>();
  const isOutside = async (kind: Kind): Promise<boolean> => {
    const rows = await database.query(
      `SELECT 1 AS found FROM ${source(kind)} WHERE \`@outside\` = 1 LIMIT 1`,
    );
    return rows.length > 0;
  };
  return async ({ kind, kinds, where, check, reasons }) => {
    const names = new Set(
      [where, check, ...reasons.map(({ when }) => when)].flatMap(({ relations }) => relations),
    );
    for (const { name, other } of kinds && names.size > 0 ? relationsOf(kind, kinds) : []) {
      if (!names.has(name)) continue;
      const outside = found.get(other.kind) ?? (await isOutside(other));
      found.set(other.kind, outside);
      if (outside) return other.kind;
    }
    return null;
  };
}

const said = (error: unknown) => (error instanceof Error ? error.message : String(error)).slice(0, 200);

/** A part of a table, by a hash of the asset's id: `to` is excluded. */
interface Part {
  readonly from: bigint;
  readonly to: bigint;
}

const ALL: Part = { from: 0n, to: 2n ** 64n };

function where(part: Part, already: string | undefined): string {
  if (part === ALL) return already ?? '';
  const range = `sipHash64(\`@id\`) BETWEEN ${part.from} AND ${part.to - 1n}`;
  return already ? `${already} AND ${range}` : `WHERE ${range}`;
}
