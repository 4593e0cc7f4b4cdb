/** Lists and maps as operands: `in`, an index, `size`, `+`, and lists that an expression writes itself. */
import type { Position } from '@macadam/core/cel/tree';
import { BOOL, INT, type Type } from '@macadam/core/cel/type';
import type { Typed } from '@macadam/core/cel/typed';
import { asList, partially, whole } from './lists.ts';
import { guarded, known, lostOf, sameKind, strictly, TEXTS, undecidedWhere } from './operands.ts';
import { type Environment, one } from './translation.ts';
import {
  both,
  either,
  type ListValue,
  type MapValue,
  not,
  openOf,
  plainOf,
  Refused,
  type Scalar,
  type SqlComparison,
  type SqlValue,
  scalar,
  strongest,
  when,
} from './value.ts';

/** Whether a map holds a key: true where it was seen, undecided where it was not and more may be there. */
export function membershipOfMap(wanted: Scalar, map: MapValue, field?: string): Scalar {
  const there = `mapContains(${map.sql}, ${known(wanted)})`;
  const open = map.partial === '0' ? '0' : `(${map.partial} AND NOT ${there})`;
  return strictly([wanted, map], scalar(BOOL, there), open, map.unseen(field));
}

/** What a map holds under a key; an error where it is complete and has none. */
export function entry(map: MapValue, wanted: Scalar, env: Environment, field?: string): Scalar {
  const missing = `(NOT mapContains(${map.sql}, ${known(wanted)}))`;
  const why = map.partial === '0' ? env.error : `if(${map.partial}, ${map.unseen(field)}, ${env.error})`;
  return strictly(
    [map, wanted],
    { ...scalar(map.of, `${map.sql}[${known(wanted)}]`), short: true },
    missing,
    why,
  );
}

/** That a value is one of some constants, for a fold to look for them; an enum's type names all that it can be. */
export function comparison(
  value: Scalar,
  constants: readonly Scalar[],
  equal: boolean,
  env: Environment,
): SqlComparison {
  const wanted = constants.map(({ constant }) => constant);
  const base = { open: value.sql, with: constants.map(({ sql }) => sql), equal };
  if (value.type.name !== 'enum') return base;
  const others = value.type.values.filter((one) => !wanted.includes(one));
  return { ...base, others: others.map((one) => env.constants.text(one)) };
}

/** `x in list`: true where an element equals it, whatever else is undecided. */
export function membership(value: Scalar, list: ListValue, env: Environment): Scalar {
  const values = list.constants?.map((item) => item.constant);
  const wrap = (write: (text: string) => string): Scalar => {
    const sql = write(value.sql);
    const guarded = value.nullable ? `if(isNull(${value.sql}), NULL, ${sql})` : sql;
    return {
      is: 'scalar',
      type: BOOL,
      sql: guarded,
      nullable: value.nullable,
      cause: value.cause,
      plain: write(plainOf(value)),
      undecided: openOf(value),
      ...(list.constants && value.type.name !== 'double'
        ? { compares: comparison(value, list.constants, true, env) }
        : {}),
    };
  };
  if (values) {
    if (values.length === 0) return wrap(() => 'false');
    if (values.every((item) => typeof item === 'string'))
      return wrap((text) => `(${text} IN ${env.constants.texts(values)})`);
    const integers = values.filter((item) => typeof item === 'bigint' && BigInt.asIntN(64, item) === item);
    if (integers.length === values.length && ['int', 'timestamp', 'duration'].includes(value.type.name))
      return wrap((text) => `(${text} IN ${env.constants.integers(integers as readonly bigint[])})`);
  }
  const inside = list.open(env.depth);
  const { item, keep } = inside;
  if (item.is !== 'scalar' || !sameKind(item.type, value.type))
    throw new Refused('in of a list of this type', { line: 1, column: 1 });
  // Where the value is undecided so is all of it; an undecided element equals nothing.
  const equal = both(not(openOf(item)), `${plainOf(item)} = ${plainOf(value)}`);
  const same = keep === null ? equal : both(keep, equal);
  const array = keep === null ? inside.arrayOf(item.sql) : null;
  const byHas = array !== null && value.type.name !== 'double' && item.type.name !== 'double';
  const found = byHas ? `has(${array}, ${known(value)})` : `arrayExists(${inside.lambda(same)})`;
  const lostItem = keep === null ? openOf(item) : both(keep, openOf(item));
  const hole = item.nullable ? `arrayExists(${inside.lambda(lostItem)})` : '0';
  const open = either(list.partial === '0' ? '0' : `(${list.partial})`, hole);
  const absorbed = open === '0' ? found : `multiIf(${found}, true, ${open}, NULL, false)`;
  const lost = either(list.undecided, openOf(value));
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
    cause: `if(${either(lost, both(not(found), open))}, ${when(lost, cause, rest)}, 0)`,
    yes: both(not(lost), found),
    no: both(not(lost), not(found), not(open)),
  };
}

export function size(list: ListValue, env: Environment): Scalar {
  const inside = list.open(env.depth);
  const count = inside.keep === null ? `length(${inside.base})` : `arrayCount(${inside.lambda(inside.keep)})`;
  const { undecided, cause } = partially(list);
  return undecidedWhere(scalar(INT, `toInt64(${count})`), undecided, cause);
}

export function index(list: ListValue, at: Scalar, env: Environment, position: Position): SqlValue {
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

export function listOf(node: Typed & { node: 'list' }, env: Environment): ListValue {
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

export function concatenation(a: ListValue, b: ListValue, env: Environment, at: Position): ListValue {
  const [x, y] = [whole(a, env.depth, at), whole(b, env.depth, at)];
  return asList({
    of: x.of,
    array: `arrayConcat(${x.array}, ${y.array})`,
    undecided: either(x.undecided, y.undecided),
    cause: strongest(x.cause, y.cause),
  });
}
