/** Which tracker mirrors whose batches, and which issue is which batch: part of the port. */
import type { PageOf } from './port.ts';
import type { CommentRecord } from './work.ts';

export interface Trackers {
  /** Makes one or replaces what is known of it. `version`: rejects with `conflict` if it is another by now. */
  put(tracker: NewTracker, version?: number): Promise<TrackerRecord>;
  tracker(id: string): Promise<TrackerRecord | null>;
  /** In order of id. */
  trackers(page?: PageOf<string>): Promise<readonly TrackerRecord[]>;
  /** The one that mirrors a team's batches: its own, else its division's, else the company's. */
  trackerOf(team: string, division: string): Promise<TrackerRecord | null>;

  issue(batch: string): Promise<IssueRecord | null>;
  /** Of the batch that an issue there was made for: the linked one, or another that carries its mark. */
  issueOf(
    tracker: string,
    remote: { readonly key: string; readonly marker: string | null },
  ): Promise<IssueRecord | null>;
  putIssue(issue: Omit<IssueRecord, 'linkedAt'>): Promise<void>;
  /**
   * Asks for a batch's issue to be brought in line, as a change of the batch does by itself. `look`: for others of its
   * mark, too.
   */
  ask(batch: string, division: string, look: boolean): Promise<void>;
  /** A comment of there, in the name of the principal; null where it has come in already. */
  commentIn(issue: IssueRecord, remote: string, text: string): Promise<CommentRecord | null>;
  commentsRead(batch: string, until: string): Promise<void>;

  /** Takes the right to ask the tracker what changed, for so many seconds; null while it is not due or somebody has it. */
  startPoll(tracker: string, seconds: number): Promise<{ readonly cursor: string | null } | null>;
  /** `cursor` null: as it was. Nobody asks again before `nextAt`. */
  endPoll(tracker: string, end: PollEnd): Promise<void>;
}

export interface PollEnd {
  readonly cursor: string | null;
  readonly problem: string | null;
  readonly nextAt: string;
}

export type NewTracker = Omit<TrackerRecord, 'version' | 'changedAt'>;

export interface TrackerRecord {
  readonly id: string;
  /** A folder of `adapters/trackers/`. */
  readonly kind: string;
  /** Empty: the whole company's. */
  readonly division: string;
  /** Empty: every team's of the division. */
  readonly team: string;
  readonly baseUrl: string;
  /** As the kind calls where its issues are: `owner/repository`, a project's key or name. */
  readonly project: string;
  /** Where the credential is: `env:NAME` or `file:/path`. */
  readonly secret: string;
  readonly options: unknown;
  /** False: its issues stay as they are. */
  readonly active: boolean;
  readonly version: number;
  readonly changedAt: string;
}

export interface IssueRecord {
  readonly batch: string;
  readonly division: string;
  readonly tracker: string;
  readonly key: string;
  readonly url: string;
  /** What the issue carries, so that it is found again. */
  readonly marker: string;
  /** As last known. */
  readonly open: boolean;
  /** Of what was last written there; null while that is not known. */
  readonly digest: string | null;
  readonly commentsUntil: string;
  readonly linkedAt: string;
}
