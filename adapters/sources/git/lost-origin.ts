/**
 * Clones of a folder that was moved or renamed since. What they were cloned from is gone, so their address leads nowhere; but where
 * one other repository of the estate holds the commit that one of them is at, they are copies of it.
 */
import { stat } from 'node:fs/promises';
import { holdsCommit } from '../../readers/commits/held.ts';
import type { Repository } from '../../readers/git/repository.ts';
import type { Found } from './discovery.ts';
import type { Folders } from './folders.ts';
import { originFolder, type Places } from './places.ts';

export interface LostOriginsRequest {
  readonly folders: Folders;
  readonly open: (place: Found) => Promise<Repository>;
}

/** The same repositories, each with the copies of it whose origin is gone. */
export async function withLostOrigins(
  repositories: readonly Places[],
  { folders, open }: LostOriginsRequest,
): Promise<Places[]> {
  const lost: Places[] = [];
  for (const places of repositories) if (await isLost(places, folders)) lost.push(places);
  if (lost.length === 0) return [...repositories];
  const headsOf = new Map<Places, readonly string[]>();
  for (const places of lost) headsOf.set(places, await headsIn(open, places));
  const wanted = new Set([...headsOf.values()].flat());
  const holders = new Map<string, Places[]>();
  for (const places of repositories.filter((one) => !lost.includes(one)))
    for (const head of await heldIn(open, places, wanted))
      holders.set(head, [...(holders.get(head) ?? []), places]);
  const copies = new Map<Places, Found[]>();
  const joined = new Set<Places>();
  for (const [places, heads] of headsOf) {
    const [holder, ...more] = new Set(heads.flatMap((head) => holders.get(head) ?? []));
    // Of two that hold it, a fork and what it is of, nobody can say which it was cloned from.
    if (holder === undefined || more.length > 0) continue;
    copies.set(holder, [...(copies.get(holder) ?? []), ...places]);
    joined.add(places);
  }
  return repositories
    .filter((places) => !joined.has(places))
    .map((places): Places => [...places, ...(copies.get(places) ?? [])]);
}

/** Whether all of its folders were cloned from a folder that is not there. */
async function isLost(places: Places, folders: Folders): Promise<boolean> {
  for (const { path } of places) {
    const folder = await originFolder(path, folders);
    if (folder === null || (await exists(folder))) return false;
  }
  return true;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function headsIn(open: LostOriginsRequest['open'], places: Places): Promise<string[]> {
  const heads: string[] = [];
  for (const place of places) {
    const { head, close } = await open(place);
    if ('commit' in head) heads.push(head.commit);
    await close();
  }
  return heads;
}

async function heldIn(
  open: LostOriginsRequest['open'],
  [first]: Places,
  commits: ReadonlySet<string>,
): Promise<string[]> {
  const repository = await open(first);
  const held: string[] = [];
  try {
    for (const commit of commits) if (await holdsCommit(repository, commit)) held.push(commit);
  } finally {
    await repository.close();
  }
  return held;
}
