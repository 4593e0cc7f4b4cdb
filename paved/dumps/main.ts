#!/usr/bin/env node
/** The command `macadam-dumps`: what the kernel gives dumps to, and what people ask for one by. */
import { hash } from 'node:crypto';
import {
  closeSync,
  constants,
  createReadStream,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cleaned } from './clean.ts';
import { fileBytes } from './file-bytes.ts';
import { decompressed } from './input.ts';
import { searchStore, storeLines } from './observations.ts';
import { DumpError } from './refused.ts';
import { type Crashed, type Detectors, type DumpStore, makeStore, type Owner, openStore } from './store.ts';

const STORE = '/var/lib/macadam-dumps';
const HELP = `macadam-dumps init --boundary NAME [--environment NAME] [--cloud NAME] [--owner TEAM]…
    makes a store with its keys; who may read what stands in its store.json
macadam-dumps take PID PROGRAM SECONDS
    what the kernel runs with a dump as input: sysctl kernel.core_pattern='|/usr/bin/macadam-dumps take %P %e %t'
macadam-dumps take --file FILE | --folder DIR
    takes a dump, or each of a folder (ELF, also .zst and .gz), and removes the original when it is kept
macadam-dumps clean FILE --out FILE
    cleans one dump by itself, without a store
macadam-dumps list
    the dumps, and who asked for which
macadam-dumps request DUMP --reason TEXT --hours N
macadam-dumps approve REQUEST
macadam-dumps open REQUEST
    puts the dump where whoever asked for it can read it, until the end that was given or Ctrl-C
macadam-dumps revoked SECRET --reason TEXT
    says of a secret that was found that its issuer took it back
macadam-dumps observations
    searches what is kept with the detectors of today, and prints lines for \`macadam ingest\`
macadam-dumps log
    every entry with its digest, to be kept elsewhere too

--store DIR (${STORE}); --key FILE: the private key, where it is kept elsewhere; --detectors MODULE (@macadam/secrets)
Who asks is the account, or the one that sudo came from. Exit codes: 0 done; 1 refused; 2 usage.
`;

class UsageError extends Error {}

const OPTIONS = {
  store: { type: 'string', default: STORE },
  key: { type: 'string' },
  detectors: { type: 'string' },
  file: { type: 'string' },
  folder: { type: 'string' },
  out: { type: 'string' },
  reason: { type: 'string' },
  hours: { type: 'string' },
  boundary: { type: 'string' },
  environment: { type: 'string', default: 'production' },
  cloud: { type: 'string', default: 'on-premises' },
  owner: { type: 'string', multiple: true },
  progress: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const tell = (text: string): void => void process.stderr.write(`macadam-dumps: ${text}\n`);

function storeOf({ store, key, progress }: Values): DumpStore {
  return openStore(store, {
    ...(key === undefined ? {} : { key }),
    ...(progress === true ? { progress: tell } : {}),
  });
}

/** sudo says who ran it; whoever can write its environment is that account already. */
const caller = (): string => process.env.SUDO_USER ?? userInfo().username;

function ownerOf(): Owner | null {
  const { SUDO_UID: user, SUDO_GID: group } = process.env;
  return user === undefined || group === undefined ? null : { user: Number(user), group: Number(group) };
}

async function detectorsOf(name: string): Promise<Detectors> {
  try {
    const { findSecrets, DETECTORS } = await import(name);
    if (typeof findSecrets !== 'function') throw new Error('it exports no findSecrets');
    return {
      find: findSecrets,
      version: hash('sha256', JSON.stringify(DETECTORS ?? name), 'hex').slice(0, 16),
    };
  } catch (error) {
    throw new DumpError(
      `detectors \`${name}\``,
      (error as Error).message,
      'nothing is taken without them; run: npm install @macadam/secrets',
    );
  }
}

async function take(values: Values, words: readonly string[]): Promise<number> {
  const store = storeOf(values);
  try {
    const detectors = await detectorsOf(values.detectors ?? store.settings.detectors);
    store.sweep();
    if (values.file !== undefined) return await takeFile(store, detectors, values.file);
    if (values.folder !== undefined) return await takeFolder(store, detectors, values.folder);
    const [pid, program, seconds, ...more] = words;
    if (
      pid === undefined ||
      program === undefined ||
      seconds === undefined ||
      more.length > 0 ||
      !/^\d{1,12}$/.test(seconds)
    )
      throw new UsageError('take needs PID PROGRAM SECONDS, or --file, or --folder');
    const crashed = { program: named(program), at: new Date(Number(seconds) * 1000) };
    const { dump } = await store.take(decompressed(process.stdin), crashed, detectors);
    tell(`${dump}: kept, of ${crashed.program}`);
    return 0;
  } finally {
    store.close();
  }
}

/** A process chooses its name. */
const named = (program: string): string => program.replaceAll(/[^\w.@+-]/g, '_').slice(0, 64) || 'unknown';

async function takeFile(store: DumpStore, detectors: Detectors, path: string): Promise<number> {
  // A folder that everybody writes into may hold a link to anything.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  const source = createReadStream(path, { fd });
  const { dump, report } = await store.take(decompressed(source), crashOf(path), detectors);
  rmSync(path);
  const found = Object.entries(report.detectors).map(([detector, count]) => `${count} ${detector}`);
  tell(`${dump}: kept, ${path} removed; overwritten: ${found.join(', ') || 'nothing'}`);
  return 0;
}

/** systemd-coredump writes core.PROGRAM.USER.BOOT.PID.MICROSECONDS. */
function crashOf(path: string): Crashed {
  const [, program, time] = /^core\.([^.]+)\.\d+\.[0-9a-f]{32}\.\d+\.(\d+)/.exec(basename(path)) ?? [];
  if (program === undefined || time === undefined) return { program: null, at: statSync(path).mtime };
  return { program: named(program), at: new Date(Number(time) / 1000) };
}

const SETTLED = 10_000;

async function takeFolder(store: DumpStore, detectors: Detectors, folder: string): Promise<number> {
  let refused = 0;
  for (const name of readdirSync(folder)
    .filter((one) => one.startsWith('core'))
    .sort()) {
    const path = join(folder, name);
    const file = lstatSync(path);
    // The kernel may be writing it.
    if (!file.isFile() || Date.now() - file.mtimeMs < SETTLED) continue;
    try {
      await takeFile(store, detectors, path);
    } catch (error) {
      refused++;
      tell(`${path} was left where it is: ${(error as Error).message}`);
    }
  }
  return refused === 0 ? 0 : 1;
}

async function clean(values: Values, [path, ...more]: readonly string[]): Promise<number> {
  if (path === undefined || more.length > 0 || values.out === undefined)
    throw new UsageError('clean needs FILE and --out FILE');
  const { find } = await detectorsOf(values.detectors ?? '@macadam/secrets');
  const source = fileBytes(path);
  // Under another name until it is whole: what is written has no secret in it, whenever it ends.
  const part = `${values.out}.part`;
  try {
    const { bytes, report } = cleaned(source.bytes, find, values.progress === true ? { progress: tell } : {});
    const file = openSync(part, 'wx', 0o600);
    for (let at = 0; at < bytes.size; at += 1 << 20) {
      const piece = Buffer.allocUnsafe(Math.min(1 << 20, bytes.size - at));
      bytes.read(piece, at);
      for (let written = 0; written < piece.length; ) written += writeSync(file, piece, written);
    }
    fsyncSync(file);
    closeSync(file);
    renameSync(part, values.out);
    say(JSON.stringify(report, null, 2));
    return 0;
  } finally {
    source.close();
    rmSync(part, { force: true });
  }
}

function list(store: DumpStore): number {
  for (const { dump, program, takenAt, bytes, secrets, isThere } of store.list())
    say(
      `${dump}  ${takenAt}  ${program}  ${Math.ceil(bytes / 1e6)} MB  ${secrets} secrets overwritten${isThere ? '' : '  gone'}`,
    );
  for (const { request, dump, by, reason, until, waitsFor } of store.grants())
    say(
      `  request ${request} of ${dump} by ${by} (${reason}): ${until === null ? `waits for ${waitsFor.join(' or ') || 'nobody who may'}` : `until ${until}`}`,
    );
  return 0;
}

function request(store: DumpStore, values: Values, dump: string): number {
  const { reason, hours } = values;
  if (reason === undefined || hours === undefined)
    throw new UsageError('request needs --reason TEXT and --hours N');
  const grant = store.request({ dump, by: caller(), reason, hours: Number(hours) });
  say(
    grant.until === null
      ? `request ${grant.request}: ${grant.waitsFor.join(' or ') || 'nobody'} has to approve it (macadam-dumps approve ${grant.request})`
      : `request ${grant.request}: approved by the rule until ${grant.until} (macadam-dumps open ${grant.request})`,
  );
  return 0;
}

async function open(store: DumpStore, id: string): Promise<number> {
  const by = caller();
  // From here on a signal ends the wait and no more, so that what was opened is closed.
  const stopped = new Promise<void>((end) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end());
  });
  const { path, until } = store.open(id, by, ownerOf());
  const left = new AbortController();
  say(`${path} until ${until.toISOString()}; Ctrl-C closes it`);
  const ended = wait(until.getTime() - store.now().getTime(), null, { signal: left.signal }).catch(
    () => null,
  );
  await Promise.race([stopped, ended]);
  left.abort();
  store.closeOpened(id, by);
  return 0;
}

async function observations(store: DumpStore, values: Values): Promise<number> {
  searchStore(store, await detectorsOf(values.detectors ?? store.settings.detectors));
  process.stdout.write(storeLines(store));
  return 0;
}

function revoked(store: DumpStore, { reason }: Values, secret: string): number {
  if (reason === undefined) throw new UsageError('revoked needs --reason TEXT');
  const by = caller();
  store.log.append(store.now(), (entries) => {
    if (!entries.some((one) => one.what === 'searched' && one.secrets.some(({ id }) => id === secret)))
      throw new DumpError(
        `secret \`${secret}\``,
        'was never found',
        'give an id that `macadam-dumps observations` shows',
      );
    return { what: 'revoked', secret, by, reason };
  });
  return 0;
}

function init(values: Values): number {
  const { store, boundary, environment, cloud, owner = [] } = values;
  if (boundary === undefined || owner.length === 0)
    throw new UsageError('init needs --boundary NAME and --owner TEAM');
  makeStore(store, { cloud, store_id: store, environment, owners: owner, boundary, people: {}, rules: [] });
  say(
    `made ${store}; say in store.json who may read what, and keep private.pem where only those commands run`,
  );
  return 0;
}

/** Runs one command line and gives its exit code. */
async function run(parameters: string[]): Promise<number> {
  const [verb = '', ...rest] = parameters;
  if (verb === '--help') {
    say(HELP);
    return 0;
  }
  const { values, positionals } = parseArgs({ args: rest, options: OPTIONS, allowPositionals: true });
  if (verb === 'init') return init(values);
  if (verb === 'take') return await take(values, positionals);
  if (verb === 'clean') return await clean(values, positionals);
  const [subject, ...more] = positionals;
  const needsSubject = ['request', 'approve', 'open', 'revoked'].includes(verb);
  if (!needsSubject && !['list', 'observations', 'log'].includes(verb))
    throw new UsageError(`unknown command \`${verb}\`\n${HELP}`);
  if (needsSubject !== (subject !== undefined) || more.length > 0)
    throw new UsageError(`${verb} takes ${needsSubject ? 'one id' : 'options alone'}`);
  const store = storeOf(values);
  try {
    for (const ended of store.sweep()) tell(`request ${ended} has ended; what it opened is removed`);
    if (verb === 'list') return list(store);
    if (verb === 'observations') return await observations(store, values);
    if (verb === 'log') process.stdout.write(store.log.lines());
    if (subject === undefined) return 0;
    if (verb === 'request') return request(store, values, subject);
    if (verb === 'open') return await open(store, subject);
    if (verb === 'revoked') return revoked(store, values, subject);
    say(`request ${subject}: approved until ${store.approve(subject, caller()).until}`);
    return 0;
  } finally {
    store.close();
  }
}

try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  tell(error instanceof Error ? error.message : String(error));
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  process.exitCode = isUsage ? 2 : 1;
}
