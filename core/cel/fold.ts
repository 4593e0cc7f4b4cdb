/** Checks macros: what their variables are, and what is known to be there inside and after them. */
import { type Checking, condition, type Flow, plain } from './checking.ts';
import { below, type Named, type Names, outside, type Presences, pathsOf } from './presence.ts';
import type { Node } from './tree.ts';
import { BOOL, DYN, INT, listOf, mapOf, optionalOf, type Type, typeName } from './type.ts';
import type { Fold, Typed } from './typed.ts';

type Macro = Node & { readonly node: 'macro' };

export function macro(c: Checking, node: Macro, names: Names, present: Presences): Flow {
  if (node.macro === 'bind') return bind(c, node, names, present);
  if (node.macro === 'optMap' || node.macro === 'optFlatMap') return optional(c, node, names, present);
  return fold({ c, node, kind: node.macro, names, present });
}

interface FoldInput {
  readonly c: Checking;
  readonly node: Macro;
  readonly kind: Fold;
  readonly names: Names;
  readonly present: Presences;
}

function fold({ c, node, kind, names, present }: FoldInput): Flow {
  const over = c.visit(node.over, names, present).typed;
  const ranged = over && range(c, over, node);
  if (!over || !ranged) {
    // Only what does not depend on the variables can be checked.
    return plain(null);
  }
  const listPaths = pathsOf(node.over, names);
  const named = (type: Type, name: string, element: boolean): Named => {
    const binding = c.binding();
    const paths = [`${name}#${binding}`, ...(element ? listPaths.map((path) => `${path}[]`) : [])];
    return { type, binding, paths };
  };
  const first = node.second === undefined && ranged.isList ? ranged.value : ranged.key;
  const one = named(first, node.variable, node.second === undefined && ranged.isList);
  const two = node.second === undefined ? null : named(ranged.value, node.second, true);
  const inner = new Map(names).set(node.variable, one);
  if (node.second !== undefined && two) inner.set(node.second, two);
  const element = two ?? one;
  const path = element.paths[0] ?? '';
  const known = new Set([...present, ...(c.kept.get(over) ?? []).map((rest) => path + rest)]);
  const asks = (part: Node, facts: Presences) =>
    condition({ c, part, names: inner, present: facts, needed: `\`${node.macro}\` needs a condition` });

  const where = node.where ? asks(node.where, known) : null;
  const facts = where ? known.union(where.whenTrue) : known;
  const predicate = PREDICATES.has(kind);
  const body = predicate ? asks(node.body, facts) : c.visit(node.body, inner, facts);
  if (!body.typed || (where && !where.typed)) return plain(null);

  const type = result({ c, kind, node, ranged, body: body.typed });
  if (!type) return plain(null);
  const numbers = [one.binding ?? 0, ...(two ? [two.binding ?? 0] : [])];
  const [number = 0, second] = numbers;
  const typed: Typed = {
    at: node.at,
    type,
    node: 'fold',
    fold: kind,
    over,
    bindings: second === undefined ? [number] : [number, second],
    where: where?.typed ?? null,
    body: body.typed,
  };
  const variables = [one, two].flatMap((name) => name?.paths[0] ?? []);
  if (kind === 'filter' && ranged.isList) {
    c.kept.set(typed, [...(c.kept.get(over) ?? []), ...below(body.whenTrue, path)]);
  }
  // One element decides an `exists` that is true and an `all` that is false; all elements decide the others.
  const some = (found: Presences) => outside(found, variables);
  const every = (found: Presences): Presences =>
    new Set(below(found, path).map((rest) => `${listPaths[0]}[]${rest}`));
  const { whenTrue, whenFalse } = body;
  if (kind === 'exists') return { typed, whenTrue: some(whenTrue), whenFalse: every(whenFalse) };
  if (kind === 'all') return { typed, whenTrue: every(whenTrue), whenFalse: some(whenFalse) };
  return plain(typed);
}

const PREDICATES: ReadonlySet<Fold> = new Set<Fold>(['all', 'exists', 'exists_one', 'filter']);

interface Range {
  readonly isList: boolean;
  /** The index of a list. */
  readonly key: Type;
  readonly value: Type;
}

function range(c: Checking, over: Typed, node: Macro): Range | null {
  const type = c.unifier.resolve(over.type);
  if (type.name === 'list') return { isList: true, key: INT, value: type.of };
  if (type.name === 'map') return { isList: false, key: type.key, value: type.of };
  if (c.language.rules === 'cel' && (type.name === 'dyn' || type.name === 'parameter')) {
    c.unifier.assign([DYN], [type]);
    return { isList: false, key: DYN, value: DYN };
  }
  c.mistake(node.at, `\`${node.macro}\` needs a list or a map, not a ${typeName(type)}`);
  return null;
}

interface ResultInput {
  readonly c: Checking;
  readonly kind: Fold;
  readonly node: Macro;
  readonly ranged: Range;
  readonly body: Typed;
}

function result({ c, kind, node, ranged, body }: ResultInput): Type | null {
  switch (kind) {
    case 'filter':
      return listOf(ranged.isList ? ranged.value : ranged.key);
    case 'map':
    case 'transformList':
      return listOf(body.type);
    case 'transformMap':
      return mapOf(ranged.key, body.type);
    case 'transformMapEntry': {
      const wanted = mapOf(c.unifier.fresh(), c.unifier.fresh());
      if (c.unifier.assign([body.type], [wanted])) return wanted;
      c.mistake(
        node.body.at,
        `\`transformMapEntry\` needs a map of one entry, not a ${typeName(c.unifier.resolve(body.type))}`,
      );
      return null;
    }
    default:
      return BOOL;
  }
}

function bind(c: Checking, node: Macro, names: Names, present: Presences): Flow {
  const value = c.visit(node.over, names, present).typed;
  if (!value) return plain(null);
  const binding = c.binding();
  const inner = new Map(names).set(node.variable, {
    type: value.type,
    binding,
    paths: pathsOf(node.over, names),
  });
  const { typed: body, whenTrue, whenFalse } = c.visit(node.body, inner, present);
  if (!body) return plain(null);
  return { typed: { at: node.at, type: body.type, node: 'bind', binding, value, body }, whenTrue, whenFalse };
}

/** `o.optMap(x, r)` is `cel.bind(o', o, o'.hasValue() ? optional.of(cel.bind(x, o'.value(), r)) : optional.none())`. */
function optional(c: Checking, node: Macro, names: Names, present: Presences): Flow {
  const over = c.visit(node.over, names, present).typed;
  if (!over) return plain(null);
  const inside = c.unifier.fresh();
  if (!c.unifier.assign([over.type], [optionalOf(inside)])) {
    return c.mistake(
      node.at,
      `\`${node.macro}\` needs an optional, such as \`x.?field\`, not a ${typeName(c.unifier.resolve(over.type))}`,
    );
  }
  const { at } = node;
  const held = c.binding();
  const binding = c.binding();
  // A dyn's content is dyn; a parameter that nothing bound stays one.
  const type = c.unifier.resolve(over.type).name === 'dyn' ? DYN : c.unifier.resolve(inside);
  const inner = new Map(names).set(node.variable, { type, binding, paths: [`${node.variable}#${binding}`] });
  const body = c.visit(node.body, inner, present).typed;
  if (!body) return plain(null);
  const wraps = node.macro === 'optMap';
  const gives = wraps ? optionalOf(body.type) : optionalOf(c.unifier.fresh());
  if (!wraps && !c.unifier.assign([body.type], [gives])) {
    return c.mistake(
      node.body.at,
      `\`optFlatMap\` needs an optional here, not a ${typeName(c.unifier.resolve(body.type))}: use \`optMap\``,
    );
  }
  const opened = over.type;
  const variable: Typed = { at, type: opened, node: 'variable', name: node.variable, binding: held };
  const call = (name: string, overload: string, given: readonly Typed[], of: Type): Typed => ({
    at,
    type: of,
    node: 'call',
    function: name,
    overload,
    arguments: given,
  });
  const value = call('value', 'optional_value', [variable], type);
  const mapped: Typed = { at, type: body.type, node: 'bind', binding, value, body };
  const choice = call(
    '_?_:_',
    'conditional',
    [
      call('hasValue', 'optional_hasValue', [variable], BOOL),
      wraps ? call('optional.of', 'optional_of', [mapped], gives) : mapped,
      call('optional.none', 'optional_none', [], gives),
    ],
    gives,
  );
  return plain({ at, type: gives, node: 'bind', binding: held, value: over, body: choice });
}
