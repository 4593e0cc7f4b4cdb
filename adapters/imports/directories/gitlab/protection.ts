/** What GitLab enforces on the default branch of a project: who may push, what a merge needs, and which commits are refused. */
import type { Statement, Unobserved, Value } from '@macadam/core/facts/observation';
import { isRecord, type Json } from '../answer.ts';
import { gapOf, isWhole, type Listing } from '../listing.ts';
import type { SavedLists } from '../saved-lists.ts';
import { flagOf, type Item, inner, recordsOf, textOf, unexpected, unobserved } from '../statement.ts';

const BRANCHES = '/projects/{id}/protected_branches';
const PUSH_RULE = '/projects/{id}/push_rule';
const RULES = '/projects/{id}/approval_rules';
const SETTING = '/projects/{id}/merge_request_approval_setting';

/** Absent where no rule covers the branch. `id` is the project's. */
export function protectionOf(id: string, project: Item, lists: SavedLists): Statement {
  if (project.record.default_branch === null) return { absent: true };
  const branch = textOf(project, 'default_branch');
  if (!('value' in branch)) return branch;
  const listing = lists.of(BRANCHES, id);
  if (!isWhole(listing)) return gapOf(listing);
  const nameless = listing.items.find(({ record }) => typeof record.name !== 'string');
  if (nameless !== undefined)
    return unobserved(`a rule in ${nameless.file} does not say which branches it covers; save it again`);
  const rules = listing.items.filter(({ record }) => covers(record.name, branch.value));
  if (rules.length === 0) return { absent: true };
  const features = featuresOf(lists);
  return {
    value: {
      pull_request_required: pushRefused(rules),
      approvals: approvalsOf(id, branch.value, lists, features),
      code_owner_review: codeOwnersOf(rules, features),
      force_push_allowed: agreed(rules.map((rule) => inner(flagOf(rule, 'allow_force_push')))),
      // The default branch is never deleted, whatever protects it.
      deletion_allowed: false,
      // Who may push or merge is said by role, and nobody is let past it.
      applies_to_admins: true,
      bypass_allowed: false,
      signatures_required: signaturesOf(id, lists, features),
      status_checks: checksOf(project),
    },
  };
}

/** Names of rules may hold `*`, which stands for any characters. */
export function covers(name: unknown, branch: string): boolean {
  if (typeof name !== 'string') return false;
  const [first = '', ...rest] = name.split('*');
  const last = rest.pop();
  if (last === undefined) return name === branch;
  if (!branch.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = branch.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return branch.length - last.length >= at && branch.endsWith(last);
}

/** Whether the host has what is sold beside its free edition; it says so of the edition that is installed, not of what was bought. */
type Features = 'none' | Unobserved;

function featuresOf(lists: SavedLists): Features {
  const metadata = lists.list('/metadata');
  const [item] = metadata.items;
  if (item === undefined) return gapOf(metadata);
  const enterprise = flagOf(item, 'enterprise');
  if (!('value' in enterprise)) return enterprise;
  return enterprise.value
    ? unobserved('the host does not say whether its plan has this; look at the settings of the project')
    : 'none';
}

/** What is part of a plan that the project may not have: refused, it is off where no plan has it, and unknown elsewhere. */
const offOr = <T extends Value>(off: T, listing: Listing, features: Features): T | Unobserved => {
  if (features === 'none') return off;
  const { unobserved: cause, why } = gapOf(listing);
  return { unobserved: cause, why };
};

/** Of several rules the most open one counts, and any role, person, group or key that may push gets past a merge request. */
function pushRefused(rules: readonly Item[]): boolean | Unobserved {
  let open: Unobserved | null = null;
  for (const rule of rules) {
    const levels = recordsOf(rule, 'push_access_levels');
    if ('unobserved' in levels) open = levels;
    else {
      if (levels.some(isSomebody)) return false;
      const odd = levels.find((level) => !isNobody(level));
      if (odd !== undefined)
        open = unexpected(rule, 'push_access_levels', odd, 'a level that says who may push');
    }
  }
  return open ?? true;
}

const named = ({ user_id, group_id, deploy_key_id }: Json): boolean =>
  [user_id, group_id, deploy_key_id].some((who) => who !== null && who !== undefined);
const isNobody = (level: unknown): boolean => isRecord(level) && level.access_level === 0 && !named(level);
const isSomebody = (level: unknown): boolean =>
  isRecord(level) && (named(level) || (typeof level.access_level === 'number' && level.access_level > 0));

/** What several rules say alike; where they do not, the host's own order decides, which no answer shows. */
function agreed(values: readonly (Value | undefined)[]): Value | undefined {
  const open = values.find((value) => typeof value !== 'boolean');
  if (open !== undefined) return open;
  const [first] = values;
  return values.every((value) => value === first)
    ? first
    : unobserved('several rules cover the branch and say different things of it; leave one of them');
}

function codeOwnersOf(rules: readonly Item[], features: Features): Value | undefined {
  if (features === 'none') return false;
  return agreed(rules.map((rule) => inner(flagOf(rule, 'code_owner_approval_required'))));
}

function signaturesOf(id: string, lists: SavedLists, features: Features): Value | undefined {
  const listing = lists.of(PUSH_RULE, id);
  if (!isWhole(listing)) return offOr(false, listing, features);
  const [rule] = listing.items;
  if (rule === undefined) return false;
  // Rules that were set without it have `null` there.
  return rule.record.reject_unsigned_commits === null
    ? false
    : inner(flagOf(rule, 'reject_unsigned_commits'));
}

function approvalsOf(id: string, branch: string, lists: SavedLists, features: Features): Value | undefined {
  const rules = lists.of(RULES, id);
  if (!isWhole(rules)) return offOr(0, rules, features);
  let most = 0;
  for (const rule of rules.items) {
    const applies = appliesTo(rule, branch);
    if (applies === false) continue;
    const { approvals_required: required } = rule.record;
    if (typeof required !== 'number' || !Number.isSafeInteger(required) || required < 0)
      return unexpected(rule, 'approvals_required', required, 'a number of approvals');
    if (required > 0 && applies !== true) return applies;
    most = Math.max(most, required);
  }
  if (most === 0) return 0;
  const [setting] = lists.of(SETTING, id).items;
  if (setting === undefined) return gapOf(lists.of(SETTING, id));
  const edits = settingOf(setting, 'allow_overrides_to_approver_list_per_merge_request');
  if (typeof edits !== 'boolean') return edits;
  if (edits)
    return unobserved(
      'a merge request may change its own rules of approval, so how many it needs is not said; forbid that in the settings of the project',
    );
  const own = settingOf(setting, 'allow_author_approval');
  if (typeof own !== 'boolean') return own;
  // An author who may approve gives one of them alone.
  return own ? most - 1 : most;
}

/** Rules for reports and for owners of code ask for nothing of an ordinary change. */
function appliesTo(rule: Item, branch: string): boolean | Unobserved {
  const { rule_type: type, applies_to_all_protected_branches: all, protected_branches: some } = rule.record;
  if (type === 'report_approver' || type === 'code_owner') return false;
  if (type !== 'regular' && type !== 'any_approver')
    return unexpected(rule, 'rule_type', type, 'a type of rule that this version knows');
  if (all === true) return true;
  if (!Array.isArray(some))
    return unobserved(`\`protected_branches\` is not among the fields saved in ${rule.file}; ask for it`);
  return some.length === 0 || some.some((one) => isRecord(one) && covers(one.name, branch));
}

function settingOf({ record, file }: Item, name: string): boolean | Unobserved {
  const setting: Json | unknown = record[name];
  const value = isRecord(setting) ? setting.value : undefined;
  return typeof value === 'boolean'
    ? value
    : unobserved(`\`${name}\` is not among the fields saved in ${file}; ask for it`);
}

function checksOf(project: Item): Value | undefined {
  const needed = flagOf(project, 'only_allow_merge_if_pipeline_succeeds');
  if (!('value' in needed)) return needed;
  return needed.value ? ['pipeline'] : [];
}
