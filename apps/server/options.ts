/** What is asked of `npm start`. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { WEBHOOK_KEY } from '@macadam/adapters/webhooks/key';
import { dataFolder, simulatedFolder, storesIn } from '@macadam/services/measure/data-folder';
import { SIZE_NAMES, type SizeName } from '@macadam/simulation/size';
import { HERE } from './folder.ts';

const USAGE = `npm start [-- --estate DIR] [--port N] [--data DIR] [--origin URL] [--host ADDRESS]
  --estate DIR  folder of git repositories to measure (default: Macadam's own repository)
  --port N      port (default: a free one)
  --host ADDRESS  where it listens (default: 127.0.0.1, for this machine alone); another one needs --origin. MACADAM_PROXIES in the
                environment names the proxies whose X-Forwarded-For counts (default: this machine)
  --data DIR    folder of facts and decisions, or URL of a ClickHouse server (default: in your state folder, by estate);
                DATABASE_URL in the environment keeps the decisions on that PostgreSQL server
  --origin URL  where people reach it, through a proxy that ends TLS (default: MACADAM_ORIGIN, else
                http://127.0.0.1:PORT). With MACADAM_OIDC_ISSUER and
                MACADAM_OIDC_CLIENT_ID in the environment they log in there

npm start -- --simulate small|report [--port N] [--data DIR]
  opens a simulated company instead, of 10,000 or 7 million assets; it is made at the first time
`;

/** Says what is wrong, and ends: nothing was begun. */
export function stop(...lines: readonly string[]): never {
  process.stderr.write(`${lines.map((line) => `macadam: ${line}`).join('\n')}\n`);
  process.exit(2);
}

const isSafe = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname));

/** What was typed after `npm start --`. */
export function typed(): {
  estate: string;
  port: number;
  data: string;
  /** A directory, or the URL of a PostgreSQL server. */
  decisions: string;
  size: SizeName | null;
  origin: string | undefined;
  /** File of the key that webhooks are signed with; processes of one company share it. */
  key: string;
  host: string;
} {
  const options = {
    estate: { type: 'string', default: HERE },
    port: { type: 'string', default: '0' },
    data: { type: 'string' },
    origin: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    simulate: { type: 'string' },
    help: { type: 'boolean', default: false },
  } as const;
  try {
    const { values } = parseArgs({ options });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    const { estate, port, simulate } = values;
    const size = SIZE_NAMES.find((name) => name === simulate) ?? null;
    if (simulate !== undefined && size === null) stop(`--simulate: give one of ${SIZE_NAMES.join(', ')}`);
    const usual = size ? simulatedFolder(size, process.env) : dataFolder(estate, process.env);
    const { facts, decisions } = storesIn(values.data ?? usual, usual, process.env);
    const origin = values.origin ?? (process.env.MACADAM_ORIGIN || undefined);
    const { host } = values;
    if (origin !== undefined && URL.parse(origin)?.origin !== origin)
      stop('--origin: give scheme and host, as https://macadam.example');
    if (origin !== undefined && !isSafe(new URL(origin)))
      stop('--origin: people would log in in clear; give an https address, of a proxy that ends TLS');
    if (origin === undefined && !['127.0.0.1', '::1', 'localhost'].includes(host))
      stop('--host: others reach it there, so say by which name, as --origin https://macadam.example');
    const folder = facts === values.data ? usual : (values.data ?? usual);
    const key = process.env.MACADAM_WEBHOOK_KEY_FILE ?? join(folder, WEBHOOK_KEY);
    return { estate, port: Number(port), data: facts, decisions, size, origin, host, key };
  } catch (error) {
    stop((error as Error).message, ...USAGE.trimEnd().split('\n'));
  }
}
