/** Names and messages come from strangers' repositories: what they may not do to a screen, a line or a reader. */

/**
 * One line in which everything that acts instead of showing is shown: control characters (with them every
 * terminal escape) as their pictures, marks that turn the direction of text or hide, as code points.
 */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\r\n|[\n\r\t\u2028\u2029]/g, ' ')
    .replaceAll(/[\p{Cc}]/gu, (character) => {
      const code = character.charCodeAt(0);
      if (code < 0x20) return String.fromCharCode(0x2400 + code);
      return code === 0x7f ? '␡' : escaped(character);
    })
    .replaceAll(/[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu, escaped);
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

const segments = new Intl.Segmenter('en', { granularity: 'grapheme' });
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1faff}\u{20000}-\u{3fffd}]|^\p{Emoji_Presentation}/u;
const empty = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

/** Columns that a terminal gives one grapheme: East Asian wide characters and emoji take two. */
function graphemeWidth(grapheme: string): number {
  if (empty.test(grapheme)) return 0;
  return wide.test(grapheme) || grapheme.includes('\ufe0f') ? 2 : 1;
}

export function columns(text: string): number {
  // Nearly all text is ASCII.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let total = 0;
  for (const { segment } of segments.segment(text)) total += graphemeWidth(segment);
  return total;
}

/** At most `limit` columns, with `…` where something was cut. */
export function clip(text: string, limit: number): string {
  if (columns(text) <= limit) return text;
  let kept = '';
  let used = 0;
  // No more than this is looked at: a name may be a megabyte.
  for (const { segment } of segments.segment(text.slice(0, limit * 8))) {
    const next = used + graphemeWidth(segment);
    if (next > limit - 1) break;
    kept += segment;
    used = next;
  }
  return limit > 0 ? `${kept}…` : '';
}

/** Exactly `width` columns: clipped, then filled with spaces at the end, or at the start. */
export function fit(text: string, width: number, side: 'start' | 'end' = 'start'): string {
  const clipped = clip(text, width);
  const fill = ' '.repeat(Math.max(0, width - columns(clipped)));
  return side === 'start' ? clipped + fill : fill + clipped;
}

/** Lines of at most `width` columns, broken at spaces; a longer word is clipped. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').filter((each) => each !== '')) {
    if (line !== '' && columns(line) + 1 + columns(word) <= width) {
      line += ` ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    line = clip(word, width);
  }
  if (line !== '') lines.push(line);
  return lines;
}
