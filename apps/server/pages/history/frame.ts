/** What every served page stands in: where one is, and in plain words whether all of it is made up. */
import { hatching } from '@macadam/adapters/report-formats/html/bar';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import { document, type Page, policyFor } from '@macadam/adapters/report-formats/html/page';
import { type Navigation, navigation } from '@macadam/adapters/report-formats/html/sections';
import { CONDITIONS } from '@macadam/adapters/report-formats/html/style/conditions';
import { FORMS } from '@macadam/adapters/report-formats/html/style/forms';
import { GROUND } from '@macadam/adapters/report-formats/html/style/ground';
import { PAST } from '@macadam/adapters/report-formats/html/style/past';
import { SECTIONS } from '@macadam/adapters/report-formats/html/style/sections';

export interface Frame {
  readonly title: string;
  readonly heading: Child;
  /** A line under the heading. */
  readonly when: Child;
  readonly trail: readonly { readonly href: string; readonly label: string }[];
  /** What is said of a company that is made up; null where it is real. */
  readonly simulated: string | null;
  /** Where in the server it is; null where nobody has come in, and nowhere in particular where it is left out. */
  readonly sections?: Navigation | null;
  readonly body: Markup;
}

const STYLE = [GROUND, SECTIONS, PAST, FORMS, CONDITIONS].join('');

/** Above what was judged last, while the clock of the machine cannot be right. */
export function clockBanner(problem: string): Markup {
  return html`<aside class="banner" aria-label="Clock"><p><strong>The clock is wrong.</strong> ${problem}</p></aside>`;
}

export function banner(simulated: string | null): Markup | null {
  return simulated === null
    ? null
    : html`<aside class="banner" aria-label="Simulated"><p><strong>Simulated.</strong> ${simulated}</p></aside>`;
}

const NOWHERE: Navigation = { current: null, visitor: null };

/** A page without a script; its forms ask this server alone. */
export function framed({ title, heading, when, trail, simulated, body, sections = NOWHERE }: Frame): Page {
  const policy = policyFor({ style: STYLE, script: '' }, "'none'", "'self'");
  const whole = html`${hatching}<a class="skip" href="#content">Skip to the content</a>
<header><p class="brand">Macadam</p>${sections && navigation(sections)}
${trail.length > 0 && html`<nav class="trail" aria-label="Where this is"><ol>${trail.map(({ href, label }) => html`<li><a href="${href}">${label}</a></li>`)}</ol></nav>`}
<h1>${heading}</h1><p class="when">${when}</p></header>
${banner(simulated)}
<main id="content">${body}</main>
<footer><p>From what this server keeps. This page loads nothing else; what is typed into it goes to this server alone.</p></footer>`;
  const named = simulated === null ? title : `Simulated: ${title}`;
  return { text: document({ title: named, policy, style: STYLE, body: whole, script: '' }), policy };
}
