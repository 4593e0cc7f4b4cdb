/**
 * What `related("relation")` gives: the assets at the other end. What an attribute refers to and nobody saw is an
 * asset of which everything is unknown; what may refer to an asset without having been seen makes the list partial.
 */

import { isList } from '../cel/runtime/equality.ts';
import { type Data, PartialList, type RecordValue, Unknown, unknown } from '../cel/runtime/value.ts';
import type { Kind } from '../kinds/kind.ts';
import { type Relation, relationsOf } from '../kinds/relation.ts';
import type { Asset } from './asset.ts';
import { type PreparedAsset, rowsOf, unseenRow } from './row.ts';

/**
 * `read` gives an attribute of a row, unknown where it is too old. `cutoffs`: kind → the earliest time, in milliseconds
 * since 1970, that is not too old, which goes for the listing of the other kind as well.
 */
export type Related = (row: PreparedAsset, relation: string, read: Read, cutoffs: Cutoffs) => Data;
type Cutoffs = Readonly<Record<string, number>>;
type Read = (row: PreparedAsset, attribute: string) => Data | undefined;

/** `whole` is what `wholeKinds` gives: since when kinds are listed to their end. */
export function relatedIn(
  kinds: ReadonlyMap<string, Kind>,
  assets: readonly Asset[],
  whole: ReadonlyMap<string, number>,
): Related {
  const byKind = Map.groupBy(assets, ({ kind }) => kind);
  const prepared = new Map<string, ReadonlyMap<string, PreparedAsset>>();
  const rowsByKind = (kind: Kind): ReadonlyMap<string, PreparedAsset> => {
    const known = prepared.get(kind.kind);
    if (known) return known;
    const make = rowsOf(kind, kind.kind);
    const rows = new Map((byKind.get(kind.kind) ?? []).map((asset) => [asset.id, make(asset)]));
    prepared.set(kind.kind, rows);
    return rows;
  };
  const found = new Map<string, ReadonlyMap<string, Relation>>();
  const relations = (name: string): ReadonlyMap<string, Relation> => {
    const kind = kinds.get(name);
    const known =
      found.get(name) ?? new Map((kind ? relationsOf(kind, kinds) : []).map((one) => [one.name, one]));
    found.set(name, known);
    return known;
  };
  // How old a reference may be is a standard's, so each way of reading has its own.
  const backwards = new WeakMap<Read, Map<string, Backwards>>();

  return (row, name, read, cutoffs) => {
    const asset = row['@asset'];
    const path = `related(${name})`;
    const relation = relations(asset.kind).get(name);
    if (!relation) return unknown('undefined', path, 'there is no such relation');
    const { other, by, inverse } = relation;
    if (!inverse) {
      const rows = rowsByKind(other);
      return referred(read(row, by), path, (id) => rows.get(id) ?? unseenRow(other, id));
    }
    const key = `${other.kind} ${by}`;
    const indexes = backwards.get(read) ?? new Map<string, Backwards>();
    backwards.set(read, indexes);
    const index = indexes.get(key) ?? backwardsOf(rowsByKind(other), by, read);
    indexes.set(key, index);
    const items = index.byId.get(asset.id) ?? [];
    const listed = whole.get(other.kind);
    const fresh = listed !== undefined && listed >= (cutoffs[other.kind] ?? Number.NEGATIVE_INFINITY);
    return index.open || !fresh ? new PartialList(items, path) : items;
  };
}

/** What the ids in an attribute stand for. */
function referred(held: Data | undefined, path: string, find: (id: string) => RecordValue): Data {
  if (held === undefined) return [];
  if (held instanceof Unknown) return held;
  if (held instanceof PartialList) {
    const items = referred(held.items, path, find);
    return isList(items) ? new PartialList(items, path) : items;
  }
  if (!isList(held)) return [find(String(held))];
  const ids = held.filter((id) => typeof id === 'string');
  const items = ids.map(find);
  return ids.length < held.length ? new PartialList(items, path) : items;
}

interface Backwards {
  readonly byId: ReadonlyMap<string, readonly PreparedAsset[]>;
  /** Whether an asset is among them of which it is not known what it refers to. */
  readonly open: boolean;
}

function backwardsOf(rows: ReadonlyMap<string, PreparedAsset>, by: string, read: Read): Backwards {
  const byId = new Map<string, PreparedAsset[]>();
  let open = false;
  for (const row of rows.values()) {
    const held = read(row, by);
    if (held instanceof Unknown || held instanceof PartialList) open = true;
    const ids = held instanceof PartialList ? held.items : isList(held ?? null) ? (held as Data[]) : [held];
    for (const id of ids) {
      if (id instanceof Unknown) open = true;
      if (typeof id !== 'string') continue;
      const found = byId.get(id);
      if (found) found.push(row);
      else byId.set(id, [row]);
    }
  }
  return { byId, open };
}
