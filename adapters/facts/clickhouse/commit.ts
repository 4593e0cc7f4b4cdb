/**
 * Writes collections down, many in one go: what waits while some are written is written together after them, at the price of one. Each is a
 * batch with a manifest of its own all the same; what is wrong with one was found out while it was read, so none spoils another.
 */
import type { KeyObject } from 'node:crypto';
import type { Collection, Partition } from '@macadam/core/facts/observation';
import { partitionFinder, type SeenIn } from '@macadam/core/facts/partition';
import { collectionDigest, type Manifest, type SignedManifest, signManifest } from '../manifest.ts';
import type { Appended } from '../port.ts';
import type { Driver } from './driver.ts';
import { type Intake, insertRows, nanosOf, type TableRows } from './intake.ts';
import { knownDigests } from './known-digests.ts';
import { tabSeparated, writtenColumns } from './rows.ts';
import type { Sealing } from './sealing.ts';
import { affectedTable, partitionTable } from './tables.ts';

/** A collection that was read to its end. */
export interface Taken {
  readonly collection: Collection;
  readonly receivedAt: Date;
  readonly intake: Intake;
}

export interface CommitOptions {
  readonly driver: Driver;
  readonly sealing: Sealing;
  /** Signs manifests; null: they are chained only. */
  readonly key: KeyObject | null;
  /** A number that no batch had before; they rise. */
  readonly number: () => number;
  /** Makes a token that was never used before. */
  readonly token: () => string;
  /** Told which assets batches speak of, as rows of `affected`, before any of them is sealed. */
  readonly affected: (rows: readonly Uint8Array[]) => void;
}

/** Answers in the order of what was taken. Rejects as the engine does; then nothing of any of them is to be seen. */
export type Commit = (taken: readonly Taken[]) => Promise<readonly Appended[]>;

interface Member extends Taken {
  readonly digest: string;
}

interface Numbered extends Member {
  readonly batch: number;
}

/** The last link of a source's chain of manifests. */
type Link = Pick<SignedManifest, 'digest'> & { readonly sequence: number };

/** Sources whose last link is remembered. */
const SOURCES = 1000;

/** Nobody else may write while one commits. */
export function committing({ driver, sealing, key, number, token, affected }: CommitOptions): Commit {
  /** Null: a source has no manifest yet. */
  const links = new Map<string, Link | null>();
  const known = knownDigests(driver);

  const write = async (fresh: readonly Numbered[]): Promise<ReadonlyMap<string, SignedManifest>> => {
    const numbers = fresh.map(({ batch }) => batch);
    let sealed = false;
    try {
      await insertTogether({ driver, fresh, token, affected });
      const partitions = await partitionLines(driver, fresh);
      await driver.insert({
        table: partitionTable.name,
        columns: writtenColumns(partitionTable),
        format: 'TabSeparated',
        rows: Buffer.from(partitions.join('')),
        token: token(),
      });
      const manifests = await signed(fresh);
      sealed = true;
      await sealing.seal(
        fresh.map(({ batch, collection, digest, intake }) => ({
          number: batch,
          event: 'collection',
          subject: digest,
          source: collection.source,
          at: startOf(collection),
          observations: intake.observations,
          quarantined: intake.quarantined,
          body: JSON.stringify(manifests.get(digest)),
        })),
      );
      return manifests;
    } catch (error) {
      links.clear();
      if (!sealed) await sealing.abandon(numbers);
      throw error;
    }
  };

  const signed = async (fresh: readonly Numbered[]): Promise<ReadonlyMap<string, SignedManifest>> => {
    if (links.size > SOURCES) links.clear();
    const unknown = new Set(
      fresh.flatMap(({ collection }) => (links.has(collection.source) ? [] : [collection.source])),
    );
    if (unknown.size > 0) {
      const rows = await driver.query<{ source: string; body: string }>(
        `SELECT source, argMax(body, number) AS body FROM batch
         WHERE event = 'collection' AND source IN {sources:Array(String)} GROUP BY source`,
        { sources: [...unknown] },
      );
      for (const source of unknown) links.set(source, null);
      for (const { source, body } of rows) links.set(source, linkOf(JSON.parse(body)));
    }
    const manifests = new Map<string, SignedManifest>();
    for (const { collection, digest, intake, receivedAt } of fresh) {
      const previous = links.get(collection.source) ?? null;
      const manifest: Manifest = {
        format: 'macadam.manifest/1',
        source: collection.source,
        sequence: (previous?.sequence ?? 0) + 1,
        previous: previous?.digest ?? null,
        collection,
        digest,
        observations: intake.observations,
        root: intake.root,
        quarantined: intake.quarantined,
        quarantinedRoot: intake.quarantinedRoot,
        receivedAt: receivedAt.toISOString(),
      };
      const one = signManifest(manifest, key);
      links.set(collection.source, linkOf(one));
      manifests.set(digest, one);
    }
    return manifests;
  };

  return async (taken) => {
    const members = taken.map((one): Member => {
      const { root, quarantinedRoot } = one.intake;
      return { ...one, digest: collectionDigest(one.collection, root, quarantinedRoot) };
    });
    const mayBeKnown = await known.among(members.map(({ digest }) => digest));
    const before = mayBeKnown.length === 0 ? new Map<string, Before>() : await batchesOf(driver, mayBeKnown);
    const batches = new Map([...before].map(([digest, { batch }]) => [digest, batch]));
    const fresh: Numbered[] = [];
    for (const member of members) {
      if (batches.has(member.digest)) continue;
      const batch = member.intake.batch ?? number();
      batches.set(member.digest, batch);
      known.add(member.digest);
      fresh.push({ ...member, batch });
    }
    const written = fresh.length === 0 ? new Map<string, SignedManifest>() : await write(fresh);
    // Of the same content nothing stays, where some was written before its end was known.
    await sealing.abandon(
      members.flatMap(({ intake, digest }) =>
        intake.batch !== null && batches.get(digest) !== intake.batch ? [intake.batch] : [],
      ),
    );
    const first = new Set<string>();
    return members.map(({ digest, intake }): Appended => {
      const repeated = before.has(digest) || first.has(digest);
      first.add(digest);
      const manifest = before.get(digest)?.manifest ?? written.get(digest);
      const batch = batches.get(digest);
      if (manifest === undefined || batch === undefined) throw new RangeError(`${digest} was not written`);
      const { observations, quarantined, problems } = intake;
      return { batch, repeated, collection: digest, observations, quarantined, problems, manifest };
    });
  };
}

const linkOf = ({ digest, manifest: { sequence } }: SignedManifest): Link => ({ digest, sequence });

const startOf = ({ startedAt }: Collection): bigint => nanosOf(startedAt, 'startedAt of the collection');

interface Before {
  readonly batch: number;
  readonly manifest: SignedManifest;
}

/** Collections that were recorded before, by digest. */
async function batchesOf(driver: Driver, digests: readonly string[]): Promise<ReadonlyMap<string, Before>> {
  const rows = await driver.query<{ number: string; subject: string; body: string }>(
    `SELECT number, subject, body FROM batch WHERE event = 'collection' AND subject IN {digests:Array(String)}`,
    { digests },
  );
  return new Map(
    rows.map(({ number, subject, body }) => [
      subject,
      { batch: Number(number), manifest: JSON.parse(body) as SignedManifest },
    ]),
  );
}

interface Together extends Pick<CommitOptions, 'driver' | 'token' | 'affected'> {
  readonly fresh: readonly Numbered[];
}

/** Of every table one insert; none of what is only for settling, but of a large one, of which the engine has most already. */
async function insertTogether({ driver, fresh, token, affected }: Together): Promise<void> {
  const rests = await Promise.all(
    fresh.map(async ({ intake, batch }) => {
      const parts = await intake.rest(batch);
      if (intake.batch !== null) return parts;
      affected(parts.filter(({ table }) => table === affectedTable).map(({ rows }) => rows));
      return parts.filter(({ table }) => table !== affectedTable);
    }),
  );
  const byTable = Map.groupBy(rests.flat(), ({ table }) => table);
  const inserted = await Promise.allSettled(
    [...byTable].map(([table, own]) => insertRows(driver, { table, rows: joined(own) }, token())),
  );
  for (const one of inserted) if (one.status === 'rejected') throw one.reason;
}

function joined(parts: readonly TableRows[]): Uint8Array {
  const [only, ...more] = parts.map(({ rows }) => rows);
  return only !== undefined && more.length === 0 ? only : Buffer.concat(parts.map(({ rows }) => rows));
}

/** What each collection claims of its partitions, beside what came of them. */
async function partitionLines(driver: Driver, fresh: readonly Numbered[]): Promise<readonly string[]> {
  const large = fresh.filter(
    ({ collection, intake }) => collection.partitions.length > 0 && intake.delivered === null,
  );
  const counted =
    large.length === 0
      ? []
      : await driver.query<Required<SeenIn> & { batch: string; assets: string }>(
          `SELECT batch, kind, container, estate, format, uniqExact(asset) AS assets FROM observation
           WHERE batch IN {batches:Array(UInt64)} GROUP BY batch, kind, container, estate, format`,
          { batches: large.map(({ batch }) => batch) },
        );
  const byBatch = Map.groupBy(counted, ({ batch }) => Number(batch));
  return fresh.flatMap(({ collection, digest, batch, intake }) => {
    const find = partitionFinder(collection.partitions);
    const delivered = new Map<Partition, number>();
    for (const { assets, kind, container, estate, format } of intake.delivered ?? byBatch.get(batch) ?? []) {
      const partition = find({ kind, container, estate, ...(format !== '' && { format }) });
      if (partition) delivered.set(partition, (delivered.get(partition) ?? 0) + Number(assets));
    }
    return collection.partitions.map((partition) =>
      tabSeparated([
        partition.kind,
        collection.source,
        partition.container,
        startOf(collection),
        digest,
        batch,
        // A failed collection lists nothing, whatever it says of its partitions.
        partition.complete && collection.status !== 'failed' ? 1 : 0,
        partition.seen,
        delivered.get(partition) ?? 0,
        partition.witness?.count ?? null,
        partition.estate ?? '',
        partition.format ?? '',
      ]),
    );
  });
}
