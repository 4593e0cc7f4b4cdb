/** What the token of each job may do, as far as the file says so. */

import type { Value } from '@macadam/core/facts/observation';
import { compact } from '../../../compact.ts';
import { type Entry, entriesOf, entry, scalars, textOf } from '../document.ts';
import { SCOPES, writesOf } from './rights.ts';
import { actionName, input, type Job, type Step, type Workflow } from './workflow.ts';

/** `job` and `workflow` say where it is declared; undeclared jobs get what the repository's setting gives. */
export type Declared = 'job' | 'workflow' | 'undeclared';

export function declaredFor(workflow: Workflow, job: Job): Declared {
  if (entry(job.node, 'permissions') !== undefined) return 'job';
  return entry(workflow.root, 'permissions') === undefined ? 'undeclared' : 'workflow';
}

/** Scopes that the steps of a job are known to write. */
export function neededBy(job: Job): ReadonlyMap<string, string> {
  const needed = new Map<string, string>();
  for (const step of job.steps) {
    const action = actionName(step);
    const by = action ?? step.name ?? step.run?.text.split('\n')[0] ?? '';
    for (const scope of [...writesOf(action, step.run?.text), ...registryWrites(step, action)])
      if (!needed.has(scope)) needed.set(scope, by.slice(0, 80));
  }
  return needed;
}

/** A push to GitHub's own registry writes packages; the registry is the one that the step logs in to. */
function registryWrites(step: Step, action: string | undefined): readonly string[] {
  if (action !== 'docker/login-action') return [];
  return /^ghcr\.io\b/i.test(textOf(input(step, 'registry')) ?? '') ? ['packages'] : [];
}

/** Every right that is declared, one element each; `*` stands for all scopes. */
export function grantsOf(workflow: Workflow): readonly Value[] {
  if (workflow.type === 'action') return [];
  const heirs = workflow.jobs.filter((job) => declaredFor(workflow, job) === 'workflow');
  const needs = new Map<string, string>();
  for (const job of heirs) for (const [scope, by] of neededBy(job)) needs.set(scope, by);
  const found = [...grants(entry(workflow.root, 'permissions'), { needs, heirs: heirs.length })];
  for (const job of workflow.jobs)
    found.push(...grants(entry(job.node, 'permissions'), { needs: neededBy(job), heirs: 1, job: job.id }));
  return found;
}

function* grants(
  declared: Entry | undefined,
  context: { readonly needs: ReadonlyMap<string, string>; readonly heirs: number; readonly job?: string },
): Generator<Value> {
  if (declared === undefined) return;
  const { needs, heirs, job } = context;
  const base = compact({
    declared_at: job === undefined ? 'workflow' : 'job',
    jobs: heirs,
    job,
  });
  const { value, line, col } = declared;
  if (value.type === 'scalar') {
    const level = /^(read|write)-all$/.exec(value.text)?.[1];
    if (level !== undefined) yield { key: `${line}:*`, scope: '*', level, known: true, ...base, line, col };
    return;
  }
  for (const each of entriesOf(value)) {
    const text = each.value.type === 'scalar' ? each.value.text : '';
    const by = needs.get(each.key);
    const comment = each.value.type === 'scalar' ? each.value.comment : undefined;
    yield {
      key: `${each.line}:${each.key}`,
      scope: each.key,
      level: text === 'write' || text === 'read' ? text : 'none',
      known: SCOPES.has(each.key),
      ...base,
      line: each.line,
      col: each.col,
      ...(by !== undefined && text === 'write' ? { needed_by: by } : {}),
      ...(comment === undefined || comment === '' ? {} : { comment }),
    };
  }
}

/** Whether a job hands its token to code that is not known here; a minimal declaration must then be checked. */
export function tokenUses(job: Job): boolean {
  return [...scalars(job.node)].some(({ text }) => /\bsecrets\.GITHUB_TOKEN\b|\bgithub\.token\b/i.test(text));
}
