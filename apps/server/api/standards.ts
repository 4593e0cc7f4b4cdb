/** How standards stand and stood, for programs: the same sums that the pages show. */

import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Between, Went } from '@macadam/adapters/facts/history/retrospect';
import type { Figures } from '@macadam/core/figures/accounting';
import { measureFigures } from '@macadam/core/figures/measure';
import type { Finding } from '@macadam/core/figures/scan';
import type { StandardProgress } from '@macadam/core/figures/standard-progress';
import { STATUS_CAUSES, TARGET_STATUSES } from '@macadam/core/figures/target';
import type { CatalogueStandard } from '@macadam/services/catalogue/load';
import { progressAt } from '@macadam/services/progress/status';
import { z } from 'zod';
import { permittedIn } from '../active-exceptions.ts';
import { teamsAsked } from '../asked-unit.ts';
import { anId, idOrNone } from '../http/bounds.ts';
import { HttpProblem } from '../http/problem.ts';
import { list, type PageAsked, route, type ServerParts } from '../http/route.ts';
import { CAUSES_OF_CHANGE, causeOf, causesOf } from '../pages/history/causes.ts';
import { fractions } from '../pages/history/chart.ts';
import { type ServerContext, STATES } from '../pages/history/pages.ts';
import { siteOf } from '../server-context.ts';
import { scannedSpan } from '../time-range.ts';
import { requireFilters } from '../unknown-name.ts';

const counts = { action: 'Figure::read', of: 'anywhere' } as const;
const reads = { action: 'Fact::read', of: 'anywhere' } as const;
const count = z.int().min(0);
const share = z.number().min(0).max(1).nullable();
const at = z.iso.datetime().describe('The look that it is of');
const figures = {
  pass: count,
  fail: count.describe('Excepted failures are among them'),
  unknown: count,
  unnamed: count.describe(
    'How many of the unknown were counted by a source or its witness and never named: they are on no list, and no team has any',
  ),
  excepted: count,
  containers: count
    .nullable()
    .describe(
      'Containers, such as repositories, that may hold such assets; null of a team, and where no source lists any',
    ),
  containersListed: count
    .nullable()
    .describe('How many of these were listed whole: while one is short, the standard is not met'),
  atLeast: share.describe('Null where nothing is in scope'),
  atMost: share,
  measured: share,
};
const NO_TIME = 'it is not a time; give a time as 2027-03-01T12:00:00Z (RFC 3339), or a day as 2027-03-01';
const time = z.union([z.iso.datetime({ offset: true }), z.iso.date()], { error: NO_TIME }).optional();
const when = {
  from: time.describe(
    'A time, or a day, which is its first instant (UTC): the last scan up to it, or the first of all. Left out: the scan before `to`',
  ),
  to: time.describe('Likewise; before the first scan there is nothing. Left out: the newest scan'),
  as: z.enum(['known']).optional().describe('As it is known now, not as it was published then'),
};
const one = { id: anId.describe('Id of a standard') };

const promise = {
  label: z.string().describe('The title in at most 38 characters'),
  accountable: z.string().nullable().describe('Who answers for it'),
  target: z
    .object({ share: z.number().min(0).max(1), by: z.iso.date() })
    .nullable()
    .describe('What is promised of it: by the standard, or by `targets` of macadam.yaml'),
  status: z.enum(TARGET_STATUSES).describe('Against the target, by the figures and the forecast'),
  statusCause: z.enum(STATUS_CAUSES).nullable().describe('What explains the status; null where it says all'),
  measure: z
    .object({
      kind: z.enum(['weighted', 'elimination', 'duration']),
      unit: z.string(),
      tally: z
        .record(z.string(), z.number())
        .describe('Amounts by verdict, and how many have one that nobody knows'),
      amount: z.number(),
      atLeast: share,
      atMost: share,
      measured: share,
      pending: z.number().nullable().describe('Cases that are open and not yet due'),
      medianSeconds: z.number().nullable(),
    })
    .nullable()
    .describe('What it counts, where that is not a share of assets'),
};

const promised = (found: StandardProgress) => ({
  label: found.label,
  accountable: found.accountable,
  target: found.target,
  status: found.status,
  statusCause: found.cause,
  measure: found.measure && { ...found.measure, tally: { ...found.measure.tally } },
});

const counted = ({ pass, fail, unknown, excepted, unnamed = 0, containers }: Figures) => {
  const { atLeast, atMost, measured } = fractions({ pass, fail, unknown, excepted });
  return {
    pass,
    fail,
    unknown,
    unnamed,
    excepted,
    containers: containers?.total ?? null,
    containersListed: containers?.whole ?? null,
    atLeast,
    atMost,
    measured,
  };
};

const lastGood = z
  .object({
    since: z.iso.datetime().describe('From when on the version that judges is in force'),
    mistakes: z.array(
      z.object({
        file: z.string(),
        line: z.int(),
        field: z.string(),
        reason: z.string().describe('What is wrong, and what to do'),
      }),
    ),
  })
  .nullable()
  .describe('Not null where its file does not load, and its last good version goes on judging');

const lastGoodOf = ({ lastGood: held }: CatalogueStandard) =>
  held === undefined
    ? null
    : {
        since: held.since.toISOString(),
        mistakes: held.mistakes,
      };

type When = { readonly [Name in keyof typeof when]: string | undefined };

async function asked(
  parts: ServerParts,
  { from, to, as }: When,
): Promise<{ site: ServerContext; between: Between }> {
  const site = siteOf(parts);
  const between = await scannedSpan(site.past, { from, to, as });
  return { site, between };
}

/** How each standard of the catalogue stands against what was promised. */
async function progressIn(site: ServerContext, between: Between): Promise<(id: string) => StandardProgress> {
  const found = await progressAt(
    site.past,
    between,
    site.standards.values(),
    site.commitments ?? NO_COMMITMENTS,
  );
  return (id) => {
    const own = found.get(id);
    if (own === undefined) throw new TypeError(`\`${id}\` is no standard of the catalogue`);
    return own;
  };
}

const NO_COMMITMENTS = {};

function standardIn({ standards }: ServerContext, id: string) {
  const found = standards.get(id);
  if (found) return found;
  throw new HttpProblem(404, `there is no standard \`${id}\``);
}

/** A team of the facts, or of the organisation. */
async function demandTeam(
  {
    team,
    id,
    site,
    between,
  }: {
    readonly team: string | undefined;
    readonly id: string;
    readonly site: ServerContext;
    readonly between: Between;
  },
  tx: DecisionTransaction,
  parts: ServerParts,
): Promise<void> {
  const known = team === undefined || (await site.past.teams(between, id)).some((one) => one.team === team);
  if (!known) await requireFilters({ team }, tx, parts);
}

/** Part of a short list that is whole in memory. */
function part<T>(
  rows: readonly T[],
  key: (row: T) => string,
  { after, limit }: PageAsked<string, string>,
): T[] {
  return rows.filter((row) => after === undefined || key(row) > after).slice(0, limit);
}

const changesOf = ({ cells }: Pick<Went, 'cells'>) => Object.fromEntries(causesOf(cells));

export const routes = [
  list({
    ...counts,
    path: '/api/looks',
    summary: 'List the moments of which there is a picture',
    row: z.object({
      at: z.iso.datetime(),
      known: z.int().describe('The sealed batch of facts that it rests on'),
    }),
    sorts: ['-at'],
    key: ({ at }) => at,
    rows: async ({ parts }, _, { after, limit }) => {
      const looks = (await siteOf(parts).past.ticks()).toReversed();
      const all = looks.map(({ valid, known }) => ({ at: valid.toISOString(), known }));
      return all.filter(({ at }) => after === undefined || at < after).slice(0, limit);
    },
  }),
  list({
    ...counts,
    path: '/api/standards',
    summary: 'List how every standard stands',
    query: { ...when, pillar: anId.optional() },
    row: z.object({
      id: z.string(),
      title: z.string(),
      ...promise,
      pillar: z.string(),
      severity: z.enum(['critical', 'high', 'medium', 'low']),
      state: z.enum(['draft', 'observe', 'warn', 'enforce']),
      lastGood,
      at,
      ...figures,
      simulated: z.boolean().describe('Whether all of it is made up'),
    }),
    sorts: ['id'],
    key: ({ id }) => id,
    rows: async ({ parts, query }, _, page) => {
      const { site, between } = await asked(parts, query);
      const went = await site.past.figuresOfAll(between);
      const stands = await progressIn(site, between);
      const all = [...site.standards.values()].map(async (standard) => ({
        id: standard.id,
        ...promised(stands(standard.id)),
        lastGood: lastGoodOf(standard),
        title: standard.definition.title,
        pillar: standard.definition.pillar,
        severity: standard.definition.severity,
        state: standard.definition.rollout.state,
        at: between.to.valid.toISOString(),
        ...counted(went.get(standard.id) ?? (await site.past.figures(between, standard.id))),
        simulated: site.simulated !== null,
      }));
      const own = (await Promise.all(all)).filter(
        ({ pillar }) => query.pillar === undefined || pillar === query.pillar,
      );
      return part(
        own.sort((a, b) => (a.id < b.id ? -1 : 1)),
        ({ id }) => id,
        page,
      );
    },
  }),
  route({
    ...counts,
    method: 'GET',
    path: '/api/standards/:id',
    summary: 'Say how one standard stands and went',
    params: one,
    query: when,
    answer: z.object({
      id: z.string(),
      title: z.string(),
      ...promise,
      statement: z.string(),
      why: z.string(),
      kind: z.string(),
      check: z.string().describe('CEL'),
      lastGood,
      from: z.iso.datetime().nullable(),
      to: z.iso.datetime(),
      ...figures,
      changes: z
        .record(z.string(), z.int())
        .describe('Cause to number of assets, those that were never named among them'),
      trend: z.array(
        z.object({
          at: z.iso.datetime(),
          ...figures,
          measure: z
            .object({ atLeast: share, atMost: share })
            .nullable()
            .describe('What it counted then, where that is not a share of assets'),
        }),
      ),
      simulated: z.boolean(),
    }),
    does: async ({ parts, params: { id }, query }) => {
      const { site, between } = await asked(parts, query);
      const found = standardIn(site, id);
      const { definition } = found;
      const [went] = await site.past.standards(between, id);
      const stands = await progressIn(site, between);
      const { title, statement, why, scope, check } = definition;
      return {
        id,
        title,
        ...promised(stands(id)),
        statement,
        why,
        kind: scope.kind,
        check,
        lastGood: lastGoodOf(found),
        simulated: site.simulated !== null,
        from: between.from?.valid.toISOString() ?? null,
        to: between.to.valid.toISOString(),
        ...counted(went?.figures ?? NOTHING),
        changes: changesOf(went ?? { cells: [] }),
        trend: await Promise.all(
          (went?.trend ?? []).map(async (moment) => ({
            at: moment.at.toISOString(),
            ...counted(moment),
            measure: await measureThen(site, found, moment.at),
          })),
        ),
      };
    },
  }),
  list({
    ...counts,
    path: '/api/standards/:id/teams',
    summary: 'List how one standard stands by team',
    params: one,
    query: { ...when, division: idOrNone.optional() },
    row: z.object({ team: z.string(), division: z.string().nullable(), at, ...figures }),
    sorts: ['team'],
    key: ({ team }) => team,
    rows: async ({ parts, params: { id }, query }, tx, page) => {
      const { site, between } = await asked(parts, query);
      standardIn(site, id);
      const { division } = query;
      if (division !== undefined && ![...site.divisions.values()].includes(division))
        await requireFilters({ division }, tx, parts);
      const teams = (await site.past.teams(between, id)).map(({ team = '', ...own }) => ({
        team,
        division: site.divisions.get(team) ?? null,
        at: between.to.valid.toISOString(),
        ...counted(own),
      }));
      const wanted = teams.filter(
        ({ division }) => query.division === undefined || division === query.division,
      );
      return part(
        wanted.sort((a, b) => (a.team < b.team ? -1 : 1)),
        ({ team }) => team,
        page,
      );
    },
  }),
  list({
    ...reads,
    path: '/api/standards/:id/assets',
    summary:
      'List the assets behind a number, of the caller’s divisions; those that are `unnamed` are not among them',
    params: one,
    query: {
      to: when.to,
      as: when.as,
      team: idOrNone.optional(),
      verdict: z.enum(['pass', 'fail', 'excepted', 'unknown']).optional(),
    },
    row: z.object({
      asset: z.string(),
      team: z.string(),
      verdict: z.enum(['pass', 'fail', 'unknown']),
      excepted: z.boolean().describe('At that scan'),
      exceptedNow: z
        .boolean()
        .nullable()
        .describe(
          'Whether an exception that you may read is in force at this moment; null for an earlier scan, and for what does not fail',
        ),
      exception: z
        .string()
        .nullable()
        .describe('Its id; null also where it stands in the file of the estate'),
      reason: z.string(),
      message: z.string().nullable().describe('Why it fails, in words; null for an earlier scan'),
      path: z.string().nullable().describe('Where it fails first; null for an earlier scan'),
      line: z.int().nullable(),
      link: z.string().nullable().describe('That line at the code host, at the commit that was judged'),
      at,
    }),
    sorts: ['asset'],
    key: ({ asset }) => asset,
    rows: async (call, tx, { after, limit }) => {
      const { id } = call.params;
      const { team, verdict, to, as } = call.query;
      const { site, between } = await asked(call.parts, { from: undefined, to, as });
      standardIn(site, id);
      const selection = { standard: id, ...(await teamsAsked(call, tx, { team })) };
      const states = verdict === undefined ? undefined : STATES[verdict];
      const page = { limit, states, after };
      const found = await site.past.assets(between, selection, page);
      if (found.length === 0) await demandTeam({ team, id, site, between }, tx, call.parts);
      const newest = (await site.past.ticks()).at(-1)?.valid.getTime() === between.to.valid.getTime();
      const failing = found.filter(({ state }) => state === 'F' || state === 'X').map(({ asset }) => asset);
      const held = newest ? await permittedIn(tx, site, call.now)?.inForce(id, failing) : undefined;
      const told = new Map(
        newest
          ? site.findings?.filter(({ standard }) => standard === id).map((one) => [one.asset.id, one])
          : [],
      );
      return found.map(({ asset, team: owner, state, reason }) => ({
        ...placed(told.get(asset)),
        exceptedNow: held && (state === 'F' || state === 'X') ? held.has(asset) : null,
        exception: held?.get(asset)?.id ?? null,
        asset,
        team: owner,
        reason,
        excepted: state === 'X',
        verdict: VERDICTS[state],
        at: between.to.valid.toISOString(),
      }));
    },
  }),
  list({
    ...reads,
    path: '/api/standards/:id/changes',
    summary:
      'List the assets behind what changed, of the caller’s divisions; those that were never named are not among them',
    params: one,
    query: {
      ...when,
      team: idOrNone.optional(),
      unit: anId.optional().describe('All teams of a unit of the organisation'),
      cause: z.enum(CAUSES_OF_CHANGE).optional(),
    },
    row: z.object({
      place: z.int(),
      asset: z.string(),
      cell: z.string(),
      standard: z.string(),
      changedAt: z.iso.datetime().describe('The look that found it'),
      from: z.iso.datetime().nullable().describe('The look before; null where there is none'),
      to: z.iso.datetime(),
    }),
    sorts: ['place'],
    key: ({ place }) => place,
    rows: async (call, tx, { after = 0, limit }) => {
      const { id } = call.params;
      const { site, between } = await asked(call.parts, call.query);
      standardIn(site, id);
      const { team, unit, cause } = call.query;
      const selection = { standard: id, ...(await teamsAsked(call, tx, { team, unit })) };
      const { assets } = await site.past.changed(
        between,
        selection,
        (cell) => cell.cell !== 'reassigned-out' && (cause === undefined || causeOf(cell) === cause),
        { offset: after, limit },
      );
      if (assets.length === 0) await demandTeam({ team, id, site, between }, tx, call.parts);
      const [from, to] = [between.from?.valid.toISOString() ?? null, between.to.valid.toISOString()];
      return assets.map(({ asset, cell, standard, changedAt }, index) => ({
        place: after + index + 1,
        asset,
        cell,
        standard,
        changedAt: changedAt.toISOString(),
        from,
        to,
      }));
    },
  }),
];

/** The interval of what a standard counted at a tick; null for a share, and where nothing was written. */
async function measureThen(site: ServerContext, { definition, compiled }: CatalogueStandard, at: Date) {
  if (definition.measure.kind === 'share') return null;
  const between = await site.past.between({ to: at.toISOString() });
  if (between === null || 'fault' in between) return null;
  const measured = await site.past.measured(between, compiled);
  const figures = measured && measureFigures(definition.measure, measured);
  return figures && { atLeast: figures.atLeast, atMost: figures.atMost };
}

/** Why and where it fails, as the newest look says. */
const placed = (finding: Finding | undefined) => ({
  message: finding?.message ?? null,
  path: finding?.location?.path ?? null,
  line: finding?.location?.line ?? null,
  link: finding?.link ?? null,
});

const NOTHING = { pass: 0, fail: 0, unknown: 0, excepted: 0 };
const VERDICTS = { O: 'unknown', P: 'pass', F: 'fail', X: 'fail', U: 'unknown' } as const;
