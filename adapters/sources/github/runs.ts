/** What the newest run of each workflow was expanded from, as the host recorded it: a file says what somebody meant. */
import {
  isUnobserved,
  type Observation,
  type Statement,
  type Unobserved,
} from '@macadam/core/facts/observation';
import { z } from 'zod';
import type { Connector } from '../../connector/connector.ts';
import { isAnswer, unobservedBy } from '../../connector/outcome.ts';
import { PERMISSIONS } from '../../imports/directories/github/permissions.ts';
import { listingOf } from './listing.ts';

const runSchema = z.object({
  id: z.int().positive(),
  path: z.string(),
  event: z.string(),
  referenced_workflows: z.array(z.object({ path: z.string() })).nullish(),
});
const runsSchema = z.object({ workflow_runs: z.array(runSchema) });

/** `owner/repository/path@revision` without the revision, as templates are named. */
const withoutRevision = (path: string): string => (path.split('@')[0] ?? '').toLowerCase();

interface Run {
  readonly id: number;
  /** What it was expanded from. */
  readonly templates: readonly string[];
}

/**
 * Path of a workflow → its newest successful run. A run of a pull request shows what somebody proposed, and is left out. One question, for
 * the newest hundred runs.
 */
async function newestRuns(
  connector: Connector,
  repository: string,
): Promise<ReadonlyMap<string, Run> | Unobserved> {
  const what = 'the runs of its workflows';
  const outcome = await connector.request({
    path: `/repos/${repository}/actions/runs?status=success&per_page=100`,
  });
  if (!isAnswer(outcome)) return unobservedBy(outcome, what, PERMISSIONS.actions);
  const parsed = runsSchema.safeParse(outcome.body);
  if (!parsed.success)
    return {
      unobserved: 'failed',
      why: `the host's answer about ${what} has a shape that is not documented; report it`,
    };
  const newest = new Map<string, Run>();
  for (const { id, path, event, referenced_workflows: referenced } of parsed.data.workflow_runs) {
    const file = path.split('@')[0] ?? '';
    if (newest.has(file) || event.startsWith('pull_request')) continue;
    newest.set(file, {
      id,
      templates: [...new Set((referenced ?? []).map((one) => withoutRevision(one.path)))],
    });
  }
  return newest;
}

/** Whether a pipeline says that a template brings it to production: only then a run has something to show. */
function namesTemplate({ kind, attributes }: Observation): boolean {
  const { production } = attributes;
  if (kind !== 'pipeline' || production === undefined || !('value' in production)) return false;
  return z
    .array(z.looseObject({ template: z.string() }))
    .min(1)
    .safeParse(templatesOf(production.value)).success;
}

const templatesOf = (elements: unknown): unknown =>
  Array.isArray(elements) ? elements.filter((one) => typeof one === 'object' && 'template' in one) : [];

/** The pipelines with what their newest run was expanded from; nothing is asked where none of them names a template. */
export async function withRuns(
  connector: Connector,
  repository: string,
  observations: readonly Observation[],
): Promise<readonly Observation[]> {
  if (!observations.some(namesTemplate)) return observations;
  const runs = await newestRuns(connector, repository);
  return observations.map((one) => {
    if (!namesTemplate(one)) return one;
    const built_from = builtFrom(runs, one.attributes.path);
    return { ...one, attributes: { ...one.attributes, built_from } };
  });
}

function builtFrom(runs: ReadonlyMap<string, Run> | Unobserved, path: Statement | undefined): Statement {
  if (isUnobserved(runs)) return runs;
  const file = path !== undefined && 'value' in path ? String(path.value) : '';
  const run = runs.get(file);
  return run === undefined
    ? {
        unobserved: 'unobserved',
        why: 'no successful run of it is among the newest hundred of its repository, so nothing shows what it is built from',
      }
    : { value: [...run.templates], complete: true, assurance: 'effective' };
}

const jobSchema = z.object({
  name: z.string(),
  labels: z.array(z.string()),
  runner_group_name: z.string().nullish(),
});

/** What the host calls the group of its own machines. */
const HOST_GROUP = 'GitHub Actions';

/**
 * Why a called workflow of another repository may have run on a machine of the company, by the newest run of the file that calls it: null where each of its jobs
 * ran on the host's own. `caller` is how the job that calls is named.
 */
export async function calledOnOwnMachines(
  connector: Connector,
  repository: string,
  { file, caller }: { readonly file: string; readonly caller: string },
): Promise<string | null> {
  const place = `${file}: ${caller}`;
  const runs = await newestRuns(connector, repository);
  if (isUnobserved(runs)) return runs.why;
  const run = runs.get(file);
  if (run === undefined)
    return `${place} calls a workflow of another repository, and no successful run among the newest hundred shows its machines`;
  const { items, gap } = await listingOf({
    connector,
    path: `/repos/${repository}/actions/runs/${run.id}/jobs`,
    field: 'jobs',
    schema: jobSchema,
    what: `the jobs of the newest run of ${file}`,
    permission: PERMISSIONS.actions,
  });
  if (gap !== undefined) return gap.why;
  const called = items.filter(({ name }) => name.startsWith(`${caller} / `));
  if (called.length === 0)
    return `${place} calls a workflow of another repository, and its newest run shows no job of that`;
  const own = called.find(
    ({ labels, runner_group_name: group }) => group !== HOST_GROUP || !labels.every(isHosted),
  );
  return own === undefined
    ? null
    : `${place} calls a workflow of another repository, which ran last on a machine of ${own.runner_group_name ?? 'no group'}, and whether that job names the environment is not told`;
}

/** A label that the host gives to its own machines. */
export const isHosted = (label: string): boolean => /^(ubuntu|windows|macos)-/i.test(label);
