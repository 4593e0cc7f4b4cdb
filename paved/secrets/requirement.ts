/**
 * What has to stand in a text for a pattern to match, worked out from the pattern: a quick look by the engine's own regular
 * expressions, so that RE2, which is linear and slow, sees only what may match. Each is necessary and never sufficient; a
 * pattern that this does not understand requires nothing.
 *
 * The expressions that are made here repeat single characters a bounded number of times, so they are linear too.
 */
export interface Requirement {
  /** Sticky. Stands at the first character of the keyword that begins a match; null where a match may begin elsewhere. */
  readonly head: RegExp | null;
  /** One of them stands in every match; null where no run is certain. */
  readonly runs: readonly Run[] | null;
}

/** So many characters of one class in a row. */
export interface Run {
  readonly length: number;
  /** By code, for ASCII: 1 for a character of the class. */
  readonly ascii: Uint8Array;
  /** Codes of other characters of the class. */
  readonly others: ReadonlySet<number>;
}

export function requirementOf(pattern: string, keywords: readonly string[], before: number): Requirement {
  const alternatives = parsed(pattern);
  if (alternatives === null) return { head: null, runs: null };
  const begins = before === 0 && beginsWithKeyword(alternatives, keywords);
  return {
    head: begins ? new RegExp(headOf(alternatives).source, 'y') : null,
    runs: runsOf(alternatives),
  };
}

/** Whether a run stands in text[from, until). It looks ahead by its length, so that of most texts it reads a small part. */
export function standsIn(run: Run, text: string, from: number, until: number): boolean {
  const { length, ascii, others } = run;
  let start = from;
  while (start + length <= until) {
    let at = start + length - 1;
    while (at >= start) {
      const code = text.charCodeAt(at);
      if (code < 128 ? ascii[code] === 0 : !others.has(code)) break;
      at -= 1;
    }
    if (at < start) return true;
    start = at + 1;
  }
  return false;
}

/** What the text behind a keyword has to have for a sticky pattern to match there: asked before the pattern, at every keyword. */
export interface Ahead {
  /** By code, for the first 256: 1 for a character with which a match may begin. */
  readonly first: Uint8Array;
  /** One of them stands in every match; null where no run is certain. */
  readonly runs: readonly Run[] | null;
  /** No match is longer. */
  readonly length: number;
}

/** Null for a pattern that this does not understand, or that may match nothing. */
export function aheadOf(pattern: RegExp): Ahead | null {
  if (readsOtherwise(pattern)) return null;
  const alternatives = parsed(pattern.source, { folds: pattern.ignoreCase, blanks: ALL_BLANKS });
  const first = new Uint8Array(256);
  if (alternatives === null || mayBeEmpty(alternatives, first)) return null;
  return { first, runs: runsOf(alternatives), length: longestOf(alternatives) };
}

/** By flags RE2's syntax does not know: a dot that is a line feed too, characters of two code units, cases beyond ASCII. */
const readsOtherwise = ({ dotAll, unicode, unicodeSets, ignoreCase, source }: RegExp): boolean =>
  dotAll || unicode || unicodeSets || (ignoreCase && /[^\0-\x7f]/.test(source));

export function mayStandAhead({ first, runs, length }: Ahead, text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  // Beyond a text nothing begins.
  if (!(code > 255 || first[code] === 1)) return false;
  const until = Math.min(text.length, at + length);
  return runs === null || runs.some((run) => standsIn(run, text, at, until));
}

/** Marks with what each may begin, and says whether one of them may be of no characters. */
function mayBeEmpty(alternatives: readonly Sequence[], first: Uint8Array): boolean {
  let empty = false;
  for (const sequence of alternatives) empty = sequence.every((item) => isSkipped(item, first)) || empty;
  return empty;
}

function isSkipped(item: Item, first: Uint8Array): boolean {
  if (item.is === 'group') return mayBeEmpty(item.alternatives, first) || item.min === 0;
  for (const [from, to] of item.ranges) first.fill(1, from, to + 1);
  return item.min === 0;
}

function longestOf(alternatives: readonly Sequence[]): number {
  const lengths = alternatives.map((sequence) =>
    sequence.reduce(
      (sum, item) =>
        sum + (item.max === 0 ? 0 : item.max * (item.is === 'group' ? longestOf(item.alternatives) : 1)),
      0,
    ),
  );
  return Math.max(0, ...lengths);
}

/** Ranges of UTF-16 code units, both ends included. */
type Ranges = readonly (readonly [from: number, to: number])[];
type Sequence = readonly Item[];
type Item = Characters | Group;

interface Characters {
  readonly is: 'characters';
  readonly ranges: Ranges;
  /** May stand for a character that takes two code units. */
  readonly wide: boolean;
  readonly min: number;
  readonly max: number;
}

interface Group {
  readonly is: 'group';
  readonly alternatives: readonly Sequence[];
  readonly min: number;
  readonly max: number;
}

/** What a pattern asks for at its beginning, and whether that is all of it. */
interface Head {
  readonly source: string;
  readonly whole: boolean;
}

function headOf(alternatives: readonly Sequence[]): Head {
  const heads = alternatives.map(headOfSequence);
  return {
    source: `(?:${heads.map(({ source }) => source).join('|')})`,
    whole: heads.every(({ whole }) => whole),
  };
}

function headOfSequence(sequence: Sequence): Head {
  let source = '';
  for (const item of sequence) {
    if (item.is === 'characters') {
      source += repeated(item, Math.min(item.min, LONGEST_HEAD));
      // What comes next stands at no fixed place.
      if (item.min !== item.max || item.wide || item.min > LONGEST_HEAD) return { source, whole: false };
      continue;
    }
    if (item.min !== 1 || item.max !== 1) return { source, whole: false };
    const head = headOf(item.alternatives);
    source += head.source;
    if (!head.whole) return { source, whole: false };
  }
  return { source, whole: true };
}

/** A longer beginning says little more, and would be looked at longer. */
const LONGEST_HEAD = 64;
/** A shorter run stands in every other line. */
const SHORTEST_RUN = 12;

/** The longest run of characters without which nothing matches; of alternatives one each. */
function runsOf(alternatives: readonly Sequence[]): readonly Run[] | null {
  const runs: Run[] = [];
  for (const sequence of alternatives) {
    const found = sequence.flatMap((item) => {
      if (item.min === 0) return [];
      if (item.is === 'group') {
        const inner = runsOf(item.alternatives);
        return inner === null ? [] : [inner];
      }
      // Almost everything is a run of all but one character.
      return item.wide || item.min < SHORTEST_RUN ? [] : [[runOf(item)]];
    });
    const [longest] = found.sort((a, b) => leastOf(b) - leastOf(a));
    if (longest === undefined) return null;
    runs.push(...longest);
  }
  return runs;
}

const leastOf = (runs: readonly Run[]): number => Math.min(...runs.map(({ length }) => length));

function runOf({ ranges, min }: Characters): Run {
  const ascii = new Uint8Array(128);
  const others = new Set<number>();
  for (const [from, to] of ranges)
    for (let code = from; code <= to; code++)
      if (code < 128) ascii[code] = 1;
      else others.add(code);
  return { length: min, ascii, others };
}

const escaped = (code: number) => `\\u${code.toString(16).padStart(4, '0')}`;
const repeated = ({ ranges }: Characters, times: number) =>
  times === 0 ? '' : `[${ranges.map(([from, to]) => `${escaped(from)}-${escaped(to)}`).join('')}]{${times}}`;

/** Whether whatever matches begins with one of the keywords, which are in lower case. */
function beginsWithKeyword(alternatives: readonly Sequence[], keywords: readonly string[]): boolean {
  const longest = Math.max(...keywords.map(({ length }) => length));
  const beginnings = alternatives.map((sequence) => beginningsOf(sequence, longest));
  return beginnings.every((texts) =>
    texts?.every((text) => keywords.some((keyword) => text.startsWith(keyword))),
  );
}

/** More of them are not looked into. */
const MOST_BEGINNINGS = 128;

/** Every text of some characters with which a match may begin, in lower case; null for too many. Shorter ones are all that is certain. */
function beginningsOf(sequence: Sequence, characters: number): readonly string[] | null {
  let texts: readonly string[] = [''];
  for (const item of sequence) {
    if (texts.every(({ length }) => length >= characters)) break;
    const next = item.is === 'group' ? groupTexts(item, characters) : characterTexts(item, characters);
    if (next === null) return null;
    texts = texts.flatMap((text) =>
      text.length >= characters ? [text] : next.texts.map((more) => text + more),
    );
    if (texts.length > MOST_BEGINNINGS) return null;
    if (!next.certain) break;
  }
  return texts;
}

/** What an item may be, and whether what follows it is right behind it. */
interface Texts {
  readonly texts: readonly string[];
  readonly certain: boolean;
}

function groupTexts({ alternatives, min, max }: Group, characters: number): Texts | null {
  if (min !== 1 || max !== 1) return { texts: [''], certain: false };
  const texts: string[] = [];
  for (const alternative of alternatives) {
    const found = beginningsOf(alternative, characters);
    if (found === null) return null;
    texts.push(...found);
  }
  // Only what was followed to its end is followed by what comes next.
  return { texts, certain: alternatives.every(isPlain) };
}

const isPlain = (sequence: Sequence): boolean =>
  sequence.every((item) => item.is === 'characters' && item.min === 1 && item.max === 1 && sizeOf(item) <= 4);

const sizeOf = ({ ranges }: Characters) => ranges.reduce((size, [from, to]) => size + to - from + 1, 0);

function characterTexts(item: Characters, characters: number): Texts | null {
  if (item.min === 0 || item.wide || sizeOf(item) > 4) return { texts: [''], certain: false };
  const letters = new Set(
    item.ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, at) => lowered(from + at))),
  );
  let texts: readonly string[] = [''];
  for (let time = 0; time < Math.min(item.min, characters); time++) {
    texts = texts.flatMap((text) => [...letters].map((letter) => text + letter));
    if (texts.length > MOST_BEGINNINGS) return null;
  }
  return { texts, certain: item.min === item.max };
}

/** Keywords are compared without regard to case. */
function lowered(code: number): string {
  const plain = Object.keys(FOLDED).find((letter) => FOLDED[letter] === code);
  return plain ?? String.fromCharCode(code).toLowerCase();
}

/** A class as it is written. */
interface Written {
  readonly ranges: Ranges;
  readonly negated: boolean;
  readonly wide?: boolean;
}

class Misunderstood extends Error {}

/** RE2's syntax as far as detectors use it; null for anything else. */
function parsed(
  pattern: string,
  { folds, blanks } = { folds: false, blanks: CLASSES.s },
): readonly Sequence[] | null {
  let at = 0;
  const fail = (): never => {
    throw new Misunderstood(pattern);
  };

  function alternation(fold: boolean): Sequence[] {
    let folded = fold;
    const alternatives: Item[][] = [[]];
    while (at < pattern.length && pattern[at] !== ')') {
      const items = alternatives.at(-1) as Item[];
      if (pattern[at] === '|') {
        at += 1;
        alternatives.push([]);
      } else if (pattern.startsWith('(?i)', at)) {
        at += 4;
        folded = true;
      } else if (pattern[at] === '^' || pattern[at] === '$') {
        at += 1;
      } else if (/^\\[bB]/.test(pattern.slice(at, at + 2))) {
        at += 2;
      } else items.push(quantified(pattern[at] === '(' ? group(folded) : characters(folded)));
    }
    return alternatives;
  }

  function group(fold: boolean): Item {
    const [opening, flag] = /^\((?:\?(i?):)?/.exec(pattern.slice(at)) ?? fail();
    at += opening.length;
    if (pattern[at] === '?') fail();
    const alternatives = alternation(fold || flag === 'i');
    if (pattern[at] !== ')') fail();
    at += 1;
    return { is: 'group', alternatives, min: 1, max: 1 };
  }

  function characters(fold: boolean): Item {
    const { ranges, negated, wide } = pattern[at] === '[' ? bracket(fold) : single();
    const all = fold ? bothCases(ranges) : ranges;
    // Of a class that is not to match, what folds into it does not match either: the text may hold all others.
    return {
      is: 'characters',
      ranges: negated ? inverted(fold ? ranges : all) : all,
      wide: negated || wide === true,
      min: 1,
      max: 1,
    };
  }

  function single(): Written {
    const char = pattern[at] as string;
    if (char === '.') {
      at += 1;
      return { ranges: [[10, 10]], negated: true };
    }
    if (char === '\\') return escapedOne();
    if (/[*+?{}]/.test(char) || isSurrogate(char)) fail();
    at += 1;
    return { ranges: [[char.charCodeAt(0), char.charCodeAt(0)]], negated: false };
  }

  function escapedOne(): { ranges: Ranges; negated: boolean } {
    const letter = pattern[at + 1] ?? fail();
    at += 2;
    const known = letter.toLowerCase() === 's' ? blanks : CLASSES[letter.toLowerCase()];
    if (known) return { ranges: known, negated: letter !== letter.toLowerCase() };
    const control = CONTROLS[letter];
    if (control !== undefined) return { ranges: [[control, control]], negated: false };
    if (/[A-Za-z0-9]/.test(letter) || isSurrogate(letter)) fail();
    return { ranges: [[letter.charCodeAt(0), letter.charCodeAt(0)]], negated: false };
  }

  function bracket(fold: boolean): Written {
    at += 1;
    let wide = false;
    const negated = pattern[at] === '^';
    if (negated) at += 1;
    const ranges: (readonly [number, number])[] = [];
    while (pattern[at] !== ']') {
      if (pattern[at] === undefined || pattern[at] === '[') fail();
      const from = pattern[at] === '\\' ? escapedOne() : plain();
      if (from.negated) {
        // `[\s\S]`: all that is no blank, beside others. What folds into it would have to be left out.
        if (negated || fold) fail();
        wide = true;
        ranges.push(...inverted(from.ranges));
        continue;
      }
      const [first] = from.ranges;
      if (pattern[at] !== '-' || pattern[at + 1] === ']' || from.ranges.length > 1 || !first) {
        ranges.push(...from.ranges);
        continue;
      }
      at += 1;
      const [to] = (pattern[at] === '\\' ? escapedOne() : plain()).ranges;
      ranges.push([first[0], to?.[1] ?? fail()]);
    }
    at += 1;
    if (ranges.length === 0) fail();
    return { ranges, negated, wide };
  }

  function plain(): { ranges: Ranges; negated: boolean } {
    const char = pattern[at] as string;
    if (isSurrogate(char)) fail();
    at += 1;
    return { ranges: [[char.charCodeAt(0), char.charCodeAt(0)]], negated: false };
  }

  function quantified(item: Item): Item {
    const found = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/.exec(pattern.slice(at));
    if (!found) return pattern[at] === '{' ? fail() : item;
    at += found[0].length;
    const [, sign, low = '', comma, high] = found;
    if (sign !== undefined)
      return { ...item, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Number.POSITIVE_INFINITY };
    const min = Number(low);
    return { ...item, min, max: comma === undefined ? min : high ? Number(high) : Number.POSITIVE_INFINITY };
  }

  try {
    const alternatives = alternation(folds);
    return at === pattern.length ? alternatives : null;
  } catch (error) {
    if (error instanceof Misunderstood) return null;
    throw error;
  }
}

const isSurrogate = (char: string): boolean => /[\ud800-\udfff]/.test(char);

const range = (from: string, to: string) => [from.charCodeAt(0), to.charCodeAt(0)] as const;
const CLASSES: Readonly<Record<string, Ranges>> = {
  d: [range('0', '9')],
  w: [range('0', '9'), range('A', 'Z'), range('a', 'z'), range('_', '_')],
  s: [range('\t', '\n'), range('\f', '\r'), range(' ', ' ')],
};
/** What JavaScript takes for a blank. */
const ALL_BLANKS: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11 };

/** The Kelvin sign folds to `k`, the long s to `s`. */
const FOLDED: Readonly<Record<string, number>> = { k: 0x212a, s: 0x017f };

function bothCases(ranges: Ranges): Ranges {
  const more = ranges.flatMap(([from, to]) => {
    const found: (readonly [number, number])[] = [];
    for (let code = Math.max(from, 65); code <= Math.min(to, 122); code++) {
      const char = String.fromCharCode(code);
      if (!/[A-Za-z]/.test(char)) continue;
      const other = char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase();
      found.push(range(other, other));
      const odd = FOLDED[char.toLowerCase()];
      if (odd !== undefined) found.push([odd, odd]);
    }
    return found;
  });
  return [...ranges, ...more];
}

function inverted(ranges: Ranges): Ranges {
  const found: (readonly [number, number])[] = [];
  let next = 0;
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    if (from > next) found.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  if (next <= 0xffff) found.push([next, 0xffff]);
  return found;
}
