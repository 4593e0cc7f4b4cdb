/** The one-time link: whoever can read the terminal in which the server runs may log in at its browser. */
import { after, IDENTITY_PART, type IdentityParts, MINUTE } from './part.ts';
import { digestOf, isSecret, newSecret } from './secret.ts';
import { type StartedSession, startSession } from './session.ts';

const LINK_MINUTES = 10;
/** Where it leads; the secret is its `key`. */
export const LINK_PATH = '/login/link';

/** Path and query of a link that logs a person in, once. */
export async function makeLink({ decisions, random }: IdentityParts, person: string): Promise<string> {
  const secret = newSecret(random);
  await decisions.transaction(IDENTITY_PART, (tx) =>
    tx.login.putLink({
      digest: digestOf(secret),
      person,
      expiresAt: after(tx.at, LINK_MINUTES * MINUTE),
    }),
  );
  return `${LINK_PATH}?key=${secret}`;
}

/** Null where the link was used, is over or never was: which of them is nobody's business who holds none. */
export async function followLink(
  { decisions, random }: IdentityParts,
  secret: string,
  before?: string,
): Promise<StartedSession | null> {
  if (!isSecret(secret)) return null;
  return decisions.transaction(IDENTITY_PART, async (tx) => {
    const person = await tx.login.takeLink(digestOf(secret));
    if (person === null || !(await tx.organisation.person(person))?.active) return null;
    return startSession(tx, random, { person, means: 'link' }, before);
  });
}
