/** Targets with a signal before their day is missed, and the reasons that were given after. */

import type { MissRecord } from '@macadam/adapters/decisions/effects';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { Between, Retrospect } from '@macadam/adapters/facts/history/retrospect';
import { daysLeft, signalOf, TARGET_SIGNALS, type TargetSignal } from '@macadam/core/figures/missed';
import type { StandardProgress } from '@macadam/core/figures/standard-progress';
import type { OwnCommitments, Target } from '@macadam/core/figures/target';
import type { CatalogueStandard } from '../catalogue/load.ts';
import { progressAt } from './status.ts';

export interface StandardTarget {
  readonly standard: string;
  readonly progress: StandardProgress;
  readonly target: Target;
  readonly signal: TargetSignal;
  /** Until its last day; negative where it has passed. */
  readonly daysLeft: number;
  /** The newest reason for this day; null: none was given. */
  readonly miss: MissRecord | null;
  /** For earlier days of the standard, too. */
  readonly misses: readonly MissRecord[];
}

/** What is missed first, then what is at risk, each by its day. */
export async function targetsAt(
  tx: DecisionTransaction,
  asked: {
    readonly past: Retrospect;
    readonly between: Between;
    readonly standards: readonly CatalogueStandard[];
    readonly commitments: OwnCommitments;
  },
): Promise<readonly StandardTarget[]> {
  const progress = await progressAt(asked.past, asked.between, asked.standards, asked.commitments);
  const misses = Map.groupBy(await tx.effects.misses(), ({ standard }) => standard);
  const today = asked.between.to.valid.toISOString().slice(0, 10);
  return asked.standards
    .flatMap(({ id }): StandardTarget[] => {
      const own = progress.get(id);
      const signal = own && signalOf(own);
      if (own === undefined || own.target === null || !signal) return [];
      const { target } = own;
      const given = misses.get(id) ?? [];
      return [
        {
          standard: id,
          progress: own,
          target,
          signal,
          daysLeft: daysLeft(target.by, today),
          miss: given.find(({ due }) => due === target.by) ?? null,
          misses: given,
        },
      ];
    })
    .sort(
      (a, b) =>
        TARGET_SIGNALS.indexOf(a.signal) - TARGET_SIGNALS.indexOf(b.signal) ||
        a.daysLeft - b.daysLeft ||
        (a.standard < b.standard ? -1 : 1),
    );
}
