/** Campaigns: where each stands by standard and wave, and a suggested sequence with every term of its score. */

import { count, interval, percentDown } from '@macadam/adapters/report-formats/figures';
import { calendarDay } from '@macadam/adapters/report-formats/html/dates';
import { type Child, html, joined, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { plural } from '@macadam/adapters/report-formats/html/words';
import type {
  Campaign,
  CampaignFigures,
  CampaignProgress,
  CampaignSettings,
  CampaignStep,
} from '@macadam/core/figures/campaign';
import { STATUS_CAUSE_WORDS } from '@macadam/core/figures/target';
import { assetsAt } from '../history/address.ts';
import { STATUS_WORDS } from '../reviews/body.ts';

export interface CampaignRow {
  readonly campaign: string;
  readonly title: string;
  readonly target: Campaign['target'];
  readonly progress: CampaignProgress;
}

const promise = ({ share, by }: Campaign['target']): Markup =>
  html`${percentDown(share)} by ${calendarDay(by)}`;

/** What the page answers, in one sentence. */
export function campaignsHeading(rows: readonly CampaignRow[]): string {
  if (rows.length === 0) return 'There is no campaign.';
  const behind = rows.filter(({ progress }) =>
    progress.standards.some(({ status }) => status === 'off-track'),
  );
  const said =
    behind.length === 0
      ? 'nothing in them is off track'
      : `${count(behind.length)} with a standard off track`;
  return `${plural(rows.length, 'campaign')}, ${said}.`;
}

export function campaignListBody(rows: readonly CampaignRow[]): Markup {
  if (rows.length === 0)
    return html`<p class="answer">State one under <code>campaigns</code> in macadam.yaml: its standards, owners, waves, a target and a day.</p>`;
  return html`<section aria-labelledby="list"><h2 id="list" class="hidden">Campaigns</h2>
<div class="scroll" tabindex="0" role="group" aria-label="Campaigns"><table class="past"><thead><tr><th scope="col">Campaign</th><th scope="col">Target</th><th scope="col">Standards</th><th scope="col">First step</th></tr></thead><tbody>${rows.map(
    ({ campaign, title, target, progress }) => {
      const [first] = progress.sequence;
      return html`<tr><th scope="row"><a href="/campaigns/${campaign}"><bdi>${title}</bdi></a></th><td>${promise(target)}</td><td>${statusCounts(progress)}</td><td>${first === undefined ? 'nothing fails' : html`${labelOf(progress, first.standard)}, <bdi>${first.team}</bdi>`}</td></tr>`;
    },
  )}</tbody></table></div></section>`;
}

function statusCounts({ standards }: CampaignProgress): string {
  const groups = Map.groupBy(standards, ({ status }) => status);
  return [...groups].map(([status, own]) => `${count(own.length)} ${STATUS_WORDS[status]}`).join(', ');
}

const labelOf = ({ standards }: CampaignProgress, id: string): string =>
  standards.find((one) => one.standard === id)?.label ?? id;

export interface CampaignPage {
  readonly id: string;
  readonly campaign: Campaign;
  readonly progress: CampaignProgress & { readonly missing: readonly string[] };
  readonly settings: CampaignSettings;
  /** Version of the catalogue of exploited vulnerabilities; null where none is configured. */
  readonly exploited: string | null;
  /** The reader weighs the terms otherwise than the campaign. */
  readonly tried: boolean;
}

/** Steps that the page shows. */
const FIRST = 50;

export function campaignBody(page: CampaignPage): Markup {
  const { id, campaign, progress } = page;
  return html`<section aria-labelledby="stands"><h2 id="stands">How does it stand?</h2>
<p class="answer">${promise(campaign.target)}: ${statusCounts(progress)}.</p>${notes(progress)}
${figuresTable({ name: 'By standard', id, progress, rows: progress.standards, wave: null })}</section>
${progress.waves.map(
  ({ name, by, standards }, index) =>
    html`<section aria-labelledby="wave-${index}"><h2 id="wave-${index}">Wave <bdi>${name}</bdi>, by ${calendarDay(by)}</h2>${figuresTable({ name: `Wave ${name}`, id, progress, rows: standards, wave: index })}</section>`,
)}${sequenceSection(page)}`;
}

function notes({ unowned, missing }: CampaignPage['progress']): Markup {
  return html`${unowned > 0 && html`<p class="note">Of ${plural(unowned, 'asset')} nobody can tell whether they are in scope: nobody owns them.</p>`}${missing.length > 0 && html`<p class="note">Not in force here: ${joined(missing, (one) => html`<code>${one}</code>`)}.</p>`}`;
}

/** The list of exactly the assets that a number counts. */
export function campaignAssetsAt(
  id: string,
  asked: {
    readonly standard: string;
    readonly state: string;
    readonly wave: number | null;
    readonly after?: string | undefined;
  },
): string {
  const query = new URLSearchParams({ standard: asked.standard, state: asked.state });
  if (asked.wave !== null) query.set('wave', String(asked.wave));
  if (asked.after !== undefined) query.set('after', asked.after);
  return `/campaigns/${encodeURIComponent(id)}/assets?${query}`;
}

interface FiguresTableInput {
  readonly name: string;
  readonly id: string;
  readonly progress: CampaignProgress;
  readonly rows: readonly (CampaignFigures & { readonly standard: string })[];
  readonly wave: number | null;
}

function figuresTable({ name, id, progress, rows, wave }: FiguresTableInput): Markup {
  const number = (one: (typeof rows)[number], state: 'pass' | 'fail' | 'unknown'): Child =>
    one[state] === 0
      ? '0'
      : html`<a href="${campaignAssetsAt(id, { standard: one.standard, state, wave })}">${count(one[state])}</a>`;
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${name}"><table class="past"><thead><tr><th scope="col">Standard</th><th scope="col">Status</th><th scope="col">Share</th><th scope="col" class="amount">Pass</th><th scope="col" class="amount">Unknown</th><th scope="col" class="amount">Fail</th></tr></thead><tbody>${rows.map(
    (one) => {
      const why = one.cause === null ? '' : STATUS_CAUSE_WORDS[one.cause];
      return html`<tr><th scope="row"><a href="/standards/${one.standard}">${labelOf(progress, one.standard)}</a></th><td>${STATUS_WORDS[one.status]}${why !== '' && html`<div class="of">${why}</div>`}</td><td>${shareText(one)}${one.excepted > 0 && html`<div class="of">${count(one.excepted)} of the failing excepted</div>`}</td><td class="amount">${number(one, 'pass')}</td><td class="amount">${number(one, 'unknown')}</td><td class="amount">${number(one, 'fail')}</td></tr>`;
    },
  )}</tbody></table></div>`;
}

const shareText = ({ atLeast, atMost }: CampaignFigures): string =>
  atLeast === null || atMost === null ? 'nothing in scope' : interval(atLeast, atMost);

function sequenceSection(page: CampaignPage): Markup {
  const { progress, exploited, tried } = page;
  const { sequence } = progress;
  const shown = sequence.slice(0, FIRST);
  return html`<section aria-labelledby="first"><h2 id="first">What is to be done first?</h2>
<p class="answer">${sequence.length === 0 ? 'Nothing fails.' : `${plural(sequence.length, 'step')}, those that take most risk away by a minute of work first${sequence.length > FIRST ? `; the first ${FIRST} are here` : ''}.`}</p>
<p class="note">Score = severity × exposure × reach × known exploitation / minutes of a fix. ${exploited === null ? html`No catalogue of exploited vulnerabilities is configured (<code>known_exploited</code> in macadam.yaml), so that exploitation counts as 1.` : `Exploited vulnerabilities are those of catalogue ${exploited}.`}${tried && ' It is weighed as tried here; nothing is saved.'}</p>
${shown.length > 0 && html`<div class="scroll" tabindex="0" role="group" aria-label="Steps"><table class="past"><thead><tr><th scope="col">Standard</th><th scope="col">Owner</th><th scope="col" class="amount">Failing</th><th scope="col" class="amount">Score</th><th scope="col">Severity</th><th scope="col">Exposure</th><th scope="col">Reach</th><th scope="col">Known exploitation</th><th scope="col">Minutes of a fix</th></tr></thead><tbody>${shown.map((one) => stepRow(progress, one))}</tbody></table></div>`}
${weighForm(page)}</section>`;
}

const rounded = (number: number): string => String(Math.round(number * 100) / 100);

function stepRow(
  progress: CampaignProgress,
  { standard, team, failing, score, terms }: CampaignStep,
): Markup {
  const { severity, exposure, reach, exploitation, effort } = terms;
  const failures = exposure.of;
  const excepted = failures - failing;
  // An asset that several share stands under all their names, and what nobody owns under none.
  const list = assetsAt(standard, { team, state: 'fail' });
  return html`<tr><th scope="row"><a href="/standards/${standard}">${labelOf(progress, standard)}</a></th><td><bdi>${team === '' || team === 'nobody' ? 'unowned' : team}</bdi></td><td class="amount"><a href="${list}">${count(failures)}</a>${excepted > 0 && html`<div class="of">${count(excepted)} excepted</div>`}</td><td class="amount">${rounded(score)}</td><td>${severity.name}<div class="of">${rounded(severity.weight)}</div></td><td>${exposure.exposed === null ? 'not known of this kind' : `${count(exposure.exposed)} of ${count(exposure.of)}${exposure.unknown > 0 ? `, ${count(exposure.unknown)} cannot tell` : ''}`}<div class="of">${rounded(exposure.factor)}</div></td><td>${plural(reach.failing, 'asset')}<div class="of">${rounded(reach.factor)}</div></td><td>${exploitation.known === null ? 'no catalogue' : exploitation.known === 0 ? 'none' : `${count(exploitation.known)} of ${count(exploitation.of)}, by ${exploitation.by.slice(0, 3).join(', ')}`}<div class="of">${rounded(exploitation.factor)}</div></td><td>${rounded(effort.minutes)}<div class="of">${effort.observed === null ? 'as stated' : `${rounded(effort.statedMinutes)} stated, fixes took ${rounded(effort.observed)} times the usual`}</div></td></tr>`;
}

const TERMS = [
  { name: 'critical', label: 'Critical' },
  { name: 'high', label: 'High' },
  { name: 'medium', label: 'Medium' },
  { name: 'low', label: 'Low' },
  { name: 'exposed', label: 'Exposed' },
  { name: 'exploited', label: 'Exploited' },
  { name: 'reach', label: 'Reach' },
] as const;

function weighForm({ id, settings, tried }: CampaignPage): Markup {
  const values = { ...settings.weights, ...settings.factors };
  return html`<form class="ask" method="get" action="/campaigns/${id}" aria-label="Weigh the terms otherwise">${TERMS.map(
    ({ name, label }) =>
      html`<label>${label}<input name="${name}" type="number" step="any" min="${name === 'exposed' || name === 'exploited' ? '1' : '0'}" max="${name === 'reach' ? '10' : '1000'}" value="${String(values[name])}"></label>`,
  )}<button>Weigh so</button>${tried && html` <a href="/campaigns/${id}">As the campaign states</a>`}</form>`;
}
