/** The facts store on an engine: one writer, batches one after the other, merged assets behind them. */
import { randomUUID } from 'node:crypto';
import type { Asset } from '@macadam/core/facts/asset';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import type { Kind } from '@macadam/core/kinds/kind';
import { canonical } from '@macadam/core/text/canonical';
import { assetOf, type Row, WHOLE_ROW } from '../columns.ts';
import type { EstateNaming } from '../estates.ts';
import { tableOf } from '../layout.ts';
import { type SignedManifest, signingKey } from '../manifest.ts';
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
import { committing, type Taken } from './commit.ts';
import type { Driver } from './driver.ts';
import { forget } from './expire.ts';
import { assetAt, type History, histories, type Reader, type Slice } from './history.ts';
import { insertRows, nanosOf, takeIn } from './intake.ts';
import { settle } from './materialise.ts';
import { readLock } from './read-lock.ts';
import { leaves, quarantine, recorded, rememberedCollections } from './records.ts';
import { kindDigest, recover, unsettle } from './recovery.ts';
import { tabSeparated, writtenColumns } from './rows.ts';
import { type Batch, type Event, sealing } from './sealing.ts';
import { quoted, type Table } from './table.ts';
import { affectedTable, settledTable } from './tables.ts';

/** Assets that are read at once. */
const PAGE = 2000;

/**
 * Milliseconds before a settling that nobody waits for, and at least so many times as long as the last one took: what is appended meanwhile is
 * settled with it, at one price, and most of the time the engine has for others.
 */
const REST = 100;
const RESTS = 3;
const LONGEST_REST = 2000;

/** Settled rows that are kept before they are dropped, and settlings after which they are counted: whoever writes waits for it. */
const MANY = 1_000_000;
const COUNTED_EVERY = 20;

/** Collections that are written together, and bytes of them: what is asked of the engine stays short. */
const TOGETHER = 64;
const TOGETHER_BYTES = 16 << 20;

/** The right to write alone. */
interface Turn {
  readonly batch: number;
  readonly end: () => void;
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
  const collections = rememberedCollections(reader);
  let { sealed, settled } = recovered;
  /** The last number that was used, sealed or not. */
  let used = recovered.used;
  /** Rows of a settling that failed may still be there, and would stand twice. */
  let littered = false;
  let closed = false;
  let failure: unknown = null;
  let settling: Promise<void> | null = null;
  /** How long the last settling took, in milliseconds. */
  let lasted = 0;
  /** Ends the rest before a settling. */
  let hurry = () => {};
  /** How many wait for a settling. */
  let waiting = 0;
  let writing: Promise<unknown> = Promise.resolve();
  const lock = readLock();
  let merging: Promise<unknown> = Promise.resolve();
  const session = randomUUID();
  let tokens = 0;
  const token = () => `${session}-${tokens++}`;

  const closedError = () => new FactsError('invalid', `the facts store in ${driver.place} is closed`);

  /** One write after the other, whatever became of the one before. */
  const serially = <T>(write: () => Promise<T>): Promise<T> => {
    if (closed) return Promise.reject(closedError());
    const certainly = async () => {
      await sealer.certain();
      return write();
    };
    const mine = writing.then(certainly, certainly);
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

  const sealer = sealing({
    driver,
    now,
    sealed: (number) => {
      sealed = number;
      wake();
    },
  });
  const nextNumber = () => {
    used += 1;
    return used;
  };
  /** Rows of `affected` that the next settling writes; where there is none, opening the store finds them. */
  let affected: Uint8Array[] = [];
  const writeAffected = async () => {
    const rows = affected;
    affected = [];
    try {
      await insertRows(driver.background, { table: affectedTable, rows: Buffer.concat(rows) }, token());
    } catch (error) {
      affected.unshift(...rows);
      throw error;
    }
  };
  const commit = committing({
    driver,
    sealing: sealer,
    key,
    number: nextNumber,
    token,
    // A copy: the rows lie in memory that was taken for many.
    affected: (rows) => affected.push(...rows.map((one) => Uint8Array.from(one))),
  });
  const seal = (batch: Omit<Batch, 'number'>): Promise<void> =>
    sealer.seal([{ ...batch, number: nextNumber() }]);

  const found = async (event: Event, subject: string, at?: string): Promise<number | null> => {
    const when = at === undefined ? '' : 'AND at = {at:Int64}';
    const [row] = await driver.query<{ number: string }>(
      `SELECT number FROM batch WHERE event = {event:String} AND subject = {subject:String} ${when} LIMIT 1`,
      { event, subject, at: at ?? '0' },
    );
    return row ? Number(row.number) : null;
  };

  const record = ({
    event,
    subject,
    reason,
    at,
    timed,
  }: {
    readonly event: Event;
    readonly subject: string;
    readonly reason: string;
    readonly at: Date;
    readonly timed: boolean;
  }): Promise<Sealed> =>
    serially(async () => {
      if (reason.trim() === '') throw new FactsError('invalid', `a reason is required to record ${event}`);
      const nanos = `${at.getTime()}000000`;
      const before = await found(event, subject, timed ? nanos : undefined);
      if (before !== null) return { batch: before, repeated: true };
      await seal({ event, subject, at: nanos, reason });
      return { batch: sealed, repeated: false };
    });

  const known = async (collection: string) => {
    if ((await found('collection', collection)) === null)
      throw new FactsError('unknown', `there is no collection ${collection}; its digest is in its manifest`);
  };

  /** What was read to its end, and waits to be written. */
  let ready: (Taken & { readonly done: PromiseWithResolvers<Appended> })[] = [];

  /** All that waits, as far as it fits; whoever is left over has a turn of their own. */
  const commitReady = async () => {
    let size = 0;
    const fits = ready.findIndex(({ intake }, index) => {
      size += intake.size;
      return index >= TOGETHER || (index > 0 && size > TOGETHER_BYTES);
    });
    const together = fits === -1 ? ready : ready.slice(0, fits);
    ready = fits === -1 ? [] : ready.slice(fits);
    if (together.length === 0) return;
    try {
      const answers = await commit(together);
      for (const [index, { done }] of together.entries()) done.resolve(answers[index] as Appended);
    } catch (error) {
      for (const { done } of together) done.reject(error);
    }
  };

  const append = async (
    collection: Collection,
    observations: Iterable<Observation> | AsyncIterable<Observation | WrittenObservation>,
    receivedAt: Date,
  ): Promise<Appended> => {
    if (closed) throw closedError();
    let alone: Turn | null = null;
    const claim = async () => {
      alone = await turn();
      return alone.batch;
    };
    try {
      const intake = await takeIn({ driver, kinds, collection, observations, claim, token }).catch(
        async (error: unknown) => {
          await sealer.abandon(alone === null ? [] : [(alone as Turn).batch]);
          throw error;
        },
      );
      const taken = { collection, receivedAt, intake };
      if (intake.batch === null) return await inNextCommit(taken);
      const [answer] = await commit([taken]);
      return answer as Appended;
    } finally {
      (alone as Turn | null)?.end();
    }
  };

  const inNextCommit = (taken: Taken): Promise<Appended> => {
    const done = Promise.withResolvers<Appended>();
    const waiting = { ...taken, done };
    ready.push(waiting);
    serially(commitReady).catch((error: unknown) => {
      ready = ready.filter((one) => one !== waiting);
      done.reject(error);
    });
    return done.promise;
  };

  /** Of one that is too large to be held: nobody else writes until it ends. */
  const turn = (): Promise<Turn> =>
    new Promise((resolve, reject) => {
      serially(
        () =>
          new Promise<void>((end) => {
            resolve({ batch: nextNumber(), end });
          }),
      ).catch(reject);
    });

  const rest = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(LONGEST_REST, Math.max(REST, RESTS * lasted)));
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
          const began = performance.now();
          await writeAffected();
          if (littered) await unsettle(driver.background, kinds, settled);
          littered = true;
          const context = {
            ...reader,
            driver: driver.background,
            changed: options.changed,
            token,
            exclusive: lock.writing,
          };
          await alone(() =>
            settle(context, settled, upto, async () => {
              const digests = Object.fromEntries([...kinds].map(([name, kind]) => [name, kindDigest(kind)]));
              await insert(settledTable, [tabSeparated([upto, JSON.stringify(digests)])], token());
              settled = upto;
              littered = false;
            }),
          );
          failure = null;
          lasted = performance.now() - began;
        }
        clear();
      } catch (error) {
        failure = error;
      } finally {
        settling = null;
      }
    })();
  };

  let settlings = 0;
  /** What is settled need not be kept; it is dropped all at once, when no batch is being written. */
  const clear = () => {
    settlings += 1;
    if (closed || settlings % COUNTED_EVERY !== 0) return;
    serially(async () => {
      if (settled < sealed) return;
      const [row] = await driver.query<{ rows: string }>('SELECT count() AS rows FROM affected');
      if (Number(row?.rows) > MANY) await driver.command('TRUNCATE TABLE affected');
    }).catch(() => undefined);
  };

  const waitSettled = async (): Promise<number> => {
    const target = sealed;
    while (settled < target) {
      if (closed) throw closedError();
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
      const from = after;
      const rows = await lock.reading(() =>
        driver.query<Row>(
          `SELECT ${WHOLE_ROW} FROM ${quoted(tableOf(kind))}
           WHERE \`@id\` > {after:String} AND \`@known\` <= {settled:UInt64} ORDER BY \`@id\` LIMIT ${PAGE}`,
          { after: from, settled },
        ),
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
    const at = `${now().getTime()}000000`;
    await seal({ event: 'catalogue', subject: JSON.stringify(recovered.stale), at });
  }
  wake();

  return {
    place: driver.place,
    append,
    retract: async (collection, reason, at) => {
      await known(collection);
      return record({ event: 'retract', subject: collection, reason, at, timed: false });
    },
    confirm: async (collection, reason, at) => {
      await known(collection);
      return record({ event: 'confirm', subject: collection, reason, at, timed: false });
    },
    retireSource: (source, reason, at) =>
      record({ event: 'retire-source', subject: source, reason, at, timed: true }),
    retireAsset: (asset, reason, at) =>
      record({ event: 'retire-asset', subject: asset, reason, at, timed: true }),
    nameEstate: (naming, at) =>
      record({
        event: 'estate',
        subject: canonical(naming),
        reason: naming.id === null ? 'its folder was moved' : `macadam.yaml calls this estate ${naming.id}`,
        at,
        timed: false,
      }),
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
      const [row] = await lock.reading(() =>
        driver.query<Row>(
          `SELECT ${WHOLE_ROW} FROM ${quoted(tableOf(kind))}
           WHERE \`@id\` = {id:String} AND \`@known\` <= {settled:UInt64}`,
          { id, settled },
        ),
      );
      return row ? assetOf(kind, row) : null;
    },
    observations: async (id, asked) => recorded(driver, (await one(id, asked))?.seen ?? []),
    existence: async (id, asked) => (await one(id, asked))?.spans ?? [],
    collections: async (filter = {}) => collections({ ...filter, known: await batchKnown(filter.known) }),
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
        return forget({
          reader: { ...reader, driver: driver.background },
          known: sealed,
          ages,
          now: at,
          seal: async (reason) => {
            await seal({ event: 'forget', subject: '', at: `${at.getTime()}000000`, reason });
          },
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
