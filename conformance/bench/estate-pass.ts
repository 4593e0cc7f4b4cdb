/** Every application of an estate by thirty standards: the compiler's SQL beside SQL by hand, and beside DuckDB with it. */
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { openChdb } from '@macadam/adapters/facts/clickhouse/chdb';
import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import { tableOf } from '@macadam/adapters/facts/layout';
import { EAGER, pass } from '@macadam/adapters/facts/sql/pass';
import { ensureInstalled } from '../install.ts';
import { CLICKHOUSE, caseWhen, DUCKDB, multiIf, verdicts } from './pass/by-hand.ts';
import { NOW, statements } from './pass/estate.ts';
import { applications } from './pass/standards.ts';
import { FULL, type Row, row, type Size } from './row.ts';
import { type Spent, scratch, spent } from './spent.ts';

interface Contender {
  readonly sql: string;
  readonly parameters: Readonly<Record<string, never>>;
  /** From the codes of a column to those of the verdicts: fail 0, pass 1, unknown 2, out of scope 3. */
  readonly verdict: (column: string) => string;
}

type Ask = (sql: string, parameters?: Readonly<Record<string, never>>) => Promise<readonly object[]>;

const peerName = 'DuckDB 1.5, the same SQL by hand in its words';

export async function bench({ quick }: Size = FULL): Promise<readonly Row[]> {
  return over(quick ? 20_000 : 10_000_000, quick ? 1 : 3);
}

/** Of so many applications, in so many rounds. */
export async function over(rows: number, rounds: number, peers = true): Promise<readonly Row[]> {
  const folder = scratch('pass');
  const driver = await openChdb({ directory: join(folder, 'engine') });
  try {
    return await measured({ driver, folder, rows, rounds, peers });
  } finally {
    await driver.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface MeasuredInput {
  readonly driver: Driver;
  readonly folder: string;
  readonly rows: number;
  readonly rounds: number;
  readonly peers: boolean;
}

async function measured({ driver, folder, rows, rounds, peers }: MeasuredInput): Promise<Row[]> {
  const { kind, standards } = applications();
  await driver.command('SET max_threads = 2');
  for (const statement of statements(kind, rows)) await driver.command(statement);
  const [held] = await driver.query<{ rows: string }>(
    `SELECT uniqExact("@id") AS rows FROM ${tableOf(kind)}`,
  );
  if (Number(held?.rows) !== rows) throw new Error(`${held?.rows} of ${rows} applications were made`);
  const clock = { asOf: NOW, real: NOW };
  const translated = (details: 'none' | 'all'): Contender => {
    const { sql, parameters, refused } = pass(kind, standards, clock, { details });
    const [first] = refused;
    if (first) throw new Error(`${first.standard.definition.id}: ${first.refusal.refused}`);
    return { sql, parameters: Object.fromEntries(parameters) as never, verdict: (column) => `${column} % 4` };
  };
  const ours = translated('none');
  const detailed = translated('all');
  const by = (dialect: typeof CLICKHOUSE, write: typeof multiIf): Contender => ({
    sql: `SELECT "@id", "@outside", ${verdicts(dialect, NOW, write).join(',\n')} FROM ${tableOf(kind)}`,
    parameters: {},
    verdict: (column) => column,
  });
  const hand = by(CLICKHOUSE, multiIf);
  // Whoever writes SQL by hand knows the setting too.
  const ask: Ask = (sql, parameters) => driver.query(`${sql} ${EAGER}`, parameters);
  const told = await sums(ask, hand, standards.length);
  for (const one of [ours, detailed]) same(told, await sums(ask, one, standards.length), 'the compiler');
  const duck = peers ? await duckdb(driver, folder, tableOf(kind)) : null;
  const other = by(DUCKDB, caseWhen);
  if (duck) same(told, await sums(duck.ask, other, standards.length), 'DuckDB');

  // All take turns, so that whatever else the machine does meets them alike. The sums read every verdict.
  const sink = ({ sql }: Contender) =>
    `SELECT ${standards.map((_, at) => `sum(s${at}) AS s${at}`).join(', ')} FROM (${sql})`;
  const contenders = { ours, hand, detailed };
  const best: Record<string, Spent> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, one] of Object.entries(contenders))
      best[name] = spent(best[name], await timed(() => ask(sink(one), one.parameters)));
    if (duck) best.duck = spent(best.duck, await timed(() => duck.ask(sink(other))));
  }
  const about = (name: string) => {
    const { seconds = 0 } = best[name] ?? {};
    return `${seconds.toFixed(1)} s by the clock`;
  };
  const cpu = (name: string) => best[name]?.cpuSeconds ?? null;
  const what = `a verdict on each of ${rows} applications by each of ${standards.length} standards, all of one kind, answers compared first`;
  const shared = { unit: 'processor s', goal: { of: 'ratio', atMost: 1.1 } } as const;
  return [
    row({
      id: 'estate-pass',
      what: `${what}; ${about('ours')}`,
      ours: cpu('ours') ?? 0,
      peer: cpu('hand'),
      peerName: `SQL by hand on the same engine, ${about('hand')}`,
      ...shared,
    }),
    row({
      id: 'estate-pass-details',
      what: `${what}, with the reason of every fail, and the first cause and path of every unknown; ${about('detailed')}`,
      ours: cpu('detailed') ?? 0,
      peer: cpu('hand'),
      peerName: `SQL by hand for the verdicts alone, which tells less, ${about('hand')}`,
      ...shared,
    }),
    row({
      id: 'estate-pass-duckdb',
      what: `${what}; ${about('ours')}`,
      ours: cpu('ours') ?? 0,
      peer: cpu('duck'),
      peerName: duck ? `${peerName}, ${about('duck')}` : `${peerName} (it is not here)`,
      ...shared,
    }),
  ];
}

const timed = async (run: () => Promise<unknown>): Promise<Spent> => {
  const before = process.cpuUsage();
  const started = performance.now();
  await run();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 };
};

/** Of every standard the sum of its verdicts, and that sum with each asset's own weight. */
async function sums(ask: Ask, { sql, parameters, verdict }: Contender, standards: number) {
  const weight = `(CAST(substring("@id", 13, 10) AS BIGINT) % 1009)`;
  const parts = Array.from({ length: standards }, (_, at) => {
    const code = verdict(`s${at}`);
    return `CAST(sum(${code}) AS BIGINT) AS plain${at}, CAST(sum(${code} * ${weight}) AS BIGINT) AS weighed${at}`;
  });
  const [one = {}] = await ask(`SELECT ${parts.join(', ')} FROM (${sql})`, parameters);
  return Object.entries(one).map(([name, value]) => `${name} ${value}`);
}

function same(a: readonly string[], b: readonly string[], who: string): void {
  const other = a.find((one, at) => one !== b[at]);
  if (other !== undefined) throw new Error(`${who} answers otherwise than the SQL by hand at ${other}`);
}

interface Duck {
  readonly DuckDBInstance: {
    create(path: string): Promise<{
      connect(): Promise<{
        run(sql: string): Promise<unknown>;
        runAndReadAll(sql: string): Promise<{ getRowObjectsJson(): readonly object[] }>;
      }>;
    }>;
  };
}

/** DuckDB with the same rows, or null where there is none for this machine. */
async function duckdb(driver: Driver, folder: string, table: string): Promise<{ readonly ask: Ask } | null> {
  const conformance = join(import.meta.dirname, '..');
  ensureInstalled(conformance);
  let module: Duck;
  try {
    module = await import(createRequire(join(conformance, 'package.json')).resolve('@duckdb/node-api'));
  } catch {
    return null;
  }
  const file = join(folder, 'rows.parquet');
  await driver.command(
    `SELECT * EXCEPT ("@held", "@whys", "@path", "@line", "@name") FROM ${table}
     INTO OUTFILE '${file}' FORMAT Parquet SETTINGS output_format_parquet_string_as_string = 1`,
  );
  // On disk as the other engine's rows are, so that neither holds the estate in memory.
  const instance = await module.DuckDBInstance.create(join(folder, 'peer.duckdb'));
  const connection = await instance.connect();
  await connection.run("SET threads = 2; SET memory_limit = '4GB'");
  await connection.run(`CREATE TABLE ${table} AS SELECT * FROM read_parquet('${file}')`);
  return { ask: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson() };
}
