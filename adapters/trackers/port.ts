/**
 * A tracker is where people keep their work. One batch is mirrored there as one issue. Each `<kind>/tracker.ts` exports
 * `trackerKind`; discovery is `readdir`, and adding or removing a kind edits nothing else.
 *
 * A tracker is asked and told; it decides nothing. What is to be done there follows from `plan.ts`.
 */
import type { RequestDiagnostic } from '@macadam/core/text/diagnostic';

/** What an issue says, before it is written as a tracker writes: headed lists of names, and paragraphs. */
export type IssueBlock =
  | { readonly text: string }
  | { readonly head: string; readonly items: readonly { readonly name: string; readonly note: string }[] };

export interface IssueText {
  /** One line, 250 characters at most. */
  readonly title: string;
  readonly body: readonly IssueBlock[];
}

/** An issue as it is there. */
export interface RemoteIssue {
  readonly key: string;
  /** Where people look at it. */
  readonly url: string;
  readonly title: string;
  readonly open: boolean;
  /** The batch that it was made for, as `markerOf` writes it; null where somebody took the mark away. */
  readonly marker: string | null;
  /** RFC 3339: when it was closed or opened last, as far as is known. */
  readonly since: string | null;
  readonly changedAt: string;
}

export interface RemoteComment {
  /** Unique in the tracker. */
  readonly id: string;
  /** The account's name there, not a person's of ours. */
  readonly author: string;
  /** Plain text. */
  readonly text: string;
  readonly at: string;
}

/** Whether asking again later may help by itself, or somebody has to change something. Either way it is asked again. */
export interface TrackerProblem {
  readonly problem: string;
  readonly fault: 'later' | 'refused';
  /** RFC 3339: not before. */
  readonly retryAt?: string;
}

export type TrackerAnswer<T> = { readonly done: T } | TrackerProblem;

export interface Tracker {
  /** Issues that carry the mark, oldest first, changed since a time; more than one only after something went wrong. */
  find(marker: string, since: string): Promise<TrackerAnswer<readonly RemoteIssue[]>>;
  create(marker: string, text: IssueText): Promise<TrackerAnswer<RemoteIssue>>;
  /** Null where there is none (any more). */
  read(key: string): Promise<TrackerAnswer<RemoteIssue | null>>;
  /** Writing the same twice is writing it once. */
  change(key: string, change: IssueChange): Promise<TrackerAnswer<null>>;
  comment(key: string, text: string): Promise<TrackerAnswer<null>>;
  /** Oldest first, those of a time or later. */
  comments(key: string, since: string): Promise<TrackerAnswer<readonly RemoteComment[]>>;
  /** Issues of the project that changed at a time or later, of which marked ones are never left out. */
  changes(since: string): Promise<TrackerAnswer<readonly RemoteIssue[]>>;
}

export interface IssueChange {
  /** With the mark, since the text is written as a whole. */
  readonly text?: IssueText & { readonly marker: string };
  readonly open?: boolean;
}

export interface TrackerSettings {
  readonly baseUrl: string;
  readonly project: string;
  readonly options: unknown;
}

export interface TrackerAccess {
  /** The credential itself: it leaves in a header and is nowhere else. */
  readonly secret: string;
  readonly now: () => Date;
  readonly random: () => number;
  /** Nothing is sent after it: whoever takes over may begin. */
  readonly signal?: AbortSignal;
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<unknown>;
}

export interface TrackerKind {
  /** The folder's name. */
  readonly id: string;
  readonly description: string;
  /** How it calls where issues are, and what the credential is, for people who set it up. */
  readonly project: string;
  readonly credential: string;
  /** What is wrong with settings, before anything is asked. */
  objections(settings: TrackerSettings): readonly RequestDiagnostic[];
  open(settings: TrackerSettings, access: TrackerAccess): Tracker;
}
