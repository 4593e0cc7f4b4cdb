/** The last pass: every parameter of a type is replaced by what it turned out to be, and overloads are settled. */
import type { Signature } from './signature.ts';
import type { Type } from './type.ts';
import type { Typed } from './typed.ts';
import { parts } from './unify.ts';

/** `rows` are those that fitted each call that has no overload yet. */
export function resolved(
  tree: Typed,
  rows: ReadonlyMap<Typed, readonly Signature[]>,
  resolve: (type: Type) => Type,
): Typed {
  const settle = (node: Typed): Typed => {
    const type = resolve(node.type);
    switch (node.node) {
      case 'literal':
      case 'variable':
      case 'related':
        return { ...node, type };
      case 'type':
        return { ...node, type, of: resolve(node.of) };
      case 'select':
      case 'has':
        return { ...node, type, of: settle(node.of) };
      case 'list':
        return {
          ...node,
          type,
          items: node.items.map((item) => ({ ...item, value: settle(item.value) })),
        };
      case 'map':
        return {
          ...node,
          type,
          entries: node.entries.map((entry) => ({
            ...entry,
            key: settle(entry.key),
            value: settle(entry.value),
          })),
        };
      case 'fold':
        return {
          ...node,
          type,
          over: settle(node.over),
          where: node.where && settle(node.where),
          body: settle(node.body),
        };
      case 'bind':
        return { ...node, type, value: settle(node.value), body: settle(node.body) };
      case 'call': {
        const operands = node.arguments.map(settle);
        const found = rows.get(node);
        if (!found) return { ...node, type, arguments: operands };
        const [only] = found;
        const known =
          found.length === 1 &&
          only?.takes.every((wanted, index) => !looser(operands[index]?.type ?? wanted, wanted));
        return known && only
          ? { ...node, type, overload: only.id, arguments: operands }
          : { ...node, type, overload: null, candidates: found.map(({ id }) => id), arguments: operands };
      }
    }
  };
  return settle(tree);
}

/** Whether a row asks for a type where the operand's is known only when it runs. */
function looser(given: Type, wanted: Type): boolean {
  if (wanted.name === 'dyn' || wanted.name === 'parameter') return false;
  if (given.name === 'dyn') return true;
  const inner = parts(wanted);
  return parts(given).some((part, index) => {
    const other = inner[index];
    return other !== undefined && looser(part, other);
  });
}
