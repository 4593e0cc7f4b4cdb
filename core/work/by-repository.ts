/**
 * Open work as somebody does it: one repository after another, and in each what one change to it would fix. A row is a work item in one
 * repository, so that nobody meets two repositories in one place.
 */
import { ascending } from '../text/order.ts';
import { dayAfter } from './batch.ts';

/** A work item with what is left of it. Days are UTC, `2026-12-02`. */
export interface OpenWork {
  readonly id: string;
  readonly standard: string;
  readonly left: readonly WorkAsset[];
  readonly claimed: boolean;
  readonly snoozed: boolean;
}

export interface WorkAsset {
  readonly id: string;
  /** Id of the repository that it lies in; null where it lies in none. */
  readonly repository: string | null;
  /** Path in it, or what stands for one. */
  readonly path: string;
  /** Its own last day. */
  readonly due: string;
  /** Last day of the exception in force, which allows that it fails. */
  readonly exceptedUntil: string | null;
  readonly disputed: boolean;
}

export const ROW_FILTERS = [
  'open',
  'overdue',
  'soon',
  'unclaimed',
  'disputed',
  'excepted',
  'snoozed',
] as const;
export type RowFilter = (typeof ROW_FILTERS)[number];

export interface WorkRow {
  readonly work: OpenWork;
  readonly repository: string | null;
  readonly assets: readonly WorkAsset[];
  /** The earliest last day of its assets. */
  readonly due: string;
  /** Assets whose own last day is over. */
  readonly late: number;
  /** The last day on which an exception allows all of it; null where some of it has none. */
  readonly exceptedUntil: string | null;
}

export interface RepositoryRows {
  /** Null for what lies in no repository. */
  readonly repository: string | null;
  /** The most urgent first. */
  readonly rows: readonly WorkRow[];
}

/** A row for each item and repository; what lies in no repository is a row of its own, asset by asset. */
export function rowsOf(open: readonly OpenWork[], today: string): readonly WorkRow[] {
  return open
    .flatMap((work) =>
      [...Map.groupBy(work.left, ({ repository, id }) => repository ?? `\n${id}`).values()].map((assets) =>
        rowOf(work, assets, today),
      ),
    )
    .sort(mostUrgentFirst);
}

function rowOf(work: OpenWork, assets: readonly WorkAsset[], today: string): WorkRow {
  const ends = assets.map(({ exceptedUntil }) => exceptedUntil);
  const [end = null] = ends.includes(null) ? [] : ends.toSorted();
  return {
    work,
    assets,
    repository: assets[0]?.repository ?? null,
    due: assets.map(({ due }) => due).sort()[0] ?? '',
    late: assets.filter(({ due }) => due < today).length,
    exceptedUntil: end,
  };
}

const mostUrgentFirst = (a: WorkRow, b: WorkRow): number =>
  ascending(a.due, b.due) ||
  ascending(a.work.standard, b.work.standard) ||
  ascending(a.work.id, b.work.id) ||
  ascending(a.assets[0]?.id ?? '', b.assets[0]?.id ?? '');

/** Whether a row is among those that a filter shows; a week is seven days. */
export function isShown(row: WorkRow, filter: RowFilter, today: string): boolean {
  switch (filter) {
    case 'open':
      return true;
    case 'overdue':
      return row.late > 0;
    case 'soon':
      return row.due >= today && row.due <= dayAfter(`${today}T00:00:00Z`, 7);
    case 'unclaimed':
      return !row.work.claimed;
    case 'disputed':
      return row.assets.some(({ disputed }) => disputed);
    case 'excepted':
      return row.assets.some(({ exceptedUntil }) => exceptedUntil !== null);
    case 'snoozed':
      return row.work.snoozed;
  }
}

/** How many rows each filter shows: what a page says of them is the length of their list. */
export function rowCounts(rows: readonly WorkRow[], today: string): Readonly<Record<RowFilter, number>> {
  const counted = ROW_FILTERS.map(
    (filter) => [filter, rows.filter((row) => isShown(row, filter, today)).length] as const,
  );
  return Object.fromEntries(counted) as Record<RowFilter, number>;
}

/** The repository whose work is most urgent comes first, and what lies in none comes last. */
export function byRepository(rows: readonly WorkRow[]): readonly RepositoryRows[] {
  const groups = [...Map.groupBy(rows, ({ repository }) => repository)].map(([repository, own]) => ({
    repository,
    rows: own,
  }));
  return [
    ...groups.filter(({ repository }) => repository !== null),
    ...groups.filter(({ repository }) => repository === null),
  ];
}
