/** An attack: a bounded script against a server of its own, which has to refuse it. */
import type { Attacked, StartOptions } from './server.ts';

export interface Attack {
  /** What a stranger did, and what came of it before. */
  readonly finding: string;
  /** Seconds after which it counts as having hung the server. Default 120. */
  readonly seconds?: number;
  /** Rejects, mostly with an `AssertionError`, where the attack succeeds. Servers that it starts are ended for it. */
  readonly run: (start: (options?: StartOptions) => Promise<Attacked>) => Promise<void>;
}
