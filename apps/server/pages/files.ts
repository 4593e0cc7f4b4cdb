/** What pages are made of besides their markup: each file at an address that changes with its bytes, so that a browser keeps it for good. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SCRIPT } from '@macadam/adapters/report-formats/html/script';
import { iconFile, iconsFile } from '@macadam/adapters/report-formats/html/signs';
import { consoleStyle } from '@macadam/adapters/report-formats/html/style';
import { BrowserModules } from './browser-modules.ts';
import { expressionEditors } from './definition/editor-script.ts';
import { tryDraft } from './definition/try-script.ts';
import { keys } from './keys-script.ts';
import { live } from './live-script.ts';
import { palette } from './palette-script.ts';
import { watch } from './progress/progress-script.ts';

export interface PageFile {
  readonly href: string;
  readonly type: string;
  readonly bytes: Buffer;
}

const TYPES = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
} as const;

function made(name: string, extension: keyof typeof TYPES, bytes: Buffer): PageFile {
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  return { href: `/static/${name}-${digest}.${extension}`, type: TYPES[extension], bytes };
}

export const ICON: PageFile = made('macadam', 'svg', Buffer.from(iconFile));
const INTER = '@fontsource-variable/inter/files/inter-latin-opsz-normal.woff2';

export const FONT: PageFile = made('inter', 'woff2', readFileSync(fileURLToPath(import.meta.resolve(INTER))));
const ICONS: PageFile = made('icons', 'svg', Buffer.from(iconsFile));
export const STYLE_SHEET: PageFile = made(
  'console',
  'css',
  Buffer.from(consoleStyle({ font: FONT.href, icons: ICONS.href, logo: ICON.href })),
);
export const REPORT_SCRIPT: PageFile = made('report', 'js', Buffer.from(SCRIPT));
export const PROGRESS_SCRIPT: PageFile = made(
  'progress',
  'js',
  Buffer.from(`'use strict';\n(${watch})();\n`),
);

export const KEYS_SCRIPT: PageFile = made(
  'keys',
  'js',
  Buffer.from(`'use strict';\n(${keys})();\n(${palette})();\n`),
);

export const LIVE_SCRIPT: PageFile = made('live', 'js', Buffer.from(`'use strict';\n(${live})();\n`));

export const TRY_SCRIPT: PageFile = made('try', 'js', Buffer.from(`'use strict';\n(${tryDraft})();\n`));

/** What the editor of expressions is made of, and the module that starts it. */
const EDITOR_PACKAGES = {
  autocomplete: '@codemirror/autocomplete',
  commands: '@codemirror/commands',
  highlight: '@lezer/highlight',
  language: '@codemirror/language',
  state: '@codemirror/state',
  view: '@codemirror/view',
} as const;
const editorModules = new BrowserModules((name, text) => made(name, 'mjs', Buffer.from(text)));

export const EDITOR_SCRIPT: PageFile = made(
  'editor',
  'mjs',
  Buffer.from(
    editorModules.linked(
      `${Object.entries(EDITOR_PACKAGES)
        .map(([name, of]) => `import * as ${name} from '${of}';\n`)
        .join('')}(${expressionEditors})({ ${Object.keys(EDITOR_PACKAGES).join(', ')} });\n`,
    ),
  ),
);

export const PAGE_FILES: ReadonlyMap<string, PageFile> = new Map(
  [
    FONT,
    ICON,
    ICONS,
    KEYS_SCRIPT,
    LIVE_SCRIPT,
    TRY_SCRIPT,
    EDITOR_SCRIPT,
    ...editorModules.files,
    STYLE_SHEET,
    REPORT_SCRIPT,
    PROGRESS_SCRIPT,
  ].map((file) => [file.href, file]),
);
