/**
 * Values while an expression runs. An int is a bigint, a double a number; what is not known is an `Unknown` that
 * carries every cause, so that the cause shown never depends on the order of evaluation.
 */
import { type Cause, isUnobserved, type Value } from '../observation.ts';
import type { Type } from './type.ts';

/** Why a part of an expression is undecided, and the path of what it read. */
export interface CauseAt {
  readonly cause: Cause;
  readonly path: string;
  readonly why: string;
}

export interface Unknown {
  readonly is: 'unknown';
  readonly causes: readonly CauseAt[];
}
export interface Timestamp {
  readonly is: 'timestamp';
  /** Nanoseconds since 1970-01-01T00:00:00Z. */
  readonly nanos: bigint;
}
export interface Duration {
  readonly is: 'duration';
  readonly nanos: bigint;
}
export interface List {
  readonly is: 'list';
  readonly items: readonly Datum[];
  /** False when there may be more elements than these. */
  readonly complete: boolean;
  readonly path: string;
}
export interface Fields {
  readonly is: 'record';
  /** A field that is not here is absent (or, in a partial map, unknown). */
  readonly fields: ReadonlyMap<string, Datum>;
  readonly complete: boolean;
  readonly path: string;
}
export type Datum =
  | boolean
  | bigint
  | number
  | string
  | null
  | Timestamp
  | Duration
  | List
  | Fields
  | Unknown;

export function unknown(cause: Cause, path: string, why: string): Unknown {
  return { is: 'unknown', causes: [{ cause, path, why }] };
}

export function isUnknown(value: Datum): value is Unknown {
  return typeof value === 'object' && value !== null && value.is === 'unknown';
}

/** The causes of several undecided operands together: a set, so the order they came in does not matter. */
export function together(...parts: readonly Datum[]): Unknown {
  const causes = new Map<string, CauseAt>();
  for (const part of parts) {
    if (!isUnknown(part)) continue;
    for (const cause of part.causes) causes.set(`${cause.cause}\n${cause.path}\n${cause.why}`, cause);
  }
  return { is: 'unknown', causes: [...causes.values()] };
}

/** Plain data of a known type as a value. Data that does not fit its type is unknown, cause `failed`. */
export function datum(raw: Value | undefined, type: Type, path: string, complete = true): Datum {
  if (isUnobserved(raw)) return unknown(raw.unobserved, path, raw.why);
  const misfit = () => unknown('failed', path, `the source said something that is not a ${type.name}`);
  switch (type.name) {
    case 'bool':
      return typeof raw === 'boolean' ? raw : misfit();
    case 'int':
      return typeof raw === 'number' && Number.isSafeInteger(raw) ? BigInt(raw) : misfit();
    case 'double':
      return typeof raw === 'number' ? raw : misfit();
    case 'string':
      return typeof raw === 'string' ? raw : misfit();
    case 'enum':
      return typeof raw === 'string' && type.values.includes(raw) ? raw : misfit();
    case 'timestamp':
      return (typeof raw === 'string' ? timestamp(raw) : null) ?? misfit();
    case 'duration':
      return (typeof raw === 'string' ? duration(raw) : null) ?? misfit();
    case 'list':
      return Array.isArray(raw)
        ? { is: 'list', items: raw.map((item) => datum(item, type.of, `${path}[]`)), complete, path }
        : misfit();
    case 'map':
    case 'record': {
      if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return misfit();
      const given = raw as Readonly<Record<string, Value | undefined>>;
      const names = Object.keys(type.name === 'map' ? given : type.fields);
      const fields = new Map<string, Datum>();
      for (const name of names) {
        const of = type.name === 'map' ? type.of : type.fields[name]?.type;
        const value = Object.hasOwn(given, name) ? given[name] : undefined;
        if (of && value !== undefined) fields.set(name, datum(value, of, `${path}.${name}`));
        else if (type.name === 'record' && type.fields[name]?.optional === false) {
          fields.set(name, unknown('unobserved', `${path}.${name}`, 'the source did not say'));
        }
      }
      return { is: 'record', fields, complete, path };
    }
    default:
      return misfit();
  }
}

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** RFC 3339 to nanoseconds; null for anything else. */
export function timestamp(text: string): Timestamp | null {
  const match = TIMESTAMP.exec(text);
  if (!match) return null;
  const seconds = Date.parse(`${text.slice(0, 19)}${match[8]}`);
  if (Number.isNaN(seconds)) return null;
  return { is: 'timestamp', nanos: BigInt(seconds) * 1_000_000n + BigInt((match[7] ?? '').padEnd(9, '0')) };
}

export function timestampOfDate(date: Date): Timestamp {
  return { is: 'timestamp', nanos: BigInt(date.getTime()) * 1_000_000n };
}

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
};

/** `1h30m`, `2160h`, `7d` (days of 24 hours, our addition for people) or `-1.5s`; null for anything else. */
export function duration(text: string): Duration | null {
  if (!/^-?(\d+(\.\d+)?(ns|us|ms|s|m|h|d))+$/.test(text)) return null;
  let nanos = 0n;
  for (const [, whole = '0', fraction = '', unit = 's'] of text.matchAll(
    /(\d+)(?:\.(\d+))?(ns|us|ms|s|m|h|d)/g,
  )) {
    const scale = UNITS[unit] ?? 1n;
    nanos += BigInt(whole) * scale;
    if (fraction !== '') nanos += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  return { is: 'duration', nanos: text.startsWith('-') ? -nanos : nanos };
}

/** A value as people read it, for messages. */
export function display(value: Datum): string {
  if (value === null || typeof value !== 'object') return String(value);
  switch (value.is) {
    case 'timestamp':
      return new Date(Number(value.nanos / 1_000_000n)).toISOString().replace('.000Z', 'Z');
    case 'duration':
      return displayDuration(value.nanos);
    case 'list':
      return value.items.map(display).join(', ');
    case 'record':
      return [...value.fields].map(([name, field]) => `${name}: ${display(field)}`).join(', ');
    case 'unknown':
      return '?';
  }
}

function displayDuration(nanos: bigint): string {
  if (nanos !== 0n && nanos % (UNITS.d ?? 1n) === 0n) return `${nanos / (UNITS.d ?? 1n)}d`;
  if (nanos !== 0n && nanos % (UNITS.h ?? 1n) === 0n) return `${nanos / (UNITS.h ?? 1n)}h`;
  return `${Number(nanos) / 1e9}s`;
}
