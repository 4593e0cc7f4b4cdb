/** What a verdict rests on: the newest observation of an asset, as the digest of its collection and the asset's id. */
import type { Driver, Parameters } from '@macadam/adapters/facts/clickhouse/driver';
import { COUNTS } from '@macadam/adapters/facts/clickhouse/history';

export interface SeenEvidence {
  /** What assets of a kind are called, and what was seen of each last; what was never seen is left out. */
  readonly seen: (
    kind: string,
    assets: readonly string[],
    known: number,
  ) => Promise<ReadonlyMap<string, Pick<Seeing, 'name' | 'by'>>>;
  /** What showed that assets of a kind are there no more: the newest record of the kind, or of any retirement. */
  readonly unseen: (kind: string, known: number) => Promise<string>;
  /** Where assets of a kind were last seen to lie; those that lie nowhere are left out. */
  readonly places: (kind: string, assets: readonly string[]) => Promise<ReadonlyMap<string, Place>>;
}

/** Where an asset lies: a repository and a path in it. */
export interface Place {
  readonly repository: string;
  readonly path?: string;
}

interface Seeing {
  readonly asset: string;
  readonly name: string;
  readonly by: string;
}

/** A server gets these in its URL. */
const AT_ONCE = 200;

export function evidenceIn(driver: Driver): SeenEvidence {
  return {
    seen: async (kind, assets, known) => {
      const found = new Map<string, Seeing>();
      for (let from = 0; from < assets.length; from += AT_ONCE) {
        const parameters: Parameters = { kind, assets: assets.slice(from, from + AT_ONCE), known };
        const rows = await driver.query<Seeing>(
          `WITH newest AS (
             SELECT asset, argMax((batch, name), (seen_at, batch)) AS last FROM observation
             WHERE kind = {kind:String} AND asset IN ({assets:Array(String)}) AND ${COUNTS} GROUP BY asset)
           SELECT asset, last.2 AS name, concat(subject, '#', asset) AS by FROM newest
           INNER JOIN (SELECT number, subject FROM batch WHERE event = 'collection') AS taken ON taken.number = last.1`,
          parameters,
        );
        for (const row of rows) found.set(row.asset, row);
      }
      return found;
    },
    unseen: async (kind, known) => {
      const [row] = await driver.query<{ subject: string }>(
        `SELECT subject FROM batch WHERE number <= {known:UInt64} AND (event IN ('retire-source', 'retire-asset')
           OR number IN (SELECT batch FROM partition WHERE kind = {kind:String})) ORDER BY number DESC LIMIT 1`,
        { kind, known },
      );
      return row?.subject ?? `batch ${known}`;
    },
    places: async (kind, assets) => {
      const found = new Map<string, Place>();
      for (let from = 0; from < assets.length; from += AT_ONCE) {
        const rows = await driver.query<{ asset: string; container: string; path: string }>(
          `SELECT asset, argMax(container, seen_at) AS container, argMax(JSONExtractString(body, 'location', 'path'), seen_at) AS path
           FROM observation WHERE kind = {kind:String} AND asset IN ({assets:Array(String)}) GROUP BY asset HAVING path != ''`,
          { kind, assets: assets.slice(from, from + AT_ONCE) },
        );
        for (const { asset, container, path } of rows) found.set(asset, { repository: container, path });
      }
      return found;
    },
  };
}
