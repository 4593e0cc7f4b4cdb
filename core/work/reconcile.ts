/**
 * What work there is, made of where assets stand: the only thing that opens and closes batches. Pure and idempotent; one
 * standard at a time, because a member that changes hands stays with its standard. Standings may be all of them or only
 * those that changed: an asset of which nothing is said stays as it was, since silence is no observation.
 */

import type { Severity } from '../figures/scan.ts';
import { ascending } from '../text/order.ts';
import { type Exception, endOf, exceptionFor, exceptionsOf } from '../verdicts/exception.ts';
import {
  type Batch,
  type Departure,
  type DepartureReason,
  dayAfter,
  dueOf,
  later,
  MS_OF_DAY,
  sooner,
  type WorkPolicy,
} from './batch.ts';

/** Where an asset stands under the standard: pass, fail, unknown, or not applicable (`gone`: no such asset any more). */
export interface WorkStanding {
  readonly asset: string;
  /** What exceptions may call it by; its id when left out. */
  readonly name?: string;
  readonly verdict: 'P' | 'F' | 'U' | 'O';
  readonly gone?: boolean;
  /** A team; null while nobody owns it. */
  readonly owner: string | null;
  /** What the verdict rests on: an observation, or the definition that took it out of scope. */
  readonly by: string;
  /** Of a failure: since when. Of several the first counts, and it runs through unknown. */
  readonly since?: string;
  /** Of a failure: what an exception may have accepted (`acceptedValue`). */
  readonly value?: string;
}

/** An asset that failed and was not seen to pass since. */
export interface FailingAsset {
  readonly name: string;
  readonly owner: string | null;
  readonly since: string;
  readonly by: string;
  /** Whether it cannot be told at the moment; its clock runs on. */
  readonly unknown: boolean;
  readonly value: string | null;
  /** The open batch that holds it; null while it waits for the next one, which it does while it is excepted. */
  readonly batch: string | null;
  /** Id of the exception under which it was found to be, or the reason of one without an id. */
  readonly excepted: string | null;
  /** Last day of that exception; null without one. */
  readonly exceptedUntil: string | null;
  /** It is due on this day at the earliest, because of an exception; null where there was none. */
  readonly dueFrom: string | null;
  /** When it first went from one team's batch to another team; null where it never did. */
  readonly handedOverAt: string | null;
}

export interface StandardWork {
  readonly standard: string;
  /** Time and number of the newest pass; neither runs backwards. */
  readonly at: string;
  readonly known: number;
  /** How many batches were opened, so that no id is given twice. */
  readonly opened: number;
  /** Owner → when a batch of new failures was last opened. */
  readonly lastOpened: ReadonlyMap<string, string>;
  readonly failing: ReadonlyMap<string, FailingAsset>;
  readonly open: ReadonlyMap<string, Batch>;
}

export type WorkEvent =
  | { readonly event: 'opened'; readonly batch: Batch }
  | { readonly event: 'left'; readonly batch: string; readonly departure: Departure }
  /** An exception allows its failure from here on: its clock stands still, and it stays where it is. */
  | {
      readonly event: 'paused';
      readonly asset: string;
      /** The open batch that holds it, if any. */
      readonly batch: string | null;
      readonly exception: string;
      /** Its last day. */
      readonly until: string;
    }
  /** Its exception came to its end, or what was accepted is no longer what is there: its clock runs again. */
  | {
      readonly event: 'failing-again';
      readonly asset: string;
      readonly batch: string | null;
      readonly exception: string;
      readonly why: 'ended' | 'drifted';
    }
  /** Nothing is left to be done; the batch as it ended, to be kept. */
  | { readonly event: 'closed'; readonly batch: Batch };

export interface ReconcileInput {
  readonly standard: {
    readonly id: string;
    readonly severity: Severity;
    /** False while it is only measured: what fails waits. */
    readonly opens: boolean;
    /** Where it opens for some only: whether it does for an asset of an owner. Left out: for everybody, or for nobody. */
    readonly opensFor?: (asset: { readonly id: string; readonly name: string }, owner: string) => boolean;
  };
  readonly standings: Iterable<WorkStanding>;
  readonly exceptions: readonly Exception[];
  readonly policy: WorkPolicy;
  readonly now: Date;
  /** Assets that were gone while they were to be done → when they were due. One that comes back has won no time by it. */
  readonly returned?: ReadonlyMap<string, string>;
  /** Number of the sealed batch of facts that the standings are of. */
  readonly known: number;
}

export interface Reconciled {
  readonly work: StandardWork;
  readonly events: readonly WorkEvent[];
}

/** A pass over facts that are older than those of the last one changes nothing: what it says has been said better. */
export function reconcile(work: StandardWork, input: ReconcileInput): Reconciled {
  if (input.known < work.known) return { work, events: [] };
  const now = later(input.now.toISOString(), work.at);
  const failing = new Map(work.failing);
  const leaving: Leaving[] = [];
  for (const standing of input.standings) hear(failing, leaving, standing, now);
  const { moved, clocks } = place({ failing, leaving, input, work, now });
  const departed = depart(work, leaving, now);
  const lastOpened = new Map(work.lastOpened);
  const opened: Batch[] = [];
  const open = (openings: readonly Opening[]) => {
    for (const one of openings) {
      const batch = { ...one, id: `${work.standard}/${work.opened + opened.length + 1}` };
      opened.push(batch);
      departed.open.set(batch.id, batch);
      if (batch.of === 'failures') lastOpened.set(batch.owner, now);
      for (const asset of batch.members) {
        const own = failing.get(asset);
        if (own) failing.set(asset, { ...own, batch: batch.id });
      }
    }
  };
  open(handedOver(moved, work, input.policy, now));
  open(nextBatches(failing, work, input, now));
  return {
    work: {
      standard: work.standard,
      at: now,
      known: input.known,
      opened: work.opened + opened.length,
      lastOpened,
      failing,
      open: departed.open,
    },
    events: [
      ...clocks,
      ...departed.events,
      ...opened.map((batch): WorkEvent => ({ event: 'opened', batch })),
    ],
  };
}

const earlier = (a: string, b: string) => (Date.parse(b) < Date.parse(a) ? b : a);

interface Leaving {
  readonly batch: string;
  readonly asset: string;
  readonly why: DepartureReason;
  readonly by: string;
}

/** Takes one standing in. What passes or is out of scope is forgotten; what is unknown keeps its place and its clock. */
function hear(
  failing: Map<string, FailingAsset>,
  leaving: Leaving[],
  standing: WorkStanding,
  now: string,
): void {
  const { asset, verdict, owner, by } = standing;
  const before = failing.get(asset);
  if (verdict === 'F') {
    const since = standing.since ?? now;
    const [name, value] = [standing.name ?? asset, standing.value ?? null];
    const told = { name, owner, by, value, unknown: false };
    if (!before)
      failing.set(asset, {
        ...told,
        since,
        batch: null,
        excepted: null,
        exceptedUntil: null,
        dueFrom: null,
        handedOverAt: null,
      });
    else failing.set(asset, { ...before, ...told, since: earlier(before.since, since) });
  } else if (before && verdict === 'U') {
    failing.set(asset, { ...before, owner, unknown: true });
  } else if (before) {
    failing.delete(asset);
    if (before.batch === null) return;
    const why = verdict === 'P' ? 'passed' : standing.gone ? 'gone' : 'out-of-scope';
    leaving.push({ batch: before.batch, asset, why, by });
  }
}

/** A member of another owner's batch, on its way to a batch of its own owner's. */
interface MovedMember {
  readonly asset: string;
  readonly owner: string;
  readonly from: string;
  /** When this failure first changed hands. */
  readonly first: string;
}

interface PlaceInput {
  readonly failing: Map<string, FailingAsset>;
  readonly leaving: Leaving[];
  readonly input: ReconcileInput;
  readonly work: StandardWork;
  readonly now: string;
}

/**
 * Lets exceptions and new owners have their way with what is failing. Returns what changed hands. A member that is excepted
 * stays where it is: it fails still, and only its date waits.
 */
function place({
  failing,
  leaving,
  input: { exceptions, standard, policy },
  work: { open },
  now,
}: PlaceInput): { readonly moved: readonly MovedMember[]; readonly clocks: readonly WorkEvent[] } {
  const own = exceptionsOf(exceptions, standard.id);
  const named = Map.groupBy(exceptions, nameOf);
  const at = new Date(now);
  const moved: MovedMember[] = [];
  const clocks: WorkEvent[] = [];
  for (const [asset, one] of failing) {
    const { name, value } = one;
    const subject = { id: asset, name, ...(value !== null && { value: () => value }) };
    // What cannot be told at the moment keeps its exception, and is not what another one accepted.
    const untold = one.unknown ? own.inForce({ id: asset, name }, at) : null;
    const kept = one.excepted === null ? [] : (named.get(one.excepted) ?? []);
    const exception = one.unknown
      ? exceptionFor(untold ? [untold, ...kept] : kept, standard.id, subject, at)
      : own.inForce(subject, at);
    let next = one;
    const batch = one.batch === null ? null : (open.get(one.batch) ?? null);
    const about = { asset, batch: batch?.id ?? null };
    if (exception) {
      next = paused(one, exception, policy);
      const { excepted, exceptedUntil } = next;
      if (excepted !== null && exceptedUntil !== null && excepted !== one.excepted)
        clocks.push({ event: 'paused', ...about, exception: excepted, until: exceptedUntil });
    } else if (one.excepted !== null) {
      next = resumed(one, policy, now);
      const why = own.drifted(subject, at) ? 'drifted' : 'ended';
      clocks.push({ event: 'failing-again', ...about, exception: one.excepted, why });
    }
    // Whatever has no owner at the moment stays with the one it had.
    if (batch && one.owner !== null && one.owner !== batch.owner) {
      leaving.push({ batch: batch.id, asset, why: 'reassigned', by: one.owner });
      const first = one.handedOverAt ?? now;
      moved.push({ asset, owner: one.owner, from: batch.id, first });
      next = { ...next, handedOverAt: first };
    }
    if (next !== one) failing.set(asset, next);
  }
  return { moved, clocks };
}

function paused(one: FailingAsset, exception: Exception, policy: WorkPolicy): FailingAsset {
  const excepted = nameOf(exception);
  const dueFrom = dayAfter(endOf(exception).toISOString(), policy.resume);
  const { until } = exception;
  if (one.excepted === excepted && one.exceptedUntil === until && one.dueFrom === dueFrom) return one;
  return { ...one, excepted, exceptedUntil: until, dueFrom };
}

/** One that ended on its day leaves the date that it promised; one that was ended, or accepted something else, counts from now. */
function resumed(one: FailingAsset, policy: WorkPolicy, now: string): FailingAsset {
  const fromNow = dayAfter(now, policy.resume);
  return {
    ...one,
    excepted: null,
    exceptedUntil: null,
    dueFrom: sooner(one.dueFrom ?? fromNow, fromNow),
  };
}

const nameOf = ({ id, reason }: Exception): string => id ?? reason;

/** Members leave their batches; those that are empty then close. */
function depart(
  { open: before }: StandardWork,
  leaving: readonly Leaving[],
  now: string,
): { readonly open: Map<string, Batch>; readonly events: WorkEvent[] } {
  const open = new Map(before);
  const events: WorkEvent[] = [];
  for (const [id, all] of Map.groupBy(leaving, ({ batch }) => batch)) {
    const batch = open.get(id);
    if (!batch) continue;
    const departures = all
      .map(({ asset, why, by }): Departure => ({ asset, why, by, at: now }))
      .sort((a, b) => ascending(a.asset, b.asset));
    events.push(...departures.map((departure): WorkEvent => ({ event: 'left', batch: id, departure })));
    const after = { ...batch, departures: [...batch.departures, ...departures] };
    if (after.departures.length < batch.members.length) open.set(id, after);
    else {
      open.delete(id);
      events.push({ event: 'closed', batch: { ...after, closedAt: now } });
    }
  }
  return { open, events };
}

type Opening = Omit<Batch, 'id'>;

function opening(
  standard: string,
  about: { readonly owner: string; readonly of: Batch['of']; readonly due: string },
  members: readonly string[],
  now: string,
): Opening {
  return {
    standard,
    ...about,
    openedAt: now,
    members: members.toSorted(),
    departures: [],
    closedAt: null,
    claimedBy: null,
    snoozedUntil: null,
    snoozes: 0,
    disputes: [],
    comments: [],
  };
}

/**
 * What changed hands keeps its date, or has the days that the first new owner has at least; one batch for each date. The
 * days count from the first time, so that two teams who pass it to and fro win nothing by it.
 */
function handedOver(
  moved: readonly MovedMember[],
  { open, standard }: StandardWork,
  policy: WorkPolicy,
  now: string,
): Opening[] {
  const dueAfter = ({ asset, from, first }: MovedMember): string => {
    const least = dayAfter(first, policy.handover);
    const batch = open.get(from);
    return batch ? later(dueOf(batch, asset, { now, policy }), least) : least;
  };
  const groups = Map.groupBy(moved, (one) => JSON.stringify([one.owner, dueAfter(one)]));
  return [...groups]
    .sort(([a], [b]) => ascending(a, b))
    .map(([key, members]) => {
      const [owner, due]: [string, string] = JSON.parse(key);
      return opening(
        standard,
        { owner, of: 'reassigned', due },
        members.map(({ asset }) => asset),
        now,
      );
    });
}

/** What waits and fails, as the next batch of each owner whose turn it is. */
function nextBatches(
  failing: ReadonlyMap<string, FailingAsset>,
  { lastOpened, standard: id }: StandardWork,
  { standard, policy, returned = new Map() }: ReconcileInput,
  now: string,
): Opening[] {
  if (!standard.opens) return [];
  const due = dayAfter(now, policy.due[standard.severity]);
  const dueOfReturned = (asset: string) => {
    const before = returned.get(asset);
    return before === undefined ? due : sooner(due, later(before, dayAfter(now, policy.handover)));
  };
  /** Owner → due → members: what comes back keeps its date, apart from what is new. */
  const waiting = new Map<string, Map<string, string[]>>();
  for (const [asset, { name, owner, batch, excepted, unknown }] of failing) {
    if (owner === null || batch !== null || excepted !== null || unknown) continue;
    if (standard.opensFor?.({ id: asset, name }, owner) === false) continue;
    const own = waiting.get(owner) ?? new Map<string, string[]>();
    waiting.set(owner, own);
    const on = dueOfReturned(asset);
    const members = own.get(on);
    if (members) members.push(asset);
    else own.set(on, [asset]);
  }
  const turn = (owner: string) => {
    const last = lastOpened.get(owner);
    if (standard.severity === 'critical' || last === undefined) return true;
    return Date.parse(last) + policy.every * MS_OF_DAY <= Date.parse(now);
  };
  return [...waiting]
    .filter(([owner]) => turn(owner))
    .sort(([a], [b]) => ascending(a, b))
    .flatMap(([owner, own]) =>
      [...own]
        .sort(([a], [b]) => ascending(a, b))
        .map(([on, members]) => opening(id, { owner, of: 'failures', due: on }, members, now)),
    );
}
