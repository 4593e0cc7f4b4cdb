/**
 * A git directory of our own over the measured repository's objects. git runs here and nowhere else, so hooks,
 * filters, includes, promisor remotes, replacements, grafts, alternates and every other setting of the measured
 * repository do not exist for it: there is no list of dangerous settings that could be out of date.
 *
 * What is made here is a few entries in a cache folder of ours, so it is made at once; a thread and back for each of
 * them would cost ten times as much. What is the measured repository's may lie on a slow disk and is waited for.
 */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type GitDirectory, isWithin, readRegular, stat } from './directory.ts';
import type { ObjectFiles } from './packs.ts';

export interface Scratch {
  /** The git directory; it is made when it is first asked for. Throws where nothing can be written. */
  readonly path: string;
  /** All that git would find here, for whoever reads it without git. */
  readonly files: ObjectFiles;
  /** What was left out of the object store: alternates outside of the roots, and what are no plain files. */
  readonly alternatesOutside: readonly string[];
  readonly unsafe: readonly string[];
  remove(): void;
}

/** A folder of an object store, as it was found. */
interface Folder {
  readonly name: string;
  readonly plain: readonly string[];
  /** Whether something in it was no file. */
  readonly odd: boolean;
}

interface Store {
  readonly path: string;
  readonly packs: Folder | undefined;
  readonly loose: readonly Folder[];
  readonly borrowed: readonly Store[];
}

interface Survey {
  /** Undefined where the store itself lies outside of the roots. */
  readonly store: Store | undefined;
  readonly alternatesOutside: readonly string[];
  readonly unsafe: readonly string[];
}

/** As deep as git itself follows alternates. */
const DEPTH = 5;
/** Bitmaps, multi-pack indexes and commit graphs only repeat what packs say, and need not tell the truth. */
const PACK_FILE = /^pack-[0-9a-f]+\.(pack|idx)$/;
const LOOSE_FILE = /^[0-9a-f]{38}(?:[0-9a-f]{24})?$/;

async function alternatesOf(store: string): Promise<string[]> {
  const text = (await readRegular(join(store, 'info', 'alternates'), 2 ** 20))?.toString('utf8') ?? '';
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => resolve(store, line));
}

async function surveyed(directory: GitDirectory): Promise<Survey> {
  const alternatesOutside: string[] = [];
  const unsafe: string[] = [];
  const folderAt = async (store: string, name: string, wanted: RegExp): Promise<Folder> => {
    const found = await readdir(join(store, name), { withFileTypes: true });
    const entries = found.filter((entry) => wanted.test(entry.name));
    const odd = entries.filter((entry) => !entry.isFile());
    unsafe.push(...odd.map((entry) => `${name}/${entry.name}`));
    const plain = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
    return { name, plain, odd: odd.length > 0 };
  };
  const storeAt = async (path: string, depth: number): Promise<Store> => {
    let packs: Folder | undefined;
    const loose: Folder[] = [];
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const isPacks = entry.name === 'pack';
      if (!isPacks && !/^[0-9a-f]{2}$/.test(entry.name)) continue;
      if (!entry.isDirectory()) unsafe.push(entry.name);
      else if (isPacks) packs = await folderAt(path, entry.name, PACK_FILE);
      else loose.push(await folderAt(path, entry.name, LOOSE_FILE));
    }
    const borrowed: Store[] = [];
    for (const named of depth < DEPTH ? await alternatesOf(path) : []) {
      const real = await realpath(named).catch(() => undefined);
      if (real === undefined) continue;
      if (isWithin(real, directory.within)) borrowed.push(await storeAt(real, depth + 1));
      else alternatesOutside.push(named);
    }
    return { path, packs, loose, borrowed };
  };
  const path = await realpath(join(directory.common, 'objects'));
  const inside = isWithin(path, directory.within);
  if (!inside) alternatesOutside.push(path);
  return { store: inside ? await storeAt(path, 0) : undefined, alternatesOutside, unsafe };
}

/** Every store once, the first one first. */
const storesOf = (store: Store): readonly Store[] => [store, ...store.borrowed.flatMap(storesOf)];

function filesIn(store: Store | undefined): ObjectFiles {
  const packs: string[] = [];
  const loose = new Map<string, string[]>();
  for (const one of store === undefined ? [] : storesOf(store)) {
    const names = new Set(one.packs?.plain);
    for (const name of names)
      if (name.endsWith('.pack') && names.has(name.replace(/pack$/, 'idx')))
        packs.push(join(one.path, 'pack', name));
    for (const { name, plain, odd } of one.loose)
      if (plain.length > 0 && !odd) loose.set(name, [...(loose.get(name) ?? []), join(one.path, name)]);
  }
  return { packs, loose };
}

/** Looks at the object store of a repository. Nothing is written before git is needed. Rejects where the store cannot be looked at. */
export async function openScratch(directory: GitDirectory, parent: string): Promise<Scratch> {
  const { store, alternatesOutside, unsafe } = await surveyed(directory);
  let made: string | undefined;
  return {
    get path() {
      made ??= makeScratch(store, directory, parent);
      return made;
    },
    files: filesIn(store),
    alternatesOutside,
    unsafe,
    remove: () => {
      if (made !== undefined) rmSync(made, { recursive: true, force: true });
      made = undefined;
    },
  };
}

/** Makes the git directory and gives its path. */
function makeScratch(store: Store | undefined, directory: GitDirectory, parent: string): string {
  mkdirSync(parent, { recursive: true });
  const path = mkdtempSync(join(realpathSync(parent), 'git-'));
  try {
    if (store === undefined) mkdirSync(join(path, 'objects'));
    else mirror(store, path);
    mkdirSync(join(path, 'refs'));
    writeFileSync(join(path, 'HEAD'), 'ref: refs/heads/none\n');
    const version = directory.objectFormat === 'sha256' ? 1 : 0;
    const extension = version === 1 ? '[extensions]\n\tobjectFormat = sha256\n' : '';
    writeFileSync(
      join(path, 'config'),
      `[core]\n\trepositoryFormatVersion = ${version}\n\tbare = true\n\tfsmonitor = false\n\tmultiPackIndex = false\n\tcommitGraph = false\n\thooksPath = /dev/null\n\tprecomposeUnicode = false\n\tignoreCase = false\n${extension}`,
    );
    linkIndexParts(directory.path, path);
    return path;
  } catch (error) {
    rmSync(path, { recursive: true, force: true });
    throw error;
  }
}

/** Mirrors an object store and those that it borrows from. */
function mirror(first: Store, path: string): void {
  let stores = 0;
  const ways = new Set<string>();
  /**
   * Links go by way of one link to the folder, made once: a file system such as ext4 keeps the target of a link in the
   * link itself up to 59 bytes, and takes milliseconds to remove a longer one.
   */
  const byWayOf = (name: string, folder: string): string => {
    const way = join(path, name);
    if (!ways.has(way)) symlinkSync(folder, way, 'junction');
    ways.add(way);
    return name;
  };
  const link = (store: Store, folder: Folder, to: string, number: number) => {
    if (folder.plain.length === 0 && !folder.odd) return;
    const isPacks = folder === store.packs;
    // Loose objects of one folder are many and one link will do, unless something among them is not a file.
    if (!isPacks && !folder.odd) {
      symlinkSync(
        `../${byWayOf(`s${number}`, store.path)}/${folder.name}`,
        join(to, folder.name),
        'junction',
      );
      return;
    }
    mkdirSync(join(to, folder.name));
    const way = byWayOf(isPacks ? `p${number}` : `${number}-${folder.name}`, join(store.path, folder.name));
    for (const name of folder.plain) symlinkSync(`../../${way}/${name}`, join(to, folder.name, name));
  };
  const place = (store: Store): string => {
    const number = stores++;
    const to = join(path, number === 0 ? 'objects' : `alternate-${number}`);
    mkdirSync(to);
    for (const folder of [...(store.packs === undefined ? [] : [store.packs]), ...store.loose])
      link(store, folder, to, number);
    const borrowed = store.borrowed.map(place);
    if (borrowed.length === 0) return to;
    mkdirSync(join(to, 'info'));
    writeFileSync(join(to, 'info', 'alternates'), `${borrowed.join('\n')}\n`);
    return to;
  };
  place(first);
}

/** A split index stands in two files, of which git looks for the second in its own directory. */
function linkIndexParts(from: string, to: string): void {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isFile() && /^sharedindex\.[0-9a-f]+$/.test(entry.name)) {
      symlinkSync(join(from, entry.name), join(to, entry.name));
    }
  }
}

/**
 * The index as git may read it: a regular file, or undefined for none. Git hands its hooks another one than the usual
 * when a commit names its files (`commit --all`, `commit FILE`): `offered` is that, and counts if it stands beside.
 */
export async function indexFile(
  directory: GitDirectory,
  offered: string | undefined,
): Promise<string | undefined> {
  const usual = join(directory.path, 'index');
  const own =
    offered !== undefined &&
    (await realpath(dirname(offered)).catch(() => '')) === (await realpath(directory.path));
  const path = own ? join(directory.path, basename(offered)) : usual;
  const found = await stat(path);
  if (found === undefined) return undefined;
  if (!found.isFile())
    throw Object.assign(new Error('not a regular file'), { code: 'the index is not a regular file' });
  return path;
}
