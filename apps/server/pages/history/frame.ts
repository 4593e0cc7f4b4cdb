/** What every served page stands in: where one is, as of when, and in plain words whether all of it is made up. */
import { CONSOLE_POLICY, consolePage, type ShownDate } from '@macadam/adapters/report-formats/html/console';
import { type Child, html, type Markup } from '@macadam/adapters/report-formats/html/markup';
import type { Page } from '@macadam/adapters/report-formats/html/page';
import type { PageSection } from '@macadam/adapters/report-formats/html/sections';
import { FONT, ICON, STYLE_SHEET } from '../files.ts';

/** Where in the server a page is; null: nowhere in particular. */
export interface Navigation {
  readonly current: PageSection | null;
}

export interface Frame {
  /** For the window: plain text. */
  readonly title: string;
  /** A sentence that answers the page's question. */
  readonly heading: Child;
  /** A line under the heading. */
  readonly when?: Child;
  readonly trail: readonly { readonly href: string; readonly label: Child }[];
  /** What is said of a company that is made up; null where it is real. */
  readonly simulated: string | null;
  /** Null where nobody has come in, and nowhere in particular where it is left out. */
  readonly sections?: Navigation | null;
  /** Left out: the page is of now. Null: of no time. */
  readonly date?: ShownDate | null;
  /** What can be done with all of the page, beside its heading. */
  readonly acts?: Child;
  readonly body: Markup;
  /** Addresses of scripts that improve what works without them. */
  readonly scripts?: readonly string[];
  /** Seconds after which whoever runs no script sees it anew; left out: it stays as it is. */
  readonly refresh?: number;
}

/** Above what was judged last, while the clock of the machine cannot be right. */
export function clockBanner(problem: string): Markup {
  return html`<aside class="banner" aria-label="Clock"><p><strong>The clock is wrong.</strong> ${problem}</p></aside>`;
}

const NOWHERE: Navigation = { current: null };

/** A page whose content has a heading of its own. */
export function bareFrame({
  title,
  simulated,
  body,
  date,
  sections = NOWHERE,
  scripts = [],
  refresh,
}: Omit<Frame, 'heading' | 'when' | 'trail' | 'acts'>): Page {
  const text = consolePage({
    title,
    simulated,
    section: sections,
    date,
    main: body,
    style: STYLE_SHEET.href,
    font: FONT.href,
    tabIcon: ICON.href,
    scripts,
    refresh,
  });
  return { text, policy: CONSOLE_POLICY };
}

export function framed({ heading, when, trail, acts, body, ...frame }: Frame): Page {
  const head = html`${trail.length > 0 && html`<nav aria-label="Where this is"><ol class="crumbs">${trail.map(({ href, label }) => html`<li><a href="${href}">${label}</a></li>`)}</ol></nav>`}
<div class="head"><div><h1>${heading}</h1>${when && html`<p class="lead">${when}</p>`}</div>${acts && html`<div class="acts">${acts}</div>`}</div>`;
  return bareFrame({ ...frame, body: html`${head}${body}` });
}
