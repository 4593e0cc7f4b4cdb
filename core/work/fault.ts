/**
 * Where nothing can be told, somebody has to look better: one item for whoever runs the source that fell silent, never
 * one for each asset it left in the dark. What no source looks at, and what cannot be computed, is the standard's.
 */

import type { Cause } from '../facts/observation.ts';
import { ascending } from '../text/order.ts';
import { dayAfter, later, type WorkPolicy } from './batch.ts';

/** Whose fault it is that something is unknown. */
export interface FaultSubject {
  readonly of: 'source' | 'standard';
  readonly id: string;
}

export interface FaultTally {
  readonly subject: FaultSubject;
  /** Of the subject; null while nobody owns it. */
  readonly owner: string | null;
  /** Cause → how many assets and standards it leaves unknown. */
  readonly causes: Readonly<Partial<Record<Cause, number>>>;
}

export interface FaultItem extends FaultTally {
  /** The subject and a number: `source/github/3`. */
  readonly id: string;
  readonly openedAt: string;
  /** Its last day, UTC. */
  readonly due: string;
  readonly closedAt: string | null;
  /** Of a closed one: the collection, or the definition, that showed that nothing is missing any more. */
  readonly by: string | null;
}

export interface FaultWork {
  readonly at: string;
  readonly known: number;
  readonly opened: number;
  /** Open items by subject, as `textOf` writes it. */
  readonly open: ReadonlyMap<string, FaultItem>;
}

const SOURCES_FAULT: ReadonlySet<Cause> = new Set(['disputed', 'stale', 'incomplete', 'forbidden', 'failed']);

/** Who has to act on an unknown. `source` is the one that should have said it, where one is known. */
export function subjectOf(cause: Cause, source: string | null, standard: string): FaultSubject {
  return source !== null && SOURCES_FAULT.has(cause)
    ? { of: 'source', id: source }
    : { of: 'standard', id: standard };
}

const textOf = ({ of, id }: FaultSubject) => `${of}/${id}`;

/** Something that cannot be told: of one asset, or of `count` alike. */
export interface Untold {
  readonly cause: Cause;
  readonly source: string | null;
  readonly standard: string;
  readonly count?: number;
}

/** Counts unknowns as they come, however many there are. */
export function faultsOf(
  unknowns: Iterable<Untold>,
  ownerOf: (subject: FaultSubject) => string | null,
): FaultTally[] {
  const tallies = new Map<string, { subject: FaultSubject; causes: Partial<Record<Cause, number>> }>();
  for (const { cause, source, standard, count = 1 } of unknowns) {
    const subject = subjectOf(cause, source, standard);
    const tally = tallies.get(textOf(subject)) ?? { subject, causes: {} };
    tally.causes[cause] = (tally.causes[cause] ?? 0) + count;
    tallies.set(textOf(subject), tally);
  }
  return [...tallies]
    .sort(([a], [b]) => ascending(a, b))
    .map(([, { subject, causes }]) => ({ subject, owner: ownerOf(subject), causes }));
}

export type FaultEvent = { readonly event: 'fault-opened' | 'fault-closed'; readonly item: FaultItem };

export interface FaultInput {
  /** Of every unknown there is. */
  readonly tallies: readonly FaultTally[];
  /** What the subject said last: a source's newest collection, a standard's definition. Null: nothing since. */
  readonly heardFrom: (subject: FaultSubject) => string | null;
  readonly policy: WorkPolicy;
  readonly now: Date;
  readonly known: number;
}

/** As `reconcile`: pure, twice is once, and an item closes on what was observed, never on silence. */
export function reconcileFaults(
  work: FaultWork,
  { tallies, heardFrom, policy, now, known }: FaultInput,
): { readonly work: FaultWork; readonly events: readonly FaultEvent[] } {
  if (known < work.known) return { work, events: [] };
  const at = later(now.toISOString(), work.at);
  const open = new Map<string, FaultItem>();
  const events: FaultEvent[] = [];
  let { opened } = work;
  const current = new Map(tallies.map((tally) => [textOf(tally.subject), tally]));
  for (const [subject, item] of work.open) {
    const tally = current.get(subject);
    const by = tally ? null : heardFrom(item.subject);
    if (by === null) open.set(subject, { ...item, ...(tally ?? {}) });
    else events.push({ event: 'fault-closed', item: { ...item, closedAt: at, by } });
  }
  for (const [subject, tally] of current) {
    if (open.has(subject)) continue;
    opened += 1;
    const due = dayAfter(at, policy.source);
    const item = { ...tally, id: `${subject}/${opened}`, openedAt: at, due, closedAt: null, by: null };
    open.set(subject, item);
    events.push({ event: 'fault-opened', item });
  }
  return { work: { at, known, opened, open }, events };
}
