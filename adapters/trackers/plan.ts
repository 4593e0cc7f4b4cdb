/**
 * What has to be done in a tracker so that it says what we say. Pure. It looks at how things stand, never at what
 * happened: whatever was lost, repeated or overtaken on the way, the next look leads to the same end, and a look at what
 * is right already asks for nothing.
 */
import type { IssueText, RemoteIssue } from './port.ts';

/** What a tracker should say of a batch. */
export interface IssueWish {
  readonly text: IssueText;
  /** Changes whenever the text does. */
  readonly digest: string;
  readonly open: boolean;
  /** Why it is closed, or is not to be closed: one sentence without its end. */
  readonly because: string;
}

/** What we know to have written there. */
export interface IssueLink {
  readonly key: string;
  /** Of the text that stands there; null while that is not known. */
  readonly digest: string | null;
}

export type IssueStep =
  | { readonly step: 'create' }
  /**
   * Note that what stands there is not known, before it is written: whoever dies after writing would otherwise leave a
   * link to the text before, and a wish for that text again would find it written.
   */
  | { readonly step: 'doubt'; readonly key: string }
  | { readonly step: 'write'; readonly key: string }
  /** Said once, however often it is asked for: each of these texts is about one moment. */
  | { readonly step: 'say'; readonly key: string; readonly text: string }
  | { readonly step: 'close' | 'reopen'; readonly key: string };

export interface IssuePlan {
  readonly steps: readonly IssueStep[];
  /** The issue that the batch has; null until one was made, or where none is needed. */
  readonly key: string | null;
}

/** How what we say begins, so that it is known for ours when comments are read. */
export const VOICE = 'Macadam: ';

/**
 * `remotes` are the linked issue, if it is still there, and those that carry the mark, oldest first. One is kept, the
 * linked before others; the rest are closed as duplicates. A batch that is closed gets no new issue.
 */
export function planIssue(
  wish: IssueWish,
  link: IssueLink | null,
  remotes: readonly RemoteIssue[],
): IssuePlan {
  const kept = remotes.find(({ key }) => key === link?.key) ?? remotes[0];
  if (kept === undefined) return { steps: wish.open ? [{ step: 'create' }] : [], key: null };
  const { key, open } = kept;
  const written = link?.key === key && link.digest === wish.digest;
  return {
    key,
    steps: [
      ...(link?.key === key && link.digest !== null && !written ? [{ step: 'doubt', key } as const] : []),
      ...(written ? [] : [{ step: 'write', key } as const]),
      ...(open === wish.open ? [] : turn(wish, kept)),
      ...remotes.flatMap((other) => (other.key === key || !other.open ? [] : doubled(other, kept))),
    ],
  };
}

function turn({ open, because }: IssueWish, { key, since }: RemoteIssue): IssueStep[] {
  if (!open)
    return [
      { step: 'say', key, text: `${VOICE}closed: ${because}.` },
      { step: 'close', key },
    ];
  const when = since === null ? 'It was closed here' : `It was closed here at ${since}`;
  return [
    {
      step: 'say',
      key,
      text: `${VOICE}reopened. ${when}, and ${because}. It closes by itself when a new observation shows that they pass.`,
    },
    { step: 'reopen', key },
  ];
}

const doubled = ({ key }: RemoteIssue, { key: kept, url }: RemoteIssue): IssueStep[] => [
  { step: 'say', key, text: `${VOICE}closed: it says the same as ${kept}, which stays (${url}).` },
  { step: 'close', key },
];
