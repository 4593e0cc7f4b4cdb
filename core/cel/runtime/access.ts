/** Reading parts: fields, keys, indexes, in all their states. */
import { isList, isRecord, type Key, keyOf, partial } from './equality.ts';
import {
  type Data,
  Double,
  MapValue,
  Optional,
  PartialList,
  Uint,
  Unknown,
  undefinedHere,
  unknown,
} from './value.ts';

/** Stands for "it is not there"; a caller says what that means. */
export type Found = Data | undefined;

/** The value of a key: undefined when there is none, unknown when only a part of the map was seen. */
export function entry(map: MapValue, key: Data): Found {
  const place = keyOf(key);
  if (place === undefined) return undefinedHere('a map has no keys of this type');
  const found = map.entries.get(place);
  if (found !== undefined) return found[1];
  if (map.complete) return undefined;
  return unknown('incomplete', `${map.path}.${String(place)}`, 'only a part of the map was seen');
}

/** A field of a value of a type that only running shows. */
export function field(value: Data, name: string): Found {
  if (value instanceof Unknown) return value;
  if (value instanceof MapValue) return entry(value, name);
  if (isRecord(value)) return Object.hasOwn(value, name) ? value[name] : undefined;
  return undefinedHere(`it has no field \`${name}\``);
}

/** An element: undefined past the ends of a list. */
export function element(container: Data, key: Data): Found {
  if (container instanceof MapValue) return entry(container, key);
  if (container instanceof PartialList) return partial(container);
  if (!isList(container)) return undefinedHere('only a list or a map has elements');
  const index = key instanceof Double ? key.value : key instanceof Uint ? Number(key.value) : key;
  if (typeof index === 'bigint') return undefined;
  if (typeof index !== 'number' || !Number.isInteger(index))
    return undefinedHere('an index is a whole number');
  return container[index];
}

/** `x[i]` with everything known but what is inside. */
function index(container: Data, key: Data, path: string): Data {
  // `null` is a value.
  const found = element(container, key);
  return found === undefined ? missing(key, path) : found;
}

function missing(key: Data, path: string): Unknown {
  const text = typeof key === 'string' || typeof key === 'number' ? `\`${key}\`` : 'this';
  return unknown('undefined', path, `there is no element ${text}`);
}

/** What `x.f` is where nothing is there. */
export function absent(path: string): Unknown {
  return unknown('undefined', path, 'it is absent');
}

/** A field of a value of a type that only running shows; of an optional it is an optional. */
export function select(value: Data, name: string): Data {
  if (value instanceof Optional) return optionalField(value, name);
  const found = field(value, name);
  return found === undefined ? absent(name) : found;
}

/** `x.?f` for any `x`. */
export function optionalField(value: Data, name: string): Data {
  if (value instanceof Optional) return value.value === undefined ? value : optionalField(value.value, name);
  return optionalOf(field(value, name));
}

/** `x[?i]` for any `x`. */
export function optionalElement(value: Data, key: Data): Data {
  if (value instanceof Optional) return value.value === undefined ? value : optionalElement(value.value, key);
  return optionalOf(element(value, key));
}

export function optionalOf(found: Found): Data {
  if (found === undefined) return NONE;
  return found instanceof Unknown ? found : new Optional(found);
}

export const NONE: Optional = new Optional(undefined);

/** `x[i]` for any `x`, an optional among them. `path` names `x` in the cause where nothing is there. */
export function elementOf(container: Data, key: Data, path: string): Data {
  return container instanceof Optional ? optionalElement(container, key) : index(container, key, path);
}

/** `has(x.f)` of a value of a type that only running shows. */
export function present(value: Data, name: string): boolean | Unknown {
  if (value instanceof Optional) return value.value !== undefined && present(value.value, name);
  const found = field(value, name);
  return found instanceof Unknown ? found : found !== undefined;
}

/** A map of keys and values in turn; `undefinedHere` for a key that is not one or stands there twice. */
export function mapOf(parts: readonly Data[]): MapValue | Unknown {
  const entries = new Map<Key, readonly [Data, Data]>();
  for (let at = 0; at < parts.length; at += 2) {
    const key = parts[at] as Data;
    const place = key instanceof Double ? undefined : keyOf(key);
    if (place === undefined) return undefinedHere('a map has no keys of this type');
    if (entries.has(place)) return undefinedHere(`the key \`${String(place)}\` stands there twice`);
    entries.set(place, [key, parts[at + 1] as Data]);
  }
  return new MapValue(entries);
}
