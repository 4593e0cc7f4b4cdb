/**
 * `node conformance/simulation/main.ts [--size small|report] [--seed S] [--until DAY] [--data DIR] [--observed all|newest|none]`:
 * fills a folder with a simulated company, or opens it where that was done, and says what it took and what reading costs.
 */
import { lstatSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openStores } from '@macadam/adapters/facts/open';
import { loadCatalogue } from '@macadam/services/catalogue/load';
import { SIMULATED_PARAMETERS } from '@macadam/simulation/parameters';
import { simulate } from '@macadam/simulation/simulate';
import { SIZES, type SizeName } from '@macadam/simulation/size';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'small' },
    seed: { type: 'string', default: '1' },
    until: { type: 'string', default: '2026-11-24' },
    data: { type: 'string' },
    observed: { type: 'string' },
  },
});
if (!Object.hasOwn(SIZES, values.size))
  throw new TypeError(`--size: one of ${Object.keys(SIZES).join(', ')}`);
const named = SIZES[values.size as SizeName];
const OBSERVED = ['all', 'newest', 'none'] as const;
const observed = OBSERVED.find((one) => one === values.observed) ?? named.observed;
const size = { ...named, observed };
const folder = values.data ?? mkdtempSync(join(tmpdir(), 'macadam-simulated-'));
const { kinds, standards } = loadCatalogue([join(import.meta.dirname, '../..')], SIMULATED_PARAMETERS);
const stores = await openStores(folder, { kinds, now: () => new Date() });
const { driver, history } = stores;

const clock = (since: number) => ((performance.now() - since) / 1000).toFixed(1);
const say = (line: string) => process.stdout.write(`${line}\n`);
const started = performance.now();
if (stores.simulated() === null) {
  const compiled = standards.map((one) => one.compiled);
  const options = { size, seed: values.seed, until: new Date(values.until), kinds, standards: compiled };
  await simulate(stores, options, ({ doing, done, total }) =>
    say(`${clock(started)} s: ${doing}, ${done} of ${total}`),
  );
  say(`made in ${clock(started)} s`);
}

const bytes = (path: string): number =>
  readdirSync(path, { withFileTypes: true }).reduce((sum, entry) => {
    const inner = join(path, entry.name);
    return sum + (entry.isDirectory() ? bytes(inner) : lstatSync(inner).size);
  }, 0);
say(`${(bytes(folder) / 1e6).toFixed(0)} MB in ${folder}`);
const [sums] = await driver.query<Record<string, string>>(
  `SELECT count() AS moves, countIf(step = 'opening') AS openings, uniqExact(asset) AS assets, uniqExact(team) AS teams,
    uniqExact(standard) AS standards FROM verdict_delta`,
);
say(`history: ${JSON.stringify(sums)}`);
for (const kind of kinds.keys()) {
  const [row] = await driver.query<{ n: string }>(
    `SELECT count() AS n FROM kind_${kind.replaceAll('-', '_')}`,
  );
  say(`  ${kind}: ${row?.n}`);
}
const ticks = await history.ticks();
const [first, last, before] = [ticks[0], ticks.at(-1), ticks.at(-2)];
if (!first || !last || !before) throw new TypeError('there are no ticks');
const middle = ticks[Math.floor(ticks.length / 2)] ?? first;
const timed = async (what: string, read: () => Promise<readonly unknown[]>) => {
  const times: number[] = [];
  let rows = 0;
  for (let turn = 0; turn < 5; turn += 1) {
    const from = performance.now();
    rows = (await read()).length;
    times.push(performance.now() - from);
  }
  say(`${what}: ${rows} rows, ${times.map((time) => time.toFixed(0)).join(' ')} ms`);
};
const standard = 'tenants-unused-are-removed';
await timed('slice of all standards, today', () => history.slice(last));
await timed('slice of all standards, in the middle', () => history.slice(middle));
await timed(`slice of ${standard} by team, in the middle`, () =>
  history.slice(middle, { standard }, ['team']),
);
await timed('slice of all standards by team, today', () => history.slice(last, {}, ['standard', 'team']));
await timed('account of the last week', () => history.account(before, last));
await timed(`account of ${standard} over all, by team`, () =>
  history.account(first, last, { standard }, ['team']),
);
say(`${'standard'.padEnd(44)} first: pass fail unknown, last: pass fail unknown`);
const then = new Map((await history.slice(first)).map((row) => [row.standard, row]));
for (const row of (await history.slice(last)).toSorted((a, b) =>
  `${a.standard}` < `${b.standard}` ? -1 : 1,
)) {
  const old = then.get(row.standard);
  const were = old ? `${old.pass} ${old.fail} ${old.unknown}` : '–';
  say(`${(row.standard ?? '').padEnd(44)} ${were.padEnd(24)} ${row.pass} ${row.fail} ${row.unknown}`);
}
say(`assets whose signs do not sum to 0 or 1: ${(await history.broken()).length}`);
await stores.close();
