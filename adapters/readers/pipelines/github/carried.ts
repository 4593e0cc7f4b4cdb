/**
 * Whether a text of outsiders reaches only runs that have no rights. Why: a title pasted into a script is critical where the run holds a
 * token that may write, and changes nothing under `pull_request`: what comes from a fork has no secrets and may only read, and whoever sent
 * it could have written the script itself. Nor is there a title of an issue in a run that a push starts.
 *
 * Sources: docs.github.com, "Events that trigger workflows" (`pull_request`, forks) and "Webhook events and payloads".
 */
import { controllerOf } from './contexts.ts';
import { contextPath, type Expression } from './expression.ts';
import { baseContextsOf, type Surroundings } from './resolution.ts';
import { eventsOf } from './workflow.ts';

/** Object of the payload → the events that have it. */
const CARRIERS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    pull_request: 'pull_request pull_request_target pull_request_review pull_request_review_comment',
    issue: 'issues issue_comment',
    comment: 'issue_comment pull_request_review_comment commit_comment discussion_comment',
    review: 'pull_request_review',
    discussion: 'discussion discussion_comment',
  }).map(([object, events]) => [object, new Set(events.split(' '))]),
);
const HEAD_REF: ReadonlySet<string> = new Set(['pull_request', 'pull_request_target']);

/** Events of which every object above is known to be there or not; of any other one it may be. */
const KNOWN = new Set([
  ...[...CARRIERS.values()].flatMap((events) => [...events]),
  ...'push schedule workflow_dispatch repository_dispatch workflow_run release create delete merge_group'.split(
    ' ',
  ),
]);

export function runsWithoutRights(at: Surroundings, reference: Expression): boolean {
  const events = eventsOf(at.workflow);
  if (events.length === 0) return false;
  const outsiders = baseContextsOf(at, contextPath(reference) ?? []).filter(
    (path) => controllerOf(path) === 'anyone',
  );
  return (
    outsiders.length > 0 &&
    outsiders.every((path) =>
      events.every((event) => event === 'pull_request' || (KNOWN.has(event) && !carries(event, path))),
    )
  );
}

function carries(event: string, [root, first, object = '']: readonly string[]): boolean {
  if (root !== 'github') return true;
  if (first === 'head_ref') return HEAD_REF.has(event);
  return first !== 'event' || (CARRIERS.get(object)?.has(event) ?? true);
}
