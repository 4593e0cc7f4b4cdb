/** What is open of some work, row by row: each work item in each repository. */
import type { ListedBatch, WorkOf } from '@macadam/adapters/decisions/listing';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { HeldBatch } from '@macadam/adapters/decisions/work';
import type { Driver } from '@macadam/adapters/facts/clickhouse/driver';
import type { Kind } from '@macadam/core/kinds/kind';
import { type OpenWork, rowsOf, type WorkAsset, type WorkRow } from '@macadam/core/work/by-repository';
import { shownBatch } from '@macadam/services/work/acts';
import type { Place } from '@macadam/services/work/evidence';
import { locationsOf } from '@macadam/services/work/sightings';
import type { ServerContext } from '../history/pages.ts';

/** More work items, or more failures in them, are listed by standard: nobody works through so many one by one. */
const MOST_ITEMS = 300;
const MOST_FAILURES = 3000;

export interface OpenRows {
  /** The most urgent first. */
  readonly rows: readonly WorkRow[];
  readonly items: ReadonlyMap<string, ListedBatch>;
}

/** Null: there is too much of it. */
export async function openRows(
  tx: DecisionTransaction,
  site: ServerContext | null,
  of: WorkOf,
): Promise<OpenRows | null> {
  const found = await tx.listing.work({ ...of, stage: 'open', limit: MOST_ITEMS + 1 });
  const failures = found.reduce((sum, { left }) => sum + left, 0);
  if (found.length > MOST_ITEMS || failures > MOST_FAILURES) return null;
  const items = new Map(found.map((one) => [one.id, one]));
  const held = await tx.work.view([...items.keys()]);
  const places = await placesOf(site, held);
  const open = held.map((one) => openWork(one, places, tx.at));
  return { items, rows: rowsOf(open, tx.at.slice(0, 10)) };
}

/** An item as rows are made of it. */
export function openWork(held: HeldBatch, places: ReadonlyMap<string, Place>, at: string): OpenWork {
  const { batch } = held;
  const shown = shownBatch(held, at);
  const stopped = new Map(shown.stopped.map(({ asset, due }) => [asset, due]));
  const paused = new Map(shown.paused.map((one) => [one.asset, one]));
  const disputed = new Set(
    held.disputes.filter(({ outcome }) => outcome === null).flatMap(({ assets }) => assets),
  );
  const left = shown.remaining.map((id): WorkAsset => {
    const pause = paused.get(id);
    const place = places.get(id);
    return {
      id,
      repository: place?.repository ?? null,
      path: place?.path ?? '',
      due: pause?.due ?? stopped.get(id) ?? batch.dueOn,
      exceptedUntil: pause?.exception == null ? null : pause.until,
      disputed: disputed.has(id),
    };
  });
  return {
    id: batch.id,
    standard: batch.standard,
    left,
    claimed: batch.claimedBy !== null,
    snoozed: batch.snoozedUntil !== null && batch.snoozedUntil >= at.slice(0, 10),
  };
}

/** Where what is left lies; of a repository's own settings that is the repository. */
export async function placesOf(
  site: ServerContext | null,
  held: readonly Pick<HeldBatch, 'batch' | 'remaining'>[],
): Promise<ReadonlyMap<string, Place>> {
  const driver = site?.stores?.driver;
  const places = new Map<string, Place>();
  if (!site || !driver) return places;
  for (const [standard, own] of Map.groupBy(held, ({ batch }) => batch.standard)) {
    const kind = site.stores?.kinds.get(site.standards.get(standard)?.definition.scope.kind ?? '');
    if (kind === undefined) continue;
    const assets = own.flatMap(({ remaining }) => remaining);
    for (const [asset, place] of await placesOfKind(driver, kind, assets)) places.set(asset, place);
  }
  return places;
}

async function placesOfKind(
  driver: Driver,
  kind: Kind,
  assets: readonly string[],
): Promise<ReadonlyMap<string, Place>> {
  if (kind.kind === 'repository') return new Map(assets.map((id) => [id, { repository: id }]));
  const located = await locationsOf(driver, kind, assets);
  return new Map([...located].map(([id, { container, path }]) => [id, { repository: container, path }]));
}
