/**
 * The account that the embedded server runs as: one's own; but PostgreSQL refuses root, which gives it one that runs nothing else. Whoever
 * has that account has the decisions, so it is nobody's whom other services share.
 */
import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { DecisionsError } from '../port.ts';

export interface AccountIds {
  readonly uid: number;
  readonly gid: number;
}

export interface Account {
  /** For messages; of one that the machine has no name for, its number. */
  readonly name: string;
  /** Set only where it is not one's own. */
  readonly ids?: AccountIds;
  /** For making a cluster: PostgreSQL's `initdb` asks for the account's name, and not every account has one. */
  readonly maker?: AccountIds;
}

const ROOT = 0;
/** Made for us (`deploy/macadam.sysusers`). */
const OURS = 'macadam';
/** Where there is no such account: numbers that systems give to nobody (systemd.io/UIDS-GIDS), the first that is free. */
const [FIRST_FREE, LAST_FREE] = [60_990, 60_579];

export const asRoot = (): boolean => process.getuid?.() === ROOT;

/** `place` exists; whoever has a cluster in it goes on having it. Throws `DecisionsError` `unavailable`. */
export function accountFor(place: string): Account {
  if (!asRoot()) return { name: ownName() };
  const known = knownAccounts();
  const holder = holderOf(place);
  if (holder !== null) {
    const name = known.find(({ ids }) => ids.uid === holder.uid)?.name;
    return { name: name ?? `user ${holder.uid}`, ids: holder, maker: holder };
  }
  const ours = known.find(({ name }) => name === OURS);
  if (ours) return { name: OURS, ids: ours.ids, maker: ours.ids };
  if (process.platform !== 'linux')
    throw new DecisionsError(
      'unavailable',
      `PostgreSQL does not run as root, and there is no account \`${OURS}\`; make one, or start as an account of your own`,
    );
  const taken = new Set([...known.map(({ ids }) => ids.uid), ...busyAccounts()]);
  for (let uid = FIRST_FREE; uid >= LAST_FREE; uid -= 1)
    if (!taken.has(uid))
      return { name: `user ${uid}`, ids: { uid, gid: uid }, maker: idleAccount(known).ids };
  throw new DecisionsError(
    'unavailable',
    `no number is free for an account; make one that is called \`${OURS}\``,
  );
}

/** Whose the cluster is that is there; null where there is none. */
function holderOf(place: string): AccountIds | null {
  const cluster = lstatSync(join(place, 'data'), { throwIfNoEntry: false });
  // Earlier releases gave the whole folder away.
  const { uid, gid } = cluster?.isDirectory() ? cluster : statSync(place);
  return uid === ROOT ? null : { uid, gid };
}

interface Known {
  readonly name: string;
  readonly ids: AccountIds;
}

function knownAccounts(): readonly Known[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([name]) => name)
    .map(([name = '', , uid, gid]) => ({ name, ids: { uid: Number(uid), gid: Number(gid) } }));
}

/** Under which something runs at the moment. */
function busyAccounts(): ReadonlySet<number> {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Set(
    processes.flatMap((pid) => statSync(join('/proc', pid), { throwIfNoEntry: false })?.uid ?? []),
  );
}

/** One under which nothing runs, so that nothing can meddle while the cluster is made; it is given away then. */
function idleAccount(known: readonly Known[]): Known {
  const busy = busyAccounts();
  const idle = known.find(({ ids }) => ids.uid !== ROOT && !busy.has(ids.uid));
  if (idle) return idle;
  const what = 'every account of this machine runs something, so none can make a cluster for us';
  throw new DecisionsError('unavailable', `${what}; make an account that is called \`${OURS}\``);
}

/** PostgreSQL asks for the name itself, so a bare number, as containers like to set one, is not enough. */
export function ownName(): string {
  try {
    return userInfo().username;
  } catch (cause) {
    const what = `user ${process.getuid?.()} has no account here, and PostgreSQL needs one; add it to /etc/passwd, or set DATABASE_URL`;
    throw new DecisionsError('unavailable', what, { cause });
  }
}
