/**
 * Conditions that keep outsiders out. Why: a checkout of a pull request's head under `pull_request_target` gives nothing away where
 * the job runs for branches of the same repository alone; whoever may push there has its rights already.
 *
 * Sources: docs.github.com, "Webhook events and payloads", and "Using jobs in a workflow": a job that is skipped has every job
 * behind it skipped that does not ask for the state of those before it.
 */
import { child, type Scalar } from '../document.ts';
import { BY_WRITERS } from './completed.ts';
import { condition } from './embedded.ts';
import { evaluate } from './evaluation.ts';
import { contextPath, type Expression } from './expression.ts';
import type { Surroundings } from './resolution.ts';
import { type Job, neededJobs, outsideEventsOf, type Workflow } from './workflow.ts';

/**
 * By whom a condition lets a run come: `writers` may push here anyway; `accepted` is what they merged; `asked` is what one of them
 * started or labelled, whatever it holds by then.
 */
export type Guard = 'writers' | 'accepted' | 'asked';
const STRONGEST: readonly Guard[] = ['writers', 'accepted', 'asked'];

/** A job with such a condition runs whatever became of those that it waits for. */
const RUNS_ANYWAY = /\b(?:always|failure|cancelled)\s*\(/;

/** The job itself and those without which it does not run. */
export function requiredJobs({ jobs }: Workflow, job: Job): readonly Job[] {
  const own = child(job.node, 'if');
  if (own?.type === 'scalar' && RUNS_ANYWAY.test(own.text)) return [job];
  const needed = neededJobs(jobs, [job.id]);
  return jobs.filter(({ id }) => needed.has(id));
}

/** What the conditions of a step, of its job, of the jobs before it and of what calls its file say, together. */
export function guardOf({ workflow, job, step }: Surroundings): Guard | undefined {
  const conditions = [step?.if, ...requiredJobs(workflow, job).map(({ node }) => child(node, 'if'))];
  const guards = conditions.map((scalar) =>
    scalar?.type === 'scalar' ? guardIn(workflow, scalar) : undefined,
  );
  return strongest(workflow.given === undefined ? guards : [...guards, guardOf(workflow.given)]);
}

function guardIn(workflow: Workflow, scalar: Scalar): Guard | undefined {
  const expression = condition(workflow.document, scalar)?.expression;
  return expression === undefined ? undefined : letsIn(expression, true, outsideEventsOf(workflow));
}

const strongest = (guards: readonly (Guard | undefined)[]): Guard | undefined =>
  STRONGEST.find((one) => guards.includes(one));

/** Of ways in, each of which has to be guarded, the weakest counts. */
const weakest = (guards: readonly (Guard | undefined)[]): Guard | undefined =>
  guards.includes(undefined) ? undefined : STRONGEST.findLast((one) => guards.includes(one));

/** By whom a run comes for which an expression is true, or is not (`holds`). */
function letsIn(expression: Expression, holds: boolean, events: readonly string[]): Guard | undefined {
  switch (expression.type) {
    case 'and':
    case 'or': {
      const parts = expression.of.map((part) => letsIn(part, holds, events));
      return (expression.type === 'and') === holds ? strongest(parts) : weakest(parts);
    }
    case 'not':
      return letsIn(expression.of, !holds, events);
    case 'compare': {
      const { operator, left, right } = expression;
      if (operator !== '==' && operator !== '!=') return undefined;
      const equal = (operator === '==') === holds;
      return compared(left, right, equal, events) ?? compared(right, left, equal, events);
    }
    case 'call':
      return holds ? called(expression.name.toLowerCase(), expression.arguments) : undefined;
    default:
      return flagged(pathOf(expression), holds, events);
  }
}

const pathOf = (expression: Expression): string => contextPath(expression)?.join('.') ?? '';

/** The repository that the code comes from. */
const SOURCE =
  /^github\.event\.(pull_request(?=\.head\.repo)|workflow_run(?=\.head_repository))\.\w+\.(?:repo\.)?(.+)$/;
/** Names of the repository itself. */
const HERE =
  /^github\.(?:repository|repository_owner|repository_id|event\.repository\..+|event\.pull_request\.base\.repo\..+)$/;
/** What the code host says of an author; all others, among them who contributed before, are outsiders. */
const OURS: ReadonlySet<string> = new Set(['OWNER', 'MEMBER', 'COLLABORATOR']);
const LABEL = /^github\.event\.(?:label\.name|(?:pull_request|issue)\.labels\.\*\.name)$/;

/** Events whose payload has the object; that of another one has no `fork` in it, and nothing is false. */
const CARRIERS: Readonly<Record<string, RegExp>> = {
  pull_request: /^pull_request(?:_target|_review|_review_comment)?$/,
  workflow_run: /^workflow_run$/,
};

function flagged(path: string, holds: boolean, events: readonly string[]): Guard | undefined {
  if (path === 'github.event.pull_request.merged') return holds ? 'accepted' : undefined;
  const [, object = '', name] = SOURCE.exec(path) ?? [];
  const isThere = events.every((event) => CARRIERS[object]?.test(event) || BY_WRITERS.has(event));
  return name === 'fork' && !holds && isThere ? 'writers' : undefined;
}

function compared(
  left: Expression,
  right: Expression,
  equal: boolean,
  events: readonly string[],
): Guard | undefined {
  const path = pathOf(left);
  const value = right.type === 'literal' ? right.value : undefined;
  if (typeof value === 'boolean') return flagged(path, value === equal, events);
  if (!equal) return undefined;
  const source = SOURCE.exec(path)?.[2];
  if (source !== undefined && /^(?:full_name|owner\.login|(?:node_)?id)$/.test(source))
    return typeof value === 'string' || HERE.test(pathOf(right)) ? 'writers' : undefined;
  return typeof value === 'string' ? among(path, [value]) : undefined;
}

function called(name: string, [first, second]: readonly Expression[]): Guard | undefined {
  if (first === undefined || second === undefined) return undefined;
  if (name === 'startswith' || LABEL.test(pathOf(first)))
    return LABEL.test(pathOf(first)) ? 'asked' : undefined;
  if (name !== 'contains') return undefined;
  const outcome = evaluate(first);
  const list = 'value' in outcome && Array.isArray(outcome.value) ? outcome.value : [];
  return list.length === 0 ? undefined : among(pathOf(second), list.map(String));
}

/** Where what stands at a path is one of these values. */
function among(path: string, values: readonly string[]): Guard | undefined {
  if (/^github\.(?:event_name|event\.workflow_run\.event)$/.test(path))
    return values.every((value) => BY_WRITERS.has(value)) ? 'writers' : undefined;
  const author =
    /^github\.event\.(pull_request|issue|comment|review)\.(author_association|user\.login)$/.exec(path);
  if (author !== null && (author[2] === 'user.login' || values.every((value) => OURS.has(value))))
    return author[1] === 'pull_request' || author[1] === 'issue' ? 'writers' : 'asked';
  return LABEL.test(path) ? 'asked' : undefined;
}
