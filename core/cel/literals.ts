/** List and map literals: one type for all that they hold, or a mistake that says where it ends. */
import { type Checking, type Flow, plain } from './checking.ts';
import type { Names, Presences } from './presence.ts';
import type { Node, Position } from './tree.ts';
import { DYN, listOf, mapOf, optionalOf, type Type, typeName } from './type.ts';
import type { Typed } from './typed.ts';

interface HeldType {
  readonly at: Position;
  readonly type: Type;
}

export function listLiteral(
  c: Checking,
  node: Node & { readonly node: 'list' },
  names: Names,
  present: Presences,
): Flow {
  const items = node.items.flatMap((item, index) => {
    const value = c.visit(item, names, present).typed;
    const optional = node.optional?.includes(index) ?? false;
    const type = value && held(c, item.at, value, optional);
    return value && type ? [{ value, optional, type }] : [];
  });
  if (items.length < node.items.length) return plain(null);
  const of = oneType(
    c,
    items.map(({ type }) => type),
    'a list holds',
  );
  return plain(
    of && {
      at: node.at,
      type: listOf(of),
      node: 'list',
      items: items.map(({ value, optional }) => ({ value, optional })),
    },
  );
}

export function mapLiteral(
  c: Checking,
  node: Node & { readonly node: 'map' },
  names: Names,
  present: Presences,
): Flow {
  const entries = node.entries.flatMap((entry) => {
    const key = c.visit(entry.key, names, present).typed;
    const value = c.visit(entry.value, names, present).typed;
    const optional = entry.optional ?? false;
    const type = value && held(c, entry.value.at, value, optional);
    return key && value && type ? [{ key, value, optional, type }] : [];
  });
  if (entries.length < node.entries.length) return plain(null);
  const key = oneType(
    c,
    entries.map(({ key: { at, type } }) => ({ at, type })),
    'the keys of a map have',
  );
  const of = oneType(
    c,
    entries.map(({ type }) => type),
    'a map holds',
  );
  if (!key || !of) return plain(null);
  const kept = entries.map((entry) => ({ key: entry.key, value: entry.value, optional: entry.optional }));
  return plain({ at: node.at, type: mapOf(key, of), node: 'map', entries: kept });
}

/** One type for all that a literal holds: in standards a mistake when there is none, in CEL `dyn`. */
function oneType(c: Checking, all: readonly HeldType[], what: string): Type | null {
  let one: Type | null = null;
  for (const { at, type } of all) {
    const joined: Type | null = one === null ? type : c.unifier.join(one, type);
    if (!joined && one && c.strict) {
      c.mistake(at, `${what} one type, here ${typeName(c.unifier.resolve(one))}`);
      return null;
    }
    one = joined ?? DYN;
  }
  return one ?? c.unifier.fresh();
}

/** A value of a literal; written with `?`, what the optional holds. */
function held(
  { unifier, mistake }: Checking,
  at: Position,
  value: Typed,
  optional: boolean,
): HeldType | null {
  if (!optional) return { at, type: value.type };
  const inner = unifier.fresh();
  if (unifier.assign([value.type], [optionalOf(inner)]))
    return { at, type: unifier.resolve(value.type).name === 'dyn' ? DYN : unifier.resolve(inner) };
  mistake(
    at,
    `\`?\` needs an optional, such as \`x.?field\`, not a ${typeName(unifier.resolve(value.type))}`,
  );
  return null;
}
