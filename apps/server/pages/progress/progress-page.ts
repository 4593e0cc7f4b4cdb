/** The page that stands while the measuring goes on. */

import { count } from '@macadam/adapters/report-formats/figures';
import { bar } from '@macadam/adapters/report-formats/html/bar';
import { visible } from '@macadam/adapters/report-formats/html/browser/visible';
import { html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import type { Page } from '@macadam/adapters/report-formats/html/page';
import { loadingRows } from '@macadam/adapters/report-formats/html/parts/states';
import { glyph } from '@macadam/adapters/report-formats/html/signs';
import { plural } from '@macadam/adapters/report-formats/html/words';
import type { MeasuringProgress } from '../../jobs/measuring.ts';
import { PROGRESS_SCRIPT } from '../files.ts';
import { framed } from '../history/frame.ts';
import type { Watched } from './progress-script.ts';

/** How far the measuring is. */
export interface Measuring extends MeasuringProgress {
  readonly title: string;
  /** Why it could not be measured, where it is tried again. */
  readonly problem?: string;
}

/** What was read is judged while it is written down. */
function stageOf({ source, total }: Pick<Measuring, 'source' | 'total'>): number {
  if (source === 'history') return 2;
  return total === undefined ? 0 : 1;
}

export function watched(measuring: Measuring): Watched {
  const { done, total = null } = measuring;
  return { ready: false, doing: doingSaid(measuring), done, total, stage: stageOf(measuring) };
}

function doingSaid({ source, name, done, total, problem }: Measuring): string {
  if (problem !== undefined) return `it could not be measured, and is tried again: ${visible(problem)}`;
  const counted = total === undefined ? '' : `${count(done)} of ${count(total)} · `;
  return source === ''
    ? 'starting'
    : `${source}: ${counted}${visible(name).replace(/^collecting$/, 'reading')}`;
}

/** What a first run does, in order. */
const STAGES = ['Find what there is', 'Read it', 'Judge it by every standard', 'Say whose it is'] as const;

/** Rows of what will be known; each is hatched until it is. */
const ROWS = 16;
/** For whoever runs no script. */
const REFRESH_SECONDS = 4;

/** `standards`: their labels, where the catalogue is loaded. */
export function waitingPage(measuring: Measuring, standards: readonly string[]): Page {
  return framed({
    title: `Measuring ${measuring.title}`,
    heading: html`Measuring <bdi>${measuring.title}</bdi>`,
    when: 'Nothing has to be pressed: the overview stands here as soon as everything was read once.',
    trail: [],
    simulated: null,
    sections: { current: 'overview' },
    scripts: [PROGRESS_SCRIPT.href],
    refresh: REFRESH_SECONDS,
    body: html`<div class="cols running">${howFar(measuring)}<section aria-labelledby="so-far"><h2 id="so-far">What it shows so far<span class="sub">worst first, hatched until known</span></h2>${shownSoFar(measuring, standards)}</section></div>`,
  });
}

function howFar(measuring: Measuring): Markup {
  const { problem, done, total } = measuring;
  const stage = stageOf(measuring);
  const counting = total !== undefined && total > 0;
  const amount = (index: number): Markup | false =>
    counting &&
    index <= stage &&
    index < 2 &&
    html`<span class="num">${index === 0 ? count(total) : index < stage ? count(total) : `${count(done)} of ${count(total)}`}</span>`;
  const stages = STAGES.map(
    (name, index) =>
      html`<li class="${index < stage ? 'done' : index === stage ? 'is' : ''}">${index < stage ? glyph('pass') : glyph('no-target')}<span>${name}</span>${amount(index)}</li>`,
  );
  return html`<section aria-labelledby="how-far"><h2 id="how-far">How far it is</h2>${counting && html`<p class="fig">${count(done)}<small>of ${count(total)} read, ${count(Math.max(0, total - done))} left</small></p>`}<progress aria-label="Measuring"${counting && html` max="${total}" value="${done}"`}></progress>
<p id="doing" class="ink-2" role="status">${doingSaid(measuring)}</p><ol class="stages">${stages}</ol>
<p class="note${problem !== undefined && ' bad'}">${problem !== undefined ? 'It is tried again by itself; what was measured before still holds.' : 'You may close this page; it goes on. What is not read yet is unknown, never a pass.'}</p></section>`;
}

/** What fails most comes first; what nothing was read of yet comes last. */
function shownSoFar({ soFar = [] }: Measuring, standards: readonly string[]): Markup {
  const known = soFar.filter(({ pass, fail, unknown }) => pass + fail + unknown > 0);
  const labels = new Set(known.map(({ label }) => label));
  const all = soFar.length > 0 ? soFar.map(({ label }) => label) : standards;
  const waiting = all.filter((label) => !labels.has(label));
  if (known.length + waiting.length === 0) return loadingRows(ROWS / 2);
  const rows = known
    .toSorted((a, b) => b.fail - a.fail || b.unknown - a.unknown || (a.label < b.label ? -1 : 1))
    .map(
      ({ label, pass, fail, unknown }) =>
        html`<tr><th scope="row"><span class="name">${glyph(fail > 0 ? 'fail' : unknown > 0 ? 'unknown' : 'pass')}${label}</span></th><td>${bar({ scope: pass + fail + unknown, pass, fail, unknown })}</td><td class="num">${count(pass)}</td><td class="num${fail > 0 && ' strong'}">${count(fail)}</td><td class="num">${count(unknown)}</td><td class="ink-3">of ${count(pass + fail + unknown)} so far</td></tr>`,
    );
  const hatched = waiting
    .slice(0, Math.max(0, ROWS - known.length))
    .map(
      (label) =>
        html`<tr><th scope="row"><span class="name">${glyph('unknown')}${label}</span></th><td>${UNKNOWN_BAR}</td><td></td><td></td><td></td><td class="ink-3">not known yet</td></tr>`,
    );
  const more = waiting.length - hatched.length;
  return html`<table class="grid sofar"><caption class="hidden">Standards</caption><colgroup><col><col class="w-bar"><col class="w-n4"><col class="w-n4"><col class="w-n4"><col class="w-so"></colgroup><thead><tr><th scope="col">Standard</th><th scope="col"><span class="hidden">Share</span></th><th scope="col" class="num">Pass</th><th scope="col" class="num">Fail</th><th scope="col" class="num">Unknown</th><th scope="col"><span class="hidden">Of how many</span></th></tr></thead><tbody>${rows}${hatched}</tbody></table>${more > 0 && html`<p class="after">and ${plural(more, 'more standard')} not known yet</p>`}`;
}

const UNKNOWN_BAR = bar({ scope: 1, pass: 0, unknown: 1, fail: 0 });
