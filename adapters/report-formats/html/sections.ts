/** The sections of the server: where everything is, from everywhere. */
import { html, type Markup } from './markup.ts';

export const PAGE_SECTIONS = {
  picture: { href: '/', label: 'Picture' },
  history: { href: '/history', label: 'History' },
  work: { href: '/work', label: 'Work' },
  exceptions: { href: '/exceptions', label: 'Exceptions' },
  reviews: { href: '/reviews', label: 'Reviews' },
  owners: { href: '/owners', label: 'Owners' },
  organisation: { href: '/organisation', label: 'Organisation' },
  faults: { href: '/faults', label: 'Blind spots' },
  who: { href: '/who', label: 'Whom to call' },
  api: { href: '/api', label: 'API' },
} as const;
export type PageSection = keyof typeof PAGE_SECTIONS;

export interface Navigation {
  /** The section that the page belongs to. */
  readonly current: PageSection | null;
  /** Who is logged in, where that is known. */
  readonly visitor: string | null;
}

export function navigation({ current, visitor }: Navigation): Markup {
  const links = Object.entries(PAGE_SECTIONS).map(
    ([id, { href, label }]) =>
      html`<li><a href="${href}"${id === current && html` aria-current="page"`}>${label}</a></li>`,
  );
  return html`<nav class="sections" aria-label="Sections"><ul>${links}</ul>${
    visitor !== null &&
    html`<form method="post" action="/logout" class="visitor"><p><bdi>${visitor}</bdi></p><button>Log out</button></form>`
  }</nav>`;
}
