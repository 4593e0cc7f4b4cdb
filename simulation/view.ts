/** The company as the engine computes it: SELECTs over numbers of assets and ticks, composed of named columns. */
import { quoted } from '@macadam/adapters/facts/layout';
import type { Calendar } from './calendar.ts';
import { type Columns, teamNumber } from './columns.ts';
import { lifeColumns, population, type Sight, sightColumns } from './life.ts';
import type { Model } from './model.ts';

export const listed = (columns: Columns): string =>
  columns.map(([name, sql]) => `${undigested(sql)} AS ${quoted(name)}`).join(',\n  ');

/**
 * The same with `<=>` for `=`, which is the same where nothing is NULL, as here. An equality within an AND or OR is looked up by the engine
 * under a digest of all that stands below it, down to the innermost SELECT: two thirds of what a statement of many layers takes.
 */
const undigested = (sql: string): string =>
  sql.replaceAll(/'(?:[^'\\]|\\.)*'|`[^`]*`| = /g, (part) => (part === ' = ' ? ' <=> ' : part));

/**
 * Columns beside those of a SELECT. What builds on another new one stands a SELECT further out: the engine names every
 * expression by its text, which within one SELECT doubles with each use of a name.
 */
export const adding = (columns: Columns, from: string): string =>
  layers(columns).reduce((inner, own) => `SELECT *,\n  ${listed(own)}\nFROM (${inner})`, from);

function layers(columns: Columns): readonly Columns[] {
  const texts = new Map(columns);
  const depths = new Map<string, number>();
  const depthOf = (name: string): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    depths.set(name, 0);
    const words = new Set(texts.get(name)?.match(/(?<=`)[^`]+(?=`)|\w+/g));
    const inner = [...words].filter((word) => word !== name && texts.has(word));
    const depth = Math.max(0, ...inner.map((word) => depthOf(word) + 1));
    depths.set(name, depth);
    return depth;
  };
  return [...Map.groupBy(columns, ([name]) => depthOf(name))].sort(([a], [b]) => a - b).map(([, own]) => own);
}

/** Such queries are long, and mostly over few rows: what the engine does to make the running shorter takes longer. */
const BRIEF = [
  'compile_expressions',
  'optimize_and_compare_chain',
  'optimize_if_chain_to_multiif',
  'optimize_multiif_to_if',
  'optimize_extract_common_expressions',
  'optimize_functions_to_subcolumns',
  'optimize_or_like_chain',
  'optimize_arithmetic_operations_in_aggregate_functions',
  'optimize_group_by_function_keys',
  'optimize_injective_functions_in_group_by',
  'optimize_rewrite_aggregate_function_with_if',
  'optimize_syntax_fuse_functions',
].map((name) => `${name} = 0`);
export const BRIEFLY = `SETTINGS max_block_size = 16384, ${BRIEF.join(', ')}`;

/** Assets by their numbers: from the first up to and without the second. */
export type Range = readonly [number, number];

interface LivesInput {
  readonly model: Model;
  readonly calendar: Calendar;
  readonly ticks: readonly number[];
  readonly range?: Range;
  readonly again?: readonly number[];
}

/**
 * Every asset that ever is, at each of these ticks: `nr`, `tick`, `telling` and its life. For the ticks of `again` it
 * stands a second time, with `telling` 1.
 */
export function lives({
  model,
  calendar,
  ticks,
  range: [first, end] = [0, population(model, calendar)],
  again = [],
}: LivesInput): string {
  const all = [...ticks, ...again];
  const place = `number % ${all.length}`;
  const numbers = `SELECT ${first} + intDiv(number, ${all.length}) AS nr, toInt16([${all.join()}][${place} + 1]) AS tick,
    toUInt8(${place} >= ${ticks.length}) AS telling FROM numbers_mt(${(end - first) * all.length})`;
  return adding(lifeColumns(model, calendar), numbers);
}

/** The same with when the sources saw it last, by a tick. */
export const sighted = (model: Model, calendar: Calendar, sight: Sight, from: string): string =>
  adding([...sightColumns(model, sight), ['@team', teamNumber(calendar, model.kind)]], from);

/** Whether a source says something of it at the tick, but too late. */
export const isLate = (number: number): string =>
  `(\`@trouble${number}\` = 3 AND \`@hides${number}\` AND tick >= \`@from${number}\` AND tick < \`@to${number}\`)`;
