/** What the store can show of collections: how complete they count as, what was set aside, what their digests are of. */
import type { Completeness } from '@macadam/core/facts/existence';
import type { Observation, Partition } from '@macadam/core/facts/observation';
import { instant } from '../columns.ts';
import type { SignedManifest } from '../manifest.ts';
import type { Collected, CollectionFilter, Quarantined, Recorded } from '../port.ts';
import type { Driver, Parameters } from './driver.ts';
import { type Reader, runs, type Seen } from './history.ts';

type PartitionName = Pick<Partition, 'kind' | 'container' | 'estate' | 'format'>;

const UNJUDGED: Completeness = { complete: false, why: 'its collection was retracted' };

const RETRACTED = `subject IN (SELECT subject FROM batch WHERE event = 'retract' AND number <= {known:UInt64})`;

/** Collections that were sealed by a batch, in order of their start. */
async function collections(
  reader: Reader,
  { known, source, limit, before, listing }: CollectionFilter & { readonly known: number },
): Promise<readonly Collected[]> {
  const lists = listing ? 'AND number IN (SELECT batch FROM partition)' : '';
  const only = source === undefined ? '' : 'AND source = {source:String}';
  const earlier = before === undefined ? '' : 'AND number < {before:UInt64}';
  const newest = limit === undefined ? '' : 'ORDER BY number DESC LIMIT {limit:UInt64}';
  const parameters = {
    known,
    ...(source !== undefined && { source }),
    ...(before !== undefined && { before }),
    ...(limit !== undefined && { limit }),
  };
  const rows = await reader.driver.query<{
    number: string;
    subject: string;
    body: string;
    at: string;
    retracted: number;
  }>(
    `SELECT number, subject, body, at, ${reader.hasEvent('retract') ? RETRACTED : '0'} AS retracted
     FROM (SELECT number, subject, body, at FROM batch
       WHERE event = 'collection' AND number <= {known:UInt64} ${only} ${earlier} ${lists} ${newest})
     ORDER BY at, subject`,
    parameters,
  );
  const retired = reader.hasEvent('retire-source')
    ? await reader.driver.query<{ source: string; at: string }>(
        `SELECT subject AS source, at FROM batch WHERE event = 'retire-source' AND number <= {known:UInt64} ORDER BY at`,
        { known },
      )
    : [];
  const paged = limit !== undefined || before !== undefined;
  const read = rows.map((row) => ({
    ...row,
    collection: (JSON.parse(row.body) as SignedManifest).manifest.collection,
  }));
  // Of single observations that many send none lists anything.
  const anyLists = read.some(({ collection }) => collection.partitions.length > 0);
  const judged = anyLists ? await runs(reader, known, ...partitionsOf(rows, { source, paged })) : [];
  const key = (collection: string, { kind, container, estate = '', format = '' }: PartitionName) =>
    JSON.stringify([collection, kind, container, estate, format]);
  const said = new Map(judged.map((one) => [key(one.run.collection, one), one.completeness]));
  return read.map(({ number, subject, collection, at, retracted }) => {
    const completeness = collection.partitions.map((one) => said.get(key(subject, one)) ?? UNJUDGED);
    const after = retired.find((one) => one.source === collection.source && BigInt(one.at) >= BigInt(at));
    return {
      digest: subject,
      batch: Number(number),
      collection,
      completeness,
      retracted: retracted === 1,
      retired: after ? instant(BigInt(after.at)) : null,
    };
  });
}

/** Pages of one batch that are remembered. */
const PAGES = 50;

/**
 * `collections`, of which a page is asked of the engine once and given to all who ask for it until something new is known: nothing that
 * the store says at a batch changes.
 */
export function rememberedCollections(
  reader: Reader,
): (filter: CollectionFilter & { readonly known: number }) => Promise<readonly Collected[]> {
  let of = 0;
  const pages = new Map<string, Promise<readonly Collected[]>>();
  return async (filter) => {
    if (filter.limit === undefined) return collections(reader, filter);
    if (of !== filter.known || pages.size >= PAGES) pages.clear();
    of = filter.known;
    const { known, source = null, limit, before = null, listing = false } = filter;
    const key = JSON.stringify([known, source, limit, before, listing]);
    const page = pages.get(key) ?? collections(reader, filter);
    pages.set(key, page);
    page.catch(() => pages.delete(key));
    return page;
  };
}

/** Of which partitions completeness is asked: of these collections', and of all that came before in the same partitions. */
function partitionsOf(
  rows: readonly { readonly number: string }[],
  { source, paged }: { readonly source: string | undefined; readonly paged: boolean },
): readonly [string, Parameters] {
  const own = source === undefined ? [] : ['p.source = {source:String}'];
  const parameters = source === undefined ? {} : { source };
  if (!paged) return [own.length === 0 ? '' : `WHERE ${own[0]}`, parameters];
  const numbers = rows.map(({ number }) => Number(number));
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  if (numbers.length === 0) return ['WHERE false', parameters];
  const same = `(p.source, p.kind, p.container) IN (
    SELECT source, kind, container FROM partition WHERE batch >= {least:UInt64} AND batch <= {most:UInt64})`;
  return [`WHERE ${[...own, same].join(' AND ')}`, { ...parameters, least, most }];
}

/** Leaf digests of a collection, as its manifest's root was made of them. */
export async function leaves(driver: Driver, collection: string): Promise<readonly string[]> {
  const rows = await driver.query<{ evidence: string }>(
    `SELECT DISTINCT evidence FROM observation WHERE batch IN (
       SELECT number FROM batch WHERE event = 'collection' AND subject = {collection:String}) ORDER BY evidence`,
    { collection },
  );
  return rows.map(({ evidence }) => evidence);
}

export async function quarantine(
  driver: Driver,
  known: number,
  collection: string | undefined,
): Promise<readonly Quarantined[]> {
  const only = collection === undefined ? '' : 'AND b.subject = {collection:String}';
  const rows = await driver.query<{ body: string; received_at: string; why: string; subject: string }>(
    `SELECT q.body AS body, q.received_at AS received_at, q.why AS why, b.subject AS subject
     FROM quarantine AS q INNER JOIN batch AS b ON b.number = q.batch
     WHERE q.batch <= {known:UInt64} ${only} ORDER BY b.number, q.body`,
    { known, ...(collection !== undefined && { collection }) },
  );
  return rows.map(({ body, received_at, why, subject }) => ({
    observation: observationOf(body, received_at),
    collection: subject,
    why,
  }));
}

/** Sightings with the digests of their collections. */
export async function recorded(driver: Driver, seen: readonly Seen[]): Promise<readonly Recorded[]> {
  if (seen.length === 0) return [];
  const numbers = [...new Set(seen.map(({ batch }) => batch))];
  const rows = await driver.query<{ number: string; subject: string }>(
    `SELECT number, subject FROM batch WHERE number >= {first:UInt64} AND number <= {last:UInt64}`,
    { first: Math.min(...numbers), last: Math.max(...numbers) },
  );
  const digests = new Map(rows.map(({ number, subject }) => [Number(number), subject]));
  return seen.map(({ observation, batch }) => ({
    observation,
    batch,
    collection: digests.get(batch) ?? '',
  }));
}

export function observationOf(body: string, receivedAt: string): Observation {
  const content = JSON.parse(body) as Omit<Observation, 'receivedAt'>;
  return { ...content, receivedAt: instant(BigInt(receivedAt)) };
}
