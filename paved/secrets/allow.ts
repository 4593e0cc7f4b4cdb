/**
 * `macadam:allow-secret REASON` in a comment on the line of a match, or alone on the line before it, marks the
 * match as allowed. It stays in the result, with its reason: an allowance is counted, never silent. Without a
 * reason it allows nothing.
 *
 * The marks of other scanners ask for no reason. They are read, so that a repository that used one is not told the
 * same again without a word, and told apart: somebody decided, and nobody knows why.
 */
const MARK = /macadam:allow-secret[ \t]+([^\r\n]*)/;

/** On the line itself. */
const OF_OTHERS =
  /gitleaks:allow|betterleaks:allow|trufflehog:ignore|kingfisher:ignore|ggignore|pragma:[ \t]?(?:allow|white)list secret|secretlint-disable-line|nosecret\b/i;
/** On the line before. */
const OF_OTHERS_ABOVE =
  /pragma:[ \t]?(?:allow|white)list nextline secret|secretlint-disable-next-line|kingfisher:ignore/i;

export interface Allowance {
  /** Given in our own mark. */
  readonly reason?: string;
  /** The mark of another scanner, as it is written. */
  readonly ignoredBy?: string;
}

/** A mark is looked for in this many characters at either end of a line, so that a line of 100 MB costs nothing. */
const LONGEST = 2_000;

/** What is allowed on the line [start, end), there or alone on the one before it, which begins at `previous`. */
export function allowanceOf(text: string, previous: number, start: number, end: number): Allowance {
  const line = ends(text, start, end);
  const above = start === 0 ? '' : text.slice(Math.max(previous, start - LONGEST), start);
  // Alone on its line: nothing but the marks that open a comment may stand before it.
  const alone = /^[\s/#*;<!'"-]*macadam:allow-secret/.test(above) ? reasonIn(above) : undefined;
  const reason = reasonIn(line) ?? alone;
  if (reason !== undefined) return { reason };
  const ignoredBy = OF_OTHERS.exec(line)?.[0] ?? OF_OTHERS_ABOVE.exec(above)?.[0];
  return ignoredBy === undefined ? {} : { ignoredBy: ignoredBy.toLowerCase().replaceAll(/[ \t]+/g, ' ') };
}

function ends(text: string, start: number, end: number): string {
  if (end - start <= 2 * LONGEST) return text.slice(start, end);
  return `${text.slice(start, start + LONGEST)}\n${text.slice(end - LONGEST, end)}`;
}

function reasonIn(text: string): string | undefined {
  const reason = MARK.exec(text)?.[1]
    ?.replace(/(\*\/|-->|["'`])\s*$/, '')
    .trim();
  return reason === undefined || reason === '' ? undefined : reason.slice(0, 200);
}
