/** Search among all assets: by text, kind, owner, and what fails; the address is the whole state. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Between } from '@macadam/adapters/facts/history/retrospect';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import type { Figures, State } from '@macadam/core/figures/accounting';
import {
  type AssetFilter,
  assetsNamed,
  type FoundAsset,
  type FoundAssets,
  searchAssets,
} from '@macadam/services/assets/search';
import type { OwnerStores } from '@macadam/services/ownership/answers';
import { currentTree } from '@macadam/services/ownership/log';
import { z } from 'zod';
import { HttpProblem } from '../../http/problem.ts';
import { passedStores, siteOf } from '../../server-context.ts';
import { teamsSeen } from '../../session/visibility.ts';
import { requireNone, unknownName } from '../../unknown-name.ts';
import type { ServerContext } from '../history/pages.ts';
import { namesIn, optional, shownPage, standingPage } from '../page.ts';
import { ASSET_STATES, type AssetQuery, type AssetState, assetListBody, assetListHeading } from './list.ts';
import { labelOf } from './title.ts';

const ROWS = 50;
/** Of one standard's assets, that are gone through for a text or an owner. */
const MOST_SCANNED = 5000;
const BATCH = 1000;
const text = z.string().max(500).optional();

const STATES: Readonly<Record<AssetState, readonly State[]>> = {
  fail: ['F', 'X'],
  unknown: ['U'],
  pass: ['P'],
  excepted: ['X'],
};

export const assetList = shownPage({
  path: '/assets',
  summary: 'Search for assets',
  action: 'Fact::read',
  of: 'anywhere',
  holds: 'search',
  query: {
    at: text,
    text,
    kind: text,
    owner: text,
    standard: text,
    state: z.enum(ASSET_STATES).optional(),
    in: z.string().max(2000).optional(),
    after: z.string().max(2000).optional(),
  },
  does: async (call, tx) => {
    const { parts, query: asked } = call;
    const site = siteOf(parts);
    const stores = await passedStores(parts);
    const query: AssetQuery = {
      text: optional(asked.text),
      kind: optional(asked.kind),
      owner: asked.owner === 'nobody' ? 'nobody' : optional(asked.owner),
      standard: optional(asked.standard),
      state: asked.standard ? (asked.state ?? 'fail') : undefined,
      in: optional(asked.in),
      after: optional(asked.after),
    };
    requireNone(400, unknownName('query.kind', 'kind', query.kind, stores.kinds.keys()));
    requireNone(400, unknownName('query.standard', 'standard', query.standard, site.standards.keys()));
    const tree = await currentTree(parts.decisions, tx);
    const seen = await teamsSeen(call, tx);
    const filter: AssetFilter = {
      text: query.text,
      kind: query.kind,
      owner: query.owner === 'nobody' ? '' : query.owner,
      container: query.in,
      ...(seen !== null && { owners: seen }),
    };
    const found =
      query.standard === undefined
        ? await searchAssets(stores.driver, stores.kinds, filter, { after: query.after, limit: ROWS + 1 })
        : await ofStandard(site, tx, { ...query, standard: query.standard }, filter);
    const { unit, owner } = namesIn(tree);
    const rows = found.rows.slice(0, ROWS);
    const last = rows.at(-1);
    const container = query.in === undefined ? null : await site.facts.asset(query.in);
    const shown = {
      query,
      rows: rows.map((row) => ({ ...row, ownedBy: row.owner === null ? null : owner(row.owner) })),
      count: found.count,
      more: 'partial' in found && found.partial === true,
      kinds: found.kinds,
      owners: found.owners.map((one) => ({ ...one, name: one.value === '' ? 'nobody' : unit(one.value) })),
      ownerName: filter.owner ? unit(filter.owner) : null,
      containerName: container?.name ?? query.in ?? null,
      standards: [...site.standards.keys()]
        .map((id) => ({ id, name: labelOf(site, id) }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
      kindNames: [...stores.kinds.keys()].sort(),
      next: found.rows.length > ROWS && last ? pathWith('/assets', { ...query, after: last.id }) : null,
    };
    const { heading, lead } = assetListHeading(shown);
    return standingPage(call, {
      section: 'assets',
      heading,
      title: 'Assets',
      when: lead,
      pastAsked: asked.at,
      body: assetListBody(shown),
    });
  },
});

/** Those of one standard, in a state, as of the newest look. */
async function ofStandard(
  site: ServerContext,
  _tx: DecisionTransaction,
  query: AssetQuery & { readonly standard: string },
  { text: wanted, kind, owner, owners, container }: AssetFilter,
): Promise<FoundAssets & { readonly partial: boolean }> {
  const stores = site.stores;
  const between = await site.past.between({});
  if (!stores || between === null || 'fault' in between)
    throw new HttpProblem(404, 'nothing was judged yet', [
      { field: 'query.standard', reason: 'no scan was kept', fix: 'measure the estate first' },
    ]);
  if (container !== undefined)
    throw new HttpProblem(400, 'a standard and a container are not searched together', [
      { field: 'query.in', reason: 'it stands beside `standard`', fix: 'leave one of them out' },
    ]);
  const state = query.state ?? 'fail';
  if ((wanted ?? kind ?? owner ?? owners) === undefined) {
    const rows = await pageOf(site, stores, between, { ...query, state });
    const count = namedIn(await site.past.figures(between, query.standard), state);
    return { rows, count, kinds: [], owners: [], partial: false };
  }
  const needle = wanted?.toLowerCase();
  const fits = (one: FoundAsset) =>
    (needle === undefined ||
      one.name.toLowerCase().includes(needle) ||
      one.id.toLowerCase().includes(needle)) &&
    (kind === undefined || one.kind === kind) &&
    (owner === undefined || (one.owner ?? '') === owner) &&
    (owners === undefined || owners.includes(one.owner ?? ''));
  const rows: FoundAsset[] = [];
  let [count, scanned, after, done] = [0, 0, '', false];
  while (!done && scanned < MOST_SCANNED) {
    const page = await site.past.assets(
      between,
      { standard: query.standard },
      { states: STATES[state], limit: BATCH, after },
    );
    const ids = [...new Set(page.map(({ asset }) => asset))];
    for (const one of (await assetsNamed(stores.driver, ids)).filter(fits)) {
      count += 1;
      if (rows.length <= ROWS && one.id > (query.after ?? '')) rows.push(one);
    }
    scanned += page.length;
    after = page.at(-1)?.asset ?? after;
    done = page.length < BATCH;
  }
  return { rows, count, kinds: [], owners: [], partial: !done };
}

/** How many assets with a name are in a state: no list has those without one. */
const namedIn = (figures: Figures, state: AssetState): number =>
  state === 'excepted'
    ? figures.excepted
    : figures[state] - (state === 'unknown' ? (figures.unnamed ?? 0) : 0);

/** A page of those of a standard: one row more than is shown, where there is one. */
async function pageOf(
  site: ServerContext,
  { driver }: OwnerStores,
  between: Between,
  { standard, state, after: from = '' }: { standard: string; state: AssetState; after?: string | undefined },
): Promise<readonly FoundAsset[]> {
  const rows: FoundAsset[] = [];
  let after = from;
  while (rows.length <= ROWS) {
    const limit = ROWS + 1 - rows.length;
    const page = await site.past.assets(between, { standard }, { states: STATES[state], limit, after });
    // What is gone since the tick has no row in the list any more.
    rows.push(
      ...(await assetsNamed(
        driver,
        page.map(({ asset }) => asset),
      )),
    );
    after = page.at(-1)?.asset ?? after;
    if (page.length < limit) break;
  }
  return rows;
}
