/** Signs: small drawings that stand beside a word and say the same by their shape. */
import { html, type Markup, verbatim } from './markup.ts';

/** Lines of 16 × 16, drawn in the colour of the text. */
const ICONS = {
  overview: '<path d="M2 13.5h12M4 11V8.5M7 11V5M10 11V7M13 11V3"/>',
  work: '<path d="m2 4 1.3 1.3L5.5 3M2 11l1.3 1.3L5.5 10M8 4.3h6M8 11.3h6"/>',
  review: '<path d="M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v2.6M10.5 2v2.6M5.6 10l1.7 1.6 3-3"/>',
  standards: '<path d="M2 5.5h12v5H2zM4.5 5.5v2M7 5.5v3M9.5 5.5v2M12 5.5v3"/>',
  assets: '<path d="m8 2 5.5 3v6L8 14l-5.5-3V5zM2.5 5 8 8l5.5-3M8 8v6"/>',
  owners:
    '<circle cx="6" cy="5.5" r="2.5"/><path d="M1.5 13.5c.4-2.7 2.1-4 4.5-4s4.1 1.3 4.5 4M10.5 3.2a2.5 2.5 0 0 1 0 4.6M12 9.8c1.4.6 2.2 1.9 2.5 3.7"/>',
  exceptions: '<circle cx="8" cy="8" r="5.8"/><path d="M8 4.5V8l2.5 1.7"/>',
  sources: '<path d="M5 2.5v3.2M11 2.5v3.2M3.5 5.7h9v2.6a4.5 4.5 0 0 1-9 0zM8 12.8V15"/>',
  campaigns: '<path d="M3.5 14V2.5M3.5 3.2h8.8l-2 2.8 2 2.8H3.5"/>',
  frameworks: '<path d="M2.5 3H7v4.5H2.5zM9 3h4.5v4.5H9zM2.5 9.5H7V14H2.5zM9 11.7h4.5M11.2 9.5V14"/>',
  audit: '<path d="M4 2h6l2.5 2.5V14H4zM6 7h4.5M6 9.5h4.5M6 12h2.5"/>',
  settings:
    '<path d="M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7"/><circle cx="10.5" cy="4.5" r="1.5"/><circle cx="5.5" cy="11.5" r="1.5"/>',
  organisation: '<path d="M6 2.5h4V6H6zM2 10h4v3.5H2zM10 10h4v3.5h-4zM8 6v2M4 10V8h8v2"/>',
  api: '<path d="M5.5 4 2 8l3.5 4M10.5 4 14 8l-3.5 4M9 3 7 13"/>',
  search: '<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>',
  previous: '<path d="M10 3 5 8l5 5"/>',
  next: '<path d="m6 3 5 5-5 5"/>',
  down: '<path d="m4 6.5 4 4 4-4"/>',
  clock: '<circle cx="8" cy="8" r="5.8"/><path d="M8 4.5V8l2.5 1.7"/>',
  copy: '<path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3"/>',
  phone:
    '<path d="M4.2 2.5 6 5.5 4.8 7c.8 1.8 2.3 3.3 4.2 4.2l1.5-1.2 3 1.8c0 1-.8 1.9-1.8 1.9-5 0-9.3-4.3-9.3-9.4 0-1 .8-1.8 1.8-1.8z"/>',
  mail: '<path d="M2 4h12v8.5H2zM2 4.5l6 4.5 6-4.5"/>',
  chat: '<path d="M2.5 3h11v7.5H7L4 13.5v-3H2.5z"/>',
  more: '<circle cx="3.5" cy="8" r=".8"/><circle cx="8" cy="8" r=".8"/><circle cx="12.5" cy="8" r=".8"/>',
  again: '<path d="M13 8a5 5 0 1 1-1.5-3.6M13 2.5V5h-2.5"/>',
  lock: '<path d="M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5"/>',
} as const;
export type Icon = keyof typeof ICONS;

/** What a verdict, a standing or a change is. The style sheet draws each (`style/glyphs.ts`): a page has many, and writes only their names. */
export type Glyph =
  | 'pass'
  | 'fail'
  | 'unknown'
  | 'not-applicable'
  | 'met'
  | 'on-track'
  | 'off-track'
  | 'cannot-tell'
  | 'no-target'
  | 'fixed'
  | 'newly-failing'
  | 'became-unknown'
  | 'became-known'
  | 'added'
  | 'removed'
  | 'said-so';

/** Beside a word that says the same: it has no text, so nobody hears it. */
export const glyph = (name: Glyph): Markup => html`<i class="g g-${name}"></i>`;
/** Many in a row, of which words beside them say how many of each there are. */
export const dots = (names: readonly Glyph[]): Markup =>
  html`<span class="dots">${names.map((name) => html`<i class="g-${name}"></i>`)}</span>`;
/** Of the console alone: its style sheet draws it. */
export const icon = (name: Icon): Markup => html`<i class="icon i-${name}"></i>`;

/** All icons in one file, one below the other: the style sheet cuts each out of it, so that no page has to hold any. */
export const iconsFile = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 ${16 * Object.keys(ICONS).length}" fill="none" stroke="#000" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round">${Object.values(
  ICONS,
)
  .map((drawing, index) => `<g transform="translate(0 ${16 * index})">${drawing}</g>`)
  .join('')}</svg>`;

/** Rules that cut each icon out of that file, in the colour of the text beside it. `files`: addresses. */
export function iconStyle(files: { readonly icons: string; readonly logo: string }): string {
  const names = Object.keys(ICONS);
  const places = names.map(
    (name, index) => `.i-${name} { mask-position: 0 ${((index / (names.length - 1)) * 100).toFixed(3)}%; }`,
  );
  return `
.icon { display: block; flex: none; width: 16px; height: 16px; background: currentcolor; mask: url('${files.icons}') 0 0 / 100% ${names.length * 100}%; }
.logo { display: block; flex: none; width: 18px; height: 18px; background: var(--pass); mask: url('${files.logo}') 0 0 / contain; }
@media (forced-colors: active) { .icon, .logo { forced-color-adjust: none; background: CanvasText; } }
${places.join('\n')}
`;
}

/** What is unknown has one pattern, in bars and in signs. */
const HATCHING =
  '<pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground" width="5" height="5"/><path class="hatch-line" d="M.6 0v5"/></pattern><pattern id="hatch-s" width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground" width="3" height="3"/><path class="hatch-thin" d="M.5 0v3"/></pattern>';

/** What many lines have in common, by what tells that a document has one: the end of a history. */
const SHARED: Readonly<Record<string, string>> = {
  'class="spark"':
    '<marker id="k-end" viewBox="-3 -3 6 6" markerWidth="6" markerHeight="6" markerUnits="userSpaceOnUse"><circle class="k-dot" r="2"/></marker>',
};

/** The patterns that bars and charts are filled with, and the drawings that `body` refers to, for the document that it stands in. */
export function drawings(body: string): Markup {
  const shared = Object.entries(SHARED)
    .filter(([sign]) => body.includes(sign))
    .map(([, drawing]) => drawing)
    .join('');
  return html`<svg class="defs" aria-hidden="true" focusable="false">${verbatim(`${HATCHING}${shared}`)}</svg>`;
}

const STONES =
  '<path d="M1 13.5 5.5 11l3.8 2.3L13 11l4 2.5V17H1z"/><path d="m1 8.3 3-2 4.2 2.5 4-2.6L17 9v2.3l-4-2.4-3.7 2.4L5.5 9 1 11.5z" opacity=".7"/><path d="M1 3.5 6 1l4 2.6L14 1.5l3 1.7v3l-4.7-2.7-4.1 2.6L4 3.8 1 5.8z" opacity=".42"/>';
/** Drawn where it stands: of a report that is a file. */
export const LOGO: Markup = html`<svg viewBox="0 0 18 18" aria-hidden="true" fill="currentColor">${verbatim(STONES)}</svg>`;
/** Of the console, whose style sheet draws it. */
export const logo: Markup = html`<i class="logo"></i>`;
/** The same as a file, for the tab of a browser. */
export const iconFile = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 18 18" fill="#1a6b8a">${STONES}</svg>`;

/** A sign with its meaning, where no word beside it says that. */
export const sign = (name: Glyph, said: string): Markup =>
  html`${glyph(name)}<span class="hidden">${said} </span>`;
