/**
 * `npm run conformance`: holds Macadam against material that others wrote, and plays whole worlds through: all that stands in this folder
 * and ends by itself.
 *
 *     npm run conformance [-- --without-peers] [--changes N] [--vectors DIR] [--usage]
 *     npm run conformance -- --suite NAME [--vectors DIR] [--changes N] [--shrink]
 *
 * What is asked of the suites conformance/material.ts explains; where one is named, or ledgers are to shrink, nothing else runs.
 */
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    suite: { type: 'string' },
    vectors: { type: 'string' },
    changes: { type: 'string' },
    'without-peers': { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    usage: { type: 'boolean', default: false },
  },
});
await import(values.suite === undefined && !values.shrink ? './all.ts' : './material.ts');
