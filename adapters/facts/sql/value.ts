/**
 * What an expression becomes in SQL. Every scalar is text that gives NULL exactly where the closures give `Unknown`, and
 * beside it a second text, the cause: 0 where it is decided, else a number that is larger the earlier the cause
 * comes in the order in which causes are shown. So causes compose by `greatest`, and over a list by `arrayMax`, whose
 * result for an empty list is 0.
 */
import type { Position } from '@macadam/core/cel/tree';
import type { Type } from '@macadam/core/cel/type';
import { CAUSES, type Cause } from '@macadam/core/facts/observation';

export interface Scalar {
  readonly is: 'scalar';
  readonly type: Type;
  readonly sql: string;
  /** Whether `sql` can be NULL; when not, `cause` is `0`. */
  readonly nullable: boolean;
  readonly cause: string;
  /** The cause where it is known already that the scalar is undecided; a shorter text. */
  readonly causeOpen?: string;
  /**
   * The same without NULL, which costs the engine about twice as much: a text that is never NULL and means nothing where
   * `undecided` holds. Left out, both follow from `sql`.
   */
  readonly plain?: string;
  readonly undecided?: string;
  /** Of a condition: where it is known to be true, and to be false. Both are never NULL, and never hold together. */
  readonly yes?: string;
  readonly no?: string;
  /** Cheaper texts for where it is undecided: `after.no` where it is known that it is not false, `after.yes` not true. */
  readonly after?: { readonly no?: string; readonly yes?: string };
  /** Of a condition that a value is one of several constants, or with `equal` false that it is none of them. */
  readonly compares?: SqlComparison;
  /** Of `constant - open`, in nanoseconds or as integers: how it compares shows in `open` alone. */
  readonly minus?: { readonly from: bigint; readonly open: string; readonly undecided: string };
  /** Of a timestamp: that its text is Int64, as in a column. Without it, it may be Int128: the years 1 to 9999 are wider. */
  readonly short?: boolean;
  /** Known already: integers, timestamps and durations (nanoseconds) as bigint. */
  readonly constant?: bigint | number | string | boolean;
}

export interface SqlComparison {
  /** The value's text. */
  readonly open: string;
  readonly with: readonly string[];
  readonly equal: boolean;
  /** Constants that the value can be beside those, where its type names all. */
  readonly others?: readonly string[];
}

export interface RecordValue {
  readonly is: 'record';
  readonly type: Type;
  readonly undecided: string;
  readonly cause: string;
  readonly select: (field: string, at: Position) => SqlValue;
  readonly has: (field: string, at: Position) => Scalar;
  /** `.?field`. */
  readonly optional: (field: string, at: Position) => OptionalValue;
}

export interface OptionalValue {
  readonly is: 'optional';
  readonly undecided: string;
  readonly cause: string;
  /** Where it is decided: whether there is a value. */
  readonly present: string;
  /** Its own undecidedness counts only where it is present. */
  readonly value: SqlValue;
}

export interface MapValue {
  readonly is: 'map';
  readonly of: Type;
  readonly sql: string;
  readonly undecided: string;
  readonly cause: string;
  readonly partial: string;
  /** The cause that it is partial; with a field, of a key that was asked for by name. */
  readonly unseen: (field?: string) => string;
}

/** A list, before a fold stands in it: `depth` is how many lambdas are around, so that parameters never shadow each other. */
export interface ListValue {
  readonly is: 'list';
  readonly of: Type;
  readonly undecided: string;
  readonly cause: string;
  /** Whether it may hold more than was seen, and the cause that this is. */
  readonly partial: string;
  readonly partialCause: string;
  readonly open: (depth: number) => Opened;
  /** One element, by an index from 0 that is known to be inside. Null where elements stand in no array of their own. */
  readonly element: ((index: string) => SqlValue) | null;
  /** Elements known already, none of them undecided. */
  readonly constants?: readonly Scalar[];
  /** The whole as one SQL array without NULLs, where it is that. */
  readonly array?: string;
}

/** A list inside a lambda over `arrays()`. */
export interface Opened {
  readonly item: SqlValue;
  /** Which elements belong to it, never NULL; null for all. */
  readonly keep: string | null;
  readonly index: () => Scalar;
  /** `(parameters) -> body, arrays` for what the body uses. */
  readonly lambda: (body: string) => string;
  /** An array of the base list's length. */
  readonly base: string;
  /** The array behind a parameter, where the text is that and nothing else. */
  readonly arrayOf: (sql: string) => string | null;
  /** SQL that looks for the value with which a body decides, where the body compares an element with a constant. */
  readonly sought: (body: Scalar, exists: boolean) => string | null;
}

export type SqlValue = Scalar | RecordValue | OptionalValue | MapValue | ListValue;

/** What the compiler leaves to closures: the construct, named, and where it stands. */
export interface Untranslatable {
  readonly refused: string;
  readonly at: Position;
}

/** Thrown inside the compiler only; `translate` turns it into a value. */
export class Refused extends Error {
  readonly refusal: Untranslatable;
  constructor(refused: string, at: Position) {
    super(refused);
    this.refusal = { refused, at };
  }
}

export const RANK = 65_536;

/** How strongly a cause stands among others, before its path is counted. */
export function strength(cause: Cause): number {
  return (CAUSES.length + 1 - (CAUSES.indexOf(cause) + 1)) * RANK;
}

/** Of two causes of one rank the one with the smaller path is shown. */
export function pathStrength(index: number): number {
  return RANK - 1 - index;
}

/** The stronger of several causes; `0` stands for none. */
export function strongest(...causes: readonly string[]): string {
  const real = [...new Set(causes)].filter((cause) => cause !== '0');
  return real.length > 1 ? `greatest(${real.join(', ')})` : (real[0] ?? '0');
}

/** Either of conditions that are never NULL. */
export function either(...conditions: readonly string[]): string {
  if (conditions.includes('1')) return '1';
  const real = [...new Set(conditions)].filter((condition) => condition !== '0');
  return real.length > 1 ? `(${real.join(' OR ')})` : (real[0] ?? '0');
}

/** All of conditions that are never NULL. */
export function both(...conditions: readonly string[]): string {
  if (conditions.includes('0')) return '0';
  const real = [...new Set(conditions)].filter((condition) => condition !== '1');
  return real.length > 1 ? `(${real.join(' AND ')})` : (real[0] ?? '1');
}

export function not(condition: string): string {
  if (condition === '0') return '1';
  if (condition === '1') return '0';
  return negated(condition) ?? `(NOT ${condition})`;
}

/** What `(NOT …)` denies, where a text is that as a whole. */
function negated(condition: string): string | null {
  if (!condition.startsWith('(NOT ')) return null;
  let depth = 0;
  for (let at = 0; at < condition.length; at++) {
    if (condition[at] === '(') depth += 1;
    else if (condition[at] === ')') depth -= 1;
    if (depth === 0 && at < condition.length - 1) return null;
  }
  return condition.slice(5, -1);
}

/** A scalar's text without NULL; it means nothing where the scalar is undecided. */
export function plainOf({ plain, sql, nullable }: Scalar): string {
  return plain ?? (nullable ? `assumeNotNull(${sql})` : sql);
}

/** Where a scalar is undecided; never NULL itself. */
export function openOf(value: Scalar): string {
  if (!value.nullable) return '0';
  if (value.undecided !== undefined) return value.undecided;
  if (value.yes !== undefined && value.no !== undefined) return both(not(value.yes), not(value.no));
  return `isNull(${value.sql})`;
}

/** Where a condition is undecided, asked where it is known not to be `excluded`. */
export function openAfter(value: Scalar, excluded: 'yes' | 'no'): string {
  return value.after?.[excluded] ?? openOf(value);
}

/** A condition's text, as conditions are joined. */
export const truth = (text: string) => (text === 'true' ? '1' : text === 'false' ? '0' : text);

/** Where a condition is known to be true. */
export function yesOf(value: Scalar): string {
  if (value.yes !== undefined) return value.yes;
  return both(not(value.undecided ?? openOf(value)), truth(plainOf(value)));
}

/** Where a condition is known to be false. */
export function noOf(value: Scalar): string {
  if (value.no !== undefined) return value.no;
  return both(not(value.undecided ?? openOf(value)), not(truth(plainOf(value))));
}

export function when(condition: string, then: string, otherwise: string): string {
  if (condition === '0' || then === otherwise) return otherwise;
  return condition === '1' ? then : `if(${condition}, ${then}, ${otherwise})`;
}

export function scalar(type: Type, sql: string, cause = '0', nullable = cause !== '0'): Scalar {
  return { is: 'scalar', type, sql, nullable, cause };
}
