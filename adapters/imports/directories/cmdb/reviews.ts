/** Who reviewed something, as a row says it, and whether it was one of many in a minute, as the rows around it say. */
import type { Statement, Value } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { meantBy, yesOrNo } from '../mapping.ts';
import { type Item, inner, timestamp, unobserved } from '../statement.ts';
import { dayIn, filledIn, nothingUnder } from '../table.ts';
import { column, partsOf, several, values } from './cells.ts';

export const review = z.strictObject({
  at: column,
  reviewer: column,
  asked_by: column,
  approved: z.strictObject({ column, yes: values, no: values }),
  reaches: several,
});
type Review = z.infer<typeof review>;

/** Within that of one another, decisions are of one sitting. */
const SITTING_MS = 2 * 60_000;

export function reviewOf(item: Item, given: Review, rows: readonly Item[]): Statement {
  const { at, reviewer, asked_by, approved, reaches } = given;
  const cells = [at, reviewer, approved.column].map((name) => item.record[name]);
  // A row that nobody wrote a review into has none.
  if (cells.every((cell) => cell === undefined)) return { absent: true };
  const said = (name: string): Value => {
    const cell = item.record[name];
    return typeof cell === 'string' ? cell : unobserved(nothingUnder(item, name));
  };
  const fields: Record<string, Value | undefined> = {
    at: inner(filledIn(dayIn(item, at, 'start'), item, at)),
    reviewer: said(reviewer),
    asked_by: said(asked_by),
    approved: inner(meantBy(item, approved.column, yesOrNo(approved), 'review.approved')),
    reaches: inner(partsOf(item, reaches, 'review.reaches')),
    hurried: hurriedBy(item, given, rows),
  };
  return { value: fields };
}

/** How many others the same reviewer decided in the same sitting. */
function hurriedBy(item: Item, { at, reviewer }: Review, rows: readonly Item[]): Value {
  const theirs = rows.filter((row) => row.record[reviewer] === item.record[reviewer]);
  const own = timeOf(item, at);
  const times = theirs.filter((row) => row !== item).map((row) => timeOf(row, at));
  if (own === null || times.includes(null))
    return unobserved(
      `some rows of the reviewer in ${item.file} have a day and no hour under \`${at}\`, so nobody can tell whether they were decided at once; write 2026-08-01T10:00:00Z`,
    );
  return times.filter((time) => Math.abs((time ?? 0) - own) <= SITTING_MS).length;
}

function timeOf({ record }: Item, name: string): number | null {
  const cell = record[name];
  return typeof cell === 'string' && timestamp(cell) !== null ? Date.parse(cell) : null;
}
