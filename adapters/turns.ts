/**
 * So many at once; others wait in order, for a limited time. Whoever cannot wait any longer is told so: a wait without an end
 * looks like a server that is down, and holds memory for as long as somebody keeps asking.
 */
export interface TurnsOptions {
  /** How many have a turn at once. */
  readonly atOnce: number;
  /** How many may wait; one more is refused at once. */
  readonly waiting: number;
  /** Milliseconds that one waits at most. */
  readonly patience: number;
}

/** Gives the turn back; a second call does nothing. */
export type GiveBack = () => void;

export interface Turns {
  /** Rejects with `NoTurn`. */
  take(): Promise<GiveBack>;
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

export function turns({ atOnce, waiting: most, patience }: TurnsOptions): Turns {
  const queue = new Set<Waiting>();
  let taken = 0;

  const turn = (): GiveBack => {
    taken += 1;
    let mine = true;
    return () => {
      if (!mine) return;
      mine = false;
      taken -= 1;
      const [next] = queue;
      next?.begin();
    };
  };

  return {
    take: async () => {
      if (taken < atOnce) return turn();
      if (queue.size >= most) throw new NoTurn('crowded');
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          queue.delete(waiting);
          reject(new NoTurn('late'));
        }, patience);
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
