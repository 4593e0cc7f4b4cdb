/** A realm that is asked: gets a token when it needs one, and knows what that may see. */
import { Buffer } from 'node:buffer';
import type { Connector } from '../../connector/connector.ts';
import { isAnswer, type NoAnswer, type RequestOutcome } from '../../connector/outcome.ts';
import { isRecord, recordIn } from '../../imports/directories/answer.ts';
import { connectTo } from '../collected.ts';
import type { CollectRequest } from '../port.ts';
import type { ClientCredential, RealmAddress } from './credential.ts';

export interface Realm {
  /** Why the realm gives no token; null where it gives one. */
  readonly refusal: () => Promise<NoAnswer | null>;
  /** Of a path below `/admin/realms/REALM`, or a public one that begins with `/realms/`. */
  readonly ask: (path: string) => Promise<RequestOutcome>;
  /** Roles of the client that manages the realm which the token holds; null where the token does not say. */
  readonly roles: () => Promise<ReadonlySet<string> | null>;
}

interface Token {
  readonly connector: Connector;
  readonly roles: ReadonlySet<string> | null;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** A token is renewed so long before it ends. */
const AHEAD_MS = 15_000;

interface RealmOptions {
  readonly address: RealmAddress;
  readonly credential: ClientCredential;
  readonly request: CollectRequest;
  readonly budget: number | undefined;
}

export function realmOf({ address, credential, request, budget }: RealmOptions): Realm {
  const { base, realm } = address;
  const now = () => request.now().getTime();
  let spent = 0;
  const connectorWith = (authorization: string) => connectTo(base, authorization, request);
  const [id, secret] = [credential.id, credential.secret].map(encodeURIComponent);
  const login = connectorWith(`Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`);
  let current: Promise<Token | NoAnswer> | undefined;

  async function token(): Promise<Token | NoAnswer> {
    const known = await current;
    if (known !== undefined && 'connector' in known && known.until > now()) return known;
    // Requests that ask for one at the same time wait for the same.
    current = current === undefined || (await current) === known ? fetchToken() : current;
    return current;
  }

  async function fetchToken(): Promise<Token | NoAnswer> {
    const outcome = await login.request({
      method: 'POST',
      path: `/realms/${encodeURIComponent(realm)}/protocol/openid-connect/token`,
      form: { grant_type: 'client_credentials' },
      repeatable: true,
    });
    if (!isAnswer(outcome)) return outcome;
    const { access_token: given, expires_in: seconds } = recordIn(outcome.body);
    if (typeof given !== 'string' || !/^[\x21-\x7e]+$/.test(given))
      return { outcome: 'failed', code: 'token-missing', message: 'the realm answered without a token' };
    const lifetime = typeof seconds === 'number' ? seconds * 1000 : 60_000;
    return {
      connector: connectorWith(`Bearer ${given}`),
      roles: rolesIn(given, realm),
      until: now() + Math.max(lifetime / 2, lifetime - AHEAD_MS),
    };
  }

  return {
    refusal: async () => {
      const got = await token();
      return 'connector' in got ? null : got;
    },
    roles: async () => {
      const got = await token();
      return 'connector' in got ? got.roles : null;
    },
    ask: async (path) => {
      if (path.startsWith('/realms/')) return login.request({ path });
      if (budget !== undefined && spent >= budget)
        return {
          outcome: 'rate-limited',
          by: 'budget',
          message: `this run's budget of ${budget} requests is spent`,
        };
      spent += 1;
      const got = await token();
      if (!('connector' in got)) return got;
      return got.connector.request({ path: `/admin/realms/${encodeURIComponent(realm)}${path}` });
    },
  };
}

/** What a token says of itself; it was just given by the realm, so nobody has to be believed. */
function rolesIn(token: string, realm: string): ReadonlySet<string> | null {
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    return null;
  }
  const access = isRecord(claims) ? claims.resource_access : undefined;
  if (!isRecord(access)) return null;
  const own = access[realm === 'master' ? 'master-realm' : 'realm-management'];
  const roles = isRecord(own) && Array.isArray(own.roles) ? own.roles : [];
  return new Set(roles.filter((role) => typeof role === 'string'));
}
