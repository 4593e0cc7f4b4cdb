/** One route asked once: who calls, whether they may, and what it does, in one transaction of the caller's. */
import { once } from 'node:events';
import { PassThrough, type Writable } from 'node:stream';
import type { Action } from '@macadam/adapters/authorisation/actions';
import {
  authorise,
  authoriseAnywhere,
  principalFor,
  type Resource,
} from '@macadam/adapters/authorisation/authorise';
import { type Caller, principalOf } from '@macadam/adapters/authorisation/caller';
import type { DecisionPrincipal, DecisionTransaction } from '@macadam/adapters/decisions/port';
import { type Received, TooLarge } from '@macadam/adapters/incoming';
import type { GiveBack } from '@macadam/adapters/turns';
import { makeKnown } from '@macadam/services/work/teams';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { completed, completedFor } from '../pages/complete.ts';
import { preconditionFailed, requireUnchanged, sendAnswer, sendResult } from './answer.ts';
import type { AppOptions } from './app.ts';
import { csvLine } from './csv.ts';
import { type CursorKey, type CursorShapes, cursorOf, cursorShapes, keyOf } from './cursor.ts';
import type { Hold, Limiter } from './limits.ts';
import { HttpProblem, problemOf } from './problem.ts';
import { idempotency, rawBody, reading, SAFE, sameOrigin, seenIn, versionIn, wantsCsv } from './request.ts';
import {
  type Call,
  type Gives,
  PAGE_LIMIT,
  type PageAsked,
  type RawAnswer,
  type Route,
  type ServerParts,
  type Transact,
} from './route.ts';

/** What every route stands on, and how it is found out who calls. */
export type AskedParts = ServerParts & Pick<AppOptions, 'identify'>;

type Asked = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** Thrown where the policy says no, so that everything of the transaction is undone before the refusal is logged. */
class Refusal extends Error {
  readonly action: Action;
  readonly resource: Resource;
  constructor(action: Action, resource: Resource, reason: string) {
    super(reason);
    this.name = 'Refusal';
    this.action = action;
    this.resource = resource;
  }
}

export function asking(route: Route, options: AskedParts, limits: Limiter): Asked {
  const read = reading(route);
  const shapes = route.gives.as === 'list' ? cursorShapes(route.gives) : {};
  const found = async (
    request: FastifyRequest,
    reply: FastifyReply,
    { holds, giveBack }: { readonly holds: Holds; readonly giveBack: GiveBack },
  ): Promise<Send> => {
    const gone = new AbortController();
    // Of the answer, not of the connection: that one carries many requests, and would keep a listener for each.
    reply.raw.once('close', () => {
      // To abort makes an error with its stack, which nobody looks at where all of the answer was sent.
      if (!reply.raw.writableFinished) gone.abort();
    });
    const carried = { cookies: request.cookies, headers: request.headers, address: request.ip };
    const credentials = { ...carried, authorization: request.headers.authorization };
    const callerNow = () => options.identify(credentials);
    const raw = rawBody(request);
    const base = { ...carried, raw, now: options.now(), parts: options, signal: gone.signal, callerNow };
    if (route.once && request.method === 'HEAD')
      throw new HttpProblem(405, 'this can be done once, so it takes a GET', [], { allow: 'GET' });
    if (route.permission === null) {
      const call = { ...base, ...read(request), version: undefined } as unknown as Call;
      const given = (await route.does(call, ...NOTHING)) as RawAnswer;
      const answer = completed(given, { parts: options, cookies: request.cookies, url: null });
      return () => sendAnswer(answer, reply);
    }
    const caller = await callerNow();
    if (caller === null)
      throw new HttpProblem(401, NOBODY.reason, [NOBODY], { 'www-authenticate': 'Bearer realm="macadam"' });
    if (caller.via === 'session' && !SAFE.has(request.method)) sameOrigin(request);
    const csv = route.gives.as === 'list' && wantsCsv(request);
    const hold = csv ? 'download' : route.holds;
    if (hold !== undefined) await holds.take(hold, caller.person);
    const seen = seenIn(request, route);
    const version = route.versioned === true ? versionIn(seen) : undefined;
    const call: Asking = {
      ...base,
      ...read(request),
      caller,
      version,
      seen,
      url: SAFE.has(request.method) ? request.url : null,
      permit: permitting(caller),
      leave: giveBack,
    };
    try {
      if (csv && route.gives.as === 'list') return await sendCsv(route, route.gives, call, reply);
      const result = route.staged
        ? await stagedResult(route, call, request, reply)
        : await decided({ route, call, shapes, request, reply });
      return () => sendResult(route.gives, result, request, reply);
    } catch (error) {
      const problem = await troubleOf(error, call);
      const shown = await shownAgain(route, call, problem);
      if (shown === null) throw problem;
      return () => sendAnswer(shown, reply);
    }
  };
  return async (request, reply) => {
    const { authorization, cookie } = request.headers;
    // Programs have a token, and ask again by themselves.
    const hurried = authorization !== undefined;
    const holds = heldFor(reply, limits, hurried);
    // By what is sent and not by who it is: finding that out is what many at once would have to wait for.
    const giveBack = await limits.take('request', `${request.ip} ${authorization ?? cookie ?? ''}`, hurried);
    let send: Send;
    try {
      send = await found(request, reply, { holds, giveBack });
    } finally {
      giveBack();
    }
    return send();
  };
}

/** Sends what was found. Apart from finding it: whoever waits for a reply waits until it was read. */
type Send = () => FastifyReply;

/** A request of a known caller. */
type Asking = Call & {
  /** What `If-Match` says. */
  readonly seen: string | undefined;
  /** Path and query, where they can be asked for again. */
  readonly url: string | null;
  /** Lets another request be worked on in place of this one, which goes on. */
  readonly leave: GiveBack;
};

interface Holds {
  take(hold: Hold, caller: string): Promise<void>;
}

/** What is held until the answer is over: read to its end, or given up. */
function heldFor({ raw }: FastifyReply, limits: Limiter, hurried: boolean): Holds {
  const held: GiveBack[] = [];
  let over = false;
  const end = () => {
    over = true;
    for (const giveBack of held.splice(0)) giveBack();
  };
  raw.once('close', end).once('finish', end);
  return {
    take: async (hold, caller) => {
      const giveBack = await limits.take(hold, caller, hurried);
      if (over) giveBack();
      else held.push(giveBack);
    },
  };
}

const NOBODY = {
  field: 'Authorization',
  reason: 'nobody is logged in',
  fix: 'send an API token as `Authorization: Bearer`, or log in at /login in a browser',
};

/** A token may do less than the person whom it stands for. */
function wayOut(caller: Caller, action: Action, resource: Resource): string {
  const may = (as: Partial<Caller>) => authorise({ ...caller, ...as }, action, resource).allowed;
  if (may({ scopes: 'all' })) return `use a token with the scope ${action}`;
  return caller.via === 'token' && may({ scopes: 'all', via: 'session' })
    ? 'log in to the server in a browser, and do it there'
    : resource.team !== undefined && resource.team !== '' && resource.division === ''
      ? `ask somebody who may; ${makeKnown(resource.team)}`
      : 'ask somebody who may';
}

/** A refusal of the policy is logged, now that everything else is undone. */
async function troubleOf(error: unknown, { caller, parts, version }: Call): Promise<unknown> {
  if (!(error instanceof Refusal)) return version === undefined ? error : preconditionFailed(error);
  const { action, resource, message } = error;
  const division = resource.division === '' ? {} : { division: resource.division };
  await parts.decisions.refused(principalOf(caller), { action, subject: resource.id, ...division }, message);
  return new HttpProblem(403, message, [
    { field: '', reason: message, fix: wayOut(caller, action, resource) },
  ]);
}

/** Problems that whoever filled a form in can do something about, or should be told of beside it. */
const OF_FORMS: ReadonlySet<number> = new Set([400, 403, 409, 412, 422]);

/** Null where the route has no form, or its caller may not even see the page that it stands on. */
async function shownAgain(route: Route, call: Asking, thrown: unknown): Promise<RawAnswer | null> {
  const { status, body } = problemOf(thrown);
  const { again } = route;
  if (!again || !OF_FORMS.has(status) || !authoriseAnywhere(call.caller, again.reads).allowed) return null;
  try {
    const shown = await call.parts.decisions.transaction(
      principalFor(call.caller, again.reads),
      async (tx) => completedFor(await again.page(call, tx, body), call, call.caller, tx),
      { readOnly: true },
    );
    return { ...shown, status };
  } catch {
    // What went wrong first is what has to be said.
    return null;
  }
}

/** An open route has neither a transaction nor pages. */
const NOTHING = [undefined as never, undefined as never] as const;

const permitting =
  (caller: Caller): Call['permit'] =>
  (action, resource) => {
    const { allowed, reason } = authorise(caller, action, resource);
    if (!allowed) throw new Refusal(action, resource, reason);
  };

async function demand(route: Route, call: Call, tx: DecisionTransaction): Promise<void> {
  if (route.permission === null) return;
  const { action, of } = route.permission;
  if (of !== 'anywhere') return call.permit(action, await of(call, tx));
  const { allowed, reason } = authoriseAnywhere(call.caller, action);
  if (!allowed) throw new Refusal(action, { id: '', division: '' }, reason);
}

/** Of what is then read outside the decisions. */
const permitted = (route: Route, call: Call): Promise<void> =>
  call.parts.decisions.transaction(principalIn(route, call), (tx) => demand(route, call, tx), READ);

/** Of a list: with the divisions alone in which the caller may read it, so that the database limits the rows. */
function principalIn({ permission }: Route, { caller }: Call): DecisionPrincipal {
  return permission?.of === 'anywhere' ? principalFor(caller, permission.action) : principalOf(caller);
}

interface DecidedInput {
  readonly route: Route;
  readonly call: Asking;
  readonly shapes: CursorShapes;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function decided({ route, call, shapes, request, reply }: DecidedInput): Promise<unknown> {
  const reads = SAFE.has(request.method);
  // A page or a file is not kept to be given again.
  const known = reads || route.gives.as === 'answer' ? null : idempotency(request);
  if (known && route.shownOnce) throw shownOnce();
  if (route.outside === true) {
    await permitted(route, call);
    return resultOf(route, call, shapes, NOTHING[0]);
  }
  return call.parts.decisions.transaction(
    principalIn(route, call),
    async (tx) => {
      // First what they may do now: what somebody was answered once is no right to hear it again.
      await demand(route, call, tx);
      const claim = known && (await tx.delivery.claimKey(known.key, known.digest));
      if (claim && !claim.fresh) {
        reply.header('idempotency-replayed', 'true');
        return claim.answer;
      }
      await unchanged(route, call, tx);
      const result = await resultOf(route, call, shapes, tx);
      if (route.gives.as === 'answer') return completedFor(result as RawAnswer, call, call.caller, tx);
      if (known) await tx.delivery.answer(known.key, result ?? null);
      return result;
    },
    { readOnly: reads },
  );
}

/**
 * Whoever may is asked for the body; then it is done step by step. Asked again with its key the answer is the first one: where two ask at
 * once both do it, which changes nothing the second time, and hear the same.
 */
async function stagedResult(
  route: Route,
  call: Asking,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  if (!route.staged) throw new TypeError(`${route.path} is not done in steps`);
  const transact: Transact = (work, options = {}) =>
    call.parts.decisions.transaction(principalIn(route, call), work, options);
  await transact((tx) => demand(route, call, tx), { readOnly: true });
  // Whoever sends slowly takes nobody's place; what is done with it has a limit of its own.
  call.leave();
  const received = await receivedOf(route, call);
  try {
    // A file is not kept to be given again.
    const known = route.gives.as === 'answer' ? null : idempotency(request, received?.sha256);
    const before = known && (await transact((tx) => tx.delivery.answered(known.key, known.digest), READ));
    if (before) {
      reply.header('idempotency-replayed', 'true');
      return before.answer;
    }
    const result = await route.staged(call, transact, received);
    if (!known) return staged(result as RawAnswer, call, transact);
    return await transact(async (tx) => {
      const claim = await tx.delivery.claimKey(known.key, known.digest);
      if (!claim.fresh) return claim.answer;
      await tx.delivery.answer(known.key, result ?? null);
      return result;
    });
  } finally {
    await received?.leave();
  }
}

/** A page that took its steps is filled as any other is; a file is sent as it is. */
const staged = async (answer: RawAnswer, call: Asking, transact: Transact): Promise<RawAnswer> =>
  typeof answer.body === 'string'
    ? transact((tx) => completedFor(answer, call, call.caller, tx), READ)
    : answer;

const READ = { readOnly: true } as const;

function shownOnce(): HttpProblem {
  const reason = 'the answer holds a secret that is shown once, so it is not kept to be given again';
  return new HttpProblem(400, `Idempotency-Key: ${reason}`, [
    { field: 'Idempotency-Key', reason, fix: 'leave it out; revoke a secret whose answer was lost' },
  ]);
}

async function receivedOf({ bodyLimit }: Route, { body, parts }: Call): Promise<Received | null> {
  if (bodyLimit === undefined || body === undefined) return null;
  try {
    return await parts.incoming.receive(body as AsyncIterable<Uint8Array>, bodyLimit);
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    const reason = `it is larger than ${error.most} bytes`;
    throw new HttpProblem(413, reason, [{ field: 'body', reason, fix: 'take it apart, and send the parts' }]);
  }
}

/** The record is as the caller saw it, and stays so to the end of the transaction, for whoever asks that too waits. */
async function unchanged(
  { versioned, gives, path }: Route,
  call: Asking,
  tx: DecisionTransaction,
): Promise<void> {
  if (call.seen === undefined || typeof versioned !== 'function') return;
  await tx.exclusive(`${path} ${JSON.stringify(call.params)}`);
  requireUnchanged(gives, await versioned(call, tx), call.seen);
}

async function resultOf(
  route: Route,
  call: Call,
  shapes: CursorShapes,
  tx: DecisionTransaction,
): Promise<unknown> {
  const { gives } = route;
  if (gives.as !== 'list') return route.does(call, tx, NOTHING[1]);
  const { limit, after, sort } = call.query as { limit: number; after?: string; sort: string };
  const key = after === undefined ? undefined : keyOf(after, sort, shapes);
  const rows = await pageOf(route, call, tx, { after: key, limit: limit + 1, sort });
  const items = rows.slice(0, limit);
  const next = rows.length > limit ? cursorOf(gives.key(items.at(-1), sort), sort) : null;
  return { items, next };
}

const pageOf = async (route: Route, call: Call, tx: DecisionTransaction, page: PageAsked) =>
  (await route.does(call, tx, page)) as readonly unknown[];

/** Every row there is: each page a transaction of its own, so that none is open while it is read. */
async function sendCsv(
  route: Route,
  gives: Gives & { readonly as: 'list' },
  call: Call,
  reply: FastifyReply,
): Promise<Send> {
  const { decisions } = call.parts;
  const principal = principalIn(route, call);
  const { sort } = call.query as { sort: string };
  if (route.outside === true) await permitted(route, call);
  const asked = (after: CursorKey | undefined) => ({ after, limit: PAGE_LIMIT.most, sort });
  const page = (after: CursorKey | undefined) =>
    route.outside === true
      ? pageOf(route, call, NOTHING[0], asked(after))
      : decisions.transaction(
          principal,
          async (tx) => {
            if (after === undefined) await demand(route, call, tx);
            return pageOf(route, call, tx, asked(after));
          },
          READ,
        );
  // What cannot be read at all is a problem, and no file that ends before it began.
  const first = await page(undefined);
  return () => {
    const lines = new PassThrough();
    // Whoever reads it is told.
    lines.on('error', () => {});
    writeRows(gives, { first, page, sort }, lines, call.signal).then(
      () => lines.end(),
      (error: Error) => lines.destroy(error),
    );
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', 'attachment; filename="macadam.csv"')
      .send(lines);
  };
}

interface Pages {
  readonly first: readonly unknown[];
  readonly page: (after: CursorKey | undefined) => Promise<readonly unknown[]>;
  readonly sort: string;
}

async function writeRows(
  { row, key }: Gives & { readonly as: 'list' },
  { first, page, sort }: Pages,
  lines: Writable,
  signal: AbortSignal,
): Promise<void> {
  const columns = Object.keys(row.shape);
  lines.write(csvLine(columns));
  for (let rows = first; ; rows = await page(key(rows.at(-1), sort))) {
    for (const one of rows) {
      const cells: Record<string, unknown> = row.parse(one);
      const line = csvLine(columns.map((name) => cells[name]));
      if (!lines.write(line)) await once(lines, 'drain', { signal });
    }
    if (rows.length < PAGE_LIMIT.most) return;
  }
}
