/**
 * How many steps an expression takes at most, known before it runs: one for each part, times the sizes of the lists
 * that it goes through. Sizes are assumptions that a kind states; a longer list costs more than was said, not too much.
 */
import { patternSize } from './pattern.ts';
import type { CelMistake, Position } from './tree.ts';
import type { Typed } from './typed.ts';
import { type Bounds, isAggregate, isText, valueSizes } from './value-size.ts';

export interface Cost {
  readonly steps: number;
  /** The macro that most of the steps are spent in, itself and not those inside it. */
  readonly dearest: { readonly at: Position; readonly what: string; readonly steps: number } | null;
  /** Characters of the longest text that it makes, at most; texts that it is given do not count. */
  readonly longest: number;
  /** Where that is made; null where none is. */
  readonly longestAt: Position | null;
}

/** Two lists of a thousand in one another are a few million steps, a tenth of a second; three are minutes. */
export const MAX_STEPS = 20_000_000;

/** A text is gone through once; most are short. */
const TEXT_STEPS = 10;
/** Characters up to which a text counts as short. */
const SHORT_TEXT = 1000;
/** Of a long one. */
const CHARACTERS_A_STEP = 4;
/** Parts of a pattern that are tried in one step. */
const PARTS_A_STEP = 10;
const TEXT = /^(string_|matches|contains_|starts_with_|ends_with_|list_join)/;

/** What looks at no more than the container itself. */
const SHALLOW: ReadonlySet<string> = new Set(['_[_]', '_[?_]', '_?_:_', 'size', 'orValue', 'or', 'hasValue']);

export function cost(tree: Typed, bounds: Bounds): Cost {
  const sizes = valueSizes(bounds);
  let dearest: Cost['dearest'] = null;
  let longest = 0;
  let longestAt: Position | null = null;

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
        sizes.bind(node.binding, sizes.of(node.value));
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
    if (node.function === '@in' && second) return node.overload === 'in_map' ? 0 : sizes.of(second).inside;
    if (SHALLOW.has(node.function)) return 0;
    const text = node.overload !== null && TEXT.test(node.overload) ? TEXT_STEPS : 0;
    if (node.overload === 'add_list') return sizes.of(node).inside;
    const read = node.arguments.reduce((sum, part) => sum + textSteps(part), 0);
    if (!isText(node)) return Math.max(text * patternFactor(node), read, ...aggregates(node));
    const made = sizes.of(node).text;
    if (made > longest) [longest, longestAt] = [made, node.at];
    return Math.max(text, read + (made > SHORT_TEXT ? made / CHARACTERS_A_STEP : 0), ...aggregates(node));
  }

  const aggregates = (node: Typed & { readonly node: 'call' }): readonly number[] =>
    node.arguments.map((part) => (isAggregate(part) ? sizes.of(part).inside : 0));

  /** Of going once through a text, or through every text of a list. */
  function textSteps(part: Typed): number {
    if (!isText(part) && !isAggregate(part)) return 0;
    const { text, inside } = sizes.of(part);
    if (text <= SHORT_TEXT) return 0;
    return (text * (isAggregate(part) ? inside : 1)) / CHARACTERS_A_STEP;
  }

  function fold(node: Typed & { readonly node: 'fold' }, times: number): number {
    const spentOver = steps(node.over, times);
    const over = sizes.of(node.over);
    const { path, size } = over;
    for (const binding of node.bindings) sizes.bind(binding, sizes.elementOf(over));
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

/** How much longer a pattern takes than looking for a text. */
function patternFactor(node: Typed & { readonly node: 'call' }): number {
  const pattern = node.arguments[1];
  if (node.overload !== 'matches' && node.overload !== 'matches_string') return 1;
  if (pattern?.node !== 'literal' || typeof pattern.value !== 'string') return 1;
  return Math.max(1, patternSize(pattern.value) / PARTS_A_STEP);
}

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
