/** The page of one asset, anyone's, also at night. */

import { count } from '@macadam/adapters/report-formats/figures';
import { codeLines, placeLink } from '@macadam/adapters/report-formats/html/code';
import { dayNear, moment, shortMoment, writtenDay } from '@macadam/adapters/report-formats/html/dates';
import { exceptionAt, pathWith, workAt } from '@macadam/adapters/report-formats/html/link';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { dueChip } from '@macadam/adapters/report-formats/html/parts/due';
import { type EvidenceShown, evidenceLine } from '@macadam/adapters/report-formats/html/parts/evidence';
import { sign } from '@macadam/adapters/report-formats/html/signs';
import { plainly, plural, sentence } from '@macadam/adapters/report-formats/html/words';
import type { Asset, Attribute } from '@macadam/core/facts/asset';
import { isUnobserved } from '@macadam/core/facts/observation';
import type { State } from '@macadam/core/figures/accounting';
import type { Finding, Severity, VerdictName } from '@macadam/core/figures/scan';
import { worstPlaces } from '@macadam/core/figures/worst';
import type { Touched } from '@macadam/services/assets/around';
import type { ReachedAsset } from '@macadam/services/ownership/who-reached';
import type { NamedException } from '../../active-exceptions.ts';
import { assetAt, standardAt } from '../history/address.ts';
import { reasonSaid } from '../history/lists.ts';
import { ownerBox, touchesBox, whomBox } from './aside.ts';
import { STRIP_WEEKS, type Stretch, strip } from './strip.ts';
import { valueSaid } from './value.ts';

export interface VerdictLine {
  /** Of the standard. */
  readonly id: string;
  readonly label: string;
  readonly verdict: VerdictName;
  readonly severity: Severity;
  readonly message: string;
  /** What fails, with its places; null of what does not fail. */
  readonly finding: Finding | null;
  readonly explanation: string;
  readonly evidence: EvidenceShown | null;
  readonly stretches: readonly Stretch[];
  readonly since: Date | null;
  /** The open work item that has it. */
  readonly work: { readonly id: string; readonly due: string; readonly exceptedUntil: string | null } | null;
}

export interface PartTable {
  readonly kind: string;
  readonly count: number;
  readonly standards: readonly { readonly id: string; readonly label: string }[];
  readonly rows: readonly {
    readonly id: string;
    readonly name: string;
    readonly verdicts: readonly (VerdictName | null)[];
  }[];
}

export interface AssetChange {
  readonly valid: Date;
  readonly standard: string;
  readonly label: string;
  readonly step: string;
  readonly from: State;
  readonly to: State;
  readonly team: string;
  readonly reason: string;
}

export interface AssetPage {
  readonly id: string;
  /** Null: it is gone. */
  readonly asset: Asset | null;
  readonly verdicts: readonly VerdictLine[];
  readonly parts: readonly PartTable[];
  /** The newest first; `allChanges` says how many there are. */
  readonly changes: readonly AssetChange[];
  readonly allChanges: number;
  readonly touched: readonly Touched[];
  readonly repository: {
    readonly id: string;
    readonly name: string;
    readonly link: string | null;
    /** The asset is the repository. */
    readonly own: boolean;
  } | null;
  readonly reached:
    | (ReachedAsset & { readonly says: string | null; readonly person: (id: string) => string })
    | null;
  readonly exceptions: readonly (NamedException & { readonly label: string })[];
  /** The newest look, which everything that is shown is as of. */
  readonly now: Date;
  readonly today: string;
}

export interface AssetShown {
  readonly heading: Child;
  readonly lead: Child;
  readonly trail: readonly { readonly href: string; readonly label: Child }[];
  readonly acts: Child;
  readonly body: Markup;
}

const kindSaid = (kind: string) => kind.replaceAll('-', ' ');

export function assetBody(page: AssetPage): AssetShown {
  const { id, asset, repository } = page;
  return {
    heading: html`<bdi>${asset?.name ?? id}</bdi>`,
    lead: leadSaid(page),
    trail: [
      { href: '/assets', label: 'Assets' },
      ...(asset ? [{ href: pathWith('/assets', { kind: asset.kind }), label: kindSaid(asset.kind) }] : []),
      { href: assetAt(id), label: html`<code>${id}</code>` },
    ],
    acts:
      repository?.link &&
      html`<a class="btn" href="${repository.link}" rel="noreferrer">Open at the code host</a>`,
    body: html`<div class="asset"><div class="stack">${holds(page)}${page.parts.map((one) => partsSection(one, id))}${changed(page)}</div>
<aside class="stack" aria-label="About it">${whomBox(page)}${ownerBox(page)}${touchesBox(page)}${whatItIs(page)}</aside></div>`,
  };
}

function leadSaid({ asset, verdicts, now }: AssetPage): Child {
  if (asset === null)
    return html`It is gone: the last scan, ${moment(now.toISOString())}, did not find it any more.`;
  const kind = kindSaid(asset.kind);
  const named = `${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`;
  if (verdicts.length === 0) return `${named}. No standard applies to it.`;
  const number = (verdict: VerdictName) => verdicts.filter((one) => one.verdict === verdict).length;
  const [pass, fail, unknown] = [number('pass'), number('fail'), number('unknown')];
  const rest = [
    ...(fail > 0 ? [`fails ${count(fail)}`] : []),
    ...(unknown > 0 ? [`and ${count(unknown)} ${unknown === 1 ? 'is' : 'are'} unknown`] : []),
  ];
  return `${named}. Meets ${count(pass)} of its ${plural(verdicts.length, 'standard')}${rest.length > 0 ? `, ${rest.join(', ')}` : ''}.`;
}

const SAID: Readonly<Record<VerdictName, string>> = {
  pass: 'passes',
  fail: 'fails',
  unknown: 'unknown',
  'not-applicable': 'does not apply',
};

/** What fails comes first, then what is unknown. */
const RANK: Readonly<Record<VerdictName, number>> = { fail: 0, unknown: 1, pass: 2, 'not-applicable': 3 };

const verdictSign = (verdict: VerdictName): Markup => sign(verdict, SAID[verdict]);

function holds({ verdicts, now }: AssetPage): Markup {
  if (verdicts.length === 0) return html``;
  const begin = new Date(now.getTime() - STRIP_WEEKS * 7 * 86_400_000).toISOString().slice(0, 10);
  const today = now.toISOString().slice(0, 10);
  return html`<section aria-labelledby="holds"><div class="h2"><h2 id="holds">What holds, and how we know</h2><p class="legend more">${verdictLegend}</p></div>
<table class="grid tall verdicts quiet"><colgroup><col><col class="w-hist"><col class="w-since"></colgroup><thead><tr><th scope="col">Standard, reason and evidence</th><th scope="col"><span class="span2"><span>${dayNear(begin, today)}</span><span>${STRIP_WEEKS} weeks</span><span>${dayNear(today, today)}</span></span></th><th scope="col">Since</th></tr></thead>
<tbody>${verdicts.toSorted((a, b) => RANK[a.verdict] - RANK[b.verdict]).map((line) => verdictRow(line, now))}</tbody></table></section>`;
}

/** What the strips of a life mean. */
const verdictLegend = html`<span><svg class="lg" aria-hidden="true"><rect class="b-pass" y="3" width="16" height="8"/></svg>pass</span><span><svg class="lg" aria-hidden="true"><rect class="b-unknown" x=".5" y="3" width="15" height="8"/></svg>unknown</span><span><svg class="lg" aria-hidden="true"><rect class="b-fail" y="6" width="16" height="2"/></svg>fail</span>`;

const MOST_PLACES = 8;

function verdictRow(line: VerdictLine, now: Date): Markup {
  const { id, label, verdict, severity, message, finding, explanation, evidence, since, work } = line;
  const places = finding === null ? [] : worstPlaces([finding], MOST_PLACES);
  const located = places.filter(({ location }) => location !== null);
  const today = now.toISOString().slice(0, 10);
  return html`<tr><th scope="row"><span class="name">${verdictSign(verdict)}<a class="strong" href="${standardAt(id)}">${label}</a>${verdict === 'fail' && severity === 'critical' && html`<span class="bad">critical</span>`}${work !== null && html`<a href="${workAt(work.id)}">${work.exceptedUntil === null ? dueChip(work.due, today) : html`<span class="chip plain">excepted until ${writtenDay(work.exceptedUntil)}, still failing</span>`}</a>`}</span>
${message !== '' && html`<p class="reason">${sentence(plainly(message))}</p>`}
${located.length > 0 && html`<details class="reason"${verdict === 'fail' && html` open`}><summary>${plural(located.length, 'place')}</summary><ul class="places">${located.map(({ location, link, code, text }) => html`<li><p>${placeLink(location, link)} <span class="ink-3">${text}</span></p>${codeLines(code, location?.line)}</li>`)}</ul></details>`}
${evidence !== null && evidenceLine(evidence)}
<details class="reason"><summary>How that was decided<span class="hidden">: ${label}</span></summary><pre class="explained" tabindex="0" role="group" aria-label="How ${label} was decided">${explanation}</pre></details></th>
<td>${strip(line.stretches, now)}</td><td>${since === null ? html`<span class="ink-3">first scan</span>` : html`<time datetime="${since.toISOString()}" title="${writtenDay(since.toISOString().slice(0, 10))}">${dayNear(since.toISOString().slice(0, 10), today)}</time>`}</td></tr>`;
}

function partsSection({ kind, count: number, standards, rows }: PartTable, id: string): Markup {
  const named = `parts-${kind}`;
  const all = pathWith('/assets', { kind, in: id });
  return html`<section aria-labelledby="${named}"><div class="h2"><h2 id="${named}">Its ${kindSaid(kind)} parts</h2><span class="more"><a href="${all}">${plural(number, kindSaid(kind))}</a></span></div>
<table class="grid parts quiet"><thead><tr><th scope="col">Name</th>${standards.map((one) => html`<th scope="col" class="cut" title="${one.label}"><a href="${standardAt(one.id)}">${one.label}</a></th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr><th scope="row" class="cut" title="${row.name}"><a href="${assetAt(row.id)}"><bdi>${row.name}</bdi></a></th>${row.verdicts.map((verdict) => html`<td class="cut">${verdict !== null && html`<span class="name">${verdictSign(verdict)}${SAID[verdict]}</span>`}</td>`)}</tr>`)}</tbody></table>
${number > rows.length && html`<p class="note">The first ${count(rows.length)} of <a href="${all}">${count(number)}</a>.</p>`}</section>`;
}

const STEPS: Readonly<Record<string, string>> = {
  definition: 'the standard changed',
  clock: 'evidence expired',
  evidence: 'a new scan',
  reassigned: 'moved to another team',
  exception: 'an exception',
};
const SIGNS: Readonly<Record<State, VerdictName | null>> = {
  O: null,
  P: 'pass',
  F: 'fail',
  X: 'fail',
  U: 'unknown',
};

/** The change in the words of the console. */
export function changeSaid({ from, to }: Pick<AssetChange, 'from' | 'to'>): string {
  if (from === to) return 'as before';
  if (from === 'O') return 'added';
  if (to === 'O') return 'removed';
  if (to === 'U') return 'became unknown';
  if (from === 'U') return 'became known';
  if (to === 'X') return 'excepted, still failing';
  if (from === 'X' && to === 'F') return 'no longer excepted';
  return to === 'P' ? 'fixed' : 'newly failing';
}

function changed({ changes, allChanges }: AssetPage): Markup {
  const mark = (state: State) => {
    const verdict = SIGNS[state];
    return verdict === null ? html`<span class="ink-3">none</span>` : verdictSign(verdict);
  };
  return html`<section aria-labelledby="changed"><div class="h2"><h2 id="changed">What changed</h2><span class="more">${allChanges === 0 ? 'nothing is written down' : plural(allChanges, 'change')}</span></div>
${
  changes.length > 0 &&
  html`<table class="grid lived stacked quiet"><colgroup><col class="w-when"><col><col class="w-fromto"><col class="w-why"></colgroup><thead><tr><th scope="col">When, UTC</th><th scope="col">Standard</th><th scope="col">From, to</th><th scope="col">Because</th></tr></thead>
<tbody>${changes.map((one) => html`<tr><th scope="row">${shortMoment(one.valid.toISOString(), false)}</th><td><a href="${standardAt(one.standard)}">${one.label}</a></td><td><span class="name">${mark(one.from)}<span class="ink-3">to</span>${mark(one.to)}${changeSaid(one)}</span></td><td>${STEPS[one.step] ?? one.step}${one.team !== '' && one.step === 'reassigned' && html`: <bdi>${one.team}</bdi>`}${one.reason !== '' && one.to !== 'P' && html`<span class="ink-3">: ${reasonSaid(one.to, one.reason)}</span>`}</td></tr>`)}</tbody></table>
${allChanges > changes.length && html`<p class="note">The newest ${count(changes.length)} of ${count(allChanges)}.</p>`}`
}</section>`;
}

/** Attributes that are shown at once; the rest is folded, each with its source and time. */
const MOST_SHOWN = 7;

function whatItIs({ asset, exceptions }: AssetPage): Markup {
  const known = [...(asset?.attributes ?? [])].filter(
    ([, { statement }]) =>
      !isUnobserved(statement) && 'value' in statement && typeof statement.value !== 'object',
  );
  const all = [...(asset?.attributes ?? [])];
  const line = ([name, held]: readonly [string, Attribute]) =>
    html`<dt>${name.replaceAll('_', ' ')}</dt><dd>${valueSaid(held.statement)}</dd>`;
  return html`<section aria-labelledby="is" class="box"><h2 id="is">What it is</h2>
<dl class="attrs">${known.slice(0, MOST_SHOWN).map(line)}<dt>exceptions</dt><dd>${exceptions.length === 0 ? html`<span class="ink-3">none</span>` : exceptions.map(({ id, label, why, inForce }) => html`<p>${inForce ? 'in force' : 'not in force'}: ${id === null ? 'in the estate’s file' : html`<a href="${exceptionAt(id)}">${id}</a>`}, ${label}; ${why}</p>`)}</dd></dl>
${all.length > 0 && html`<details><summary>All ${count(all.length)}, each with source and time</summary><dl class="attrs">${all.map(([name, held]) => html`<dt>${name.replaceAll('_', ' ')}</dt><dd>${valueSaid(held.statement)}${held.source !== null && html`<p class="ink-3">${held.source}${held.observedAt !== null && html`, true ${moment(held.observedAt)}`}</p>`}</dd>`)}</dl></details>`}</section>`;
}
