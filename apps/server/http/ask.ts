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
import { makeKnown } from '@macadam/services/work/teams';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { demandUnchanged, preconditionFailed, sendAnswer, sendResult } from './answer.ts';
import type { AppOptions } from './app.ts';
import { csvLine } from './csv.ts';
import { type CursorKey, type CursorShapes, cursorOf, cursorShapes, keyOf } from './cursor.ts';
import { HttpProblem, problemOf } from './problem.ts';
import { idempotency, reading, SAFE, sameOrigin, seenIn, versionIn, wantsCsv } from './request.ts';
import { type Call, type Gives, PAGE_LIMIT, type PageAsked, type RawAnswer, type Route } from './route.ts';

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

export function asking(route: Route, options: AppOptions): Asked {
  const read = reading(route);
  const { permission, gives } = route;
  const shapes = gives.as === 'list' ? cursorShapes(gives) : {};
  return async (request, reply) => {
    const gone = new AbortController();
    // Of the answer, not of the connection: that one carries many requests, and would keep a listener for each.
    reply.raw.once('close', () => gone.abort());
    const carried = { cookies: request.cookies, headers: request.headers, address: request.ip };
    const base = { ...carried, now: options.now(), parts: options, signal: gone.signal };
    if (permission === null) {
      const call = { ...base, ...read(request), version: undefined } as unknown as Call;
      return sendAnswer((await route.does(call, ...NOTHING)) as RawAnswer, reply);
    }
    const caller = await options.identify({ ...carried, authorization: request.headers.authorization });
    if (caller === null)
      throw new HttpProblem(401, NOBODY.reason, [NOBODY], { 'www-authenticate': 'Bearer realm="macadam"' });
    if (caller.via === 'session' && !SAFE.has(request.method)) sameOrigin(request);
    const seen = seenIn(request, route);
    const version = route.versioned === true ? versionIn(seen) : undefined;
    const call: Call = { ...base, ...read(request), caller, version, permit: permitting(caller) };
    try {
      if (gives.as === 'list' && wantsCsv(request)) return await sendCsv(route, gives, call, reply);
      return sendResult(
        gives,
        await decided(route, { ...call, seen }, shapes, request, reply),
        request,
        reply,
      );
    } catch (error) {
      const problem = await troubleOf(error, call);
      const shown = await shownAgain(route, call, problem);
      if (shown === null) throw problem;
      return sendAnswer(shown, reply);
    }
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
async function shownAgain(route: Route, call: Call, thrown: unknown): Promise<RawAnswer | null> {
  const { status, body } = problemOf(thrown);
  const { again } = route;
  if (!again || !OF_FORMS.has(status) || !authoriseAnywhere(call.caller, again.reads).allowed) return null;
  try {
    const shown = await call.parts.decisions.transaction(
      principalFor(call.caller, again.reads),
      (tx) => again.page(call, tx, body),
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

/** Of a list: with the divisions alone in which the caller may read it, so that the database limits the rows. */
function principalIn({ permission }: Route, { caller }: Call): DecisionPrincipal {
  return permission?.of === 'anywhere' ? principalFor(caller, permission.action) : principalOf(caller);
}

async function decided(
  route: Route,
  call: Call & { readonly seen: string | undefined },
  shapes: CursorShapes,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const reads = SAFE.has(request.method);
  // A page or a file is not kept to be given again.
  const known = reads || route.gives.as === 'answer' ? null : idempotency(request);
  return call.parts.decisions.transaction(
    principalIn(route, call),
    async (tx) => {
      const claim = known && (await tx.delivery.claimKey(known.key, known.digest));
      if (claim && !claim.fresh) {
        reply.header('idempotency-replayed', 'true');
        return claim.answer;
      }
      await demand(route, call, tx);
      await unchanged(route, call, tx);
      const result = await resultOf(route, call, shapes, tx);
      if (known) await tx.delivery.answer(known.key, result ?? null);
      return result;
    },
    { readOnly: reads },
  );
}

/** The record is as the caller saw it, and stays so to the end of the transaction, for whoever asks that too waits. */
async function unchanged(
  { versioned, gives, path }: Route,
  call: Call & { readonly seen: string | undefined },
  tx: DecisionTransaction,
): Promise<void> {
  if (call.seen === undefined || typeof versioned !== 'function') return;
  await tx.exclusive(`${path} ${JSON.stringify(call.params)}`);
  demandUnchanged(gives, await versioned(call, tx), call.seen);
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

/** Every row there is, as it is read: of the caller's own transaction, whatever their number. */
async function sendCsv(
  route: Route,
  gives: Gives & { readonly as: 'list' },
  call: Call,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { decisions } = call.parts;
  const principal = principalIn(route, call);
  await decisions.transaction(principal, (tx) => demand(route, call, tx), { readOnly: true });
  const lines = new PassThrough();
  // Whoever reads it is told; there may be nobody yet.
  lines.on('error', () => {});
  const begun = Promise.withResolvers<void>();
  decisions
    .transaction(principal, (tx) => writeRows(route, gives, call, tx, lines, begun.resolve), {
      readOnly: true,
    })
    .then(
      () => lines.end(),
      (error: Error) => {
        begun.reject(error);
        lines.destroy(error);
      },
    );
  // What cannot be read at all is a problem, and no file that ends before it began.
  await begun.promise;
  return reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', 'attachment; filename="macadam.csv"')
    .send(lines);
}

async function writeRows(
  route: Route,
  { row, key }: Gives & { readonly as: 'list' },
  call: Call,
  tx: DecisionTransaction,
  lines: Writable,
  begun: () => void,
): Promise<void> {
  const columns = Object.keys(row.shape);
  const { sort } = call.query as { sort: string };
  const head = csvLine(columns);
  for (let after: CursorKey | undefined; ; ) {
    const rows = await pageOf(route, call, tx, { after, limit: PAGE_LIMIT.most, sort });
    if (after === undefined) lines.write(head);
    begun();
    for (const one of rows) {
      const cells: Record<string, unknown> = row.parse(one);
      const line = csvLine(columns.map((name) => cells[name]));
      if (!lines.write(line)) await once(lines, 'drain', { signal: call.signal });
    }
    if (rows.length < PAGE_LIMIT.most) return;
    after = key(rows.at(-1), sort);
  }
}
