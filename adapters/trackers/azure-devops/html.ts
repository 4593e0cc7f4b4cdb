/** Texts as Azure DevOps holds them: a little HTML, there and back. */
import { markupText } from '@macadam/core/text/markup';
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

/** The words of what people wrote; they are shown as text, so nothing of the mark-up matters. */
export function textOfHtml(html: string): string {
  return markupText(html)
    .replaceAll(/(?<![ \t])[ \t]*\n\s*/g, '\n')
    .trim();
}
