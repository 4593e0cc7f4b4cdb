/** Definitions and exceptions of ticks stay in the store: what is learned late of a tick is judged by what was in force at it. */
import { hash, randomUUID } from 'node:crypto';
import type { Kind } from '@macadam/core/kinds/kind';
import { canonical } from '@macadam/core/text/canonical';
import type { CompiledStandard } from '@macadam/core/verdicts/compiled-standard';
import {
  compileDefinition,
  type Definition,
  definitionDigest,
  definitionOf,
} from '@macadam/core/verdicts/definition';
import type { Exception } from '@macadam/core/verdicts/exception';
import type { Standard } from '@macadam/core/verdicts/standard';
import type { Driver } from '../clickhouse/driver.ts';
import { seconds } from './record.ts';
import { verdictDefinition, verdictException } from './table.ts';

export const digestOf = (standard: CompiledStandard): string => definitionDigest(standard);

/** A definition as it is stored: kinds by digest, because many standards share one. */
interface Stored {
  readonly standard: Standard;
  readonly params: CompiledStandard['params'];
  readonly kind: string;
  readonly others: readonly string[];
}

/**
 * Keeps the definitions that are not kept yet. Gives the digest of each, by standard. `shared` names what is part of all of them
 * beside: places, central exclusions.
 */
export async function keepDefinitions(
  driver: Driver,
  standards: readonly CompiledStandard[],
  shared = '',
): Promise<Readonly<Record<string, string>>> {
  const rows = await driver.query<{ digest: string }>(`SELECT digest FROM ${verdictDefinition.name}`);
  const kept = new Set(rows.map(({ digest }) => digest));
  const fresh = new Map<string, string>();
  const keep = (digest: string, body: unknown): string => {
    if (!kept.has(digest)) fresh.set(digest, canonical(body));
    return digest;
  };
  const keepKind = (kind: Kind) => keep(hash('sha256', canonical(kind)), kind);
  const found: Record<string, string> = {};
  for (const one of standards) {
    const { standard, params, kind, others } = definitionOf(one);
    const stored: Stored = { standard, params, kind: keepKind(kind), others: others.map(keepKind) };
    found[one.definition.id] = keep(definitionDigest(one, shared), stored);
  }
  await driver.insert({
    table: verdictDefinition.name,
    columns: ['digest', 'body'],
    format: 'JSONCompactEachRow',
    rows: Buffer.from([...fresh].map((row) => JSON.stringify(row)).join('\n')),
    token: `definitions:${hash('sha256', [...fresh.keys()].join())}`,
  });
  return found;
}

/** The definitions of these digests as they were kept. One that is not kept is left out. */
export async function keptDefinitions(
  driver: Driver,
  wanted: Iterable<string>,
): Promise<ReadonlyMap<string, Definition>> {
  const rows = await driver.query<{ digest: string; body: string }>(
    `SELECT digest, any(body) AS body FROM ${verdictDefinition.name} GROUP BY digest`,
  );
  const bodies = new Map(rows.map(({ digest, body }) => [digest, body]));
  const read = (digest: string): unknown => JSON.parse(bodies.get(digest) ?? 'null');
  // What is worked out of a kind once serves all its standards.
  const kinds = new Map<string, Kind | null>();
  const kindOf = (digest: string): Kind | null => {
    const known = kinds.has(digest) ? (kinds.get(digest) ?? null) : (read(digest) as Kind | null);
    kinds.set(digest, known);
    return known;
  };
  const found = new Map<string, Definition>();
  for (const digest of new Set(wanted)) {
    const stored = read(digest) as Stored | null;
    const kind = stored && kindOf(stored.kind);
    if (!stored || !kind) continue;
    const others = stored.others.map(kindOf).filter((other) => other !== null);
    found.set(digest, { standard: stored.standard, params: stored.params, kind, others });
  }
  return found;
}

/** The definitions of these digests, ready to judge. One that is not kept, or that does not compile any more, is left out. */
export async function definitionsOf(
  driver: Driver,
  wanted: Iterable<string>,
): Promise<ReadonlyMap<string, CompiledStandard>> {
  const found = new Map<string, CompiledStandard>();
  for (const [digest, definition] of await keptDefinitions(driver, wanted)) {
    const compiled = compileDefinition(definition);
    if (!('mistakes' in compiled)) found.set(digest, compiled);
  }
  return found;
}

const nameOf = (exception: Exception): string => hash('sha256', canonical(exception));

/** Exceptions that a tick knew: of the newest one at or before a time. */
export async function exceptionsAt(driver: Driver, valid: Date): Promise<ReadonlyMap<string, Exception>> {
  const rows = await driver.query<{ digest: string; body: string }>(
    `SELECT digest, any(body) AS body FROM ${verdictException.name}
     WHERE valid <= fromUnixTimestamp({valid:Int64}) GROUP BY digest HAVING sum(sign) > 0`,
    { valid: seconds(valid) },
  );
  return new Map(rows.map(({ digest, body }) => [digest, JSON.parse(body) as Exception]));
}

export interface KnownExceptions {
  /** Those that the tick before knew and this one does not, and the other way round. */
  readonly ended: readonly Exception[];
  readonly begun: readonly Exception[];
}

/** Keeps which exceptions a tick knows. `before` is what `exceptionsAt` gives of the tick before it. */
export async function keepExceptions(
  driver: Driver,
  at: Date,
  before: ReadonlyMap<string, Exception>,
  exceptions: readonly Exception[],
): Promise<KnownExceptions> {
  const now = new Map(exceptions.map((one) => [nameOf(one), one]));
  const begun = [...now].filter(([digest]) => !before.has(digest));
  const ended = [...before].filter(([digest]) => !now.has(digest));
  const lines = [
    ...begun.map((one) => [...one, 1] as const),
    ...ended.map((one) => [...one, -1] as const),
  ].map(([digest, one, sign]) => JSON.stringify([seconds(at), digest, canonical(one), sign]));
  await driver.insert({
    table: verdictException.name,
    columns: ['valid', 'digest', 'body', 'sign'],
    format: 'JSONCompactEachRow',
    rows: Buffer.from(lines.join('\n')),
    token: randomUUID(),
  });
  return { ended: ended.map(([, one]) => one), begun: begun.map(([, one]) => one) };
}
