/** Sessions of browsers: opaque, kept by digest, twelve hours long at most and one idle. */
import type { SessionRecord } from '../decisions/access.ts';
import type { DecisionTransaction } from '../decisions/port.ts';
import { after, HOUR, IDENTITY_PART, type IdentityParts } from './part.ts';
import { digestOf, isSecret, newSecret, type Random } from './secret.ts';

/** A working day; the database allows 24 hours at most. */
export const SESSION_SECONDS = 12 * 3600;
/** NIST SP 800-63B-4 allows an hour without activity at its second level. */
export const IDLE_SECONDS = 3600;

export interface StartedSession {
  /** Goes into the cookie, and nowhere else. */
  readonly secret: string;
  readonly person: string;
}

/** A new session with a new secret at every log-in; the one that the browser had ends, so that a planted one is worth nothing. */
export async function startSession(
  tx: DecisionTransaction,
  random: Random,
  session: Pick<SessionRecord, 'person'> & Partial<Pick<SessionRecord, 'means' | 'issuer'>>,
  before?: string,
): Promise<StartedSession> {
  if (before !== undefined) await endIfThere(tx, before);
  const secret = newSecret(random);
  const expiresAt = after(tx.at, (SESSION_SECONDS / 3600) * HOUR);
  await tx.access.startSession({ ...session, digest: digestOf(secret), expiresAt });
  return { secret, person: session.person };
}

async function endIfThere(tx: DecisionTransaction, secret: string): Promise<SessionRecord | null> {
  if (!isSecret(secret)) return null;
  const session = await tx.access.session(digestOf(secret));
  if (session) await tx.access.endSession(session.digest);
  return session;
}

/** Logs out: what was ended, or null where there was nothing to end. */
export async function endSession(
  { decisions }: IdentityParts,
  secret: string,
): Promise<SessionRecord | null> {
  return decisions.transaction(IDENTITY_PART, (tx) => endIfThere(tx, secret));
}
