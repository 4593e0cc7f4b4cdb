/** Brings the issue of one batch in line with it: what `plan.ts` says, done step by step. */
import type { Decisions, DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { IssueRecord, TrackerRecord } from '@macadam/adapters/decisions/trackers';
import type { BatchRecord } from '@macadam/adapters/decisions/work';
import {
  DELIVERIES,
  type DeliveryOutcome,
  type Lane,
  type Pace,
  retryAt,
} from '@macadam/adapters/delivery/lane';
import { failed } from '@macadam/adapters/trackers/answer';
import {
  type IssueContext,
  issueWish,
  type MirroredBatch,
  markerOf,
} from '@macadam/adapters/trackers/issue-text';
import { openTracker, type TrackerOpening } from '@macadam/adapters/trackers/kinds';
import { type IssueStep, type IssueWish, planIssue } from '@macadam/adapters/trackers/plan';
import type { RemoteIssue, Tracker, TrackerAnswer, TrackerProblem } from '@macadam/adapters/trackers/port';

export interface Mirroring extends Pace, TrackerOpening {
  readonly contextOf: (batch: MirroredBatch) => Promise<IssueContext>;
  /** How long a process has for one message before another takes over. Default 120. */
  readonly seconds?: number;
}

interface Mirrored {
  readonly record: BatchRecord;
  readonly batch: MirroredBatch;
  readonly settings: TrackerRecord | null;
  readonly issue: IssueRecord | null;
}

/** Writes down that what stands in an issue is not known. */
type Doubt = (known: IssueRecord) => Promise<void>;

/** While a tracker is down or wants a pause, its other batches wait as well instead of each finding out. */
interface Pause {
  readonly until: number;
  readonly failures: number;
  readonly problem: string;
}

const SECONDS = 120;
const PAUSE_S = 600;

export function trackerLane(decisions: Decisions, mirroring: Mirroring): Lane {
  const pauses = new Map<string, Pause>();
  return {
    destination: 'tracker',
    seconds: mirroring.seconds ?? SECONDS,
    width: 4,
    deliver: async (message, signal) => {
      const { batch: id, look = false } = message.body as { readonly batch: string; readonly look?: boolean };
      const mirrored = await decisions.transaction(DELIVERIES, (tx) => readMirrored(tx, id), {
        readOnly: true,
      });
      const { settings = null } = mirrored ?? {};
      if (!mirrored || !settings) return {};
      const pause = pauses.get(settings.id);
      if (pause && pause.until > mirroring.now().getTime())
        return { problem: pause.problem, retryAt: pause.until };
      const tracker = await openTracker(settings, { ...mirroring, signal });
      if ('problem' in tracker) return tracker;
      const wish = issueWish(mirrored.batch, await mirroring.contextOf(mirrored.batch));
      const doubt: Doubt = ({ linkedAt: _, ...known }) =>
        decisions.transaction(DELIVERIES, (tx) => tx.trackers.putIssue({ ...known, digest: null }));
      const outcome = await mirror(tracker, settings, mirrored, { wish, look, doubt });
      if (!('fault' in outcome)) {
        pauses.delete(settings.id);
        return outcome;
      }
      const { problem } = outcome;
      const asked = outcome.retryAt === undefined ? 0 : Date.parse(outcome.retryAt);
      if (outcome.fault === 'refused') return { problem, retryAt: asked };
      const failures = (pause?.failures ?? 0) + 1;
      const until = Math.max(asked, retryAt(failures, mirroring, PAUSE_S));
      pauses.set(settings.id, { until, failures, problem });
      return { problem, retryAt: until };
    },
  };
}

const PAGE = 1000;

async function readMirrored(tx: DecisionTransaction, id: string): Promise<Mirrored | null> {
  const record = await tx.work.batch(id);
  if (record === null) return null;
  const members: MirroredBatch['members'][number][] = [];
  const [held] = await tx.work.view([id]);
  const until = new Map((held?.pauses ?? []).map((one) => [one.asset, one.until]));
  for (let after = ''; ; after = members.at(-1)?.asset ?? '') {
    const page = await tx.work.members(id, { after, limit: PAGE });
    for (const { asset, failingSince, leftAs } of page)
      members.push({ asset, failingSince, leftAs, exceptedUntil: until.get(asset) ?? null });
    if (page.length < PAGE) break;
  }
  const issue = await tx.trackers.issue(id);
  const linked = issue && (await tx.trackers.tracker(issue.tracker));
  const settings = linked?.active ? linked : await tx.trackers.trackerOf(record.team, record.division);
  // Where the batch's issue was is no longer used: it gets one where its team works now.
  return {
    record,
    batch: { ...record, members },
    settings,
    issue: issue?.tracker === settings?.id ? issue : null,
  };
}

async function mirror(
  tracker: Tracker,
  settings: TrackerRecord,
  { record, batch, issue }: Mirrored,
  { wish, look, doubt }: { readonly wish: IssueWish; readonly look: boolean; readonly doubt: Doubt },
): Promise<DeliveryOutcome | TrackerProblem> {
  const marker = markerOf(settings.id, batch);
  const remotes = await remotesOf({ tracker, issue, marker, look, openedAt: batch.openedAt });
  if (failed(remotes)) return remotes;
  const plan = planIssue(wish, issue, remotes.done);
  let kept = remotes.done.find(({ key }) => key === plan.key);
  for (const step of plan.steps) {
    if (step.step === 'create') {
      const made = await tracker.create(marker, wish.text);
      if (failed(made)) return made;
      kept = made.done;
      continue;
    }
    if (step.step === 'doubt') {
      if (issue) await doubt(issue);
      continue;
    }
    const answer = await take({ tracker, step, wish, marker, openedAt: batch.openedAt });
    if (failed(answer)) return answer;
  }
  if (kept === undefined) return {};
  const { key, url } = kept;
  const known = {
    batch: batch.id,
    division: record.division,
    tracker: settings.id,
    key,
    url,
    marker,
    open: wish.open,
    digest: wish.digest,
    commentsUntil: issue?.commentsUntil ?? batch.openedAt,
  };
  return { record: (tx) => tx.trackers.putIssue(known) };
}

interface RemotesOfInput {
  readonly tracker: Tracker;
  readonly issue: IssueRecord | null;
  readonly marker: string;
  readonly look: boolean;
  readonly openedAt: string;
}

/** The linked issue, and others of its mark where it is not there, or somebody has seen some. */
async function remotesOf({
  tracker,
  issue,
  marker,
  look,
  openedAt,
}: RemotesOfInput): Promise<TrackerAnswer<readonly RemoteIssue[]>> {
  const linked = issue ? await tracker.read(issue.key) : { done: null };
  if (failed(linked)) return linked;
  if (linked.done !== null && !look) return { done: [linked.done] };
  const found = await tracker.find(marker, earlier(openedAt));
  if (failed(found)) return found;
  const others = found.done.filter(({ key }) => key !== linked.done?.key);
  return { done: linked.done === null ? others : [linked.done, ...others] };
}

interface TakeInput {
  readonly tracker: Tracker;
  readonly step: Exclude<IssueStep, { step: 'create' | 'doubt' }>;
  readonly wish: IssueWish;
  readonly marker: string;
  readonly openedAt: string;
}

async function take({
  tracker,
  step,
  wish: { text },
  marker,
  openedAt,
}: TakeInput): Promise<TrackerAnswer<null>> {
  switch (step.step) {
    case 'write':
      return tracker.change(step.key, { text: { ...text, marker } });
    case 'close':
    case 'reopen':
      return tracker.change(step.key, { open: step.step === 'reopen' });
    case 'say': {
      const said = await tracker.comments(step.key, earlier(openedAt));
      if (failed(said)) return said;
      return said.done.some((comment) => comment.text.trim() === step.text)
        ? { done: null }
        : tracker.comment(step.key, step.text);
    }
  }
}

const HOUR = 3_600_000;
/** Their clock may be behind ours. */
const earlier = (at: string) => new Date(Date.parse(at) - HOUR).toISOString();
