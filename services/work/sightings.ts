/** How we know: which source saw an asset last, when that was true, and when we learned it. */
import type { Driver, Parameters } from '@macadam/adapters/facts/clickhouse/driver';
import { COUNTS } from '@macadam/adapters/facts/clickhouse/history';
import { quoted } from '@macadam/adapters/facts/clickhouse/table';
import { layoutOf, tableOf } from '@macadam/adapters/facts/layout';
import type { Kind } from '@macadam/core/kinds/kind';

/** Times: RFC 3339. */
export interface Sighting {
  readonly source: string;
  readonly observedAt: string;
  readonly learnedAt: string;
}

/** A server gets these in its URL. */
const AT_ONCE = 200;
/** Of a batch number that every batch lies before. */
const NEWEST = Number.MAX_SAFE_INTEGER;

/** What each source saw of assets of a kind last, the newest first; what was never seen is left out. */
export async function sightingsOf(
  driver: Driver,
  kind: string,
  assets: readonly string[],
): Promise<ReadonlyMap<string, readonly Sighting[]>> {
  const found = new Map<string, Sighting[]>();
  for (let from = 0; from < assets.length; from += AT_ONCE) {
    const rows = await driver.query<{ asset: string; source: string; observed: string; learned: string }>(
      `SELECT asset, source, last.2 AS observed, last.3 AS learned FROM (
         SELECT asset, source, max((seen_at, observed_at, received_at)) AS last FROM observation
         WHERE kind = {kind:String} AND asset IN ({assets:Array(String)}) AND ${COUNTS} GROUP BY asset, source)
       ORDER BY asset, last.1 DESC, source`,
      { kind, assets: assets.slice(from, from + AT_ONCE), known: NEWEST },
    );
    for (const { asset, source, observed, learned } of rows) {
      const own = found.get(asset) ?? [];
      found.set(asset, own);
      own.push({ source, observedAt: instantOf(observed), learnedAt: instantOf(learned) });
    }
  }
  return found;
}

/**
 * Where assets of a kind lie by now: what holds them, by id, and the path in it. What is held by nothing, and stands in no file,
 * is left out.
 */
export async function locationsOf(
  driver: Driver,
  kind: Kind,
  assets: readonly string[],
): Promise<ReadonlyMap<string, { readonly container: string; readonly path: string }>> {
  const found = new Map<string, { readonly container: string; readonly path: string }>();
  const holder = layoutOf(kind).find(({ name, shape }) => name === kind.contained_in && shape === 'scalar');
  for (let from = 0; from < assets.length; from += AT_ONCE) {
    const parameters: Parameters = {
      kind: kind.kind,
      assets: assets.slice(from, from + AT_ONCE),
      known: NEWEST,
    };
    const rows = await driver.query<{ asset: string; container: string; path: string }>(
      holder === undefined
        ? `SELECT asset, last.2 AS container, last.3 AS path FROM (
             SELECT asset, max((seen_at, container, JSONExtractString(body, 'location', 'path'))) AS last FROM observation
             WHERE kind = {kind:String} AND asset IN ({assets:Array(String)}) AND ${COUNTS} GROUP BY asset) WHERE path != ''`
        : `SELECT \`@id\` AS asset, assumeNotNull(${quoted(holder.column)}) AS container, ifNull(\`@path\`, '') AS path
           FROM ${quoted(tableOf(kind))} WHERE \`@id\` IN ({assets:Array(String)}) AND ${quoted(holder.column)} IS NOT NULL`,
      parameters,
    );
    for (const { asset, container, path } of rows) found.set(asset, { container, path });
  }
  return found;
}

/** Nanoseconds since 1970 as RFC 3339. */
const instantOf = (nanoseconds: string): string =>
  new Date(Number(BigInt(nanoseconds) / 1_000_000n)).toISOString();
