/**
 * Keycloak as the provider of the tokens that a service validates: by the keys that its realm publishes, through changes of them, bound to a key of the client, and
 * by asking it about each. The other way round, it believes a client that signs by a key of `@macadam/keys`.
 */
import { createHmac, createPublicKey, type JsonWebKey, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { proof, signRaw, type TestKey, testKey, thumbprintOf } from '@macadam/testing/token/issuing';
import { createSigner, fileLedger, type Signer, softwareStore } from '../../../paved/keys/index.ts';
import {
  type Algorithm,
  createIntrospector,
  createValidator,
  importKey,
  type Jwk,
  type Presented,
  publishedKeys,
  type TokenValidator,
  verifyJws,
} from '../../../paved/token/index.ts';
import type { Case } from '../../suite.ts';
import { same, settled } from '../live/estate.ts';
import type { Body, Keycloak } from './process.ts';

const REALM = 'tokens';
const AUDIENCE = 'https://payments.example.com';
const SECRET = 'canary-of-a-caller-e7d2';
const ALGORITHMS = ['RS256', 'ES256', 'EdDSA'] as const;
const PERSON = { username: 'ann', password: 'canary-of-a-person-e7d2' };
/** Seconds that a token of the realm lives. */
const LIFE = 600;
const SECOND = 1000;
const MINUTE = 60 * SECOND;

const KEY_PROVIDERS: Readonly<Record<(typeof ALGORITHMS)[number], Body>> = {
  RS256: { providerId: 'rsa-generated', config: { keySize: ['2048'], algorithm: ['RS256'] } },
  ES256: { providerId: 'ecdsa-generated', config: { ecdsaEllipticCurveKey: ['P-256'] } },
  EdDSA: { providerId: 'eddsa-generated', config: { eddsaEllipticCurveKey: ['Ed25519'] } },
};

const audienceMapper = (audience: string): Body => ({
  name: `audience ${audience}`,
  protocol: 'openid-connect',
  protocolMapper: 'oidc-audience-mapper',
  config: {
    'included.custom.audience': audience,
    'access.token.claim': 'true',
    'introspection.token.claim': 'true',
  },
});

/** A client that calls for itself; its tokens are signed by `algorithm` and name what they are in their header. */
const caller = (clientId: string, algorithm: Algorithm, more: Body = {}): Body => ({
  clientId,
  secret: SECRET,
  serviceAccountsEnabled: true,
  standardFlowEnabled: false,
  protocolMappers: [audienceMapper(AUDIENCE)],
  ...more,
  attributes: {
    'access.token.signed.response.alg': algorithm,
    'id.token.signed.response.alg': algorithm,
    'access.token.header.type.rfc9068': 'true',
    ...(more.attributes as Body),
  },
});

const parsed = (part = ''): Body => JSON.parse(Buffer.from(part, 'base64url').toString());

class TokenRealm {
  readonly #keycloak: Keycloak;
  readonly name: string;
  readonly issuer: string;

  constructor(keycloak: Keycloak, name: string) {
    this.#keycloak = keycloak;
    this.name = name;
    this.issuer = `${keycloak.url}/realms/${name}`;
  }

  async make(clients: readonly Body[]): Promise<void> {
    await this.#keycloak.admin('POST', '/realms', {
      realm: this.name,
      id: this.name,
      enabled: true,
      sslRequired: 'none',
      accessTokenLifespan: LIFE,
      clients,
      users: [
        {
          username: PERSON.username,
          enabled: true,
          email: 'ann@example.com',
          emailVerified: true,
          firstName: 'Ann',
          lastName: 'Example',
          credentials: [{ type: 'password', value: PERSON.password }],
        },
      ],
    });
    for (const algorithm of ALGORITHMS) await this.addKey(algorithm, 200);
  }

  /** A key of the realm, which signs where its priority is the highest; gives the id by which it is changed. */
  async addKey(algorithm: (typeof ALGORITHMS)[number], priority: number): Promise<string> {
    const name = `${algorithm} ${priority}`;
    const { config, ...provider } = KEY_PROVIDERS[algorithm];
    await this.#keycloak.admin('POST', `/realms/${this.name}/components`, {
      name,
      ...provider,
      providerType: 'org.keycloak.keys.KeyProvider',
      parentId: this.name,
      config: { ...(config as Body), priority: [String(priority)], enabled: ['true'], active: ['true'] },
    });
    const all = (await this.#keycloak.admin(
      'GET',
      `/realms/${this.name}/components?name=${encodeURIComponent(name)}`,
    )) as Body[];
    return String(all[0]?.id);
  }

  /** `active`: whether it signs. `enabled`: whether it is published too. */
  async setKey(
    id: string,
    changed: { readonly active?: boolean; readonly enabled?: boolean },
  ): Promise<void> {
    const path = `/realms/${this.name}/components/${id}`;
    const component = (await this.#keycloak.admin('GET', path)) as Body;
    const settings = Object.entries(changed).map(([setting, value]) => [setting, [String(value)]]);
    const config = { ...(component.config as Body), ...Object.fromEntries(settings) };
    await this.#keycloak.admin('PUT', path, { ...component, config });
  }

  async ask(
    endpoint: string,
    form: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ) {
    return this.#keycloak.ask(this.name, endpoint, form, headers);
  }

  async token(
    clientId: string,
    form: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Body> {
    const { status, body } = await this.ask(
      'token',
      { grant_type: 'client_credentials', client_id: clientId, client_secret: SECRET, ...form },
      headers,
    );
    if (typeof body.access_token !== 'string')
      throw new Error(`no token for ${clientId}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  async accessToken(clientId: string): Promise<string> {
    return String((await this.token(clientId)).access_token);
  }

  async keys(): Promise<readonly Jwk[]> {
    const answer = await fetch(`${this.issuer}/protocol/openid-connect/certs`);
    return ((await answer.json()) as { readonly keys: readonly Jwk[] }).keys;
  }
}

/** A service that was given the name of its issuer, and a clock that a case moves on. */
function serviceOf(issuer: string, algorithms: readonly Algorithm[], settings: object = {}) {
  const clock = { ahead: 0 };
  const keys = publishedKeys({ issuer, algorithms, revokedWithin: 30, cooldown: 1 });
  const validator = createValidator({
    issuer,
    audience: AUDIENCE,
    algorithms,
    keys,
    service: 'payments',
    clock: () => Date.now() + clock.ahead,
    ...settings,
  });
  return { clock, keys, validator };
}

async function answerOf(validator: TokenValidator, token: string, presented?: Presented): Promise<string> {
  const result = await validator.validate(token, presented);
  return result.ok ? `accepted ${result.binding}` : result.reason;
}

export async function tokenCases(keycloak: Keycloak): Promise<readonly Case[]> {
  const realm = new TokenRealm(keycloak, REALM);
  const elsewhere = new TokenRealm(keycloak, 'tokens-elsewhere');
  const callers = ALGORITHMS.map((algorithm) => caller(`calls-${algorithm}`, algorithm));
  const ring = await servedRing();
  try {
    await elsewhere.make(callers);
    await realm.make([
      ...callers,
      caller('calls-mail', 'ES256', { protocolMappers: [audienceMapper('https://mail.example.com')] }),
      caller('calls-plainly', 'ES256', { attributes: { 'access.token.header.type.rfc9068': 'false' } }),
      caller('calls-shortly', 'ES256', {
        attributes: { 'client.use.lightweight.access.token.enabled': 'true' },
      }),
      caller('calls-bound', 'ES256', { attributes: { 'dpop.bound.access.tokens': 'true' } }),
      caller('signs-people-in', 'ES256', { directAccessGrantsEnabled: true }),
      caller('payments', 'ES256'),
      caller('signs-itself', 'ES256', {
        clientAuthenticatorType: 'client-jwt',
        attributes: {
          'use.jwks.url': 'true',
          'jwks.url': ring.url,
          'token.endpoint.auth.signing.alg': 'ES256',
        },
      }),
    ]);
    return [
      ...(await issuedCases(realm)),
      ...(await forgedCases(realm, elsewhere)),
      ...(await identityCases(realm)),
      ...(await boundCases(realm)),
      ...(await introspectionCases(realm)),
      ...(await assertionCases(realm, ring.signer, ring.rotated)),
      ...(await rotationCases(realm)),
    ];
  } finally {
    ring.end();
  }
}

/** A ring of `@macadam/keys` whose key set is served on this machine. */
async function servedRing() {
  const folder = mkdtempSync(join(tmpdir(), 'macadam-keycloak-'));
  let now = Date.now();
  const signer = createSigner({
    store: softwareStore(join(folder, 'keys')),
    ledger: fileLedger(join(folder, 'ring.db')),
    algorithm: 'ES256',
    policy: { publishFor: MINUTE, activeFor: 10 * MINUTE, acceptFor: 6 * MINUTE },
    clock: () => now,
  });
  await signer.rotate();
  const server = createServer((_request, response) => {
    const { body, headers } = signer.keySet();
    response.writeHead(200, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    signer,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    rotated: async () => {
      now += 10 * MINUTE;
      await signer.rotate();
    },
    end: () => {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** With another signature, which is one in form. */
function otherSignature(token: string): string {
  const at = token.lastIndexOf('.') + 10;
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
}

async function issuedCases(realm: TokenRealm): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (const algorithm of ALGORITHMS) {
    const token = await realm.accessToken(`calls-${algorithm}`);
    const { validator } = serviceOf(realm.issuer, [algorithm]);
    const said = [parsed(token.split('.')[0]).alg, await answerOf(validator, token)];
    cases.push(
      settled(`tokens: ${algorithm} of a realm is accepted`, same(said, [algorithm, 'accepted none'])),
    );
  }
  const { validator, clock } = serviceOf(realm.issuer, ALGORITHMS);
  const plain = await realm.accessToken('calls-plainly');
  const named = serviceOf(realm.issuer, ALGORITHMS, { type: 'JWT' });
  const mail = await realm.accessToken('calls-mail');
  const good = await realm.accessToken('calls-ES256');
  const said = [
    await answerOf(validator, mail),
    await answerOf(validator, plain),
    await answerOf(named.validator, plain),
    await answerOf(serviceOf(realm.issuer, ['RS256']).validator, good),
  ];
  clock.ahead = (LIFE + 60) * SECOND;
  said.push(await answerOf(validator, good));
  return [
    ...cases,
    settled(
      'tokens: for another service, of another type, of another algorithm and past its end it is refused',
      same(said, ['audience-wrong', 'type-not-allowed', 'accepted none', 'algorithm-not-allowed', 'expired']),
    ),
  ];
}

/** What somebody makes of a token who has seen it and has no key of the realm. */
async function forgedCases(realm: TokenRealm, elsewhere: TokenRealm): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (const algorithm of ALGORITHMS) {
    const token = await realm.accessToken(`calls-${algorithm}`);
    const [head = '', payload = '', signature = ''] = token.split('.');
    const header = parsed(head);
    const claims = parsed(payload);
    const published = (await realm.keys()).find(({ kid }) => kid === header.kid);
    if (published === undefined) throw new Error(`the realm does not publish ${header.kid}`);
    const stranger = testKey(algorithm);
    const pem = createPublicKey({ key: published as JsonWebKey, format: 'jwk' }).export({
      format: 'pem',
      type: 'spki',
    });
    const none = Buffer.from(JSON.stringify({ ...header, alg: 'none' })).toString('base64url');
    const mac = `${Buffer.from(JSON.stringify({ ...header, alg: 'HS256' })).toString('base64url')}.${payload}`;
    const richer = Buffer.from(JSON.stringify({ ...claims, scope: 'everything' })).toString('base64url');
    const forgeries = {
      'another signature': [otherSignature(token), 'signature-wrong'],
      'another payload': [`${head}.${richer}.${signature}`, 'signature-wrong'],
      "a stranger's key under the realm's id": [signRaw(stranger, header, claims), 'signature-wrong'],
      "a stranger's key under its own id": [
        signRaw(stranger, { ...header, kid: 'own' }, claims),
        'key-unknown',
      ],
      "a stranger's key in the header": [
        signRaw(stranger, { ...header, jwk: stranger.jwk }, claims),
        'signature-wrong',
      ],
      'no signature by name': [`${none}.${payload}.${signature}`, 'algorithm-not-allowed'],
      'the public key as a secret': [
        `${mac}.${createHmac('sha256', pem).update(mac).digest('base64url')}`,
        'algorithm-not-allowed',
      ],
      'the same client of another realm': [await elsewhere.accessToken(`calls-${algorithm}`), 'key-unknown'],
    } as const;
    const { validator } = serviceOf(realm.issuer, [algorithm]);
    for (const [what, [forged, reason]] of Object.entries(forgeries))
      cases.push(settled(`tokens: ${algorithm}, ${what}`, same(await answerOf(validator, forged), reason)));
    cases.push(
      settled(
        `tokens: ${algorithm}, and the right one after all of these`,
        same(await answerOf(validator, token), 'accepted none'),
      ),
    );
  }
  return cases;
}

/** A person's identity token is signed by the same keys, and opens no service. */
async function identityCases(realm: TokenRealm): Promise<readonly Case[]> {
  const clientId = 'signs-people-in';
  const signIn = {
    grant_type: 'password',
    scope: 'openid',
    username: PERSON.username,
    password: PERSON.password,
  };
  const { access_token: access, id_token: identity } = await realm.token(clientId, signIn);
  const { validator } = serviceOf(realm.issuer, ['ES256']);
  const careless = serviceOf(realm.issuer, ['ES256'], { type: 'JWT', audience: clientId });
  const said = [
    await answerOf(validator, String(access)),
    await answerOf(validator, String(identity)),
    await answerOf(careless.validator, String(identity)),
  ];
  const { kid } = parsed(String(identity).split('.')[0]);
  const imported = importKey((await realm.keys()).find((one) => one.kid === kid) ?? {}, 'ES256');
  if (!imported.ok) throw new Error(imported.why);
  const read = [String(identity), otherSignature(String(identity))].map(
    (token) => verifyJws(token, imported.key).ok,
  );
  return [
    settled(
      "tokens: a person's access token is accepted, and the identity token is not, whatever a service calls itself",
      same(said, ['accepted none', 'type-not-allowed', 'identity-token']),
    ),
    settled(
      'tokens: the signature of an identity token is verified by the key of the realm',
      same(read, [true, false]),
    ),
  ];
}

/** A token that is worth nothing without the key of the client (RFC 9449). */
async function boundCases(realm: TokenRealm): Promise<readonly Case[]> {
  const key = testKey('ES256');
  const now = () => ({ iat: Math.floor(Date.now() / SECOND) });
  const htu = `${realm.issuer}/protocol/openid-connect/token`;
  const asking = proof(key, '', { ...now(), htm: 'POST', htu, ath: undefined });
  const { access_token: token } = await realm.token('calls-bound', {}, { dpop: asking });
  const text = String(token);
  const { validator } = serviceOf(realm.issuer, ['ES256']);
  const showing = (made: string): Presented => ({
    scheme: 'DPoP',
    method: 'GET',
    url: `${AUDIENCE}/orders`,
    proof: made,
  });
  const at = { ...now(), htu: `${AUDIENCE}/orders` };
  const shown = proof(key, text, at);
  const said = [
    (parsed(text.split('.')[1]).cnf as Body | undefined)?.jkt === thumbprintOf(key),
    await answerOf(validator, text),
    await answerOf(validator, text, showing(shown)),
    await answerOf(validator, text, showing(shown)),
    await answerOf(validator, text, showing(proof(testKey('ES256'), text, at))),
    await answerOf(validator, text, showing(proof(key, text, { ...at, htm: 'POST' }))),
  ];
  return [
    settled(
      'tokens: one that is bound to a key is accepted with its proof, once, and never without',
      same(said, [true, 'binding-missing', 'accepted dpop', 'replayed', 'binding-wrong', 'proof-wrong']),
    ),
  ];
}

/** A realm gets a second key, which then signs no more, and then is nobody's. */
async function rotationCases(realm: TokenRealm): Promise<readonly Case[]> {
  const { validator, keys, clock } = serviceOf(realm.issuer, ['RS256']);
  const before = await realm.accessToken('calls-RS256');
  const said = [await answerOf(validator, before)];
  const second = await realm.addKey('RS256', 300);
  const after = await realm.accessToken('calls-RS256');
  // A key that is not known is asked for at once, but for once in a second.
  clock.ahead += 2 * SECOND;
  said.push(await answerOf(validator, after), await answerOf(validator, before));
  const changed = [
    settled(
      'tokens: a new key of the realm is believed at its first token, and the one before still',
      same(
        [parsed(after.split('.')[0]).kid === parsed(before.split('.')[0]).kid, ...said],
        [false, ...Array(3).fill('accepted none')],
      ),
    ),
  ];
  await realm.setKey(second, { active: false });
  clock.ahead += 31 * SECOND;
  const passive = [
    await answerOf(validator, after),
    parsed((await realm.accessToken('calls-RS256')).split('.')[0]).kid,
  ];
  await realm.setKey(second, { enabled: false });
  clock.ahead += 31 * SECOND;
  const disabled = [await answerOf(validator, after), await answerOf(validator, before)];
  keys.revoke(String(parsed(before.split('.')[0]).kid));
  disabled.push(await answerOf(validator, before));
  return [
    ...changed,
    settled(
      'tokens: a key that signs no more is believed while the realm publishes it',
      same(passive, ['accepted none', parsed(before.split('.')[0]).kid]),
    ),
    settled(
      'tokens: a key that the realm disabled is believed for 30 seconds at most, and one that the service revoked no more',
      same(disabled, ['key-unknown', 'accepted none', 'key-unknown']),
    ),
  ];
}

/** Asked about each token, among them one that says too little of itself to be validated without. */
async function introspectionCases(realm: TokenRealm): Promise<readonly Case[]> {
  const ask = (secret: string) =>
    createIntrospector({
      endpoint: `${realm.issuer}/protocol/openid-connect/token/introspect`,
      issuer: realm.issuer,
      audience: AUDIENCE,
      clientId: 'payments',
      clientSecret: () => secret,
      service: 'payments',
    });
  const introspector = ask(SECRET);
  const token = await realm.accessToken('calls-ES256');
  const short = await realm.accessToken('calls-shortly');
  const known = [
    await answerOf(introspector, token),
    await answerOf(serviceOf(realm.issuer, ['ES256']).validator, short),
    await answerOf(introspector, short),
    await answerOf(introspector, await realm.accessToken('calls-mail')),
    await answerOf(introspector, otherSignature(token)),
    await answerOf(introspector, randomUUID()),
    await answerOf(ask('not-the-secret'), token),
  ];
  const { status } = await realm.ask('revoke', { token, client_id: 'calls-ES256', client_secret: SECRET });
  return [
    settled(
      'tokens: what the realm says of a token counts, and nothing else does',
      same(known, [
        'accepted none',
        'claim-missing',
        'accepted none',
        'audience-wrong',
        'inactive',
        'inactive',
        'introspection-unavailable',
      ]),
    ),
    settled(
      'tokens: one that was revoked is none at the next question',
      same([status, await answerOf(introspector, token)], [200, 'inactive']),
    ),
  ];
}

/** A client without a secret (RFC 7523): the realm believes keys of `@macadam/keys`, the next one too, because it was published before. */
async function assertionCases(
  realm: TokenRealm,
  signer: Signer,
  rotated: () => Promise<void>,
): Promise<readonly Case[]> {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = () => ({
    iss: 'signs-itself',
    sub: 'signs-itself',
    aud: realm.issuer,
    jti: randomUUID(),
    iat: Math.floor(Date.now() / SECOND),
    exp: Math.floor(Date.now() / SECOND) + 30,
  });
  const assertion = async () => {
    const { key, data, signature } = await signer.sign(
      ({ id, algorithm }) => `${part({ alg: algorithm, kid: id, typ: 'JWT' })}.${part(claims())}`,
    );
    return { id: key.id, text: `${data}.${signature.toString('base64url')}` };
  };
  const { validator } = serviceOf(realm.issuer, ['ES256']);
  const shown = async (text: string) => {
    const { body } = await realm.ask('token', {
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: text,
    });
    return typeof body.access_token === 'string'
      ? answerOf(validator, body.access_token)
      : String(body.error);
  };
  const first = await assertion();
  const said = [await shown(first.text), await shown(first.text)];
  await rotated();
  const next = await assertion();
  said.push(await shown(next.text));
  const stranger: TestKey = testKey('ES256', next.id);
  said.push(await shown(signRaw(stranger, { alg: 'ES256', kid: next.id, typ: 'JWT' }, claims())));
  return [
    settled(
      'tokens: a realm believes a client that signs by a ring of keys, through a change of keys, once each, and no other key',
      same(
        [first.id === next.id, ...said],
        [false, 'accepted none', 'invalid_client', 'accepted none', 'invalid_client'],
      ),
    ),
  ];
}
