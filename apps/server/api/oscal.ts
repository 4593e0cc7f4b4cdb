/** Where standards and frameworks stand, as OSCAL documents: of this moment, or of a frozen review. */
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import {
  assessmentResults,
  type OscalInput,
  type OscalStandard,
  planOfAction,
} from '@macadam/core/figures/oscal';
import { shownReview } from '@macadam/services/progress/reviews';
import { progressAt } from '@macadam/services/progress/status';
import { z } from 'zod';
import { anId } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { route, type ServerParts } from '../http/route.ts';
import type { ServerContext } from '../pages/history/pages.ts';
import { siteOf } from '../server-context.ts';
import { scannedSpan } from '../time-range.ts';
import { frameworkIn } from './frameworks.ts';

const reads = { action: 'Figure::read', of: 'anywhere', method: 'GET' } as const;
const review = z.coerce
  .number()
  .int()
  .min(1)
  .max(1_000_000)
  .optional()
  .describe('Number of a frozen review; left out: as it stands at the newest scan');
const document = (name: string) => z.object({ [name]: z.record(z.string(), z.unknown()) });

interface Asked {
  readonly framework?: string | undefined;
  readonly review?: number | undefined;
}

async function inputOf(
  parts: ServerParts,
  tx: DecisionTransaction,
  { framework, review: number }: Asked,
): Promise<OscalInput> {
  const site = siteOf(parts);
  const mapped = framework === undefined ? null : frameworkIn(parts, framework).framework;
  const engine = site.reviews?.source.engine ?? 'macadam';
  if (number === undefined) {
    const { at, standards } = await standing(site);
    return {
      title: site.title,
      at,
      engine,
      simulated: site.simulated !== null,
      standards,
      framework: mapped,
    };
  }
  const shown = await shownReview(tx, number);
  if (shown === null) throw new HttpProblem(404, `there is no review ${number}`);
  const { head, figures } = shown;
  return {
    title: `${head.title} (review ${head.number})`,
    at: new Date(head.at),
    engine: head.engine,
    simulated: head.simulated,
    standards: figures,
    framework: mapped,
  };
}

async function standing(
  site: ServerContext,
): Promise<{ readonly at: Date; readonly standards: readonly OscalStandard[] }> {
  const between = await scannedSpan(site.past, {});
  const progress = await progressAt(site.past, between, site.standards.values(), site.commitments ?? NONE);
  const standards = [...site.standards.values()].flatMap(({ id, definition }): OscalStandard[] => {
    const own = progress.get(id);
    if (own === undefined) return [];
    const { label, accountable, target, status, cause, figures, shares, measure } = own;
    const { atLeast, atMost } = measure ?? shares;
    const { pass, fail, unknown, excepted } = figures;
    const { title, pillar, severity } = definition;
    return [
      {
        standard: id,
        label,
        title,
        pillar,
        severity,
        accountable,
        target,
        status,
        statusCause: cause,
        pass,
        fail,
        unknown,
        excepted,
        atLeast,
        atMost,
      },
    ];
  });
  return { at: between.to.valid, standards: standards.sort((a, b) => (a.standard < b.standard ? -1 : 1)) };
}

const NONE = {};

export const routes = [
  route({
    ...reads,
    path: '/api/oscal/assessment-results',
    summary: 'Write where requirements stand as OSCAL assessment results',
    query: {
      framework: anId
        .optional()
        .describe('Id of a framework; left out: each standard is a requirement by itself'),
      review,
    },
    answer: document('assessment-results').describe('OSCAL 1.2.1'),
    does: async ({ parts, query }, tx) => assessmentResults(await inputOf(parts, tx, query)),
  }),
  route({
    ...reads,
    path: '/api/oscal/plan-of-action',
    summary: 'Write what is open as an OSCAL plan of action and milestones',
    query: { review },
    answer: document('plan-of-action-and-milestones').describe('OSCAL 1.2.1'),
    does: async ({ parts, query }, tx) => {
      const plan = planOfAction(await inputOf(parts, tx, query));
      if (plan === null)
        throw new HttpProblem(404, 'nothing is open, and such a plan has one item at least', [
          {
            field: '',
            reason: 'no standard has a failing or unknown asset',
            fix: 'ask for assessment results instead',
          },
        ]);
      return plan;
    },
  }),
];
