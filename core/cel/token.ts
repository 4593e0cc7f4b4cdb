/**
 * The words of a CEL expression, by the lexis of the specification (langdef, "Syntax"), in one pass over the text.
 * What cannot be read ends the words with a `mistake`, so that a mistake further left is the one that is reported.
 */
import { decodeString, type Prefix } from './quoted.ts';
import type { Literal, Position } from './tree.ts';

export interface Token {
  /** `name`, `quoted` (a field in back-quotes), `literal`, `end`, `mistake`, else the operator or bracket itself. */
  readonly kind: string;
  /** As written; of a `quoted` field what stands between the back-quotes, of a `mistake` the reason. */
  readonly text: string;
  readonly at: Position;
  /** Of a `literal`. An int is a magnitude up to 2^63: whether a sign stands before it is the parser's knowledge. */
  readonly literal?: Literal;
}

export const INT_MAX = 2n ** 63n - 1n;
const UINT_MAX = 2n ** 64n - 1n;

/**
 * Words by their number from 0, read when they are first asked for: a text that is refused early costs no more than what
 * was looked at. After the last word, an `end` or a `mistake`, there is none.
 */
export function tokenizer(text: string): (index: number) => Token | undefined {
  const tokens: Token[] = [];
  const read = reader(text);
  return (index) => {
    while (tokens.length <= index) {
      const last = tokens.at(-1)?.kind;
      if (last === 'end' || last === 'mistake') return undefined;
      tokens.push(read());
    }
    return tokens[index];
  };
}

/** Gives the next word at each call. */
function reader(text: string): () => Token {
  const locate = locator(text);
  let offset = 0;

  const mistake = (where: number, reason: string): Token => ({
    kind: 'mistake',
    text: reason,
    at: locate(where),
  });

  return () => {
    offset = pastSpace(text, offset);
    const start = offset;
    if (start >= text.length) return { kind: 'end', text: '', at: locate(start) };
    const literal = (read: { readonly literal: Literal; readonly end: number }): Token => {
      offset = read.end;
      return { kind: 'literal', text: text.slice(start, read.end), at: locate(start), literal: read.literal };
    };
    const code = text.charCodeAt(start);
    const prefix = isLetter(code) ? prefixOf(text, start) : null;
    if (isLetter(code) && prefix === null) {
      offset = pastWord(text, start);
      return word(text.slice(start, offset), locate(start));
    }
    if (prefix !== null || code === SINGLE || code === DOUBLE) {
      const read = decodeString(text, start, prefix ?? NO_PREFIX);
      return 'reason' in read ? mistake(read.offset, read.reason) : literal(read);
    }
    if (isDigit(code) || (code === DOT && isDigit(text.charCodeAt(start + 1)))) {
      const read = number(text, start);
      return typeof read === 'string' ? mistake(start, read) : literal(read);
    }
    if (code === BACK_QUOTE) {
      const end = text.indexOf('`', start + 1);
      const field = end < 0 ? '' : text.slice(start + 1, end);
      if (!QUOTED.test(field)) {
        const allowed = 'letters, digits, `_`, `.`, `-`, `/` and spaces';
        return mistake(start, end < 0 ? 'the back-quote is not closed' : `a quoted field holds ${allowed}`);
      }
      offset = end + 1;
      return { kind: 'quoted', text: field, at: locate(start) };
    }
    const two = text.slice(start, start + 2);
    const kind = TWO.has(two) ? two : two.slice(0, 1);
    const reason = slip(text, start) ?? (TWO.has(kind) || ONE.has(kind) ? null : strange(text, start));
    if (reason !== null) return mistake(start, reason);
    offset += kind.length;
    return { kind, text: kind, at: locate(start) };
  };
}

const [DOT, DOUBLE, SINGLE, BACK_QUOTE, NEWLINE, SLASH] = [0x2e, 0x22, 0x27, 0x60, 0x0a, 0x2f];
const TWO: ReadonlySet<string> = new Set(['==', '!=', '<=', '>=', '&&', '||']);
const ONE: ReadonlySet<string> = new Set('+-*/%<>!?:.,()[]{}');
const QUOTED = /^[A-Za-z0-9_./ -]+$/;
const NO_PREFIX: Prefix = { length: 0, raw: false, bytes: false };

const isDigit = (code: number) => code >= 0x30 && code <= 0x39;
const isLetter = (code: number) =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f;

/** Lines and columns of offsets that only grow, so that the text is walked once. Columns are code points. */
export function locator(text: string): (offset: number) => Position {
  let seen = 0;
  let line = 1;
  let column = 1;
  return (offset) => {
    for (; seen < offset && seen < text.length; seen += 1) {
      const code = text.charCodeAt(seen);
      if (code === NEWLINE) {
        line += 1;
        column = 1;
      } else if (code < 0xdc00 || code > 0xdfff || !isHigh(text.charCodeAt(seen - 1))) {
        column += 1;
      }
    }
    return { line, column };
  };
}

const isHigh = (code: number) => code >= 0xd800 && code <= 0xdbff;

function pastSpace(text: string, from: number): number {
  let offset = from;
  for (;;) {
    const code = text.charCodeAt(offset);
    if (code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0b)) {
      offset += 1;
    } else if (code === SLASH && text.charCodeAt(offset + 1) === SLASH) {
      const end = text.indexOf('\n', offset);
      offset = end < 0 ? text.length : end + 1;
    } else {
      return offset;
    }
  }
}

function pastWord(text: string, from: number): number {
  let offset = from;
  while (isLetter(text.charCodeAt(offset)) || isDigit(text.charCodeAt(offset))) offset += 1;
  return offset;
}

/** `b`, `r` or `br` in either case, directly before a quote. */
function prefixOf(text: string, offset: number): Prefix | null {
  const first = text.charCodeAt(offset) | 0x20;
  const bytes = first === 0x62;
  if (!bytes && first !== 0x72) return null;
  const raw = !bytes || (text.charCodeAt(offset + 1) | 0x20) === 0x72;
  const length = bytes && raw ? 2 : 1;
  const quote = text.charCodeAt(offset + length);
  return quote === SINGLE || quote === DOUBLE ? { length, raw, bytes } : null;
}

function word(text: string, at: Position): Token {
  switch (text) {
    case 'true':
    case 'false':
      return { kind: 'literal', text, at, literal: { type: 'bool', value: text === 'true' } };
    case 'null':
      return { kind: 'literal', text, at, literal: { type: 'null', value: null } };
    case 'in':
      return { kind: 'in', text, at };
    default:
      return { kind: 'name', text, at };
  }
}

const NUMBER =
  /(?:0x([0-9A-Fa-f]+)|([0-9]+(?![0-9.eE])|[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+(?:[eE][+-]?[0-9]+)?))([uU]?)/y;

function number(text: string, offset: number): { readonly literal: Literal; readonly end: number } | string {
  NUMBER.lastIndex = offset;
  const [written = '', hex, decimal = '', unsigned = ''] = NUMBER.exec(text) ?? [];
  const end = offset + written.length;
  if (isLetter(text.charCodeAt(end))) return glued(text.slice(offset, pastWord(text, end)), written);
  if (hex === undefined && /[.eE]/.test(decimal)) {
    if (unsigned !== '') return `\`${written}\` is no number: only whole numbers are unsigned`;
    const value = Number(decimal);
    if (!Number.isFinite(value)) return `\`${shown(written)}\` is too large for a double`;
    return { literal: { type: 'double', value }, end };
  }
  const type = unsigned === '' ? 'int' : 'uint';
  // Digits are counted first: turning very many of them into a number takes more than linear time.
  const digits = (hex ?? decimal).replace(/^0+(?=.)/, '');
  const value = digits.length > 20 ? UINT_MAX + 1n : BigInt(hex === undefined ? digits : `0x${digits}`);
  if (value > (type === 'int' ? INT_MAX + 1n : UINT_MAX)) {
    return `\`${shown(written)}\` does not fit: ${type === 'int' ? `an int goes up to ${INT_MAX}` : `a uint goes up to ${UINT_MAX}u`}`;
  }
  return { literal: { type, value }, end };
}

const shown = (written: string) => (written.length > 40 ? `${written.slice(0, 40)}…` : written);

function glued(word: string, number: string): string {
  if (/^\d+_/.test(word)) return `\`${shown(word)}\` is no number: digits are not grouped`;
  if (/^\d+[smhd]$/.test(word)) return `\`${word}\` is no number: write \`duration("${word}")\``;
  if (/^0[xX]/.test(word)) return `\`${shown(word)}\` is no number: \`0x\` and then 0-9, a-f`;
  return `\`${shown(word)}\` is no number: put an operator after \`${shown(number)}\``;
}

/** What people write who have another language in mind. */
function slip(text: string, offset: number): string | null {
  const here = text.slice(offset, offset + 3);
  for (const [written, meant] of SLIPS) {
    if (here.startsWith(written)) return `\`${written}\` is not CEL: ${meant}`;
  }
  return null;
}

const SLIPS: readonly (readonly [string, string])[] = [
  ['===', 'did you mean `==`?'],
  ['!==', 'did you mean `!=`?'],
  ['<>', 'did you mean `!=`?'],
  ['=~', 'did you mean `x.matches(pattern)`?'],
  ['=>', 'did you mean `>=`?'],
  ['**', 'there is no power operator'],
  ['/*', 'a comment begins with `//` and ends with its line'],
];

function strange(text: string, offset: number): string {
  const character = String.fromCodePoint(text.codePointAt(offset) ?? 0);
  const fix = FIXES.get(character);
  if (fix) return `\`${character}\` is not CEL: ${fix}`;
  const code = character.codePointAt(0) ?? 0;
  const visible = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character) ? `\`${character}\`` : 'this character';
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return `${visible} (${name}) has no meaning outside a string`;
}

const FIXES: ReadonlyMap<string, string> = new Map([
  ['=', 'did you mean `==`?'],
  ['&', 'did you mean `&&`?'],
  ['|', 'did you mean `||`?'],
  ['#', 'a comment begins with `//`'],
  [';', 'an expression is one value, without `;`'],
  ['“', 'strings are quoted by `"` or `\'`'],
  ['”', 'strings are quoted by `"` or `\'`'],
  ['‘', 'strings are quoted by `"` or `\'`'],
  ['’', 'strings are quoted by `"` or `\'`'],
  ['≠', 'did you mean `!=`?'],
  ['≤', 'did you mean `<=`?'],
  ['≥', 'did you mean `>=`?'],
  ['$', 'names are written as they are, without `$`'],
]);
