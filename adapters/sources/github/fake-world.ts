/** A whole organisation on the fake, and a way to scan it: what the tests of the source and conformance start from. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Collection, Observation, Statement } from '@macadam/core/facts/observation';
import { commitFiles, makeRepository } from '../fake-git.ts';
import type { CollectRequest } from '../port.ts';
import { type Fake, type FakeFault, type FakeState, startFake } from './fake.ts';
import { mirrorsIn } from './files.ts';
import { source } from './source.ts';

// Put together at run time, so that no scanner takes them for tokens.
export const OWNER = ['ghp', 'owner'.repeat(7)].join('_');
export const MEMBER = ['ghp', 'member'.repeat(6)].join('_');

export interface World {
  readonly fake: Fake;
  readonly state: FakeState;
  readonly cache: string;
  readonly root: string;
  request(options?: ScanOptions): CollectRequest;
  scan(options?: ScanOptions): Promise<Seen>;
  close(): Promise<void>;
}

export interface ScanOptions {
  readonly token?: string | undefined;
  readonly targets?: readonly string[];
  readonly excludes?: readonly string[];
  readonly options?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Seen {
  readonly collection: Collection;
  readonly observations: readonly Observation[];
  /** Statements of a repository, by its short name. */
  of(name: string): Readonly<Record<string, Statement>>;
  codes(): string[];
}

/**
 * An organisation of four repositories: strict, plain, private and empty, two a page. `fetched`: the cache has what an earlier collection fetched, so
 * that git is started where something was pushed since and nowhere else.
 */
export async function fakeWorld({ fetched = false } = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'github-'));
  const root = join(folder, 'host');
  const cache = join(folder, 'cache');
  const heads: Record<string, string> = {};
  const make = (name: string, directory: string): string =>
    makeRepository(directory, 'main', { 'README.md': `# ${name}\n` });
  for (const name of ['strict', 'plain', 'secret'])
    heads[name] = make(name, join(root, 'acme', `${name}.git`));
  const state: FakeState = {
    organisation: 'acme',
    repositories: [
      {
        id: 101,
        name: 'strict',
        branch: 'main',
        analysis: { pushProtection: true, scanning: true },
        classic: {
          required_pull_request_reviews: {
            required_approving_review_count: 1,
            require_code_owner_reviews: true,
            dismiss_stale_reviews: true,
          },
          enforce_admins: { enabled: true },
          allow_force_pushes: { enabled: false },
          allow_deletions: { enabled: false },
        },
      },
      { id: 102, name: 'plain', branch: 'main', analysis: { pushProtection: false, scanning: false } },
      {
        id: 103,
        name: 'secret',
        private: true,
        branch: 'main',
        analysis: { pushProtection: true, scanning: true },
      },
      { id: 104, name: 'empty', archived: true, analysis: { pushProtection: false, scanning: false } },
    ],
    users: {},
    people: [
      { id: 7, login: 'ada', role: 'admin', secondStep: 'key' },
      { id: 8, login: 'bob', role: 'member', secondStep: 'key' },
    ],
    teams: [],
    runners: [],
    runnerGroups: [],
    tokens: {
      [OWNER]: { login: 'ada', admin: true, seesPrivate: true },
      [MEMBER]: { login: 'bob', admin: false, seesPrivate: false },
    },
    bypass: {},
    signatures: {},
    pullRequests: {},
    heads,
    pageSize: 2,
    faults: [],
  };
  const fake = await startFake(state, root);
  const mirrors = mirrorsIn(cache, new URL(fake.url).host);
  if (fetched)
    for (const { id, name } of state.repositories) if (name in heads) make(name, join(mirrors, `${id}.git`));
  const close = async (): Promise<void> => {
    await fake.close();
    await rm(folder, { recursive: true, force: true });
  };
  const request = (asked: ScanOptions = {}): CollectRequest => {
    const token = 'token' in asked ? asked.token : OWNER;
    return {
      targets: asked.targets ?? ['acme'],
      options: { url: fake.url, ...asked.options },
      view: 'head',
      excludes: (asked.excludes ?? []).map((pattern) => ({ pattern, stated: 'macadam.yaml:2' })),
      parameters: {},
      cacheDirectory: cache,
      environment: {
        PATH: process.env.PATH,
        ...(token === undefined ? {} : { GITHUB_TOKEN: token }),
        ...asked.environment,
      },
      now: () => new Date(),
      ...(asked.signal && { signal: asked.signal }),
    };
  };
  const scan = async (asked: ScanOptions = {}): Promise<Seen> => {
    const observations: Observation[] = [];
    const collection = await source.collect(
      request(asked),
      (observation) => observations.push(observation),
      () => {},
    );
    return {
      collection,
      observations,
      of: (name) => {
        const found = observations.find((each) => each.name === `acme/${name}`);
        if (found === undefined) throw new Error(`acme/${name} was not seen`);
        return found.attributes;
      },
      codes: () => collection.problems.map(({ code }) => code).sort(),
    };
  };
  return { fake, state, cache, root, request, scan, close };
}

/** Something of all that the source reads, so that each permission shows something. */
export function fillSample({ state, root }: Pick<World, 'state' | 'root'>): void {
  const [strict, plain] = state.repositories;
  if (strict === undefined || plain === undefined) throw new Error('the world has no repositories');
  strict.alerts = [{ number: 2, bypassedBy: 'ada' }];
  plain.vulnerabilities = [{ number: 4, severity: 'high', scope: 'runtime', fixedIn: '1.3.1' }];
  strict.keys = [{ id: 7, title: 'mirror', createdAt: '2019-03-04T05:06:07Z' }];
  plain.rules = [{ type: 'deletion', ruleset_id: 5 }];
  state.bypass[5] = [{ actor_id: 31, actor_type: 'Team', bypass_mode: 'always' }];
  plain.suites = [
    {
      id: 21,
      by: 'ada',
      at: '2026-10-20T08:43:03Z',
      commit: 'dedd88641a362b6b4ea872da4847d6131a164d01',
      branch: 'main',
      result: 'bypass',
      evaluations: [{ rule: 'deletion', enforcement: 'active', result: 'fail' }],
    },
  ];
  state.users.ada = 'User';
  state.authorised = [{ id: 1, login: 'ada', type: 'SSH key', at: '2020-01-02T03:04:05Z' }];
  state.people = [...state.people, { id: 13, login: 'eve', role: 'outside', secondStep: 'none' }];
  state.teams = [{ id: 31, slug: 'platform', members: ['bob'], repositories: { strict: true } }];
  state.heads.plain = commitFiles(join(root, 'acme/plain.git'), 'main', {
    CODEOWNERS: '* @ada\n',
    '.github/workflows/deploy.yml':
      'on: push\njobs:\n  ship:\n    environment: production\n    runs-on: [self-hosted]\n    steps:\n      - run: make\n',
    '.github/workflows/release.yml':
      'on: push\njobs:\n  release:\n    uses: acme/templates/.github/workflows/release.yml@v1\n',
  });
  plain.environments = [
    { name: 'production', branches: [{ name: 'main', type: 'branch' }] },
    { name: 'protected', branches: 'protected' },
  ];
  const labels = ['self-hosted'];
  plain.runners = [{ id: 9, name: 'own', labels, ephemeral: true }];
  state.runners = [{ id: 1, name: 'shared', group: 1, labels, ephemeral: false }];
  state.runnerGroups = [
    { id: 1, name: 'some', visibility: 'selected', allowsPublic: true, repositories: ['plain'] },
  ];
  plain.runs = [
    {
      path: '.github/workflows/release.yml',
      event: 'push',
      referenced: [],
      jobs: [{ name: 'release / build', labels: ['ubuntu-latest'], group: 'GitHub Actions' }],
    },
  ];
}

/** An answer to whoever may not ask for what is at this path, which has `{name}` for names. */
export function refusalOf(path: string): FakeFault {
  const parts = path.split('/');
  const fits = (asked: string): boolean => {
    const [method, address = ''] = asked.split(' ');
    const named = (address.split('?')[0] ?? '').split('/');
    return (
      method === 'GET' &&
      named.length === parts.length &&
      parts.every((part, index) => part === named[index] || part.startsWith('{'))
    );
  };
  return {
    match: { test: fits },
    times: 99,
    status: 403,
    body: { message: 'Resource not accessible by personal access token' },
  };
}
