/** What every file of verbs needs. */

/** Takes the exit code of a verb. */
export type End = (code: number) => void;

/** An option that may be given again and takes one word each time: what follows is a path, and no second of it. */
export const again = (given: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  given,
];
