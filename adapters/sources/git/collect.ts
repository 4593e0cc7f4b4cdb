/** Any folder tree of git repositories: working copies, linked worktrees and bare ones, nested or not. */
import { basename } from 'node:path';
import type {
  Collection,
  Observation,
  OldClone,
  Partition,
  Problem,
  Statement,
} from '@macadam/core/facts/observation';
import { hostedAt, type NamedHosts } from '@macadam/core/figures/host-link';
import { codeDigest } from '../../cache/code.ts';
import { firstCommit } from '../../readers/commits/first.ts';
import { isRefusal } from '../../readers/git/directory.ts';
import { unobserved } from '../../readers/git/problems.ts';
import type { Repository } from '../../readers/git/repository.ts';
import { openMemory } from '../../readers/memory/memory.ts';
import { leftOutReading, type Reading, readRepository } from '../../readers/read.ts';
import { excluder, leftOut } from '../exclusion.ts';
import type { CollectRequest, Source } from '../port.ts';
import type { Found } from './discovery.ts';
import { dispute, isOld, oldClone, oldCloneProblem, tipsOf } from './fetched.ts';
import type { Folders } from './folders.ts';
import { type IdentifiedTarget, identified } from './identified.ts';
import type { Identity } from './identity.ts';
import { type Places, remoteOf } from './places.ts';
import { newestOf, opened } from './targets.ts';

/** Repositories that are read at a time: one waits for git while the other is parsed. */
const AT_ONCE = 2;

const HOST_ONLY: Statement = {
  unobserved: 'unobserved',
  why: 'only the code host knows it; measure the repository there with `--github ORG`',
};

/** Attributes of a repository that no file of it tells. */
const HOST_ATTRIBUTES: Readonly<Record<string, Statement>> = {
  archived: HOST_ONLY,
  visibility: HOST_ONLY,
  default_branch_protection: HOST_ONLY,
  push_protection: HOST_ONLY,
  secret_scanning: HOST_ONLY,
};

interface CloneReading extends Reading {
  /** Set where an old clone is judged as it is. */
  readonly oldClone?: OldClone;
}

async function read(
  places: Places,
  identity: Identity,
  folders: Folders,
  request: CollectRequest,
): Promise<CloneReading> {
  const [found] = places;
  const excluded = excluder(request.excludes);
  const asked = {
    host: 'file',
    path: found.key,
    name: identity.name,
    id: identity.id,
    source: 'git',
    estate: identity.estate,
    view: request.view,
    now: request.now(),
    parameters: request.parameters,
    unasked: request.unasked ?? [],
    attributes: { ...HOST_ATTRIBUTES, ...renaming(identity) },
  };
  const exclusion = found.below === '' ? undefined : excluded(found.below);
  if (exclusion !== undefined) return leftOutReading(asked, leftOut(exclusion));
  const judged = await newestOf(places, folders.roots, request);
  const below = judged.below === '' ? '' : `${judged.below}/`;
  const repository = await opened(judged, folders.roots, request);
  try {
    const leftOutOf = (path: string) => {
      const covering = excluded(below + path);
      return covering && leftOut(covering);
    };
    const hosted_at = await shownAt(judged.path, repository, folders, request);
    const remembering = {
      ...asked,
      attributes: { ...asked.attributes, hosted_at },
      memory: openMemory(request.cacheDirectory, judged.path, codeDigest()),
    };
    const reading = await readRepository(
      repository,
      request.excludes.length > 0 ? { ...remembering, leftOut: leftOutOf } : remembering,
    );
    // What is staged or in the files is so now, whenever the rest was fetched.
    if (request.view !== 'head') return reading;
    const open = (place: Found) => opened(place, folders.roots, request);
    const remembered = request.remembered !== undefined;
    const first = remembered ? await firstCommit(repository, identity.known) : undefined;
    const { at, diverged } = await tipsOf({ places, judged, repository, open, folders, now: asked.now });
    const old = isOld(at, asked.now) ? oldClone(identity.name, at, judged, repository) : undefined;
    const asItIs = request.clonesSpeakOf === 'now';
    const observedAt = (asItIs ? asked.now : at).toISOString();
    return {
      ...reading,
      ...(asItIs && old !== undefined && { oldClone: old }),
      observations: reading.observations.map((one) => {
        const { head } = one.attributes;
        const attributes =
          one.kind === 'repository' && head !== undefined
            ? { ...one.attributes, head: dispute(head, diverged), ...(first && { first_commit: first }) }
            : one.attributes;
        return { ...one, observedAt, attributes };
      }),
      problems: old === undefined || asItIs ? reading.problems : [...reading.problems, oldCloneProblem(old)],
    };
  } finally {
    await repository.close();
  }
}

/** Where the remote shows the commit that was read. What is staged, or not committed at all, is shown nowhere. */
async function shownAt(
  path: string,
  { head }: Repository,
  folders: Folders,
  request: CollectRequest,
): Promise<Statement> {
  if (isRefusal(head)) return unobserved(head.refused, head.detail);
  if (request.view !== 'head')
    return {
      unobserved: 'unobserved',
      why: 'no commit was read; scan without `--staged` and `--worktree`',
    };
  const remote = await remoteOf(path, folders);
  const named = request.parameters.code_hosts as NamedHosts | undefined;
  const hosted = remote === null ? null : hostedAt(remote, named);
  return hosted === null ? { absent: true } : { value: { host: hosted.host, address: hosted.address } };
}

/** A scan remembers no earlier path, so that it says nothing of one. */
function renaming({ renamedFrom }: Identity): Record<string, Statement> {
  if (renamedFrom === undefined) return {};
  return { renamed_from: renamedFrom === null ? { absent: true } : { value: renamedFrom } };
}

function folderPartition({ target, container, discovery, repositories }: IdentifiedTarget): Partition {
  const seen = repositories.length;
  return {
    kind: 'repository',
    container,
    containerName: basename(target.path),
    complete: discovery.incomplete === undefined,
    seen,
    // A folder's listing is its own witness, as far as it could be listed.
    ...(discovery.incomplete ?? { witness: { id: 'folder', count: seen } }),
  };
}

export async function collect(
  request: CollectRequest,
  emit: (observation: Observation) => void,
  report: Parameters<Source['collect']>[2],
): Promise<Collection> {
  if (request.targets.length === 0) throw new TypeError('the git source needs at least one folder');
  const startedAt = request.now().toISOString();
  const principal = request.environment.USER;
  const finish = (
    status: Collection['status'],
    partitions: readonly Partition[],
    problems: readonly Problem[],
    oldClones: readonly OldClone[] = [],
  ) => ({
    source: 'git',
    ...(principal ? { principal } : {}),
    rights: ['read files'],
    startedAt,
    finishedAt: request.now().toISOString(),
    status,
    partitions,
    problems,
    ...(oldClones.length > 0 && { oldClones }),
  });
  const all = await identified(request, ({ asked }) => report({ name: asked, done: 0 }));
  if (!('repositories' in all)) return finish('failed', [], all);

  const { folders, repositories: work } = all;
  const partitions: Partition[] = [];
  const problems: Problem[] = [];
  for (const part of all.targets) {
    const { path } = part.target;
    problems.push(...part.discovery.problems);
    // A target that lies in another, and holds nothing that was not found there, is no container of its own.
    const inside = folders.roots.some((other) => other !== path && path.startsWith(`${other}/`));
    if (!inside || part.repositories.length > 0) partitions.push(folderPartition(part));
  }

  let done = 0;
  const queue = work.entries();
  // By place in the work list, so that two runs say the same in the same order, whichever is read first.
  const readings: Omit<CloneReading, 'observations'>[] = [];
  const waiting = new Map<number, readonly Observation[]>();
  let told = 0;
  const worker = async () => {
    for (const [place, { places, identity }] of queue) {
      const [found] = places;
      request.signal?.throwIfAborted();
      report({ name: found.key, done, total: work.length });
      const reading = await read(places, identity, folders, request);
      waiting.set(place, reading.observations);
      for (let own = waiting.get(told); own !== undefined; own = waiting.get(told)) {
        for (const observation of own) emit(observation);
        waiting.delete(told);
        told += 1;
      }
      const asset = reading.observations[0]?.id;
      readings[place] = {
        partitions: reading.partitions,
        problems: reading.problems.map((problem) => ({ ...(asset ? { asset } : {}), ...problem })),
        ...(reading.oldClone !== undefined && { oldClone: reading.oldClone }),
      };
      report({ name: found.key, done: ++done, total: work.length });
    }
  };
  // Both are waited for, so that nothing is still running when an abort is passed on.
  const outcomes = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  partitions.push(...readings.flatMap((reading) => reading.partitions));
  problems.push(...readings.flatMap((reading) => reading.problems));
  const whole = problems.length === 0 && partitions.every(({ complete }) => complete);
  const oldClones = readings.flatMap(({ oldClone }) => oldClone ?? []);
  return finish(whole ? 'complete' : 'incomplete', partitions, problems, oldClones);
}
