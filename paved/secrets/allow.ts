/**
 * `macadam:allow-secret REASON` in a comment on the line of a match, or alone on the line before it, marks the
 * match as allowed. It stays in the result, with its reason: an allowance is counted, never silent. Without a
 * reason it allows nothing.
 */
const MARK = /macadam:allow-secret[ \t]+([^\r\n]*)/;

/** The reason that stands on the line [start, end), or alone on the one before it, which begins at `previous`. */
export function allowance(text: string, previous: number, start: number, end: number): string | undefined {
  const own = reasonIn(text, start, end);
  if (own !== undefined || start === 0) return own;
  const above = text.slice(Math.max(previous, start - LONGEST), start);
  // Alone on its line: nothing but the marks that open a comment may stand before it.
  return /^[\s/#*;<!'"-]*macadam:allow-secret/.test(above) ? reasonIn(above, 0, above.length) : undefined;
}

/** A mark is looked for in this many characters at either end of a line, so that a line of 100 MB costs nothing. */
const LONGEST = 2_000;

function reasonIn(text: string, start: number, end: number): string | undefined {
  const parts =
    end - start <= 2 * LONGEST
      ? [text.slice(start, end)]
      : [text.slice(start, start + LONGEST), text.slice(end - LONGEST, end)];
  for (const part of parts) {
    const reason = MARK.exec(part)?.[1]
      ?.replace(/(\*\/|-->|["'`])\s*$/, '')
      .trim();
    if (reason !== undefined && reason !== '') return reason.slice(0, 200);
  }
  return undefined;
}
