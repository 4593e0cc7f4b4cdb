/**
 * What the people of a simulated company decided in the time that its history covers: the same decisions, whoever asks
 * with the same size, seed and day. Everything goes the way that it goes for anybody: through the store's own methods, the
 * rules of core and the passes of `services/work/`, at times that are played.
 */

import { inParallel } from '@macadam/adapters/connector/pool';
import {
  type DecisionPrincipal,
  type Decisions,
  DecisionsError,
  type DecisionTransaction,
} from '@macadam/adapters/decisions/port';
import { digestOf } from '@macadam/adapters/facts/history/definitions';
import { openHistory } from '@macadam/adapters/facts/history/open';
import type { Moment } from '@macadam/adapters/facts/history/record';
import type { Stores } from '@macadam/adapters/facts/open';
import type { Simulated } from '@macadam/adapters/facts/simulated';
import type { Kind } from '@macadam/core/kinds/kind';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import type { WorkEvent } from '@macadam/core/work/reconcile';
import { passFaults } from '@macadam/services/work/faults';
import { type PassOptions, pass } from '@macadam/services/work/pass';
import type { WorkTeams } from '@macadam/services/work/teams';
import { OPENING, RECONCILE } from '@macadam/services/work/tick';
import { type Calendar, calendar, DAY } from '../calendar.ts';
import type { SimulationProgress } from '../simulate.ts';
import { SIZES, type SizeName } from '../size.ts';
import {
  actsOn,
  everywhere,
  type OpenedBatch,
  type PlannedHandover,
  type PlayedAct,
  play,
  playHandover,
} from './acts.ts';
import { beginCompany } from './beginning.ts';
import { namesOf } from './names.ts';
import { type Lasting, lastingFailures, layOver, reassigned } from './overlay.ts';
import { deputyOf, dice, leadOf, sourcesTeam } from './people.ts';
import { drawn, type PlannedException, plannedExceptions, spansOf } from './plan.ts';
import { fewFrom, type Seen, seenBetween, sightOf } from './sights.ts';

export interface PlayOptions {
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly standards: readonly CompiledStandard[];
  readonly progress?: (progress: SimulationProgress) => void;
}

/** Who makes a simulated company up, in its log. */
export const SIMULATION: DecisionPrincipal = { id: 'machine:simulation', divisions: 'all' };
const [BEGUN, DONE] = ['simulation.begin', 'simulation.end'] as const;

/**
 * Plays the decisions of a company that was simulated whole, once: false where they were played before. Rejects with
 * `DecisionsError` `refused` where the store holds other decisions, or those of one that was cut off (`playCutOff`).
 */
export async function playDecisions(
  stores: Stores,
  decisions: Decisions,
  mark: Simulated,
  { kinds, standards, progress = () => {} }: PlayOptions,
): Promise<boolean> {
  const before = await decisions.transaction(SIMULATION, standing, { readOnly: true });
  if (before === 'played') return false;
  if (before !== 'none')
    throw new DecisionsError(
      'refused',
      `${decisions.place} holds decisions that this simulation did not make; name an empty folder`,
    );
  const ticks = await stores.history.ticks();
  const { every } = mark;
  const size = { ...SIZES[mark.size as SizeName], every, days: (ticks.length - 1) * every };
  const when = calendar(size, mark.seed, new Date(mark.until));
  const passes = passesOf(ticks, when);
  const lasting = await lastingFailures(stores.driver, { each: 10, oneIn: mark.size === 'report' ? 97 : 1 });
  const start = new Date(when.tickAt(0).getTime() - 7 * DAY);
  await decisions.transaction(
    SIMULATION,
    async (tx) => tx.audit({ action: BEGUN, subject: mark.seed, detail: { until: mark.until } }),
    { at: start },
  );
  const teams = await beginCompany(decisions, SIMULATION, mark, { calendar: when, at: start });
  const divisionOf = (team: string) => teams.after.division(team);
  const inForce = standards.filter(({ definition }) => OPENING.has(definition.rollout.state));
  const worked = new Set(inForce.map(({ definition }) => definition.id));
  const handovers = plannedHandovers(lasting, mark, when);
  const handed = new Set(handovers.flatMap(({ assets }) => assets));
  const planned = plannedExceptions({
    calendar: when,
    passes,
    divisionOf,
    lasting: lasting.filter(({ standard, asset }) => worked.has(standard) && !handed.has(asset)),
  });
  const company: Played = {
    // A history of its own: exceptions change the figures of moments that were asked for, and who asks later must not be told what is remembered of them.
    stores: { ...stores, history: await openHistory(stores.driver) },
    decisions,
    standards,
    passes,
    planned,
    handovers,
    calendar: when,
    reorganised: when.tickAt(
      mark.organisation.teams.find(({ ends }) => ends !== undefined)?.ends ?? when.ticks + 1,
    ),
    ...teams,
    sources: sourcesTeam(mark),
    held: new Map(),
    begins: await fewFrom(stores.driver, passes, MOST),
    names: mark.size === 'report' ? new Map() : await namesOf(stores.driver, kinds),
    ticks: new Map(),
  };
  for (const [number] of passes.entries()) {
    progress({ doing: 'decisions', done: number, total: passes.length });
    await week(company, number);
  }
  const last = passes.at(-1);
  if (last) {
    const spans = spansOf(planned, passes, ticks);
    await layOver(
      stores.driver,
      spans.flatMap(({ assets, from, to }) => assets.map((one) => ({ ...one, from, to }))),
      await reassigned(stores.driver, last, moves(handovers)),
    );
    await decisions.transaction(
      SIMULATION,
      async (tx) => tx.audit({ action: DONE, subject: mark.seed, detail: { passes: passes.length } }),
      { at: later(last, 60) },
    );
  }
  return true;
}

/**
 * Whether decisions were begun to be played and never were to their end. Both stores are then of no use, since the end
 * writes into the facts as well; nobody has worked in that company yet, so nothing is lost with them.
 */
export const playCutOff = (decisions: Decisions): Promise<boolean> =>
  decisions.transaction(SIMULATION, async (tx) => (await standing(tx)) === 'cut-off', { readOnly: true });

/** Whoever started the server has logged in by then: that is none of the company's decisions. */
async function standing(tx: DecisionTransaction): Promise<'played' | 'none' | 'cut-off' | 'else'> {
  if ((await tx.auditEntries({ action: DONE, limit: 1 })).length > 0) return 'played';
  if ((await tx.auditEntries({ action: BEGUN, limit: 1 })).length > 0) return 'cut-off';
  const events = await tx.organisation.newestEvent();
  return events === 0 && (await tx.failing.passes()).length === 0 ? 'none' : 'else';
}

/** About a week apart, the last one after the last tick. */
function passesOf(ticks: readonly Moment[], { size }: Calendar): readonly Moment[] {
  const every = Math.max(1, Math.ceil(7 / size.every));
  return ticks.filter((_, tick) => (ticks.length - 1 - tick) % every === 0);
}

interface Played {
  readonly stores: Stores;
  readonly decisions: Decisions;
  readonly standards: readonly CompiledStandard[];
  readonly passes: readonly Moment[];
  readonly planned: readonly PlannedException[];
  readonly handovers: readonly PlannedHandover[];
  readonly calendar: Calendar;
  /** Teams up to the reorganisation, and after it. */
  readonly before: WorkTeams;
  readonly after: WorkTeams;
  readonly reorganised: Date;
  /** The team that runs the sources. */
  readonly sources: string | null;
  readonly held: Map<string, Set<string>>;
  /** Standard → the pass that is the first over it; what nothing ever failed is left out. */
  readonly begins: ReadonlyMap<string, number>;
  readonly names: ReadonlyMap<string, string>;
  /** Standard → the tick that its work took in last. */
  readonly ticks: Map<string, Moment>;
}

/** While more than this fail a standard, nobody makes work of it: that is what a campaign is for. */
const MOST = 100_000;
const MINUTE = 60_000;
const later = ({ valid }: Moment, minutes: number) => new Date(valid.getTime() + minutes * MINUTE);
/** Standards at once: each in a transaction of its own. */
const WIDTH = 4;

/** What was decided since the pass before, the pass, and what people do with what it opened. */
async function week(company: Played, number: number): Promise<void> {
  const { decisions, standards, passes, begins, calendar: when, ticks } = company;
  const moment = passes[number];
  if (!moment) return;
  await play(decisions, answers(company, number, moment));
  const accepted = await handOver(company, number, moment);
  const seen = await seenAt(company, number, moment);
  const own = teamsAt(company, moment);
  const last = number === passes.length - 1;
  const teams: WorkTeams = { ...own, of: (team, asset) => accepted.get(asset) ?? own.of(team, asset) };
  const opened: OpenedBatch[] = [];
  const asked = standards.filter(
    (one) => (begins.get(one.definition.id) ?? 0) <= number && (last || hasWork(company, one, number, seen)),
  );
  await inParallel(asked, WIDTH, async ({ definition: { id, severity } }) => {
    const options: PassOptions = {
      teams,
      judge: async () => new Map(),
      touched: [...accepted.keys()],
      standard: { id, severity, opens: opensFrom(company, id) <= number && isOpening(company, id) },
      sight: sightOf(seen.get(id) ?? [], ticks.get(id) ?? null, moment),
    };
    const { events } = await decisions.transaction(RECONCILE, (tx) => pass(tx, options), {
      at: later(moment, 10),
    });
    ticks.set(id, moment);
    opened.push(...openedIn(events, teams));
  });
  if (last || number % 6 === 5) await faults(company, moment, teams);
  const until = passes[number + 1];
  if (!until) return;
  opened.sort((a, b) => (a.id < b.id ? -1 : 1));
  const acts = actsOn(opened, later(moment, 30), {
    calendar: when,
    open: number >= passes.length - 4,
    pillarOf: (batch) =>
      standards.find(({ definition }) => batch.startsWith(`${definition.id}/`))?.definition.pillar ?? '',
  });
  await play(
    decisions,
    acts.filter(({ at }) => at.getTime() < until.valid.getTime() - DAY),
  );
}

/** Of what has work already what changed, and of what begins to all of it. */
async function seenAt(
  { stores: { driver }, passes, begins, held, names }: Played,
  number: number,
  to: Moment,
): Promise<Seen> {
  const watch = { held, nameOf: (asset: string) => names.get(asset) };
  const of = (which: (first: number) => boolean) =>
    [...begins].flatMap(([standard, first]) => (which(first) ? [standard] : []));
  const from = passes[number - 1] ?? null;
  const fresh = await seenBetween(
    driver,
    of((first) => first === number),
    { from: null, to },
    watch,
  );
  const known = await seenBetween(
    driver,
    of((first) => first < number),
    { from, to },
    watch,
  );
  return new Map([...fresh, ...known]);
}

const teamsAt = ({ before, after, reorganised }: Played, { valid }: Moment) =>
  valid < reorganised ? before : after;

const isOpening = ({ standards }: Played, id: string) =>
  standards.some(({ definition }) => definition.id === id && OPENING.has(definition.rollout.state));

/** From which pass on a standard asks for anything: some of late, so that not everything is overdue. */
function opensFrom(
  { calendar: when, passes }: Pick<Played, 'calendar' | 'passes'>,
  standard: string,
): number {
  const drawn = dice(when, `asks ${standard}`, 100);
  const share = drawn < 40 ? drawn / 100 : 0.8 + (drawn - 40) / 350;
  return Math.min(passes.length - 1, Math.round(share * (passes.length - 1)));
}

/** Nothing new, nothing excepted or over, nobody's team another: a pass would change nothing. */
function hasWork(
  company: Played,
  { definition: { id } }: CompiledStandard,
  number: number,
  seen: Seen,
): boolean {
  const { passes, planned, held, reorganised } = company;
  const [before, now] = [passes[number - 1]?.valid, passes[number]?.valid];
  if (!before || !now || seen.has(id)) return true;
  if ((held.get(id)?.size ?? 0) === 0) return false;
  if (opensFrom(company, id) === number || (before < reorganised && now >= reorganised)) return true;
  return planned.some(({ standard, answered, ended, until }) => {
    const over = Date.parse(`${until}T00:00:00Z`) + DAY;
    return (
      standard === id &&
      (answered === number || ended === number || (over > before.getTime() && over <= now.getTime()))
    );
  });
}

const openedIn = (events: readonly WorkEvent[], teams: WorkTeams): readonly OpenedBatch[] =>
  events.flatMap((one) =>
    one.event === 'opened'
      ? {
          id: one.batch.id,
          team: one.batch.owner,
          division: teams.division(one.batch.owner),
          dueOn: one.batch.due,
          members: one.batch.members,
        }
      : [],
  );

/** Requests, approvals, refusals and ends before a pass. */
function answers({ planned, passes }: Played, number: number, moment: Moment): readonly PlayedAct[] {
  return planned.flatMap((one): PlayedAct[] => {
    const { id, standard, division, assets, reason, compensating, until, renews, approved, team } = one;
    const lead = everywhere(leadOf(team));
    const deputy = everywhere(deputyOf(division));
    const acts: PlayedAct[] = [];
    if (one.asked === number)
      acts.push({
        at: later(moment, -180),
        by: lead,
        does: (tx) =>
          tx.permissions.request({
            id,
            standard,
            division,
            reason,
            compensating,
            until,
            selectors: assets.map(({ asset }) => asset),
            ...(renews !== null && { renews }),
          }),
      });
    if (one.answered === number)
      acts.push({
        at: later(moment, -60),
        by: deputy,
        does: (tx) =>
          approved
            ? tx.permissions.approve(
                id,
                assets.map(({ asset }) => ({ asset, accepted: null })),
                `simulated record of ${id}`,
              )
            : tx.permissions.refuse(id),
      });
    if (one.ended === number && number < passes.length)
      acts.push({
        at: later(moment, -50),
        by: deputy,
        does: (tx) => tx.permissions.end(id, 'It was replaced earlier than planned.'),
      });
    return acts;
  });
}

async function faults(
  { stores, decisions, standards, sources }: Played,
  moment: Moment,
  teams: WorkTeams,
): Promise<void> {
  const digests = new Map(standards.map((one) => [one.definition.id, `definition:${digestOf(one)}`]));
  await decisions.transaction(
    RECONCILE,
    (tx) =>
      passFaults(tx, {
        moment,
        teams,
        facts: stores.facts,
        untold: () => stores.history.untold(moment),
        ownerOf: () => sources,
        definitionOf: (standard) => digests.get(standard) ?? null,
      }),
    { at: later(moment, 20) },
  );
}

/** Of each end one, of assets of teams that go on as they are. */
function plannedHandovers(
  lasting: readonly Lasting[],
  { organisation }: Simulated,
  when: Calendar,
): readonly PlannedHandover[] {
  const ends = ['decided', 'withdrawn', 'bounced', 'accepted', 'asked'] as const;
  const changed = new Set(
    organisation.teams.flatMap(({ division, ends: at }) => (at === undefined ? [] : division)),
  );
  const homes = new Map(
    organisation.teams.flatMap(({ id, division }) =>
      changed.has(division) ? [] : [[id, division] as const],
    ),
  );
  const byTeam = Map.groupBy(
    lasting.filter(({ team }) => homes.has(team)),
    ({ team }) => team,
  );
  const own = drawn([...byTeam.keys()], ends.length, (team) => dice(when, `hands over ${team}`, 1 << 30));
  return own.flatMap((from, index): PlannedHandover[] => {
    const [asset] = byTeam.get(from) ?? [];
    const end = ends[index];
    // First the neighbours, then whoever else there is.
    const [first, second] = drawn(
      [...homes.keys()].filter((team) => team !== from),
      homes.size,
      (team) =>
        dice(when, `${from} asks ${team}`, 1 << 29) + (homes.get(team) === homes.get(from) ? 0 : 1 << 29),
    );
    return asset && end && first !== undefined && second !== undefined
      ? [{ assets: [asset.asset], from, asked: [first, second], ends: end }]
      : [];
  });
}

/** Those that fall into the days before a pass. Gives what belongs to another team since then. */
async function handOver(
  company: Played,
  number: number,
  moment: Moment,
): Promise<ReadonlyMap<string, string>> {
  const { decisions, handovers, passes, after } = company;
  const last = passes.length - 1;
  const exists = (team: string) => after.of(team, '') === team;
  const due = handovers.filter(
    ({ ends }) => number === (ends === 'decided' || ends === 'withdrawn' ? Math.max(0, last - 2) : last),
  );
  for (const one of due)
    await playHandover(decisions, one, { at: later(moment, -600), teams: after, exists });
  return number === last ? moves(handovers) : new Map();
}

const moves = (handovers: readonly PlannedHandover[]): ReadonlyMap<string, string> =>
  new Map(
    handovers.flatMap(({ assets, asked: [first], ends }) =>
      ends === 'accepted' ? assets.map((asset) => [asset, first] as const) : [],
    ),
  );
