/**
 * What ails the server, told apart: a thread that does not turn, a database or store that does not answer, one that is locked, and mere
 * load. What is said here anybody may read, so it names no path and no process; the server's log does.
 */
import type { Decisions } from '@macadam/adapters/decisions/port';
import { z } from 'zod';

/**
 * `busy`: it answers, and others wait. `slow`: it has not answered yet, which load explains. `no answer`: it has not for longer than any
 * load of ours takes, or cannot be reached. `locked`: somebody else holds it. `closed`: it is not open, and the log says why.
 */
const STATES = ['ok', 'busy', 'slow', 'no answer', 'locked', 'closed', 'starting'] as const;
type State = (typeof STATES)[number];

const checkSchema = z.strictObject({
  state: z.enum(STATES),
  /** For people. */
  detail: z.string(),
});
type Check = z.output<typeof checkSchema>;

export const livenessSchema = z.strictObject({
  status: z.enum(['ok', 'busy']),
  event_loop: checkSchema,
});
export const readinessSchema = z.strictObject({
  status: z.enum(['ok', 'busy', 'unavailable']),
  event_loop: checkSchema,
  decisions: checkSchema,
  facts: checkSchema,
});

/** With these people are answered, sooner or later. */
const ANSWERS: ReadonlySet<State> = new Set(['ok', 'busy', 'slow']);

/** How the store of facts is: what it answers, or why it is not open. */
export type FactsCondition =
  | { readonly probe: () => Promise<unknown> }
  | { readonly closed: 'starting' | 'locked' | 'closed' };

export interface HealthOptions {
  readonly decisions: Pick<Decisions, 'probe'>;
  readonly facts: () => FactsCondition;
  readonly longestPauseMs: () => number;
  readonly monotonicMs: () => number;
  readonly patience?: Patience;
}

/** In milliseconds. */
interface Patience {
  /** For one look at health. */
  readonly look: number;
  /** After which it is no load any more. */
  readonly dead: number;
}
const PATIENCE: Patience = { look: 2000, dead: 15_000 };
/** What a person notices. */
const PAUSE_MS = 1000;

export interface Health {
  /** Asks nobody but the process itself. */
  live(): z.output<typeof livenessSchema>;
  /** Resolves within `patience.look`. */
  ready(): Promise<z.output<typeof readinessSchema>>;
}

export function healthOf(options: HealthOptions): Health {
  const { decisions, facts, longestPauseMs, patience = PATIENCE } = options;
  const about = { monotonicMs: options.monotonicMs, patience };
  const askDecisions = probing('the database of decisions', about, () => decisions.probe());
  const askFacts = probing('the store of facts', about, async () => {
    const condition = facts();
    if ('probe' in condition) await condition.probe();
  });

  const eventLoop = (): Check => {
    const pause = longestPauseMs();
    return pause < PAUSE_MS
      ? { state: 'ok', detail: '' }
      : { state: 'busy', detail: `requests waited up to ${pause} ms for their turn in the last 30 s` };
  };

  const decisionsNow = async (): Promise<Check> => {
    const asked = await askDecisions();
    if ('state' in asked) return asked;
    const { waitingForLocks, longestWaitSeconds, inUse, waiting } = asked.answer;
    if (waitingForLocks > 0)
      return {
        state: 'locked',
        detail: `another session holds a lock; statements that wait for it: ${waitingForLocks}, the longest for ${longestWaitSeconds} s`,
      };
    if (waiting > 0)
      return {
        state: 'busy',
        detail: `connections in use: all ${inUse}; requests that wait for one: ${waiting}`,
      };
    return { state: 'ok', detail: '' };
  };

  const factsNow = async (): Promise<Check> => {
    const condition = facts();
    if ('closed' in condition) return { state: condition.closed, detail: CLOSED[condition.closed] };
    const asked = await askFacts();
    return 'state' in asked ? asked : { state: 'ok', detail: '' };
  };

  return {
    live: () => {
      const event_loop = eventLoop();
      return { status: event_loop.state === 'ok' ? 'ok' : 'busy', event_loop };
    },
    ready: async () => {
      const [ofDecisions, ofFacts] = await Promise.all([decisionsNow(), factsNow()]);
      const event_loop = eventLoop();
      const states = [event_loop, ofDecisions, ofFacts].map(({ state }) => state);
      const answered = states.every((state) => state === 'ok') ? 'ok' : 'busy';
      return {
        status: states.every((state) => ANSWERS.has(state)) ? answered : 'unavailable',
        event_loop,
        decisions: ofDecisions,
        facts: ofFacts,
      };
    },
  };
}

const CLOSED = {
  starting: 'it is being opened; ask again in a moment',
  locked: 'another process holds its folder; the log of the server names that process: end one of the two',
  closed: 'it could not be opened, so no history is kept; the log of the server says why',
} as const;

/** One question at a time, however often health is looked at: what does not answer is not asked again and again. */
function probing<T>(
  what: string,
  { monotonicMs, patience }: Required<Pick<HealthOptions, 'monotonicMs' | 'patience'>>,
  ask: () => Promise<T>,
): () => Promise<Check | { readonly answer: T }> {
  let under: { readonly since: number; readonly answer: Promise<Check | { readonly answer: T }> } | null =
    null;
  return async () => {
    under ??= {
      since: monotonicMs(),
      answer: ask()
        .then(
          (answer) => ({ answer }),
          (): Check => ({
            state: 'no answer',
            detail: `${what} cannot be reached or refuses to answer; the log of the server says why`,
          }),
        )
        .finally(() => {
          under = null;
        }),
    };
    const { since, answer } = under;
    const answered = await Promise.race([answer, pause(patience.look)]);
    if (answered !== null) return answered;
    const waited = monotonicMs() - since;
    const seconds = Math.round(waited / 1000);
    return waited < patience.dead
      ? { state: 'slow', detail: `${what} has not answered for ${seconds} s; it may have much to do` }
      : {
          state: 'no answer',
          detail: `${what} has not answered for ${seconds} s: it hangs, or its machine does`,
        };
  };
}

const pause = (milliseconds: number): Promise<null> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds, null).unref();
  });
