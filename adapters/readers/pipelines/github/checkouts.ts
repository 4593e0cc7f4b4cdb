/**
 * Privileged events, and checkouts of what an outsider wrote under them.
 *
 * `pull_request_target`, `workflow_run`, `issue_comment` and a few others run with the rights and secrets of the
 * base repository although an outsider starts them; running the outsider's code there gives everything away
 * (securitylab.github.com, "Preventing pwn requests").
 */
import type { Unobserved } from '@macadam/core/facts/observation';
import { child, type Place, textOf } from '../document.ts';
import type { Placed } from '../facts.ts';
import { refusesForks } from './checkout-guard.ts';
import { type LocalFiles, type LocalRun, type RunStep, stepsOf } from './local.ts';
import { baseContexts } from './resolution.ts';
import {
  actionName,
  input,
  type Job,
  neededJobs,
  outsideEventsOf,
  type Step,
  type Workflow,
} from './workflow.ts';

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

/**
 * Of one file and the local files that it runs: `runs` are its workflows, itself among them. A file's own places have
 * no `path`.
 */
export function checkoutsOf(root: LocalRun, runs: readonly LocalRun[], files: LocalFiles): readonly Placed[] {
  const found = new Map<string, Placed>();
  for (const run of runs) {
    const events = outsideEventsOf(run.workflow).filter((event) => FETCHING.has(event));
    if (run.workflow.type === 'action' || events.length === 0) continue;
    for (const job of run.workflow.jobs) {
      const steps = stepsOf(run, job, files);
      for (const [index, at] of steps.entries()) {
        const fetched = fetchedBy(at, events);
        if (fetched === undefined) continue;
        const { line, col, text } = fetched;
        const runner = executing(steps.slice(index + 1), at.step);
        const elsewhere = at.path === root.path ? {} : { path: at.path };
        const key = `${at.path === root.path ? '' : `${at.path}:`}${line}:${col}`;
        if (found.has(key)) continue;
        found.set(key, {
          key,
          line,
          col,
          job: job.id,
          event: events[0] ?? '',
          ref: text,
          executed:
            runner === undefined
              ? false
              : (guarded(steps.slice(0, index)) ?? gated(run.workflow, job) ?? true),
          ...(fetched.refused ? { refused: true } : {}),
          ...(runner?.path === at.path ? { executed_line: runner.step.line } : {}),
          ...elsewhere,
        });
      }
    }
  }
  return [...found.values()];
}

/** Asks who the author is, and ends the job by the answer. */
const ASKS = /author_?association|getCollaboratorPermissionLevel|\/collaborators\/[^\n]*\/permission/i;
const ENDS = /\bsetFailed\s*\(|\bthrow\b|\bexit\s+[1-9]|\bprocess\.exit\s*\(/;

function isGuard({ run, with: inputs }: Step): boolean {
  const script = run?.text ?? textOf(inputs && child(inputs, 'script')) ?? '';
  return ASKS.test(script) && ENDS.test(script);
}

/** Unobserved where a script before the checkout lets only some authors go on: what it really lets through is not followed. */
function guarded(before: readonly RunStep[]): Unobserved | undefined {
  const guard = before.find(({ step }) => isGuard(step));
  if (guard === undefined) return undefined;
  return {
    unobserved: 'unobserved',
    why: `a script at line ${guard.step.line} asks who the author is and may end the job, and scripts are not followed; look at it by hand, or fetch the code under \`pull_request\`, which has no rights`,
  };
}

/** What the job of a gate, or the workflow that it calls, is called. */
const GATE = /check|permission|auth|approv|gate|guard|verif|trust|safe|allow|member|maintainer/i;
/** A job with such a condition runs whatever became of those that it waits for. */
const RUNS_ANYWAY = /\b(?:always|failure|cancelled)\s*\(/;

/** Unobserved where a job before this one, or before the call of this file, may end the run for outsiders, by a script that asks who they are or by a workflow of elsewhere. */
function gated({ jobs, given }: Workflow, job: Job): Unobserved | undefined {
  const needed = RUNS_ANYWAY.test(textOf(child(job.node, 'if')) ?? '')
    ? new Set<string>()
    : neededJobs(jobs, [job.id]);
  for (const { id, line, uses, steps } of jobs) {
    if (id === job.id || !needed.has(id)) continue;
    const called = uses?.text.trim() ?? '';
    const isElsewhere = called !== '' && !called.startsWith('./');
    if (isElsewhere && GATE.test(`${id} ${called.split('/').at(-1)}`))
      return unseenGate(`calls ${called}, which is not read here`, id, line);
    const guard = steps.find(isGuard);
    if (guard !== undefined)
      return unseenGate('asks who the author is, and scripts are not followed', id, guard.line);
  }
  return given === undefined ? undefined : gated(given.workflow, given.job);
}

const unseenGate = (what: string, job: string, line: number): Unobserved => ({
  unobserved: 'unobserved',
  why: `job \`${job}\` at line ${line} runs before it and may end the run for outsiders: it ${what}; look at it by hand, or fetch the code under \`pull_request\`, which has no rights`,
});

interface Fetched extends Place {
  readonly text: string;
  /** By the action itself, where it is the code of a fork. */
  readonly refused: boolean;
}

function fetchedBy(at: RunStep, events: readonly string[]): Fetched | undefined {
  const { workflow, step } = at;
  const action = actionName(step);
  if (action === 'actions/checkout') {
    for (const name of ['ref', 'repository']) {
      const node = input(step, name);
      if (node?.type !== 'scalar') continue;
      const outsider =
        baseContexts(at, node).some((path) => isHead(path, events)) ||
        /refs\/pull\/.*\/(merge|head)/.test(node.text);
      if (outsider)
        return {
          line: node.line,
          col: node.col,
          text: node.text.trim(),
          refused: refusesForks(at, events),
        };
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
  return { ...place, text: command, refused: false };
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

/** A script that only speaks with the host: such a line reads no file of the working folder as code. */
const ASKS_THE_HOST = /^gh\s+(?:pr|issue|label|run|workflow|release)\s+(?!checkout\b|\s)[^;&|`]*$/;

function onlyAsks(script: string): boolean {
  const lines = script
    .replaceAll(/\\\r?\n/g, ' ')
    .split('\n')
    .map((line) => line.trim());
  return lines.every(
    (line) => line === '' || line.startsWith('#') || (ASKS_THE_HOST.test(line) && !line.includes('$(')),
  );
}

/**
 * The first later step of the job that may run what was fetched. In the working folder every command may: a build
 * reads its instructions there. A folder of its own (`path:`) is run only by a step that goes there.
 */
function executing(later: readonly RunStep[], from: Step): RunStep | undefined {
  const folder = textOf(input(from, 'path'))?.replace(/^\.\/|(?<!\/)\/+$/g, '');
  if (folder === undefined || folder === '' || folder === '.' || folder.includes('${{'))
    return later.find(({ step }) =>
      step.run === undefined
        ? step.uses !== undefined && !HARMLESS.test(actionName(step) ?? '')
        : !onlyAsks(step.run.text),
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
  return later.find(({ step }) => {
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
