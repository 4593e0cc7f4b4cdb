/** The facts store on an engine: one writer, batches one after the other, merged assets behind them. */
import { randomUUID } from 'node:crypto';
import { canonical } from '@macadam/core/text/canonical';
import type { EstateNaming } from '../estates.ts';
import { type SignedManifest, signingKey } from '../manifest.ts';
import { type Facts, FactsError, type FactsOptions, type Sealed } from '../port.ts';
import { appending } from './append.ts';
import { assetsIn } from './assets.ts';
import { committing } from './commit.ts';
import type { Driver } from './driver.ts';
import { forget } from './expire.ts';
import type { Reader } from './history.ts';
import { settle } from './materialise.ts';
import { readLock } from './read-lock.ts';
import { leaves, quarantine, rememberedCollections } from './records.ts';
import { recover } from './recovery.ts';
import { type Batch, type Event, sealing } from './sealing.ts';
import { settlingInBackground } from './settling.ts';

/** What a person says of a collection, a source, an asset or the estate. */
interface Statement {
  readonly event: Event;
  readonly subject: string;
  readonly reason: string;
  readonly at: Date;
  /** The same may be said again of another time. */
  readonly timed: boolean;
}

/**
 * Opens the store on an engine that nobody else writes to; the driver is closed with it. Rejects with `FactsError`
 * `damaged` or `unmigrated`, and with `TypeError` for a signing key that is none.
 */
export async function openStore(driver: Driver, options: FactsOptions): Promise<Facts> {
  const { kinds, now } = options;
  const key = options.signingKey ? signingKey(options.signingKey) : null;
  const recovered = await recover(driver, kinds);
  const events = new Set(recovered.events);
  const hasEvent: Facts['hasEvent'] = (event) => events.has(event);
  const inhabited = new Set(recovered.inhabited);
  const reader: Reader = { driver, kinds, reading: recovered.reading, hasEvent, removals: new Map() };
  const collections = rememberedCollections(reader);
  const lock = readLock();
  /** The newest batch that is there. */
  let { sealed } = recovered;
  /** The last number that was used, sealed or not. */
  let used = recovered.used;
  let closed = false;
  let writing: Promise<unknown> = Promise.resolve();

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

  const session = randomUUID();
  let tokens = 0;
  const token = () => `${session}-${tokens++}`;
  const number = () => {
    used += 1;
    return used;
  };

  const settling = settlingInBackground({
    driver,
    kinds,
    merge: (from, upto, mark) =>
      settle(
        {
          ...reader,
          driver: driver.background,
          changed: options.changed,
          inhabits: (kind) => inhabited.add(kind),
          token,
          exclusive: lock.writing,
        },
        from,
        upto,
        mark,
      ),
    settled: recovered.settled,
    sealed: () => sealed,
    token,
    serially,
    closedError,
  });
  const sealer = sealing({
    driver,
    now,
    begun: (event) => events.add(event),
    sealed: (newest) => {
      sealed = newest;
      settling.wake();
    },
  });
  const commit = committing({
    driver,
    sealing: sealer,
    key,
    number,
    token,
    // A copy: the rows lie in memory that was taken for many.
    affected: (rows) => settling.affect(rows.map((one) => Uint8Array.from(one))),
  });
  const append = appending({
    driver,
    kinds,
    sealing: sealer,
    commit,
    number,
    token,
    serially,
    closed: () => closed,
    closedError,
  });
  const { batchKnown, ...assets } = assetsIn({
    reader,
    lock,
    sealed: () => sealed,
    settled: settling.upto,
  });

  const seal = (batch: Omit<Batch, 'number'>): Promise<void> => sealer.seal([{ ...batch, number: number() }]);

  const found = async (event: Event, subject: string, at?: string): Promise<number | null> => {
    const when = at === undefined ? '' : 'AND at = {at:Int64}';
    const [row] = await driver.query<{ number: string }>(
      `SELECT number FROM batch WHERE event = {event:String} AND subject = {subject:String} ${when} LIMIT 1`,
      { event, subject, at: at ?? '0' },
    );
    return row ? Number(row.number) : null;
  };

  const record = ({ event, subject, reason, at, timed }: Statement): Promise<Sealed> =>
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

  if (recovered.stale.length > 0) {
    const at = `${now().getTime()}000000`;
    await seal({ event: 'catalogue', subject: JSON.stringify(recovered.stale), at });
  }
  settling.wake();

  return {
    ...assets,
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
    hasEvent,
    inhabited: () => inhabited,
    settled: settling.settled,
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
        await settling.settled();
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
        await settling.settled();
        return work();
      }),
    steady: async (work) => {
      await settling.settled();
      return settling.steady(() => work(settling.upto()));
    },
    close: async () => {
      if (closed) return;
      closed = true;
      const ended = settling.close();
      await writing;
      await ended;
      await driver.close();
    },
  };
}
