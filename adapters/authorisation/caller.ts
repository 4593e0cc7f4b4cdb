/**
 * Who calls: a person by a session, a person by a token that can do less, or a part of the server itself.
 *
 * A caller is read once a request, from the store, and is plain data from then on. What it may do is decided by
 * `authorise.ts`; what it may see is decided a second time by the database, which knows it as a `DecisionPrincipal`.
 */
import type { Role, SpeaksFor } from '../decisions/access.ts';
import type { DecisionPrincipal } from '../decisions/port.ts';

export interface Caller {
  /** Id of the person, or of a part of the server (`machine:reconcile`). */
  readonly person: string;
  /** For people to read. */
  readonly name: string;
  readonly via: 'session' | 'token' | 'machine';
  /** Those in force now. */
  readonly roles: readonly HeldRole[];
  /** What a token was issued for; a session and a machine have `all` of what their roles give. */
  readonly scopes: readonly string[] | 'all';
  /** For which sources, and of which kinds, it may send facts; a part of the server itself has `all`. */
  readonly sources: readonly SpeaksFor[] | 'all';
  /** Ids of the teams that the person belongs to now. */
  readonly teams: readonly string[];
  /** Ids of the standards that the person owns. */
  readonly standards: readonly string[];
}

export interface HeldRole {
  readonly role: Role;
  /** Empty: of the whole company. */
  readonly division: string;
}

/**
 * As whom the store is asked. `all` needs a role of the whole company, since it shows also what has no division; without any
 * role nothing of a division is seen.
 */
export function principalOf({ person, roles }: Pick<Caller, 'person' | 'roles'>): DecisionPrincipal {
  const divisions = [...new Set(roles.map(({ division }) => division))].sort();
  return { id: person, divisions: divisions.includes('') ? 'all' : divisions };
}
