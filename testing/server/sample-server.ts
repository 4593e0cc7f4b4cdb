/** A server for tests of routes: a real store of decisions, the real policy, and whoever a test says calls. */
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Caller, HeldRole } from '@macadam/adapters/authorisation/caller';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { Decisions } from '@macadam/adapters/decisions/port';
import { openId } from '@macadam/adapters/identity/openid';
import type { IdentityParts } from '@macadam/adapters/identity/part';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { type AppOptions, type Carried, createApp } from '../../apps/server/http/app.ts';
import { discoverRoutes } from '../../apps/server/http/discover.ts';
import type { ProblemBody } from '../../apps/server/http/problem.ts';
import type { Route, ServerParts } from '../../apps/server/http/route.ts';
import { serve } from '../../apps/server/http/serve.ts';
import type { ServerContext } from '../../apps/server/pages/history/pages.ts';
import { problemPage } from '../../apps/server/pages/page-answer.ts';
import type { ShownPicture } from '../../apps/server/picture.ts';
import type { EntryParts } from '../../apps/server/session/authentication.ts';
import { preparedPlace } from '../decisions/prepared.ts';
import { trialFolder } from '../decisions/test-database.ts';

export interface SampleServer {
  /** Asked without a connection. */
  readonly app: { readonly inject: (request: InjectOptions) => Promise<LightMyRequestResponse> };
  readonly decisions: Decisions;
  /** `who` calls by a token; a body is sent as JSON. */
  ask(
    who: string,
    method: Asking,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<LightMyRequestResponse>;
  /** Where it listens, if it does. */
  readonly url: string;
  /** What nobody foresaw; a test that ends with any has failed. */
  readonly failures: readonly unknown[];
  close(): Promise<void>;
}
type Asking = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** `people`: id → what they are. Whoever is not named is nobody. */
export async function sampleServer(options: {
  readonly people: Readonly<
    Record<
      string,
      Partial<Pick<Caller, 'teams' | 'standards' | 'via' | 'scopes' | 'sources'>> & {
        readonly roles: readonly HeldRole[];
      }
    >
  >;
  /** Who calls without saying so: as a browser does that has logged in. */
  readonly anybody?: string;
  readonly site?: () => ServerContext | null;
  readonly picture?: Partial<ShownPicture>;
  /** Listens, for a browser. */
  readonly port?: number;
  readonly routes?: readonly Route[];
  readonly limits?: Pick<AppOptions, 'patience' | 'perMinute' | 'proxies' | 'countedEveryMs'>;
  /** Where ids have to differ. */
  readonly random?: (bytes: number) => Buffer;
  /** One that is open already, and stays so. */
  readonly decisions?: Decisions;
  readonly now?: () => Date;
  /** Requests a minute from one address. */
  readonly perMinute?: number;
  /** The facts, how they are copied, and where bodies are received. */
  readonly parts?: Partial<Pick<ServerParts, 'stores' | 'backup' | 'incoming' | 'demo' | 'told'>>;
  /** People log in as they do; then `people` and `anybody` count for nothing. */
  readonly logIns?: (parts: IdentityParts) => EntryParts;
}): Promise<SampleServer> {
  const { people, anybody = '', site = () => null, now = () => new Date() } = options;
  const folder = options.decisions ? null : trialFolder();
  const decisions =
    options.decisions ?? (await openDecisions(preparedPlace(join(folder ?? '', 'decisions')), { now }));
  const failures: unknown[] = [];
  const identityParts = { decisions, now, random: randomBytes };
  const logIns = options.logIns?.(identityParts);
  const given = {
    decisions,
    now,
    site,
    routes: options.routes ?? (await discoverRoutes()),
    ...options.parts,
    webhookKey: 'k'.repeat(43),
    ...(options.perMinute !== undefined && { perMinute: options.perMinute }),
    ...options.limits,
    random: options.random ?? (logIns ? randomBytes : (bytes: number) => Buffer.alloc(bytes, 7)),
    entry: logIns?.entry ?? { openId: openId(identityParts, []), secure: false },
    picture: {
      state: () => 'history' as const,
      around: () => ({ since: null, banner: null }),
      formats: [],
      ...options.picture,
    },
    identify: async (carried: Carried): Promise<Caller | null> => {
      if (logIns) return logIns.identify(carried);
      const { authorization } = carried;
      const person = authorization?.replace(/^Bearer /, '') ?? anybody;
      const known = Object.hasOwn(people, person) ? people[person] : undefined;
      return known
        ? {
            person,
            name: person,
            via: 'session',
            scopes: 'all',
            sources: 'all',
            teams: [],
            standards: [],
            ...known,
          }
        : null;
    },
    troubled: (problem: ProblemBody) => problemPage(problem, 'Log in.'),
    failed: (error: unknown) => failures.push(error),
  };
  // Two hundred routes are made ready for it, and whoever listens is often asked by its address alone.
  let made: Promise<FastifyInstance> | undefined;
  const app = () => {
    made ??= createApp({ ...given, hosts: () => ['macadam.example'] });
    return made;
  };
  if (options.port === undefined) await app();
  const inject = async (request: InjectOptions) => (await app()).inject(request);
  const served = options.port === undefined ? null : await serve({ ...given, port: options.port });
  return {
    app: { inject },
    decisions,
    failures,
    url: served?.url ?? '',
    // biome-ignore lint/complexity/useMaxParams: a request is read in this order, in some hundred places
    ask: (who, method, path, body, headers = {}) =>
      inject({
        method,
        url: path,
        headers: { host: 'macadam.example', authorization: `Bearer ${who}`, ...headers },
        ...(body !== undefined && { payload: body as object }),
      }),
    close: async () => {
      await served?.close();
      await (await made)?.close();
      if (folder === null) return;
      await decisions.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
