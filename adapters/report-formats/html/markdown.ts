/**
 * The Markdown that the guidance of standards is written in, as markup: headings, paragraphs, lists, fenced code,
 * quotes, tables, emphasis, code and links. A subset of CommonMark and of GitHub's tables on purpose: raw HTML stays
 * text, images are left out, links go to http(s) only. Every construct is found line by line, so no input is slow.
 */
import { type Child, html, type Markup } from './markup.ts';

/** Longest line that is searched for emphasis and links; a longer one is plain text. */
const INLINE_LIMIT = 4000;

export interface Chapter {
  readonly heading: string;
  readonly body: Markup;
}

/** The second-level chapters of a document; what stands before the first one has an empty heading. */
export function chapters(text: string): readonly Chapter[] {
  const found: { heading: string; lines: string[] }[] = [{ heading: '', lines: [] }];
  let fenced = false;
  for (const line of text.split(/\r\n?|\n/)) {
    if (/^\s{0,3}(```|~~~)/.test(line)) fenced = !fenced;
    const heading = fenced ? null : /^## +(\S.*)$/.exec(line)?.[1];
    if (heading) found.push({ heading: heading.replace(/[ #]+$/, ''), lines: [] });
    else if (fenced || !line.startsWith('# ')) found.at(-1)?.lines.push(line);
  }
  return found
    .filter(({ heading, lines }) => heading !== '' || lines.some((line) => line.trim() !== ''))
    .map(({ heading, lines }) => ({ heading, body: html`${blocks(lines)}` }));
}

/** Deeper than this, lists and quotes are text: no document nests so, and the stack is finite. */
const DEEPEST = 8;

function blocks(lines: readonly string[], depth = 0): Markup[] {
  if (depth > DEEPEST) return [html`<p>${lines.join('\n')}</p>`];
  const made: Markup[] = [];
  let at = 0;
  const take = (fits: (line: string) => boolean): string[] => {
    const start = at;
    while (at < lines.length && fits(lines[at] ?? '')) at += 1;
    return lines.slice(start, at);
  };
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const fence = /^\s{0,3}(```|~~~)/.exec(line)?.[1];
    if (line.trim() === '') at += 1;
    else if (fence !== undefined) {
      at += 1;
      const code = take((next) => !next.trimStart().startsWith(fence));
      at += 1;
      made.push(html`<pre><code>${code.join('\n')}</code></pre>`);
    } else if (/^#{1,6} /.test(line)) {
      at += 1;
      made.push(html`<h6>${inline(line.replace(/^#+ +/, ''))}</h6>`);
    } else if (line.startsWith('>')) {
      const quoted = take((next) => next.startsWith('>'));
      made.push(
        html`<blockquote>${blocks(
          quoted.map((next) => next.replace(/^> ?/, '')),
          depth + 1,
        )}</blockquote>`,
      );
    } else if (line.startsWith('|') && /^\|[ :|-]+$/.test(lines[at + 1]?.trim() ?? '')) {
      made.push(table(take((next) => next.startsWith('|'))));
    } else if (ITEM.test(line)) {
      const numbered = /^\d/.test(line);
      const items = take((next) =>
        ITEM.test(next) ? /^\d/.test(next) === numbered : /^( +\S|\s*$)/.test(next),
      );
      made.push(numbered ? html`<ol>${listed(items, depth)}</ol>` : html`<ul>${listed(items, depth)}</ul>`);
    } else {
      const rest = take(
        (next) => next.trim() !== '' && !/^(\s{0,3}(```|~~~)|#{1,6} |>|\|)/.test(next) && !ITEM.test(next),
      );
      // A line that only looks like the start of something else is a paragraph of its own.
      if (rest.length === 0) at += 1;
      made.push(html`<p>${inline((rest.length === 0 ? [line] : rest).join('\n'))}</p>`);
    }
  }
  return made;
}

const ITEM = /^([-*+]|\d{1,9}[.)]) +/;

function listed(lines: readonly string[], depth: number): Markup[] {
  const items: string[][] = [];
  for (const line of lines) {
    if (ITEM.test(line)) items.push([line.replace(ITEM, '')]);
    else items.at(-1)?.push(line.replace(/^ {1,4}/, ''));
  }
  return items.map((item) => {
    const simple = item.every(
      (line) => line.trim() !== '' && !ITEM.test(line) && !/^(```|~~~|>|\|)/.test(line),
    );
    return html`<li>${simple ? inline(item.join('\n')) : blocks(item, depth + 1)}</li>`;
  });
}

function table(lines: readonly string[]): Markup {
  const cells = (line: string): string[] =>
    line
      .trim()
      .replace(/^\||\|$/g, '')
      .split('|')
      .map((cell) => cell.trim());
  const [head = '', , ...body] = lines;
  return html`<table><thead><tr>${cells(head).map((cell) => html`<th scope="col">${inline(cell)}</th>`)}</tr></thead>
<tbody>${body.map((line) => html`<tr>${cells(line).map((cell) => html`<td>${inline(cell)}</td>`)}</tr>`)}</tbody></table>`;
}

const INLINE =
  /`([^`\n]{1,400})`|\*\*([^*\n]{1,400})\*\*|\*([^*\s][^*\n]{0,400})\*|!?\[([^[\]\n]{1,400})\]\(([^()\s]{1,400})\)|<(https?:\/\/[^<>\s]{1,400})>/g;

function inline(text: string): Child {
  if (text.length > INLINE_LIMIT) return text;
  const made: Child[] = [];
  let last = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, code, strong, emphasis, label, target, address] = found;
    made.push(text.slice(last, found.index));
    last = found.index + whole.length;
    if (code !== undefined) made.push(html`<code>${code}</code>`);
    else if (strong !== undefined) made.push(html`<strong>${strong}</strong>`);
    else if (emphasis !== undefined) made.push(html`<em>${emphasis}</em>`);
    else made.push(link(label ?? address ?? '', target ?? address ?? ''));
  }
  return [...made, text.slice(last)];
}

function link(label: string, target: string): Child {
  if (!/^https?:\/\//i.test(target) || !URL.canParse(target)) return label;
  return html`<a href="${new URL(target).href}" rel="noopener noreferrer">${label}</a>`;
}
