/** Providers for tests: oidc-provider on localhost with a person at its browser, and one that answers whatever it is told. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const CLIENT = { id: 'macadam', secret: 'c'.repeat(43) } as const;
export const TRIAL_CLIENT = CLIENT;

export interface TrialProvider {
  readonly issuer: string;
  close(): Promise<void>;
}

/** `localhost` is another site than `127.0.0.1` to a browser. */
async function listening(server: Server, host = '127.0.0.1'): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

const closing = (server: Server) => async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
};

const es256 = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = (key: KeyObject, kid: string) => ({
  ...key.export({ format: 'jwk' }),
  kid,
  use: 'sig',
  alg: 'ES256',
});

/** It comes without types; this is what is used of it. */
const PROVIDER_MODULE: string = 'oidc-provider';
interface ProviderModule {
  readonly Provider: new (issuer: string, configuration: object) => { callback(): RequestListener };
}

/** A conforming provider (ES256). Whoever logs in at it may be anybody: the name is the account. */
export async function conformingProvider(
  redirectUris: readonly string[],
  host?: string,
): Promise<TrialProvider> {
  const { Provider }: ProviderModule = await import(PROVIDER_MODULE);
  let answer: RequestListener = (_, response) => response.end();
  const server = createServer((request, response) => answer(request, response));
  const issuer = await listening(server, host);
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [...redirectUris],
        post_logout_redirect_uris: redirectUris.map((uri) => new URL('/', uri).href),
        id_token_signed_response_alg: 'ES256',
      },
    ],
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    jwks: { keys: [jwk(es256().privateKey, 'k1')] },
    cookies: { keys: ['k'.repeat(32)] },
    pkce: { required: () => true },
    conformIdTokenClaims: false,
    claims: { email: ['email', 'email_verified'], openid: ['sub'] },
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@macadam.example`, email_verified: !id.startsWith('new') }),
    }),
  });
  answer = provider.callback();
  return { issuer, close: closing(server) };
}

/** What a person does at the provider's pages, without a browser: the address to which the provider sends them back. */
export async function logInAt(start: string, account: string): Promise<URL> {
  const jar = new Map<string, string>();
  const visit = async (url: string, form?: Record<string, string>) => {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  };
  const { host } = new URL(start);
  let response = await visit(start);
  for (let step = 0; step < 12; step += 1) {
    const to = response.headers.get('location');
    if (to !== null) {
      const url = new URL(to, start);
      if (url.host !== host) return url;
      response = await visit(url.href);
      continue;
    }
    const page = await response.text();
    const action = /action="([^"]+)"/.exec(page)?.[1];
    const prompt = /name="prompt" value="([^"]+)"/.exec(page)?.[1];
    if (action === undefined || prompt === undefined) throw new Error(`no form at ${response.url}: ${page}`);
    response = await visit(new URL(action, start).href, { prompt, login: account, password: 'any' });
  }
  throw new Error('the provider does not come to an end');
}

/** What a provider that is broken, or not to be trusted, puts into its answers. */
export interface Rogue {
  /** Over the claims that would be right. */
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  /** Signs with a key that it does not publish. */
  otherKey?: boolean;
  /** The issuer that its metadata names. */
  says?: string;
  /** No signature at all. */
  unsigned?: boolean;
}

/** Gives for any code an ID token as `rogue` has it; the nonce is the one that `begun` asked with. */
export async function rogueProvider(rogue: Rogue): Promise<TrialProvider & { begun(url: string): URL }> {
  const [own, other] = [es256(), es256()];
  let nonce = '';
  let state = '';
  const server = createServer((request, response) => {
    const send = (body: unknown) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (request.url === '/.well-known/openid-configuration')
      return send({
        issuer: rogue.says ?? issuer,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ['code'],
        id_token_signing_alg_values_supported: ['ES256'],
        authorization_response_iss_parameter_supported: true,
      });
    if (request.url === '/jwks') return send({ keys: [jwk(own.publicKey, 'k1')] });
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      aud: CLIENT.id,
      sub: '1',
      nonce,
      iat: now,
      exp: now + 300,
      ...rogue.claims,
    };
    const header = { alg: 'ES256', kid: 'k1', ...rogue.header };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const body = `${part(header)}.${part(claims)}`;
    const key = (rogue.otherKey ? other : own).privateKey;
    const signature = sign('sha256', Buffer.from(body), { key, dsaEncoding: 'ieee-p1363' });
    const token = `${body}.${rogue.unsigned ? '' : signature.toString('base64url')}`;
    return send({ access_token: 'a', token_type: 'bearer', id_token: token });
  });
  const issuer = await listening(server);
  return {
    issuer,
    close: closing(server),
    begun: (url) => {
      const asked = new URL(url).searchParams;
      [nonce, state] = [asked.get('nonce') ?? '', asked.get('state') ?? ''];
      const back = new URL(asked.get('redirect_uri') ?? '');
      back.search = new URLSearchParams({ code: 'c', state, iss: issuer }).toString();
      return back;
    },
  };
}
