/**
 * A few lines of a file, safe to print anywhere: bounded in number and length, without characters that act, and with stretches
 * that must not be seen (the values of secrets) replaced. Pure.
 */

/** Offsets into the text, in UTF-16 code units; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Excerpt {
  /** Number of the first line, from 1. */
  readonly from: number;
  readonly lines: readonly string[];
}

export interface ExcerptRequest {
  readonly text: string;
  /** From 1. */
  readonly line: number;
  /** Lines before and after it. */
  readonly around: number;
  /** Longest line, in UTF-16 code units. */
  readonly width: number;
  readonly masked: readonly Span[];
  /** Texts of one line that must not be seen wherever they stand. */
  readonly values?: readonly string[];
}

/** What stands in place of what must not be seen: always the same, so that it tells no length. */
export const MASK = '••••••';

/** Null for a line that the text does not have. */
export function excerptOf(request: ExcerptRequest): Excerpt | null {
  const { text, line, around, width, masked, values = [] } = request;
  const bounds = lineBounds(text, line, around);
  if (bounds === null) return null;
  const shown = [
    ...masked.filter(({ start, end }) => start < bounds.end && end > bounds.start),
    ...values.flatMap((value) => occurrences(text, value, bounds)),
  ];
  const lines = bounds.lines.map(({ start, end }) => safe(hidden(text, { start, end }, shown), width));
  let { from } = bounds;
  while (from < line && lines[0]?.trim() === '') {
    lines.shift();
    from++;
  }
  while (from + lines.length - 1 > line && lines.at(-1)?.trim() === '') lines.pop();
  const common = Math.min(...lines.filter((one) => one.trim() !== '').map(indent));
  return {
    from,
    lines: lines.map((one) => one.slice(Number.isFinite(common) ? common : 0).trimEnd()),
  };
}

interface Bounds extends Span {
  readonly from: number;
  readonly lines: readonly Span[];
}

function lineBounds(text: string, line: number, around: number): Bounds | null {
  const from = Math.max(1, line - around);
  const lines: Span[] = [];
  let start = 0;
  for (let number = 1; number <= line + around; number++) {
    const at = text.indexOf('\n', start);
    const end = at < 0 ? text.length : at;
    // What ends in a line break has no further, empty line.
    if (at < 0 && start === text.length && number > 1) break;
    if (number >= from) lines.push({ start, end });
    if (at < 0) break;
    start = at + 1;
  }
  const [first] = lines;
  const last = lines.at(-1);
  if (!first || !last || from + lines.length - 1 < line) return null;
  return { from, lines, start: first.start, end: last.end };
}

function occurrences(text: string, value: string, within: Span): Span[] {
  const found: Span[] = [];
  if (value === '') return found;
  const stretch = text.slice(within.start, within.end);
  for (let at = stretch.indexOf(value); at >= 0; at = stretch.indexOf(value, at + 1))
    found.push({ start: within.start + at, end: within.start + at + value.length });
  return found;
}

/** A line with each masked stretch replaced; of a stretch over several lines each line is. */
function hidden(text: string, { start, end }: Span, masked: readonly Span[]): string {
  let shown = '';
  let at = start;
  for (const span of masked.toSorted((a, b) => a.start - b.start)) {
    const from = Math.max(at, span.start);
    const until = Math.min(end, span.end);
    if (until <= from) continue;
    shown += text.slice(at, from) + MASK;
    at = until;
  }
  return shown + text.slice(at, end);
}

/** Longer lines are cut before they are looked at in detail: a file may be one line. */
function safe(line: string, width: number): string {
  const cut = line.length > width * 2;
  const plain = line
    .slice(0, width * 2)
    .replace(/\r$/, '')
    .replaceAll('\t', '  ')
    .toWellFormed()
    .replaceAll(ACTING, (character) => `⟨U+${hexadecimal(character)}⟩`);
  return cut || plain.length > width ? `${plain.slice(0, width - 1).toWellFormed()}…` : plain;
}

/** Controls, line separators, and what hides or reorders text. */
const ACTING =
  /[\p{Cc}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

const hexadecimal = (character: string): string =>
  (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');

const indent = (line: string): number => line.length - line.trimStart().length;
