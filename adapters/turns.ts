/**
 * So many at once; others wait in order, for a limited time. Whoever cannot wait any longer is told so: a wait without an end
 * looks like a server that is down, and holds memory for as long as somebody keeps asking.
 */
export interface TurnsOptions {
  /** How many have a turn at once. A function: it may change; whoever waits notices when a turn is given back. */
  readonly atOnce: number | (() => number);
  /** How many may wait; one more is refused at once. */
  readonly waiting: number;
  /** Milliseconds that one waits at most. */
  readonly patience: number;
  readonly congestion?: Congestion;
}

/**
 * Of whoever is in a hurry: a few that come at once are worth waiting for, for `after` milliseconds; where somebody has waited all that time,
 * more come than can be served, and one waits for `patience` milliseconds and no longer.
 */
export interface Congestion {
  readonly after: number;
  readonly patience: number;
  readonly monotonicMs: () => number;
}

/** Gives the turn back; a second call does nothing. */
export type GiveBack = () => void;

export interface Turns {
  /** Rejects with `NoTurn`. `hurried`: rather told to ask again than kept waiting, where many wait. */
  take(hurried?: boolean): Promise<GiveBack>;
  /** Whether nobody has a turn and nobody waits. */
  readonly idle: boolean;
  /** How many have a turn, and how many wait for one. */
  pressure(): { readonly taken: number; readonly waiting: number };
}

/** Nobody gave a turn back in time (`late`), or too many wait already (`crowded`). */
export class NoTurn extends Error {
  readonly why: 'late' | 'crowded';
  constructor(why: 'late' | 'crowded') {
    super(why === 'late' ? 'nothing became free in time' : 'too many wait already');
    this.name = 'NoTurn';
    this.why = why;
  }
}

interface Waiting {
  readonly begin: () => void;
}

export function turns({ atOnce, waiting: most, patience, congestion }: TurnsOptions): Turns {
  const queue = new Set<Waiting>();
  let taken = 0;
  /** When nobody waited, last. */
  let emptyAt = congestion?.monotonicMs() ?? 0;

  const free = () => taken < (typeof atOnce === 'number' ? atOnce : atOnce());

  const next = () => {
    for (const one of queue) {
      if (!free()) break;
      one.begin();
    }
    if (queue.size === 0 && congestion) emptyAt = congestion.monotonicMs();
  };

  const turn = (): GiveBack => {
    taken += 1;
    let mine = true;
    return () => {
      if (!mine) return;
      mine = false;
      taken -= 1;
      next();
    };
  };

  const patienceOf = (hurried: boolean): number => {
    if (!hurried || !congestion) return patience;
    const { after, monotonicMs } = congestion;
    return Math.min(patience, monotonicMs() - emptyAt > after ? congestion.patience : after);
  };

  return {
    take: async (hurried = false) => {
      next();
      if (queue.size === 0 && free()) return turn();
      if (queue.size >= most) throw new NoTurn('crowded');
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          queue.delete(waiting);
          reject(new NoTurn('late'));
        }, patienceOf(hurried));
        const waiting: Waiting = {
          begin: () => {
            clearTimeout(late);
            queue.delete(waiting);
            resolve(turn());
          },
        };
        queue.add(waiting);
      });
    },
    pressure: () => ({ taken, waiting: queue.size }),
    get idle() {
      return taken === 0 && queue.size === 0;
    },
  };
}
