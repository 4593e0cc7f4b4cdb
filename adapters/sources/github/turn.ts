/**
 * Which repositories are read in this run, and in which order, where a store keeps what earlier runs read: those that somebody told of, then those of which the
 * host's list says that they changed or whose reading failed, then those that were never read, then the oldest. Pure.
 *
 * What the list does not show (protection, rulesets, environments, machines, keys) changes without a new date there. So each is read whole after `ROUND_MS` at the
 * latest, whatever the list says, as far as the host's limit allows; what was read longer ago than its kind stays fresh is unknown by itself.
 */
import type { EarlierRead } from '../port.ts';
import type { ListedRepository } from './account.ts';

/** Each is read as a whole at least so often: half as long as the evidence with the shortest life stays fresh. */
export const ROUND_MS = 36 * 3_600_000;
/** Clocks of the host and of this machine differ, and its lists lag behind. */
const MARGIN_MS = 10 * 60_000;

/** Why one is read, the more urgent first. */
export const REASONS = ['told', 'changed', 'failed', 'never', 'all', 'old'] as const;
export type Reason = (typeof REASONS)[number];

export interface Due {
  readonly repository: ListedRepository;
  readonly reason: Reason;
  /** When it was read last: milliseconds since 1970; 0 for never. */
  readonly readAt: number;
}

export interface TurnAsked {
  readonly earlier: EarlierRead | undefined;
  /** When somebody told of it, or of all repositories of the account; undefined where nobody did. */
  readonly told: Date | undefined;
  readonly toldAll: Date | undefined;
  /** Whether its last reading failed in a part. */
  readonly failed: boolean;
  readonly now: Date;
}

/** Null for one that has not to be read. */
export function dueOf(
  repository: ListedRepository,
  { earlier, told, toldAll, failed, now }: TurnAsked,
): Due | null {
  const readAt = earlier?.at ?? 0;
  const due = (reason: Reason): Due => ({ repository, reason, readAt });
  if (told !== undefined && told.getTime() >= readAt) return due('told');
  if (earlier === undefined) return due('never');
  if (!earlier.any || failed) return due('failed');
  const { pushed_at: pushed, updated_at: updated } = repository;
  // Null is of one without a commit; a host that does not say when anything was pushed lets nobody know that nothing was.
  const changed = [pushed, updated].some((at) => Date.parse(at ?? '') >= readAt - MARGIN_MS);
  if (changed || pushed === undefined) return due('changed');
  if (toldAll !== undefined && toldAll.getTime() >= readAt) return due('all');
  return now.getTime() - readAt >= roundOf(repository.id) ? due('old') : null;
}

/** Between half a round and a whole one, by its number: those that were first read together do not come due together for ever. */
function roundOf(id: number): number {
  // Multiplying by the golden ratio spreads numbers that follow one another evenly (Knuth, TAOCP 3, 6.4).
  const share = (id * 0.618_033_988_749_895) % 1;
  return ROUND_MS * (0.5 + share / 2);
}

export const byUrgency = (a: Due, b: Due): number =>
  REASONS.indexOf(a.reason) - REASONS.indexOf(b.reason) ||
  a.readAt - b.readAt ||
  a.repository.id - b.repository.id;

export interface Queue {
  /** Takes one, and gives back those that are too many to be read in this run. */
  add(due: Due): readonly Due[];
  /** The most urgent, taken out; undefined at the end. */
  next(): Due | undefined;
  rest(): readonly Due[];
}

/** Holds the `most` most urgent, and not much more: of a hundred thousand most are only counted. */
export function queueOf(most: number): Queue {
  let held: Due[] = [];
  let sorted = false;
  return {
    add: (due) => {
      held.push(due);
      sorted = false;
      if (held.length < 2 * most) return [];
      held.sort(byUrgency);
      return held.splice(most);
    },
    next: () => {
      if (!sorted) held = held.sort(byUrgency).reverse();
      sorted = true;
      return held.pop();
    },
    rest: () => held,
  };
}
