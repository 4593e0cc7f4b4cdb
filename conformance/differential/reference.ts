/**
 * The language once more, as slowly and plainly as it can be said: one recursive function over the parser's tree, every
 * value tagged, every integer a bigint, nothing typed beforehand. It shares no code with the compilers, so that a
 * mistake would have to be made twice. What it says is SEMANTICS of the language, sentence by sentence.
 */
import type { Node } from '@macadam/core/cel/tree';
import { gapOf } from './libraries.ts';
import { operation } from './operations.ts';
import { bool, double, error, int, join, type Plain, string, uint, undecided } from './plain-value.ts';

export type Names = ReadonlyMap<string, Plain>;

export function interpret(node: Node, names: Names): Plain {
  const run = (part: Node) => interpret(part, names);
  switch (node.node) {
    case 'literal':
      if (node.type === 'bool') return bool(node.value);
      if (node.type === 'int') return int(node.value);
      if (node.type === 'uint') return uint(node.value);
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
    case 'map': {
      const entries = node.entries.map(({ key, value }) => [run(key), run(value)] as const);
      return strictly(entries.flat(), () => {
        const of = new Map<string, Plain>();
        for (const [key, value] of entries) {
          if (key.is !== 'string' || of.has(key.of)) return error;
          of.set(key.of, value);
        }
        return { is: 'map', of, complete: true, path: '' };
      });
    }
  }
}

function select(node: Node & { readonly node: 'select' | 'has' }, of: Plain): Plain {
  if (of.is === 'undecided') return of;
  const has = node.node === 'has';
  if (of.is === 'optional') {
    if (has) return of.of === null ? bool(false) : select(node, of.of);
    return of.of === null ? of : select({ ...node, node: 'select', optional: true }, of.of);
  }
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
  if (node.macro === 'bind') return interpret(node.body, new Map(names).set(node.variable, over));
  if (over.is === 'undecided') return over;
  if (node.macro === 'optMap' || node.macro === 'optFlatMap') {
    if (over.is !== 'optional') return error;
    if (over.of === null) return over;
    const result = interpret(node.body, new Map(names).set(node.variable, over.of));
    return node.macro === 'optFlatMap' || result.is === 'undecided' ? result : { is: 'optional', of: result };
  }
  if (over.is !== 'list' && over.is !== 'map') return error;
  const { second } = node;
  const unseen = gapOf(over);
  /** What the variables stand for, element by element. */
  const rows: readonly Names[] =
    over.is === 'list'
      ? over.of.map((item, at) =>
          second === undefined
            ? new Map(names).set(node.variable, item)
            : // A list that may hold more says nothing about places in it.
              new Map(names).set(node.variable, unseen[0] ?? int(BigInt(at))).set(second, item),
        )
      : [...over.of].map(([key, value]) =>
          second === undefined
            ? new Map(names).set(node.variable, string(key))
            : new Map(names).set(node.variable, string(key)).set(second, value),
        );
  const each = (part: Node) => rows.map((row) => interpret(part, row));
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
        list(over.is === 'list' ? over.of.filter((_, index) => holds(results[index])) : []),
      );
    }
    case 'map':
    case 'transformList':
    case 'transformMap': {
      const kept = node.where ? each(node.where) : rows.map(() => bool(true));
      const passed = rows.filter((_, index) => holds(kept[index]));
      const mapped = passed.map((row) => interpret(node.body, row));
      return strictly([...kept, ...mapped, ...unseen], () => {
        if (node.macro !== 'transformMap') return list(mapped);
        const keys = passed.map((row) => row.get(node.variable));
        const entries = mapped.flatMap((value, at) => {
          const key = keys[at];
          return key?.is === 'string' ? [[key.of, value] as const] : [];
        });
        return { is: 'map', of: new Map(entries), complete: true, path: '' };
      });
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
    case 'optional':
      return value.of === null ? [] : holes(value.of);
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
  if (a.is === 'optional' && b.is === 'optional') {
    return a.of === null || b.of === null ? a.of === b.of : same(a.of, b.of);
  }
  return a.is !== 'undecided' && b.is !== 'undecided' && a.is === b.is && a.of === b.of;
}

/** These look at no more than the container itself. */
const SHALLOW: ReadonlySet<string> = new Set(['size', '_[_]', '_[?_]', 'hasValue', 'value', 'of']);

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
      // `math.abs(x)` is written as a method of a name that stands for nothing.
      const library = node.method && first?.node === 'name' && !names.has(first.name) ? `${first.name}.` : '';
      const operands = node.arguments.slice(library === '' ? 0 : 1).map(run);
      if (node.function === 'orValue' || node.function === 'or') {
        const [optional, other] = operands;
        // The second is looked at only where the first is none.
        if (optional?.is !== 'optional') return optional ?? error;
        return optional.of === null ? (other ?? error) : node.function === 'or' ? optional : optional.of;
      }
      // What a function looks into counts whole: what is undecided anywhere inside counts.
      const inside = SHALLOW.has(node.function) ? operands : operands.flatMap(holes);
      return strictly(inside, () => operation(library + node.function, operands));
    }
  }
}
