/** Addresses of the overview and of the list of standards: the whole state is in them. */
import { pathWith } from '@macadam/adapters/report-formats/html/link';

export const STATUS_FILTERS = [
  'met',
  'on-track',
  'off-track',
  'cannot-tell',
  'no-target',
  'attention',
  'kept',
  'failing',
  'empty',
] as const;
export type StatusFilter = (typeof STATUS_FILTERS)[number];

export const SORTS = ['pillar', 'name', 'least', 'change', 'failing', 'unknown', 'target'] as const;
export type Sort = (typeof SORTS)[number];

export interface StandardsQuery {
  readonly at?: string | undefined;
  readonly from?: string | undefined;
  readonly as?: string | undefined;
  readonly status?: StatusFilter | undefined;
  readonly pillar?: string | undefined;
  readonly division?: string | undefined;
  readonly accountable?: string | undefined;
  readonly sort?: Sort | undefined;
  readonly search?: string | undefined;
  readonly by?: 'division' | undefined;
}

/** What a page hands on to every link: of which moments it is. */
export const momentsOf = ({ at, from, as }: Pick<StandardsQuery, 'at' | 'from' | 'as'>) => ({ at, from, as });

export const standardsAt = (query: StandardsQuery): string => pathWith('/standards', { ...query });
export const overviewAt = (query: StandardsQuery): string => pathWith('/', { ...query });
