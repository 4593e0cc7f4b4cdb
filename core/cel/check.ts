/**
 * Type checks an expression, and finds every mistake in one go. In standards, optional attributes are flow typed:
 * reading one is a mistake unless `has()` of the same path holds wherever the read is reached.
 */
import { didYouMean } from '../text/suggestion.ts';
import { call } from './call.ts';
import { type Checking, type Flow, plain } from './checking.ts';
import { type Bounds, costMistake } from './cost.ts';
import { macro } from './fold.ts';
import { type Language, STANDARDS } from './language.ts';
import { dottedName, lookup } from './name.ts';
import { type Names, NO_FACTS, type Presences, pathsOf } from './presence.ts';
import { resolved } from './resolved.ts';
import type { Signature } from './signature.ts';
import type { CelMistake, Node, Position } from './tree.ts';
import { BOOL, DYN, listOf, mapOf, optionalOf, STRING, type Type, typeName, typeOf } from './type.ts';
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
  /** When given, an expression that may take too long is a mistake. */
  readonly bounds?: Bounds;
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
  const look = lookup(language, container);
  const types = unifier(!strict);
  const mistakes: CelMistake[] = [];
  const paths = new Set<string>();
  const looked = new Set<string>();
  /** Nodes of which a field is read: the field is what counts. */
  const steps = new Set<Node>();
  let bindings = 0;
  let patterns = 0;

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
    functionName: look.functionName,
    unknownName: look.unknownName,
    rows: new Map<Typed, readonly Signature[]>(),
    kept: new Map<Typed, readonly string[]>(),
    relation: (name) => void looked.add(name),
    patterns: (size) => {
      patterns += size;
      return patterns;
    },
  };

  function visit(node: Node, names: Names, present: Presences): Flow {
    switch (node.node) {
      case 'literal':
        return plain({ at: node.at, type: { name: node.type }, node: 'literal', value: node.value });
      case 'name':
        return named(node, names) ?? unnamed(node, names);
      case 'select':
        return named(node, names) ?? select(node, names, present);
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

  /** A name, or the longest part of `a.b.c` that is one. */
  function named(node: Node, names: Names): Flow | null {
    const dotted = dottedName(node);
    if (!dotted) return null;
    const { at } = dotted;
    const found = look.find(dotted, names);
    if (found) {
      const [full, { type, binding }] = found;
      if (node.node === 'name' && !steps.has(node)) record(node, names);
      return plain({ at, type, node: 'variable', name: full, binding });
    }
    const local = !dotted.absolute && typeof names.get(dotted.root)?.binding === 'number';
    const type = local ? null : look.typeNamed(dotted.full);
    return type && plain({ at, type: typeOf(type), node: 'type', of: type });
  }

  function unnamed(node: Node & { readonly node: 'name' }, names: Names): Flow {
    const known = [...names.keys()].filter((key) => /^\w/.test(key));
    return c.mistake(node.at, `there is no \`${node.name}\`${didYouMean(node.name, known)}`);
  }

  function record(node: Node, names: Names): void {
    for (const path of pathsOf(node, names)) {
      if (/^(asset\.|related\()/.test(path) && !/\[[^\]]/.test(path)) paths.add(path);
    }
  }

  function select(node: Node & { readonly node: 'select' | 'has' }, names: Names, present: Presences): Flow {
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

  function list(node: Node & { readonly node: 'list' }, names: Names, present: Presences): Flow {
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

  function map(node: Node & { readonly node: 'map' }, names: Names, present: Presences): Flow {
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
  const whole =
    typed && mistakes.length === 0 ? resolved(typed, c.rows, (type) => types.resolve(type, rest)) : null;
  const dear = whole && options.bounds ? costMistake(whole, options.bounds) : null;
  const attributes = [...paths].flatMap((path) => /^asset\.(\w+)/.exec(path)?.[1] ?? []);
  return {
    typed: dear ? null : whole,
    mistakes: dear ? [dear] : mistakes.sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column),
    reads: [...new Set(attributes)].sort(),
    paths: [...paths].sort(),
    relations: [...looked].sort(),
  };
}

const bothLists = (a: Type, b: Type): boolean => a.name === 'list' && b.name === 'list';
