/** What is asked of a host of GitLab: its lists, then what stands below each project and group. */
import type { Connector } from '../../connector/connector.ts';
import { isAnswer, type NoAnswer } from '../../connector/outcome.ts';
import { nextOf } from '../../connector/pages.ts';
import { recordIn, type SavedAnswer } from '../../imports/directories/answer.ts';
import { GITLAB } from '../../imports/directories/gitlab/dialect.ts';
import { groupsIn } from '../../imports/directories/gitlab/groups.ts';
import { projectsIn } from '../../imports/directories/gitlab/projects.ts';
import { pushProtectionOf } from '../../imports/directories/gitlab/push-protection.ts';
import type { SavedLists } from '../../imports/directories/saved-lists.ts';
import { askedLists, fieldsAlone } from '../asked-lists.ts';

const AT_ONCE = 4;
const BASE = '/api/v4';

export interface Group {
  readonly id: string;
  readonly path: string;
}

/** A group by its path; why not, where the host does not show it. */
export async function groupAt(connector: Connector, path: string): Promise<Group | NoAnswer> {
  const outcome = await connector.request({
    path: `${BASE}/groups/${encodeURIComponent(path)}?with_projects=false`,
  });
  if (!isAnswer(outcome)) return outcome;
  const { id, full_path: full } = recordIn(outcome.body);
  return typeof id === 'number' && typeof full === 'string'
    ? { id: String(id), path: full }
    : { outcome: 'failed', code: 'unexpected-shape', message: 'its answer is not a group' };
}

/** Null asks for the whole host. */
export async function answersOf(
  connector: Connector,
  groups: readonly Group[] | null,
): Promise<{ readonly answers: readonly SavedAnswer[]; readonly lists: SavedLists }> {
  const { ask, answers } = askedLists(
    {
      api: GITLAB,
      connectorFor: () => connector,
      next: (_, { headers }) => nextOf(headers.get('link')) ?? null,
      kept: fieldsAlone(KEPT),
      errorBody: (message) => ({ message }),
    },
    AT_ONCE,
  );
  const page = 'per_page=100';
  const first = await ask([
    `${BASE}/user`,
    `${BASE}/metadata`,
    ...(groups === null
      ? [
          // By number, so that what is made meanwhile shifts nothing.
          `${BASE}/projects?${page}&order_by=id&sort=asc&pagination=keyset`,
          `${BASE}/groups?${page}&order_by=id&sort=asc&all_available=true`,
          `${BASE}/users?${page}&order_by=id&sort=asc`,
          `${BASE}/personal_access_tokens?${page}`,
          `${BASE}/deploy_tokens?${page}`,
        ]
      : groups.flatMap(({ id }) => [
          `${BASE}/groups/${id}/projects?${page}&include_subgroups=true&with_shared=false&order_by=id&sort=asc`,
          `${BASE}/groups/${id}/descendant_groups?${page}&order_by=id&sort=asc`,
          `${BASE}/groups/${id}/members/all?${page}`,
        ])),
  ]);
  const ids = new Set([...groupsIn(first).names.keys(), ...(groups ?? []).map(({ id }) => id)]);
  const edition = first.list('/metadata').items[0]?.record.enterprise;
  const lists = await ask([
    ...[...ids].flatMap((id) => [
      `${BASE}/groups/${id}/members?${page}`,
      `${BASE}/groups/${id}/access_tokens?${page}`,
      `${BASE}/groups/${id}/deploy_tokens?${page}`,
    ]),
    ...[...projectsIn(first).items.keys()].flatMap((id) => [
      `${BASE}/projects/${id}/members?${page}`,
      `${BASE}/projects/${id}/access_tokens?${page}`,
      `${BASE}/projects/${id}/deploy_tokens?${page}`,
      `${BASE}/projects/${id}/deploy_keys?${page}`,
      `${BASE}/projects/${id}/protected_branches?${page}`,
      // The free edition has none of these, and answers as if it did not show them.
      ...(edition === false
        ? []
        : [
            `${BASE}/projects/${id}/push_rule`,
            `${BASE}/projects/${id}/approval_rules?${page}`,
            `${BASE}/projects/${id}/merge_request_approval_setting`,
            `${BASE}/projects/${id}/security_settings`,
          ]),
    ]),
  ]);
  // The log of a project is long, and only where pushes are searched can one get past that.
  const searched = [...projectsIn(lists).items.keys()].filter((id) => {
    const { push_protection: push } = pushProtectionOf(id, lists);
    return push !== undefined && 'value' in push && push.value === true;
  });
  const all = await ask(searched.map((id) => `${BASE}/projects/${id}/audit_events?${page}`));
  return { answers: answers(), lists: all };
}

/** What is read of an answer. Everything else stays behind: tokens of runners, public keys, and what people say of themselves. */
const KEPT: ReadonlySet<string> = new Set([
  'id',
  'username',
  'state',
  'bot',
  'is_admin',
  'name',
  'title',
  'full_path',
  'path_with_namespace',
  'web_url',
  'default_branch',
  'empty_repo',
  'archived',
  'visibility',
  'ci_config_path',
  'only_allow_merge_if_pipeline_succeeds',
  'enterprise',
  'access_level',
  'user_id',
  'group_id',
  'deploy_key_id',
  'push_access_levels',
  'allow_force_push',
  'code_owner_approval_required',
  'reject_unsigned_commits',
  'rule_type',
  'approvals_required',
  'applies_to_all_protected_branches',
  'protected_branches',
  'allow_author_approval',
  'allow_overrides_to_approver_list_per_merge_request',
  'value',
  'created_at',
  'expires_at',
  'revoked',
  'active',
  'expired',
  'can_push',
  'secret_push_protection_enabled',
  'pre_receive_secret_detection_enabled',
  'author_id',
  'details',
  'event_name',
]);
