/**
 * What runs beside requests while the server is up. Any number of processes may do so on one store: whatever is to
 * happen once, the store gives to one of them, and what happens twice changes nothing the second time.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { DecisionPrincipal, Decisions, DecisionTransaction } from '@macadam/adapters/decisions/port';
import { retryAt } from '@macadam/adapters/delivery/lane';
import { endOf } from '@macadam/core/verdicts/exception';
import { type Deliveries, runDeliveries } from '@macadam/services/deliver/run';
import { COLLECT } from '@macadam/services/work/acts';
import { exceptionsInForce, noticesDue } from '@macadam/services/work/exceptions';
import { RECONCILE } from '@macadam/services/work/tick';
import type { ServerWork } from './work.ts';

export interface JobOptions {
  readonly decisions: Decisions;
  readonly now: () => Date;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** Null while nothing was measured. */
  readonly work: () => ServerWork | null;
  /** Looks at everything once more; left out where there is nothing to be looked at. */
  readonly collect?: () => Promise<void>;
  /** Told that something was decided that makes a difference to what is shown. */
  readonly decided?: () => void;
  /** Ends what was received and not taken in whole, as a crash leaves it. */
  readonly finishIngest?: () => Promise<unknown>;
  /** Freezes reviews that are due and that nobody has to attend. */
  readonly freezeReviews?: () => Promise<unknown>;
  /** Left out: nothing leaves, as of a company that is made up. */
  readonly deliveries?: Omit<Deliveries, 'failed' | 'now' | 'random'>;
  /** Told of what went wrong, with the job's name; it is tried again in any case. */
  readonly failed: (job: string, error: unknown) => void;
  /** Milliseconds between two looks. Default 30000. */
  readonly restMs?: number;
}

export interface Jobs {
  /** Begins nothing more, and resolves when what was under way has ended. */
  close(): Promise<void>;
}

const REST_MS = 30_000;
const HOUR_MS = 3_600_000;
/** Longest pause after failures, in seconds. */
const LONGEST_S = 300;

export function startJobs(options: JobOptions): Jobs {
  const { decisions, deliveries, collect = async () => {}, finishIngest, now, random } = options;
  const { failed, restMs = REST_MS } = options;
  const cancel = new AbortController();
  const { signal } = cancel;
  const loop = async (name: string, work: () => Promise<unknown>, rest: number) => {
    let failures = 0;
    while (!signal.aborted) {
      let wait = rest;
      try {
        await work();
        failures = 0;
      } catch (error) {
        failures += 1;
        failed(name, error);
        wait = Math.max(wait, retryAt(failures, { now, random }, LONGEST_S) - now().getTime());
      }
      // Processes that were started together do not stay together.
      await pause(wait * (0.75 + random() / 2), undefined, { signal }).catch(() => {});
    }
  };
  const running = [
    loop('reconcile', reconciling(options), restMs),
    loop('notices', () => notify(decisions, now()), restMs * 10),
    ...(options.collect ? [loop('collect', () => collectAsked(decisions, collect, now), restMs / 6)] : []),
    loop('forget', () => forget(decisions, now()), HOUR_MS),
    ...(finishIngest ? [loop('ingest', finishIngest, restMs)] : []),
    ...(options.freezeReviews ? [loop('reviews', options.freezeReviews, restMs * 2)] : []),
    ...(deliveries
      ? [
          runDeliveries(
            decisions,
            { ...deliveries, now, random, failed: (what, error) => failed(`delivery ${what}`, error) },
            signal,
          ),
        ]
      : []),
  ];
  return {
    close: async () => {
      cancel.abort();
      await Promise.all(running);
    },
  };
}

/** What makes a difference to work, by how its entries in the log begin. */
const MATTERS = ['exception.', 'organisation.', 'owner.', 'handover.'] as const;
const ENDING = 'exception.ending';
/** Entries that are looked through; where more came at once, some of them may matter. */
const RECENT = 200;

/** Looks whether anything was decided, or an instant has come; only then goes over the work. */
function reconciling({
  decisions,
  work,
  now,
  decided: told = () => {},
}: Pick<JobOptions, 'decisions' | 'work' | 'now' | 'decided'>) {
  let passed: ServerWork | null = null;
  let seen = -1;
  let due = 0;
  return async (): Promise<void> => {
    const own = work();
    if (own === null) return;
    const { newest, decided, end } = await look(decisions, seen);
    if (own === passed && !decided && now().getTime() < due) return;
    await own.pass();
    if (decided && seen >= 0) told();
    // What is decided meanwhile is seen next time.
    [passed, seen] = [own, newest];
    due = Math.min(end, now().getTime() + HOUR_MS);
  };
}

interface Look {
  /** Number of the newest entry of the log. */
  readonly newest: number;
  /** Whether any entry after the one that was seen last makes a difference. */
  readonly decided: boolean;
  /** When the next exception ends, milliseconds since 1970. */
  readonly end: number;
}

const look = (decisions: Decisions, seen: number): Promise<Look> =>
  decisions.transaction(
    RECONCILE,
    async (tx) => {
      const at = Date.parse(tx.at);
      const ends = (await exceptionsInForce(tx)).map((one) => endOf(one).getTime()).filter((end) => end > at);
      const { number: newest } = await tx.auditHead();
      // What is logged between the two queries belongs to the next look; counted in both, it would cost a second pass.
      const fresh = (await tx.auditEntries({ since: seen, limit: RECENT })).filter(
        ({ number }) => number <= newest,
      );
      const decided = fresh.some(
        ({ action }) => action !== ENDING && MATTERS.some((beginning) => action.startsWith(beginning)),
      );
      return { newest, decided: decided || fresh.length === RECENT, end: Math.min(...ends) };
    },
    { readOnly: true },
  );

/** In the log this is who looks again, because people asked for it. */
const COLLECTING: DecisionPrincipal = { id: 'machine:collect', divisions: 'all' };
/** As long as a look at an estate may take, in seconds; then another process may try. */
const LOOK_S = 900;

/** "Check again": one look answers everybody who asked before it began. Gives how many did. */
export async function collectAsked(
  decisions: Decisions,
  collect: () => Promise<void>,
  now: () => Date,
): Promise<number> {
  const asked = await decisions.transaction(COLLECTING, (tx) =>
    tx.delivery.takeMessages(COLLECT, 1000, LOOK_S),
  );
  if (asked.length === 0) return 0;
  try {
    await collect();
  } catch (error) {
    const retry = new Date(now().getTime() + REST_MS).toISOString();
    await decisions.transaction(COLLECTING, async (tx) => {
      for (const { number } of asked) await tx.delivery.failed(number, (error as Error).message, retry);
    });
    throw error;
  }
  await decisions.transaction(COLLECTING, async (tx) => {
    for (const { number } of asked) await tx.delivery.delivered(number);
  });
  return asked.length;
}

/** In the log this is who tells that exceptions are about to end. */
const NOTICES: DecisionPrincipal = { id: 'machine:notices', divisions: 'all' };
const NOTICED = 'notices';

/**
 * Enters into the log, from where endpoints hear of it, which exceptions end soon; everything once. People read it in the
 * mail of the week. Gives how many there were.
 */
export async function notify(decisions: Decisions, now: Date): Promise<number> {
  return decisions.transaction(NOTICES, async (tx: DecisionTransaction) => {
    await tx.exclusive(NOTICED);
    const last = await tx.failing.pass(NOTICED);
    const after = new Date(last?.valid ?? now.getTime() - 24 * HOUR_MS);
    if (after >= now) return 0;
    const due = await noticesDue(tx, after, now);
    // Where nothing is due the log need not say so at every look.
    if (last && due.length === 0 && now.getTime() - after.getTime() < 24 * HOUR_MS) return 0;
    for (const { exception, endsAt } of due) {
      const record = exception.id === undefined ? null : await tx.permissions.exception(exception.id);
      if (record)
        tx.audit({
          action: ENDING,
          subject: record.id,
          division: record.division,
          detail: { standard: record.standard, endsAt: endsAt.toISOString() },
        });
    }
    await tx.failing.recordPass(
      { subject: NOTICED, valid: now.toISOString(), known: 0, opened: (last?.opened ?? 0) + due.length },
      { notices: due.length },
    );
    return due.length;
  });
}

/** A request is not repeated after two days. */
const KEPT_MS = 48 * HOUR_MS;

const forget = (decisions: Decisions, now: Date): Promise<number> =>
  decisions.transaction(NOTICES, (tx) =>
    tx.delivery.forgetKeys(new Date(now.getTime() - KEPT_MS).toISOString()),
  );
