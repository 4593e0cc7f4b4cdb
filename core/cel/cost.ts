/**
 * How many steps an expression takes at most, known before it runs: one for each part, times the sizes of the lists
 * that it goes through. Sizes are assumptions that a kind states; a longer list costs more than was said, not too much.
 */
import type { FieldDefinition, Kind } from '../kinds/kind.ts';
import { patternSize } from './pattern.ts';
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
  /** Characters of the longest text that it makes, at most; texts that it is given do not count. */
  readonly longest: number;
  /** Where that is made; null where none is. */
  readonly longestAt: Position | null;
}

const DEFAULT_SIZE = 1000;
/** Two lists of a thousand in one another are a few million steps, a tenth of a second; three are minutes. */
export const MAX_STEPS = 20_000_000;

/** A text is gone through once; most are short. */
const TEXT_STEPS = 10;
/** Characters of a text that nothing is said of, and up to which a text counts as short. */
const TEXT_SIZE = 100;
const SHORT_TEXT = 1000;
/** Of a long one. */
const CHARACTERS_A_STEP = 4;
/** Parts of a pattern that are tried in one step. */
const PARTS_A_STEP = 10;
/** As a number or a time is written; and as one with the greatest precision that `format` takes. */
const WRITTEN_SIZE = 100;
const PRECISE_SIZE = 1000;
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
  /** Characters of the longest text: of itself, or inside. */
  readonly text: number;
}

/** What looks at no more than the container itself. */
const SHALLOW: ReadonlySet<string> = new Set(['_[_]', '_[?_]', '_?_:_', 'size', 'orValue', 'or', 'hasValue']);

export function cost(tree: Typed, bounds: Bounds): Cost {
  const held = new Map<number, Held>();
  const origins = new Map<Typed, Held>();
  let dearest: Cost['dearest'] = null;
  let longest = 0;
  let longestAt: Position | null = null;

  /** Where a value comes from, and how many elements it has if it is a list or a map. Names are bound before what reads them is asked. */
  function origin(node: Typed): Held {
    const known = origins.get(node);
    if (known !== undefined) return known;
    const found = originOf(node);
    origins.set(node, found);
    return found;
  }

  function originOf(node: Typed): Held {
    const sized = (path: string): Held => {
      const size = (Object.hasOwn(bounds.sizes, path) ? bounds.sizes[path] : undefined) ?? bounds.otherwise;
      return { path, size, inside: size, text: TEXT_SIZE };
    };
    switch (node.node) {
      case 'variable':
        return (node.binding === null ? undefined : held.get(node.binding)) ?? sized(node.name);
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
        for (const binding of node.bindings) held.set(binding, elementOf(over));
        return {
          path: '',
          size: over.size,
          inside: over.size * insideAll([node.body]),
          text: textOfAll([node.body]),
        };
      }
      case 'bind':
        held.set(node.binding, origin(node.value));
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

  const elementOf = ({ path, inside, text }: Held): Held => ({
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
    const read = node.arguments.reduce((sum, part) => sum + textSteps(part), 0);
    if (!isText(node)) return Math.max(text * patternFactor(node), read, ...aggregates(node));
    const made = origin(node).text;
    if (made > longest) [longest, longestAt] = [made, node.at];
    return Math.max(text, read + (made > SHORT_TEXT ? made / CHARACTERS_A_STEP : 0), ...aggregates(node));
  }

  const aggregates = (node: Typed & { readonly node: 'call' }): readonly number[] =>
    node.arguments.map((part) => (isAggregate(part) ? origin(part).inside : 0));

  /** Of going once through a text, or through every text of a list. */
  function textSteps(part: Typed): number {
    if (!isText(part) && !isAggregate(part)) return 0;
    const { text, inside } = origin(part);
    if (text <= SHORT_TEXT) return 0;
    return (text * (isAggregate(part) ? inside : 1)) / CHARACTERS_A_STEP;
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

  return { steps: Math.ceil(steps(tree, 1)), dearest, longest, longestAt };
}

/** Characters of what a call gives, from what its arguments hold. */
function textMade(node: Typed & { readonly node: 'call' }, parts: readonly Held[]): number {
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

/** How much longer a pattern takes than looking for a text. */
function patternFactor(node: Typed & { readonly node: 'call' }): number {
  const pattern = node.arguments[1];
  if (node.overload !== 'matches' && node.overload !== 'matches_string') return 1;
  if (pattern?.node !== 'literal' || typeof pattern.value !== 'string') return 1;
  return Math.max(1, patternSize(pattern.value) / PARTS_A_STEP);
}

const AGGREGATES: ReadonlySet<string> = new Set(['list', 'map', 'optional', 'dyn']);
const isText = ({ type }: Typed): boolean => type.name === 'string' || type.name === 'bytes';
const isAggregate = ({ type }: Typed): boolean => AGGREGATES.has(type.name);

/** Why an expression may not be loaded; null when it may. */
export function costMistake(tree: Typed, bounds: Bounds, limit = MAX_STEPS): CelMistake | null {
  const { steps, dearest, longest, longestAt } = cost(tree, bounds);
  if (steps <= limit) return null;
  const reason = `it may take ${shown(steps)} steps, and a standard has ${shown(limit)}`;
  // A text that grows is what is dear, whatever goes through it.
  if (longestAt !== null && longest > limit / 100)
    return {
      at: longestAt,
      reason: `${reason}; a text of up to ${shown(longest)} characters is made here: put fewer texts together, or make it a fact of the kind`,
    };
  const part = dearest
    ? `; ${dearest.what} takes ${shown(dearest.steps)} of them: filter before it, make it a fact of the kind, or state the list's \`at_most\``
    : '; write it in fewer parts, or make some of it a fact of the kind';
  return { at: dearest?.at ?? tree.at, reason: `${reason}${part}` };
}

const shown = (steps: number): string => (Number.isFinite(steps) ? steps.toLocaleString('en') : 'endless');
