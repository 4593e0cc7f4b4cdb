/**
 * A page of the console: rail, top bar and content. Style, font and scripts come from the server under addresses of their own, so
 * the policy allows no inline code at all.
 */
import { dayAndMonth, dayNear, threeLetters } from './dates.ts';
import { html, type Markup, textOf } from './markup.ts';
import { place, ROOT } from './places.ts';
import { type PageSection, rail } from './sections.ts';
import { drawings, icon, logo } from './signs.ts';

/** Of every page of the server. A header alone can say who may frame it. */
export const CONSOLE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types macadam',
].join('; ');

/** As of when a page is. */
export interface ShownDate {
  readonly at: Date;
  /** Which past, and null for the present. */
  readonly past: 'as published' | 'late data included' | null;
  /** Addresses of the same page one step earlier and later. */
  readonly earlier: string | null;
  readonly later: string | null;
  /** To choose from, newest first. */
  readonly others: readonly { readonly at: Date; readonly href: string }[];
  /** Of the page itself, for a day that is typed. */
  readonly path: string;
}

export interface ConsolePage {
  /** For the window: plain text. */
  readonly title: string;
  /** Null: nobody is logged in, so there is nowhere to go. */
  readonly section: { readonly current: PageSection | null } | null;
  /** Left out: the page is of the moment in which it is asked for. Null: of no time, as what says what went wrong. */
  readonly date?: ShownDate | null | undefined;
  readonly simulated: string | null;
  /** What stands in `main`. */
  readonly main: Markup;
  /** Addresses. */
  readonly style: string;
  readonly font: string;
  readonly tabIcon: string;
  /** Those that end in `.mjs` are modules. */
  readonly scripts: readonly string[];
  /** Seconds after which whoever runs no script sees it anew. */
  readonly refresh?: number | undefined;
}

export function consolePage(page: ConsolePage): string {
  const { title, section, simulated, date, main, style, font, tabIcon, scripts, refresh } = page;
  const madeUp = simulated !== null;
  const body = textOf(html`<div class="shell${section === null && ' bare'}${madeUp && ' made-up'}">
${section !== null && rail(section.current)}${top(page)}
<main class="main" id="content" tabindex="-1"><p class="only-print print-head"><b>Macadam</b><span>${place('company')}</span><span>${date === undefined ? place('now') : date !== null && longMoment(date.at)}</span>${madeUp && html`<span class="sim">Simulated</span>`}</p>${madeUp && place('demo')}
${main}</main></div>`);
  const head = html`<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
<title>${madeUp && 'Simulated: '}${title}</title><link rel="preload" href="${font}" as="font" type="font/woff2" crossorigin><link rel="icon" href="${tabIcon}" type="image/svg+xml"><link rel="stylesheet" href="${style}">${scripts.map((src) => html`<script src="${src}"${src.endsWith('.mjs') ? html` type="module"` : html` defer`}></script>`)}${refresh !== undefined && html`<noscript><meta http-equiv="refresh" content="${refresh}"></noscript>`}${place('keys')}</head>`;
  return `<!doctype html>\n${ROOT}${textOf(head)}\n<body><a class="skip" href="#content">Skip to the content</a>${textOf(drawings(body))}${body}</body></html>\n`;
}

function top({ section, simulated, date }: ConsolePage): Markup {
  return html`<header class="top">${
    section === null
      ? html`<span class="brand">${logo}Macadam</span>`
      : html`<form class="search" role="search" action="/who">${icon('search')}<input name="text" type="search" placeholder="Asset, owner, or whom to call" aria-label="Search"><kbd>/</kbd></form>`
  }
${section !== null && date !== null && (date === undefined ? html`<div class="when" role="group" aria-label="Date shown"><span>${icon('clock')}${place('now')}<span class="now">now</span></span></div>` : dateControl(date))}
${simulated !== null && html`<span class="sim">Simulated<span class="hidden">. ${simulated}</span></span>`}${place('reader')}</header>`;
}

const long = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
});

const weekdays = new Intl.DateTimeFormat('en-GB', { weekday: 'short', timeZone: 'UTC' });
const weekday = (at: Date): string => weekdays.format(at);

const longMoment = (at: Date): string => `${threeLetters(long.format(at)).replace(/^(\w+), /, '$1 ')} UTC`;

/** `Mon 30 Nov 2026, 07:00 UTC`, and `30 Nov` where there is little room. */
export function shownMoment(at: Date): Markup {
  return html`<time datetime="${at.toISOString()}"><span class="d-long">${longMoment(at)}</span><span class="d-short">${dayAndMonth(at)}</span></time>`;
}

function dateControl({ at, past, earlier, later, others, path }: ShownDate): Markup {
  const step = (href: string | null, sign: 'previous' | 'next', label: string) =>
    href === null
      ? html`<span class="off" aria-hidden="true">${icon(sign)}</span>`
      : html`<a href="${href}" aria-label="${label}">${icon(sign)}</a>`;
  return html`<div class="when${past !== null && ' past'}" role="group" aria-label="Date shown">${step(earlier, 'previous', 'Earlier')}
<details class="pop"><summary>${icon(past === null ? 'clock' : 'lock')}${shownMoment(at)}<span class="now">${past ?? 'now'}</span></summary><div class="menu"><p>Every figure on this page is of this date. Times are UTC.</p>
<a href="${path}">Now</a>${others.map(({ at: other, href }) => html`<a href="${href}">${weekday(other)} ${dayNear(other.toISOString().slice(0, 10), at.toISOString())}, ${other.toISOString().slice(11, 16)}</a>`)}
<form action="${path}"><label>Another day<input type="date" name="at" required></label><button>Show</button></form></div></details>${step(later, 'next', 'Later')}</div>`;
}

/** Themes, and what they are called. */
export const THEMES = {
  auto: 'As the system',
  light: 'Light',
  dark: 'Dark',
  contrast: 'High contrast',
} as const;

/** Somebody whom one may be in a company that is made up. */
export interface RoleToTry {
  readonly role: string;
  readonly does: string;
}

/** `Owner of standards` as a part of an address. */
export const roleSlug = (role: string): string => role.toLowerCase().replaceAll(' ', '-');

const roleButtons = (roles: readonly RoleToTry[]): Markup =>
  html`<form method="post" class="try-as">${roles.map(({ role, does }) => html`<button formaction="/as/${roleSlug(role)}" title="${does}">${role}</button>`)}</form>`;

/** Above the first page of a company that is made up: who reads it, and who else one may be. */
export const demoLine = (name: string, roles: readonly RoleToTry[]): Markup =>
  html`<div class="demo-line"><p>You see this company as <bdi>${name}</bdi>. See it as</p>${roleButtons(roles)}</div>`;

/** Who reads, and what they may set: `address` is where they come back to. */
export function readerMenu({
  name,
  says,
  address,
  keys,
  others = [],
}: {
  readonly name: string;
  /** Their roles, in words. */
  readonly says: string;
  readonly address: string;
  /** Whether single keys do anything. */
  readonly keys: boolean;
  /** Whom they may be instead, in a company that is made up. */
  readonly others?: readonly RoleToTry[];
}): Markup {
  const initials = name
    .split(/\s+/)
    .map((part) => [...part][0] ?? '')
    .filter((_, index, all) => index === 0 || index === all.length - 1)
    .join('')
    .toUpperCase();
  const choices = Object.entries(THEMES).map(
    ([theme, label]) => html`<button name="theme" value="${theme}">${label}</button>`,
  );
  return html`<details class="pop me-pop"><summary><span class="me" aria-hidden="true">${initials}</span><span class="hidden">${name}: settings</span></summary><div class="menu"><p><bdi>${name}</bdi>${says !== '' && html`, ${says}`}</p>
${others.length > 0 && html`<p>Be somebody else:</p>${roleButtons(others)}`}
<form method="post" action="/theme" class="themes"><input type="hidden" name="to" value="${address}">${choices}</form>
<form method="post" action="/keys"><input type="hidden" name="to" value="${address}"><p>${keys ? html`<kbd>?</kbd> shows all keys.` : 'Single keys do nothing.'}</p><button name="keys" value="${keys ? 'off' : 'on'}">${keys ? 'Turn keys off' : 'Turn keys on'}</button></form>
<form method="post" action="/logout"><button>Log out</button></form></div></details>`;
}
