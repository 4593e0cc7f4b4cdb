/**
 * Log-in by OpenID Connect: authorization code with PKCE (OpenID Connect Core 1.0, RFC 7636, RFC 9207). openid-client speaks the
 * protocol; here is what is bound to what.
 *
 * The browser gets one secret, in a cookie for ten minutes. State, nonce and code verifier are derived from it, so an answer
 * counts only in the browser that asked, and the store holds nothing that would help anybody. The store knows which provider was
 * asked and gives that out once: so an answer is used once, whichever process gets it, and only against that provider.
 */
import * as client from 'openid-client';
import { accountOf } from './account.ts';
import { after, IDENTITY_PART, type IdentityParts, MINUTE } from './part.ts';
import { LoginError, type OpenIdProvider } from './provider.ts';
import { derived, digestOf, isSecret, newSecret } from './secret.ts';
import { type StartedSession, startSession } from './session.ts';

export const CALLBACK_PATH = '/login/openid/callback';
const PENDING_MINUTES = 10;
export const PENDING_SECONDS = PENDING_MINUTES * 60;
/** How far the provider's clock may be from ours. */
const SKEW_SECONDS = 60;

export interface OpenId {
  readonly providers: readonly OpenIdProvider[];
  /** Where to send the browser, and the secret for its `login` cookie. `returnTo`: a path of ours. */
  begin(issuer: string, returnTo: string): Promise<{ readonly url: string; readonly secret: string }>;
  /**
   * The browser is back at `url`, with its cookie. Rejects with `LoginError`. `before` is the secret of the session that it
   * had, which ends.
   */
  finish(url: URL, secret: string, before?: string): Promise<StartedSession & { readonly returnTo: string }>;
  /** Where to send the browser so that the provider logs it out, too; null where it cannot. */
  logOutUrl(issuer: string, returnTo: string): Promise<string | null>;
}

export function openId(parts: IdentityParts, providers: readonly OpenIdProvider[]): OpenId {
  const { decisions, now, random } = parts;
  const known = new Map<string, client.Configuration>();

  const providerOf = (issuer: string) => {
    const provider = providers.find((one) => one.issuer === issuer);
    if (!provider) throw new LoginError('there is no such provider; choose one of the list');
    return provider;
  };

  /** Asked when it is first needed, and again after a failure: a provider that is down does not keep the server from starting. */
  async function configured(provider: OpenIdProvider): Promise<client.Configuration> {
    const before = known.get(provider.issuer);
    if (before) return before;
    try {
      const found = await discovered(provider, now);
      known.set(provider.issuer, found);
      return found;
    } catch (error) {
      throw new LoginError(`${provider.name} cannot be reached; try again, or use a one-time link`, {
        cause: error,
      });
    }
  }

  return {
    providers,
    begin: async (issuer, returnTo) => {
      const provider = providerOf(issuer);
      const configuration = await configured(provider);
      const secret = newSecret(random);
      const pending = { digest: digestOf(secret), issuer, returnTo: ownPath(returnTo) };
      await decisions.transaction(IDENTITY_PART, (tx) =>
        tx.login.putPending({ ...pending, expiresAt: after(tx.at, PENDING_MINUTES * MINUTE) }),
      );
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: provider.redirectUri,
        scope: provider.match?.by === 'mail' ? 'openid email' : 'openid',
        state: derived(secret, 'state'),
        nonce: derived(secret, 'nonce'),
        code_challenge: await client.calculatePKCECodeChallenge(derived(secret, 'verifier')),
        code_challenge_method: 'S256',
      });
      return { url: url.href, secret };
    },

    finish: async (url, secret, before) => {
      const over = 'this log-in is over, or was begun in another browser; begin again';
      if (!isSecret(secret)) throw new LoginError(over);
      const pending = await decisions.transaction(IDENTITY_PART, (tx) =>
        tx.login.takePending(digestOf(secret)),
      );
      if (pending === null) throw new LoginError(over);
      const provider = providerOf(pending.issuer);
      const claims = await claimsOf(await configured(provider), provider, url, secret);
      const person = await accountOf(parts, provider, claims);
      const session = await decisions.transaction(IDENTITY_PART, (tx) =>
        startSession(tx, random, { person, means: 'openid', issuer: provider.issuer }, before),
      );
      return { ...session, returnTo: pending.returnTo };
    },

    logOutUrl: async (issuer, returnTo) => {
      const provider = providers.find((one) => one.issuer === issuer);
      if (!provider) return null;
      const configuration = await configured(provider).catch(() => null);
      if (!configuration?.serverMetadata().end_session_endpoint) return null;
      return client.buildEndSessionUrl(configuration, { post_logout_redirect_uri: returnTo }).href;
    },
  };
}

/** Over TLS only, but for a provider on one's own machine. Its metadata must name the very issuer that was asked. */
async function discovered(provider: OpenIdProvider, now: () => Date): Promise<client.Configuration> {
  const { clientId, clientSecret } = provider;
  const issuer = new URL(provider.issuer);
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(issuer.hostname);
  const metadata = {
    redirect_uris: [provider.redirectUri],
    [client.clockTolerance]: SKEW_SECONDS,
    [client.clockSkew]: Math.round((now().getTime() - Date.now()) / 1000),
  };
  const authentication = clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret);
  const found = await client.discovery(issuer, clientId, metadata, authentication, {
    timeout: 10,
    ...(local && { execute: [client.allowInsecureRequests] }),
  });
  // The signature is checked although the token comes over TLS from the provider itself: a proxy between may end TLS.
  client.enableNonRepudiationChecks(found);
  return found;
}

async function claimsOf(
  configuration: client.Configuration,
  provider: OpenIdProvider,
  url: URL,
  secret: string,
): Promise<client.IDToken> {
  // What the provider is told must be what it was told at first, whatever address a proxy has made of ours.
  const answered = new URL(provider.redirectUri);
  answered.search = url.search;
  try {
    const tokens = await client.authorizationCodeGrant(configuration, answered, {
      expectedState: derived(secret, 'state'),
      expectedNonce: derived(secret, 'nonce'),
      pkceCodeVerifier: derived(secret, 'verifier'),
      idTokenExpected: true,
    });
    const claims = tokens.claims();
    if (claims) return claims;
    throw new TypeError('the provider gave no ID token');
  } catch (error) {
    throw new LoginError(`${provider.name} did not confirm the log-in: ${said(error)}; begin again`, {
      cause: error,
    });
  }
}

/** In the words of the protocol's library; it names claims and parameters, never their values. */
function said(error: unknown): string {
  if (error instanceof client.AuthorizationResponseError) return `it answered ${error.error}`;
  if (error instanceof client.ResponseBodyError) return `it answered ${error.error}`;
  const { message = '', cause } = error as { message?: string; cause?: unknown };
  return cause instanceof Error && cause.message ? cause.message : message;
}

/** A path on our own site, or the start: the answer of a provider must not send anybody elsewhere. */
export function ownPath(path: string): string {
  const base = 'http://own.invalid';
  const url = URL.parse(path, base);
  if (!path.startsWith('/') || url?.origin !== base) return '/';
  const own = url.pathname + url.search;
  // `/.//host` becomes `//host` where an address is made plain, and that is another site.
  return URL.parse(own, base)?.origin === base ? own : '/';
}
