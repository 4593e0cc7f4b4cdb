/** The nouns of the server, ranked by daily use: where everything is, from everywhere. */
import { html, type Markup } from './markup.ts';
import { type PlaceName, place } from './places.ts';
import { type Icon, icon, logo } from './signs.ts';

export interface SectionLink {
  readonly href: string;
  readonly label: string;
  readonly sign: Icon;
  /** Below the line of the rail: what is needed now and then. */
  readonly seldom?: true;
  /** In the bar at the bottom of a phone; all others are under More. */
  readonly phone?: true;
  /** Only for whoever may read it: filled when the page is sent. */
  readonly for?: PlaceName;
  /** What the reader has to know of it without going there. */
  readonly note?: PlaceName;
}

export const PAGE_SECTIONS = {
  overview: { href: '/', label: 'Overview', sign: 'overview', phone: true },
  work: { href: '/work', label: 'My work', sign: 'work', phone: true, note: 'note-work' },
  reviews: { href: '/reviews', label: 'Reviews', sign: 'review', phone: true },
  standards: { href: '/standards', label: 'Standards', sign: 'standards', phone: true },
  assets: { href: '/assets', label: 'Assets', sign: 'assets' },
  owners: { href: '/owners', label: 'Owners', sign: 'owners' },
  exceptions: { href: '/exceptions', label: 'Exceptions', sign: 'exceptions' },
  sources: { href: '/sources', label: 'Sources', sign: 'sources', note: 'note-sources' },
  who: { href: '/who', label: 'Whom to call', sign: 'phone' },
  organisation: { href: '/organisation', label: 'Organisation', sign: 'organisation', seldom: true },
  campaigns: { href: '/campaigns', label: 'Campaigns', sign: 'campaigns', seldom: true },
  frameworks: { href: '/frameworks', label: 'Frameworks', sign: 'frameworks', seldom: true },
  audit: { href: '/audit', label: 'Audit log', sign: 'audit', seldom: true, for: 'rail-audit' },
  settings: { href: '/settings', label: 'Settings', sign: 'settings', seldom: true },
  api: { href: '/api', label: 'API', sign: 'api', seldom: true },
} as const satisfies Readonly<Record<string, SectionLink>>;
export type PageSection = keyof typeof PAGE_SECTIONS;

/** The log of decisions in the rail, which is there for some readers. `current`: whether the page belongs to it. */
export const auditLink = (current: boolean): Markup => {
  const { href, label, sign } = PAGE_SECTIONS.audit;
  return html`<li><a href="${href}"${current && html` aria-current="page"`}>${icon(sign)}${label}</a></li>`;
};

/** The list of nouns beside every page, at the bottom of a phone. `current`: the one that the page belongs to. */
export function rail(current: PageSection | null): Markup {
  const all = Object.entries(PAGE_SECTIONS as Readonly<Record<string, SectionLink>>);
  const link = ([id, { href, label, sign, phone, note, for: only }]: (typeof all)[number]) =>
    only !== undefined
      ? place(only)
      : html`<li${phone && html` class="phone"`}><a href="${href}"${id === current && html` aria-current="page"`}>${icon(sign)}${label}${note !== undefined && place(note)}</a></li>`;
  return html`<nav class="rail" id="menu" aria-label="Main"><div class="rail-in"><a class="brand" href="/">${logo}Macadam</a>
<p class="company">${place('company')}</p>
<ul>${all.filter(([, { seldom }]) => !seldom).map(link)}<li class="nav-more"><a href="#menu">${icon('more')}More</a></li></ul>
<ul>${all.filter(([, { seldom }]) => seldom).map(link)}<li class="nav-less"><a href="#content">${icon('down')}Close</a></li></ul></div></nav>`;
}
