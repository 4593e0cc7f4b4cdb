/**
 * Who decides what a context of GitHub Actions says.
 *
 * Sources: docs.github.com, "Contexts reference" and "Script injections" (which names the leaves of the event that
 * an outsider writes), and the webhook payload schemas. Login names, repository names and numbers are decided by
 * outsiders too, but their alphabet cannot carry code, so nobody "controls" them here.
 */

/** Strongest first: the first that applies to any part of an expression is the expression's. */
const CONTROLLERS = ['anyone', 'caller', 'writer', 'run', 'nobody'] as const;
/**
 * `anyone`: somebody without rights in the repository. `caller`: whoever uses a published action.
 * `writer`: somebody who may push or start a run. `run`: an earlier step or job of the same run.
 */
export type Controller = (typeof CONTROLLERS)[number];

const GITHUB: ReadonlyMap<string, Controller> = new Map([
  ['head_ref', 'anyone'],
  ['base_ref', 'writer'],
  ['ref', 'writer'],
  ['ref_name', 'writer'],
  ['workflow_ref', 'writer'],
  ['*', 'anyone'],
  ...[
    'action action_path action_ref action_repository action_status actor actor_id api_url artifact_cache_size_limit',
    'env event_name event_path graphql_url job job_workflow_sha output path ref_protected ref_type repository',
    'repository_id repository_owner repository_owner_id repository_visibility repositoryurl retention_days run_attempt',
    'run_id run_number secret_source server_url sha state step_summary token triggering_actor workflow workflow_sha',
    'workspace',
  ]
    .join(' ')
    .split(' ')
    .map((name) => [name, 'nobody'] as const),
]);

/** Leaves of `github.event` that hold free text or a name with a wide alphabet. */
const FREE = new Set(
  [
    'title body message email name ref label head_ref head_branch default_branch page_name description display_title',
    'text summary content homepage diff_hunk from bio company location blog commit_message subject filename path',
    'target_url head_label branch website',
  ]
    .join(' ')
    .split(' '),
);
/** Objects of the event that contain such leaves, when they are used whole. */
const OBJECTS = new Set(
  [
    'event issue pull_request comment review review_comment commits head_commit commit discussion head author committer',
    'pages workflow_run changes blocked_user answer thread pull_requests check_suite check_run workflow_job',
    'forkee base_commit',
  ]
    .join(' ')
    .split(' '),
);
/** Objects that only somebody with rights in the repository writes. */
const WRITERS = new Set(
  'pusher release label labels milestone base deployment deployment_status client_payload inputs branches team check_run package registry_package project project_card project_column rule merge_group'.split(
    ' ',
  ),
);
/** Objects whose names follow the code host's own narrow alphabet. */
const NARROW = new Set(
  'repository organization repo owner user sender installation enterprise requester'.split(' '),
);
/** Leaves with a narrow alphabet: numbers, digests, times, states, addresses that the host makes. */
const FIXED =
  /^(.*_)?(id|ids|number|sha|oid|at|count|size|url|urls|type|state|status|conclusion|login|action|draft|merged|locked|private|fork|merged_by|mergeable|rebaseable|full_name|before|after|visibility|node|attempt|event|additions|deletions|commits_count|changed_files|position|line|side|reason|association|author_association|permission|archived|disabled|created|deleted|forced|distinct|active|prerelease|immutable|submitted|outdated|admin|timestamp|schedule|compare|avatar|language|score|license|key)$/;

/** Undefined where it is not known: a leaf of the event that no list here names, or a context that does not exist. */
export function controllerOf(path: readonly string[]): Controller | undefined {
  const [root = '', first, ...rest] = path;
  switch (root) {
    case 'github':
      if (first === undefined) return 'anyone';
      return first === 'event' ? eventController(rest) : (GITHUB.get(first) ?? undefined);
    case 'secrets':
    case 'vars':
    case 'runner':
    case 'strategy':
      return 'nobody';
    case 'job':
      return 'nobody';
    case 'steps':
      return rest[0] === 'outcome' || rest[0] === 'conclusion' ? 'nobody' : 'run';
    case 'needs':
    case 'jobs':
      return rest[0] === 'result' ? 'nobody' : 'run';
    case 'env':
      return 'run';
    case 'matrix':
      return 'run';
    default:
      return undefined;
  }
}

function eventController(path: readonly string[]): Controller | undefined {
  const names = path.filter((name) => name !== '*');
  const leaf = names.at(-1);
  if (leaf === undefined) return 'anyone';
  const parent = names.at(-2);
  const grand = names.at(-3);
  if (names.some((name) => name === 'client_payload' || name === 'inputs')) return 'writer';
  if (FREE.has(leaf)) {
    if (leaf === 'ref' && (parent === undefined || parent === 'base')) return 'writer';
    if (leaf === 'from' && parent === undefined) return undefined;
    if (parent !== undefined && WRITERS.has(parent)) return 'writer';
    if (leaf === 'default_branch' && (parent === 'repository' || grand === 'base')) return 'writer';
    if (parent !== undefined && NARROW.has(parent) && leaf === 'name') return 'nobody';
    if (parent === 'repository' || parent === 'organization') return 'writer';
    if (leaf === 'path' && parent === 'workflow') return 'nobody';
    return 'anyone';
  }
  if (OBJECTS.has(leaf)) return 'anyone';
  if (WRITERS.has(leaf)) return 'writer';
  if (NARROW.has(leaf)) return 'nobody';
  if (leaf === 'tag_name' || leaf === 'target_commitish' || leaf === 'environment' || leaf === 'tag')
    return 'writer';
  if (leaf === 'head_sha') return 'nobody';
  return FIXED.test(leaf) ? 'nobody' : undefined;
}

/** The strongest of several; undefined (not known) only where nothing stronger than `caller` is there. */
export function strongest(list: readonly (Controller | undefined)[]): Controller | undefined {
  const found = CONTROLLERS.find((controller) => list.includes(controller));
  if (found === 'anyone') return found;
  return list.includes(undefined) ? undefined : (found ?? 'nobody');
}
