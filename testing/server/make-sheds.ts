/** Fills the store of `sample.ts` in the folder that is given, for others to copy: a process of its own, because the engine stays in one. */
import { makeSheds } from './sample.ts';

await makeSheds(process.argv[2] ?? '');
process.exit(0);
