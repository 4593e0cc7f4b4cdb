/// <reference lib="dom" />
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
  readonly #made: (page: Page) => void | Promise<void>;
  readonly #idle = new Map<string, Page[]>();
  readonly #keys = new WeakMap<Page, string>();

  /** `made` is told of each page before it is led anywhere. */
  constructor(browser: Browser, made: (page: Page) => void | Promise<void>) {
    this.#browser = browser;
    this.#made = made;
  }

  async take(options: BrowserContextOptions): Promise<Page> {
    const key = JSON.stringify(options);
    const idle = this.#idle.get(key)?.pop();
    if (idle !== undefined) return idle;
    const page = await this.#browser.newPage(options);
    this.#keys.set(page, key);
    await this.#made(page);
    return page;
  }

  /** Nothing runs in it until it is taken again. It leads itself away: led by the browser it would go on in another process. */
  async giveBack(page: Page): Promise<void> {
    await page.evaluate('location.replace("about:blank")');
    await page.waitForURL('about:blank');
    const key = this.#keys.get(page) ?? '';
    this.#idle.set(key, [...(this.#idle.get(key) ?? []), page]);
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const carrying = new WeakSet<Page>();

/** From its next address on axe is on the page. To send two thirds of a megabyte to it at each takes twice as long. */
export async function carryAxe(page: Page): Promise<void> {
  if (carrying.has(page)) return;
  carrying.add(page);
  await page.addInitScript(AXE);
}

/** What of axe is asked here, where it is on a page. */
interface Axe {
  configure(spec: { noHtml: true; rules: { id: string; selector: string }[] }): void;
  run(options: object): Promise<{ violations: Found[]; passes: Found[] }>;
}
interface Found {
  id: string;
  nodes: { element: Element; any: { data: { contrastRatio?: number } | null }[] }[];
}

/** Styles of text that axe has measured and found well: its colours, its size, and every ground beneath it. */
export type WellColoured = Set<string>;

/**
 * What axe has against a page as it stands: a rule and three of its elements each. `rules`: only these; all without them. `well`: styles whose
 * colours were well before are not measured again, which is half of what axe does, and those that are well now are added. Rows that are as
 * three others of their list but for what they say are taken out of the page first.
 */
export async function axeViolations(
  page: Page,
  rules: readonly string[] = [],
  well?: WellColoured,
): Promise<string[]> {
  if (!carrying.has(page)) await page.evaluate(AXE);
  await page.evaluate(thinOut);
  const { violations, measured } = await page.evaluate(askAxe, { rules, well: well && [...well] });
  for (const style of measured) well?.add(style);
  return violations;
}

/** Runs on the page: to axe a row is its elements and their attributes, and whether there is any text where one of them has some. */
function thinOut(): void {
  const KEPT = 3;
  /** What these hold is read by no rule, but for whether they are empty. */
  const SAID = new Set(['href', 'datetime', 'value', 'title']);
  const shapeOf = (node: Node): string => {
    if (!(node instanceof Element)) return node.nodeValue?.trim() ? 'text' : '';
    const attributes = [...node.attributes].map(({ name, value }) =>
      SAID.has(name) ? `${name} ${value !== ''}` : `${name}=${value}`,
    );
    const children = [...node.childNodes].map((child) => ({ child, shape: shapeOf(child) }));
    const seen = new Map<string, number>();
    for (const { child, shape } of children)
      if (child instanceof HTMLTableRowElement || child instanceof HTMLLIElement) {
        const before = seen.get(shape) ?? 0;
        seen.set(shape, before + 1);
        if (before >= KEPT) child.remove();
      }
    return `<${node.localName} ${attributes.join(' ')}>${children.map(({ shape }) => shape).join('')}</>`;
  };
  shapeOf(document.body);
}

/** Runs on the page. */
async function askAxe({
  rules,
  well,
}: {
  readonly rules: readonly string[];
  readonly well?: readonly string[] | undefined;
}): Promise<{ violations: string[]; measured: string[] }> {
  const { axe } = window as unknown as { axe: Axe };
  const styles = new Map<Element, string>();
  const colours = { id: 'color-contrast', selector: '*' };
  if (well !== undefined) {
    colours.selector = '*:not([data-well])';
    const NOTHING = 'rgba(0, 0, 0, 0) none';
    const known = new Set(well);
    /** What is beneath the text of an element, and what it is seen through; no ground where it lies elsewhere than in the flow, and so over anything. */
    const grounds = new Map<Element | null, { ground: string | null; veil: string }>([
      [null, { ground: '', veil: '' }],
    ]);
    for (const element of document.querySelectorAll('*')) {
      const style = getComputedStyle(element);
      const beneath = grounds.get(element.parentElement) ?? { ground: null, veil: '' };
      const isMoved = !['static', 'relative'].includes(style.position) || style.transform !== 'none';
      const own = `${style.backgroundColor} ${style.backgroundImage}`;
      const over = isMoved ? null : beneath.ground;
      // What is opaque hides whatever is beneath it.
      const isOpaque = style.backgroundColor.startsWith('rgb(');
      const ground = isOpaque ? own : over === null || own === NOTHING ? over : `${over}/${own}`;
      const veil = `${beneath.veil}/${style.opacity} ${style.filter}`.replace('/1 none', '');
      grounds.set(element, { ground, veil });
      if (ground !== null)
        styles.set(
          element,
          [ground, veil, style.color, style.fontSize, style.fontWeight, style.textShadow].join('; '),
        );
      element.toggleAttribute('data-well', known.has(styles.get(element) ?? ''));
    }
  }
  // What an element is like is said here, of those alone that something is wrong with.
  axe.configure({ noHtml: true, rules: [colours] });
  const { violations, passes } = await axe.run({
    // What is well is not described either, which takes axe a fifth of its time.
    resultTypes: well === undefined ? ['violations'] : ['violations', 'passes'],
    selectors: false,
    elementRef: true,
    ...(rules.length > 0 && { runOnly: rules }),
  });
  // Of what is hidden nothing was measured.
  const measured = passes
    .filter(({ id }) => id === 'color-contrast')
    .flatMap(({ nodes }) => nodes)
    .filter(({ any }) => (any[0]?.data?.contrastRatio ?? 0) > 0)
    .map(({ element }) => styles.get(element) ?? '');
  return {
    violations: violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map(({ element }) => element.outerHTML.slice(0, 300))
          .slice(0, 3)
          .join(' | ')}`,
    ),
    measured: [...new Set(measured)].filter((style) => style !== ''),
  };
}

/** A theme changes nothing but colours, and the same few stand on all pages: each page has one of these when wide and the other when narrow, by turns. */
const THEMES = ['contrast', 'dark'] as const;

/** Pages that are held, one after the other, on wide and narrow screens and in all themes. */
export class HeldPages {
  #turn = 0;
  readonly #well = { contrast: new Set<string>(), dark: new Set<string>() };

  /**
   * What is wrong with a page that is open: axe in light, dark and high contrast, at 1440 and 390 pixels, and what scrolls sideways at 320.
   * Whatever is folded is looked at too. In light the colours of everything are measured, else those of styles that no page before had.
   */
  async faults(page: Page, name: string): Promise<readonly string[]> {
    const [wide, narrow] = this.#turn % 2 === 0 ? THEMES : ([THEMES[1], THEMES[0]] as const);
    this.#turn += 1;
    const found: string[] = [];
    const hold = async (where: string, rules: readonly string[], well?: WellColoured) => {
      const violations = await axeViolations(page, rules, well);
      found.push(...violations.map((one) => `${name}, ${where}: ${one}`));
    };
    const take = (theme: string) => page.evaluate(`document.documentElement.dataset.theme = "${theme}"`);
    await page.evaluate('for (const one of document.querySelectorAll("main details")) one.open = true');
    // Of all rows, and so before axe is asked.
    await page.setViewportSize({ width: 320, height: 640 });
    const overflow = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
    if (overflow > 0) found.push(`${name} is ${overflow} wider than 320`);
    await page.setViewportSize({ width: 390, height: 900 });
    await take(narrow);
    await hold(`narrow, ${narrow}`, [], this.#well[narrow]);
    await page.evaluate('delete document.documentElement.dataset.theme');
    await page.setViewportSize({ width: 1440, height: 900 });
    // A class that is another's as well takes the columns from a table, and nothing scrolls for it.
    const loose = await page.evaluate(() =>
      [...document.querySelectorAll('main table')].flatMap((table) =>
        getComputedStyle(table).display === 'table' ? [] : [table.className],
      ),
    );
    for (const table of loose) found.push(`${name}, wide: the table \`${table}\` is laid out as none`);
    await hold('wide', []);
    await take(wide);
    await hold(`wide, ${wide}`, ['color-contrast'], this.#well[wide]);
    return found;
  }
}
