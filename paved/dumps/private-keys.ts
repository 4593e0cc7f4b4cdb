/**
 * Private keys as they lie in memory: the bytes of PKCS#8, PKCS#1 and SEC 1, known by how they begin and believed when they parse; and the
 * numbers of a key, which a library keeps by themselves, in the order of its machine.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';

const SEQUENCE = 0x30;
const INTEGER = 2;
const OCTETS = 4;
const OBJECT = 6;
/** A key of RSA with 16384 bits has 9.3 KB. */
const LONGEST = 12_000;

export interface FoundKey {
  readonly start: number;
  readonly end: number;
  readonly detector: 'private-key-der' | 'private-key-der-cut';
  readonly numbers: readonly Buffer[];
}

/** Object identifiers of what has private keys: RSA, elliptic curves, Ed25519 and Ed448, X25519 and X448. */
const ALGORITHMS = ['2a864886f70d0101', '2a8648ce3d0201', '2b65'];

export function keysIn(window: Buffer): FoundKey[] {
  const found: FoundKey[] = [];
  // A version of 0 or 1 stands right behind the first header of each form.
  for (let at = 2; at + 4 < window.length; at++) {
    // Three bytes of at most 2: where the last is larger none of the three begins one.
    if ((window[at + 2] ?? 9) > 2) {
      at += 2;
      continue;
    }
    if (window[at] !== INTEGER || window[at + 1] !== 1 || (window[at + 2] ?? 9) > 1) continue;
    const key = keyAt(window, at);
    if (key === null) continue;
    found.push(key);
    at = Math.max(at, key.end - 1);
  }
  return found;
}

function keyAt(window: Buffer, version: number): FoundKey | null {
  const next = window[version + 3];
  if (next !== SEQUENCE && next !== INTEGER && next !== OCTETS) return null;
  // The head of an algorithm; a number of at least 512 bits; a number of 14 to 66 bytes.
  const length = window[version + 4] ?? 0;
  const inner = version + 5 + (length < 0x80 ? 0 : length & 0x7f);
  if (next === SEQUENCE && window[inner] !== OBJECT) return null;
  if (next === INTEGER && length < 0x40) return null;
  if (next === OCTETS && (length < 14 || length > 66)) return null;
  const header = headerBefore(window, version);
  if (header === null || header.length > LONGEST) return null;
  const { start } = header;
  const end = Math.min(version + header.length, window.length);
  const der = window.subarray(start, end);
  const type = next === SEQUENCE ? 'pkcs8' : next === INTEGER ? 'pkcs1' : 'sec1';
  const key = parsed(() => createPrivateKey({ key: der, format: 'der', type }));
  if (key !== null) return { start, end, detector: 'private-key-der', numbers: numbersOf(key) };
  // Cut or damaged: what is left of it is a part of a key all the same.
  const names = window.toString('hex', version + 3, version + 24);
  const isPkcs8 =
    type === 'pkcs8' &&
    ALGORITHMS.some((algorithm) => /^30..06../.test(names) && names.startsWith(algorithm, 8));
  return isPkcs8 ? { start, end, detector: 'private-key-der-cut', numbers: [] } : null;
}

/** The header of a sequence that ends at `at`, with the length that it gives. */
function headerBefore(window: Buffer, at: number): { start: number; length: number } | null {
  if (at >= 4 && window[at - 4] === SEQUENCE && window[at - 3] === 0x82)
    return { start: at - 4, length: window.readUInt16BE(at - 2) };
  if (at >= 3 && window[at - 3] === SEQUENCE && window[at - 2] === 0x81)
    return { start: at - 3, length: window[at - 1] ?? 0 };
  const length = window[at - 1] ?? 0;
  return window[at - 2] === SEQUENCE && length >= 30 && length < 0x80 ? { start: at - 2, length } : null;
}

function parsed(parse: () => KeyObject): KeyObject | null {
  try {
    return parse();
  } catch {
    return null;
  }
}

const SECRET_PARTS = ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const;

/** The secret numbers of a key, the most significant byte first and last. */
function numbersOf(key: KeyObject): Buffer[] {
  let parts: Readonly<Record<string, unknown>>;
  try {
    parts = { ...key.export({ format: 'jwk' }) };
  } catch {
    // DSA and rare curves have no such form: the key itself is overwritten where it lies.
    return [];
  }
  return SECRET_PARTS.flatMap((name) => {
    const part = parts[name];
    if (typeof part !== 'string') return [];
    const number = Buffer.from(part, 'base64url');
    return [number, Buffer.from(number).reverse()];
  });
}

const LEAST_LINE = 32;

/** Of a key in PEM its lines, however they were broken, and its numbers; null for what is none. */
export function partsOfPem(text: string): readonly Buffer[] | null {
  const block = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)[A-Z ]*-----([\s\S]*?)(?:-----END|$)/.exec(text);
  if (block === null) return null;
  const [, label = '', body = ''] = block;
  // A line break may be written as an escape in a text of JSON.
  const lines = body.replaceAll(/\\[nr]/g, '\n').split(/[^A-Za-z0-9+/=]+/);
  const long = lines.filter((line) => line.length >= LEAST_LINE);
  const pem = `-----BEGIN ${label}-----\n${lines.join('\n').trim()}\n-----END ${label}-----\n`;
  const key = parsed(() => createPrivateKey(pem));
  return [...long.map((line) => Buffer.from(line)), ...(key === null ? [] : numbersOf(key))];
}
