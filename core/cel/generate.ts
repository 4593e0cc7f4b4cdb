/**
 * The first compiler: a typed tree becomes one JavaScript function. Static types decide the code, so that what is usual
 * costs what a person's own code would: a comparison of strings is `===`, a sum of ints one addition and its range check,
 * a fold a loop. A part is tested for `Unknown` only where it may be one. Design: docs/decisions/0019-closures.md.
 */
import { call } from './generate/calls.ts';
import { code as newCode, type Part } from './generate/code.ts';
import {
  boxed,
  type Context,
  constant,
  converted,
  type Operand,
  pathOf,
  strictly,
  unboxed,
} from './generate/context.ts';
import { fold } from './generate/folds.ts';
import { presence, selection } from './generate/read.ts';
import { mapOf } from './runtime/access.ts';
import { given } from './runtime/fold.ts';
import { typeValue } from './runtime/types.ts';
import { type Data, type RecordValue, Uint, type Unknown, unknown } from './runtime/value.ts';
import type { Type } from './type.ts';
import type { Typed } from './typed.ts';

/** What an expression can read, by the names of its scope. */
export interface Bindings {
  readonly [name: string]: Data | undefined;
}

/** What a run needs besides: how old evidence may be, and the way to other assets. */
export interface Around {
  /** Kind → milliseconds since 1970: attributes observed before are as good as unobserved. */
  readonly cutoffs: Readonly<Record<string, number>>;
  /** What an attribute of an asset is that was observed before the cutoff. */
  readonly stale: (asset: RecordValue, attribute: string) => Unknown;
  /** The assets that stand in a relation to one: a list, a partial one, or unknown. */
  readonly related: (asset: RecordValue, relation: string) => Data;
  /** Takes the value of each node, where the function was generated to show them. */
  readonly trace?: (node: number, value: Data) => void;
}

/** For expressions that read no assets. */
export const NOTHING_AROUND: Around = {
  cutoffs: {},
  stale: (_, attribute) => unknown('stale', attribute, 'it was seen too long ago'),
  related: (_, relation) => unknown('unobserved', relation, 'other assets are not at hand'),
};

export interface GenerateOptions {
  /** Names that are always bound, to a value that is not unknown itself. */
  readonly certain?: readonly string[];
  /** Names whose value is known now. */
  readonly constants?: Readonly<Record<string, Data>>;
  /** For evidence: `filter` and `map` leave out what is not decided, and a partial list counts as what was seen of it. */
  readonly lenient?: boolean;
  /** Each node's value is given to `around.trace`, by its number in `nodesOf`. */
  readonly traced?: boolean;
}

/** A double is a raw `number` where the tree's type is double. */
export type Closure = (bindings: Bindings, around: Around) => Data;

export function generate(tree: Typed, options: GenerateOptions = {}): Closure {
  const code = newCode();
  const { certain = [], constants = {}, lenient = false, traced = false } = options;
  const head: string[] = [];
  const once = new Map<string, string>();
  const hoisted = (key: string, text: (name: string) => string): string => {
    const known = once.get(key);
    if (known !== undefined) return known;
    const name = code.fresh();
    head.push(text(name));
    once.set(key, name);
    return name;
  };
  const overs = foldedLists(tree);
  const numbers = traced ? new Map(nodesOf(tree).map((node, index) => [node, index])) : null;
  const context: Context = {
    code,
    emit: (node) => {
      const part = emit(node);
      const number = numbers?.get(node);
      if (number === undefined) return part;
      const held = code.hold(part);
      code.line(`around.trace(${number}, ${boxed(context, held, node.type).code});`);
      return held;
    },
    root,
    variables: new Map(),
    cutoff: (kind) =>
      hoisted(`cutoff ${kind}`, (name) => `const ${name} = around.cutoffs[${JSON.stringify(kind)}];`),
    aged: (asset, kind) => {
      const text = `${asset.code}["@oldest"] < ${context.cutoff(kind)}`;
      return roots.has(asset.code)
        ? hoisted(`aged ${asset.code}`, (name) => `const ${name} = ${text};`)
        : text;
    },
    pathOf: (node) => pathOf(node, overs),
    lenient,
    traced,
  };
  const roots = new Set<string>();

  function root(name: string, type: Type): Part {
    const known = Object.hasOwn(constants, name) ? constants[name] : undefined;
    if (known !== undefined) return constant(context, known);
    const read = `bindings[${JSON.stringify(name)}]`;
    if (certain.includes(name)) {
      const variable = hoisted(`root ${name}`, (own) => `const ${own} = ${read};`);
      roots.add(variable);
      return unboxed(context, { code: variable, may: false }, type);
    }
    const unbound = code.bind(unknown('undefined', name, 'nothing is bound to it'));
    const variable = hoisted(
      `root ${name}`,
      (own) => `let ${own} = ${read}; if (${own} === undefined) ${own} = ${unbound};`,
    );
    return unboxed(context, { code: variable, may: true }, type);
  }

  function emit(node: Typed): Part {
    switch (node.node) {
      case 'literal':
        return literal(node);
      case 'type':
        return constant(context, typeValue(node.of));
      case 'variable':
        return node.binding === null ? root(node.name, node.type) : variable(node.binding, node.type);
      case 'select':
        return selection(context, node);
      case 'has':
        return presence(context, node);
      case 'call':
        return call(context, node);
      case 'list':
        return list(context, node);
      case 'map':
        return map(context, node);
      case 'fold':
        return fold(context, node);
      case 'bind': {
        context.variables.set(node.binding, {
          part: code.hold(context.emit(node.value)),
          type: node.value.type,
        });
        return context.emit(node.body);
      }
      case 'related': {
        const asset = root('asset', node.type);
        return { code: `around.related(${asset.code}, ${JSON.stringify(node.relation)})`, may: true };
      }
    }
  }

  function literal(node: Typed & { readonly node: 'literal' }): Part {
    const { value } = node;
    if (typeof value !== 'bigint') return constant(context, value);
    if (node.type.name === 'uint') return constant(context, new Uint(value));
    return constant(context, Number.isSafeInteger(Number(value)) ? Number(value) : value);
  }

  function variable(binding: number, type: Type): Part {
    const bound = context.variables.get(binding);
    if (!bound) throw new TypeError(`nothing is bound to variable ${binding} of the tree`);
    return converted(context, bound.part, bound.type, type);
  }

  const result = code.hold(context.emit(tree));
  return code.build(head, result.code) as Closure;
}

/** Strict: unknown when an element is. */
function list(context: Context, node: Typed & { readonly node: 'list' }): Part {
  const { code } = context;
  const items = node.items.map(({ value, optional }): Operand => {
    const part = boxed(context, context.emit(value), value.type);
    const own = optional ? { code: `${code.bind(given)}(${part.code})`, may: true } : part;
    // What was boxed is tested by its class, whatever its static type.
    return { part: code.hold(own), type: { name: 'dyn' } };
  });
  const shape = { complete: true, holeless: true };
  if (!context.traced && items.every(({ part }) => part.constant)) {
    return {
      ...constant(
        context,
        items.map(({ part }) => part.constant?.value),
      ),
      ...shape,
    };
  }
  const names = items.map(({ part }, index) =>
    node.items[index]?.optional ? `...(${part.code} === undefined ? [] : [${part.code}])` : part.code,
  );
  return { ...strictly(context, items, `[${names.join(', ')}]`, false), ...shape };
}

/** Strict in keys and values. */
function map(context: Context, node: Typed & { readonly node: 'map' }): Part {
  const { code } = context;
  const all: Operand[] = [];
  const pairs = node.entries.map(({ key, value, optional }) => {
    const [k, v] = [key, value].map((part) => boxed(context, context.emit(part), part.type)) as [Part, Part];
    const own = optional ? { code: `${code.bind(given)}(${v.code})`, may: true } : v;
    const [heldKey, heldValue] = [code.hold(k), code.hold(own)];
    all.push({ part: heldKey, type: { name: 'dyn' } }, { part: heldValue, type: { name: 'dyn' } });
    const pair = `${heldKey.code}, ${heldValue.code}`;
    return optional ? `...(${heldValue.code} === undefined ? [] : [${pair}])` : pair;
  });
  if (!context.traced && all.every(({ part }) => part.constant)) {
    return constant(context, mapOf(all.map(({ part }) => part.constant?.value as Data)));
  }
  return strictly(context, all, `${code.bind(mapOf)}([${pairs.join(', ')}])`, true);
}

/** Every node of a tree, parents before their parts. */
export function nodesOf(tree: Typed): Typed[] {
  return [tree, ...partsOf(tree).flatMap(nodesOf)];
}

export function partsOf(node: Typed): readonly Typed[] {
  switch (node.node) {
    case 'select':
    case 'has':
      return [node.of];
    case 'call':
      return node.arguments;
    case 'list':
      return node.items.map(({ value }) => value);
    case 'map':
      return node.entries.flatMap(({ key, value }) => [key, value]);
    case 'fold':
      return node.where ? [node.over, node.where, node.body] : [node.over, node.body];
    case 'bind':
      return [node.value, node.body];
    default:
      return [];
  }
}

/** The list that each macro's variable runs over, for the paths of what is read. */
function foldedLists(tree: Typed): ReadonlyMap<number, Typed> {
  const lists = new Map<number, Typed>();
  for (const node of nodesOf(tree)) {
    if (node.node === 'fold') for (const binding of node.bindings) lists.set(binding, node.over);
  }
  return lists;
}
