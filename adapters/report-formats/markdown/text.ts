/** Text of strangers inside GitHub's Markdown, where it may format, link, load, mention or reference nothing. */
import { clip, visible } from '../text.ts';

/** Longest name that is shown. */
const LIMIT = 120;

/** A code span: nothing in it is read as Markdown, HTML, a mention or a reference. `|` would still end a table cell. */
export function code(text: string): string {
  const shown = clip(visible(text), LIMIT).trim();
  if (shown === '') return '–';
  const runs = [...shown.matchAll(/`+/g)].map(([run]) => run.length);
  let fence = '`';
  while (runs.includes(fence.length)) fence += '`';
  const pad = shown.startsWith('`') || shown.endsWith('`') ? ' ' : '';
  // In a table a backslash goes with a pipe even inside code, so two would free the pipe again.
  return `${fence}${pad}${shown.replaceAll('|', '¦')}${pad}${fence}`;
}

/** Running text: every character that Markdown reads is escaped, and what a code host links is broken up. */
export function plain(text: string): string {
  return clip(visible(text), LIMIT)
    .trim()
    .replaceAll('|', '¦')
    .replaceAll(
      /[\\`*_{}[\]()<>~!&#+-]/g,
      (character) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;' })[character] ?? `\\${character}`,
    )
    .replaceAll(/@|#(?=\d)|:(?=\/\/)|(?<=\bwww)\./gi, '$&\u200b');
}
