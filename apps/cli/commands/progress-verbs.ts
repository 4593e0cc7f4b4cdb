/** Verbs of `standards` that say what they did: to a cohort, and to the people who obey them. */
import type { ServerOptions } from '../server.ts';
import { serverFor } from '../server.ts';
import { type Column, type ListingOptions, printList } from './listing.ts';

interface ToilRow {
  readonly standard: string;
  readonly items: number;
  readonly fixed: number;
  readonly medianSeconds: number | null;
  readonly itemsPerEngineer: number | null;
  readonly disputes: { readonly opened: number; readonly upheld: number };
  readonly exceptions: { readonly asked: number };
  readonly concerns: readonly string[];
}

const days = (seconds: number | null): string =>
  seconds === null ? '–' : `${(seconds / 86_400).toFixed(1)} d`;

const TOIL: readonly Column<ToilRow>[] = [
  { title: 'standard', of: ({ standard }) => standard },
  { title: 'items', of: ({ items }) => String(items) },
  {
    title: 'per engineer',
    of: ({ itemsPerEngineer }) => (itemsPerEngineer === null ? 'cannot tell' : itemsPerEngineer.toFixed(1)),
  },
  { title: 'fixed', of: ({ fixed }) => String(fixed) },
  { title: 'median', of: ({ medianSeconds }) => days(medianSeconds) },
  { title: 'disputes upheld', of: ({ disputes }) => `${disputes.upheld} of ${disputes.opened}` },
  { title: 'exceptions asked', of: ({ exceptions }) => String(exceptions.asked) },
  { title: 'concerns', of: ({ concerns }) => concerns.join(', ').replaceAll('-', ' ') },
];

export const listToil = (
  standard: string | undefined,
  options: ServerOptions & ListingOptions,
): Promise<number> =>
  printList<ToilRow>(serverFor(options), 'toil', { standard }, options, { columns: TOIL, what: 'standards' });

interface CohortRow {
  readonly asset: string;
  readonly from: string;
  readonly to: string;
}

const COHORT: readonly Column<CohortRow>[] = [
  { title: 'asset', of: ({ asset }) => asset },
  { title: 'was', of: ({ from }) => from },
  { title: 'is', of: ({ to }) => to },
];

export const listCohort = (
  standard: string,
  { from, to, ...options }: ServerOptions & ListingOptions & { readonly from?: string; readonly to?: string },
): Promise<number> =>
  printList<CohortRow>(
    serverFor(options),
    `standards/${encodeURIComponent(standard)}/cohort`,
    { from, to },
    options,
    { columns: COHORT, what: 'changes of the cohort' },
  );
