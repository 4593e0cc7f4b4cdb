/** What an expression gave, as plain data again: the way back from `dataOf`. */
import { isList } from '../cel/runtime/equality.ts';
import { printDuration, printTimestamp } from '../cel/runtime/time.ts';
import {
  type Data,
  Double,
  Duration,
  MapValue,
  PartialList,
  type RecordValue,
  Timestamp,
  Unknown,
} from '../cel/runtime/value.ts';
import type { Type } from '../cel/type.ts';
import { strongestCause, type Unobserved, type Value } from '../facts/observation.ts';

/** Plain data of a type that a kind can have. What the type has no place for is unobserved, and says why. */
export function plainOf(data: Data | undefined, type: Type): Value {
  if (data instanceof Unknown) return unobserved(data);
  switch (type.name) {
    case 'list':
      if (data === undefined || data instanceof PartialList || !isList(data)) return misfit(type);
      return data.map((item) => plainOf(item, type.of));
    case 'map':
      if (!(data instanceof MapValue) || !data.complete) return misfit(type);
      return Object.fromEntries(
        [...data.entries.values()].map(([key, item]) => [String(key), plainOf(item, type.of)]),
      );
    case 'record':
      return Object.fromEntries(
        Object.entries(type.fields).flatMap(([name, field]) => {
          const held = (data as RecordValue)[name];
          return held === undefined ? [] : [[name, plainOf(held, field.type)]];
        }),
      );
    case 'timestamp':
      return data instanceof Timestamp ? printTimestamp(data) : misfit(type);
    case 'duration':
      return data instanceof Duration ? printDuration(data) : misfit(type);
    case 'double':
      return data instanceof Double ? data.value : typeof data === 'number' ? data : misfit(type);
    case 'enum':
      return typeof data === 'string' && type.values.includes(data) ? data : misfit(type);
    default:
      // An int that is no safe integer is a bigint here, and has no place in JSON.
      return typeof data === 'string' || typeof data === 'number' || typeof data === 'boolean'
        ? data
        : misfit(type);
  }
}

/** Why it is not known, in one: the first cause in the order in which causes are shown. */
export function unobserved({ causes }: Unknown): Unobserved {
  const cause = strongestCause(causes.map((one) => one.cause));
  const why = causes.find((one) => one.cause === cause)?.why ?? '';
  return { unobserved: cause, why };
}

const misfit = (type: Type): Unobserved => ({
  unobserved: 'failed',
  why: `the result is not a ${type.name} that a source could state`,
});
