/** The real Chromium of tests: CHROMIUM, or Debian's. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** A machine under load is slow and not wrong: what a page is waited for comes by then, or never. */
const LIMIT_MS = 5 * 60_000;

/** Without windows of its own it shows the same pages, and takes a third less of a processor. */
const SHELL = '/usr/bin/chromium-headless-shell';

/** Starts one browser; every page of it is waited for by minutes. Rejects where there is no Chromium. */
export async function launchBrowser(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || (existsSync(SHELL) ? SHELL : '/usr/bin/chromium'),
    timeout: LIMIT_MS,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // No page lives long enough to earn back what it takes to make its scripts fast.
      '--js-flags=--no-maglev --no-turbofan',
    ],
  });
  browser.on('context', (context) => {
    context.setDefaultTimeout(LIMIT_MS);
  });
  return browser;
}

/**
 * Pages of a browser that are used one after the other: a new page takes a process of its own, half a second of a processor, and one that is
 * led elsewhere a third of that. Pages with the same options share what a browser keeps of a site, as those of one person do.
 */
export class ReusedPages {
  readonly #browser: Browser;
  readonly #made: (page: Page) => void;
  readonly #idle = new Map<string, Page[]>();
  readonly #keys = new WeakMap<Page, string>();

  /** `made` is told of each page before it is led anywhere. */
  constructor(browser: Browser, made: (page: Page) => void) {
    this.#browser = browser;
    this.#made = made;
  }

  async take(options: BrowserContextOptions): Promise<Page> {
    const key = JSON.stringify(options);
    const idle = this.#idle.get(key)?.pop();
    if (idle !== undefined) return idle;
    const page = await this.#browser.newPage(options);
    this.#keys.set(page, key);
    this.#made(page);
    return page;
  }

  /** Nothing runs in it until it is taken again. */
  async giveBack(page: Page): Promise<void> {
    await page.goto('about:blank');
    const key = this.#keys.get(page) ?? '';
    this.#idle.set(key, [...(this.#idle.get(key) ?? []), page]);
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A theme changes nothing but colours, and the same few stand on all pages: each page has one of these when wide and the other when narrow, by turns. */
const THEMES = [
  { wide: 'contrast', narrow: 'dark' },
  { wide: 'dark', narrow: 'contrast' },
] as const;

/**
 * What is wrong with a page that is open: axe in light, dark and high contrast, at 1440 and 390 pixels, and what scrolls sideways at 320.
 * Whatever is folded is looked at too. `turn`: the how manieth page it is.
 */
export async function pageFaults(page: Page, name: string, turn: number): Promise<readonly string[]> {
  const { wide, narrow } = turn % 2 === 0 ? THEMES[0] : THEMES[1];
  const found: string[] = [];
  const hold = async (where: string, rules: readonly string[] = []) =>
    found.push(...(await axeViolations(page, rules)).map((one) => `${name}, ${where}: ${one}`));
  const take = (theme: string) => page.evaluate(`document.documentElement.dataset.theme = "${theme}"`);
  await page.evaluate('for (const one of document.querySelectorAll("main details")) one.open = true');
  await page.setViewportSize({ width: 1440, height: 900 });
  await hold('wide');
  await take(wide);
  await hold(`wide, ${wide}`, ['color-contrast']);
  await page.setViewportSize({ width: 390, height: 900 });
  await take(narrow);
  await hold(`narrow, ${narrow}`);
  await page.evaluate('delete document.documentElement.dataset.theme');
  await page.setViewportSize({ width: 320, height: 640 });
  const overflow = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
  if (overflow > 0) found.push(`${name} is ${overflow} wider than 320`);
  return found;
}

/** What axe has against a page as it stands: a rule and three of its elements each. `rules`: only these; all without them. */
export async function axeViolations(page: Page, rules: readonly string[] = []): Promise<string[]> {
  const options = {
    // What is well is not described either, which takes axe a fifth of its time.
    resultTypes: ['violations'],
    ...(rules.length > 0 && { runOnly: rules }),
  };
  // Two thirds of a megabyte, which a page is sent once.
  if (!(await page.evaluate('typeof window.axe?.run === "function"'))) await page.evaluate(AXE);
  return page.evaluate<string[]>(`axe.run(${JSON.stringify(options)}).then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ': ' + nodes.map((node) => node.html).slice(0, 3).join(' | ')))`);
}
