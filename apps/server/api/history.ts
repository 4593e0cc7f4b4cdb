/** The history as pages: every answer is one address, so it can be kept, sent and reloaded. */

import type { CatalogueStandard } from '@macadam/services/catalogue/load';
import { toilOfStandards } from '@macadam/services/progress/toil';
import { z } from 'zod';
import { permittedIn } from '../active-exceptions.ts';
import { unitIn } from '../asked-unit.ts';
import { anAsset } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { HISTORY_NAMES } from '../pages/history/address.ts';
import { answerPast } from '../pages/history/pages.ts';
import { overviewPage, standardsPage, standardsQuery } from '../pages/overview/pages.ts';
import { shownPage } from '../pages/page.ts';
import { pageAnswer } from '../pages/page-answer.ts';
import { siteOf } from '../server-context.ts';
import { permitTeam, teamsSeen } from '../session/visibility.ts';
import { nothingScanned } from '../time-range.ts';

const pastQuery = Object.fromEntries(HISTORY_NAMES.map((name) => [name, z.string().max(2000).optional()]));

const given = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Only what was given. */
const searchOf = (query: Readonly<Record<string, unknown>>): URLSearchParams =>
  new URLSearchParams(
    Object.entries(query).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );

const shown = (path: string, summary: string, action: 'Figure::read' | 'Fact::read') =>
  shownPage({
    path,
    summary,
    action,
    of: 'anywhere',
    query: pastQuery,
    ...(path.includes(':id') && { params: { id: anAsset } }),
    does: async (call, tx) => {
      const { parts, params, query: asked, caller, now } = call;
      const { id } = params as { id?: string };
      // The page of a standard names assets too, of those that the caller may see.
      const names = action === 'Fact::read' || path === '/standards/:id';
      const seen = names ? await teamsSeen(call, tx) : [];
      if (action === 'Fact::read' && asked.team) await permitTeam(call, tx, asked.team);
      const found = asked.unit ? await unitIn(parts, tx, asked.unit) : null;
      const unit = found && { name: found.unit.name, teams: found.teams };
      const place = path.replace(':id', encodeURIComponent(id ?? ''));
      const site = {
        ...siteOf(parts),
        misses: (standard: string) => tx.effects.misses({ standard }),
        toil: async (standard: CatalogueStandard) =>
          (await toilOfStandards(tx, parts.decisions, [standard])).get(standard.id) ?? null,
      };
      const permitted = permittedIn(tx, site, now);
      const page = await answerPast({
        site,
        path: place,
        parameters: searchOf(asked),
        visitor: caller.name,
        seen,
        permitted,
        unit,
      });
      if (page === null)
        throw new HttpProblem(404, `there is nothing at ${place}; all standards are at /standards`);
      return pageAnswer(page);
    },
  });

export const routes = [
  shownPage({
    path: '/history',
    summary: 'Show the overview between two moments',
    action: 'Figure::read',
    of: 'anywhere',
    query: pastQuery,
    does: async (call, tx) => {
      const { from, to, at, as } = call.query;
      const query = { from: given(from), at: given(to) ?? given(at), as: given(as) };
      const shown = await overviewPage(call, tx, { site: siteOf(call.parts), query, report: false });
      if (shown) return shown;
      throw nothingScanned();
    },
  }),
  shown('/changes', 'Show what changed', 'Fact::read'),
  shownPage({
    path: '/standards',
    summary: 'Show every standard',
    action: 'Figure::read',
    of: 'anywhere',
    query: standardsQuery,
    does: ({ parts, query }) => standardsPage(siteOf(parts), query),
  }),
  shown('/standards/:id', 'Show how one standard went', 'Figure::read'),
  shown('/standards/:id/assets', 'Show the assets behind a number', 'Fact::read'),
  shown('/standards/:id/changes', 'Show the assets behind a change', 'Fact::read'),
];
