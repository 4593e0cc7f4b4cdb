/** How many repositories there are, and whether all of them were listed. The host's own count is the witness. */

import type { Partition, Problem } from '@macadam/core/facts/observation';
import { compact } from '../../compact.ts';
import type { Connector } from '../../connector/connector.ts';
import type { Journal } from '../../connector/journal.ts';
import type { NoAnswer } from '../../connector/outcome.ts';
import { PERMISSIONS } from '../../imports/directories/github/permissions.ts';
import { type Account, type ListedRepository, listRepositories } from './account.ts';
import type { Host } from './host.ts';

export interface Enumeration {
  readonly repositories: ReadonlyMap<number, ListedRepository>;
  readonly problems: readonly Problem[];
  readonly stopped?: NoAnswer;
}

/** What an account's repositories are the estate of. */
export const estateOf = (host: Host, { login }: Pick<Account, 'login'>): string => `${host.name}/${login}`;

/** How many repositories the host counts, as far as it says. */
export function total({ publicCount, privateCount }: Account): number {
  return publicCount + (privateCount ?? 0);
}

interface EnumerateInput {
  readonly connector: Connector;
  readonly account: Account;
  readonly own: boolean;
  readonly now: () => Date;
  readonly journal: Journal;
}

/**
 * Lists, and lists a second time when the count differs: a repository that is deleted while pages are read moves
 * another one from a page that is still to come to one that was read already.
 */
export async function enumerate({
  connector,
  account,
  own,
  now,
  journal,
}: EnumerateInput): Promise<Enumeration> {
  const first = await listRepositories({ connector, account, own, now, journal });
  const again = first.stopped === undefined && first.repositories.size !== total(account);
  const second = again ? await listRepositories({ connector, account, own, now }) : undefined;
  const stopped = second === undefined ? first.stopped : second.stopped;
  return compact({
    repositories: new Map([...first.repositories, ...(second?.repositories ?? [])]),
    problems: listProblems(account, [...first.odd, ...(second?.odd ?? [])], stopped),
    stopped,
  });
}

/** What was wrong with a list of repositories; the last is why it ends early. */
export function listProblems(
  { login }: Account,
  odd: readonly string[],
  stopped: NoAnswer | undefined,
): readonly Problem[] {
  const problems = [...new Set(odd)].map(
    (name): Problem => ({
      code: 'list-item-invalid',
      cause: 'failed',
      message: `an item of the list of repositories of ${login} (${name}) has a shape that is not documented`,
      remedy: 'report it, with the host and its version',
    }),
  );
  if (stopped === undefined) return problems;
  const message = `the list of repositories of ${login} could not be read to its end: ${stopped.message}`;
  return [...problems, { code: 'list-incomplete', message, ...remedyOf(stopped) }];
}

function remedyOf(stopped: NoAnswer): Pick<Problem, 'cause' | 'remedy'> {
  if (stopped.outcome !== 'forbidden' && stopped.outcome !== 'not-found')
    return { cause: 'failed', remedy: 'scan again, and it continues' };
  return { cause: 'forbidden', remedy: `give the token ${stopped.permission ?? PERMISSIONS.metadata}` };
}

interface PartitionOfInput {
  readonly host: Host;
  readonly before: Account;
  readonly after: Account;
  /** `listed`: how many repositories the list names that are still there. */
  readonly found: Pick<Enumeration, 'problems' | 'stopped'> & { readonly listed: number };
  readonly own: boolean;
}

/** Complete when every page was read and the host's count, before or after, is what was seen. Pure. */
export function partitionOf({
  host,
  before,
  after,
  found: { listed: seen, problems, stopped },
  own,
}: PartitionOfInput): Partition {
  const counts = [total(after), total(before)];
  const count = counts.find((each) => each === seen) ?? counts[0] ?? 0;
  const witness = { id: `${host.name}'s count for ${before.login}`, count };
  const base = {
    kind: 'repository',
    container: estateOf(host, before),
    containerName: before.login,
    seen,
    // The count of the public ones alone confirms nothing about the whole, unless even they are not all there.
    ...(before.privateCount === undefined && count <= seen ? {} : { witness }),
  };
  if (stopped !== undefined) {
    const why = problems.at(-1)?.message ?? stopped.message;
    return { ...base, complete: false, why, ...remedyOf(stopped) };
  }
  if (before.privateCount === undefined) {
    const who =
      before.type === 'user'
        ? "a user's private repositories show only to a token of that user"
        : 'how many private repositories it has is hidden from this token';
    return {
      ...base,
      complete: false,
      cause: 'forbidden',
      why: `${before.login} may have private repositories that were not seen: ${who}`,
      remedy:
        own || before.type === 'organisation'
          ? `use a token of a member with ${PERMISSIONS.metadata}, for all repositories`
          : 'scan with a token of that user',
    };
  }
  if (count === seen && problems.length === 0) return { ...base, complete: true };
  const hidden = count > seen;
  return {
    ...base,
    complete: false,
    cause: hidden ? 'forbidden' : 'incomplete',
    why: hidden
      ? `${host.name} counts ${count} repositories of ${before.login}, and showed ${seen}: the token may not see the others`
      : `${host.name} counts ${count} repositories of ${before.login}, and showed ${seen}`,
    remedy: hidden ? `give the token access to all repositories of ${before.login}` : 'scan again',
  };
}
