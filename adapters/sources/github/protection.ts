/**
 * What is enforced on a default branch: classic branch protection and the rulesets that apply, merged. Pure.
 *
 * Both are layers, and the host enforces the strictest of each rule. Whether it binds administrators too, or everybody, is a question
 * to all layers at once: it does when the layers that bind them alone are as strict as all of them together.
 */
import {
  isUnobserved,
  type Statement,
  strongestCause,
  type Unobserved,
} from '@macadam/core/facts/observation';
import { z } from 'zod';

export interface Layer {
  readonly pullRequest: boolean;
  readonly approvals: number;
  readonly codeOwners: boolean;
  readonly noForcePush: boolean;
  readonly noDeletion: boolean;
  readonly signatures: boolean;
  readonly checks: readonly string[];
  readonly binds: Binding;
}

/** Whom a layer binds. */
export interface Binding {
  readonly admins: boolean | Unobserved;
  /** Administrators, teams, apps and keys alike. */
  readonly everybody: boolean | Unobserved;
  /** Everybody but those of whose passing the host keeps a record. */
  readonly unrecorded: boolean | Unobserved;
}

const switched = z.object({ enabled: z.boolean() });

/** `GET /repos/{owner}/{repo}/branches/{branch}/protection` */
export const classicSchema = z.object({
  required_pull_request_reviews: z
    .object({
      required_approving_review_count: z.int().optional(),
      require_code_owner_reviews: z.boolean().optional(),
      bypass_pull_request_allowances: z
        .object({
          users: z.array(z.unknown()).default([]),
          teams: z.array(z.unknown()).default([]),
          apps: z.array(z.unknown()).default([]),
        })
        .optional(),
    })
    .optional(),
  required_status_checks: z
    .object({
      contexts: z.array(z.string()).default([]),
      checks: z.array(z.object({ context: z.string() })).default([]),
    })
    .nullish(),
  required_signatures: switched.optional(),
  enforce_admins: switched.optional(),
  allow_force_pushes: switched.optional(),
  allow_deletions: switched.optional(),
});

/** `GET /repos/{owner}/{repo}/rules/branches/{branch}`: the active rules only, one element each. */
export const ruleSchema = z.object({
  type: z.string(),
  ruleset_id: z.int(),
  parameters: z
    .object({
      required_approving_review_count: z.int().optional(),
      require_code_owner_review: z.boolean().optional(),
      required_status_checks: z.array(z.object({ context: z.string() })).optional(),
    })
    .optional(),
});

/** `GET /repos/{owner}/{repo}/rulesets/{id}`: only who may change a ruleset sees who may bypass it. */
export const rulesetSchema = z.object({
  bypass_actors: z
    .array(
      z.object({
        actor_type: z.string(),
        actor_id: z.int().nullish(),
        bypass_mode: z.string().optional(),
      }),
    )
    .optional(),
});

/**
 * What is left out of a classic protection is off: requirements are not made, and force pushes and deletions, which
 * protecting a branch forbids, are not allowed again.
 */
export function classicLayer(classic: z.infer<typeof classicSchema>): Layer {
  const reviews = classic.required_pull_request_reviews;
  const checks = classic.required_status_checks;
  const admins = classic.enforce_admins?.enabled ?? false;
  const { users = [], teams = [], apps = [] } = reviews?.bypass_pull_request_allowances ?? {};
  const everybody = admins && users.length + teams.length + apps.length === 0;
  return {
    pullRequest: reviews !== undefined,
    approvals: reviews?.required_approving_review_count ?? 0,
    codeOwners: reviews?.require_code_owner_reviews ?? false,
    noForcePush: !(classic.allow_force_pushes?.enabled ?? false),
    noDeletion: !(classic.allow_deletions?.enabled ?? false),
    signatures: classic.required_signatures?.enabled ?? false,
    checks: [...(checks?.contexts ?? []), ...(checks?.checks.map(({ context }) => context) ?? [])],
    binds: { admins, everybody, unrecorded: everybody || CLASSIC },
  };
}

const CLASSIC: Unobserved = {
  unobserved: 'unobserved',
  why: 'the host records what went past rulesets, and does not say so of classic protection that somebody may pass; put the same rules into a ruleset',
};

/** One layer a ruleset. `binds` says of each ruleset whom it binds. */
export function ruleLayers(
  rules: readonly z.infer<typeof ruleSchema>[],
  binds: ReadonlyMap<number, Binding>,
): Layer[] {
  return [...Map.groupBy(rules, (rule) => rule.ruleset_id)].map(([id, own]) => {
    const has = (type: string): boolean => own.some((rule) => rule.type === type);
    const reviews = own.filter(({ type }) => type === 'pull_request').map(({ parameters }) => parameters);
    return {
      pullRequest: has('pull_request'),
      approvals: Math.max(0, ...reviews.map((review) => review?.required_approving_review_count ?? 0)),
      codeOwners: reviews.some((review) => review?.require_code_owner_review === true),
      noForcePush: has('non_fast_forward'),
      noDeletion: has('deletion'),
      signatures: has('required_signatures'),
      checks: own.flatMap(
        ({ parameters }) => parameters?.required_status_checks?.map(({ context }) => context) ?? [],
      ),
      binds:
        binds.get(id) ??
        unknownBinding({ unobserved: 'unobserved', why: `nobody asked who may bypass ruleset ${id}` }),
    };
  });
}

export const unknownBinding = (why: Unobserved): Binding => ({
  admins: why,
  everybody: why,
  unrecorded: why,
});

/** Whom a ruleset binds: every repository role that may bypass it includes administrators. Undefined where the host does not show who may. */
export function bindingOf({ bypass_actors: actors }: z.infer<typeof rulesetSchema>): Binding | undefined {
  if (actors === undefined) return undefined;
  return {
    admins: actors.every(({ actor_type }) => !['RepositoryRole', 'OrganizationAdmin'].includes(actor_type)),
    everybody: actors.length === 0,
    // The rules are not run for who is exempt, and nothing is noted.
    unrecorded: actors.every(({ bypass_mode: mode = '' }) => ['always', 'pull_request'].includes(mode)),
  };
}

/** What is enforced, and why the host's record of who went past it may lack some; null where it lacks none. */
export interface BranchRules {
  readonly protection: Statement;
  readonly unrecorded: Unobserved | null;
}

/** `classic` is null when there is none. What could not be read may hold any rule. */
export function branchRules(
  classic: Layer | null | Unobserved,
  rules: readonly Layer[] | Unobserved,
): BranchRules {
  const hidden = [classic, rules].filter(isUnobserved);
  const layers = [
    ...(classic === null || isUnobserved(classic) ? [] : [classic]),
    ...(isUnobserved(rules) ? [] : rules),
  ];
  const unseen = worst(hidden);
  const recorded = unseen ?? sameFor(layers, 'unrecorded');
  return {
    protection: mergeProtection(layers, unseen),
    unrecorded: isUnobserved(recorded) ? recorded : recorded ? null : EXEMPT,
  };
}

const EXEMPT: Unobserved = {
  unobserved: 'incomplete',
  why: 'a ruleset exempts somebody, or does not say that it does not (`bypass_mode`), and of who is exempt the host keeps no record; let them bypass it by `pull_request` instead',
};

function mergeProtection(layers: readonly Layer[], unseen: Unobserved | undefined): Statement {
  if (layers.length === 0) return unseen ?? { absent: true };

  const any = (rule: (layer: Layer) => boolean): boolean | Unobserved =>
    layers.some(rule) || (unseen ?? false);
  const none = (rule: (layer: Layer) => boolean): boolean | Unobserved =>
    layers.some(rule) ? false : (unseen ?? true);
  const all = strictest(layers);
  return {
    value: {
      pull_request_required: any((layer) => layer.pullRequest),
      approvals: unseen ?? all.approvals,
      code_owner_review: any((layer) => layer.codeOwners),
      force_push_allowed: none((layer) => layer.noForcePush),
      deletion_allowed: none((layer) => layer.noDeletion),
      applies_to_admins: unseen ?? sameFor(layers, 'admins'),
      bypass_allowed: unseen ?? opposite(sameFor(layers, 'everybody')),
      signatures_required: any((layer) => layer.signatures),
      status_checks: unseen ?? all.checks,
    },
  };
}

const opposite = (binds: boolean | Unobserved): boolean | Unobserved =>
  typeof binds === 'boolean' ? !binds : binds;

function sameFor(layers: readonly Layer[], who: keyof Binding): boolean | Unobserved {
  const whole = JSON.stringify(strictest(layers));
  const certain = layers.filter((layer) => layer.binds[who] === true);
  if (JSON.stringify(strictest(certain)) === whole) return true;
  const unknown = layers.map((layer) => layer.binds[who]).filter(isUnobserved);
  const possible = layers.filter((layer) => layer.binds[who] !== false);
  return JSON.stringify(strictest(possible)) === whole ? (worst(unknown) ?? false) : false;
}

function strictest(
  layers: readonly Layer[],
): Omit<Layer, 'binds' | 'checks'> & { readonly checks: string[] } {
  return {
    pullRequest: layers.some((layer) => layer.pullRequest),
    approvals: Math.max(0, ...layers.map((layer) => layer.approvals)),
    codeOwners: layers.some((layer) => layer.codeOwners),
    noForcePush: layers.some((layer) => layer.noForcePush),
    noDeletion: layers.some((layer) => layer.noDeletion),
    signatures: layers.some((layer) => layer.signatures),
    checks: [...new Set(layers.flatMap((layer) => layer.checks))].sort(),
  };
}

function worst(unobserved: readonly Unobserved[]): Unobserved | undefined {
  const cause = strongestCause(unobserved.map((each) => each.unobserved));
  return unobserved.find((each) => each.unobserved === cause);
}
