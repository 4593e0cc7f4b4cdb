/** What we cannot see: since when, because of which source, what to do next, and which source feeds what. */

import { count } from '@macadam/adapters/report-formats/figures';
import { shortMoment, writtenDay } from '@macadam/adapters/report-formats/html/dates';
import { pathWith } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, joined, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { dueChip } from '@macadam/adapters/report-formats/html/parts/due';
import { type Glyph, glyph } from '@macadam/adapters/report-formats/html/signs';
import { plural, sentence } from '@macadam/adapters/report-formats/html/words';
import type { SourceState } from '@macadam/core/facts/source-state';
import { assetsAt, standardAt } from '../history/address.ts';
import { UNKNOWN_CAUSES } from '../history/lists.ts';
import { type NamedOwner, ownerLink } from '../owners/tree.ts';

export interface SourceRun {
  readonly finishedAt: string;
  readonly state: SourceState;
  readonly assets: number;
  /** What was missing, and what would mend it; the first problem. Null where nothing was. */
  readonly missing: string | null;
  readonly remedy: string | null;
}

export interface SourceLine {
  readonly id: string;
  readonly kinds: readonly string[];
  /** The newest first. */
  readonly runs: readonly SourceRun[];
  /** Pillar → how many standards it feeds. */
  readonly feeds: readonly { readonly pillar: string; readonly standards: number }[];
  readonly unknown: number;
  /** By standard and cause, most first. */
  readonly unknowns: readonly UnknownLine[];
  readonly team: NamedOwner | null;
  /** When it has to be fixed; null where nothing is open. */
  readonly due: string | null;
  readonly openedAt: string | null;
  readonly turn: ReadInTurn | null;
  /** When its host sent an event last; null where none came. */
  readonly toldAt: string | null;
}

/** How far what a source lists was read, where it reads in turn. */
export interface ReadInTurn {
  readonly listedAt: string;
  readonly listed: number;
  /** Never read, and waiting to be read, those among them. */
  readonly unread: number;
  readonly waiting: number;
  /** The oldest reading. */
  readonly since: string;
  /** Whether the host's limit is why they wait. */
  readonly limited: boolean;
}

export interface UnknownLine {
  readonly standard: string;
  readonly label: string;
  readonly cause: string;
  readonly count: number;
}

export interface NextStep {
  readonly unknown: number;
  readonly what: string;
  /** Where more is said of it; `counts`: a list of just as many. */
  readonly at: { readonly href: string; readonly counts: boolean };
  readonly who: string | null;
  readonly due: string | null;
}

export interface SourcesPage {
  /** Whether anybody has looked: before that nothing is known of what cannot be seen. */
  readonly looked: boolean;
  readonly sources: readonly SourceLine[];
  /** What no source says of: by standard. */
  readonly uncovered: readonly UnknownLine[];
  readonly unknown: number;
  /** A week before, or at the first look; null where there is no earlier one. */
  readonly before: { readonly unknown: number; readonly at: Date } | null;
  /** Standards by how much of their scope is decided. */
  readonly judged: Readonly<Record<JudgedShare, number>>;
  readonly next: readonly NextStep[];
  /** The source that is opened. */
  readonly open: string | null;
  readonly today: string;
}

export const JUDGED_SHARES = ['all', 'most', 'many', 'fewer', 'none'] as const;
export type JudgedShare = (typeof JUDGED_SHARES)[number];
const SHARES: Readonly<Record<JudgedShare, string>> = {
  all: 'For every asset',
  most: 'For 99 of 100 or more',
  many: 'For 90 to 99 of 100',
  fewer: 'For fewer',
  none: 'For none',
};

const STATES: Readonly<
  Record<SourceState, { readonly said: string; readonly glyph: Glyph; readonly chip: string }>
> = {
  complete: { said: 'Complete', glyph: 'pass', chip: 'plain' },
  late: { said: 'Late', glyph: 'unknown', chip: 'unknown' },
  incomplete: { said: 'Incomplete', glyph: 'unknown', chip: 'unknown' },
  refused: { said: 'Refused', glyph: 'fail', chip: 'late' },
  failed: { said: 'Failed', glyph: 'fail', chip: 'late' },
};

export function sourcesHeading({ looked, unknown, before, sources }: SourcesPage): {
  readonly heading: string;
  readonly lead: Child;
} {
  if (!looked)
    return {
      heading: 'What cannot be seen is not known: nothing was scanned yet.',
      lead: 'Measure an estate first, or send observations.',
    };
  const change = before === null ? 0 : unknown - before.unknown;
  const since =
    before === null
      ? ''
      : `, ${change === 0 ? 'as many as' : `${count(Math.abs(change))} ${change > 0 ? 'more' : 'fewer'} than`} on ${writtenDay(before.at.toISOString().slice(0, 10))}`;
  const troubled = sources.filter(({ runs }) => runs[0]?.state !== 'complete');
  return {
    heading:
      unknown === 0
        ? 'Nothing is unknown: every asset in scope is decided.'
        : `${plural(unknown, 'verdict')} ${unknown === 1 ? 'is' : 'are'} unknown${since}.`,
    lead:
      troubled.length === 0
        ? `${plural(sources.length, 'source')}, all complete and on time.`
        : html`${count(troubled.length)} of ${plural(sources.length, 'source')} ${troubled.length === 1 ? 'says less than it should' : 'say less than they should'}: ${joined(troubled.slice(0, 3), ({ id }) => html`<a href="#source-${id}">${id}</a>`)}${troubled.length > 3 && ` and ${troubled.length - 3} more`}.`,
  };
}

export function sourcesBody(page: SourcesPage): Markup {
  if (!page.looked) return html``;
  const opened = page.sources.find(({ id }) => id === page.open);
  return html`${answers(page)}${opened !== undefined && openedSource(opened)}${table(page)}${uncovered(page)}`;
}

function answers({ sources, judged, next, today }: SourcesPage): Markup {
  const states = Object.entries(STATES).map(([state, { said, glyph: sign }]) => ({
    said,
    sign,
    number: sources.filter(({ runs }) => runs[0]?.state === state).length,
  }));
  const standards = JUDGED_SHARES.reduce((sum, share) => sum + judged[share], 0);
  return html`<div class="answers three"><section aria-labelledby="states"><h2 id="states">Sources<span class="fig">${count(sources.length)}</span></h2><table class="mini">${states.map(({ said, sign, number }) => html`<tr><td><span class="name">${glyph(sign)}${said}</span></td><td class="num">${count(number)}</td></tr>`)}</table></section>
<section aria-labelledby="judged"><h2 id="judged">Standards we can judge<span class="fig">${count(standards)}</span></h2><table class="mini">${JUDGED_SHARES.map((share) => html`<tr><td>${SHARES[share]}</td><td class="num">${count(judged[share])}</td></tr>`)}</table></section>
<section aria-labelledby="next" class="next"><h2 id="next">What to do next<span class="sub">what would decide most first</span></h2>${
    next.length === 0
      ? html`<p class="note">Nothing: what is known is complete.</p>`
      : html`<table class="grid stacked quiet"><colgroup><col class="w-gain"><col><col class="w-team"><col class="w-st"></colgroup><thead class="hidden"><tr><th scope="col">Unknown verdicts</th><th scope="col">What</th><th scope="col">Who</th><th scope="col">Due</th></tr></thead><tbody>${next.map(({ unknown, what, at, who, due }) => html`<tr><td class="num">${at.counts ? html`<a class="strong" href="${at.href}">${count(unknown)}</a>` : html`<b>${count(unknown)}</b>`}</td><th scope="row" class="cut" title="${what}">${at.counts ? sentence(what) : html`<a href="${at.href}">${sentence(what)}</a>`}</th><td class="ink-2 cut">${who ?? 'nobody yet'}</td><td>${due !== null && dueChip(due, today)}</td></tr>`)}</tbody></table>`
  }</section></div>`;
}

const kindsSaid = (kinds: readonly string[]) => kinds.map((kind) => kind.replaceAll('-', ' ')).join(', ');

function table({ sources, today }: SourcesPage): Markup {
  const ordered = sources.toSorted((a, b) => b.unknown - a.unknown || (a.id < b.id ? -1 : 1));
  const sum = sources.reduce((all, { unknown }) => all + unknown, 0);
  return html`<section aria-labelledby="all"><div class="h2 list-head"><h2 id="all">By source</h2></div>
<table class="grid feeds quiet"><colgroup><col><col class="w-state"><col class="w-last"><col class="w-until"><col class="w-std2"><col class="w-u"></colgroup><thead><tr><th scope="col">Source</th><th scope="col">State</th><th scope="col">Last run, UTC, and what was missing</th><th scope="col">Who runs it</th><th scope="col">Standards it feeds</th><th scope="col" class="num">Unknown</th></tr></thead>
<tbody>${ordered.map((source) => row(source, today))}</tbody>
<tfoot><tr><th scope="row">${plural(sources.length, 'source')}</th><td></td><td></td><td></td><td></td><td class="num">${count(sum)}</td></tr></tfoot></table></section>`;
}

function row({ id, kinds, runs, feeds, unknown, team, due }: SourceLine, today: string): Markup {
  const [last] = runs;
  const { said, glyph: sign, chip } = STATES[last?.state ?? 'failed'];
  const at = pathWith('/sources', { source: id });
  return html`<tr id="source-${id}"${last?.state !== 'complete' && html` class="trouble"`}><th scope="row"><span class="name">${glyph(sign)}<a class="strong" href="${at}">${id}</a></span><span class="under">${kindsSaid(kinds)}</span></th><td><span class="chip ${chip}">${said.toLowerCase()}</span></td>
<td>${last === undefined ? html`<span class="ink-3">never</span>` : html`${shortMoment(last.finishedAt, false)}<span class="ink-2">, ${plural(last.assets, 'asset')}</span>${last.missing !== null && html`<span class="under">${sentence(last.missing)}</span>`}`}</td>
<td>${team === null ? html`<span class="ink-3">nobody yet</span>` : ownerLink(team)}${due !== null && html` ${dueChip(due, today)}`}</td>
<td class="ink-2 amongst">${joined(feeds, ({ pillar, standards }) => html`${pillar} ${count(standards)}`)}</td><td class="num">${unknown === 0 ? html`<span class="ink-3">0</span>` : html`<a class="strong" href="${at}">${count(unknown)}</a>`}</td></tr>`;
}

const MOST_UNKNOWN = 40;

function unknownTable(lines: readonly UnknownLine[]): Markup {
  return html`<table class="grid stacked quiet"><thead><tr><th scope="col">Standard</th><th scope="col">Why</th><th scope="col" class="num">Unknown</th></tr></thead><tbody>${lines.slice(0, MOST_UNKNOWN).map(({ standard, label, cause, count: number }) => html`<tr><th scope="row"><a href="${standardAt(standard)}">${label}</a></th><td class="ink-2">${UNKNOWN_CAUSES[cause] ?? cause}</td><td class="num">${count(number)}</td></tr>`)}</tbody></table>
<p class="note">Assets of a standard that are unknown, whatever the reason: ${joined(lines.slice(0, 3), ({ standard, label }) => html`<a href="${assetsAt(standard, { state: 'unknown' })}">${label}</a>`)}.</p>`;
}

function inTurn({ turn, toldAt }: SourceLine): Markup | null {
  if (turn === null) return null;
  const { listedAt, listed, unread, waiting, since, limited } = turn;
  const rows: readonly (readonly [string, Child])[] = [
    ['Listed whole last', html`${shortMoment(listedAt, false)}, ${count(listed)} in it`],
    [
      'Waiting to be read',
      waiting === 0
        ? html`<span class="ink-3">none</span>`
        : `${count(waiting)}${unread > 0 ? `, ${count(unread)} of them never read` : ''}${limited ? '; the host’s limit is spent for now' : ''}`,
    ],
    [
      'Oldest reading',
      unread === listed ? html`<span class="ink-3">none yet</span>` : shortMoment(since, false),
    ],
    [
      'Last event of the host',
      toldAt === null ? html`<span class="ink-3">none</span>` : shortMoment(toldAt, false),
    ],
  ];
  return html`<table class="grid stacked quiet"><tbody>${rows.map(([what, said]) => html`<tr><th scope="row">${what}</th><td>${said}</td></tr>`)}</tbody></table>`;
}

function openedSource(source: SourceLine): Markup {
  const { id, runs, unknown, unknowns, openedAt } = source;
  return html`<section aria-labelledby="opened" class="opened"><div class="h2"><h2 id="opened">${id}</h2><span class="more">${unknown > 0 && `${count(unknown)} unknown because of it`}${openedAt !== null && html`, says too little since ${shortMoment(openedAt)}`} <a href="/sources">Close</a></span></div>${inTurn(source)}
<table class="grid stacked quiet"><thead><tr><th scope="col">Run, UTC</th><th scope="col">State</th><th scope="col" class="num">Assets</th><th scope="col">What was missing, and what to do</th></tr></thead><tbody>${runs.map(({ finishedAt, state, assets, missing, remedy }) => html`<tr><th scope="row">${shortMoment(finishedAt, false)}</th><td><span class="name">${glyph(STATES[state].glyph)}${STATES[state].said}</span></td><td class="num">${count(assets)}</td><td>${missing === null ? html`<span class="ink-3">nothing</span>` : html`${sentence(missing)}${remedy !== null && html`; ${sentence(remedy)}`}`}</td></tr>`)}</tbody></table>
${unknowns.length > 0 && unknownTable(unknowns)}</section>`;
}

function uncovered({ uncovered: lines }: SourcesPage): Markup | null {
  if (lines.length === 0) return null;
  const sum = lines.reduce((all, one) => all + one.count, 0);
  return html`<section aria-labelledby="uncovered"><div class="h2"><h2 id="uncovered">What no source says</h2><span class="more">${plural(sum, 'verdict')}</span></div>${unknownTable(lines)}</section>`;
}
