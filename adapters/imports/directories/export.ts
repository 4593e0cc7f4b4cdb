/** From a folder of saved answers to one collection: what a reader of a directory is given, and what it makes of it. */

import {
  type Assurance,
  assetId,
  type Collection,
  type Observation,
  type Partition,
  type Problem,
  type Statement,
} from '@macadam/core/facts/observation';
import { compact } from '../../compact.ts';
import type { Batch } from '../findings/batch.ts';
import type { ExportFile } from './answer.ts';
import type { ListingGap } from './listing.ts';

export interface ExportRequest {
  /** Name of the folder, for messages. */
  readonly folder: string;
  readonly files: readonly ExportFile[];
  /** The directory's own id, where somebody stated it. */
  readonly subject: string | null;
  /** When the answers were saved, at the earliest. */
  readonly takenAt: Date;
  readonly receivedAt: Date;
}

/** Why nothing can be taken: each reason names a file or the folder, and says what to do. */
export interface Mistakes {
  readonly mistakes: readonly { readonly file: string; readonly reason: string }[];
}

/** One collection, or why there is none. */
export type ExportRead = { readonly batch: Batch; readonly notes: readonly string[] } | Mistakes;

/** What the readers of one export have in common. */
export interface ExportScope {
  readonly source: string;
  /** Id of the directory: container of every partition, and part of every key. */
  readonly directory: string;
  readonly directoryName: string;
  readonly takenAt: string;
  readonly receivedAt: string;
}

export interface Described {
  readonly kind: string;
  readonly key: readonly string[];
  readonly name: string;
  readonly attributes: Readonly<Record<string, Statement>>;
  readonly assurance?: Assurance;
  /** Where one kind is listed by several requests, each apart. */
  readonly format?: string;
}

export function observationOf(scope: ExportScope, described: Described): Observation {
  const { kind, key, name, attributes, assurance = 'configured', format } = described;
  const { source, takenAt, receivedAt, directory } = scope;
  const observation = {
    kind,
    id: assetId(kind, key),
    name,
    source,
    observedAt: takenAt,
    receivedAt,
    assurance,
    attributes,
    container: directory,
  };
  return format === undefined ? observation : { ...observation, format };
}

/** What was listed of one kind. */
export interface Listed {
  readonly kind: string;
  readonly observations: readonly Observation[];
  readonly gaps: readonly ListingGap[];
  readonly format?: string;
  /** How many there were, where the observations went on page by page and are not here. */
  readonly seen?: number;
  /** How many the directory itself counts, where it says so. */
  readonly total?: { readonly id: string; readonly count: number } | null;
}

function partitionOf(scope: ExportScope, listed: Listed): Partition {
  const { kind, observations, gaps, format, total } = listed;
  const [gap] = gaps;
  const partition = {
    kind,
    container: scope.directory,
    containerName: scope.directoryName,
    complete: gap === undefined,
    seen: listed.seen ?? observations.length,
  };
  return compact({
    ...partition,
    format,
    ...(total ? { witness: total } : {}),
    ...(gap === undefined ? {} : { cause: gap.cause, why: gap.why }),
  });
}

/** The collection of an export. A kind of which nothing was saved has no partition: nobody claims to have listed it. */
export function collectionOf(
  scope: ExportScope,
  listed: readonly Listed[],
  problems: readonly Problem[],
  query: string,
): Collection {
  const partitions = listed.map((one) => partitionOf(scope, one));
  const gaps = listed.flatMap((one) => one.gaps);
  const distinct = new Map(
    [...gaps.map(problemOf), ...problems].map((one) => [`${one.code}\n${one.message}`, one]),
  );
  const whole = partitions.length > 0 && partitions.every(({ complete }) => complete);
  return {
    source: scope.source,
    query,
    startedAt: scope.takenAt,
    finishedAt: scope.takenAt,
    status: whole && distinct.size === 0 ? 'complete' : 'incomplete',
    partitions,
    problems: [...distinct.values()],
  };
}

/** What a gap says before its last `;` is what is wrong, and after it what to do. */
export function problemOf({ code, cause, why }: ListingGap): Problem {
  const at = why.lastIndexOf('; ');
  return at < 0
    ? { code, cause, message: why, remedy: 'look at the answer' }
    : { code, cause, message: why.slice(0, at), remedy: why.slice(at + 2) };
}
