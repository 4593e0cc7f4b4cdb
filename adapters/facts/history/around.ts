/** What assets look at across relations: those of one page at a time, so that memory does not grow with the estate. */
import type { Asset } from '@macadam/core/facts/asset';
import { claimed, type Enumerated, newestEnumerations, wholeKinds } from '@macadam/core/facts/enumeration';
import { type Related, relatedIn } from '@macadam/core/facts/related';
import type { Kind } from '@macadam/core/kinds/kind';
import { type Relation, relationsOf } from '@macadam/core/kinds/relation';
import { assetRows } from '../asset-rows.ts';
import type { Driver } from '../clickhouse/driver.ts';
import { STATE } from '../columns.ts';
import { layoutOf, quoted, tableOf } from '../layout.ts';
import type { Collected, Facts } from '../port.ts';

/** What stands behind FROM for assets of a kind: its table, or what it was at another time. */
export type FactsSource = (kind: Kind) => string;

export const tableSource: FactsSource = (kind) => quoted(tableOf(kind));

/** A server gets these in its URL. */
const AT_ONCE = 200;

export interface Surroundings {
  readonly driver: Driver;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly source: FactsSource;
  /** What `wholeAt` gives. */
  readonly whole: ReadonlyMap<string, number>;
}

/** What the assets of a page look at. Reads what they refer to, and what refers to them. */
export async function relatedOf(
  { driver, kinds, source, whole }: Surroundings,
  kind: Kind,
  page: readonly Asset[],
): Promise<Related> {
  const found = new Map(page.map((asset) => [asset.id, asset]));
  for (const relation of relationsOf(kind, kinds)) {
    const from = { driver, other: relation.other, table: source(relation.other) };
    const add = (assets: readonly Asset[]) => {
      for (const asset of assets) found.set(asset.id, asset);
    };
    if (relation.inverse) {
      add(await openOf(from, relation));
      for (const ids of parts(page.map(({ id }) => id))) add(await referringTo(from, relation, ids));
    } else
      for (const ids of parts(page.flatMap((asset) => referredBy(asset, relation))))
        add(await read(from, '`@id` IN {ids:Array(String)}', { ids }));
  }
  return relatedIn(kinds, [...found.values()], whole);
}

interface From {
  readonly driver: Driver;
  readonly other: Kind;
  readonly table: string;
}

async function read(
  { driver, other, table }: From,
  condition: string,
  parameters: { readonly ids?: readonly string[] } = {},
): Promise<readonly Asset[]> {
  const rows = await assetRows(driver, other, {
    from: `FROM ${table} WHERE ${condition}`,
    parameters,
  });
  return rows.map(({ asset }) => asset);
}

const placeOf = (other: Kind, attribute: string) => layoutOf(other).find(({ name }) => name === attribute);

function referringTo(from: From, { by }: Relation, ids: readonly string[]): Promise<readonly Asset[]> {
  const list = placeOf(from.other, by)?.shape === 'list';
  const condition = list
    ? `hasAny(${quoted(by)}, {ids:Array(String)})`
    : `${quoted(by)} IN {ids:Array(String)}`;
  return read(from, condition, { ids });
}

/**
 * One asset of each sort of which it is not known what it refers to: whether there is any makes the lists of all partial. The
 * oldest of what is known stands for all that may be too old.
 */
async function openOf(from: From, { by }: Relation): Promise<readonly Asset[]> {
  const [at, state] = [quoted(`${by}@at`), quoted(`${by}@state`)];
  const partial = placeOf(from.other, by)?.shape === 'list' ? ` OR ${state} = ${STATE.partial}` : '';
  return [
    ...(await read(from, `${at} = 0 ORDER BY ${at} LIMIT 1`)),
    ...(await read(from, `${at} != 0 ORDER BY ${at} LIMIT 1`)),
    ...(partial ? await read(from, `false${partial} LIMIT 1`) : []),
    // What the columns cannot hold may be any of these.
    ...(await read(from, '`@outside` = 1')),
  ];
}

function referredBy(asset: Asset, { by }: Relation): readonly string[] {
  const statement = asset.attributes.get(by)?.statement;
  if (!statement || !('value' in statement)) return [];
  const { value } = statement;
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((id): id is string => typeof id === 'string');
}

function parts(ids: readonly string[]): readonly (readonly string[])[] {
  const unique = [...new Set(ids)];
  return Array.from({ length: Math.ceil(unique.length / AT_ONCE) }, (_, index) =>
    unique.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
  );
}

/** Since when kinds are listed to their end, at a time, as it was known at a batch. */
export async function wholeAt(
  facts: Pick<Facts, 'collections'>,
  at: Date,
  known: number,
): Promise<ReadonlyMap<string, number>> {
  return wholeKinds(await enumeratedAt(facts, at, known));
}

/** What was listed newest, as it was known at a batch, of times from one to before another. */
interface Listed {
  readonly known: number;
  readonly from: number;
  readonly before: number;
  readonly enumerated: readonly Enumerated[];
}

/** What each store said when it was last asked. */
const listed = new WeakMap<Pick<Facts, 'collections'>, Listed>();

/**
 * `enumeratedIn` of everything that lists anything. That is each collection ever made, and of a batch it is always the same: it is read once
 * for all times between two of which a collection began or a source was retired.
 */
export async function enumeratedAt(
  facts: Pick<Facts, 'collections'>,
  at: Date,
  known: number,
): Promise<readonly Enumerated[]> {
  const time = at.getTime();
  const held = listed.get(facts);
  if (held !== undefined && held.known === known && held.from <= time && time < held.before)
    return held.enumerated;
  const collected = await facts.collections({ known, listing: true });
  const enumerated = enumeratedIn(collected, at);
  const later = collected
    .flatMap(({ collection, retired }) => [collection.startedAt, ...(retired === null ? [] : [retired])])
    .map((text) => Date.parse(text))
    .filter((one) => one > time);
  const before = later.reduce((least, one) => Math.min(least, one), Number.POSITIVE_INFINITY);
  listed.set(facts, { known, from: time, before, enumerated });
  return enumerated;
}

/** The newest enumeration of each partition by then. What began later, or counts no more, says nothing. */
export function enumeratedIn(collected: readonly Collected[], at: Date): readonly Enumerated[] {
  return newestEnumerations(
    collected
      .filter(
        ({ retracted, retired }) => !retracted && (retired === null || Date.parse(retired) > at.getTime()),
      )
      .flatMap(enumerationsOf)
      .filter((one) => one.at <= at.getTime()),
  );
}

/** A collection's partitions as the store judged them among their neighbours. */
const enumerationsOf = ({ collection, completeness }: Collected): Enumerated[] =>
  collection.partitions.flatMap((given, index) => {
    const said = completeness[index];
    const { source, startedAt } = collection;
    const partition = claimed(collection, given);
    return said ? [{ source, partition, at: Date.parse(startedAt), completeness: said }] : [];
  });

/** What some assets look at as it is at the moment, for whoever judges them alone. */
export async function relatedNow(
  {
    driver,
    facts,
    kinds,
  }: { readonly driver: Driver; readonly facts: Facts; readonly kinds: ReadonlyMap<string, Kind> },
  kind: Kind,
  assets: readonly Asset[],
  at: Date,
): Promise<Related> {
  const whole = await wholeAt(facts, at, await facts.newest());
  return relatedOf({ driver, kinds, source: tableSource, whole }, kind, assets);
}
