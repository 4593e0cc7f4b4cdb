/** A whole organisation on the fake, and a way to scan it: what the tests of the source and conformance start from. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Collection, Observation, Statement } from '@macadam/core/facts/observation';
import { makeRepository } from '../fake-git.ts';
import type { CollectRequest } from '../port.ts';
import { type Fake, type FakeState, startFake } from './fake.ts';
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

/** An organisation of four repositories: strict, plain, private and empty, two a page. */
export async function fakeWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'github-'));
  const root = join(folder, 'host');
  const cache = join(folder, 'cache');
  const heads: Record<string, string> = {};
  for (const name of ['strict', 'plain', 'secret']) {
    heads[name] = makeRepository(join(root, 'acme', `${name}.git`), 'main', { 'README.md': `# ${name}\n` });
  }
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
