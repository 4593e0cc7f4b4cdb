/** What was observed, from wherever: observations by line, and the files of other tools. And what was collected so far. */

import { type Caller, principalOf } from '@macadam/adapters/authorisation/caller';
import { FORMATS } from '@macadam/adapters/imports/findings/recognition';
import { NoTurn } from '@macadam/adapters/turns';
import { BOUNDS } from '@macadam/core/text/bounds';
import { NotTheirs, takeReceived } from '@macadam/services/ingest/receive';
import { clockWatch } from '@macadam/services/measure/clock';
import { z } from 'zod';
import { anId } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { list, type ServerParts, staged } from '../http/route.ts';
import { siteOf } from '../server-context.ts';

const count = z.int().min(0);
const clockWrong = clockWatch(process.env);
const company = () => ({ id: '', division: '' });

/** Who speaks for somebody else is refused, and that is logged. */
async function takenFor<T>(caller: Caller, { decisions }: ServerParts, take: () => Promise<T>): Promise<T> {
  try {
    return await take();
  } catch (error) {
    if (error instanceof NoTurn)
      throw new HttpProblem(503, 'other documents are being read, one after the other', [], {
        'retry-after': '10',
      });
    if (!(error instanceof NotTheirs)) throw error;
    const { message } = error;
    await decisions.refused(principalOf(caller), { action: 'fact.ingest', subject: caller.person }, message);
    const [reason = '', fix = ''] = message.split('; ');
    throw new HttpProblem(403, message, [{ field: 'body', reason, fix }]);
  }
}

export const routes = [
  staged({
    method: 'POST',
    path: '/api/observations',
    summary: 'Take in what was observed',
    action: 'Fact::ingest',
    of: company,
    query: {
      as: z.enum(FORMATS).optional().describe('Left out: recognised by the content'),
      subject: z.string().max(500).optional().describe('What a file of another tool is about'),
      taken: z.iso.datetime({ offset: true }).optional().describe('When that file was made'),
    },
    bodyLimit: BOUNDS.lines,
    status: 201,
    answer: z.object({
      format: z.enum(FORMATS).nullable(),
      collections: z.array(
        z.object({
          source: z.string(),
          batch: z.int().describe('What the store says at this number never changes'),
          repeated: z.boolean().describe('The same was taken in before, and nothing was done'),
          observations: count,
          quarantined: count,
          problems: z.array(z.object({ code: z.string(), message: z.string() })),
        }),
      ),
      notes: z.array(z.string()),
    }),
    does: async ({ parts, query, now, caller }, _, received) => {
      const { facts, simulated } = siteOf(parts);
      if (simulated !== null) throw new HttpProblem(422, 'a simulated company takes nothing real');
      const stores = parts.stores?.() ?? null;
      const wrong = stores && (await clockWrong(stores, now));
      if (wrong !== null) throw new HttpProblem(503, wrong, [], { 'retry-after': '60' });
      const { as = null, subject = 'upload', taken } = query;
      const { format, appended, mistakes, notes } = await takenFor(caller, parts, () =>
        takeReceived({ decisions: parts.decisions, facts, incoming: parts.incoming }, received, {
          principal: principalOf(caller),
          sources: caller.sources,
          subject,
          as,
          receivedAt: now.toISOString(),
          taken: { at: taken ?? now.toISOString(), stated: taken !== undefined },
        }),
      );
      if (appended.some(({ repeated }) => !repeated)) parts.ingested?.();
      if (mistakes.length > 0) {
        const errors = mistakes.slice(0, 100).map(({ line, field, reason }) => ({
          field: `line ${line}${field === '' ? '' : `, ${field}`}`,
          reason,
          fix: 'correct it and send it again: what was taken in already is known by its content',
        }));
        throw new HttpProblem(422, `${mistakes.length} mistakes were found`, errors);
      }
      return {
        format,
        notes,
        collections: appended.map(({ source, batch, repeated, observations, quarantined, problems }) => ({
          source,
          batch,
          repeated,
          observations,
          quarantined,
          problems,
        })),
      };
    },
  }),
  list({
    path: '/api/collections',
    summary: 'List what was collected, and how completely',
    holds: 'search',
    outside: true,
    action: 'Figure::read',
    of: 'anywhere',
    query: { source: anId.optional() },
    row: z.object({
      digest: z.string(),
      batch: z.int(),
      source: z.string(),
      startedAt: z.string(),
      finishedAt: z.string(),
      status: z.string(),
      partitions: count,
      complete: count.describe('Partitions that count as whole'),
      retracted: z.boolean(),
    }),
    sorts: ['-batch'],
    key: ({ batch }) => batch,
    rows: async ({ parts, query: { source } }, _, { after, limit }) => {
      const page = await siteOf(parts).facts.collections({
        limit,
        source,
        // A cursor that was made by hand may name any number; none of ours is below 0.
        ...(after !== undefined && { before: Math.max(0, Number(after)) }),
      });
      return page
        .map(({ digest, batch, collection, completeness, retracted }) => ({
          digest,
          batch,
          source: collection.source,
          retracted,
          status: collection.status,
          startedAt: collection.startedAt,
          finishedAt: collection.finishedAt,
          partitions: completeness.length,
          complete: completeness.filter((one) => one.complete).length,
        }))
        .sort((a, b) => b.batch - a.batch);
    },
  }),
];
