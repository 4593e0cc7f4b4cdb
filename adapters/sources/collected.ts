/** What the sources that ask several targets share: adding up what each gave, and saying how much of it all was read. */
import type { Collection, Observation, Partition, Problem } from '@macadam/core/facts/observation';
import { type Connector, connect } from '../connector/connector.ts';
import type { ExportFile } from '../imports/directories/answer.ts';
import type { ExportRequest } from '../imports/directories/export.ts';
import type { CollectRequest, Progress } from './port.ts';

/** `failed`: nothing was read at all. */
export function statusOf({
  partitions,
  problems,
  isAnythingRead,
}: Pick<Collection, 'partitions' | 'problems'> & {
  readonly isAnythingRead: boolean;
}): Collection['status'] {
  if (problems.length === 0 && partitions.every(({ complete }) => complete)) return 'complete';
  return isAnythingRead ? 'incomplete' : 'failed';
}

export interface CollectedTargets {
  readonly startedAt: string;
  /** What a reader of saved answers is told of a target that was asked just now. */
  asked(folder: string, subject: string | null, files?: readonly ExportFile[]): ExportRequest;
  /** Emits what was read of a part of a target; what it comes to is told by `read` at the end of the target. */
  passOn(observations: readonly Observation[]): void;
  /** What was read of one target; its observations are emitted in their order. */
  read(part: {
    readonly observations: readonly Observation[];
    readonly collection: Pick<Collection, 'partitions' | 'problems'>;
  }): void;
  /** Why a target was not read. */
  unread(...problems: readonly Problem[]): void;
}

export interface AskedTargets<T> {
  readonly source: string;
  readonly request: CollectRequest;
  readonly targets: readonly T[];
  readonly nameOf: (target: T) => string;
  /** What the collection says that it asked; the names of the targets where it is left out. */
  readonly query?: string;
  /** What is wrong before anything was asked. */
  readonly problems?: readonly Problem[];
  readonly emit: (observation: Observation) => void;
  readonly report: (progress: Progress) => void;
}

/** What `ask` reads of each target, one after another. */
export async function collectEach<T>(
  {
    source,
    request,
    targets,
    nameOf,
    query = targets.map(nameOf).join(' '),
    problems: known = [],
    emit,
    report,
  }: AskedTargets<T>,
  ask: (target: T, collected: CollectedTargets) => Promise<void>,
): Promise<Collection> {
  const partitions: Partition[] = [];
  const problems: Problem[] = [...known];
  let isAnythingRead = false;
  const takenAt = request.now();
  const startedAt = takenAt.toISOString();
  const passOn = (observations: readonly Observation[]) => {
    for (const observation of observations) emit(observation);
    isAnythingRead ||= observations.length > 0;
  };
  const collected: CollectedTargets = {
    startedAt,
    asked: (folder, subject, files = []) => ({
      folder,
      files,
      subject,
      takenAt,
      receivedAt: request.now(),
    }),
    passOn,
    read: ({ observations, collection }) => {
      passOn(observations);
      partitions.push(...collection.partitions);
      problems.push(...collection.problems);
    },
    unread: (...some) => {
      problems.push(...some);
    },
  };
  for (const [index, target] of targets.entries()) {
    report({ name: nameOf(target), done: index, total: targets.length });
    request.signal?.throwIfAborted();
    await ask(target, collected);
  }
  return {
    source,
    query,
    startedAt,
    finishedAt: request.now().toISOString(),
    status: statusOf({ partitions, problems, isAnythingRead }),
    partitions,
    problems,
  };
}

/** A host that is asked with one credential. */
export const connectTo = (
  baseUrl: string,
  authorization: string | undefined,
  { now, signal }: CollectRequest,
  budget?: number,
): Connector =>
  connect({
    baseUrl,
    authorization,
    headers: { accept: 'application/json', 'user-agent': 'macadam' },
    now: () => now().getTime(),
    signal,
    budget,
  });

/** The option `budget` of a source. Throws `TypeError` with the text where it is not a whole number above zero. */
export function requestBudget(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new TypeError(`${JSON.stringify(text)} is not a number of requests`);
  return Number(text);
}

/** Pages of a long list that stay in memory; those that follow lie in a file until each is read. */
export const PAGES_HELD = 4;
