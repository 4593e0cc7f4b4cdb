/**
 * What can be asked of the server, as data: `apps/server/api/<noun>.ts` exports `routes`, found by `readdir`. Everything that all
 * routes share is done from this data by `app.ts`: who calls, whether they may, what is well-formed, pages by cursor, ETags,
 * idempotency keys, CSV, problems; and `openapi.ts` describes the same data to others.
 *
 * A route is ten lines. What it does lies below, in adapters, and can be done without HTTP.
 */
import type { Action } from '@macadam/adapters/authorisation/actions';
import type { Resource } from '@macadam/adapters/authorisation/authorise';
import type { Caller } from '@macadam/adapters/authorisation/caller';
import type { Decisions, DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Stores } from '@macadam/adapters/facts/open';
import type { Incoming, Received } from '@macadam/adapters/incoming';
import type { ToldSources } from '@macadam/services/sources/events';
import { z } from 'zod';
import type { MeasuringStatus } from '../jobs/measuring.ts';
import type { Health } from '../life/health.ts';
import type { LogHead } from '../log-head.ts';
import type { ServerContext } from '../pages/history/pages.ts';
import type { ShownPicture } from '../picture.ts';
import type { Entry } from '../session/authentication.ts';
import type { DemoRole } from '../session/demo-login.ts';
import type { CursorKey } from './cursor.ts';
import type { Hold } from './limits.ts';
import type { HttpProblem, ProblemBody } from './problem.ts';
import type { Door } from './turned-away.ts';

/** What every route stands on. */
export interface ServerParts {
  readonly decisions: Decisions;
  /** The history and the catalogue; null while nothing is known. */
  readonly site: () => ServerContext | null;
  readonly picture: ShownPicture;
  /** What the server measures by itself, and when; null where it does not. */
  readonly measuring?: () => MeasuringStatus | null;
  /** Has everything be collected again, once what is under way has ended; left out where the server measures nothing by itself. */
  readonly measure?: () => void;
  /** Ends the measurement that collects at the moment; false where none does. */
  readonly cancelMeasuring?: () => boolean;
  /** Told that observations were taken in. */
  readonly ingested?: () => void;
  /** What hosts tell of, and by which signature; left out where the server measures nothing by itself. */
  readonly told?: Pick<ToldSources, 'of' | 'tell' | 'last'>;
  /** Of a company that is made up: whom one may be in it, and a link that logs in as somebody; null where no link may be given. */
  readonly demo?: {
    readonly roles: () => readonly DemoRole[];
    readonly linkAs: (person: string) => Promise<string | null>;
  };
  /** How people come in. */
  readonly entry: Entry;
  readonly now: () => Date;
  /** So many random bytes. */
  readonly random: (bytes: number) => Buffer;
  /** From which secrets of webhooks follow; left out where nothing is delivered. */
  readonly webhookKey?: string;
  /** Networks inside the house that the operator lets endpoints lie in. */
  readonly webhookNetworks?: readonly string[];
  /** All there are, for what describes them. */
  readonly routes: readonly Route[];
  /** What ails the server. */
  readonly health: Health;
  /** The facts; null while they are not open. */
  readonly stores?: () => Stores | null;
  /** For whoever follows the log. */
  readonly logHead: LogHead;
  /** Where bodies are kept that come for long. */
  readonly incoming: Incoming;
  /** Counts somebody who was turned away, or what browsers say of it. */
  readonly turnedAway: Door['refused'];
  /** Both stores as an archive; the facts left out where they are not wanted. */
  readonly backup?: (wanted: { readonly facts: boolean }) => Promise<BackupMade>;
}

/** An archive that was read back. */
export interface BackupMade {
  bytes(): AsyncIterable<Uint8Array>;
  /** To be called when it was fetched, or given up. */
  forget(): Promise<void>;
}

export type Shape = Readonly<Record<string, z.ZodType>>;
/** What may be given where `T` is asked: it is written down, and nobody changes it. */
export type Readable<T> = T extends readonly (infer Item)[]
  ? readonly Readable<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: Readable<T[Name]> }
    : T;
type Given<S extends Shape> = { readonly [K in keyof S]: z.output<S[K]> };

/** One request, read and checked. */
export interface Call<P extends Shape = Shape, Q extends Shape = Shape, B = unknown> {
  readonly caller: Caller;
  readonly params: Given<P>;
  readonly query: Given<Q>;
  readonly body: B;
  /** As it came; empty where the route did not ask for it. */
  readonly raw: Uint8Array;
  /** The version that the caller saw (`If-Match`), of a route that hands it on: the store rejects a change of another with `conflict`. */
  readonly version: number | undefined;
  readonly now: Date;
  readonly parts: ServerParts;
  /** For what only the record itself can tell. Throws 403, and logs the refusal. */
  readonly permit: (action: Action, resource: Resource) => void;
  readonly cookies: Readonly<Record<string, string | undefined>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Where the caller's request came from. */
  readonly address: string;
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal;
  /** Who the same credentials are by now, for an answer that goes on for long; null where they have ended. */
  readonly callerNow: () => Promise<Caller | null>;
}

/** Who may: decided before `does`, of the one record, or (`anywhere`) of any division of the caller's; rows are then the database's to limit. */
type Of<P extends Shape, Q extends Shape, B> =
  | 'anywhere'
  | ((call: Call<P, Q, B>, tx: DecisionTransaction) => Promise<Resource> | Resource);

interface RouteBase<P extends Shape, Q extends Shape, B extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/api/work-items/:id`; names of `params` stand in it. */
  readonly path: string;
  /** One line, an imperative: `List work items`. */
  readonly summary: string;
  readonly params?: P | undefined;
  readonly query?: Q;
  readonly body?: B;
  /** Bytes that a body may have. */
  readonly bodyLimit?: number;
  /** Its answer holds a secret: it is shown this once, so it takes no idempotency key, whose answer would have to be kept. */
  readonly shownOnce?: true;
  /** Its body is also given as it came, for whoever signed it. */
  readonly raw?: true;
  /** What it holds beside a request: more of it than `LIMITS` says, nobody has at once. */
  readonly holds?: Hold;
  /**
   * Of a list whose rows lie outside the decisions: they are read after the transaction that permitted it, so that nobody who waits for
   * the engine holds a connection meanwhile. `rows` is given no transaction.
   */
  readonly outside?: true;
  /** For the policy. */
  readonly action: Action;
  readonly of: Of<P, Q, z.output<B>>;
  /**
   * Whether it takes `If-Match`. True: `does` hands `call.version` on to the store, which compares. A function: the record as it
   * stands, in the form of `answer`, null where there is none; its ETag is compared. Left out: `If-Match` is refused.
   */
  readonly versioned?: true | Standing<Call<P, Q, z.output<B>>>;
}

type Standing<C> = (call: C, tx: DecisionTransaction) => Promise<unknown>;

/** A route whose types are known only to itself. */
export interface Route {
  readonly method: RouteBase<Shape, Shape, z.ZodType>['method'];
  readonly path: string;
  readonly summary: string;
  readonly params: Shape;
  readonly query: Shape;
  readonly body: z.ZodType | null;
  readonly bodyLimit?: number | undefined;
  readonly shownOnce?: true | undefined;
  readonly raw?: true | undefined;
  /** A GET that can be done once: HEAD, which nobody means to do anything by, is refused. */
  readonly once?: true | undefined;
  readonly holds?: Hold | undefined;
  readonly outside?: true | undefined;
  readonly versioned?: true | Standing<Call> | undefined;
  /** Of a route that is more than one transaction: then `does` is not called. */
  readonly staged?: Staged;
  /** Null: open to everybody, and without a transaction. */
  readonly permission: Permission | null;
  readonly gives: Gives;
  does(call: Call, tx: DecisionTransaction, page: PageAsked): Promise<unknown>;
  /** Of a form: what a browser shows where `does` was refused and undone. */
  readonly again?: Again;
}

/** A transaction of the caller's; it may be asked for again, and never within another. */
export type Transact = <T>(
  work: (tx: DecisionTransaction) => Promise<T>,
  options?: { readonly readOnly?: boolean },
) => Promise<T>;

/** `received`: the whole body, where the route takes one that comes for long. */
export type Staged = (call: Call, transact: Transact, received: Received | null) => Promise<unknown>;

/** The page of a form, with what was typed. It reads in a transaction of its own, as whoever may do what `reads` names. */
export interface Again<C = Call> {
  readonly reads: Action;
  readonly page: (call: C, tx: DecisionTransaction, problem: ProblemBody) => Promise<RawAnswer>;
}

interface Permission {
  readonly action: Action;
  readonly of: 'anywhere' | ((call: Call, tx: DecisionTransaction) => Promise<Resource> | Resource);
}

export type Gives =
  /** One record, as JSON; its `version`, where it has one, is its ETag. */
  | { readonly as: 'record'; readonly status: 200 | 201; readonly schema: z.ZodType }
  | { readonly as: 'nothing' }
  /** A page of rows, as JSON; all of them, as CSV. */
  | {
      readonly as: 'list';
      readonly row: z.ZodObject;
      readonly sorts: readonly string[];
      key(row: unknown, sort: string): CursorKey;
    }
  /** Anything: what `does` gives is an `Answer`. */
  | { readonly as: 'answer'; readonly media: string; readonly dialect?: Dialect | undefined };

/** What `does` of a route with `media` gives. A page, a file, a protocol of others. */
export interface RawAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Buffer | AsyncIterable<string | Uint8Array>;
}

/** A protocol with its own words for problems, and its own media type for what comes in. */
export interface Dialect {
  readonly accepts: readonly string[];
  readonly problem: (
    problem: { readonly status: number; readonly detail: string } & Pick<HttpProblem, 'errors'>,
  ) => unknown;
}

/** One record out, and in. A transaction of a GET refuses every change. */
export function route<P extends Shape, Q extends Shape, B extends z.ZodType, A extends z.ZodType>(
  one: RouteBase<P, Q, B> & {
    readonly answer: A;
    /** 201 for what made something. */
    readonly status?: 200 | 201;
    readonly does: (
      call: Call<P, Q, z.output<B>>,
      tx: DecisionTransaction,
    ) => Promise<Readable<z.input<A>>> | Readable<z.input<A>>;
  },
): Route {
  return erased(one, { as: 'record', status: one.status ?? 200, schema: one.answer });
}

/**
 * One record out, of work that lies outside the decisions and takes long: no transaction is open while it is done. The body was received
 * whole, and the caller was permitted, before `does` is called; each step that decides something is a transaction of its own.
 */
export function staged<P extends Shape, Q extends Shape, A extends z.ZodType>(
  one: Omit<RouteBase<P, Q, typeof streamed>, 'body' | 'holds' | 'versioned'> & {
    readonly answer: A;
    readonly status?: 200 | 201;
    /** Bytes that the body may have. */
    readonly bodyLimit: number;
    readonly does: (
      call: Call<P, Q>,
      transact: Transact,
      received: Received,
    ) => Promise<Readable<z.input<A>>>;
  },
): Route {
  const { does, status = 200, answer: schema, ...base } = one;
  const never = () => {
    throw new TypeError('a staged route is done in steps');
  };
  return {
    ...erased({ ...base, body: streamed, holds: 'upload', does: never }, { as: 'record', status, schema }),
    staged: (call, transact, received) => {
      if (received === null) throw new TypeError('a staged route receives a body');
      return does(call as unknown as Call<P, Q>, transact, received);
    },
  };
}

/** As `staged`, without a body: an answer that takes long to make. */
export function stagedAnswer<P extends Shape, Q extends Shape>(
  one: Omit<RouteBase<P, Q, z.ZodType>, 'body' | 'bodyLimit' | 'versioned'> & {
    readonly media: string;
    readonly does: (call: Call<P, Q>, transact: Transact) => Promise<RawAnswer>;
  },
): Route {
  const { does, media, ...base } = one;
  const never = () => {
    throw new TypeError('a staged route is done in steps');
  };
  return {
    ...erased({ ...base, does: never }, { as: 'answer', media }),
    staged: (call, transact) => does(call as unknown as Call<P, Q>, transact),
  };
}

/** 204: done, and nothing to say. */
export function act<P extends Shape, Q extends Shape, B extends z.ZodType>(
  one: RouteBase<P, Q, B> & {
    readonly does: (call: Call<P, Q, z.output<B>>, tx: DecisionTransaction) => Promise<void>;
  },
): Route {
  return erased(one, { as: 'nothing' });
}

export interface PageAsked<K extends CursorKey = CursorKey, S extends string = string> {
  /** Key of the last row before the page. */
  readonly after: K | undefined;
  readonly limit: number;
  readonly sort: S;
}

/**
 * Rows in an order, a page at a time: `{ items, next }`, `next` being null on the last. `rows` gives at most `limit` rows after a key,
 * in the order asked for.
 */
export function list<
  P extends Shape,
  Q extends Shape,
  R extends z.ZodObject,
  K extends CursorKey,
  S extends string,
>(
  one: Omit<RouteBase<P, Q, z.ZodType>, 'method' | 'body'> & {
    readonly row: R;
    /** The first is the default; `-due` falls. */
    readonly sorts: readonly [S, ...S[]];
    readonly key: (row: z.input<R>, sort: S) => K;
    readonly rows: (
      call: Call<P, Q>,
      tx: DecisionTransaction,
      page: PageAsked<K, S>,
    ) => Promise<readonly Readable<z.input<R>>[]>;
  },
): Route {
  const { row, sorts, key, rows, ...base } = one;
  return erased(
    { ...base, method: 'GET', does: (call, tx, page) => rows(call, tx, page as PageAsked<K, S>) },
    { as: 'list', row, sorts, key: (of, sort) => key(of as z.input<R>, sort as S) },
  );
}

/** Whatever `does` says: a page for people, a file, a protocol of others. */
export function answer<P extends Shape, Q extends Shape, B extends z.ZodType>(
  one: RouteBase<P, Q, B> & {
    readonly media: string;
    readonly dialect?: Dialect;
    readonly does: (call: Call<P, Q, z.output<B>>, tx: DecisionTransaction) => Promise<RawAnswer> | RawAnswer;
    readonly again?: Again<Call<P, Q, z.output<B>>>;
  },
): Route {
  const { again, media, dialect } = one;
  return {
    ...erased(one, { as: 'answer', media, dialect }),
    ...(again && { again: again as unknown as Again }),
  };
}

/** Open to everybody: logging in, saying that one is alive. It has no transaction; whoever it acts for, it finds out itself. */
export function open<Q extends Shape, B extends z.ZodType>(
  one: Omit<RouteBase<Shape, Q, B>, 'action' | 'of'> & {
    readonly media: string;
    readonly once?: true;
    readonly does: (
      call: Omit<Call<Shape, Q, z.output<B>>, 'caller' | 'permit'>,
    ) => Promise<RawAnswer> | RawAnswer;
  },
): Route {
  const { method, path, summary, params = {}, query = {}, body = null, once, raw, does } = one;
  return {
    method,
    path,
    summary,
    params,
    query,
    body,
    once,
    raw,
    permission: null,
    gives: { as: 'answer', media: one.media },
    does: async (call) => does(call as unknown as Call<Shape, Q, z.output<B>>),
  };
}

function erased<P extends Shape, Q extends Shape, B extends z.ZodType>(
  one: RouteBase<P, Q, B> & {
    readonly does: (call: Call<P, Q, z.output<B>>, tx: DecisionTransaction, page: PageAsked) => unknown;
  },
  gives: Gives,
): Route {
  const { method, path, summary, params = {}, query = {}, body = null, bodyLimit, shownOnce, holds } = one;
  const { action, of, does, outside } = one;
  const { versioned } = one as { readonly versioned?: true | Standing<Call> };
  return {
    method,
    path,
    summary,
    params,
    query,
    body,
    gives,
    bodyLimit,
    shownOnce,
    holds,
    outside,
    versioned,
    permission: { action, of: of as Permission['of'] },
    does: async (call, tx, page) => does(call as unknown as Call<P, Q, z.output<B>>, tx, page),
  };
}

export const PAGE_LIMIT = { least: 1, most: 500, usual: 100 } as const;

/** A body that is read as it comes: observations by line, or the file of another tool. */
export const streamed = z.custom<AsyncIterable<Uint8Array>>(
  (value) => typeof value === 'object' && value !== null && Symbol.asyncIterator in value,
  'it is no stream; send it as application/x-ndjson or application/octet-stream',
);

/** What every list takes besides its own filters. */
export const pageQuery = (sorts: readonly string[]) => ({
  limit: z.coerce.number().int().min(PAGE_LIMIT.least).max(PAGE_LIMIT.most).default(PAGE_LIMIT.usual),
  after: z.string().max(2000).optional().describe('`next` of the page before'),
  sort: z
    .enum([...sorts])
    .default(sorts[0] ?? '')
    .describe('A minus is the falling order'),
});
