/**
 * A small GitHub over real HTTP, with a state that tests change: pages, entity tags, rights, faults, GraphQL as far as
 * it is asked for, and the repositories themselves over smart HTTP. It is an Enterprise Server to whoever asks.
 */
import { createHash, type KeyObject, verify } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveGit } from '../fake-git.ts';
import {
  accountAnswer,
  alertAnswer,
  authorisedAnswer,
  branchAnswer,
  branchPoliciesAnswer,
  codeownersAnswer,
  deployKeyAnswer,
  environmentAnswer,
  type FakeAuthorised,
  type FakePerson,
  type FakePersonalToken,
  type FakeRepository,
  type FakeRunner,
  type FakeRunnerGroup,
  type FakeTeam,
  installationAnswer,
  organisationAnswer,
  personalTokenAnswer,
  protectionAnswer,
  repositoryAnswer,
  ruleAnswer,
  rulesetAnswer,
  runJobsAnswer,
  runnerGroupsAnswer,
  runnersAnswer,
  runsAnswer,
  teamAnswer,
  userAnswer,
} from './fake-answers.ts';
import { answerQuery, type Query } from './fake-graphql.ts';
import { suiteAnswer, suitesAnswer } from './fake-suites.ts';
import { vulnerabilityAnswer } from './fake-vulnerabilities.ts';

export interface FakeToken {
  readonly login: string;
  readonly admin: boolean;
  readonly seesPrivate: boolean;
}

/** Answers instead of the fake; `times` how often, then no more. `before` changes the state first. */
export interface FakeFault {
  /** Of `METHOD path`. */
  readonly match: Pick<RegExp, 'test'>;
  times: number;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The body ends in the middle and the connection closes. */
  readonly cut?: boolean;
  readonly slowMs?: number;
  readonly before?: () => void;
}

export interface FakeState {
  readonly organisation: string;
  repositories: FakeRepository[];
  /** Login → kind of account, beside the owners of tokens. */
  users: Record<string, 'User' | 'Bot'>;
  tokens: Record<string, FakeToken>;
  /** Ruleset → who may bypass it; shown to administrators only. */
  bypass: Record<number, readonly unknown[]>;
  /** Commit → what the host makes of its signature. */
  signatures: Record<string, { isValid: boolean; state: string; wasSignedByGitHub: boolean } | null>;
  /** Commit → the pull requests that it belongs to. */
  pullRequests: Record<string, readonly unknown[]>;
  /** `name.git` → commit at its tip. */
  heads: Record<string, string>;
  /** Fine-grained tokens that open the organisation; an app alone may list them. */
  personalTokens?: readonly FakePersonalToken[];
  /** What people authorised for single sign-on; undefined: the organisation has none. */
  authorised?: readonly FakeAuthorised[];
  /** Who may see the organisation; they are shown to members and apps alone. */
  people: readonly FakePerson[];
  teams: readonly FakeTeam[];
  /** Machines of the organisation, and the groups that they are in; shown to administrators. */
  runners: readonly FakeRunner[];
  runnerGroups: readonly FakeRunnerGroup[];
  /** An app that is installed on the organisation: its number, what its key is known by, and how long its tokens live. */
  app?: { readonly id: string; readonly publicKey: KeyObject; readonly lifeMs: number };
  /** Digest → what is kept of it: a bundle, or the name of its file in a store of the host's. */
  attestations?: Readonly<Record<string, readonly (object | string)[]>>;
  /** Files of that store, packed as `name` says. */
  stored?: Readonly<Record<string, Buffer>>;
  pageSize: number;
  faults: FakeFault[];
}

export interface Exchanged {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<IncomingMessage['headers']>;
  readonly sent: unknown;
  status: number;
  answer: unknown;
}

export interface Fake {
  readonly url: string;
  readonly state: FakeState;
  /** Requests of the API, oldest first, with what was answered. */
  readonly exchanged: Exchanged[];
  /** Requests of git, as `METHOD path`. */
  readonly fetched: string[];
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const hidden: Reply = {
  status: 404,
  body: { message: 'Not Found', documentation_url: 'https://docs.example', status: '404' },
};
const refused = (wanted: string): Reply => ({
  status: 403,
  body: {
    message: 'Resource not accessible by personal access token',
    documentation_url: 'https://docs.example',
    status: '403',
  },
  headers: { 'x-accepted-github-permissions': wanted },
});

/** `root` holds the bare repositories, as `organisation/name.git`. */
export async function startFake(state: FakeState, root: string): Promise<Fake> {
  const exchanged: Exchanged[] = [];
  const fetched: string[] = [];
  let url = '';
  const server = createServer(async (request, response) => {
    const path = request.url ?? '/';
    if (path.startsWith('/store/')) {
      // Its addresses are secrets of their own; a credential beside them would be given away.
      const file = state.stored?.[path.slice('/store/'.length).split('?')[0] ?? ''];
      const status = request.headers.authorization !== undefined ? 400 : file === undefined ? 404 : 200;
      return response.writeHead(status).end(status === 200 ? file : undefined);
    }
    if (!path.startsWith('/api/')) {
      fetched.push(`${request.method} ${path}`);
      const [, password = ''] = Buffer.from(
        request.headers.authorization?.replace('Basic ', '') ?? '',
        'base64',
      )
        .toString()
        .split(':');
      const name = /^\/[^/]+\/([^/]+)\.git\//.exec(path)?.[1];
      const repository = state.repositories.find((each) => each.name === name);
      if (repository === undefined) return response.writeHead(404).end();
      const open = repository.private !== true || state.tokens[password]?.seesPrivate === true;
      return serveGit({ root, path: path.split('?')[0] ?? '', authorised: open, request, response });
    }
    const sent = await readJson(request);
    const record: Exchanged = {
      method: request.method ?? '',
      path: path.replace(/^\/api(\/v3)?/, ''),
      headers: request.headers,
      sent,
      status: 0,
      answer: null,
    };
    exchanged.push(record);
    const fault = state.faults.find(
      ({ match, times }) => times > 0 && match.test(`${record.method} ${record.path}`),
    );
    if (fault !== undefined) {
      fault.times--;
      fault.before?.();
      if (fault.slowMs !== undefined) await new Promise((done) => setTimeout(done, fault.slowMs));
      if (fault.status !== undefined)
        return send(record, response, {
          status: fault.status,
          body: fault.body ?? { message: 'fault' },
          ...(fault.headers && { headers: fault.headers }),
        });
    }
    const reply = answer(state, `${url}/api/v3`, request, record);
    if (fault?.cut === true) {
      const text = JSON.stringify(reply.body);
      response
        .writeHead(200, { 'content-length': String(text.length) })
        .write(text.slice(0, text.length / 2));
      return setTimeout(() => response.destroy(), 5);
    }
    return send(record, response, reply);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    state,
    exchanged,
    fetched,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

function send(record: Exchanged, response: ServerResponse, { status, body, headers }: Reply): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  const etag = `W/"${createHash('sha256').update(text).digest('hex').slice(0, 32)}"`;
  const fresh = status === 200 && record.method === 'GET' && record.headers['if-none-match'] === etag;
  record.status = fresh ? 304 : status;
  record.answer = fresh ? null : (body ?? null);
  response.writeHead(record.status, {
    'content-type': 'application/json; charset=utf-8',
    ...(status === 200 && record.method === 'GET' ? { etag } : {}),
    'x-ratelimit-remaining': '4000',
    ...headers,
  });
  response.end(fresh ? '' : text);
}

/** What the host says to one request, by who asks. */
function answer(state: FakeState, api: string, request: IncomingMessage, record: Exchanged): Reply {
  const bearer = request.headers.authorization?.replace('Bearer ', '');
  if (/^\/(app|orgs\/[^/]+\/installation|users\/[^/]+\/installation)(\/|$)/.test(record.path))
    return appReply(state, record, bearer ?? '');
  const token = bearer === undefined ? undefined : state.tokens[bearer];
  if (bearer !== undefined && token === undefined)
    return { status: 401, body: { message: 'Bad credentials' } };
  const { pathname, searchParams } = new URL(record.path, 'http://fake');
  const visible = state.repositories.filter((each) => each.private !== true || token?.seesPrivate === true);
  if (pathname === '/graphql') {
    return token === undefined
      ? { status: 401, body: { message: 'This endpoint requires you to be authenticated.' } }
      : { status: 200, body: answerQuery(state, visible, record.sent as Query, token) };
  }
  const [, area, owner = '', name, ...rest] = pathname.split('/').map(decodeURIComponent);
  const count = (isPrivate: boolean): number =>
    state.repositories.filter((each) => (each.private === true) === isPrivate).length;
  if (area === 'user') {
    if (token === undefined) return { status: 401, body: { message: 'Requires authentication' } };
    // The fake's people own nothing themselves.
    if (owner === 'repos') return { status: 200, body: [] };
    return {
      status: 200,
      body: userAnswer({ api, login: token.login, id: 7, type: 'User', repositories: 0, seesPrivate: 0 }),
      headers: { 'x-oauth-scopes': token.admin ? 'repo, read:org' : '' },
    };
  }
  if (area === 'users') {
    const type = state.users[owner];
    if (type !== undefined && name === 'repos') return { status: 200, body: [] };
    if (name !== undefined) return hidden;
    return type === undefined
      ? hidden
      : { status: 200, body: userAnswer({ api, login: owner, id: 8, type, repositories: 0 }) };
  }
  const account = accountAnswer(api, state.organisation, 9, 'Organization');
  if (area === 'orgs') {
    if (owner.toLowerCase() !== state.organisation.toLowerCase()) return hidden;
    if (name === undefined)
      return {
        status: 200,
        body: organisationAnswer({
          api,
          login: state.organisation,
          id: 9,
          publicRepos: count(false),
          privateRepos: token?.seesPrivate ? count(true) : undefined,
        }),
      };
    if (name === 'personal-access-tokens') {
      if (bearer?.startsWith('ghs_') !== true) return refused('organization_personal_access_tokens=read');
      return { status: 200, body: (state.personalTokens ?? []).map((one) => personalTokenAnswer(api, one)) };
    }
    if (name === 'credential-authorizations') {
      if (state.authorised === undefined || token === undefined) return hidden;
      return token.admin
        ? { status: 200, body: state.authorised.map(authorisedAnswer) }
        : refused('organization_administration=read');
    }
    const people = peopleReply(state, api, { asked: [name, ...rest], token, bearer, searchParams });
    if (people !== undefined) return people;
    if (name === 'secret-scanning') {
      if (token?.admin !== true) return hidden;
      return { status: 200, body: alertsOf(state, api, account, searchParams.get('is_bypassed') === 'true') };
    }
    if (name === 'dependabot')
      return token?.admin === true
        ? { status: 200, body: vulnerabilitiesOf(state, api, account) }
        : refused('dependabot_alerts=read');
    if (name === 'attestations') {
      if (token?.admin !== true) return hidden;
      return attestationsReply(state, api, rest[0] ?? '');
    }
    if (name === 'actions') return machinesReply(state, api, { asked: rest, admin: token?.admin === true });
    if (name !== 'repos') return hidden;
    const page = Number(searchParams.get('page') ?? 1);
    const from = (page - 1) * state.pageSize;
    searchParams.set('page', String(page + 1));
    const next =
      from + state.pageSize < visible.length
        ? { link: `<${api}${pathname}?${searchParams}>; rel="next"` }
        : {};
    const body = visible.slice(from, from + state.pageSize).map((each) =>
      repositoryAnswer({
        api,
        owner: account,
        repository: each,
        admin: token?.admin === true,
        whole: false,
      }),
    );
    return { status: 200, body, headers: next };
  }
  const repository = visible.find((each) => each.name === name);
  if (area !== 'repos' || repository === undefined) return hidden;
  const answered = (whole: boolean) =>
    repositoryAnswer({ api, owner: account, repository, admin: token?.admin === true, whole });
  const url = `${api}/repos/${owner}/${name}`;
  const listed = answered(false);
  return (
    answerRepository(state, { url, token, repository, rest, listed, searchParams }) ?? {
      status: 200,
      body: answered(true),
    }
  );
}

function vulnerabilitiesOf(
  { organisation, repositories }: FakeState,
  api: string,
  owner: ReturnType<typeof accountAnswer>,
): readonly object[] {
  return repositories.flatMap((repository) =>
    (repository.vulnerabilities ?? []).map((one) => ({
      ...vulnerabilityAnswer(`${api}/repos/${organisation}/${repository.name}`, one),
      repository: repositoryAnswer({ api, owner, repository, admin: true, whole: false }),
    })),
  );
}

/** Of a digest that nothing is kept of there is no answer; neither is there for whoever may not see it. */
function attestationsReply(
  { attestations = {}, repositories }: FakeState,
  api: string,
  asked: string,
): Reply {
  if (asked === 'repositories')
    return { status: 200, body: repositories.map(({ id, name }) => ({ id, name })) };
  const kept = attestations[asked];
  if (kept === undefined) return hidden;
  const store = `${new URL(api).origin}/store`;
  return {
    status: 200,
    body: {
      attestations: kept.map((one) => ({
        repository_id: 101,
        ...(typeof one === 'string'
          ? { bundle: null, bundle_url: `${store}/${one}?signature=x` }
          : { bundle: one }),
      })),
    },
  };
}

function alertsOf(
  { organisation, repositories }: FakeState,
  api: string,
  owner: ReturnType<typeof accountAnswer>,
  bypassed: boolean,
): readonly object[] {
  return repositories.flatMap((repository) =>
    (repository.alerts ?? [])
      .filter(({ bypassedBy }) => !bypassed || bypassedBy !== undefined)
      .map((alert) => ({
        ...alertAnswer(`${api}/repos/${organisation}/${repository.name}`, alert),
        repository: repositoryAnswer({ api, owner, repository, admin: true, whole: false }),
      })),
  );
}

/** What an app asks as itself: where it is installed, and for a token of an hour. */
function appReply(state: FakeState, { method, path }: Exchanged, jwt: string): Reply {
  const { app, organisation } = state;
  if (app === undefined || !isSignedBy(jwt, app)) {
    const message = 'A JSON web token could not be decoded';
    return { status: 401, body: { message, documentation_url: 'https://docs.example' } };
  }
  if (path.startsWith('/app/')) {
    if (method !== 'POST' || path !== '/app/installations/44/access_tokens') return hidden;
    const minted = Object.keys(state.tokens).filter((one) => one.startsWith('ghs_')).length;
    const token = ['ghs', `installed${minted}`.padEnd(36, 'x')].join('_');
    state.tokens[token] = { login: 'measures[bot]', admin: true, seesPrivate: true };
    const expires_at = new Date(Date.now() + app.lifeMs).toISOString();
    return { status: 201, body: { token, expires_at, permissions: APP_PERMISSIONS } };
  }
  const isOfUser = Object.keys(state.users).some((login) => path === `/users/${login}/installation`);
  return isOfUser || path === `/orgs/${organisation}/installation`
    ? { status: 200, body: installationAnswer(organisation, app.id, APP_PERMISSIONS) }
    : hidden;
}

const APP_PERMISSIONS = { administration: 'read', contents: 'read', members: 'read' };

function isSignedBy(jwt: string, { id, publicKey }: NonNullable<FakeState['app']>): boolean {
  const [head = '', claims = '', signature = ''] = jwt.split('.');
  if (!verify('RSA-SHA256', Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, 'base64url')))
    return false;
  const { iss, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const now = Date.now() / 1000;
  return iss === id && iat <= now && exp > now && exp - iat <= 600;
}

interface AskedOfOrganisation {
  readonly asked: readonly string[];
  readonly token: FakeToken | undefined;
  readonly bearer: string | undefined;
  readonly searchParams: URLSearchParams;
}

/** Members, outside collaborators and teams; undefined where something else is asked for. */
function peopleReply(
  state: FakeState,
  api: string,
  { asked, token, bearer, searchParams }: AskedOfOrganisation,
): Reply | undefined {
  const { people, teams } = state;
  const own = people.find(({ login }) => login === token?.login);
  const isApp = bearer?.startsWith('ghs_') === true;
  const isInside = isApp || (own !== undefined && own.role !== 'outside');
  const isOwner = own?.role === 'admin';
  const answers = (found: readonly FakePerson[]): Reply => ({
    status: 200,
    body: found.map(({ id, login }) => accountAnswer(api, login, id)),
  });
  const [list, slug, of] = asked;
  if (list === 'members' || list === 'outside_collaborators') {
    if (list === 'outside_collaborators' && !isInside) return hidden;
    const filter = searchParams.get('filter');
    const step = filter === '2fa_disabled' ? 'none' : filter === '2fa_insecure' ? 'sms' : undefined;
    if (step !== undefined && !isOwner)
      return {
        status: 422,
        body: { message: 'Only owners can use this filter.', documentation_url: 'https://docs.example' },
      };
    const role = searchParams.get('role') ?? 'all';
    return answers(
      people.filter(
        (one) =>
          isInside &&
          (one.role === 'outside') === (list === 'outside_collaborators') &&
          (role === 'all' || one.role === role) &&
          (step === undefined || one.secondStep === step),
      ),
    );
  }
  if (list !== 'teams') return undefined;
  if (!isInside) return refused('members=read');
  if (slug === undefined) return { status: 200, body: teams.map((team) => teamAnswer(api, team, teams)) };
  const team = teams.find((one) => one.slug === slug);
  if (team === undefined) return hidden;
  const below = (id: number): readonly FakeTeam[] =>
    teams.filter(({ parent }) => parent === id).flatMap((one) => [one, ...below(one.id)]);
  const logins = [team, ...below(team.id)].flatMap(({ members }) => members);
  if (of === 'members') return answers(people.filter(({ login }) => logins.includes(login)));
  const organisation = accountAnswer(api, state.organisation, 9, 'Organization');
  return {
    status: 200,
    body: state.repositories
      .filter(({ name }) => Object.hasOwn(team.repositories, name))
      .map((repository) => ({
        ...repositoryAnswer({ api, owner: organisation, repository, admin: false, whole: false }),
        permissions: { admin: team.repositories[repository.name] === true, push: true, pull: true },
      })),
  };
}

function machinesReply(
  { organisation, repositories, runners, runnerGroups }: FakeState,
  api: string,
  { asked, admin }: { readonly asked: readonly string[]; readonly admin: boolean },
): Reply {
  if (!admin) return refused('organization_self_hosted_runners=read');
  const [list, id] = asked;
  const body =
    list === 'runners'
      ? runnersAnswer(runners)
      : id === undefined
        ? runnerGroupsAnswer(`${api}/orgs/${organisation}/actions/runner-groups`, runnerGroups)
        : openedTo(
            api,
            organisation,
            repositories.filter(({ name }) =>
              runnerGroups.find((group) => group.id === Number(id))?.repositories?.includes(name),
            ),
          );
  return { status: 200, body };
}

function openedTo(api: string, organisation: string, repositories: readonly FakeRepository[]) {
  const owner = accountAnswer(api, organisation, 9, 'Organization');
  return {
    total_count: repositories.length,
    repositories: repositories.map((repository) =>
      repositoryAnswer({ api, owner, repository, admin: true, whole: false }),
    ),
  };
}

interface AskedOfRepository {
  readonly url: string;
  readonly token: FakeToken | undefined;
  readonly repository: FakeRepository;
  readonly rest: readonly string[];
  /** As other answers name it. */
  readonly listed: ReturnType<typeof repositoryAnswer>;
  readonly searchParams: URLSearchParams;
}

function answerRepository(
  state: FakeState,
  { url, token, repository, rest, listed, searchParams }: AskedOfRepository,
): Reply | undefined {
  const source = `${state.organisation}/${repository.name}`;
  const admin = token?.admin === true;
  if (rest[1] === 'rule-suites') {
    if (!admin) return refused('administration=read');
    const { suites = [] } = repository;
    if (rest[2] === undefined) return { status: 200, body: suitesAnswer(repository, suites, searchParams) };
    const suite = suites.find(({ id }) => id === Number(rest[2]));
    return suite === undefined ? hidden : { status: 200, body: suiteAnswer(repository, suite) };
  }
  const place = rest.map((part, index) => (/^(branches|rulesets)$/.test(rest[index - 1] ?? '') ? '*' : part));
  switch (place.join('/')) {
    case '':
      return undefined;
    case 'branches/*':
      if (repository.branch !== rest[1]) return { status: 404, body: { message: 'Branch not found' } };
      return {
        status: 200,
        body: branchAnswer(
          url,
          rest[1] ?? '',
          state.heads[repository.name] ?? '',
          repository.classic !== undefined || (repository.rules ?? []).length > 0,
        ),
      };
    case 'branches/*/protection':
      if (token === undefined) return hidden;
      if (!admin) return refused('administration=read');
      if (repository.classic === undefined) return { status: 404, body: { message: 'Branch not protected' } };
      return {
        status: 200,
        body: protectionAnswer(`${url}/branches/${rest[1]}/protection`, repository.classic),
      };
    case 'rules/branches/*':
    case 'rules/branches':
      return { status: 200, body: (repository.rules ?? []).map((rule) => ruleAnswer(rule, source)) };
    case 'rulesets/*':
      return {
        status: 200,
        body: rulesetAnswer(
          Number(rest[1]),
          source,
          admin ? (state.bypass[Number(rest[1])] ?? []) : undefined,
        ),
      };
    case 'secret-scanning/alerts':
      if (token === undefined) return hidden;
      return admin
        ? { status: 200, body: (repository.alerts ?? []).map((alert) => alertAnswer(url, alert)) }
        : refused('secret_scanning_alerts=read');
    case 'dependabot/alerts':
      if (!admin) return refused('dependabot_alerts=read');
      return repository.vulnerabilities === undefined
        ? { status: 403, body: { message: 'Dependabot alerts are disabled for this repository.' } }
        : { status: 200, body: repository.vulnerabilities.map((one) => vulnerabilityAnswer(url, one)) };
    case 'keys':
      if (token === undefined) return hidden;
      return admin
        ? { status: 200, body: (repository.keys ?? []).map((key) => deployKeyAnswer(url, key)) }
        : hidden;
    case 'environments':
      if (token === undefined && repository.private === true) return hidden;
      return {
        status: 200,
        body: {
          total_count: repository.environments?.length ?? 0,
          environments: (repository.environments ?? []).map((one) => environmentAnswer(url, one)),
        },
      };
    case `environments/${rest[1]}/deployment-branch-policies`: {
      const environment = repository.environments?.find(({ name }) => name === rest[1]);
      return environment === undefined ? hidden : { status: 200, body: branchPoliciesAnswer(environment) };
    }
    case 'branches': {
      const isProtected = repository.classic !== undefined || (repository.rules ?? []).length > 0;
      const { name: branch } = { name: repository.branch ?? 'main' };
      const commit = { sha: state.heads[repository.name] ?? '', url };
      return { status: 200, body: isProtected ? [{ name: branch, commit, protected: true }] : [] };
    }
    case 'actions/runners':
      return admin
        ? { status: 200, body: runnersAnswer(repository.runners ?? []) }
        : refused('administration=read');
    case `actions/runs/${rest[2]}/jobs`:
      if (token === undefined && repository.private === true) return hidden;
      return { status: 200, body: runJobsAnswer(url, repository.runs ?? [], Number(rest[2])) };
    case 'actions/runs':
      if (token === undefined && repository.private === true) return hidden;
      return { status: 200, body: runsAnswer(listed, repository.runs ?? []) };
    case 'codeowners/errors':
      return { status: 200, body: codeownersAnswer(repository.unknownOwners ?? []) };
    default:
      return hidden;
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  const text = Buffer.concat(parts).toString();
  return text === '' ? undefined : JSON.parse(text);
}
