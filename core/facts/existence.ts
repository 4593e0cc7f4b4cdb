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
  /** Its assets contain others, which go with them. */
  readonly containers: boolean;
}

/** `confirmed`: a witness or a person vouches for the population; else it is shown as unconfirmed. */
export type Completeness =
  | { readonly complete: true; readonly confirmed: boolean }
  | { readonly complete: false; readonly why: string };

/** Without a witness, this share of a confirmed population may be gone before somebody has to confirm it. */
const REMOVALS = 0.05;
/** Of containers this share, whoever counts them: a folder that is not mounted is an empty one, and its own witness. */
const CONTAINERS = 0.5;

/** Runs of one partition in order of their start, whatever the order in which they arrived. */
export const inOrder = (runs: readonly Run[]): readonly Run[] =>
  runs.toSorted((a, b) => ascending(a.startedAt, b.startedAt) || ascending(a.collection, b.collection));

/**
 * The run whose population removals are counted from: the last confirmed one before `index`, else the first of all; of
 * containers the last one that counted as complete, since a run that waits for a person is nobody's baseline. Null for a first
 * run. `runs` are in order, and `said` is what came of those before.
 */
export function baseline(
  runs: readonly Run[],
  index: number,
  said: readonly Completeness[] = [],
): number | null {
  for (let before = index - 1; before > 0; before -= 1) {
    const run = runs[before];
    if (run && (run.containers ? said[before]?.complete : vouched(run))) return before;
  }
  return index === 0 ? null : 0;
}

/** Whether what a run is depends on who is missing since its baseline. */
export const asksWhoIsMissing = (run: Run): boolean => {
  const plain = completeness(run, 0, 0);
  return plain.complete && !run.confirmed && (run.containers || !plain.confirmed);
};

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
  const most = Math.max(1, Math.floor(population * CONTAINERS));
  if (run.containers && removed > most) {
    const why = `${removed} of ${population} are missing since the last scan, with all that they contain; confirm that they are gone`;
    return { complete: false, why };
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

/** A container of one estate, as a source calls it, and in it a format. What has neither estate nor format leaves them empty. */
export interface Place {
  readonly source: string;
  readonly container: string;
  readonly estate: string;
  readonly format: string;
}

/** A source saw the asset. `at` is the later of its observation and the start of its collection. */
export interface Sighting extends Place {
  readonly collection: string;
  readonly at: bigint;
}

/** A complete collection of a partition of the asset's kind. */
export interface Sweep extends Place {
  readonly collection: string;
  readonly at: bigint;
  /** Of a sweep without a format: those that it does not speak for, because they were listed apart. */
  readonly except: ReadonlySet<string>;
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

/** A word against an asset: by a retirement, which speaks for every place of its source, or by a sweep of one. */
interface Against {
  readonly source: string | null;
  readonly sweep: Sweep | null;
}

interface Moment {
  readonly seen: Sighting[];
  readonly against: Against[];
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
  const moments = momentsOf(sightings, sweeps, retirements);
  /** Of each source whose latest word is for the asset, where it saw it. Two partitions at one instant are both true. */
  const present = new Map<string, readonly Place[]>();
  const found: Span[] = [];
  let from: bigint | null = null;
  for (const at of [...moments.keys()].sort(ascending)) {
    const now = moments.get(at);
    // Of one instant, the words for it come last: what is seen exists.
    for (const against of now?.against ?? []) withdraw(present, against);
    for (const [source, seen] of Map.groupBy(now?.seen ?? [], (one) => one.source)) present.set(source, seen);
    if (from === null && present.size > 0) from = at;
    if (from !== null && present.size === 0) {
      found.push({ from, to: at });
      from = null;
    }
  }
  return from === null ? found : [...found, { from, to: null }];
}

function momentsOf(
  sightings: readonly Sighting[],
  sweeps: readonly Sweep[],
  retirements: readonly Retirement[],
): ReadonlyMap<bigint, Moment> {
  const listed = new Set(sightings.map(({ collection }) => collection));
  const moments = new Map<bigint, Moment>();
  const moment = (at: bigint): Moment => {
    const held = moments.get(at) ?? { seen: [], against: [] };
    moments.set(at, held);
    return held;
  };
  for (const one of sightings) moment(one.at).seen.push(one);
  for (const sweep of sweeps)
    if (!listed.has(sweep.collection)) moment(sweep.at).against.push({ source: sweep.source, sweep });
  for (const { at, source } of retirements) moment(at).against.push({ source, sweep: null });
  return moments;
}

function withdraw(present: Map<string, readonly Place[]>, { source, sweep }: Against): void {
  if (source === null) {
    present.clear();
    return;
  }
  const left = sweep === null ? [] : (present.get(source) ?? []).filter((place) => !covers(sweep, place));
  if (left.length === 0) present.delete(source);
  else present.set(source, left);
}

/** Whether a complete listing would have named an asset that was seen in this place, were it still there. */
const covers = (sweep: Sweep, { container, estate, format }: Place): boolean =>
  sweep.container === container &&
  sweep.estate === estate &&
  (sweep.format === '' ? !sweep.except.has(format) : sweep.format === format);

/** The span in which an instant lies, or null where the asset did not exist then. */
export const spanAt = (all: readonly Span[], at: bigint): Span | null =>
  all.find(({ from, to }) => from <= at && (to === null || at < to)) ?? null;
