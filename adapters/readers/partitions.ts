/** What a tree claims to list of one kind: everything, but for the formats of which a file could not be read. */
import {
  type Observation,
  type Partition,
  type Problem,
  strongestCause,
} from '@macadam/core/facts/observation';
import type { ExtractContext } from './tree.ts';

/** A file that a detector recognises and that could not be read, so that its format may hold more than was seen. */
export interface UnreadFile {
  readonly format: string;
  readonly problem: Problem;
}

/**
 * One partition for the kind, which speaks for every format that was read whole, and one for each format of which a file was
 * not, with the file named in `why`.
 */
export function partitionsOf(
  kind: string,
  { repository }: ExtractContext,
  observations: readonly Pick<Observation, 'format'>[],
  unread: readonly UnreadFile[],
): Partition[] {
  const byFormat = Map.groupBy(unread, ({ format }) => format);
  const seenIn = (format: string) => observations.filter((one) => one.format === format).length;
  const base = { kind, container: repository.id, containerName: repository.name };
  const short = [...byFormat].map(([format, files]): Partition => {
    const problems = files.map(({ problem }) => problem);
    const [first, ...rest] = problems;
    const remedy = first?.remedy;
    return {
      ...base,
      format,
      seen: seenIn(format),
      complete: false,
      cause: strongestCause(problems.map(({ cause }) => cause)),
      why: `${first?.message ?? 'a file could not be read'}${rest.length === 0 ? '' : `; and ${rest.length} more`}`,
      ...(remedy !== undefined && { remedy }),
    };
  });
  const apart = short.reduce((sum, { seen }) => sum + seen, 0);
  return [{ ...base, seen: observations.length - apart, complete: true }, ...short];
}
