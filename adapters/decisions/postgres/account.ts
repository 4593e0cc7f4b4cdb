/** The account that the embedded server runs as: one's own; but PostgreSQL refuses root, which gets another. */
import { readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { DecisionsError } from '../port.ts';

export interface Account {
  readonly name: string;
  /** Set only where it is not one's own. */
  readonly ids?: { readonly uid: number; readonly gid: number };
}

const ROOT = 0;
/** In order of preference; the last exists wherever accounts do. */
const UNPRIVILEGED = ['macadam', 'postgres', 'nobody'];

/** `directory` exists; where another account than root has it, that one goes on having it. */
export function accountFor(directory: string): Account {
  if (process.getuid?.() !== ROOT) return { name: ownName() };
  const known = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, ids: { uid: Number(uid), gid: Number(gid) } }));
  const { uid: holder } = statSync(directory);
  const found =
    holder === ROOT
      ? UNPRIVILEGED.flatMap((name) => known.find((account) => account.name === name) ?? [])[0]
      : known.find(({ ids }) => ids.uid === holder);
  if (found) return found;
  const what =
    holder === ROOT
      ? `PostgreSQL does not run as root, and there is none of the accounts ${UNPRIVILEGED.join(', ')}; make one`
      : `${directory} belongs to user ${holder}, who has no account here; give it to one that has`;
  throw new DecisionsError('unavailable', what);
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
