/** The words of what people wrote in HTML, or in the XML of Office files. */

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/** Markup without its tags: blocks end a line, and a tag inside of a word does not part it. To be shown as text: it is not safe as HTML. */
export function markupText(markup: string): string {
  // Behind the last `>` nothing is a tag, and each `<` there would look for one to the end.
  const end = markup.lastIndexOf('>') + 1;
  const untagged = markup
    .slice(0, end)
    .replaceAll(/<(?:br|hr)\b[^>]*>|<\/(?:p|div|li|tr|td|th|h[1-6]|pre|w:p|a:p|si|c|is)>/gi, '\n')
    .replaceAll(/<[^>]*>/g, '');
  return (untagged + markup.slice(end)).replaceAll(
    /&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]+);/gi,
    (whole, name: string) => {
      if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
      const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}
