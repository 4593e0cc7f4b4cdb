/** What the overview and the list of standards show: how each standard stands, how it stood before, and why that moved. */

import { type CellCount, changesIn } from '@macadam/adapters/facts/history/read';
import type { Between } from '@macadam/adapters/facts/history/retrospect';
import type { IntervalFigures } from '@macadam/adapters/report-formats/html/parts/interval';
import type { AccountCell } from '@macadam/core/figures/accounting';
import type { Severity } from '@macadam/core/figures/scan';
import type { StandardProgress } from '@macadam/core/figures/standard-progress';
import { progressAt } from '@macadam/services/progress/status';
import { spanOf } from '../../time-range.ts';
import type { CauseOfChange } from '../history/causes.ts';
import { causeOf } from '../history/causes.ts';
import type { ServerContext } from '../history/pages.ts';
import { type TrendPoint, trends } from './moments.ts';

export interface StandardRow {
  readonly id: string;
  readonly title: string;
  readonly pillar: string;
  readonly severity: Severity;
  readonly now: StandardProgress;
  /** At the moment that is compared with; null where there is none, or it had no figures. */
  readonly before: StandardProgress | null;
  readonly points: readonly TrendPoint[];
  readonly cells: readonly CellCount[];
  /** What moved most assets in between. */
  readonly largest: { readonly cause: CauseOfChange; readonly number: number } | null;
}

export interface StandardsReading {
  readonly between: Between;
  /** Whether an earlier moment than the newest was asked for. */
  readonly inPast: boolean;
  /** All of the catalogue, in order of its pillars. */
  readonly rows: readonly StandardRow[];
  /** Of the whole company. */
  readonly cells: readonly CellCount[];
}

/** Moments: RFC 3339, or a day. */
export interface ReadingQuery {
  readonly at?: string | undefined;
  /** Left out: a week before. */
  readonly from?: string | undefined;
  readonly as?: string | undefined;
}

const WEEK = 7 * 86_400_000;

/** Null: nothing was scanned yet. Throws as `spanOf`. */
export async function readStandards(
  site: ServerContext,
  query: ReadingQuery,
): Promise<StandardsReading | null> {
  const { at, from, as } = query;
  const end = await spanOf(site.past, { to: at, as }, 'at');
  if (end === null) return null;
  const to = end.to.valid.toISOString();
  const week = new Date(end.to.valid.getTime() - WEEK).toISOString();
  const between = (await spanOf(site.past, { from: from ?? week, to, as })) ?? end;
  const newest = (await site.past.ticks()).at(-1);
  const standards = [...site.standards.values()];
  const commitments = site.commitments ?? NO_COMMITMENTS;
  const now = await progressAt(site.past, between, standards, commitments);
  const compared = hasBefore(between);
  const before = compared
    ? await progressAt(site.past, { ...between, to: between.from }, standards, commitments)
    : null;
  const cells = await site.past.cells(between, {});
  const byStandard = Map.groupBy(cells, (cell) => cell.standard ?? '');
  const pointsOf = await trends(site.past, between);
  const rows = standards.flatMap(({ id, definition }): StandardRow[] => {
    const own = now.get(id);
    if (own === undefined) return [];
    const moved = byStandard.get(id) ?? [];
    const earlier = before?.get(id) ?? null;
    return [
      {
        id,
        title: definition.title,
        pillar: definition.pillar,
        severity: definition.severity,
        now: own,
        before: earlier !== null && earlier.shares.scope > 0 ? earlier : null,
        points: pointsOf(id),
        cells: moved,
        largest: largestOf(moved),
      },
    ];
  });
  return { between, inPast: newest?.valid.getTime() !== between.to.valid.getTime(), rows, cells };
}

/**
 * What the first page needs of a look is worked out when the look is new: forecasts take seconds, which nobody should wait for. What goes
 * wrong is said where it is asked for.
 */
export async function readAhead(site: ServerContext): Promise<void> {
  await readStandards(site, {}).catch(() => null);
}

const NO_COMMITMENTS = {};

/** Whether there is an earlier moment to compare with. */
export const hasBefore = (between: Between): between is Between & { readonly from: Between['to'] } =>
  between.from !== null && between.from.valid.getTime() !== between.to.valid.getTime();

function largestOf(cells: readonly CellCount[]): StandardRow['largest'] {
  const sums = new Map<CauseOfChange, number>();
  for (const cell of cells) {
    const cause = causeOf(cell);
    // Who owns what and what is excepted moves no share.
    if (cause === 'reassigned' || cause === 'excepted') continue;
    sums.set(cause, (sums.get(cause) ?? 0) + changesIn(cell));
  }
  const [first] = [...sums].sort(([, a], [, b]) => b - a);
  return first === undefined || first[1] === 0 ? null : { cause: first[0], number: first[1] };
}

/** A standard applies to something here, or may: nobody listed all that there is. */
export const applies = ({ now }: StandardRow): boolean =>
  now.shares.scope > 0 || now.cause === 'not-listed-whole';

/** Whether at least half of what applies has a target: before that, targets say little of the whole. */
export const mostlyPromised = (rows: readonly StandardRow[]): boolean =>
  rows.filter(({ now }) => now.target !== null).length * 2 >= rows.length;

/**
 * What a leader has to look at: what misses its target, and what cannot be told. Where few have a target yet, also what fails
 * without one.
 */
export function needingAttention(rows: readonly StandardRow[]): readonly StandardRow[] {
  const own = rows.filter(applies);
  const promised = mostlyPromised(own);
  return own.filter(
    ({ now: { status, figures } }) =>
      status === 'off-track' ||
      status === 'cannot-tell' ||
      (!promised && status === 'no-target' && figures.fail > 0),
  );
}

export const isKept = ({ now }: Pick<StandardRow, 'now'>): boolean =>
  now.status === 'met' || now.status === 'on-track';

/** So many that percentages are shown: an amount is no number of assets. */
const AMOUNTS = 1_000_000;

/** The interval that a standard is held by, as it is drawn: of its assets, or of what its measure counts. */
export function intervalOf({ figures, shares, measure }: StandardProgress): IntervalFigures & {
  readonly fail: number;
  /** What is counted; null for assets. */
  readonly unit: string | null;
} {
  const { atLeast, atMost } = measure ?? shares;
  if (measure === null) return { ...figures, scope: shares.scope, atLeast, atMost, unit: null };
  if (atLeast === null || atMost === null)
    return { pass: 0, fail: 0, unknown: 0, scope: 0, atLeast, atMost, unit: measure.unit };
  const pass = Math.round(atLeast * AMOUNTS);
  const unknown = Math.round((atMost - atLeast) * AMOUNTS);
  const fail = Math.max(0, AMOUNTS - pass - unknown);
  return { pass, fail, unknown, scope: AMOUNTS, atLeast, atMost, unit: measure.unit };
}

export type Side = 'pass' | 'fail';

/** One row of why a figure moved. */
export interface CauseRow {
  readonly cause: CauseOfChange;
  readonly value: number;
}

/** What of an account moved one figure, and by how much; what moved nothing is left out. */
export function movedBy(cells: readonly CellCount[], side: Side): readonly CauseRow[] {
  const sums = new Map<CauseOfChange, number>();
  for (const cell of cells) {
    const effect = effectOn(side, cell.cell);
    if (effect === 0) continue;
    const cause = causeOf(cell);
    sums.set(cause, (sums.get(cause) ?? 0) + effect * cell.count);
  }
  return [...sums].flatMap(([cause, value]) => (value === 0 ? [] : [{ cause, value }]));
}

/**
 * What changed in the world, apart from what only became unknown or known: a failure that nobody sees any more is not fixed, and one
 * that is seen at last is not new.
 */
export function apartFromSight(moved: readonly CauseRow[]): {
  readonly changed: readonly CauseRow[];
  readonly seen: readonly CauseRow[];
} {
  const bySight = ({ cause }: CauseRow) => cause === 'lost' || cause === 'revealed';
  return { changed: moved.filter((one) => !bySight(one)), seen: moved.filter(bySight) };
}

/** Whether a change is one of those that moved a figure. */
export const movesSide = (side: Side, cell: Pick<CellCount, 'cell'>): boolean =>
  effectOn(side, cell.cell) !== 0;

function effectOn(side: Side, cell: AccountCell): -1 | 0 | 1 {
  if (cell === 'fixed') return side === 'pass' ? 1 : -1;
  if (cell === 'regressed') return side === 'pass' ? -1 : 1;
  if (cell === `entered-${side}` || cell === `revealed-${side}`) return 1;
  return cell === `lost-${side}` || cell === `gone-${side}` || cell === `out-of-scope-${side}` ? -1 : 0;
}
