/** The served history as pages. What programs read of it stands in `api/standards.ts` and `api/assets.ts`. */

import type { KeyObject } from 'node:crypto';
import type { MissRecord } from '@macadam/adapters/decisions/effects';
import type { Count, Selection } from '@macadam/adapters/facts/history/read';
import type { Between, Retrospect, Went } from '@macadam/adapters/facts/history/retrospect';
import { NOBODY } from '@macadam/adapters/facts/history/teams';
import type { Facts } from '@macadam/adapters/facts/port';
import { explanationText } from '@macadam/adapters/report-formats/explanation';
import { moment } from '@macadam/adapters/report-formats/html/dates';
import { exceptionAt } from '@macadam/adapters/report-formats/html/link';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import type { Page } from '@macadam/adapters/report-formats/html/page';
import { plural } from '@macadam/adapters/report-formats/html/words';
import type { RepositoryFiles } from '@macadam/adapters/sources/port';
import type { Asset } from '@macadam/core/facts/asset';
import type { Related } from '@macadam/core/facts/related';
import type { State } from '@macadam/core/figures/accounting';
import type { ReviewProgram } from '@macadam/core/figures/agenda';
import type { Campaign } from '@macadam/core/figures/campaign';
import type { KnownExploited } from '@macadam/core/figures/known-exploited';
import type { Finding } from '@macadam/core/figures/scan';
import type { OwnCommitments } from '@macadam/core/figures/target';
import type { Toil } from '@macadam/core/figures/toil';
import { type FailingPlace, worstPlaces } from '@macadam/core/figures/worst';
import { judgeOf, rowOf } from '@macadam/core/verdicts/evaluate';
import type { Exception } from '@macadam/core/verdicts/exception';
import { explain } from '@macadam/core/verdicts/explain';
import type { Framework } from '@macadam/services/catalogue/framework';
import type { CatalogueStandard } from '@macadam/services/catalogue/load';
import type { Corrected } from '@macadam/services/ingest/correction';
import type { OwnerStores } from '@macadam/services/ownership/answers';
import { cohortMoves, cohortPairs } from '@macadam/services/progress/cohort';
import type { ReviewSource } from '@macadam/services/progress/reviews';
import { progressAt } from '@macadam/services/progress/status';
import type { Proposals } from '@macadam/services/work/proposal';
import type { Permitted } from '../../active-exceptions.ts';
import { findingOf, loadAssets, withPlaces } from '../../shown-places.ts';
import { spanOf } from '../../time-range.ts';
import { requireNone, unknownName } from '../../unknown-name.ts';
import { labelOf } from '../assets/title.ts';
import { compareControl, dateOf } from '../overview/date-control.ts';
import { trends } from '../overview/moments.ts';
import { hasBefore, movedBy, movesSide } from '../overview/reading.ts';
import { CAUSE_NAMES, pillarName } from '../overview/words.ts';
import { standardBody, type TeamRow } from '../standard/body.ts';
import {
  assetsAt as assetsAddress,
  changesAt,
  type HistoryQuery,
  standardAt,
  type Window,
} from './address.ts';
import { CAUSES_OF_CHANGE, causeOf, causesOf, changeWords, MEANINGS } from './causes.ts';
import { unnamedOf } from './chart.ts';
import { framed } from './frame.ts';
import { listBody, standsAs } from './lists.ts';
import type { Overview, PastStandard } from './overview.ts';

export interface ServerContext {
  readonly past: Retrospect;
  readonly facts: Pick<Facts, 'asset' | 'assets' | 'append' | 'collections'> & Corrected;
  /** For owners and look-ups, where a pass over all assets has been made. */
  readonly stores?: OwnerStores;
  readonly standards: ReadonlyMap<string, CatalogueStandard>;
  /** Finds assets across relations, where they were just measured. */
  readonly related?: Related;
  /** Where lines of code are read from, where the server measures. */
  readonly files?: readonly RepositoryFiles[];
  /** What a fix would change, where files can be read. */
  readonly proposals?: Proposals;
  /** Of the newest tick, where there are no more assets than a report holds. */
  readonly findings?: readonly Finding[];
  /** Exceptions that the estate's own file states. */
  readonly exceptions?: readonly Exception[];
  /** What reviews are frozen from, and the key that signs them; left out where no history is kept here. */
  readonly reviews?: {
    readonly source: ReviewSource;
    readonly key: () => KeyObject | null;
    /** Asks the authority for timestamps; left out where none is set. */
    readonly stamp?: (sealed: Buffer) => Promise<Buffer>;
  };
  /** What outside bodies ask, and which standards answer. */
  readonly frameworks?: readonly Framework[];
  /** What is to be reached in waves, as macadam.yaml states it. */
  readonly campaigns?: Readonly<Record<string, Campaign>>;
  /** Vulnerabilities that are known to be exploited; null, or left out, where no file says. */
  readonly exploited?: KnownExploited | null;
  /** Reviews that come again and again, as macadam.yaml states them. */
  readonly reviewPrograms?: readonly ReviewProgram[];
  /** What macadam.yaml promises of standards. */
  readonly commitments?: OwnCommitments;
  /** What a standard costs the people who obey it, as far as whoever asks may read. */
  readonly toil?: (standard: CatalogueStandard) => Promise<Toil | null>;
  /** Why targets of a standard were missed. */
  readonly misses?: (standard: string) => Promise<readonly MissRecord[]>;
  /** What is said of a company that is made up; null where it is real. */
  readonly simulated: string | null;
  /** Team → division, as far as it is known. */
  readonly divisions: ReadonlyMap<string, string>;
  readonly title: string;
  readonly now: () => Date;
  /** The newest tick, which everything that is shown of today is as of; left out: it is judged when it is asked. */
  readonly judgedAt?: Date;
}

/** Whoever looks at it is named on the page. */
interface Visited extends ServerContext {
  readonly visitor: string;
  readonly seen: readonly string[] | null;
  /** Lists are of these teams alone, all of one unit. */
  readonly unit: { readonly name: string; readonly teams: readonly string[] } | null;
  readonly permitted: Permitted | null;
}

const LIMIT = 100;
const TEAMS = 50;

interface AnswerPastInput {
  readonly site: ServerContext;
  readonly path: string;
  readonly parameters: URLSearchParams;
  readonly visitor: string;
  readonly seen: readonly string[] | null;
  readonly permitted?: Permitted | null;
  readonly unit?: Visited['unit'];
}

/**
 * Null: nothing is at this address. `seen`: teams whose assets the visitor may see; null: all. Throws `HttpProblem` for a
 * time that is none, or before the first look.
 */
export async function answerPast({
  site,
  path,
  parameters,
  visitor,
  seen,
  permitted = null,
  unit = null,
}: AnswerPastInput): Promise<Page | null> {
  return route({ ...site, visitor, seen, permitted, unit }, path, queryOf(parameters));
}

async function route(site: Visited, path: string, query: HistoryQuery): Promise<Page | null> {
  const parts = path.split('/').slice(1).map(decoded);
  if (parts.includes(null)) return null;
  const [place, id = '', what] = parts as string[];
  const depth = parts.length;
  if (place === 'standards' && depth <= 3 && id !== '' && !site.standards.has(id)) return null;
  const between = await spanOf(site.past, windowOf(query));
  if (between === null) return null;
  if (place === 'changes' && depth === 1)
    return changes(site, null, query, await comparedWith(site, query, between));
  if (place !== 'standards' || id === '') return null;
  if (depth === 2) return standard(site, id, query, between);
  if (what === 'assets' && depth === 3) return assets(site, id, query, between);
  return what === 'changes' && depth === 3
    ? changes(site, id, query, await comparedWith(site, query, between))
    : null;
}

function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

function queryOf(parameters: URLSearchParams): HistoryQuery {
  const text = (name: string) => parameters.get(name) || undefined;
  const cause = CAUSES_OF_CHANGE.find((one) => one === text('cause'));
  return {
    from: text('from'),
    to: text('to') ?? text('at'),
    side: text('side') === 'pass' ? 'pass' : text('side') === 'fail' ? 'fail' : undefined,
    as: text('as'),
    team: text('team'),
    unit: text('unit'),
    division: text('division'),
    state: text('state'),
    search: text('search'),
    after: text('after'),
    page: text('page'),
    cause,
  };
}

const windowOf = ({ from, to, as }: Window) => ({
  from,
  to,
  as,
});

function pastStandard(site: ServerContext, went: Went): PastStandard {
  const definition = site.standards.get(went.standard)?.definition;
  return {
    id: went.standard,
    title: definition?.title ?? went.standard,
    pillar: definition?.pillar ?? 'no longer in the catalogue',
    severity: definition?.severity ?? null,
    figures: went.figures,
    causes: causesOf(went.cells),
    trend: went.trend,
  };
}

/** What the report's own page says of the past; null before the first tick. */
export async function overviewOf(site: ServerContext): Promise<Overview | null> {
  const between = await spanOf(site.past, {});
  if (between === null) return null;
  const went = await site.past.standards(between);
  const { from, to } = between;
  return {
    // Said, because pages that are asked for no moment compare with a week before.
    window: from ? { from: from.valid.toISOString() } : {},
    from: from?.valid ?? null,
    to: to.valid,
    standards: went.map((one) => pastStandard(site, one)),
  };
}

const history = { href: '/standards', label: 'Standards' };

interface FrameInput {
  readonly visited: Visited;
  readonly heading: string;
  readonly when: Parameters<typeof framed>[0]['when'];
  readonly trail: Parameters<typeof framed>[0]['trail'];
  readonly body: Markup;
}

function frame({ visited: { simulated, title }, heading, when, trail, body }: FrameInput): Page {
  return framed({
    title: `${heading}, ${title}`,
    heading: html`<bdi>${heading}</bdi>`,
    when,
    trail,
    simulated,
    sections: { current: 'standards' },
    body,
  });
}

const WEEK = 7 * 86_400_000;

/** Compared with the week before, unless the address says with what. */
async function comparedWith(site: ServerContext, query: HistoryQuery, between: Between): Promise<Between> {
  if (query.from !== undefined) return between;
  const from = new Date(between.to.valid.getTime() - WEEK).toISOString();
  const span = await spanOf(site.past, { ...windowOf(query), from });
  return span === null ? between : { ...span, fromFirst: false };
}

async function standard(
  site: Visited,
  id: string,
  query: HistoryQuery,
  asked: Between,
): Promise<Page | null> {
  const { division } = query;
  if (site.divisions.size > 0)
    requireNone(400, unknownName('query.division', 'division', division, site.divisions.values()));
  const found = site.standards.get(id);
  if (found === undefined) return null;
  const between = await comparedWith(site, query, asked);
  const progress = await progressAt(site.past, between, site.standards.values(), site.commitments ?? {});
  const now = progress.get(id);
  if (now === undefined) return null;
  const wanted = (query.search ?? '').toLowerCase();
  const all = (await site.past.teams(between, id))
    .map(
      ({ team = '', ...figures }): TeamRow => ({
        ...figures,
        team,
        division: site.divisions.get(team) ?? null,
      }),
    )
    .filter(({ team, division: of }) => team.toLowerCase().includes(wanted) && (division ?? of) === of)
    .sort((a, b) => b.fail - a.fail || b.unknown - a.unknown || (a.team < b.team ? -1 : 1));
  const pages = Math.max(1, Math.ceil(all.length / TEAMS));
  const page = Math.min(Math.max(1, Math.floor(Number(query.page)) || 1), pages);
  const { definition } = found;
  const before = hasBefore(between)
    ? {
        at: between.from.valid,
        figures: await site.past.figures({ ...between, to: between.from }, id),
      }
    : null;
  const body = standardBody({
    definition,
    lastGood: found.lastGood ?? null,
    now,
    before,
    at: between.to.valid,
    points: (await trends(site.past, between))(id),
    moved: before ? movedBy(await site.past.cells(between, { standard: id }), 'pass') : [],
    query,
    fromFirst: between.fromFirst,
    teams: all.slice((page - 1) * TEAMS, page * TEAMS),
    found: all.length,
    page,
    pages,
    divisions: [...new Set(site.divisions.values())].sort(),
    worst: await worstOf(site, id, between),
    toil: (await site.toil?.(found)) ?? null,
    misses: (await site.misses?.(id)) ?? [],
    cohort: before ? cohortPairs(await cohortMoves(site.past, between, found.compiled)) : [],
  });
  const path = `/standards/${encodeURIComponent(id)}`;
  return framed({
    title: `${definition.title}, ${site.title}`,
    heading: html`<bdi>${definition.title}</bdi>`,
    when: definition.statement === definition.title ? definition.why : definition.statement,
    trail: [
      history,
      { href: `/standards?pillar=${definition.pillar}`, label: pillarName(definition.pillar) },
      { href: path, label: html`<code>${id}</code>` },
    ],
    simulated: site.simulated,
    sections: { current: 'standards' },
    date: await dateOf(site, between, { path, address: (at) => standardAt(id, { to: at }) }),
    acts: html`${await compareControl(site, between, { path, kept: { at: query.to } })}<a class="btn" href="${path}/definition">Definition</a>`,
    body,
  });
}

/** Places that are shown of a standard, and assets that are looked at for them where no report holds them all. */
const WORST = 5;
const CANDIDATES = 50;
/** Failures whose reader may see only some of them. */
const SEEN = 2000;

/** The worst places of what fails at the newest look, of the assets that the visitor may see. */
async function worstOf(site: Visited, id: string, between: Between): Promise<readonly FailingPlace[]> {
  const newest = (await site.past.ticks()).at(-1)?.valid.getTime() === between.to.valid.getTime();
  if (!newest) return [];
  const own = site.findings?.filter(({ standard }) => standard === id);
  if (own !== undefined && site.seen === null)
    return worstPlaces(await withPlaces(site, ofWorst(own)), WORST);
  const limit = own === undefined ? CANDIDATES : SEEN;
  const failing = await site.past.assets(
    between,
    { standard: id, ...seenOf(site) },
    { limit, states: ['F'] },
  );
  const teams = new Map(failing.map(({ asset, team }) => [asset, team]));
  const visible =
    own === undefined ? await judgedAgain(site, id, teams) : own.filter(({ asset }) => teams.has(asset.id));
  return worstPlaces(await withPlaces(site, ofWorst(visible)), WORST);
}

/** Only what is shown is loaded and read. */
const ofWorst = (findings: readonly Finding[]): Finding[] => [
  ...new Set(worstPlaces(findings, WORST).map(({ finding }) => finding)),
];

/** `teams`: whose each asset is, by the history. */
async function judgedAgain(
  site: ServerContext,
  id: string,
  teams: ReadonlyMap<string, string>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const compiled = site.standards.get(id)?.compiled;
  if (compiled === undefined) return findings;
  const real = site.judgedAt ?? site.now();
  const judge = judgeOf(compiled, { real, asOf: real }, site.related);
  const found = await loadAssets(site, [...teams.keys()]);
  for (const [one, team] of teams) {
    const asset = found.get(one);
    const judged = asset && judge.judge(rowOf(compiled.kind, asset));
    if (asset && judged?.verdict === 'fail')
      findings.push({
        ...findingOf(asset, judged),
        owner: team === '' || team === NOBODY ? null : team,
      });
  }
  return findings;
}

const NOTHING = { pass: 0, fail: 0, unknown: 0, excepted: 0 };
export const STATES: Readonly<Record<string, readonly State[]>> = {
  pass: ['P'],
  fail: ['F', 'X'],
  excepted: ['X'],
  unknown: ['U'],
};

function seenOf({ seen, unit }: Visited): { readonly teams?: readonly string[] } {
  if (unit === null) return seen === null ? {} : { teams: seen };
  return { teams: unit.teams.filter((team) => seen === null || seen.includes(team)) };
}
function ofDivisions({ seen, unit }: Visited): string {
  const own = seen === null ? '' : ' of your divisions';
  return unit === null ? own : `${own} of ${unit.name}`;
}

async function assets(site: Visited, id: string, query: HistoryQuery, between: Between): Promise<Page> {
  const states = STATES[query.state ?? ''];
  const { team, after } = query;
  const selection = { standard: id, team, ...seenOf(site) };
  const asked = { limit: LIMIT + 1, states, after };
  const found = await site.past.assets(between, selection, asked);
  if (found.length === 0 && after === undefined) await demandTeam(site, id, team, between);
  const rows = found.slice(0, LIMIT);
  // A list of unknowns of everybody lacks those that have no name.
  const counts = team === undefined && (states?.includes('U') ?? true);
  const hidden = counts ? unnamedOf(await site.past.figures(between, id)) : '';
  const last = rows.at(-1)?.asset;
  const more = found.length > LIMIT && last !== undefined ? last : null;
  const all =
    more === null && after === undefined ? null : await lengthOf(site, between, selection, query.state);
  const newest = (await site.past.ticks()).at(-1)?.valid.getTime() === between.to.valid.getTime();
  const failing = rows.filter(({ state }) => state === 'F' || state === 'X').map(({ asset }) => asset);
  const held = newest && site.permitted ? await site.permitted.inForce(id, failing) : null;
  const page = () => {
    const title = site.standards.get(id)?.definition.title ?? id;
    const what = `${states ? query.state : 'in scope'}${team === undefined ? ofDivisions(site) : ` of ${team}`}`;
    const list = rows.map(({ asset, team: own, state, reason }) => ({
      asset,
      team: own,
      what: html`${standsAs(state, reason)}${(state === 'F' || state === 'X') && held && permittedNow(state, held.get(asset))}`,
    }));
    const next = more === null ? null : assetsAddress(id, { ...query, after: more });
    const first = after === undefined ? null : assetsAddress(id, { ...query, after: undefined });
    const named =
      all === null ? plural(rows.length, 'asset') : `${plural(all, 'asset')}, ${rows.length} on this page`;
    const number = hidden === '' ? named : `${named}, and ${hidden}`;
    const trail = [history, { href: `/standards/${encodeURIComponent(id)}`, label: title }];
    const since = held && failing.length > 0 ? '; what is excepted now stands beside' : '';
    const answer = html`${`${number}: ${what}`}, as of ${moment(between.to.valid.toISOString())}${since}.`;
    const body = listBody(answer, list, next, first);
    return frame({
      visited: site,
      heading: title,
      when: moment(between.to.valid.toISOString()),
      trail,
      body,
    });
  };
  return page();
}

/** How many assets a list has that is longer than a page. */
async function lengthOf(
  { past }: ServerContext,
  between: Between,
  { standard, team, teams }: Selection & { readonly standard: string },
  state: string | undefined,
): Promise<number> {
  // Of everybody it is counted already.
  if (team === undefined && teams === undefined) {
    const figures = await past.figures(between, standard);
    return inState({ ...figures, unknown: figures.unknown - (figures.unnamed ?? 0) }, state);
  }
  const own = (await past.teams(between, standard)).filter(
    (one) =>
      (team === undefined || one.team === team) && (teams === undefined || teams.includes(one.team ?? '')),
  );
  return own.reduce((sum, one) => sum + inState(one, state), 0);
}

function inState({ pass, fail, unknown, excepted }: Count, state: string | undefined): number {
  if (state === 'pass') return pass;
  if (state === 'fail') return fail;
  if (state === 'unknown') return unknown;
  return state === 'excepted' ? excepted : pass + fail + unknown;
}

/** One that has nothing of a standard at either end of the span has no list of it, and may not be a team at all. */
async function demandTeam({ past }: ServerContext, id: string, team: string | undefined, between: Between) {
  if (team === undefined) return;
  const moments = [between.to, ...(between.from ? [between.from] : [])];
  const known: string[] = [];
  for (const to of moments)
    known.push(...(await past.teams({ ...between, to }, id)).map((one) => one.team ?? ''));
  requireNone(400, unknownName('query.team', 'team', team, known));
}

/** Where it differs from what the look found. */
function permittedNow(state: 'F' | 'X', held: Exception | undefined): Markup | null {
  if (state === 'X') return held ? null : html`; no exception that you may read is in force now`;
  if (!held) return null;
  const name =
    held.id === undefined
      ? 'one of the estate’s file'
      : html`<a href="${exceptionAt(held.id)}">${held.id}</a>`;
  return html`; excepted now, by ${name} until ${held.until}`;
}

async function changes(
  site: Visited,
  id: string | null,
  query: HistoryQuery,
  between: Between,
): Promise<Page> {
  const { cause, team, side } = query;
  const selection = {
    ...(id !== null && { standard: id }),
    team,
    ...seenOf(site),
  };
  const wanted = (cell: Parameters<typeof causeOf>[0]) =>
    cell.cell !== 'reassigned-out' &&
    (cause === undefined || causeOf(cell) === cause) &&
    (side === undefined || movesSide(side, cell));
  const number = Math.max(1, Math.floor(Number(query.page)) || 1);
  const offset = (number - 1) * LIMIT;
  const found = await site.past.changed(between, selection, wanted, { offset, limit: LIMIT });
  const page = () => {
    const title =
      id === null ? plural(found.changes, 'change') : (site.standards.get(id)?.definition.title ?? id);
    const at = (page: number) => changesAt(id, { ...query, page: String(page) });
    const rows = found.assets.map(({ asset, standard: of, cell, changedAt }) => ({
      asset,
      ...(id === null && { standard: { id: of, title: labelOf(site, of) } }),
      what: changeWords(cell),
      when: moment(changedAt.toISOString()),
    }));
    const trail = [history];
    if (id !== null) trail.push({ href: `/standards/${encodeURIComponent(id)}`, label: title });
    const hidden = unnamedOf({ ...NOTHING, unnamed: found.unnamed });
    const said = `${plural(found.changes, 'change')}${hidden && `, of which ${hidden}`}${team === undefined ? ofDivisions(site) : ''}${cause === undefined ? '' : `: ${CAUSE_NAMES[cause]}, ${MEANINGS[cause]}`}${side === undefined ? '' : `; those that moved how many ${side}`}`;
    const body = listBody(
      said === title ? null : said,
      rows,
      found.more ? at(number + 1) : null,
      number > 1 ? at(1) : null,
    );
    const { from, to } = between;
    const when =
      from === null
        ? moment(to.valid.toISOString())
        : html`${between.fromFirst && 'the first scan, '}${moment(from.valid.toISOString())} to ${moment(to.valid.toISOString())}`;
    return frame({ visited: site, heading: title, when, trail, body });
  };
  return page();
}

export function explainedBy(site: ServerContext, asset: Asset) {
  const real = site.judgedAt ?? site.now();
  const own = [...site.standards.values()].filter(({ definition }) => definition.scope.kind === asset.kind);
  return own.map(({ id, definition, compiled }) => {
    const judge = judgeOf(compiled, { real, asOf: real }, site.related);
    const row = rowOf(compiled.kind, asset);
    const judged = judge.judge(row);
    const { verdict, reason, message } = judged;
    const decided =
      verdict === 'fail' || verdict === 'unknown' ? `${verdict}, ${reason}: ${message}` : verdict;
    return {
      id,
      title: definition.title,
      verdict: decided,
      message,
      judged,
      text: explanationText(explain(compiled, row, judge)),
    };
  });
}

/** How an asset stands by each standard, with the places that decided what it fails. */
export async function explainedWithPlaces(site: ServerContext, asset: Asset) {
  const explained = explainedBy(site, asset);
  const failing = explained.filter(({ judged }) => judged.verdict === 'fail');
  const findings = await withPlaces(
    site,
    failing.map(({ judged }) => findingOf(asset, judged)),
    [asset],
  );
  const byStandard = new Map(findings.map((finding) => [finding.standard, finding]));
  return explained.map((one) => ({ ...one, finding: byStandard.get(one.id) ?? null }));
}
