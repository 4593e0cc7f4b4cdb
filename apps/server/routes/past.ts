/** The history as pages: every answer is one address, so it can be kept, sent and reloaded. */
import { z } from 'zod';
import { HttpProblem } from '../http/problem.ts';
import { answer } from '../http/route.ts';
import { HTML, pageAnswer } from '../page-answer.ts';
import { answerPast } from '../past.ts';
import { siteOf } from '../site.ts';

const NAMES = ['from', 'to', 'as', 'team', 'division', 'state', 'cause', 'search', 'after', 'page'] as const;
export const pastQuery = Object.fromEntries(NAMES.map((name) => [name, z.string().max(2000).optional()]));

/** Only what was given. */
export const searchOf = (query: Readonly<Record<string, unknown>>): URLSearchParams =>
  new URLSearchParams(
    Object.entries(query).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );

const shown = (path: string, summary: string) =>
  answer({
    ...{ method: 'GET', path, summary, action: 'Fact::read', of: 'anywhere', media: HTML, query: pastQuery },
    ...(path.includes(':id') && { params: { id: z.string().min(1) } }),
    does: async ({ parts, params, query: asked, caller }) => {
      const { id } = params as { id?: string };
      const place = path.replace(':id', encodeURIComponent(id ?? ''));
      const page = await answerPast(siteOf(parts), place, searchOf(asked), caller.name);
      if (page === null)
        throw new HttpProblem(404, `there is nothing at ${place}; the history is at /history`);
      return pageAnswer(page);
    },
  });

export const routes = [
  shown('/history', 'Show how every standard stands'),
  shown('/changes', 'Show what changed'),
  shown('/standards', 'Show every standard'),
  shown('/standards/:id', 'Show how one standard went'),
  shown('/standards/:id/assets', 'Show the assets behind a number'),
  shown('/standards/:id/changes', 'Show the assets behind a change'),
  shown('/assets/:id', 'Show the life of an asset'),
];
