/**
 * Places in a page for what is of its reader and of the moment: who reads, in which theme, what is late. A page is made, and may be
 * kept, without them; they are filled when it is sent. Nobody's text can hold such a place, since every `<` of it is escaped.
 */
import { type Markup, textOf, verbatim } from './markup.ts';

export type PlaceName =
  | 'company'
  | 'now'
  | 'reader'
  | 'keys'
  | 'measuring'
  | 'demo'
  | 'rail-audit'
  | 'note-work'
  | 'note-sources';

export const place = (name: PlaceName): Markup => verbatim(`<!-- ${name} -->`);

/** How a document begins; a theme is said in it. */
export const ROOT = '<html lang="en">';

export interface Filling {
  /** Left out: as the system. */
  readonly theme?: string;
  readonly places: Readonly<Partial<Record<PlaceName, Markup>>>;
}

/** A page with its places filled; what is not given stays empty. */
export function filled(page: string, { theme, places }: Filling): string {
  const begun = theme === undefined ? page : page.replace(ROOT, `<html lang="en" data-theme="${theme}">`);
  return begun.replaceAll(/<!-- ([a-z-]+) -->/g, (_, name: string) => {
    const markup = places[name as PlaceName];
    return markup === undefined ? '' : textOf(markup);
  });
}
