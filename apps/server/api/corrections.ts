/** What an administrator says of facts that no source can say; the next look shows what it changes. */
import { FactsError } from '@macadam/adapters/facts/port';
import { CORRECTIONS, correct } from '@macadam/services/ingest/correction';
import { z } from 'zod';
import { HttpProblem } from '../http/problem.ts';
import { route } from '../http/route.ts';
import { siteOf } from '../server-context.ts';

export const routes = [
  route({
    method: 'POST',
    path: '/api/fact-corrections',
    summary:
      'Confirm or retract a collection, retire a source or an asset, or take back what was written under a wrong clock',
    action: 'Fact::correct',
    of: () => ({ id: '', division: '' }),
    body: z.strictObject({
      what: z
        .enum(CORRECTIONS)
        .describe(
          'confirm: what a collection misses is gone; retract: nothing that it says counts; retire-source: its word no longer holds its assets; retire-asset: it is gone until somebody sees it again; retract-after: every collection that began after a time, and every tick for later, is taken back',
        ),
      subject: z
        .string()
        .min(1)
        .max(2000)
        .describe(
          'Digest of a collection, as /api/collections lists it; id of a source, or of an asset; a time',
        ),
      reason: z.string().trim().min(3).max(2000),
    }),
    status: 201,
    answer: z.object({
      batch: z.int().describe('What is known from this number on knows of it'),
      repeated: z.boolean().describe('The same was recorded before'),
    }),
    does: async ({ parts, body, now }, tx) => {
      const { facts } = siteOf(parts);
      const history = parts.stores?.()?.history;
      if (history === undefined)
        throw new HttpProblem(503, 'the facts are not open', [], { 'retry-after': '5' });
      await tx.audit({
        action: 'fact.correct',
        subject: body.subject,
        detail: { what: body.what, reason: body.reason },
      });
      const recorded = await correct({ facts, history }, { ...body, at: now }).catch((error: unknown) => {
        if (error instanceof FactsError) throw new HttpProblem(422, error.message);
        throw error;
      });
      return { batch: recorded.batch, repeated: recorded.repeated };
    },
  }),
];
