/** What GitHub tells of our kinds, by which request and permission, and what it does not. */
import { APPROVED, type Delivery, type Endpoint, type SourceDescription } from '../description.ts';
import { PERMISSIONS } from './permissions.ts';

const ANYBODY = 'any token';
const OWNER = 'a token of an owner of the organisation';

const endpoints = {
  self: { path: '/user', permission: ANYBODY, gives: 'whose token it is' },
  installation: {
    path: '/orgs/{org}/installation',
    permission: 'the key of the app',
    gives: 'where an app is installed, and what it may; with `--github-app` alone',
  },
  installationToken: {
    path: '/app/installations/{installation_id}/access_tokens',
    permission: 'the key of the app',
    gives: 'its token of an hour; the one thing that is sent and not asked',
  },
  organisation: {
    path: '/orgs/{org}',
    permission: 'a token of a member',
    gives: 'how many repositories there are, the witness of the list',
  },
  repositories: { path: '/orgs/{org}/repos', permission: PERMISSIONS.metadata, gives: 'repositories' },
  user: {
    path: '/users/{username}',
    permission: PERMISSIONS.metadata,
    gives: 'accounts that CODEOWNERS names',
  },
  settings: {
    path: '/repos/{owner}/{repo}',
    permission: PERMISSIONS.administrationRead,
    gives: 'settings of a repository that the list left out',
  },
  git: {
    path: '/{owner}/{repo}.git',
    permission: PERMISSIONS.contents,
    gives: 'files and commits of the default branch, by git',
  },
  graphql: {
    path: '/graphql',
    permission: `${PERMISSIONS.contents}; ${PERMISSIONS.pullRequests}; ${PERMISSIONS.collaborators}`,
    gives:
      'heads of default branches, what the host makes of signatures, who approved a merge, who administers a single repository, whether the host looks for known vulnerabilities',
  },
  protection: {
    path: '/repos/{owner}/{repo}/branches/{branch}/protection',
    permission: PERMISSIONS.administrationRead,
    gives: 'classic protection of the default branch; without the permission, whether there is any',
  },
  rules: {
    path: '/repos/{owner}/{repo}/rules/branches/{branch}',
    permission: PERMISSIONS.metadata,
    gives: 'rules that apply to the default branch',
  },
  ruleset: {
    path: '/repos/{owner}/{repo}/rulesets/{ruleset_id}',
    permission: PERMISSIONS.administrationWrite,
    gives: 'who may bypass a ruleset; asked once for each',
  },
  suites: {
    path: '/repos/{owner}/{repo}/rulesets/rule-suites',
    permission: PERMISSIONS.administrationRead,
    gives:
      'what went past the rules of the default branch in the last month, where somebody may; older servers want to write',
  },
  suite: {
    path: '/repos/{owner}/{repo}/rulesets/rule-suites/{rule_suite_id}',
    permission: PERMISSIONS.administrationRead,
    gives: 'which rules such a change broke; of the newest fifty',
  },
  codeowners: {
    path: '/repos/{owner}/{repo}/codeowners/errors',
    permission: PERMISSIONS.contents,
    gives: 'owners in CODEOWNERS that the host does not know',
  },
  alerts: {
    path: '/repos/{owner}/{repo}/secret-scanning/alerts',
    permission: PERMISSIONS.alerts,
    gives: 'what was pushed past push protection; the secrets are asked to be left out',
  },
  allAlerts: {
    path: '/orgs/{org}/secret-scanning/alerts',
    permission: `${PERMISSIONS.alerts}, of an owner`,
    gives: 'the same of all repositories in one list; where it is refused, each repository is asked',
  },
  vulnerabilities: {
    path: '/repos/{owner}/{repo}/dependabot/alerts',
    permission: PERMISSIONS.dependabot,
    gives: 'known vulnerabilities of what a repository depends on, where the host looks',
  },
  allVulnerabilities: {
    path: '/orgs/{org}/dependabot/alerts',
    permission: `${PERMISSIONS.dependabot}, of an owner`,
    gives: 'the same of all repositories in one list; where it is refused, each repository is asked',
  },
  keys: {
    path: '/repos/{owner}/{repo}/keys',
    permission: PERMISSIONS.administrationRead,
    gives: 'deploy keys',
  },
  runs: {
    path: '/repos/{owner}/{repo}/actions/runs',
    permission: PERMISSIONS.actions,
    gives: 'the newest hundred runs, where a workflow names a template',
  },
  jobs: {
    path: '/repos/{owner}/{repo}/actions/runs/{run_id}/jobs',
    permission: PERMISSIONS.actions,
    gives:
      'on whose machines a called workflow ran, where a repository has environments and calls one of another',
  },
  tokens: {
    path: '/orgs/{org}/personal-access-tokens',
    permission: 'Personal access tokens: read, of an app',
    gives: 'fine-grained tokens that open the organisation; shown to apps alone',
  },
  authorised: {
    path: '/orgs/{org}/credential-authorizations',
    permission: 'read:org, by an owner',
    gives: 'classic tokens and SSH keys that were authorised for single sign-on',
  },
  members: {
    path: '/orgs/{org}/members',
    permission: `${PERMISSIONS.members}, of a member; second steps: ${OWNER}`,
    gives: 'members, owners, and who signs in with no second step or a message',
  },
  outside: {
    path: '/orgs/{org}/outside_collaborators',
    permission: `${PERMISSIONS.members}, of a member; second steps: ${OWNER}`,
    gives: 'accounts that are no members and open repositories',
  },
  teams: {
    path: '/orgs/{org}/teams',
    permission: `${PERMISSIONS.members}; secret teams: ${OWNER}`,
    gives: 'teams, and which stands above which',
  },
  teamRepositories: {
    path: '/orgs/{org}/teams/{team_slug}/repos',
    permission: PERMISSIONS.members,
    gives: 'which repositories a team administers',
  },
  teamMembers: {
    path: '/orgs/{org}/teams/{team_slug}/members',
    permission: PERMISSIONS.members,
    gives: 'members of a team that administers a repository',
  },
  environments: {
    path: '/repos/{owner}/{repo}/environments',
    permission: PERMISSIONS.actions,
    gives: 'environments, and who has to let a run in; asked of repositories that have any',
  },
  policies: {
    path: '/repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies',
    permission: PERMISSIONS.actions,
    gives: 'which branches and tags may name an environment',
  },
  branches: {
    path: '/repos/{owner}/{repo}/branches',
    permission: PERMISSIONS.contents,
    gives: 'whether any branch is protected, where an environment is open to protected ones',
  },
  ownRunners: {
    path: '/repos/{owner}/{repo}/actions/runners',
    permission: PERMISSIONS.administrationRead,
    gives: 'machines of a repository, where a job that names an environment may run on one',
  },
  runners: {
    path: '/orgs/{org}/actions/runners',
    permission: PERMISSIONS.runners,
    gives: 'machines of the organisation; asked once, where a job may run on one',
  },
  runnerGroups: {
    path: '/orgs/{org}/actions/runner-groups',
    permission: PERMISSIONS.runners,
    gives: 'groups of machines, and which workflows they take',
  },
  attestations: {
    path: '/orgs/{org}/attestations/{subject_digest}',
    permission: PERMISSIONS.attestations,
    gives:
      'attestations of an image that runs, where `builds` of macadam.yaml names a policy; bundles come from the store that it names, without a credential',
  },
  attested: {
    path: '/orgs/{org}/attestations/repositories',
    permission: PERMISSIONS.attestations,
    gives: 'whether attestations are shown at all: of a digest without any the host says nothing',
  },
  openTo: {
    path: '/orgs/{org}/actions/runner-groups/{runner_group_id}/repositories',
    permission: PERMISSIONS.runners,
    gives: 'repositories that a group is open to, where it is open to some alone',
  },
} as const satisfies Record<string, Endpoint>;
type Asked = keyof typeof endpoints;

const from = (asked: readonly Asked[], how: string): Delivery => ({
  paths: asked.map((one) => endpoints[one].path),
  how,
});

const FILES = from(['git'], 'files and commits of the default branch, as of any repository');
const NOT_ENVIRONMENT = 'the host does not say what it serves; `--github-environment` states it';
const NOT_TEAM =
  'the host knows people and its own teams, and an owner is a team of the company: state it in the organisation (`org.yaml`)';

const repository: Readonly<Record<string, Delivery>> = {
  host: from(['repositories'], 'host of the requests'),
  path: from(['repositories'], '`id`: a repository keeps it when it is renamed'),
  renamed_from: 'a repository keeps its id when it is renamed',
  first_commit: FILES,
  default_branch: from(['graphql', 'repositories'], 'the branch that the host names'),
  head: FILES,
  hosted_at: from(['repositories'], '`full_name`'),
  owners: FILES,
  files: FILES,
  archived: from(['repositories'], '`archived`'),
  visibility: from(['repositories'], '`visibility`, else `private`'),
  codeowners: from(
    ['git', 'codeowners', 'user'],
    'the file, with what the host makes of each owner that it names',
  ),
  update_targets: FILES,
  update_entries: FILES,
  manifests_left_out: FILES,
  update_config: FILES,
  commits: from(['git', 'graphql'], 'the commits, with what the host makes of their signatures'),
  secrets: FILES,
  secrets_searched: FILES,
  default_branch_protection: from(
    ['protection', 'rules', 'ruleset'],
    'classic protection and rulesets together, the strictest of each rule; what one of them hides makes unknown what it could change',
  ),
  rule_bypasses: from(
    ['suites', 'suite', 'graphql'],
    'changes with the result `bypass`, and whether somebody else approved the pull request that one is the merge of; not asked where nobody may pass, and not whole where a ruleset exempts somebody, of whom the host keeps no record',
  ),
  push_protection: from(
    ['repositories', 'settings'],
    '`security_and_analysis`, shown to administrators of the repository',
  ),
  push_bypasses: from(['allAlerts', 'alerts'], 'alerts that were pushed past the protection, where it is on'),
  vulnerability_alerts: from(
    ['graphql'],
    '`hasVulnerabilityAlertsEnabled`; a no to whoever does not administer the repository is no answer',
  ),
  vulnerabilities: from(
    ['allVulnerabilities', 'vulnerabilities'],
    'alerts that are not fixed; one that was dismissed does not apply where it was called inaccurate or not used, and is there for any other reason, also where a rule dismissed it',
  ),
  secret_scanning: from(
    ['repositories', 'settings'],
    '`security_and_analysis`, shown to administrators of the repository',
  ),
};

const PEOPLE: readonly Asked[] = ['members', 'outside'];
const user: Readonly<Record<string, Delivery>> = {
  directory: from(PEOPLE, 'host of the requests'),
  object_id: from(PEOPLE, '`id`'),
  environment: NOT_ENVIRONMENT,
  owners: NOT_TEAM,
  account: from(['outside'], '`guest` of an outside collaborator; whose account a member has is not told'),
  enabled: from(
    PEOPLE,
    'true on github.com, where who is listed has access; an enterprise server lists who is suspended as well, and does not say so',
  ),
  break_glass: APPROVED,
  methods: from(
    PEOPLE,
    'a password of who has no second step, and messages of who can get a code by one, as a list that is not whole',
  ),
  weak_sign_in_blocked: from(
    PEOPLE,
    'false of who has no second step or can get a code by message; of others the host does not say which step they have',
  ),
  weak_sign_ins: 'the host does not say by which method somebody signed in',
  recovery_path: 'how an account would be recovered is not told',
  last_recovery: 'how an account was recovered is not told',
};

const assignment: Readonly<Record<string, Delivery>> = {
  resource: from(['members', 'graphql'], 'the host and the organisation, or the `id` of a single repository'),
  principal: from(['members', 'graphql'], '`id` of the account'),
  role: from(
    ['members', 'graphql'],
    '`Owner`, or `Admin` of whom a single repository was given to; what somebody has through a team is in its group',
  ),
  principal_kind: from(['members', 'graphql'], '`type`; an account that people share looks like a person'),
  holders: from(['members', 'graphql'], 'empty: accounts own an organisation, and no groups'),
  environment: NOT_ENVIRONMENT,
  owners: NOT_TEAM,
  break_glass: APPROVED,
  mode: from(['members', 'graphql'], '`standing`: a role that is given is in force without asking'),
  granted_through: 'whether a broker made it is not told',
  starts_at: 'the list does not say since when',
  ends_at: from(['members', 'graphql'], 'absent: the host knows no end of a role'),
  last_used_at: 'the audit log does not say which role an action needed',
};

const GROUPS: readonly Asked[] = ['members', 'teams', 'teamRepositories', 'teamMembers'];
const group: Readonly<Record<string, Delivery>> = {
  directory: from(GROUPS, 'host of the requests'),
  group_id: from(GROUPS, '`id` of a team; the organisation’s owners are a group of their own'),
  environment: NOT_ENVIRONMENT,
  owners: NOT_TEAM,
  grants: from(['teamRepositories'], 'repositories that the team administers, the first hundred'),
  members: from(
    ['teams', 'teamMembers', 'members'],
    'members, and teams below it; beside such teams the host does not tell direct members apart, and the list is not whole',
  ),
  decisions: 'the host has no reviews of membership',
  review: 'the host has no reviews of membership',
};

const environment: Readonly<Record<string, Delivery>> = {
  host: from(['environments'], 'host of the requests'),
  repository: from(['repositories'], '`full_name`, in lower case'),
  name: from(['environments'], '`name`, in lower case'),
  owners: NOT_TEAM,
  changes: from(
    ['environments', 'policies', 'branches'],
    '`deployment_branch_policy`; a pattern counts as any change, and so do protected branches where none is protected',
  ),
  branches: from(['policies'], 'names of branches and tags, as they are written'),
  approvers: from(
    ['environments'],
    'people and teams of a rule `required_reviewers`; rules of other programs count for nothing',
  ),
  self_approval: from(['environments'], '`prevent_self_review`'),
  runners: from(
    ['git', 'runs', 'jobs', 'ownRunners', 'runners', 'runnerGroups', 'openTo'],
    'machines that have the labels of a job which names it, by the workflows of the default branch; whether one ends with its job, and whether its group takes named workflows alone. A workflow of another repository that is called is known by its newest run',
  ),
};

const CREDENTIALS: readonly Asked[] = ['tokens', 'authorised', 'keys'];
const credential: Readonly<Record<string, Delivery>> = {
  store: from(CREDENTIALS, 'host of the requests'),
  credential_id: from(CREDENTIALS, 'the kind of token or key, and its id'),
  type: from(CREDENTIALS, '`personal_token`, `ssh_key`'),
  environment: NOT_ENVIRONMENT,
  owners: NOT_TEAM,
  thumbprint: from(CREDENTIALS, 'absent: none of them is a certificate'),
  state: from(CREDENTIALS, 'whether it has expired, or is switched off'),
  issued_at: from(
    CREDENTIALS,
    'when a fine-grained token was admitted, a key was added or authorised; of a classic token the host does not say when it was made',
  ),
  expires_at: from(CREDENTIALS, 'as the host says; a key has no end'),
  boundary: 'what a token opens in other systems is not told',
  registrations: from(CREDENTIALS, 'the organisation or repository that it opens'),
  found_in: 'a token is never shown, so nothing can be compared',
  uses: 'a last use does not say from where',
};

export const githubDescription: SourceDescription = {
  id: 'github',
  title: 'GitHub',
  intro:
    '`macadam scan --github ORG` reads an organisation (or a user) of github.com, and with `--github-url` of an enterprise, by its API and by git; it only reads. It asks with `GITHUB_TOKEN`, a token of a person or of an installed app, else with what `gh` is signed in with. With `--github-app ID` and the key of that app in `GITHUB_APP_KEY` it asks as the app, whose tokens it renews: for more repositories than an hour is enough for, and without a person whose account it would be. What the token may not see is unknown, and names the permission.',
  saving: [],
  endpoints: Object.values(endpoints),
  kinds: {
    repository,
    user,
    'privileged-assignment': assignment,
    'privileged-group': group,
    credential,
    'deployment-environment': environment,
  },
  unused: {
    '/orgs/{org}/audit-log':
      'organisations of an enterprise alone have it, and no attribute of a kind comes from it yet',
    '/orgs/{org}/rulesets/rule-suites':
      'it is not said to list what rules of one repository alone let through, so each repository with rules that somebody may pass is asked',
    '/repos/{owner}/{repo}/actions/secrets': 'names of secrets say nothing of what they open',
  },
  told: [
    'A server lists all repositories in every look, and reads those that the list shows to have changed; each is read whole once in a day and a half. What the list does not show (protection, rulesets, environments, machines, deploy keys) is seen by then, or at once where a webhook tells: give the source `GITHUB_WEBHOOK_SECRET`, 16 characters at least (`macadam source add github` asks for it; of a source that the server was started with it is a variable of the server), and add a webhook to the organisation, or to the app, with the address `https://SERVER/webhooks/NAME` of the source’s name (`github` for one that the server was started with), content type `application/json`, and that secret.',
    'An event is no evidence: it names what is read again, by the API and with the credential of the source. One that is lost, late, repeated, out of order or made up changes when something is known, and not what. Of use are: Pushes, Repositories, Branch protection rules, Branch protection configurations, Repository rulesets, Deploy keys, Secret scanning alerts, Security and analyses, Visibility changes (a repository each); Collaborator add, remove, or changed, Memberships, Organizations, Teams, Team adds (the lists of people). Any other is taken and says nothing; runs of workflows and deployments are so many that each would cost five requests for nothing new. A body of more than 4 MB is refused, and its push is seen in the scan that follows. A rule of the whole organisation has all repositories read again in their turn.',
  ],
  limits: [
    'A look in turn reads in one run for three minutes, and leaves a fifth of the hourly limit; the page of sources says how many wait. Problems that it lists are of what was read in that run.',
    'Dependencies, pipelines and manifests come from files, as from any repository, and are not listed here.',
    'A workflow of another repository that a job calls may name environments and machines too; where its newest run was on a machine of the company, the list of machines is not whole.',
    'Whether administrators may pass the rules of an environment is not in these answers.',
    'Which network a machine is in the host does not say, except of its own larger ones, which are not read.',
    'Which members are direct ones is not told of a team with teams below it.',
    'An organisation whose people sign in through a company’s directory still has the ways to sign in of github.com; what the directory asks of them is read there.',
  ],
};
