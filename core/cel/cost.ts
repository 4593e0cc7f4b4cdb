/**
 * How many steps an expression takes at most, known before it runs: one for each part, times the sizes of the lists
 * that it goes through. Sizes are assumptions that a kind states; a longer list costs more than was said, not too much.
 */
import type { FieldDefinition, Kind } from '../kinds/kind.ts';
import type { CelMistake, Position } from './tree.ts';
import type { Typed } from './typed.ts';

export interface Bounds {
  /** Elements by path: `asset.keys`, `asset.keys[].parts`, `related(runs_in)`. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Elements of a list that nothing is said of. */
  readonly otherwise: number;
}

export interface Cost {
  readonly steps: number;
  /** The macro that most of the steps are spent in, itself and not those inside it. */
  readonly dearest: { readonly at: Position; readonly what: string; readonly steps: number } | null;
}

export const DEFAULT_SIZE = 1000;
/** Two lists of a thousand in one another are a few million steps, a tenth of a second; three are minutes. */
export const MAX_STEPS = 20_000_000;

/** A text is gone through once; most are short. */
const TEXT_STEPS = 10;
const TEXT = /^(string_|matches|contains_|starts_with_|ends_with_|list_join)/;

/** What a kind says of the sizes of its lists. */
export function boundsOf(kind: Kind): Bounds {
  const sizes: Record<string, number> = {};
  const note = (path: string, { at_most: size, of, fields }: FieldDefinition): void => {
    if (size !== undefined) sizes[path] = size;
    for (const [name, field] of Object.entries(fields ?? {})) note(`${path}.${name}`, field);
    for (const [name, field] of typeof of === 'object' ? Object.entries(of) : [])
      note(`${path}[].${name}`, field);
  };
  for (const [name, definition] of Object.entries(kind.attributes)) note(`asset.${name}`, definition);
  return { sizes, otherwise: DEFAULT_SIZE };
}

interface Held {
  readonly path: string;
  readonly size: number;
  /** Values at every depth, which is what comparing it looks at: a list of one list twice holds that list twice. */
  readonly inside: number;
}

/** What looks at no more than the container itself. */
const SHALLOW: ReadonlySet<string> = new Set(['_[_]', '_[?_]', '_?_:_', 'size', 'orValue', 'or', 'hasValue']);

export function cost(tree: Typed, bounds: Bounds): Cost {
  const held = new Map<number, Held>();
  let dearest: Cost['dearest'] = null;

  /** Where a value comes from, and how many elements it has if it is a list or a map. */
  function origin(node: Typed): Held {
    const sized = (path: string): Held => {
      const size = (Object.hasOwn(bounds.sizes, path) ? bounds.sizes[path] : undefined) ?? bounds.otherwise;
      return { path, size, inside: size };
    };
    switch (node.node) {
      case 'variable':
        return (node.binding === null ? undefined : held.get(node.binding)) ?? sized(node.name);
      case 'select':
        return sized(`${origin(node.of).path}.${node.field}`);
      case 'related':
        return sized(`related(${node.relation})`);
      case 'list':
        return { path: '', size: node.items.length, inside: insideAll(node.items.map(({ value }) => value)) };
      case 'map':
        return {
          path: '',
          size: node.entries.length,
          inside: insideAll(node.entries.map((entry) => entry.value)),
        };
      case 'fold': {
        const over = origin(node.over);
        if (node.fold === 'filter') return over;
        for (const binding of node.bindings) held.set(binding, elementOf(over));
        return { path: '', size: over.size, inside: over.size * insideAll([node.body]) };
      }
      case 'bind':
        held.set(node.binding, origin(node.value));
        return origin(node.body);
      case 'call': {
        const parts = node.arguments.map(origin);
        const sizes = parts.map(({ size }) => size);
        const insides = parts.map(({ inside }) => inside);
        const sum = (all: readonly number[]) => all.reduce((a, b) => a + b, 0);
        if (node.overload === 'add_list') return { path: '', size: sum(sizes), inside: sum(insides) };
        if (node.overload === 'conditional') {
          return { path: '', size: Math.max(...sizes.slice(1)), inside: Math.max(...insides.slice(1)) };
        }
        const result = sized(node.function === '_[_]' ? `${parts[0]?.path}[]` : '');
        // Whatever a function gives of aggregates, an optional or an element, holds no more than they did.
        const given = node.arguments.flatMap((part, at) => (isAggregate(part) ? (insides[at] ?? 0) : []));
        return isAggregate(node) ? { ...result, inside: Math.max(result.inside, ...given) } : result;
      }
      default:
        return sized('');
    }
  }

  const elementOf = ({ path, inside }: Held): Held => ({
    path: `${path}[]`,
    size: bounds.otherwise,
    inside: Math.max(inside, bounds.otherwise),
  });

  function insideAll(parts: readonly Typed[]): number {
    return parts.reduce((sum, part) => sum + (isAggregate(part) ? 1 + origin(part).inside : 1), 0);
  }

  /** Steps of one run of a node; `times` is how often it is run. */
  function steps(node: Typed, times: number): number {
    switch (node.node) {
      case 'select':
      case 'has':
        return 1 + steps(node.of, times);
      case 'list':
        return node.items.reduce((sum, { value }) => sum + steps(value, times), 1);
      case 'map':
        return node.entries.reduce((sum, { key, value }) => sum + steps(key, times) + steps(value, times), 1);
      case 'bind': {
        const value = steps(node.value, times);
        held.set(node.binding, origin(node.value));
        return 1 + value + steps(node.body, times);
      }
      case 'fold':
        return fold(node, times);
      case 'call': {
        const own = node.arguments.reduce((sum, part) => sum + steps(part, times), 1);
        return own + callSteps(node);
      }
      default:
        return 1;
    }
  }

  function callSteps(node: Typed & { readonly node: 'call' }): number {
    const [, second] = node.arguments;
    if (node.function === '@in' && second) return node.overload === 'in_map' ? 0 : origin(second).inside;
    if (SHALLOW.has(node.function)) return 0;
    const text = node.overload !== null && TEXT.test(node.overload) ? TEXT_STEPS : 0;
    if (node.overload === 'add_list') return origin(node).inside;
    return Math.max(text, ...node.arguments.map((part) => (isAggregate(part) ? origin(part).inside : 0)));
  }

  function fold(node: Typed & { readonly node: 'fold' }, times: number): number {
    const spentOver = steps(node.over, times);
    const over = origin(node.over);
    const { path, size } = over;
    for (const binding of node.bindings) held.set(binding, elementOf(over));
    const before = dearest;
    const each = (node.where ? steps(node.where, times * size) : 0) + steps(node.body, times * size);
    const spent = times * size * each;
    // A macro inside that costs as much as this one is the nearer cause.
    if (before === dearest && spent > (dearest?.steps ?? 0)) {
      const what = path === '' ? 'a list' : `\`${path}\``;
      dearest = {
        at: node.at,
        what: `\`${node.fold}\` over ${what}, ${size} elements assumed,`,
        steps: spent,
      };
    }
    return spentOver + 1 + size * each;
  }

  return { steps: steps(tree, 1), dearest };
}

const AGGREGATES: ReadonlySet<string> = new Set(['list', 'map', 'optional', 'dyn']);
const isAggregate = ({ type }: Typed): boolean => AGGREGATES.has(type.name);

/** Why an expression may not be loaded; null when it may. */
export function costMistake(tree: Typed, bounds: Bounds, limit = MAX_STEPS): CelMistake | null {
  const { steps, dearest } = cost(tree, bounds);
  if (steps <= limit) return null;
  const part = dearest
    ? `; ${dearest.what} takes ${shown(dearest.steps)} of them: filter before it, make it a fact of the kind, or state the list's \`at_most\``
    : '';
  return {
    at: dearest?.at ?? tree.at,
    reason: `it may take ${shown(steps)} steps, and a standard has ${shown(limit)}${part}`,
  };
}

const shown = (steps: number): string => (Number.isFinite(steps) ? steps.toLocaleString('en') : 'endless');
