/** What people ask the history: how it stood at a tick, what happened between two, and which assets are behind it. */
import type { ContainersListed } from '@macadam/core/facts/enumeration';
import type { Figures, State } from '@macadam/core/figures/accounting';
import { type Measured, NO_AMOUNTS, tallyLess, tallySum } from '@macadam/core/figures/measure';
import type { RequestDiagnostic } from '@macadam/core/text/diagnostic';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import { z } from 'zod';
import type { AmountCause, AmountChange, AmountsBetween, TeamAmounts } from './amounts.ts';
import type { CohortWindow } from './cohorts.ts';
import type { DefinitionVersion } from './log.ts';
import type { CohortRow } from './measured.ts';
import type { History } from './open.ts';
import {
  type AssetChanged,
  type CellCount,
  type CellOf,
  type Count,
  changesIn,
  type Lived,
  type Selection,
  type Stands,
  type StandsPage,
  type TeamsProgress,
} from './read.ts';
import type { Moment } from './record.ts';
import type { UntoldCount } from './unknown.ts';

/** Two ticks; `from` null: the first tick of all, before which nothing is known. */
export interface Between {
  readonly from: Moment | null;
  readonly to: Moment;
  /** As it is known now; else as it was published at each tick, which is what adds up over time. */
  readonly known: boolean;
  /** The beginning that was asked for lies before the first look, which `from` is in its place. */
  readonly fromFirst: boolean;
}

/** Why there is no such picture: what is no time, an end before its beginning, or before anything was known. */
export interface NoSpan extends RequestDiagnostic {
  readonly fault: 'invalid' | 'before';
}

export interface Went {
  readonly standard: string;
  readonly figures: Figures;
  readonly cells: readonly CellCount[];
  readonly trend: readonly (Figures & { readonly at: Date })[];
}

/** A page of assets behind changes, with how many changes there are in all. */
export interface ChangedAssets {
  readonly assets: readonly AssetChanged[];
  readonly changes: number;
  /** How many of the changes are of assets that were counted and never named: they are on no page. */
  readonly unnamed: number;
  readonly more: boolean;
}

/** What an address asks of the history; `as`: `known` is as it is known now, and not as it was published then. */
export interface AskedMoments {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly as?: string | undefined;
}

export interface Retrospect {
  /** Ticks that were written, oldest first. */
  readonly ticks: () => Promise<readonly Moment[]>;
  /**
   * Null: nothing was written yet. Times are RFC 3339, or a day, which is its first instant (UTC); one that is no tick's means
   * the last one before it.
   */
  readonly between: (asked: AskedMoments) => Promise<Between | NoSpan | null>;
  readonly standards: (between: Between, standard?: string) => Promise<readonly Went[]>;
  /** Of one standard at the later of the two. Where nothing is in scope, the containers that might hold something stand in it all the same. */
  readonly figures: (between: Between, standard: string) => Promise<Figures>;
  /** Of every standard that has something in scope at the later of the two. */
  readonly figuresOfAll: (between: Between) => Promise<ReadonlyMap<string, Figures>>;
  /** What the measure of a standard came to at the later of the two; null for a share, and where nothing was written. */
  readonly measured: (between: Between, standard: CompiledStandard) => Promise<Measured | null>;
  /** Whoever was failing, or unknown, on the day of an elimination, and where each stands at the later of the two. */
  readonly cohort: (between: Between, standard: CompiledStandard) => Promise<readonly CohortRow[]>;
  /**
   * Amounts by team of a standard that weighs its assets, at the later of the two; null for another standard, and where none were
   * written yet.
   */
  readonly amounts: (between: Between, standard: CompiledStandard) => Promise<readonly TeamAmounts[] | null>;
  /**
   * Of standards that weigh their assets, or eliminate some, what some teams have together, or everybody, and what moved it; those of which
   * nothing was written yet are left out. Before its day nobody is of a cohort.
   */
  readonly amountsBetween: (
    between: Between,
    standards: Iterable<CompiledStandard>,
    teams: readonly string[] | null,
  ) => Promise<ReadonlyMap<string, AmountsBetween>>;
  /** What is merged by now, weighed by a standard that need not be in force, by team; null for another look than the newest. */
  readonly weighedNow: (
    between: Between,
    standard: CompiledStandard,
  ) => Promise<readonly TeamAmounts[] | null>;
  /**
   * Why they moved, or the cohort of an elimination did; null for another standard, where there is no earlier moment, and where no
   * amounts were written at it.
   */
  readonly amountCauses: (
    between: Between,
    standard: CompiledStandard,
    of?: Pick<Selection, 'team' | 'teams'>,
  ) => Promise<readonly AmountCause[] | null>;
  /** A page of the assets behind a cause. */
  readonly amountChanges: (
    between: Between,
    standard: CompiledStandard,
    of: Pick<Selection, 'team' | 'teams'>,
    page: Pick<AmountCause, 'cell' | 'step'> & { readonly offset: number; readonly limit: number },
  ) => Promise<readonly AmountChange[]>;
  readonly teams: (between: Between, standard: string) => Promise<readonly Count[]>;
  /** Of every standard and team at the later of the two; what has no name is in none of them. */
  readonly byTeam: (between: Between) => Promise<readonly Count[]>;
  /** The same, all standards of a team together. */
  readonly teamsOfAll: (between: Between) => Promise<readonly Count[]>;
  /** Of some teams together: how they stand by every standard at the later of the two, and what moved that. */
  readonly teamsProgress: (between: Between, teams: readonly string[]) => Promise<TeamsProgress>;
  /** Of every standard at the later of the two, all of some teams together. */
  readonly ofTeams: (between: Between, teams: readonly string[]) => Promise<readonly Count[]>;
  /** What cannot be told at the later of the two, by standard, cause and the source that should have said it. */
  readonly untold: (between: Between) => Promise<readonly UntoldCount[]>;
  readonly cells: (between: Between, selection: Selection) => Promise<readonly CellCount[]>;
  readonly assets: (between: Between, selection: Selection, page: StandsPage) => Promise<readonly Stands[]>;
  /** Assets behind those cells that are wanted, by standard and cell. */
  readonly changed: (
    between: Between,
    selection: Selection,
    wanted: (cell: CellCount) => boolean,
    page: { readonly offset: number; readonly limit: number },
  ) => Promise<ChangedAssets>;
  /** The definitions of a standard that ever judged, oldest first. */
  readonly versions: (standard: string) => Promise<readonly DefinitionVersion[]>;
  /** What happened to one standard between the two, by team. */
  readonly cellsByTeam: (between: Between, standard: string) => Promise<readonly CellCount[]>;
  readonly life: (asset: string) => Promise<readonly Lived[]>;
}

/** Ticks that a trend shows at most, the newest. */
const SHOWN = 40;
const NOTHING: Figures = { pass: 0, fail: 0, unknown: 0, excepted: 0 };
const key = ({ valid, known }: Moment) => `${valid.getTime()}:${known}`;

function withContainers(
  { standard = '', team: _, ...figures }: Count,
  containers: ReadonlyMap<string, ContainersListed>,
): Figures {
  const listed = containers.get(standard);
  return listed && listed.total > 0 ? { ...figures, containers: listed } : figures;
}

/** How many assets with a name stand in one of the states; in any, where none is named. */
function standingIn(
  { pass, fail, unknown, excepted, unnamed = 0 }: Figures,
  states: readonly State[] = ['P', 'F', 'X', 'U'],
): number {
  const numbers: Readonly<Record<State, number>> = {
    P: pass,
    F: fail - excepted,
    X: excepted,
    U: unknown - unnamed,
    O: 0,
  };
  return states.reduce((sum, state) => sum + numbers[state], 0);
}

/** A handover of passes and one of failures are one cell of two states, with one list; in order of standards. */
function byCell(cells: readonly CellCount[]): (CellCount & { readonly unnamed: number })[] {
  const groups = Map.groupBy(cells, ({ standard, cell, step }) => [standard, step, cell].join('\n'));
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, [first, ...rest]]) =>
      first
        ? [
            {
              ...first,
              count: rest.reduce((sum, { count }) => sum + count, first.count),
              takenBack: rest.reduce((sum, { takenBack = 0 }) => sum + takenBack, first.takenBack ?? 0),
              unnamed: rest.reduce((sum, { unnamed = 0 }) => sum + unnamed, first.unnamed ?? 0),
            },
          ]
        : [],
    );
}

/** Its first instant, UTC. */
const dayOf = (day: string): Date => new Date(`${day}T00:00:00Z`);

function cohortWindow(
  { to }: Between,
  from: Moment,
  { id: standard, measure }: CompiledStandard['definition'],
  { team, teams }: Pick<Selection, 'team' | 'teams'>,
): CohortWindow {
  const own = team === undefined ? teams : [team];
  const since = measure.kind === 'elimination' ? dayOf(measure.since) : to.valid;
  return { from, to, standard, since, ...(own !== undefined && { teams: own }) };
}

const asTime = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/** Milliseconds since 1970; null where none is given, not a number where it is not a time. */
const timeOf = (text: string | undefined): number | null =>
  text === undefined ? null : asTime.safeParse(text).success ? Date.parse(text) : Number.NaN;

const noTime = (field: 'from' | 'to'): NoSpan => ({
  fault: 'invalid',
  field,
  reason: 'it is not a time',
  fix: 'give a time as 2027-03-01T12:00:00Z (RFC 3339), or a day as 2027-03-01',
});

export function pastOf(history: History): Retrospect {
  const untold = new Map<string, Promise<readonly UntoldCount[]>>();
  const figuresAt = async (moment: Moment): Promise<ReadonlyMap<string, Figures>> => {
    const [counts, containers] = await Promise.all([history.slice(moment), history.containers(moment)]);
    return new Map(counts.map((one) => [one.standard ?? '', withContainers(one, containers)]));
  };
  const figuresOf = async (moment: Moment, standard: string): Promise<Figures> =>
    (await figuresAt(moment)).get(standard) ??
    withContainers({ ...NOTHING, standard }, await history.containers(moment));

  const between: Retrospect['between'] = async ({ from, to, as }) => {
    const ticks = await history.ticks();
    const newest = ticks.at(-1);
    if (!newest) return null;
    const known = as === 'known';
    const times = { from: timeOf(from), to: timeOf(to) };
    for (const field of ['from', 'to'] as const) if (Number.isNaN(times[field])) return noTime(field);
    const first = ticks[0]?.valid ?? newest.valid;
    if (times.to !== null && times.to < first.getTime())
      return {
        fault: 'before',
        field: 'to',
        fix: 'name that moment, or a later one',
        reason: `nothing was known then; the first scan was ${first.toISOString()}`,
      };
    if (times.from !== null && times.to !== null && times.from > times.to)
      return {
        fault: 'invalid',
        field: 'from',
        reason: 'it is later than `to`',
        fix: 'name the earlier moment in `from`',
      };
    const at = (time: number) => ticks.findLastIndex(({ valid }) => valid.getTime() <= time);
    const end = times.to === null ? ticks.length - 1 : at(times.to);
    const fromFirst = times.from !== null && times.from < first.getTime();
    const begin = times.from === null ? end - 1 : Math.min(Math.max(at(times.from), 0), end);
    const moment = (index: number): Moment | null => {
      const tick = ticks[index];
      return tick ? { valid: tick.valid, known: known ? newest.known : tick.known } : null;
    };
    return { from: moment(begin), to: moment(end) ?? newest, known, fromFirst };
  };

  const cohortBetween = async (
    span: Between,
    definition: CompiledStandard['definition'],
    teams: readonly string[] | undefined,
  ): Promise<AmountsBetween> => {
    const { from, to } = span;
    const before = from && NO_AMOUNTS;
    if (definition.measure.kind !== 'elimination') return { now: NO_AMOUNTS, before, causes: [] };
    const since = dayOf(definition.measure.since);
    if (to.valid < since) return { now: NO_AMOUNTS, before, causes: [] };
    const { tally: now } = await history.cohortMeasured(definition.id, since, to, teams);
    if (from === null) return { now, before: null, causes: [] };
    const causes = await history.cohortCauses(
      cohortWindow(span, from, definition, teams === undefined ? {} : { teams }),
    );
    // The causes are all there is between both, so that what was before need not be asked for.
    return { now, before: tallyLess(now, tallySum(causes.map(({ moved }) => moved))), causes };
  };

  const cells: Retrospect['cells'] = async ({ from, to }, selection) =>
    from === null || key(from) === key(to) ? [] : history.account(from, to, selection);

  return {
    ticks: history.ticks,
    between,
    cells,
    standards: async (span, standard) => {
      const now = await figuresAt(span.to);
      const ids = standard === undefined ? [...now.keys()] : [standard];
      const moved = Map.groupBy(
        await cells(span, standard === undefined ? {} : { standard }),
        (one) => one.standard ?? '',
      );
      const written = await history.ticks();
      const newest = written.at(-1);
      const ticks = written.filter(({ valid }) => valid <= span.to.valid).slice(-SHOWN);
      const trend: { at: Date; figures: ReadonlyMap<string, Figures> }[] = [];
      for (const { valid, known } of ticks) {
        const moment = { valid, known: span.known ? (newest?.known ?? known) : known };
        trend.push({ at: valid, figures: await figuresAt(moment) });
      }
      const all = [...new Set([...ids, ...(standard === undefined ? moved.keys() : [])])].sort();
      return Promise.all(
        all.map(async (id) => ({
          standard: id,
          figures: now.get(id) ?? (await figuresOf(span.to, id)),
          cells: moved.get(id) ?? [],
          trend: trend.map(({ at, figures }) => ({ ...(figures.get(id) ?? NOTHING), at })),
        })),
      );
    },
    figures: ({ to }, standard) => figuresOf(to, standard),
    figuresOfAll: ({ to }) => figuresAt(to),
    measured: async ({ to }, standard) => {
      const { id, measure } = standard.definition;
      if (measure.kind === 'share') return null;
      if (measure.kind === 'elimination') return history.cohortMeasured(id, dayOf(measure.since), to);
      const written = await history.measuredAt(id, to);
      const newest = (await history.ticks()).at(-1);
      // A history that was written at once, and not tick by tick, has what is merged by now and nothing of before.
      return written ?? (newest && key(newest) === key(to) ? history.measuredNow(standard, to) : null);
    },
    cohort: async ({ to }, { definition: { id, measure } }) =>
      measure.kind === 'elimination' ? history.cohortAt(id, dayOf(measure.since), to) : [],
    amounts: async ({ to }, standard) => {
      if (standard.definition.measure.kind !== 'weighted') return null;
      const written = await history.amountsAt(standard.definition.id, to);
      const newest = (await history.ticks()).at(-1);
      return written ?? (newest && key(newest) === key(to) ? history.amountsNow(standard, to) : null);
    },
    amountsBetween: async (span, standards, teams) => {
      const { from, to } = span;
      const all = [...standards];
      const weighed = all.filter(({ definition }) => definition.measure.kind === 'weighted');
      const ids = weighed.map(({ definition }) => definition.id);
      const found = new Map(await history.amountsBetween({ from, to }, ids, teams));
      const newest = (await history.ticks()).at(-1);
      for (const standard of weighed) {
        const { id } = standard.definition;
        if (found.has(id) || newest === undefined || key(newest) !== key(to)) continue;
        const own = (await history.amountsNow(standard, to)).filter(
          ({ team }) => teams?.includes(team) ?? true,
        );
        found.set(id, { now: tallySum(own.map(({ tally }) => tally)), before: null, causes: [] });
      }
      for (const { definition } of all) {
        if (definition.measure.kind !== 'elimination') continue;
        found.set(definition.id, await cohortBetween(span, definition, teams ?? undefined));
      }
      return found;
    },
    weighedNow: async ({ to }, standard) => {
      const newest = (await history.ticks()).at(-1);
      return newest && key(newest) === key(to) ? history.amountsNow(standard, to) : null;
    },
    amountCauses: async (span, { definition }, of = {}) => {
      const { id, measure } = definition;
      const { from, to } = span;
      if (from === null) return null;
      if (measure.kind === 'elimination')
        return history.cohortCauses(cohortWindow(span, from, definition, of));
      if (measure.kind !== 'weighted') return null;
      const { team, teams = team === undefined ? null : [team] } = of;
      const found = (await history.amountsBetween({ from, to }, [id], teams)).get(id);
      return found?.before ? found.causes : null;
    },
    amountChanges: async (span, { definition }, of, { cell, step, offset, limit }) => {
      const { from, to } = span;
      if (from === null) return [];
      return definition.measure.kind === 'elimination'
        ? history.cohortChanges(cohortWindow(span, from, definition, of), { cell, step }, { offset, limit })
        : history.amountChanges(
            { from, to, standard: definition.id, ...of },
            { cell, step },
            { offset, limit },
          );
    },
    teams: ({ to }, standard) => history.slice(to, { standard }, ['team']),
    untold: ({ to }) => {
      const held = untold.get(key(to));
      if (held) return held;
      const asked = history.untold(to);
      // Only the newest is asked for again and again.
      untold.clear();
      untold.set(key(to), asked);
      asked.catch(() => untold.delete(key(to)));
      return asked;
    },
    byTeam: ({ to }) => history.slice(to, {}, ['standard', 'team']),
    teamsOfAll: ({ to }) => history.slice(to, {}, ['team']),
    teamsProgress: ({ from, to }, teams) =>
      history.teamsProgress({ from: from !== null && key(from) === key(to) ? null : from, to }, teams),
    ofTeams: ({ to }, teams) => history.slice(to, { teams }),
    assets: async ({ to }, selection, page) => {
      const { standard, team, teams } = selection;
      if (standard === undefined || (team ?? teams) !== undefined)
        return history.assetsAt(to, selection, page);
      const figures = (await figuresAt(to)).get(standard) ?? NOTHING;
      return history.assetsAt(to, selection, { ...page, standing: standingIn(figures, page.states) });
    },
    changed: async (span, selection, wanted, { offset, limit }) => {
      const { from, to } = span;
      const own = byCell(
        (await cells(span, selection)).filter((cell) => changesIn(cell) > 0 && wanted(cell)),
      );
      const changes = own.reduce((sum, cell) => sum + changesIn(cell), 0);
      const unnamed = own.reduce((sum, one) => sum + one.unnamed, 0);
      // No list is longer than the number in front of it, so cells that lie before the page or after it need not be read.
      const end = offset + limit + 1;
      const wantedCells: CellOf[] = [];
      let passed = 0;
      let before = 0;
      for (const { standard = '', cell, step, unnamed: hidden, ...one } of own) {
        const listed = Math.max(0, changesIn(one) - hidden);
        if (passed + listed <= offset) before += listed;
        else if (listed > 0 && passed < end) wantedCells.push({ standard, cell, step });
        passed += listed;
      }
      const found =
        from === null || wantedCells.length === 0
          ? []
          : await history.assetsOf({
              from,
              to,
              of: selection,
              cells: wantedCells,
              limit: limit + 1,
              offset: offset - before,
            });
      return {
        assets: found.slice(0, limit),
        changes,
        unnamed,
        more: found.length > limit || passed > offset + limit,
      };
    },
    versions: (standard) => history.versions(standard),
    cellsByTeam: async ({ from, to }, standard) =>
      from === null ? [] : history.account(from, to, { standard }, ['team']),
    life: async (asset) => {
      const newest = (await history.ticks()).at(-1);
      return newest ? history.life(asset, newest) : [];
    },
  };
}
