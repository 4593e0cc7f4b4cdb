/**
 * Follows every link of every page, as somebody who is logged in: that each leads somewhere, that each anchor is there, and that
 * a figure that leads to a list is the length of it, as the list says and as its rows are, over all of its pages.
 */
import { figureOf, listsOf, nextOf, pageOf, type ReadPage, saidLengths, sumsOf } from './read-page.ts';

export interface CrawlAnswer {
  readonly status: number;
  readonly type: string;
  readonly location: string | null;
  readonly body: string;
}

export interface CrawlRequest {
  /** Asks for a path with its query, and follows no redirect. */
  readonly ask: (path: string) => Promise<CrawlAnswer>;
  readonly starts: readonly string[];
  /** Pages that are visited of one shape: the same route with the same names in its query. */
  readonly perShape: number;
  /** Told of each page before it is asked for. */
  readonly progress?: (visited: number, path: string) => void;
  /** Pages of one list that are turned; the rows of a longer one are counted as far as that. */
  readonly turned: number;
}

export interface Crawl {
  /** What is wrong, each a sentence with the page that has the link. */
  readonly faults: readonly string[];
  /** Shape → pages that were visited of it. */
  readonly shapes: ReadonlyMap<string, number>;
  /** Shapes of which there were more pages than were visited. */
  readonly cut: ReadonlySet<string>;
  readonly pages: number;
  /** Figures that were held against their list. */
  readonly figures: number;
}

const HOST = 'http://crawled.invalid';
/** What ends the reader's own session, or makes them somebody else. */
const NEVER = /^\/(login|logout|theme|as)\b/;

/** By which a page shows another part of itself, or in another order. */
export const TABS: ReadonlySet<string> = new Set(['show', 'status', 'state', 'by', 'sort']);

/** An address without what names a single thing: pages of one shape are made by one function. A tab is a shape of its own. */
export function shapeOf(path: string): string {
  const url = new URL(path, HOST);
  const parts = url.pathname.split('/').map((part, at) => (at === 2 ? '*' : part));
  const given = [...new Set(url.searchParams.keys())].sort();
  const [only = ''] = given;
  const names = given.length === 1 && TABS.has(only) ? [`${only}=${url.searchParams.get(only)}`] : given;
  return `${parts.join('/')}${names.length > 0 ? `?${names.join('&')}` : ''}`;
}

interface Step {
  readonly path: string;
  /** The page that has the link, and its words. */
  readonly from: string;
  readonly words: string;
}

interface Figure extends Step {
  readonly figure: number;
}

class Crawler {
  readonly faults = new Set<string>();
  readonly shapes = new Map<string, number>();
  readonly #request: CrawlRequest;
  readonly #answers = new Map<string, CrawlAnswer>();
  readonly #pages = new Map<string, ReadPage>();
  readonly #queue: Step[];
  readonly #figures = new Map<string, Figure>();
  readonly #kept = new Map<string, number>();
  readonly cut = new Set<string>();
  readonly #anchors = new Map<string, Step & { readonly anchor: string }>();
  held = 0;

  constructor(request: CrawlRequest) {
    this.#request = request;
    this.#queue = request.starts.map((path) => ({ path, from: 'the start', words: '' }));
  }

  get visited(): number {
    return this.#answers.size;
  }

  async run(): Promise<void> {
    for (let step = this.#queue.shift(); step !== undefined; step = this.#queue.shift())
      await this.#visit(step);
    for (const [address, { path, anchor, from, words }] of this.#anchors) {
      const page = this.#pages.get(path);
      if (page !== undefined && !page.ids.has(anchor))
        this.faults.add(`nothing at ${address} has the id ${anchor}: "${words}" on ${from}`);
    }
    for (const figure of this.#figures.values()) await this.#hold(figure);
  }

  async #visit(step: Step): Promise<void> {
    const { path } = step;
    if (this.#answers.has(path)) return;
    const shape = shapeOf(path);
    const before = this.shapes.get(shape) ?? 0;
    const { perShape, progress } = this.#request;
    if (before >= perShape) {
      this.cut.add(shape);
      return;
    }
    this.shapes.set(shape, before + 1);
    progress?.(this.visited, path);
    const page = await this.#read(step);
    if (page === null) return;
    for (const link of page.links) {
      const url = new URL(link.href, new URL(path, HOST));
      const target = `${url.pathname}${url.search}`;
      if (url.origin !== HOST || NEVER.test(url.pathname)) continue;
      const next = { path: target, from: path, words: link.words };
      if (url.hash !== '') {
        const anchor = decodeURIComponent(url.hash.slice(1));
        // A report that is a file has its filters there, for its script.
        if (!anchor.includes('='))
          this.#anchors.set(`${target}${url.hash}`, { path: target, from: path, words: link.words, anchor });
      }
      const figure = figureOf(link);
      if (figure !== null && target !== path)
        this.#keep(`${shape.replace(/\?.*/, '')} ${shapeOf(target)}`, { ...next, figure });
      this.#queue.push(next);
    }
  }

  /** Of each kind of link so many figures are held as pages are visited of a shape; what two pages say alike is held once. */
  #keep(key: string, figure: Figure): void {
    const kept = this.#kept.get(key) ?? 0;
    const place = `${figure.figure} ${figure.path}`;
    if (kept >= this.#request.perShape || this.#figures.has(place)) return;
    this.#kept.set(key, kept + 1);
    this.#figures.set(place, figure);
  }

  /** Null where there is no page: a fault, a redirect (which is followed), or something that is no HTML. */
  async #read(step: Step): Promise<ReadPage | null> {
    const { path, from, words } = step;
    const known = this.#pages.get(path);
    if (known !== undefined) return known;
    const answer = this.#answers.get(path) ?? (await this.#request.ask(path));
    this.#answers.set(path, answer);
    const { status, location, type, body } = answer;
    if (status >= 300 && status < 400 && location !== null) {
      const url = new URL(location, HOST);
      return url.origin === HOST ? this.#read({ path: `${url.pathname}${url.search}`, from, words }) : null;
    }
    if (status !== 200) {
      this.faults.add(`${path} answers ${status}: "${words}" on ${from}`);
      return null;
    }
    if (!type.startsWith('text/html')) return null;
    const page = pageOf(body);
    this.#pages.set(path, page);
    return page;
  }

  async #hold(figure: Figure): Promise<void> {
    const first = await this.#read(figure);
    if (first === null) return;
    const said = saidLengths(first);
    const lengths: number[] = [];
    const sums = sumsOf(first);
    let page: ReadPage | null = first;
    let turned = 0;
    let path = figure.path;
    while (page !== null) {
      for (const [at, rows] of listsOf(page).entries()) lengths[at] = (lengths[at] ?? 0) + rows;
      turned += 1;
      const next = nextOf(page);
      if (next === null || turned >= this.#request.turned) break;
      const url: URL = new URL(next, new URL(path, HOST));
      path = `${url.pathname}${url.search}`;
      page = await this.#read({ path, from: figure.path, words: 'next' });
    }
    const whole = page === null || nextOf(page) === null;
    const where = `"${figure.words}" on ${figure.from} leads to ${figure.path}`;
    this.held += 1;
    if (!said.has(figure.figure))
      this.faults.add(`${where}, which says ${[...said].join(', ') || 'no number'}`);
    const uncounted = first.uncounted;
    const fits = lengths.some((rows) => rows === figure.figure || rows + uncounted === figure.figure);
    if (whole && !fits && !sums.has(figure.figure))
      this.faults.add(`${where}, which has ${lengths.join(', ') || 'no'} rows`);
  }
}

export async function crawl(request: CrawlRequest): Promise<Crawl> {
  const crawler = new Crawler(request);
  await crawler.run();
  return {
    faults: [...crawler.faults],
    shapes: crawler.shapes,
    cut: crawler.cut,
    pages: crawler.visited,
    figures: crawler.held,
  };
}
