/** Batches of work: part of the port. Members are frozen, dates stand still, and closing follows from observations. */
import type { PageOf } from './port.ts';

export interface Work {
  /**
   * All batches as a whole or none. An asset is in one open batch of its standard at most, and recorded as failing from
   * here on if it was not (`Failing`).
   */
  open(batches: readonly NewBatch[]): Promise<void>;
  /**
   * Members go, each with what showed it, and what does not fail any more is no longer recorded as failing; a batch that
   * is empty by that closes. Gives the ids of those.
   */
  leave(leaving: readonly Leaving[]): Promise<readonly string[]>;

  batch(id: string): Promise<BatchRecord | null>;
  /** In order of id. */
  batches(filter?: BatchFilter): Promise<readonly BatchRecord[]>;
  /** Teams that have something to do, or had, in order. */
  teams(): Promise<readonly string[]>;
  /** In order of asset. */
  members(batch: string, page?: PageOf<string>): Promise<readonly MemberRecord[]>;

  /** The principal takes it on, or (`false`) gives it back. `version`: rejects with `conflict` if it is another by now. */
  claim(batch: string, claimed: boolean, version?: number): Promise<BatchRecord>;
  snooze(batch: string, until: string | null, version?: number): Promise<BatchRecord>;
  comment(batch: string, text: string): Promise<CommentRecord>;
  /** Oldest first. */
  comments(batch: string, page?: PageOf<number>): Promise<readonly CommentRecord[]>;
  /** Stops the clock of members, for 14 days at most, and of each of them once. */
  dispute(
    batch: string,
    dispute: Pick<DisputeRecord, 'assets' | 'reason' | 'untilOn'>,
  ): Promise<DisputeRecord>;
  settleDispute(
    number: number,
    outcome: NonNullable<DisputeRecord['outcome']>,
    reason?: string,
  ): Promise<void>;
  /** Oldest first. */
  disputes(batch: string): Promise<readonly DisputeRecord[]>;
  /** Open work of a standard goes where its teams are by now: team → division. */
  rehome(standard: string, homes: ReadonlyMap<string, string>): Promise<void>;

  /** Holds these batches until the end, so that nobody else changes them: what each has left, in no order. */
  hold(batches: readonly string[]): Promise<readonly HeldBatch[]>;
  /** The same, without holding them. */
  view(batches: readonly string[]): Promise<readonly HeldBatch[]>;
  /** When each of these teams last got a batch of new failures of a standard; who never did is left out. */
  lastOpened(standard: string, teams: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Of those assets that last left a batch of a standard because they were gone: the day on which they were due in it. */
  goneDue(standard: string, assets: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface HeldBatch {
  readonly batch: BatchRecord;
  /** Members that have not left, in order. */
  readonly remaining: readonly string[];
  /** Oldest first. */
  readonly disputes: readonly DisputeRecord[];
  /** Members that an exception pauses, or paused, and that have not left. */
  readonly pauses: readonly PausedMember[];
}

export interface PausedMember {
  readonly asset: string;
  /** Id of the exception in force, or the reason of one without an id; null once it has ended. */
  readonly exception: string | null;
  /** Last day of the exception in force. */
  readonly until: string | null;
  /** The member is due on this day at the earliest. */
  readonly dueFrom: string;
}

export interface NewBatch {
  readonly id: string;
  readonly standard: string;
  readonly team: string;
  readonly division: string;
  readonly dueOn: string;
  /** Default: `failures`. */
  readonly of?: BatchRecord['of'];
  readonly members: readonly { readonly asset: string; readonly failingSince: string }[];
}

export interface Leaving {
  readonly batch: string;
  readonly asset: string;
  readonly as: Exclude<MemberRecord['leftAs'], 'excepted' | null>;
  /** What showed it: of one that passed, is gone or out of scope. */
  readonly observation?: string;
  /** Of one that was reassigned the team that has it now. */
  readonly for?: string;
}

export interface BatchFilter extends PageOf<string> {
  readonly team?: string | undefined;
  /** Of any of these teams. */
  readonly teams?: readonly string[];
  /** True: open, and with members whose own last day is over at the time of the transaction. */
  readonly overdue?: boolean | undefined;
  readonly standard?: string | undefined;
  readonly open?: boolean | undefined;
}

export interface BatchRecord {
  readonly id: string;
  readonly standard: string;
  readonly team: string;
  readonly division: string;
  /** Whether it holds new failures, or what was another team's. */
  readonly of: 'failures' | 'reassigned';
  readonly openedAt: string;
  readonly openedBy: string;
  readonly dueOn: string;
  readonly claimedBy: string | null;
  readonly snoozedUntil: string | null;
  readonly snoozes: number;
  readonly closedAt: string | null;
  readonly closedBy: string | null;
  readonly version: number;
}

export interface MemberRecord {
  readonly batch: string;
  readonly asset: string;
  readonly standard: string;
  readonly division: string;
  readonly failingSince: string;
  readonly leftAt: string | null;
  /** `excepted`: only in batches of earlier releases. */
  readonly leftAs: 'passed' | 'gone' | 'out-of-scope' | 'excepted' | 'reassigned' | null;
  readonly observation: string | null;
  readonly leftFor: string | null;
}

export interface CommentRecord {
  readonly number: number;
  readonly batch: string;
  readonly division: string;
  readonly saidAt: string;
  readonly saidBy: string;
  readonly text: string;
}

export interface DisputeRecord {
  readonly number: number;
  readonly batch: string;
  readonly division: string;
  /** In order. */
  readonly assets: readonly string[];
  readonly reason: string;
  readonly openedAt: string;
  readonly openedBy: string;
  readonly untilOn: string;
  readonly outcome: 'upheld' | 'rejected' | 'expired' | null;
  readonly endedAt: string | null;
  readonly endedBy: string | null;
  readonly endReason: string | null;
}
