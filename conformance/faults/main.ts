/**
 * `npm run fault-plan`: lets the N-th query, engine statement, write or message fail, for N = 1 and on until none does, over what people and
 * programs do; then nothing may be lost, half done, done twice, or said to be done that is not.
 *
 *     npm run fault-plan [-- --seed S] [--every N] [--flow WORDS …] [--place query|engine|file|message …] [--way lost|unanswered|full|broken …] [--by-address]
 *
 * At its end it prints a table: of each flow and each way to fail how many calls there are, and how many were let fail.
 * With `--every 5` about every fifth fault is tried, which by the seed. With `--by-address` the decisions lie on a PostgreSQL server that is
 * started for it, and reached over TCP as any other.
 */
import './drivers.ts';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    every: { type: 'string', default: '1' },
    flow: { type: 'string', multiple: true },
    place: { type: 'string', multiple: true },
    way: { type: 'string', multiple: true },
    'by-address': { type: 'boolean', default: false },
  },
});
const [seed, every] = [Number(values.seed), Number(values.every)];
if (!Number.isInteger(seed) || !Number.isInteger(every) || every < 1) {
  console.error(
    'usage: npm run fault-plan [-- --seed S] [--every N] [--flow WORDS …] [--place query|engine|file|message …] [--way lost|unanswered|full|broken …] [--by-address]',
  );
  process.exit(2);
}
// What takes functions of Node is loaded after they were replaced.
const { runPlan, tableOf } = await import('./plan.ts');
const started = performance.now();
const { faults, tried, violations } = await runPlan({
  seed,
  every,
  byAddress: values['by-address'],
  ...(values.flow && { flows: values.flow }),
  ...(values.place && { places: values.place }),
  ...(values.way && { ways: values.way }),
  progress: (line) => console.log(`  ${line}`),
});
for (const violation of violations) console.log(`✗ ${violation}`);
console.log(`\n${tableOf(tried)}\n`);
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(`fault plan: ${faults} faults in ${seconds} s, seed ${seed}, ${violations.length} violations`);
process.exit(violations.length === 0 && faults > 0 ? 0 : 1);
