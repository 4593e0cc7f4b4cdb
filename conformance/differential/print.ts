/** An expression's tree as text again, for the minimal case that is shown. */
import type { Node } from '@macadam/core/cel/tree';

const INFIX = /^_(&&|\|\||[=!<>]=?|[-+*/%])_$/;

export function print(node: Node): string {
  switch (node.node) {
    case 'literal':
      return literal(node);
    case 'name':
      return node.name;
    case 'select':
      return `${print(node.of)}.${node.optional ? '?' : ''}${node.field}`;
    case 'has':
      return `has(${print(node.of)}.${node.field})`;
    case 'list':
      return `[${node.items.map(print).join(', ')}]`;
    case 'map':
      return `{${node.entries.map(({ key, value }) => `${print(key)}: ${print(value)}`).join(', ')}}`;
    case 'macro': {
      const parts = [node.variable, ...(node.where ? [print(node.where)] : []), print(node.body)];
      return `${print(node.over)}.${node.macro}(${parts.join(', ')})`;
    }
    case 'call':
      return call(node);
  }
}

function literal(node: Node & { readonly node: 'literal' }): string {
  switch (node.type) {
    case 'string':
      return JSON.stringify(node.value);
    case 'uint':
      return `${node.value}u`;
    case 'double': {
      const text = String(node.value);
      return /^-?\d+$/.test(text) ? `${text}.0` : text;
    }
    case 'bytes':
      return `b"${[...node.value].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}"`;
    default:
      return String(node.value);
  }
}

function call(node: Node & { readonly node: 'call' }): string {
  const [first = '', second = '', third = ''] = node.arguments.map(print);
  const infix = INFIX.exec(node.function)?.[1];
  if (infix) return `(${first} ${infix} ${second})`;
  switch (node.function) {
    case '!_':
      return `!(${first})`;
    case '-_':
      return `-(${first})`;
    case '@in':
      return `(${first} in ${second})`;
    case '_?_:_':
      return `(${first} ? ${second} : ${third})`;
    case '_[_]':
      return `${first}[${second}]`;
    default: {
      const rest = node.method ? node.arguments.slice(1) : node.arguments;
      const before = node.method ? `(${first}).` : '';
      return `${before}${node.function}(${rest.map(print).join(', ')})`;
    }
  }
}
