/**
 * Asks trackers what people did there: works from behind any firewall. What is read twice happens once, so a poll that
 * was interrupted is simply repeated, and several processes may try: one of them has the right to ask at a time.
 */
import type { Decisions } from '@macadam/adapters/decisions/port';
import type { IssueRecord, TrackerRecord } from '@macadam/adapters/decisions/trackers';
import { DELIVERIES, type Pace, retryAt } from '@macadam/adapters/delivery/lane';
import { failed } from '@macadam/adapters/trackers/answer';
import { openTracker, type TrackerOpening } from '@macadam/adapters/trackers/kinds';
import { VOICE } from '@macadam/adapters/trackers/plan';
import type { RemoteComment, RemoteIssue, Tracker, TrackerProblem } from '@macadam/adapters/trackers/port';

export interface Polling extends Pace, TrackerOpening {
  /** Seconds between two polls of one tracker. Default 60. */
  readonly every?: number;
}

const LEASE_S = 600;
/** Their clock may be behind ours, and tell no fractions of seconds. */
const OVERLAP_MS = 120_000;
const MOST_TEXT = 10_000;

/** Polls every tracker that is due; gives how many were. */
export async function pollTrackers(decisions: Decisions, polling: Polling): Promise<number> {
  let polled = 0;
  for (let after = ''; ; ) {
    const page = await decisions.transaction(DELIVERIES, (tx) => tx.trackers.trackers({ after }), {
      readOnly: true,
    });
    for (const settings of page.filter(({ active }) => active))
      if (await pollTracker(decisions, settings, polling)) polled += 1;
    const last = page.at(-1);
    if (last === undefined) return polled;
    after = last.id;
  }
}

/** False where it was not due, or another process is at it. */
async function pollTracker(
  decisions: Decisions,
  settings: TrackerRecord,
  polling: Polling,
): Promise<boolean> {
  const poll = await decisions.transaction(DELIVERIES, (tx) => tx.trackers.startPoll(settings.id, LEASE_S));
  if (poll === null) return false;
  const begun = polling.now();
  const since = new Date(Date.parse(poll.cursor ?? settings.changedAt) - OVERLAP_MS).toISOString();
  const problem = await readChanges(decisions, settings, since, polling).catch(
    (error: unknown): TrackerProblem => ({
      problem: error instanceof Error ? error.message : String(error),
      fault: 'later',
    }),
  );
  const next = polling.now().getTime() + (polling.every ?? 60) * 1000;
  const asked = problem?.retryAt === undefined ? 0 : Date.parse(problem.retryAt);
  const end =
    problem === null
      ? { cursor: begun.toISOString(), problem: null, nextAt: new Date(next).toISOString() }
      : {
          cursor: null,
          problem: problem.problem,
          nextAt: new Date(Math.max(next, asked, retryAt(1, polling))).toISOString(),
        };
  await decisions.transaction(DELIVERIES, (tx) => tx.trackers.endPoll(settings.id, end));
  return true;
}

async function readChanges(
  decisions: Decisions,
  settings: TrackerRecord,
  since: string,
  polling: Polling,
): Promise<TrackerProblem | null> {
  const tracker = await openTracker(settings, {
    ...polling,
    signal: AbortSignal.timeout(LEASE_S * 900),
  });
  if ('problem' in tracker) return { ...tracker, fault: 'refused' };
  const changes = await tracker.changes(since);
  if (failed(changes)) return changes;
  for (const remote of changes.done) {
    const issue = await heard(decisions, settings, remote);
    if (issue === null) continue;
    const problem = await readComments(decisions, tracker, issue);
    if (problem !== null) return problem;
  }
  return null;
}

/** Asks for the issue to be brought in line where it says something else than its batch; gives the linked one. */
function heard(
  decisions: Decisions,
  settings: TrackerRecord,
  remote: RemoteIssue,
): Promise<IssueRecord | null> {
  return decisions.transaction(DELIVERIES, async (tx) => {
    const issue = await tx.trackers.issueOf(settings.id, remote);
    if (issue === null) return null;
    const doubled = issue.key !== remote.key;
    const batch = await tx.work.batch(issue.batch);
    if (doubled ? remote.open : batch !== null && remote.open !== (batch.closedAt === null))
      await tx.trackers.ask(issue.batch, issue.division, doubled);
    return doubled ? null : issue;
  });
}

async function readComments(
  decisions: Decisions,
  tracker: Tracker,
  issue: IssueRecord,
): Promise<TrackerProblem | null> {
  const since = new Date(Date.parse(issue.commentsUntil) - OVERLAP_MS).toISOString();
  const comments = await tracker.comments(issue.key, since);
  if (failed(comments)) return comments;
  for (const comment of comments.done.filter(({ text }) => !text.startsWith(VOICE)))
    await comeIn(decisions, issue, comment);
  const last = comments.done.at(-1);
  if (last) await decisions.transaction(DELIVERIES, (tx) => tx.trackers.commentsRead(issue.batch, last.at));
  return null;
}

/** In the name of the account there: we know no person of ours by it. */
async function comeIn(
  decisions: Decisions,
  issue: IssueRecord,
  { id, author, text }: RemoteComment,
): Promise<void> {
  const said = clean(text);
  if (said === '') return;
  const whole = said.length <= MOST_TEXT ? said : `${said.slice(0, MOST_TEXT - 1).toWellFormed()}…`;
  const principal = { id: `${issue.tracker}:${clean(author)}`, divisions: [issue.division] };
  await decisions.transaction(principal, (tx) => tx.trackers.commentIn(issue, id, whole));
}

/** The store holds no NUL and no half of a character. */
const clean = (text: string) => text.replaceAll('\0', '').toWellFormed().trim();
