/** What the host says about a repository that no file in it could: settings and the protection of its default branch. */
import { isUnobserved, type Statement, type Unobserved } from '@macadam/core/facts/observation';
import { z } from 'zod';
import type { Connector } from '../../connector/connector.ts';
import { isAnswer, type RequestOutcome, unobservedBy } from '../../connector/outcome.ts';
import { pagesOf } from '../../connector/pages.ts';
import { PERMISSIONS } from '../../imports/directories/github/permissions.ts';
import type { ListedRepository } from './account.ts';
import {
  type Binding,
  type BranchRules,
  bindingOf,
  branchRules,
  classicLayer,
  classicSchema,
  type Layer,
  ruleLayers,
  ruleSchema,
  rulesetSchema,
  unknownBinding,
} from './protection.ts';

/** Facts that stand in the list of repositories already. */
export function listedFacts(repository: ListedRepository): Record<string, Statement> {
  const { archived, visibility } = repository;
  const silent = (what: string): Unobserved => ({
    unobserved: 'failed',
    why: `the host's answer lacks ${what}; scan again`,
  });
  const exposure = visibility ?? (repository.private === false ? 'public' : undefined);
  return {
    archived: archived === undefined ? silent('whether it is archived') : { value: archived },
    visibility: exposure === undefined ? silent('its visibility') : { value: exposure },
    push_protection: analysis(repository, 'secret_scanning_push_protection', 'push protection'),
    secret_scanning: analysis(repository, 'secret_scanning', 'secret scanning'),
  };
}

/** The host leaves the whole section out for whoever may not administer the repository. */
function analysis(
  { permissions, security_and_analysis: section }: ListedRepository,
  feature: 'secret_scanning' | 'secret_scanning_push_protection',
  what: string,
): Statement {
  const status = section?.[feature]?.status;
  if (status === 'enabled' || status === 'disabled') return { value: status === 'enabled' };
  if (section === undefined || section === null) {
    if (permissions?.admin !== true) {
      return {
        unobserved: 'forbidden',
        why: `the token may not see its ${what}: it needs ${PERMISSIONS.administrationRead}`,
      };
    }
  }
  return {
    unobserved: 'unobserved',
    why: `the host does not say whether its ${what} is on; look under its settings, Advanced Security`,
  };
}

/** Rulesets of an organisation apply to many repositories and are asked for once. */
export type RulesetMemory = Map<number, Promise<Binding>>;

export async function readProtection(
  connector: Connector,
  { full_name }: ListedRepository,
  branch: string,
  memory: RulesetMemory,
): Promise<BranchRules> {
  const [classic, rules] = await Promise.all([
    readClassic(connector, full_name, branch),
    readRules(connector, full_name, branch, memory),
  ]);
  return branchRules(classic, rules);
}

async function readClassic(
  connector: Connector,
  repository: string,
  branch: string,
): Promise<Layer | null | Unobserved> {
  const path = `/repos/${repository}/branches/${encodeURIComponent(branch)}`;
  const outcome = await connector.request({ path: `${path}/protection` });
  const what = 'its branch protection';
  if (isAnswer(outcome)) {
    const parsed = classicSchema.safeParse(outcome.body);
    return parsed.success ? classicLayer(parsed.data) : misshapen(what);
  }
  if (isNotProtected(outcome)) return null;
  if (outcome.outcome === 'forbidden' || outcome.outcome === 'not-found') {
    // Without administration the branch itself still says whether anything protects it.
    const seen = await connector.request({ path });
    if (isAnswer(seen) && z.object({ protected: z.literal(false) }).safeParse(seen.body).success) return null;
  }
  return unobservedBy(outcome, what, PERMISSIONS.administrationRead);
}

/** A plain 404 hides something from us; these two say that there is nothing. */
function isNotProtected(outcome: Exclude<RequestOutcome, { outcome: 'ok' | 'not-modified' }>): boolean {
  return (
    isUnavailable(outcome) ||
    (outcome.outcome === 'not-found' && /^branch not (protected|found)$/i.test(outcome.message))
  );
}

/** The plan that the repository is on cannot enforce anything, so nothing is enforced. */
function isUnavailable(outcome: Exclude<RequestOutcome, { outcome: 'ok' | 'not-modified' }>): boolean {
  return outcome.outcome === 'forbidden' && /^upgrade to github /i.test(outcome.message);
}

async function readRules(
  connector: Connector,
  repository: string,
  branch: string,
  memory: RulesetMemory,
): Promise<readonly Layer[] | Unobserved> {
  const what = 'the rules for its default branch';
  const rules: z.infer<typeof ruleSchema>[] = [];
  for await (const page of pagesOf({
    connector,
    first: `/repos/${repository}/rules/branches/${encodeURIComponent(branch)}?per_page=100`,
    size: 100,
  })) {
    if ('stopped' in page)
      return isUnavailable(page.stopped) ? [] : unobservedBy(page.stopped, what, PERMISSIONS.metadata);
    const parsed = z.array(ruleSchema).safeParse(page.items);
    if (!parsed.success) return misshapen(what);
    rules.push(...parsed.data);
  }
  const binds = new Map<number, Binding>();
  for (const id of new Set(rules.map((rule) => rule.ruleset_id))) {
    const asked = memory.get(id) ?? readBypass(connector, repository, id);
    memory.set(id, asked);
    binds.set(id, await asked);
  }
  return ruleLayers(rules, binds);
}

async function readBypass(connector: Connector, repository: string, id: number): Promise<Binding> {
  const outcome = await connector.request({
    path: `/repos/${repository}/rulesets/${id}?includes_parents=true`,
  });
  const what = `who may bypass ruleset ${id}`;
  if (!isAnswer(outcome)) return unknownBinding(unobservedBy(outcome, what, PERMISSIONS.administrationWrite));
  const parsed = rulesetSchema.safeParse(outcome.body);
  if (!parsed.success) return unknownBinding(misshapen(what));
  return (
    bindingOf(parsed.data) ??
    unknownBinding({
      unobserved: 'forbidden',
      why: `the token may not see ${what}: it needs ${PERMISSIONS.administrationWrite}`,
    })
  );
}

function misshapen(what: string): Unobserved {
  return {
    unobserved: 'failed',
    why: `the host's answer about ${what} has a shape that is not documented; report it`,
  };
}

/** Whether anything in a statement failed, so that asking again may tell more. */
export function hasFailed(statement: Statement | undefined): boolean {
  if (statement === undefined) return false;
  if (isUnobserved(statement)) return statement.unobserved === 'failed';
  if (!('value' in statement) || typeof statement.value !== 'object') return false;
  return Object.values(statement.value).some((field) => isUnobserved(field) && field.unobserved === 'failed');
}
