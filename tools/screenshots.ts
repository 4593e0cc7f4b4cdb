/**
 * The pictures of the documentation: the first page of the report, light and dark, and the terminal's table.
 *
 *     npm run screenshots [-- --estate DIR] [--title NAME] [--out DIR] [--console LINK]
 *
 * Without an estate they show a made-up one. With the link that a running server prints also each screen of its console, in
 * light, dark and on a phone, into `console/`: of a company that is made up (`npm start -- --simulate small`).
 */
import { mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { html, textOf, verbatim } from '@macadam/adapters/report-formats/html/markup';
import { page as rendered } from '@macadam/adapters/report-formats/html/page';
import type { Report } from '@macadam/adapters/report-formats/port';
import { format as table } from '@macadam/adapters/report-formats/table/format';
import { measure } from '@macadam/services/measure/measure';
import { estate as madeUp } from '@macadam/testing/report-formats/estate';
import { chromium } from 'playwright-core';
import { folderRequest } from '../apps/server/folder.ts';
import { terminalMarkup } from './ansi.ts';
import { findBrowser } from './browser.ts';

/** A picture is loaded by everybody who opens the README. */
const LARGEST = 400_000;
const COLUMNS = 100;
/** Of the table what a terminal shows first; the whole would be a long picture. */
const LINES = 56;

const TERMINAL = `
body { margin: 0; background: #fff; }
pre { margin: 0; display: inline-block; padding: 28px 32px; background: #16181b; color: #e6e4df; font: 14px/1.45 'DejaVu Sans Mono', Menlo, Consolas, monospace; }
.bold { font-weight: 700; } .dim { color: #9aa0a8; } .italic { font-style: italic; } .underline { text-decoration: underline; }
.red { color: #ff8f75; } .green { color: #7fd19b; } .yellow { color: #e9c46a; } .blue { color: #8ab4f8; } .magenta { color: #d6a2e8; } .cyan { color: #6cc5cd; }
`;

async function reportOf(folder: string | undefined, title: string | undefined): Promise<Report> {
  if (folder === undefined)
    return { ...madeUp({ repositories: 140 }), ...(title !== undefined && { title }) };
  const request = await folderRequest({
    path: folder,
    title: title ?? basename(resolve(folder)),
    cache: join(tmpdir(), 'macadam-screenshots'),
  });
  const measured = await measure({ ...request, progress: () => undefined });
  if ('mistakes' in measured) throw new Error(measured.mistakes.map(({ reason }) => reason).join('\n'));
  return measured.report;
}

const { values } = parseArgs({
  options: {
    estate: { type: 'string' },
    title: { type: 'string' },
    out: { type: 'string', default: join(import.meta.dirname, '..', 'docs') },
    console: { type: 'string' },
  },
});
const executablePath = findBrowser();
if (executablePath === null) throw new Error('no Chromium here; install it, or set CHROMIUM to its path');
const report = await reportOf(values.estate, values.title);
mkdirSync(values.out, { recursive: true });
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run'],
});

async function picture(
  name: string,
  content: string,
  colorScheme: 'light' | 'dark',
  element?: string,
): Promise<void> {
  const path = join(values.out, name);
  const page = await browser.newPage({
    viewport: { width: 1440, height: 900 },
    deviceScaleFactor: element === undefined ? 2 : 1,
    colorScheme,
  });
  await page.setContent(content);
  if (element === undefined) await page.screenshot({ path });
  else await page.locator(element).screenshot({ path });
  await page.close();
  sayWritten(path);
}

/** What is shown of a console: name of the picture → address. */
const SCREENS = {
  overview: '/',
  divisions: '/?by=division',
  standards: '/standards',
  standard: '/standards/phishing-resistant-credentials',
} as const;
const LOOKS = [
  { suffix: '', width: 1440, theme: 'light' },
  { suffix: '-dark', width: 1440, theme: 'dark' },
  { suffix: '-phone', width: 390, theme: 'light' },
] as const;

async function consolePictures(link: string): Promise<void> {
  const folder = join(values.out, 'console');
  mkdirSync(folder, { recursive: true });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(link);
  await page.waitForURL((url) => url.pathname === '/');
  for (const { suffix, width, theme } of LOOKS) {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 900 });
    for (const [name, address] of Object.entries(SCREENS)) {
      await page.goto(new URL(address, link).href);
      const path = join(folder, `${name}${suffix}.png`);
      await page.screenshot({ path });
      sayWritten(path);
    }
  }
  await context.close();
}

function sayWritten(path: string): void {
  const { size } = statSync(path);
  if (size > LARGEST) throw new Error(`${path} has ${size} bytes, at most ${LARGEST}: show less`);
  process.stdout.write(`${pathToFileURL(path).href} ${Math.round(size / 1000)} kB\n`);
}

try {
  if (values.console !== undefined) await consolePictures(values.console);
  const { text } = rendered(report);
  await picture('report.png', text, 'light');
  await picture('report-dark.png', text, 'dark');
  const output = await table.render(report, { color: true, width: COLUMNS });
  const shown = output.split('\n').slice(0, LINES).join('\n');
  const terminal = html`<!doctype html><html lang="en"><style>${verbatim(TERMINAL)}</style><pre>${terminalMarkup(`$ macadam scan\n${shown}`)}</pre></html>`;
  await picture('table.png', textOf(terminal), 'light', 'pre');
} finally {
  await browser.close();
}
