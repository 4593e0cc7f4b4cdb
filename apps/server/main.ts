/**
 * `npm start`: measures a folder of git repositories, keeps what it saw, and serves the picture on this machine.
 *
 *     npm start [-- --estate DIR] [--port N] [--data DIR]
 *     npm start -- --simulate small|report [--port N] [--data DIR]
 */
import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { openDecisions } from '@macadam/adapters/decisions/open';
import { discoverFormats } from '@macadam/adapters/discover';
import { type Measured, measure } from '@macadam/adapters/estate/measure';
import type { Stores } from '@macadam/adapters/facts/open';
import { counted } from '@macadam/adapters/formats/figures';
import { since, unkept } from '@macadam/adapters/formats/html/history/overview';
import type { Around } from '@macadam/adapters/formats/html/page';
import type { Report } from '@macadam/adapters/formats/port';
import type { SizeName } from '@macadam/adapters/simulation/size';
import { webhookKey } from '@macadam/adapters/webhooks/key';
import { describeMistake } from '@macadam/core/document';
import { copiesOf } from './copies.ts';
import { deliveriesHere } from './deliveries.ts';
import { entryHere } from './entry.ts';
import { folderRequest } from './folder.ts';
import { discoverRoutes } from './http/discover.ts';
import { type Jobs, startJobs } from './jobs.ts';
import { exceptionsOfStore, keepAndShow } from './keep.ts';
import { stop, typed } from './options.ts';
import { problemPage } from './page-answer.ts';
import type { Site } from './past.ts';
import { serve } from './serve.ts';
import { simulatedSite } from './simulated.ts';
import type { Measuring } from './waiting.ts';
import type { ServerWork } from './work.ts';

const { estate, port, data, size, origin, host, decisions: placeOfDecisions, key: keyFile } = typed();
if (!existsSync(estate) || !statSync(estate).isDirectory())
  stop(`--estate: there is no folder \`${estate}\``);
if (!Number.isInteger(port) || port < 0 || port > 65535) stop('--port: give a number from 0 to 65535');

const title = size ? 'a simulated company' : basename(resolve(estate));
let state: Report | Measuring | 'history' = { title, source: '', name: '', done: 0 };
let site: Site | null = null;
let around: Around = { since: null, banner: null };
let stores: Stores | null = null;
let close = async (): Promise<void> => {};
let work: ServerWork | null = null;
let jobs: Jobs | null = null;
const now = () => new Date();
const decisions = await openDecisions(placeOfDecisions, { now, simulated: size !== null }).catch(
  (error: Error) => stop(`the decisions cannot be kept: ${error.message}`),
);
const { entry, identify, linkFor } = entryHere({
  ...{ decisions, now, random: randomBytes, origin, site: () => site, env: process.env },
  simulated: size !== null,
});
const key = await webhookKey(keyFile, randomBytes).catch((error: Error) =>
  stop(`the key that webhooks are signed with cannot be kept: ${error.message}`),
);
const failed = (what: string, error: unknown) =>
  process.stderr.write(`macadam: ${what}: ${(error as Error).stack ?? error}\n`);
const served = await serve({
  ...{ decisions, now, port, host, random: randomBytes, routes: await discoverRoutes() },
  ...{ webhookKey: key, ...(origin !== undefined && { origin }) },
  picture: { state: () => state, around: () => around, formats: await discoverFormats() },
  site: () => site,
  ...copiesOf(placeOfDecisions, () => stores, now),
  ...{ entry, identify },
  troubled: (problem) =>
    problemPage(
      problem,
      'Press Enter where this server was started: it prints a link that logs in once. Or go to /login.',
    ),
  failed: (error, request) => failed(request, error),
}).catch((error: NodeJS.ErrnoException) =>
  stop(`--port: ${port} cannot be had (${error.code ?? error.message}); leave it out to take a free one`),
);
const cancel = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    cancel.abort();
    served
      .close()
      .then(() => jobs?.close())
      .then(() => close())
      .then(() => decisions.close())
      .then(() => process.exit(0));
  });
}
process.stdout.write(`${size ? 'Opening' : 'Measuring'} ${title}. The report: ${await link()}\n`);
// A link is good for minutes, and once: Enter gives the next.
if (process.stdin.isTTY)
  process.stdin.on('data', async () => process.stdout.write(`${await link()}\n`)).unref();
const live = process.stderr.isTTY;
if (size) await openSimulated(size);
else await measureEstate();
if (!cancel.signal.aborted)
  jobs = startJobs({
    ...{ decisions, now, random: Math.random, failed, work: () => work },
    // What is made up stays here.
    ...(size === null && {
      deliveries: await deliveriesHere({
        ...{ site: () => site, key, env: process.env, now, random: Math.random },
        ...(origin !== undefined && { origin }),
      }),
    }),
  });

/** Whoever starts the server may log in: it runs under their account, on their disk. */
async function link(): Promise<string> {
  const { username } = userInfo();
  return new URL(await linkFor({ id: username, name: username }, process.stdin.isTTY), served.url).href;
}

async function openSimulated(chosen: SizeName): Promise<void> {
  const made = await simulatedSite(data, chosen, { decisions, now }, ({ doing, done, total }) => {
    state = { title, source: 'simulation', name: doing, done, total };
    if (live) process.stderr.write(`\r\u001b[2K${doing}: ${done} of ${total}`);
  }).catch((error: Error) => stop(`--simulate: ${error.message}`));
  if (live) process.stderr.write('\r\u001b[2K');
  ({ site, stores, work } = made);
  close = () => made.stores.close();
  state = 'history';
  process.stdout.write(`${made.site.simulated} Ctrl-C ends.\n`);
}

async function measureEstate(): Promise<void> {
  const measured = await measure({
    ...(await folderRequest({
      ...{ path: estate, title, signal: cancel.signal },
      cache: join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'macadam'),
    })),
    exceptions: await exceptionsOfStore(decisions),
    progress: (source, progress) => {
      state = { title, source, ...progress };
      if (live) process.stderr.write(`\r\u001b[2K${source}: ${progress.done} of ${progress.total ?? '?'}`);
    },
  }).catch((error: unknown): Promise<never> => {
    // Whoever pressed Ctrl-C waits for the server's end, not for a complaint of what was cut off.
    if (cancel.signal.aborted) return new Promise(() => undefined);
    throw error;
  });
  if (live) process.stderr.write('\r\u001b[2K');
  if ('mistakes' in measured) {
    await served.close();
    stop(...measured.mistakes.map(describeMistake));
  }
  for (const warning of [...measured.warnings, ...measured.notices])
    process.stderr.write(`macadam: ${describeMistake(warning)}\n`);
  state = { title, source: 'history', name: 'writing down what was seen', done: 0 };
  await remember(measured);
  state = measured.report;
  const { standards } = measured.report.scan;
  const sum = (name: 'fail' | 'unknown') => standards.reduce((total, standard) => total + standard[name], 0);
  process.stdout.write(
    `Measured: ${counted(standards.length, 'standard')}, ${counted(sum('fail'), 'failure')}, ${counted(sum('unknown'), 'unknown')}. Ctrl-C ends.\n`,
  );
}

/** The picture does not depend on the history: what goes wrong with that is said, and the picture shown. */
async function remember(what: Measured): Promise<void> {
  const kept = await keepAndShow(data, what, { title, now, decisions });
  ({ site, stores, work } = kept);
  close = kept.close;
  for (const trouble of kept.troubles) process.stderr.write(`macadam: ${trouble}\n`);
  if (kept.overview) around = { since: since(kept.overview), banner: null };
  else {
    process.stderr.write(`macadam: no history is kept: ${kept.why}\n`);
    around = { since: unkept(kept.why), banner: null };
  }
}
