/** The organisation as an estate's own file has it, taken in once: where nobody has recorded anything yet. */
import type { DecisionPrincipal, Decisions } from '@macadam/adapters/decisions/port';
import { importOrganisation, type OrgImported } from './intake.ts';
import { ORGANISATION } from './log.ts';

/** In the log this is who imported: the file lies where the server is started, and whoever may write it decided. */
const FIRST_IMPORT: DecisionPrincipal = { id: 'machine:first-import', divisions: 'all' };

/** Null where there is an organisation already: from then on it changes only by who may change it. */
export async function importAtFirst(
  decisions: Decisions,
  { text, file }: { readonly text: string; readonly file: string },
): Promise<OrgImported | null> {
  return decisions.transaction(FIRST_IMPORT, async (tx) => {
    await tx.exclusive(ORGANISATION);
    if ((await tx.organisation.newestEvent()) > 0) return null;
    return importOrganisation(tx, { format: 'yaml', text, file });
  });
}
