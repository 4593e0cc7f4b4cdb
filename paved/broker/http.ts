/** The addresses of a broker, and the guard in front of `git http-backend`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Broker, Refused, Request } from './broker.ts';
import { gitRequestOf } from './names.ts';

const LONGEST_BODY = 65_536;

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}

/** The body as JSON; null where it is longer than 64 kB or none. */
async function jsonOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>> | null> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > LONGEST_BODY) return null;
    parts.push(part);
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(parts).toString());
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : null;
  } catch {
    return null;
  }
}

function requestOf(body: Readonly<Record<string, unknown>> | null): Request | null {
  const { repositories, access, life } = body ?? {};
  if (!Array.isArray(repositories) || !repositories.every((one) => typeof one === 'string')) return null;
  if (access !== 'read' && access !== 'write') return null;
  if (life !== undefined && typeof life !== 'number') return null;
  return { repositories, access, ...(life === undefined ? {} : { life }) };
}

const STATUS: Readonly<Record<Refused['reason'], number>> = {
  'login-refused': 401,
  'login-used-before': 401,
  'not-allowed': 403,
  'too-long': 422,
  'name-wrong': 422,
  'key-wrong': 422,
};

const MISSHAPEN =
  'send JSON: {"repositories": ["owner/name"], "access": "read" or "write", "life": seconds}, and "public_key" for a certificate';

async function issue(broker: Broker, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, login = ''] = /^Bearer ([\w.~+/=-]{1,16384})$/i.exec(request.headers.authorization ?? '') ?? [];
  const body = await jsonOf(request);
  const wanted = requestOf(body);
  const publicKey = body?.public_key;
  const isCertificate = request.url === '/certificates';
  if (wanted === null || (isCertificate && typeof publicKey !== 'string'))
    return answer(response, 400, { reason: 'request-wrong', why: MISSHAPEN });
  const given = isCertificate
    ? await broker.certificate(login, String(publicKey), wanted)
    : await broker.token(login, wanted);
  if (!given.ok) return answer(response, STATUS[given.reason], { reason: given.reason, why: given.why });
  const { ok: _ok, expiresAt, ...rest } = given;
  answer(response, 201, { ...rest, expires_at: new Date(expiresAt).toISOString() });
}

/**
 * `POST /tokens`, `POST /certificates` (login as a bearer token), `GET /revoked` and `GET /authorities` (for SSH servers). Serve it over TLS.
 * Where the store or the signer fails the answer is 503 and nothing was given.
 */
export function brokerRoutes(
  broker: Broker,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    try {
      const { method, url } = request;
      if (method === 'POST' && (url === '/tokens' || url === '/certificates'))
        return await issue(broker, request, response);
      if (method === 'GET' && url === '/revoked') {
        response.writeHead(200, { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' });
        return void response.end(broker.revocationList());
      }
      if (method === 'GET' && url === '/authorities') {
        response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-store' });
        return void response.end(broker.authorities());
      }
      answer(response, 404, {
        reason: 'not-found',
        why: 'there are /tokens, /certificates, /revoked and /authorities',
      });
    } catch {
      if (response.headersSent) response.destroy();
      else answer(response, 503, { reason: 'unavailable', why: 'nothing was given; ask again' });
    }
  };
}

const WHY = {
  unknown: 'the token is not one of this server',
  ended: 'the token has ended; git asks for a new one',
  revoked: 'the token was taken back',
  'other-repository': 'the token is for other repositories',
  'read-only': 'the token may read and not write',
} as const;

/** In front of `git http-backend`: calls `next` with the subject for what a token allows, and answers everything else itself. */
export function gitGuard(
  broker: Broker,
): (request: IncomingMessage, response: ServerResponse, next: (subject: string) => void) => void {
  return (request, response, next) => {
    const refuse = (status: number, why: string): void => {
      response.writeHead(status, {
        'content-type': 'text/plain',
        'cache-control': 'no-store',
        ...(status === 401 ? { 'www-authenticate': 'Basic realm="git", charset="UTF-8"' } : {}),
      });
      response.end(`${why}\n`);
    };
    const asked = gitRequestOf(request.url ?? '');
    if (asked === null) return refuse(404, 'this is no address of git');
    const [, encoded] =
      /^Basic ([A-Za-z0-9+/]{1,2000}={0,2})$/i.exec(request.headers.authorization ?? '') ?? [];
    if (encoded === undefined) return refuse(401, 'give a token of the broker');
    const plain = Buffer.from(encoded, 'base64').toString();
    const checked = broker.check(plain.slice(plain.indexOf(':') + 1), asked);
    if (checked.ok) return next(checked.subject);
    const isOfOther = checked.reason === 'other-repository' || checked.reason === 'read-only';
    refuse(isOfOther ? 403 : 401, WHY[checked.reason]);
  };
}
