/**
 * The answers that GitLab and a client library document, given by a host over the network: nothing is thrown, every observation fits its
 * kind, and what cannot be read says so. There is no description of the whole API to hold requests against.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fakeGitlab, fillSample, type GitlabRecord } from '@macadam/adapters/sources/gitlab/fake';
import { source } from '@macadam/adapters/sources/gitlab/source';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import { z } from 'zod';
import type { Case } from '../../suite.ts';

const answer = z.object({ endpoint: z.string(), status: z.number(), body: z.unknown() });
const PROJECT = '11';
const GROUP = '1';

export const gitlabCases = (
  vectors: string,
  misfitsOf: (one: Observation) => readonly string[],
): readonly Case[] => [
  {
    id: 'gitlab documented answers over the network',
    run: async () => {
      const { observations, collection, refusals } = await asked(
        join(vectors, 'directories/gitlab/examples'),
      );
      const [refused] = refusals;
      if (refused !== undefined) return refused;
      const misfit = observations.flatMap(misfitsOf)[0];
      if (misfit !== undefined) return misfit;
      const failed = collection.problems.find(({ cause }) => cause === 'failed');
      if (failed !== undefined) return failed.message;
      const protection = observations.find(({ kind, attributes }) => {
        const path = kind === 'repository' ? attributes.path : undefined;
        return path !== undefined && 'value' in path && path.value === PROJECT;
      })?.attributes.default_branch_protection;
      return protection !== undefined && 'value' in protection
        ? null
        : `the documented protection is ${JSON.stringify(protection)}`;
    },
  },
];

interface Asked {
  readonly refusals: readonly string[];
  readonly observations: readonly Observation[];
  readonly collection: Collection;
}

async function asked(folder: string): Promise<Asked> {
  const work = mkdtempSync(join(tmpdir(), 'macadam-gitlab-answers-'));
  const repositories = join(work, 'repositories');
  const fake = await fakeGitlab(repositories, 'a-token');
  try {
    fillSample(fake, repositories);
    for (const [address, body] of documented(folder)) fake.lists.set(address, body);
    const observations: Observation[] = [];
    const collection = await source.collect(
      {
        targets: [fake.url],
        options: {},
        view: 'head',
        excludes: [],
        parameters: {},
        cacheDirectory: join(work, 'cache'),
        environment: { PATH: process.env.PATH, GITLAB_TOKEN: 'a-token' },
        now: () => new Date('2026-11-01T00:00:00Z'),
      },
      (one) => observations.push(one),
      () => {},
    );
    return { refusals: fake.refusals, observations, collection };
  } finally {
    await fake.close();
    rmSync(work, { recursive: true, force: true });
  }
}

/** What stands below a project or a group is given to one of the sample; of several answers to one request the first that is a list. */
function documented(folder: string): ReadonlyMap<string, readonly GitlabRecord[] | GitlabRecord | null> {
  const lists = new Map<string, readonly GitlabRecord[] | GitlabRecord | null>();
  // What GitLab itself writes comes first.
  for (const file of readdirSync(folder).toSorted().toReversed()) {
    const { endpoint, status, body } = answer.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
    const [, noun, id, ...rest] = endpoint.split('/');
    if (status !== 200 || rest.some((part) => part.startsWith(':'))) continue;
    const address =
      noun === 'projects' && id?.startsWith(':')
        ? `/projects/${PROJECT}/${rest.join('/')}`
        : noun === 'groups' && id?.startsWith(':')
          ? `/groups/${GROUP}/${rest.join('/')}`
          : endpoint;
    if (rest.length === 0 && !Array.isArray(body) && endpoint !== '/metadata') continue;
    if (!lists.has(address)) lists.set(address, body as GitlabRecord);
  }
  return lists;
}
