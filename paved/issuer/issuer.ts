/** An OpenID provider that cannot sign by itself, and that writes down every token before there is one. */
import { hash } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { KeyChanged, viewKeys } from './keys.ts';
import type { IssuanceLog, IssuedToken } from './log.ts';
import type { OidcModule, OidcProvider, TokenModel } from './provider.ts';
import {
  IssuerConfigurationError,
  isLoopback,
  requireIssuer,
  requireKnown,
  requireMethods,
  requireParts,
  requireTable,
} from './settings.ts';
import type { Signer, SigningKey } from './signer.ts';

/** A service that tokens are for. */
export interface Resource {
  /** Scopes that may be asked for, with spaces between. */
  readonly scope: string;
  /** Seconds that a token for it lives; `longestLife` by default. */
  readonly life?: number;
}

export interface IssuerOptions {
  /** `await import('oidc-provider')`. */
  readonly oidc: OidcModule;
  /** Its address: `iss` of all tokens. */
  readonly issuer: string;
  readonly signer: Signer;
  readonly log: IssuanceLog;
  /** By resource indicator (RFC 8707), which becomes `aud`. */
  readonly resources: Readonly<Record<string, Resource>>;
  /** Seconds that any signed token may live: 60 to 86400, 3600 by default. The signer keeps a key published at least so long after it signed last. */
  readonly longestLife?: number;
  /** The rest of oidc-provider's configuration: `clients`, `findAccount`, `adapter`, `cookies`, `interactions` … */
  readonly configuration?: Readonly<Record<string, unknown>>;
}

export interface Issuer {
  /** For `http.createServer`, or mounted at the path of `issuer`. */
  readonly callback: () => RequestListener;
  /** The provider itself, for its events and its interactions. */
  readonly provider: OidcProvider;
}

const OWN = ['jwks', 'clientDefaults', 'responseTypes', 'pkce'];
const OWN_FEATURES = ['externalSigningSupport', 'resourceIndicators'];
/** Each attempt asks the signer for its key, so a second one is needed only where two keys change within one token. */
const ATTEMPTS = 5;

function requireOptions(options: IssuerOptions): void {
  requireKnown(options, 'oidc issuer signer log resources longestLife configuration');
  const { oidc, issuer, resources, longestLife = 3600, configuration = {} } = options;
  const fault = (text: string) => new IssuerConfigurationError(text);
  requireMethods('oidc', oidc, 'Provider ExternalSigningKey', "give await import('oidc-provider')");
  requireIssuer(issuer);
  requireParts(options);
  requireTable('resources', resources);
  if (!(Number.isInteger(longestLife) && longestLife >= 60 && longestLife <= 86_400))
    throw fault(`longestLife: ${longestLife} is not of 60 to 86400 seconds`);
  for (const [name, { scope, life = longestLife }] of Object.entries(resources)) {
    if (!URL.canParse(name)) throw fault(`resources: ${name} is no address, as RFC 8707 asks`);
    if (!(Number.isInteger(life) && life >= 1 && life <= longestLife))
      throw fault(`resources.${name}.life: ${life} is not of 1 to ${longestLife} seconds (longestLife)`);
    if (typeof scope !== 'string' || scope.trim() === '')
      throw fault(`resources.${name}.scope: is no text of scopes with spaces between`);
  }
  const features = (configuration.features ?? {}) as Readonly<Record<string, { enabled?: unknown }>>;
  if (features.devInteractions?.enabled && !isLoopback(issuer))
    throw fault(
      'configuration.features.devInteractions: lets anybody log in as anybody; it is for an issuer on this machine',
    );
  const taken = OWN.filter((name) => name in configuration);
  const takenFeatures = OWN_FEATURES.filter((name) => name in features).map((name) => `features.${name}`);
  const [first] = [...taken, ...takenFeatures];
  if (first !== undefined) throw fault(`configuration.${first}: is set by this package; leave it out`);
}

/** A token as oidc-provider asks how long it lives. */
interface TokenOfResource {
  readonly resourceServer?: { readonly accessTokenTTL?: number };
}

function configurationOf(
  { oidc, resources, configuration = {} }: IssuerOptions,
  keys: readonly object[],
  facts: { readonly algorithm: string; readonly longestLife: number },
): object {
  const { algorithm, longestLife } = facts;
  const features = (configuration.features ?? {}) as object;
  const lifeOf = (_context: unknown, { resourceServer }: TokenOfResource) =>
    resourceServer?.accessTokenTTL ?? longestLife;
  return {
    scopes: [
      'openid',
      'offline_access',
      ...Object.values(resources).flatMap(({ scope }) => scope.split(' ')),
    ],
    ttl: { AccessToken: lifeOf, ClientCredentials: lifeOf, IdToken: longestLife },
    ...configuration,
    jwks: { keys },
    responseTypes: ['code'],
    pkce: { required: () => true },
    clientDefaults: { id_token_signed_response_alg: algorithm },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      ...features,
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context: unknown, indicator: string) => {
          const resource = Object.hasOwn(resources, indicator) ? resources[indicator] : undefined;
          if (resource === undefined) throw new oidc.errors.InvalidTarget(`no resource ${indicator}`);
          return {
            scope: resource.scope,
            audience: indicator,
            accessTokenTTL: resource.life ?? longestLife,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: algorithm } },
          };
        },
      },
    },
  };
}

const texts = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string');
const text = (value: unknown) => (typeof value === 'string' ? value : '');

/** What the log keeps of what is about to be signed. */
function describe(data: Buffer): IssuedToken & { readonly life: number | null } {
  const [header, payload] = data
    .toString('latin1')
    .split('.')
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
  const expires = typeof payload.exp === 'number' ? payload.exp : null;
  const life = expires !== null && typeof payload.iat === 'number' ? expires - payload.iat : null;
  return {
    token: hash('sha256', data, 'base64url'),
    type: text(header.typ) || 'JWT',
    id: text(payload.jti),
    audience: texts(payload.aud),
    client: text(payload.client_id) || (texts(payload.aud)[0] ?? ''),
    key: text(header.kid),
    expires,
    life,
  };
}

/** Makes a token anew where the key changed while it was written. */
function writeAnew({ prototype }: TokenModel, method: string): void {
  const once = prototype[method];
  if (once === undefined)
    throw new TypeError(`oidc-provider: a token has no ${method}; this release is not known here`);
  prototype[method] = async function (...values: unknown[]) {
    for (let attempt = 1; ; attempt++)
      try {
        return await once.apply(this, values);
      } catch (error) {
        if (!(error instanceof KeyChanged) || attempt === ATTEMPTS) throw error;
      }
  };
}

/**
 * Throws IssuerConfigurationError for what is missing or would make tokens less safe; rejects as the signer does when it has no key. While the signer or the
 * log cannot work no token is given: oidc-provider answers `server_error`, and the next request tries anew.
 */
export async function createIssuer(options: IssuerOptions): Promise<Issuer> {
  requireOptions(options);
  const { oidc, issuer, signer, log, longestLife = 3600 } = options;

  async function signData(data: Buffer, kid: string, view: { changed: (key: SigningKey) => void }) {
    const { life, ...issued } = describe(data);
    if (life !== null && life > longestLife)
      throw new RangeError(`a token of ${life} seconds is longer than longestLife, ${longestLife}`);
    await log.append(issued);
    const { signature } = await signer.sign((key) => {
      if (key.id === kid) return data;
      view.changed(key);
      throw new KeyChanged(`${kid} signs no more`);
    });
    return signature;
  }

  const view = await viewKeys(oidc, signer, signData);
  const { algorithm } = view;
  const provider = new oidc.Provider(issuer, configurationOf(options, view.keys, { algorithm, longestLife }));
  writeAnew(provider.AccessToken, 'getValueAndPayload');
  writeAnew(provider.ClientCredentials, 'getValueAndPayload');
  writeAnew(provider.IdToken, 'issue');
  const { jwks = '/jwks' } = (options.configuration?.routes ?? {}) as { readonly jwks?: string };
  provider.use(async (context, next) => {
    view.refresh();
    // oidc-provider would answer with the keys that it was made with.
    if (context.path !== jwks || (context.method !== 'GET' && context.method !== 'HEAD')) return next();
    const { body, headers } = signer.keySet();
    for (const [name, value] of Object.entries(headers)) context.set(name, value);
    context.body = body;
    return undefined;
  });
  return { provider, callback: () => provider.callback() };
}
