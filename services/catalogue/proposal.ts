/**
 * What is proposed to the people of one repository: one pull request with every fix, kept in step with the default branch.
 * It is closed when nothing is left to fix, and what people declined is not proposed again.
 */
import { hash } from 'node:crypto';
import type {
  ChangedFile,
  ChangeHost,
  ProposalText,
  PullRequest,
} from '@macadam/adapters/pull-requests/port';
import { failed } from '@macadam/adapters/trackers/answer';
import type { TrackerAnswer } from '@macadam/adapters/trackers/port';
import { z } from 'zod';

/** One failure that is fixed: a standard, with why it is asked, and the asset. */
export interface FixedFailure {
  readonly standard: string;
  readonly title: string;
  readonly why: string;
  readonly asset: string;
}

export interface ProposedChange {
  readonly files: readonly ChangedFile[];
  readonly fixed: readonly FixedFailure[];
  /** What a person must decide or do beside it. */
  readonly notes: readonly string[];
  /** Keys of failures that are there still, and that nothing could mend this time. */
  readonly left: readonly string[];
  /** Ids of the standards of the catalogue that were not asked about. */
  readonly unasked: readonly string[];
}

export interface Proposed {
  readonly outcome: 'opened' | 'updated' | 'unchanged' | 'closed' | 'nothing' | 'behind' | 'kept';
  /** Null where there is none. */
  readonly url: string | null;
  /** Failures that are not proposed, because people closed a proposal with them. */
  readonly declined: number;
}

/** Stands in the text of a proposal, where readers do not see it. */
const markSchema = z.object({
  base: z.string(),
  digest: z.string(),
  failures: z.array(z.string()),
  /** We closed it ourselves. */
  withdrawn: z.boolean(),
});
type Mark = z.infer<typeof markSchema>;

const MARK = /<!-- macadam-fix:([\w-]+) -->/;

export const failureKey = ({ standard, asset }: Pick<FixedFailure, 'standard' | 'asset'>): string =>
  `${standard} ${asset}`;

/**
 * `head`: the commit that was read here. `changeWithout` fixes all but the failures of these keys. Asks the host first,
 * and writes nothing where the default branch is elsewhere.
 */
export async function propose(
  host: ChangeHost,
  head: string | null,
  changeWithout: (declined: ReadonlySet<string>) => Promise<ProposedChange>,
): Promise<TrackerAnswer<Proposed>> {
  const base = await host.base();
  if (failed(base)) return base;
  if (base.done.commit !== head) return { done: { outcome: 'behind', url: null, declined: 0 } };
  const all = await host.proposals();
  if (failed(all)) return all;
  const refused = declinedIn(all.done);
  const change = await changeWithout(refused);
  const open = all.done.find(({ state }) => state === 'open');
  const answer = (outcome: Proposed['outcome'], url: string | null): TrackerAnswer<Proposed> => ({
    done: { outcome, url, declined: refused.size },
  });
  if (open !== undefined && wouldLose(open, change)) return answer('kept', open.url);
  if (change.files.length === 0) {
    if (open === undefined) return answer('nothing', null);
    const closed = await host.close(
      open.number,
      textOf(NOTHING_LEFT, markOf(base.done.commit, change, true)),
      CLOSING,
    );
    return failed(closed) ? closed : answer('closed', open.url);
  }
  const mark = markOf(base.done.commit, change, false);
  const known = open && markIn(open);
  if (open && known?.base === mark.base && known.digest === mark.digest) return answer('unchanged', open.url);
  const text = textOf(change, mark);
  const made = await host.commit(base.done.commit, change.files, messageOf(change));
  if (failed(made)) return made;
  if (open) {
    const changed = await host.change(open.number, text);
    return failed(changed) ? changed : answer('updated', open.url);
  }
  const opened = await host.open(base.done.branch, text);
  return failed(opened) ? opened : answer('opened', opened.done.url);
}

/**
 * Whether an open proposal fixes what could not be fixed now: a commit that nobody could look up, or a standard that was not asked about. Whoever knows less this
 * time takes nothing back.
 */
function wouldLose(open: PullRequest, { left, unasked }: ProposedChange): boolean {
  const known = markIn(open)?.failures ?? [];
  const leftOut = new Set(unasked);
  const still = new Set(left);
  return known.some((failure) => still.has(failure) || leftOut.has(failure.split(' ', 1)[0] ?? ''));
}

/** Failures of proposals that somebody closed and nobody merged, unless we closed them. */
function declinedIn(all: readonly PullRequest[]): Set<string> {
  const declined = all
    .filter(({ state }) => state === 'closed')
    .map(markIn)
    .filter((mark) => mark !== null && !mark.withdrawn);
  return new Set(declined.flatMap((mark) => mark?.failures ?? []));
}

function markIn({ body }: PullRequest): Mark | null {
  const [, encoded] = MARK.exec(body) ?? [];
  if (encoded === undefined) return null;
  try {
    return markSchema.parse(JSON.parse(Buffer.from(encoded, 'base64url').toString()));
  } catch {
    return null;
  }
}

function markOf(base: string, { files, fixed }: ProposedChange, withdrawn: boolean): Mark {
  const contents = files.map(({ path, text }) => [path, text]);
  return {
    base,
    digest: hash('sha256', JSON.stringify(contents), 'hex'),
    failures: fixed.map(failureKey),
    withdrawn,
  };
}

const NOTHING_LEFT: ProposedChange = { files: [], fixed: [], notes: [], left: [], unasked: [] };
const CLOSING =
  'Nothing is left to fix here: what this proposed is so on the default branch, or is not asked any more.';

function messageOf({ fixed }: ProposedChange): string {
  const titles = [...new Map(fixed.map(({ standard, title }) => [standard, title]))];
  return `Meet ${titles.length === 1 ? 'a security standard' : `${titles.length} security standards`}\n\n${titles
    .map(([standard, title]) => `- ${title} (${standard})`)
    .join('\n')}\n`;
}

function textOf(change: ProposedChange, mark: Mark): ProposalText {
  const { fixed, notes } = change;
  const standards = Map.groupBy(fixed, ({ standard }) => standard);
  const parts = [...standards.values()].map((all) => {
    const [{ standard, title, why } = { standard: '', title: '', why: '' }] = all;
    return `### ${plain(title)}\n\n${plain(why)}\n\n${all.map(({ asset }) => `- ${code(asset)}`).join('\n')}\n\n\`macadam explain ${standard}\` says more.`;
  });
  const title =
    standards.size === 0
      ? 'Nothing is left to fix'
      : standards.size === 1
        ? `Security standard: ${fixed[0]?.title ?? ''}`
        : `Meet ${standards.size} security standards`;
  const body = [
    'Made by `macadam fix`. Merge it, or close it: what is closed is not proposed again.',
    ...parts,
    ...(notes.length === 0
      ? []
      : [`### For a person to do\n\n${notes.map((note) => `- ${plain(note)}`).join('\n')}`]),
    `<!-- macadam-fix:${Buffer.from(JSON.stringify(mark)).toString('base64url')} -->`,
  ].join('\n\n');
  return { title: title.slice(0, 200), body: body.length <= LONGEST ? body : shortened(body) };
}

/** GitHub takes no more characters. */
const LONGEST = 65_000;

/** The mark is the end of it, and stays. */
function shortened(body: string): string {
  const [mark = ''] = MARK.exec(body) ?? [];
  return `${body.slice(0, LONGEST - mark.length - 20)}\n\n…\n\n${mark}`;
}

/** Names of files and people's words mention nobody and begin no mark-up. */
const plain = (text: string): string => text.replaceAll('<', '&lt;').replaceAll('@', '@\u200b');
const code = (text: string): string => `\`${text.replaceAll(/[`\s]+/g, ' ')}\``;
