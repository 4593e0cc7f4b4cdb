/** How the compiler is started for one compilation of the whole repository, or of what is published. */
import { join } from 'node:path';

/** By one thread: four check what they share four times over, and others have use for the processors. */
export const compiler = (root: string, ...args: readonly string[]): string[] => [
  join(root, 'node_modules/typescript/bin/tsc'),
  '--singleThreaded',
  ...args,
];

/** It lets go of little before it ends, so looking for that is a third of its work. Where it holds more than this, it looks. */
export const COMPILER_MEMORY = { GOGC: 'off', GOMEMLIMIT: '3GiB' } as const;
