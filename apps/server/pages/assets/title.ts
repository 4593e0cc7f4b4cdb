/** A standard as people call it in a table. */
import type { ServerContext } from '../history/pages.ts';

/** Its label, of at most 38 characters, or its title; its id where it is no longer in the catalogue. */
export function labelOf(site: Pick<ServerContext, 'standards'> | null, id: string): string {
  const definition = site?.standards.get(id)?.definition;
  return definition?.label ?? definition?.title ?? id;
}
