/**
 * Type checks an expression, and finds every mistake in one go. In standards, optional attributes are flow typed:
 * reading one is a mistake unless `has()` of the same path holds wherever the read is reached.
 */
import { call } from './call.ts';
import { type Checking, type Flow, plain } from './checking.ts';
import { costMistake } from './cost.ts';
import { macro } from './fold.ts';
import { type Language, STANDARDS } from './language.ts';
import { listLiteral, mapLiteral } from './literals.ts';
import { lookup } from './name.ts';
import { type Names, NO_FACTS, type Presences, pathsOf } from './presence.ts';
import { resolved } from './resolved.ts';
import { named, selection, unnamed } from './selection.ts';
import type { Signature } from './signature.ts';
import type { CelMistake, Node, Position } from './tree.ts';
import { BOOL, DYN, STRING, type Type, typeName } from './type.ts';
import type { Typed } from './typed.ts';
import { unifier } from './unify.ts';
import type { Bounds } from './value-size.ts';

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
  const types = unifier(language.rules !== 'standards');
  const mistakes: CelMistake[] = [];
  const paths = new Set<string>();
  const relationsRead = new Set<string>();
  let bindings = 0;
  let patterns = 0;

  const c: Checking = {
    language,
    strict: language.rules === 'standards',
    relations,
    unifier: types,
    lookup: lookup(language, container),
    visit,
    mistake: (at: Position, reason: string): Flow => {
      mistakes.push({ at, reason });
      return plain(null);
    },
    binding: () => bindings++,
    steps: new Set<Node>(),
    reads: (node, names) => {
      for (const path of pathsOf(node, names))
        if (/^(asset\.|related\()/.test(path) && !/\[[^\]]/.test(path)) paths.add(path);
    },
    rows: new Map<Typed, readonly Signature[]>(),
    kept: new Map<Typed, readonly string[]>(),
    relation: (name) => void relationsRead.add(name),
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
        return named(c, node, names) ?? unnamed(c, node, names);
      case 'select':
        return named(c, node, names) ?? selection(c, node, names, present);
      case 'has':
        return selection(c, node, names, present);
      case 'list':
        return listLiteral(c, node, names, present);
      case 'map':
        return mapLiteral(c, node, names, present);
      case 'macro':
        return macro(c, node, names, present);
      case 'call':
        return call(c, node, names, present);
    }
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
  const rest = c.strict ? STRING : DYN;
  const whole =
    typed && mistakes.length === 0 ? resolved(typed, c.rows, (type) => types.resolve(type, rest)) : null;
  const dear = whole && options.bounds ? costMistake(whole, options.bounds) : null;
  const attributes = [...paths].flatMap((path) => /^asset\.(\w+)/.exec(path)?.[1] ?? []);
  return {
    typed: dear ? null : whole,
    mistakes: dear ? [dear] : mistakes.sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column),
    reads: [...new Set(attributes)].sort(),
    paths: [...paths].sort(),
    relations: [...relationsRead].sort(),
  };
}

const bothLists = (a: Type, b: Type): boolean => a.name === 'list' && b.name === 'list';
