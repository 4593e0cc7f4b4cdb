/**
 * Whether an asset exists, and which evidence of it counts: a pure function of what all collections saw.
 *
 * Existence is per source. A sighting is a word for it, from the later of its observation and the start of its run; a
 * complete collection that does not list an asset, which its source last saw in that partition, is a word against it,
 * at the start of the run. An asset exists while the latest word of any source is for it. Gone is a barrier: of an
 * asset that comes back, nothing seen before counts. Times are nanoseconds since 1970; the order of arrival never matters.
 */

import { ascending } from '../text/order.ts';

/** One collection's claim about one partition of its source. */
export interface Run {
  readonly collection: string;
  readonly startedAt: bigint;
  /** The source says that it listed everything. */
  readonly claimed: boolean;
  /** Assets that it says it saw here, and those that arrived. */
  readonly seen: number;
  readonly delivered: number;
  /** What a second witness counts. */
  readonly witness: number | null;
  /** Somebody confirmed this population by hand. */
  readonly confirmed: boolean;
}

/** `confirmed`: a witness or a person vouches for the population; else it is shown as unconfirmed. */
export type Completeness =
  | { readonly complete: true; readonly confirmed: boolean }
  | { readonly complete: false; readonly why: string };

/** Without a witness, this share of a confirmed population may be gone before somebody has to confirm it. */
const REMOVALS = 0.05;

/** Runs of one partition in order of their start, whatever the order in which they arrived. */
export const inOrder = (runs: readonly Run[]): readonly Run[] =>
  runs.toSorted((a, b) => ascending(a.startedAt, b.startedAt) || ascending(a.collection, b.collection));

/**
 * The run whose population removals are counted from: the last confirmed one before `index`, else the first of all.
 * Null for a first run. `runs` are in order.
 */
export function baseline(runs: readonly Run[], index: number): number | null {
  for (let before = index - 1; before > 0; before -= 1) {
    const run = runs[before];
    if (run && vouched(run)) return before;
  }
  return index === 0 ? null : 0;
}

/**
 * Whether a run counts as complete. `removed` is the number of assets that any run from the baseline on saw in the
 * partition and this one did not; `population` is the number that the baseline saw.
 */
export function completeness(run: Run, removed: number, population: number): Completeness {
  if (!run.claimed) return { complete: false, why: 'the source could not list everything' };
  if (run.confirmed) return { complete: true, confirmed: true };
  if (run.delivered !== run.seen) {
    return { complete: false, why: `the source says that it saw ${run.seen}, and ${run.delivered} arrived` };
  }
  if (run.witness !== null) {
    if (run.witness === run.seen) return { complete: true, confirmed: true };
    return { complete: false, why: `a second witness counts ${run.witness}, ${run.seen} were seen` };
  }
  const allowed = Math.max(1, Math.floor(population * REMOVALS));
  if (removed > allowed) {
    const why = `${removed} of ${population} are missing and ${allowed} may be; confirm that they are gone`;
    return { complete: false, why };
  }
  return { complete: true, confirmed: false };
}

const vouched = (run: Run): boolean =>
  run.confirmed || (run.claimed && run.delivered === run.seen && run.witness === run.seen);

/** A source saw the asset. `at` is the later of its observation and the start of its collection. */
export interface Sighting {
  readonly source: string;
  readonly container: string;
  readonly collection: string;
  readonly at: bigint;
}

/** A complete collection of a partition of the asset's kind. */
export interface Sweep {
  readonly source: string;
  readonly container: string;
  readonly collection: string;
  readonly at: bigint;
}

/** From when to when an asset existed; `to` is null while it does. */
export interface Span {
  readonly from: bigint;
  readonly to: bigint | null;
}

export interface Retirement {
  readonly at: bigint;
  /** Null: the asset itself was recorded as retired, which is every source's word against it. */
  readonly source: string | null;
}

interface Event {
  readonly at: bigint;
  readonly source: string | null;
  readonly container: string | null;
  readonly seen: boolean;
}

/** The times at which an asset existed, oldest first. No sighting: none. */
export function spans(
  sightings: readonly Sighting[],
  sweeps: readonly Sweep[],
  retirements: readonly Retirement[] = [],
): readonly Span[] {
  const [only] = sightings;
  // Most assets of a first collection: there is nothing to put in order.
  if (only && sightings.length === 1 && sweeps.length + retirements.length === 0)
    return [{ from: only.at, to: null }];
  const listed = new Set(sightings.map(({ collection }) => collection));
  const places = new Set(sightings.map(placeOf));
  const events: Event[] = [
    ...sightings.map(({ at, source, container }) => ({ at, source, container, seen: true })),
    ...sweeps
      .filter((sweep) => !listed.has(sweep.collection) && places.has(placeOf(sweep)))
      .map(({ at, source, container }) => ({ at, source, container, seen: false })),
    ...retirements.map(({ at, source }) => ({ at, source, container: null, seen: false })),
  ];
  const times = Map.groupBy(events, ({ at }) => at);
  /** Of each source whose latest word is for the asset, where it saw it. Two partitions at one instant are both true. */
  const present = new Map<string, ReadonlySet<string>>();
  const found: Span[] = [];
  let from: bigint | null = null;
  for (const at of [...times.keys()].sort(ascending)) {
    const now = times.get(at) ?? [];
    // Of one instant, the words for it come last: what is seen exists.
    for (const event of now) if (!event.seen) withdraw(present, event);
    for (const [source, seen] of Map.groupBy(
      now.filter((event) => event.seen),
      (event) => event.source ?? '',
    )) {
      present.set(source, new Set(seen.map(({ container }) => container ?? '')));
    }
    if (from === null && present.size > 0) from = at;
    if (from !== null && present.size === 0) {
      found.push({ from, to: at });
      from = null;
    }
  }
  return from === null ? found : [...found, { from, to: null }];
}

function withdraw(present: Map<string, ReadonlySet<string>>, { source, container }: Event): void {
  if (source === null) present.clear();
  else if (container === null) present.delete(source);
  else {
    const left = new Set(present.get(source));
    left.delete(container);
    if (left.size === 0) present.delete(source);
    else present.set(source, left);
  }
}

/** The span in which an instant lies, or null where the asset did not exist then. */
export const spanAt = (all: readonly Span[], at: bigint): Span | null =>
  all.find(({ from, to }) => from <= at && (to === null || at < to)) ?? null;

const placeOf = ({ source, container }: { readonly source: string; readonly container: string }) =>
  JSON.stringify([source, container]);
