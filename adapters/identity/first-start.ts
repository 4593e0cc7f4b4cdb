/** How roles begin: nobody gives one to themselves, so the machine gives the first to whoever starts the server on it. */
import type { Role } from '../decisions/access.ts';
import type { DecisionPrincipal, Decisions } from '../decisions/port.ts';

/** In the log this is who granted. Whoever runs the server's programs has its disk, and so could do anything anyhow. */
const FIRST_START: DecisionPrincipal = { id: 'machine:first-start', divisions: 'all' };

/**
 * Makes the person an administrator of the company who can read, if there has never been an administrator; says whether it did. Once
 * there was one, another start gives nobody anything, not even when that one has gone: it would be a way around the log.
 */
export async function firstStart(
  decisions: Decisions,
  { id, name, roles = ['administrator', 'reader'] }: FirstPerson,
): Promise<boolean> {
  return decisions.transaction(FIRST_START, async (tx) => {
    await tx.exclusive('first-start');
    if (await tx.access.everGranted('administrator')) return false;
    if ((await tx.organisation.person(id)) === null) await tx.organisation.putPerson({ id, name });
    for (const role of roles) await tx.access.grant({ person: id, role, division: '' });
    return true;
  });
}

export interface FirstPerson {
  readonly id: string;
  readonly name: string;
  /** A demonstration gives more. */
  readonly roles?: readonly Role[];
}
