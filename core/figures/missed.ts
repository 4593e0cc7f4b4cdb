/** Targets as people are told of them: kept, at risk before the day, missed after it, with the reason that somebody gave. Pure. */
import type { StandardProgress } from './standard-progress.ts';

export const MISS_REASONS = [
  'deployment-delay',
  'hard-to-fix',
  'started-late',
  'no-capacity',
  'waited-for-others',
  'scope-grew',
  'evidence-missing',
  'other',
] as const;
export type MissReason = (typeof MISS_REASONS)[number];

export const TARGET_SIGNALS = ['missed', 'at-risk', 'cannot-tell', 'kept'] as const;
/**
 * `missed`: the day has passed and the target is out of reach. `at-risk`: the day is still ahead, and the forecast does not keep it.
 * `kept`: it is met, or will be.
 */
export type TargetSignal = (typeof TARGET_SIGNALS)[number];

/** Null where nothing was promised. */
export function signalOf({
  status,
  cause,
  target,
}: Pick<StandardProgress, 'status' | 'cause' | 'target'>): TargetSignal | null {
  if (target === null || status === 'no-target') return null;
  if (status === 'met' || status === 'on-track') return 'kept';
  if (status === 'cannot-tell') return 'cannot-tell';
  return cause === 'missed' ? 'missed' : 'at-risk';
}

/** Whether somebody may say why: the day is over, and it was not kept, as far as anybody can tell. */
export const asksWhy = ({
  signal,
  daysLeft: left,
}: {
  readonly signal: TargetSignal;
  readonly daysLeft: number;
}): boolean => left < 0 && signal !== 'kept';

/** Days until the last day of a target; negative where it has passed. */
export const daysLeft = (by: string, today: string): number =>
  Math.round((Date.parse(by) - Date.parse(today)) / 86_400_000);

/** How often each reason was given, most often first. */
export function countedReasons(
  misses: readonly { readonly reason: MissReason }[],
): readonly { readonly reason: MissReason; readonly count: number }[] {
  const groups = Map.groupBy(misses, ({ reason }) => reason);
  return [...groups]
    .map(([reason, own]) => ({ reason, count: own.length }))
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}
