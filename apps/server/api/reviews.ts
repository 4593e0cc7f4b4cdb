/** What leaders saw and decided, frozen: each review with all that it rests on, after the one before. */
import { authorise, COMPANY } from '@macadam/adapters/authorisation/authorise';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { AGENDA_KINDS } from '@macadam/core/figures/agenda';
import { MISS_REASONS } from '@macadam/core/figures/missed';
import { STATUS_CAUSES, TARGET_STATUSES } from '@macadam/core/figures/target';
import { currentTree } from '@macadam/services/ownership/log';
import { freezeNext, type ReviewAsked, reviewFile, shownReview } from '@macadam/services/progress/reviews';
import { z } from 'zod';
import { anId, aText } from '../http/bounds.ts';
import { aDay } from '../http/day.ts';
import { HttpProblem } from '../http/problem.ts';
import { answer, type Call, list, route } from '../http/route.ts';
import { siteOf } from '../server-context.ts';
import { agendaIn } from './agenda.ts';
import { seat } from './council.ts';

const count = z.int();
const share = z.number().min(0).max(1).nullable();
const time = z.string().describe('RFC 3339');
const one = { number: z.coerce.number().int().min(1).max(1_000_000) };

const reviewRow = z.object({
  number: z.int(),
  title: z.string(),
  frozenAt: time,
  frozenBy: z.string(),
  at: time.describe('The moment that its figures are of'),
  known: z.int().describe('The sealed batch of facts that was known then'),
  previous: z.int().nullable(),
  digest: z.string().describe('Of its seal: SHA-256 over every byte of the file before it'),
  key: z.string().nullable().describe('SHA-256 of the public key that signed it; null where none did'),
});

const counts = { pass: count, fail: count, unknown: count, excepted: count };
const figure = z.object({
  standard: z.string(),
  label: z.string(),
  title: z.string(),
  pillar: z.string(),
  severity: z.enum(['critical', 'high', 'medium', 'low']),
  accountable: z.string().nullable(),
  target: z.object({ share: z.number(), by: z.string() }).nullable(),
  status: z.enum(TARGET_STATUSES),
  statusCause: z.enum(STATUS_CAUSES).nullable(),
  definition: z.string(),
  ...counts,
  unnamed: count,
  containers: z.object({ whole: z.int(), total: z.int() }).nullable(),
  atLeast: share,
  atMost: share,
  measured: share,
  adjustedAtLeast: share,
  forecast: z
    .object({
      weeks: z.int(),
      outcome: z.string(),
      likely: z.string().nullable(),
      cautious: z.string().nullable(),
      chance: z.number().nullable(),
      why: z.string().nullable(),
      atRisk: z.boolean().nullable(),
    })
    .nullable(),
  measure: z
    .object({
      kind: z.string(),
      unit: z.string(),
      tally: z.record(z.string(), z.number()),
      amount: z.number(),
      atLeast: share,
      atMost: share,
      measured: share,
      pending: z.number().nullable(),
      medianSeconds: z.number().nullable(),
    })
    .nullable(),
  teams: z.record(z.string(), z.object(counts)),
  since: z.object(counts).nullable().describe('What changed since the review before; null in the first'),
});

const attendance = z.array(z.object({ person: z.string(), present: z.boolean() }));
const decisions = z.array(
  z.object({ question: z.string(), decided: z.string().nullable(), by: z.string().nullable() }),
);
const exceptions = z.array(z.object({ id: z.string(), standard: z.string(), until: z.string() }));
const actions = z.array(
  z.object({
    id: z.string(),
    what: z.string(),
    owner: z.string(),
    due: z.string(),
    state: z.enum(['open', 'done', 'dropped']),
  }),
);

const LONGEST = 500;

export const reviewAsked = z.strictObject({
  title: z.string().min(3).max(200),
  attendance: z
    .array(z.strictObject({ person: anId, present: z.boolean().default(true) }))
    .max(LONGEST)
    .default([]),
  decisions: z
    .array(
      z.strictObject({
        question: aText,
        decided: aText.nullable().default(null).describe('Null: it was asked and is open'),
        by: anId.nullable().default(null),
      }),
    )
    .max(LONGEST)
    .default([]),
  actions: z
    .array(z.strictObject({ what: aText, owner: anId, due: aDay }))
    .max(LONGEST)
    .default([]),
  outcomes: z
    .array(z.strictObject({ action: anId, state: z.enum(['done', 'dropped']) }))
    .max(LONGEST)
    .default([])
    .describe('What became of open actions of earlier reviews; those that are not named stay open'),
});

/** Throws 404, 409 or 503 where nothing can be frozen now, with what to do. */
export async function freezeAsked(
  { parts, caller }: Pick<Call, 'parts' | 'caller'>,
  tx: DecisionTransaction,
  asked: ReviewAsked,
) {
  const site = siteOf(parts);
  if (site.reviews === undefined)
    throw new HttpProblem(404, 'this server keeps no history to freeze reviews of');
  const agenda = await agendaIn(site, parts.decisions, tx);
  const made = await freezeNext(tx, {
    source: site.reviews.source,
    key: site.reviews.key(),
    asked,
    by: caller.person,
    simulated: site.simulated !== null,
    divisions: site.divisions,
    stated: site.exceptions ?? [],
    tree: await currentTree(parts.decisions, tx),
    agenda: agenda?.items ?? [],
    program: null,
    stamp: site.reviews.stamp,
  });
  if (!('cause' in made)) return made;
  const { cause, why, fix } = made;
  const objection = { field: '', reason: why, fix };
  if (cause === 'nothing-measured' || cause === 'no-timestamp')
    throw new HttpProblem(503, `${why}; ${fix}`, [objection], { 'retry-after': '2' });
  throw new HttpProblem(cause === 'too-large' ? 422 : 409, `${why}; ${fix}`, [objection]);
}

export async function foundReview(tx: DecisionTransaction, number: number) {
  const [record, shown] = [await tx.reviews.review(number), await shownReview(tx, number)];
  if (record !== null && shown !== null) return { record, shown };
  throw new HttpProblem(404, `there is no review ${number}`);
}

/** A file holds facts of every division. */
export const maySeeFile = ({ caller }: Pick<Call, 'caller'>): boolean =>
  authorise(caller, 'Fact::read', COMPANY).allowed;

export const routes = [
  list({
    path: '/api/reviews',
    summary: 'List reviews',
    action: 'Review::read',
    of: 'anywhere',
    row: reviewRow,
    sorts: ['-number'],
    key: ({ number }) => number,
    rows: (_, tx, page) => tx.reviews.reviews(page),
  }),
  route({
    method: 'GET',
    path: '/api/reviews/:number',
    summary: 'Show a review: figures, decisions, actions, and who was there',
    params: one,
    action: 'Review::read',
    of: 'anywhere',
    answer: reviewRow.extend({
      engine: z.string(),
      simulated: z.boolean(),
      attendance,
      decisions,
      actions,
      exceptions: z.object({ asked: exceptions, approved: exceptions }),
      council: z
        .array(seat.extend({ present: z.boolean().nullable().describe('Null: nobody wrote it down') }))
        .describe('Who was accountable for each division and function, and whether they were there'),
      misses: z
        .array(
          z.object({
            standard: z.string(),
            due: z.string(),
            reason: z.enum(MISS_REASONS),
            note: z.string().nullable(),
            saidBy: z.string(),
          }),
        )
        .describe('Why targets were missed, as it was said since the review before'),
      agenda: z
        .array(z.object({ kind: z.enum(AGENDA_KINDS), standard: z.string().nullable(), says: z.string() }))
        .describe('What it was about when it was frozen'),
      program: z
        .object({ title: z.string(), unit: z.string().nullable() })
        .nullable()
        .describe('The program that froze it by itself; null where a person did'),
      figures: z.array(figure),
    }),
    does: async ({ params }, tx) => {
      const { record, shown } = await foundReview(tx, params.number);
      const { head, minutes, figures } = shown;
      return {
        ...record,
        engine: head.engine,
        simulated: head.simulated,
        attendance: minutes.attendance,
        decisions: minutes.decisions,
        actions: minutes.actions,
        council: minutes.council ?? [],
        misses: minutes.misses ?? [],
        agenda: minutes.agenda ?? [],
        program: minutes.program ?? null,
        exceptions: minutes.exceptions,
        figures: figures.map((one) => ({
          ...one,
          measure: one.measure && { ...one.measure, tally: { ...one.measure.tally } },
        })),
      };
    },
  }),
  answer({
    method: 'GET',
    path: '/api/reviews/:number/file',
    summary: 'Give a review as the file that it was frozen as; `macadam review verify` verifies it alone',
    params: one,
    action: 'Fact::read',
    of: () => COMPANY,
    media: 'application/x-ndjson',
    does: async ({ params }, tx) => {
      const file = await reviewFile(tx, params.number);
      if (file === null) throw new HttpProblem(404, `there is no review ${params.number}`);
      return {
        headers: {
          'content-type': 'application/x-ndjson; charset=utf-8',
          'content-disposition': `attachment; filename="review-${params.number}.ndjson"`,
        },
        body: file,
      };
    },
  }),
  route({
    method: 'POST',
    path: '/api/reviews',
    summary: 'Freeze a review of the newest scan',
    status: 201,
    action: 'Review::freeze',
    of: () => COMPANY,
    body: reviewAsked,
    answer: reviewRow,
    does: (call, tx) => freezeAsked(call, tx, call.body),
  }),
];
