/** What the server shows is opened: a folder that is measured and kept, or a company that is made up. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Decisions } from '@macadam/adapters/decisions/port';
import type { Stores } from '@macadam/adapters/facts/open';
import { counted } from '@macadam/adapters/report-formats/figures';
import type { Around } from '@macadam/adapters/report-formats/html/page';
import type { Report } from '@macadam/adapters/report-formats/port';
import { describeMistake } from '@macadam/core/text/document';
import { type Measured, measure } from '@macadam/services/measure/measure';
import type { SizeName } from '@macadam/simulation/size';
import { folderRequest } from './folder.ts';
import { exceptionsOfStore, keepAndShow } from './jobs/persist.ts';
import type { ServerWork } from './jobs/work.ts';
import { stop } from './options.ts';
import { since, unkept } from './pages/history/overview.ts';
import type { Site } from './pages/history/pages.ts';
import type { Measuring } from './pages/progress/progress-page.ts';
import { simulatedSite } from './simulated.ts';

/** What there is to be shown at the moment; grows while it is opened. */
export interface Shown {
  readonly title: string;
  state: Report | Measuring | 'history';
  site: Site | null;
  around: Around;
  stores: Stores | null;
  work: ServerWork | null;
  close: () => Promise<void>;
}

export const nothingShown = (title: string): Shown => ({
  title,
  state: { title, source: '', name: '', done: 0 },
  site: null,
  stores: null,
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
const say = (line: string): void => {
  if (live) process.stderr.write(`\r\u001b[2K${line}`);
};

/** A line of its own, whatever the progress shows. */
export const sentence = (said: string): void => {
  say('');
  process.stdout.write(`${said}\n`);
};

/** Ends the process where the company cannot be opened. */
export async function openSimulated(
  shown: Shown,
  chosen: SizeName,
  { data, decisions, now }: OpenOptions,
): Promise<void> {
  const parts = { decisions, now, say: sentence };
  const made = await simulatedSite(data, chosen, parts, ({ doing, done, total }) => {
    shown.state = { title: shown.title, source: 'simulation', name: doing, done, total };
    say(`${doing}: ${done} of ${total}`);
  }).catch((error: Error) => stop(`--simulate: ${error.message}`));
  say('');
  const { site, stores, work } = made;
  Object.assign(shown, { site, stores, work, close: () => stores.close(), state: 'history' });
  process.stdout.write(`${made.site.simulated} Ctrl-C ends.\n`);
}

export interface EstateOptions extends OpenOptions {
  readonly estate: string;
  readonly signal: AbortSignal;
}

/** `abandon` ends what serves, where nothing can be measured; then the process ends. */
export async function measureEstate(
  shown: Shown,
  { abandon, ...options }: EstateOptions & { readonly abandon: () => Promise<void> },
): Promise<void> {
  const { title } = shown;
  const measured = await measuredNow(shown, options, (source, progress) => {
    shown.state = { title, source, ...progress };
    say(`${source}: ${progress.done} of ${progress.total ?? '?'}`);
  }).catch((error: unknown): Promise<never> => {
    // Whoever pressed Ctrl-C waits for the server's end, not for a complaint of what was cut off.
    if (options.signal.aborted) return new Promise(() => undefined);
    throw error;
  });
  say('');
  if ('mistakes' in measured) {
    await abandon();
    stop(...measured.mistakes.map(describeMistake));
  }
  for (const warning of [...measured.warnings, ...measured.notices])
    process.stderr.write(`macadam: ${describeMistake(warning)}\n`);
  shown.state = { title, source: 'history', name: 'writing down what was seen', done: 0 };
  await remember(shown, measured, options);
  shown.state = measured.report;
  const { standards } = measured.report.scan;
  const sum = (name: 'fail' | 'unknown') => standards.reduce((total, standard) => total + standard[name], 0);
  process.stdout.write(
    `Measured: ${counted(standards.length, 'standard')}, ${counted(sum('fail'), 'failure')}, ${counted(sum('unknown'), 'unknown')}. Ctrl-C ends.\n`,
  );
}

/** Looks once more, while what was seen before is still shown. Rejects where that cannot be; then it stays so. */
export async function measureAgain(shown: Shown, options: EstateOptions): Promise<void> {
  const measured = await measuredNow(shown, options, () => {});
  if ('mistakes' in measured) throw new Error(measured.mistakes.map(describeMistake).join('; '));
  await remember(shown, measured, options);
  shown.state = measured.report;
}

async function measuredNow(
  { title }: Shown,
  { estate, signal, decisions }: EstateOptions,
  progress: Parameters<typeof measure>[0]['progress'],
): ReturnType<typeof measure> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'macadam');
  return measure({
    ...(await folderRequest({ path: estate, title, signal, cache })),
    exceptions: await exceptionsOfStore(decisions),
    progress,
  });
}

/** The picture does not depend on the history: what goes wrong with that is said, and the picture shown. */
async function remember(shown: Shown, what: Measured, { data, decisions, now }: OpenOptions): Promise<void> {
  const kept = await keepAndShow(data, what, {
    title: shown.title,
    now,
    decisions,
    stores: shown.stores,
  });
  const { site, stores, work, close } = kept;
  Object.assign(shown, { site, stores, work, close });
  for (const trouble of kept.troubles) process.stderr.write(`macadam: ${trouble}\n`);
  if (kept.overview) shown.around = { since: since(kept.overview), banner: null };
  else {
    process.stderr.write(`macadam: no history is kept: ${kept.why}\n`);
    shown.around = { since: unkept(kept.why), banner: null };
  }
}
