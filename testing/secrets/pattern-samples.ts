/**
 * Texts that a pattern must match, one for every branch of every alternation in it, so that a test can show that none
 * of them is dead. It reads the part of RE2 that our patterns use, and throws for anything else.
 */

/** A part of a pattern. A group that captures says so: its text is the secret. */
type Part =
  | { readonly type: 'literal'; readonly text: string }
  | { readonly type: 'class'; readonly characters: string }
  | { readonly type: 'sequence'; readonly parts: readonly Part[] }
  | { readonly type: 'choice'; readonly branches: readonly Part[] }
  | { readonly type: 'group'; readonly part: Part }
  | { readonly type: 'repeat'; readonly part: Part; readonly least: number; readonly most: number };

export interface PatternSample {
  readonly text: string;
  /** What stands in the capturing group that took part, else the whole text. */
  readonly secret: string;
  /** Number of the branch, from 0, in the order in which the branches are written. */
  readonly branch: number;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const WORD = `${LETTERS}${LETTERS.toUpperCase()}0123456789_`;
const PRINTABLE = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
/** How much longer than its least a part that may repeat for ever is made. */
const OPEN = 4;

/** Every branch of every alternation once, in the order in which they are written; one sample for a pattern without any. */
export function patternSamples(pattern: string, next: () => number): PatternSample[] {
  const parsed = parse(pattern);
  const choices: { choice: Part; branch: number }[] = [];
  walk(parsed, (part) => {
    if (part.type === 'choice')
      part.branches.forEach((_, branch) => void choices.push({ choice: part, branch }));
  });
  const asked = choices.length > 0 ? choices : [null];
  return asked.map((forced, branch) => ({ ...made(parsed, forced, next), branch }));
}

function walk(part: Part, visit: (part: Part) => void): void {
  visit(part);
  if (part.type === 'sequence') for (const one of part.parts) walk(one, visit);
  if (part.type === 'choice') for (const one of part.branches) walk(one, visit);
  if (part.type === 'group' || part.type === 'repeat') walk(part.part, visit);
}

function holds(part: Part, wanted: Part): boolean {
  let found = false;
  walk(part, (one) => {
    found ||= one === wanted;
  });
  return found;
}

function made(
  pattern: Part,
  forced: { readonly choice: Part; readonly branch: number } | null,
  next: () => number,
): { text: string; secret: string } {
  let text = '';
  let secret: string | null = null;
  const below = (limit: number) => Math.floor(next() * limit);
  const add = (part: Part): void => {
    if (part.type === 'literal') text += part.text;
    if (part.type === 'class') text += part.characters.charAt(below(part.characters.length));
    if (part.type === 'sequence') for (const one of part.parts) add(one);
    if (part.type === 'choice') add(branchOf(part.branches, part));
    if (part.type === 'group') {
      const start = text.length;
      add(part.part);
      secret = text.slice(start);
    }
    if (part.type === 'repeat') {
      const least = forced !== null && holds(part.part, forced.choice) ? Math.max(1, part.least) : part.least;
      const most = Math.min(part.most, least + OPEN);
      for (let times = least + below(most - least + 1); times > 0; times--) add(part.part);
    }
  };
  const branchOf = (branches: readonly Part[], choice: Part): Part => {
    const within =
      forced === null
        ? -1
        : forced.choice === choice
          ? forced.branch
          : branches.findIndex((one) => holds(one, forced.choice));
    return branches[within === -1 ? below(branches.length) : within] as Part;
  };
  add(pattern);
  return { text, secret: secret ?? text };
}

function parse(pattern: string): Part {
  let at = 0;
  const fail = (): never => {
    throw new TypeError(`no sample for what stands at ${at} of ${pattern}`);
  };
  const choice = (): Part => {
    const branches = [sequence()];
    while (pattern.charAt(at) === '|') {
      at++;
      branches.push(sequence());
    }
    return branches.length === 1 ? (branches[0] as Part) : { type: 'choice', branches };
  };
  const sequence = (): Part => {
    const parts: Part[] = [];
    while (at < pattern.length && !'|)'.includes(pattern.charAt(at))) {
      const part = atom();
      if (part !== null) parts.push(repeated(part));
    }
    return { type: 'sequence', parts };
  };
  const atom = (): Part | null => {
    const char = pattern.charAt(at++);
    if (char === '^' || char === '$') return null;
    if (char === '.') return { type: 'class', characters: PRINTABLE };
    if (char === '[') return { type: 'class', characters: members() };
    if (char === '\\') return escaped();
    if (char === '(') return grouped();
    return { type: 'literal', text: char };
  };
  const grouped = (): Part | null => {
    const special = /^\?[a-z]*(:|\))/.exec(pattern.slice(at, at + 8));
    at += special?.[0].length ?? 0;
    if (special?.[1] === ')') return null;
    const part = choice();
    if (pattern.charAt(at++) !== ')') fail();
    return special ? part : { type: 'group', part };
  };
  const escaped = (): Part | null => {
    const char = pattern.charAt(at++);
    if (char === 'b') return null;
    const characters = shorthand(char);
    if (characters !== null) return { type: 'class', characters };
    return { type: 'literal', text: char === 'n' ? '\n' : char === 'r' ? '\r' : char };
  };
  const members = (): string => {
    const negated = pattern.charAt(at) === '^';
    if (negated) at++;
    let characters = '';
    for (let first = true; first || pattern.charAt(at) !== ']'; first = false) {
      if (at >= pattern.length) fail();
      let low = pattern.charAt(at++);
      if (low === '\\') {
        low = pattern.charAt(at++);
        const set = shorthand(low);
        if (set !== null) {
          characters += set;
          continue;
        }
        if (low === 'n') low = '\n';
        if (low === 'r') low = '\r';
      }
      if (pattern.charAt(at) === '-' && pattern.charAt(at + 1) !== ']') {
        const high = pattern.charAt(at + 1);
        at += 2;
        for (let code = low.charCodeAt(0); code <= high.charCodeAt(0); code++)
          characters += String.fromCharCode(code);
      } else characters += low;
    }
    at++;
    if (!negated) return characters;
    // Where a blank may stand, what stands there keeps two parts apart; elsewhere it is part of a value.
    return characters.includes(' ') ? [...WORD].filter((char) => !characters.includes(char)).join('') : ' ';
  };
  const repeated = (part: Part): Part => {
    const bounds = /^(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/.exec(pattern.slice(at, at + 16));
    if (bounds === null) return part;
    at += bounds[0].length;
    const [, mark, low, comma, high] = bounds;
    const least = mark === undefined ? Number(low) : mark === '+' ? 1 : 0;
    const open = mark === '*' || mark === '+' || (comma !== undefined && high === '');
    const most = open ? least + OPEN : mark === '?' ? 1 : Number(high ?? low);
    return { type: 'repeat', part, least, most };
  };
  const whole = choice();
  if (at < pattern.length) fail();
  return whole;
}

function shorthand(char: string): string | null {
  if (char === 'd') return '0123456789';
  if (char === 'w') return WORD;
  if (char === 's') return ' ';
  if (char === 'S') return WORD;
  return null;
}
