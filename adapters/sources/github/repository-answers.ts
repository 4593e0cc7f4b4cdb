/** A repository by the answers of github.com alone, nothing asked: what a new one begins with is read as one that is there. */
import { assetId, type Observation } from '@macadam/core/facts/observation';
import { z } from 'zod';
import { isRecord } from '../../facts/line.ts';
import { repositorySchema } from './account.ts';
import { approvalOf, entranceOf, environmentSchema, policySchema } from './environments.ts';
import { bindingOf, branchRules, ruleLayers, ruleSchema, rulesetSchema } from './protection.ts';
import { listedFacts } from './settings.ts';

/** Who may bypass a ruleset is said in it, or it binds nobody for sure. */
const NOBODY = { admins: false, everybody: false, unrecorded: false };

/** `settings` as it lists them, `rulesets` that apply to its default branch, and the security `configuration` that is attached to it; `at` is when they were given. Throws where a shape is another. */
export function repositoryByAnswers(
  answers: Readonly<Record<string, unknown>>,
  at: string,
): readonly Observation[] {
  const { settings, rulesets, configuration } = answers;
  const named = { id: 1, node_id: 'R_1', full_name: 'acme/shop' };
  const listed = repositorySchema.parse(isRecord(settings) ? { ...settings, ...named } : named);
  const applied = (Array.isArray(rulesets) ? rulesets : []).map((ruleset, id) => ({
    id,
    binds: bindingOf(rulesetSchema.parse(ruleset)) ?? NOBODY,
    rules: z.array(ruleSchema).parse(
      (isRecord(ruleset) && Array.isArray(ruleset.rules) ? ruleset.rules : []).map((rule: object) => ({
        ...rule,
        ruleset_id: id,
      })),
    ),
  }));
  const layers = ruleLayers(
    applied.flatMap(({ rules }) => rules),
    new Map(applied.map(({ id, binds }) => [id, binds])),
  );
  return [
    ...environmentByAnswers(answers, at),
    {
      kind: 'repository',
      id: assetId('repository', ['github.com', 'acme/shop']),
      name: 'acme/shop',
      source: 'github',
      observedAt: at,
      receivedAt: at,
      assurance: 'configured',
      attributes: {
        ...listedFacts(listed),
        ...(isRecord(configuration)
          ? { vulnerability_alerts: { value: configuration.dependabot_alerts === 'enabled' } }
          : {}),
        default_branch: { value: 'main' },
        default_branch_protection: branchRules(null, layers).protection,
      },
    },
  ];
}

/** `environment` as the list of environments has it, with the `branch_policies` that name who may enter. */
function environmentByAnswers(
  { environment, branch_policies: policies }: Readonly<Record<string, unknown>>,
  at: string,
): readonly Observation[] {
  if (environment === undefined) return [];
  const listed = environmentSchema.parse(environment);
  const { changes, branches } = entranceOf(
    listed.deployment_branch_policy,
    z.array(policySchema).parse(policies ?? []),
  );
  return [
    {
      kind: 'deployment-environment',
      id: assetId('deployment-environment', ['github.com', 'acme/shop', listed.name]),
      name: `acme/shop ${listed.name}`,
      source: 'github',
      observedAt: at,
      receivedAt: at,
      assurance: 'configured',
      attributes: {
        host: { value: 'github.com' },
        repository: { value: 'acme/shop' },
        name: { value: listed.name },
        changes,
        branches,
        ...approvalOf(listed),
        // Of jobs that are not written yet none asks for a machine.
        runners: { value: [], complete: true },
      },
    },
  ];
}
