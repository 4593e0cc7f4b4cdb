/** Markup made of literal templates and escaped text: the only way text gets into the page. */
import { visible } from './browser/visible.ts';

const made = Symbol('markup');

export interface Markup {
  readonly [made]: string;
}

export type Child = Markup | string | number | null | undefined | false | readonly Child[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for element content and quoted attributes; deceptive characters become visible. */
function escapeText(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function written(child: Child): string {
  if (child === null || child === undefined || child === false) return '';
  if (typeof child === 'string') return escapeText(child);
  if (typeof child === 'number') return String(child);
  return made in child ? child[made] : child.map(written).join('');
}

/** A template whose values are escaped, unless they are markup themselves. */
export function html(literals: TemplateStringsArray, ...values: readonly Child[]): Markup {
  return { [made]: literals.map((literal, i) => literal + written(values[i])).join('') };
}

/** For text that this program wrote itself (its own style sheet and script); never for anything that was read. */
export function verbatim(trusted: string): Markup {
  return { [made]: trusted };
}

/** JSON that may stand in a script element: nothing in it can end the element or open a comment. */
export function embeddedJson(value: unknown): Markup {
  return verbatim(
    JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    }),
  );
}

export function textOf(markup: Markup): string {
  return markup[made];
}

/** One after the other, with a comma or something else between them. */
export const joined = <T>(all: readonly T[], shown: (one: T) => Child, between = ', '): Child =>
  all.map((one, at) => html`${at > 0 && between}${shown(one)}`);
