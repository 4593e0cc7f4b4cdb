/** How an estate is called, and what is remembered of it from one measurement to the next. */
import { hash } from 'node:crypto';
import { basename } from 'node:path';
import type { KnownRepository } from '@macadam/core/facts/identity';
import type { Observation, Statement } from '@macadam/core/facts/observation';

/** An estate that is a folder. */
export interface FolderEstate {
  /** As macadam.yaml states it; null where it does not. */
  readonly id: string | null;
  /** Real path, so that every spelling of it is the same estate. */
  readonly folder: string;
}

/** What a data folder remembers of one estate. */
export interface EstateMemory {
  /** The name under which its repositories were listed before. */
  readonly container: string;
  /** Stands in the ids of its new repositories, where those of another estate have none; null where nothing has to. */
  readonly prefix: string | null;
  readonly repositories: readonly KnownRepository[];
  /** Ids and names of repositories of all estates, and names of those of others. */
  readonly ids: ReadonlySet<string>;
  readonly otherNames: ReadonlySet<string>;
}

/** Name of an estate as a container: what is stated, else where it lies. */
export const estateName = ({ id, folder }: FolderEstate): string => id ?? folder;

/** A short name of a folder, of which another folder has another one. */
export function folderLabel(folder: string): string {
  const name = basename(folder).replaceAll(/[^\w.-]/g, '_') || 'root';
  return `${name}-${hash('sha256', folder).slice(0, 8)}`;
}

/** What an observation of a repository says of which one it is. `seen` is the batch that it came with. */
export function knownRepository(
  { id, name, attributes }: Pick<Observation, 'id' | 'name' | 'attributes'>,
  seen: number,
): KnownRepository {
  return {
    id,
    path: textIn(attributes.path) ?? name,
    head: textIn(attributes.head),
    root: textIn(attributes.first_commit) ?? rootIn(attributes.commits),
    renamedFrom: textIn(attributes.renamed_from),
    seen,
  };
}

const textIn = (statement: Statement | undefined): string | null =>
  statement && 'value' in statement && typeof statement.value === 'string' ? statement.value : null;

/** Commits that are read of a history: of a longer one the first is not among them. */
const NEWEST = 100;

/** The oldest commit of a history that was read to its end, for what was seen before the first commit was stated by itself. */
function rootIn(commits: Statement | undefined): string | null {
  if (commits === undefined || !('value' in commits) || commits.complete === false) return null;
  const { value } = commits;
  const oldest = Array.isArray(value) && value.length < NEWEST ? value.at(-1) : undefined;
  const sha = typeof oldest === 'object' && oldest !== null && 'sha' in oldest ? oldest.sha : undefined;
  return typeof sha === 'string' ? sha : null;
}
