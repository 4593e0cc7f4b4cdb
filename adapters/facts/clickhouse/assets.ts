/** Assets as they are merged now, and as they were at any time and batch. */
import type { Asset } from '@macadam/core/facts/asset';
import type { Kind } from '@macadam/core/kinds/kind';
import { assetRows } from '../asset-rows.ts';
import { tableOf } from '../layout.ts';
import { type AssetPast, type Facts, FactsError } from '../port.ts';
import { assetAt, type History, histories, type Reader, type Slice } from './history.ts';
import { nanosOf } from './intake.ts';
import type { ReadLock } from './read-lock.ts';
import { recorded } from './records.ts';
import { quoted } from './table.ts';

/** Assets that are read at once. */
const PAGE = 2000;

export interface AssetsOptions {
  readonly reader: Reader;
  readonly lock: ReadLock;
  /** The newest batch that is there, and the newest whose assets are merged. */
  readonly sealed: () => number;
  readonly settled: () => number;
}

export interface Assets
  extends Pick<Facts, 'asset' | 'assets' | 'assetsAsOf' | 'pastsOf' | 'observations' | 'existence'> {
  /** The batch that was asked for, the newest by default. Rejects where there is none, or what it knew was forgotten. */
  readonly batchKnown: (number: number | undefined) => Promise<number>;
}

export function assetsIn({ reader, lock, sealed, settled }: AssetsOptions): Assets {
  const { driver, kinds } = reader;

  const batchKnown = async (number: number | undefined): Promise<number> => {
    if (number === undefined) return sealed();
    if (!Number.isSafeInteger(number) || number < 0 || number > sealed())
      throw new FactsError('unknown', `there is no batch ${number}; the newest is ${sealed()}`);
    if (!reader.hasEvent('forget')) return number;
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
    const slice: Slice = {
      kinds: [kindOf(id)],
      after: '',
      upto: id,
      only: true,
      known: await batchKnown(asked),
    };
    for (const history of await histories(reader, slice)) return history;
    return null;
  };

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

  return {
    batchKnown,
    asset: async (id) => {
      const kind = kinds.get(kindOf(id));
      if (!kind) return null;
      const [row] = await lock.reading(() =>
        assetRows(driver, kind, {
          from: `FROM ${quoted(tableOf(kind))}
           WHERE \`@id\` = {id:String} AND \`@known\` <= {settled:UInt64}`,
          parameters: { id, settled: settled() },
        }),
      );
      return row?.asset ?? null;
    },
    assets: async function* (name) {
      const kind = kinds.get(name);
      if (!kind) throw unknownKind(name, kinds.keys());
      let after = '';
      for (;;) {
        const from = after;
        const rows = await lock.reading(() =>
          assetRows(driver, kind, {
            from: `FROM ${quoted(tableOf(kind))}
             WHERE \`@id\` > {after:String} AND \`@known\` <= {settled:UInt64} ORDER BY \`@id\` LIMIT ${PAGE}`,
            parameters: { after: from, settled: settled() },
          }),
        );
        for (const { asset } of rows) yield asset;
        const last = rows.at(-1);
        if (!last || rows.length < PAGE) return;
        after = last.id;
      }
    },
    assetsAsOf: async function* (name, asOf) {
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
        for (const history of await histories(reader, { kinds: [name], after, upto, known: number })) {
          const asset = assetAt(reader, history, valid);
          if (asset) yield asset;
        }
        if (page.length < PAGE) return;
        after = upto;
      }
    },
    pastsOf: async (kind, ids, asked) => {
      if (!kinds.has(kind)) throw unknownKind(kind, kinds.keys());
      if (ids.length === 0) return new Map();
      // Every id of the kind begins with its name and a slash, which is the sign before 0.
      const slice: Slice = {
        kinds: [kind],
        after: '',
        upto: `${kind}0`,
        ids,
        known: await batchKnown(asked),
      };
      const found = await histories(reader, slice);
      return new Map([...found].map((history) => [history.id, pastOf(history)]));
    },
    observations: async (id, asked) => recorded(driver, (await one(id, asked))?.seen ?? []),
    existence: async (id, asked) => (await one(id, asked))?.spans ?? [],
  };
}

/** Ids begin with their kind. */
const kindOf = (id: string): string => id.slice(0, Math.max(0, id.indexOf('/')));

const unknownKind = (name: string, names: Iterable<string>) =>
  new FactsError('unknown', `there is no kind ${name}; there are ${[...names].join(', ')}`);
