/**
 * Under which definition of its kind an observation was made. A store remembers every definition that it was opened
 * with, refuses one that would read what it holds differently without saying so, and reads old observations through
 * the migrations that are stated.
 */
import { randomUUID } from 'node:crypto';
import type { Observation } from '@macadam/core/facts/observation';
import { kindChange } from '@macadam/core/kinds/change';
import type { Kind } from '@macadam/core/kinds/kind';
import { upgraded, versionOf } from '@macadam/core/kinds/migration';
import { canonical } from '@macadam/core/text/canonical';
import { FactsError } from '../port.ts';
import type { Driver } from './driver.ts';
import { tabSeparated, writtenColumns } from './rows.ts';
import { definitionTable } from './tables.ts';

/** Reads an observation of a batch as its kind is defined now, or as it was defined in other kinds that are given. */
export type Reading = (
  observation: Observation,
  batch: number,
  kinds?: ReadonlyMap<string, Kind>,
) => Observation;

interface Recorded {
  readonly kind: string;
  readonly after: string;
  readonly number: string;
  readonly version: string;
}

/**
 * Accepts the kinds that a store is opened with, and writes down those that are new or changed, for batches after
 * `sealed`. Rejects with `FactsError` `unmigrated` where a kind changed in a way that needs a stated migration.
 */
export async function acceptKinds(
  driver: Driver,
  kinds: ReadonlyMap<string, Kind>,
  sealed: number,
): Promise<Reading> {
  const newest = await driver.query<{ kind: string; body: string }>(
    'SELECT kind, argMax(body, number) AS body FROM definition GROUP BY kind ORDER BY kind',
  );
  const before = new Map(newest.map(({ kind, body }) => [kind, JSON.parse(body) as Kind]));
  const refused: string[] = [];
  const anew: Kind[] = [];
  let held: ReadonlySet<string> | null = null;
  for (const kind of kinds.values()) {
    const old = before.get(kind.kind);
    const change = old ? kindChange(old, kind) : null;
    if (change?.change === 'none') continue;
    if (change?.change === 'refused') held ??= await observedKinds(driver);
    // Without an observation there is nothing to be read otherwise.
    if (change?.change === 'refused' && held?.has(kind.kind))
      for (const { path, reason } of change.mistakes)
        refused.push(`kinds/${kind.kind}.yaml: \`${path.join('.')}\`: ${reason}`);
    anew.push(kind);
  }
  if (refused.length > 0) {
    const what = `what is held in ${driver.place} was observed under other definitions of its kinds`;
    throw new FactsError('unmigrated', `${what}:\n${refused.join('\n')}`);
  }
  if (anew.length > 0) await remember(driver, anew, sealed);
  const rows = await driver.query<Recorded>(
    'SELECT kind, after, number, version FROM definition ORDER BY kind, number',
  );
  return reading(kinds, rows);
}

async function observedKinds(driver: Driver): Promise<ReadonlySet<string>> {
  const rows = await driver.query<{ kind: string }>('SELECT DISTINCT kind FROM observation');
  return new Set(rows.map(({ kind }) => kind));
}

/** Kinds as they were last defined, of those that are named; none in a store that was never opened. */
export async function rememberedKinds(
  driver: Driver,
  names: readonly string[],
): Promise<ReadonlyMap<string, Kind>> {
  if (names.length === 0) return new Map();
  const table = definitionTable.name;
  const [made] = await driver.query<{ tables: string }>(
    'SELECT count() AS tables FROM system.tables WHERE database = currentDatabase() AND name = {table:String}',
    { table },
  );
  if (Number(made?.tables) === 0) return new Map();
  const rows = await driver.query<{ kind: string; body: string }>(
    `SELECT kind, argMax(body, number) AS body FROM ${table} WHERE kind IN {names:Array(String)} GROUP BY kind`,
    { names },
  );
  return new Map(rows.map(({ kind, body }) => [kind, JSON.parse(body) as Kind]));
}

async function remember(driver: Driver, kinds: readonly Kind[], sealed: number): Promise<void> {
  const [row] = await driver.query<{ number: string }>('SELECT max(number) AS number FROM definition');
  const number = Number(row?.number ?? 0) + 1;
  const lines = kinds.map((kind) =>
    tabSeparated([kind.kind, sealed, number, versionOf(kind), canonical(kind)]),
  );
  await driver.insert({
    table: definitionTable.name,
    columns: writtenColumns(definitionTable),
    format: 'TabSeparated',
    rows: Buffer.from(lines.join('')),
    token: `definition-${randomUUID()}`,
  });
}

function reading(kinds: ReadonlyMap<string, Kind>, rows: readonly Recorded[]): Reading {
  const recorded = Map.groupBy(rows, ({ kind }) => kind);
  const versions = new Map(
    [...recorded].map(([kind, own]) => [
      kind,
      own.map(({ after, version }) => ({ after: Number(after), version: Number(version) })),
    ]),
  );
  return (observation, batch, asked = kinds) => {
    const kind = asked.get(observation.kind);
    if (!kind || kind.migrations.length === 0) return observation;
    const inForce = versions.get(observation.kind)?.findLast(({ after }) => batch > after);
    return upgraded(kind, inForce?.version ?? 1, observation);
  };
}
