/**
 * The folder of an embedded PostgreSQL and the cluster in it. Started as root, the folder stays root's, so that nothing in it can be put
 * in another's place; the account that the server runs as has two folders in it, into which root writes nothing and follows nothing.
 *
 *     <place>/data     the cluster, the account's      <place>/socket       the account's
 *     <place>/hba.conf, ident.conf                     <place>/postgres.log
 *     <place>/programs a copy, only where the account cannot reach ours
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  cpSync,
  existsSync,
  fstatSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DecisionsError } from '../port.ts';
import { type Account, type AccountIds, accountFor, asRoot, ownName } from './account.ts';
import { closedFolder } from './binaries.ts';

/** Whom the server's programs know. */
export const SUPERUSER = 'macadam';
/** As whom the application logs in: it owns nothing and may only become `macadam_application`. */
export const APPLICATION_LOGIN = 'macadam_server';
/** The database that a new cluster comes with. */
export const DATABASE = 'postgres';
/** A socket's path has 108 bytes in the kernel, with its end. */
const LONGEST_SOCKET = 107;
const SOCKET_NAME = '.s.PGSQL.5432';

/** Nothing of the caller's environment changes what the server does. */
export const environment = () => ({ PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C' });

export interface Cluster {
  readonly place: string;
  readonly account: Account;
  /** Folder of the programs. */
  readonly programs: string;
  readonly data: string;
  readonly socket: string;
  readonly log: string;
  readonly hba: string;
  readonly ident: string;
}

/**
 * Makes what is missing, and takes back what an earlier release gave away. `native`: folder with `bin/postgres`. The folder must be held by
 * the caller. Rejects with `DecisionsError` `unavailable`, with what was said.
 */
export function prepareCluster(directory: string, native: string, fleeting: boolean): Cluster {
  const place = resolve(directory);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const account = accountFor(place);
  secure(place, account);
  const cluster: Cluster = {
    place,
    account,
    programs: reachable(native, place, account),
    data: join(place, 'data'),
    socket: socketFolder(place, account),
    log: join(place, 'postgres.log'),
    hba: join(place, 'hba.conf'),
    ident: join(place, 'ident.conf'),
  };
  whoMayEnter(cluster);
  if (!existsSync(join(cluster.data, 'PG_VERSION'))) initialise(cluster, fleeting);
  return cluster;
}

/**
 * Before anything is read or written in a folder that another account may have had: root's it is again, and what lies in it directly is
 * what it seems. Of one's own account nothing has to be taken back.
 */
export function secure(place: string, account: Account): void {
  if (!asRoot()) {
    chmodSync(place, 0o700);
    return;
  }
  const closed = closedFolder(resolve(place, '..'));
  if (closed !== null)
    throw new DecisionsError(
      'unavailable',
      `PostgreSQL does not run as root, and ${account.name} may not pass ${closed} to ${place}; ` +
        `use another directory or another account, or \`chmod o+x ${closed}\``,
    );
  lchownSync(place, 0, 0);
  // Passed by the account, listed by nobody.
  chmodSync(place, 0o711);
  for (const { name } of readdirSync(place, { withFileTypes: true })) {
    const path = join(place, name);
    const found = lstatSync(path);
    if (!found.isFile() && !found.isDirectory())
      throw new DecisionsError(
        'unavailable',
        `${path} is neither a file nor a folder, and nothing of ours is: somebody put it there; look at it, and take it away`,
      );
    if (found.isFile() && found.nlink > 1 && name !== LOCK)
      throw new DecisionsError(
        'unavailable',
        `${path} has another name elsewhere, and nothing of ours has: somebody put it there; look at it, and take it away`,
      );
  }
}
/** It is made by a second name. */
const LOCK = 'macadam.lock';

/** A folder of the account's in one of ours. */
function owned(path: string, { ids }: Account): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (ids) lchownSync(path, ids.uid, ids.gid);
  return path;
}

/** Root may read programs that the account cannot, in a home for example: then it gets a copy. */
function reachable(native: string, place: string, account: Account): string {
  if (!account.ids || closedFolder(native) === null) return join(native, 'bin');
  const copy = join(place, 'programs');
  if (!existsSync(copy)) {
    const draft = `${copy}.draft`;
    rmSync(draft, { recursive: true, force: true });
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    renameSync(draft, copy);
  }
  return join(copy, 'bin');
}

function socketFolder(place: string, account: Account): string {
  const own = join(place, 'socket');
  if (Buffer.byteLength(join(own, SOCKET_NAME)) <= LONGEST_SOCKET) return owned(own, account);
  const short = mkdtempSync(join(tmpdir(), 'macadam-'));
  if (account.ids) chownSync(short, account.ids.uid, account.ids.gid);
  return short;
}

/** Only who starts the server, by the account that the kernel vouches for; the account that it runs as needs no way in. */
function whoMayEnter({ account, hba, ident }: Cluster): void {
  const names = [SUPERUSER, APPLICATION_LOGIN];
  // A server that somebody starts under their own account is also backed up under it.
  const lines = names.map((name) => `macadam "${ownName()}" ${name}\n`);
  // The account reads them, and changes nothing in them.
  const mode = account.ids ? 0o644 : 0o600;
  writeFileSync(hba, 'local all all peer map=macadam\n', { mode });
  writeFileSync(ident, lines.join(''), { mode });
}

/** Makes the cluster beside its place and moves it there whole, so that a half-made one is never met. */
function initialise({ place, account, programs, data }: Cluster, fleeting: boolean): void {
  const draft = join(place, 'data.draft');
  removeDraft(draft, account);
  mkdirSync(draft, { mode: 0o700 });
  const { maker, ids } = account;
  if (maker) lchownSync(draft, maker.uid, maker.gid);
  const words = [
    '-D',
    draft,
    '-U',
    SUPERUSER,
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--auth=peer',
    '--data-checksums',
    '--no-instructions',
    // One call for the whole disk instead of one for each of a thousand files; what is fleeting is small, and copied.
    ...(fleeting
      ? ['--no-sync', '--wal-segsize=1']
      : process.platform === 'linux'
        ? ['--sync-method=syncfs']
        : []),
  ];
  const made = spawnSync(join(programs, 'initdb'), words, {
    ...(maker && { uid: maker.uid, gid: maker.gid }),
    cwd: place,
    encoding: 'utf8',
    env: environment(),
  });
  if (made.status !== 0)
    throw new DecisionsError(
      'unavailable',
      `a PostgreSQL cluster cannot be made in ${place}: ${made.error?.message ?? made.stderr.trim()}`,
    );
  if (ids && maker && ids.uid !== maker.uid) giveAway(draft, ids);
  renameSync(draft, data);
}

/** Nothing runs under the account that made it, so nothing moves meanwhile; and no link is followed. */
function giveAway(path: string, ids: AccountIds): void {
  lchownSync(path, ids.uid, ids.gid);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) giveAway(below, ids);
    else lchownSync(below, ids.uid, ids.gid);
  }
}

/** What lies in it is another account's, so it is that one who takes it away: root would follow what is put in the way. */
function removeDraft(draft: string, { ids }: Account): void {
  const found = lstatSync(draft, { throwIfNoEntry: false });
  if (!found) return;
  const as = ids && { uid: found.uid, gid: found.gid };
  if (as && found.uid !== 0)
    spawnSync('/bin/rm', ['-rf', '--', ...readdirSync(draft).map((name) => join(draft, name))], as);
  rmSync(draft, { recursive: true, force: true });
}

/**
 * Of a server that did not start: another version's folder is what PostgreSQL looks for first, before it writes anything. Throws
 * `DecisionsError` `unavailable` where it is one.
 */
export function requireVersion({ programs, data }: Cluster): void {
  const version = plainText(join(data, 'PG_VERSION'))?.trim();
  const said = spawnSync(join(programs, 'postgres'), ['--version'], { encoding: 'utf8', env: environment() });
  const ours = /\) (\d+)/.exec(said.stdout)?.[1];
  if (ours !== undefined && ours !== version)
    throw new DecisionsError(
      'unavailable',
      `${data} was made by PostgreSQL ${version?.slice(0, 10)}, and this is ${ours}; nothing in it was changed. With the release that made it: ` +
        '`macadam backup --data DIR OUT.tar`; with this one: `macadam restore OUT.tar --data NEW`',
    );
}

/** A file of at most so many bytes is read. */
const SHORT = 4096;

/** What a short file says that another account may have put there: no link is followed, and nothing is waited for. Null: it is no file. */
export function plainText(path: string): string | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    if (!fstatSync(file).isFile()) return null;
    const bytes = Buffer.alloc(SHORT);
    return bytes.toString('utf8', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}
