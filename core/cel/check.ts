/**
 * Type checks an expression, and finds every mistake in one go. In standards, optional attributes are flow typed:
 * reading one is a mistake unless `has()` of the same path holds wherever the read is reached.
 */
import { didYouMean } from '../nearest.ts';
import { call } from './call.ts';
import { type Checking, type Flow, plain } from './checking.ts';
import { macro } from './fold.ts';
import { type Language, STANDARDS } from './language.ts';
import { type Facts, type Named, type Names, NO_FACTS, pathsOf } from './presence.ts';
import { resolved } from './resolved.ts';
import type { Signature } from './signature.ts';
import type { CelMistake, Node, Position } from './tree.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  STRING,
  TIMESTAMP,
  type Type,
  typeName,
  typeOf,
  UINT,
} from './type.ts';
import type { Typed } from './typed.ts';
import { unifier } from './unify.ts';

export interface Scope {
  readonly [name: string]: Type;
}

export interface CheckOptions {
  readonly language?: Language;
  /** The record type of the other kind, by relation; without it there is no `related`. */
  readonly relations?: Readonly<Record<string, Type>>;
  /** Where CEL looks names up first: in `a.b`, `x` is `a.b.x`, else `a.x`, else `x`. */
  readonly container?: string;
}

export interface Checked {
  /** Null when there are mistakes. */
  readonly typed: Typed | null;
  /** In the order of the text. */
  readonly mistakes: readonly CelMistake[];
  /** Attributes of the asset that the expression reads, sorted. */
  readonly reads: readonly string[];
  /** Exactly what it reads of the scope's names, sorted: `asset.keys`, `asset.keys[].ends`, `related(runs_in)[].name`. */
  readonly paths: readonly string[];
  /** Relations that it looks across, sorted. */
  readonly relations: readonly string[];
}

/** `expected` is what the expression has to give; `dyn` accepts anything. */
export function check(tree: Node, scope: Scope, expected: Type = BOOL, options: CheckOptions = {}): Checked {
  const { language = STANDARDS, relations = null, container = '' } = options;
  const strict = language.rules === 'standards';
  const types = unifier(!strict);
  const mistakes: CelMistake[] = [];
  const paths = new Set<string>();
  const looked = new Set<string>();
  /** Nodes of which a field is read: the field is what counts. */
  const steps = new Set<Node>();
  let bindings = 0;

  const c: Checking = {
    language,
    relations,
    unifier: types,
    visit,
    mistake: (at: Position, reason: string): Flow => {
      mistakes.push({ at, reason });
      return plain(null);
    },
    binding: () => bindings++,
    functionName,
    rows: new Map<Typed, readonly Signature[]>(),
    kept: new Map<Typed, readonly string[]>(),
    relation: (name) => void looked.add(name),
  };

  function visit(node: Node, names: Names, present: Facts): Flow {
    switch (node.node) {
      case 'literal':
        return plain({ at: node.at, type: { name: node.type }, node: 'literal', value: node.value });
      case 'name':
        return name(node, node.name, names);
      case 'select':
        return qualifiedName(node, names) ?? select(node, names, present);
      case 'has':
        return select(node, names, present);
      case 'list':
        return list(node, names, present);
      case 'map':
        return map(node, names, present);
      case 'macro':
        return macro(c, node, names, present);
      case 'call':
        return call(c, node, names, present);
    }
  }

  /** The places where CEL looks for a name, nearest first. */
  function places(name: string, absolute: boolean): readonly string[] {
    return absolute ? [name] : placesOf(name, container);
  }

  function find(name: string, absolute: boolean, names: Names): readonly [string, Named] | null {
    const local = absolute ? undefined : names.get(name);
    if (local && local.binding !== null) return [name, local];
    for (const place of places(name, absolute)) {
      const found = names.get(place);
      if (found && found.binding === null) return [place, found];
    }
    return null;
  }

  function variable(at: Position, [name, named]: readonly [string, Named]): Flow {
    return plain({ at, type: named.type, node: 'variable', name, binding: named.binding });
  }

  function name(node: Node & { readonly node: 'name' }, full: string, names: Names): Flow {
    const found = find(full, node.absolute ?? false, names);
    if (found) {
      if (!steps.has(node)) record(node, names);
      return variable(node.at, found);
    }
    const type = strict ? undefined : TYPES.get(full);
    if (type) return plain({ at: node.at, type: typeOf(type), node: 'type', of: type });
    const known = [...names.keys()].filter((key) => /^\w/.test(key));
    return c.mistake(node.at, `there is no \`${full}\`${didYouMean(full, known)}`);
  }

  /** `a.b.c` where that is one name of the scope: the longest that is known. */
  function qualifiedName(node: Node & { readonly node: 'select' }, names: Names): Flow | null {
    const dotted = dottedName(node);
    if (!dotted || names.get(dotted.root)?.binding != null) return null;
    const found = find(dotted.full, dotted.absolute, names);
    if (found) return variable(dotted.at, found);
    const type = strict ? undefined : TYPES.get(dotted.full);
    return type ? plain({ at: dotted.at, type: typeOf(type), node: 'type', of: type }) : null;
  }

  function functionName(node: Node, names: Names): string | null {
    if (node.node !== 'call') return null;
    const [receiver] = node.arguments;
    const isFunction = (full: string) => language.functions.get(full)?.some((row) => !row.method) ?? false;
    if (!node.method) return places(node.function, false).find(isFunction) ?? null;
    const dotted = receiver && dottedName(receiver);
    if (!dotted || names.get(dotted.root)?.binding != null) return null;
    return places(`${dotted.full}.${node.function}`, dotted.absolute).find(isFunction) ?? null;
  }

  function record(node: Node, names: Names): void {
    for (const path of pathsOf(node, names)) if (/^(asset[.[]|related\()/.test(path)) paths.add(path);
  }

  function select(node: Node & { readonly node: 'select' | 'has' }, names: Names, present: Facts): Flow {
    steps.add(node.of);
    const of = visit(node.of, names, present).typed;
    if (!of) return plain(null);
    const outer = types.resolve(of.type);
    const wrapped = outer.name === 'optional';
    const inner = outer.name === 'optional' ? types.resolve(outer.of) : outer;
    const optional = node.node === 'select' && (node.optional ?? false);
    const found = fieldType(node, inner);
    if (!found) return plain(null);
    if (!steps.has(node)) record(node, names);
    const base = { at: node.at, of, field: node.field } as const;
    const known = pathsOf(node, names);
    if (node.node === 'has') {
      const typed: Typed = { ...base, type: BOOL, node: 'has' };
      return { typed, whenTrue: new Set(known.slice(0, 1)), whenFalse: NO_FACTS };
    }
    if (strict && found.optional && !optional && !wrapped && !known.some((path) => present.has(path))) {
      const { field } = node;
      return c.mistake(
        node.at,
        `\`${field}\` may be absent: write \`has(…${field}) && …\` before reading it, or \`.?${field}.orValue(…)\``,
      );
    }
    const type = optional || wrapped ? optionalOf(found.type) : found.type;
    return plain({ ...base, type, node: 'select', optional });
  }

  /** The type of a field, and whether it may be absent. */
  function fieldType(
    node: Node & { readonly node: 'select' | 'has' },
    of: Type,
  ): { readonly type: Type; readonly optional: boolean } | null {
    if (of.name === 'map') return { type: of.of, optional: false };
    if (of.name === 'record') {
      const field = Object.hasOwn(of.fields, node.field) ? of.fields[node.field] : undefined;
      // None of a list is the complete empty list, so that one may always be read.
      if (field) return { ...field, optional: field.optional && !['list', 'map'].includes(field.type.name) };
      const hint = didYouMean(node.field, Object.keys(of.fields));
      c.mistake(node.at, `${of.label} has no \`${node.field}\`${hint}`);
      return null;
    }
    if (!strict && (of.name === 'dyn' || (of.name === 'parameter' && types.assign([DYN], [of])))) {
      return { type: DYN, optional: false };
    }
    c.mistake(node.at, `a ${typeName(of)} has no fields`);
    return null;
  }

  /** One type for all that a literal holds: in standards a mistake when there is none, in CEL `dyn`. */
  function oneType(
    all: readonly { readonly at: Position; readonly type: Type }[],
    what: string,
  ): Type | null {
    let one: Type | null = null;
    for (const { at, type } of all) {
      const joined: Type | null = one === null ? type : types.join(one, type);
      if (!joined && one && strict) {
        c.mistake(at, `${what} one type, here ${typeName(types.resolve(one))}`);
        return null;
      }
      one = joined ?? DYN;
    }
    return one ?? types.fresh();
  }

  /** A value of a literal; written with `?`, what the optional holds. */
  function held(
    at: Position,
    value: Typed,
    optional: boolean,
  ): { readonly at: Position; readonly type: Type } | null {
    if (!optional) return { at, type: value.type };
    const inner = types.fresh();
    if (types.assign([value.type], [optionalOf(inner)])) {
      return { at, type: types.resolve(value.type).name === 'dyn' ? DYN : types.resolve(inner) };
    }
    c.mistake(
      at,
      `\`?\` needs an optional, such as \`x.?field\`, not a ${typeName(types.resolve(value.type))}`,
    );
    return null;
  }

  function list(node: Node & { readonly node: 'list' }, names: Names, present: Facts): Flow {
    const items = node.items.flatMap((item, index) => {
      const value = visit(item, names, present).typed;
      const optional = node.optional?.includes(index) ?? false;
      const type = value && held(item.at, value, optional);
      return value && type ? [{ value, optional, type }] : [];
    });
    if (items.length < node.items.length) return plain(null);
    const of = oneType(
      items.map(({ type }) => type),
      'a list holds',
    );
    return plain(
      of && {
        at: node.at,
        type: listOf(of),
        node: 'list',
        items: items.map(({ value, optional }) => ({ value, optional })),
      },
    );
  }

  function map(node: Node & { readonly node: 'map' }, names: Names, present: Facts): Flow {
    const entries = node.entries.flatMap((entry) => {
      const key = visit(entry.key, names, present).typed;
      const value = visit(entry.value, names, present).typed;
      const optional = entry.optional ?? false;
      const type = value && held(entry.value.at, value, optional);
      return key && value && type ? [{ key, value, optional, type }] : [];
    });
    if (entries.length < node.entries.length) return plain(null);
    const key = oneType(
      entries.map(({ key: { at, type } }) => ({ at, type })),
      'the keys of a map have',
    );
    const of = oneType(
      entries.map(({ type }) => type),
      'a map holds',
    );
    if (!key || !of) return plain(null);
    const kept = entries.map((entry) => ({ key: entry.key, value: entry.value, optional: entry.optional }));
    return plain({ at: node.at, type: mapOf(key, of), node: 'map', entries: kept });
  }

  const root: Names = new Map(
    Object.entries(scope).map(([key, type]) => [key, { type, binding: null, paths: [key] }]),
  );
  const { typed } = visit(tree, root, NO_FACTS);
  const given = typed && types.resolve(typed.type);
  if (given && expected.name !== 'dyn' && !types.assign([given], [expected]) && !bothLists(given, expected)) {
    const found = typeName(given);
    c.mistake(tree.at, `the expression gives a ${found}, a ${typeName(expected)} is needed`);
  }
  // Any type does for what an empty list or map of a standard would hold: nothing is ever in it.
  const rest = strict ? STRING : DYN;
  const attributes = [...paths].flatMap((path) => /^asset\.(\w+)/.exec(path)?.[1] ?? []);
  return {
    typed:
      typed && mistakes.length === 0 ? resolved(typed, c.rows, (type) => types.resolve(type, rest)) : null,
    mistakes: mistakes.sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column),
    reads: [...new Set(attributes)].sort(),
    paths: [...paths].sort(),
    relations: [...looked].sort(),
  };
}

/** The places where CEL looks for a name, nearest first. */
export function placesOf(name: string, container: string): readonly string[] {
  if (container === '') return [name];
  const parts = container.split('.');
  return [...parts.map((_, index) => `${parts.slice(0, parts.length - index).join('.')}.${name}`), name];
}

const bothLists = (a: Type, b: Type): boolean => a.name === 'list' && b.name === 'list';

/** Types that are values in CEL: `type(x) == int`. */
export const TYPES: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['bool', BOOL],
  ['int', INT],
  ['uint', UINT],
  ['double', DOUBLE],
  ['string', STRING],
  ['bytes', BYTES],
  ['null_type', NULL],
  ['list', listOf(DYN)],
  ['map', mapOf(DYN, DYN)],
  ['type', typeOf(DYN)],
  ['optional_type', optionalOf(DYN)],
  ['google.protobuf.Timestamp', TIMESTAMP],
  ['google.protobuf.Duration', DURATION],
]);

function dottedName(node: Node): {
  readonly full: string;
  readonly root: string;
  readonly absolute: boolean;
  readonly at: Position;
} | null {
  if (node.node === 'name') {
    return { full: node.name, root: node.name, absolute: node.absolute ?? false, at: node.at };
  }
  if (node.node !== 'select' || node.optional) return null;
  const of = dottedName(node.of);
  return of && { ...of, full: `${of.full}.${node.field}` };
}
