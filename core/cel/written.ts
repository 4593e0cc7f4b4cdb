/** A typed tree as text: what its author wrote, but for white space, parentheses and macros that became others. */
import { nodesOf } from './generate.ts';
import { SIGNATURES } from './language.ts';
import { print } from './print.ts';
import type { Literal, Node } from './tree.ts';
import type { Typed } from './typed.ts';

const METHODS = new Set(SIGNATURES.filter((row) => row.method).map(({ id }) => id));

export function written(tree: Typed): string {
  return print(untyped(tree));
}

function untyped(tree: Typed): Node {
  const { at } = tree;
  switch (tree.node) {
    case 'literal':
      return { at, node: 'literal', type: tree.type.name, value: tree.value } as Node & Literal;
    case 'type':
      return { at, node: 'name', name: tree.of.name };
    case 'variable':
      return { at, node: 'name', name: tree.name };
    case 'select':
      return { at, node: 'select', of: untyped(tree.of), field: tree.field, optional: tree.optional };
    case 'has':
      return { at, node: 'has', of: untyped(tree.of), field: tree.field };
    case 'call': {
      const method = METHODS.has(tree.overload ?? '');
      return { at, node: 'call', function: tree.function, arguments: tree.arguments.map(untyped), method };
    }
    case 'list': {
      const optional = tree.items.flatMap((item, index) => (item.optional ? [index] : []));
      return { at, node: 'list', items: tree.items.map(({ value }) => untyped(value)), optional };
    }
    case 'map':
      return {
        at,
        node: 'map',
        entries: tree.entries.map(({ key, value, optional }) => ({
          key: untyped(key),
          value: untyped(value),
          optional,
        })),
      };
    case 'fold': {
      const [first, second] = tree.bindings;
      return {
        at,
        node: 'macro',
        macro: tree.fold,
        over: untyped(tree.over),
        variable: nameOf(tree, first),
        ...(second !== undefined && { second: nameOf(tree, second) }),
        body: untyped(tree.body),
        ...(tree.where && { where: untyped(tree.where) }),
      };
    }
    case 'bind': {
      const { value, body } = tree;
      const variable = nameOf(tree, tree.binding);
      return { at, node: 'macro', macro: 'bind', over: untyped(value), variable, body: untyped(body) };
    }
    case 'related': {
      const relation: Node = { at, node: 'literal', type: 'string', value: tree.relation };
      return { at, node: 'call', function: 'related', arguments: [relation], method: false };
    }
  }
}

/** A tree numbers a macro's variable; its name stands where it is used. */
function nameOf(tree: Typed, binding: number): string {
  const used = nodesOf(tree).find((node) => node.node === 'variable' && node.binding === binding);
  return used?.node === 'variable' ? used.name : '_';
}
