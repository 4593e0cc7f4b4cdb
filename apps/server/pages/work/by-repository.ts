/** Work by repository, with the row that is opened beside it. */
import type { ListedBatch } from '@macadam/adapters/decisions/listing';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { pager } from '@macadam/adapters/report-formats/html/parts/pager';
import type { OrgTree } from '@macadam/core/org/org';
import { byRepository, type WorkRow } from '@macadam/core/work/by-repository';
import { assetsById } from '@macadam/services/ownership/who';
import type { ServerContext } from '../history/pages.ts';
import type { Visit } from '../page.ts';
import { detailSection } from './detail.ts';
import { detailOf } from './detail-page.ts';
import type { WorkQuery } from './list.ts';
import { rowKey, type ShownRow, shownRows } from './row.ts';
import { repositorySection, type ShownRepository } from './rows.ts';

/** Rows of one page. */
const ROWS = 60;

export interface ByRepositoryAsked {
  readonly query: WorkQuery;
  readonly page: number;
  readonly tree: OrgTree;
  readonly rows: readonly WorkRow[];
  readonly items: ReadonlyMap<string, ListedBatch>;
}

/** What stands above the list, and what is said where it is empty. */
interface Around {
  readonly head: Child;
  readonly none: string;
}

export async function byRepositoryBody(
  call: Visit,
  { query, page, tree, rows, items }: ByRepositoryAsked,
  tx: DecisionTransaction,
): Promise<(around: Around) => Markup> {
  const site = call.parts.site();
  const today = tx.at.slice(0, 10);
  const ordered = byRepository(rows).flatMap((group) => group.rows);
  const pages = Math.max(1, Math.ceil(ordered.length / ROWS));
  const number = Math.min(page, pages);
  const part = ordered.slice((number - 1) * ROWS, number * ROWS);
  const standards = [...new Set(part.map(({ work }) => work.standard))];
  const timeToFix = await tx.listing.timeToFix(standards);
  const shown = await shownRows(part, { site, tree, items, timeToFix, now: call.now });
  const groups = await namedGroups(site, shown);
  // The first is opened where nobody chose; on a narrow screen the list comes alone.
  const chosen = ({ row }: ShownRow) => row.work.id === query.item && rowKey(row) === query.in;
  const opened = shown.find(chosen) ?? shown[0] ?? null;
  const back = pathWith('/work', { ...query, item: '', in: '' });
  const own = opened && (await detailOf(call, tx, opened, { back, nameOf: nameIn(groups) }));
  const addressOf = (row: WorkRow) => pathWith('/work', { ...query, item: row.work.id, in: rowKey(row) });
  const at = (to: number) => pathWith('/work', { ...query, item: '', in: '', page: String(to) });
  return ({
    head,
    none,
  }) => html`<div class="work listed" data-live="*"><section aria-labelledby="work-list" class="list">${head}
${shown.length === 0 && html`<p class="note">${none}</p>`}${groups.map((group) => repositorySection(group, { addressOf, today, opened }))}
${pager({
  of: 'work',
  back: number > 1 ? { href: at(number - 1), label: 'More urgent' } : null,
  next: number < pages ? { href: at(number + 1), label: 'Less urgent' } : null,
  place: `page ${number} of ${pages}`,
})}</section>${own && detailSection(own)}</div>`;
}

export const nameIn = (groups: readonly ShownRepository[]) => (id: string | null) =>
  groups.find((group) => group.id === id)?.name ?? id ?? '';

export async function namedGroups(
  site: ServerContext | null,
  shown: readonly ShownRow[],
): Promise<readonly ShownRepository[]> {
  const groups = [...Map.groupBy(shown, ({ row }) => row.repository)];
  const ids = groups.flatMap(([id]) => (id === null ? [] : [id]));
  const known = site?.stores ? await assetsById(site.stores.driver, site.stores.kinds, ids) : new Map();
  return groups.map(([id, rows]) => ({
    id,
    rows,
    known: id !== null && known.has(id),
    name: id === null ? 'In no repository' : (known.get(id)?.name ?? id),
  }));
}
