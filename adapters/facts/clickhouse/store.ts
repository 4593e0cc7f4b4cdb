/** The facts store on an engine: one writer, batches one after the other, merged assets behind them. */
import { randomUUID } from 'node:crypto';
import type { Asset } from '@macadam/core/facts/asset';
import type { Collection, Observation, Partition } from '@macadam/core/facts/observation';
import { partitionFinder, type SeenIn } from '@macadam/core/facts/partition';
import type { Kind } from '@macadam/core/kinds/kind';
import { canonical } from '@macadam/core/text/canonical';
import { assetOf, columnNames, type Row } from '../columns.ts';
import type { EstateNaming } from '../estates.ts';
import { tableOf } from '../layout.ts';
import {
  collectionDigest,
  type Manifest,
  type SignedManifest,
  signingKey,
  signManifest,
} from '../manifest.ts';
import {
  type Appended,
  type AsOf,
  type AssetPast,
  type Facts,
  FactsError,
  type FactsOptions,
  type Sealed,
  type WrittenObservation,
} from '../port.ts';
import type { Driver } from './driver.ts';
import { forget } from './forget.ts';
import { assetAt, type History, histories, type Reader, type Slice } from './history.ts';
import { nanosOf, takeIn } from './intake.ts';
import { collections, leaves, quarantine, recorded } from './records.ts';
import { kindDigest, recover, sweepAway, unsettle } from './recovery.ts';
import { tabSeparated, writtenColumns } from './rows.ts';
import { settle } from './settle.ts';
import { quoted, type Table } from './table.ts';
import { batchTable, observationTable, partitionTable, quarantineTable, settledTable } from './tables.ts';

/** Assets that are read at once. */
const PAGE = 2000;

/** Milliseconds before a settling that nobody waits for: what is appended meanwhile is settled with it, at one price. */
const REST = 100;

/** Settled rows that are kept before they are dropped. */
const MANY = 1_000_000;

/** What is recorded, one a batch. `catalogue`: the kinds are defined anew; `estate`: an estate has a name. */
export type Event =
  | 'estate'
  | 'collection'
  | 'retract'
  | 'confirm'
  | 'retire-source'
  | 'retire-asset'
  | 'catalogue'
  | 'forget';

interface Batch {
  readonly event: Event;
  readonly subject: string;
  readonly source?: string;
  readonly at: string | bigint;
  readonly observations?: number;
  readonly quarantined?: number;
  readonly reason?: string;
  readonly body?: string;
}

/**
 * Opens the store on an engine that nobody else writes to; the driver is closed with it. Rejects with `FactsError`
 * `damaged` or `unmigrated`, and with `TypeError` for a signing key that is none.
 */
export async function openStore(driver: Driver, options: FactsOptions): Promise<Facts> {
  const { kinds, now } = options;
  const key = options.signingKey ? signingKey(options.signingKey) : null;
  const recovered = await recover(driver, kinds);
  const reader: Reader = { driver, kinds, reading: recovered.reading, removals: new Map() };
  let { sealed, settled } = recovered;
  /** The last number that was used, sealed or not. */
  let used = recovered.used;
  /** Rows of a settling that failed may still be there, and would stand twice. */
  let littered = false;
  let closed = false;
  let failure: unknown = null;
  let settling: Promise<void> | null = null;
  /** Ends the rest before a settling. */
  let hurry = () => {};
  /** How many wait for a settling. */
  let waiting = 0;
  let writing: Promise<unknown> = Promise.resolve();
  let exclusive: Promise<unknown> = Promise.resolve();
  let merging: Promise<unknown> = Promise.resolve();
  const session = randomUUID();
  let tokens = 0;
  const token = () => `${session}-${tokens++}`;

  /** One write after the other, whatever became of the one before. */
  const serially = <T>(write: () => Promise<T>): Promise<T> => {
    if (closed)
      return Promise.reject(new FactsError('invalid', `the facts store in ${driver.place} is closed`));
    const mine = writing.then(write, write);
    writing = mine.catch(() => undefined);
    return mine;
  };

  const insert = (table: Table, lines: readonly string[], once: string) =>
    driver.insert({
      table: table.name,
      columns: writtenColumns(table),
      format: 'TabSeparated',
      rows: Buffer.from(lines.join('')),
      token: once,
    });

  /** Has the engine take away, when it can, what a batch left behind that is never going to be sealed. */
  const abandon = async (number: number) => {
    for (const { name } of [observationTable, partitionTable, quarantineTable])
      await sweepAway(driver, name, `batch = ${number}`).catch(() => undefined);
  };

  const seal = async (number: number, batch: Batch): Promise<void> => {
    const {
      event,
      subject,
      source = '',
      at,
      observations = 0,
      quarantined = 0,
      reason = '',
      body = '',
    } = batch;
    const sealedAt = `${now().getTime()}000000`;
    const line = [number, event, subject, source, at, sealedAt, observations, quarantined, reason, body];
    await insert(batchTable, [tabSeparated(line)], `batch-${number}`);
    sealed = number;
    wake();
  };

  const found = async (event: Event, subject: string, at?: string): Promise<number | null> => {
    const when = at === undefined ? '' : 'AND at = {at:Int64}';
    const [row] = await driver.query<{ number: string }>(
      `SELECT number FROM batch WHERE event = {event:String} AND subject = {subject:String} ${when} LIMIT 1`,
      { event, subject, at: at ?? '0' },
    );
    return row ? Number(row.number) : null;
  };

  const record = (event: Event, subject: string, reason: string, at: Date, timed: boolean): Promise<Sealed> =>
    serially(async () => {
      if (reason.trim() === '') throw new FactsError('invalid', `a reason is required to record ${event}`);
      const nanos = `${at.getTime()}000000`;
      const before = await found(event, subject, timed ? nanos : undefined);
      if (before !== null) return { batch: before, repeated: true };
      used += 1;
      await seal(used, { event, subject, at: nanos, reason });
      return { batch: used, repeated: false };
    });

  const known = async (collection: string) => {
    if ((await found('collection', collection)) === null)
      throw new FactsError('unknown', `there is no collection ${collection}; its digest is in its manifest`);
  };

  const append = async (
    collection: Collection,
    observations: Iterable<Observation> | AsyncIterable<Observation | WrittenObservation>,
    receivedAt: Date,
  ): Promise<Appended> => {
    used += 1;
    const batch = used;
    try {
      const intake = await takeIn({ driver, kinds, collection, observations, batch, token });
      const digest = collectionDigest(collection, intake.root, intake.quarantinedRoot);
      const first = await found('collection', digest);
      const { observations: count, quarantined, problems } = intake;
      const counts = { collection: digest, observations: count, quarantined, problems };
      if (first !== null) {
        if (intake.written) await abandon(batch);
        return { ...counts, batch: first, repeated: true, manifest: await manifestOf(first) };
      }
      await intake.flush();
      await insert(
        partitionTable,
        await partitionLines(collection, digest, batch, count),
        `partition-${session}-${batch}`,
      );
      const previous = await latest(collection.source);
      const manifest: Manifest = {
        format: 'macadam.manifest/1',
        source: collection.source,
        sequence: (previous?.manifest.sequence ?? 0) + 1,
        previous: previous?.digest ?? null,
        collection,
        digest,
        observations: count,
        root: intake.root,
        quarantined,
        quarantinedRoot: intake.quarantinedRoot,
        receivedAt: receivedAt.toISOString(),
      };
      const signed = signManifest(manifest, key);
      await seal(batch, {
        event: 'collection',
        subject: digest,
        source: collection.source,
        at: nanosOf(collection.startedAt, 'startedAt of the collection'),
        observations: count,
        quarantined,
        body: JSON.stringify(signed),
      });
      return { ...counts, batch, repeated: false, manifest: signed };
    } catch (error) {
      await abandon(batch);
      throw error;
    }
  };

  const partitionLines = async (
    collection: Collection,
    digest: string,
    batch: number,
    observations: number,
  ): Promise<string[]> => {
    if (collection.partitions.length === 0) return [];
    const rows =
      observations === 0
        ? []
        : await driver.query<Required<SeenIn> & { assets: string }>(
            `SELECT kind, container, estate, format, uniqExact(asset) AS assets FROM observation
             WHERE batch = {batch:UInt64} GROUP BY kind, container, estate, format`,
            { batch },
          );
    const find = partitionFinder(collection.partitions);
    const delivered = new Map<Partition, number>();
    for (const { assets, kind, container, estate, format } of rows) {
      const partition = find({ kind, container, estate, ...(format !== '' && { format }) });
      if (partition) delivered.set(partition, (delivered.get(partition) ?? 0) + Number(assets));
    }
    const started = nanosOf(collection.startedAt, 'startedAt of the collection');
    return collection.partitions.map((partition) =>
      tabSeparated([
        partition.kind,
        collection.source,
        partition.container,
        started,
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
  };

  const latest = async (source: string): Promise<SignedManifest | null> => {
    const [row] = await driver.query<{ body: string }>(
      `SELECT body FROM batch WHERE event = 'collection' AND source = {source:String} ORDER BY number DESC LIMIT 1`,
      { source },
    );
    return row ? (JSON.parse(row.body) as SignedManifest) : null;
  };

  const manifestOf = async (batch: number): Promise<SignedManifest> => {
    const [row] = await driver.query<{ body: string }>(
      'SELECT body FROM batch WHERE number = {batch:UInt64}',
      {
        batch,
      },
    );
    return JSON.parse(row?.body ?? 'null') as SignedManifest;
  };

  const rest = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, REST);
      hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** Either assets are merged, or somebody needs them to stay as they are. */
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = merging.then(work, work);
    merging = mine.catch(() => undefined);
    return mine;
  };

  /** Settles what is sealed, in the background, until all is. A failure is told by `settled()` and tried again then. */
  const wake = () => {
    if (settling || closed || settled >= sealed) return;
    settling = (async () => {
      try {
        while (settled < sealed && !closed) {
          if (waiting === 0) await rest();
          if (closed) break;
          const upto = sealed;
          if (littered) await unsettle(driver, kinds, settled);
          littered = true;
          const context = { ...reader, changed: options.changed, token, exclusive: hold };
          await alone(() =>
            settle(context, settled, upto, async () => {
              const digests = Object.fromEntries([...kinds].map(([name, kind]) => [name, kindDigest(kind)]));
              await insert(settledTable, [tabSeparated([upto, JSON.stringify(digests)])], token());
              settled = upto;
              littered = false;
            }),
          );
          failure = null;
        }
        clear();
      } catch (error) {
        failure = error;
      } finally {
        settling = null;
      }
    })();
  };

  /** What is settled need not be kept; it is dropped all at once, when no batch is being written. */
  const clear = () => {
    if (closed) return;
    serially(async () => {
      if (settled < sealed) return;
      const [row] = await driver.query<{ rows: string }>('SELECT count() AS rows FROM affected');
      if (Number(row?.rows) > MANY) await driver.command('TRUNCATE TABLE affected');
    }).catch(() => undefined);
  };

  const hold = (write: () => Promise<void>): Promise<void> => {
    const mine = exclusive.then(write, write);
    exclusive = mine.catch(() => undefined);
    return mine;
  };

  const waitSettled = async (): Promise<number> => {
    const target = sealed;
    while (settled < target) {
      if (closed) throw new FactsError('invalid', `the facts store in ${driver.place} is closed`);
      wake();
      waiting += 1;
      hurry();
      await settling;
      waiting -= 1;
      if (failure && settled < target) {
        const error = failure;
        failure = null;
        throw error;
      }
    }
    return settled;
  };

  const batchKnown = async (number: number | undefined): Promise<number> => {
    if (number === undefined) return sealed;
    if (!Number.isSafeInteger(number) || number < 0 || number > sealed)
      throw new FactsError('unknown', `there is no batch ${number}; the newest is ${sealed}`);
    const [row] = await driver.query<{ number: string; reason: string }>(
      `SELECT number, reason FROM batch WHERE event = 'forget' ORDER BY number DESC LIMIT 1`,
    );
    if (row && number < Number(row.number)) {
      const text = `batch ${number} is no longer known: observations were forgotten in batch ${row.number}`;
      throw new FactsError('forgotten', `${text} (${row.reason}); ask for that one or a later`);
    }
    return number;
  };

  const one = async (id: string, asked: number | undefined) => {
    const kind = kindOf(id);
    const slice: Slice = { kind, after: '', upto: id, only: true, known: await batchKnown(asked) };
    for (const history of await histories(reader, slice)) return history;
    return null;
  };

  async function* assets(name: string) {
    const kind = kinds.get(name);
    if (!kind) throw unknownKind(name, kinds.keys());
    let after = '';
    for (;;) {
      await exclusive;
      const rows = await driver.query<Row>(
        `SELECT ${columnNames(kind).map(quoted).join(', ')} FROM ${quoted(tableOf(kind))}
         WHERE \`@id\` > {after:String} AND \`@known\` <= {settled:UInt64} ORDER BY \`@id\` LIMIT ${PAGE}`,
        { after, settled },
      );
      for (const row of rows) yield assetOf(kind, row);
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return;
      after = String(last['@id']);
    }
  }

  const pastOf = (history: History): AssetPast => {
    // Every standard of its kind asks for the same.
    const merged = new Map<Kind | undefined, Map<number, Asset | null>>();
    return {
      at: (valid, kind) => {
        const times = merged.get(kind) ?? new Map<number, Asset | null>();
        merged.set(kind, times);
        const known = times.get(valid.getTime());
        if (known !== undefined) return known;
        const nanos = BigInt(valid.getTime()) * 1_000_000n;
        const asset = assetAt(reader, history, nanos, kind && new Map([[kind.kind, kind]]));
        times.set(valid.getTime(), asset);
        return asset;
      },
    };
  };

  async function* assetsAsOf(name: string, asOf: AsOf) {
    if (!kinds.has(name)) throw unknownKind(name, kinds.keys());
    const number = await batchKnown(asOf.known);
    const valid = nanosOf(asOf.valid, 'the valid time asked for');
    let after = '';
    for (;;) {
      const page = await driver.query<{ asset: string }>(
        `SELECT DISTINCT asset FROM observation WHERE kind = {name:String} AND asset > {after:String}
         AND batch <= {number:UInt64} ORDER BY asset LIMIT ${PAGE}`,
        { name, after, number },
      );
      const upto = page.at(-1)?.asset;
      if (upto === undefined) return;
      for (const history of await histories(reader, { kind: name, after, upto, known: number })) {
        const asset = assetAt(reader, history, valid);
        if (asset) yield asset;
      }
      after = upto;
    }
  }

  if (recovered.stale.length > 0) {
    used += 1;
    const at = `${now().getTime()}000000`;
    await seal(used, { event: 'catalogue', subject: JSON.stringify(recovered.stale), at });
  }
  wake();

  return {
    place: driver.place,
    append: (collection, observations, receivedAt) =>
      serially(() => append(collection, observations, receivedAt)),
    retract: async (collection, reason, at) => {
      await known(collection);
      return record('retract', collection, reason, at, false);
    },
    confirm: async (collection, reason, at) => {
      await known(collection);
      return record('confirm', collection, reason, at, false);
    },
    retireSource: (source, reason, at) => record('retire-source', source, reason, at, true),
    retireAsset: (asset, reason, at) => record('retire-asset', asset, reason, at, true),
    nameEstate: (naming, at) =>
      record(
        'estate',
        canonical(naming),
        naming.id === null ? 'its folder was moved' : `macadam.yaml calls this estate ${naming.id}`,
        at,
        false,
      ),
    estateNamings: async () => {
      const rows = await driver.query<{ subject: string }>(
        `SELECT subject FROM batch WHERE event = 'estate' ORDER BY number`,
      );
      return rows.map(({ subject }) => JSON.parse(subject) as EstateNaming);
    },
    newest: async () => sealed,
    settled: waitSettled,
    assets,
    assetsAsOf,
    pastsOf: async (kind, ids, asked) => {
      if (!kinds.has(kind)) throw unknownKind(kind, kinds.keys());
      if (ids.length === 0) return new Map();
      // Every id of the kind begins with its name and a slash, which is the sign before 0.
      const slice: Slice = { kind, after: '', upto: `${kind}0`, ids, known: await batchKnown(asked) };
      const found = await histories(reader, slice);
      return new Map([...found].map((history) => [history.id, pastOf(history)]));
    },
    asset: async (id) => {
      const kind = kinds.get(kindOf(id));
      if (!kind) return null;
      await exclusive;
      const [row] = await driver.query<Row>(
        `SELECT ${columnNames(kind).map(quoted).join(', ')} FROM ${quoted(tableOf(kind))}
         WHERE \`@id\` = {id:String} AND \`@known\` <= {settled:UInt64}`,
        { id, settled },
      );
      return row ? assetOf(kind, row) : null;
    },
    observations: async (id, asked) => recorded(driver, (await one(id, asked))?.seen ?? []),
    existence: async (id, asked) => (await one(id, asked))?.spans ?? [],
    collections: async (filter = {}) => collections(reader, await batchKnown(filter.known), filter.source),
    manifests: async (source) => {
      const rows = await driver.query<{ body: string }>(
        `SELECT body FROM batch WHERE event = 'collection' ${source === undefined ? '' : 'AND source = {source:String}'}
         ORDER BY source, number`,
        source === undefined ? {} : { source },
      );
      return rows.map(({ body }) => JSON.parse(body) as SignedManifest);
    },
    leaves: async (collection) => {
      await known(collection);
      return leaves(driver, collection);
    },
    quarantine: (collection) => quarantine(driver, sealed, collection),
    forget: (ages, at) =>
      serially(async () => {
        await waitSettled();
        return forget(reader, sealed, ages, at, async (reason) => {
          used += 1;
          await seal(used, { event: 'forget', subject: '', at: `${at.getTime()}000000`, reason });
        });
      }),
    still: (work) =>
      serially(async () => {
        await waitSettled();
        return work();
      }),
    steady: async (work) => {
      await waitSettled();
      return alone(() => work(settled));
    },
    close: async () => {
      if (closed) return;
      closed = true;
      hurry();
      await writing;
      await settling;
      await merging;
      await driver.close();
    },
  };
}

/** Ids begin with their kind. */
const kindOf = (id: string): string => id.slice(0, Math.max(0, id.indexOf('/')));

const unknownKind = (name: string, names: Iterable<string>) =>
  new FactsError('unknown', `there is no kind ${name}; there are ${[...names].join(', ')}`);
