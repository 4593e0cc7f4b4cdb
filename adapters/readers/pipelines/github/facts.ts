/** Everything that is known of one GitHub Actions file. */

import type { Value } from '@macadam/core/facts/observation';
import { compact } from '../../../compact.ts';
import { child, textOf } from '../document.ts';
import { gravest, type PipelineFacts, type Placed, type Role, type TemplateReference } from '../facts.ts';
import { cacheWeaknesses, type NamedPackager } from './caches.ts';
import { checkoutsOf, PRIVILEGED } from './checkouts.ts';
import { conditionWeaknesses } from './conditions.ts';
import { expansionsOf } from './expansions.ts';
import { habitWeaknesses } from './habits.ts';
import { handedOver } from './handing.ts';
import { type LocalFiles, type LocalRun, runsOf } from './local.ts';
import { declaredFor, grantsOf, neededBy, tokenUses } from './permissions.ts';
import { environmentOf, productionOf } from './production.ts';
import { referenceWeaknesses, runnerLabels, runnerWeaknesses, triggerWeaknesses } from './runners.ts';
import { scriptWeaknesses, steeredIn } from './scripts.ts';
import { secretWeaknesses } from './secrets.ts';
import { referenceOf, usesOf } from './uses.ts';
import { weaknessValues } from './weakness.ts';
import type { Job, Workflow } from './workflow.ts';

/** `files` are the other files of the repository: what this one runs of them counts for it, with their own places. */
export function githubFacts(root: LocalRun, files: LocalFiles, manager?: NamedPackager): PipelineFacts {
  const { workflow } = root;
  const { runs, all } = runsOf(root, files);
  const own = expansionsOf(root);
  const production = productionOf(root, files);
  const producing = new Set(production.flatMap(({ job, certain }) => (certain === true ? [job] : [])));
  const others = runs.filter((run) => run !== root);
  const more = all ? [] : [{ message: 'it calls more files of its repository than are followed', line: 1 }];
  return compact({
    role: roleOf(workflow),
    name: workflow.name,
    lists: {
      triggers: workflow.triggers.map(({ event, byWriters, line, col }) => ({
        key: event,
        event,
        privileged: PRIVILEGED.has(event) && !byWriters,
        line,
        col,
      })),
      jobs: workflow.type === 'action' ? [] : workflow.jobs.map((job) => jobValue(workflow, job)),
      uses: usesOf(workflow),
      grants: grantsOf(workflow),
      expansions: [...own.values, ...gravest(others.flatMap(carried))],
      untrusted_checkouts: checkoutsOf(root, runs, files),
      handed_over: [
        ...handedOver(root, files),
        ...gravest(others.flatMap((run) => placed(run, handedOver(run, files)))),
      ],
      weaknesses: weaknessValues([
        ...triggerWeaknesses(workflow),
        ...scriptWeaknesses(root, files),
        ...others.flatMap((run) => steeredIn(run)),
        ...conditionWeaknesses(workflow),
        ...secretWeaknesses(workflow),
        ...cacheWeaknesses(workflow, producing, manager),
        ...runnerWeaknesses(workflow),
        ...referenceWeaknesses(workflow),
        ...habitWeaknesses(workflow),
      ]),
    },
    templates: workflow.jobs.flatMap((job) => templateOf(job)),
    production,
    faults: [...workflow.faults, ...own.faults, ...more],
    open: others.some((run) => run.workflow.faults.length > 0 || expansionsOf(run).faults.length > 0)
      ? ['expansions', 'untrusted_checkouts', 'handed_over', 'weaknesses']
      : [],
  });
}

/** Elements of another file: they say where they stand. */
function placed(run: LocalRun, values: readonly Placed[]): readonly Placed[] {
  return values.map((value) => ({ ...value, key: `${run.path}:${value.key}`, path: run.path }));
}

/** What a called file pastes; where nobody could do harm by it, it is that file's own matter. */
function carried(run: LocalRun): readonly Placed[] {
  return placed(
    run,
    expansionsOf(run).values.filter(({ controlled_by: who }) => who !== 'nobody'),
  );
}

function roleOf({ type, triggers }: Workflow): Role {
  if (type === 'action') return 'action';
  return triggers.length > 0 && triggers.every(({ event }) => event === 'workflow_call')
    ? 'reusable-workflow'
    : 'workflow';
}

function jobValue(workflow: Workflow, job: Job): Value {
  return compact({
    key: job.id,
    name: textOf(child(job.node, 'name')),
    uses: job.uses?.text.trim(),
    environment: environmentOf(job),
    ...machineOf(workflow, job),
    steps: job.steps.length,
    token: declaredFor(workflow, job),
    needs_writes: [...neededBy(job).keys()],
    uses_token: tokenUses(job),
    line: job.line,
    col: job.col,
  });
}

/** The machine that a job asks for. */
function machineOf(workflow: Workflow, job: Job): Record<string, Value> {
  const runs = child(job.node, 'runs-on');
  if (runs === undefined) return {};
  const group = runs.type === 'mapping' ? textOf(child(runs, 'group')) : undefined;
  const labels = runnerLabels(workflow, job);
  return compact({
    runs_on: labels ?? {
      unobserved: 'unobserved',
      why: 'an expression decides which machine it runs on; write the labels out',
    },
    runner_group: group,
  });
}

function templateOf(job: Job): readonly TemplateReference[] {
  if (job.uses === undefined) return [];
  const { line, col } = job.uses;
  const text = job.uses.text.trim();
  const reference = referenceOf(text, 'workflow');
  const target = text.replace(/^(\.|\$)\//, '').split('@')[0] ?? '';
  const source = reference.local ? target : `${reference.repository ?? ''}/${reference.path ?? ''}`;
  return [
    compact({
      ref: text,
      source: source.toLowerCase(),
      kind: 'workflow',
      local: reference.local,
      ...(reference.local ? { target } : {}),
      revision: reference.revision,
      job: job.id,
      line,
      col,
    }),
  ];
}
