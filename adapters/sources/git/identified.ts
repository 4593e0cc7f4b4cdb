/** The repositories below the folders that were asked for, each with all its places and the asset that it is. */
import type { Problem } from '@macadam/core/facts/observation';
import { estateName, type FolderEstate } from '../estate.ts';
import type { CollectRequest } from '../port.ts';
import { type Discovery, discover, type Found } from './discovery.ts';
import { type Folders, foldersWithin } from './folders.ts';
import { type Identity, identitiesOf } from './identity.ts';
import { withLostOrigins } from './lost-origin.ts';
import { type Places, placesOf } from './places.ts';
import { isProblems, opened, resolveTargets, type Target } from './targets.ts';

export interface IdentifiedRepository {
  readonly places: Places;
  readonly identity: Identity;
}

/** One folder, and what was found in it and in no other one. */
export interface IdentifiedTarget {
  readonly target: Target;
  /** The estate's name as a container. */
  readonly container: string;
  readonly discovery: Discovery;
  readonly repositories: readonly IdentifiedRepository[];
}

export interface Identified {
  readonly folders: Folders;
  readonly targets: readonly IdentifiedTarget[];
  /** Of all targets, in the order in which they were found. */
  readonly repositories: readonly IdentifiedRepository[];
}

const foundFor = new WeakMap<CollectRequest, Promise<Identified | readonly Problem[]>>();

/** Problems alone where a folder that was asked for is none. */
export function identified(
  request: CollectRequest,
  looking: (target: Target) => void = () => {},
): Promise<Identified | readonly Problem[]> {
  const found = identify(request, looking);
  foundFor.set(request, found);
  return found;
}

/** What was found for this request, where it was collected by it; else what there is. */
export const identifiedFor = (request: CollectRequest): Promise<Identified | readonly Problem[]> =>
  foundFor.get(request) ?? identified(request);

async function identify(
  request: CollectRequest,
  looking: (target: Target) => void,
): Promise<Identified | readonly Problem[]> {
  const targets = await resolveTargets(request.targets);
  if (isProblems(targets)) return targets;
  const folders = foldersWithin(targets.map(({ path }) => path));
  const discoveries: { readonly target: Target; readonly discovery: Discovery }[] = [];
  const targetOf = new Map<Found, Target>();
  const known = new Set<string>();
  // The outer one first, so that it has what lies in both.
  for (const target of targets.toSorted((a, b) => a.path.length - b.path.length)) {
    looking(target);
    const discovery = await discover(target, request.signal);
    // Of targets that overlap, the first has the repository.
    for (const found of discovery.repositories.filter(({ path }) => !known.has(path))) {
      known.add(found.path);
      targetOf.set(found, target);
    }
    discoveries.push({ target, discovery });
  }
  const open = (place: Found) => opened(place, folders.roots, request);
  const all = await withLostOrigins(await placesOf([...targetOf.keys()], folders), { folders, open });
  const identities = new Map<Found, Identity>();
  const parts: IdentifiedTarget[] = [];
  for (const { target, discovery } of discoveries) {
    const repositories = all.filter(([first]) => targetOf.get(first) === target);
    const estate = estateAt(target, request);
    const memory = await request.remembered?.(estate);
    const own = await identitiesOf({ estate, memory, repositories, open });
    for (const [found, identity] of own) identities.set(found, identity);
    parts.push({
      target,
      container: memory?.container ?? estateName(estate),
      discovery,
      repositories: withIdentities(repositories, identities),
    });
  }
  return { folders, targets: parts, repositories: withIdentities(all, identities) };
}

function withIdentities(
  repositories: readonly Places[],
  identities: ReadonlyMap<Found, Identity>,
): readonly IdentifiedRepository[] {
  return repositories.flatMap((places) => {
    const identity = identities.get(places[0]);
    return identity === undefined ? [] : [{ places, identity }];
  });
}

/** What is stated of a folder counts for that folder alone, and not for others that are measured in the same run. */
function estateAt({ path }: Target, { estate }: CollectRequest): FolderEstate {
  return { folder: path, id: estate !== undefined && estate.folder === path ? estate.id : null };
}
