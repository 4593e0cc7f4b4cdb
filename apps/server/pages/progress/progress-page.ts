/** The page that stands while the measuring goes on. */

import { bar } from '@macadam/adapters/report-formats/html/bar';
import { visible } from '@macadam/adapters/report-formats/html/browser/visible';
import { html } from '@macadam/adapters/report-formats/html/markup';
import type { Page } from '@macadam/adapters/report-formats/html/page';
import { loadingRows } from '@macadam/adapters/report-formats/html/parts/states';
import { glyph } from '@macadam/adapters/report-formats/html/signs';
import { PROGRESS_SCRIPT } from '../files.ts';
import { framed } from '../history/frame.ts';
import type { Watched } from './progress-script.ts';

/** How far the measuring is. */
export interface Measuring {
  readonly title: string;
  readonly source: string;
  readonly name: string;
  readonly done: number;
  /** Unknown until the source has listed what there is. */
  readonly total?: number;
  /** Why it could not be measured, where it is tried again. */
  readonly problem?: string;
}

/** What was read is judged while it is written down. */
function stageOf({ source, total }: { readonly source: string; readonly total: number | undefined }): number {
  if (source === 'history') return 2;
  return total === undefined ? 0 : 1;
}

export function watched({ source, name, done, total, problem }: Measuring): Watched {
  if (problem !== undefined) {
    const doing = `it could not be measured, and is tried again: ${visible(problem)}`;
    return { ready: false, doing, done: 0, total: null, stage: 0 };
  }
  const counted = total === undefined ? '' : `${done} of ${total} · `;
  const doing = source === '' ? 'starting' : `${source}: ${counted}${visible(name)}`;
  return { ready: false, doing, done, total: total ?? null, stage: stageOf({ source, total }) };
}

/** What a first run does, in order. */
const STAGES = ['Find what there is', 'Read it', 'Judge it by every standard', 'Say whose it is'] as const;

/** Rows of what will be known; each is hatched until it is. */
const ROWS = 12;

/** `standards`: their labels, where the catalogue is loaded. */
export function waitingPage(measuring: Measuring, standards: readonly string[] = []): Page {
  const { problem } = measuring;
  const { stage } = watched(measuring);
  const stages = STAGES.map(
    (name, index) =>
      html`<li class="${index < stage ? 'done' : index === stage ? 'is' : ''}">${index < stage ? glyph('pass') : glyph('no-target')}<span>${name}</span></li>`,
  );
  const hatched = standards
    .slice(0, ROWS)
    .map(
      (label) =>
        html`<tr><th scope="row"><span class="name">${glyph('unknown')}${label}</span></th><td>${UNKNOWN_BAR}</td><td class="ink-3">not known yet</td></tr>`,
    );
  return framed({
    title: `Measuring ${measuring.title}`,
    heading: html`Measuring <bdi>${measuring.title}</bdi>`,
    when: 'Nothing has to be pressed: the overview stands here as soon as the first results are there.',
    trail: [],
    simulated: null,
    sections: { current: 'overview' },
    scripts: [PROGRESS_SCRIPT.href],
    body: html`<div class="cols running"><section aria-labelledby="how-far"><h2 id="how-far">How far it is</h2><progress aria-label="Measuring"></progress>
<p id="doing" class="ink-2" role="status">${watched(measuring).doing}</p><ol class="stages">${stages}</ol>
${problem !== undefined && html`<p class="note bad">It is tried again by itself; what was measured before still holds.</p>`}
<noscript><p><a href="/">See whether the overview is there.</a></p></noscript></section>
<section aria-labelledby="so-far"><h2 id="so-far">What it shows so far<span class="sub">hatched until known</span></h2>${
      hatched.length > 0
        ? html`<table class="grid sofar"><caption class="hidden">Standards</caption><tbody>${hatched}</tbody></table>${standards.length > ROWS && html`<p class="after">and ${standards.length - ROWS} more standards</p>`}`
        : loadingRows(ROWS / 2)
    }</section></div>`,
  });
}

const UNKNOWN_BAR = bar({ scope: 1, pass: 0, unknown: 1, fail: 0 });
