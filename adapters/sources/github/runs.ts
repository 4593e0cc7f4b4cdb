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
import { PERMISSIONS } from './settings.ts';

const runSchema = z.object({
  path: z.string(),
  event: z.string(),
  referenced_workflows: z.array(z.object({ path: z.string() })).nullish(),
});
const runsSchema = z.object({ workflow_runs: z.array(runSchema) });

/** `owner/repository/path@revision` without the revision, as templates are named. */
const withoutRevision = (path: string): string => (path.split('@')[0] ?? '').toLowerCase();

/**
 * Path of a workflow → what its newest successful run was expanded from. A run of a pull request shows what somebody proposed, and is left
 * out. One question, for the newest hundred runs.
 */
async function readRuns(
  connector: Connector,
  repository: string,
): Promise<ReadonlyMap<string, readonly string[]> | Unobserved> {
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
  const newest = new Map<string, readonly string[]>();
  for (const { path, event, referenced_workflows: referenced } of parsed.data.workflow_runs) {
    const file = path.split('@')[0] ?? '';
    if (newest.has(file) || event.startsWith('pull_request')) continue;
    newest.set(file, [...new Set((referenced ?? []).map((one) => withoutRevision(one.path)))]);
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
  const runs = await readRuns(connector, repository);
  return observations.map((one) => {
    if (!namesTemplate(one)) return one;
    const built_from = builtFrom(runs, one.attributes.path);
    return { ...one, attributes: { ...one.attributes, built_from } };
  });
}

function builtFrom(
  runs: ReadonlyMap<string, readonly string[]> | Unobserved,
  path: Statement | undefined,
): Statement {
  if (isUnobserved(runs)) return runs;
  const file = path !== undefined && 'value' in path ? String(path.value) : '';
  const templates = runs.get(file);
  return templates === undefined
    ? {
        unobserved: 'unobserved',
        why: 'no successful run of it is among the newest hundred of its repository, so nothing shows what it is built from',
      }
    : { value: [...templates], complete: true, assurance: 'effective' };
}
