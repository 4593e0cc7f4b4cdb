/** How a source is doing, from its newest run alone. Pure. */
import { parseDurationWithDays } from '../cel/runtime/time.ts';
import type { Kind } from '../kinds/kind.ts';
import { nanosOf } from '../text/instant.ts';
import type { Collection } from './observation.ts';

/** Best first: each is worse than the one before. */
const SOURCE_STATES = ['complete', 'late', 'incomplete', 'refused', 'failed'] as const;
export type SourceState = (typeof SOURCE_STATES)[number];

/**
 * `late`: it said everything, but so long ago that what it said ages. `refused`: something was looked for that it may not see.
 * `kinds`: those that it lists.
 */
export function sourceState(
  { status, partitions, problems, finishedAt }: Collection,
  kinds: ReadonlyMap<string, Pick<Kind, 'fresh_for'>>,
  now: Date,
): SourceState {
  const listed = new Set(partitions.map(({ kind }) => kind));
  const causes = [...problems, ...partitions].map(({ cause }) => cause);
  if (status === 'failed') return causes.includes('forbidden') ? 'refused' : 'failed';
  if (causes.includes('forbidden')) return 'refused';
  if (status === 'incomplete' || partitions.some(({ complete }) => !complete)) return 'incomplete';
  const shortest = Math.min(
    ...[...listed].flatMap((kind) => {
      const definition = kinds.get(kind);
      return definition ? [Number(nanosOf(parseDurationWithDays(definition.fresh_for)) / 1_000_000n)] : [];
    }),
  );
  return now.getTime() - Date.parse(finishedAt) > shortest ? 'late' : 'complete';
}
