/**
 * Values while an expression runs, chosen so that the common path allocates nothing:
 *
 * | CEL                | here                                                                                  |
 * | ------------------ | ------------------------------------------------------------------------------------- |
 * | bool, string, null | `boolean`, `string`, `null`                                                           |
 * | int                | `number` where it is a safe integer, else `bigint`; never both for one value          |
 * | double             | `number` where its static type is double; a `Double` in lists, maps and where dyn     |
 * | uint, bytes        | `Uint`, `Uint8Array`                                                                  |
 * | timestamp, duration| `Timestamp`, `Duration`                                                               |
 * | list               | an array when complete, else a `PartialList`                                          |
 * | map                | `MapValue`                                                                            |
 * | a kind's record    | an object with a property for each field; `undefined` is absent                       |
 * | optional, type     | `Optional`, `TypeValue`                                                               |
 * | not known          | `Unknown`, wherever a value may stand; an error of CEL is one with cause `undefined`  |
 */
import type { Cause } from '../../facts/observation.ts';

/** Why a part of an expression is undecided, and the path of what it read. */
export interface CauseAt {
  readonly cause: Cause;
  readonly path: string;
  readonly why: string;
}

export class Unknown {
  readonly causes: readonly CauseAt[];
  constructor(causes: readonly CauseAt[]) {
    this.causes = causes;
  }
}

export class Double {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export class Uint {
  /** 0 to 2^64 − 1. */
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** Seconds since 1970-01-01T00:00:00Z and 0 to 999,999,999 nanoseconds after them; years 0001 to 9999. */
export class Timestamp {
  readonly seconds: number;
  readonly nanos: number;
  constructor(seconds: number, nanos: number) {
    this.seconds = seconds;
    this.nanos = nanos;
  }
}

/** As `Timestamp`: −1.5 s is seconds −2 and nanos 500,000,000, so that order is that of the pair. */
export class Duration {
  readonly seconds: number;
  readonly nanos: number;
  constructor(seconds: number, nanos: number) {
    this.seconds = seconds;
    this.nanos = nanos;
  }
}

/** Elements that were seen of a list that may hold more. `path` names it in the cause `incomplete`. */
export class PartialList {
  readonly items: readonly Data[];
  readonly path: string;
  /** Why there may be more, where somebody said. */
  readonly why: string | undefined;
  constructor(items: readonly Data[], path: string, why?: string) {
    this.items = items;
    this.path = path;
    this.why = why;
  }
}

/** A map. Keys that CEL calls equal (1, 1u, 1.0) are one key: `keyOf` in equality.ts says which. */
export class MapValue {
  readonly entries: ReadonlyMap<string | number | bigint | boolean, readonly [key: Data, value: Data]>;
  /** False where an unseen key is unobserved. */
  readonly complete: boolean;
  readonly path: string;
  constructor(
    entries: ReadonlyMap<string | number | bigint | boolean, readonly [Data, Data]>,
    complete = true,
    path = '',
  ) {
    this.entries = entries;
    this.complete = complete;
    this.path = path;
  }
}

export class Optional {
  /** `undefined` is `optional.none()`. */
  readonly value: Data | undefined;
  constructor(value: Data | undefined) {
    this.value = value;
  }
}

export class TypeValue {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A fixed-point address as 4 or 16 bytes; an IPv4-mapped IPv6 address stays IPv6. */
export class Ip {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

export class Cidr {
  readonly ip: Ip;
  readonly prefix: number;
  constructor(ip: Ip, prefix: number) {
    this.ip = ip;
    this.prefix = prefix;
  }
}

/** A version by Semantic Versioning 2.0.0, already parsed; build metadata takes no part in order or equality. */
export class Semver {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: readonly string[];
  constructor(numbers: readonly [bigint, bigint, bigint], prerelease: readonly string[]) {
    this.numbers = numbers;
    this.prerelease = prerelease;
  }
}

/** A record of a kind: a field that is `undefined` is absent. */
export interface RecordValue {
  readonly [field: string]: Data | undefined;
}

export type Data =
  | boolean
  | string
  | number
  | bigint
  | null
  | Double
  | Uint
  | Uint8Array
  | Timestamp
  | Duration
  | readonly Data[]
  | PartialList
  | MapValue
  | Optional
  | TypeValue
  | Ip
  | Cidr
  | Semver
  | RecordValue
  | Unknown;

export function unknown(cause: Cause, path: string, why: string): Unknown {
  return new Unknown([{ cause, path, why }]);
}

/** What CEL calls an error: overflow, a bad conversion, a missing key. */
export function undefinedHere(why: string): Unknown {
  return new Unknown([{ cause: 'undefined', path: '', why }]);
}

/** The causes of several undecided operands together: a set, so the order they came in does not matter. */
export function together(parts: readonly Unknown[]): Unknown {
  const causes = new Map<string, CauseAt>();
  for (const part of parts) {
    for (const cause of part.causes) causes.set(`${cause.cause}\n${cause.path}\n${cause.why}`, cause);
  }
  return new Unknown([...causes.values()]);
}
