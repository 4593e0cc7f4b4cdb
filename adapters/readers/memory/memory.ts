/**
 * What was learned from a repository at the last look, so that the next one reads only what changed. Each answer is kept
 * under a key that names everything it depends on; an answer that is not found, or whose file is damaged or was written by
 * another version of the code, is worked out anew. Contents of files are never kept, and no secret in clear.
 */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { readCached, writeCached } from '../../cache/file.ts';
import { prune } from '../../cache/prune.ts';

export interface Memory {
  /** What was kept; undefined for nothing. Plain data, and not to be changed. */
  recall(section: string, key: string): unknown;
  /** Keeps plain data until the next look. */
  keep(section: string, key: string, value: unknown): void;
  /** Writes what was recalled or kept, where anything is new. */
  close(): void;
}

/** Remembers nothing, for what is looked at once. */
export const NO_MEMORY: Memory = { recall: () => undefined, keep: () => {}, close: () => {} };

type Sections = Record<string, Record<string, unknown>>;

/** What the last look used, and what the look before it used and the last did not: two views may take turns. */
interface Kept {
  readonly now: Sections;
  readonly before: Sections;
}

/** All repositories together; beyond it the ones that were not looked at for longest are forgotten. */
const LIMIT_BYTES = 512 * 2 ** 20;
/** So much is written before the folder is looked through again: an estate has many repositories. */
const PRUNED_EVERY = 32 * 2 ** 20;
let unpruned = PRUNED_EVERY;

/**
 * Opens the memory of one repository. `version` is that of the code that learned: the memory of another is none.
 * Several processes may do so at once: the last one to close stays.
 */
export function openMemory(cacheDirectory: string, repository: string, version: string): Memory {
  const folder = join(cacheDirectory, 'readings');
  const path = join(folder, hash('sha256', repository).slice(0, 32));
  const known = keptOf(readCached(path, `${version}\n${repository}`));
  const now: Sections = {};
  let isNew = false;
  const put = (section: string, key: string, value: unknown) => {
    now[section] ??= {};
    now[section][key] = value;
  };
  return {
    recall: (section, key) => {
      const value = own(now, section, key) ?? own(known.now, section, key) ?? own(known.before, section, key);
      if (value !== undefined) put(section, key, value);
      return value;
    },
    keep: (section, key, value) => {
      isNew = true;
      put(section, key, value);
    },
    close: () => {
      if (!isNew) return;
      const kept: Kept = { now, before: without(known.now, now) };
      unpruned += writeCached(path, `${version}\n${repository}`, kept);
      if (unpruned < PRUNED_EVERY) return;
      unpruned = 0;
      prune(folder, LIMIT_BYTES);
    },
  };
}

function own(sections: Sections, section: string, key: string): unknown {
  const found = Object.hasOwn(sections, section) ? sections[section] : undefined;
  return found !== undefined && Object.hasOwn(found, key) ? found[key] : undefined;
}

function without(sections: Sections, taken: Sections): Sections {
  const rest: Sections = {};
  for (const [section, entries] of Object.entries(sections)) {
    const left = Object.entries(entries).filter(([key]) => own(taken, section, key) === undefined);
    if (left.length > 0) rest[section] = Object.fromEntries(left);
  }
  return rest;
}

/** The digest of the file makes it ours, whole; so only its outline is looked at. */
function keptOf(value: unknown): Kept {
  const empty: Kept = { now: {}, before: {} };
  return typeof value === 'object' && value !== null && 'now' in value && 'before' in value
    ? (value as Kept)
    : empty;
}

/** A key of parts, whatever characters they hold; short, as a memory has one for each file. */
export function keyOf(...parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22);
}
