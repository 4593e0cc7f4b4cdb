/** What belongs to an asset: its parts, which it holds, and what it refers to or is referred to by. */
import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import { quoted } from '@macadam/adapters/facts/clickhouse/table';
import { layoutOf, tableOf } from '@macadam/adapters/facts/layout';
import type { Asset } from '@macadam/core/facts/asset';
import { assetId, type Value } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';

/** Assets of one kind, the first of them by id. */
export interface NamedAssets {
  readonly kind: string;
  /** How many there are in all. */
  readonly count: number;
  readonly first: readonly { readonly id: string; readonly name: string }[];
}

export interface AroundSources {
  readonly driver: Driver;
  readonly kinds: ReadonlyMap<string, Kind>;
}

/** What an asset holds, kind by kind; a kind of which it holds nothing is left out. `most`: of each kind, that are named. */
export async function partsOf(
  asset: Asset,
  { driver, kinds }: AroundSources,
  most: number,
): Promise<readonly NamedAssets[]> {
  const found: NamedAssets[] = [];
  for (const kind of kinds.values()) {
    const by = kind.contained_in;
    if (by !== asset.kind || !Object.hasOwn(kind.attributes, by)) continue;
    const held = await naming(driver, { kind, by, values: [asset.id], most });
    if (held.count > 0) found.push(held);
  }
  return found;
}

export interface Touched extends NamedAssets {
  /** The relation's own name. */
  readonly relation: string;
  /** Whether the asset refers to these, or they refer to it. */
  readonly direction: 'out' | 'in';
}

/** What it refers to, and what refers to it. An id that was never seen is named by itself. */
export async function touchedBy(
  asset: Asset,
  { driver, kinds }: AroundSources,
  most: number,
): Promise<readonly Touched[]> {
  const own = kinds.get(asset.kind);
  const touched: Touched[] = [];
  for (const [relation, { to, by }] of Object.entries(own?.relations ?? {})) {
    if (to === undefined || by === undefined) continue;
    const ids = [...new Set(textsOf(asset, by).map((text) => idIn(to, text)))];
    if (ids.length === 0) continue;
    const first = ids.slice(0, most).map((id) => ({ id, name: id }));
    touched.push({ relation, direction: 'out', kind: to, count: ids.length, first });
  }
  const values = namesOf(asset, own);
  for (const kind of kinds.values())
    for (const [relation, { to, by }] of Object.entries(kind.relations)) {
      if (to !== asset.kind || by === undefined || kind.contained_in === by) continue;
      const held = await naming(driver, { kind, by, values, most });
      if (held.count > 0) touched.push({ ...held, relation, direction: 'in' });
    }
  return touched;
}

const idIn = (kind: string, text: string): string =>
  text.startsWith(`${kind}/`) ? text : assetId(kind, [text]);

/** As what others may refer to it: its id, and its key where that is one value. */
function namesOf({ id, attributes }: Asset, kind: Kind | undefined): readonly string[] {
  const [key, ...more] = kind?.key ?? [];
  const held = key === undefined || more.length > 0 ? undefined : attributes.get(key)?.statement;
  return held && 'value' in held && typeof held.value === 'string' ? [id, held.value] : [id];
}

function textsOf({ attributes }: Asset, attribute: string): readonly string[] {
  const held = attributes.get(attribute)?.statement;
  const value: Value | undefined = held && 'value' in held ? held.value : undefined;
  return (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string');
}

interface Naming {
  readonly kind: Kind;
  /** The attribute that names it: a text, or a list of them. */
  readonly by: string;
  readonly values: readonly string[];
  readonly most: number;
}

async function naming(driver: Driver, { kind, by, values, most }: Naming): Promise<NamedAssets> {
  const none = { kind: kind.kind, count: 0, first: [] };
  const place = layoutOf(kind).find(({ name }) => name === by);
  if (place === undefined || (place.shape !== 'scalar' && place.shape !== 'list')) return none;
  const column = quoted(place.column);
  const names =
    place.shape === 'scalar'
      ? `${column} IN ({values:Array(String)})`
      : `hasAny(${column}, {values:Array(String)})`;
  const [row] = await driver.query<{ count: string; first: readonly [string, string][] }>(
    `SELECT count() AS count, arraySort(groupArraySorted(${Math.trunc(most)})((\`@id\`, \`@name\`))) AS first
     FROM ${quoted(tableOf(kind))} WHERE ${names}`,
    { values },
  );
  return {
    ...none,
    count: Number(row?.count ?? 0),
    first: (row?.first ?? []).map(([id, name]) => ({ id, name })),
  };
}
