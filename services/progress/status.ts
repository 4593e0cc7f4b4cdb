/**
 * How every standard stands against what was promised of it, at a moment of the history. Pages, programs and reviews ask
 * this and nothing else, so that they say the same.
 */
import { setImmediate } from 'node:timers/promises';
import type { Between, Retrospect } from '@macadam/adapters/facts/history/retrospect';
import { progressOf, type StandardProgress } from '@macadam/core/figures/standard-progress';
import type { OwnCommitments } from '@macadam/core/figures/target';
import { labelOf } from '@macadam/core/verdicts/standard';
import { type Promised, weeksBefore } from './forecast.ts';

type Kept = Map<string, Promise<ReadonlyMap<string, StandardProgress>>>;

/** What is known at a moment never changes: it is computed once for each, however many ask. */
const kept = new WeakMap<Retrospect, WeakMap<OwnCommitments, Kept>>();
/** Moments that are kept; whoever walks through the past computes anew. */
const MOMENTS = 8;

/** Standard → how it stands at the later of two moments. The standards are those of today's catalogue. */
export async function progressAt(
  past: Retrospect,
  between: Between,
  standards: Iterable<Promised>,
  own: OwnCommitments,
): Promise<ReadonlyMap<string, StandardProgress>> {
  const all = [...standards];
  const byCommitments = kept.get(past) ?? new WeakMap<OwnCommitments, Kept>();
  kept.set(past, byCommitments);
  const known: Kept = byCommitments.get(own) ?? new Map();
  byCommitments.set(own, known);
  const promised = all.map(({ id, definition }) => [
    id,
    definition.target,
    definition.measure,
    labelOf(definition),
  ]);
  const key = JSON.stringify([between.to.valid.getTime(), between.to.known, promised]);
  const held = known.get(key) ?? computed(past, between, all, own);
  known.delete(key);
  known.set(key, held);
  held.catch(() => known.delete(key));
  for (const oldest of known.keys()) {
    if (known.size <= MOMENTS) break;
    known.delete(oldest);
  }
  return held;
}

async function computed(
  past: Retrospect,
  between: Between,
  standards: readonly Promised[],
  own: OwnCommitments,
): Promise<ReadonlyMap<string, StandardProgress>> {
  const at = between.to.valid;
  const now = await past.figuresOfAll(between);
  const weeks = await weeksBefore(past, at);
  const found = new Map<string, StandardProgress>();
  for (const { id, definition, compiled } of standards) {
    const figures = now.get(id) ?? (await past.figures(between, id));
    const steps = weeks.get(id) ?? [];
    const measured = definition.measure.kind === 'share' ? null : await past.measured(between, compiled);
    found.set(id, progressOf({ definition, commitments: own, at, figures, steps, measured }));
    // Many futures are tried for each: others are answered between two of them.
    await setImmediate();
  }
  return found;
}
