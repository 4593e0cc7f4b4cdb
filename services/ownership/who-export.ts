/** Writes everything that a look-up needs into one signed file, for when the server is down. */

import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import type { Kind } from '@macadam/core/kinds/kind';
import type { OrgTree } from '@macadam/core/org/org';
import { companyOf } from '@macadam/core/org/who';
import { ascending } from '@macadam/core/text/order';
import type { StoredRow } from './answers.ts';
import { type SealedMapWriter, writeSealedMap } from './signed-index.ts';
import { type FiledAsset, type FiledKey, WHO_SCHEMA } from './who-file.ts';

/** Assets of one key that the file names. */
const MOST = 20;
const PAGE = 50_000;

export interface WhoExport {
  readonly file: string;
  readonly tree: OrgTree;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly madeAt: Date;
  /** Ed25519, PKCS #8 PEM. */
  readonly signingKey: string;
}

export interface WhoExported {
  readonly assets: number;
  readonly keys: number;
  readonly bytes: number;
}

/** As of the last pass over all assets. Constant memory; rejects as the engine does, and throws for a key that cannot sign. */
export async function exportWho(driver: Driver, given: WhoExport): Promise<WhoExported> {
  const { file, tree, kinds, madeAt, signingKey } = given;
  const writer = writeSealedMap(file, WHO_SCHEMA);
  try {
    const assets = await writeAssets(driver, writer);
    const accountable = [...tree.accountabilities.values()];
    writer.add('for:', accountable);
    const keys = await writeKeys(driver, writer);
    addAll(
      writer,
      [...new Set(accountable.map(({ person }) => person))].map((id) => {
        const person = tree.people.get(id);
        return [`person:${id}`, [person?.name ?? id, person?.email ?? null]];
      }),
    );
    addAll(
      writer,
      [...kinds.values()].flatMap(({ kind, runbook }) =>
        runbook === undefined ? [] : [[`runbook:${kind}`, runbook] as const],
      ),
    );
    addAll(
      writer,
      [...tree.units.values()].map((unit) => [`unit:${unit.id}`, unit]),
    );
    const head = {
      madeAt: madeAt.toISOString(),
      day: tree.day,
      company: companyOf(tree),
      assets,
      keys,
    };
    return { assets, keys, ...writer.seal(head, signingKey) };
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

function addAll(writer: SealedMapWriter, entries: readonly (readonly [string, unknown])[]): void {
  for (const [key, value] of entries.toSorted(([a], [b]) => ascending(a, b))) writer.add(key, value);
}

async function writeAssets(driver: Driver, { add }: SealedMapWriter): Promise<number> {
  let count = 0;
  for (let after = ''; ; ) {
    const page = await driver.query<{ asset: string; name: string }>(
      `SELECT asset, name FROM who_asset WHERE asset > {after:String} ORDER BY asset, pass DESC LIMIT 1 BY asset LIMIT ${PAGE}`,
      { after },
    );
    const upto = page.at(-1)?.asset;
    if (upto === undefined) return count;
    const owners = new Map(
      (
        await driver.query<Omit<StoredRow, 'kept'>>(
          `SELECT asset, owner, state, confirmed_at, rule FROM owner_answer
           WHERE asset > {after:String} AND asset <= {upto:String} ORDER BY asset, pass DESC LIMIT 1 BY asset`,
          { after, upto },
        )
      ).map((row) => [row.asset, row]),
    );
    for (const { asset, name } of page) {
      const { owner = '', state = 'nobody', confirmed_at: at = '', rule = '' } = owners.get(asset) ?? {};
      const filed: FiledAsset = [name, owner || null, state, at || null, rule || null];
      add(`asset:${asset}`, filed);
    }
    count += page.length;
    after = upto;
  }
}

async function writeKeys(driver: Driver, { add }: SealedMapWriter): Promise<number> {
  let keys = 0;
  let [held, count, assets]: [string | null, number, string[]] = [null, 0, []];
  const flush = () => {
    if (held === null) return;
    const filed: FiledKey = [count, assets];
    add(`key:${held}`, filed);
    keys += 1;
  };
  for (let after = { key: '', asset: '' }; ; ) {
    const page = await driver.query<{ key: string; asset: string }>(
      // Said so that the order of the table serves: it is of no use to a comparison of pairs.
      `SELECT DISTINCT key, asset FROM who_key WHERE key >= {key:String} AND (key > {key:String} OR asset > {asset:String})
       ORDER BY key, asset LIMIT ${PAGE}`,
      after,
    );
    for (const { key, asset } of page) {
      if (held !== key) {
        flush();
        [held, count, assets] = [key, 0, []];
      }
      count += 1;
      if (assets.length < MOST) assets.push(asset);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) break;
    after = last;
  }
  flush();
  return keys;
}
