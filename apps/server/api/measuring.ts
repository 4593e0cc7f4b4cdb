/** What the server measures by itself: when it did last and why, when it will again, and what it watches. */
import { z } from 'zod';
import { HttpProblem } from '../http/problem.ts';
import { act, route } from '../http/route.ts';
import { MEASURING_REASONS, type MeasuringReason } from '../jobs/measuring.ts';

const time = z.iso.datetime();
const reason = z.enum(Object.keys(MEASURING_REASONS) as [MeasuringReason, ...MeasuringReason[]]);
const seconds = z.number().min(0);

export const routes = [
  act({
    method: 'POST',
    path: '/api/measuring',
    summary: 'Have everything scanned again',
    action: 'Figure::measure',
    of: 'anywhere',
    does: async ({ parts }) => {
      if (parts.measure === undefined || (parts.measuring?.() ?? null) === null)
        throw new HttpProblem(404, 'this server measures nothing by itself');
      parts.measure();
    },
  }),
  act({
    method: 'POST',
    path: '/api/measuring/cancellation',
    summary: 'End the measurement that collects at the moment; what was known stays',
    action: 'Figure::measure',
    of: 'anywhere',
    does: async ({ parts }) => {
      if (parts.cancelMeasuring === undefined || (parts.measuring?.() ?? null) === null)
        throw new HttpProblem(404, 'this server measures nothing by itself');
      if (!parts.cancelMeasuring())
        throw new HttpProblem(409, 'nothing is being collected at the moment; there is nothing to cancel');
    },
  }),
  route({
    method: 'GET',
    path: '/api/measuring',
    summary: 'Say when the server measured, and when it will again',
    action: 'Figure::read',
    of: 'anywhere',
    answer: z.object({
      running: z
        .object({ since: time, reasons: z.array(reason) })
        .nullable()
        .describe('What goes on at the moment; null while it waits'),
      progress: z
        .object({ source: z.string(), name: z.string(), done: z.int(), total: z.int().nullable() })
        .nullable(),
      last: z
        .object({
          startedAt: time,
          finishedAt: time,
          reasons: z.array(reason),
          outcome: z
            .enum(['measured', 'judged', 'read', 'failed', 'cancelled'])
            .describe(
              '`judged`: what was known, without collecting anything; `read`: what hosts told of; `cancelled`: somebody ended it',
            ),
          problem: z.string().nullable(),
        })
        .nullable(),
      collected: z
        .object({ startedAt: time, finishedAt: time })
        .nullable()
        .describe('The newest that collected everything: what was so before it began has been seen'),
      next: z
        .object({ at: time, reason })
        .nullable()
        .describe('At the latest; null while it runs or has a reason already, and without a schedule'),
      everySeconds: seconds.nullable().describe('Between two measurements of the schedule; null without one'),
      watch: z
        .object({
          watched: z.int(),
          of: z.string().describe('What is watched: `repositories`'),
          lookedAt: time.nullable(),
          everySeconds: seconds.describe('Between two checks, as long as nothing changes'),
          problem: z.string().nullable(),
        })
        .nullable()
        .describe('Null where nothing can be watched: then the schedule alone counts'),
    }),
    does: ({ parts }) => {
      const status = parts.measuring?.() ?? null;
      if (status === null) throw new HttpProblem(404, 'this server measures nothing by itself');
      const { running, progress, last, collected, next, everySeconds, watch } = status;
      return {
        running: running && { since: running.since.toISOString(), reasons: running.reasons },
        progress: progress && {
          source: progress.source,
          name: progress.name,
          done: progress.done,
          total: progress.total ?? null,
        },
        last: last && {
          startedAt: last.startedAt.toISOString(),
          finishedAt: last.finishedAt.toISOString(),
          reasons: last.reasons,
          outcome: last.outcome,
          problem: last.problem,
        },
        collected: collected && {
          startedAt: collected.startedAt.toISOString(),
          finishedAt: collected.finishedAt.toISOString(),
        },
        next: next && { at: next.at.toISOString(), reason: next.reason },
        everySeconds,
        watch: watch && {
          watched: watch.watched,
          of: watch.of ?? '',
          lookedAt: watch.lookedAt?.toISOString() ?? null,
          everySeconds: watch.everySeconds,
          problem: watch.problem,
        },
      };
    },
  }),
];
