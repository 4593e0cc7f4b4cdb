/**
 * A typed tree without a check: every node is dyn, every call finds its row when it runs. For CEL that must run as it
 * is, where a wrong type is an error of the run and logic may decide without it. Standards are always checked.
 */

import { SIGNATURES } from '@macadam/core/cel/language';
import { placesOf, TYPES } from '@macadam/core/cel/name';
import type { Node } from '@macadam/core/cel/tree';
import { DYN, type Type } from '@macadam/core/cel/type';
import type { Typed } from '@macadam/core/cel/typed';

type Names = ReadonlyMap<string, number>;

const FUNCTIONS = new Set(SIGNATURES.filter((row) => !row.method).map((row) => row.function));

/** `scope` holds the names that will be bound, dotted ones too; `container` is where they are looked up first. */
export function unchecked(tree: Node, scope: ReadonlySet<string>, container = ''): Typed {
  let bindings = 0;

  function convert(node: Node, names: Names): Typed {
    const base = { at: node.at, type: DYN } as const;
    const call = (name: string, parts: readonly Typed[]): Typed => ({
      ...base,
      node: 'call',
      function: name,
      overload: null,
      arguments: parts,
    });
    switch (node.node) {
      case 'literal':
        return { ...base, type: { name: node.type } as Type, node: 'literal', value: node.value };
      case 'name':
        return (
          named(node, node.name, names, node.absolute) ?? {
            ...base,
            node: 'variable',
            name: node.name,
            binding: null,
          }
        );
      case 'select': {
        const full = dotted(node, names);
        const found = full === null ? null : named(node, full, new Map());
        if (found) return found;
        const { field, optional = false } = node;
        return { ...base, node: 'select', of: convert(node.of, names), field, optional };
      }
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
          entries: node.entries.map(({ key, value, optional = false }) => ({
            key: convert(key, names),
            value: convert(value, names),
            optional,
          })),
        };
      case 'call': {
        const [receiver, ...rest] = node.arguments;
        const path = node.method && receiver ? dotted(receiver, names) : null;
        const qualified = path === null ? null : `${path}.${node.function}`;
        if (qualified !== null && FUNCTIONS.has(qualified)) {
          return call(
            qualified,
            rest.map((part) => convert(part, names)),
          );
        }
        return call(
          node.function,
          node.arguments.map((part) => convert(part, names)),
        );
      }
      case 'macro':
        return macro(node, names);
    }
  }

  function named(node: Node, name: string, names: Names, absolute = false): Typed | null {
    const base = { at: node.at, type: DYN } as const;
    const binding = names.get(name);
    if (binding !== undefined) return { ...base, node: 'variable', name, binding };
    const place = absolute ? name : placesOf(name, container).find((one) => scope.has(one));
    if (place !== undefined && scope.has(place))
      return { ...base, node: 'variable', name: place, binding: null };
    const type = TYPES.get(name);
    return type ? { ...base, node: 'type', of: type } : null;
  }

  function macro(node: Node & { readonly node: 'macro' }, names: Names): Typed {
    const base = { at: node.at, type: DYN } as const;
    const over = convert(node.over, names);
    const first = bindings++;
    const inner = new Map(names).set(node.variable, first);
    if (node.macro === 'bind') {
      return { ...base, node: 'bind', binding: first, value: over, body: convert(node.body, inner) };
    }
    if (node.macro === 'optMap' || node.macro === 'optFlatMap') {
      const call = (name: string, parts: readonly Typed[]): Typed => ({
        ...base,
        node: 'call',
        function: name,
        overload: null,
        arguments: parts,
      });
      const held = bindings++;
      const variable: Typed = { ...base, node: 'variable', name: node.variable, binding: held };
      const value = call('value', [variable]);
      const mapped: Typed = {
        ...base,
        node: 'bind',
        binding: first,
        value,
        body: convert(node.body, inner),
      };
      const kept = node.macro === 'optMap' ? call('optional.of', [mapped]) : mapped;
      const body = call('_?_:_', [call('hasValue', [variable]), kept, call('optional.none', [])]);
      return { ...base, node: 'bind', binding: held, value: over, body };
    }
    const second = node.second === undefined ? undefined : bindings++;
    if (node.second !== undefined && second !== undefined) inner.set(node.second, second);
    return {
      ...base,
      node: 'fold',
      fold: node.macro,
      over,
      bindings: second === undefined ? [first] : [first, second],
      where: node.where ? convert(node.where, inner) : null,
      body: convert(node.body, inner),
    };
  }

  return convert(tree, new Map());
}

/** `a.b.c` where `a` is no variable of a macro. */
function dotted(node: Node, names: Names): string | null {
  if (node.node === 'name') return names.has(node.name) ? null : node.name;
  if (node.node !== 'select' || node.optional) return null;
  const of = dotted(node.of, names);
  return of === null ? null : `${of}.${node.field}`;
}
