/** What a terminal would show, as HTML: text with the styles of Select Graphic Rendition (ECMA-48), nothing else. */
import { stripVTControlCharacters } from 'node:util';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';

/** Code that switches it on → style, and the code that switches it off. */
const STYLES: Readonly<Record<number, readonly [string, number]>> = {
  1: ['bold', 22],
  2: ['dim', 22],
  3: ['italic', 23],
  4: ['underline', 24],
  31: ['red', 39],
  32: ['green', 39],
  33: ['yellow', 39],
  34: ['blue', 39],
  35: ['magenta', 39],
  36: ['cyan', 39],
  90: ['dim', 39],
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const SEQUENCE = /\u001b\[([\d;]*)m/g;

export function terminalMarkup(output: string): Markup {
  const on = new Map<string, number>();
  const spans: Markup[] = [];
  let last = 0;
  const say = (text: string) => {
    if (text !== '')
      spans.push(html`<span class="${[...on.keys()].join(' ')}">${stripVTControlCharacters(text)}</span>`);
  };
  for (const found of output.matchAll(SEQUENCE)) {
    say(output.slice(last, found.index));
    last = found.index + found[0].length;
    for (const code of (found[1] || '0').split(';').map(Number)) {
      const style = STYLES[code];
      if (style !== undefined) on.set(...style);
      for (const [name, off] of on) if (code === 0 || code === off) on.delete(name);
    }
  }
  say(output.slice(last));
  return html`${spans}`;
}
