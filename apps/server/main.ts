/**
 * `npm start`: measures a folder of git repositories and serves the report on this machine.
 *
 *     npm start [-- --estate DIR] [--port N] [--data DIR]
 */
import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { discoverFormats } from '@macadam/adapters/discover';
import { measure } from '@macadam/adapters/estate/measure';
import { counted } from '@macadam/adapters/formats/figures';
import type { Report } from '@macadam/adapters/formats/port';
import { describeMistake } from '@macadam/core/document';
import { folderRequest, HERE } from './folder.ts';
import { serve } from './serve.ts';
import type { Measuring } from './waiting.ts';

const USAGE = `npm start [-- --estate DIR] [--port N] [--data DIR]
  --estate DIR  folder of git repositories to measure (default: Macadam's own repository)
  --port N      port on 127.0.0.1 (default: a free one)
  --data DIR    folder for what may be kept between runs (default: the cache folder of this machine)
`;

function stop(...lines: readonly string[]): never {
  process.stderr.write(`${lines.map((line) => `macadam: ${line}`).join('\n')}\n`);
  process.exit(2);
}

function typed(): { estate: string; port: number; data: string } {
  const options = {
    estate: { type: 'string' },
    port: { type: 'string', default: '0' },
    data: {
      type: 'string',
      default: join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'macadam'),
    },
    help: { type: 'boolean', default: false },
  } as const;
  try {
    const { values } = parseArgs({ options });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    return { estate: values.estate ?? HERE, port: Number(values.port), data: values.data };
  } catch (error) {
    stop((error as Error).message, ...USAGE.trimEnd().split('\n'));
  }
}

const { estate, port, data } = typed();
if (!existsSync(estate) || !statSync(estate).isDirectory())
  stop(`--estate: there is no folder \`${estate}\``);
if (!Number.isInteger(port) || port < 0 || port > 65535) stop('--port: give a number from 0 to 65535');

const title = basename(resolve(estate));
let state: Report | Measuring = { title, source: '', name: '', done: 0 };
const formats = await discoverFormats();
const served = await serve({ state: () => state, formats, port }).catch((error: NodeJS.ErrnoException) =>
  stop(`--port: ${port} cannot be had (${error.code ?? error.message}); leave it out to take a free one`),
);
const cancel = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    cancel.abort();
    served.close().then(() => process.exit(0));
  });
}
process.stdout.write(`Measuring ${title}. The report: ${served.url}\n`);

const live = process.stderr.isTTY;
const measured = await measure({
  ...(await folderRequest({ path: estate, title, cache: data, signal: cancel.signal })),
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
state = measured.report;
const { standards } = measured.report.scan;
const sum = (name: 'fail' | 'unknown') => standards.reduce((total, standard) => total + standard[name], 0);
process.stdout.write(
  `Measured: ${counted(standards.length, 'standard')}, ${counted(sum('fail'), 'failure')}, ${counted(sum('unknown'), 'unknown')}. Ctrl-C ends.\n`,
);
