/**
 * What is known to be there where a part of an expression is reached. A fact is a path: `asset.used_at`, `k#3.ends` of
 * one binding of a macro's variable, `asset.keys[].ends` of every element of a list.
 */
import type { Node } from './tree.ts';
import type { Type } from './type.ts';

export type Presences = ReadonlySet<string>;

export const NO_FACTS: Presences = new Set();

export interface Named {
  readonly type: Type;
  /** Null for a name of the scope, else the number of the binding. */
  readonly binding: number | null;
  /** The paths by which facts about it may be known: its own first, then those that cover it. */
  readonly paths: readonly string[];
}

export type Names = ReadonlyMap<string, Named>;

/** The paths of a node: the first names exactly it, the others every element of a list that it is one of. */
export function pathsOf(node: Node, names: Names): readonly string[] {
  switch (node.node) {
    case 'name':
      return names.get(node.name)?.paths ?? [node.name];
    case 'select':
    case 'has':
      return pathsOf(node.of, names).map((path) => `${path}.${node.field}`);
    case 'macro':
      return node.macro === 'filter' ? [own(node), ...pathsOf(node.over, names)] : [own(node)];
    case 'call': {
      const [first, second] = node.arguments;
      if (!node.method && node.function === 'related' && first?.node === 'literal') {
        return [`related(${String(first.value)})`];
      }
      if (node.function !== '_[_]' || !first || !second) return [own(node)];
      const paths = pathsOf(first, names);
      const exact = second.node === 'literal' ? `${paths[0]}[${String(second.value)}]` : own(node);
      return [exact, ...paths.map((path) => `${path}[]`)];
    }
    default:
      return [own(node)];
  }
}

const own = (node: Node): string => `@${node.at.line}:${node.at.column}`;

/** Presences about one path's parts, as what follows it: of `k#1.ends` and `k#1`, `.ends`. */
export function below(facts: Presences, path: string): readonly string[] {
  return [...facts].filter((fact) => fact.startsWith(`${path}.`)).map((fact) => fact.slice(path.length));
}

/** Presences that still mean something outside the macro that bound a variable. */
export function outside(facts: Presences, paths: readonly string[]): Presences {
  const isInside = (fact: string) =>
    paths.some((path) => fact.startsWith(`${path}.`) || fact.startsWith(`${path}[`));
  return new Set([...facts].filter((fact) => !isInside(fact)));
}
