/** What folds run over, membership, and the values that optional values and lists become. */
import { equals, isList, keyOf, partial } from './equality.ts';
import { join } from './logic.ts';
import { type Data, MapValue, Optional, PartialList, Unknown, undefinedHere } from './value.ts';

/** What a fold with one variable runs over: elements of a list, keys of a map. */
export function range(value: Data): readonly Data[] | Unknown {
  if (isList(value)) return value;
  if (value instanceof PartialList) return value.items;
  if (value instanceof MapValue) return [...value.entries.values()].map(([key]) => key);
  return value instanceof Unknown ? value : undefinedHere('only a list or a map can be folded');
}

/** The second variable of a fold: what stands at an index or under a key. */
export function at(value: Data, index: Data, position: number): Data {
  if (value instanceof MapValue) return value.entries.get(keyOf(index) as string)?.[1] as Data;
  return (value instanceof PartialList ? value.items : (value as readonly Data[]))[position] as Data;
}

/** That more may be there than is run over; undefined when it is whole. */
export function gap(value: Data): Unknown | undefined {
  if (value instanceof PartialList) return partial(value);
  return value instanceof MapValue && !value.complete ? partial(value) : undefined;
}

/** `x in list` or `x in map`, which absorbs: an element that is equal decides, whatever is not known of the rest. */
export function within(value: Data, container: Data): boolean | Unknown {
  if (value instanceof Unknown || container instanceof Unknown) return join(value, container);
  if (container instanceof MapValue) {
    const place = keyOf(value);
    if (place === undefined) return undefinedHere('a map has no keys of this type');
    return container.entries.has(place) || (gap(container) ?? false);
  }
  const items = range(container);
  if (items instanceof Unknown) return items;
  let undecided = gap(container);
  for (const item of items) {
    const same = equals(item, value);
    if (same === true) return true;
    if (same !== false) undecided = undecided === undefined ? same : join(undecided, same);
  }
  return undecided ?? false;
}

/** Number of elements or entries, unknown when there may be more. */
export function count(value: Data): number | Unknown {
  if (isList(value)) return value.length;
  const more = gap(value);
  if (more) return more;
  return value instanceof MapValue ? value.entries.size : undefinedHere('it has no size');
}

/** The entries that `transformMapEntry` makes, in one map; a key that comes twice is an error. */
export function merged(maps: readonly Data[]): Data {
  const entries = new Map<string | number | bigint | boolean, readonly [Data, Data]>();
  for (const map of maps) {
    if (!(map instanceof MapValue)) return undefinedHere('an entry is a map');
    for (const [key, held] of map.entries) {
      if (entries.has(key)) return undefinedHere(`the key \`${String(key)}\` comes twice`);
      entries.set(key, held);
    }
  }
  return new MapValue(entries);
}

/** The value of an optional, for an element or entry written with `?`: undefined leaves it out. */
export function given(value: Data): Data | undefined {
  return value instanceof Optional ? value.value : undefinedHere('`?` needs an optional value');
}
