/** Makes the typed tree of an expression that was found free of mistakes: names resolved, calls with their overload's id. */
import type { Node } from './tree.ts';
import type { Type } from './type.ts';
import type { Fold, Typed } from './typed.ts';

type Bindings = ReadonlyMap<string, number>;
type Call = Node & { readonly node: 'call' };

export function typing(tree: Node, types: ReadonlyMap<Node, Type>): Typed {
  let count = 0;

  function convert(node: Node, names: Bindings): Typed {
    const base = { at: node.at, type: types.get(node) ?? { name: 'dyn' } } as const;
    switch (node.node) {
      case 'literal':
        return { ...base, node: 'literal', value: node.value };
      case 'name':
        return { ...base, node: 'variable', name: node.name, binding: names.get(node.name) ?? null };
      case 'select':
        return {
          ...base,
          node: 'select',
          of: convert(node.of, names),
          field: node.field,
          optional: node.optional ?? false,
        };
      case 'has':
        return { ...base, node: 'has', of: convert(node.of, names), field: node.field };
      case 'list':
        return {
          ...base,
          node: 'list',
          items: node.items.map((item, index) => ({
            value: convert(item, names),
            optional: node.optional?.includes(index) ?? false,
          })),
        };
      case 'map':
        return {
          ...base,
          node: 'map',
          entries: node.entries.map(({ key, value, optional }) => ({
            key: convert(key, names),
            value: convert(value, names),
            optional: optional ?? false,
          })),
        };
      case 'macro': {
        const over = convert(node.over, names);
        const binding = count++;
        const inner = new Map(names).set(node.variable, binding);
        return {
          ...base,
          node: 'fold',
          fold: node.macro as Fold,
          over,
          bindings: [binding],
          where: node.where ? convert(node.where, inner) : null,
          body: convert(node.body, inner),
        };
      }
      case 'call': {
        const parts = node.arguments.map((part) => convert(part, names));
        return {
          ...base,
          node: 'call',
          function: node.function,
          overload: overload(
            node,
            parts.map(({ type }) => word(type)),
          ),
          arguments: parts,
        };
      }
    }
  }

  return convert(tree, new Map());
}

/** How overload ids name a type. */
function word(type: Type): string {
  return type.name === 'enum'
    ? 'string'
    : type.name === 'int' || type.name === 'uint'
      ? `${type.name}64`
      : type.name;
}

const OPERATORS: Readonly<Record<string, string>> = {
  '_<_': 'less',
  '_<=_': 'less_equals',
  '_>_': 'greater',
  '_>=_': 'greater_equals',
  '_+_': 'add',
  '_-_': 'subtract',
  '_*_': 'multiply',
  '_/_': 'divide',
  '_%_': 'modulo',
  '-_': 'negate',
};

const FIXED: Readonly<Record<string, string>> = {
  '!_': 'logical_not',
  '_&&_': 'logical_and',
  '_||_': 'logical_or',
  '_?_:_': 'conditional',
  '_==_': 'equals',
  '_!=_': 'not_equals',
  startsWith: 'starts_with_string',
  endsWith: 'ends_with_string',
  contains: 'contains_string',
  lowerAscii: 'string_lower_ascii',
};

const CONVERSIONS: Readonly<Record<string, string>> = { int: 'int64' };

function overload(node: Call, given: readonly string[]): string {
  const [first = '', second = ''] = given;
  const fixed = FIXED[node.function];
  if (fixed !== undefined) return fixed;
  const operator = OPERATORS[node.function];
  if (operator !== undefined) {
    const mixed = first === 'timestamp' || first === 'duration';
    return mixed && (operator === 'add' || operator === 'subtract')
      ? `${operator}_${first}_${second}`
      : `${operator}_${first}`;
  }
  switch (node.function) {
    case '@in':
      return `in_${second}`;
    case '_[_]':
      return `index_${first}`;
    case 'size':
      return node.method ? `${first}_size` : `size_${first}`;
    case 'matches':
      return node.method ? 'matches_string' : 'matches';
    default:
      return `${first}_to_${CONVERSIONS[node.function] ?? node.function}`;
  }
}
