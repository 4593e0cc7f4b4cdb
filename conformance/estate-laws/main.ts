/**
 * `npm run estate-laws`: builds a real estate of git repositories, edits it at random, and holds what the real command line
 * says of it against a slow model.
 *
 *     npm run estate-laws [-- --edits N] [--seed S] [--server EVERY] [--keep]
 *
 * With `--server 10` a real server watches the estate, and is asked after every tenth edit. The laws: the figures are those of the model; table, CSV and JSON say the same; a folder's figures are the sums over its
 * distinct repositories; looking less never narrows an interval.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runLaws } from './laws.ts';

const { values } = parseArgs({
  options: {
    edits: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    server: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const edits = Number(values.edits);
const seed = Number(values.seed);
const serverEvery = values.server === undefined ? null : Number(values.server);
if (
  !Number.isInteger(edits) ||
  edits < 1 ||
  !Number.isInteger(seed) ||
  (serverEvery !== null && !(serverEvery >= 1))
) {
  console.error('usage: npm run estate-laws [-- --edits N] [--seed S] [--server EVERY] [--keep]');
  process.exit(2);
}
const place = mkdtempSync(join(tmpdir(), 'macadam-estate-laws-'));
// The database of the server runs under an account of its own, which must be able to pass.
chmodSync(place, 0o755);
const folder = join(place, 'estate');
mkdirSync(folder);
const started = performance.now();
console.log(`seed ${seed}, in ${folder}`);
const { deviations, scans } = await runLaws({
  folder,
  edits,
  seed,
  serverEvery,
  progress: (made) => {
    if (made % 10 === 0) process.stderr.write(`${made} of ${edits} edits\n`);
  },
});
for (const deviation of deviations) console.log(`✗ ${deviation}`);
if (!values.keep) rmSync(place, { recursive: true, force: true });
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(
  `${deviations.length === 0 ? '✓' : '✗'} ${edits} edits, ${scans} scans in ${seconds} s, seed ${seed}: ${deviations.length} deviations`,
);
process.exitCode = deviations.length === 0 ? 0 : 1;
