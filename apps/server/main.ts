/**
 * `npm start`: opens what is known of an estate, serves it, and measures it by itself from then on.
 *
 *     npm start [-- --estate DIR] [--github ORG] [--every 1h] [--port N] [--data DIR]
 *     npm start -- --simulate small|report [--port N] [--data DIR]
 */
import { randomBytes } from 'node:crypto';
import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { ownFolder } from '@macadam/adapters/data-folder/own-folder';
import { announceServer } from '@macadam/adapters/data-folder/running';
import { openDecisions } from '@macadam/adapters/decisions/open';
import { discoverFormats, discoverSources } from '@macadam/adapters/discover';
import { incomingIn } from '@macadam/adapters/incoming';
import { describeFileDiagnostic } from '@macadam/core/text/diagnostic';
import { finishReceived } from '@macadam/services/ingest/receive';
import { markOfEstate } from '@macadam/services/measure/mark';
import { asksIn } from '@macadam/services/sources/configured';
import { toldSources } from '@macadam/services/sources/events';
import { copiesOf } from './api-backup.ts';
import { judgeEstate, measureEstate, openEstate, saidOfReport, UnreadableEstate } from './estate.ts';
import { estateRequest } from './folder.ts';
import { discoverRoutes } from './http/discover.ts';
import { logged } from './http/logged.ts';
import { serve } from './http/serve.ts';
import { inBackground } from './jobs/background.ts';
import { webhookNetworks } from './jobs/deliveries.ts';
import { type FolderWatch, watchFolder } from './jobs/folder-watch.ts';
import { type MeasuringJob, type MeasuringProgress, startMeasuring } from './jobs/measuring.ts';
import { catchTheRest } from './last-resort.ts';
import { startGivingMemoryBack } from './life/give-memory-back.ts';
import { healthOf } from './life/health.ts';
import { startHeartbeat } from './life/heartbeat.ts';
import { logLine } from './life/log-line.ts';
import { systemd } from './life/systemd.ts';
import { stop, titleOf, typed, WrongOption } from './options.ts';
import { problemPage } from './pages/page-answer.ts';
import { entryHere } from './session/authentication.ts';
import { type DemoRole, demoRoles, saidToVisitor, visitOf } from './session/demo-login.ts';
import { simulatedDecisions } from './simulated.ts';
import { factsCondition, nothingShown, openSimulated, sayProgress, sentence } from './startup.ts';

const options = await typed().catch((error: unknown) => {
  if (error instanceof WrongOption) stop(...error.lines);
  throw error;
});
const { estate, port, data, size, origin, host, everySeconds, folder, ownerUrl, stuckSeconds } = options;

const heartbeat = startHeartbeat({ stuckSeconds });
const title = size ? 'a simulated company' : titleOf(estate);
const shown = nothingShown(title);
const now = () => new Date();
const places = { facts: data, decisions: options.decisions };
const decisions = await (size === null
  ? openDecisions(options.decisions, { now, simulated: false, ...(ownerUrl && { ownerUrl }) })
  : simulatedDecisions(places, { now, say: sentence })
).catch((error: Error) => stop(`the decisions cannot be kept: ${error.message}`));
if (ownerUrl === null && /^postgres(ql)?:/.test(options.decisions))
  process.stderr.write(
    logLine(
      'the server logs in to PostgreSQL as whoever owns the tables; give it a login of its own, and name the owner in MACADAM_OWNER_DATABASE_URL',
      now(),
    ),
  );
const folderKey = randomBytes(32).toString('base64url');
const { entry, identify, linkAs, linkFor } = entryHere({
  decisions,
  now,
  random: randomBytes,
  origin,
  site: () => shown.site,
  env: process.env,
  simulated: size !== null,
  folderKey,
});
/** Less than whoever tells it to end waits (`TimeoutStopSec` of the unit). */
const ENDING_SECONDS = 75;
const failed = (what: string, error: unknown) => process.stderr.write(logged(error, what, now()));
const say = (line: string) => process.stderr.write(logLine(line, now()));
const cancel = new AbortController();
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'macadam');
const request = await estateRequest({ estate, title, cache, signal: cancel.signal });
const opening = { data, decisions, now, request, say };
if (size === null)
  await openEstate(shown, opening).catch(async (error: unknown) => {
    await decisions.close();
    if (error instanceof UnreadableEstate) stop(...error.mistakes.map(describeFileDiagnostic));
    throw error;
  });
const own = ownFolder(join(folder, 'processes'), now());
const incoming = incomingIn(join(own.path, 'incoming'));
const told = toldSources({
  file: join(folder, 'told.ndjson'),
  sources: options.sources,
  typed: request.asks.flatMap(({ name }) => name ?? []),
  known: await discoverSources(),
  environment: process.env,
  now,
});
let measuring: MeasuringJob | null = null;
let watch: FolderWatch | null = null;
let demo: readonly DemoRole[] = [];
const running = await inBackground({
  decisions,
  now,
  failed,
  origin,
  keyFile: options.key,
  // By a clock that cannot be right nothing becomes due, ends or is sent.
  site: () => (shown.clock === null ? shown.site : null),
  work: () => (shown.clock === null ? shown.work : null),
  env: process.env,
  simulated: size !== null,
  finishIngest: async () =>
    shown.clock === null &&
    shown.site &&
    (await finishReceived({ decisions, facts: shown.site.facts }, incoming)),
  ...(size === null && {
    collect: async () => measuring?.measured('asked'),
    decided: () => measuring?.trigger('decided'),
  }),
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
  origin,
  ...(process.env.MACADAM_PROXIES && { proxies: process.env.MACADAM_PROXIES }),
  picture: { state: () => shown.state, around: () => shown.around, formats: await discoverFormats() },
  site: () => shown.site,
  measuring: () => measuring?.status() ?? null,
  measure: () => measuring?.trigger('asked'),
  cancelMeasuring: () => measuring?.cancel() ?? false,
  ...(size === null && {
    told: {
      of: told.of,
      last: told.last,
      tell: (source: string, names: readonly string[]) => {
        told.tell(source, names);
        if (names.length > 0)
          measuring?.trigger(names.some((name) => name.includes('*')) ? 'everything' : 'told');
      },
    },
  }),
  health: healthOf({
    decisions,
    facts: () => factsCondition(shown),
    longestPauseMs: heartbeat.longestPauseMs,
    monotonicMs: () => performance.now(),
  }),
  ingested: () => measuring?.trigger('ingested'),
  ...copiesOf({
    decisions: ownerUrl ?? options.decisions,
    stores: () => shown.stores,
    folder: join(own.path, 'copies'),
    now,
  }),
  incoming,
  ...(size !== null && {
    demo: { roles: () => demo, linkAs: (person: string) => linkAs(person, process.stdin.isTTY) },
  }),
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
const takeBack = announced();
const memory = startGivingMemoryBack((error) => failed('giving memory back', error));
const unit = systemd({ env: process.env, say });
unit.ready();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    cancel.abort();
    takeBack();
    memory.close();
    unit.stopping();
    setTimeout(() => {
      say(`not everything ended within ${ENDING_SECONDS} seconds: the rest is left as it is, as in a crash`);
      process.kill(process.pid, 'SIGKILL');
    }, ENDING_SECONDS * 1000).unref();
    served
      .close()
      .then(() => watch?.close())
      .then(() => measuring?.close())
      .then(() => running.close())
      .then(() => shown.close())
      .then(() => decisions.close())
      .then(() => own.release())
      .then(() => heartbeat.close())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          failed('ending', error);
          process.exit(1);
        },
      );
  });
}
// From here on it runs; what cannot even start has ended by now, with its reason.
catchTheRest({ log: failed, now: () => performance.now(), end: () => process.exit(70) });
await begin().catch((error: unknown) => {
  failed('starting', error);
  process.exit(1);
});

async function begin(): Promise<void> {
  process.stdout.write(`${size ? 'Opening' : 'Measuring'} ${title}. The report: ${await link()}\n`);
  // A link is good for minutes, and once: Enter gives the next.
  if (process.stdin.isTTY)
    process.stdin
      .on('data', async () => {
        process.stdout.write(`${[await link(), ...(await others())].join('\n')}\n`);
      })
      .unref();
  if (size) {
    await openSimulated(shown, size, opening);
    for (const line of await others()) process.stdout.write(`${line}\n`);
    const visitor = userInfo().username;
    const visit = await visitOf(shown, { decisions, visitor });
    demo = visit === null ? [] : demoRoles(visit, visitor);
  } else await beginMeasuring();
  if (!cancel.signal.aborted) running.start();
}

/** The folder is looked at first, so that nothing that happens during the first measurement is missed. */
async function beginMeasuring(): Promise<void> {
  let first = true;
  const looking = (progress: (told: MeasuringProgress) => void) => ({
    ...opening,
    progress: (told: MeasuringProgress) => {
      progress(told);
      if (typeof shown.state === 'object' && !('scan' in shown.state)) shown.state = { title, ...told };
      if (first) sayProgress(`${told.source}: ${told.done} of ${told.total ?? '?'}`);
    },
  });
  watch = await watchFolder({
    mark: (signal) => markOfEstate({ ...request, signal }),
    changed: () => measuring?.trigger('folder'),
    now,
  });
  // Whoever ended it meanwhile waits for nothing more, and the decisions are closed already.
  if (cancel.signal.aborted) return;
  measuring = startMeasuring({
    measure: async (report, signal) => {
      const begun = now();
      const whole = await withConfigured(signal);
      const isMore = await measureEstate(shown, { ...looking(report), request: whole });
      for (const { name } of whole.asks) if (name !== undefined) told.read(name, told.pending(name), begun);
      sayProgress('');
      const { state } = shown;
      if (first && state !== 'history' && 'scan' in state) process.stdout.write(`${saidOfReport(state)}\n`);
      first = false;
      return isMore;
    },
    read: async (report, signal) => {
      // Before everything was measured once there is nothing that could be read again.
      if (shown.stores === null || shown.site === null) return;
      const begun = now();
      const whole = await withConfigured(signal);
      const asks = whole.asks.flatMap((ask) => {
        const names = told.pending(ask.name ?? '').filter((name) => !name.includes('*'));
        return names.length === 0 ? [] : [{ ...ask, alone: names }];
      });
      if (asks.length === 0) return;
      await measureEstate(shown, { ...looking(report), request: whole, asks });
      for (const { name, alone } of asks) told.read(name ?? '', alone, begun);
    },
    judge: () =>
      judgeEstate(
        shown,
        looking(() => {}),
      ),
    watch: () => (watch?.status().of ? watch.status() : null),
    everySeconds,
    now,
    random: Math.random,
    failed: (error) => {
      failed('measuring', error);
      const { state } = shown;
      if (typeof state === 'object' && !('scan' in state))
        shown.state = { ...state, problem: (error as Error).message };
    },
  });
}

/** What was set up is read anew each time, so that nobody starts the server again for a source. */
async function withConfigured(ended: AbortSignal): Promise<typeof request> {
  const signal = AbortSignal.any([cancel.signal, ended]);
  const { asks, problems } =
    options.sources === null ? { asks: [], problems: [] } : await asksIn(options.sources, process.env);
  for (const problem of problems) say(problem);
  return {
    ...request,
    signal,
    asks: [...request.asks, ...asks].map((ask) => {
      const { name } = ask;
      return name === undefined ? ask : { ...ask, told: () => told.since(name) };
    }),
  };
}

/** Programs of this machine find the server in the folder of the facts. Of a store on another machine there is none. */
function announced(): () => void {
  if (shown.stores === null || size !== null || URL.canParse(data)) return () => {};
  const { address, port: listening, host: called } = served;
  return announceServer(data, { pid: process.pid, address, port: listening, host: called, key: folderKey });
}

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
