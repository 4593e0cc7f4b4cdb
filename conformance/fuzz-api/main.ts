/**
 * `npm run fuzz:api`: asks a running server everything that its own description says can be asked, rightly and wrongly, as several
 * callers at once.
 *
 *     npm run fuzz:api [-- --requests N] [--seed S] [--url URL --token TOKEN…]
 *
 * Without a URL it starts a server of its own on sample stores. No answer may be a 5xx, undocumented, or unlike its schema.
 */
import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';
import { fuzzable } from './server.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '5000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    url: { type: 'string' },
    token: { type: 'string', multiple: true, default: [] },
  },
});
const [requests, seed] = [Number(values.requests), Number(values.seed)];
if (!Number.isInteger(requests) || requests < 1 || !Number.isInteger(seed)) {
  console.error('usage: npm run fuzz:api [-- --requests N] [--seed S] [--url URL --token TOKEN…]');
  process.exit(2);
}
const own = values.url === undefined ? await fuzzable() : null;
const started = performance.now();
const { statuses, succeeded, operations, faults } = await fuzz({
  requests,
  seed,
  url: values.url ?? own?.url ?? '',
  callers: own?.callers ?? ['', ...values.token],
  known: own?.known ?? [],
});
for (const { what, operation, asked, body } of faults)
  console.log(`✗ ${operation}: ${what}\n    ${asked}\n    ${body}`);
for (const failure of own?.failures ?? []) console.log((failure as Error).stack ?? failure);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(
  `${faults.length === 0 ? '✓' : '✗'} ${requests} requests in ${seconds} s, seed ${seed}: ${succeeded} of ${operations} operations ` +
    `succeeded; ${Object.entries(statuses)
      .map(([status, count]) => `${status}: ${count}`)
      .join(', ')}; ${faults.length} faults`,
);
await own?.close();
process.exitCode = faults.length === 0 ? 0 : 1;
