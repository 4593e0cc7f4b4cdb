/**
 * How much of the server one caller may hold at once, and all of them together. What would be more waits a little, and is then told to
 * ask again: so nobody has to be fast, and nobody who is slow, or many, takes the place of the others.
 */
import { type GiveBack, NoTurn, type Turns, type TurnsOptions, turns } from '@macadam/adapters/turns';
import { HttpProblem } from './problem.ts';

/** What is held: any request; one that looks through the facts; an answer that is read for long; one without an end; a body that comes for long; a copy of both stores. */
export const HOLDS = ['request', 'search', 'download', 'stream', 'upload', 'backup'] as const;
export type Hold = (typeof HOLDS)[number];

export interface HoldLimit {
  readonly perCaller: number;
  readonly altogether: number;
  /** How many requests of one caller may wait for the ones before. */
  readonly waiting: number;
  /** Milliseconds. */
  readonly patience: number;
}

export const LIMITS: Readonly<Record<Hold, HoldLimit>> = {
  // Fewer than there are connections to the database, so that one caller alone never has all of them.
  request: { perCaller: 6, altogether: 100, waiting: 50, patience: 10_000 },
  // Fewer than there are connections, too: however long the engine takes, whoever asks nothing of it goes on.
  search: { perCaller: 3, altogether: 6, waiting: 50, patience: 10_000 },
  download: { perCaller: 4, altogether: 64, waiting: 4, patience: 2000 },
  stream: { perCaller: 6, altogether: 256, waiting: 0, patience: 1 },
  // It takes the room of both stores while it is made and fetched.
  backup: { perCaller: 1, altogether: 1, waiting: 0, patience: 1 },
  // Each may fill a gigabyte of disk; what is small is written together with what others sent, so many are welcome.
  upload: { perCaller: 4, altogether: 16, waiting: 20, patience: 5000 },
};

export interface Limiter {
  /**
   * Rejects with 429 where the caller holds too much, with 503 where all of them do: both say when to ask again. What it gives is called
   * when nothing is held any more.
   */
  take(hold: Hold, caller: string): Promise<GiveBack>;
}

export function limiter(limits: Readonly<Record<Hold, HoldLimit>> = LIMITS): Limiter {
  const held = new Map<Hold, (caller: string) => Promise<GiveBack>>(
    HOLDS.map((hold) => [hold, limited(hold, limits[hold])]),
  );
  return {
    take: (hold, caller) => {
      const take = held.get(hold);
      if (take === undefined) throw new TypeError(`${hold} has no limit`);
      return take(caller);
    },
  };
}

function limited(
  hold: Hold,
  { perCaller, altogether, waiting, patience }: HoldLimit,
): (caller: string) => Promise<GiveBack> {
  const all = turns({ atOnce: altogether, waiting: 4 * altogether, patience });
  const own: TurnsOptions = { atOnce: perCaller, waiting, patience };
  const callers = new Map<string, Turns>();
  return async (caller) => {
    const theirs = callers.get(caller) ?? turns(own);
    callers.set(caller, theirs);
    const forget = () => {
      if (theirs.idle && callers.get(caller) === theirs) callers.delete(caller);
    };
    try {
      const giveOwnBack = await turnOf(theirs, () => tooMany(hold, perCaller));
      try {
        const giveBack = await turnOf(all, () => busy(hold));
        return () => {
          giveBack();
          giveOwnBack();
          forget();
        };
      } catch (error) {
        giveOwnBack();
        throw error;
      }
    } catch (error) {
      forget();
      throw error;
    }
  };
}

async function turnOf(of: Turns, refusal: () => HttpProblem): Promise<GiveBack> {
  try {
    return await of.take();
  } catch (error) {
    throw error instanceof NoTurn ? refusal() : error;
  }
}

const NAMES: Readonly<Record<Hold, string>> = {
  request: 'requests',
  search: 'searches',
  download: 'downloads',
  stream: 'event streams',
  upload: 'uploads',
  backup: 'backups',
};

function tooMany(hold: Hold, most: number): HttpProblem {
  const reason = `you have ${most} ${NAMES[hold]} under way already`;
  return new HttpProblem(429, reason, [{ field: '', reason, fix: 'wait until one has ended' }], {
    'retry-after': '2',
  });
}

const busy = (hold: Hold): HttpProblem =>
  new HttpProblem(503, `the server has as many ${NAMES[hold]} under way as it can bear`, [], {
    'retry-after': '2',
  });
