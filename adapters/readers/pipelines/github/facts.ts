/** Everything that is known of one GitHub Actions file. */
import type { Value } from '@macadam/core/facts/observation';
import { child, textOf } from '../document.ts';
import type { PipelineFacts, Role, TemplateReference } from '../facts.ts';
import { cacheWeaknesses } from './caches.ts';
import { checkoutsOf, PRIVILEGED } from './checkouts.ts';
import { conditionWeaknesses } from './conditions.ts';
import { expansionsOf } from './expansions.ts';
import { declaredFor, grantsOf, neededBy, tokenUses } from './permissions.ts';
import { environmentOf, productionOf } from './production.ts';
import { referenceWeaknesses, runnerWeaknesses, triggerWeaknesses } from './runners.ts';
import { scriptWeaknesses } from './scripts.ts';
import { secretWeaknesses } from './secrets.ts';
import { referenceOf, usesOf } from './uses.ts';
import { weaknessValues } from './weakness.ts';
import type { Job, Workflow } from './workflow.ts';

export function githubFacts(workflow: Workflow): PipelineFacts {
  const expansions = expansionsOf(workflow);
  return {
    role: roleOf(workflow),
    ...(workflow.name === undefined ? {} : { name: workflow.name }),
    lists: {
      triggers: workflow.triggers.map(({ event, line, col }) => ({
        key: event,
        event,
        privileged: PRIVILEGED.has(event),
        line,
        col,
      })),
      jobs: workflow.type === 'action' ? [] : workflow.jobs.map((job) => jobValue(workflow, job)),
      uses: usesOf(workflow),
      grants: grantsOf(workflow),
      expansions: expansions.values,
      untrusted_checkouts: checkoutsOf(workflow),
      weaknesses: weaknessValues([
        ...triggerWeaknesses(workflow),
        ...scriptWeaknesses(workflow),
        ...conditionWeaknesses(workflow),
        ...secretWeaknesses(workflow),
        ...cacheWeaknesses(workflow),
        ...runnerWeaknesses(workflow),
        ...referenceWeaknesses(workflow),
      ]),
    },
    templates: workflow.jobs.flatMap((job) => templateOf(job)),
    production: productionOf(workflow),
    faults: [...workflow.faults, ...expansions.faults],
  };
}

function roleOf({ type, triggers }: Workflow): Role {
  if (type === 'action') return 'action';
  return triggers.length > 0 && triggers.every(({ event }) => event === 'workflow_call')
    ? 'reusable-workflow'
    : 'workflow';
}

function jobValue(workflow: Workflow, job: Job): Value {
  const name = textOf(child(job.node, 'name'));
  const environment = environmentOf(job);
  return {
    key: job.id,
    ...(name === undefined ? {} : { name }),
    ...(job.uses === undefined ? {} : { uses: job.uses.text.trim() }),
    ...(environment === undefined ? {} : { environment }),
    steps: job.steps.length,
    token: declaredFor(workflow, job),
    needs_writes: [...neededBy(job).keys()],
    uses_token: tokenUses(job),
    line: job.line,
    col: job.col,
  };
}

function templateOf(job: Job): readonly TemplateReference[] {
  if (job.uses === undefined) return [];
  const { line, col } = job.uses;
  const text = job.uses.text.trim();
  const reference = referenceOf(text, 'workflow');
  const target = text.replace(/^(\.|\$)\//, '').split('@')[0] ?? '';
  const source = reference.local ? target : `${reference.repository ?? ''}/${reference.path ?? ''}`;
  return [
    {
      ref: text,
      source: source.toLowerCase(),
      kind: 'workflow',
      local: reference.local,
      ...(reference.local ? { target } : {}),
      ...(reference.revision === undefined ? {} : { revision: reference.revision }),
      job: job.id,
      line,
      col,
    },
  ];
}
