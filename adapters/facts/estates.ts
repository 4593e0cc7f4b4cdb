/**
 * What the store remembers of estates: under which names they were listed, and which repositories were seen in them. It is read
 * from the observations themselves, so that a copy of the facts remembers the same.
 */
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { KnownRepository } from '@macadam/core/facts/identity';
import type { Observation } from '@macadam/core/facts/observation';
import {
  type EstateMemory,
  estateName,
  type FolderEstate,
  folderLabel,
  knownRepository,
} from '../sources/estate.ts';
import type { Driver } from './clickhouse/driver.ts';
import type { Stores } from './open.ts';

/** Where an estate lay: what macadam.yaml of the folder stated for the container; null where it stated nothing and was moved. */
export interface EstateNaming {
  readonly container: string;
  readonly id: string | null;
  readonly folder: string;
}

/** A repository in the container in which it was seen first, as it was last seen there. */
interface Sighted extends KnownRepository {
  readonly container: string;
  readonly name: string;
}

export async function rememberedEstate(
  { facts, driver }: Pick<Stores, 'facts' | 'driver'>,
  estate: FolderEstate,
  now: Date,
): Promise<EstateMemory> {
  const namings = await facts.estateNamings();
  const repositories = await sightedRepositories(driver);
  const listed = await listedContainers(driver);
  const known = containerOf(estate, namings, listed);
  const moved =
    known === undefined && isDirectory(facts.place) ? movedFrom(estate, namings, repositories) : undefined;
  const container = known ?? moved ?? estateName(estate);
  const { id, folder } = estate;
  const isNamed = (one: EstateNaming) =>
    one.container === container && one.id === id && one.folder === folder;
  if ((id !== null || moved !== undefined) && !namings.some(isNamed))
    await facts.nameEstate({ container, id, folder }, now);
  const own = repositories.filter((one) => one.container === container);
  const others = repositories.filter((one) => one.container !== container);
  return {
    container,
    prefix: prefixOf(estate, own, others),
    repositories: own,
    ids: new Set(repositories.map((one) => one.id)),
    otherNames: new Set(others.map(({ name }) => name)),
  };
}

/** Under which name an estate was listed before; undefined where it never was. */
function containerOf(
  { id, folder }: FolderEstate,
  namings: readonly EstateNaming[],
  listed: ReadonlySet<string>,
): string | undefined {
  if (id !== null) {
    const named = namings.findLast((one) => one.id === id);
    if (named !== undefined) return named.container;
    // A folder that was listed before its id was stated, and for which none was stated before.
    return listed.has(folder) && !namings.some((one) => one.container === folder && one.id !== null)
      ? folder
      : undefined;
  }
  return listed.has(folder) ? folder : namings.findLast((one) => one.folder === folder)?.container;
}

const isDirectory = (place: string) => !/^https?:\/\//.test(place);

/**
 * An estate without a stated id whose folder is not there any more, where this one holds at least half of its repositories at the
 * same paths: it was moved. Of a store that other machines use nobody can say what is not there.
 */
function movedFrom(
  { folder }: FolderEstate,
  namings: readonly EstateNaming[],
  repositories: readonly Sighted[],
): string | undefined {
  const candidates = [...Map.groupBy(repositories, ({ container }) => container)].filter(
    ([container, own]) =>
      isAbsolute(container) &&
      !existsSync(container) &&
      !namings.some((one) => one.container === container && (one.id !== null || existsSync(one.folder))) &&
      2 * own.filter(({ path }) => existsSync(join(folder, path))).length >= own.length,
  );
  return candidates.length === 1 ? candidates[0]?.[0] : undefined;
}

/** The first estate of a data folder needs no name in its ids; where one is stated it always stands there. */
function prefixOf(
  { id, folder }: FolderEstate,
  own: readonly Sighted[],
  others: readonly Sighted[],
): string | null {
  if (id !== null) return id;
  const isPlain = (one: Sighted) => one.id.startsWith('repository/file/');
  return others.some(isPlain) && !own.some(isPlain) ? folderLabel(folder) : null;
}

/** Of a row: its collection counts. */
export const COUNTED = `batch IN (SELECT number FROM batch WHERE event = 'collection'
  AND subject NOT IN (SELECT subject FROM batch WHERE event = 'retract'))`;

async function listedContainers(driver: Driver): Promise<ReadonlySet<string>> {
  const rows = await driver.query<{ container: string }>(
    `SELECT DISTINCT container FROM partition WHERE kind = 'repository' AND source = 'git' AND ${COUNTED}`,
  );
  return new Set(rows.map(({ container }) => container));
}

/** Bodies that are read at once. */
const PAGE = 500;

async function sightedRepositories(driver: Driver): Promise<readonly Sighted[]> {
  const rows = await driver.query<{ asset: string; container: string; first: string; last: string }>(
    `SELECT asset, toString(container) AS container, min(batch) AS first, max(batch) AS last FROM observation
     WHERE kind = 'repository' AND source = 'git' AND ${COUNTED} GROUP BY asset, container ORDER BY first, container`,
  );
  // Earlier versions let two estates share an id: it is the first one's.
  const owned = new Map<string, (typeof rows)[number]>();
  for (const row of rows) if (!owned.has(row.asset)) owned.set(row.asset, row);
  const all = [...owned.values()];
  const found: Sighted[] = [];
  for (let from = 0; from < all.length; from += PAGE) {
    const page = all.slice(from, from + PAGE);
    const bodies = await driver.query<{ asset: string; batch: string; body: string }>(
      `SELECT asset, batch, body FROM observation WHERE kind = 'repository' AND source = 'git'
       AND asset IN {assets:Array(String)} AND batch IN {batches:Array(UInt64)}`,
      {
        assets: page.map(({ asset }) => asset),
        batches: [...new Set(page.map(({ last }) => Number(last)))],
      },
    );
    const bodyOf = new Map(bodies.map(({ asset, batch, body }) => [`${batch} ${asset}`, body]));
    for (const { asset, container, last } of page) {
      const body = bodyOf.get(`${last} ${asset}`);
      if (body !== undefined) {
        const observation = JSON.parse(body) as Observation;
        found.push({ ...knownRepository(observation, Number(last)), container, name: observation.name });
      }
    }
  }
  return found;
}
