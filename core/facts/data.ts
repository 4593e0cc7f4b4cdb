/** Plain data of a known type as values that expressions work on. Data that does not fit its type is unknown, cause failed. */

import { parseDurationWithDays, parseTimestamp } from '../cel/runtime/time.ts';
import {
  type Data,
  Double,
  MapValue,
  PartialList,
  type RecordValue,
  Unknown,
  unknown,
} from '../cel/runtime/value.ts';
import type { Type } from '../cel/type.ts';
import { isUnobserved, type Value } from './observation.ts';

type RecordType = Type & { readonly name: 'record' };

interface DataOfInput {
  readonly raw: Value | undefined;
  readonly type: Type;
  readonly path: string;
  readonly complete?: boolean;
  readonly why?: string | undefined;
}

/**
 * `path` names it in the causes of what is unknown; `complete` is whether a list or map holds all there is, and `why` the
 * reason why a list may not.
 */
export function dataOf({ raw, type, path, complete = true, why }: DataOfInput): Data {
  if (isUnobserved(raw)) return unknown(raw.unobserved, path, raw.why);
  const misfit = () => unknown('failed', path, `the source said something that is not a ${type.name}`);
  switch (type.name) {
    case 'bool':
      return typeof raw === 'boolean' ? raw : misfit();
    case 'int':
      return typeof raw === 'number' && Number.isSafeInteger(raw) ? raw + 0 : misfit();
    case 'double':
      return typeof raw === 'number' ? raw : misfit();
    case 'string':
      return typeof raw === 'string' ? raw : misfit();
    case 'enum':
      return typeof raw === 'string' && type.values.includes(raw) ? raw : misfit();
    case 'timestamp':
      return (typeof raw === 'string' ? parseTimestamp(raw) : null) ?? misfit();
    case 'duration':
      return (typeof raw === 'string' ? parseDurationWithDays(raw) : null) ?? misfit();
    case 'list': {
      if (!Array.isArray(raw)) return misfit();
      const items = raw.map((item) => elementOf(item, type.of, `${path}[]`));
      return complete ? items : new PartialList(items, path, why);
    }
    case 'map':
    case 'record': {
      if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return misfit();
      const given = raw as Readonly<Record<string, Value | undefined>>;
      return type.name === 'record' ? recordOf(given, type, path) : mapOf(given, type.of, path, complete);
    }
    default:
      return misfit();
  }
}

/** As it stands in a list. A record that is unknown is one whose every field is, so that a field can be read. */
function elementOf(raw: Value | undefined, type: Type, path: string): Data {
  const value = entryOf(raw, type, path);
  if (type.name !== 'record' || !(value instanceof Unknown)) return value;
  return makerOf(type)(Object.keys(type.fields).map(() => value));
}

/** As it stands in a map. */
function entryOf(raw: Value | undefined, type: Type, path: string): Data {
  const value = dataOf({ raw, type, path });
  return type.name === 'double' && typeof value === 'number' ? new Double(value) : value;
}

function mapOf(
  given: Readonly<Record<string, Value | undefined>>,
  of: Type,
  path: string,
  complete: boolean,
): MapValue {
  const entries = Object.entries(given).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, [key, entryOf(value, of, `${path}.${key}`)]] as const],
  );
  return new MapValue(new Map(entries), complete, path);
}

function recordOf(
  given: Readonly<Record<string, Value | undefined>>,
  type: RecordType,
  path: string,
): RecordValue {
  const values = Object.entries(type.fields).map(([name, { type: of, optional }]) => {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    const own = `${path}.${name}`;
    if (value !== undefined) return dataOf({ raw: value, type: of, path: own });
    if (!optional) return unknown('unobserved', own, 'the source did not say');
    // None of a list is the complete empty list.
    return of.name === 'list' ? [] : of.name === 'map' ? new MapValue(new Map(), true, own) : undefined;
  });
  return makerOf(type)(values);
}

type Maker = (values: readonly unknown[]) => RecordValue;
const MAKERS = new WeakMap<RecordType, Maker>();

function makerOf(type: RecordType): Maker {
  const known = MAKERS.get(type);
  if (known) return known;
  const made = recordMaker(Object.keys(type.fields));
  MAKERS.set(type, made);
  return made;
}

/**
 * Makes records with these properties. The constructor is generated, so that all records of one type have one hidden
 * class with every property in the object itself.
 */
export function recordMaker(names: readonly string[]): Maker {
  const lines = names.map((name, index) => `this[${JSON.stringify(name)}] = values[${index}];`);
  const RowOf = new Function(`return function Row(values) { ${lines.join(' ')} };`)();
  return (values) => new RowOf(values);
}
