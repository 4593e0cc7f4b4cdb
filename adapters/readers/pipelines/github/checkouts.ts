/**
 * Privileged events, and checkouts of what an outsider wrote under them.
 *
 * `pull_request_target`, `workflow_run`, `issue_comment` and a few others run with the rights and secrets of the
 * base repository although an outsider starts them; running the outsider's code there gives everything away
 * (securitylab.github.com, "Preventing pwn requests").
 */
import type { Value } from '@macadam/core/facts/observation';
import { child, type Place, textOf } from '../document.ts';
import { embedded } from './embedded.ts';
import { contextPath, contexts } from './expression.ts';
import { actionName, input, type Job, type Step, type Workflow } from './workflow.ts';

/** Events that an outsider can cause and that run with the base repository's rights. */
export const PRIVILEGED: ReadonlySet<string> = new Set([
  'pull_request_target',
  'workflow_run',
  'issue_comment',
  'issues',
  'discussion',
  'discussion_comment',
  'fork',
  'watch',
]);
/** Of these, the ones that name a pull request or a run whose code could be fetched. */
const FETCHING: ReadonlySet<string> = new Set(['pull_request_target', 'workflow_run', 'issue_comment']);
/** Events that exist only to run on outsiders' input with the base's rights: their use is a finding of its own. */
export const DANGEROUS: ReadonlySet<string> = new Set(['pull_request_target', 'workflow_run']);

/** Steps that read files without running what stands in them. */
const HARMLESS =
  /^(actions\/(labeler|upload-artifact|download-artifact|cache|checkout|stale|first-interaction)|github\/codeql-action\/upload-sarif|dorny\/paths-filter|tj-actions\/changed-files)(\/|$)/;

export function checkoutsOf(workflow: Workflow): readonly Value[] {
  const events = workflow.triggers.map(({ event }) => event).filter((event) => FETCHING.has(event));
  if (events.length === 0) return [];
  const found: Value[] = [];
  for (const job of workflow.jobs)
    for (const step of job.steps) {
      const fetched = fetchedBy(workflow, step, events);
      if (fetched === undefined) continue;
      const runner = executing(job, step);
      found.push({
        key: `${fetched.line}:${fetched.col}`,
        line: fetched.line,
        col: fetched.col,
        job: job.id,
        event: events[0] ?? '',
        ref: fetched.text,
        executed: runner !== undefined,
        ...(runner === undefined ? {} : { executed_line: runner.line }),
      });
    }
  return found;
}

interface Fetched extends Place {
  readonly text: string;
}

function fetchedBy(workflow: Workflow, step: Step, events: readonly string[]): Fetched | undefined {
  const action = actionName(step);
  if (action === 'actions/checkout') {
    for (const name of ['ref', 'repository']) {
      const node = input(step, name);
      if (node?.type !== 'scalar') continue;
      const outsider =
        embedded(workflow.document, node).some(
          ({ expression }) =>
            expression !== undefined &&
            contexts(expression).some((reference) => isHead(contextPath(reference) ?? [], events)),
        ) || /refs\/pull\/.*\/(merge|head)/.test(node.text);
      if (outsider) return { line: node.line, col: node.col, text: node.text.trim() };
    }
    return undefined;
  }
  const command =
    /\bgh\s+pr\s+checkout\b|\bgit\s+(fetch|pull)\b[^\n]*\bpull\/|\bgit\s+checkout\b[^\n]*(FETCH_HEAD|head_ref|head\.sha|head\.ref)|\bhub\s+pr\s+checkout\b/.exec(
      step.run?.text ?? '',
    )?.[0];
  if (command === undefined || step.run === undefined) return undefined;
  const inside = step.run.raw.indexOf(command.split('\n')[0] ?? '');
  const place = workflow.document.place(step.run.offset + Math.max(inside, 0));
  return { ...place, text: command };
}

/** A context that names the outsider's commit, branch or repository. */
function isHead(path: readonly string[], events: readonly string[]): boolean {
  const text = path.join('.');
  if (text === 'github.head_ref') return true;
  if (/^github\.event\.pull_request\.(head|merge_commit_sha|number)\b/.test(text)) return true;
  if (/^github\.event\.workflow_run(\.(head_|id\b|pull_requests|head_repository)|$)/.test(text)) return true;
  if (text === 'github.event.number' || text === 'github.event.issue.number')
    return events.includes('issue_comment') || text === 'github.event.number';
  // The usual way to a comment's pull request is a step that asks the API for its head.
  return events.includes('issue_comment') && /^(steps|needs)\..*(sha|ref|head|branch|commit)/.test(text);
}

/**
 * The first later step of the job that may run what was fetched. In the working folder every command may: a build
 * reads its instructions there. A folder of its own (`path:`) is run only by a step that goes there.
 */
function executing(job: Job, from: Step): Step | undefined {
  const later = job.steps.slice(job.steps.indexOf(from) + 1);
  const folder = textOf(input(from, 'path'))?.replace(/^\.\/|\/+$/g, '');
  if (folder === undefined || folder === '' || folder === '.' || folder.includes('${{'))
    return later.find(
      (step) => step.run !== undefined || (step.uses !== undefined && !HARMLESS.test(actionName(step) ?? '')),
    );
  const name = folder.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const enters = new RegExp(
    [
      `\\b(cd|pushd|source)\\s+\\S*\\b${name}\\b`,
      `\\b(bash|sh|python\\d?|node|ruby|perl)\\s+(-\\S+\\s+)*\\S*\\b${name}/`,
      `\\b(pip\\d?|npm|npx|yarn|pnpm|cargo|go|make|docker|gradlew?|mvnw?)\\b[^\\n]*\\b${name}\\b`,
      `(^|[;&|(]\\s*|\\n\\s*)\\.?/?${name}/\\S+`,
    ].join('|'),
    'm',
  );
  return later.find((step) => {
    const place = textOf(child(step.node, 'working-directory'));
    if (place?.replace(/^\.\//, '').startsWith(folder)) return true;
    if (step.uses?.text.trim().replace(/^\.\//, '').startsWith(`${folder}/`)) return true;
    return step.run !== undefined && enters.test(step.run.text);
  });
}

/** True when every job does nothing but label: then an outsider's event does no harm. */
export function onlyLabels(workflow: Workflow): boolean {
  return (
    workflow.jobs.length > 0 &&
    workflow.jobs.every(
      ({ steps, uses }) =>
        uses === undefined &&
        steps.length === 1 &&
        steps[0] !== undefined &&
        actionName(steps[0]) === 'actions/labeler',
    )
  );
}
