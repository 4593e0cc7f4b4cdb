/** Reviews: the list with the form that freezes the next one, and each by itself. */

import { authorise, COMPANY } from '@macadam/adapters/authorisation/authorise';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Attempt } from '@macadam/adapters/report-formats/html/form';
import { html } from '@macadam/adapters/report-formats/html/markup';
import { councilOf } from '@macadam/core/org/council';
import { currentTree } from '@macadam/services/ownership/log';
import { shownReview } from '@macadam/services/progress/reviews';
import { z } from 'zod';
import { agendaIn } from '../../api/agenda.ts';
import { foundReview, freezeAsked, maySeeFile, reviewAsked } from '../../api/reviews.ts';
import { HttpProblem } from '../../http/problem.ts';
import type { RawAnswer } from '../../http/route.ts';
import { form, readForm, shownPage, standingPage, ticked, type Visit, written } from '../page.ts';
import { reviewBody, reviewLead, reviewListBody, reviewListHeading, reviewListLead } from './body.ts';
import { type ScheduleAsked, scheduleAsked, scheduleQuery } from './schedule.ts';

const LISTED = 200;

async function listPage(
  call: Visit,
  tx: DecisionTransaction,
  attempt: Attempt | null,
  asked: ScheduleAsked = {},
): Promise<RawAnswer> {
  const reviews = await tx.reviews.reviews({ limit: LISTED });
  const [newest] = reviews;
  const site = call.parts.site();
  const may = authorise(call.caller, 'Review::freeze', COMPANY).allowed;
  const before = may && newest ? await shownReview(tx, newest.number) : null;
  const open = (before?.minutes.actions ?? []).filter(({ state }) => state === 'open');
  const agenda = site === null ? null : await agendaIn(site, call.parts.decisions, tx);
  const tree = await currentTree(call.parts.decisions, tx);
  const units = [...tree.units.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return standingPage(call, {
    section: 'reviews',
    heading: reviewListHeading({ agenda, reviews }),
    title: 'Reviews',
    when: reviewListLead(agenda),
    acts: may && html`<a class="btn go" href="#next">Freeze the next review</a>`,
    body: reviewListBody({
      reviews,
      freezing: may ? { open } : null,
      council: councilOf(tree),
      attempt,
      agenda,
      schedule: scheduleAsked(site?.reviewPrograms ?? [], units, asked),
    }),
  });
}

const lines = (text: string | undefined): string[] =>
  (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const typed = z.strictObject({
  title: written,
  attendance: written.optional(),
  members: ticked.optional(),
  decisions: written.optional(),
  actions: written.optional(),
  done: ticked.optional(),
});

/** Whoever of the council is not ticked was absent; where nobody was ticked, nobody wrote it down. */
async function membersOf({ parts }: Visit, tx: DecisionTransaction, here: readonly string[]) {
  if (here.length === 0) return [];
  const people = councilOf(await currentTree(parts.decisions, tx)).flatMap(({ person }) => person ?? []);
  return [...new Set(people)].map((person) => ({ person, present: here.includes(person) }));
}

/** Each line is what, who and until which day. Throws a problem that quotes the line. */
function actionIn(line: string) {
  const [what = '', owner = '', due = '', ...more] = line.split(';').map((part) => part.trim());
  if (what !== '' && owner !== '' && /^\d{4}-\d{2}-\d{2}$/.test(due) && more.length === 0)
    return { what, owner, due };
  const reason = `\`${line.slice(0, 100)}\` is not an action`;
  throw new HttpProblem(400, reason, [
    { field: 'actions', reason, fix: 'write it as: what; who; 2027-03-01' },
  ]);
}

export const reviewPages = [
  shownPage({
    path: '/reviews',
    summary: 'Show reviews',
    action: 'Review::read',
    of: 'anywhere',
    query: scheduleQuery,
    does: (call, tx) => listPage(call, tx, null, call.query),
  }),
  shownPage({
    path: '/reviews/:number',
    summary: 'Show a review',
    action: 'Review::read',
    of: 'anywhere',
    params: { number: z.coerce.number().int().min(1).max(1_000_000) },
    query: { done: z.enum(['frozen']).optional() },
    does: async (call, tx) => {
      const { record, shown } = await foundReview(tx, call.params.number);
      const title = `Review ${record.number}: ${record.title}`;
      return standingPage(call, {
        section: 'reviews',
        below: true,
        heading: title,
        title,
        when: reviewLead(shown),
        body: reviewBody({ record, shown, file: maySeeFile(call), done: call.query.done !== undefined }),
      });
    },
  }),
  form({
    path: '/reviews',
    name: 'freeze',
    summary: 'Freeze a review of the newest scan',
    action: 'Review::freeze',
    of: () => COMPANY,
    does: async (call, tx) => {
      const given = readForm(typed, call.body);
      const asked = reviewAsked.safeParse({
        title: given.title,
        attendance: [
          ...lines(given.attendance).map((person) => ({ person, present: true })),
          ...(await membersOf(call, tx, given.members ?? [])),
        ],
        decisions: lines(given.decisions).map((line) => {
          const [question = '', ...decided] = line.split('=').map((part) => part.trim());
          return { question, decided: decided.join('=') || null, by: call.caller.person };
        }),
        actions: lines(given.actions).map(actionIn),
        outcomes: (given.done ?? []).map((action) => ({ action, state: 'done' })),
      });
      if (!asked.success) {
        const [issue] = asked.error.issues;
        const reason = issue?.message ?? 'it cannot be read';
        throw new HttpProblem(400, reason, [
          {
            field: String(issue?.path[0] ?? ''),
            reason,
            fix: 'write a day as 2027-03-01, and a title of 3 to 200 characters',
          },
        ]);
      }
      const { number } = await freezeAsked(call, tx, asked.data);
      return `/reviews/${number}?done=frozen`;
    },
    reads: 'Review::read',
    page: (call, tx, attempt) => listPage(call, tx, attempt),
  }),
];
