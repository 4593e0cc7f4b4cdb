/** What the sources that ask several targets share: adding up what each gave, and saying how much of it all was read. */
import type { Collection, Observation, Partition, Problem } from '@macadam/core/facts/observation';

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
  /** Emits what was read of a part of a target; what it comes to is told by `read` at the end of the target. */
  passOn(observations: readonly Observation[]): void;
  /** What was read of one target; its observations are emitted in their order. */
  read(part: {
    readonly observations: readonly Observation[];
    readonly collection: Pick<Collection, 'partitions' | 'problems'>;
  }): void;
  /** Why a target was not read. */
  unread(...problems: readonly Problem[]): void;
  collection(finishedAt: Date): Collection;
}

export function collectTargets({
  source,
  query,
  startedAt,
  emit,
}: Pick<Collection, 'source' | 'startedAt'> & {
  readonly query: string;
  readonly emit: (observation: Observation) => void;
}): CollectedTargets {
  const partitions: Partition[] = [];
  const problems: Problem[] = [];
  let isAnythingRead = false;
  const passOn = (observations: readonly Observation[]) => {
    for (const observation of observations) emit(observation);
    isAnythingRead ||= observations.length > 0;
  };
  return {
    passOn,
    read: ({ observations, collection }) => {
      passOn(observations);
      partitions.push(...collection.partitions);
      problems.push(...collection.problems);
    },
    unread: (...some) => {
      problems.push(...some);
    },
    collection: (finishedAt) => ({
      source,
      query,
      startedAt,
      finishedAt: finishedAt.toISOString(),
      status: statusOf({ partitions, problems, isAnythingRead }),
      partitions,
      problems,
    }),
  };
}

/** The option `budget` of a source. Throws `TypeError` with the text where it is not a whole number above zero. */
export function requestBudget(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d*$/.test(text)) throw new TypeError(`${JSON.stringify(text)} is not a number of requests`);
  return Number(text);
}

/** Pages of a long list that stay in memory; those that follow lie in a file until each is read. */
export const PAGES_HELD = 4;
