/** What GitLab tells of our kinds, by which request and scope, and what it does not. */
import type { Endpoint, SourceDescription } from '../description.ts';

export const ENDPOINTS: readonly Endpoint[] = [
  { path: '/users', permission: 'read_api of an administrator', gives: 'accounts' },
  {
    path: '/personal_access_tokens',
    permission: 'read_api of an administrator',
    gives: 'tokens that people made',
  },
  {
    path: '/projects/{id}/access_tokens',
    permission: 'read_api of a maintainer',
    gives: 'tokens of a project',
  },
  { path: '/groups/{id}/access_tokens', permission: 'read_api of an owner', gives: 'tokens of a group' },
  {
    path: '/deploy_tokens',
    permission: 'read_api of an administrator',
    gives: 'deploy tokens of the whole host',
  },
  {
    path: '/projects/{id}/deploy_tokens',
    permission: 'read_api of a maintainer',
    gives: 'deploy tokens of a project',
  },
  {
    path: '/groups/{id}/deploy_tokens',
    permission: 'read_api of an owner',
    gives: 'deploy tokens of a group',
  },
  {
    path: '/projects/{id}/deploy_keys',
    permission: 'read_api of a maintainer',
    gives: 'deploy keys of a project',
  },
];

const ELSEWHERE = 'no attribute of a kind comes from it';
const NOT_YET =
  'protection and settings of repositories are not read from saved answers yet; `macadam scan` reads the repositories themselves';

export const UNUSED: SourceDescription['unused'] = [
  { path: '/projects/{id}/protected_branches', why: NOT_YET },
  { path: '/projects/{id}/protected_tags', why: NOT_YET },
  { path: '/projects/{id}/push_rule', why: NOT_YET },
  { path: '/projects/{id}/approval_rules', why: NOT_YET },
  { path: '/projects/{id}/merge_request_approval_setting', why: NOT_YET },
  { path: '/projects/{id}/merge_requests/{id}/approval_rules', why: ELSEWHERE },
  { path: '/projects/{id}/merge_requests/{id}/approval_state', why: ELSEWHERE },
  { path: '/projects/{id}/ci/lint', why: NOT_YET },
  { path: '/projects', why: NOT_YET },
  { path: '/projects/{id}/members/all', why: ELSEWHERE },
  { path: '/projects/{id}/members', why: ELSEWHERE },
  { path: '/projects/{id}/hooks', why: ELSEWHERE },
  { path: '/projects/{id}/variables', why: 'its values may be secrets' },
  { path: '/projects/{id}/environments', why: ELSEWHERE },
  { path: '/projects/{id}/audit_events', why: ELSEWHERE },
  { path: '/projects/{id}/registry/repositories', why: ELSEWHERE },
  { path: '/projects/{id}/registry/repositories/{id}/tags', why: ELSEWHERE },
  { path: '/groups', why: ELSEWHERE },
  { path: '/groups/{id}/members', why: ELSEWHERE },
  { path: '/groups/{id}/billable_members', why: ELSEWHERE },
  { path: '/groups/{id}/billable_members/{id}/memberships', why: ELSEWHERE },
  { path: '/groups/{id}/variables', why: 'its values may be secrets' },
  { path: '/groups/{id}/audit_events', why: ELSEWHERE },
  { path: '/groups/{id}/saml_group_links', why: ELSEWHERE },
  { path: '/groups/{id}/ldap_group_links', why: ELSEWHERE },
  { path: '/groups/{id}/registry/repositories', why: ELSEWHERE },
  { path: '/users/{id}/keys', why: 'keys of people for git are not read yet' },
  { path: '/users/{id}/events', why: ELSEWHERE },
  { path: '/keys', why: 'keys of people for git are not read yet' },
  { path: '/events', why: ELSEWHERE },
  { path: '/audit_events', why: ELSEWHERE },
  { path: '/namespaces', why: ELSEWHERE },
  { path: '/metadata', why: ELSEWHERE },
];

const NOT_ENVIRONMENT = 'the host does not say what it serves';
const APPROVED = 'set by an approval in Macadam, never by a source';
const NOT_TEAM = 'the host knows people, and an owner is a team: state it in the organisation (`org.yaml`)';
const TOKENS = ['/personal_access_tokens', '/projects/{id}/access_tokens', '/groups/{id}/access_tokens'];
const DEPLOY = ['/deploy_tokens', '/projects/{id}/deploy_tokens', '/groups/{id}/deploy_tokens'];
const ALL = [...TOKENS, ...DEPLOY, '/projects/{id}/deploy_keys'];

export const gitlabDescription: SourceDescription = {
  id: 'gitlab',
  title: 'GitLab',
  intro:
    "Reads answers of GitLab's REST API that somebody saved: `macadam ingest --format gitlab DIR`. Nothing is sent to GitLab, and no credential is needed here. The value of a token is in none of these answers, and none would be kept.",
  saving: [
    'One answer a file, as the whole exchange: `{"request": {"line": "GET https://gitlab.example.com/api/v4/personal_access_tokens?per_page=100"}, "status": 200, "headers": {"link": "…"}, "body": []}`. GitLab says in a header whether pages follow; a body alone, in a file named by the path (`personal_access_tokens.json`, `projects/5/deploy_keys.json`), is read too, and its list then counts as one that may hold more.',
    'The directory is the host of the requests; where none was saved, give it by `--subject`.',
  ],
  endpoints: ENDPOINTS,
  kinds: {
    user: {
      directory: { from: ['/users'], how: 'host of the requests' },
      object_id: { from: ['/users'], how: '`id`' },
      environment: { not: NOT_ENVIRONMENT },
      owners: { not: NOT_TEAM },
      account: { not: 'whether it is of an employee, a contractor or shared is not told' },
      enabled: { from: ['/users'], how: '`state` active' },
      break_glass: { not: APPROVED },
      methods: { not: 'the host says only that some second step is on, not which' },
      weak_sign_in_blocked: { not: 'that a second step is required does not say which step' },
      weak_sign_ins: { not: 'the host does not say by which method somebody signed in' },
      recovery_path: { not: 'how an account would be recovered is not told' },
      last_recovery: { not: 'how an account was recovered is not told' },
    },
    credential: {
      store: { from: ALL, how: 'host of the requests' },
      credential_id: { from: ALL, how: 'the kind of token and its `id`' },
      type: {
        from: ALL,
        how: '`personal_token`, `secret` for tokens of projects, groups and deployments, `ssh_key`',
      },
      environment: { not: NOT_ENVIRONMENT },
      owners: { not: NOT_TEAM },
      thumbprint: { from: ALL, how: 'absent: none of them is a certificate' },
      state: { from: ALL, how: '`revoked`, `active`, and whether `expires_at` has passed' },
      issued_at: {
        from: [...TOKENS, '/projects/{id}/deploy_keys'],
        how: '`created_at`; of deploy tokens it is not told',
      },
      expires_at: { from: ALL, how: '`expires_at`; a day ends a token at its beginning, in UTC' },
      boundary: { not: 'what a token opens in other systems is not told' },
      registrations: { not: 'what a token opens in other systems is not told' },
      found_in: { not: 'a token is never shown, so nothing can be compared' },
      uses: { not: 'a last use does not say from where' },
    },
  },
  unused: UNUSED,
  limits: ['Tokens are listed below each project and group, so the list of all of them is never whole.'],
};
