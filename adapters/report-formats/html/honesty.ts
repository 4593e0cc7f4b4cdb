/** The first question: how much of this picture is measured, by what, and what it cannot see. */
import type { Problem } from '@macadam/core/facts/observation';
import type { ScanSource, ScanStandard } from '@macadam/core/figures/scan';
import { count, leftOutLine, oldClonesLine, percentDown } from '../figures.ts';
import type { BlindSpot, Report } from '../port.ts';
import { measuredBar } from './bar.ts';
import { html, joined, type Markup } from './markup.ts';
import { listLink, place, plural, sentence, unbroken } from './words.ts';

export function honesty(report: Report): Markup {
  const { standards, sources } = report.scan;
  const inScope = standards.filter(({ scope }) => scope > 0);
  const full = inScope.filter(({ measured }) => measured === 1);
  const none = inScope.filter(({ measured }) => measured === 0);
  const part = inScope.filter(({ measured }) => measured !== 1 && measured !== 0);
  const empty = standards.filter(({ scope }) => scope === 0);
  const unknown = standards.reduce((sum, standard) => sum + standard.unknown, 0);
  return html`<section id="honesty" aria-labelledby="honesty-title">
<h2 id="honesty-title">How honest is this picture?</h2>
<p class="answer">${answer({ all: standards.length, full: full.length, part: part.length, none: none.length, empty: empty.length })}</p>
<div class="figures">
${figure('measured in full', full, 'every asset in scope is judged')}
${figure('measured in part', part, 'some verdicts are unknown')}
${figure('not measured', none, 'all verdicts are unknown')}
${empty.length > 0 && figure('nothing in scope', empty, 'so without a share')}
<div class="figure"><p class="value">${listLink({ verdict: 'unknown' }, count(unknown))}</p><p class="label">unknown ${unknown === 1 ? 'verdict' : 'verdicts'}</p><p class="quiet">never counted as a pass</p></div>
</div>
${(report.scan.leftOut ?? []).length > 0 && html`<h3 id="left-out">Left out</h3><ul class="plain-list">${(report.scan.leftOut ?? []).map((one) => html`<li>${leftOutLine(one)}</li>`)}</ul>`}
${oldClonesLine(report.scan) !== '' && html`<p id="old-clones">${oldClonesLine(report.scan)}</p>`}
${leastMeasured(inScope)}
<div class="sides"><div><h3>Sources</h3>
<ul class="sources">${sources.map(sourceRow)}</ul>
${sources.length === 0 && html`<p>No source was asked, so nothing is known.</p>`}</div>
<div><h3 id="blind-spots">What this picture cannot see</h3>
${report.blindSpots.length === 0 ? html`<p class="quiet">No blind spot is known.</p>` : html`<ul class="blind">${report.blindSpots.map((spot, index) => blindSpot(spot, index, report))}</ul>`}</div></div>
</section>`;
}

/** Standards that are listed as the least measured ones. */
const LEAST = 6;

function leastMeasured(inScope: readonly ScanStandard[]): Markup | null {
  const least = inScope
    .filter(({ unknown }) => unknown > 0)
    .sort((a, b) => (a.measured ?? 0) - (b.measured ?? 0) || b.unknown - a.unknown)
    .slice(0, LEAST);
  if (least.length === 0) return null;
  return html`<h3>Least measured</h3><ul class="least">${least.map(
    (standard) =>
      html`<li><a class="plain" href="#standard-${standard.id}">${standard.title}</a>${measuredBar(standard)}<span class="amount">${unbroken(percentDown(standard.measured ?? 0))}</span></li>`,
  )}</ul>`;
}

interface AnswerInput {
  readonly all: number;
  readonly full: number;
  readonly part: number;
  readonly none: number;
  readonly empty: number;
}

function answer({ all, full, part, none, empty }: AnswerInput): string {
  if (all === empty) return 'Nothing is in scope of any standard, so nothing is measured.';
  const parts = [
    `${full} ${full === 1 ? 'is' : 'are'} measured in full`,
    part > 0 ? `${part} in part` : '',
    none > 0 ? `${none} not at all` : '',
    empty > 0 ? `${empty} ${empty === 1 ? 'has' : 'have'} nothing in scope` : '',
  ];
  return `Of ${plural(all, 'standard')}, ${parts.filter(Boolean).join(', ')}.`;
}

function figure(label: string, standards: readonly ScanStandard[], meaning: string): Markup {
  if (standards.length === 0) {
    return html`<div class="figure"><p class="value">0</p><p class="label">${label}</p><p class="quiet">${meaning}</p></div>`;
  }
  return html`<details class="figure"><summary><span class="value">${standards.length}</span><span class="label">${label}</span><span class="quiet">${meaning}</span></summary>
<ul>${standards.map((standard) => html`<li><a href="#standard-${standard.id}">${standard.title}</a></li>`)}</ul></details>`;
}

function sourceRow(source: ScanSource): Markup {
  const { witness, problems } = source;
  const population = witness
    ? `witnessed: ${witness.id} counts ${count(witness.count)}`
    : 'population unconfirmed: nobody else says how many there are';
  return html`<li><p><strong>${source.id}</strong> <span class="state ${source.status}">${source.status}</span> <span class="quiet">${population}</span></p>
${
  problems.length > 0 &&
  html`<details><summary>${plural(problems.length, 'problem')}</summary><ul class="problems">${problems.slice(0, MOST).map(problemRow)}</ul>
${problems.length > MOST && html`<p class="quiet">${count(problems.length - MOST)} more are in the JSON format.</p>`}</details>`
}</li>`;
}

/** A page is for reading: beyond this many problems of one source, the machine-readable formats list them. */
const MOST = 200;

function problemRow(problem: Problem): Markup {
  return html`<li><p>${sentence(problem.message)} <span class="quiet">${problem.code}</span></p>
${problem.location && html`<p><code class="place">${place(problem.location)}</code></p>`}
${problem.remedy !== undefined && html`<p class="remedy">${sentence(problem.remedy)}</p>`}</li>`;
}

function blindSpot(spot: BlindSpot, index: number, report: Report): Markup {
  const title = (id: string) => report.scan.standards.find((standard) => standard.id === id)?.title ?? id;
  return html`<li><h4>${spot.what}</h4><p>${sentence(spot.why)}</p>
${spot.remedy !== null && html`<p class="remedy">${sentence(spot.remedy)}</p>`}
<p class="quiet">${spot.findings ? listLink({ blind: String(index + 1) }, plural(spot.assets, 'asset'), 'quiet') : spot.assets > 0 && plural(spot.assets, 'asset')}${spot.standards.length > 0 && html` unknown in ${joined(spot.standards, (id) => html`${listLink({ standard: id, verdict: 'unknown' }, title(id), 'quiet')}`)}`}</p></li>`;
}
