/**
 * Judges a resource of another tool's material, JSON of a shape that no kind describes, by a rule in CEL: `asset` is the
 * resource as data without types, `params` and `now` are as in a standard, and so are the verdicts.
 */
import { compile, type Expression } from '@macadam/core/cel/compile';
import {
  type Data,
  Double,
  Duration,
  MapValue,
  PartialList,
  Timestamp,
  Uint,
  Unknown,
  unknown,
} from '@macadam/core/cel/runtime/value';
import { BOOL, DYN, TIMESTAMP } from '@macadam/core/cel/type';
import type { Cause } from '@macadam/core/facts/observation';

export interface Rule {
  /** Which resources it speaks of; all, when it is left out. */
  readonly where?: string;
  readonly check: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface Judgement {
  readonly verdict: 'pass' | 'fail' | 'unknown' | 'not-applicable';
  /** Of an unknown: `cause: path: why`, sorted. */
  readonly causes: readonly string[];
}

export type Judged = (resource: unknown, now?: string) => Judgement;

/** A value that the material should hold and does not: an answer that failed, a page that was cut. */
export function unobserved(cause: Cause, why: string): Unknown {
  return unknown(cause, '', why);
}

/** A record of which only a part was seen: a key that it does not have is unobserved, not absent. */
export function partOf(record: Readonly<Record<string, unknown>>, path = 'asset'): MapValue {
  return mapOf(record, false, path);
}

/** JSON as CEL's values: whole numbers are ints, the others doubles. What is one of them already stays as it is. */
export function dataOf(value: unknown, path = 'asset'): Data {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean' || typeof value === 'string' || typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : new Double(value);
  if (Array.isArray(value)) return value.map((item, index) => dataOf(item, `${path}[${index}]`));
  if (READY.some((type) => value instanceof type)) return value as Data;
  return mapOf(value as Record<string, unknown>, true, path);
}

const READY = [Unknown, MapValue, PartialList, Timestamp, Duration, Double, Uint, Uint8Array] as const;

function mapOf(record: Readonly<Record<string, unknown>>, complete: boolean, path: string): MapValue {
  const entries = Object.entries(record).map(
    ([key, value]) => [key, [key, dataOf(value, `${path}.${key}`)]] as const,
  );
  return new MapValue(new Map(entries), complete, path);
}

/** RFC 3339 in UTC, as JavaScript reads it. */
export function timestampOf(text: string): Timestamp {
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) throw new Error(`not a date and time: ${text}`);
  const seconds = Math.floor(milliseconds / 1000);
  return new Timestamp(seconds, (milliseconds - seconds * 1000) * 1_000_000);
}

/** What conformance takes for now, so that a run gives the same tomorrow. */
export const NOW = '2026-01-01T00:00:00Z';

/** Throws with every mistake of the rule: a rule that does not load is a fault of ours. */
export function judgeOf(rule: Rule): Judged {
  const check = compiled(rule.check);
  const where = rule.where === undefined ? undefined : compiled(rule.where);
  const params = dataOf(rule.params ?? {}, 'params');
  return (resource, now = NOW) => {
    const bindings = { asset: dataOf(resource), params, now: timestampOf(now) };
    const scope = where === undefined ? true : where.run(bindings);
    if (scope === false) return { verdict: 'not-applicable', causes: [] };
    const result = check.run(bindings);
    const undecided = [scope, result].find((each) => typeof each !== 'boolean');
    if (undecided === undefined) return { verdict: result === true ? 'pass' : 'fail', causes: [] };
    if (!(undecided instanceof Unknown)) return { verdict: 'unknown', causes: ['undefined: not a bool'] };
    const causes = undecided.causes.map(({ cause, path, why }) => `${cause}: ${path}: ${why}`);
    return { verdict: 'unknown', causes: causes.sort() };
  };
}

/**
 * That looking less only widens: with any one key unobserved the verdict stays, or is unknown. Null, or the key of which
 * that is not so. (What was only partly seen has nothing to compare with.)
 */
export function narrowed(judge: Judged, resource: unknown): string | null {
  if (resource instanceof MapValue || typeof resource !== 'object' || resource === null) return null;
  const { verdict } = judge(resource);
  for (const key of Object.keys(resource)) {
    const less = judge({ ...resource, [key]: unobserved('unobserved', 'it was left out') });
    if (less.verdict !== 'unknown' && less.verdict !== verdict)
      return `${verdict}, but ${less.verdict} when ${key} is not observed`;
  }
  return null;
}

function compiled(text: string): Expression {
  const scope = { asset: DYN, params: DYN, now: TIMESTAMP };
  const result = compile(text, scope, BOOL, { level: 'cel' });
  if ('expression' in result) return result.expression;
  const mistakes = result.mistakes.map(({ at, reason }) => `${at.line}:${at.column}: ${reason}`);
  throw new Error(`${mistakes.join('; ')} in ${text}`);
}
