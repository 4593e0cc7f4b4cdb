/**
 * Judges an asset again as soon as it is known to have changed: by closures, with what the next full pass at that moment
 * gives. What looks across relations waits for the pass, because a change of one asset may decide another there.
 */
import type { Asset } from '@macadam/core/facts/asset';
import { strongestCause } from '@macadam/core/facts/observation';
import type { VerdictName } from '@macadam/core/figures/scan';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import { type Decided, judgeOf, rowOf, type StandardJudge } from '@macadam/core/verdicts/evaluate';
import type { Change, FactsOptions } from './port.ts';

/** How an asset stands under a standard, as a full pass tells it. */
export interface RejudgedStanding {
  readonly verdict: VerdictName;
  readonly reason: string;
}

export interface Rejudged {
  readonly standard: string;
  readonly asset: string;
  /** Null: there was no such asset. */
  readonly before: RejudgedStanding | null;
  /** Null: there is no such asset any more. */
  readonly after: RejudgedStanding | null;
}

/**
 * For `FactsOptions.changed`. `told` hears of every changed asset and standard of its kind, also where the verdict is the
 * same, before the batch counts as settled; what it throws fails the settling, which is tried again.
 */
export function rejudging(
  standards: readonly CompiledStandard[],
  now: () => Date,
  told: (rejudged: readonly Rejudged[], batch: number) => Promise<void> | void,
): NonNullable<FactsOptions['changed']> {
  const alone = standards.filter((standard) => !looksAround(standard));
  const byKind = Map.groupBy(alone, ({ kind }) => kind.kind);
  return async (changes, batch) => {
    const at = now();
    const judges = new Map<string, readonly (readonly [CompiledStandard, StandardJudge])[]>();
    const judgesOf = (kind: string) => {
      const made =
        judges.get(kind) ??
        (byKind.get(kind) ?? []).map(
          (standard) => [standard, judgeOf(standard, { asOf: at, real: at })] as const,
        );
      judges.set(kind, made);
      return made;
    };
    await told(
      changes.flatMap((change) => judged(change, judgesOf(change.kind))),
      batch,
    );
  };
}

/** Whether a standard reads other assets than the one it judges. */
export const looksAround = ({ where, check, reasons }: CompiledStandard): boolean =>
  [where, check, ...reasons.map(({ when }) => when)].some(({ relations }) => relations.length > 0);

function judged(
  { id, before, after }: Change,
  judges: readonly (readonly [CompiledStandard, StandardJudge])[],
): Rejudged[] {
  return judges.map(([standard, judge]) => {
    const standing = (asset: Asset | null) =>
      asset && standingOf(standard, judge.decide(rowOf(standard.kind, asset)));
    return { standard: standard.definition.id, asset: id, before: standing(before), after: standing(after) };
  });
}

function standingOf(standard: CompiledStandard, decided: Decided): RejudgedStanding {
  if (decided === 'pass') return { verdict: 'pass', reason: 'meets' };
  if (decided === 'not-applicable') return { verdict: 'not-applicable', reason: 'out-of-scope' };
  if (typeof decided === 'number')
    return { verdict: 'fail', reason: standard.reasons[decided]?.definition.id ?? '' };
  return { verdict: 'unknown', reason: strongestCause(decided.causes.map(({ cause }) => cause)) };
}
