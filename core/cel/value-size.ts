/**
 * How large the values of an expression can be, known before it runs: elements, what lies inside of them, characters. What a kind states is taken; the
 * rest is assumed.
 */
import type { FieldDefinition, Kind } from '../kinds/kind.ts';
import type { Typed } from './typed.ts';

export interface Bounds {
  /** Elements by path: `asset.keys`, `asset.keys[].parts`, `related(runs_in)`. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Elements of a list that nothing is said of. */
  readonly otherwise: number;
}

const DEFAULT_SIZE = 1000;
/** Characters of a text that nothing is said of. */
const TEXT_SIZE = 100;
/** As a number or a time is written; and as one with the greatest precision that `format` takes. */
const WRITTEN_SIZE = 100;
const PRECISE_SIZE = 1000;

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

export interface ValueSize {
  readonly path: string;
  readonly size: number;
  /** Values at every depth, which is what comparing it looks at: a list of one list twice holds that list twice. */
  readonly inside: number;
  /** Characters of the longest text: of itself, or inside. */
  readonly text: number;
}

export interface ValueSizes {
  /** Names are bound before what reads them is asked. */
  readonly of: (node: Typed) => ValueSize;
  readonly elementOf: (list: ValueSize) => ValueSize;
  /** What a name stands for from here on. */
  readonly bind: (binding: number, size: ValueSize) => void;
}

export function valueSizes(bounds: Bounds): ValueSizes {
  const bound = new Map<number, ValueSize>();
  const origins = new Map<Typed, ValueSize>();

  /** Where a value comes from, and how many elements it has if it is a list or a map. Names are bound before what reads them is asked. */
  function origin(node: Typed): ValueSize {
    const known = origins.get(node);
    if (known !== undefined) return known;
    const found = originOf(node);
    origins.set(node, found);
    return found;
  }

  function originOf(node: Typed): ValueSize {
    const sized = (path: string): ValueSize => {
      const size = (Object.hasOwn(bounds.sizes, path) ? bounds.sizes[path] : undefined) ?? bounds.otherwise;
      return { path, size, inside: size, text: TEXT_SIZE };
    };
    switch (node.node) {
      case 'variable':
        return (node.binding === null ? undefined : bound.get(node.binding)) ?? sized(node.name);
      case 'select':
        return sized(`${origin(node.of).path}.${node.field}`);
      case 'related':
        return sized(`related(${node.relation})`);
      case 'list':
        return {
          path: '',
          size: node.items.length,
          inside: insideAll(node.items.map(({ value }) => value)),
          text: textOfAll(node.items.map(({ value }) => value)),
        };
      case 'literal':
        return { ...sized(''), text: typeof node.value === 'string' ? node.value.length : WRITTEN_SIZE };
      case 'map':
        return {
          path: '',
          size: node.entries.length,
          inside: insideAll(node.entries.map((entry) => entry.value)),
          text: textOfAll(node.entries.flatMap((entry) => [entry.key, entry.value])),
        };
      case 'fold': {
        const over = origin(node.over);
        if (node.fold === 'filter') return over;
        for (const binding of node.bindings) bound.set(binding, elementOf(over));
        return {
          path: '',
          size: over.size,
          inside: over.size * insideAll([node.body]),
          text: textOfAll([node.body]),
        };
      }
      case 'bind':
        bound.set(node.binding, origin(node.value));
        return origin(node.body);
      case 'call': {
        const parts = node.arguments.map(origin);
        const sizes = parts.map(({ size }) => size);
        const insides = parts.map(({ inside }) => inside);
        const sum = (all: readonly number[]) => all.reduce((a, b) => a + b, 0);
        const text = textMade(node, parts);
        if (node.overload === 'add_list') return { path: '', size: sum(sizes), inside: sum(insides), text };
        if (node.overload === 'conditional') {
          return { path: '', size: Math.max(...sizes.slice(1)), inside: Math.max(...insides.slice(1)), text };
        }
        // A text may be split into as many parts as it has characters.
        const pieces = /^string_split/.test(node.overload ?? '') ? (parts[0]?.text ?? 0) : 0;
        const result = { ...sized(node.function === '_[_]' ? `${parts[0]?.path}[]` : ''), text };
        if (pieces > result.size) return { ...result, size: pieces, inside: pieces };
        // Whatever a function gives of aggregates, an optional or an element, holds no more than they did.
        const given = node.arguments.flatMap((part, at) => (isAggregate(part) ? (insides[at] ?? 0) : []));
        return isAggregate(node) ? { ...result, inside: Math.max(result.inside, ...given) } : result;
      }
      default:
        return sized('');
    }
  }

  const elementOf = ({ path, inside, text }: ValueSize): ValueSize => ({
    text,
    path: `${path}[]`,
    size: bounds.otherwise,
    inside: Math.max(inside, bounds.otherwise),
  });

  function insideAll(parts: readonly Typed[]): number {
    return parts.reduce((sum, part) => sum + (isAggregate(part) ? 1 + origin(part).inside : 1), 0);
  }

  function textOfAll(parts: readonly Typed[]): number {
    return parts.reduce((most, part) => Math.max(most, origin(part).text), 0);
  }

  return { of: origin, elementOf, bind: (binding, size) => void bound.set(binding, size) };
}

/** Characters of what a call gives, from what its arguments hold. */
function textMade(node: Typed & { readonly node: 'call' }, parts: readonly ValueSize[]): number {
  const texts = parts.map(({ text }) => text);
  const [first = 0, second = 0, third = 0] = texts;
  const sum = texts.reduce((a, b) => a + b, 0);
  switch (node.overload) {
    case 'add_string':
    case 'add_bytes':
      return sum;
    case 'string_replace_string_string':
    case 'string_replace_string_string_int':
      if (second > 0 && isLiteral(node.arguments[1]))
        return first + (first / second) * Math.max(0, third - second);
      // What is replaced may be empty, and then it stands between all characters.
      return first + (first + 1) * third;
    case 'list_join':
    case 'list_join_string':
      return (parts[0]?.inside ?? 0) * (first + second);
    case 'string_format': {
      const items = parts[1]?.inside ?? 0;
      return first + items * (second + (isLiteral(node.arguments[0], /%\./) ? PRECISE_SIZE : WRITTEN_SIZE));
    }
    case 'strings_quote':
      return 2 * first + 2;
    default:
      return Math.max(WRITTEN_SIZE, ...texts);
  }
}

function isLiteral(node: Typed | undefined, holding = /(?:)/): boolean {
  return node?.node === 'literal' && typeof node.value === 'string' && holding.test(node.value);
}

const AGGREGATES: ReadonlySet<string> = new Set(['list', 'map', 'optional', 'dyn']);
export const isText = ({ type }: Typed): boolean => type.name === 'string' || type.name === 'bytes';
export const isAggregate = ({ type }: Typed): boolean => AGGREGATES.has(type.name);
