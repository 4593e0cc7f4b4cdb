/** The style sheet of all our documents, put together once: the server sends it under an address of its own, a report carries it. */

import { iconStyle } from './signs.ts';
import { BASE } from './style/base.ts';
import { CHARTS } from './style/charts.ts';
import { ENGINEERS } from './style/engineers.ts';
import { FORMS } from './style/forms.ts';
import { GLYPHS } from './style/glyphs.ts';
import { LEADERS } from './style/leaders.ts';
import { NARROW } from './style/narrow.ts';
import { PARTS } from './style/parts.ts';
import { PEOPLE } from './style/people.ts';
import { PRINT } from './style/print.ts';
import { REPORT } from './style/report.ts';
import { SHELL } from './style/shell.ts';
import { TOKENS } from './style/tokens.ts';

/** Of a document that is a file, which has no rail, no overview and nobody's work. */
export const STYLE = [TOKENS, BASE, GLYPHS, SHELL, PARTS, CHARTS, FORMS, REPORT, NARROW, PRINT].join('');

/** Addresses of what the style sheet of the console asks for. */
export interface StyleFiles {
  readonly font: string;
  readonly icons: string;
  readonly logo: string;
}

/** Of the console: Inter is asked for beside it, and the system's font stands until it is there. */
export const consoleStyle = (files: StyleFiles): string =>
  [
    `@font-face { font-family: 'Inter'; src: url('${files.font}') format('woff2'); font-weight: 100 900; font-display: swap; unicode-range: U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+0304, U+0308, U+0329, U+2000-206F, U+20AC, U+2122, U+2191, U+2193, U+2212, U+2215, U+FEFF, U+FFFD; }`,
    TOKENS,
    BASE,
    iconStyle(files),
    GLYPHS,
    SHELL,
    PARTS,
    CHARTS,
    FORMS,
    REPORT,
    LEADERS,
    ENGINEERS,
    PEOPLE,
    NARROW,
    PRINT,
  ].join('');
