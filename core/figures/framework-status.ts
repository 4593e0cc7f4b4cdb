/** Where a requirement of an outside body stands, by the standards that answer it. Pure. */
import type { TargetStatus } from './target.ts';

/** Worst first: a requirement stands as the worst of its standards does. */
export const REQUIREMENT_STATUSES = [
  'off-track',
  'cannot-tell',
  'no-target',
  'on-track',
  'met',
  'nothing-maps',
] as const;
/** What an outside body asks, requirement by requirement, with the standards that answer each. */
export interface FrameworkMapping {
  readonly framework: string;
  readonly title: string;
  readonly requirements: Readonly<Record<string, readonly string[]>>;
}
export type RequirementStatus = (typeof REQUIREMENT_STATUSES)[number];

/**
 * `met` only where every standard is. `nothing-maps`: no standard answers it, which is a gap and never a pass. Null in
 * `statuses` is a standard that is named and not in force here: nobody can tell.
 */
export function requirementStatus(statuses: readonly (TargetStatus | null)[]): RequirementStatus {
  if (statuses.length === 0) return 'nothing-maps';
  const known = new Set(statuses.map((one) => one ?? 'cannot-tell'));
  return REQUIREMENT_STATUSES.find((one) => one !== 'nothing-maps' && known.has(one)) ?? 'cannot-tell';
}
