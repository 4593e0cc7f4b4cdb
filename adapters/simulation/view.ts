/** The company as the engine computes it: SELECTs over numbers of assets and ticks, composed of named columns. */
import { quoted } from '../facts/layout.ts';
import type { Columns } from './columns.ts';
import { type Calendar } from './calendar.ts';
import { lifeColumns, population, type Sight, sightColumns } from './life.ts';
import type { Model } from './model.ts';

export const listed = (columns: Columns): string =>
  columns.map(([name, sql]) => `${sql} AS ${quoted(name)}`).join(',\n  ');

export const adding = (columns: Columns, from: string): string =>
  `SELECT *,\n  ${listed(columns)}\nFROM (${from})`;

/** Every asset that ever is, at each of these ticks: `nr`, `tick`, and its life. */
export function lives(model: Model, calendar: Calendar, ticks: readonly number[]): string {
  const count = population(model, calendar) * ticks.length;
  const numbers = `SELECT intDiv(number, ${ticks.length}) AS nr,
    toInt16([${ticks.join()}][number % ${ticks.length} + 1]) AS tick FROM numbers_mt(${count})`;
  return adding(lifeColumns(model, calendar), numbers);
}

/** The same with when the sources saw it last, by a tick. */
export const sighted = (model: Model, sight: Sight, from: string): string =>
  adding(sightColumns(model, sight), from);

/** Whether a source says something of it at the tick, but too late. */
export const isLate = (number: number): string =>
  `(\`@trouble${number}\` = 3 AND \`@hides${number}\` AND tick >= \`@from${number}\` AND tick < \`@to${number}\`)`;
