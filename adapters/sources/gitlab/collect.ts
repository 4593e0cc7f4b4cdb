/**
 * Groups and hosts of GitLab by its REST API and by git, read only. What the API answers is turned into observations by the reader of
 * saved answers; the files of each project are read as those of any repository.
 */
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Collection, Observation, Partition, Problem } from '@macadam/core/facts/observation';
import type { NoAnswer } from '../../connector/outcome.ts';
import { inParallel } from '../../connector/pool.ts';
import { GITLAB } from '../../imports/directories/gitlab/dialect.ts';
import { numberOf, projectsIn } from '../../imports/directories/gitlab/projects.ts';
import { readGitlab } from '../../imports/directories/gitlab/read.ts';
import { gapOf, isWhole } from '../../imports/directories/listing.ts';
import { askedFolder } from '../../imports/directories/reading.ts';
import type { SavedLists } from '../../imports/directories/saved-lists.ts';
import { type CollectedTargets, collectEach, connectTo, requestBudget } from '../collected.ts';
import { excluder } from '../exclusion.ts';
import type { CollectRequest, Progress } from '../port.ts';
import { withEnvironment } from '../stated-environment.ts';
import { credentialMissing, tokenOf, variableOf } from '../token.ts';
import { type GitlabAddress, gitlabAt } from './credential.ts';
import { answersOf, type Group, groupAt } from './lists.ts';
import { type ListedProject, readProject } from './project.ts';

/** git fetches beside the requests. */
const AT_ONCE = 4;
const TOKEN = 'GITLAB_TOKEN';

export async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
  report: (progress: Progress) => void,
): Promise<Collection> {
  const { options } = request;
  const hosts = hostsOf(request.targets);
  const budget = requestBudget(options.budget);
  const asked = {
    source: 'gitlab',
    request,
    targets: hosts,
    nameOf: ({ host }: AskedHost) => host,
    query: request.targets.join(' '),
    emit: withEnvironment(options.environment, emit),
    // Of each host it is told how many of its projects were read.
    report: () => {},
  };
  return collectEach(asked, async (host, collected) => {
    const token = tokenOf(TOKEN, host.host, hosts.length, request.environment);
    if (token !== undefined) return collectHost({ request, host, token, collected, report, budget });
    collected.unread(
      credentialMissing(
        `token for the host ${host.host}`,
        `set ${variableOf(TOKEN, host.host)} to a token with read_api and read_repository`,
      ),
    );
  });
}

/** A host, with the groups of it that are asked for; null for all of it. */
interface AskedHost {
  readonly web: string;
  readonly host: string;
  readonly groups: readonly string[] | null;
}

function hostsOf(targets: readonly string[]): readonly AskedHost[] {
  if (targets.length === 0) throw new TypeError('the gitlab source needs the address of a host or a group');
  const byHost = Map.groupBy(targets.map(gitlabAt), ({ web }) => web);
  return [...byHost].map(([web, addresses]): AskedHost => {
    const [first] = addresses as [GitlabAddress, ...GitlabAddress[]];
    const named = [...new Set(addresses.flatMap(({ group }) => group ?? []))];
    // A group inside of another that is asked for is read with it.
    const groups = named.filter((path) => !named.some((outer) => path.startsWith(`${outer}/`)));
    const isWhole = addresses.some(({ group }) => group === null);
    return { web, host: first.host, groups: isWhole ? null : groups };
  });
}

interface HostRun {
  readonly request: CollectRequest;
  readonly host: AskedHost;
  readonly token: string;
  readonly budget: number | undefined;
  readonly collected: CollectedTargets;
  readonly report: (progress: Progress) => void;
}

async function collectHost(run: HostRun): Promise<void> {
  const { request, host, token, budget, collected, report } = run;
  report({ name: host.host, done: 0 });
  const connector = connectTo(host.web, `Bearer ${token}`, request, budget);
  const groups: Group[] = [];
  for (const path of host.groups ?? []) {
    const group = await groupAt(connector, path);
    if ('id' in group) groups.push(group);
    else collected.unread(groupUnread(host.host, path, group));
  }
  if (host.groups !== null && groups.length === 0) return;
  const startedAt = request.now();
  const { answers, lists } = await answersOf(connector, host.groups === null ? null : groups);
  const read = readGitlab(
    {
      folder: `the host ${host.host}`,
      files: [],
      subject: null,
      takenAt: startedAt,
      receivedAt: request.now(),
    },
    askedFolder(GITLAB, answers),
  );
  if ('mistakes' in read) {
    collected.unread(unreachable(host.host));
    return;
  }
  const { observations, collection } = read.batch;
  const hidden = hiddenBecause(host, lists);
  const seenBy = (partition: Partition): Partition =>
    partition.complete && hidden !== null
      ? { ...partition, complete: false, cause: 'forbidden', why: hidden }
      : partition;
  collected.read({
    observations: observations.filter(({ kind }) => kind !== 'repository'),
    collection: {
      ...collection,
      partitions: collection.partitions.filter(({ kind }) => kind !== 'repository').map(seenBy),
    },
  });
  const own = collection.partitions.find(({ kind }) => kind === 'repository');
  const settings = observations.filter(({ kind }) => kind === 'repository');
  const left = new Map(listedProjects(lists, settings).map((one) => [one.settings.id, one] as const));
  const estates = host.groups === null ? [null] : groups;
  const taken = estates.map((group) => {
    const items = group === null ? null : new Set(lists.of('/groups/{id}/projects', group.id).items);
    const projects = [...left.values()].filter(({ item }) => items?.has(item) ?? true);
    for (const { settings: one } of projects) left.delete(one.id);
    return { estate: group === null ? host.host : `${host.host}/${group.path}`, projects };
  });
  await readFiles(run, taken);
  if (own === undefined) return;
  const partitions = taken.map(({ estate, projects }) =>
    seenBy({ ...own, container: estate, containerName: estate, seen: projects.length }),
  );
  collected.read({ observations: [], collection: { partitions, problems: [] } });
}

interface Estate {
  /** The host, or a group of it: what the partition of its repositories is called. */
  readonly estate: string;
  readonly projects: readonly ListedProject[];
}

function listedProjects(lists: SavedLists, settings: readonly Observation[]): readonly ListedProject[] {
  const { items } = projectsIn(lists);
  return settings.flatMap((one) => {
    const { path } = one.attributes;
    const item = path !== undefined && 'value' in path ? items.get(String(path.value)) : undefined;
    return item === undefined ? [] : [{ item, settings: one }];
  });
}

async function readFiles(run: HostRun, estates: readonly Estate[]): Promise<void> {
  const { request, host, token, collected, report } = run;
  const folder = join(
    request.cacheDirectory,
    'gitlab',
    host.host.replaceAll(/[^\w.-]/g, '_'),
    'repositories',
  );
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const shared = {
    request,
    web: host.web,
    token,
    mirrors: await realpath(folder),
    excluded: excluder(request.excludes),
  };
  const all = estates.flatMap(({ estate, projects }) => projects.map((listed) => ({ estate, listed })));
  let done = 0;
  // Kept by place, so that two runs say the same in the same order.
  const said: Pick<Collection, 'partitions' | 'problems'>[] = [];
  await inParallel(all, AT_ONCE, async ({ estate, listed }, place) => {
    report({ name: listed.settings.name, done, total: all.length });
    const { observations, partitions, problems } = await readProject({ ...shared, estate }, listed);
    collected.read({ observations, collection: { partitions: [], problems: [] } });
    said[place] = { partitions, problems };
    done += 1;
    report({ name: listed.settings.name, done, total: all.length });
  });
  for (const collection of said) collected.read({ observations: [], collection });
}

/** Lists hold what whoever asks may see, and say nothing of the rest. */
function hiddenBecause({ groups }: AskedHost, lists: SavedLists): string | null {
  const self = lists.list('/user');
  if (!isWhole(self)) return gapOf(self).why;
  const [user] = self.items;
  if (groups === null)
    return user?.record.is_admin === true
      ? null
      : 'the token does not say that it is of an administrator, so projects may be hidden from it; give one with read_api of an administrator';
  const id = user === undefined ? null : numberOf(user);
  const members = [...lists.below('/groups/{id}/members/all').values()];
  const isMember = members.every(({ items }) => items.some((item) => numberOf(item) === id));
  return id !== null && isMember
    ? null
    : 'whose token it is does not stand among the members of the group, so projects may be hidden from it; give one with read_api of a member';
}

function groupUnread(host: string, path: string, refusal: NoAnswer): Problem {
  const isHidden = refusal.outcome === 'forbidden' || refusal.outcome === 'not-found';
  return {
    code: 'target-unreadable',
    cause: isHidden ? 'forbidden' : 'failed',
    message:
      refusal.outcome === 'not-found'
        ? `${host} shows no group \`${path}\``
        : `the group \`${path}\` of ${host} could not be read: ${refusal.message}`,
    remedy: isHidden ? 'check the name, and give a token with read_api of a member' : 'scan again',
  };
}

const unreachable = (host: string): Problem => ({
  code: 'host-unreachable',
  cause: 'failed',
  message: `the host ${host} gave no answer`,
  remedy: 'check whether the address is right, and whether the host answers from here',
});
