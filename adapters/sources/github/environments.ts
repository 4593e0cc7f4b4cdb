/** Environments of one repository: of which changes a job may name them, who has to let it in, and on whose machines it runs. */
import {
  assetId,
  type Observation,
  type Statement,
  type Unobserved,
  type Value,
} from '@macadam/core/facts/observation';
import { z } from 'zod';
import type { Connector } from '../../connector/connector.ts';
import { isAnswer, unobservedBy } from '../../connector/outcome.ts';
import { PERMISSIONS } from '../../imports/directories/github/permissions.ts';
import { type Listed, listedIn, listingOf } from './listing.ts';
import { type RunnerMemory, runnersIn } from './runners.ts';

export const environmentSchema = z.object({
  name: z.string(),
  protection_rules: z.array(z.looseObject({ type: z.string() })).optional(),
  deployment_branch_policy: z
    .object({ protected_branches: z.boolean(), custom_branch_policies: z.boolean() })
    .nullish(),
});
type Environment = z.infer<typeof environmentSchema>;

const reviewersSchema = z.object({
  type: z.literal('required_reviewers'),
  prevent_self_review: z.boolean().optional(),
  reviewers: z.array(
    z.object({ reviewer: z.object({ login: z.string().optional(), slug: z.string().optional() }) }),
  ),
});

export const policySchema = z.object({ name: z.string(), type: z.enum(['branch', 'tag']).optional() });
type Policy = z.infer<typeof policySchema>;

interface EnvironmentsInput {
  readonly connector: Connector;
  /** Name of the host, as the repository's own asset has it. */
  readonly host: string;
  readonly id: number;
  readonly fullName: string;
  /** RFC 3339. */
  readonly at: string;
  readonly runners: RunnerMemory;
  readonly isPublic: boolean;
  /** Pipelines of its default branch; why they are not known where they are not. */
  readonly pipelines: readonly Observation[] | Unobserved;
}

const placeOf = ({ host, id, fullName }: EnvironmentsInput) => ({
  kind: 'deployment-environment',
  container: assetId('repository', [host, String(id)]),
  containerName: fullName,
  format: 'environment',
});

export const noEnvironments = (input: EnvironmentsInput): Listed => listedIn(placeOf(input), [], undefined);

export async function readEnvironments(input: EnvironmentsInput): Promise<Listed> {
  const { connector, host, fullName } = input;
  const place = placeOf(input);
  const { items, gap } = await listingOf({
    connector,
    path: `/repos/${fullName}/environments`,
    field: 'environments',
    schema: environmentSchema,
    what: 'its environments',
    permission: PERMISSIONS.actions,
  });
  const observations: Observation[] = [];
  const runnersOf = runnersIn(input);
  for (const environment of items) {
    const { name } = environment;
    const key = [host, fullName.toLowerCase(), name.toLowerCase()];
    observations.push({
      kind: 'deployment-environment',
      id: assetId('deployment-environment', key),
      name: `${fullName} ${name}`,
      source: 'github',
      observedAt: input.at,
      receivedAt: input.at,
      assurance: 'configured',
      container: place.container,
      format: place.format,
      attributes: {
        host: { value: host },
        repository: { value: fullName.toLowerCase() },
        name: { value: name.toLowerCase() },
        ...(await branchesOf(input, environment)),
        ...approvalOf(environment),
        runners: await runnersOf(name),
      },
    });
  }
  return listedIn(place, observations, gap);
}

type Entrance = Readonly<Record<'changes' | 'branches', Statement>>;

async function branchesOf(
  { connector, fullName }: EnvironmentsInput,
  { name, deployment_branch_policy: policy }: Environment,
): Promise<Entrance> {
  if (policy === undefined) {
    const silent: Unobserved = {
      unobserved: 'failed',
      why: 'the host’s answer lacks which branches may name it; scan again',
    };
    return { changes: silent, branches: silent };
  }
  if (policy === null) return entranceOf(null, []);
  if (policy.protected_branches) {
    // Where no branch is protected, the host lets all of them in.
    const outcome = await connector.request({
      path: `/repos/${fullName}/branches?protected=true&per_page=1`,
    });
    const none: Statement = { value: [], complete: true };
    const what = 'whether any of its branches is protected';
    if (!isAnswer(outcome))
      return { changes: unobservedBy(outcome, what, PERMISSIONS.contents), branches: none };
    const isAny = Array.isArray(outcome.body) && outcome.body.length > 0;
    return { changes: { value: isAny ? 'protected_branches' : 'any_change' }, branches: none };
  }
  const { items, gap } = await listingOf({
    connector,
    path: `/repos/${fullName}/environments/${encodeURIComponent(name)}/deployment-branch-policies`,
    field: 'branch_policies',
    schema: policySchema,
    what: 'which branches may name it',
    permission: PERMISSIONS.actions,
  });
  const found = entranceOf(policy, items);
  if (gap === undefined) return found;
  // A pattern that was seen lets in what it lets in, whatever else there is.
  const isOpen = 'value' in found.changes && found.changes.value === 'any_change';
  return {
    changes: isOpen ? found.changes : gap,
    branches:
      items.length === 0 ? gap : { value: items.map(({ name: one }) => one), complete: false, why: gap.why },
  };
}

/** Pure. Whoever may push makes a branch that fits a pattern; a tag names what was released, and who may make one is a rule of its own. */
export function entranceOf(
  policy: Environment['deployment_branch_policy'],
  policies: readonly Policy[],
): Entrance {
  const branches = policies.map(({ name }) => name);
  const isOpen = policies.some(({ name, type }) => type !== 'tag' && /[*?[]/.test(name));
  const changes = policy == null || isOpen ? 'any_change' : 'named_branches';
  return { changes: { value: changes }, branches: { value: branches, complete: true } };
}

/** Pure: who has to let a run in. Rules of other programs may ask for anything, and count for nothing that is known. */
export function approvalOf({
  protection_rules: rules,
}: Environment): Readonly<Record<'approvers' | 'self_approval', Statement>> {
  if (rules === undefined) {
    const silent: Unobserved = {
      unobserved: 'failed',
      why: 'the host’s answer lacks who has to let a run in; scan again',
    };
    return { approvers: silent, self_approval: silent };
  }
  const [rule] = rules.filter(({ type }) => type === 'required_reviewers');
  if (rule === undefined)
    return { approvers: { value: [], complete: true }, self_approval: { value: false } };
  const parsed = reviewersSchema.safeParse(rule);
  if (!parsed.success) {
    const odd: Unobserved = {
      unobserved: 'failed',
      why: 'the host’s answer about who has to let a run in has a shape that is not documented; report it',
    };
    return { approvers: odd, self_approval: odd };
  }
  const names = parsed.data.reviewers.map(({ reviewer }): Value => reviewer.login ?? reviewer.slug ?? '');
  return {
    approvers: { value: names, complete: true },
    self_approval: { value: parsed.data.prevent_self_review !== true },
  };
}
