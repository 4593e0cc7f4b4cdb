/**
 * Many standards over one kind's table in one SELECT: for every asset and standard one number, in which stand the verdict and
 * what it rests on. Scope is a column and never a WHERE, so nothing falls out of the figures.
 */

import type { Expression } from '@macadam/core/cel/compile';
import { parseDurationWithDays, parseTimestamp } from '@macadam/core/cel/runtime/time';
import { assetType, BOOL, parameterType, TIMESTAMP, type Type } from '@macadam/core/cel/type';
import type { CompiledStandard } from '@macadam/core/compiled-standard';
import type { Clock } from '@macadam/core/evaluate';
import type { Kind } from '@macadam/core/kind';
import { CAUSES, type Cause, type Value as Plain } from '@macadam/core/observation';
import type { VerdictName } from '@macadam/core/scan';
import { quoted, tableOf } from '../layout.ts';
import { type Constants, constants, literal, type Parameter } from './constants.ts';
import { opened } from './lists.ts';
import { type Aging, assetValue, type PathIndex } from './places.ts';
import { type Environment, errorCause, translate } from './translation.ts';
import {
  type ListValue,
  pathStrength,
  RANK,
  type RecordValue,
  type Refusal,
  Refused,
  type Scalar,
  scalar,
  strength,
  type Value,
} from './value.ts';

export interface Pass {
  /** Columns `@id` and one for each of `standards`, named `s0`, `s1` …, which `decode` reads. */
  readonly sql: string;
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Ids of the standards that the query judges, in the order of its columns. */
  readonly standards: readonly CompiledStandard[];
  readonly refused: readonly { readonly standard: CompiledStandard; readonly refusal: Refusal }[];
  /** Paths that causes name by their index. */
  readonly paths: readonly string[];
}

/** What one number of a pass says. `outside`: the row's columns cannot hold the asset; closures judge it. */
export type Judged =
  | { readonly verdict: 'outside' }
  | { readonly verdict: VerdictName; readonly reason: string; readonly path: string | null };

const CODE = { pass: 0, fail: 1, unknown: 2, na: 3, outside: 4 } as const;
const STEP = 8;

export interface PassOptions {
  readonly table?: string;
  /** SQL after FROM, for a part of the table: `WHERE …`. */
  readonly part?: string;
}

/** Throws `TypeError` for a standard of another kind. */
export function pass(
  kind: Kind,
  standards: readonly CompiledStandard[],
  clock: Clock,
  options: PassOptions = {},
): Pass {
  if (standards.some((standard) => standard.kind !== kind && standard.kind.kind !== kind.kind))
    throw new TypeError(`a pass takes standards of one kind, here ${kind.kind}`);
  // The first run only learns which paths there are: a cause's number follows the order of all of them.
  const seen = new Set<string>(['', 'reasons']);
  for (const standard of standards) {
    translateStandard(standard, clock, constants(), (path) => {
      seen.add(path);
      return 0;
    });
  }
  const paths = [...seen].sort();
  const numbers = new Map(paths.map((path, index) => [path, index]));
  const bound = constants();
  const translated: CompiledStandard[] = [];
  const refused: { standard: CompiledStandard; refusal: Refusal }[] = [];
  const columns: string[] = [];
  for (const standard of standards) {
    const code = translateStandard(standard, clock, bound, (path) => numbers.get(path) ?? 0);
    if (typeof code === 'string') {
      columns.push(`toUInt32(${code}) AS s${translated.length}`);
      translated.push(standard);
    } else refused.push({ standard, refusal: code });
  }
  const table = quoted(options.table ?? tableOf(kind));
  const sql = `SELECT ${['`@id`', ...columns].join(',\n  ')}\nFROM ${table}${options.part ? ` ${options.part}` : ''}`;
  return { sql, parameters: bound.parameters, standards: translated, refused, paths };
}

export function decode({ standards, paths }: Pass, column: number, code: number): Judged {
  const detail = Math.floor(code / STEP);
  switch (code % STEP) {
    case CODE.pass:
      return { verdict: 'pass', reason: 'meets', path: null };
    case CODE.na:
      return { verdict: 'not-applicable', reason: 'out-of-scope', path: null };
    case CODE.fail:
      return { verdict: 'fail', reason: standards[column]?.reasons[detail]?.definition.id ?? '', path: null };
    case CODE.unknown: {
      const rank = CAUSES.length - Math.floor(detail / RANK);
      const reason: Cause = CAUSES[rank] ?? 'unobserved';
      return { verdict: 'unknown', reason, path: paths[RANK - 1 - (detail % RANK)] ?? '' };
    }
    default:
      return { verdict: 'outside' };
  }
}

function translateStandard(
  standard: CompiledStandard,
  clock: Clock,
  bound: Constants,
  path: PathIndex,
): string | Refusal {
  const environment = environmentOf(standard, clock, bound, path);
  if ('refused' in environment) return environment;
  const where = condition(standard.where, environment);
  if ('refused' in where) return where;
  const checked = condition(standard.check, environment);
  if ('refused' in checked) return checked;
  const reasons: string[] = [];
  for (const [index, reason] of standard.reasons.entries()) {
    const when = condition(reason.when, environment);
    if ('refused' in when) return when;
    const code = String(CODE.fail + STEP * index);
    if (when.constant === true) {
      reasons.push(code);
      break;
    }
    reasons.push(when.sql, code);
  }
  // A standard whose last reason is not `true` does not load.
  if (reasons.length % 2 === 0)
    reasons.push(unknownCode(String(strength('undefined') + pathStrength(path('reasons')))));
  const steps = ['`@outside` = 1', String(CODE.outside)];
  if (where.constant !== true) steps.push(`NOT ${where.sql}`, String(CODE.na));
  if (where.nullable) steps.push(`isNull(${where.sql})`, unknownCode(where.cause));
  steps.push(checked.sql, String(CODE.pass));
  if (checked.nullable) steps.push(`isNull(${checked.sql})`, unknownCode(checked.cause));
  return `multiIf(${steps.join(', ')}, ${reasons.join(', ')})`;
}

const unknownCode = (cause: string) => `${CODE.unknown} + ${STEP} * (${cause})`;

function condition({ tree }: Expression, environment: Environment): Scalar | Refusal {
  const value = translate(tree, environment);
  if ('refused' in value) return value;
  return value.is === 'scalar' ? value : { refused: `a ${value.is} as a condition`, at: tree.at };
}

const MILLION = 1_000_000n;
const NANOS = 1_000n * MILLION;

function environmentOf(
  standard: CompiledStandard,
  clock: Clock,
  bound: Constants,
  path: PathIndex,
): Environment | Refusal {
  const { kind } = standard;
  const asOf = BigInt(clock.asOf.getTime()) * MILLION;
  const measuredAt = Math.min(clock.asOf.getTime(), clock.real.getTime());
  // As closures have it: times of observation count in whole milliseconds, rounded down.
  const cutoff = BigInt(Math.ceil(measuredAt - (standard.maxAges[kind.kind]?.milliseconds ?? 0))) * MILLION;
  const aging: Aging = { cutoff: bound.integer(cutoff), positive: cutoff > 0n };
  try {
    const now = literal(bound, TIMESTAMP, asOf, { line: 1, column: 1 });
    return {
      constants: bound,
      names: {
        asset: assetValue(kind, assetType(kind), aging, path),
        params: parametersOf(standard, bound),
        now,
      },
      bindings: new Map(),
      depth: 0,
      error: errorCause(path('')),
    };
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

/** `params`: every value a constant. */
function parametersOf({ params, definition }: CompiledStandard, bound: Constants): RecordValue {
  const types = parameterTypes(definition.params);
  const missing = (field: string) => new TypeError(`there is no parameter ${field}`);
  return {
    is: 'record',
    type: { name: 'record', label: 'params', fields: {} },
    undecided: '0',
    cause: '0',
    select: (field) => {
      const type = types.get(field);
      const value = params[field];
      if (!type || value === undefined) throw missing(field);
      return constantOf(type, value, bound);
    },
    has: () => scalar(BOOL, 'true'),
    optional: (field) => {
      throw missing(field);
    },
  };
}

function parameterTypes(given: Readonly<Record<string, unknown>>): ReadonlyMap<string, Type> {
  return new Map(Object.entries(given).map(([name, value]) => [name, parameterType(value)]));
}

function constantOf(type: Type, value: Plain, bound: Constants): Value {
  const at = { line: 1, column: 1 };
  switch (type.name) {
    case 'bool':
      return literal(bound, type, value === true, at);
    case 'int':
      return literal(bound, type, BigInt(Number(value)), at);
    case 'double':
      return literal(bound, type, Number(value), at);
    case 'duration':
    case 'timestamp': {
      const read = (type.name === 'duration' ? parseDurationWithDays : parseTimestamp)(String(value));
      if (!read) throw new Refused(`a parameter that is no ${type.name}`, at);
      return literal(bound, type, BigInt(read.seconds) * NANOS + BigInt(read.nanos), at);
    }
    case 'list':
      return constantList(type.of, Array.isArray(value) ? value : [], bound);
    default:
      return literal(bound, type, String(value), at);
  }
}

function constantList(of: Type, values: readonly Plain[], bound: Constants): ListValue {
  const items = values.map((value) => constantOf(of, value, bound)).filter((item) => item.is === 'scalar');
  const array = bound.texts(values.map(String));
  return {
    is: 'list',
    of,
    undecided: '0',
    cause: '0',
    partial: '0',
    partialCause: '0',
    array,
    constants: items,
    open: (depth) => opened(depth, array, (take) => scalar(of, take(array))),
    element: (index) => scalar(of, `${array}[${index} + 1]`),
  };
}
