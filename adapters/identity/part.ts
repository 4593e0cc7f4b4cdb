/** The part of the server that finds out who calls. It sees every session and token, and is named in the log. */
import type { DecisionPrincipal, Decisions } from '../decisions/port.ts';
import type { Random } from './secret.ts';

export const IDENTITY_PART: DecisionPrincipal = { id: 'machine:identity', divisions: 'all' };

export interface IdentityParts {
  readonly decisions: Decisions;
  readonly now: () => Date;
  readonly random: Random;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** So many milliseconds after a time of the store, whose clock decides when something is over. */
export const after = (at: string, milliseconds: number): string =>
  new Date(Date.parse(at) + milliseconds).toISOString();
