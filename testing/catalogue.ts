import { join } from 'node:path';
import { type Catalogue, loadCatalogue } from '@macadam/services/catalogue/load';

let read: Catalogue | undefined;

/**
 * All kinds and standards of this repository, read once a process: it takes a third of a second, and many test files share one. Nobody
 * changes it, for others have the same.
 */
export function wholeCatalogue(): Catalogue {
  read ??= loadCatalogue([join(import.meta.dirname, '..')]);
  return read;
}
