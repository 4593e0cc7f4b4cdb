/**
 * Many standards over one kind's table in one SELECT: for every asset and standard one number, in which stand the verdict and
 * what it rests on. Scope is a column and never a WHERE, so nothing falls out of the figures.
 */

import type { Expression } from '@macadam/core/cel/compile';
import { cost } from '@macadam/core/cel/cost';
import { parseDurationWithDays, parseTimestamp } from '@macadam/core/cel/runtime/time';
import { assetType, BOOL, parameterType, TIMESTAMP, type Type } from '@macadam/core/cel/type';
import { boundsOf } from '@macadam/core/cel/value-size';
import { CAUSES, type Cause, type Value as Plain } from '@macadam/core/facts/observation';
import type { VerdictName } from '@macadam/core/figures/scan';
import type { Kind } from '@macadam/core/kinds/kind';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import type { Clock } from '@macadam/core/verdicts/evaluate';
import { quoted, tableOf } from '../layout.ts';
import { type Constants, constants, literal, type Parameter } from './constants.ts';
import { opened } from './lists.ts';
import { type Aging, assetValue, type PathIndex } from './places.ts';
import { type Joins, joins, relatedValue } from './relations.ts';
import { type Environment, errorCause, translate } from './translation.ts';
import {
  type ListValue,
  noOf,
  not,
  openOf,
  plainOf,
  RANK,
  type RecordValue,
  Refused,
  type Scalar,
  type SqlValue,
  scalar,
  type Untranslatable,
  yesOf,
} from './value.ts';

export interface Pass {
  /** Columns `@id`, `@outside`, and one for each of `standards`, named `s0`, `s1` …, which `decode` reads where `@outside` is 0. */
  readonly sql: string;
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** Ids of the standards that the query judges, in the order of its columns. */
  readonly standards: readonly CompiledStandard[];
  readonly refused: readonly { readonly standard: CompiledStandard; readonly refusal: Untranslatable }[];
  /** Paths that causes name by their index. */
  readonly paths: readonly string[];
  readonly detailed: boolean;
  /** SQL of each number, for a SELECT of one's own over rows of the kind with the columns of `named`; `joined` follows its FROM. */
  readonly codes: readonly string[];
  /** Columns that the numbers are made of, over rows of the kind. */
  readonly named: readonly NamedColumn[];
  readonly joined: string;
  /** The same SELECT with columns of one's own: `numbers` are those of the standards. */
  readonly select: (columns: (numbers: readonly string[]) => readonly string[], part?: string) => string;
}

/** A column that a query adds. */
export interface NamedColumn {
  readonly name: string;
  readonly sql: string;
}

/** What one number of a pass says. Without details there is no reason, only the verdict. */
export interface Judged {
  readonly verdict: VerdictName;
  readonly reason: string | null;
  /** Of an unknown: what is not known. */
  readonly path: string | null;
}

/** What a check gives is a verdict's code already, once NULL has become 2. */
export const CODE = { fail: 0, pass: 1, unknown: 2, na: 3 } as const;
/** A code is a verdict and, from this on, its details. */
export const STEP = 4;

/**
 * Nothing here throws on a value that a branch excludes, and telling rows apart costs the engine more than it saves: measured, a third.
 * Branches of types that have none in common are an error and no Variant, of which conversions make 0 where it is NULL.
 * It counts for the outermost query only, so what wraps a pass in another SELECT ends with it as well.
 */
export const EAGER = `SETTINGS short_circuit_function_evaluation = 'disable', use_variant_as_common_type = 0`;

export interface PassOptions {
  readonly table?: string;
  /** What stands behind FROM for assets of a kind, the standards' own and others; their tables where it is left out. */
  readonly source?: (kind: Kind) => string;
  /** SQL after FROM, for a part of the table: `WHERE …`. */
  readonly part?: string;
  /** What `wholeKinds` gives: only of kinds that are listed to their end, and lately, can a relation be seen whole. Default: none. */
  readonly whole?: ReadonlyMap<string, number>;
  /** `none`: the verdict alone, for figures; half the work. Default: `all`, with reasons and causes. */
  readonly details?: 'all' | 'none';
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
  const seen = new Set<string>(['']);
  const learn = (path: string) => {
    seen.add(path);
    return 0;
  };
  const { whole = new Map<string, number>(), source = (of: Kind) => quoted(tableOf(of)) } = options;
  for (const standard of standards) {
    translateStandard(standard, {
      clock,
      whole,
      source,
      bound: constants(),
      joins: joins(),
      path: learn,
      named: (text) => text,
    });
  }
  const paths = [...seen].sort();
  const numbers = new Map(paths.map((path, index) => [path, index]));
  const query: Query = {
    clock,
    whole,
    source,
    bound: constants(),
    joins: joins(),
    path: (path) => numbers.get(path) ?? 0,
    named: (text) => {
      const name = names.get(text) ?? `@v${names.size}`;
      names.set(text, name);
      return quoted(name);
    },
  };
  const names = new Map<string, string>();
  const translated: CompiledStandard[] = [];
  const refused: { standard: CompiledStandard; refusal: Untranslatable }[] = [];
  const codes: string[] = [];
  for (const standard of standards) {
    const code = translateStandard(standard, query, options.details === 'none');
    if (typeof code === 'string') {
      codes.push(code);
      translated.push(standard);
    } else refused.push({ standard, refusal: code });
  }
  const table = options.table === undefined ? source(kind) : quoted(options.table);
  const preamble = [...names].map(([text, name]) => `${text} AS ${quoted(name)}`).join(',\n  ');
  const joined = query.joins.sql();
  const select: Pass['select'] = (columns, part = '') =>
    `${preamble === '' ? '' : `WITH ${preamble}\n`}SELECT ${columns(codes).join(',\n  ')}\nFROM ${table}${joined}${part && ` ${part}`}\n${EAGER}`;
  const columns = (numbers: readonly string[]) => numbers.map((code, index) => `${code} AS s${index}`);
  const sql = select((numbers) => ['`@id`', '`@outside`', ...columns(numbers)], options.part);
  return {
    sql,
    parameters: query.bound.parameters,
    standards: translated,
    refused,
    paths,
    detailed: options.details !== 'none',
    codes,
    named: [...names].map(([text, name]) => ({ name, sql: text })),
    joined,
    select,
  };
}

/** SQL over one kind's table: of each row what a measure asks, NULL where nobody knows. */
export interface MeasureSelect {
  /** Columns `@id`, `amount` (a whole number, of a duration its seconds) and `pending`. */
  readonly sql: string;
  readonly parameters: ReadonlyMap<string, Parameter>;
}

/** Null for a measure that asks nothing of an asset. What columns cannot hold has no amount that is known. */
export function measureSelect(
  standard: CompiledStandard,
  clock: Clock,
): MeasureSelect | Untranslatable | null {
  const { measure, kind } = standard;
  if (measure.kind !== 'weighted' && measure.kind !== 'duration') return null;
  const query: Query = {
    clock,
    whole: new Map(),
    source: (of) => quoted(tableOf(of)),
    bound: constants(),
    joins: joins(),
    path: () => 0,
    named: (text) => text,
  };
  const environment = environmentOf(standard, query);
  if ('refused' in environment) return environment;
  const amount = condition(measure.kind === 'weighted' ? measure.by : measure.took, environment);
  if ('refused' in amount) return amount;
  const pending = measure.kind === 'duration' ? condition(measure.pending, environment) : null;
  if (pending !== null && 'refused' in pending) return pending;
  const number = measure.kind === 'weighted' ? amount.sql : `intDiv(${amount.sql}, ${NANOS})`;
  return {
    parameters: query.bound.parameters,
    sql: `SELECT \`@id\` AS id, if(\`@outside\` = 1, NULL, toInt64OrNull(toString(${number}))) AS amount,
      ${pending === null ? '0' : `if(\`@outside\` = 1, 0, toUInt8(${yesOf(pending)}))`} AS pending
      FROM ${quoted(tableOf(kind))}${query.joins.sql()}`,
  };
}

/** Reads one number of a row whose `@outside` is 0; where that is 1 the numbers mean nothing. */
export function decode({ standards, paths, detailed }: Pass, column: number, code: number): Judged {
  const detail = Math.floor(code / STEP);
  switch (code % STEP) {
    case CODE.pass:
      return { verdict: 'pass', reason: 'meets', path: null };
    case CODE.na:
      return { verdict: 'not-applicable', reason: 'out-of-scope', path: null };
    case CODE.fail: {
      const reason = detailed ? standards[column]?.reasons[detail]?.definition.id : undefined;
      return { verdict: 'fail', reason: reason ?? null, path: null };
    }
    default: {
      if (!detailed) return { verdict: 'unknown', reason: null, path: null };
      const rank = CAUSES.length - Math.floor(detail / RANK);
      const reason: Cause = CAUSES[rank] ?? 'unobserved';
      return { verdict: 'unknown', reason, path: paths[RANK - 1 - (detail % RANK)] ?? '' };
    }
  }
}

/** What the standards of one query share. */
interface Query {
  readonly clock: Clock;
  readonly whole: ReadonlyMap<string, number>;
  readonly source: (kind: Kind) => string;
  readonly bound: Constants;
  readonly joins: Joins;
  readonly path: PathIndex;
  /** A short name for a text that stands in several places: reading the text costs, too. */
  readonly named: (text: string) => string;
}

/** Characters of a text that an expression makes. */
const LONGEST_TEXT = 200_000;

function translateStandard(standard: CompiledStandard, query: Query, bare = false): string | Untranslatable {
  const environment = environmentOf(standard, query);
  if ('refused' in environment) return environment;
  const bounds = boundsOf(standard.kind);
  // A query makes a text for thousands of rows at once.
  if ([standard.where, standard.check].some(({ tree }) => cost(tree, bounds).longest > LONGEST_TEXT))
    return { refused: 'texts that may become very long', at: standard.check.tree.at };
  const where = condition(standard.where, environment);
  if ('refused' in where) return where;
  const checked = condition(standard.check, environment);
  if ('refused' in checked) return checked;
  const verdict = `multiIf(${[...scopeSteps(where), ...checkSteps(checked)].join(', ')})`;
  if (bare) return verdict;
  const reasons = reasonsOf(standard, environment);
  if (typeof reasons !== 'string') return reasons;
  // Sums, not a choice of branches: a choice costs the engine more than the causes.
  const name = query.named(verdict);
  const causeOf = ({ cause, causeOpen }: Scalar) => causeOpen ?? cause;
  const unknown = where.nullable
    ? checked.nullable
      ? `if(${not(yesOf(where))}, ${causeOf(where)}, ${causeOf(checked)})`
      : causeOf(where)
    : checked.nullable
      ? causeOf(checked)
      : null;
  const parts = [
    ...(unknown === null ? [] : [`if(${name} = ${CODE.unknown}, toUInt32(${unknown}), ${FIRST})`]),
    ...(reasons === FIRST ? [] : [`if(${name} = ${CODE.fail}, ${reasons}, ${FIRST})`]),
  ];
  return parts.length === 0 ? `toUInt32(${name})` : `(${name} + ${STEP} * (${parts.join(' + ')}))`;
}

const isTrue = ({ constant }: Scalar) => constant === true;

/** What leaves an asset out, and what is not known of its scope: conditions, each with its code. */
function scopeSteps(where: Scalar): readonly (string | number)[] {
  if (isTrue(where)) return [];
  if (!where.nullable) return [noOf(where), CODE.na];
  // Where a condition is undecided or not, and nothing in between, that comes first.
  if (where.yes === undefined) return [openOf(where), CODE.unknown, not(plainOf(where)), CODE.na];
  return [noOf(where), CODE.na, where.after?.no ?? not(yesOf(where)), CODE.unknown];
}

/** The rest, with the code of what no condition holds for. */
function checkSteps(check: Scalar): readonly (string | number)[] {
  if (!check.nullable) return [noOf(check), CODE.fail, CODE.pass];
  if (check.yes === undefined)
    return [openOf(check), CODE.unknown, not(plainOf(check)), CODE.fail, CODE.pass];
  const { after = {} } = check;
  if (after.yes !== undefined) return [yesOf(check), CODE.pass, after.yes, CODE.unknown, CODE.fail];
  return [noOf(check), CODE.fail, after.no ?? not(yesOf(check)), CODE.unknown, CODE.pass];
}

const FIRST = 'toUInt32(0)';

/** The index of the first reason that holds. */
function reasonsOf(standard: CompiledStandard, environment: Environment): string | Untranslatable {
  const parts: string[] = [];
  for (const [index, reason] of standard.reasons.entries()) {
    const when = condition(reason.when, environment);
    if ('refused' in when) return when;
    const number = `toUInt32(${index})`;
    // A standard whose last reason is not `true` does not load.
    if (when.constant === true || index === standard.reasons.length - 1)
      return parts.length === 0 ? number : `multiIf(${parts.join(', ')}, ${number})`;
    parts.push(yesOf(when), number);
  }
  return FIRST;
}

function condition({ tree }: Expression, environment: Environment): Scalar | Untranslatable {
  const value = translate(tree, environment);
  if ('refused' in value) return value;
  return value.is === 'scalar' ? value : { refused: `a ${value.is} as a condition`, at: tree.at };
}

const MILLION = 1_000_000n;
const NANOS = 1_000n * MILLION;

function environmentOf(
  standard: CompiledStandard,
  { clock, whole: listed, source, bound, joins: all, path }: Query,
): Environment | Untranslatable {
  const { kind, kinds, maxAges } = standard;
  const asOf = BigInt(clock.asOf.getTime()) * MILLION;
  const measuredAt = Math.min(clock.asOf.getTime(), clock.real.getTime());
  // As closures have it: times of observation count in whole milliseconds, rounded down.
  const agingOf = (name: string): Aging => {
    const cutoff = BigInt(Math.ceil(measuredAt - (maxAges[name]?.milliseconds ?? 0))) * MILLION;
    return { cutoff: bound.integer(cutoff), positive: cutoff > 0n };
  };
  const fresh = ([name, at]: readonly [string, number]) =>
    at >= measuredAt - (maxAges[name]?.milliseconds ?? Number.POSITIVE_INFINITY);
  const whole = new Set([...listed].filter(fresh).map(([name]) => name));
  const around = { kind, kinds, whole, agingOf, index: path, joins: all, source };
  const view = { access: quoted, root: 'asset', aging: agingOf(kind.kind), index: path };
  try {
    const now = literal(bound, TIMESTAMP, asOf, { line: 1, column: 1 });
    return {
      constants: bound,
      names: {
        asset: assetValue(kind, assetType(kind), view),
        params: parametersOf(standard, bound),
        now,
      },
      related: (relation, at) => relatedValue(relation, around, at),
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

function constantOf(type: Type, value: Plain, bound: Constants): SqlValue {
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
