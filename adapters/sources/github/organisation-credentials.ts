/**
 * Tokens and keys of people that open an organisation, as far as the host tells: fine-grained tokens to an app, and what was authorised for
 * single sign-on to an owner. Never a value; of a token the host shows no more than whose it is and when it ends.
 */
import {
  assetId,
  type Observation,
  type Partition,
  type Statement,
  type Unobserved,
} from '@macadam/core/facts/observation';
import { z } from 'zod';
import type { Connector } from '../../connector/connector.ts';
import { unobservedBy } from '../../connector/outcome.ts';
import { pagesOf } from '../../connector/pages.ts';
import type { Account } from './account.ts';
import type { Credential } from './credential.ts';

interface Input {
  readonly connector: Connector;
  /** Name of the host, as its repositories have it. */
  readonly host: string;
  readonly account: Account;
  readonly credential: Credential | undefined;
  /** RFC 3339. */
  readonly at: string;
}

export interface CredentialList {
  readonly observations: readonly Observation[];
  readonly partition: Partition;
}

interface Found {
  readonly key: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, Statement>>;
}

interface Listing {
  readonly format: string;
  readonly path: string;
  readonly what: string;
  readonly permission: string;
  /** Null: a shape that is not documented. */
  readonly read: (item: unknown) => Found | null;
}

const time = z.iso.datetime({ offset: true });
const tokenSchema = z.object({
  token_id: z.int().positive(),
  token_name: z.string(),
  owner: z.object({ login: z.string() }),
  access_granted_at: time,
  token_expired: z.boolean(),
  token_expires_at: time.nullable(),
});
const authorisedSchema = z.object({
  credential_id: z.int().positive(),
  credential_type: z.string(),
  login: z.string(),
  credential_authorized_at: time,
  authorized_credential_title: z.string().nullish(),
  authorized_credential_note: z.string().nullish(),
  authorized_credential_expires_at: time.nullish(),
});

const utc = (text: string): string => new Date(text).toISOString();
const ends = (text: string | null | undefined): Statement =>
  text == null ? { absent: true } : { value: utc(text) };

const FINE_GRAINED: Listing = {
  format: 'fine-grained-token',
  path: 'personal-access-tokens',
  what: 'its fine-grained tokens',
  permission: 'Personal access tokens: read, of an app (no token of a person may list them)',
  read: (item) => {
    const parsed = tokenSchema.safeParse(item);
    if (!parsed.success) return null;
    const { token_id: id, token_name: name, owner, access_granted_at: granted } = parsed.data;
    return {
      key: `token/${id}`,
      name: `${owner.login} ${name}`,
      attributes: {
        type: { value: 'personal_token' },
        state: { value: parsed.data.token_expired ? 'expired' : 'active' },
        // It opens the organisation from then on.
        issued_at: { value: utc(granted) },
        expires_at: ends(parsed.data.token_expires_at),
      },
    };
  },
};

/** Classic tokens and SSH keys that their holders authorised for an organisation with single sign-on. */
const AUTHORISED: Listing = {
  format: 'authorised-credential',
  path: 'credential-authorizations',
  what: 'tokens and keys that were authorised for it',
  permission: 'the scope `read:org`, by an owner',
  read: (item) => {
    const parsed = authorisedSchema.safeParse(item);
    if (!parsed.success) return null;
    const { credential_id: id, credential_type: type, login, ...rest } = parsed.data;
    const isKey = /ssh/i.test(type);
    const authorised = utc(rest.credential_authorized_at);
    const title = rest.authorized_credential_title || rest.authorized_credential_note || type;
    return {
      key: `authorised/${id}`,
      name: `${login} ${title}`,
      attributes: {
        type: { value: isKey ? 'ssh_key' : 'personal_token' },
        state: { value: 'active' },
        issued_at: isKey
          ? { value: authorised }
          : {
              unobserved: 'unobserved',
              why: `the host says that it was authorised ${authorised}, and not when it was made; use fine-grained tokens`,
            },
        expires_at: isKey ? { absent: true } : ends(rest.authorized_credential_expires_at),
      },
    };
  },
};

/** An app's own token: `ghs_`. */
const isOfApp = (credential: Credential | undefined): boolean =>
  credential?.token.startsWith('ghs_') === true;

/** What nobody may ask with this token is not asked; what the organisation does not have is no list. */
export async function organisationCredentials(input: Input): Promise<readonly CredentialList[]> {
  const { account, credential } = input;
  if (account.type !== 'organisation' || credential === undefined) return [];
  const lists = [await listed(input, isOfApp(credential) ? FINE_GRAINED : AUTHORISED)];
  return lists.filter((one) => one !== null);
}

async function listed(
  { connector, host, account, at }: Input,
  { format, path, what, permission, read }: Listing,
): Promise<CredentialList | null> {
  const container = `${host}/${account.login}`;
  const observations: Observation[] = [];
  let lost = 0;
  let stopped: Unobserved | undefined;
  const first = `/orgs/${account.login}/${path}?per_page=100`;
  for await (const page of pagesOf({ connector, first, size: 100 })) {
    if ('stopped' in page) {
      // Without single sign-on there is no such list.
      if (page.stopped.outcome === 'not-found') return null;
      stopped = unobservedBy(page.stopped, what, permission);
      break;
    }
    for (const item of page.items) {
      const found = read(item);
      if (found === null) lost += 1;
      else observations.push(observationOf(found, { host, container, format, at }));
    }
  }
  const place = {
    kind: 'credential',
    container,
    containerName: account.login,
    format,
    seen: observations.length,
  };
  const undocumented: Unobserved = {
    unobserved: 'incomplete',
    why: `${lost} of ${what} have a shape that is not documented; report it`,
  };
  const gap = stopped ?? (lost === 0 ? undefined : undocumented);
  if (gap === undefined) return { observations, partition: { ...place, complete: true } };
  return { observations, partition: { ...place, complete: false, cause: gap.unobserved, why: gap.why } };
}

interface Around {
  readonly host: string;
  readonly container: string;
  readonly format: string;
  readonly at: string;
}

function observationOf(
  { key, name, attributes }: Found,
  { host, container, format, at }: Around,
): Observation {
  return {
    kind: 'credential',
    id: assetId('credential', [host, key]),
    name,
    source: 'github',
    observedAt: at,
    receivedAt: at,
    assurance: 'configured',
    container,
    format,
    attributes: {
      store: { value: host },
      credential_id: { value: key },
      thumbprint: { absent: true },
      registrations: { value: [{ id: container, boundary: container }], complete: true },
      ...attributes,
    },
  };
}
