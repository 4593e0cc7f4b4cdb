/** A folder of cleaned dumps: taken in, asked for, opened for some hours. Everything is in the log before it happens. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type CleanReport, cleaned } from './clean.ts';
import { programOf } from './elf.ts';
import type { FindSecrets } from './find.ts';
import {
  type Grant,
  grantOf,
  grantsIn,
  requireAllowed,
  type Taken,
  takenDump,
  type Wanted,
} from './grants.ts';
import { type DumpLog, type Entry, openLog } from './log.ts';
import { quarantine } from './quarantine.ts';
import { DumpError } from './refused.ts';
import { seal, unseal } from './sealed.ts';
import { ruleFor, type Settings, settingsFrom } from './settings.ts';

/** The detectors, and what says which they are: another word for other ones. */
export interface Detectors {
  readonly find: FindSecrets;
  readonly version: string;
}

export interface Crashed {
  /** Name of the program; null to take what the dump says. */
  readonly program: string | null;
  /** When it ended; null where nobody says. */
  readonly at: Date | null;
}

export interface StoreOptions {
  /** The private key, where it does not lie in the folder. */
  readonly key?: string;
  readonly clock?: () => Date;
  readonly progress?: (what: string) => void;
}

export interface Listed {
  readonly dump: string;
  readonly program: string;
  readonly takenAt: string;
  readonly bytes: number;
  readonly secrets: number;
  /** False: the file is gone. */
  readonly isThere: boolean;
}

export interface DumpStore {
  readonly settings: Settings;
  readonly folder: string;
  /** Where the private key lies. */
  readonly keyFile: string;
  readonly log: DumpLog;
  readonly now: () => Date;
  /** Cleans and keeps what comes; rejects, and keeps nothing, where it cannot. */
  readonly take: (
    from: AsyncIterable<Uint8Array>,
    crashed: Crashed,
    detectors: Detectors,
  ) => Promise<{ readonly dump: string; readonly report: CleanReport }>;
  readonly list: () => readonly Listed[];
  readonly request: (wanted: Wanted) => Grant;
  readonly approve: (request: string, by: string) => Grant;
  readonly grants: () => readonly Grant[];
  /** Writes the dump to a file that only `owner` reads, and gives its path and its end. */
  readonly open: (
    request: string,
    by: string,
    owner: Owner | null,
  ) => { readonly path: string; readonly until: Date };
  readonly closeOpened: (request: string, by: string) => void;
  /** Removes what was opened and has ended, and finishes or removes what a process that was killed left; gives the requests that ended. */
  readonly sweep: () => readonly string[];
  /** Gives the pieces of a kept dump to `write`. */
  readonly unsealed: (taken: Taken, write: (part: Uint8Array) => void) => void;
  readonly privateKey: () => KeyObject;
  readonly close: () => void;
}

export interface Owner {
  readonly user: number;
  readonly group: number;
}

const SETTINGS = 'store.json';
const PUBLIC = 'public.pem';
const PRIVATE = 'private.pem';
const FOLDERS = ['dumps', 'quarantine', 'opened'] as const;

/** Makes the folder of a store, with a key pair; throws where there is one. */
export function makeStore(folder: string, settings: object): void {
  settingsFrom(JSON.stringify(settings), SETTINGS);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (existsSync(join(folder, SETTINGS)))
    throw new DumpError(folder, 'is a store already', 'give a folder that is not there yet');
  for (const name of FOLDERS) mkdirSync(join(folder, name), { mode: name === 'opened' ? 0o711 : 0o700 });
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  writeFileSync(join(folder, PRIVATE), privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  writeFileSync(join(folder, PUBLIC), publicKey.export({ format: 'pem', type: 'spki' }), { mode: 0o644 });
  writeFileSync(join(folder, SETTINGS), `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o644 });
  chmodSync(folder, 0o711);
}

export function openStore(folder: string, options: StoreOptions = {}): DumpStore {
  const { clock = () => new Date(), progress } = options;
  const settings = settingsFrom(read(join(folder, SETTINGS)), join(folder, SETTINGS));
  const log = openLog(join(folder, 'log.db'));
  const keyFile = options.key ?? join(folder, PRIVATE);
  const place = (dump: string) => join(folder, 'dumps', `${dump}.dump`);
  const privateKey = () => createPrivateKey(read(keyFile));
  const opened = (request: string) => join(folder, 'opened', `${request}.core`);

  const store: DumpStore = {
    settings,
    folder,
    keyFile,
    log,
    now: clock,
    async take(from, { program: named, at }, { find, version }) {
      const recipient = createPublicKey(read(join(folder, PUBLIC)));
      const held = quarantine(join(folder, 'quarantine'));
      const dump = randomBytes(8).toString('hex');
      let program = named ?? 'unknown';
      const part = join(folder, 'dumps', `${dump}.${process.pid}.part`);
      try {
        for await (const bytes of from) held.write(bytes);
        progress?.('read');
        program = named ?? programOf(held.bytes()) ?? program;
        const { bytes, report } = cleaned(held.bytes(), find, progress === undefined ? {} : { progress });
        const file = openSync(part, 'wx', 0o600);
        const { content, file: digest } = seal(bytes, recipient, { id: dump, file });
        fsyncSync(file);
        closeSync(file);
        progress?.('sealed');
        const { detectors, overwritten, environment } = report;
        log.append(clock(), () => ({
          what: 'taken',
          dump,
          program,
          crashedAt: at === null ? null : at.toISOString(),
          bytes: bytes.size,
          content,
          file: digest,
          searchedWith: version,
          detectors,
          overwritten,
          environment,
        }));
        progress?.('logged');
        renameSync(part, place(dump));
        const dumps = openSync(join(folder, 'dumps'), 'r');
        fsyncSync(dumps);
        closeSync(dumps);
        return { dump, report };
      } catch (error) {
        rmSync(part, { force: true });
        const why = error instanceof Error ? error.message : String(error);
        log.append(clock(), () => ({ what: 'not-taken', program, why }));
        throw error;
      } finally {
        held.close();
      }
    },
    list: () =>
      log
        .entries()
        .filter((one): one is Taken => one.what === 'taken')
        .map(({ dump, program, at, bytes, detectors }) => ({
          dump,
          program,
          takenAt: at,
          bytes,
          secrets: Object.values(detectors).reduce((sum, count) => sum + count, 0),
          isThere: existsSync(place(dump)),
        })),
    request(wanted) {
      const request = randomBytes(6).toString('hex');
      log.append(clock(), (entries) => {
        requireAllowed(entries, settings, wanted);
        return { what: 'requested', request, ...wanted };
      });
      const entries = log.entries();
      const grant = grantOf(entries, settings, request);
      const rule = ruleFor(settings, takenDump(entries, wanted.dump).program, wanted.by);
      if (rule?.approvers.length !== 0) return grant;
      log.append(clock(), () => ({ what: 'approved', request, by: null, until: endOf(clock(), grant) }));
      return grantOf(log.entries(), settings, request);
    },
    approve(request, by) {
      log.append(clock(), (entries) => {
        const grant = grantOf(entries, settings, request);
        if (grant.until !== null)
          throw new DumpError(
            `request \`${request}\``,
            `is approved until ${grant.until}`,
            'nothing has to be done',
          );
        if (!grant.waitsFor.includes(by))
          throw new DumpError(
            `\`${by}\``,
            by === grant.by ? 'asked for it' : `may not approve what ${grant.by} asked for`,
            `ask one of: ${grant.waitsFor.join(', ') || 'nobody, so the owners of the store have to name another approver'}`,
          );
        return { what: 'approved', request, by, until: endOf(clock(), grant) };
      });
      return grantOf(log.entries(), settings, request);
    },
    grants: () => grantsIn(log.entries(), settings),
    open(request, by, owner) {
      const now = clock();
      const entries = log.entries();
      const grant = grantOf(entries, settings, request);
      const taken = takenDump(entries, grant.dump);
      const check = (list: readonly Entry[]) => requireOpen(grantOf(list, settings, request), by, now);
      const until = check(entries);
      const key = privateKey();
      log.append(now, (list) => {
        check(list);
        return { what: 'opened', request, by };
      });
      const path = opened(request);
      rmSync(path, { force: true });
      const file = openSync(path, 'wx', 0o400);
      try {
        unseal(place(taken.dump), key, taken.dump, (bytes) => {
          for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
        });
        if (owner !== null) chownSync(path, owner.user, owner.group);
      } catch (error) {
        rmSync(path, { force: true });
        throw error;
      } finally {
        closeSync(file);
      }
      return { path, until };
    },
    closeOpened(request, by) {
      if (!existsSync(opened(request))) return;
      rmSync(opened(request), { force: true });
      log.append(clock(), () => ({ what: 'closed', request, by }));
    },
    sweep() {
      const now = clock();
      const ends = new Map(store.grants().map(({ request, until }) => [request, until]));
      const ended = readdirSync(join(folder, 'opened'))
        .map((name) => name.replace(/\.core$/, ''))
        .filter((request) => new Date(ends.get(request) ?? 0) <= now);
      for (const request of ended) store.closeOpened(request, 'its end');
      const taken = new Set(log.entries().flatMap((one) => (one.what === 'taken' ? [one.dump] : [])));
      for (const name of readdirSync(join(folder, 'dumps'))) {
        const [, dump = '', taker = ''] = /^(\w+)\.(\d+)\.part$/.exec(name) ?? [];
        if (taker === '' || isAlive(Number(taker))) continue;
        // What is in the log was whole.
        if (taken.has(dump)) renameSync(join(folder, 'dumps', name), place(dump));
        else rmSync(join(folder, 'dumps', name), { force: true });
      }
      return ended;
    },
    unsealed: ({ dump }, write) => unseal(place(dump), privateKey(), dump, write),
    privateKey,
    close: () => log.close(),
  };
  return store;
}

const HOUR = 3_600_000;
const endOf = (now: Date, { hours }: Grant): string => new Date(now.getTime() + hours * HOUR).toISOString();

function requireOpen({ by: owner, until, waitsFor, request }: Grant, by: string, now: Date): Date {
  const wrong = (reason: string, fix: string) => new DumpError(`request \`${request}\``, reason, fix);
  if (owner !== by) throw wrong(`is of ${owner}`, 'make one of your own');
  if (until === null) throw wrong('is not approved', `ask one of: ${waitsFor.join(', ')}`);
  const end = new Date(until);
  if (end <= now) throw wrong(`ended at ${until}`, 'make a new one');
  return end;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new DumpError(
      path,
      code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`,
      'make a store with `macadam-dumps init`, or give its folder by --store',
    );
  }
}
