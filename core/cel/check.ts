/**
 * Type checks an expression against a kind, and finds every mistake in one go. Optional attributes are flow typed:
 * reading one is a mistake unless `has()` of the same path holds wherever the read is reached.
 */
import { didYouMean } from '../nearest.ts';
import { FUNCTIONS, type Overload, pattern } from './function.ts';
import type { CelMistake, Node, Position } from './tree.ts';
import { BOOL, comparable, STRING, type Type, typeName } from './type.ts';
import type { Typed } from './typed.ts';
import { typing } from './typing.ts';

export interface Scope {
  readonly [name: string]: Type;
}

export interface Checked {
  /** Type of every node that has one; a node below a mistake has none. */
  readonly types: ReadonlyMap<Node, Type>;
  /** The operator's or function's row, for every call that is in the table. */
  readonly overloads: ReadonlyMap<Node, Overload>;
  readonly mistakes: readonly CelMistake[];
  /** Attributes of the asset that the expression reads, sorted. */
  readonly reads: readonly string[];
  /** Null when there are mistakes. */
  readonly typed: Typed | null;
}

/** Paths known to be present where the node is reached, and what more is known once it is true or false. */
interface Flow {
  readonly type: Type | null;
  readonly whenTrue: ReadonlySet<string>;
  readonly whenFalse: ReadonlySet<string>;
}

const NOTHING: ReadonlySet<string> = new Set();
const plain = (type: Type | null): Flow => ({ type, whenTrue: NOTHING, whenFalse: NOTHING });
const union = (a: ReadonlySet<string>, b: ReadonlySet<string>) => a.union(b);
const both = (a: ReadonlySet<string>, b: ReadonlySet<string>) => a.intersection(b);

export function check(tree: Node, scope: Scope, expected: Type = BOOL): Checked {
  const types = new Map<Node, Type>();
  const overloads = new Map<Node, Overload>();
  const mistakes: CelMistake[] = [];
  const reads = new Set<string>();
  let bindings = 0;

  const mistake = (at: Position, reason: string): Flow => {
    mistakes.push({ at, reason });
    return plain(null);
  };

  function visit(node: Node, names: ReadonlyMap<string, Named>, present: ReadonlySet<string>): Flow {
    const flow = typeOf(node, names, present);
    if (flow.type) types.set(node, flow.type);
    return flow;
  }

  function typeOf(node: Node, names: ReadonlyMap<string, Named>, present: ReadonlySet<string>): Flow {
    switch (node.node) {
      case 'literal':
        return plain({ name: node.type });
      case 'name': {
        const found = names.get(node.name);
        return found
          ? plain(found.type)
          : mistake(node.at, `there is no \`${node.name}\`${didYouMean(node.name, names.keys())}`);
      }
      case 'select':
      case 'has':
        return select(node, names, present);
      case 'list':
        return list(node, names, present);
      case 'map':
        return mistake(node.at, 'maps cannot be built in an expression; use a parameter');
      case 'macro':
        return macro(node, names, present);
      case 'call':
        return call(node, names, present);
    }
  }

  function select(
    node: Node & { readonly node: 'select' | 'has' },
    names: ReadonlyMap<string, Named>,
    present: ReadonlySet<string>,
  ): Flow {
    const { type } = visit(node.of, names, present);
    if (!type) return plain(null);
    if (type.name === 'map') return plain(node.node === 'has' ? BOOL : type.of);
    if (type.name !== 'record') return mistake(node.at, `a ${typeName(type)} has no fields`);
    const field = type.fields[node.field];
    if (!field || !Object.hasOwn(type.fields, node.field)) {
      return mistake(
        node.at,
        `${type.label} has no \`${node.field}\`${didYouMean(node.field, Object.keys(type.fields))}`,
      );
    }
    if (node.of.node === 'name' && node.of.name === 'asset') reads.add(node.field);
    const path = pathOf(node, names);
    if (node.node === 'has') return { type: BOOL, whenTrue: new Set([path]), whenFalse: NOTHING };
    if (field.optional && !present.has(path)) {
      return mistake(
        node.at,
        `\`${node.field}\` may be absent: write \`has(…${node.field}) && …\` before reading it`,
      );
    }
    return plain(field.type);
  }

  function list(
    node: Node & { readonly node: 'list' },
    names: ReadonlyMap<string, Named>,
    present: ReadonlySet<string>,
  ): Flow {
    const items = node.items.map((item) => visit(item, names, present).type);
    const first = items.find((type) => type !== null) ?? STRING;
    const odd = items.findIndex((type) => type !== null && !comparable(type, first));
    const oddItem = node.items[odd];
    if (oddItem) return mistake(oddItem.at, `a list holds one type, here ${typeName(first)}`);
    return plain(items.includes(null) ? null : { name: 'list', of: first });
  }

  function macro(
    node: Node & { readonly node: 'macro' },
    names: ReadonlyMap<string, Named>,
    present: ReadonlySet<string>,
  ): Flow {
    const over = visit(node.over, names, present).type;
    if (!over) return plain(null);
    if (over.name !== 'list')
      return mistake(node.at, `\`${node.macro}\` needs a list, not a ${typeName(over)}`);
    bindings += 1;
    const inner = new Map(names).set(node.variable, { type: over.of, path: `${node.variable}#${bindings}` });
    const boolean = (part: Node, known: ReadonlySet<string>): Flow => {
      const flow = visit(part, inner, known);
      if (flow.type && flow.type.name !== 'bool') {
        return mistake(part.at, `\`${node.macro}\` needs a condition, not a ${typeName(flow.type)}`);
      }
      return flow;
    };
    if (node.macro === 'map') {
      const known = node.where ? union(present, boolean(node.where, present).whenTrue) : present;
      const of = visit(node.body, inner, known).type;
      return plain(of && { name: 'list', of });
    }
    boolean(node.body, present);
    return plain(node.macro === 'filter' ? over : BOOL);
  }

  function call(
    node: Node & { readonly node: 'call' },
    names: ReadonlyMap<string, Named>,
    present: ReadonlySet<string>,
  ): Flow {
    const [first, second, third] = node.arguments;
    const condition = (part: Node, known: ReadonlySet<string>): Flow => {
      const flow = visit(part, names, known);
      if (flow.type && flow.type.name !== 'bool') {
        mistake(part.at, `a condition is needed here, not a ${typeName(flow.type)}`);
      }
      return flow;
    };
    if (node.function === '!_' && first) {
      const flow = condition(first, present);
      return { type: BOOL, whenTrue: flow.whenFalse, whenFalse: flow.whenTrue };
    }
    if (node.function === '_&&_' && first && second) {
      const left = condition(first, present);
      const right = condition(second, union(present, left.whenTrue));
      return {
        type: BOOL,
        whenTrue: union(left.whenTrue, right.whenTrue),
        whenFalse: both(left.whenFalse, right.whenFalse),
      };
    }
    if (node.function === '_||_' && first && second) {
      const left = condition(first, present);
      const right = condition(second, union(present, left.whenFalse));
      return {
        type: BOOL,
        whenTrue: both(left.whenTrue, right.whenTrue),
        whenFalse: union(left.whenFalse, right.whenFalse),
      };
    }
    if (node.function === '_?_:_' && first && second && third) {
      const flow = condition(first, present);
      const yes = visit(second, names, union(present, flow.whenTrue)).type;
      const no = visit(third, names, union(present, flow.whenFalse)).type;
      // The empty list is one of any type.
      if (yes?.name === 'list' && isEmptyList(third)) return plain(yes);
      if (no?.name === 'list' && isEmptyList(second)) return plain(no);
      if (yes && no && !comparable(yes, no)) {
        return mistake(node.at, `both branches need one type, here ${typeName(yes)} and ${typeName(no)}`);
      }
      return plain(yes ?? no);
    }
    const types = node.arguments.map((argument) => visit(argument, names, present).type);
    if (types.some((type) => type === null)) return plain(null);
    return operation(node, types as Type[]);
  }

  function operation(node: Node & { readonly node: 'call' }, given: readonly Type[]): Flow {
    const [first, second] = given;
    const shown = given.map(typeName).join(', ');
    switch (node.function) {
      case '_==_':
      case '_!=_':
        if (first && second && comparable(first, second)) return plain(compared(node, first, second));
        return mistake(node.at, `${shown} are never equal: compare values of one type`);
      case '@in':
        if (first && second?.name === 'list' && comparable(first, second.of)) return plain(BOOL);
        if (first?.name === 'string' && second?.name === 'map') return plain(BOOL);
        return mistake(node.at, `\`in\` needs a value and a list of its type, not ${shown}`);
      case '_[_]':
        if (first?.name === 'list' && second?.name === 'int') return plain(first.of);
        if (first?.name === 'map' && second?.name === 'string') return plain(first.of);
        return mistake(node.at, `an index needs a list and an int, or a map and a string, not ${shown}`);
      case 'matches':
        return matches(node, shown);
    }
    const rows = Object.hasOwn(FUNCTIONS, node.function) ? FUNCTIONS[node.function] : undefined;
    const name = node.function.replaceAll(/[_@]/g, '');
    if (!rows) {
      const known = [...Object.keys(FUNCTIONS).filter((key) => /^\w{3,}$/.test(key)), 'matches', 'has'];
      return mistake(node.at, `there is no function \`${name}\`${didYouMean(name, known)}`);
    }
    const fits = (row: Overload) =>
      row.takes.length === given.length &&
      row.takes.every(
        (want, index) => want === given[index]?.name || (want === 'string' && given[index]?.name === 'enum'),
      );
    const row = rows.find(fits);
    if (!row) return mistake(node.at, `\`${name}\` does not take ${shown}`);
    overloads.set(node, row);
    return plain({ name: row.gives } as Type);
  }

  /** A comparison with a word that an enumeration does not have can never be true: a typing mistake. */
  function compared(node: Node & { readonly node: 'call' }, first: Type, second: Type): Type {
    const enumeration = first.name === 'enum' ? first : second.name === 'enum' ? second : null;
    const literal = node.arguments.find((argument) => argument.node === 'literal');
    if (enumeration && literal?.node === 'literal' && !enumeration.values.includes(String(literal.value))) {
      const word = String(literal.value);
      mistake(
        literal.at,
        `\`${word}\` is not one of ${enumeration.values.join(', ')}${didYouMean(word, enumeration.values)}`,
      );
    }
    return BOOL;
  }

  function matches(node: Node & { readonly node: 'call' }, shown: string): Flow {
    const [subject, regex] = node.arguments;
    const type = subject && types.get(subject)?.name;
    if (type !== 'string' && type !== 'enum') return mistake(node.at, `\`matches\` does not take ${shown}`);
    if (regex?.node !== 'literal' || typeof regex.value !== 'string') {
      return mistake(node.at, '`matches` needs a constant pattern, so that its cost is known');
    }
    if (!pattern(regex.value)) return mistake(regex.at, 'not a valid RE2 pattern');
    return plain(BOOL);
  }

  const root = new Map<string, Named>(
    Object.entries(scope).map(([name, type]) => [name, { type, path: name }]),
  );
  const { type } = visit(tree, root, NOTHING);
  if (type && !comparable(type, expected) && !(expected.name === 'list' && type.name === 'list')) {
    mistake(tree.at, `the expression gives a ${typeName(type)}, a ${typeName(expected)} is needed`);
  }
  const typed = mistakes.length > 0 ? null : typing(tree, types);
  return { types, overloads, mistakes, reads: [...reads].sort(), typed };
}

interface Named {
  readonly type: Type;
  /** Unique per binding, so that facts about one macro's variable never serve another's. */
  readonly path: string;
}

function pathOf(node: Node, names: ReadonlyMap<string, Named>): string {
  switch (node.node) {
    case 'name':
      return names.get(node.name)?.path ?? node.name;
    case 'select':
    case 'has':
      return `${pathOf(node.of, names)}.${node.field}`;
    default:
      return `${node.at.line}:${node.at.column}`;
  }
}

function isEmptyList(node: Node): boolean {
  return node.node === 'list' && node.items.length === 0;
}
