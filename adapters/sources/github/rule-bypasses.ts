/** What went past the rules of a default branch, from the record that the host keeps of the decisions of its rules. */

import { isUnobserved, type Statement, type Unobserved, type Value } from '@macadam/core/facts/observation';
import { z } from 'zod';
import type { Connector } from '../../connector/connector.ts';
import { graphql } from '../../connector/graphql.ts';
import { isAnswer, unobservedBy } from '../../connector/outcome.ts';
import { PERMISSIONS } from '../../imports/directories/github/permissions.ts';
import { unobserved } from '../../imports/directories/statement.ts';
import type { ListedRepository } from './account.ts';
import { isApproved, pullRequestFields, pullRequestSchema } from './history.ts';
import { listingOf } from './listing.ts';
import type { BranchRules } from './protection.ts';

/** The longest time that the host lets itself be asked about is a month, which is no shorter than this. */
const PERIOD = 'month';
const WINDOW = '672h';
/** Decisions whose rules are asked for, the newest: each is a request. */
const READ_WHOLE = 50;

const suiteSchema = z.object({
  id: z.int(),
  actor_name: z.string().nullish(),
  after_sha: z.string().regex(/^[0-9a-f]{40,64}$/),
  ref: z.string(),
  pushed_at: z.iso.datetime({ offset: true }),
  result: z.enum(['pass', 'fail', 'bypass']),
});
type Suite = z.infer<typeof suiteSchema>;

const evaluationsSchema = z.object({
  rule_evaluations: z.array(
    z.object({
      enforcement: z.enum(['active', 'evaluate', 'deleted ruleset']),
      result: z.enum(['pass', 'fail']),
      rule_type: z.string(),
    }),
  ),
});

interface RuleBypassesInput {
  readonly connector: Connector;
  /** Address of GraphQL. */
  readonly graphql: string;
  readonly repository: ListedRepository;
  readonly branch: string;
  readonly rules: BranchRules;
}

/** Undefined where nobody may pass the rules, or there are none: then nothing is asked. */
export async function readRuleBypasses({
  connector,
  graphql: address,
  repository: { full_name: repository, permissions },
  branch,
  rules,
}: RuleBypassesInput): Promise<Statement | undefined> {
  if (!mayBePassed(rules)) return undefined;
  const what = 'what went past the rules of its default branch';
  if (permissions?.admin !== true)
    return {
      unobserved: 'forbidden',
      why: `the token may not see ${what}: it needs ${PERMISSIONS.administrationRead}`,
    };
  const ref = `refs/heads/${branch}`;
  const asked = `ref=${encodeURIComponent(ref)}&time_period=${PERIOD}&rule_suite_result=bypass`;
  const { items, gap } = await listingOf({
    connector,
    path: `/repos/${repository}/rulesets/rule-suites?${asked}`,
    schema: suiteSchema,
    what,
    permission: PERMISSIONS.administrationRead,
  });
  const passed = items.filter((one) => one.result === 'bypass' && one.ref === ref);
  const newest = passed.toSorted((a, b) => Date.parse(b.pushed_at) - Date.parse(a.pushed_at));
  const approved = await approvedOf({ connector, address, repository, branch, suites: newest });
  const value: Value[] = [];
  for (const [place, suite] of newest.entries()) {
    const broken =
      place < READ_WHOLE ? await brokenRules(connector, repository, suite) : unread(newest.length);
    value.push(bypassOf(suite, broken, approved));
  }
  const open = gap ?? rules.unrecorded;
  if (open !== null && value.length === 0) return open;
  return open === null
    ? { value, complete: true, window: WINDOW, assurance: 'effective' }
    : { value, complete: false, why: open.why, window: WINDOW, assurance: 'effective' };
}

/** Where the host hides who may, somebody may. */
function mayBePassed({ protection }: BranchRules): boolean {
  if (isUnobserved(protection) || !('value' in protection)) return false;
  return (protection.value as Readonly<Record<string, Value>>).bypass_allowed !== false;
}

const unread = (all: number): Unobserved => ({
  unobserved: 'incomplete',
  why: `the rules of the newest ${READ_WHOLE} of ${all} changes were asked for`,
});

/** Types of the rules that a change broke. */
async function brokenRules(
  connector: Connector,
  repository: string,
  { id }: Suite,
): Promise<readonly string[] | Unobserved> {
  const what = `which rules change ${id} broke`;
  const outcome = await connector.request({ path: `/repos/${repository}/rulesets/rule-suites/${id}` });
  if (!isAnswer(outcome)) return unobservedBy(outcome, what, PERMISSIONS.administrationRead);
  const parsed = evaluationsSchema.safeParse(outcome.body);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.');
    return {
      unobserved: 'failed',
      why: `the host's answer about ${what} has a shape that is not documented (\`${field}\`); report it`,
    };
  }
  const failed = (enforcement: string): string[] => {
    const broken = parsed.data.rule_evaluations.filter(
      (one) => one.enforcement === enforcement && one.result === 'fail',
    );
    return [...new Set(broken.map(({ rule_type }) => rule_type))];
  };
  const active = failed('active');
  const deleted = failed('deleted ruleset').filter((type) => !active.includes(type));
  if (active.length + deleted.length === 0)
    return unobserved('the host says that rules were passed, and not which; look at the change');
  if (deleted.length === 0) return active;
  // What was passed was in force: where one rule alone can be it, it was.
  if (active.length === 0 && deleted.length === 1) return deleted;
  return unobserved(
    `a ruleset was deleted since, and the host does not say whether its rules (${deleted.join(', ')}) were in force; look at the change`,
  );
}

const REVIEW = 'pull_request';
/** Rules against taking away what was there. */
const KEEPING = ['non_fast_forward', 'deletion'];
/** Rules that ask for neither. */
const OTHERS = [
  'branch_name_pattern',
  'code_scanning',
  'commit_author_email_pattern',
  'commit_message_pattern',
  'committer_email_pattern',
  'copilot_code_review',
  'creation',
  'file_extension_restriction',
  'file_path_restriction',
  'license_compliance_scanning',
  'max_file_path_length',
  'max_file_size',
  'merge_queue',
  'required_deployments',
  'required_linear_history',
  'required_signatures',
  'required_status_checks',
  'tag_name_pattern',
  'update',
  'workflows',
];

function bypassOf(
  { id, actor_name: by, after_sha: commit, pushed_at: at }: Suite,
  broken: readonly string[] | Unobserved,
  approved: (commit: string) => boolean | Unobserved,
): Record<string, Value> {
  const said = { number: id, at: new Date(at).toISOString(), ...(by == null ? {} : { by }), commit };
  if (isUnobserved(broken as Value)) {
    const why = broken as Unobserved;
    return { ...said, rules: why, unreviewed: approved(commit) === true ? false : why, took_away: why };
  }
  const rules = broken as readonly string[];
  const strange = rules.find((rule) => ![REVIEW, ...KEEPING, ...OTHERS].includes(rule));
  const otherwise: Value =
    strange === undefined
      ? false
      : unobserved(`what the rule \`${strange}\` asks for is not known; look at the change`);
  return {
    ...said,
    rules,
    unreviewed: rules.includes(REVIEW)
      ? opposite(approved(commit))
      : approved(commit) === true
        ? false
        : otherwise,
    took_away: rules.some((rule) => KEEPING.includes(rule)) || otherwise,
  };
}

const opposite = (approved: boolean | Unobserved): boolean | Unobserved =>
  typeof approved === 'boolean' ? !approved : approved;

const GONE: Unobserved = unobserved(
  'the host has the commit no longer, so nobody can say who approved it; look at the change',
);

interface ApprovedInput {
  readonly connector: Connector;
  readonly address: string;
  readonly repository: string;
  readonly branch: string;
  readonly suites: readonly Suite[];
}

/** Whether a commit is what merging a pull request into the branch made, that somebody else than its author approved; for all at once. */
async function approvedOf({
  connector,
  address,
  repository,
  branch,
  suites,
}: ApprovedInput): Promise<(commit: string) => boolean | Unobserved> {
  const known = new Map<string, boolean | Unobserved>();
  const commits = [...new Set(suites.slice(0, READ_WHOLE).map(({ after_sha }) => after_sha))];
  const open = commits.filter((commit) => !/^0+$/.test(commit));
  const [owner = '', name = ''] = repository.split('/');
  if (open.length > 0) {
    const fields = open.map(
      (sha) => `c${sha}: object(oid: "${sha}") { ... on Commit { ${pullRequestFields} } }`,
    );
    const query = `query($owner: String!, $name: String!) { repository(owner: $owner, name: $name) { ${fields.join('\n')} } }`;
    const answer = await graphql(connector, address, query, { owner, name });
    const found =
      answer.outcome === 'ok'
        ? z.object({ repository: z.record(z.string(), z.unknown()) }).safeParse(answer.data).data?.repository
        : undefined;
    const hidden: Unobserved =
      answer.outcome === 'ok'
        ? {
            unobserved: 'forbidden',
            why: `the host does not show the pull requests of what went past the rules: the token needs ${PERMISSIONS.pullRequests}`,
          }
        : unobservedBy(answer, 'who approved what went past the rules', PERMISSIONS.pullRequests);
    for (const sha of open) {
      const parsed = z
        .object({ associatedPullRequests: z.object({ nodes: z.array(pullRequestSchema) }) })
        .safeParse(found?.[`c${sha}`]);
      if (found?.[`c${sha}`] === null) known.set(sha, GONE);
      else if (!parsed.success) known.set(sha, hidden);
      else
        known.set(
          sha,
          parsed.data.associatedPullRequests.nodes.some(
            (one) => one.baseRefName === branch && isApproved(one, sha),
          ),
        );
    }
  }
  // A branch that was deleted has no commit at its tip.
  return (commit) => known.get(commit) ?? false;
}
