/**
 * Tokens and keys of people that open an organisation, as far as the host tells: fine-grained tokens to an app, and what was authorised for
 * single sign-on to an owner. Never a value; of a token the host shows no more than whose it is and when it ends.
 */
import { assetId, type Observation, type Statement } from '@macadam/core/facts/observation';
import { z } from 'zod';
import type { Connector } from '../../connector/connector.ts';
import type { Account } from './account.ts';
import { type Credential, isOfApp } from './credential.ts';
import { type Listed, listedIn, listingOf } from './listing.ts';

interface Input {
  readonly connector: Connector;
  /** Name of the host, as its repositories have it. */
  readonly host: string;
  readonly account: Account;
  readonly credential: Credential | undefined;
  /** RFC 3339. */
  readonly at: string;
}

interface Found {
  readonly key: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, Statement>>;
}

interface AskedList {
  readonly format: string;
  readonly path: string;
  readonly what: string;
  readonly permission: string;
  readonly schema: z.ZodType<Found>;
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

const FINE_GRAINED: AskedList = {
  format: 'fine-grained-token',
  path: 'personal-access-tokens',
  what: 'its fine-grained tokens',
  permission: 'Personal access tokens: read, of an app (no token of a person may list them)',
  schema: tokenSchema.transform((token): Found => {
    const { token_id: id, token_name: name, owner, access_granted_at: granted } = token;
    return {
      key: `token/${id}`,
      name: `${owner.login} ${name}`,
      attributes: {
        type: { value: 'personal_token' },
        state: { value: token.token_expired ? 'expired' : 'active' },
        // It opens the organisation from then on.
        issued_at: { value: utc(granted) },
        expires_at: ends(token.token_expires_at),
      },
    };
  }),
};

/** Classic tokens and SSH keys that their holders authorised for an organisation with single sign-on. */
const AUTHORISED: AskedList = {
  format: 'authorised-credential',
  path: 'credential-authorizations',
  what: 'tokens and keys that were authorised for it',
  permission: 'the scope `read:org`, by an owner',
  schema: authorisedSchema.transform((authorisation): Found => {
    const { credential_id: id, credential_type: type, login, ...rest } = authorisation;
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
  }),
};

/** What nobody may ask with this token is not asked; what the organisation does not have is no list. */
export async function organisationCredentials(input: Input): Promise<readonly Listed[]> {
  const { account, credential } = input;
  if (account.type !== 'organisation' || credential === undefined) return [];
  const lists = [await listed(input, isOfApp(credential) ? FINE_GRAINED : AUTHORISED)];
  return lists.filter((one) => one !== null);
}

async function listed(
  { connector, host, account, at }: Input,
  { format, path, what, permission, schema }: AskedList,
): Promise<Listed | null> {
  const container = `${host}/${account.login}`;
  const { items, gap, refusal } = await listingOf({
    connector,
    path: `/orgs/${account.login}/${path}`,
    schema,
    what,
    permission,
  });
  // Without single sign-on there is no such list.
  if (refusal?.outcome === 'not-found') return null;
  return listedIn(
    { kind: 'credential', container, containerName: account.login, format },
    items.map((item) => observationOf(item, { host, container, format, at })),
    gap,
  );
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
