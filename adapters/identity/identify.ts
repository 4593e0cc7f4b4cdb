/** Who calls, by what a request carries. */
import type { Caller } from '../authorisation/caller.ts';
import type { DecisionTransaction } from '../decisions/port.ts';
import { type Cookies, cookieIn } from './cookie.ts';
import { IDENTITY_PART, type IdentityParts } from './part.ts';
import { digestOf, isSecret } from './secret.ts';
import { IDLE_SECONDS } from './session.ts';
import { isToken } from './token.ts';

/** What the organisation says of a person today. */
export type Belonging = (
  tx: DecisionTransaction,
  person: string,
) => Promise<Pick<Caller, 'teams' | 'standards'>>;

export interface IdentifyOptions extends IdentityParts {
  readonly belonging: Belonging;
  /** Whether the server is reached over TLS. */
  readonly secure: boolean;
}

export interface RequestCredentials {
  readonly authorization: string | undefined;
  readonly cookies: Cookies;
}

/**
 * Null for nobody. Roles are read anew for each request, so what was taken away holds from the next one on. Who sends an
 * `Authorization` is who that says: a session beside it is not looked at, since one of them would be ignored in silence.
 */
export async function identify(
  { decisions, belonging, secure }: IdentifyOptions,
  { authorization, cookies }: RequestCredentials,
): Promise<Caller | null> {
  const bearer = authorization === undefined ? undefined : /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (authorization !== undefined && (bearer === undefined || !isToken(bearer))) return null;
  const secret = cookieIn(cookies, 'session', secure);
  if (bearer === undefined && (secret === undefined || !isSecret(secret))) return null;
  return decisions.transaction(IDENTITY_PART, async (tx) => {
    const found = bearer === undefined ? await bySession(tx, secret ?? '') : await byToken(tx, bearer);
    if (found === null) return null;
    const [record, roles, part] = [
      await tx.organisation.person(found.person),
      await tx.access.roles(found.person),
      await belonging(tx, found.person),
    ];
    const held = roles.map(({ role, division }) => ({ role, division }));
    return { ...found, name: record?.name ?? found.person, roles: held, ...part };
  });
}

type Found = Pick<Caller, 'person' | 'via' | 'scopes'>;

async function bySession(tx: DecisionTransaction, secret: string): Promise<Found | null> {
  const session = await tx.access.session(digestOf(secret), IDLE_SECONDS);
  if (session === null) return null;
  await tx.login.sessionUsed(session.digest);
  return { person: session.person, via: 'session', scopes: 'all' };
}

async function byToken(tx: DecisionTransaction, bearer: string): Promise<Found | null> {
  const token = await tx.access.token(digestOf(bearer));
  if (token === null) return null;
  await tx.login.tokenUsed(token.id);
  const via = token.person.startsWith('machine:') ? 'machine' : 'token';
  return { person: token.person, via, scopes: token.scopes };
}
