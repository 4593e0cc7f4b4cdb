/** How people come in: what the environment says of providers, who a request is from, and the link for whoever starts the server. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Caller } from '@macadam/adapters/authorisation/caller';
import type { Role } from '@macadam/adapters/decisions/access';
import { belongingBy } from '@macadam/adapters/identity/belonging';
import { firstStart } from '@macadam/adapters/identity/first-start';
import { type Belonging, identify } from '@macadam/adapters/identity/identify';
import { makeLink } from '@macadam/adapters/identity/link';
import { CALLBACK_PATH, type OpenId, openId } from '@macadam/adapters/identity/openid';
import { IDENTITY_PART, type IdentityParts } from '@macadam/adapters/identity/part';
import type { AccountMatch, OpenIdProvider } from '@macadam/adapters/identity/provider';
import { currentTree } from '@macadam/services/ownership/log';
import type { Carried } from '../http/app.ts';
import { stop } from '../options.ts';
import type { ServerContext } from '../pages/history/pages.ts';

export interface Entry {
  readonly openId: OpenId;
  /** Whether people reach the server over TLS. */
  readonly secure: boolean;
}

export interface EntryOptions extends IdentityParts {
  readonly belonging: Belonging;
  /** `https://macadam.example`; left out: this machine alone. */
  readonly origin?: string | undefined;
  readonly providers?: readonly OpenIdProvider[];
  /** In a company that is made up there is nothing that anybody must not see or do. */
  readonly simulated?: boolean;
  /** By which programs of this machine that can read the server's own folder are known; left out: by nothing. */
  readonly folderKey?: string | undefined;
}

export interface EntryParts {
  readonly entry: Entry;
  identify(carried: Carried): Promise<Caller | null>;
  /**
   * Path and query of a new one-time link for who started the server, at the very first start with the roles that begin everything.
   * Where a company's server writes into a log and not to a terminal, only that first one is given: whoever reads the log could
   * follow it. Then, and for somebody whom nobody knows, it is the page of log-in.
   */
  linkFor(person: { readonly id: string; readonly name: string }, atTerminal: boolean): Promise<string>;
  /** Of a company that is made up alone: a link for somebody in it, under the same conditions; null where there is none to be given. */
  linkAs(person: string, atTerminal: boolean): Promise<string | null>;
}

/** On one's own machine there is nobody else to be asked; in a company there is. */
const ALONE: readonly Role[] = ['administrator', 'reader', 'engineer', 'deputy-ciso'];
/** No auditor: whoever audits a company changes nothing in it, whatever else they are. */
const VISITOR: readonly Role[] = [...ALONE, 'standard-owner'];
const FIRST: readonly Role[] = ['administrator', 'reader'];

export function entryOf({
  belonging,
  origin,
  providers = [],
  simulated = false,
  folderKey,
  ...parts
}: EntryOptions): EntryParts {
  const secure = origin?.startsWith('https:') ?? false;
  return {
    entry: { openId: openId(parts, providers), secure },
    identify: async (carried) =>
      holdsKey(carried.authorization, folderKey)
        ? FOLDER
        : identify({ ...parts, belonging, secure }, carried),
    linkFor: async (person, atTerminal) => {
      const { decisions } = parts;
      const roles = simulated ? VISITOR : origin === undefined ? ALONE : FIRST;
      const first = await firstStart(decisions, { ...person, roles });
      const known = await decisions.transaction(IDENTITY_PART, (tx) => tx.organisation.person(person.id));
      const given = first || origin === undefined || atTerminal;
      return known?.active && given ? makeLink(parts, person.id) : '/login';
    },
    linkAs: async (person, atTerminal) =>
      simulated && (origin === undefined || atTerminal) ? makeLink(parts, person) : null,
  };
}

/** What runs under the account that owns the stores may put observations into them, as it could without a server. */
const FOLDER: Caller = {
  person: 'machine:data-folder',
  name: 'a program of this machine',
  via: 'machine',
  roles: [{ role: 'engineer', division: '' }],
  scopes: ['Fact::ingest'],
  // Whoever has the folder has the facts anyhow.
  sources: 'all',
  teams: [],
  standards: [],
};

function holdsKey(authorization: string | undefined, key: string | undefined): boolean {
  if (authorization === undefined || key === undefined) return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(authorization), digest(`Bearer ${key}`));
}

/** What `npm start` has: who belongs where by the store, what there is to own by the catalogue. Ends the process over a wrong setting. */
export function entryHere({
  site,
  env,
  origin,
  simulated,
  folderKey,
  ...parts
}: IdentityParts & {
  readonly site: () => ServerContext | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly origin: string | undefined;
  readonly simulated: boolean;
  readonly folderKey?: string | undefined;
}): EntryParts {
  const standards = () =>
    [...(site()?.standards.values() ?? [])].map(({ id, definition: { pillar, scope } }) => ({
      id,
      pillar,
      kind: scope.kind,
    }));
  try {
    return entryOf({
      ...parts,
      belonging: belongingBy({ tree: (tx) => currentTree(parts.decisions, tx), standards }),
      simulated,
      folderKey,
      providers: providersIn(env, origin),
      origin,
    });
  } catch (error) {
    return stop((error as Error).message);
  }
}

/**
 * The provider that the environment names, if any. The secret is in a file, since an environment is inherited and shown. Throws with
 * the name of what is wrong.
 */
export function providersIn(
  env: Readonly<Record<string, string | undefined>>,
  origin: string | undefined,
): readonly OpenIdProvider[] {
  const {
    MACADAM_OIDC_ISSUER: issuer,
    MACADAM_OIDC_CLIENT_ID: clientId,
    MACADAM_OIDC_CLIENT_SECRET_FILE: file,
    MACADAM_OIDC_NAME: name = 'your organisation',
    MACADAM_OIDC_MATCH: match,
  } = env;
  if (issuer === undefined) return [];
  if (clientId === undefined)
    throw new TypeError('MACADAM_OIDC_CLIENT_ID: name the client that the provider knows');
  if (origin === undefined)
    throw new TypeError('--origin: a provider sends people back to an address; name it');
  return [
    {
      issuer,
      clientId,
      name,
      redirectUri: new URL(CALLBACK_PATH, origin).href,
      ...(file !== undefined && { clientSecret: readFileSync(file, 'utf8').trim() }),
      ...(match !== undefined && { match: matchOf(match) }),
    },
  ];
}

function matchOf(text: string): AccountMatch {
  if (text === 'mail') return { by: 'mail' };
  const claim = /^external-id:(\w+)$/.exec(text)?.[1];
  if (claim !== undefined) return { by: 'external-id', claim };
  throw new TypeError('MACADAM_OIDC_MATCH: give `mail` or `external-id:CLAIM`, or leave it out');
}
