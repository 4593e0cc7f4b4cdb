/** What the parts of the checker share while one expression is checked. */
import type { Language } from './language.ts';
import { type Names, NO_FACTS, type Presences } from './presence.ts';
import type { Signature } from './signature.ts';
import type { Node, Position } from './tree.ts';
import { BOOL, type Type, typeName } from './type.ts';
import type { Typed } from './typed.ts';
import type { Unifier } from './unify.ts';

/** What a part of an expression is found to be; `typed` is null below a mistake. */
export interface Flow {
  readonly typed: Typed | null;
  /** What is known to be there once it is true, and once it is false. */
  readonly whenTrue: Presences;
  readonly whenFalse: Presences;
}

export interface Checking {
  readonly language: Language;
  readonly relations: Readonly<Record<string, Type>> | null;
  readonly unifier: Unifier;
  readonly visit: (node: Node, names: Names, present: Presences) => Flow;
  readonly mistake: (at: Position, reason: string) => Flow;
  readonly binding: () => number;
  /** The full name under which a dotted name is known as a function, or null. */
  readonly functionName: (node: Node, names: Names) => string | null;
  /** A dotted name that begins with no name of the scope: the receiver of a function that there is not. */
  readonly unknownName: (node: Node | undefined, names: Names) => string | null;
  /** Rows that fitted a call, until its overload is settled. */
  readonly rows: Map<Typed, readonly Signature[]>;
  /** Of a filtered list: what every element is known to have, as what follows the element's path. */
  readonly kept: Map<Typed, readonly string[]>;
  readonly relation: (name: string) => void;
  /** Adds the size of a pattern to those of the expression, and gives their sum. */
  readonly patterns: (size: number) => number;
}

export const plain = (typed: Typed | null): Flow => ({ typed, whenTrue: NO_FACTS, whenFalse: NO_FACTS });

/** A part that has to be true or false. `needed` says who needs it: `a condition is needed here`. */
export function condition(c: Checking, part: Node, names: Names, present: Presences, needed: string): Flow {
  const flow = c.visit(part, names, present);
  if (!flow.typed || c.unifier.assign([flow.typed.type], [BOOL])) return flow;
  return c.mistake(part.at, `${needed}, not a ${typeName(c.unifier.resolve(flow.typed.type))}`);
}
