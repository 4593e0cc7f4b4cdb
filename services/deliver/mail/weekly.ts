/**
 * Makes the digests of a week: once, whichever process comes first, and however often it is interrupted. A digest is taken
 * for a person and a week in the transaction that posts it.
 */

import type { ListedBatch } from '@macadam/adapters/decisions/listing';
import type { Decisions, DecisionTransaction } from '@macadam/adapters/decisions/port';
import { DELIVERIES } from '@macadam/adapters/delivery/lane';
import { letterOf, type PlacesOf } from '@macadam/adapters/mail/letter';
import { type DigestItem, digestsOf, type WeeklyDigest, weekOf } from '@macadam/core/work/digest';
import { orgTree } from '../../ownership/log.ts';
import { exceptionsInForce } from '../../work/exceptions.ts';

export interface Weekly {
  readonly now: () => Date;
  /** Where an asset is mended; null where it is in no repository. */
  readonly place: (asset: string) => { readonly repository: string; readonly path?: string } | null;
  /** How people call a standard. */
  readonly title: (standard: string) => string;
  /** Hour of Monday, UTC, from which on the mails of the week are made. Default 6. */
  readonly hour?: number;
}

const PAGE = 1000;
/** People in one transaction. */
const PEOPLE = 200;

/** Gives how many digests were made; 0 where it is too early, or was done. */
export async function makeDigests(decisions: Decisions, weekly: Weekly): Promise<number> {
  const now = weekly.now();
  const week = weekOf(now);
  if (now.getTime() < Date.parse(`${week}T00:00:00Z`) + (weekly.hour ?? 6) * 3_600_000) return 0;
  const read = { readOnly: true };
  if (await decisions.transaction(DELIVERIES, (tx) => tx.digests.whole(week), read)) return 0;
  const { digests, places, mails } = await decisions.transaction(
    DELIVERIES,
    (tx) => gather(tx, week, now, weekly),
    read,
  );
  let made = 0;
  for (let at = 0; at < digests.length; at += PEOPLE) {
    const some = digests.slice(at, at + PEOPLE);
    made += await decisions.transaction(DELIVERIES, async (tx) => {
      let own = 0;
      for (const digest of some) {
        const to = mails.get(digest.person);
        if (to !== undefined && (await post({ tx, digest, week, to, places }))) own += 1;
      }
      return own;
    });
  }
  await decisions.transaction(DELIVERIES, (tx) => tx.digests.finish(week));
  return made;
}

interface PostInput {
  readonly tx: DecisionTransaction;
  readonly digest: WeeklyDigest;
  readonly week: string;
  readonly to: string;
  readonly places: PlacesOf;
}

async function post({ tx, digest, week, to, places }: PostInput): Promise<boolean> {
  const letter = letterOf(digest, week, to, places);
  const items = letter.parts.reduce((sum, part) => sum + part.items, letter.ending.length);
  if (!(await tx.digests.make(digest.person, week, items))) return false;
  await tx.delivery.post({ destination: 'mail', division: '', subject: digest.person, body: letter });
  return true;
}

interface GatheredWeek {
  readonly digests: readonly WeeklyDigest[];
  readonly places: PlacesOf;
  /** Person → address, of those who are here and have one. */
  readonly mails: ReadonlyMap<string, string>;
}

async function gather(
  tx: DecisionTransaction,
  week: string,
  now: Date,
  weekly: Weekly,
): Promise<GatheredWeek> {
  const mails = new Map<string, string>();
  for await (const { id, active, mail } of paged(
    (after: string | undefined) => tx.organisation.people({ after: after ?? '', limit: PAGE }),
    ({ id: key }) => key,
  ))
    if (active && mail !== null) mails.set(id, mail);
  const items: DigestItem[] = [];
  const places = new Map<string, ReadonlyMap<string, number>>();
  for await (const batch of paged(
    (after: ListedBatch['key'] | undefined) => tx.listing.work({ stage: 'open', limit: PAGE, after }),
    ({ key }) => key,
  )) {
    items.push(itemOf(batch, weekly));
    places.set(batch.id, await placesIn(tx, batch.id, weekly));
  }
  const { digests } = digestsOf({
    week,
    now,
    items,
    tree: await orgTree(tx, now.toISOString().slice(0, 10)),
    exceptions: await exceptionsInForce(tx),
  });
  return { digests, mails, places: (batch) => places.get(batch) ?? new Map() };
}

const itemOf = (batch: ListedBatch, { title }: Weekly): DigestItem => ({
  batch: batch.id,
  standard: title(batch.standard),
  owner: batch.team,
  openedAt: batch.openedAt,
  // What a dispute stopped or an exception allows is not due yet, so nobody is reminded of it.
  due: batch.nextDue ?? batch.dueOn,
  claimedBy: batch.claimedBy,
  snoozedUntil: batch.snoozedUntil,
});

async function placesIn(
  tx: DecisionTransaction,
  batch: string,
  { place }: Weekly,
): Promise<ReadonlyMap<string, number>> {
  const paths = new Map<string, Set<string>>();
  const members = paged(
    (after: string | undefined) => tx.work.members(batch, { after: after ?? '', limit: PAGE }),
    ({ asset }) => asset,
  );
  for await (const { asset, leftAs } of members) {
    if (leftAs !== null) continue;
    const { repository, path } = place(asset) ?? { repository: '', path: asset };
    const own = paths.get(repository) ?? new Set();
    paths.set(repository, own.add(path ?? ''));
  }
  return new Map([...paths].map(([repository, own]) => [repository, own.size]));
}

async function* paged<T, K>(
  page: (after: K | undefined) => Promise<readonly T[]>,
  key: (one: T) => K,
): AsyncGenerator<T> {
  for (let after: K | undefined; ; ) {
    const rows = await page(after);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = key(last);
  }
}
