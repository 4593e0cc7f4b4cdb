/**
 * A work item: what one owner has to do about one standard. Its members are frozen when it opens and it has one due
 * date, which is never written anew. Only reconcile opens and closes it; people may claim, snooze, dispute and comment.
 */
import type { Severity } from '../figures/scan.ts';

/**
 * Why a member is no longer one. `excepted`: only in batches of earlier releases; an exception pauses a member and does
 * not take it out.
 */
export type DepartureReason = 'passed' | 'gone' | 'out-of-scope' | 'excepted' | 'reassigned';

export interface Departure {
  readonly asset: string;
  readonly why: DepartureReason;
  /** What showed it: the observation (or definition) that changed the verdict, the exception's id, the new owner. */
  readonly by: string;
  /** Instant, RFC 3339. */
  readonly at: string;
}

/** Somebody says that verdicts are false. It stops the clock of these assets, for a time. */
export interface Dispute {
  readonly assets: readonly string[];
  readonly by: string;
  readonly why: string;
  readonly at: string;
  /** The standard's owner decides; `upheld` is a defect of the standard and counts against it. */
  readonly settled: {
    readonly by: string;
    readonly at: string;
    readonly upheld: boolean;
    readonly why: string;
  } | null;
}

/** A member whose failure an exception allows, or allowed until lately. It stays a member: it still fails. */
export interface Pause {
  /** Id of the exception in force, or the reason of one without an id; null once it has ended. */
  readonly exception: string | null;
  /** Last day of the exception in force; null once it has ended. */
  readonly until: string | null;
  /** The member is due on this day at the earliest. */
  readonly dueFrom: string;
}

export interface Batch {
  /** The standard and a number: `keys-rotate/17`. */
  readonly id: string;
  readonly standard: string;
  /** A team. */
  readonly owner: string;
  /** Whether it holds new failures, or what was another team's. */
  readonly of: 'failures' | 'reassigned';
  readonly openedAt: string;
  /** Its last day, UTC. */
  readonly due: string;
  /** Ids of assets, in order. */
  readonly members: readonly string[];
  readonly departures: readonly Departure[];
  readonly closedAt: string | null;
  readonly claimedBy: string | null;
  /** Until the end of this day nobody is reminded; the due date stays. */
  readonly snoozedUntil: string | null;
  readonly snoozes: number;
  readonly disputes: readonly Dispute[];
  readonly comments: readonly { readonly by: string; readonly at: string; readonly text: string }[];
}

/** What an organisation decides about work. Every number is of days, except `snoozes`. */
export interface WorkPolicy {
  /** From the opening to the due date. */
  readonly due: Readonly<Record<Severity, number>>;
  /** Between two batches of one standard for one owner. */
  readonly every: number;
  /** What the first new owner of a failure has at least; whoever has it after that keeps its date. */
  readonly handover: number;
  /** From the end of an exception to the due date, at least. */
  readonly resume: number;
  /** How long a dispute stops the clock at most. */
  readonly dispute: number;
  readonly snooze: number;
  /** How often one batch may be snoozed. */
  readonly snoozes: number;
  /** What a source's owner has to mend it. */
  readonly source: number;
}

export const WORK_POLICY: WorkPolicy = {
  due: { critical: 7, high: 30, medium: 60, low: 90 },
  every: 7,
  handover: 14,
  resume: 14,
  dispute: 14,
  snooze: 14,
  snoozes: 2,
  source: 7,
};

export const MS_OF_DAY = 86_400_000;

/** The day (UTC) that lies so many days after an instant. */
export function dayAfter(instant: string, days: number): string {
  return new Date(Date.parse(instant) + days * MS_OF_DAY).toISOString().slice(0, 10);
}

/** The later of two days, or of two instants in the form of `toISOString`. */
export const later = (a: string, b: string): string => [a, b].sort()[1] ?? b;

/** The earlier of two days. */
export const sooner = (a: string, b: string): string => [a, b].sort()[0] ?? a;

/** Members that are still to be done. */
export function remaining({ members, departures }: Pick<Batch, 'members' | 'departures'>): readonly string[] {
  if (departures.length === 0) return members;
  const departed = new Set(departures.map(({ asset }) => asset));
  return members.filter((asset) => !departed.has(asset));
}

/** By when, and by which rules, a member's last day is asked. */
export interface DueClock {
  /** Instant, in the form of `toISOString`. */
  readonly now: string;
  readonly policy: WorkPolicy;
  /** By asset; left out where exceptions do not count. */
  readonly pauses?: ReadonlyMap<string, Pause>;
}

/**
 * The last day for one member: the batch's, and as many days more as a dispute stopped its clock. A dispute that was
 * rejected stopped it until then; one that is open or was upheld, until the policy's days are over. After an exception it
 * is some days later at the earliest.
 */
export function dueOf(batch: Batch, asset: string, { now, policy, pauses }: DueClock): string {
  const paused = pauses?.get(asset)?.dueFrom ?? '';
  const dispute = batch.disputes.find(({ assets }) => assets.includes(asset));
  if (!dispute) return later(batch.due, paused);
  const until = dispute.settled && !dispute.settled.upheld ? dispute.settled.at : now;
  const stopped = Math.ceil((Date.parse(until) - Date.parse(dispute.at)) / MS_OF_DAY);
  const days = Math.min(policy.dispute, Math.max(0, stopped));
  return later(dayAfter(`${batch.due}T00:00:00Z`, days), paused);
}

/** Members whose last day is over. */
export function overdue(batch: Batch, clock: DueClock): readonly string[] {
  const today = clock.now.slice(0, 10);
  // Nobody's date is earlier than the batch's.
  if (batch.due >= today) return [];
  return remaining(batch).filter((asset) => dueOf(batch, asset, clock) < today);
}

/** Members under the place where one change mends them: thirty items that are six files are six. */
export function byPlace(
  batch: Pick<Batch, 'members' | 'departures'>,
  placeOf: (asset: string) => { readonly repository: string; readonly path?: string } | null,
): ReadonlyMap<string, ReadonlyMap<string, readonly string[]>> {
  const places = new Map<string, Map<string, string[]>>();
  for (const asset of remaining(batch)) {
    const { repository, path } = placeOf(asset) ?? { repository: '', path: asset };
    const paths = places.get(repository) ?? new Map<string, string[]>();
    places.set(repository, paths);
    paths.set(path ?? '', [...(paths.get(path ?? '') ?? []), asset]);
  }
  return places;
}
