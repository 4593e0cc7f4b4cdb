/** Access tokens of HTTP requests: for plain handlers, Express and Fastify, none of which this package depends on. */
import type { Presented } from './binding.ts';
import type { Claims } from './claims.ts';
import { ConfigurationError, type RefusedToken, refuse, requireKnown, requireMethods } from './refusal.ts';
import type { AcceptedToken, TokenValidator } from './validator.ts';

/** What is read of a request; Node's IncomingMessage and Express' Request fit. */
export interface HttpRequest {
  readonly method?: string | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
  /** Express keeps the whole path here where a router has cut it. */
  readonly originalUrl?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Every header as it came, name and value by turns. */
  readonly rawHeaders?: readonly string[];
  readonly socket?: object;
}

/** What is written of a response; Node's ServerResponse fits. */
export interface HttpResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body?: string): unknown;
}

export interface GuardOptions {
  /** Origin by which clients call this service (`https://api.example.com`); needed for DPoP, and never taken from a Host header. */
  readonly origin?: string;
  /** Scopes that a token must all have. */
  readonly scopes?: readonly string[];
  /** The client's certificate in DER; by default the one that TLS verified on this connection. For a proxy that ends TLS. */
  readonly certificate?: (request: HttpRequest) => Buffer | undefined;
}

const CREDENTIALS = /^(bearer|dpop) +([\w\-.~+/]+=*)$/i;
const accepted = new WeakMap<object, AcceptedToken>();

/** The token that a guard accepted of this request. Throws when no guard ran: a handler must not go on without. */
export function tokenOf(request: object): AcceptedToken {
  const token = accepted.get(request);
  if (token === undefined)
    throw new TypeError('no token was accepted of this request; put a guard before it');
  return token;
}

/** Claims of the token that a guard accepted of this request. */
export function claimsOf(request: object): Claims {
  return tokenOf(request).claims;
}

function peerCertificate({ socket }: HttpRequest): Buffer | undefined {
  const tls = socket as { authorized?: boolean; getPeerCertificate?: () => { raw?: Buffer } } | undefined;
  return tls?.authorized === true ? tls.getPeerCertificate?.().raw : undefined;
}

/** Node keeps the first of two such headers and says nothing; whoever sends two wants two readers to differ. */
function isSentTwice(request: HttpRequest, name: string): boolean {
  const names = (request.rawHeaders ?? []).filter((_text, index) => index % 2 === 0);
  return names.filter((one) => one.toLowerCase() === name).length > 1 || Array.isArray(request.headers[name]);
}

const GUARD = 'origin scopes certificate';

/** A guard with a setting that nobody reads, such as `scope` for `scopes`, would let everybody in. */
function requireGuard(validator: TokenValidator, options: GuardOptions): void {
  requireMethods(
    'validator',
    validator,
    'validate',
    'give createValidator(…) or createIntrospector(…) first',
  );
  requireKnown(options, GUARD);
  const { origin, scopes = [] } = options;
  if (
    !Array.isArray(scopes) ||
    scopes.some((scope) => typeof scope !== 'string' || !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
  )
    throw new ConfigurationError('scopes: is no list of scopes, each a text without blanks');
  if (origin === undefined) return;
  if (!URL.canParse(origin) || new URL(origin).origin !== origin)
    throw new ConfigurationError(`origin: ${origin} is no origin; write it like https://api.example.com`);
}

/** Whether a request carries an access token that holds for it. Rejects for a setting that is unknown; the form of the others is not looked at here. */
export async function authenticate(
  validator: TokenValidator,
  request: HttpRequest,
  options: GuardOptions = {},
): Promise<AcceptedToken | RefusedToken> {
  requireKnown(options, GUARD);
  const { authorization, dpop } = request.headers;
  if (authorization === undefined) return refuse('missing', 'there is no Authorization header');
  if (isSentTwice(request, 'authorization') || isSentTwice(request, 'dpop'))
    return refuse('malformed', 'Authorization or DPoP was sent twice');
  const match = CREDENTIALS.exec(String(authorization));
  if (match?.[1] === undefined || match[2] === undefined)
    return refuse('missing', 'Authorization is neither Bearer nor DPoP with a token');
  const path = request.originalUrl ?? request.url;
  const certificate = (options.certificate ?? peerCertificate)(request);
  const presented: Presented = {
    scheme: match[1].toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer',
    ...(typeof dpop === 'string' && { proof: dpop }),
    ...(request.method !== undefined && { method: request.method }),
    ...(options.origin !== undefined && path !== undefined && { url: options.origin + path }),
    ...(certificate !== undefined && { certificate }),
  };
  const result = await validator.validate(match[2], presented);
  if (!result.ok) return result;
  const given = new Set((result.claims.scope ?? '').split(' '));
  const lacking = (options.scopes ?? []).filter((scope) => !given.has(scope));
  if (lacking.length > 0) return refuse('scope-missing', `the token lacks ${lacking.join(', ')}`);
  accepted.set(request, result);
  return result;
}

export interface HttpRefusal {
  readonly status: 401 | 403 | 503;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const UNAVAILABLE = new Set(['keys-unavailable', 'introspection-unavailable', 'replay-unknown']);

/**
 * What a client is told (RFC 6750 §3, RFC 9449 §7.1): enough to do something about it. `detail` stays in the log of the service, because it says how the
 * service is configured.
 */
export function httpRefusal(
  { reason }: Pick<RefusedToken, 'reason'>,
  scopes: readonly string[] = [],
): HttpRefusal {
  const answer = (status: HttpRefusal['status'], headers: Readonly<Record<string, string>>): HttpRefusal => ({
    status,
    headers: { ...headers, 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ error: reason }),
  });
  if (UNAVAILABLE.has(reason)) return answer(503, { 'retry-after': '10' });
  if (reason === 'missing') return answer(401, { 'www-authenticate': 'Bearer' });
  if (reason === 'scope-missing')
    return answer(403, {
      'www-authenticate': `Bearer error="insufficient_scope", scope="${scopes.join(' ')}"`,
    });
  const scheme = reason.startsWith('proof')
    ? 'DPoP error="invalid_dpop_proof"'
    : 'Bearer error="invalid_token"';
  return answer(401, { 'www-authenticate': `${scheme}, error_description="${reason}"` });
}

/**
 * A step `(request, response, next)` for Express, Connect and plain handlers: it answers what it refuses, and calls `next` for the rest.
 * Throws ConfigurationError for a setting that is wrong or unknown.
 */
export function requireToken(validator: TokenValidator, options: GuardOptions = {}) {
  requireGuard(validator, options);
  return async (
    request: HttpRequest,
    response: HttpResponse,
    next: (error?: unknown) => unknown,
  ): Promise<void> => {
    try {
      const result = await authenticate(validator, request, options);
      if (!result.ok) {
        const { status, headers, body } = httpRefusal(result, options.scopes);
        response.statusCode = status;
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
        response.end(body);
        return;
      }
    } catch (error) {
      next(error);
      return;
    }
    next();
  };
}

interface FastifyRequestLike {
  readonly raw: HttpRequest;
}

interface FastifyReplyLike {
  code(status: number): FastifyReplyLike;
  headers(headers: Readonly<Record<string, string>>): FastifyReplyLike;
  send(body: string): FastifyReplyLike;
}

/** A hook for Fastify: `app.addHook('onRequest', fastifyToken(validator))`. Claims: `claimsOf(request.raw)`. */
export function fastifyToken(validator: TokenValidator, options: GuardOptions = {}) {
  requireGuard(validator, options);
  return async (
    request: FastifyRequestLike,
    reply: FastifyReplyLike,
  ): Promise<FastifyReplyLike | undefined> => {
    const result = await authenticate(validator, request.raw, options);
    if (result.ok) return undefined;
    const { status, headers, body } = httpRefusal(result, options.scopes);
    return reply.code(status).headers(headers).send(body);
  };
}
