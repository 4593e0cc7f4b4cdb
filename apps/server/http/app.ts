/** Makes a server of routes: what all of them share, once. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import type { Caller } from '@macadam/adapters/authorisation/caller';
import { cookieIn } from '@macadam/adapters/identity/cookie';
import { type Incoming, incomingIn } from '@macadam/adapters/incoming';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Health, healthOf } from '../life/health.ts';
import { logHead } from '../log-head.ts';
import { completed } from '../pages/complete.ts';
import { sendProblem } from './answer.ts';
import { type AskedParts, asking } from './ask.ts';
import { type Hold, type HoldLimit, LIMITS, limiter } from './limits.ts';
import { REPORT_TYPE } from './policy-reports.ts';
import { HttpProblem, type ProblemBody } from './problem.ts';
import { keepRaw, readMore } from './request.ts';
import type { RawAnswer, Route, ServerParts } from './route.ts';
import { type Door, doorOf, turnedAwaySort } from './turned-away.ts';

export interface AppOptions extends Omit<ServerParts, 'logHead' | 'incoming' | 'health' | 'turnedAway'> {
  /** Left out: of the decisions alone. */
  readonly health?: Health;
  /** Left out: in a folder of this process, which nobody looks into after it. */
  readonly incoming?: Incoming;
  readonly routes: readonly Route[];
  /** Who calls, by what the request carries; null for nobody. */
  readonly identify: (carried: Carried) => Promise<Caller | null>;
  /** Values of `Host` that this server answers to, the usual first; null for any, behind a proxy that sees to it. */
  readonly hosts: () => readonly string[] | null;
  /** What a browser shows in place of a page; 401: how one logs in. */
  readonly troubled: (problem: ProblemBody) => RawAnswer;
  /** Requests a minute from one address. */
  readonly perMinute?: number;
  /** Addresses of proxies, whose word counts for where a request comes from: `loopback`, `10.0.0.0/24, 10.1.0.9`. */
  readonly proxies?: string;
  readonly patience?: Patience;
  /** How much one caller may hold at once; left out: `LIMITS`. */
  readonly limits?: Readonly<Record<Hold, HoldLimit>>;
  /** Told of what nobody foresaw. */
  readonly failed: (error: unknown, request: string) => void;
  /** How often what was refused is counted into the log, in milliseconds. */
  readonly countedEveryMs?: number;
}

/** How long a connection may take, in milliseconds: without it, a few that never end would keep everybody out. */
export interface Patience {
  /** From the first byte of a request to its last. */
  readonly request: number;
  /** In which nothing at all goes either way. */
  readonly silence: number;
}

/** What a request says of who sends it. */
export interface Carried {
  readonly authorization: string | undefined;
  readonly cookies: Readonly<Record<string, string | undefined>>;
}

/** A page says what it needs on top of it. */
const SECURE: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};
/** Where nothing is said of health. */
const NO_FACTS = {
  facts: () => ({ probe: async () => {} }),
  longestPauseMs: () => 0,
  monotonicMs: () => performance.now(),
};
const BODY_LIMIT = 4 * 1024 * 1024;
const PATIENCE: Patience = { request: 120_000, silence: 120_000 };

export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { routes, patience = PATIENCE } = options;
  const door = doorOf({
    decisions: options.decisions,
    now: options.now,
    failed: (error) => options.failed(error, 'counting what was refused'),
    ...(options.countedEveryMs !== undefined && { everyMs: options.countedEveryMs }),
  });
  const trouble = (error: unknown, route: Route | null, request: FastifyRequest, reply: FastifyReply) => {
    const page = route
      ? route.gives.as === 'answer' && route.gives.media === 'text/html'
      : /\btext\/html\b/.test(request.headers.accept ?? '') && !/^\/(api|scim)\//.test(request.url);
    return sendProblem(error, reply, {
      dialect: route?.gives.as === 'answer' ? route.gives.dialect : undefined,
      page: page
        ? (problem) =>
            completed(options.troubled(problem), {
              parts: options,
              cookies: request.cookies ?? {},
              url: null,
            })
        : undefined,
      // Whoever goes away in the middle of a request is no failure of ours.
      failed: (cause) =>
        cause === request.raw.errored || options.failed(cause, `${request.method} ${request.url}`),
    });
  };
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 2000 },
    requestTimeout: patience.request,
    connectionTimeout: patience.silence,
    http: {
      headersTimeout: Math.min(patience.request, 60_000),
      connectionsCheckingInterval: Math.min(patience.request, 10_000),
    },
    trustProxy: options.proxies ?? false,
    clientErrorHandler: (error, socket) => refuseConnection(error.code, socket, secured(options), door),
    // An address that cannot be decoded, before there is any route.
    frameworkErrors: (error, request, reply) => {
      reply.headers(secured(options));
      trouble(error, null, request, reply);
    },
  });
  readMore(app, [
    REPORT_TYPE,
    ...[
      ...new Set(
        routes.flatMap(({ gives }) => (gives.as === 'answer' ? (gives.dialect?.accepts ?? []) : [])),
      ),
    ].filter((type) => type !== 'application/json'),
  ]);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(secured(options));
    // Of two names a proxy may have read the one, and this server the other.
    if (request.raw.rawHeaders.filter((name, at) => at % 2 === 0 && /^host$/i.test(name)).length > 1)
      throw new HttpProblem(400, 'the request names two hosts', [
        { field: 'Host', reason: 'it is given twice', fix: 'give it once' },
      ]);
    const hosts = options.hosts();
    if (hosts !== null && !hosts.includes(request.headers.host ?? ''))
      throw new HttpProblem(
        421,
        `this is served as ${options.entry.secure ? 'https' : 'http'}://${hosts[0]}/ only`,
      );
  });
  app.addHook('onSend', async ({ raw }, reply) => {
    // What still comes of a request that was answered already would be taken for the next one.
    if (raw.complete === false) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async ({ url, headers, cookies, ip }, { statusCode: status }) => {
    const session = cookieIn(cookies ?? {}, 'session', options.entry.secure);
    const credential = headers.authorization !== undefined || session !== undefined;
    const sort = turnedAwaySort({ status, path: url.split('?')[0] ?? '', credential });
    if (sort !== null) door.refused(sort, ip);
  });
  app.addHook('onClose', () => door.close());
  await app.register(cookie);
  await app.register(rateLimit, {
    max: options.perMinute ?? 6000,
    timeWindow: 60_000,
    errorResponseBuilder: (_, { ttl }) =>
      new HttpProblem(429, 'too many requests', [], { 'retry-after': String(Math.ceil(ttl / 1000)) }),
  });
  const limits = limiter(options.limits ?? LIMITS);
  const parts: AskedParts = {
    ...options,
    logHead: logHead(options.decisions),
    turnedAway: door.refused,
    health: options.health ?? healthOf({ ...NO_FACTS, decisions: options.decisions }),
    incoming: options.incoming ?? incomingIn(join(tmpdir(), `macadam-incoming-${process.pid}`)),
  };
  for (const route of routes) {
    const ask = asking(route, parts, limits);
    app.route({
      method: route.method,
      url: route.path,
      ...(route.bodyLimit !== undefined && { bodyLimit: route.bodyLimit }),
      ...(route.raw && { preParsing: keepRaw }),
      handler: async (request, reply) => {
        try {
          return await ask(request, reply);
        } catch (error) {
          return trouble(error, route, request, reply);
        }
      },
    });
  }
  app.setErrorHandler((error, request, reply) => trouble(error, null, request, reply));
  const methods = methodsOf(routes);
  app.setNotFoundHandler(({ method, url }) => {
    const path = url.split('?')[0] ?? '';
    const known = methods(path);
    throw known.length === 0
      ? new HttpProblem(404, `there is nothing at ${path}`)
      : new HttpProblem(405, `${method} cannot be done to ${path}`, [], { allow: known.join(', ') });
  });
  return app;
}

function secured({ entry: { secure } }: AppOptions): Readonly<Record<string, string>> {
  return secure ? { ...SECURE, 'strict-transport-security': 'max-age=63072000; includeSubDomains' } : SECURE;
}

const BROKEN: Readonly<Record<string, HttpProblem>> = {
  ERR_HTTP_REQUEST_TIMEOUT: new HttpProblem(408, 'the request did not arrive in time'),
  HPE_HEADER_OVERFLOW: new HttpProblem(431, 'address and headers take more than 16 KB together'),
};

/** What cannot be read as HTTP at all has neither request nor answer, only a connection: it is told why, and closed. */
function refuseConnection(
  code: string | undefined,
  socket: Socket,
  sent: Readonly<Record<string, string>>,
  door: Door,
): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const { status, body } = BROKEN[code ?? ''] ?? new HttpProblem(400, 'this is no HTTP');
  const sort = turnedAwaySort({ status, path: '', credential: false });
  if (sort !== null) door.refused(sort, socket.remoteAddress);
  const text = JSON.stringify(body);
  const headers = Object.entries({
    ...sent,
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    connection: 'close',
  });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers.map((pair) => `${pair.join(': ')}\r\n`).join('')}\r\n${text}`,
  );
}

/** What can be done at an address. */
function methodsOf(routes: readonly Route[]): (path: string) => readonly string[] {
  const patterns = routes.map(({ method, path }) => ({
    method,
    pattern: new RegExp(
      `^${path.replaceAll(/[.*+?^${'$'}{}()|[\]\\]/g, '\\$&').replaceAll(/:[a-zA-Z]+/g, '[^/]+')}$`,
    ),
  }));
  return (path) => {
    const known = patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
    return [...new Set(known.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))];
  };
}
