/**
 * What is known of an estate, from the store of facts: what every source ever saw, and not one run's own look alone. It is
 * judged as of the newest tick, so that the report, the pages of the history and the API say the same of everything.
 */
import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import { enumeratedIn } from '@macadam/adapters/facts/history/around';
import type { Moment } from '@macadam/adapters/facts/history/record';
import type { UnnamedPlace } from '@macadam/adapters/facts/history/uncounted';
import { quoted, tableOf } from '@macadam/adapters/facts/layout';
import type { Stores } from '@macadam/adapters/facts/open';
import type { Collected } from '@macadam/adapters/facts/port';
import type { RepositoryFiles } from '@macadam/adapters/sources/port';
import type { Asset } from '@macadam/core/facts/asset';
import { claimed, type Enumerated, ofExisting } from '@macadam/core/facts/enumeration';
import type { Collection, Partition } from '@macadam/core/facts/observation';
import { hiddenIn, type Unnamed } from '@macadam/core/facts/population';
import type { Kind } from '@macadam/core/kinds/kind';
import type { CatalogueStandard } from '../catalogue/load.ts';
import { withCode } from './code.ts';
import { type Reported, type ReportRequest, reportOf } from './report.ts';

export interface StoredRequest extends Omit<ReportRequest, 'facts' | 'clock' | 'named' | 'baseline'> {
  readonly stores: Pick<Stores, 'facts' | 'history' | 'driver'>;
  /** The newest tick. */
  readonly moment: Moment;
  /** How many assets a report may hold; beyond it the history's own pages answer. */
  readonly most?: number;
  /** Where lines of code are read from; none are shown without it. */
  readonly files?: readonly RepositoryFiles[];
}

/** A report holds every verdict in memory, and is one page. */
const MOST = 100_000;

/** What a picture of the newest tick is made of. */
export interface StoredFacts {
  readonly assets: readonly Asset[];
  /** Of every source its newest collection. */
  readonly collections: readonly Collection[];
  readonly enumerated: readonly Enumerated[];
  /** Those of them that are of containers that are there. */
  readonly counted: readonly Enumerated[];
  /** Standard → assets of it that must exist and have no name. */
  readonly unnamed: ReadonlyMap<string, readonly Unnamed[]>;
}

export interface StoredFactsRequest {
  readonly stores: StoredRequest['stores'];
  readonly moment: Moment;
  readonly kinds: readonly Kind[];
  readonly standards: readonly Pick<CatalogueStandard, 'id' | 'definition'>[];
  readonly most?: number;
}

/** Null where there are more assets than a report holds. */
export async function storedFacts(request: StoredFactsRequest): Promise<StoredFacts | null> {
  const { stores, moment, kinds, standards, most = MOST } = request;
  const maybe = stores.facts.inhabited();
  const numbers = await numbersOfAssets(
    stores.driver,
    kinds.filter(({ kind }) => maybe.has(kind)),
  );
  if (numbers.values().reduce((sum, number) => sum + number, 0) > most) return null;
  const assets: Asset[] = [];
  // Most companies have a few of the kinds there are; to read the wide table of one takes as long without a row.
  for (const kind of numbers.keys()) for await (const asset of stores.facts.assets(kind)) assets.push(asset);
  const collected = inForce(await stores.facts.collections(), moment.valid);
  const kindOf = new Map(standards.map(({ id, definition }) => [id, definition.scope.kind]));
  const enumerated = enumeratedIn(collected, moment.valid);
  return {
    assets,
    collections: newestOfSources(collected).map(({ collection }) => collection),
    enumerated,
    counted: ofExisting(enumerated, assets, new Map(kinds.map((kind) => [kind.kind, kind]))),
    unnamed: unnamedBy(await stores.history.unnamedPlaces(moment), collected, kindOf),
  };
}

/** Null where there are more assets than a report holds. */
export async function storedReport(request: StoredRequest): Promise<Reported | null> {
  const { stores, moment, catalogue, most = MOST } = request;
  const { standards } = catalogue;
  const facts = await storedFacts({ stores, moment, kinds: [...catalogue.kinds.values()], standards, most });
  if (facts === null) return null;
  const { assets, unnamed } = facts;
  const reported = reportOf({
    ...request,
    named: [],
    facts: { ...facts, unnamed: (standard) => unnamed.get(standard) ?? [] },
    clock: { real: moment.valid, asOf: moment.valid },
  });
  if (request.files === undefined) return reported;
  const { report } = reported;
  return {
    ...reported,
    report: { ...report, scan: await withCode(report.scan, 'all', { assets, files: request.files }) },
  };
}

/** Kinds of which there is any, with how many, in the order in which they are given. */
async function numbersOfAssets(driver: Driver, kinds: readonly Kind[]): Promise<ReadonlyMap<string, number>> {
  const counts = kinds.map(
    (kind, place) => `SELECT ${place} AS place, count() AS assets FROM ${quoted(tableOf(kind))}`,
  );
  if (counts.length === 0) return new Map();
  const rows = await driver.query<{ place: number; assets: string }>(
    `SELECT place, assets FROM (${counts.join(' UNION ALL ')}) WHERE assets > 0 ORDER BY place`,
  );
  return new Map(rows.map(({ place, assets }) => [kinds[place]?.kind ?? '', Number(assets)]));
}

/** Those that counted at a time, oldest first. */
const inForce = (collected: readonly Collected[], at: Date): readonly Collected[] =>
  collected.filter(
    ({ retracted, retired, collection }) =>
      !retracted &&
      (retired === null || Date.parse(retired) > at.getTime()) &&
      Date.parse(collection.startedAt) <= at.getTime(),
  );

/** Of every source its newest collection, and of one that lists several estates the newest of each. */
function newestOfSources(collected: readonly Collected[]): readonly Collected[] {
  const newest = new Map<string, Collected>();
  for (const one of collected) {
    const { source, partitions, part } = one.collection;
    // What reads a few again says nothing of the others.
    if (part) continue;
    const estates = partitions.filter(({ estate, kind }) => estate === undefined && kind === 'repository');
    const names = estates.length === 0 ? [''] : estates.map(({ container }) => container);
    for (const name of names) newest.set(JSON.stringify([source, name]), one);
  }
  return [...new Set([...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one))];
}

/** Assets without a name, by standard: as many as the history counts, called as their partition is. */
function unnamedBy(
  places: readonly UnnamedPlace[],
  collected: readonly Collected[],
  kindOf: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly Unnamed[]> {
  const partitions = new Map<string, Partition>();
  for (const { collection } of collected)
    for (const given of collection.partitions)
      partitions.set(keyOf(collection.source, given), claimed(collection, given));
  const byStandard = new Map<string, Unnamed[]>();
  for (const { standard, source, container, cause, count } of places) {
    const kind = kindOf.get(standard);
    if (kind === undefined) continue;
    const partition = partitions.get(keyOf(source, { kind, container })) ?? {
      kind,
      container,
      containerName: container,
      complete: false,
      seen: 0,
    };
    const own = byStandard.get(standard) ?? [];
    byStandard.set(standard, own);
    own.push(...hiddenIn({ ...partition, cause: partition.cause ?? cause }, partition.seen, count));
  }
  return byStandard;
}

const keyOf = (source: string, { kind, container }: Pick<Partition, 'kind' | 'container'>): string =>
  JSON.stringify([source, kind, container]);
