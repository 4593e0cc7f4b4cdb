/** The page that stands while the measuring goes on. */
import { visible } from '@macadam/adapters/report-formats/html/browser/visible';
import { html } from '@macadam/adapters/report-formats/html/markup';
import type { Page } from '@macadam/adapters/report-formats/html/page';
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

export function watched({ source, name, done, total, problem }: Measuring): Watched {
  if (problem !== undefined) {
    const doing = `it could not be measured, and is tried again: ${visible(problem)}`;
    return { ready: false, doing, done: 0, total: null };
  }
  const counted = total === undefined ? '' : `${done} of ${total} · `;
  const doing = source === '' ? 'starting' : `${source}: ${counted}${visible(name)}`;
  return { ready: false, doing, done, total: total ?? null };
}

export function waitingPage(measuring: Measuring): Page {
  return framed({
    title: `Measuring ${measuring.title}`,
    heading: html`Measuring <bdi>${measuring.title}</bdi>`,
    when: 'The page fills by itself when the first results are there.',
    trail: [],
    simulated: null,
    sections: { current: 'overview' },
    scripts: [PROGRESS_SCRIPT.href],
    body: html`<section aria-labelledby="how-far"><h2 id="how-far">How far it is</h2><progress aria-label="Measuring"></progress>
<p id="doing" class="quiet">${watched(measuring).doing}</p>
<noscript><p><a href="/">See whether the report is there.</a></p></noscript></section>`,
  });
}
