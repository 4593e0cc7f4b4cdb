/** Lists inside a lambda. */
import type { Position } from '@macadam/core/cel/tree';
import { INT, type Type } from '@macadam/core/cel/type';
import {
  either,
  type ListValue,
  type Opened,
  openOf,
  plainOf,
  Refused,
  type SqlValue,
  scalar,
  strongest,
  when,
} from './value.ts';

/**
 * Opens arrays that lie side by side. `item` says what an element is, and takes the parameter of an array whenever it
 * needs one; the names follow from depth and order alone, so that equal folds are equal text and are run once.
 */
export function opened(
  depth: number,
  base: string,
  item: (take: (array: string) => string) => SqlValue,
  keep: ((take: (array: string) => string) => string) | null = null,
): Opened {
  const taken = new Map<string, string>();
  const take = (array: string): string => {
    const known = taken.get(array);
    if (known !== undefined) return known;
    const name = `e${depth}_${taken.size}`;
    taken.set(array, name);
    return name;
  };
  const arrayOf = (sql: string) => [...taken].find(([, name]) => name === sql)?.[0] ?? null;
  return {
    arrayOf,
    sought: ({ compares }, exists) => {
      // `exists` is decided by what is equal, `all` by what its `!=` forbids.
      const wanted = compares?.equal === exists ? compares.with : compares?.others;
      if (!compares || !wanted || wanted.length > MANY) return null;
      const array = arrayOf(compares.open);
      return array === null ? null : either(...wanted.map((one) => `has(${array}, ${one})`));
    },
    item: item(take),
    keep: keep ? keep(take) : null,
    base,
    index: () => scalar(INT, `toInt64(${take(`arrayEnumerate(${base})`)} - 1)`),
    lambda: (body) => {
      const used = [...taken].filter(([, name]) => new RegExp(`\\b${name}\\b`).test(body));
      const list = used.length > 0 ? used : [[base, `e${depth}_n`] as const];
      const names = list.map(([, name]) => name).join(', ');
      return `${list.length > 1 ? `(${names})` : names} -> ${body}, ${list.map(([array]) => array).join(', ')}`;
    },
  };
}

/** Values that are looked for one by one: beyond this a lambda with a set is faster. */
const MANY = 6;

/** A list of which all is known or nothing is: undecided wholly where any part of it is. */
export interface Whole {
  readonly of: Type;
  readonly array: string;
  readonly undecided: string;
  readonly cause: string;
}

/** A list of scalars as one array without NULLs. Partial lists and undecided elements make it undecided. */
export function whole(list: ListValue, depth: number, at: Position): Whole {
  if (list.array !== undefined) {
    return { of: list.of, array: list.array, ...partially(list) };
  }
  const inside = list.open(depth);
  const { item, keep, lambda } = inside;
  if (item.is !== 'scalar') throw new Refused(`a list of ${item.is}s as one value`, at);
  const mapped = (body: string) => `arrayMap(${lambda(body)})`;
  // An array cannot hold what is NULL here: the place is filled, and the whole is undecided.
  const plain = plainOf(item);
  const array = keep === null ? mapped(plain) : `arrayFilter((v, k) -> k, ${mapped(plain)}, ${mapped(keep)})`;
  const hole = item.nullable ? `arrayExists(${lambda(kept(keep, openOf(item)))})` : '0';
  const { undecided, cause } = partially(list);
  return {
    of: list.of,
    array,
    undecided: either(undecided, hole),
    cause: when(
      list.undecided,
      list.cause,
      strongest(
        cause === list.cause ? '0' : when(list.partial, list.partialCause, '0'),
        item.nullable
          ? `arrayMax(${lambda(keep === null ? item.cause : `if(${keep}, ${item.cause}, 0)`)})`
          : '0',
      ),
    ),
  };
}

function kept(keep: string | null, body: string): string {
  return keep === null ? body : `(${keep} AND ${body})`;
}

/** A list that counts as a whole is undecided when it is partial. */
export function partially(list: ListValue): { readonly undecided: string; readonly cause: string } {
  return {
    undecided: either(list.undecided, list.partial === '0' ? '0' : `(${list.partial})`),
    cause: when(list.undecided, list.cause, when(list.partial, list.partialCause, '0')),
  };
}

/** A whole list as a list again. */
export function asList({ of, array, undecided, cause }: Whole): ListValue {
  return {
    is: 'list',
    of,
    array,
    undecided,
    cause,
    partial: '0',
    partialCause: '0',
    open: (depth) => opened(depth, array, (take) => scalar(of, take(array))),
    element: (index) => scalar(of, `${array}[${index} + 1]`),
  };
}
