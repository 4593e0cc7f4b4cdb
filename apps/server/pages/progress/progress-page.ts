/** The page that stands while the measuring goes on, under a policy as strict as the report's. */
import { visible } from '@macadam/adapters/report-formats/html/browser/visible';
import { html } from '@macadam/adapters/report-formats/html/markup';
import { document, type Page, policyFor } from '@macadam/adapters/report-formats/html/page';
import { GROUND } from '@macadam/adapters/report-formats/html/style/ground';
import { type Watched, watch } from './progress-script.ts';

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

const STYLE = `${GROUND}
main { padding-top: 12vh; max-width: 40rem; }
main .brand { color: var(--accent); font-weight: 650; }
progress { width: 100%; height: 0.75rem; margin: 1.5rem 0 0.5rem; accent-color: var(--accent); }
`;
const SCRIPT = `'use strict';\n(${watch})();\n`;

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
  const policy = policyFor({ style: STYLE, script: SCRIPT }, "'self'");
  const body = html`<main><p class="brand">Macadam</p><h1>Measuring <bdi>${measuring.title}</bdi></h1>
<progress aria-label="Measuring"></progress>
<p id="doing" class="quiet">${watched(measuring).doing}</p>
<noscript><p><a href="/">See whether the report is there.</a></p></noscript></main>`;
  const title = `Measuring ${measuring.title}`;
  return { text: document({ title, policy, style: STYLE, body, script: SCRIPT }), policy };
}
