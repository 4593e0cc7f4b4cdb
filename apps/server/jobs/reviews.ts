/** Freezes reviews that nobody has to attend: each once in its period, with its agenda, after the first measurement of the period. */
import type { DecisionPrincipal, Decisions } from '@macadam/adapters/decisions/port';
import { reviewsDue } from '@macadam/core/figures/agenda';
import { currentTree } from '@macadam/services/ownership/log';
import { freezeNext } from '@macadam/services/progress/reviews';
import { agendaIn } from '../api/agenda.ts';
import type { ServerContext } from '../pages/history/pages.ts';

/** In the log, and in the review, this is who froze it; its title names the program. */
const REVIEWING: DecisionPrincipal = { id: 'machine:reviews', divisions: 'all' };
const MOST = 1000;

/** What the time alone mends: the next look tries again. */
const LATER: readonly string[] = ['nothing-measured', 'not-settled'];

/** Gives the titles of what it froze. Rejects where a review that is due cannot be frozen, with the reason. */
export async function freezeDue(
  decisions: Decisions,
  site: ServerContext | null,
): Promise<readonly string[]> {
  const programs = site?.reviewPrograms ?? [];
  if (site?.reviews === undefined || !programs.some(({ unattended }) => unattended)) return [];
  const { source, key, stamp } = site.reviews;
  const frozen: string[] = [];
  for (const { title: program, unattended } of programs) {
    if (!unattended) continue;
    const made = await decisions.transaction(REVIEWING, async (tx) => {
      // Of several processes one freezes it, and the others then see that it is.
      await tx.exclusive('review');
      const due = reviewsDue(programs, await tx.reviews.reviews({ limit: MOST }), new Date(tx.at));
      const own = due.find(({ title }) => title === program);
      const newest = (await site.past.ticks()).at(-1);
      // Until something was measured in the period, its figures would be those of the one before.
      if (!own?.isDue || newest === undefined || newest.valid < new Date(`${own.due}T00:00:00Z`)) return null;
      const agenda = await agendaIn(site, decisions, tx, program);
      return freezeNext(tx, {
        source,
        key: key(),
        asked: { title: `${program} ${own.due}`, attendance: [], decisions: [], actions: [], outcomes: [] },
        by: REVIEWING.id,
        simulated: site.simulated !== null,
        divisions: site.divisions,
        stated: site.exceptions ?? [],
        tree: await currentTree(decisions, tx),
        agenda: agenda?.items ?? [],
        program: { title: program, unit: own.unit },
        stamp,
      });
    });
    if (made === null) continue;
    if (!('cause' in made)) frozen.push(made.title);
    else if (!LATER.includes(made.cause)) throw new Error(`${program}: ${made.why}; ${made.fix}`);
  }
  return frozen;
}
