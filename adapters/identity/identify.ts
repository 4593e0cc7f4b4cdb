/** Who calls, by what a request carries. */
import type { Caller } from '../authorisation/caller.ts';
import type { DecisionTransaction } from '../decisions/port.ts';
import { type Cookies, cookieIn } from './cookie.ts';
import { IDENTITY_PART, type IdentityParts, MINUTE } from './part.ts';
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
  const digest = digestOf(bearer ?? secret ?? '');
  const found = await decisions.transaction(
    IDENTITY_PART,
    async (tx) => {
      const token = bearer === undefined ? null : await tx.login.tokenHolder(digest);
      const held = bearer === undefined ? await tx.login.sessionHolder(digest, IDLE_SECONDS) : token;
      return held && { held, token, part: await belonging(tx, held.person), at: tx.at };
    },
    { readOnly: true },
  );
  if (found === null) return null;
  const { held, token, part, at } = found;
  const { person, name, roles, usedAt } = held;
  // Written once a minute, so that a request that only reads writes nothing.
  if (usedAt === null || Date.parse(at) - Date.parse(usedAt) > MINUTE)
    await decisions.transaction(IDENTITY_PART, (tx) =>
      token ? tx.login.tokenUsed(token.id) : tx.login.sessionUsed(digest),
    );
  const via = token === null ? 'session' : person.startsWith('machine:') ? 'machine' : 'token';
  return { person, name, via, roles, scopes: token?.scopes ?? 'all', sources: token?.sources ?? [], ...part };
}
