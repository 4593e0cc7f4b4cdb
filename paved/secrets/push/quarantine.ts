/**
 * A push read where git keeps it until it is accepted, for a process that is there already: git lists what is reached, and objects
 * that stand in files of their own are read here, which is sooner than asking git for each of them.
 */
import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { zlib } from '../late.ts';
import { bytesFrom } from './bytes.ts';
import { fillFromBuffer, git, type Hook } from './git.ts';
import { BATCH_FORMAT, findingsIn, type Head, headsIn, type Seeing, seeObjects } from './objects.ts';
import { type Incoming, NO_OBJECT, type Update } from './receive.ts';
import type { Finding } from './search.ts';

/** A larger object is left to the hook, which reads it by pieces. */
const LARGEST = 1 << 28;
/** What git is asked for at once, in bytes of objects. */
const TOGETHER = 1 << 26;

/** A part of a push that another may search meanwhile: lines as git lists them, of objects that are no commits. */
export interface Share {
  readonly hook: Hook;
  readonly lines: readonly string[];
  readonly now: Date;
}

/** One object of it. */
export interface Searched {
  readonly head: Head;
  readonly found: readonly Finding[];
}

/** Hands a part over, and gives what waits for the answer; null: nobody had the time, or could. */
export type HandOver = (share: Share) => () => readonly Searched[] | null;

export interface Ways {
  /** What git lists of the push, where it was listed elsewhere. */
  readonly given?: readonly string[];
  readonly handOver?: HandOver;
}

export function quarantined(
  hook: Hook,
  updates: readonly Update[],
  { given, handOver }: Ways = {},
): Incoming {
  const kept = keptFor(hook);
  return {
    updates: () => updates,
    objects: (now, check) => {
      const { see, searched, seen } = seeObjects(now, check);
      const lines = given ?? listed(hook, updates);
      const middle = handOver === undefined ? lines.length : middleOf(lines, kept);
      const share = { hook, lines: lines.slice(middle), now };
      const answer = share.lines.length > 0 ? handOver?.(share) : undefined;
      seeAll(hook, lines.slice(0, middle), kept, see);
      const others = answer?.() ?? null;
      if (others?.length !== share.lines.length) seeAll(hook, share.lines, kept, see);
      else for (const { head, found } of others) searched(head, found);
      return seen();
    },
    brought: () => (kept.quarantine === '' ? [] : [...kept.loose, ...packedIn(kept.quarantine, hook)]),
  };
}

/** What whoever was handed a part answers. Throws where it cannot be searched whole. */
export function searchShare({ hook, lines, now }: Share): readonly Searched[] {
  const searched: Searched[] = [];
  seeAll(hook, lines, keptFor(hook), (head, take) => {
    if (head.type === 'commit') throw new Error(`${head.name} is a commit`);
    searched.push({ head, found: findingsIn(head, take, now) });
  });
  return searched;
}

interface Kept {
  readonly quarantine: string;
  /** Names of objects that stand in files of their own. */
  readonly loose: ReadonlySet<string>;
}

function keptFor({ folder, environment }: Hook): Kept {
  const named = environment.GIT_QUARANTINE_PATH ?? '';
  // As seen from the hook, which runs elsewhere.
  const quarantine = named === '' ? '' : resolve(folder, named);
  return { quarantine, loose: quarantine === '' ? new Set() : looseIn(quarantine) };
}

/** A push of so many bytes as git keeps them (some eight million of text) is worth handing half of it over. */
const WORTH_SHARING = 1 << 21;

/** Where the second half of the bytes begins, behind the commits; the end where the push is small. */
function middleOf(lines: readonly string[], { quarantine, loose }: Kept): number {
  const first = lines.findIndex((line) => line.includes(' '));
  if (first === -1 || quarantine === '') return lines.length;
  const names = lines.map((line) => line.split(' ', 1)[0] ?? '');
  const packed = names.filter((name) => !loose.has(name)).length;
  const each = packed === 0 ? 0 : bytesOfPacks(quarantine) / packed;
  const sizes = names.map((name) => (loose.has(name) ? statSync(fileOf(quarantine, name)).size : each));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total < WORTH_SHARING) return lines.length;
  let before = 0;
  const middle = sizes.findIndex((size) => {
    before += size;
    return before > total / 2;
  });
  return Math.max(first, middle);
}

function bytesOfPacks(quarantine: string): number {
  const packs = join(quarantine, 'pack');
  if (!existsSync(packs)) return 0;
  return readdirSync(packs)
    .filter((name) => name.endsWith('.pack'))
    .reduce((sum, name) => sum + statSync(join(packs, name)).size, 0);
}

const fileOf = (quarantine: string, name: string): string =>
  join(quarantine, name.slice(0, 2), name.slice(2));

function seeAll(hook: Hook, lines: readonly string[], { quarantine, loose }: Kept, see: Seeing['see']): void {
  const others: string[] = [];
  for (const line of lines) {
    const [name = ''] = line.split(' ', 1);
    if (!loose.has(name)) others.push(line);
    else seeLoose(fileOf(quarantine, name), name, line.slice(name.length + 1), see);
  }
  if (others.length > 0) seeOthers(others, hook, see);
}

/** As the hook lists them: a name and, of what has one, its path. */
function listed(hook: Hook, updates: readonly Update[]): string[] {
  const tips = updates.map(({ after }) => after).filter((name) => !NO_OBJECT.test(name));
  const said = git(['rev-list', '--objects', '--stdin', '--not', '--all'], {
    input: tips.map((tip) => `${tip}\n`).join(''),
    hook,
  });
  return said.toString().split('\n').slice(0, -1);
}

/** So many bytes hold the table of codes that comes before the first character, and some characters. */
const BEGINNING = 1024;
const LOOSE_HEADER = /^(blob|tree|commit|tag) (\d+)\0/;

function seeLoose(file: string, name: string, path: string, see: Seeing['see']): void {
  const packed = readFileSync(file);
  const { inflateSync, constants } = zlib();
  const begin = inflateSync(packed.subarray(0, BEGINNING), { finishFlush: constants.Z_SYNC_FLUSH });
  const [header = '', type = '', digits = ''] = LOOSE_HEADER.exec(begin.toString('latin1')) ?? [];
  const size = Number(digits);
  if (header === '') throw new Error(`the object ${name} has no header`);
  if (size > LARGEST) throw new Error(`the object ${name} has ${size} bytes`);
  const length = header.length + size;
  // One byte more than it has: it comes in one piece, and what is longer than it says is seen.
  const content = inflateSync(packed, { chunkSize: Math.max(64, length + 1), maxOutputLength: length + 1 });
  if (content.length !== length) throw new Error(`the object ${name} is not as long as it says`);
  let at = header.length;
  see({ name, type, size, path }, (count) => {
    at += count;
    return content.subarray(at - count, at);
  });
}

/** Of packs, and what was there before: by git, so much at once as there is room for. */
function seeOthers(lines: readonly string[], hook: Hook, see: Seeing['see']): void {
  const sizes = git(['cat-file', '--batch-check=%(objectsize)'], {
    input: `${lines.map((line) => line.split(' ', 1)[0]).join('\n')}\n`,
    hook,
  })
    .toString()
    .split('\n');
  let asked: string[] = [];
  let length = 0;
  const ask = () => {
    const contents = git(['cat-file', '--buffer', `--batch=${BATCH_FORMAT}`], {
      input: `${asked.join('\n')}\n`,
      hook,
    });
    const bytes = bytesFrom(fillFromBuffer(contents));
    const heads: Head[] = [];
    for (const head of headsIn(bytes)) {
      heads.push(head);
      see(head, bytes.take);
    }
    if (heads.length !== asked.length) throw new Error('git did not give every object of the push');
    asked = [];
    length = 0;
  };
  for (const [index, line] of lines.entries()) {
    const size = Number(sizes[index]);
    if (!(size <= LARGEST)) throw new Error(`of ${line.slice(0, 64)} git says ${sizes[index]}`);
    if (length > 0 && length + size > TOGETHER) ask();
    asked.push(line);
    length += size;
  }
  ask();
}

function looseIn(quarantine: string): Set<string> {
  const names = new Set<string>();
  for (const folder of entriesOf(quarantine)) {
    if (!/^[0-9a-f]{2}$/.test(folder.name)) continue;
    for (const { name } of entriesOf(join(quarantine, folder.name)))
      if (/^[0-9a-f]{38}(?:[0-9a-f]{24})?$/.test(name)) names.add(folder.name + name);
  }
  return names;
}

const entriesOf = (folder: string): Dirent[] => readdirSync(folder, { withFileTypes: true });

function packedIn(quarantine: string, { folder, environment }: Hook): string[] {
  const packs = join(quarantine, 'pack');
  if (!existsSync(packs) || !readdirSync(packs).some((name) => name.endsWith('.idx'))) return [];
  const said = git(['cat-file', '--batch-all-objects', '--unordered', '--batch-check=%(objectname)'], {
    hook: {
      folder,
      environment: { ...environment, GIT_OBJECT_DIRECTORY: quarantine, GIT_ALTERNATE_OBJECT_DIRECTORIES: '' },
    },
  });
  return said.toString().split('\n').slice(0, -1);
}
