/** CEL's `==` over values that run: numbers of any type by what they are worth, everything else by type and content. */
import {
  Cidr,
  type Data,
  Double,
  Duration,
  Ip,
  MapValue,
  Optional,
  PartialList,
  type RecordValue,
  Semver,
  Timestamp,
  TypeValue,
  together,
  Uint,
  Unknown,
  unknown,
} from './value.ts';

export type Key = string | number | bigint | boolean;

/** What a number is worth, whatever its type; JavaScript compares a bigint and a number exactly. */
export function numberOf(value: Data): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  return value instanceof Double || value instanceof Uint ? value.value : undefined;
}

/** The key of a map that a value is; 1, 1u and 1.0 are one. Undefined for what cannot be a key. */
export function keyOf(value: Data): Key | undefined {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  const number = numberOf(value);
  if (typeof number === 'bigint') {
    return number <= Number.MAX_SAFE_INTEGER && number >= Number.MIN_SAFE_INTEGER ? Number(number) : number;
  }
  return number !== undefined && Number.isInteger(number) && !Number.isSafeInteger(number)
    ? BigInt(number)
    : number;
}

/** Of values in which nothing is unknown. */
export function equal(a: Data, b: Data): boolean {
  const x = numberOf(a);
  if (x !== undefined) {
    const y = numberOf(b);
    return y !== undefined && x <= y && x >= y;
  }
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (isList(a)) return isList(b) && sameItems(a, b);
  if (isList(b) || Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Timestamp || a instanceof Duration) {
    const other = b as Timestamp;
    return a.seconds === other.seconds && a.nanos === other.nanos;
  }
  if (a instanceof Uint8Array) return sameBytes(a, b as Uint8Array);
  if (a instanceof MapValue) return sameEntries(a, b as MapValue);
  if (a instanceof Optional) {
    const other = (b as Optional).value;
    return a.value === undefined || other === undefined ? a.value === other : equal(a.value, other);
  }
  if (a instanceof TypeValue) return a.name === (b as TypeValue).name;
  if (a instanceof Ip) return sameBytes(a.bytes, (b as Ip).bytes);
  if (a instanceof Cidr) {
    const other = b as Cidr;
    return a.prefix === other.prefix && sameBytes(a.ip.bytes, other.ip.bytes);
  }
  if (a instanceof Semver) return sameVersion(a, b as Semver);
  if (a instanceof PartialList || a instanceof Unknown) return false;
  return sameFields(a as RecordValue, b as RecordValue);
}

export function isList(value: Data): value is readonly Data[] {
  return Array.isArray(value);
}

function sameItems(a: readonly Data[], b: readonly Data[]): boolean {
  return a.length === b.length && a.every((item, index) => equal(item, b[index] as Data));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function sameEntries(a: MapValue, b: MapValue): boolean {
  if (a.entries.size !== b.entries.size) return false;
  for (const [key, [, value]] of a.entries) {
    const other = b.entries.get(key);
    if (!other || !equal(value, other[1])) return false;
  }
  return true;
}

/** Build metadata takes no part. */
function sameVersion(a: Semver, b: Semver): boolean {
  return (
    a.numbers.every((number, index) => number === b.numbers[index]) &&
    a.prerelease.join('.') === b.prerelease.join('.')
  );
}

/** The fields of a record; a prepared asset keeps what is not data of its own under names with `@`. */
export function fieldsOf(record: RecordValue): string[] {
  return Object.keys(record).filter((name) => !name.includes('@') && record[name] !== undefined);
}

function sameFields(a: RecordValue, b: RecordValue): boolean {
  const names = fieldsOf(a);
  return (
    names.length === fieldsOf(b).length &&
    names.every((name) => b[name] !== undefined && equal(a[name] as Data, b[name]))
  );
}

/** The value itself, or an Unknown with the causes of everything undecided inside it. */
export function whole(value: Data): Data {
  if (typeof value !== 'object' || value === null) return value;
  const found: Unknown[] = [];
  holes(value, found);
  return found.length === 0 ? value : found.length === 1 ? (found[0] as Unknown) : together(found);
}

function holes(value: Data, found: Unknown[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (value instanceof Unknown) found.push(value);
  else if (isList(value)) for (const item of value) holes(item, found);
  else if (value instanceof PartialList) {
    found.push(partial(value));
    for (const item of value.items) holes(item, found);
  } else if (value instanceof MapValue) {
    if (!value.complete) found.push(partial(value));
    for (const [, item] of value.entries.values()) holes(item, found);
  } else if (value instanceof Optional) {
    if (value.value !== undefined) holes(value.value, found);
  } else if (isRecord(value)) for (const name of fieldsOf(value)) holes(value[name] as Data, found);
}

/** Whether it is a record of a kind: no other object of ours has a prototype without a name of its own. */
export function isRecord(value: Data): value is RecordValue {
  return (
    typeof value === 'object' &&
    value !== null &&
    !isList(value) &&
    !(
      value instanceof Timestamp ||
      value instanceof Duration ||
      value instanceof Double ||
      value instanceof Uint ||
      value instanceof Uint8Array ||
      value instanceof MapValue ||
      value instanceof Optional ||
      value instanceof TypeValue ||
      value instanceof PartialList ||
      value instanceof Unknown ||
      value instanceof Ip ||
      value instanceof Cidr ||
      value instanceof Semver
    )
  );
}

/** That a list or map may hold more than what was seen. */
export function partial(container: PartialList | MapValue): Unknown {
  const what = container instanceof MapValue ? 'map' : 'list';
  const why = container instanceof PartialList && container.why !== undefined ? `: ${container.why}` : '';
  return unknown('incomplete', container.path, `only a part of the ${what} was seen${why}`);
}

/** `==` in three states: undecided when anything in either side is. */
export function equals(a: Data, b: Data): boolean | Unknown {
  const x = whole(a);
  const y = whole(b);
  if (x instanceof Unknown) return y instanceof Unknown ? together([x, y]) : x;
  return y instanceof Unknown ? y : equal(x, y);
}
