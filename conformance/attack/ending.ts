/** A server that was hurt ends in bounded time by itself, and the next one starts on its folder and its port without a hand. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { until } from '@macadam/testing/until';
import type { Attack } from './attack.ts';
import type { Attacked, StartOptions } from './server.ts';

export interface Hurt {
  readonly start: Parameters<Attack['run']>[0];
  readonly options?: StartOptions;
  readonly hurt: (server: Attacked) => void;
  /** Within which it has to be gone. */
  readonly seconds: number;
  /** What it ended by; left out: whatever. */
  readonly signal?: NodeJS.Signals;
  /** What it has to have said. */
  readonly said?: RegExp;
}

export async function endsAndStartsAgain({
  start,
  options,
  hurt,
  seconds,
  signal,
  said,
}: Hurt): Promise<void> {
  const server = await start(options);
  const exit = once(server.process, 'exit');
  const late = new AbortController();
  hurt(server);
  const gone = await Promise.race([
    exit.then(([code, by]) => ({ code, by })),
    new Promise<null>((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000, null);
      late.signal.addEventListener('abort', () => clearTimeout(timer));
    }),
  ]);
  late.abort();
  if (gone === null) server.process.kill('SIGKILL');
  assert.ok(gone, `it has not ended within ${seconds} s`);
  if (signal !== undefined) assert.equal(gone.by, signal, server.said());
  if (said !== undefined) assert.match(server.said(), said);
  await isFree(server.port);
  const again = await start({ folder: server.folder, words: ['--port', String(server.port)] });
  assert.equal((await again.ask('/api/health/ready')).status, 200, 'the next one is whole');
  await again.end();
}

/** Processes whose command line names a folder. Reads /proc, so on Linux only. */
export const processesOf = (folder: string): readonly string[] =>
  readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return false;
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(folder);
    } catch {
      return false;
    }
  });

/** Rejects where they have not all ended by themselves within minutes. */
export const untilNoneOf = (folder: string): Promise<boolean> =>
  until(
    `no process of ${folder} goes on`,
    () => processesOf(folder).length === 0,
    () => `There are ${processesOf(folder).join(', ')}.`,
  );

async function isFree(port: number): Promise<void> {
  const listener = createServer();
  listener.listen({ port, host: '127.0.0.1', exclusive: true });
  await once(listener, 'listening');
  listener.close();
  await once(listener, 'close');
}

/** A module that does something to the server it is loaded into when SIGUSR2 comes. */
export const onSignal = (code: string): string =>
  `data:text/javascript,${encodeURIComponent(`process.on('SIGUSR2', () => { ${code} });`)}`;
