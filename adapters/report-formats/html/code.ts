/** A place as people go to it: its path, which leads to the line at the code host, and the lines of code around it. */
import type { Location } from '@macadam/core/facts/observation';
import type { CodeLines } from '@macadam/core/figures/scan';
import { safeLink } from './browser/safe-link.ts';
import { html, type Markup } from './markup.ts';
import { place } from './words.ts';

export function placeLink(location: Location | null | undefined, link: string | undefined): Markup | null {
  const text = place(location);
  if (text === '') return null;
  const shown = html`<code class="place">${text}</code>`;
  const safe = safeLink(link);
  return safe === null ? shown : html`<a href="${safe}" rel="noreferrer">${shown}</a>`;
}

/** The line of the location stands out among the others. */
export function codeLines(code: CodeLines | undefined, line: number | undefined): Markup | null {
  if (code === undefined) return null;
  return html`<pre class="code">${code.lines.map(
    (text, index) =>
      html`<span class="${code.from + index === line ? 'line here' : 'line'}"><span class="number">${code.from + index}</span> ${text === '' ? ' ' : text}\n</span>`,
  )}</pre>`;
}
