/** Values and types of the specification's test data (`cel.expr.Value` in its JSON form) as ours, and ours as text. */
import { keyOf } from '@macadam/core/cel/runtime/equality';
import { parseDuration } from '@macadam/core/cel/runtime/time';
import {
  type Data,
  Double,
  Duration,
  MapValue,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
  Unknown,
} from '@macadam/core/cel/runtime/value';

export interface Expected {
  readonly int64Value?: string;
  readonly uint64Value?: string;
  readonly doubleValue?: number | string;
  readonly stringValue?: string;
  readonly bytesValue?: string;
  readonly boolValue?: boolean;
  readonly nullValue?: null;
  readonly typeValue?: string;
  /** Only of a duration: `1.5s`. */
  readonly objectValue?: { readonly value: string };
  readonly listValue?: { readonly values?: readonly Expected[] };
  readonly mapValue?: { readonly entries?: readonly { readonly key: Expected; readonly value: Expected }[] };
}

export function dataOf(value: Expected): Data {
  if (value.int64Value !== undefined) {
    const number = Number(value.int64Value);
    return Number.isSafeInteger(number) ? number : BigInt(value.int64Value);
  }
  if (value.uint64Value !== undefined) return new Uint(BigInt(value.uint64Value));
  if (value.doubleValue !== undefined) return new Double(Number(value.doubleValue));
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.bytesValue !== undefined) return new Uint8Array(Buffer.from(value.bytesValue, 'base64'));
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.typeValue !== undefined) return new TypeValue(value.typeValue);
  if (value.listValue !== undefined) return (value.listValue.values ?? []).map(dataOf);
  if (value.mapValue !== undefined) {
    const entries = (value.mapValue.entries ?? []).map(({ key, value: held }) => {
      const own = dataOf(key);
      return [keyOf(own) ?? '', [own, dataOf(held)]] as const;
    });
    return new MapValue(new Map(entries));
  }
  if (value.objectValue !== undefined) return parseDuration(value.objectValue.value);
  return null;
}

/** A value with its type, so that equal text is the same value; entries of maps in the order of their text. */
export function text(value: Data): string {
  if (value instanceof Unknown) return `error: ${value.causes.map(({ why }) => why).join('; ')}`;
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`;
  if (value instanceof Double) return `double ${Object.is(value.value, -0) ? '-0' : value.value}`;
  if (value instanceof Uint) return `${value.value}u`;
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('hex')}`;
  if (value instanceof TypeValue) return `type ${value.name}`;
  if (value instanceof Timestamp) return `timestamp ${value.seconds} ${value.nanos}`;
  if (value instanceof Duration) return `duration ${value.seconds} ${value.nanos}`;
  if (value instanceof Optional) return value.value === undefined ? 'none' : `optional ${text(value.value)}`;
  if (value instanceof MapValue) {
    return `{${[...value.entries.values()]
      .map(([key, held]) => `${text(key)}: ${text(held)}`)
      .sort()
      .join(', ')}}`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
