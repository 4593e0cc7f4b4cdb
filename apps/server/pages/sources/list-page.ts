/** What we cannot see, by the source that should say it. */

import type { FaultRecord } from '@macadam/adapters/decisions/faults';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { UntoldCount } from '@macadam/adapters/facts/history/unknown';
import type { Collected } from '@macadam/adapters/facts/port';
import { plainly } from '@macadam/adapters/report-formats/html/words';
import { sourceState } from '@macadam/core/facts/source-state';
import type { Figures } from '@macadam/core/figures/accounting';
import { subjectOf } from '@macadam/core/work/fault';
import { currentTree } from '@macadam/services/ownership/log';
import { z } from 'zod';
import { wasMeasured } from '../../readiness.ts';
import { labelOf } from '../assets/title.ts';
import { assetsAt } from '../history/address.ts';
import { UNKNOWN_CAUSES } from '../history/lists.ts';
import { explainedBy, type ServerContext } from '../history/pages.ts';
import { newestOf } from '../owners/sums.ts';
import { namesIn, shownPage, standingPage, type Visit } from '../page.ts';
import {
  JUDGED_SHARES,
  type JudgedShare,
  type NextStep,
  type ReadInTurn,
  type SourceLine,
  type SourceRun,
  type SourcesPage,
  sourcesBody,
  sourcesHeading,
  type UnknownLine,
} from './sources.ts';

/** Runs that are gone through for the newest of each source, and those that are shown of one. */
const NEWEST_RUNS = 200;
const SHOWN_RUNS = 10;
const FAULTS = 1000;
const NEXT = 5;
const WEEK = 7 * 86_400_000;

export const sourceList = [
  shownPage({
    path: '/sources',
    summary: 'Show what cannot be seen, because of which source, and what to do next',
    action: 'WorkItem::read',
    of: 'anywhere',
    holds: 'search',
    query: { source: z.string().max(500).optional() },
    does: async (call, tx) => {
      const shown = await pageOf(call, tx, call.query.source ?? null);
      const { heading, lead } = sourcesHeading(shown);
      const title = 'Sources';
      return standingPage(call, { section: 'sources', heading, title, when: lead, body: sourcesBody(shown) });
    },
  }),
  shownPage({
    path: '/faults',
    summary: 'Lead to what cannot be seen',
    action: 'WorkItem::read',
    of: 'anywhere',
    does: () => ({ status: 308, headers: { location: '/sources' } }),
  }),
];

async function pageOf(call: Visit, tx: DecisionTransaction, open: string | null): Promise<SourcesPage> {
  const site = call.parts.site();
  const looked = await wasMeasured(tx, 'faults');
  const today = tx.at.slice(0, 10);
  const faults = await tx.faults.faults({ open: true, limit: FAULTS });
  const names = namesIn(await currentTree(call.parts.decisions, tx));
  const untold = site === null ? [] : await untoldNow(site);
  const sources = await sourcesOf(call, site, { untold, faults, names, open });
  const uncovered = linesOf(
    site,
    untold.filter(({ cause, source, standard }) => subjectOf(cause, source, standard).of === 'standard'),
  );
  const figures = site === null ? [] : await figuresOf(site);
  return {
    looked: looked || untold.length > 0,
    sources,
    uncovered,
    unknown: untold.reduce((sum, one) => sum + one.count, 0),
    before: site === null ? null : await aWeekBefore(site),
    judged: judgedOf(figures),
    next: [
      ...sources.flatMap((source) => nextOfSource(source)),
      ...(await nextOfStandards(site, uncovered, faults, names.unit)),
    ]
      .sort((a, b) => b.unknown - a.unknown)
      .slice(0, NEXT),
    open,
    today,
  };
}

async function untoldNow(site: ServerContext): Promise<readonly UntoldCount[]> {
  const between = await newestOf(site);
  return between === null ? [] : site.past.untold(between);
}

interface SourceContext {
  readonly untold: readonly UntoldCount[];
  readonly faults: readonly FaultRecord[];
  readonly names: ReturnType<typeof namesIn>;
  readonly open: string | null;
}

async function sourcesOf(
  call: Visit,
  site: ServerContext | null,
  { untold, faults, names, open }: SourceContext,
): Promise<readonly SourceLine[]> {
  if (site === null) return [];
  const newest = (await site.facts.collections({ limit: NEWEST_RUNS })).filter(
    ({ retracted, retired, collection: { part } }) => !retracted && retired === null && part !== true,
  );
  const bySource = Map.groupBy(newest, ({ collection }) => collection.source);
  const lines: SourceLine[] = [];
  for (const [id, own] of bySource) {
    const runs = id === open ? await site.facts.collections({ source: id, limit: SHOWN_RUNS }) : own;
    const kinds = [
      ...new Set(own.flatMap(({ collection }) => collection.partitions.map(({ kind }) => kind))),
    ].sort();
    const unknowns = linesOf(
      site,
      untold.filter((one) => {
        const subject = subjectOf(one.cause, one.source, one.standard);
        return subject.of === 'source' && subject.id === id;
      }),
    );
    const fault = faults.find(({ subjectOf: of, subject }) => of === 'source' && subject === id);
    const standards = [...site.standards.values()].filter(({ definition }) =>
      kinds.includes(definition.scope.kind),
    );
    lines.push({
      id,
      kinds,
      runs: runs
        .toReversed()
        .slice(0, SHOWN_RUNS)
        .map((run) => runOf(run, site, call.now)),
      feeds: [...Map.groupBy(standards, ({ definition }) => definition.pillar)].map(([pillar, all]) => ({
        pillar,
        standards: all.length,
      })),
      unknown: unknowns.reduce((sum, one) => sum + one.count, 0),
      unknowns,
      team: fault?.team == null ? null : names.owner(fault.team),
      due: fault?.dueOn ?? null,
      openedAt: fault?.openedAt ?? null,
      turn: turnOf(own),
      toldAt: call.parts.told?.last(id)?.toISOString() ?? null,
    });
  }
  return lines;
}

/** How far what the newest run of a source lists was read; null where it reads everything each time. */
function turnOf(runs: readonly Collected[]): ReadInTurn | null {
  const newest = runs.findLast(({ collection }) => collection.partitions.some(({ contents }) => contents));
  const lists = (newest?.collection.partitions ?? []).flatMap(({ contents, seen }) =>
    contents ? [{ ...contents, seen }] : [],
  );
  const sum = (of: 'seen' | 'unread' | 'waiting') => lists.reduce((all, one) => all + one[of], 0);
  const [oldest] = lists.map(({ since }) => since).sort();
  if (newest === undefined || oldest === undefined) return null;
  return {
    listedAt: newest.collection.finishedAt,
    listed: sum('seen'),
    unread: sum('unread'),
    waiting: sum('waiting'),
    since: oldest,
    limited: lists.some(({ limited }) => limited),
  };
}

function runOf({ collection }: Collected, site: ServerContext, now: Date): SourceRun {
  const [problem] = collection.problems;
  const partition = collection.partitions.find(({ complete }) => !complete);
  return {
    finishedAt: collection.finishedAt,
    state: sourceState(collection, site.stores?.kinds ?? new Map(), now),
    assets: collection.partitions.reduce((sum, { seen }) => sum + seen, 0),
    missing: problem?.message ?? partition?.why ?? null,
    remedy: problem?.remedy ?? partition?.remedy ?? null,
  };
}

const linesOf = (site: ServerContext | null, untold: readonly UntoldCount[]): readonly UnknownLine[] =>
  [...Map.groupBy(untold, ({ standard, cause }) => `${standard}\n${cause}`).values()]
    .flatMap(([first, ...rest]) =>
      first
        ? [
            {
              standard: first.standard,
              label: labelOf(site, first.standard),
              cause: first.cause,
              count: rest.reduce((sum, one) => sum + one.count, first.count),
            },
          ]
        : [],
    )
    .sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1));

async function figuresOf(site: ServerContext): Promise<readonly Figures[]> {
  const between = await newestOf(site);
  return between === null ? [] : (await site.past.standards(between)).map(({ figures }) => figures);
}

function judgedOf(figures: readonly Figures[]): Readonly<Record<JudgedShare, number>> {
  const judged = Object.fromEntries(JUDGED_SHARES.map((share) => [share, 0])) as Record<JudgedShare, number>;
  for (const { pass, fail, unknown } of figures) {
    const scope = pass + fail + unknown;
    if (scope === 0) continue;
    const decided = (pass + fail) / scope;
    judged[
      decided === 1
        ? 'all'
        : decided >= 0.99
          ? 'most'
          : decided >= 0.9
            ? 'many'
            : decided > 0
              ? 'fewer'
              : 'none'
    ] += 1;
  }
  return judged;
}

/** What was unknown a week before the newest look, or at the first one. */
async function aWeekBefore(site: ServerContext): Promise<SourcesPage['before']> {
  const ticks = await site.past.ticks();
  const newest = ticks.at(-1);
  if (newest === undefined || ticks.length < 2) return null;
  const wanted = newest.valid.getTime() - WEEK;
  const at = ticks.findLast(({ valid }) => valid.getTime() <= wanted) ?? ticks[0];
  if (at === undefined || at === newest) return null;
  const between = await site.past.between({ to: at.valid.toISOString() });
  if (between === null || 'fault' in between) return null;
  const standards = await site.past.standards(between);
  return { at: at.valid, unknown: standards.reduce((sum, { figures }) => sum + figures.unknown, 0) };
}

function nextOfSource({ id, unknown, unknowns, runs, team, due }: SourceLine): readonly NextStep[] {
  const [last] = runs;
  if (unknown === 0) return [];
  const remedy = [last?.missing, last?.remedy].filter((one) => one != null).join('; ');
  const stale = unknowns.every(({ cause }) => cause === 'stale');
  const [{ cause = '' } = {}] = unknowns;
  const what =
    remedy !== ''
      ? `\`${id}\`: ${remedy}`
      : stale
        ? `Scan \`${id}\` again: what it said last is too old`
        : `\`${id}\`: ${UNKNOWN_CAUSES[cause] ?? cause}; each asset says why`;
  return [
    {
      unknown,
      what,
      at: { href: `/sources?source=${encodeURIComponent(id)}`, counts: true },
      who: team?.name ?? null,
      due,
    },
  ];
}

/** Of what no source says: in the words of the first asset that nobody looked at. */
async function nextOfStandards(
  site: ServerContext | null,
  uncovered: readonly UnknownLine[],
  faults: readonly FaultRecord[],
  unit: (id: string) => string,
): Promise<readonly NextStep[]> {
  const between = site === null ? null : await newestOf(site);
  if (site === null || between === null) return [];
  const steps: NextStep[] = [];
  for (const { standard, label, count } of uncovered.slice(0, NEXT)) {
    const [one] = await site.past.assets(between, { standard }, { states: ['U'], limit: 1 });
    const asset = one && (await site.facts.asset(one.asset));
    const said = asset && explainedBy(site, asset).find(({ id }) => id === standard)?.message;
    const fault = faults.find(({ subjectOf: of, subject }) => of === 'standard' && subject === standard);
    steps.push({
      unknown: count,
      what: `${label}: ${said ? plainly(said) : 'no source reads it'}`,
      // Of what is unknown for one cause there is no list: this one has every cause.
      at: { href: assetsAt(standard, { state: 'unknown' }), counts: false },
      who: fault?.team == null ? null : unit(fault.team),
      due: fault?.dueOn ?? null,
    });
  }
  return steps;
}
