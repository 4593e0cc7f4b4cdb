/**
 * Privileged events, and checkouts of what an outsider wrote under them.
 *
 * `pull_request_target`, `workflow_run`, `issue_comment` and a few others run with the rights and secrets of the
 * base repository although an outsider starts them; running the outsider's code there gives everything away
 * (securitylab.github.com, "Preventing pwn requests").
 */
import type { Unobserved } from '@macadam/core/facts/observation';
import { child, entriesOf, type Place, textOf } from '../document.ts';
import type { Placed } from '../facts.ts';
import { refusesForks } from './checkout-guard.ts';
import { type Guard, guardOf, requiredJobs } from './guards.ts';
import { type LocalFiles, type LocalRun, type RunStep, stepsOf } from './local.ts';
import { environmentOf } from './production.ts';
import { baseContexts } from './resolution.ts';
import { actionName, input, type Job, outsideEventsOf, type Step, type Workflow } from './workflow.ts';

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
        const brought = fetched && broughtBy(fetched, steps.slice(index));
        const guard = guardOf(at);
        if (fetched === undefined || brought === undefined || isOurs(guard, fetched.text)) continue;
        const { line, col, text } = fetched;
        const later = steps
          .slice(index + brought.steps + 1)
          .filter((next) => !isOurs(guardOf(next), fetched.text));
        const hooks = steps.slice(0, index).some(({ step }) => INSTALLS_HOOKS.test(step.run?.text ?? ''));
        const runner = onlyReads(brought.rest, hooks)
          ? executing(later, at.step, hooks)
          : steps[index + brought.steps];
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
              : (((guard ?? guardOf(runner)) === 'asked' ? ASKED : undefined) ??
                guarded(steps.slice(0, index), [conditionOf(at.step), conditionOf(runner.step)]) ??
                gated(run.workflow, job) ??
                true),
          ...(fetched.refused ? { refused: true } : {}),
          ...(runner?.path === at.path ? { executed_line: runner.step.line } : {}),
          ...elsewhere,
        });
      }
    }
  }
  return [...found.values()];
}

/** Whether code comes by people who may push here anyway, or is what they merged: behind the name of a branch stands what its owner pushes later. */
const isOurs = (guard: Guard | undefined, ref = ''): boolean =>
  guard === 'writers' || (guard === 'accepted' && !/head[._]ref/.test(ref));

const ASKED: Unobserved = {
  unobserved: 'unobserved',
  why: 'a condition lets only those runs come that one of us started or labelled, and whether that person read what runs is not seen; look at it by hand, or fetch the code under `pull_request`, which has no rights',
};

/** Asks who the author is, and ends the job by the answer. */
const ASKS = /author_?association|getCollaboratorPermissionLevel|\/collaborators\/[^\n]*\/permission/i;
const ENDS = /\bsetFailed\s*\(|\bthrow\b|\bexit\s+[1-9]|\bprocess\.exit\s*\(/;

/** What actions are called that ask it, and end the job or say so in an output. */
const ASKING_ACTION = /permission|membership|authori[sz]ed/;

const conditionOf = ({ node }: Step | Job): string => textOf(child(node, 'if')) ?? '';

/** The step among these that lets only some authors go on: it ends the job, or a condition behind it asks for what it found out. */
function guardAmong(steps: readonly Step[], conditions: readonly string[]): Step | undefined {
  return steps.find((step, index) => {
    const script = step.run?.text ?? textOf(input(step, 'script')) ?? '';
    if (ASKING_ACTION.test(actionName(step)?.split('/')[1] ?? '')) return true;
    if (!ASKS.test(script)) return false;
    const found = `steps.${step.id ?? ' '}.`;
    const behind = [...steps.slice(index + 1).map(conditionOf), ...conditions];
    return ENDS.test(script) || behind.some((condition) => condition.includes(found));
  });
}

/** Unobserved where a step before the checkout lets only some authors go on: what it really lets through is not followed. */
function guarded(before: readonly RunStep[], conditions: readonly string[]): Unobserved | undefined {
  const guard = guardAmong(
    before.map(({ step }) => step),
    conditions,
  );
  if (guard === undefined) return undefined;
  return {
    unobserved: 'unobserved',
    why: `a script at line ${guard.line} asks who the author is and may end the job, and scripts are not followed; look at it by hand, or fetch the code under \`pull_request\`, which has no rights`,
  };
}

/** What the job of a gate, or the workflow that it calls, is called. */
const GATE = /check|permission|auth|approv|gate|guard|verif|trust|safe|allow|member|maintainer/i;

/** Unobserved where this job, one before it, or one before the call of this file may end the run for outsiders, by a script that asks who they are, an environment that people approve, or a workflow of elsewhere. */
function gated(workflow: Workflow, job: Job): Unobserved | undefined {
  const required = requiredJobs(workflow, job);
  for (const before of required) {
    const environment = environmentOf(before);
    if (environment !== undefined) return unseenGate(before, before.line, inEnvironment(environment));
    if (before.id === job.id) continue;
    const called = before.uses?.text.trim() ?? '';
    const isElsewhere = called !== '' && !called.startsWith('./');
    if (isElsewhere && GATE.test(`${before.id} ${called.split('/').at(-1)}`))
      return unseenGate(before, before.line, `calls ${called}, which is not read here`);
    const asked = required.map(conditionOf).filter((condition) => condition.includes(`needs.${before.id}.`));
    const guard = guardAmong(
      before.steps,
      asked.length === 0 ? [] : before.steps.map(({ id }) => `steps.${id}.`),
    );
    if (guard !== undefined)
      return unseenGate(before, guard.line, 'asks who the author is, and scripts are not followed');
  }
  const { given } = workflow;
  return given === undefined ? undefined : gated(given.workflow, given.job);
}

const inEnvironment = (name: string): string =>
  `waits for the environment \`${name}\`, and only its settings say whether a person has to approve each run`;

const unseenGate = ({ id }: Job, line: number, what: string): Unobserved => ({
  unobserved: 'unobserved',
  why: `job \`${id}\` at line ${line} may end the run for outsiders: it ${what}; look at it by hand, or fetch the code under \`pull_request\`, which has no rights`,
});

interface Fetched extends Place {
  readonly text: string;
  /** By the action itself, where it is the code of a fork. */
  readonly refused: boolean;
  /** Of a script, what comes behind the command that fetches. */
  readonly after?: string;
  /** The commits came into the store of git, and no file anywhere. */
  readonly stored?: true;
}

/** Puts the files of a pull request into the working folder. */
const BRINGS =
  /\b(?:gh|hub)\s+pr\s+checkout\b|\bgit\s+pull\b[^\n]*\bpull\/|\bgit\s+checkout\b[^\n]*(?:head_ref|head\.sha|head\.ref)/;
/** Puts its commits into the store of git alone. */
const STORES = /\bgit\s+(?:fetch|remote\s+add)\b[^\n]*(?:\bpull\/|head_ref|head\.(?:sha|ref|repo))/;
/** Takes files out of the store of git. */
const TAKES_OUT =
  /\bgit\b[^\n]*\s(?:(?:checkout|switch|restore|reset|merge|rebase|pull|cherry-pick|revert|apply|am|stash|worktree|archive|read-tree)(?![\w-])|(?:show|cat-file)\b[^\n]*[>|])|\bpatch\s/;

/** Actions that put the files of the pull request of the event into the working folder, whatever they are given. */
const FETCHING_ACTIONS: ReadonlySet<string> = new Set([
  'r-lib/actions/pr-fetch',
  'dawidd6/action-checkout-pr',
]);

/** The script of a step, a command a line, with the texts of its variables in their place: `git checkout "$SHA"` is what `SHA` was given. */
function spelled({ workflow, job, step }: RunStep): string {
  const given = new Map(
    [workflow.env, job.env, step.env].flatMap(entriesOf).map(({ key, value }) => [key, textOf(value)]),
  );
  return (step.run?.text ?? '')
    .replaceAll(/\\\r?\n\s*/g, ' ')
    .replaceAll(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (written, braced?: string, bare?: string) => given.get(braced ?? bare ?? '') ?? written,
    );
}

function fetchedBy(at: RunStep, events: readonly string[]): Fetched | undefined {
  const { workflow, step } = at;
  const action = actionName(step);
  if (step.uses !== undefined && FETCHING_ACTIONS.has(action ?? ''))
    return { line: step.uses.line, col: step.uses.col, text: `by ${action}`, refused: false };
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
  const script = spelled(at);
  const brought = BRINGS.exec(script);
  const found = brought ?? STORES.exec(script);
  if (found === null || step.run === undefined) return undefined;
  const [command] = found;
  const inside = step.run.raw.indexOf(command.split('\n')[0] ?? '');
  const place = workflow.document.place(step.run.offset + Math.max(inside, 0));
  const after = script.slice(found.index + command.length);
  return { ...place, text: command, refused: false, after, ...(brought === null && { stored: true }) };
}

/**
 * Where the files come into the working folder: so many steps after the first of these, which fetches, with what the
 * script of that step does behind it. Undefined where what was fetched stays in the store of git, as for a comparison.
 */
function broughtBy(
  { after = '', stored }: Fetched,
  from: readonly RunStep[],
): { readonly steps: number; readonly rest: string } | undefined {
  if (stored === undefined) return { steps: 0, rest: withoutCommand(after) };
  const scripts = from.map(({ step }, index) => (index === 0 ? after : (step.run?.text ?? '')));
  const steps = scripts.findIndex((script) => TAKES_OUT.test(script));
  const script = scripts[steps];
  return script === undefined
    ? undefined
    : { steps, rest: withoutCommand(script.slice(script.search(TAKES_OUT))) };
}

/** A script without the rest of the command in which it begins. */
const withoutCommand = (script: string): string => script.replace(/^[^\n;&|]*/, '');

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

/** Commands that run nothing of the working folder: those that speak with a host, git's own, and what only reads or prints. */
const READS = [
  /^gh\s+(?:pr|issue|label|run|workflow|release|api)\b/,
  /^git\s+(?:add|branch|cat-file|checkout|cherry-pick|clean|commit|diff|fetch|log|ls-files|ls-tree|merge|merge-base|pull|push|rebase(?!.*\s(?:-x|--exec))|remote|reset|restore|rev-list|rev-parse|show|status|switch|tag)\b/,
  /^git\s+config\s+(?:--\S+\s+)*user\./,
  /^(?:cat|cd|curl|cut|date|echo|exit|grep|head|jq|ls|mkdir|printf|pwd|rm|set|sleep|sort|tail|tee|test|tr|true|uniq|wc)\b/,
  /^(?:(?:if|elif|while|until)\s+)?(?:!\s+)?(?:\[\[?|test|read)\s/,
  /^for\s+\w+\s+in\b/,
  /^(?:export\s+)?\w+=\S*$/,
  /^(?:then|else|fi|do|done|\{|\}|["']?)(?:\s+#.*)?$/,
];

/** Has git run files of the working folder: from then on its own commands do. */
const INSTALLS_HOOKS =
  /\b(?:npm|pnpm|yarn|bun)\s+(?:ci|i|install)\b|^\s*yarn\s*$|\b(?:husky|lefthook|pre-commit)\b|\bhooksPath\b/m;
const RUNS_HOOKS = /\bgit\s+(?:am|checkout|cherry-pick|commit|merge|pull|push|rebase|switch)\b/;

/** Whether a script runs nothing of the working folder. What is not plainly such a command counts as running it. */
function onlyReads(script: string, hooks: boolean): boolean {
  if (hooks && RUNS_HOOKS.test(script)) return false;
  return script
    .replaceAll(/^\s*#.*$/gm, '')
    .replaceAll(/\\\r?\n/g, ' ')
    .split(/\n|&&|\|\||\$\(|[;|&()`]/)
    .map((command) => command.trim().replace(/^(?:then|else|do)\s+/, ''))
    .every((command) => READS.some((one) => one.test(command)));
}

/** A script of an action that runs it: it runs files only where it asks for them. */
const RUNS_FILES = /\b(?:require|import|exec\w*|spawn\w*|eval|getExecOutput)\b/;

/**
 * The first later step of the job that may run what was fetched. In the working folder every command may: a build
 * reads its instructions there. A folder of its own (`path:`) is run only by a step that goes there.
 */
function executing(later: readonly RunStep[], from: Step, hooks: boolean): RunStep | undefined {
  const folder = textOf(input(from, 'path'))?.replace(/^\.\/|(?<!\/)\/+$/g, '');
  if (folder === undefined || folder === '' || folder === '.' || folder.includes('${{'))
    return later.find(({ step }) =>
      step.run === undefined
        ? step.uses !== undefined && !isHarmless(step)
        : !onlyReads(step.run.text, hooks),
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

function isHarmless(step: Step): boolean {
  const name = actionName(step) ?? '';
  const script = textOf(input(step, 'script'));
  return (
    HARMLESS.test(name) ||
    (name === 'actions/github-script' && script !== undefined && !RUNS_FILES.test(script))
  );
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
