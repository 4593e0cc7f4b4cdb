/**
 * What one object of git holds that must not be pushed. The same question for a push and for a commit, so that both get
 * the same answer: sure or likely, not allowed with a reason, not over by its own words.
 */
import { isAscii } from 'node:buffer';
import { findSecrets, type Match } from '../find.ts';

/** Where in a push something stands. */
export type Place = 'file' | 'commit message' | 'tag message' | 'file name' | 'branch or tag name';

export interface Finding {
  /** Id of the detector. */
  readonly rule: string;
  readonly title: string;
  readonly preview: string;
  readonly fingerprint: string;
  readonly place: Place;
  /** Path of a file, as git gives it; of anything else what it is called. */
  readonly path: string;
  readonly line: number;
  /** Name of the object; empty for what is none. */
  readonly object: string;
  /** The mark of another scanner, which gives no reason. */
  readonly ignoredBy: string | null;
}

export interface Subject {
  readonly place: Place;
  readonly path: string;
  readonly object: string;
}

/** An object is searched in pieces of so many bytes. */
export const WINDOW: number = 8 * 1024 * 1024;
/** What two pieces share, so that no secret is cut: longer than any, with what a detector sees around it. */
export const OVERLAP: number = 64 * 1024;

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1';

/** Reads a whole object through `take` and searches it. `now`: what ended before then opens nothing. */
export function searchObject(
  subject: Subject,
  size: number,
  take: (length: number) => Buffer,
  now: Date,
): Finding[] {
  if (size <= WINDOW) return searchWhole(subject, take(size), now);
  return searchPieces(subject, size, take, now);
}

export function searchWhole(subject: Subject, bytes: Buffer, now: Date): Finding[] {
  const encoding = encodingOf(bytes);
  if (encoding === null) return inBinary(subject, bytes, now).map(({ finding }) => finding);
  return inText(subject, bytes, encoding, now).map(({ finding }) => finding);
}

interface Placed {
  readonly finding: Finding;
  readonly start: number;
}

/** Each piece answers for what begins in its own part; both halves of what it shares are seen whole by one of the two. */
function searchPieces(
  subject: Subject,
  size: number,
  take: (length: number) => Buffer,
  now: Date,
): Finding[] {
  const found: Finding[] = [];
  let piece = take(WINDOW);
  const marked = markOf(piece);
  const unit = marked === null ? 1 : 2;
  let left = size - WINDOW;
  let lines = 0;
  for (let first = true; ; first = false) {
    const encoding = marked ?? (piece.includes(0) ? null : 'latin1');
    const inside = encoding === null ? inBinary(subject, piece, now) : inText(subject, piece, encoding, now);
    const from = first ? 0 : OVERLAP / 2 / unit;
    const until = left === 0 ? Number.POSITIVE_INFINITY : (piece.length - OVERLAP / 2) / unit;
    for (const { finding, start } of inside)
      if (start >= from && start < until) found.push({ ...finding, line: finding.line + lines });
    if (left === 0) return found;
    // What is taken next may lie where this piece does.
    const kept = Buffer.from(piece.subarray(piece.length - OVERLAP));
    lines += countLines(
      encoding === null ? piece.toString('latin1') : textOf(piece, encoding),
      (piece.length - OVERLAP) / unit,
    );
    const length = Math.min(left, WINDOW - OVERLAP);
    piece = Buffer.concat([kept, take(length)]);
    left -= length;
  }
}

function countLines(text: string, until: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < until; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

/** What a byte order mark says; null without one. */
function markOf(bytes: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return null;
}

/** Null: a NUL byte, so that it is no text, as for git. */
function encodingOf(bytes: Buffer): Encoding | null {
  return markOf(bytes) ?? (bytes.includes(0) ? null : 'utf-8');
}

const UTF_8 = new TextDecoder('utf-8');

/** Of ASCII alone Latin-1 is the same, and a copy is made sooner than a text is decoded. */
const isLatin1 = (bytes: Buffer, encoding: Encoding): boolean =>
  encoding === 'latin1' || (encoding === 'utf-8' && isAscii(bytes));

function textOf(bytes: Buffer, encoding: Encoding): string {
  if (isLatin1(bytes, encoding)) return bytes.toString('latin1');
  return encoding === 'utf-8' ? UTF_8.decode(bytes) : new TextDecoder(encoding).decode(bytes);
}

function inText(subject: Subject, bytes: Buffer, encoding: Encoding, now: Date): Placed[] {
  if (!isLatin1(bytes, encoding)) return refusable(subject, { text: textOf(bytes, encoding) }, now);
  return refusable(subject, { text: bytes.toString('latin1'), latin1: bytes }, now);
}

/**
 * One NUL byte would else hide everything. Of bytes that are no text only what has the form of one issuer is believed, as it
 * stands and with the NUL bytes taken out, which is how UTF-16 without a mark looks.
 */
function inBinary(subject: Subject, bytes: Buffer, now: Date): Placed[] {
  const text = bytes.toString('latin1');
  const asItStands = sure(refusable(subject, { text, latin1: bytes }, now, 'high'));
  const known = new Set(asItStands.map(({ finding }) => finding.fingerprint));
  const wide = sure(refusable(subject, { text: text.replaceAll('\0', '') }, now, 'high'));
  return [...asItStands, ...wide.filter(({ finding }) => !known.has(finding.fingerprint))];
}

/** Lines mean nothing in bytes that are no text. */
const sure = (found: readonly Placed[]): Placed[] =>
  found.map(({ finding, start }) => ({ start, finding: { ...finding, line: 0 } }));

interface Text {
  readonly text: string;
  /** The same as bytes, where each of its characters is one. */
  readonly latin1?: Buffer;
}

/** What is refused of a text. `least`: how sure a match has to be. */
export function refusable(
  { place, path, object }: Subject,
  { text, ...latin1 }: Text,
  now: Date,
  least: 'high' | 'medium' = 'medium',
): Placed[] {
  return findSecrets(text, place === 'file' ? { path, ...latin1 } : latin1)
    .filter((match) => isRefused(match, now, least))
    .map((match) => ({
      start: match.start,
      finding: {
        rule: match.detector,
        title: match.title,
        preview: match.preview,
        fingerprint: match.fingerprint,
        place,
        path,
        line: match.line,
        object,
        ignoredBy: match.ignoredBy ?? null,
      },
    }));
}

function isRefused({ confidence, allowed, expires }: Match, now: Date, least: 'high' | 'medium'): boolean {
  if (allowed !== undefined) return false;
  if (confidence === 'low' || (least === 'high' && confidence !== 'high')) return false;
  return expires === undefined || Date.parse(expires) > now.getTime();
}

/** A text with every secret in it masked: a path or a message may hold one as well. */
export function masked(text: string): string {
  let shown = '';
  let at = 0;
  for (const { start, end, preview } of findSecrets(text)) {
    if (start < at) continue;
    shown += text.slice(at, start) + preview;
    at = end;
  }
  return shown + text.slice(at);
}
