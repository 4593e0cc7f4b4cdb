/** Where a change is proposed to the people of one repository: its code host. */
import type { TrackerAnswer } from '../trackers/port.ts';

/** The branch that proposals stand on: one a repository. */
export const BRANCH = 'macadam/fix';

export interface PullRequest {
  readonly number: number;
  /** Where people see it. */
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  /** The text as it stands there. */
  readonly body: string;
}

export interface ProposalText {
  readonly title: string;
  /** Markdown. */
  readonly body: string;
}

export interface ChangedFile {
  readonly path: string;
  readonly text: string;
  readonly executable: boolean;
}

export interface ChangeHost {
  /** The default branch and the commit that it is at. */
  readonly base: () => Promise<TrackerAnswer<{ readonly branch: string; readonly commit: string }>>;
  /** All that ever stood on our branch, the newest first. */
  readonly proposals: () => Promise<TrackerAnswer<readonly PullRequest[]>>;
  /** Puts our branch at one new commit on `base`, whatever stood there. Gives the commit. */
  readonly commit: (
    base: string,
    files: readonly ChangedFile[],
    message: string,
  ) => Promise<TrackerAnswer<string>>;
  readonly open: (branch: string, text: ProposalText) => Promise<TrackerAnswer<PullRequest>>;
  readonly change: (number: number, text: ProposalText) => Promise<TrackerAnswer<null>>;
  /** Closes it with a comment, leaves `text` in it, and takes the branch away. */
  readonly close: (number: number, text: ProposalText, comment: string) => Promise<TrackerAnswer<null>>;
}
