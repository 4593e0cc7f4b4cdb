/** The type that a value has while it runs. */
import type { Type } from '../type.ts';
import { isList } from './equality.ts';
import {
  Cidr,
  type Data,
  Double,
  Duration,
  Ip,
  MapValue,
  Optional,
  PartialList,
  Semver,
  Timestamp,
  TypeValue,
  Uint,
} from './value.ts';

/** Names of types as the specification and the libraries spell them; all others are called as in type.ts. */
const NAMES: Readonly<Record<string, string>> = {
  null: 'null_type',
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
  optional: 'optional_type',
  ip: 'net.IP',
  cidr: 'net.CIDR',
  enum: 'string',
};

export function typeValue(type: Type): TypeValue {
  if (type.name === 'record') return new TypeValue(type.label);
  if (type.name === 'abstract') return new TypeValue(type.label);
  return new TypeValue(NAMES[type.name] ?? type.name);
}

/** The name of a value's type, as type.ts has it; `record` for a record of a kind. */
export function typeNameOf(value: Data): Type['name'] {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'string':
      return 'string';
    case 'number':
    case 'bigint':
      return 'int';
  }
  if (value === null) return 'null';
  if (isList(value) || value instanceof PartialList) return 'list';
  for (const [type, name] of CLASSES) if (value instanceof type) return name;
  return 'record';
}

const CLASSES: readonly (readonly [new (...parts: never[]) => object, Type['name']])[] = [
  [Double, 'double'],
  [Uint, 'uint'],
  [Uint8Array, 'bytes'],
  [Timestamp, 'timestamp'],
  [Duration, 'duration'],
  [MapValue, 'map'],
  [Optional, 'optional'],
  [TypeValue, 'type'],
  [Ip, 'ip'],
  [Cidr, 'cidr'],
  [Semver, 'semver'],
];

/** `type(x)` */
export function typeOf(value: Data): TypeValue {
  const name = typeNameOf(value);
  return new TypeValue(NAMES[name] ?? name);
}

/** The zero value of its type: what `optional.ofNonZeroValue` takes for nothing. */
export function isZero(value: Data): boolean {
  switch (typeof value) {
    case 'boolean':
      return !value;
    case 'string':
      return value === '';
    case 'number':
      return value === 0;
  }
  if (value === null) return true;
  if (isList(value) || value instanceof Uint8Array) return value.length === 0;
  if (value instanceof Double) return value.value === 0;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof MapValue) return value.entries.size === 0 && value.complete;
  if (value instanceof Duration || value instanceof Timestamp)
    return value.seconds === 0 && value.nanos === 0;
  return value instanceof Optional && value.value === undefined;
}
