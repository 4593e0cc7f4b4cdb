/**
 * Bodies as GitHub's API gives them, for the fake. Whole enough to be valid under the host's published description,
 * which conformance holds them against. Nothing here is a real account.
 */

import type { FakeSuite } from './fake-suites.ts';
import type { FakeVulnerability } from './fake-vulnerabilities.ts';

export interface FakeRepository {
  readonly id: number;
  readonly name: string;
  private?: boolean;
  archived?: boolean;
  /** When its settings changed, and anything was pushed, as the host tells; undefined: long ago. */
  updatedAt?: string;
  pushedAt?: string;
  /** Undefined: a repository without commits. */
  branch?: string | undefined;
  /** Status of push protection and secret scanning; undefined where the host says nothing. */
  analysis?: { readonly pushProtection: boolean; readonly scanning: boolean } | undefined;
  /** Body of the classic protection, without its addresses. */
  classic?: Readonly<Record<string, unknown>> | undefined;
  rules?: readonly { readonly type: string; readonly ruleset_id: number; readonly parameters?: unknown }[];
  /** Owners that the host does not know, on which line of CODEOWNERS. */
  unknownOwners?: readonly { readonly line: number; readonly column: number; readonly source: string }[];
  /** Secrets that the host found in it, where push protection may have been passed. */
  alerts?: readonly FakeAlert[];
  /** SSH keys that open it. */
  keys?: readonly FakeDeployKey[];
  /** Newest first: runs that succeeded. */
  runs?: readonly FakeRun[];
  environments?: readonly FakeEnvironment[];
  /** Machines of its own. */
  runners?: readonly FakeRunner[];
  /** Whom it is open to beside its owners, and by what. */
  collaborators?: readonly {
    readonly id: number;
    readonly login: string;
    readonly permission: 'ADMIN' | 'WRITE' | 'READ';
    readonly by: 'Repository' | 'Team';
  }[];
  /** Known vulnerabilities of what it depends on; undefined where nobody looks. */
  vulnerabilities?: readonly FakeVulnerability[];
  /** What its rules decided of changes; shown to administrators. */
  suites?: readonly FakeSuite[];
}

export interface FakeEnvironment {
  readonly name: string;
  /** Branches whose jobs may name it: all, those that are protected, or these. */
  readonly branches:
    | 'all'
    | 'protected'
    | readonly { readonly name: string; readonly type: 'branch' | 'tag' }[];
  readonly approvers?: readonly string[];
  readonly selfApproval?: boolean;
}

export interface FakeRunner {
  readonly id: number;
  readonly name: string;
  readonly group?: number;
  readonly labels: readonly string[];
  /** Undefined on a server that does not say. */
  readonly ephemeral?: boolean;
}

export interface FakeRunnerGroup {
  readonly id: number;
  readonly name: string;
  readonly visibility: 'all' | 'private' | 'selected';
  readonly allowsPublic?: boolean;
  readonly workflows?: readonly string[];
  readonly repositories?: readonly string[];
}

export interface FakeDeployKey {
  readonly id: number;
  readonly title: string;
  readonly createdAt: string;
  /** Undefined on a server that does not say. */
  readonly enabled?: boolean;
}

export interface FakeRun {
  readonly path: string;
  readonly event: string;
  readonly referenced: readonly string[];
  readonly jobs?: readonly {
    readonly name: string;
    readonly labels: readonly string[];
    readonly group: string;
  }[];
}

export interface FakeAlert {
  readonly number: number;
  /** Who pushed past the protection; undefined where it was found later, null where the account is gone. */
  readonly bypassedBy?: string | null;
  readonly reviewer?: string;
  readonly resolution?: 'revoked' | 'false_positive' | 'used_in_tests' | 'wont_fix';
  readonly resolvedBy?: string;
}

/** Somebody who may see the organisation. */
export interface FakePerson {
  readonly id: number;
  readonly login: string;
  readonly role: 'admin' | 'member' | 'outside';
  /** The second step of a sign-in. */
  readonly secondStep: 'none' | 'sms' | 'key';
}

export interface FakeTeam {
  readonly id: number;
  readonly slug: string;
  readonly parent?: number;
  readonly members: readonly string[];
  /** Repositories by name, and whether it administers them. */
  readonly repositories: Readonly<Record<string, boolean>>;
}

const REPOSITORY_LINKS =
  'archive assignees blobs branches collaborators comments commits compare contents contributors deployments downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags teams trees';

const USER_LINKS =
  'followers following gists starred subscriptions organizations repos events received_events';

const RUN_LINKS = 'jobs logs check_suite cancel rerun artifacts';

function links(names: string, base: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [`${name}_url`, `${base}/${name}`]));
}

const WHEN = '2026-01-02T03:04:05Z';

export function accountAnswer(
  api: string,
  login: string,
  id: number,
  type: 'User' | 'Organization' | 'Bot' = 'User',
) {
  const url = `${api}/users/${login}`;
  return {
    login,
    id,
    node_id: `U_${id}`,
    avatar_url: `${url}/avatar`,
    gravatar_id: '',
    url,
    html_url: url,
    ...links(USER_LINKS, url),
    type,
    site_admin: false,
  };
}

export function installationAnswer(
  organisation: string,
  app: string,
  permissions: Readonly<Record<string, string>>,
) {
  const url = 'https://api.example';
  return {
    id: 44,
    account: accountAnswer(url, organisation, 9, 'Organization'),
    repository_selection: 'all',
    access_tokens_url: `${url}/app/installations/44/access_tokens`,
    repositories_url: `${url}/installation/repositories`,
    html_url: `${url}/settings/installations/44`,
    app_id: Number(app),
    app_slug: 'measures',
    target_id: 9,
    target_type: 'Organization',
    permissions,
    events: [],
    single_file_name: null,
    created_at: WHEN,
    updated_at: WHEN,
    suspended_at: null,
    suspended_by: null,
  };
}

export function environmentAnswer(
  url: string,
  { name, branches, approvers = [], selfApproval = false }: FakeEnvironment,
): object {
  const policy = {
    protected_branches: branches === 'protected',
    custom_branch_policies: branches !== 'protected',
  };
  const reviewers = approvers.map((login, index) => ({
    type: 'User',
    reviewer: accountAnswer(url, login, 70 + index),
  }));
  return {
    id: 51,
    node_id: `E_${name}`,
    name,
    url: `${url}/environments/${name}`,
    html_url: `${url}/environments/${name}`,
    created_at: WHEN,
    updated_at: WHEN,
    protection_rules: [
      ...(reviewers.length === 0
        ? []
        : [
            {
              id: 1,
              node_id: 'G_1',
              type: 'required_reviewers',
              prevent_self_review: !selfApproval,
              reviewers,
            },
          ]),
      ...(branches === 'all' ? [] : [{ id: 2, node_id: 'G_2', type: 'branch_policy' }]),
    ],
    deployment_branch_policy: branches === 'all' ? null : policy,
  };
}

export const branchPoliciesAnswer = ({ branches }: FakeEnvironment) => {
  const policies = typeof branches === 'string' ? [] : branches;
  return {
    total_count: policies.length,
    branch_policies: policies.map(({ name, type }, index) => ({
      id: index + 1,
      node_id: `B_${index}`,
      name,
      type,
    })),
  };
};

export const runnersAnswer = (runners: readonly FakeRunner[]) => ({
  total_count: runners.length,
  runners: runners.map(({ id, name, group, labels, ephemeral }) => ({
    id,
    ...(group === undefined ? {} : { runner_group_id: group }),
    name,
    os: 'linux',
    status: 'online',
    busy: false,
    ...(ephemeral === undefined ? {} : { ephemeral }),
    labels: labels.map((label, index) => ({ id: index + 1, name: label, type: 'custom' })),
  })),
});

export const runnerGroupsAnswer = (url: string, groups: readonly FakeRunnerGroup[]) => ({
  total_count: groups.length,
  runner_groups: groups.map(({ id, name, visibility, allowsPublic = false, workflows }) => ({
    id,
    name,
    visibility,
    default: false,
    runners_url: `${url}/${id}/runners`,
    inherited: false,
    allows_public_repositories: allowsPublic,
    restricted_to_workflows: workflows !== undefined,
    selected_workflows: workflows ?? [],
  })),
});

export function teamAnswer(api: string, team: FakeTeam, teams: readonly FakeTeam[]): object {
  const parent = teams.find(({ id }) => id === team.parent);
  const url = `${api}/organizations/9/team/${team.id}`;
  return {
    id: team.id,
    node_id: `T_${team.id}`,
    url,
    html_url: url,
    name: team.slug,
    slug: team.slug,
    description: null,
    privacy: 'closed',
    notification_setting: 'notifications_enabled',
    permission: 'pull',
    members_url: `${url}/members{/member}`,
    repositories_url: `${url}/repos`,
    type: 'organization',
    organization_id: 9,
    parent: parent === undefined ? null : { ...teamAnswer(api, parent, []), parent: undefined },
  };
}

interface UserAnswerInput {
  readonly api: string;
  readonly login: string;
  readonly id: number;
  readonly type: 'User' | 'Bot';
  readonly repositories: number;
  readonly seesPrivate?: number;
}

export function userAnswer({ api, login, id, type, repositories, seesPrivate }: UserAnswerInput) {
  return {
    ...accountAnswer(api, login, id, type),
    name: null,
    company: null,
    blog: null,
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: repositories,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: WHEN,
    updated_at: WHEN,
    ...(seesPrivate === undefined
      ? {}
      : {
          private_gists: 0,
          total_private_repos: seesPrivate,
          owned_private_repos: seesPrivate,
          disk_usage: 0,
          collaborators: 0,
          two_factor_authentication: true,
        }),
  };
}

interface OrganisationAnswerInput {
  readonly api: string;
  readonly login: string;
  readonly id: number;
  readonly publicRepos: number;
  readonly privateRepos?: number | undefined;
}

export function organisationAnswer({ api, login, id, publicRepos, privateRepos }: OrganisationAnswerInput) {
  const url = `${api}/orgs/${login}`;
  return {
    login,
    id,
    node_id: `O_${id}`,
    url,
    ...links('repos events hooks issues members public_members', url),
    html_url: url,
    avatar_url: `${url}/avatar`,
    description: null,
    has_organization_projects: false,
    has_repository_projects: false,
    public_repos: publicRepos,
    public_gists: 0,
    followers: 0,
    following: 0,
    type: 'Organization',
    created_at: WHEN,
    updated_at: WHEN,
    archived_at: null,
    ...(privateRepos === undefined
      ? {}
      : { total_private_repos: privateRepos, owned_private_repos: privateRepos }),
  };
}

interface RepositoryAnswerInput {
  readonly api: string;
  readonly owner: ReturnType<typeof accountAnswer>;
  readonly repository: FakeRepository;
  readonly admin: boolean;
  readonly whole: boolean;
}

/** An item of a list; `whole` adds what `GET /repos/{owner}/{repo}` has beside it. */
export function repositoryAnswer({ api, owner, repository, admin, whole }: RepositoryAnswerInput) {
  const url = `${api}/repos/${owner.login}/${repository.name}`;
  const status = (on: boolean) => ({ status: on ? 'enabled' : 'disabled' });
  const { analysis } = repository;
  return {
    id: repository.id,
    node_id: `R_${repository.id}`,
    name: repository.name,
    full_name: `${owner.login}/${repository.name}`,
    owner,
    private: repository.private ?? false,
    visibility: repository.private === true ? 'private' : 'public',
    html_url: url,
    description: null,
    fork: false,
    url,
    ...links(REPOSITORY_LINKS, url),
    archived: repository.archived ?? false,
    default_branch: repository.branch ?? 'main',
    created_at: WHEN,
    updated_at: repository.updatedAt ?? WHEN,
    pushed_at: repository.pushedAt ?? WHEN,
    permissions: { admin, maintain: admin, push: admin, triage: true, pull: true },
    ...(admin && analysis !== undefined
      ? {
          security_and_analysis: {
            secret_scanning: status(analysis.scanning),
            secret_scanning_push_protection: status(analysis.pushProtection),
          },
        }
      : {}),
    ...(whole
      ? {
          clone_url: `${url}.git`,
          git_url: `${url}.git`,
          ssh_url: `${url}.git`,
          svn_url: url,
          mirror_url: null,
          homepage: null,
          language: null,
          license: null,
          forks: 0,
          forks_count: 0,
          stargazers_count: 0,
          watchers: 0,
          watchers_count: 0,
          size: 0,
          open_issues: 0,
          open_issues_count: 0,
          has_issues: true,
          has_projects: false,
          has_wiki: false,
          has_pages: false,
          has_downloads: false,
          has_discussions: false,
          disabled: false,
          subscribers_count: 0,
          network_count: 0,
        }
      : {}),
  };
}

export function protectionAnswer(url: string, classic: Readonly<Record<string, unknown>>) {
  const addressed = (name: string): object => {
    const value = classic[name];
    return value === undefined ? {} : { [name]: { ...(value as object), url: `${url}/${name}` } };
  };
  return {
    url,
    ...classic,
    ...addressed('required_pull_request_reviews'),
    ...addressed('required_signatures'),
    ...addressed('enforce_admins'),
  };
}

export function branchAnswer(url: string, name: string, commit: string, isProtected: boolean) {
  const person = { name: 'Fake', email: 'fake@example.com', date: WHEN };
  return {
    name,
    commit: {
      sha: commit,
      node_id: `C_${commit}`,
      url: `${url}/commits/${commit}`,
      html_url: `${url}/commits/${commit}`,
      comments_url: `${url}/commits/${commit}/comments`,
      commit: {
        url: `${url}/git/commits/${commit}`,
        author: person,
        committer: person,
        message: 'Begin',
        comment_count: 0,
        tree: { sha: commit, url: `${url}/git/trees/${commit}` },
      },
      author: null,
      committer: null,
      parents: [],
    },
    _links: { html: url, self: url },
    protected: isProtected,
    protection: { enabled: isProtected },
    protection_url: `${url}/branches/${name}/protection`,
  };
}

export function ruleAnswer(rule: NonNullable<FakeRepository['rules']>[number], source: string) {
  return { ...rule, ruleset_source_type: 'Repository', ruleset_source: source };
}

export function rulesetAnswer(id: number, source: string, bypass: readonly unknown[] | undefined) {
  return {
    id,
    name: `ruleset ${id}`,
    target: 'branch',
    source_type: 'Repository',
    source,
    enforcement: 'active',
    ...(bypass === undefined ? {} : { bypass_actors: bypass }),
  };
}

export function deployKeyAnswer(url: string, { id, title, createdAt, enabled }: FakeDeployKey) {
  return {
    id,
    key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl',
    url: `${url}/keys/${id}`,
    title,
    verified: true,
    created_at: createdAt,
    read_only: true,
    ...(enabled === undefined ? {} : { enabled }),
  };
}

export interface FakePersonalToken {
  readonly id: number;
  readonly name: string;
  readonly login: string;
  readonly grantedAt: string;
  readonly expiresAt: string | null;
  readonly expired?: boolean;
}

export function personalTokenAnswer(api: string, token: FakePersonalToken) {
  const { id, name, login, grantedAt, expiresAt, expired = false } = token;
  return {
    id: id + 1000,
    owner: accountAnswer(api, login, id, 'User'),
    repository_selection: 'all',
    repositories_url: `${api}/organizations/9/personal-access-tokens/${id + 1000}/repositories`,
    permissions: { repository: { metadata: 'read', contents: 'write' } },
    access_granted_at: grantedAt,
    token_id: id,
    token_name: name,
    token_expired: expired,
    token_expires_at: expiresAt,
    token_last_used_at: null,
  };
}

export interface FakeAuthorised {
  readonly id: number;
  readonly login: string;
  readonly type: 'personal access token' | 'SSH key';
  readonly at: string;
  readonly title?: string;
  readonly expiresAt?: string | null;
}

export function authorisedAnswer({ id, login, type, at, title, expiresAt }: FakeAuthorised) {
  return {
    login,
    credential_id: id,
    credential_type: type,
    credential_authorized_at: at,
    credential_accessed_at: null,
    authorized_credential_id: id + 1000,
    ...(type === 'SSH key'
      ? { fingerprint: 'jklmnop12345678', authorized_credential_title: title ?? 'a key' }
      : {
          token_last_eight: '12345678',
          scopes: ['repo'],
          authorized_credential_note: title ?? 'a token',
          authorized_credential_expires_at: expiresAt ?? null,
        }),
  };
}

export function alertAnswer(url: string, alert: FakeAlert) {
  const { number, bypassedBy, reviewer, resolution, resolvedBy } = alert;
  const account = (login: string | null | undefined) => (login == null ? null : { login });
  return {
    number,
    created_at: '2026-10-01T10:00:00Z',
    url: `${url}/secret-scanning/alerts/${number}`,
    html_url: `${url}/security/secret-scanning/${number}`,
    locations_url: `${url}/secret-scanning/alerts/${number}/locations`,
    state: resolution === undefined ? 'open' : 'resolved',
    resolution: resolution ?? null,
    resolved_at: resolution === undefined ? null : '2026-10-02T10:00:00Z',
    resolved_by: account(resolvedBy),
    secret_type: 'adafruit_io_key',
    push_protection_bypassed: bypassedBy !== undefined,
    push_protection_bypassed_by: account(bypassedBy),
    push_protection_bypassed_at: bypassedBy === undefined ? null : '2026-10-01T10:00:00Z',
    push_protection_bypass_request_reviewer: account(reviewer),
  };
}

export function runsAnswer(repository: ReturnType<typeof repositoryAnswer>, runs: readonly FakeRun[]) {
  const person = { name: 'A. Author', email: 'author@example.com' };
  return {
    total_count: runs.length,
    workflow_runs: runs.map(({ path, event, referenced }, index) => {
      const id = runs.length - index;
      const url = `${repository.url}/actions/runs/${id}`;
      return {
        id,
        node_id: `WFR_${id}`,
        run_number: id,
        workflow_id: 1,
        display_title: 'A run',
        path,
        event,
        status: 'completed',
        conclusion: 'success',
        head_branch: 'main',
        head_sha: '0'.repeat(40),
        head_commit: {
          id: '0'.repeat(40),
          tree_id: '0'.repeat(40),
          message: 'A commit',
          timestamp: WHEN,
          author: person,
          committer: person,
        },
        repository,
        head_repository: repository,
        pull_requests: [],
        created_at: WHEN,
        updated_at: WHEN,
        url,
        html_url: url,
        ...links(RUN_LINKS, url),
        workflow_url: `${repository.url}/actions/workflows/1`,
        referenced_workflows: referenced.map((one) => ({
          path: one,
          sha: '0'.repeat(40),
          ref: 'refs/heads/main',
        })),
      };
    }),
  };
}

/** Jobs of a run, by its number among the runs of the repository. */
export function runJobsAnswer(url: string, runs: readonly FakeRun[], id: number) {
  const jobs = runs[runs.length - id]?.jobs ?? [];
  return {
    total_count: jobs.length,
    jobs: jobs.map(({ name, labels, group }, index) => ({
      id: index + 1,
      node_id: `J_${index}`,
      run_id: id,
      run_url: `${url}/actions/runs/${id}`,
      head_sha: '0'.repeat(40),
      head_branch: 'main',
      workflow_name: 'A workflow',
      name,
      url: `${url}/actions/jobs/${index + 1}`,
      html_url: null,
      check_run_url: `${url}/check-runs/${index + 1}`,
      status: 'completed',
      conclusion: 'success',
      created_at: WHEN,
      started_at: WHEN,
      completed_at: WHEN,
      labels,
      runner_id: index + 1,
      runner_name: `machine ${index}`,
      runner_group_id: 1,
      runner_group_name: group,
    })),
  };
}

export function codeownersAnswer(unknown: NonNullable<FakeRepository['unknownOwners']>) {
  return {
    errors: unknown.map(({ line, column, source }) => ({
      line,
      column,
      source,
      kind: 'Unknown owner',
      suggestion: null,
      message: `Unknown owner on line ${line}: make sure the owner exists and has write access to the repository`,
      path: 'CODEOWNERS',
    })),
  };
}
