/**
 * How much of the server one caller may hold at once, and all of them together. What would be more waits a little, and is then told to
 * ask again: so nobody has to be fast, and nobody who is slow, or many, takes the place of the others.
 */
import { type PlacesOptions, places } from '@macadam/adapters/places';
import {
  type Congestion,
  type GiveBack,
  NoTurn,
  type Turns,
  type TurnsOptions,
  turns,
} from '@macadam/adapters/turns';
import { HttpProblem } from './problem.ts';

/** What is held: any request; one that looks through the facts; an answer that is read for long; one without an end; a body that comes for long; a copy of both stores. */
const HOLDS = ['request', 'search', 'download', 'stream', 'upload', 'backup'] as const;
export type Hold = (typeof HOLDS)[number];

export interface HoldLimit {
  readonly perCaller: number;
  readonly altogether: number;
  /** How many requests of one caller may wait for the ones before. */
  readonly waiting: number;
  /** Milliseconds. */
  readonly patience: number;
  /** Of whoever is in a hurry, where many wait; left out: as everybody. */
  readonly congestion?: Omit<Congestion, 'monotonicMs'>;
  /** Fewer than `altogether` have one at once where it takes long; left out: never. */
  readonly paced?: Omit<PlacesOptions, 'most' | 'monotonicMs'>;
}

export const LIMITS: Readonly<Record<Hold, HoldLimit>> = {
  // Fewer than there are connections to the database, so that one caller alone never has all of them.
  request: {
    perCaller: 6,
    altogether: 100,
    waiting: 50,
    patience: 10_000,
    congestion: { after: 200, patience: 100 },
    paced: { least: 8, late: 200, window: 500, fewest: 10 },
  },
  // Fewer than there are connections, too: however long the engine takes, whoever asks nothing of it goes on.
  search: {
    perCaller: 3,
    altogether: 6,
    waiting: 50,
    patience: 10_000,
    congestion: { after: 1000, patience: 100 },
    // One after the other is as quick for all of them: the engine does one thing at a time.
    paced: { least: 1, late: 250, window: 1000, fewest: 4 },
  },
  download: { perCaller: 4, altogether: 64, waiting: 4, patience: 2000 },
  stream: { perCaller: 6, altogether: 256, waiting: 0, patience: 1 },
  // It takes the room of both stores while it is made and fetched.
  backup: { perCaller: 1, altogether: 1, waiting: 0, patience: 1 },
  // Each may fill a gigabyte of disk; what is small is written together with what others sent, so many are welcome.
  upload: {
    perCaller: 4,
    altogether: 16,
    waiting: 20,
    patience: 5000,
    congestion: { after: 1000, patience: 100 },
  },
};

export interface Limiter {
  /**
   * Rejects with 429 where the caller holds too much, with 503 where all of them do: both say when to ask again. What it gives is called
   * when nothing is held any more. `hurried`: a program, which asks again by itself; a person is rather kept waiting.
   */
  take(hold: Hold, caller: string, hurried?: boolean): Promise<GiveBack>;
}

type Take = (caller: string, hurried: boolean) => Promise<GiveBack>;

export function limiter(
  limits: Readonly<Record<Hold, HoldLimit>>,
  monotonicMs: () => number = () => performance.now(),
): Limiter {
  const held = new Map<Hold, Take>(HOLDS.map((hold) => [hold, limited(hold, limits[hold], monotonicMs)]));
  return {
    take: (hold, caller, hurried = false) => {
      const take = held.get(hold);
      if (take === undefined) throw new TypeError(`${hold} has no limit`);
      return take(caller, hurried);
    },
  };
}

function limited(
  hold: Hold,
  { perCaller, altogether, waiting, patience, congestion, paced }: HoldLimit,
  monotonicMs: () => number,
): Take {
  const pace = paced && places({ ...paced, most: altogether, monotonicMs });
  const all = turns({
    atOnce: pace ? pace.now : altogether,
    waiting: 4 * altogether,
    patience,
    ...(congestion && { congestion: { ...congestion, monotonicMs } }),
  });
  const own: TurnsOptions = { atOnce: perCaller, waiting, patience };
  const callers = new Map<string, Turns>();
  return async (caller, hurried) => {
    const theirs = callers.get(caller) ?? turns(own);
    callers.set(caller, theirs);
    const forget = () => {
      if (theirs.idle && callers.get(caller) === theirs) callers.delete(caller);
    };
    try {
      const giveOwnBack = await turnOf(theirs, false, () => tooMany(hold, perCaller));
      try {
        const giveBack = await turnOf(all, hurried, () => busy(hold));
        const ended = pace?.begun();
        return () => {
          ended?.();
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

async function turnOf(of: Turns, hurried: boolean, refusal: () => HttpProblem): Promise<GiveBack> {
  try {
    return await of.take(hurried);
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
