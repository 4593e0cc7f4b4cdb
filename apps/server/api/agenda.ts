/** What the next review is about, and which reviews are due. */

import type { Decisions, DecisionTransaction } from '@macadam/adapters/decisions/port';
import { AGENDA_KINDS } from '@macadam/core/figures/agenda';
import { unitsBelow } from '@macadam/core/org/roll-up';
import { currentTree } from '@macadam/services/ownership/log';
import { type Agenda, nextAgenda } from '@macadam/services/progress/agenda';
import { z } from 'zod';
import { HttpProblem } from '../http/problem.ts';
import { route } from '../http/route.ts';
import type { ServerContext } from '../pages/history/pages.ts';
import { siteOf } from '../server-context.ts';
import { nothingScanned } from '../time-range.ts';

/** Null before the first look. `program`: title of one, whose agenda it is. */
export const agendaIn = (
  site: ServerContext,
  decisions: Decisions,
  tx: DecisionTransaction,
  program?: string,
): Promise<Agenda | null> =>
  nextAgenda(tx, {
    past: site.past,
    standards: [...site.standards.values()],
    commitments: site.commitments ?? NONE,
    shared: site.reviews?.source.shared ?? '',
    programs: site.reviewPrograms ?? [],
    program,
    teamsOf: async (unit) => unitsBelow(await currentTree(decisions, tx), unit),
  });

const NONE = {};

export const routes = [
  route({
    action: 'Review::read',
    of: 'anywhere',
    method: 'GET',
    path: '/api/review-agenda',
    summary: 'Say what the next review is about, from what changed since the last one, and which are due',
    query: {
      program: z.string().max(80).optional().describe('Title of a program: what changed since its last one'),
    },
    answer: z.object({
      since: z.int().nullable().describe('Number of the review that changes are counted from'),
      programs: z.array(
        z.object({
          title: z.string().describe('Reviews whose titles begin with it are of this program'),
          every: z.enum(['week', 'month', 'quarter']),
          unit: z.string().nullable().describe('The division or other unit that it is of; null: the company'),
          unattended: z.boolean().describe('The server freezes it after the first measurement of the period'),
          due: z.iso.date().describe('First day of the period, UTC'),
          isDue: z.boolean().describe('None of it was frozen in the period'),
          last: z.int().nullable(),
          next: z.iso.date().describe('First day of the period after it'),
        }),
      ),
      items: z.array(
        z.object({
          kind: z.enum(AGENDA_KINDS),
          standard: z.string().nullable(),
          says: z.string(),
        }),
      ),
    }),
    does: async ({ parts, query: { program } }, tx) => {
      const site = siteOf(parts);
      const titles = (site.reviewPrograms ?? []).map(({ title }) => title);
      if (program !== undefined && !titles.includes(program))
        throw new HttpProblem(
          404,
          `there is no program \`${program}\`; there are ${titles.join(', ') || 'none'}`,
        );
      const agenda = await agendaIn(site, parts.decisions, tx, program);
      if (agenda === null) throw nothingScanned();
      const { since, programs, items } = agenda;
      return {
        since,
        programs: programs,
        items,
      };
    },
  }),
];
