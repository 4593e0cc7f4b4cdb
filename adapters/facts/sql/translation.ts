/**
 * A typed expression as ClickHouse SQL with exactly the closures' meaning, or a refusal that names the construct which
 * is left to them. Kleene's logic holds in SQL for AND, OR and NOT; everything else is written so that NULL, which here is
 * "undecided", is never taken for false.
 */
import type { Position } from '@macadam/core/cel/tree';
import { BOOL, INT, type Type } from '@macadam/core/cel/type';
import type { Typed } from '@macadam/core/cel/typed';
import { type Constants, literal } from './constants.ts';
import { fold } from './folds.ts';
import { asList, partially, whole } from './lists.ts';
import { OVERLOADS } from './overloads.ts';
import {
  either,
  type ListValue,
  type MapValue,
  pathStrength,
  type RecordValue,
  type Refusal,
  Refused,
  type Scalar,
  scalar,
  strength,
  strongest,
  type Value,
  when,
} from './value.ts';

export interface Environment {
  readonly constants: Constants;
  /** `asset`, `params`, `now`. */
  readonly names: Readonly<Record<string, Value>>;
  readonly bindings: ReadonlyMap<number, Value>;
  /** Assets at the other end of a relation; without it `related` is refused. Throws `Refused`. */
  readonly related?: (relation: string, at: Position) => ListValue;
  /** Lambdas around the place. */
  readonly depth: number;
  /** The cause of what CEL calls an error. */
  readonly error: string;
}

/** Causes of errors have no path; it comes before every other one. */
export function errorCause(pathIndex: number): string {
  return String(strength('undefined') + pathStrength(pathIndex));
}

/** The longest text of one expression: beyond it the query costs more to read than closures cost to run. */
const MAX_LENGTH = 60_000;

export function translate(typed: Typed, environment: Environment): Value | Refusal {
  try {
    return translated(typed, environment);
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

/** Throws `Refused`. */
export function translated(node: Typed, env: Environment): Value {
  const value = translatedNode(node, env);
  // Some parts stand twice in the text of what holds them, so its length is looked at on every level.
  if (length(value) > MAX_LENGTH) throw new Refused('an expression too long for a query', node.at);
  return value;
}

function length(value: Value): number {
  if (value.is === 'scalar') return value.sql.length + value.cause.length;
  const own = value.undecided.length + value.cause.length;
  return value.is === 'list' ? own + (value.array?.length ?? 0) : own;
}

function translatedNode(node: Typed, env: Environment): Value {
  const { at } = node;
  switch (node.node) {
    case 'literal':
      return constant(node, env);
    case 'variable': {
      const found = node.binding === null ? env.names[node.name] : env.bindings.get(node.binding);
      if (!found) throw new Refused(`the name ${node.name}`, at);
      return found;
    }
    case 'select':
      return select(node, env);
    case 'has':
      return has(node, env);
    case 'call':
      return call(node, env);
    case 'list':
      return listOf(node, env);
    case 'fold':
      return fold(node, env);
    case 'bind':
      return translated(node.body, {
        ...env,
        bindings: new Map(env.bindings).set(node.binding, translated(node.value, env)),
      });
    case 'related':
      if (!env.related) throw new Refused('related', at);
      return env.related(node.relation, at);
    case 'map':
      throw new Refused('a map written in the expression', at);
    case 'type':
      throw new Refused('a type as a value', at);
  }
}

function constant(node: Typed & { node: 'literal' }, env: Environment): Scalar {
  const { value, type, at } = node;
  if (value === null) throw new Refused('null', at);
  if (value instanceof Uint8Array) throw new Refused('bytes', at);
  return literal(env.constants, type, value, at);
}

/** The operand as a scalar. */
export function one(node: Typed, env: Environment): Scalar {
  const value = translated(node, env);
  if (value.is !== 'scalar') throw new Refused(`a ${value.is} here`, node.at);
  if (['dyn', 'null', 'bytes', 'ip', 'cidr', 'semver', 'type'].includes(value.type.name))
    throw new Refused(value.type.name, node.at);
  return value;
}

export function listAt(node: Typed, env: Environment): ListValue {
  const value = translated(node, env);
  if (value.is !== 'list') throw new Refused(`a fold over a ${value.is}`, node.at);
  return value;
}

function mapAt(node: Typed, env: Environment): MapValue {
  const value = translated(node, env);
  if (value.is !== 'map') throw new Refused(`a ${value.is} as a map`, node.at);
  return value;
}

function select(node: Typed & { node: 'select' }, env: Environment): Value {
  const of = translated(node.of, env);
  if (of.is === 'record')
    return node.optional ? of.optional(node.field, node.at) : of.select(node.field, node.at);
  if (of.is === 'map' && !node.optional)
    return entry(of, literal(env.constants, { name: 'string' }, node.field, node.at), env, node.field);
  if (of.is === 'optional' && of.value.is === 'record') {
    const inner = of.value.optional(node.field, node.at);
    return {
      is: 'optional',
      undecided: either(of.undecided, inner.undecided === '0' ? '0' : both(of.present, inner.undecided)),
      cause: when(of.undecided, of.cause, when(of.present, inner.cause, '0')),
      present: both(of.present, inner.present),
      value: inner.value,
    };
  }
  throw new Refused(`a field of a ${of.is}`, node.at);
}

const both = (a: string, b: string) => (a === '1' ? b : b === '1' ? a : `(${a} AND ${b})`);

function has(node: Typed & { node: 'has' }, env: Environment): Scalar {
  const of = translated(node.of, env);
  if (of.is === 'record') return of.has(node.field, node.at);
  if (of.is === 'map')
    return membershipOfMap(literal(env.constants, { name: 'string' }, node.field, node.at), of, node.field);
  throw new Refused(`has() of a field of a ${of.is}`, node.at);
}

/** Whether a map holds a key: true where it was seen, undecided where it was not and more may be there. */
function membershipOfMap(wanted: Scalar, map: MapValue, field?: string): Scalar {
  const there = `mapContains(${map.sql}, ${known(wanted)})`;
  const open = map.partial === '0' ? '0' : `(${map.partial} AND NOT ${there})`;
  return strictly([wanted, map], scalar(BOOL, there), open, map.unseen(field));
}

/** What a map holds under a key; an error where it is complete and has none. */
function entry(map: MapValue, wanted: Scalar, env: Environment, field?: string): Scalar {
  const missing = `(NOT mapContains(${map.sql}, ${known(wanted)}))`;
  const why = map.partial === '0' ? env.error : `if(${map.partial}, ${map.unseen(field)}, ${env.error})`;
  return strictly([map, wanted], scalar(map.of, `${map.sql}[${known(wanted)}]`), missing, why);
}

/** A scalar where it is known not to be NULL, or where its value will not count. */
const known = (value: Scalar) => (value.nullable ? `assumeNotNull(${value.sql})` : value.sql);

/** Where a value is undecided, and why. */
function lostOf(value: Value): { readonly undecided: string; readonly cause: string } {
  return value.is === 'scalar'
    ? { undecided: value.nullable ? `isNull(${value.sql})` : '0', cause: value.cause }
    : value;
}

/** Undecided where an operand is, with the causes of all that are; else where `condition` (never NULL) holds, with `cause`. */
function strictly(operands: readonly Value[], value: Scalar, condition = '0', cause = '0'): Scalar {
  const lost = operands.map(lostOf);
  const undecided = either(...lost.map((part) => part.undecided));
  return undecidedWhere(
    value,
    either(undecided, condition),
    when(undecided, strongest(...lost.map((part) => part.cause)), when(condition, cause, '0')),
  );
}

/** The value, made undecided where a condition (never NULL) holds. */
export function undecidedWhere(value: Scalar, condition: string, cause: string): Scalar {
  if (condition === '0') return value;
  return {
    is: 'scalar',
    type: value.type,
    sql: `if(${condition}, NULL, ${value.sql})`,
    nullable: true,
    cause: value.nullable ? when(condition, cause, value.cause) : cause,
  };
}

/** A result of operands, undecided where any of them is; `fails` where it can be an error by itself. */
export function strict(
  type: Type,
  sql: string,
  operands: readonly Scalar[],
  env: Environment,
  fails = false,
): Scalar {
  const causes = strongest(...operands.map(({ cause }) => cause));
  const nullable = fails || operands.some((operand) => operand.nullable);
  if (!fails) return { is: 'scalar', type, sql, nullable, cause: causes };
  const failed = causes === '0' ? env.error : `if(${causes} > 0, ${causes}, ${env.error})`;
  return { is: 'scalar', type, sql, nullable, cause: `if(isNull(${sql}), ${failed}, 0)` };
}

function call(node: Typed & { node: 'call' }, env: Environment): Value {
  const { overload, arguments: operands, at, type } = node;
  if (overload === null) throw new Refused(`${node.function} of a type that is known only when it runs`, at);
  const [first, second, third] = operands;
  if (first && second) {
    switch (overload) {
      case 'logical_and':
      case 'logical_or':
        return logic(node, overload, env);
      case 'equals':
      case 'not_equals':
        return equality(first, second, overload === 'equals', env);
      case 'in_list':
        return membership(one(first, env), listAt(second, env), env);
      case 'in_map':
        return membershipOfMap(one(first, env), mapAt(second, env));
      case 'index_list':
        return index(listAt(first, env), one(second, env), env, at);
      case 'index_map':
        return entry(mapAt(first, env), one(second, env), env);
      case 'add_list':
        return concatenation(listAt(first, env), listAt(second, env), env, at);
      case 'optional_orValue_value':
        return orValue(translated(first, env), translated(second, env), at);
      case 'conditional':
        if (third)
          return conditional(one(first, env), translated(second, env), translated(third, env), env, node);
    }
  }
  if (first) {
    switch (overload) {
      case 'logical_not': {
        const { code: _, compares, ...value } = one(first, env);
        return {
          ...value,
          sql: `(NOT ${value.sql})`,
          ...(compares ? { compares: { ...compares, equal: !compares.equal } } : {}),
          ...(typeof value.constant === 'boolean' ? { constant: !value.constant } : {}),
        };
      }
      case 'size_list':
      case 'list_size':
        return size(listAt(first, env), env);
      case 'size_map':
      case 'map_size': {
        const map = mapAt(first, env);
        const open = map.partial === '0' ? '0' : `(${map.partial})`;
        return strictly([map], scalar(INT, `toInt64(length(mapKeys(${map.sql})))`), open, map.unseen());
      }
      case 'optional_hasValue': {
        const value = translated(first, env);
        if (value.is !== 'optional') throw new Refused(`hasValue of a ${value.is}`, at);
        return undecidedWhere(
          scalar(BOOL, value.present === '1' ? 'true' : value.present),
          value.undecided,
          value.cause,
        );
      }
      case 'list_join':
      case 'list_join_string': {
        const list = whole(listAt(first, env), env.depth, at);
        const separator = second ? one(second, env) : null;
        const base = scalar(type, `arrayStringConcat(${list.array}${separator ? `, ${separator.sql}` : ''})`);
        if (separator?.constant === undefined && separator)
          throw new Refused('join by text that is not constant', at);
        return undecidedWhere(base, list.undecided, list.cause);
      }
    }
  }
  const template = OVERLOADS[overload];
  if (!template || !Object.hasOwn(OVERLOADS, overload)) throw new Refused(`the function ${overload}`, at);
  return template(
    operands.map((operand) => one(operand, env)),
    env,
    node,
  );
}

/** `&&` and `||`; a chain is one AND or OR. */
function logic(node: Typed & { node: 'call' }, overload: string, env: Environment): Scalar {
  const flat = (part: Typed): readonly Typed[] =>
    part.node === 'call' && part.overload === overload ? part.arguments.flatMap(flat) : [part];
  const decisive = overload === 'logical_or';
  const parts = flat(node).map((part) => one(part, env));
  // What is known before the query runs is taken out: parameters switch parts of a standard on and off.
  if (parts.some(({ constant: known }) => known === decisive))
    return literal(env.constants, BOOL, decisive, node.at);
  const open = parts.filter(({ constant: known }) => known !== !decisive);
  const [only] = open;
  if (!only) return literal(env.constants, BOOL, !decisive, node.at);
  if (open.length === 1) return only;
  const sql = `(${open.map((part) => part.sql).join(decisive ? ' OR ' : ' AND ')})`;
  const causes = strongest(...open.map(({ cause }) => cause));
  const nullable = open.some((part) => part.nullable);
  return {
    is: 'scalar',
    type: BOOL,
    sql,
    nullable,
    cause: causes === '0' ? '0' : `if(isNull(${sql}), ${causes}, 0)`,
  };
}

function equality(first: Typed, second: Typed, equal: boolean, env: Environment): Scalar {
  const a = translated(first, env);
  const b = translated(second, env);
  const negate = (sql: string) => (equal ? sql : `(NOT ${sql})`);
  if (a.is === 'list' && b.is === 'list') {
    if (!comparesByArray(a.of) || !comparesByArray(b.of))
      throw new Refused('equality of lists of this type', first.at);
    const [x, y] = [whole(a, env.depth, first.at), whole(b, env.depth, second.at)];
    return undecidedWhere(
      scalar(BOOL, negate(`(${x.array} = ${y.array})`)),
      either(x.undecided, y.undecided),
      strongest(x.cause, y.cause),
    );
  }
  if (a.is !== 'scalar' || b.is !== 'scalar')
    throw new Refused(`equality of a ${a.is} and a ${b.is}`, first.at);
  const [x, y] = [one(first, env), one(second, env)];
  if (!sameKind(x.type, y.type)) throw new Refused('equality of different types', first.at);
  const result = strict(BOOL, negate(`(${beside(x, y)} = ${beside(y, x)})`), [x, y], env);
  const [open, fixed] = y.constant === undefined ? [y, x] : [x, y];
  // NaN is not equal to itself, but `has` finds it.
  if (fixed.constant === undefined || open.type.name === 'double' || fixed.type.name === 'double')
    return result;
  return { ...result, compares: { open: open.sql, with: fixed.sql, equal } };
}

/** Beside a double every number counts as its nearest double. */
function beside(value: Scalar, other: Scalar): string {
  return other.type.name === 'double' && value.type.name !== 'double' ? `toFloat64(${value.sql})` : value.sql;
}

const TEXTS = ['string', 'enum'];
const NUMBERS = ['int', 'uint', 'double'];

/** Whether ClickHouse's `=` of two values is CEL's: bool and int compare there, and are different here. */
function sameKind(a: Type, b: Type): boolean {
  if (TEXTS.includes(a.name)) return TEXTS.includes(b.name);
  if (NUMBERS.includes(a.name)) return NUMBERS.includes(b.name);
  return a.name === b.name;
}

/** Arrays of doubles compare NaN as equal to itself. */
function comparesByArray(type: Type): boolean {
  return ['string', 'enum', 'int', 'bool', 'timestamp', 'duration', 'parameter', 'dyn'].includes(type.name);
}

/** `x in list`: true where an element equals it, whatever else is undecided. */
export function membership(value: Scalar, list: ListValue, env: Environment): Scalar {
  const values = list.constants?.map((item) => item.constant);
  const wrap = (sql: string): Scalar => {
    const guarded = value.nullable ? `if(isNull(${value.sql}), NULL, ${sql})` : sql;
    return { is: 'scalar', type: BOOL, sql: guarded, nullable: value.nullable, cause: value.cause };
  };
  if (values) {
    if (values.length === 0) return wrap('false');
    if (values.every((item) => typeof item === 'string'))
      return wrap(`(${value.sql} IN ${env.constants.texts(values)})`);
    const integers = values.filter((item) => typeof item === 'bigint' && BigInt.asIntN(64, item) === item);
    if (integers.length === values.length && ['int', 'timestamp', 'duration'].includes(value.type.name))
      return wrap(`(${value.sql} IN ${env.constants.integers(integers as readonly bigint[])})`);
  }
  const inside = list.open(env.depth);
  const { item, keep } = inside;
  if (item.is !== 'scalar' || !sameKind(item.type, value.type))
    throw new Refused('in of a list of this type', { line: 1, column: 1 });
  const same = keep === null ? `${item.sql} = ${value.sql}` : `${keep} AND ${item.sql} = ${value.sql}`;
  const array = keep === null ? inside.arrayOf(item.sql) : null;
  const byHas = array !== null && value.type.name !== 'double' && item.type.name !== 'double';
  const found = byHas ? `has(${array}, ${known(value)})` : `arrayExists(${inside.lambda(same)})`;
  const hole = item.nullable
    ? `arrayExists(${inside.lambda(keep === null ? `isNull(${item.sql})` : `${keep} AND isNull(${item.sql})`)})`
    : '0';
  const open = either(list.partial === '0' ? '0' : `(${list.partial})`, hole);
  const absorbed = open === '0' ? found : `multiIf(${found}, true, ${open}, NULL, false)`;
  const lost = either(list.undecided, value.nullable ? `isNull(${value.sql})` : '0');
  const sql = when(lost, 'NULL', absorbed);
  const holes = item.nullable
    ? `arrayMax(${inside.lambda(keep === null ? item.cause : `if(${keep}, ${item.cause}, 0)`)})`
    : '0';
  const rest = strongest(when(list.partial, list.partialCause, '0'), holes);
  const cause = strongest(value.cause, list.cause);
  if (sql === found) return scalar(BOOL, found);
  return {
    is: 'scalar',
    type: BOOL,
    sql,
    nullable: true,
    cause: `if(isNull(${sql}), ${when(lost, cause, rest)}, 0)`,
  };
}

function size(list: ListValue, env: Environment): Scalar {
  const inside = list.open(env.depth);
  const count = inside.keep === null ? `length(${inside.base})` : `arrayCount(${inside.lambda(inside.keep)})`;
  const { undecided, cause } = partially(list);
  return undecidedWhere(scalar(INT, `toInt64(${count})`), undecided, cause);
}

function index(list: ListValue, at: Scalar, env: Environment, position: Position): Value {
  const { undecided, cause } = partially(list);
  const source = list.element ? list : asList(whole(list, env.depth, position));
  const inside = source.open(env.depth);
  if (!source.element) throw new Refused('an index of this list', position);
  const outside = `(${at.sql} < 0 OR ${at.sql} >= length(${inside.base}))`;
  const lost = either(undecided, at.nullable ? `isNull(${at.sql})` : '0');
  const lostCause = strongest(cause, at.cause);
  const condition = either(lost, at.nullable ? `ifNull(${outside}, false)` : outside);
  const why = when(lost, lostCause, when(condition, env.error, '0'));
  return guarded(source.element(at.nullable ? `assumeNotNull(${at.sql})` : at.sql), condition, why);
}

/** A value of any shape, undecided where a condition holds. */
export function guarded(value: Value, condition: string, cause: string): Value {
  if (condition === '0') return value;
  switch (value.is) {
    case 'scalar':
      return undecidedWhere(value, condition, cause);
    case 'record':
      return {
        ...value,
        undecided: either(condition, value.undecided),
        cause: when(condition, cause, value.cause),
        select: (field, at) => guarded(value.select(field, at), condition, cause),
        has: (field, at) => undecidedWhere(value.has(field, at), condition, cause),
        optional: (field, at) => {
          const inner = value.optional(field, at);
          return {
            ...inner,
            undecided: either(condition, inner.undecided),
            cause: when(condition, cause, inner.cause),
          };
        },
      } satisfies RecordValue;
    default:
      return {
        ...value,
        undecided: either(condition, value.undecided),
        cause: when(condition, cause, value.cause),
      };
  }
}

function listOf(node: Typed & { node: 'list' }, env: Environment): ListValue {
  if (node.items.some(({ optional }) => optional)) throw new Refused('an optional element', node.at);
  const items = node.items.map(({ value }) => one(value, env));
  const of = node.type.name === 'list' ? node.type.of : INT;
  const [first] = items;
  if (
    first &&
    items.some(
      ({ type }) =>
        !sameKind(type, first.type) || (type.name !== first.type.name && !TEXTS.includes(type.name)),
    )
  )
    throw new Refused('a list of several types', node.at);
  const elementType = first?.type ?? of;
  const array =
    items.length === 0 ? `CAST([], 'Array(${emptyType(of)})')` : `[${items.map(known).join(', ')}]`;
  const lost = items.map(lostOf);
  const list = asList({
    of: elementType,
    array,
    undecided: either(...lost.map(({ undecided }) => undecided)),
    cause: strongest(...lost.map(({ cause }) => cause)),
  });
  return items.every(({ constant: value }) => value !== undefined) ? { ...list, constants: items } : list;
}

function emptyType(type: Type): string {
  return TEXTS.includes(type.name)
    ? 'String'
    : type.name === 'double'
      ? 'Float64'
      : type.name === 'bool'
        ? 'Bool'
        : 'Int64';
}

function concatenation(a: ListValue, b: ListValue, env: Environment, at: Position): ListValue {
  const [x, y] = [whole(a, env.depth, at), whole(b, env.depth, at)];
  return asList({
    of: x.of,
    array: `arrayConcat(${x.array}, ${y.array})`,
    undecided: either(x.undecided, y.undecided),
    cause: strongest(x.cause, y.cause),
  });
}

function conditional(condition: Scalar, yes: Value, no: Value, env: Environment, node: Typed): Value {
  if (condition.constant === true) return yes;
  if (condition.constant === false) return no;
  const choose = (a: string, b: string) => `if(${condition.sql}, ${a}, ${b})`;
  const strictly = (a: string, b: string) =>
    condition.nullable
      ? `multiIf(isNull(${condition.sql}), NULL, ${condition.sql}, ${a}, ${b})`
      : choose(a, b);
  const causes = (a: string, b: string) => {
    const taken = a === b ? a : choose(a, b);
    return condition.nullable ? `if(isNull(${condition.sql}), ${condition.cause}, ${taken})` : taken;
  };
  if (yes.is === 'scalar' && no.is === 'scalar') {
    if (!sameKind(yes.type, no.type) || (yes.type.name !== no.type.name && !TEXTS.includes(yes.type.name)))
      throw new Refused('branches of different types', node.at);
    const nullable = condition.nullable || yes.nullable || no.nullable;
    return {
      is: 'scalar',
      type: node.type,
      sql: strictly(yes.sql, no.sql),
      nullable,
      cause: nullable ? causes(yes.cause, no.cause) : '0',
    };
  }
  if (yes.is === 'list' && no.is === 'list') {
    const [a, b] = [whole(yes, env.depth, node.at), whole(no, env.depth, node.at)];
    const inner = a.undecided === b.undecided ? a.undecided : choose(a.undecided, b.undecided);
    return asList({
      of: a.of,
      array: choose(a.array, b.array),
      undecided: condition.nullable ? `(isNull(${condition.sql}) OR ${inner})` : inner,
      cause: condition.nullable || inner !== '0' ? causes(a.cause, b.cause) : '0',
    });
  }
  throw new Refused(`branches that are a ${yes.is} and a ${no.is}`, node.at);
}

function orValue(optional: Value, otherwise: Value, at: Position): Value {
  if (optional.is !== 'optional') throw new Refused(`orValue of a ${optional.is}`, at);
  const { value, present, undecided, cause } = optional;
  if (value.is !== 'scalar' || otherwise.is !== 'scalar') {
    if (present === '1') return guarded(value, undecided, cause);
    throw new Refused(`orValue of a ${value.is}`, at);
  }
  if (present === '1') return undecidedWhere(value, undecided, cause);
  // The other value counts only where it is asked for.
  const chosen: Scalar = {
    is: 'scalar',
    type: value.type,
    sql: `if(${present}, ${value.sql}, ${otherwise.sql})`,
    nullable: value.nullable || otherwise.nullable,
    cause: when(present, value.cause, otherwise.cause),
  };
  return undecidedWhere(chosen, undecided, cause);
}
