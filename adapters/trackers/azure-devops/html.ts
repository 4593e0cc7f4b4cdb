/** Texts as Azure DevOps holds them: a little HTML, there and back. */
import type { IssueBlock } from '../port.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (one) => ENTITIES[one] ?? one);

export function htmlOf(block: IssueBlock): string {
  if ('text' in block) return `<p>${escaped(block.text)}</p>`;
  const items = block.items.map(
    ({ name, note }) => `<li><code>${escaped(name)}</code> ${escaped(note)}</li>`,
  );
  return `<p><b><code>${escaped(block.head)}</code></b></p><ul>${items.join('')}</ul>`;
}

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/** The words of what people wrote; they are shown as text, so nothing of the mark-up matters. */
export function textOfHtml(html: string): string {
  return html
    .replaceAll(/<(?:br|\/p|\/div|\/li|\/h\d)\b[^>]*>/gi, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal, hex, name) => {
      if (name !== undefined) return NAMED[String(name).toLowerCase()] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    })
    .replaceAll(/[ \t]*\n\s*/g, '\n')
    .trim();
}
