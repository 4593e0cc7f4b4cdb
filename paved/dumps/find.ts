/** What in a window of memory is a secret: by the detectors that are given, and by what always is one in memory. */
import { keysIn, partsOfPem } from './private-keys.ts';
import type { TextRuns } from './text-runs.ts';

/** What a detector found in a text; offsets are those of the text. */
export interface TextMatch {
  readonly detector: string;
  readonly start: number;
  readonly end: number;
  readonly confidence: 'high' | 'medium' | 'low';
}

/** `findSecrets` of @macadam/secrets fits it. `latin1`: the text as bytes. */
export type FindSecrets = (
  text: string,
  options: { readonly latin1?: Uint8Array; readonly limit: number },
) => readonly TextMatch[];

export interface Found {
  readonly detector: string;
  /** Places in the window. */
  readonly places: readonly { readonly start: number; readonly end: number }[];
  /** What is overwritten wherever else it stands, in each of its forms. */
  readonly values: readonly Buffer[];
}

const MOST = 100_000;

/** `runs`: the texts of the window. */
export function findIn(window: Buffer, runs: readonly TextRuns[], find: FindSecrets): Found[] {
  return [
    ...runs.flatMap((one) => inRuns(one, find)),
    ...keysIn(window).map(({ start, end, detector, numbers }) => ({
      detector,
      places: [{ start, end }],
      values: numbers,
    })),
  ];
}

function inRuns(runs: TextRuns, find: FindSecrets): Found[] {
  if (runs.text.length === 0) return [];
  const text = runs.text.toString('latin1');
  return [...inText(text, runs.text, find), ...inHeaders(text), ...inBase64(text, runs.text, find)].map(
    ({ detector, start, end, values }) => ({ detector, places: runs.places(start, end), values }),
  );
}

interface InText {
  readonly detector: string;
  readonly start: number;
  readonly end: number;
  readonly values: readonly Buffer[];
}

function inText(text: string, latin1: Uint8Array, find: FindSecrets): InText[] {
  const matches = find(text, { latin1, limit: MOST });
  if (matches.length >= MOST) throw new TooMany();
  return matches.map(({ detector, start, end, confidence }) => {
    const value = text.slice(start, end);
    // What reads like an example is overwritten where it stands; elsewhere it is a word.
    const values = confidence === 'low' ? [] : (partsOfPem(value) ?? [Buffer.from(value, 'latin1')]);
    return { detector, start, end, values };
  });
}

/** The limit of what a window may hold; a smaller one holds less. */
export class TooMany extends Error {}

/** What a header of HTTP carries is a credential whatever it looks like. */
const HEADERS =
  /\b(?:(?:proxy-)?authorization|(?:set-)?cookie|x-(?:api-key|auth-token|amz-security-token|vault-token))["']?[ \t]{0,4}[:=][ \t"']{0,4}([\x21-\x7e][^\r\n"\\]{7,8191})/gi;
const SCHEME = /^(?:basic|bearer|digest|negotiate|token|apikey)\s+/i;
const LEAST_HEADER = 12;

function inHeaders(text: string): InText[] {
  return [...text.matchAll(HEADERS)].map((match) => {
    const whole = match[1] ?? '';
    const value = whole.replace(SCHEME, '');
    const end = match.index + match[0].length;
    // A short one is no more than a word of a program that handles such headers.
    const isValue = value.length >= LEAST_HEADER && /\d/.test(value) && !value.includes(' ');
    return {
      detector: 'http-header',
      start: end - value.length,
      end,
      values: isValue ? [Buffer.from(value, 'latin1')] : [],
    };
  });
}

const DIGITS = new Uint8Array(256);
for (const digit of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_')
  DIGITS[digit.charCodeAt(0)] = 1;
const LEAST_ENCODED = 24;
const LONGEST_ENCODED = 48_000;

/** Calls `each` for each run of digits of base64 that is long enough: where every 24th byte is none, there is none. */
function eachEncoded(latin1: Uint8Array, each: (start: number, end: number) => void): void {
  let last = 0;
  for (let at = LEAST_ENCODED - 1; at < latin1.length; at += LEAST_ENCODED) {
    if (DIGITS[latin1[at] ?? 0] === 0) continue;
    let start = at;
    while (start > last && DIGITS[latin1[start - 1] ?? 0] === 1) start--;
    let end = at + 1;
    while (DIGITS[latin1[end] ?? 0] === 1) end++;
    if (end - start >= LEAST_ENCODED) each(start, end);
    last = end;
    at = end - 1;
  }
}

/** What stands in base64 is searched as if it stood there itself, where its first bytes are text or the head of a key. */
function inBase64(text: string, latin1: Uint8Array, find: FindSecrets): InText[] {
  const found: InText[] = [];
  eachEncoded(latin1, (first, last) => {
    const head = Buffer.from(text.slice(first, first + LEAST_ENCODED), 'base64');
    const isKey = head[0] === 0x30 && (head[1] ?? 0) > 0x1d && head.includes(2);
    if (!isKey && !head.every((byte) => (byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13))) return;
    for (let from = first; from < last; from += LONGEST_ENCODED / 2) {
      const decoded = aligned(
        Buffer.from(text.slice(from, Math.min(last, from + LONGEST_ENCODED)), 'base64'),
      );
      const inside = isKey ? inBytes(decoded) : inText(decoded.toString('latin1'), decoded, find);
      for (const { detector, start, end, values } of inside)
        found.push({
          detector: `${detector}-in-base64`,
          start: from + Math.floor((start * 4) / 3),
          end: Math.min(last, from + Math.ceil((end * 4) / 3)),
          values,
        });
    }
  });
  return found;
}

const inBytes = (bytes: Buffer): InText[] =>
  keysIn(bytes).map(({ start, end, detector, numbers }) => ({ detector, start, end, values: numbers }));

/** Small buffers share a larger one, and begin anywhere in it. */
const aligned = (bytes: Buffer): Buffer => {
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  return own;
};
