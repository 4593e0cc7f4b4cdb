/**
 * A typed expression as ClickHouse SQL with exactly the closures' meaning, or a refusal that names the construct which
 * is left to them. Kleene's logic holds in SQL for AND, OR and NOT; everything else is written so that NULL, which here is
 * "undecided", is never taken for false.
 */
import type { Position } from '@macadam/core/cel/tree';
import { BOOL, INT } from '@macadam/core/cel/type';
import type { Typed } from '@macadam/core/cel/typed';
import {
  comparison,
  concatenation,
  entry,
  index,
  listOf,
  membership,
  membershipOfMap,
  size,
} from './collections.ts';
import { type Constants, literal } from './constants.ts';
import { fold } from './folds.ts';
import { asList, whole } from './lists.ts';
import {
  beside,
  comparesByArray,
  guarded,
  isShort,
  sameKind,
  strict,
  strictly,
  TEXTS,
  undecidedWhere,
} from './operands.ts';
import { OVERLOADS } from './overloads.ts';
import {
  both,
  either,
  type ListValue,
  type MapValue,
  noOf,
  not,
  openAfter,
  openOf,
  pathStrength,
  plainOf,
  Refused,
  type Scalar,
  type SqlComparison,
  type SqlValue,
  scalar,
  strength,
  strongest,
  truth,
  type Untranslatable,
  when,
  yesOf,
} from './value.ts';

export interface Environment {
  readonly constants: Constants;
  /** `asset`, `params`, `now`. */
  readonly names: Readonly<Record<string, SqlValue>>;
  readonly bindings: ReadonlyMap<number, SqlValue>;
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
/** Of a text that is not used everywhere. */
const MOST_WAYS = 10 * MAX_LENGTH;

export function translate(typed: Typed, environment: Environment): SqlValue | Untranslatable {
  try {
    return translated(typed, environment);
  } catch (error) {
    if (error instanceof Refused) return error.refusal;
    throw error;
  }
}

/** Throws `Refused`. */
export function translated(node: Typed, env: Environment): SqlValue {
  const value = translatedNode(node, env);
  // Some parts stand twice in the text of what holds them, so its length is looked at on every level.
  if (length(value) > MAX_LENGTH || longestWay(value) > MOST_WAYS)
    throw new Refused('an expression too long for a query', node.at);
  return value;
}

function length(value: SqlValue): number {
  if (value.is === 'scalar') return value.sql.length + value.cause.length;
  const own = value.undecided.length + value.cause.length;
  return value.is === 'list' ? own + (value.array?.length ?? 0) : own;
}

/** The other texts of one value, each of which may stand in what holds it: a choice in a choice in a choice doubles them on every level. */
function longestWay(value: SqlValue): number {
  if (value.is !== 'scalar') return 0;
  const { yes, no, plain, undecided, causeOpen, after } = value;
  const ways = [yes, no, plain, undecided, causeOpen, after?.yes, after?.no];
  return Math.max(0, ...ways.map((way) => way?.length ?? 0));
}

function translatedNode(node: Typed, env: Environment): SqlValue {
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

function select(node: Typed & { node: 'select' }, env: Environment): SqlValue {
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

function has(node: Typed & { node: 'has' }, env: Environment): Scalar {
  const of = translated(node.of, env);
  if (of.is === 'record') return of.has(node.field, node.at);
  if (of.is === 'map')
    return membershipOfMap(literal(env.constants, { name: 'string' }, node.field, node.at), of, node.field);
  throw new Refused(`has() of a field of a ${of.is}`, node.at);
}

function call(node: Typed & { node: 'call' }, env: Environment): SqlValue {
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
        return byKey(mapAt(first, env), second, env);
      case 'add_list':
        return concatenation(listAt(first, env), listAt(second, env), env, at);
      case 'optional_orValue_value':
        return orValue(translated(first, env), translated(second, env), at);
      case 'conditional':
        if (third)
          return conditional({
            condition: one(first, env),
            yes: translated(second, env),
            no: translated(third, env),
            env,
            node,
          });
    }
  }
  if (first) {
    switch (overload) {
      case 'logical_not': {
        const operand = one(first, env);
        const { plain: _, compares, after, ...value } = operand;
        return {
          ...value,
          sql: `(NOT ${value.sql})`,
          // What is undecided for its operands' sake alone stays that; else both sides change places.
          ...(operand.yes === undefined && operand.plain !== undefined
            ? { plain: not(truth(operand.plain)) }
            : { yes: noOf(operand), no: yesOf(operand) }),
          ...(after ? { after: swapped(after) } : {}),
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
  const compares = joined(open, decisive);
  const [some] = open;
  const value = {
    is: 'scalar',
    type: BOOL,
    // All ask about one value, and are undecided where it is.
    ...(compares && some ? { compares, undecided: openOf(some) } : {}),
    sql,
    nullable,
    yes: decisive ? either(...open.map(yesOf)) : both(...open.map(yesOf)),
    no: decisive ? both(...open.map(noOf)) : either(...open.map(noOf)),
    after: decisive
      ? { yes: either(...open.map((part) => openAfter(part, 'yes'))) }
      : { no: either(...open.map((part) => openAfter(part, 'no'))) },
  } as const;
  if (causes === '0') return { ...value, cause: '0' };
  const guarded = `if(${openOf({ ...value, cause: '' })}, ${causes}, 0)`;
  return { ...value, cause: guarded, causeOpen: causes };
}

const swapped = ({ yes, no }: NonNullable<Scalar['after']>): NonNullable<Scalar['after']> => ({
  ...(yes === undefined ? {} : { no: yes }),
  ...(no === undefined ? {} : { yes: no }),
});

/** `x == a || x == b` asks what `x in [a, b]` asks; `x != a && x != b` the opposite. */
function joined(parts: readonly Scalar[], equal: boolean): SqlComparison | null {
  const all = parts.flatMap(({ compares }) => compares ?? []);
  const [first] = all;
  if (!first || all.length < parts.length) return null;
  if (all.some((one) => one.equal !== equal || one.open !== first.open)) return null;
  const { others: _, ...same } = first;
  return { ...same, with: all.flatMap((one) => one.with) };
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
  const plain = negate(`(${beside(x, y, plainOf(x))} = ${beside(y, x, plainOf(y))})`);
  const result = strict({
    type: BOOL,
    sql: negate(`(${beside(x, y)} = ${beside(y, x)})`),
    operands: [x, y],
    env,
    fails: false,
    plain,
  });
  const [open, fixed] = y.constant === undefined ? [y, x] : [x, y];
  // Doubles stay with `=`: engines differ on NaN and −0 elsewhere.
  if (fixed.constant === undefined || open.type.name === 'double' || fixed.type.name === 'double')
    return result;
  return { ...result, compares: comparison(open, [fixed], equal, env) };
}

interface ConditionalInput {
  readonly condition: Scalar;
  readonly yes: SqlValue;
  readonly no: SqlValue;
  readonly env: Environment;
  readonly node: Typed;
}

function conditional({ condition, yes, no, env, node }: ConditionalInput): SqlValue {
  if (condition.constant === true) return yes;
  if (condition.constant === false) return no;
  const choose = (a: string, b: string) => `if(${condition.sql}, ${a}, ${b})`;
  const strictly = (a: string, b: string) =>
    condition.nullable ? `multiIf(${openOf(condition)}, NULL, ${condition.sql}, ${a}, ${b})` : choose(a, b);
  /** Of texts that are never NULL. */
  const chosen = (a: string, b: string) => (a === b ? a : `if(${yesOf(condition)}, ${a}, ${b})`);
  const causes = (a: string, b: string) =>
    condition.nullable ? `if(${openOf(condition)}, ${condition.cause}, ${chosen(a, b)})` : chosen(a, b);
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
      plain: chosen(plainOf(yes), plainOf(no)),
      short: isShort(yes) && isShort(no),
      undecided: either(openOf(condition), chosen(openOf(yes), openOf(no))),
      ...(node.type.name === 'bool'
        ? {
            yes: either(both(yesOf(condition), yesOf(yes)), both(noOf(condition), yesOf(no))),
            no: either(both(yesOf(condition), noOf(yes)), both(noOf(condition), noOf(no))),
          }
        : {}),
    };
  }
  if (yes.is === 'list' && no.is === 'list') {
    const [a, b] = [whole(yes, env.depth, node.at), whole(no, env.depth, node.at)];
    const inner = chosen(a.undecided, b.undecided);
    return asList({
      of: a.of,
      array: chosen(a.array, b.array),
      undecided: either(openOf(condition), inner),
      cause: condition.nullable || inner !== '0' ? causes(a.cause, b.cause) : '0',
    });
  }
  throw new Refused(`branches that are a ${yes.is} and a ${no.is}`, node.at);
}

function orValue(optional: SqlValue, otherwise: SqlValue, at: Position): SqlValue {
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
    plain: `if(${present}, ${plainOf(value)}, ${plainOf(otherwise)})`,
    short: isShort(value) && isShort(otherwise),
    undecided: when(present, openOf(value), openOf(otherwise)),
  };
  return undecidedWhere(chosen, undecided, cause);
}

/** A cause names the key that was asked for, so where one may be unseen it has to be known beforehand. */
function byKey(map: MapValue, key: Typed, env: Environment): Scalar {
  const named = key?.node === 'literal' && typeof key.value === 'string' ? key.value : undefined;
  if (named === undefined && map.partial !== '0') {
    throw new Refused('an index of a map by a key that is not constant', key.at);
  }
  return entry(map, one(key, env), env, named);
}
