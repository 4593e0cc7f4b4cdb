/**
 * `npm start`: measures a folder of git repositories, keeps what it saw, and serves the picture on this machine.
 *
 *     npm start [-- --estate DIR] [--port N] [--data DIR]
 *     npm start -- --simulate small|report [--port N] [--data DIR]
 */
import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, resolve } from 'node:path';
import { openDecisions } from '@macadam/adapters/decisions/open';
import { discoverFormats } from '@macadam/adapters/discover';
import { copiesOf } from './api-backup.ts';
import { discoverRoutes } from './http/discover.ts';
import { logged } from './http/logged.ts';
import { serve } from './http/serve.ts';
import { beside } from './jobs/background.ts';
import { webhookNetworks } from './jobs/deliveries.ts';
import { stop, typed } from './options.ts';
import { problemPage } from './pages/page-answer.ts';
import { entryHere } from './session/authentication.ts';
import { saidToVisitor } from './session/demo-login.ts';
import { simulatedDecisions } from './simulated.ts';
import { measureAgain, measureEstate, nothingShown, openSimulated, sentence } from './startup.ts';

const { estate, port, data, size, origin, host, decisions: placeOfDecisions, key: keyFile } = typed();
if (!existsSync(estate) || !statSync(estate).isDirectory())
  stop(`--estate: there is no folder \`${estate}\``);
if (!Number.isInteger(port) || port < 0 || port > 65535) stop('--port: give a number from 0 to 65535');

const title = size ? 'a simulated company' : basename(resolve(estate));
const shown = nothingShown(title);
const now = () => new Date();
const places = { facts: data, decisions: placeOfDecisions };
const decisions = await (size === null
  ? openDecisions(placeOfDecisions, { now, simulated: false })
  : simulatedDecisions(places, { now, say: sentence })
).catch((error: Error) => stop(`the decisions cannot be kept: ${error.message}`));
const { entry, identify, linkAs, linkFor } = entryHere({
  decisions,
  now,
  random: randomBytes,
  origin,
  site: () => shown.site,
  env: process.env,
  simulated: size !== null,
});
const failed = (what: string, error: unknown) => process.stderr.write(logged(error, what));
const cancel = new AbortController();
const options = { data, decisions, now, estate, signal: cancel.signal };
const running = await beside({
  decisions,
  now,
  failed,
  origin,
  keyFile,
  site: () => shown.site,
  work: () => shown.work,
  env: process.env,
  simulated: size !== null,
  ...(size === null && { collect: () => measureAgain(shown, options) }),
});
const served = await serve({
  decisions,
  now,
  port,
  host,
  random: randomBytes,
  routes: await discoverRoutes(),
  webhookKey: running.webhookKey,
  webhookNetworks: webhookNetworks(process.env),
  ...(origin !== undefined && { origin }),
  ...(process.env.MACADAM_PROXIES && { proxies: process.env.MACADAM_PROXIES }),
  picture: { state: () => shown.state, around: () => shown.around, formats: await discoverFormats() },
  site: () => shown.site,
  ...copiesOf(placeOfDecisions, () => shown.stores, now),
  entry,
  identify,
  troubled: (problem) =>
    problemPage(
      problem,
      'Press Enter where this server was started: it prints a link that logs in once. Or go to /login.',
    ),
  failed: (error, request) => failed(request, error),
}).catch((error: NodeJS.ErrnoException) =>
  stop(`--port: ${port} cannot be had (${error.code ?? error.message}); leave it out to take a free one`),
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    cancel.abort();
    served
      .close()
      .then(() => running.close())
      .then(() => shown.close())
      .then(() => decisions.close())
      .then(() => process.exit(0));
  });
}
process.stdout.write(`${size ? 'Opening' : 'Measuring'} ${title}. The report: ${await link()}\n`);
// A link is good for minutes, and once: Enter gives the next.
if (process.stdin.isTTY)
  process.stdin
    .on('data', async () => {
      process.stdout.write(`${[await link(), ...(await others())].join('\n')}\n`);
    })
    .unref();
if (size) {
  await openSimulated(shown, size, options);
  for (const line of await others()) process.stdout.write(`${line}\n`);
} else await measureEstate(shown, { ...options, abandon: served.close });
if (!cancel.signal.aborted) running.start();

/** Whoever starts the server may log in: it runs under their account, on their disk. */
async function link(): Promise<string> {
  const { username } = userInfo();
  return new URL(await linkFor({ id: username, name: username }, process.stdin.isTTY), served.url).href;
}

/** How to be somebody else in a simulated company. */
function others(): Promise<readonly string[]> {
  const { username: visitor } = userInfo();
  return saidToVisitor(shown, {
    decisions,
    linkAs,
    visitor,
    atTerminal: process.stdin.isTTY,
    url: served.url,
  });
}
