/**
 * How large a regular expression becomes when its repetitions are written out, which is what compiling and matching it cost. RE2
 * matches in time linear in the text, and in this size; `(a{100}){100}` is ten characters and ten thousand parts.
 */

/** A pattern that people wrote has a few dozen. */
export const MAX_PATTERN = 5000;
/** Of all patterns of one expression. */
export const MAX_PATTERNS = 10_000;

/** A class of letters of a script is many ranges. */
const UNICODE_CLASS = 50;

/** An upper bound in parts, or more than `MAX_PATTERN`; also of a text that is no pattern. */
export function patternSize(pattern: string): number {
  let at = 0;

  /** Up to the end or the bracket that closes it. */
  function alternatives(): number {
    let size = 1;
    while (at < pattern.length && pattern[at] !== ')') {
      if (pattern[at] === '|') {
        at += 1;
        size += 1;
      } else size += repeated(atom());
    }
    return size;
  }

  function atom(): number {
    const character = pattern[at];
    at += 1;
    if (character === '(') {
      const inside = alternatives();
      at += 1;
      return inside + 1;
    }
    if (character === '[') return ranges();
    if (character !== '\\') return 1;
    return escaped();
  }

  function escaped(): number {
    const letter = pattern[at] ?? '';
    at += 1;
    if (letter !== 'p' && letter !== 'P') return 1;
    if (pattern[at] === '{') at = Math.max(at, pattern.indexOf('}', at)) + 1;
    else at += 1;
    return UNICODE_CLASS;
  }

  function ranges(): number {
    let size = 1;
    // A bracket that comes first closes nothing.
    if (pattern[at] === '^') at += 1;
    if (pattern[at] === ']') at += 1;
    while (at < pattern.length && pattern[at] !== ']') {
      const character = pattern[at];
      at += 1;
      if (character === '\\') size += escaped() - 1;
      else if (character === '[' && pattern[at] === ':') at = Math.max(at, pattern.indexOf(':]', at) + 2);
    }
    at += 1;
    return size;
  }

  function repeated(size: number): number {
    let all = size;
    for (;;) {
      const [counted, least = '', most] =
        /^\{(\d{1,9})(?:,(\d{0,9}))?\}/.exec(pattern.slice(at, at + 24)) ?? [];
      if (counted !== undefined) {
        at += counted.length;
        all *= Math.max(1, Number(least), Number(most ?? 0)) + 1;
      } else if (/[*+?]/.test(pattern[at] ?? '')) {
        at += 1;
        all += 1;
      } else return all;
    }
  }

  let size = 0;
  while (at < pattern.length) {
    size += alternatives();
    // One that closes nothing.
    at += 1;
  }
  return size;
}
