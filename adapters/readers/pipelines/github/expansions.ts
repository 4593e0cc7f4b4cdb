/** Expressions that are pasted into code before the code runs, and who decides what they say. */
import { child, entriesOf, keyAt, type Node, type Scalar, textOf } from '../document.ts';
import { distinct, type Placed } from '../facts.ts';
import { runsWithoutRights } from './carried.ts';
import { embedded } from './embedded.ts';
import { evaluate } from './evaluation.ts';
import { type Expression, flows } from './expression.ts';
import type { LocalRun } from './local.ts';
import { controller, originOf, type Surroundings } from './resolution.ts';
import { runnerLabels } from './runners.ts';
import { actionName, type WorkflowDiagnostic } from './workflow.ts';

/** Inputs of well-known actions that are run as code, by action. */
export const CODE_INPUTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['actions/github-script', ['script']],
  ['addnab/docker-run-action', ['run', 'options']],
  ['amadevus/pwsh-script', ['script']],
  ['appleboy/ssh-action', ['script']],
  ['azure/cli', ['inlinescript']],
  ['azure/powershell', ['inlinescript']],
  ['bahmutov/npm-install', ['install-command']],
  ['cardinalby/js-eval-action', ['expression']],
  ['cypress-io/github-action', ['command', 'build', 'start', 'install-command']],
  ['devorbitus/yq-action-output', ['cmd']],
  ['gradle/gradle-build-action', ['arguments']],
  ['jannekem/run-python-script-action', ['script']],
  ['mikefarah/yq', ['cmd']],
  ['nick-fields/retry', ['command', 'on_retry_command', 'new_command_on_retry']],
  ['nick-invision/retry', ['command', 'on_retry_command', 'new_command_on_retry']],
  ['reactivecircus/android-emulator-runner', ['script', 'pre-emulator-launch-script']],
  ['satackey/action-js-inline', ['script']],
]);

/** Of one file in one way that it is run. `faults` are expressions that cannot be read: what they paste is not known. */
export function expansionsOf({ path, workflow }: LocalRun): {
  readonly values: readonly Placed[];
  readonly faults: readonly WorkflowDiagnostic[];
} {
  const values: Placed[] = [];
  const faults: WorkflowDiagnostic[] = [];
  for (const job of workflow.jobs)
    for (const step of job.steps) {
      const at = { path, workflow, job, step };
      const read = (scalar: Scalar, sink: string): void => {
        values.push(...expansions(at, scalar, sink));
        for (const { error, source, place } of embedded(workflow.document, scalar))
          if (error !== undefined)
            faults.push({ message: `\`${source.slice(0, 60)}\`: ${error.message}`, line: place.line });
      };
      if (step.run !== undefined) read(step.run, 'run');
      const action = actionName(step);
      const inputs = action === undefined ? [] : (CODE_INPUTS.get(action) ?? []);
      for (const { key, value } of entriesOf(step.with))
        if (value.type === 'scalar' && inputs.includes(key.toLowerCase())) read(value, `${action} ${key}`);
    }
  return { values: distinct(values), faults };
}

/** The shell of a `run`, where the file or the runner's label says it. */
function shellOf({ workflow, job, step }: Surroundings): { readonly shell?: string } {
  const defaults = (node: Node): string | undefined =>
    textOf(child(child(child(node, 'defaults'), 'run'), 'shell'));
  const named = step?.shell ?? defaults(job.node) ?? defaults(workflow.root);
  if (named !== undefined) return { shell: named };
  const labels = workflow.type === 'action' ? undefined : runnerLabels(workflow, job);
  if (labels?.some((label) => /^windows/i.test(label))) return { shell: 'pwsh' };
  const posix =
    labels !== undefined && labels.length > 0 && labels.every((label) => /^(ubuntu|macos)/i.test(label));
  return posix ? { shell: 'bash' } : {};
}

/** Two that stand at one place (a matrix, an alias) are one. */
/** What people read: the expression, and what it stands for where a variable or a local caller hands that on. */
function described(at: Surroundings, flow: Expression, text: string): string {
  const origin = originOf(at, flow, text);
  if (origin.text === text) return text;
  const where =
    origin.path === undefined || origin.path === at.path ? '' : ` from ${origin.path}:${origin.line}`;
  return `${text} (${origin.text}${where})`;
}

function* expansions(at: Surroundings, scalar: Scalar, sink: string): Generator<Placed> {
  for (const part of embedded(at.workflow.document, scalar)) {
    const { expression } = part;
    if (expression === undefined) continue;
    const constant = evaluate(expression);
    if (!('undetermined' in constant)) continue;
    const carried = flows(expression);
    const whole: Expression = expression;
    for (const flow of carried.length === 0 ? [whole] : carried) {
      const place = flow === whole ? part.place : part.placeOf(flow);
      const text = part.textOf(flow).replace(/\s+/g, ' ').trim();
      const who = carried.length === 0 ? 'nobody' : controller(at, flow);
      yield {
        key: keyAt(place),
        ...place,
        expression: text,
        text: who === 'anyone' ? described(at, flow, text) : text,
        sink,
        ...(who === 'anyone' && runsWithoutRights(at, flow) ? { without_rights: true } : {}),
        controlled_by: who ?? {
          unobserved: 'unobserved',
          why: `nothing here knows who decides \`${text}\`; pass it through \`env\` and the question goes away`,
        },
        ...(at.job.id === '' ? {} : { job: at.job.id }),
        ...(sink === 'run' ? shellOf(at) : {}),
      };
    }
  }
}
