/** Whose account it is that a provider vouches for. */
import type { IDToken } from 'openid-client';
import type { DecisionTransaction } from '../decisions/port.ts';
import { IDENTITY_PART, type IdentityParts } from './part.ts';
import { LoginError, type OpenIdProvider } from './provider.ts';

/**
 * An account is issuer and subject; both together never change hands. A new one finds its person only as the provider's setting says,
 * and only where nobody of that provider is that person yet: an address that was given to a successor opens nothing. What else a
 * provider says, groups for one, gives no role. Rejects with `LoginError`, and logs that.
 */
export async function accountOf(
  { decisions }: IdentityParts,
  provider: OpenIdProvider,
  claims: Pick<IDToken, 'sub'> & Readonly<Record<string, unknown>>,
): Promise<string> {
  const { issuer, name } = provider;
  const { sub: subject } = claims;
  const found = await decisions.transaction(IDENTITY_PART, async (tx) => {
    const linked = await tx.access.personOf(issuer, subject);
    const person = linked ?? (await matched(tx, provider, claims));
    if (person === null) return 'nobody here is known by this account';
    if (!(await tx.organisation.person(person))?.active) return 'this account is of somebody who has left';
    if (linked === null) {
      const others = await tx.access.identities(person);
      if (others.some((identity) => identity.issuer === issuer))
        return 'the person whose address this is has another account';
      if (await claimedLater(tx, person))
        return 'the address by which it was found is newer than the roles of that person, so somebody has to give them again';
      await tx.access.link({ issuer, subject, person });
    }
    return { person };
  });
  if (typeof found !== 'string') return found.person;
  await decisions.refused(
    IDENTITY_PART,
    { action: 'session.start', subject: 'openid', detail: { issuer, subject } },
    found,
  );
  throw new LoginError(`${name} confirmed who you are, but ${found}; ask an administrator`);
}

/** Roles were given to whoever had the address then: who has it now may be somebody else. */
async function claimedLater(tx: DecisionTransaction, person: string): Promise<boolean> {
  const claimsAt = Date.parse((await tx.organisation.person(person))?.claimsAt ?? '');
  const roles = await tx.access.roles(person);
  return roles.some(({ grantedAt }) => Date.parse(grantedAt) < claimsAt);
}

async function matched(
  tx: DecisionTransaction,
  { match }: OpenIdProvider,
  claims: Readonly<Record<string, unknown>>,
): Promise<string | null> {
  if (match === undefined) return null;
  if (match.by === 'external-id') {
    const id = claims[match.claim];
    return typeof id === 'string' && id !== ''
      ? ((await tx.organisation.personByExternalId(id))?.id ?? null)
      : null;
  }
  const { email, email_verified: verified } = claims;
  if (typeof email !== 'string' || verified !== true) return null;
  const people = await tx.access.peopleByMail(email);
  return people.length === 1 ? (people[0] ?? null) : null;
}
