/** What an exception would mean if it were approved now, and whether one that was approved still covers what it covered. */
import type { ExceptionRecord, GrantRecord } from '@macadam/adapters/decisions/permissions';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import { selects } from '@macadam/core/verdicts/exception';
import type { AcceptedOptions } from './accepted.ts';
import type { JudgeMany } from './judge.ts';

export interface ExceptionPreview {
  /** Assets that fail now and would be accepted. */
  readonly failing: readonly string[];
  /** Assets that the selectors mean and that do not fail any more: an approval leaves them out. */
  readonly passing: number;
  /** All that fails the standard in the division. */
  readonly allFailing: number;
}

/** The same as an approval would freeze at this moment. */
export async function previewException(
  tx: DecisionTransaction,
  { standard, division, selectors }: Pick<ExceptionRecord, 'standard' | 'division' | 'selectors'>,
  judge: AcceptedOptions['judge'],
): Promise<ExceptionPreview> {
  const known = (await tx.failing.wanted(standard, { assets: [], all: true })).filter(
    (one) => one.division === division,
  );
  const meant = known
    .filter((one) =>
      selectors.some((selector) => selects(selector, one.asset) || selects(selector, one.name)),
    )
    .map(({ asset }) => asset);
  const values = await judge(standard, meant);
  const failing = meant.filter((asset) => values.has(asset));
  return { failing, passing: meant.length - failing.length, allFailing: known.length };
}

export interface ExceptionDrift {
  /** Assets that fail in another way than was accepted: the exception covers them no more. */
  readonly changed: readonly string[];
  /** Assets that do not fail any more: the exception is not needed for them. */
  readonly settled: readonly string[];
}

/** What is not there, or cannot be told, has not drifted: nobody saw it otherwise. */
export async function driftOf(
  { exception, assets }: GrantRecord,
  judge: JudgeMany['judge'],
): Promise<ExceptionDrift> {
  const values = await judge(
    exception.standard,
    assets.map(({ asset }) => asset),
  );
  return {
    changed: assets
      .filter(({ asset, accepted }) => {
        const value = values.get(asset);
        return accepted !== null && value != null && value !== accepted;
      })
      .map(({ asset }) => asset),
    settled: assets.filter(({ asset }) => values.get(asset) === null).map(({ asset }) => asset),
  };
}
