/**
 * Forgets by age what no longer says anything about today: an observation without which the merge says the same, and
 * which is not its source's last word that the asset exists, can go. How complete its collection was is written down first, for that was counted from it,
 * and what such a collection does not list says nothing any more: the next complete one says it again.
 */
import { randomUUID } from 'node:crypto';
import { parseDurationWithDays } from '@macadam/core/cel/runtime/time';
import { retained } from '@macadam/core/facts/asset';
import { ingest } from '@macadam/core/facts/ingest';
import type { Observation } from '@macadam/core/facts/observation';
import { FactsError, type Forgotten, type Retention } from '../port.ts';
import { countsOf, type History, histories, type Reader, runs, type Seen } from './history.ts';
import { tabSeparated, writtenColumns } from './rows.ts';
import { completenessTable, doomedTable } from './tables.ts';

const PAGE = 2000;

interface ForgetInput {
  readonly reader: Reader;
  readonly known: number;
  readonly ages: Retention;
  readonly now: Date;
  readonly seal: (reason: string) => Promise<void>;
}

/** `seal` records that it was done: nothing before that batch can be asked for any more. */
export async function forget({ reader, known, ages, now, seal }: ForgetInput): Promise<Forgotten> {
  const before = (age: string | undefined, field: string): bigint | null => {
    if (age === undefined) return null;
    const parsed = parseDurationWithDays(age);
    if (parsed === null || parsed.seconds <= 0)
      throw new FactsError('invalid', `${field} is ${JSON.stringify(age)}, and not an age such as 365d`);
    return BigInt(now.getTime()) * 1_000_000n - BigInt(parsed.seconds) * 1_000_000_000n;
  };
  const observed = before(ages.observations, 'observations');
  const set = before(ages.quarantine, 'quarantine');
  const observations = observed === null ? 0 : await forgetObservations(reader, known, observed, seal);
  return { observations, quarantine: set === null ? 0 : await forgetQuarantine(reader, set) };
}

async function forgetQuarantine({ driver }: Reader, cut: bigint): Promise<number> {
  const [row] = await driver.query<{ rows: string }>(
    'SELECT count() AS rows FROM quarantine WHERE received_at < {cut:Int64}',
    { cut },
  );
  const rows = Number(row?.rows ?? 0);
  if (rows > 0) await driver.command('DELETE FROM quarantine WHERE received_at < {cut:Int64}', { cut });
  return rows;
}

async function forgetObservations(
  reader: Reader,
  known: number,
  cut: bigint,
  seal: (reason: string) => Promise<void>,
): Promise<number> {
  const { driver, kinds } = reader;
  const old = `received_at < {cut:Int64} AND ${countsOf(reader)}`;
  let forgotten = 0;
  await driver.command('TRUNCATE TABLE doomed');
  for (const kind of kinds.keys()) {
    for (let after = ''; ; ) {
      const page = await driver.query<{ asset: string }>(
        `SELECT DISTINCT asset FROM observation WHERE kind = {kind:String} AND asset > {after:String} AND ${old}
         ORDER BY asset LIMIT ${PAGE}`,
        { kind, after, known, cut },
      );
      const upto = page.at(-1)?.asset;
      if (upto === undefined) break;
      const lines: string[] = [];
      for (const history of await histories(reader, { kinds: [kind], after, upto, known })) {
        for (const batch of silent(reader, history, cut)) lines.push(tabSeparated([batch, kind, history.id]));
      }
      await driver.insert({
        table: doomedTable.name,
        columns: writtenColumns(doomedTable),
        format: 'TabSeparated',
        rows: Buffer.from(lines.join('')),
        token: randomUUID(),
      });
      forgotten += lines.length;
      after = upto;
    }
  }
  if (forgotten === 0) return 0;
  await freeze(reader, known);
  await seal(`received before ${new Date(Number(cut / 1_000_000n)).toISOString()}`);
  await driver.command(
    'DELETE FROM observation WHERE (kind, asset, batch) IN (SELECT kind, asset, batch FROM doomed)',
  );
  return forgotten;
}

/** The batches whose sightings of an asset are older than the cut, and say nothing about it any more. */
function silent(reader: Reader, { seen, spans }: History, cut: bigint): readonly number[] {
  const span = spans.at(-1);
  const speaking = new Set<Seen>();
  if (span?.to === null) {
    const current = seen.filter(({ at }) => at >= span.from);
    for (const one of current)
      if (!current.some(({ source, at }) => source === one.source && at > one.at)) speaking.add(one);
    for (const one of tellingOf(reader, current)) speaking.add(one);
  }
  const kept = new Set(
    seen.flatMap((one) => {
      const young = BigInt(Date.parse(one.observation.receivedAt)) * 1_000_000n >= cut;
      return young || speaking.has(one) ? [one.batch] : [];
    }),
  );
  return [...new Set(seen.map(({ batch }) => batch))].filter((batch) => !kept.has(batch));
}

/** Those that are merged, or say why nothing is. */
function tellingOf({ kinds, reading }: Reader, current: readonly Seen[]): readonly Seen[] {
  const read = new Map<Observation, Seen>();
  for (const one of current) {
    const { observation } = ingest(kinds, reading(one.observation, one.batch));
    if (observation) read.set(observation, one);
  }
  const [first] = read.keys();
  const kind = first && kinds.get(first.kind);
  if (!kind) return [];
  return [...retained(kind, [...read.keys()])].flatMap((observation) => read.get(observation) ?? []);
}

/** Writes down how complete every run is, and which lose observations, unless that was done. */
async function freeze(reader: Reader, known: number): Promise<void> {
  const rows = await reader.driver.query<{ batch: string }>('SELECT DISTINCT batch FROM doomed');
  const losing = new Set(rows.map(({ batch }) => batch));
  const judged = await runs(reader, known);
  const lines = judged
    .filter(({ frozen, forgotten, batch }) => !frozen || (!forgotten && losing.has(batch)))
    .map(({ kind, container, estate, format, batch, run, completeness: said }) =>
      tabSeparated([
        run.collection,
        kind,
        container,
        known,
        said.complete ? 1 : 0,
        said.complete && said.confirmed ? 1 : 0,
        said.complete ? '' : said.why,
        losing.has(batch) ? 1 : 0,
        estate,
        format,
      ]),
    );
  await reader.driver.insert({
    table: completenessTable.name,
    columns: writtenColumns(completenessTable),
    format: 'TabSeparated',
    rows: Buffer.from(lines.join('')),
    token: randomUUID(),
  });
}
