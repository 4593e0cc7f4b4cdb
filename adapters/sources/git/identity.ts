/** Which repository is which: by what a data folder remembers of the estate, else by where it lies. */
import { type FoundRepository, type KnownRepository, sameRepositories } from '@macadam/core/facts/identity';
import { assetId } from '@macadam/core/facts/observation';
import { firstCommit } from '../../readers/commits/first.ts';
import { holdsCommit } from '../../readers/commits/held.ts';
import { isRefusal } from '../../readers/git/directory.ts';
import type { Repository } from '../../readers/git/repository.ts';
import { type EstateMemory, estateName, type FolderEstate, folderLabel } from '../estate.ts';
import type { Found } from './discovery.ts';
import type { Places } from './places.ts';

export interface Identity {
  readonly id: string;
  readonly name: string;
  /** The estate's name as a container. */
  readonly estate: string;
  /** As it was last seen; undefined for a new one, and where nothing is remembered. */
  readonly known?: KnownRepository;
  /** Where it was before; null where it was never seen elsewhere, undefined where nobody remembers. */
  readonly renamedFrom: string | null | undefined;
}

export interface IdentitiesRequest {
  readonly estate: FolderEstate;
  /** Undefined: nothing is remembered. */
  readonly memory: EstateMemory | undefined;
  readonly repositories: readonly Places[];
  readonly open: (place: Found) => Promise<Repository>;
}

/** By the first place of each repository. */
export async function identitiesOf(request: IdentitiesRequest): Promise<ReadonlyMap<Found, Identity>> {
  const { estate, memory, repositories } = request;
  if (memory === undefined) {
    const host = estate.id === null ? 'file' : `file:${estate.id}`;
    return new Map(
      repositories.map(([first]) => [
        first,
        {
          id: assetId('repository', [host, first.key]),
          name: first.key,
          estate: estateName(estate),
          renamedFrom: undefined,
        },
      ]),
    );
  }
  const known = await knownOf(request, memory);
  const ids = new Set(memory.ids);
  const label = memory.prefix ?? folderLabel(estate.folder);
  return new Map(
    repositories.map(([first]) => {
      const before = known.get(first);
      const id = before?.id ?? unusedId(first.key, memory.prefix, ids);
      ids.add(id);
      const moved = before !== undefined && before.path !== first.key;
      return [
        first,
        {
          id,
          name: memory.otherNames.has(first.key) ? `${first.key} (${label})` : first.key,
          estate: memory.container,
          ...(before && { known: before }),
          renamedFrom: moved ? before.path : (before?.renamedFrom ?? null),
        },
      ];
    }),
  );
}

/** A path may have been another repository's, which keeps its id. */
function unusedId(path: string, prefix: string | null, ids: ReadonlySet<string>): string {
  const host = prefix === null ? 'file' : `file:${prefix}`;
  for (let number = 1; ; number += 1) {
    const id = assetId('repository', [host, number === 1 ? path : `${path}~${number}`]);
    if (!ids.has(id)) return id;
  }
}

async function knownOf(
  { repositories, open }: IdentitiesRequest,
  memory: EstateMemory,
): Promise<ReadonlyMap<Found, KnownRepository>> {
  if (memory.repositories.length === 0) return new Map();
  const found: (FoundRepository & { readonly first: Found })[] = [];
  for (const [first] of repositories) found.push({ first, ...(await tipOf(first, open)) });
  const known = Map.groupBy(memory.repositories, ({ path }) => path);
  const certain = sameRepositories(
    memory.repositories,
    found.filter(({ path, head }) => head !== null && known.get(path)?.some((which) => which.head === head)),
  );
  const settled = new Set([...certain.values()].map(({ id }) => id));
  const asked = memory.repositories.filter(({ id }) => !settled.has(id));
  const whole: typeof found = [];
  for (const one of found)
    whole.push(
      asked.length === 0 || certain.has(one) || one.unreadable ? one : await probed(one, asked, open),
    );
  return new Map(
    [...sameRepositories(memory.repositories, whole)].map(([{ first }, which]) => [first, which]),
  );
}

async function tipOf(first: Found, open: IdentitiesRequest['open']): Promise<FoundRepository> {
  const repository = await open(first);
  try {
    const { head } = repository;
    return {
      path: first.key,
      head: 'commit' in head ? head.commit : null,
      root: null,
      holds: new Set(),
      unreadable: isRefusal(head),
    };
  } finally {
    await repository.close();
  }
}

/** Asks a repository which of these tips it holds, and for its first commit. */
async function probed<One extends FoundRepository & { readonly first: Found }>(
  one: One,
  asked: readonly KnownRepository[],
  open: IdentitiesRequest['open'],
): Promise<One> {
  const repository = await open(one.first);
  try {
    const holds = new Set<string>();
    for (const { head } of asked)
      if (head !== null && !holds.has(head) && (await holdsCommit(repository, head))) holds.add(head);
    const first = await firstCommit(repository);
    return { ...one, holds, root: 'value' in first ? String(first.value) : null };
  } finally {
    await repository.close();
  }
}
