/** Assets by what people look for: a text in the name or id, a kind, an owner, what holds them. From what the last pass left. */
import type { Driver, Parameters } from '@macadam/adapters/facts/clickhouse/driver';
import { quoted } from '@macadam/adapters/facts/clickhouse/table';
import { layoutOf, tableOf } from '@macadam/adapters/facts/layout';
import type { Kind } from '@macadam/core/kinds/kind';
import { JOINED, listedAsset, newestListing } from '../ownership/listing.ts';

export interface AssetFilter {
  /** Part of a name or an id, in any case. */
  readonly text?: string | undefined;
  readonly kind?: string | undefined;
  /** Id of a unit; empty for nobody. */
  readonly owner?: string | undefined;
  /** Owned by any of these: what the reader may see. Left out: everything, and what nobody owns. */
  readonly owners?: readonly string[] | undefined;
  /** Id of the asset that holds it. */
  readonly container?: string | undefined;
}

export interface FoundAsset {
  readonly id: string;
  readonly kind: string;
  readonly name: string;
  /** Id of a unit; null for nobody. */
  readonly owner: string | null;
  readonly state: 'confirmed' | 'unconfirmed' | 'nobody';
}

export interface Facet {
  readonly value: string;
  readonly count: number;
}

export interface FoundAssets {
  readonly count: number;
  /** In order of id. */
  readonly rows: readonly FoundAsset[];
  /** How many of what was found are of each kind, and each owner's, most first: as if nothing were chosen of that facet. */
  readonly kinds: readonly Facet[];
  readonly owners: readonly Facet[];
}

export interface AssetPage {
  /** Id of the last row before the page. */
  readonly after?: string | undefined;
  readonly limit: number;
}

const MOST_KINDS = 100;
const MOST_OWNERS = 12;

export async function searchAssets(
  driver: Driver,
  kinds: ReadonlyMap<string, Kind>,
  filter: AssetFilter,
  { after, limit }: AssetPage,
): Promise<FoundAssets> {
  const source = sourceOf(await newestListing(driver));
  const where = conditionsOf(kinds, filter);
  const rows = await driver.query<SourceRow>(
    `SELECT asset, kind, name, owner, state FROM ${source.table} WHERE ${source.condition} AND ${where.sql}
       AND asset > {after:String} ORDER BY asset LIMIT ${Math.trunc(limit)}`,
    { ...where.parameters, after: after ?? '' },
  );
  const found = rows.map(foundFrom);
  // Then they are all that fit, and nothing was chosen of a facet: a text is not looked for once more.
  const all = after === undefined && rows.length < limit && (filter.kind ?? filter.owner) === undefined;
  return { rows: found, ...(all ? countsOf(found) : await counts(driver, kinds, source, filter)) };
}

function countsOf(found: readonly FoundAsset[]): Pick<FoundAssets, 'count' | 'kinds' | 'owners'> {
  const facetOf = (values: readonly string[], most: number): readonly Facet[] =>
    [...Map.groupBy(values, (value) => value)]
      .map(([value, same]) => ({ value, count: same.length }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
      .slice(0, most);
  return {
    count: found.length,
    kinds: facetOf(
      found.map(({ kind }) => kind),
      MOST_KINDS,
    ),
    owners: facetOf(
      found.map(({ owner }) => owner ?? ''),
      MOST_OWNERS,
    ),
  };
}

interface Source {
  readonly table: string;
  /** SQL. */
  readonly condition: string;
}

/** A store of an earlier release has no listing until its first pass ends. */
const sourceOf = (listing: number | null): Source =>
  listing === null
    ? { table: `(${JOINED})`, condition: '1' }
    : { table: listedAsset.name, condition: `listing = ${listing}` };

/** How many there are: by kind and owner, and then of each facet. Without a text the store has them counted. */
async function counts(
  driver: Driver,
  kinds: ReadonlyMap<string, Kind>,
  source: Source,
  { kind, owner, ...others }: AssetFilter,
): Promise<Pick<FoundAssets, 'count' | 'kinds' | 'owners'>> {
  const where = conditionsOf(kinds, others);
  const ofKind = conditionsOf(kinds, { kind });
  const ofOwner = conditionsOf(kinds, { owner });
  const sums = await driver.query<{ facet: 'kind' | 'owner' | 'all'; value: string; count: string }>(
    `SELECT multiIf(grouping(kind) = 0, 'kind', grouping(owner) = 0, 'owner', 'all') AS facet,
        multiIf(facet = 'kind', kind, facet = 'owner', owner, '') AS value,
        multiIf(facet = 'kind', sumIf(assets, ${ofOwner.sql}), facet = 'owner', sumIf(assets, ${ofKind.sql}),
          sumIf(assets, ${ofKind.sql} AND ${ofOwner.sql})) AS count
      FROM (SELECT kind, owner, count() AS assets FROM ${source.table} WHERE ${source.condition} AND ${where.sql} GROUP BY kind, owner)
      GROUP BY GROUPING SETS ((kind), (owner), ())
      HAVING count > 0 ORDER BY count DESC, value LIMIT ${MOST_KINDS} BY facet SETTINGS force_grouping_standard_compatibility = 1`,
    { ...where.parameters, ...ofKind.parameters, ...ofOwner.parameters },
  );
  const facetOf = (name: 'kind' | 'owner', most: number): readonly Facet[] =>
    sums
      .filter(({ facet }) => facet === name)
      .slice(0, most)
      .map(({ value, count }) => ({ value, count: Number(count) }));
  return {
    count: Number(sums.find(({ facet }) => facet === 'all')?.count ?? 0),
    kinds: facetOf('kind', MOST_KINDS),
    owners: facetOf('owner', MOST_OWNERS),
  };
}

interface SourceRow {
  readonly asset: string;
  readonly kind: string;
  readonly name: string;
  readonly owner: string;
  readonly state: FoundAsset['state'] | '';
}

const foundFrom = ({ asset, owner, state, ...one }: SourceRow): FoundAsset => ({
  ...one,
  id: asset,
  owner: owner || null,
  state: state || 'nobody',
});

/** A server gets these in its URL. */
const AT_ONCE = 200;

/** Some assets by id, in that order; what the last pass did not go over is left out. */
export async function assetsNamed(driver: Driver, ids: readonly string[]): Promise<readonly FoundAsset[]> {
  const found = new Map<string, FoundAsset>();
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const rows = await driver.query<SourceRow>(
      `SELECT asset, kind, name, owner, state FROM (
         SELECT asset, kind, name FROM who_asset WHERE asset IN ({ids:Array(String)}) ORDER BY asset, pass DESC LIMIT 1 BY asset) AS indexed
       LEFT JOIN (SELECT asset, owner, toString(state) AS state FROM owner_answer WHERE asset IN ({ids:Array(String)})
         ORDER BY asset, pass DESC LIMIT 1 BY asset) AS answered USING (asset)`,
      { ids: ids.slice(from, from + AT_ONCE) },
    );
    for (const row of rows) found.set(row.asset, foundFrom(row));
  }
  return ids.flatMap((id) => found.get(id) ?? []);
}

function conditionsOf(
  kinds: ReadonlyMap<string, Kind>,
  { text, kind, owner, owners, container }: AssetFilter,
): { readonly sql: string; readonly parameters: Parameters } {
  const parts = ['1'];
  const parameters: Record<string, Parameters[string]> = {};
  if (text !== undefined) {
    parts.push(
      '(positionCaseInsensitiveUTF8(name, {text:String}) > 0 OR positionCaseInsensitiveUTF8(asset, {text:String}) > 0)',
    );
    parameters.text = text;
  }
  if (kind !== undefined) {
    parts.push('kind = {kind:String}');
    parameters.kind = kind;
  }
  if (owner !== undefined) {
    parts.push('owner = {owner:String}');
    parameters.owner = owner;
  }
  if (owners !== undefined) {
    parts.push('owner IN ({owners:Array(String)})');
    parameters.owners = owners;
  }
  if (container !== undefined) {
    parts.push(`asset IN (${heldBy(kinds)})`);
    parameters.container = container;
  }
  return { sql: parts.join(' AND '), parameters };
}

/** Everything that an asset holds, of any kind that says by an attribute what holds it. */
function heldBy(kinds: ReadonlyMap<string, Kind>): string {
  const selects = [...kinds.values()].flatMap((kind) => {
    const place = layoutOf(kind).find(({ name }) => name === kind.contained_in);
    return place?.shape === 'scalar'
      ? [`SELECT \`@id\` FROM ${quoted(tableOf(kind))} WHERE ${quoted(place.column)} = {container:String}`]
      : [];
  });
  return selects.length === 0 ? "SELECT ''" : selects.join(' UNION ALL ');
}
