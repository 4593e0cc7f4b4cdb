/**
 * A way back in where no administrator is left who can log in: whoever has the disk of the decisions, or their owner's login, makes one.
 * They could do anything to the store anyhow; this way it is in the log, under a name of its own.
 */
import type { DecisionPrincipal, Decisions } from '../decisions/port.ts';
import { makeLink } from './link.ts';
import type { Random } from './secret.ts';

/** In the log this is who did it. */
export const RECOVERY: DecisionPrincipal = { id: 'machine:recovery', divisions: 'all' };

export interface Recovered {
  /** Path and query of a link that logs the person in, once, within minutes. */
  readonly link: string;
  /** False: the person was an administrator already. */
  readonly granted: boolean;
}

/**
 * Makes the person an administrator of the company, active, and known if nobody knew them. `reason` is for the log. Rejects with
 * `DecisionsError`.
 */
export async function recover(
  decisions: Decisions,
  { person, reason }: { readonly person: string; readonly reason: string },
  { now, random }: { readonly now: () => Date; readonly random: Random },
): Promise<Recovered> {
  const granted = await decisions.transaction(RECOVERY, async (tx) => {
    tx.audit({ action: 'access.recover', subject: person, detail: { reason } });
    const known = await tx.organisation.person(person);
    if (!known?.active || known.removedAt !== null)
      await tx.organisation.putPerson({
        ...known,
        id: person,
        name: known?.name ?? person,
        active: true,
        removedAt: null,
      });
    const roles = await tx.access.roles(person);
    if (roles.some(({ role, division }) => role === 'administrator' && division === '')) return false;
    await tx.access.grant({ person, role: 'administrator', division: '' });
    return true;
  });
  return { granted, link: await makeLink({ decisions, now, random }, person) };
}
