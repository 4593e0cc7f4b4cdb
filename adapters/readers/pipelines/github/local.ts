/**
 * What a file runs of its own repository: local actions and reusable workflows, each read as this caller runs it. An
 * attack is the same attack whether the script stands in the workflow or one call away.
 */
import { compact } from '../../../compact.ts';
import type { Job, Step, Workflow } from './workflow.ts';

/** The GitHub Actions files of one repository by path. */
export type LocalFiles = (path: string) => Workflow | undefined;

/** A file of the repository in one way that it is run. */
export interface LocalRun {
  readonly path: string;
  readonly workflow: Workflow;
}

/** A step where it runs: those of a local action stand in the place of the step that calls it. */
export interface RunStep {
  readonly path: string;
  readonly workflow: Workflow;
  readonly job: Job;
  readonly step: Step;
}

/** The code host's own limits on nested calls are 10 for workflows and 10 for actions. */
const DEPTH = 20;
/** Calls that are followed from one file: a ring of files that call each other many times is small only on disk. */
const CALLS = 1_000;

/** Path below the root of what a `uses` names in its own repository; undefined for anything else. */
function localPath(uses: string): string | undefined {
  const text = uses.trim();
  if (!/^(\.\/|\$\/)/.test(text)) return undefined;
  const path = text
    .replace(/^(\.|\$)\//, '')
    .split('@')[0]
    ?.split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
  return path === undefined || path.split('/').includes('..') ? undefined : path;
}

/** The action or workflow that a `uses` names, with its path. */
function localFile(uses: string, files: LocalFiles): LocalRun | undefined {
  const path = localPath(uses);
  if (path === undefined) return undefined;
  for (const candidate of [path, `${path}/action.yml`, `${path}/action.yaml`].map((each) =>
    each.replace(/^\//, ''),
  )) {
    const workflow = files(candidate);
    if (workflow !== undefined) return { path: candidate, workflow };
  }
  return undefined;
}

/** The file that a step or job calls, read as it runs there; undefined where it calls none that is known. */
export function called(
  caller: LocalRun,
  job: Job,
  step: Step | undefined,
  files: LocalFiles,
): LocalRun | undefined {
  const uses = (step === undefined ? job.uses : step.uses)?.text;
  const found = uses === undefined ? undefined : localFile(uses, files);
  if (found === undefined || (step === undefined) !== (found.workflow.type === 'workflow')) return undefined;
  const inputs = step === undefined ? job.with : step.with;
  const { triggers, given } = caller.workflow;
  return {
    path: found.path,
    workflow: {
      ...found.workflow,
      given: compact({
        triggers: given?.triggers ?? triggers,
        path: caller.path,
        workflow: caller.workflow,
        job,
        step,
        inputs,
      }),
    },
  };
}

/**
 * The file itself and every local file that it runs, directly or through others, once for each call. `all` is false
 * where there are more calls than are followed.
 */
export function runsOf(
  root: LocalRun,
  files: LocalFiles,
): { readonly runs: readonly LocalRun[]; readonly all: boolean } {
  const runs: LocalRun[] = [root];
  let all = true;
  const follow = (caller: LocalRun, chain: readonly string[]): void => {
    for (const job of caller.workflow.jobs)
      for (const step of job.uses === undefined ? job.steps : [undefined]) {
        const run = called(caller, job, step, files);
        if (run === undefined || chain.includes(run.path)) continue;
        if (runs.length >= CALLS || chain.length >= DEPTH) {
          all = false;
          return;
        }
        runs.push(run);
        follow(run, [...chain, run.path]);
      }
  };
  follow(root, [root.path]);
  return { runs, all };
}

/** The steps of a job in the order in which they run, those of local actions in the place of the step that calls them. */
export function stepsOf(run: LocalRun, job: Job, files: LocalFiles): readonly RunStep[] {
  const found: RunStep[] = [];
  const add = (at: LocalRun, inside: Job, chain: readonly string[]): void => {
    for (const step of inside.steps) {
      if (found.length >= CALLS) return;
      found.push({ path: at.path, workflow: at.workflow, job: inside, step });
      const action = called(at, inside, step, files);
      if (action === undefined || chain.includes(action.path) || chain.length >= DEPTH) continue;
      for (const own of action.workflow.jobs) add(action, own, [...chain, action.path]);
    }
  };
  add(run, job, [run.path]);
  return found;
}
