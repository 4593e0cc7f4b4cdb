/** A page of the console as somebody reads it who has no browser: its links, ids, lists and the numbers that it says of them. */

export interface ReadLink {
  readonly href: string;
  readonly words: string;
  /** What stands between its tags. */
  readonly inner: string;
}

export interface ReadPage {
  readonly links: readonly ReadLink[];
  readonly ids: ReadonlySet<string>;
  /** Its main part, without what draws. */
  readonly main: string;
  /** Counted by the list and named by nobody, so that no row has them. */
  readonly uncounted: number;
}

const ENTITIES: Readonly<Record<string, string>> = { quot: '"', '#39': "'", lt: '<', gt: '>', amp: '&' };
const unescaped = (text: string): string =>
  text.replaceAll(/&(quot|#39|lt|gt|amp);/g, (_, name: string) => ENTITIES[name] ?? '');

export const wordsOf = (html: string): string =>
  unescaped(
    html
      .replaceAll(/<svg\b[\s\S]*?<\/svg>/g, ' ')
      .replaceAll(/<span class="hidden">[^<]*<\/span>/g, ' ')
      .replaceAll(/<[^>]*>/g, ' '),
  )
    .replaceAll(/\s+/g, ' ')
    .trim();

export function pageOf(html: string): ReadPage {
  const main = (/<main\b[\s\S]*<\/main>/.exec(html)?.[0] ?? html).replaceAll(/<svg\b[\s\S]*?<\/svg>/g, ' ');
  const links = [...html.matchAll(/<a\b[^>]*?\shref="([^"]*)"[^>]*>([\s\S]*?)<\/a>/g)].map(
    ([, href = '', inner = '']): ReadLink => ({ href: unescaped(href), words: wordsOf(inner), inner }),
  );
  const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id = '']) => unescaped(id));
  const uncounted = /(\d[\d,]*) (?:counted and never named|not identified|counted)/.exec(wordsOf(main));
  return { links, ids: new Set(ids), main, uncounted: uncounted ? numberOf(uncounted[1] ?? '') : 0 };
}

const numberOf = (digits: string): number => Number(digits.replaceAll(',', ''));

const MOST_WORDS = 6;

/** Of a link that shows how many there are: `1,234`, `−14`, `12 fixed`, and `Late 3` of a tab; null where it shows something else. */
export function figureOf({ inner, words }: ReadLink): number | null {
  // A sentence is of one thing, and says of it how many it may be.
  if (words.split(' ').length > MOST_WORDS) return null;
  // Names of things begin with figures, too, and days do.
  if (
    /<(bdi|time|code)\b/.test(inner) ||
    /^\d+ (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b/.test(words)
  )
    return null;
  const leading = /^[−+]?(\d[\d,]*)(?= |$)(?! ?%)/.exec(words)?.[1];
  const tab = / <span>(\d[\d,]*)<\/span>$/.exec(inner)?.[1];
  const digits = leading ?? tab;
  return digits === undefined ? null : numberOf(digits);
}

/** Numbers by which a list says how long it is: in its heading, its first lines, and the tab that is open. */
export function saidLengths({ main, uncounted }: ReadPage): ReadonlySet<number> {
  const parts = [
    ...main.matchAll(
      /<h1\b[\s\S]*?<\/h1>|<p class="(?:lead|answer|when)[^"]*"[\s\S]*?<\/p>|<span class="more">[\s\S]*?<\/span>|<tfoot>[\s\S]*?<\/tfoot>|<a\b[^>]*aria-current[^>]*>[\s\S]*?<\/a>/g,
    ),
  ].map(([part]) => wordsOf(part));
  const said = parts.flatMap((part) =>
    [...part.matchAll(/(?<![\w.])\d[\d,]*(?![\w.]*\d|:)/g)].map(([digits]) => numberOf(digits)),
  );
  if (parts.some((part) => /\b[Nn]o(ne)?\b/.test(part))) said.push(0);
  return new Set([...said, ...said.map((one) => one + uncounted)]);
}

/** How many rows each list of the page has. */
export function listsOf({ main }: ReadPage): readonly number[] {
  const tables = [...main.matchAll(/<tbody>([\s\S]*?)<\/tbody>/g)].map(
    ([, body = '']) => [...body.matchAll(/<tr(?![^>]*class="[^"]*\bgroup\b)[^>]*>/g)].length,
  );
  const items = [...main.matchAll(/<li\b[^>]*><a class="hit"/g)].length;
  const places = [...main.matchAll(/<ul class="places">[\s\S]*?<\/(?:section|fieldset)>/g)].map(
    ([list]) => [...list.matchAll(/<a href="\/assets\//g)].length,
  );
  return [items, ...places, ...tables];
}

/** What the columns of each table come to, where its rows are parts of a whole. */
export function sumsOf({ main }: ReadPage): ReadonlySet<number> {
  const sums = new Set<number>();
  for (const [, body = ''] of main.matchAll(/<tbody>([\s\S]*?)<\/tbody>/g)) {
    const columns: number[] = [];
    for (const [, row = ''] of body.matchAll(/<tr\b[^>]*>([\s\S]*?)<\/tr>/g))
      for (const [at, [, cell = '']] of [
        ...row.matchAll(/<td class="num[^"]*"[^>]*>([\s\S]*?)<\/td>/g),
      ].entries()) {
        const digits = /^[−+]?\d[\d,]*$/.exec(wordsOf(cell))?.[0];
        columns[at] = (columns[at] ?? 0) + (digits === undefined ? 0 : numberOf(digits.replace(/^[−+]/, '')));
      }
    for (const sum of columns) sums.add(sum);
  }
  return sums;
}

export const nextOf = ({ main }: ReadPage): string | null => {
  const link = /<a\b[^>]*\brel="next"[^>]*>/.exec(main)?.[0];
  const href = link && /\shref="([^"]*)"/.exec(link)?.[1];
  return href === undefined ? null : unescaped(href);
};
