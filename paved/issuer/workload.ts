/**
 * Tokens for workloads, which have no secret: a workload shows what its platform says of it, and gets a JWT-SVID (SPIFFE) for one audience. By the exchange
 * of RFC 8693, so that a workload needs an HTTP client and nothing else.
 */
import { hash, randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { askActive, KeyChanged } from './keys.ts';
import type { IssuanceLog } from './log.ts';
import {
  IssuerConfigurationError,
  requireIssuer,
  requireKnown,
  requireMethods,
  requireParts,
  requireTable,
} from './settings.ts';
import type { Signer, SigningKey } from './signer.ts';

/** What a platform says of a workload, once somebody verified that it is the platform who says it. */
export interface Attested {
  /** Who it is there, such as `system:serviceaccount:shop:orders` of Kubernetes. */
  readonly subject: string;
  /** When the platform's word ends, in seconds since 1970: no token lives longer. */
  readonly expires: number;
}

/** A workload that may have tokens. */
export interface Workload {
  /** Path of its SPIFFE id, such as `/shop/orders`. */
  readonly path: string;
  /** Whom its tokens may be for. */
  readonly audiences: readonly string[];
}

export interface WorkloadIssuerOptions {
  /** Of the SPIFFE ids, such as `example.com`. */
  readonly trustDomain: string;
  /** `iss` of the tokens; its `/.well-known/openid-configuration` and `/jwks` are answered by `callback`. */
  readonly issuer: string;
  readonly signer: Signer;
  readonly log: IssuanceLog;
  /** Verifies a proof, such as a projected token of Kubernetes; null for what is none. A rejection is an outage: the workload is told to come again. */
  readonly attest: (proof: string) => Promise<Attested | null>;
  /** By subject, to the letter. */
  readonly workloads: Readonly<Record<string, Workload>>;
  /** Seconds that a token lives at most: 60 to 3600, 300 by default. */
  readonly life?: number;
  /** Milliseconds since 1970; the machine's clock by default. */
  readonly clock?: () => number;
}

export interface WorkloadToken {
  readonly ok: true;
  readonly token: string;
  readonly spiffeId: string;
  /** Seconds since 1970. */
  readonly expires: number;
}

export interface RefusedWorkload {
  readonly ok: false;
  readonly reason: 'not-attested' | 'workload-unknown' | 'audience-not-allowed';
  readonly detail: string;
}

export interface WorkloadIssuer {
  /** Rejects as the signer, the log or `attest` does when it cannot work; no token is given then. */
  readonly issue: (proof: string, audience: string) => Promise<WorkloadToken | RefusedWorkload>;
  /** The keys as a SPIFFE bundle has them (`use` is `jwt-svid`), as JSON. */
  readonly bundle: () => string;
  /** For `http.createServer`: `POST /token`, `/jwks`, `/bundle` and the metadata, below the path of `issuer`. */
  readonly callback: () => RequestListener;
}

const DOMAIN = /^[a-z0-9._-]{1,255}$/;
/** SPIFFE-ID §2.2: segments of these letters, none of them `.` or `..`, no slash at the end. */
const PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)+$/;
const LARGEST_BODY = 65_536;
const ATTEMPTS = 5;
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt';

function requireOptions(options: WorkloadIssuerOptions): void {
  requireKnown(options, 'trustDomain issuer signer log attest workloads life clock');
  const { trustDomain, issuer, workloads, attest, life = 300 } = options;
  const fault = (text: string) => new IssuerConfigurationError(text);
  if (typeof trustDomain !== 'string' || !DOMAIN.test(trustDomain))
    throw fault(`trustDomain: ${trustDomain} is no trust domain of SPIFFE`);
  requireIssuer(issuer);
  requireParts(options);
  requireMethods('attest', { attest }, 'attest', 'give a function that verifies a proof');
  requireTable('workloads', workloads);
  if (!(Number.isInteger(life) && life >= 60 && life <= 3600))
    throw fault(`life: ${life} is not of 60 to 3600 seconds`);
  const owners = new Map<string, string>();
  for (const [subject, { path, audiences }] of Object.entries(workloads)) {
    if (!PATH.test(path)) throw fault(`workloads.${subject}.path: ${path} is no path of a SPIFFE id`);
    // Of a text `includes` would be true for every part of it.
    if (!Array.isArray(audiences) || audiences.length === 0)
      throw fault(`workloads.${subject}.audiences: is no list that names at least one`);
    const other = owners.get(path);
    if (other !== undefined) throw fault(`workloads.${subject}.path: ${path} is of ${other} already`);
    owners.set(path, subject);
  }
}

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The body of a form, or null where it is too large. */
async function readForm(request: IncomingMessage): Promise<URLSearchParams | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST_BODY) return null;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

/** The errors of RFC 6749 §5.2 and RFC 8693 §2.2.2. */
const ERROR_OF: Readonly<Record<RefusedWorkload['reason'], string>> = {
  'not-attested': 'invalid_request',
  'workload-unknown': 'invalid_request',
  'audience-not-allowed': 'invalid_target',
};

/** Throws IssuerConfigurationError for what is missing or would make tokens less safe. */
export function createWorkloadIssuer(options: WorkloadIssuerOptions): WorkloadIssuer {
  requireOptions(options);
  const { trustDomain, issuer, signer, log, attest, workloads, life = 300, clock = Date.now } = options;
  const base = issuer.replace(/\/$/, '');

  async function signBy(key: SigningKey, claims: object): Promise<string> {
    const data = `${encoded({ alg: key.algorithm, typ: 'JWT', kid: key.id })}.${encoded(claims)}`;
    const { signature } = await signer.sign((active) => {
      if (active.id === key.id) return data;
      throw new KeyChanged(`${key.id} signs no more`);
    });
    return `${data}.${signature.toString('base64url')}`;
  }

  /** Written down before it is signed, by the key that will sign it; anew where the key changed in between. */
  async function write(claims: {
    readonly sub: string;
    readonly aud: string;
    readonly jti: string;
    readonly exp: number;
  }) {
    for (let attempt = 1; ; attempt++) {
      const key = await askActive(signer);
      const data = `${encoded({ alg: key.algorithm, typ: 'JWT', kid: key.id })}.${encoded(claims)}`;
      await log.append({
        token: hash('sha256', data, 'base64url'),
        type: 'JWT-SVID',
        id: claims.jti,
        audience: [claims.aud],
        client: claims.sub,
        key: key.id,
        expires: claims.exp,
      });
      try {
        return await signBy(key, claims);
      } catch (error) {
        if (!(error instanceof KeyChanged) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async function issue(proof: string, audience: string): Promise<WorkloadToken | RefusedWorkload> {
    const refuse = (reason: RefusedWorkload['reason'], detail: string): RefusedWorkload => ({
      ok: false,
      reason,
      detail,
    });
    const attested = await attest(proof);
    const now = Math.floor(clock() / 1000);
    if (attested === null || attested.expires <= now)
      return refuse(
        'not-attested',
        'the proof is not one that the platform made for this issuer, or is expired',
      );
    const { subject } = attested;
    const workload = Object.hasOwn(workloads, subject) ? workloads[subject] : undefined;
    if (workload === undefined)
      return refuse('workload-unknown', `no workload is registered for ${subject}; add it to workloads`);
    if (!workload.audiences.includes(audience))
      return refuse('audience-not-allowed', `${workload.path} may not have tokens for ${audience}`);
    const spiffeId = `spiffe://${trustDomain}${workload.path}`;
    const expires = Math.min(now + life, Math.floor(attested.expires));
    const claims = { iss: issuer, sub: spiffeId, aud: audience, iat: now, exp: expires, jti: randomUUID() };
    return { ok: true, token: await write(claims), spiffeId, expires };
  }

  async function exchange(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const form = await readForm(request);
    const isExchange = form?.get('grant_type') === EXCHANGE && form.get('subject_token_type') === JWT_TYPE;
    const [proof, audience] = [form?.get('subject_token'), form?.get('audience')];
    if (!isExchange || !proof || !audience)
      return answer(response, 400, {
        error: 'invalid_request',
        error_description: `send grant_type ${EXCHANGE}, subject_token, subject_token_type ${JWT_TYPE} and audience as a form of ${LARGEST_BODY} bytes at most`,
      });
    const result = await issue(proof, audience);
    if (!result.ok)
      return answer(response, 400, { error: ERROR_OF[result.reason], error_description: result.detail });
    return answer(response, 200, {
      access_token: result.token,
      issued_token_type: JWT_TYPE,
      token_type: 'Bearer',
      expires_in: result.expires - Math.floor(clock() / 1000),
    });
  }

  function bundle(): string {
    const { keys } = JSON.parse(signer.keySet().body) as { readonly keys: readonly object[] };
    return JSON.stringify({ keys: keys.map((key) => Object.assign({}, key, { use: 'jwt-svid' })) });
  }

  function serve(request: IncomingMessage, response: ServerResponse): void {
    const path = `${new URL(base).origin}${(request.url ?? '').split('?')[0]}`;
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (path === `${base}/token` && request.method === 'POST')
      exchange(request, response).catch(() => {
        if (!response.headersSent) answer(response, 503, { error: 'temporarily_unavailable' });
      });
    else if (isRead && path === `${base}/.well-known/openid-configuration`)
      answer(response, 200, { issuer, jwks_uri: `${base}/jwks`, token_endpoint: `${base}/token` });
    else if (isRead && (path === `${base}/jwks` || path === `${base}/bundle`)) {
      response.writeHead(200, signer.keySet().headers);
      response.end(path === `${base}/bundle` ? bundle() : signer.keySet().body);
    } else answer(response, 404, { error: 'not_found' });
  }

  return { issue, bundle, callback: () => serve };
}
