/** `all`, `exists`, `exists_one`, `filter`, `map`, `transformList`: one lambda over the arrays that a body needs. */
import { BOOL, INT } from '@macadam/core/cel/type';
import type { Typed } from '@macadam/core/cel/typed';
import { partially } from './lists.ts';
import { type Environment, listAt, one, translated } from './translation.ts';
import {
  both,
  either,
  type ListValue,
  noOf,
  not,
  type Opened,
  openAfter,
  openOf,
  Refused,
  type Scalar,
  type SqlValue,
  scalar,
  strongest,
  when,
  yesOf,
} from './value.ts';

type Fold = Typed & { readonly node: 'fold' };

export function fold(node: Fold, env: Environment): SqlValue {
  const over = listAt(node.over, env);
  switch (node.fold) {
    case 'all':
    case 'exists':
      return absorbing(node, over, env);
    case 'exists_one':
      return single(node, over, env);
    case 'filter':
      return filtered(node, over, node.body, env);
    case 'map':
    case 'transformList':
      return mapped(node, node.where ? filtered(node, over, node.where, env) : over, env, over);
    default:
      throw new Refused(`the macro ${node.fold}`, node.at);
  }
}

interface InsideInput {
  readonly node: Fold;
  readonly over: ListValue;
  readonly opened: Opened;
  readonly env: Environment;
  readonly depth: number;
}

function inside({ node, over, opened: { item, index, keep }, env, depth }: InsideInput): Environment {
  const bindings = new Map(env.bindings);
  const [first, second] = node.bindings;
  if (second === undefined) bindings.set(first, item);
  else if (keep !== null) throw new Refused('an index of a filtered list', node.at);
  else bindings.set(first, placed(over, index())).set(second, item);
  return { ...env, bindings, depth: depth + 1 };
}

/** What a list may hold besides can stand anywhere in it, so that no place in it is known. */
const placed = ({ partial, partialCause }: ListValue, place: Scalar): Scalar =>
  partial === '0'
    ? place
    : scalar(place.type, `if(${partial}, NULL, ${place.sql})`, when(partial, partialCause, '0'));

const among = (keep: string | null, body: string) => (keep === null ? body : both(keep, body));

/** The texts of which a condition says that any is NULL; null where it says anything else. */
function nulls(condition: string): readonly string[] | null {
  const parts = condition.replace(/^\((.*)\)$/, '$1').split(' OR ');
  const names = parts.flatMap((part) => /^isNull\((\w+)\)$/.exec(part)?.[1] ?? []);
  return names.length === parts.length ? names : null;
}

/** A fold's strongest cause over the elements that count. */
function causesOf({ keep, lambda }: Opened, body: Scalar): string {
  return body.nullable
    ? `arrayMax(${lambda(keep === null ? body.cause : `if(${keep}, ${body.cause}, 0)`)})`
    : '0';
}

/** `all` is decided by one false, `exists` by one true; else every undecided element counts, and what was not seen. */
function absorbing(node: Fold, over: ListValue, env: Environment): Scalar {
  const exists = node.fold === 'exists';
  const open = over.open(env.depth);
  const body = one(node.body, inside({ node, over, opened: open, env, depth: env.depth }));
  const causes = when(
    over.undecided,
    over.cause,
    strongest(when(over.partial, over.partialCause, '0'), causesOf(open, body)),
  );
  const found = foundBy(open, body, exists);
  // An undecided element counts only where none decides.
  const holes = body.nullable ? holesBy(open, openAfter(body, exists ? 'yes' : 'no')) : '0';
  const unsure = either(holes, over.partial === '0' ? '0' : `(${over.partial})`);
  const sql =
    unsure !== '0'
      ? `multiIf(${found}, ${exists}, ${unsure}, NULL, ${!exists})`
      : exists
        ? found
        : `(NOT ${found})`;
  const value = when(over.undecided, 'NULL', sql);
  const nullable = unsure !== '0' || over.undecided !== '0';
  const looked = not(over.undecided);
  const decided = both(looked, found);
  const rest = both(looked, not(found), not(unsure));
  const undecided = either(over.undecided, both(not(found), unsure));
  return {
    is: 'scalar',
    type: BOOL,
    sql: value,
    nullable,
    cause: unsure === '0' ? causes : `if(${undecided}, ${causes}, 0)`,
    causeOpen: causes,
    yes: exists ? decided : rest,
    no: exists ? rest : decided,
    after: { [exists ? 'yes' : 'no']: either(over.undecided, unsure) },
  };
}

/** Whether an element decides. `has` looks for a value in an array several times faster than a lambda does. */
function foundBy(open: Opened, body: Scalar, exists: boolean): string {
  const { keep, lambda } = open;
  const array = keep === null ? open.arrayOf(body.sql) : null;
  if (array !== null) return `has(${array}, ${exists})`;
  const sought = keep === null ? open.sought(body, exists) : null;
  if (sought !== null) return sought;
  const decisive = among(keep, exists ? yesOf(body) : noOf(body));
  if (decisive === '1') return `notEmpty(${open.base})`;
  if (decisive === '0') return '0';
  return `arrayExists(${lambda(decisive)})`;
}

/** Whether an element is undecided, where none decides. */
function holesBy(open: Opened, undecided: string): string {
  const parts = open.keep === null ? nulls(undecided) : null;
  const arrays = parts?.map(open.arrayOf) ?? [null];
  if (!arrays.includes(null)) return either(...arrays.map((array) => `has(${array}, NULL)`));
  return `arrayExists(${open.lambda(among(open.keep, undecided))})`;
}

function single(node: Fold, over: ListValue, env: Environment): Scalar {
  const open = over.open(env.depth);
  const body = one(node.body, inside({ node, over, opened: open, env, depth: env.depth }));
  const { undecided, cause } = holes(over, open, body);
  const count = `(arrayCount(${open.lambda(among(open.keep, yesOf(body)))}) = 1)`;
  const nullable = undecided !== '0';
  return {
    is: 'scalar',
    type: BOOL,
    sql: when(undecided, 'NULL', count),
    nullable,
    cause: nullable ? cause : '0',
  };
}

/** Everything but `all`, `exists` and `in` is strict: one undecided element, or a part that was not seen, undecides it. */
function holes(
  over: ListValue,
  open: Opened,
  body: Scalar,
  from = over,
): { readonly undecided: string; readonly cause: string } {
  const hole = body.nullable ? `arrayExists(${open.lambda(among(open.keep, openOf(body)))})` : '0';
  const whole = partially(over);
  return {
    undecided: either(whole.undecided, hole),
    cause: when(
      from.undecided,
      from.cause,
      strongest(
        from === over ? '0' : when(over.undecided, over.cause, '0'),
        when(over.partial, over.partialCause, '0'),
        causesOf(open, body),
      ),
    ),
  };
}

function filtered(node: Fold, over: ListValue, condition: Typed, env: Environment): ListValue {
  const open = over.open(env.depth);
  const holding = holes(
    over,
    open,
    one(condition, inside({ node, over, opened: open, env, depth: env.depth })),
  );
  return {
    is: 'list',
    of: over.of,
    ...holding,
    partial: '0',
    partialCause: '0',
    open: (depth) => {
      const here = over.open(depth);
      const body = one(condition, inside({ node, over, opened: here, env, depth }));
      const holds = yesOf(body);
      return { ...here, keep: here.keep === null ? holds : both(here.keep, holds) };
    },
    element: null,
  };
}

/** `from` is what the elements come from, before a condition: where it is seen, all that is undecided counts. */
function mapped(node: Fold, over: ListValue, env: Environment, from = over): ListValue {
  const open = over.open(env.depth);
  const item = translated(node.body, inside({ node, over, opened: open, env, depth: env.depth }));
  const body: Scalar =
    item.is === 'scalar'
      ? item
      : {
          is: 'scalar',
          type: INT,
          sql: when(item.undecided, 'NULL', '1'),
          nullable: item.undecided !== '0',
          cause: item.cause,
          plain: '1',
          undecided: item.undecided,
        };
  const of = node.type.name === 'list' ? node.type.of : INT;
  return {
    is: 'list',
    of,
    ...holes(over, open, body, from),
    partial: '0',
    partialCause: '0',
    open: (depth) => {
      const here = over.open(depth);
      return { ...here, item: translated(node.body, inside({ node, over, opened: here, env, depth })) };
    },
    element: null,
  };
}
