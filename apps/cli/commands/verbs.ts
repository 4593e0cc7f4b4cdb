/** What every file of verbs needs. */
import type { Command } from 'commander';

/** The action of a verb, which is loaded when it is asked for: calls it with what was typed, and keeps its exit code. */
export type Does = <Typed extends unknown[]>(
  load: () => Promise<(...typed: Typed) => number | Promise<number>>,
) => (...typed: [...Typed, Command]) => Promise<void>;

/** An option that may be given again and takes one word each time: what follows is a path, and no second of it. */
export const again = (given: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  given,
];

export const SERVER = [
  '--server <URL>',
  'the server (default: MACADAM_SERVER, else where you logged in)',
] as const;
