/**
 * `npm run bench [-- --json] [--only FILE] [--quick]`: how fast and how frugal, beside peers on the same material. Each other file
 * of this folder that exports `bench` gives rows; a bench that breaks gives a message and exit code 1, not silence.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BenchModule, Row } from './row.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});
const rows: Row[] = [];
const tables: string[] = [];
const files = readdirSync(import.meta.dirname)
  .filter((file) => /^[a-z-]+\.ts$/.test(file))
  .filter((file) => values.only === undefined || file === `${values.only}.ts`);
for (const file of files) {
  if (file === 'main.ts') continue;
  const module: Partial<BenchModule> = await import(join(import.meta.dirname, file));
  if (module.bench === undefined) continue;
  console.error(`measuring ${file.replace('.ts', '')} …`);
  try {
    const own = await module.bench({ quick: values.quick });
    rows.push(...own);
    if (module.table !== undefined) tables.push(module.table(own));
  } catch (error) {
    console.error(`${file}: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
    process.exitCode = 1;
  }
}
if (values.json) console.log(JSON.stringify(rows, null, 2));
else
  for (const { id, what, unit, ours, peer, peerName, ratio, goal, met } of rows) {
    const beside = peer === null ? peerName : `${peerName}: ${peer} ${unit}, ratio ${ratio}`;
    console.log(`${met ? '✓' : '✗'} ${id}: ${ours} ${unit} (${goal})\n    ${what}\n    ${beside}`);
  }
if (!values.json) for (const table of tables) console.log(`\n${table}`);
