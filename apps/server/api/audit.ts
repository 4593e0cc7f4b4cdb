/** What an outsider verifies: the log of decisions, read, followed, taken away and sampled, and the manifests of facts. */

import { authoriseAnywhere, principalFor } from '@macadam/adapters/authorisation/authorise';
import { auditFileOf } from '@macadam/adapters/decisions/audit-file';
import type { AuditRecord } from '@macadam/adapters/decisions/port';
import { manifestFile } from '@macadam/adapters/facts/manifest';
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
const BEAT_MS = 15_000;
/** Entries that are held for one reader at once: as many as there are readers, each holds so many. */
const AT_ONCE = 20;

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
        after,
        subject,
        action,
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
    holds: 'download',
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
    path: '/api/audit/manifests',
    summary: 'Take the manifests of all collections of facts away, to verify them elsewhere',
    action: 'Audit::read',
    of: company,
    media: 'application/x-ndjson',
    holds: 'download',
    does: ({ parts }) => {
      const stores = parts.stores?.() ?? null;
      if (stores === null) throw new HttpProblem(503, 'the facts are not open', [], { 'retry-after': '5' });
      return {
        headers: {
          'content-type': 'application/x-ndjson; charset=utf-8',
          'content-disposition': 'attachment; filename="macadam-manifests.ndjson"',
        },
        body: (async function* () {
          yield* manifestFile(await stores.facts.manifests());
        })(),
      };
    },
  }),
  answer({
    method: 'GET',
    path: '/api/audit/sample',
    summary: 'Draw evidence that an outsider can derive again',
    action: 'Audit::sample',
    of: company,
    media: 'application/json',
    holds: 'download',
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
    holds: 'stream',
    does: (call) => ({
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' },
      body: events(call, lastSeen(call)),
    }),
  }),
];

/**
 * What came since, whichever process of the server wrote it. `Last-Event-ID` goes on from there, so nothing is missed
 * between two connections; an id that the log has not reached is of another log, so it goes on from the log's head, and says so
 * (`event: reset`). Whoever may read the log gets whole entries; everybody else what happened to which record.
 */
async function* events({ callerNow, parts, signal }: Call, asked: number | null): AsyncGenerator<string> {
  const newest = await parts.logHead.newest();
  let since = Math.min(asked ?? newest, newest);
  yield 'retry: 1000\n\n';
  if (asked !== null && asked > newest)
    yield `id: ${newest}\nevent: reset\ndata: ${JSON.stringify({ asked, head: newest })}\n\n`;
  /** Who asks is asked before each page: a right that was taken meanwhile shows nothing more. Null ends the stream. */
  const page = async () => {
    const caller = await callerNow();
    if (caller === null) return null;
    const full = authoriseAnywhere(caller, 'Audit::read').allowed;
    if (!full && !authoriseAnywhere(caller, 'WorkItem::read').allowed) return null;
    const principal = principalFor(caller, full ? 'Audit::read' : 'WorkItem::read');
    const records = await parts.decisions.transaction(
      principal,
      (tx) => tx.auditEntries({ since, limit: AT_ONCE }),
      { readOnly: true },
    );
    return { full, records };
  };
  const until = performance.now() + FOLLOWED_MS;
  for (let head = newest; performance.now() < until && !signal.aborted; ) {
    if (since >= head) {
      head = await parts.logHead.after(since, BEAT_MS, signal);
      if (since >= head) yield ': still here\n\n';
      continue;
    }
    const read = await parts.logHead.read(page);
    if (read === null) return;
    const { full, records: found } = read;
    for (const record of found) {
      const data = full ? whole(record) : outline(record);
      if (data) yield `id: ${record.number}\nevent: entry\ndata: ${JSON.stringify(data)}\n\n`;
    }
    // Of the last page everything up to the head was looked at, whether or not it may be seen.
    since = found.length < AT_ONCE ? head : (found.at(-1)?.number ?? head);
  }
}

/** Null where none is given. Throws for what is no number of an entry. */
function lastSeen({ headers }: Pick<Call, 'headers'>): number | null {
  const given = String(headers['last-event-id'] ?? '');
  if (given === '') return null;
  if (/^\d{1,15}$/.test(given)) return Number(given);
  const reason = 'it is not a number of an entry in the log';
  throw new HttpProblem(400, `Last-Event-ID: ${reason}`, [
    { field: 'Last-Event-ID', reason, fix: 'send the `id` of the last event, or leave it out to begin now' },
  ]);
}

function outline({ number, at, action, subject, division, outcome }: AuditRecord): object | null {
  return division === undefined || outcome === 'refused' ? null : { number, at, action, subject, division };
}
