/** What the parts of the checker share while one expression is checked. */
import type { Language } from './language.ts';
import type { Lookup } from './name.ts';
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
  /** As standards are checked; else as CEL says. */
  readonly strict: boolean;
  readonly relations: Readonly<Record<string, Type>> | null;
  readonly unifier: Unifier;
  readonly lookup: Lookup;
  readonly visit: (node: Node, names: Names, present: Presences) => Flow;
  readonly mistake: (at: Position, reason: string) => Flow;
  readonly binding: () => number;
  /** Nodes of which a field is read: the field is what counts. */
  readonly steps: Set<Node>;
  /** Notes which attributes are read there. */
  readonly reads: (node: Node, names: Names) => void;
  /** Rows that fitted a call, until its overload is settled. */
  readonly rows: Map<Typed, readonly Signature[]>;
  /** Of a filtered list: what every element is known to have, as what follows the element's path. */
  readonly kept: Map<Typed, readonly string[]>;
  readonly relation: (name: string) => void;
  /** Adds the size of a pattern to those of the expression, and gives their sum. */
  readonly patterns: (size: number) => number;
}

export const plain = (typed: Typed | null): Flow => ({ typed, whenTrue: NO_FACTS, whenFalse: NO_FACTS });

interface ConditionInput {
  readonly c: Checking;
  readonly part: Node;
  readonly names: Names;
  readonly present: Presences;
  readonly needed: string;
}

/** A part that has to be true or false. `needed` says who needs it: `a condition is needed here`. */
export function condition({ c, part, names, present, needed }: ConditionInput): Flow {
  const flow = c.visit(part, names, present);
  if (!flow.typed || c.unifier.assign([flow.typed.type], [BOOL])) return flow;
  return c.mistake(part.at, `${needed}, not a ${typeName(c.unifier.resolve(flow.typed.type))}`);
}
