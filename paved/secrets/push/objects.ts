/**
 * The objects of a push, as `git cat-file --batch` gives them, with the path that `git rev-list --objects` says they are
 * reached by. What cannot be read is an error, never an object that is passed over.
 */
import { isLockFile } from '../surroundings.ts';
import type { Bytes } from './bytes.ts';
import type { PresenceCheck, WithoutPresence } from './presence.ts';
import { type Finding, type Place, refusable, type Subject, searchObject } from './search.ts';

/** The form in which objects have to come: name, type, size and path. */
export const BATCH_FORMAT = '%(objectname) %(objecttype) %(objectsize) %(rest)';
/** Asked for after the last object. No reference can be called so, so the answer is always that there is none. */
export const END = '..end';

export interface Objects {
  readonly found: readonly Finding[];
  /** Names of all objects that came. */
  readonly names: ReadonlySet<string>;
  /** Blobs that were searched as lock files only. */
  readonly locks: ReadonlySet<string>;
  /** All folders: any of them may call such a blob something else, also one that came before it. */
  readonly trees: readonly string[];
  /** Commits that do not show that a person was there, where that is asked. */
  readonly withoutPresence: readonly WithoutPresence[];
}

const TYPES: Readonly<Record<string, Place>> = { blob: 'file', commit: 'commit message', tag: 'tag message' };
const HEADER = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) (\d+) (.*)$/s;
/** A commit is kept whole while its signature is verified. */
const LARGEST_COMMIT = 1 << 20;
/** Paths that are searched together. */
const NAMES_TOGETHER = 1 << 20;

/** What is known of an object before it is read. */
export interface Head {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  /** As `git rev-list` names it; empty for what has no name. */
  readonly path: string;
}

export interface Seeing {
  /** Searches one object, and takes exactly its bytes. */
  readonly see: (head: Head, take: (length: number) => Buffer) => void;
  /** Of one that somebody else searched, who found this in it. */
  readonly searched: (head: Head, findings: readonly Finding[]) => void;
  /** What was seen, once every object was given. */
  readonly seen: () => Objects;
}

/** What stands in one object, whose bytes are taken. Names in a folder come as paths. */
export function findingsIn(
  { name, type, size, path }: Head,
  take: (length: number) => Buffer,
  now: Date,
): readonly Finding[] {
  if (type !== 'tree')
    return searchObject({ place: TYPES[type] ?? 'file', path, object: name }, size, take, now);
  take(size);
  return [];
}

/** Takes the objects of a push one by one, however they are read. */
export function seeObjects(now: Date, check: PresenceCheck | null = null): Seeing {
  const found: Finding[] = [];
  const withoutPresence: WithoutPresence[] = [];
  const names = new Set<string>();
  const locks = new Set<string>();
  const trees: string[] = [];
  const paths: string[] = [];
  let length = 0;
  const see: Seeing['see'] = (head, take) => {
    if (head.type !== 'commit' || check === null) {
      searched(head, findingsIn(head, take, now));
      return;
    }
    const commit = heldCommit(take, head.size);
    const wrong = check(head.name, commit);
    if (wrong !== null) withoutPresence.push(wrong);
    searched(
      head,
      findingsIn(head, () => commit, now),
    );
  };
  const searched: Seeing['searched'] = ({ name, type, path }, findings) => {
    names.add(name);
    for (const finding of findings) found.push(finding);
    if (type === 'tree') trees.push(name);
    if (type === 'blob' && isLockFile(path)) locks.add(name);
    if (path === '' || type === 'tag') return;
    paths.push(path);
    length += path.length;
    if (length > NAMES_TOGETHER) {
      found.push(...inNames('file name', paths.splice(0), now));
      length = 0;
    }
  };
  const seen = (): Objects => {
    found.push(...inNames('file name', paths.splice(0), now));
    return { found, names, locks, trees, withoutPresence };
  };
  return { see, searched, seen };
}

/** Reads up to the mark that says that all of them came, and searches each. Throws where the mark never comes. */
export function readObjects(bytes: Bytes, now: Date, check: PresenceCheck | null = null): Objects {
  const { see, seen } = seeObjects(now, check);
  for (let line = bytes.line(); line !== `${END} missing`; line = bytes.line()) {
    if (line === null) throw new Error('git stopped before it had listed every object of the push');
    see(headFrom(line), bytes.take);
    bytes.take(1);
  }
  return seen();
}

function headFrom(line: string): Head {
  const [, name, type, size, path] = HEADER.exec(line) ?? [];
  if (name === undefined || type === undefined || path === undefined)
    throw new Error(`git says of an object: ${JSON.stringify(line.slice(0, 200))}`);
  return { name, type, size: Number(size), path };
}

function heldCommit(take: (length: number) => Buffer, size: number): Buffer {
  if (size > LARGEST_COMMIT)
    throw new Error(`a commit of the push has ${size} bytes; more than ${LARGEST_COMMIT} are not verified`);
  return take(size);
}

/** Secrets in the names of files, branches and tags. A name has no comment to say why, so only what is sure is refused. */
export function inNames(place: Place, names: readonly string[], now: Date): Finding[] {
  if (names.length === 0) return [];
  const seen = new Set<string>();
  return refusable({ place, path: '', object: '' }, { text: names.join('\n') }, now, 'high').flatMap(
    ({ finding }) => {
      if (seen.has(finding.fingerprint)) return [];
      seen.add(finding.fingerprint);
      return [{ ...finding, path: names[finding.line - 1] ?? '', line: 0 }];
    },
  );
}

/** Notes blobs of `locks` that a tree gives a name which is no lock file's. Throws where it is no tree. */
export function otherNames(
  tree: Buffer,
  idLength: number,
  locks: ReadonlySet<string>,
  again: Map<string, string>,
): void {
  for (let at = 0; at < tree.length; ) {
    const end = tree.indexOf(0, at);
    const blank = tree.indexOf(32, at);
    if (end === -1 || blank === -1 || blank > end || end + idLength >= tree.length) {
      throw new Error('a folder of the push cannot be read: its object is damaged');
    }
    const name = tree.toString('utf8', blank + 1, end);
    const id = tree.toString('hex', end + 1, end + 1 + idLength);
    if (locks.has(id) && !isLockFile(name)) again.set(id, name);
    at = end + 1 + idLength;
  }
}

/** Objects that come by no path: those of the push that no reference of it needs. */
export function readBatch(bytes: Bytes, paths: ReadonlyMap<string, string>, now: Date): Finding[] {
  const found: Finding[] = [];
  for (const { name, type, size } of headsIn(bytes)) {
    const path = paths.get(name) ?? `object ${name.slice(0, 12)}`;
    const subject: Subject = { place: TYPES[type] ?? 'file', path, object: name };
    if (type === 'tree') bytes.take(size);
    else found.push(...searchObject(subject, size, bytes.take, now));
  }
  return found;
}

/** Each object of a batch, whose bytes are taken before the next is asked for. */
export function* headsIn(bytes: Bytes): Generator<Head> {
  for (let line = bytes.line(); line !== null; line = bytes.line()) {
    yield headFrom(line);
    bytes.take(1);
  }
}
