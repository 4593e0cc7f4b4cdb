/**
 * The console over a large store, as a browser gets it: until the overview is painted, and until a list that is sorted or filtered
 * otherwise is there. Part of the bench of ticks, which has such a store.
 */
import { pastOf } from '@macadam/adapters/facts/history/retrospect';
import type { Stores } from '@macadam/adapters/facts/open';
import type { Kind } from '@macadam/core/kinds/kind';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import { launchBrowser } from '@macadam/testing/browser';
import { sampleServer } from '@macadam/testing/server/sample-server';
import type { ServerContext } from '../../apps/server/pages/history/pages.ts';
import { readAhead } from '../../apps/server/pages/overview/reading.ts';
import { type Row, row } from './row.ts';
import { latency, percentile } from './spent.ts';

export interface ConsoleRequest {
  readonly stores: Stores;
  readonly kind: Kind;
  readonly standards: readonly CompiledStandard[];
  readonly now: Date;
  /** How large the store is, in words. */
  readonly extent: string;
  /** Pages of each sort that are asked for. */
  readonly times: number;
}

const SORTED = ['failing', 'unknown', 'least', 'change', 'target', 'name'].map(
  (sort) => `/standards?sort=${sort}`,
);
const FILTERED = [
  '/standards?status=failing',
  '/standards?search=credential',
  '/assets',
  '/assets?kind=application',
  '/assets?owner=nobody',
  '/assets?text=application%20970',
  '/work',
  '/exceptions',
];
/** Whose what is: all owners with what nobody owns, whom to call about one thing and about a part of its name, and one asset. */
const OWNED = [
  '/owners',
  '/owners?kind=application',
  '/who?text=application%2F0000000970',
  '/who?text=application%20970',
  '/assets/application%2F0000000970',
];
/** Of a standard and of whom it fails. */
const ofStandard = (id: string): readonly string[] => [
  `/standards/${id}`,
  `/standards/${id}/assets?state=fail`,
  `/standards/${id}/assets?state=unknown`,
  `/assets?standard=${id}`,
];

function contextOf({ stores, kind, standards, now }: ConsoleRequest): ServerContext {
  return {
    past: pastOf(stores.history),
    facts: stores.facts,
    simulated: null,
    divisions: new Map(),
    title: 'a bench',
    now: () => now,
    standards: new Map(
      standards.map((compiled) => {
        const { definition } = compiled;
        const { id } = definition;
        return [id, { id, folder: '', file: `${id}.yaml`, definition, compiled, readme: '', fix: null }];
      }),
    ),
    stores: { driver: stores.driver, facts: stores.facts, kinds: new Map([[kind.kind, kind]]) },
  };
}

export async function consolePages(request: ConsoleRequest): Promise<readonly Row[]> {
  const { extent, times } = request;
  const context = contextOf(request);
  const server = await sampleServer({
    people: { ann: { roles: [{ role: 'reader', division: '' }] } },
    anybody: 'ann',
    site: () => context,
    now: () => request.now,
    port: 0,
  });
  // As whenever a server has opened a store or looked anew.
  await readAhead(context);
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    const paints: number[] = [];
    for (let time = 0; time < times; time++) {
      await page.goto(server.url);
      await page.locator('table.standards').waitFor();
      paints.push(
        await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0),
      );
    }
    const get = async (path: string) => {
      const answer = await server.ask('ann', 'GET', path, undefined, { accept: 'text/html' });
      if (answer.statusCode !== 200)
        throw new Error(`${path} answers ${answer.statusCode}: ${server.failures.map(String).join('; ')}`);
    };
    const listed = async (id: string, what: string, paths: readonly string[]) => {
      let at = 0;
      const asked = await latency(times * paths.length, () => get(paths[at++ % paths.length] ?? '/'));
      return row({
        id,
        what: `${what}: p95 of ${times * paths.length} pages, ${asked.cpuMilliseconds.toFixed(1)} ms of processor time in the middle; ${extent}`,
        unit: 'ms',
        ours: asked.milliseconds,
        peer: 200,
        peerName: 'the bound itself',
        goal: { of: 'ours', atMost: 200 },
      });
    };
    return [
      row({
        id: 'console-paint',
        what: `the overview in Chromium, from the address to its first paint, in which the table stands: p95 of ${times}; ${extent}`,
        unit: 'ms',
        ours: percentile(paints, 0.95),
        peer: 1000,
        peerName: 'the bound itself',
        goal: { of: 'ours', atMost: 1000 },
      }),
      await listed('console-sort', 'the list of standards sorted otherwise', SORTED),
      await listed('console-filter', 'standards, assets, work and exceptions filtered otherwise', FILTERED),
      await listed('console-owners', 'owners, whom to call, and an asset', OWNED),
      await listed(
        'console-standard',
        'a standard, and the assets in each state of it',
        request.standards.slice(0, 3).flatMap(({ definition }) => ofStandard(definition.id)),
      ),
    ];
  } finally {
    await browser.close();
    await server.close();
  }
}
