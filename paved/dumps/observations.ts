/**
 * What a store is, as lines for `macadam ingest`: an asset `dump-store`. Who can read is what grants say and what the files of the folder let anybody do;
 * that each dump was searched is what the log says of each file that is there; which secrets are in it is what a search with today's detectors finds.
 */
import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cleaned } from './clean.ts';
import type { Bytes } from './elf.ts';
import { fileBytes } from './file-bytes.ts';
import type { Taken } from './grants.ts';
import type { Entry } from './log.ts';
import { quarantine } from './quarantine.ts';
import { DumpError } from './refused.ts';
import type { Detectors, DumpStore } from './store.ts';

type Searched = Extract<Entry, { readonly what: 'searched' }>;

const SEALED = /^([0-9a-f]{16})\.dump$/;
const PART = /\.part$/;

/** Searches every file of the store with these detectors, where none of them was searched with the same before, and logs what is found. */
export function searchStore(store: DumpStore, { find, version }: Detectors): void {
  const entries = store.log.entries();
  const key = Buffer.from(
    hkdfSync(
      'sha256',
      store.privateKey().export({ format: 'der', type: 'pkcs8' }),
      '',
      'macadam.dumps/secrets',
      32,
    ),
  );
  for (const { name, file } of filesOf(store)) {
    const isDone = entries.some(
      (one) =>
        one.what === 'searched' && one.dump === name && one.file === file && one.searchedWith === version,
    );
    if (isDone) continue;
    const secrets = new Map<string, string>();
    const found = (detector: string, secret: Buffer) => {
      const id = createHmac('sha256', key).update(`${name}\n`).update(secret).digest('hex').slice(0, 32);
      secrets.set(id, detector);
    };
    const taken = takenFile(entries, name, file);
    if (taken === null) {
      try {
        inFile(join(store.folder, 'dumps', name), (bytes) => void cleaned(bytes, find, { found }));
      } catch (error) {
        // What is no dump that can be read stays unsearched, and the list of secrets incomplete.
        if (error instanceof DumpError) continue;
        throw error;
      }
    } else {
      const held = quarantine(join(store.folder, 'quarantine'));
      try {
        store.unsealed(taken, held.write);
        cleaned(held.bytes(), find, { found });
      } finally {
        held.close();
      }
    }
    store.log.append(store.now(), () => ({
      what: 'searched',
      dump: name,
      file,
      searchedWith: version,
      secrets: [...secrets].map(([id, detector]) => ({ id, detector })),
    }));
  }
}

interface StoredFile {
  readonly name: string;
  /** SHA-256. */
  readonly file: string;
}

function filesOf({ folder }: DumpStore): StoredFile[] {
  return readdirSync(join(folder, 'dumps'))
    .filter((name) => !PART.test(name))
    .sort()
    .map((name) => {
      const digest = createHash('sha256');
      inFile(join(folder, 'dumps', name), ({ size, read }) => {
        for (let at = 0; at < size; at += 1 << 20) {
          const part = Buffer.allocUnsafe(Math.min(1 << 20, size - at));
          read(part, at);
          digest.update(part);
        }
      });
      return { name, file: digest.digest('hex') };
    });
}

function inFile(path: string, use: (bytes: Bytes) => void): void {
  const file = fileBytes(path);
  try {
    use(file.bytes);
  } finally {
    file.close();
  }
}

/** What the log says of a file: that it was cleaned and sealed, as it is. */
function takenFile(entries: readonly Entry[], name: string, file: string): Taken | null {
  const [, dump] = SEALED.exec(name) ?? [];
  return (
    entries.find((one): one is Taken => one.what === 'taken' && one.dump === dump && one.file === file) ??
    null
  );
}

/** As `assetId` of Macadam writes a part of an id. */
const escaped = (part: string): string => encodeURI(part).replaceAll(/[?#&]/g, encodeURIComponent);

export function storeLines(store: DumpStore): string {
  const { settings } = store;
  const { cloud, store_id, environment, owners, boundary } = settings;
  const now = store.now();
  const entries = store.log.entries();
  const files = filesOf(store);
  const searched = entries.filter((one): one is Searched => one.what === 'searched');
  const newest = new Map(searched.map((one) => [`${one.dump} ${one.file}`, one]));
  const unsearched = files.filter(({ name, file }) => !newest.has(`${name} ${file}`));
  const byHand = files.filter(({ name, file }) => takenFile(entries, name, file) === null);
  const at = now.toISOString();
  const container = `${cloud}/${store_id}`;
  const collection = {
    source: 'dumps',
    query: `the store ${store_id} and its log`,
    startedAt: at,
    finishedAt: at,
    status: 'complete',
    partitions: [
      { kind: 'dump-store', container, containerName: container, format: 'dumps', complete: true, seen: 1 },
    ],
    problems: [],
  };
  const observation = {
    kind: 'dump-store',
    id: ['dump-store', cloud, store_id].map(escaped).join('/'),
    name: `crash dumps of ${boundary}`,
    source: 'dumps',
    observedAt: at,
    assurance: 'effective',
    container,
    format: 'dumps',
    attributes: {
      cloud: { value: cloud },
      store_id: { value: store_id },
      environment: { value: environment },
      owners: { value: owners, complete: true },
      boundary: { value: boundary },
      readers: { value: readersOf(store, byHand, now), complete: true },
      scrubbed: { value: byHand.length === 0, assurance: 'effective' },
      secrets: { value: secretsOf(entries, searched), complete: unsearched.length === 0 },
    },
  };
  return [{ collection }, observation].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Every secret that any search found, with when it was found first. */
function secretsOf(entries: readonly Entry[], searched: readonly Searched[]): readonly object[] {
  const revoked = new Set(entries.flatMap((one) => (one.what === 'revoked' ? [one.secret] : [])));
  const found = new Map<string, object>();
  for (const { at, secrets } of searched)
    for (const { id, detector } of secrets)
      if (!found.has(id)) found.set(id, { id, detector, found_at: at, revoked: revoked.has(id) });
  return [...found.values()];
}

function readersOf(store: DumpStore, byHand: readonly StoredFile[], now: Date): readonly object[] {
  const { boundary } = store.settings;
  const brokered = store
    .grants()
    .filter(({ until }) => until !== null && new Date(until) > now)
    .map(({ by }) => ({ principal: by, through: 'broker', boundary }));
  const standing = new Set<string>();
  const lookAt = (path: string, isPlain: boolean) => {
    const { mode, uid, gid } = statSync(path);
    // What is sealed its owner cannot read by that.
    if (isPlain) standing.add(nameOf(uid, '/etc/passwd', 'account'));
    if ((mode & 0o040) !== 0) standing.add(nameOf(gid, '/etc/group', 'group'));
    if ((mode & 0o004) !== 0) standing.add('every account of this machine');
  };
  for (const { name } of byHand) lookAt(join(store.folder, 'dumps', name), true);
  // It may lie on another machine.
  if (existsSync(store.keyFile)) lookAt(store.keyFile, false);
  const unique = new Map(brokered.map((one) => [one.principal, one]));
  const unknown = {
    unobserved: 'unobserved',
    why: 'it is not known whose an account of this machine is; let people read through the broker alone',
  };
  return [
    ...unique.values(),
    ...[...standing].map((principal) => ({ principal, through: 'standing', boundary: unknown })),
  ];
}

/** Whoever a number is, by the table of this machine. */
function nameOf(number: number, table: string, sort: string): string {
  const line = readFileSync(table, 'utf8')
    .split('\n')
    .map((one) => one.split(':'))
    .find((one) => one[2] === String(number));
  return `${sort} ${line?.[0] ?? number}`;
}
