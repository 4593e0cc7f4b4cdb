/** What is asked of `npm start`. */
import { statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { type ParseArgsOptionDescriptor, parseArgs } from 'node:util';
import { discoverSources } from '@macadam/adapters/discover';
import type { Source } from '@macadam/adapters/sources/port';
import { WEBHOOK_KEY } from '@macadam/adapters/webhooks/key';
import {
  dataFolder,
  remoteDataFolder,
  simulatedFolder,
  storesIn,
} from '@macadam/services/measure/data-folder';
import { SIZE_NAMES, type SizeName } from '@macadam/simulation/size';
import { HERE, type TypedEstate, type TypedSource } from './folder.ts';
import { STUCK_SECONDS } from './life/heartbeat.ts';

const USAGE = `npm start [-- --estate DIR] [--sources FILE] [--github ORG] [--every TIME] [--port N] [--data DIR] [--origin URL] [--host ADDRESS]
  --estate DIR  folder of git repositories to measure (default: Macadam's own repository, where nothing else is named)
SOURCES
  --sources FILE  what was set up by "macadam source add", read anew at each measurement (default: MACADAM_SOURCES, else none)
  --every TIME  how often everything is measured although nothing happened: 30m, 1h (the default), 7d, or never. A folder is
                watched besides, and measured when something in it changes
  --port N      port (default: a free one)
  --host ADDRESS  where it listens (default: 127.0.0.1, for this machine alone); another one needs --origin. MACADAM_PROXIES in the
                environment names the proxies whose X-Forwarded-For counts (default: this machine)
  --data DIR    folder of facts and decisions, or URL of a ClickHouse server (default: in your state folder, by estate);
                DATABASE_URL in the environment keeps the decisions on that PostgreSQL server;
                MACADAM_OWNER_DATABASE_URL names the login that makes and changes the tables, so that the
                one of DATABASE_URL needs no right of its own
  MACADAM_STUCK_SECONDS in the environment: after how long without an answer to anybody the server ends, so that it is
                started again (default: ${STUCK_SECONDS})
  --origin URL  where people reach it, through a proxy that ends TLS (default: MACADAM_ORIGIN, else
                http://127.0.0.1:PORT). With MACADAM_OIDC_ISSUER and
                MACADAM_OIDC_CLIENT_ID in the environment they log in there

npm start -- --simulate small|report [--port N] [--data DIR]
  opens a simulated company instead, of 10,000 or 7 million assets; it is made at the first time
`;

/** Options of every source besides folders of git repositories, which `--estate` names. */
const othersOf = (sources: readonly Source[]) => sources.filter(({ id }) => id !== 'git');

function usage(sources: readonly Source[]): string {
  const lines = othersOf(sources).flatMap(({ id, target, description, options }) => [
    `  --${id} ${target}  ${description} May be given again`,
    ...options.map((one) => `  --${id}-${one.name} ${one.value}  ${one.description}`),
  ]);
  return USAGE.replace('SOURCES', lines.join('\n'));
}

/** Says what is wrong, and ends: nothing was begun. */
export function stop(...lines: readonly string[]): never {
  process.stderr.write(`${lines.map((line) => `macadam: ${line}`).join('\n')}\n`);
  process.exit(2);
}

/** What was typed cannot be done; said as it stands. */
export class WrongOption extends Error {
  readonly lines: readonly string[];
  constructor(...lines: readonly string[]) {
    super(lines[0]);
    this.name = 'WrongOption';
    this.lines = lines;
  }
}

function wrong(...lines: readonly string[]): never {
  throw new WrongOption(...lines);
}

const isSafe = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname));

export interface TypedOptions {
  readonly estate: TypedEstate;
  /** File of sources that were set up; null: none is read. */
  readonly sources: string | null;
  /** Between two measurements of the schedule; null: there is none. */
  readonly everySeconds: number | null;
  readonly port: number;
  readonly data: string;
  /** A directory, or the URL of a PostgreSQL server. */
  readonly decisions: string;
  readonly size: SizeName | null;
  readonly origin: string | undefined;
  /** Where the server keeps what is its own alone. */
  readonly folder: string;
  /** Of a PostgreSQL server: as whom the tables are made; null where the application's login does that too. */
  readonly ownerUrl: string | null;
  /** File of the key that webhooks are signed with; processes of one company share it. */
  readonly key: string;
  readonly host: string;
  /** Seconds in which the server answers nobody, after which it ends. */
  readonly stuckSeconds: number;
}

type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;

/** What was typed after `npm start --`. Rejects with `WrongOption`, which gives the usage where an option is not known. */
export async function typed(args: readonly string[] = process.argv.slice(2)): Promise<TypedOptions> {
  const sources = await discoverSources();
  const options: Record<string, ParseArgsOptionDescriptor> = {
    estate: { type: 'string' },
    every: { type: 'string', default: '1h' },
    sources: { type: 'string' },
    port: { type: 'string', default: '0' },
    data: { type: 'string' },
    origin: { type: 'string' },
    host: { type: 'string', default: '127.0.0.1' },
    simulate: { type: 'string' },
    help: { type: 'boolean', default: false },
  };
  for (const source of othersOf(sources)) {
    options[source.id] = { type: 'string', multiple: true };
    for (const { name } of source.options) options[`${source.id}-${name}`] = { type: 'string' };
  }
  try {
    const values: Values = parseArgs({ args: [...args], options }).values;
    if (values.help) {
      process.stdout.write(usage(sources));
      process.exit(0);
    }
    return typedIn(values, sources);
  } catch (error) {
    if (error instanceof WrongOption) throw error;
    return wrong((error as Error).message, ...usage(sources).trimEnd().split('\n'));
  }
}

function typedIn(values: Values, sources: readonly Source[]): TypedOptions {
  const text = (name: string) => (typeof values[name] === 'string' ? values[name] : undefined);
  const simulate = text('simulate');
  const size = SIZE_NAMES.find((name) => name === simulate) ?? null;
  if (simulate !== undefined && size === null) wrong(`--simulate: give one of ${SIZE_NAMES.join(', ')}`);
  const configured = text('sources') ?? (process.env.MACADAM_SOURCES || null);
  const estate = estateIn(values, sources, configured !== null);
  if (size === null && estate.folder !== null && !isFolder(estate.folder))
    wrong(`--estate: there is no folder \`${estate.folder}\``);
  const usual = size ? simulatedFolder(size, process.env) : folderOf(estate, configured);
  const { facts, decisions } = storesIn(text('data') ?? usual, usual, process.env);
  const origin = text('origin') ?? (process.env.MACADAM_ORIGIN || undefined);
  const host = text('host') ?? '127.0.0.1';
  if (origin !== undefined && URL.parse(origin)?.origin !== origin)
    wrong('--origin: give scheme and host, as https://macadam.example');
  if (origin !== undefined && !isSafe(new URL(origin)))
    wrong('--origin: people would log in in clear; give an https address, of a proxy that ends TLS');
  if (origin === undefined && !['127.0.0.1', '::1', 'localhost'].includes(host))
    wrong('--host: others reach it there, so say by which name, as --origin https://macadam.example');
  const port = Number(text('port'));
  if (!Number.isInteger(port) || port < 0 || port > 65535) wrong('--port: give a number from 0 to 65535');
  const folder = facts === text('data') ? usual : (text('data') ?? usual);
  return {
    estate,
    sources: configured === null ? null : resolve(configured),
    everySeconds: everyIn(text('every') ?? '1h'),
    port,
    data: facts,
    decisions,
    size,
    origin,
    host,
    folder,
    ownerUrl: process.env.MACADAM_OWNER_DATABASE_URL || null,
    key: process.env.MACADAM_WEBHOOK_KEY_FILE ?? join(folder, WEBHOOK_KEY),
    stuckSeconds: stuckIn(process.env.MACADAM_STUCK_SECONDS || String(STUCK_SECONDS)),
  };
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** Macadam's own repository is measured where nothing else is named. */
function estateIn(values: Values, sources: readonly Source[], isConfigured: boolean): TypedEstate {
  const others = othersOf(sources).flatMap(({ id, options }): TypedSource[] => {
    const targets = [values[id] ?? []].flat().map(String);
    const own = options.map(({ name }): [string, string | undefined] => {
      const given = values[`${id}-${name}`];
      return [name, given === undefined ? undefined : String(given)];
    });
    const [orphan] = own.filter(([, given]) => given !== undefined);
    if (targets.length === 0 && orphan !== undefined)
      wrong(`--${id}-${orphan[0]}: it says nothing without --${id}; name what to measure there`);
    return targets.length === 0 ? [] : [{ source: id, targets, options: Object.fromEntries(own) }];
  });
  const folder =
    typeof values.estate === 'string' ? values.estate : others.length > 0 || isConfigured ? null : HERE;
  return { folder, others };
}

/** What people call an estate. */
export function titleOf({ folder, others }: TypedEstate): string {
  const names = others.flatMap(({ targets }) => targets);
  return [...(folder === null ? [] : [basename(resolve(folder))]), ...names].join(' and ');
}

function folderOf({ folder, others }: TypedEstate, configured: string | null): string {
  const names = others.flatMap(({ source, targets }) => targets.map((target) => `${source} ${target}`));
  if (configured !== null) names.push(`sources ${resolve(configured)}`);
  return names.length === 0 && folder !== null
    ? dataFolder(folder, process.env)
    : remoteDataFolder({ folder, names: names.sort() }, process.env);
}

const UNITS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 };

function stuckIn(given: string): number {
  if (!/^\d{1,4}$/.test(given) || Number(given) < 5)
    wrong(`MACADAM_STUCK_SECONDS: \`${given}\` is not understood; write whole seconds from 5 to 9999`);
  return Number(given);
}

/** A minute at least: what is measured more often is never at rest. */
function everyIn(given: string): number | null {
  if (given === 'never') return null;
  const [, number, unit] = /^([1-9]\d{0,3})([mhd])$/.exec(given) ?? [];
  if (number === undefined || unit === undefined)
    wrong(`--every: \`${given}\` is not understood; write it like 30m, 1h or 7d, or never`);
  return Number(number) * (UNITS[unit] ?? 1);
}
