/** What a first measurement shows while it goes on: what was read so far, judged by itself. It is of the moment and is kept nowhere. */
import { assetsOf } from '@macadam/core/facts/asset';
import type { Observation } from '@macadam/core/facts/observation';
import { relatedIn } from '@macadam/core/facts/related';
import type { PreparedAsset } from '@macadam/core/facts/row';
import type { Tally } from '@macadam/core/figures/share';
import type { Kind } from '@macadam/core/kinds/kind';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import { judgeOf, rowOf } from '@macadam/core/verdicts/evaluate';
import { labelOf } from '@macadam/core/verdicts/standard';

/** Assets in scope of a standard among what was read; one that is not read yet is in none of them. */
export interface FiguresSoFar extends Pick<Tally, 'pass' | 'fail' | 'unknown'> {
  readonly standard: string;
  readonly label: string;
}

export interface ReadSoFar {
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly standards: readonly CompiledStandard[];
  readonly observations: readonly Observation[];
  readonly at: Date;
}

/** In the order of the standards. Nothing counts as listed whole, so what asks for all of something is unknown. */
export function judgedSoFar({ kinds, standards, observations, at }: ReadSoFar): readonly FiguresSoFar[] {
  const assets = assetsOf(kinds, observations);
  const byKind = Map.groupBy(assets, ({ kind }) => kind);
  const related = relatedIn(kinds, assets, new Map());
  const rows = new Map<string, readonly PreparedAsset[]>();
  return standards.map((standard) => {
    const { kind } = standard.definition.scope;
    const prepared = rows.get(kind) ?? (byKind.get(kind) ?? []).map((asset) => rowOf(standard.kind, asset));
    rows.set(kind, prepared);
    const judge = judgeOf(standard, { real: at, asOf: at }, related);
    const counts = { pass: 0, fail: 0, unknown: 0, 'not-applicable': 0 };
    for (const row of prepared) counts[judge.judge(row).verdict] += 1;
    const { pass, fail, unknown } = counts;
    return { standard: standard.definition.id, label: labelOf(standard.definition), pass, fail, unknown };
  });
}

/** Nothing is judged for the page more often than so, in milliseconds. */
const LEAST_MS = 1_000;
/** What is judged for the page takes at most one part in so many of the time. */
const SHARE = 10;

/** Judges again at some of the steps of a measurement, so that it costs little however much was read. */
export function soFarTeller(
  tell: (figures: readonly FiguresSoFar[]) => void,
  now: () => Date,
): (read: () => Omit<ReadSoFar, 'at'>) => void {
  let next = now().getTime() + LEAST_MS;
  return (read) => {
    const begun = now();
    if (begun.getTime() < next) return;
    tell(judgedSoFar({ ...read(), at: begun }));
    const ended = now().getTime();
    next = ended + Math.max(LEAST_MS, SHARE * (ended - begun.getTime()));
  };
}
