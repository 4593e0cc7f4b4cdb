/**
 * An expression as a function over three states: Kleene's logic for `!`, `&&`, `||`, `all`, `exists` and `in`, which
 * absorb an unknown; everything else, the ternary's condition included, is strict. A run never throws and never guesses:
 * what cannot be decided comes back as `Unknown` with all its causes.
 */
import { type CheckOptions, check, type Scope } from './check.ts';
import { type Around, type Bindings, type Closure, generate, NOTHING_AROUND } from './generate.ts';
import { language } from './language.ts';
import { parse } from './parse.ts';
import { type Data, PartialList } from './runtime/value.ts';
import type { Library } from './signature.ts';
import type { CelMistake } from './tree.ts';
import { BOOL, type Type } from './type.ts';
import type { Typed } from './typed.ts';
import type { Bounds } from './value-size.ts';

export type { Around, Bindings };

export interface Expression {
  readonly text: string;
  readonly type: Type;
  /** Attributes of the asset that it reads, sorted. */
  readonly reads: readonly string[];
  /** Relations that it looks across, sorted. */
  readonly relations: readonly string[];
  /** Exactly what it reads of the scope's names, sorted, as `Checked.paths`. */
  readonly paths: readonly string[];
  readonly tree: Typed;
  readonly run: (bindings: Bindings, around?: Around) => Data;
  /** A list as far as its elements are known; see `elements`. */
  readonly lenient: () => Closure;
  /** As `run`, and shows the value of every node to `around.trace`. */
  readonly traced: () => Closure;
}

export interface CompileOptions {
  /** `standards` (the default) or everything that CEL's specification has. */
  readonly level?: 'standards' | 'cel';
  readonly libraries?: readonly Library[];
  readonly macros?: 'standard' | 'all';
  readonly container?: string;
  /** The record type of the other kind, by relation. */
  readonly relations?: Readonly<Record<string, Type>>;
  /** Sizes of lists; when given, an expression that may take too long is a mistake. */
  readonly bounds?: Bounds;
  /** Names that are always bound, to a value that is not unknown itself. */
  readonly certain?: readonly string[];
  /** Names whose value is known now. */
  readonly constants?: Readonly<Record<string, Data>>;
}

/** What standards may call. */
export const LIBRARIES: readonly Library[] = [
  'standard',
  'optional',
  'strings',
  'math',
  'network',
  'semver',
  'durations',
];

export function compile(
  text: string,
  scope: Scope,
  expected: Type = BOOL,
  options: CompileOptions = {},
): { readonly expression: Expression } | { readonly mistakes: readonly CelMistake[] } {
  const { level = 'standards', libraries = LIBRARIES, macros = 'standard' } = options;
  const parsed = parse(text, { macros });
  if ('mistake' in parsed) return { mistakes: [parsed.mistake] };
  const rules: CheckOptions = {
    language: language(level, libraries),
    ...(options.relations && { relations: options.relations }),
    ...(options.bounds && { bounds: options.bounds }),
    ...(options.container !== undefined && { container: options.container }),
  };
  const { typed, mistakes, reads, relations, paths } = check(parsed.tree, scope, expected, rules);
  return typed
    ? { expression: { text, reads, relations, paths, ...compiled(typed, options) } }
    : { mistakes };
}

function compiled(
  tree: Typed,
  { certain = [], constants = {} }: CompileOptions,
): Pick<Expression, 'tree' | 'type' | 'run' | 'lenient' | 'traced'> {
  const known = { certain, constants };
  // Most of a catalogue is loaded and judges nothing in a run: that its types fit is known before there is any code.
  let run: Closure | undefined;
  let lenient: Closure | undefined;
  let traced: Closure | undefined;
  return {
    tree,
    type: tree.type,
    run: (bindings, around = NOTHING_AROUND) => {
      run ??= generate(tree, known);
      return run(bindings, around);
    },
    lenient: () => (lenient ??= generate(tree, { ...known, lenient: true })),
    traced: () => (traced ??= generate(tree, { ...known, traced: true })),
  };
}

/**
 * A list expression whose elements are wanted as far as they are known: of `list.filter(x, p)` those for which `p` is
 * true, whatever is undecided about the rest. Used to point at what is at fault, never to decide.
 */
export function elements(
  expression: Expression,
  bindings: Bindings,
  around: Around = NOTHING_AROUND,
): readonly Data[] {
  const list = expression.lenient()(bindings, around);
  if (list instanceof PartialList) return list.items;
  return Array.isArray(list) ? list : [];
}
