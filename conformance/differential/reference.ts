/**
 * The language once more, as slowly and plainly as it can be said: one recursive function over the parser's tree, every
 * value tagged, every integer a bigint, nothing typed beforehand. It shares no code with the compilers, so that a
 * mistake would have to be made twice. What it says is SEMANTICS of the language, sentence by sentence.
 */
import type { Node } from '@macadam/core/cel/tree';
import { operation } from './operations.ts';
import { bool, double, error, int, join, type Plain, string, undecided } from './plain-value.ts';

export type Names = ReadonlyMap<string, Plain>;

export function interpret(node: Node, names: Names): Plain {
  const run = (part: Node) => interpret(part, names);
  switch (node.node) {
    case 'literal':
      if (node.type === 'bool') return bool(node.value);
      if (node.type === 'int') return int(node.value);
      if (node.type === 'double') return double(node.value);
      if (node.type === 'string') return string(node.value);
      throw new TypeError(`no case holds a literal ${node.type}`);
    case 'name':
      return names.get(node.name) ?? error;
    case 'select':
    case 'has':
      return select(node, run(node.of));
    case 'list': {
      const items = node.items.map(run);
      return strictly(items, () => ({ is: 'list', of: items, complete: true, path: '' }));
    }
    case 'macro':
      return macro(node, names);
    case 'call':
      return call(node, names);
    case 'map':
      throw new TypeError('no case builds a map');
  }
}

function select(node: Node & { readonly node: 'select' | 'has' }, of: Plain): Plain {
  if (of.is === 'undecided') return of;
  const has = node.node === 'has';
  const optional = node.node === 'select' && node.optional === true;
  if (of.is !== 'record' && of.is !== 'map') return error;
  const found = of.of.get(node.field);
  if (found === undefined) {
    if (of.is === 'map' && !of.complete) return undecided('incomplete', `${of.path}.${node.field}`);
    if (has) return bool(false);
    return optional ? { is: 'optional', of: null } : error;
  }
  if (found.is === 'undecided') return found;
  if (has) return bool(true);
  return optional ? { is: 'optional', of: found } : found;
}

/** Undecided when any operand is. */
function strictly(operands: readonly Plain[], otherwise: () => Plain): Plain {
  return operands.some(({ is }) => is === 'undecided') ? join(operands) : otherwise();
}

/** Kleene's `or` over any number of results; `and` is its dual. */
function anyOf(results: readonly Plain[]): Plain {
  if (results.some((result) => result.is === 'bool' && result.of)) return bool(true);
  return strictly(results, () => bool(false));
}

function allOf(results: readonly Plain[]): Plain {
  if (results.some((result) => result.is === 'bool' && !result.of)) return bool(false);
  return strictly(results, () => bool(true));
}

function macro(node: Node & { readonly node: 'macro' }, names: Names): Plain {
  const over = interpret(node.over, names);
  if (over.is === 'undecided') return over;
  if (over.is !== 'list') return error;
  const each = (part: Node) =>
    over.of.map((item) => interpret(part, new Map(names).set(node.variable, item)));
  const unseen = over.complete ? [] : [undecided('incomplete', over.path)];
  const list = (of: readonly Plain[]): Plain => ({ is: 'list', of, complete: true, path: over.path });
  const holds = (result: Plain | undefined) => result?.is === 'bool' && result.of;
  switch (node.macro) {
    case 'all':
      return allOf([...each(node.body), ...unseen]);
    case 'exists':
      return anyOf([...each(node.body), ...unseen]);
    case 'exists_one': {
      const results = each(node.body);
      return strictly([...results, ...unseen], () => bool(results.filter(holds).length === 1));
    }
    case 'filter': {
      const results = each(node.body);
      return strictly([...results, ...unseen], () =>
        list(over.of.filter((_, index) => holds(results[index]))),
      );
    }
    case 'map': {
      const kept = node.where ? each(node.where) : over.of.map(() => bool(true));
      const mapped = over.of
        .filter((_, index) => holds(kept[index]))
        .map((item) => interpret(node.body, new Map(names).set(node.variable, item)));
      return strictly([...kept, ...mapped, ...unseen], () => list(mapped));
    }
    default:
      throw new TypeError(`no case uses the macro ${node.macro}`);
  }
}

/** What is undecided anywhere inside. */
function holes(value: Plain): readonly Plain[] {
  switch (value.is) {
    case 'undecided':
      return [value];
    case 'list':
      return [...(value.complete ? [] : [undecided('incomplete', value.path)]), ...value.of.flatMap(holes)];
    case 'map':
      return [
        ...(value.complete ? [] : [undecided('incomplete', value.path)]),
        ...[...value.of.values()].flatMap(holes),
      ];
    case 'record':
      return [...value.of.values()].flatMap(holes);
    default:
      return [];
  }
}

function same(a: Plain, b: Plain): boolean {
  if (a.is === 'list' && b.is === 'list') {
    return a.of.length === b.of.length && a.of.every((item, at) => same(item, b.of[at] ?? error));
  }
  if ((a.is === 'map' || a.is === 'record') && a.is === b.is) {
    const other = b.of as ReadonlyMap<string, Plain>;
    return (
      a.of.size === other.size &&
      [...a.of].every(([key, value]) => other.has(key) && same(value, other.get(key) ?? error))
    );
  }
  return a.is !== 'undecided' && b.is !== 'undecided' && a.is === b.is && a.of === b.of;
}

const equal = (a: Plain, b: Plain): Plain => strictly([...holes(a), ...holes(b)], () => bool(same(a, b)));
function call(node: Node & { readonly node: 'call' }, names: Names): Plain {
  const run = (part: Node | undefined) => (part ? interpret(part, names) : error);
  const [first, second, third] = node.arguments;
  switch (node.function) {
    case '_&&_':
      return allOf([run(first), run(second)]);
    case '_||_':
      return anyOf([run(first), run(second)]);
    case '_?_:_': {
      const condition = run(first);
      if (condition.is !== 'bool') return condition;
      return run(condition.of ? second : third);
    }
    case '@in': {
      const [value, container] = [run(first), run(second)];
      return strictly([value, container], () => {
        if (container.is === 'map') {
          if (value.is === 'string' && container.of.has(value.of)) return bool(true);
          return container.complete ? bool(false) : undecided('incomplete', container.path);
        }
        if (container.is !== 'list') return error;
        const unseen = container.complete ? [] : [undecided('incomplete', container.path)];
        return anyOf([...container.of.map((item) => equal(item, value)), ...unseen]);
      });
    }
    case 'related':
      return names.get(first?.node === 'literal' ? `@${first.value}` : '') ?? error;
    case '_==_':
      return equal(run(first), run(second));
    case '_!=_': {
      const result = equal(run(first), run(second));
      return result.is === 'bool' ? bool(!result.of) : result;
    }
    default: {
      const operands = node.arguments.map(run);
      // Lists are joined whole: what is undecided anywhere inside counts.
      const inside = node.function === '_+_' ? operands.flatMap(holes) : operands;
      return strictly(inside, () => operation(node.function, operands));
    }
  }
}
