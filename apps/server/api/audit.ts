/** The log of decisions: to be read, followed, taken away and sampled. */
import { setTimeout as pause } from 'node:timers/promises';
import { authoriseAnywhere, principalFor } from '@macadam/adapters/authorisation/authorise';
import { auditFileOf } from '@macadam/adapters/decisions/audit-file';
import type { AuditRecord } from '@macadam/adapters/decisions/port';
import { drawSample } from '@macadam/services/audit/sample';
import { z } from 'zod';
import { HttpProblem } from '../http/problem.ts';
import { answer, type Call, list } from '../http/route.ts';

/** The chain is of the whole company, and so is what shows it. */
const company = () => ({ id: '', division: '' });

const entry = z.object({
  number: z.int().describe('Counts from 1, without gaps; a caller sees those of its divisions'),
  at: z.string(),
  principal: z.string(),
  action: z.string(),
  subject: z.string(),
  division: z.string().nullable(),
  outcome: z.enum(['done', 'refused']),
  reason: z.string().nullable().describe('Why it was refused'),
  detail: z.unknown().describe('What was given'),
});

const whole = ({ number, at, principal, action, subject, outcome, ...rest }: AuditRecord) => ({
  number,
  at,
  principal,
  action,
  subject,
  outcome,
  detail: rest.detail ?? null,
  division: rest.division ?? null,
  reason: rest.reason ?? null,
});

/** A connection is let go after so long: whoever asks again is asked again who they are. */
const FOLLOWED_MS = 300_000;
const POLL_MS = 1000;
const BEAT_MS = 15_000;
const AT_ONCE = 500;

export const routes = [
  list({
    path: '/api/audit',
    summary: 'List entries of the audit log',
    action: 'Audit::read',
    of: 'anywhere',
    query: { subject: z.string().max(500).optional(), action: z.string().max(100).optional() },
    row: entry,
    sorts: ['-number'],
    key: ({ number }) => number,
    rows: async ({ query: { subject, action } }, tx, { after, limit }) => {
      const found = await tx.auditEntries({
        limit,
        ...(after !== undefined && { after }),
        ...(subject !== undefined && { subject }),
        ...(action !== undefined && { action }),
      });
      return found.map(whole);
    },
  }),
  answer({
    method: 'GET',
    path: '/api/audit/log',
    summary: 'Take the whole log away, to verify it elsewhere',
    action: 'Audit::read',
    of: company,
    media: 'application/x-ndjson',
    does: ({ parts: { decisions } }) => ({
      headers: {
        'content-type': 'application/x-ndjson; charset=utf-8',
        'content-disposition': 'attachment; filename="macadam-log.ndjson"',
      },
      body: auditFileOf(decisions.auditLog()),
    }),
  }),
  answer({
    method: 'GET',
    path: '/api/audit/sample',
    summary: 'Draw evidence that an outsider can derive again',
    action: 'Audit::sample',
    of: company,
    media: 'application/json',
    query: {
      seed: z.string().min(1).max(200).describe('The same seed draws the same'),
      n: z.coerce.number().int().min(1).max(100).default(10).describe('Of each sort at most'),
    },
    does: ({ parts, query: { seed, n } }) => {
      const standards = [...(parts.site()?.standards.values() ?? [])];
      const definitions = new Map(standards.map(({ id, definition }) => [id, definition]));
      const [log, stores] = [parts.decisions.auditLog(), parts.stores?.() ?? null];
      return {
        headers: { 'content-type': 'application/json; charset=utf-8' },
        // It takes its time, for which no transaction is kept open.
        body: (async function* () {
          yield JSON.stringify(await drawSample({ seed, n, log, stores, definitions }));
        })(),
      };
    },
  }),
  answer({
    method: 'GET',
    path: '/api/events',
    summary: 'Follow what is decided, as server-sent events',
    action: 'WorkItem::read',
    of: 'anywhere',
    media: 'text/event-stream',
    does: (call) => ({
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' },
      body: events(call, lastSeen(call)),
    }),
  }),
];

/**
 * Each second what came since, whichever process of the server wrote it. `Last-Event-ID` goes on from there, so nothing is missed
 * between two connections; an id that the log has not reached is of another log, so it goes on from the log's head, and says so
 * (`event: reset`). Whoever may read the log gets whole entries; everybody else what happened to which record.
 */
async function* events({ caller, parts, signal }: Call, asked: number | null): AsyncGenerator<string> {
  const full = authoriseAnywhere(caller, 'Audit::read').allowed;
  const principal = principalFor(caller, full ? 'Audit::read' : 'WorkItem::read');
  const ask = <T>(work: Parameters<typeof parts.decisions.transaction<T>>[1]) =>
    parts.decisions.transaction(principal, work, { readOnly: true });
  const head = (await ask((tx) => tx.auditHead())).number;
  let since = Math.min(asked ?? head, head);
  yield 'retry: 1000\n\n';
  if (asked !== null && asked > head)
    yield `id: ${head}\nevent: reset\ndata: ${JSON.stringify({ asked, head })}\n\n`;
  const until = performance.now() + FOLLOWED_MS;
  for (let beat = performance.now(); performance.now() < until && !signal.aborted; ) {
    const found = await ask((tx) => tx.auditEntries({ since, limit: AT_ONCE }));
    for (const record of found) {
      since = record.number;
      const data = full ? whole(record) : outline(record);
      if (data) yield `id: ${record.number}\nevent: entry\ndata: ${JSON.stringify(data)}\n\n`;
    }
    if (found.length === AT_ONCE) continue;
    if (performance.now() - beat > BEAT_MS) {
      beat = performance.now();
      yield ': still here\n\n';
    }
    await pause(POLL_MS, undefined, { signal }).catch(() => {});
  }
}

/** Null where none is given. Throws for what is no number of an entry. */
function lastSeen({ headers }: Pick<Call, 'headers'>): number | null {
  const given = String(headers['last-event-id'] ?? '');
  if (given === '') return null;
  if (/^\d{1,15}$/.test(given)) return Number(given);
  const reason = 'it is no number of an entry in the log';
  throw new HttpProblem(400, `Last-Event-ID: ${reason}`, [
    { field: 'Last-Event-ID', reason, fix: 'send the `id` of the last event, or leave it out to begin now' },
  ]);
}

function outline({ number, at, action, subject, division, outcome }: AuditRecord): object | null {
  return division === undefined || outcome === 'refused' ? null : { number, at, action, subject, division };
}
