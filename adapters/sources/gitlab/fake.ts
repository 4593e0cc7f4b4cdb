/**
 * A GitLab of a few projects, for tests: it judges every request by path and query, gives pages by `Link`, serves the repositories by
 * git's own backend, and can be told to limit and to be without a permission. Paths and fields are those of the host's documented answers.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ENDPOINTS } from '../../imports/directories/gitlab/description.ts';
import { GITLAB } from '../../imports/directories/gitlab/dialect.ts';
import { makeRepository, serveGit } from '../fake-git.ts';

export type GitlabRecord = Readonly<Record<string, unknown>>;

export interface FakeGitlab {
  readonly url: string;
  readonly token: string;
  /** Address below the API → its items; a record for what is no list. */
  readonly lists: Map<string, readonly GitlabRecord[] | GitlabRecord | null>;
  readonly permissions: Set<string>;
  readonly requests: string[];
  /** What the fake found wrong with requests: empty when all were right. */
  readonly refusals: string[];
  /** Paths that answer 429 once, with how long to wait in seconds. */
  readonly limited: Map<string, string>;
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const PAGE = 2;

const COMMON = ['per_page', 'page'];
/** Query parameters that lists of each path take. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  '/projects': [...COMMON, 'order_by', 'sort', 'pagination', 'id_after'],
  '/groups': [...COMMON, 'order_by', 'sort', 'all_available', 'with_projects'],
  '/users': [...COMMON, 'order_by', 'sort'],
  '/groups/{id}/projects': [...COMMON, 'include_subgroups', 'with_shared', 'order_by', 'sort'],
  '/groups/{id}/descendant_groups': [...COMMON, 'order_by', 'sort'],
};

export const allPermissions = (): readonly string[] => [
  ...new Set(ENDPOINTS.map(({ permission }) => permission)),
];

/** `repositories` is a folder for bare repositories. */
export async function fakeGitlab(repositories: string, token: string): Promise<FakeGitlab> {
  const requests: string[] = [];
  const refusals: string[] = [];
  const limited = new Map<string, string>();
  const permissions = new Set(allPermissions());
  const lists: FakeGitlab['lists'] = new Map();

  function answer(request: IncomingMessage): Answer {
    const asked = new URL(request.url ?? '', base());
    if (request.headers.authorization !== `Bearer ${token}`)
      return { status: 401, body: { message: '401 Unauthorized' } };
    const place = GITLAB.answers.addressOf(asked.href);
    const byPath = /^\/api\/v4\/groups\/([^/]*[^\d/][^/]*)$/.exec(asked.pathname)?.[1];
    const resolved = place === null ? null : GITLAB.resolve(place.address);
    if (byPath !== undefined) return groupBy(decodeURIComponent(byPath));
    if (place === null || resolved === null || request.method !== 'GET') {
      refusals.push(`${request.method} ${asked.pathname} is not described`);
      return { status: 404, body: { error: '404 Not Found' } };
    }
    const odd = [...asked.searchParams.keys()].find(
      (name) => !(PARAMETERS[resolved.template] ?? COMMON).includes(name),
    );
    if (odd !== undefined) refusals.push(`${resolved.template} takes no ${odd}`);
    const wait = limited.get(place.address);
    if (limited.delete(place.address))
      return { status: 429, body: { message: 'Retry later' }, headers: { 'retry-after': wait ?? '1' } };
    if (!permissions.has(GITLAB.permissionOf(resolved.template)))
      return { status: 403, body: { message: '403 Forbidden' } };
    const found = lists.get(place.address);
    if (found === undefined)
      return { status: 200, body: GITLAB.singletons.has(resolved.template) ? null : [] };
    if (!Array.isArray(found)) return { status: 200, body: found };
    return asked.searchParams.get('pagination') === 'keyset' ? keyset(found, asked) : page(found, asked);
  }

  function groupBy(path: string): Answer {
    const group = (lists.get('/groups') as readonly GitlabRecord[]).find(
      ({ full_path: full }) => full === path,
    );
    return group === undefined || !permissions.has('read_api of a member')
      ? { status: 404, body: { message: '404 Group Not Found' } }
      : { status: 200, body: group };
  }

  const linked = (items: readonly GitlabRecord[], next: URL | null): Answer => ({
    status: 200,
    body: items,
    headers: next === null ? { link: '' } : { link: `<${next.href}>; rel="next"` },
  });

  function page(held: readonly GitlabRecord[], asked: URL): Answer {
    const number = Number(asked.searchParams.get('page') ?? 1);
    const next = new URL(asked);
    next.searchParams.set('page', String(number + 1));
    return linked(held.slice((number - 1) * PAGE, number * PAGE), number * PAGE < held.length ? next : null);
  }

  function keyset(held: readonly GitlabRecord[], asked: URL): Answer {
    const after = Number(asked.searchParams.get('id_after') ?? 0);
    const rest = held.filter(({ id }) => Number(id) > after);
    const next = new URL(asked);
    next.searchParams.set('id_after', String(rest[PAGE - 1]?.id));
    return linked(rest.slice(0, PAGE), rest.length > PAGE ? next : null);
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    requests.push(`${request.method} ${request.url}`);
    const [path = ''] = (request.url ?? '').split('?');
    if (path.includes('.git/')) {
      const basic = Buffer.from(String(request.headers.authorization).replace('Basic ', ''), 'base64');
      const isKnown = basic.toString().endsWith(`:${token}`) && permissions.has('read_repository');
      void serveGit({ root: repositories, path, authorised: isKnown, request, response });
      return;
    }
    const { status, body, headers = {} } = answer(request);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const base = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: base(),
    token,
    lists,
    permissions,
    requests,
    refusals,
    limited,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

const user = (id: number, username: string, more: GitlabRecord = {}): GitlabRecord => ({
  id,
  username,
  name: username,
  state: 'active',
  is_admin: false,
  bot: false,
  ...more,
});

const member = (id: number, username: string, level: number, more: GitlabRecord = {}): GitlabRecord => ({
  ...user(id, username),
  access_level: level,
  created_at: '2026-01-05T10:00:00.000Z',
  expires_at: null,
  ...more,
});

const group = (id: number, path: string): GitlabRecord => ({
  id,
  name: path,
  full_path: path,
  runners_token: `runners-token-${id}-hush-wren`,
});

const project = (id: number, path: string, more: GitlabRecord = {}): GitlabRecord => ({
  id,
  name: path,
  path_with_namespace: path,
  web_url: `https://gitlab.example.com/${path}`,
  default_branch: 'main',
  empty_repo: false,
  archived: false,
  visibility: 'private',
  only_allow_merge_if_pipeline_succeeds: true,
  runners_token: `runners-token-${id}-hush-wren`,
  ...more,
});

const token = (id: number, name: string, more: GitlabRecord = {}): GitlabRecord => ({
  id,
  name,
  revoked: false,
  active: true,
  scopes: ['read_api'],
  user_id: 1,
  created_at: '2026-09-01T00:00:00.000Z',
  expires_at: '2026-12-01',
  ...more,
});

const NOBODY = [{ id: 1, access_level: 0, user_id: null, group_id: null, deploy_key_id: null }];
const MAINTAINERS = [{ id: 2, access_level: 40, user_id: null, group_id: null, deploy_key_id: null }];

/** Two groups, one inside of the other, with three projects, one of them empty, and a project of somebody else. */
export function fillSample(fake: FakeGitlab, repositories: string): void {
  for (const [address, held] of sampleLists()) fake.lists.set(address, held);
  const pipeline = 'test:\n  image: node:24\n  script: [npm test]\n';
  makeRepository(join(repositories, 'north/app.git'), 'main', {
    'README.md': '# app\n',
    '.gitlab-ci.yml': pipeline,
  });
  makeRepository(join(repositories, 'north/tools/site.git'), 'trunk', { 'README.md': '# site\n' });
  makeRepository(join(repositories, 'ann/own.git'), 'main', { 'README.md': '# own\n' });
}

/** What that host answers, by address. */
export function sampleLists(): FakeGitlab['lists'] {
  const lists: FakeGitlab['lists'] = new Map();
  const inNorth = [
    project(11, 'north/app'),
    project(12, 'north/tools/site', { default_branch: 'trunk', visibility: 'internal' }),
    project(13, 'north/empty', { default_branch: null, empty_repo: true }),
  ];
  const set = (address: string, held: readonly GitlabRecord[] | GitlabRecord | null): void =>
    void lists.set(address, held);
  set('/user', user(1, 'measurer', { is_admin: true }));
  set('/metadata', { version: '18.4.0-ee', enterprise: true });
  set('/users', [
    user(1, 'measurer', { is_admin: true }),
    user(2, 'ann'),
    user(3, 'bo', { state: 'blocked' }),
    user(4, 'project_11_bot_8c1', { bot: true }),
  ]);
  set('/groups', [group(1, 'north'), group(2, 'north/tools')]);
  set('/projects', [...inNorth, project(14, 'ann/own')]);
  set('/groups/1/projects', inNorth);
  set('/groups/1/descendant_groups', [group(2, 'north/tools')]);
  set('/groups/1/members/all', [
    member(1, 'measurer', 30),
    member(2, 'ann', 50),
    member(3, 'bo', 30, { state: 'blocked' }),
  ]);
  set('/groups/1/members', [member(1, 'measurer', 30), member(2, 'ann', 50)]);
  set('/groups/2/members', [member(3, 'bo', 40, { expires_at: '2026-11-20' })]);
  set('/projects/11/members', [member(4, 'project_11_bot_8c1', 40), member(3, 'bo', 30)]);
  set('/personal_access_tokens', [token(21, 'laptop', { expires_at: null })]);
  set('/projects/11/access_tokens', [
    token(22, 'deploy'),
    token(23, 'old', { active: false, revoked: true }),
  ]);
  set('/groups/1/access_tokens', [token(24, 'mirror', { expires_at: '2026-10-01' })]);
  set('/projects/11/deploy_keys', [
    {
      id: 31,
      title: 'target',
      key: 'ssh-ed25519 AAAA',
      created_at: '2025-01-01T00:00:00.000Z',
      expires_at: null,
      can_push: true,
    },
  ]);
  set('/projects/11/deploy_tokens', [
    {
      id: 41,
      name: 'registry',
      username: 'x',
      expires_at: '2027-01-01T00:00:00.000Z',
      revoked: false,
      expired: false,
    },
  ]);
  set('/projects/11/protected_branches', [
    {
      id: 51,
      name: 'main',
      push_access_levels: NOBODY,
      merge_access_levels: MAINTAINERS,
      allow_force_push: false,
      code_owner_approval_required: true,
    },
  ]);
  set('/projects/12/protected_branches', [
    {
      id: 52,
      name: 'tr*',
      push_access_levels: MAINTAINERS,
      merge_access_levels: MAINTAINERS,
      allow_force_push: true,
      code_owner_approval_required: false,
    },
  ]);
  set('/projects/11/push_rule', { id: 61, reject_unsigned_commits: true, prevent_secrets: true });
  set('/projects/11/approval_rules', [
    {
      id: 71,
      name: 'All',
      rule_type: 'any_approver',
      approvals_required: 2,
      applies_to_all_protected_branches: true,
      protected_branches: [],
    },
    {
      id: 72,
      name: 'Scan',
      rule_type: 'report_approver',
      approvals_required: 9,
      applies_to_all_protected_branches: true,
      protected_branches: [],
    },
  ]);
  set('/projects/11/merge_request_approval_setting', {
    allow_author_approval: { value: false, locked: false, inherited_from: null },
    allow_overrides_to_approver_list_per_merge_request: {
      value: false,
      locked: true,
      inherited_from: 'group',
    },
  });
  set('/projects/11/security_settings', { project_id: 11, secret_push_protection_enabled: true });
  set('/projects/12/security_settings', { project_id: 12, pre_receive_secret_detection_enabled: false });
  const event = (id: number, name: string, more: GitlabRecord = {}) => ({
    id,
    author_id: 2,
    entity_id: 11,
    entity_type: 'Project',
    details: {
      event_name: name,
      author_name: 'hush-wren',
      custom_message: 'hush-wren',
      ip_address: '192.0.2.1',
    },
    created_at: `2026-10-0${id - 80}T08:00:00.000Z`,
    ...more,
  });
  set('/projects/11/audit_events', [
    event(81, 'skip_secret_push_protection'),
    event(82, 'project_archived'),
    event(83, 'spp_too_many_lines', { author_id: -1 }),
    event(84, 'project_security_exclusion_applied'),
  ]);
  return lists;
}
