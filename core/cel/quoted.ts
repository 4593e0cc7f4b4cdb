/** Strings and bytes as CEL writes them (langdef, "String and Bytes Values"): four quotes, `r` and `b`, escapes. */
import type { Literal } from './tree.ts';

export interface Prefix {
  readonly length: number;
  readonly raw: boolean;
  readonly bytes: boolean;
}

type Read =
  | { readonly literal: Literal; readonly end: number }
  | { readonly offset: number; readonly reason: string };

/** Reads the string whose prefix begins at `start`. Line ends inside become `\n`, as in cel-go, so that a checkout does not change a meaning. */
export function decodeString(text: string, start: number, prefix: Prefix): Read {
  const open = start + prefix.length;
  const quote = text[open] ?? '';
  const triple = text.startsWith(quote.repeat(3), open);
  const fence = triple ? quote.repeat(3) : quote;
  const parts: string[] = [];
  const bytes: number[] = [];
  let chunk = open + fence.length;
  let offset = chunk;

  const flush = (): Read | null => {
    if (chunk === offset) return null;
    const slice = text.slice(chunk, offset).replace(/\r\n?/g, '\n');
    if (!slice.isWellFormed()) return { offset: start, reason: 'the string holds half a character' };
    if (prefix.bytes) for (const byte of ENCODER.encode(slice)) bytes.push(byte);
    else parts.push(slice);
    return null;
  };

  for (;;) {
    const code = text.charCodeAt(offset);
    if (offset >= text.length || (!triple && (code === 0x0a || code === 0x0d))) {
      const lines = triple || offset >= text.length ? '' : ` or use \`${quote.repeat(3)}\` for several lines`;
      return { offset: start, reason: `the string that begins here is not closed: add \`${fence}\`${lines}` };
    }
    if (code === quote.charCodeAt(0) && text.startsWith(fence, offset)) break;
    if (code !== 0x5c || prefix.raw) {
      offset += 1;
      continue;
    }
    const broken = flush();
    if (broken) return broken;
    const read = escaped(text, offset, prefix.bytes);
    if (typeof read === 'string') return { offset, reason: read };
    if (prefix.bytes) bytes.push(read.code);
    else parts.push(String.fromCodePoint(read.code));
    offset += read.length;
    chunk = offset;
  }
  const broken = flush();
  if (broken) return broken;
  const literal: Literal = prefix.bytes
    ? { type: 'bytes', value: Uint8Array.from(bytes) }
    : { type: 'string', value: parts.join('') };
  return { literal, end: offset + fence.length };
}

const ENCODER = new TextEncoder();

const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 0x5c,
  '?': 0x3f,
  '"': 0x22,
  "'": 0x27,
  '`': 0x60,
};

/** The code point, or in bytes the byte, that the escape at `offset` stands for. */
function escaped(
  text: string,
  offset: number,
  bytes: boolean,
): { readonly code: number; readonly length: number } | string {
  const letter = text[offset + 1] ?? '';
  const simple = Object.hasOwn(SIMPLE, letter) ? SIMPLE[letter] : undefined;
  if (simple !== undefined) return { code: simple, length: 2 };
  if (/[0-7]/.test(letter)) {
    const digits = text.slice(offset + 1, offset + 4);
    if (!/^[0-3][0-7]{2}$/.test(digits)) return 'an octal escape has three digits, `\\000` to `\\377`';
    return { code: Number.parseInt(digits, 8), length: 4 };
  }
  const size = { x: 2, X: 2, u: 4, U: 8 }[letter];
  if (size === undefined) {
    const shown = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(letter) ? `\`\\${letter}\`` : 'a backslash before this';
    return `${shown} is no escape: write \`\\\\\` for a backslash, or put \`r\` before the quote`;
  }
  const digits = text.slice(offset + 2, offset + 2 + size);
  if (digits.length < size || /[^0-9a-fA-F]/.test(digits)) {
    return `\`\\${letter}\` is followed by ${size} hexadecimal digits`;
  }
  if (bytes && size > 2) return `\`\\${letter}\` is no escape in bytes: write the bytes with \`\\x\``;
  const code = Number.parseInt(digits, 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    return `\`\\${letter}${digits}\` is no Unicode character`;
  }
  return { code, length: 2 + size };
}
