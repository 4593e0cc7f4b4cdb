/**
 * Whether the machine's clock can be believed: it is held against when the stores were last written. Under a clock that runs ahead all
 * evidence would be too old and every date over, and what is written then stays the newest until its time has come.
 */
import type { Stores } from '@macadam/adapters/facts/open';

/** A server that is off for longer is told so, once. */
const LONGEST_PAUSE_DAYS = 31;
/** Machines differ by seconds. */
const AHEAD_MS = 60_000;
const DAY_MS = 86_400_000;

/** Names the day on which somebody says that the clock is right although nothing was written for long. */
export const CLOCK_IS_RIGHT = 'MACADAM_CLOCK_IS_RIGHT';

/** Nothing was written, and nothing is shown anew: the clock cannot be right. */
export class WrongClock extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WrongClock';
  }
}

/**
 * When the stores were last judged; null where they never were. What others send states times of its own, by which nobody may tell this
 * machine what time it is.
 */
export async function lastWritten({ history }: Pick<Stores, 'history'>): Promise<Date | null> {
  return (await history.ticks()).at(-1)?.valid ?? null;
}

/** Why the clock cannot be right, with both times and what to do; null where it can. */
export function clockProblem(
  now: Date,
  last: Date | null,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  if (last === null) return null;
  const [here, there] = [now.toISOString(), last.toISOString()];
  const ahead = now.getTime() - last.getTime();
  const served =
    'Nothing is measured, taken in or decided by time meanwhile; what was judged last is served.';
  if (ahead < -AHEAD_MS)
    return (
      `the clock of this machine says ${here}, and the stores were last written for ${there}, which is still to come. ${served} ` +
      `Set the clock; or, if it is right, take back what was written for later: macadam facts retract-after ${here} --reason "the clock was wrong"`
    );
  if (ahead <= LONGEST_PAUSE_DAYS * DAY_MS || env[CLOCK_IS_RIGHT] === here.slice(0, 10)) return null;
  const days = Math.floor(ahead / DAY_MS);
  return (
    `the clock of this machine says ${here}, and the stores were last written at ${there}, ${days} days before. ${served} ` +
    `Set the clock; or, if it is right, start the server once with ${CLOCK_IS_RIGHT}=${here.slice(0, 10)}`
  );
}

/** For so long it is believed when the stores were last judged. */
const REMEMBERED_MS = 60_000;

/**
 * Says why the clock cannot be right, for those who ask often: the stores are asked once a minute, and whenever there is something to say.
 * Rejects as the stores do.
 */
export function clockWatch(
  env: Readonly<Record<string, string | undefined>>,
): (stores: Pick<Stores, 'history'>, now: Date) => Promise<string | null> {
  const remembered = new WeakMap<object, { readonly last: Date | null; readonly readAt: number }>();
  return async (stores, now) => {
    const before = remembered.get(stores.history);
    const age = before === undefined ? null : now.getTime() - before.readAt;
    if (before !== undefined && age !== null && age >= 0 && age < REMEMBERED_MS)
      if (clockProblem(now, before.last, env) === null) return null;
    const last = await lastWritten(stores);
    remembered.set(stores.history, { last, readAt: now.getTime() });
    return clockProblem(now, last, env);
  };
}
