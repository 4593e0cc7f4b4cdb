/**
 * GitHub's published OpenAPI description, with Prism as the judge: every request that the source sends, every answer
 * that our fake gives, and whether the source understands the answers that the description itself gives as examples.
 */
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { type Connector, connect } from '@macadam/adapters/connector/connector';
import { commitFiles } from '@macadam/adapters/sources/fake-git';
import { listRepositories, readAccount } from '@macadam/adapters/sources/github/account';
import { attestationsIn } from '@macadam/adapters/sources/github/attestations';
import { readEnvironments } from '@macadam/adapters/sources/github/environments';
import type { Exchanged } from '@macadam/adapters/sources/github/fake';
import { fakeWorld, MEMBER, OWNER } from '@macadam/adapters/sources/github/fake-world';
import { hostOf } from '@macadam/adapters/sources/github/host';
import { organisationCredentials } from '@macadam/adapters/sources/github/organisation-credentials';
import { withOwnerStates } from '@macadam/adapters/sources/github/owners';
import { peopleOf } from '@macadam/adapters/sources/github/people';
import { readRuleBypasses } from '@macadam/adapters/sources/github/rule-bypasses';
import { runnerMemory } from '@macadam/adapters/sources/github/runners';
import { withRuns } from '@macadam/adapters/sources/github/runs';
import { readProtection } from '@macadam/adapters/sources/github/settings';
import { foundIn } from '@macadam/adapters/sources/github/vulnerability-alerts';
import { isUnobserved, type Observation } from '@macadam/core/facts/observation';
import type { Case, Suite } from '../suite.ts';
import type { Judge, JudgedRequest } from './github-api/judge.ts';

const TEMPLATES = [
  '/orgs/{org}/installation',
  '/users/{username}/installation',
  '/app/installations/{installation_id}/access_tokens',
  '/user',
  '/user/repos',
  '/users/{username}',
  '/users/{username}/repos',
  '/orgs/{org}',
  '/orgs/{org}/repos',
  '/orgs/{org}/personal-access-tokens',
  '/orgs/{org}/credential-authorizations',
  '/orgs/{org}/secret-scanning/alerts',
  '/orgs/{org}/attestations/repositories',
  '/orgs/{org}/attestations/{subject_digest}',
  '/users/{username}/attestations/{subject_digest}',
  '/orgs/{org}/members',
  '/orgs/{org}/outside_collaborators',
  '/orgs/{org}/teams',
  '/orgs/{org}/teams/{team_slug}/repos',
  '/orgs/{org}/teams/{team_slug}/members',
  '/repos/{owner}/{repo}',
  '/repos/{owner}/{repo}/branches/{branch}',
  '/repos/{owner}/{repo}/branches/{branch}/protection',
  '/repos/{owner}/{repo}/rules/branches/{branch}',
  // Before the one of a ruleset, whose template fits it too.
  '/repos/{owner}/{repo}/rulesets/rule-suites',
  '/repos/{owner}/{repo}/rulesets/rule-suites/{rule_suite_id}',
  '/repos/{owner}/{repo}/rulesets/{ruleset_id}',
  '/repos/{owner}/{repo}/codeowners/errors',
  '/repos/{owner}/{repo}/secret-scanning/alerts',
  '/repos/{owner}/{repo}/dependabot/alerts',
  '/orgs/{org}/dependabot/alerts',
  '/repos/{owner}/{repo}/keys',
  '/repos/{owner}/{repo}/actions/runs',
  '/repos/{owner}/{repo}/actions/runs/{run_id}/jobs',
  '/repos/{owner}/{repo}/environments',
  '/repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies',
  '/repos/{owner}/{repo}/branches',
  '/repos/{owner}/{repo}/actions/runners',
  '/orgs/{org}/actions/runners',
  '/orgs/{org}/actions/runner-groups',
  '/orgs/{org}/actions/runner-groups/{runner_group_id}/repositories',
];

export const suite: Suite = {
  name: 'github-api',
  proves:
    "requests, and the fake's answers, are valid under GitHub's own description, and its examples are understood",
  vectors: [],
  needsInstall: true,
  async load() {
    const { judgeOf } = await import('./github-api/judge.ts');
    const judge = await judgeOf(`${import.meta.dirname}/..`, TEMPLATES);
    const exchanged = await everyRequest();
    const asked = new Set(exchanged.map((each) => judge.operationOf(requestOf(each))));
    return [
      ...exchanged.map((each) => exchangeCase(judge, each)),
      {
        id: 'coverage',
        run: () => {
          const unasked = TEMPLATES.filter((template) => !asked.has(template));
          return unasked.length === 0 ? null : `nothing asked ${unasked.join(', ')}`;
        },
      },
      ...exampleCases(exampleHost(judge), judge),
    ];
  },
};

/** Runs that between them ask everything the source ever asks; one exchange of each request, status and right. */
async function everyRequest(): Promise<Exchanged[]> {
  const world = await fakeWorld();
  try {
    const [strict, plain] = world.state.repositories;
    if (strict === undefined || plain === undefined) throw new Error('the fake has no repositories');
    strict.analysis = undefined;
    plain.rules = [
      { type: 'deletion', ruleset_id: 5 },
      { type: 'non_fast_forward', ruleset_id: 5 },
    ];
    world.state.bypass[5] = [{ actor_id: 5, actor_type: 'RepositoryRole', bypass_mode: 'always' }];
    plain.vulnerabilities = [
      { number: 1, severity: 'high', scope: 'runtime', fixedIn: '1.3.1' },
      { number: 2, severity: 'low', scope: null, fixedIn: null, state: 'dismissed', reason: 'not_used' },
    ];
    plain.suites = [
      {
        id: 21,
        by: 'ada',
        at: '2026-10-20T08:43:03Z',
        commit: 'dedd88641a362b6b4ea872da4847d6131a164d01',
        branch: 'main',
        result: 'bypass',
        evaluations: [{ rule: 'non_fast_forward', enforcement: 'active', result: 'fail' }],
      },
    ];
    strict.runs = [
      {
        path: '.github/workflows/release.yml',
        event: 'push',
        referenced: ['acme/templates/.github/workflows/release.yml@v1'],
        jobs: [{ name: 'release / build', labels: ['ubuntu-latest'], group: 'GitHub Actions' }],
      },
    ];
    world.state.users.bob = 'User';
    world.state.users.robot = 'Bot';
    world.state.people = [
      ...world.state.people,
      { id: 11, login: 'cyd', role: 'outside', secondStep: 'none' },
    ];
    world.state.teams = [
      { id: 31, slug: 'platform', members: ['bob'], repositories: { strict: true } },
      { id: 32, slug: 'release', parent: 31, members: ['ada'], repositories: { plain: true } },
    ];
    strict.environments = [{ name: 'production', branches: 'protected', approvers: ['ada'] }];
    plain.environments = [
      {
        name: 'production',
        branches: [
          { name: 'main', type: 'branch' },
          { name: 'v*', type: 'tag' },
        ],
      },
      { name: 'staging', branches: 'all' },
    ];
    const labels = ['self-hosted'];
    plain.runners = [{ id: 9, name: 'own', labels }];
    world.state.runners = [{ id: 1, name: 'shared', group: 1, labels, ephemeral: false }];
    world.state.runnerGroups = [
      { id: 1, name: 'some', visibility: 'selected', allowsPublic: true, repositories: ['plain'] },
    ];
    world.state.heads.strict = commitFiles(join(world.root, 'acme/strict.git'), 'main', {
      '.github/workflows/release.yml':
        'on: push\njobs:\n  release:\n    uses: acme/templates/.github/workflows/release.yml@v1\n',
    });
    world.state.heads.plain = commitFiles(join(world.root, 'acme/plain.git'), 'main', {
      '.github/workflows/deploy.yml':
        'on: push\njobs:\n  ship:\n    environment: production\n    runs-on: self-hosted\n    steps:\n      - run: make\n',
    });
    strict.unknownOwners = [{ line: 1, column: 3, source: '* @gone' }];
    await world.scan();
    world.state.authorised = [
      { id: 1, login: 'ada', type: 'SSH key', at: '2020-01-02T03:04:05Z' },
      { id: 2, login: 'bob', type: 'personal access token', at: '2026-01-01T00:00:00Z' },
    ];
    world.state.personalTokens = [
      { id: 5, name: 'deploys', login: 'ada', grantedAt: '2026-10-01T00:00:00Z', expiresAt: null },
    ];
    const app = ['ghs', 'app'.repeat(12)].join('_');
    world.state.tokens[app] = { login: 'measures', admin: true, seesPrivate: true };
    await world.scan({ token: app });
    // Where the organisation does not tell of all alerts, each repository is asked.
    world.state.faults.push(
      { match: /orgs\/acme\/secret-scanning/, times: 1, status: 404 },
      { match: /orgs\/acme\/dependabot/, times: 1, status: 404 },
    );
    await world.scan();
    for (const target of ['bob', 'ada', 'nobody']) await world.scan({ targets: [target] });
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    world.state.app = { id: '7', publicKey, lifeMs: 3_600_000 };
    await world.scan({
      token: undefined,
      targets: ['acme', 'bob'],
      options: { app: '7' },
      environment: { GITHUB_APP_KEY: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) },
    });
    await world.scan({ token: MEMBER });
    await world.scan({ token: undefined, environment: { PATH: '/usr/bin:/bin' } });
    const connector = connect({ baseUrl: `${world.fake.url}/api/v3`, headers: { 'user-agent': 'macadam' } });
    const owners = ['@gone', '@robot', '@bob'].map((name) => ({ name, line: 1, kind: 'user' }));
    await withOwnerStates({
      codeowners: { value: { owners } },
      connector,
      repository: 'acme/strict',
      commit: 'main',
      memory: new Map(),
    });
    await withRuns(connector, 'acme/strict', [RELEASE]);
    world.state.attestations = { [DIGEST]: [BUNDLE, '1.json.sn'] };
    const admin = connect({
      baseUrl: `${world.fake.url}/api/v3`,
      authorization: `Bearer ${OWNER}`,
      headers: { 'user-agent': 'macadam' },
    });
    for (const one of [admin, connector])
      for (const digest of [DIGEST, `sha256:${'b'.repeat(64)}`])
        for (const type of ['organisation', 'user'] as const) {
          const login = type === 'user' ? 'ada' : 'acme';
          const account = { login, type, publicCount: 1, privateCount: 0 };
          const kept = attestationsIn({ connector: one, account, unseen: null, signal: undefined });
          await kept.of(digest);
        }
    const rest = world.fake.exchanged.filter(({ path }) => path !== '/graphql');
    const distinct = rest.map((each) => [`${each.method} ${each.path} ${each.status}`, each] as const);
    return [...new Map(distinct).values()];
  } finally {
    await world.close();
  }
}

const DIGEST = `sha256:${'a'.repeat(64)}`;
const BUNDLE = {
  mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
  verificationMaterial: {},
  dsseEnvelope: {},
};

/** A pipeline that names a template: only of such a one the runs are asked for. */
const RELEASE: Observation = {
  kind: 'pipeline',
  id: 'pipeline/acme/strict/release',
  name: 'release',
  source: 'github',
  observedAt: '2026-11-01T00:00:00Z',
  receivedAt: '2026-11-01T00:00:00Z',
  assurance: 'configured',
  attributes: {
    path: { value: '.github/workflows/release.yml' },
    production: { value: [{ template: 'acme/templates/.github/workflows/release.yml' }] },
  },
};

/** A pipeline whose job names the environment of the description's example, and asks for the machine of its example. */
const DEPLOYING: Observation = {
  ...RELEASE,
  attributes: {
    path: { value: '.github/workflows/release.yml' },
    platform: { value: 'github-actions' },
    jobs: {
      value: [{ key: 'ship', environment: 'staging', runs_on: ['self-hosted'] }],
      complete: true,
    },
  },
};

function requestOf({ method, path, headers }: Exchanged): JudgedRequest {
  const sent = Object.entries(headers).filter(([name]) => name !== 'authorization');
  return { method, path, headers: Object.fromEntries(sent.map(([name, value]) => [name, String(value)])) };
}

function exchangeCase(judge: Judge, exchange: Exchanged): Case {
  return {
    id: `${exchange.method} ${exchange.path} ${exchange.status}`,
    run: async () => {
      const answer = { status: exchange.status, body: exchange.answer };
      const all = await judge.faults(requestOf(exchange), answer);
      // Conditional requests are described for the whole API in prose, and for no operation.
      const faults = answer.status === 304 ? all.filter((fault) => !fault.startsWith('answer:')) : all;
      return faults.length === 0 ? null : faults.slice(0, 5).join('; ');
    },
  };
}

/** A host that answers with the description's examples. */
function exampleHost(judge: Judge): Connector {
  return connect({
    baseUrl: 'https://host.example',
    fetch: async (input, init) => {
      const { pathname, search } = new URL(String(input));
      const { status, body } = await judge.example({
        method: init?.method ?? 'GET',
        path: pathname + search,
        headers: {},
      });
      return new Response(JSON.stringify(body), { status });
    },
  });
}

function exampleCases(host: Connector, judge: Judge): Case[] {
  const account = { login: 'octocat', publicCount: 1, privateCount: 0 };
  const listed = async (type: 'organisation' | 'user', own: boolean): Promise<string | null> => {
    const { repositories, odd, stopped } = await listRepositories({
      connector: host,
      account: { ...account, type },
      own,
      now: () => new Date(),
    });
    if (stopped !== undefined) return stopped.message;
    return odd.length === 0 && repositories.size > 0 ? null : `not understood: ${odd.join(', ')}`;
  };
  const cases: Record<string, () => Promise<string | null>> = {
    'an organisation': async () => outcomeOf(await readAccount(host, 'github')),
    'the own account': async () => outcomeOf(await readAccount(host, 'octocat', 'octocat')),
    "an organisation's list": () => listed('organisation', false),
    "a user's list": () => listed('user', false),
    'the own list': () => listed('user', true),
    'branch protection, rules and a ruleset': async () => {
      const repository = { id: 1, node_id: 'R_1', full_name: 'octocat/Hello-World' };
      const { protection: statement } = await readProtection(host, repository, 'main', new Map());
      if (!('value' in statement)) return JSON.stringify(statement);
      const open = Object.entries(statement.value).filter(([, field]) => isUnobserved(field));
      return open.length === 0 ? null : open.map(([name]) => `${name} is unobserved`).join(', ');
    },
    'attestations of an artefact, from the store that is named': async () => {
      const asked: string[] = [];
      const kept = attestationsIn({
        connector: host,
        account: { ...account, type: 'organisation' },
        unseen: null,
        signal: undefined,
        fetch: async (input) => {
          asked.push(new URL(String(input)).pathname);
          return new Response(Buffer.from([4, 3 << 2, 0x6e, 0x75, 0x6c, 0x6c]));
        },
      });
      const said = await kept.of(DIGEST);
      return said.gap === null && said.texts.join() === 'null,null' && asked.length === 2
        ? null
        : JSON.stringify(said);
    },
    'what went past the rules': async () => {
      const said = await readRuleBypasses({
        connector: host,
        graphql: '/graphql',
        repository: {
          id: 404,
          node_id: 'R_404',
          full_name: 'octocat/octo-repo',
          permissions: { admin: true },
        },
        branch: 'i-see-everything',
        rules: { protection: { value: { bypass_allowed: true } }, unrecorded: null },
      });
      if (said === undefined || !('value' in said) || !Array.isArray(said.value)) return JSON.stringify(said);
      const [one] = said.value as { rules: unknown; took_away: unknown }[];
      return said.value.length === 1 && JSON.stringify(one?.rules) === '["pull_request"]'
        ? null
        : JSON.stringify(said);
    },
    'known vulnerabilities': async () => {
      const { body } = await judge.example({
        method: 'GET',
        path: '/orgs/octocat/dependabot/alerts',
        headers: {},
      });
      const said = foundIn(Array.isArray(body) ? body : []);
      const { value = [] } = 'value' in said ? said : {};
      return 'complete' in said && said.complete === true && Array.isArray(value) && value.length > 0
        ? null
        : JSON.stringify(said);
    },
    'tokens and keys that open an organisation': async () => {
      const token = (start: string) => ({ token: `${start}_x`, from: 'GITHUB_TOKEN' }) as const;
      for (const credential of [token('ghp'), token('ghs')]) {
        const lists = await organisationCredentials({
          connector: host,
          host: 'host.example',
          account: { ...account, type: 'organisation' },
          credential,
          at: '2026-11-01T00:00:00Z',
        });
        const [list] = lists;
        if (list === undefined || !list.partition.complete || list.observations.length === 0)
          return JSON.stringify(lists);
      }
      return null;
    },
    'members, owners and teams': async () => {
      const lists = await peopleOf({
        connector: host,
        host: hostOf('https://host.example'),
        account: { ...account, type: 'organisation' },
        credential: { token: 'ghs_x', from: 'GITHUB_TOKEN' },
        principal: { rights: [] },
        at: '2026-11-01T00:00:00Z',
      });
      const open = lists.filter(({ partition }) => !partition.complete || partition.seen === 0);
      return open.length === 0 ? null : JSON.stringify(open);
    },
    'environments, machines and their groups': async () => {
      const { partition, observations } = await readEnvironments({
        connector: host,
        host: 'host.example',
        id: 1,
        fullName: 'octocat/Hello-World',
        at: '2026-11-01T00:00:00Z',
        runners: runnerMemory('octocat'),
        isPublic: false,
        pipelines: [DEPLOYING],
      });
      const [one] = observations;
      const open = Object.entries(one?.attributes ?? {}).filter(([, said]) => isUnobserved(said));
      if (!partition.complete || one === undefined) return JSON.stringify(partition);
      return open.length === 0 ? null : JSON.stringify(open);
    },
    'errors of CODEOWNERS': async () => {
      const owners = [{ name: '@octocat', line: 99, kind: 'user' }];
      const stated = await withOwnerStates({
        codeowners: { value: { owners } },
        connector: host,
        repository: 'octocat/Hello-World',
        commit: 'main',
        memory: new Map(),
      });
      const [owner] =
        stated !== undefined && 'value' in stated
          ? (stated.value as { owners: { state: unknown }[] }).owners
          : [];
      return owner?.state === 'active' ? null : JSON.stringify(owner);
    },
  };
  return Object.entries(cases).map(([name, run]) => ({ id: `example: ${name}`, run }));
}

function outcomeOf(account: Awaited<ReturnType<typeof readAccount>>): string | null {
  return 'outcome' in account ? account.message : null;
}
