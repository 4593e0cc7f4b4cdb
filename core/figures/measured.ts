/** What a measure counts over judged assets, by functions; the store counts the same in its own language. Pure. */
import { Duration } from '../cel/runtime/value.ts';
import type { PreparedAsset } from '../facts/row.ts';
import type { CompiledStandard } from '../verdicts/compiled-standard.ts';
import type { StandardJudge, Verdict } from '../verdicts/evaluate.ts';
import { type Measured, type MeasureTally, median, NO_AMOUNTS } from './measure.ts';

export interface MeasuredInput {
  /** In the order of `verdicts`. */
  readonly rows: readonly PreparedAsset[];
  readonly verdicts: readonly Pick<Verdict, 'verdict'>[];
  /** How many must exist and have no name: nobody knows an amount of them. */
  readonly unlisted: number;
}

/** Null where one look cannot tell: for a share nothing is counted, and an elimination needs a history. */
export function measuredBy(
  { measure }: CompiledStandard,
  judging: Pick<StandardJudge, 'bindings' | 'around'>,
  input: MeasuredInput,
): Measured | null {
  if (measure.kind === 'share' || measure.kind === 'elimination') return null;
  const tally: { -readonly [Name in keyof MeasureTally]: number } = { ...NO_AMOUNTS };
  const took: number[] = [];
  let pending = 0;
  const { around, bindings } = judging;
  for (const [index, { verdict }] of input.verdicts.entries()) {
    const row = input.rows[index];
    if (row === undefined) continue;
    if (measure.kind === 'duration') {
      if (verdict === 'not-applicable') {
        if (measure.pending.run(bindings(row), around) === true) pending += 1;
        continue;
      }
      tally[verdict] += 1;
      const lasted = measure.took.run(bindings(row), around);
      if (verdict !== 'unknown' && lasted instanceof Duration) took.push(lasted.seconds);
      continue;
    }
    if (verdict === 'not-applicable') continue;
    const amount = measure.by.run(bindings(row), around);
    if (typeof amount === 'number' && amount >= 0) tally[verdict] += amount;
    else tally[BLIND[verdict]] += 1;
  }
  if (measure.kind === 'weighted')
    return {
      tally: { ...tally, blindUnknown: tally.blindUnknown + input.unlisted },
      pending: null,
      medianSeconds: null,
    };
  return {
    tally: { ...tally, unknown: tally.unknown + input.unlisted },
    pending,
    medianSeconds: median(took),
  };
}

const BLIND = { pass: 'blindPass', fail: 'blindFail', unknown: 'blindUnknown' } as const;
