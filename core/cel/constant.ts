/** What can be said of the constants of a standard when it is loaded, before any asset is looked at. */
import { RE2JS } from 're2js';
import { didYouMean } from '../text/suggestion.ts';
import type { Checking } from './checking.ts';
import { MAX_PATTERN, MAX_PATTERNS, patternSize } from './pattern.ts';
import { FUNCTIONS } from './runtime/functions.ts';
import { Unknown } from './runtime/value.ts';
import type { Node, Position } from './tree.ts';
import type { Typed } from './typed.ts';

/** Compiling a pattern is what makes it RE2: linear in the text, whatever the text. */
export function constantPattern(c: Checking, at: Position, parts: readonly Node[]): boolean {
  const regex = parts[1];
  if (regex?.node !== 'literal' || typeof regex.value !== 'string') {
    c.mistake(at, '`matches` needs a constant pattern, so that its cost is known');
    return false;
  }
  const size = patternSize(regex.value);
  const all = c.patterns(size);
  if (size > MAX_PATTERN || all > MAX_PATTERNS) {
    const what =
      size > MAX_PATTERN
        ? `this pattern has more than ${MAX_PATTERN} parts once its repetitions are written out`
        : `the patterns of this expression have more than ${MAX_PATTERNS} parts together`;
    c.mistake(regex.at, `${what}: repeat less often, or make what is looked for a fact of the kind`);
    return false;
  }
  try {
    RE2JS.compile(regex.value);
    return true;
  } catch {
    c.mistake(regex.at, 'not a valid RE2 pattern');
    return false;
  }
}

/** A conversion of a constant text that has no result is `undefined` for every asset: a mistake in the standard. */
export function constantResult(c: Checking, id: string, parts: readonly Node[]): boolean {
  const [text] = parts;
  if (
    !/^string_to_(timestamp|duration|ip|cidr|semver)$/.test(id) ||
    text?.node !== 'literal' ||
    parts.length !== 1
  )
    return true;
  const run = FUNCTIONS[id] as ((text: string) => unknown) | undefined;
  const result = run?.(String(text.value));
  if (!(result instanceof Unknown)) return true;
  c.mistake(text.at, result.causes.map(({ why }) => why).join('; '));
  return false;
}

/** A comparison with a word that an enumeration does not have can never be true: a typing mistake. */
export function words(c: Checking, given: readonly Typed[]): void {
  const [first, second] = given;
  if (!first || !second) return;
  for (const [one, other] of [
    [first, second],
    [second, first],
  ] as const) {
    const type = c.unifier.resolve(one.type);
    const values =
      type.name === 'enum'
        ? type.values
        : type.name === 'list' && type.of.name === 'enum'
          ? type.of.values
          : null;
    if (!values) continue;
    const literals = other.node === 'list' ? other.items.map(({ value }) => value) : [other];
    for (const literal of literals) {
      if (literal.node !== 'literal' || typeof literal.value !== 'string') continue;
      if (values.includes(literal.value)) continue;
      c.mistake(
        literal.at,
        `\`${literal.value}\` is not one of ${values.join(', ')}${didYouMean(literal.value, values)}`,
      );
    }
  }
}
