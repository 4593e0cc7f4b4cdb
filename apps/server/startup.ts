/** What the server shows, and how a company that is made up is opened. A measured estate is in `estate.ts`. */
import type { Decisions } from '@macadam/adapters/decisions/port';
import type { Stores } from '@macadam/adapters/facts/open';
import type { Around } from '@macadam/adapters/report-formats/html/page';
import type { Report } from '@macadam/adapters/report-formats/port';
import type { SizeName } from '@macadam/simulation/size';
import type { ServerWork } from './jobs/work.ts';
import type { FactsCondition } from './life/health.ts';
import { stop } from './options.ts';
import type { ServerContext } from './pages/history/pages.ts';
import { readAhead } from './pages/overview/reading.ts';
import type { Measuring } from './pages/progress/progress-page.ts';
import { simulatedSite } from './simulated.ts';

/** What there is to be shown at the moment; grows while it is opened. */
export interface AppState {
  readonly title: string;
  state: Report | Measuring | 'history';
  site: ServerContext | null;
  around: Around;
  stores: Stores | null;
  /** While `stores` is null: why. */
  unopened: 'starting' | 'locked' | 'closed';
  /** Why the clock of this machine cannot be right; null where it can. */
  clock: string | null;
  work: ServerWork | null;
  close: () => Promise<void>;
}

export const nothingShown = (title: string): AppState => ({
  title,
  state: { title, source: '', name: '', done: 0 },
  site: null,
  stores: null,
  unopened: 'starting',
  clock: null,
  work: null,
  around: { since: null, banner: null },
  close: async () => {},
});

export interface OpenOptions {
  readonly data: string;
  readonly decisions: Decisions;
  readonly now: () => Date;
}

const live = process.stderr.isTTY;
/** Over the line before, on a terminal alone. */
export const sayProgress = (line: string): void => {
  if (live) process.stderr.write(`\r\u001b[2K${line}`);
};

/** A line of its own, whatever the progress shows. */
export const sentence = (said: string): void => {
  sayProgress('');
  process.stdout.write(`${said}\n`);
};

/** Ends the process where the company cannot be opened. */
export async function openSimulated(
  shown: AppState,
  chosen: SizeName,
  { data, decisions, now }: OpenOptions,
): Promise<void> {
  const parts = { decisions, now, say: sentence };
  const made = await simulatedSite(data, chosen, parts, ({ doing, done, total }) => {
    shown.state = { title: shown.title, source: 'simulation', name: doing, done, total };
    sayProgress(`${doing}: ${done} of ${total}`);
  }).catch((error: Error) => stop(`--simulate: ${error.message}`));
  sayProgress('');
  const { site, stores, work } = made;
  await readAhead(site);
  Object.assign(shown, { site, stores, work, close: () => stores.close(), state: 'history' });
  process.stdout.write(`${made.site.simulated} Ctrl-C ends.\n`);
}

/** How the store of facts is, for the health of the server. */
export const factsCondition = ({ stores, unopened }: AppState): FactsCondition =>
  stores === null ? { closed: unopened } : { probe: () => stores.driver.query('SELECT 1 AS one') };
