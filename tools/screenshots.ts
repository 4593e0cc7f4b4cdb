/**
 * The pictures of the documentation: the first page of the report, light and dark, and the terminal's table.
 *
 *     npm run screenshots [-- --estate DIR] [--title NAME] [--out DIR] [--console LINK [--only SCREEN]]
 *
 * Without an estate they show a made-up one. With the link that a running server prints also each screen of its console, in
 * light, dark and on a phone, into `console/` (`--only` names one of them, and may be given again): of a company that is made up (`npm start -- --simulate small`),
 * in which a review is frozen where none is. A first run is over too soon for a picture: it is shown as a server shows it half way.
 */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { html, textOf, verbatim } from '@macadam/adapters/report-formats/html/markup';
import { page as rendered } from '@macadam/adapters/report-formats/html/page';
import type { Report } from '@macadam/adapters/report-formats/port';
import { format as table } from '@macadam/adapters/report-formats/table/format';
import { labelOf } from '@macadam/core/verdicts/standard';
import { measure } from '@macadam/services/measure/measure';
import { estate as madeUp } from '@macadam/testing/report-formats/estate';
import { folderRequest } from '@macadam/testing/server/folder-request';
import { sampleServer } from '@macadam/testing/server/sample-server';
import { chromium, type Page } from 'playwright-core';
import type { Measuring } from '../apps/server/pages/progress/progress-page.ts';
import { simulatedCatalogue } from '../apps/server/simulated.ts';
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
    only: { type: 'string', multiple: true, default: [] },
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

interface Screen {
  readonly address: string;
  /** The links by which one comes from that page to the screen, one after the other, where its address is not known before. */
  readonly follow?: readonly string[];
  /** Whose page it is, of those whom one may be in a company that is made up. */
  readonly as?: string;
}

const STANDARD = '/standards/phishing-resistant-credentials';
/** What is shown of a console, by the name of the picture; those of somebody else come last. */
const SCREENS: Readonly<Record<string, Screen>> = {
  overview: { address: '/' },
  divisions: { address: '/?by=division#list' },
  standards: { address: '/standards' },
  standard: { address: STANDARD },
  definition: { address: `${STANDARD}/definition` },
  changes: { address: '/changes' },
  work: { address: '/work?mine=no&team=business-000' },
  'work-item': { address: '/work?by=standard&mine=no', follow: ['table.items tbody th a'] },
  assets: { address: '/assets' },
  asset: { address: `${STANDARD}/assets?state=fail`, follow: ['table.past tbody th a'] },
  owners: { address: '/owners' },
  team: { address: '/owners/business-000' },
  exceptions: { address: '/exceptions' },
  exception: { address: '/exceptions', follow: ['table.force tbody th a'] },
  handovers: { address: '/handovers' },
  sources: { address: '/sources' },
  source: { address: '/sources', follow: ['table.feeds tbody th a'] },
  reviews: { address: '/reviews' },
  review: { address: '/reviews', follow: ['table.frozen tbody th a'] },
  frameworks: { address: '/frameworks' },
  who: {
    address: `${STANDARD}/assets?state=fail`,
    follow: ['table.past tbody th a', 'main a[href^="/who?text="]'],
  },
  organisation: { address: '/organisation' },
  settings: { address: '/settings' },
  api: { address: '/api' },
  audit: { address: '/audit', as: 'auditor' },
};
const LOOKS = [
  { suffix: '', width: 1440, theme: 'light' },
  { suffix: '-dark', width: 1440, theme: 'dark' },
  { suffix: '-phone', width: 390, theme: 'light' },
] as const;
const QUALITY = 60;
/** A machine under load is slow and not wrong. */
const LIMIT_MS = 5 * 60_000;

async function consolePictures(link: string, only: readonly string[]): Promise<void> {
  const wanted = (name: string) => only.length === 0 || only.includes(name);
  const context = await browser.newContext();
  context.setDefaultTimeout(LIMIT_MS);
  const page = await context.newPage();
  await page.goto(link);
  await page.waitForURL((url) => url.pathname === '/');
  if (wanted('review')) await frozenReview(page, link);
  for (const [name, { address, follow = [], as }] of Object.entries(SCREENS)) {
    if (!wanted(name)) continue;
    if (as !== undefined) await become(page, as, link);
    await page.setViewportSize({ width: 1440, height: 900 });
    let led = address;
    for (const selector of follow) {
      await page.goto(new URL(led, link).href);
      led = (await page.locator(selector).first().getAttribute('href')) ?? led;
    }
    await looksOf(page, name, new URL(led, link).href);
  }
  if (wanted('first-run')) await firstRun(page);
  await context.close();
}

/** Light, dark and on a phone. */
async function looksOf(page: Page, name: string, address: string): Promise<void> {
  const folder = join(values.out, 'console');
  mkdirSync(folder, { recursive: true });
  const devtools = await page.context().newCDPSession(page);
  for (const { suffix, width, theme } of LOOKS) {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 900 });
    await page.goto(address);
    await page.evaluate('document.fonts.ready');
    // Playwright writes no WebP, which is a quarter of the same as PNG.
    const { data } = await devtools.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
    const path = join(folder, `${name}${suffix}.webp`);
    writeFileSync(path, data, 'base64');
    sayWritten(path);
  }
  await devtools.detach();
}

/** There is one afterwards, with what was decided. */
async function frozenReview(page: Page, link: string): Promise<void> {
  await page.goto(new URL('/reviews', link).href);
  if ((await page.locator('table.frozen tbody tr').count()) > 0) return;
  await page.locator('#freeze-title').fill('Weekly security review');
  await page.getByLabel('Decisions').fill('Who goes first? = Those with the fewest failures');
  await page.getByLabel('Actions').fill('Ask the teams that cannot tell; company-ciso; 2027-03-01');
  await page.locator('form:has(#freeze-title)').getByRole('button').click();
  await page.waitForURL((url) => /^\/reviews\/\d+$/.test(url.pathname));
}

const LABELS = new Map(simulatedCatalogue().standards.map(({ id, definition }) => [id, labelOf(definition)]));
const HALF_WAY: Measuring = {
  title: 'estate',
  source: 'git',
  name: 'payments-gateway',
  done: 61,
  total: 140,
  soFar: madeUp({ repositories: 61 }).scan.standards.map(({ id, title, pass, fail, unknown }, at) => ({
    standard: id,
    label: LABELS.get(id) ?? title,
    // The last of them nothing was read of yet.
    ...(at % 4 === 3 ? { pass: 0, fail: 0, unknown: 0 } : { pass, fail, unknown }),
  })),
};

async function firstRun(page: Page): Promise<void> {
  const people = { you: { roles: [{ role: 'reader' as const, division: '' }] } };
  const picture = { state: () => HALF_WAY };
  const server = await sampleServer({ people, anybody: 'you', port: 0, picture });
  try {
    await looksOf(page, 'first-run', server.url);
  } finally {
    await server.close();
  }
}

/** Somebody else of the company that is made up, as by the menu of the reader. */
async function become(page: Page, role: string, link: string): Promise<void> {
  await page.goto(new URL('/', link).href);
  const become = `/as/${role}`;
  const became = page.waitForResponse((answer) => new URL(answer.url()).pathname === become);
  await page.locator(`button[formaction="${become}"]`).click();
  await became;
  await page.waitForLoadState();
}

function sayWritten(path: string): void {
  const { size } = statSync(path);
  if (size > LARGEST) throw new Error(`${path} has ${size} bytes, at most ${LARGEST}: show less`);
  process.stdout.write(`${pathToFileURL(path).href} ${Math.round(size / 1000)} kB\n`);
}

try {
  if (values.console !== undefined) await consolePictures(values.console, values.only);
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
