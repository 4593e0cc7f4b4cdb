/** Small pieces of the page's language: places, moments, plurals, links to lists. */
import type { Location } from '@macadam/core/facts/observation';
import type { ScanStandard } from '@macadam/core/figures/scan';
import { counted, type FigureStanding, standing } from '../figures.ts';
import { address, type Selection } from './browser/address.ts';
import { type Child, html, type Markup } from './markup.ts';

const { print } = address();

export function place(location: Location | null | undefined): string {
  if (!location) return '';
  return location.line === undefined ? location.path : `${location.path}:${location.line}`;
}

/** `1 failure`, `1,204 failures`, `2 signing keys`. */
export function plural(value: number, noun: string): string {
  return counted(value, noun.replaceAll(/[_-]/g, ' '));
}

/** A share or percentage in words, which no line break may tear from its sign. */
export function unbroken(figure: string): string {
  return figure.replaceAll(' %', '\u00a0%');
}

/** A message of a verdict without the words of expressions: `asset.weak_sign_ins: …` says “weak sign ins: …”, `asset.production[].certain: …` “production: …”. */
export const plainly = (message: string): string =>
  message
    .replaceAll(/\basset\.([a-z_]+)(?:\[\]|\.[a-z_]+)*(?=: )/g, (_, name: string) =>
      name.replaceAll('_', ' '),
    )
    .replace('no source of this run looks at it', 'no source reads it');

/** A sentence for people, in which backticks mark what is typed. */
export function sentence(text: string): Child {
  return text.split('`').map((part, index, parts) => {
    const closed = index < parts.length - 1;
    if (index % 2 === 0) return part;
    return closed ? html`<code>${part}</code>` : `\`${part}`;
  });
}

/** A link to the list that a number counts. */
export function listLink(selection: Selection, label: Child, className = 'number'): Markup {
  return html`<a class="${className}" href="${print(selection)}">${label}</a>`;
}

const STANDINGS: Readonly<Record<FigureStanding, string>> = {
  met: 'met',
  failing: 'failing',
  undecided: 'undecided',
  empty: 'nothing in scope',
};

export function standingOf(standard: ScanStandard): string {
  return STANDINGS[standing(standard)];
}
