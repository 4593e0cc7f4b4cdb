/** An expression's tree as text again: reading it gives the same tree, positions aside. */
import type { Literal, Node } from './tree.ts';

export function print(node: Node): string {
  return text(node, 0);
}

/** How strongly a node holds together; what holds less than its place needs is put into parentheses. */
const [TERNARY, UNARY, MEMBER] = [0, 6, 7];
const OPERATORS: ReadonlyMap<string, readonly [number, string]> = new Map([
  ['_||_', [1, '||']],
  ['_&&_', [2, '&&']],
  ['_==_', [3, '==']],
  ['_!=_', [3, '!=']],
  ['_<_', [3, '<']],
  ['_<=_', [3, '<=']],
  ['_>_', [3, '>']],
  ['_>=_', [3, '>=']],
  ['@in', [3, 'in']],
  ['_+_', [4, '+']],
  ['_-_', [4, '-']],
  ['_*_', [5, '*']],
  ['_/_', [5, '/']],
  ['_%_', [5, '%']],
]);

function text(node: Node, needed: number): string {
  const [strength, written] = whole(node);
  return strength < needed ? `(${written})` : written;
}

const several = (nodes: readonly Node[]) => nodes.map((node) => text(node, TERNARY)).join(', ');

function whole(node: Node): readonly [number, string] {
  switch (node.node) {
    case 'literal':
      // A number before a dot, and a negated number, would be read as another number.
      return [
        typeof node.value === 'bigint' || typeof node.value === 'number' ? UNARY : MEMBER,
        literal(node),
      ];
    case 'name':
      return [MEMBER, `${node.absolute ? '.' : ''}${node.name}`];
    case 'select':
      return [MEMBER, `${text(node.of, MEMBER)}.${node.optional ? '?' : ''}${field(node.field)}`];
    case 'has':
      return [MEMBER, `has(${text(node.of, MEMBER)}.${field(node.field)})`];
    case 'list': {
      const items = node.items.map(
        (item, index) => `${node.optional?.includes(index) ? '?' : ''}${text(item, TERNARY)}`,
      );
      return [MEMBER, `[${items.join(', ')}]`];
    }
    case 'map': {
      const entries = node.entries.map(
        ({ key, value, optional }) => `${optional ? '?' : ''}${text(key, TERNARY)}: ${text(value, TERNARY)}`,
      );
      return [MEMBER, `{${entries.join(', ')}}`];
    }
    case 'macro':
      return [MEMBER, macro(node)];
    case 'call':
      return call(node);
  }
}

type Call = Node & { readonly node: 'call' };

function call(node: Call): readonly [number, string] {
  const [first, second, third] = node.arguments;
  const operator = OPERATORS.get(node.function);
  if (operator && first && second) {
    const [strength, sign] = operator;
    const parts = strength <= 2 ? chain(node) : null;
    if (parts) return [strength, parts.map((part) => text(part, strength + 1)).join(` ${sign} `)];
    const left = text(first, strength <= 2 ? strength + 1 : strength);
    return [strength, `${left} ${sign} ${text(second, strength + 1)}`];
  }
  switch (node.function) {
    case '_?_:_':
      if (!first || !second || !third) break;
      return [TERNARY, `${text(first, 1)} ? ${text(second, 1)} : ${text(third, TERNARY)}`];
    case '!_':
    case '-_': {
      if (!first) break;
      const sign = node.function.slice(0, 1);
      const same = first.node === 'call' && first.function === node.function;
      return [UNARY, `${sign}${text(first, same ? UNARY : MEMBER)}`];
    }
    case '_[_]':
    case '_[?_]':
      if (!first || !second) break;
      return [MEMBER, `${text(first, MEMBER)}${node.function.slice(1, -2)}${text(second, TERNARY)}]`];
  }
  if (!node.method || !first) return [MEMBER, `${node.function}(${several(node.arguments)})`];
  return [MEMBER, `${text(first, MEMBER)}.${node.function}(${several(node.arguments.slice(1))})`];
}

/** The terms of `a && b && c …`, when the tree is the one that the parser makes of such a chain. */
function chain(node: Call): readonly Node[] | null {
  const same = (part: Node | undefined): part is Call =>
    part?.node === 'call' && part.function === node.function;
  const terms = (part: Node): readonly Node[] => (same(part) ? part.arguments.flatMap(terms) : [part]);
  const halved = (part: Node | undefined, count: number): boolean => {
    if (count === 1 || !same(part)) return count === 1 && !same(part);
    return halved(part.arguments[0], (count + 1) >> 1) && halved(part.arguments[1], count >> 1);
  };
  const all = terms(node);
  return halved(node, all.length) ? all : null;
}

function macro(node: Node & { readonly node: 'macro' }): string {
  const variables = node.second === undefined ? node.variable : `${node.variable}, ${node.second}`;
  if (node.macro === 'bind') return `cel.bind(${variables}, ${several([node.over, node.body])})`;
  const parts = node.where ? [node.where, node.body] : [node.body];
  return `${text(node.over, MEMBER)}.${node.macro}(${variables}, ${several(parts)})`;
}

const WORDS: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in']);

const field = (name: string) => (/^[A-Za-z_]\w*$/.test(name) && !WORDS.has(name) ? name : `\`${name}\``);

function literal(node: Literal): string {
  switch (node.type) {
    case 'string':
      return JSON.stringify(node.value);
    case 'bytes':
      return `b"${[...node.value].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`;
    case 'uint':
      return `${node.value}u`;
    case 'double':
      return double(node.value);
    default:
      return String(node.value);
  }
}

function double(value: number): string {
  const digits = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(digits) ? digits : `${digits}.0`;
}
