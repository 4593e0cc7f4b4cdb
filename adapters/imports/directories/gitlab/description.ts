/** What GitLab tells of our kinds, by which request and scope, and what it does not. */
import { APPROVED, type Endpoint, from, type SourceDescription } from '../description.ts';

const ADMINISTRATOR = 'read_api of an administrator';
const MEMBER = 'read_api of a member';
const DEVELOPER = 'read_api of a developer';
const MAINTAINER = 'read_api of a maintainer';
const OWNER = 'read_api of an owner';

export const ENDPOINTS: readonly Endpoint[] = [
  { path: '/metadata', permission: 'read_api of anybody', gives: 'which edition the host runs' },
  {
    path: '/user',
    permission: 'read_api of anybody',
    gives: 'whose token it is, and whether of an administrator',
  },
  { path: '/projects', permission: ADMINISTRATOR, gives: 'projects of the whole host' },
  { path: '/groups', permission: ADMINISTRATOR, gives: 'groups of the whole host' },
  {
    path: '/groups/{id}/projects',
    permission: MEMBER,
    gives: 'projects of a group and of those inside of it',
  },
  { path: '/groups/{id}/descendant_groups', permission: MEMBER, gives: 'groups inside of a group' },
  { path: '/users', permission: ADMINISTRATOR, gives: 'accounts, and which of them are administrators' },
  { path: '/groups/{id}/members/all', permission: MEMBER, gives: 'accounts that are members of a group' },
  { path: '/groups/{id}/members', permission: MEMBER, gives: 'who owns or maintains a group' },
  { path: '/projects/{id}/members', permission: MEMBER, gives: 'who owns or maintains a project' },
  {
    path: '/projects/{id}/protected_branches',
    permission: MAINTAINER,
    gives: 'who may push to the default branch',
  },
  { path: '/projects/{id}/push_rule', permission: MAINTAINER, gives: 'which commits are refused' },
  {
    path: '/projects/{id}/approval_rules',
    permission: MAINTAINER,
    gives: 'how many approvals a change needs',
  },
  {
    path: '/projects/{id}/merge_request_approval_setting',
    permission: MAINTAINER,
    gives: 'whether a change may approve itself, or change its own rules',
  },
  {
    path: '/projects/{id}/security_settings',
    permission: DEVELOPER,
    gives: 'whether pushes are searched for secrets',
  },
  {
    path: '/projects/{id}/audit_events',
    permission: MAINTAINER,
    gives: 'which pushes got past that',
  },
  {
    path: '/{id}.git',
    permission: 'read_repository',
    gives: 'files and commits of the default branch, by git; not among saved answers',
  },
  {
    path: '/personal_access_tokens',
    permission: ADMINISTRATOR,
    gives: 'tokens that people made',
  },
  {
    path: '/projects/{id}/access_tokens',
    permission: MAINTAINER,
    gives: 'tokens of a project',
  },
  { path: '/groups/{id}/access_tokens', permission: OWNER, gives: 'tokens of a group' },
  {
    path: '/deploy_tokens',
    permission: ADMINISTRATOR,
    gives: 'deploy tokens of the whole host',
  },
  {
    path: '/projects/{id}/deploy_tokens',
    permission: MAINTAINER,
    gives: 'deploy tokens of a project',
  },
  {
    path: '/groups/{id}/deploy_tokens',
    permission: OWNER,
    gives: 'deploy tokens of a group',
  },
  {
    path: '/projects/{id}/deploy_keys',
    permission: MAINTAINER,
    gives: 'deploy keys of a project',
  },
];

const ELSEWHERE = 'no attribute of a kind comes from it';
const NOT_YET = 'it is about other branches and tags than the default branch, or not read yet';

export const UNUSED: Readonly<Record<string, string>> = {
  '/projects/{id}/protected_tags': NOT_YET,
  '/projects/{id}/merge_requests/{id}/approval_rules': ELSEWHERE,
  '/projects/{id}/merge_requests/{id}/approval_state': ELSEWHERE,
  '/projects/{id}/ci/lint': NOT_YET,
  '/projects/{id}/members/all': ELSEWHERE,
  '/projects/{id}/hooks': ELSEWHERE,
  '/projects/{id}/variables': 'its values may be secrets',
  '/projects/{id}/environments': ELSEWHERE,
  '/projects/{id}/registry/repositories': ELSEWHERE,
  '/projects/{id}/registry/repositories/{id}/tags': ELSEWHERE,
  '/groups/{id}/billable_members': ELSEWHERE,
  '/groups/{id}/billable_members/{id}/memberships': ELSEWHERE,
  '/groups/{id}/variables': 'its values may be secrets',
  '/groups/{id}/audit_events': ELSEWHERE,
  '/groups/{id}/saml_group_links': ELSEWHERE,
  '/groups/{id}/ldap_group_links': ELSEWHERE,
  '/groups/{id}/registry/repositories': ELSEWHERE,
  '/users/{id}/keys': 'keys of people for git are not read yet',
  '/users/{id}/events': ELSEWHERE,
  '/keys': 'keys of people for git are not read yet',
  '/events': ELSEWHERE,
  '/audit_events': ELSEWHERE,
  '/namespaces': ELSEWHERE,
};

const NOT_ENVIRONMENT = 'the host does not say what it serves';
const NOT_TEAM = 'the host knows people, and an owner is a team: state it in the organisation (`org.yaml`)';
const TOKENS = ['/personal_access_tokens', '/projects/{id}/access_tokens', '/groups/{id}/access_tokens'];
const DEPLOY = ['/deploy_tokens', '/projects/{id}/deploy_tokens', '/groups/{id}/deploy_tokens'];
const USERS = ['/users', '/groups/{id}/members/all'];
const PROJECTS = ['/projects', '/groups/{id}/projects'];
const MEMBERS = ['/projects/{id}/members', '/groups/{id}/members', '/users'];
const FILES = from(['/{id}.git'], 'files and commits of the default branch, as of any repository');
const ALL = [...TOKENS, ...DEPLOY, '/projects/{id}/deploy_keys'];

export const gitlabDescription: SourceDescription = {
  id: 'gitlab',
  title: 'GitLab',
  intro:
    '`macadam scan --gitlab https://gitlab.example.com/GROUP` reads a group of GitLab with all inside of it, and `--gitlab https://gitlab.example.com` a whole host, by its REST API and by git; it only reads. `macadam ingest --format gitlab DIR` reads answers that somebody saved, and needs no credential. The value of a token is in none of these answers, and none would be kept.',
  saving: [
    'One answer a file, as the whole exchange: `{"request": {"line": "GET https://gitlab.example.com/api/v4/personal_access_tokens?per_page=100"}, "status": 200, "headers": {"link": "…"}, "body": []}`. GitLab says in a header whether pages follow; a body alone, in a file named by the path (`personal_access_tokens.json`, `projects/5/deploy_keys.json`), is read too, and its list then counts as one that may hold more.',
    'The directory is the host of the requests; where none was saved, give it by `--subject`.',
  ],
  endpoints: ENDPOINTS,
  kinds: {
    repository: {
      host: from(PROJECTS, 'host of the requests'),
      path: from(PROJECTS, '`id`'),
      renamed_from: 'a project keeps its id when it is renamed',
      first_commit: FILES,
      default_branch: from(PROJECTS, '`default_branch`'),
      head: FILES,
      hosted_at: from(PROJECTS, '`web_url`'),
      owners: FILES,
      files: FILES,
      archived: from(PROJECTS, '`archived`'),
      visibility: from(PROJECTS, '`visibility`'),
      codeowners: FILES,
      update_targets: FILES,
      update_entries: FILES,
      manifests_left_out: FILES,
      update_config: FILES,
      commits: FILES,
      secrets: FILES,
      secrets_searched: FILES,
      default_branch_protection: from(
        [
          ...PROJECTS,
          '/projects/{id}/protected_branches',
          '/projects/{id}/push_rule',
          '/projects/{id}/approval_rules',
          '/projects/{id}/merge_request_approval_setting',
          '/metadata',
        ],
        'the rules that cover the default branch; approvals count where a change cannot change its own rules, less one where its author may approve; what only some plans have is unknown where it is refused',
      ),
      push_protection: from(
        ['/projects/{id}/security_settings', '/metadata'],
        '`secret_push_protection_enabled`, which older hosts call `pre_receive_secret_detection_enabled`; off in the free edition, unknown where the plan does not have it',
      ),
      rule_bypasses:
        'GitLab keeps no decisions about rules that somebody may pass: who may, the protection says',
      push_bypasses: from(
        ['/projects/{id}/audit_events'],
        'events of the log, by `event_name`: a push that was not searched because who pushed said so, because it was too large or failed, or of which an exclusion left something out; what it held, and who agreed, is not told',
      ),
      secret_scanning: 'it is a job of a pipeline, and no setting of the host',
      vulnerability_alerts: 'dependencies are searched by a job of a pipeline, and by no setting of the host',
      vulnerabilities: 'what such a job found is kept by some plans alone, and is not read',
    },
    'privileged-assignment': {
      resource: from(MEMBERS, 'the host, with the number of the project or group'),
      principal: from(MEMBERS, '`id` of the account'),
      role: from(MEMBERS, '`access_level` 50 or 40, or `is_admin`: Owner, Maintainer, Administrator'),
      principal_kind: from(MEMBERS, '`workload` for the account of a token, by its name'),
      environment: NOT_ENVIRONMENT,
      owners: NOT_TEAM,
      break_glass: APPROVED,
      holders: from(
        MEMBERS,
        'empty: accounts hold roles here; groups that a project is shared with are not read yet',
      ),
      mode: from(MEMBERS, '`standing`: a role that is given is in force without asking'),
      granted_through: 'whether a broker made it is not told',
      starts_at: from(['/projects/{id}/members', '/groups/{id}/members'], '`created_at`'),
      ends_at: from(
        ['/projects/{id}/members', '/groups/{id}/members'],
        '`expires_at`; a day ends it at its beginning, in UTC; an administrator is one for ever',
      ),
      last_used_at: 'the log does not say which role an action needed',
    },
    user: {
      directory: from(USERS, 'host of the requests'),
      object_id: from(USERS, '`id`'),
      environment: NOT_ENVIRONMENT,
      owners: NOT_TEAM,
      account: 'whether it is of an employee, a contractor or shared is not told',
      enabled: from(USERS, '`state` active'),
      break_glass: APPROVED,
      methods: 'the host says only that some second step is on, not which',
      weak_sign_in_blocked: 'that a second step is required does not say which step',
      weak_sign_ins: 'the host does not say by which method somebody signed in',
      recovery_path: 'how an account would be recovered is not told',
      last_recovery: 'how an account was recovered is not told',
    },
    credential: {
      store: from(ALL, 'host of the requests'),
      credential_id: from(ALL, 'the kind of token and its `id`'),
      type: from(ALL, '`personal_token`, `secret` for tokens of projects, groups and deployments, `ssh_key`'),
      environment: NOT_ENVIRONMENT,
      owners: NOT_TEAM,
      thumbprint: from(ALL, 'absent: none of them is a certificate'),
      state: from(ALL, '`revoked`, `active`, and whether `expires_at` has passed'),
      issued_at: from(
        [...TOKENS, '/projects/{id}/deploy_keys'],
        '`created_at`; of deploy tokens it is not told',
      ),
      expires_at: from(ALL, '`expires_at`; a day ends a token at its beginning, in UTC'),
      boundary: 'what a token opens in other systems is not told',
      registrations: 'what a token opens in other systems is not told',
      found_in: 'a token is never shown, so nothing can be compared',
      uses: 'a last use does not say from where',
    },
  },
  unused: UNUSED,
  limits: [
    'Tokens are listed below each project and group, so the list of all of them is whole only where each was asked.',
    'Tokens of people are listed to administrators only. A group that is measured by itself has the tokens of its projects and groups.',
    'The file that a project’s settings name for its pipeline (`ci_config_path`) is read wherever it lies in the project; one in another project or behind an address is named, and the list of pipelines is not whole.',
  ],
};
