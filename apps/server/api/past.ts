/** The history as pages: every answer is one address, so it can be kept, sent and reloaded. */

import { z } from 'zod';
import { permittedIn } from '../active-exceptions.ts';
import { anAsset } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { answer } from '../http/route.ts';
import { answerPast } from '../pages/history/pages.ts';
import { HTML, pageAnswer } from '../pages/page-answer.ts';
import { siteOf } from '../server-context.ts';
import { permitTeam, teamsSeen } from '../session/visibility.ts';

const NAMES = ['from', 'to', 'as', 'team', 'division', 'state', 'cause', 'search', 'after', 'page'] as const;
export const pastQuery = Object.fromEntries(NAMES.map((name) => [name, z.string().max(2000).optional()]));

/** Only what was given. */
export const searchOf = (query: Readonly<Record<string, unknown>>): URLSearchParams =>
  new URLSearchParams(
    Object.entries(query).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );

const shown = (path: string, summary: string, action: 'Figure::read' | 'Fact::read') =>
  answer({
    method: 'GET',
    path,
    summary,
    action,
    of: 'anywhere',
    media: HTML,
    query: pastQuery,
    ...(path.includes(':id') && { params: { id: anAsset } }),
    does: async (call, tx) => {
      const { parts, params, query: asked, caller, now } = call;
      const { id } = params as { id?: string };
      // The page of a standard names assets too, of those that the caller may see.
      const names = action === 'Fact::read' || path === '/standards/:id';
      const seen = names ? await teamsSeen(call, tx) : [];
      if (action === 'Fact::read' && asked.team) await permitTeam(call, tx, asked.team);
      const place = path.replace(':id', encodeURIComponent(id ?? ''));
      const site = siteOf(parts);
      const permitted = permittedIn(tx, site, now);
      const page = await answerPast(site, place, searchOf(asked), caller.name, seen, permitted);
      if (page === null)
        throw new HttpProblem(404, `there is nothing at ${place}; the history is at /history`);
      return pageAnswer(page);
    },
  });

export const routes = [
  shown('/history', 'Show how every standard stands', 'Figure::read'),
  shown('/changes', 'Show what changed', 'Fact::read'),
  shown('/standards', 'Show every standard', 'Figure::read'),
  shown('/standards/:id', 'Show how one standard went', 'Figure::read'),
  shown('/standards/:id/assets', 'Show the assets behind a number', 'Fact::read'),
  shown('/standards/:id/changes', 'Show the assets behind a change', 'Fact::read'),
];
