/**
 * A git directory of our own over the measured repository's objects. git runs here and nowhere else, so hooks,
 * filters, includes, promisor remotes, replacements, grafts, alternates and every other setting of the measured
 * repository do not exist for it: there is no list of dangerous settings that could be out of date.
 *
 * What is made here is a few entries in a cache folder of ours, so it is made at once; a thread and back for each of
 * them would cost ten times as much. What is the measured repository's may lie on a slow disk and is waited for.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type GitDirectory, isWithin, readRegular, stat } from './directory.ts';

export interface Scratch {
  readonly path: string;
  /** What was left out of the object store: alternates outside of the roots, and what are no plain files. */
  readonly alternatesOutside: readonly string[];
  readonly unsafe: readonly string[];
  remove(): void;
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

export async function makeScratch(directory: GitDirectory, parent: string): Promise<Scratch> {
  mkdirSync(parent, { recursive: true });
  const path = mkdtempSync(join(await realpath(parent), 'git-'));
  const alternatesOutside: string[] = [];
  const unsafe: string[] = [];
  let stores = 0;

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
  const ways = new Set<string>();

  const linkFiles = async (store: string, folder: string, to: string, wanted: RegExp, number: number) => {
    const from = join(store, folder);
    const entries = (await readdir(from, { withFileTypes: true })).filter(({ name }) => wanted.test(name));
    const odd = entries.filter((entry) => !entry.isFile());
    unsafe.push(...odd.map(({ name }) => `${folder}/${name}`));
    if (entries.length === 0) return;
    // Loose objects of one folder are many and one link will do, unless something among them is not a file.
    if (wanted === LOOSE_FILE && odd.length === 0) {
      symlinkSync(`../${byWayOf(`s${number}`, store)}/${folder}`, join(to, folder), 'junction');
      return;
    }
    mkdirSync(join(to, folder));
    const way = byWayOf(wanted === PACK_FILE ? `p${number}` : `${number}-${folder}`, from);
    for (const entry of entries)
      if (entry.isFile()) symlinkSync(`../../${way}/${entry.name}`, join(to, folder, entry.name));
  };

  /** Mirrors one object store and, as far as allowed, those that it borrows from; gives where it stands. */
  const mirror = async (store: string, depth: number): Promise<string> => {
    const number = stores++;
    const to = join(path, number === 0 ? 'objects' : `alternate-${number}`);
    mkdirSync(to);
    for (const entry of await readdir(store, { withFileTypes: true })) {
      const wanted =
        entry.name === 'pack' ? PACK_FILE : /^[0-9a-f]{2}$/.test(entry.name) ? LOOSE_FILE : undefined;
      if (wanted === undefined) continue;
      if (entry.isDirectory()) await linkFiles(store, entry.name, to, wanted, number);
      else unsafe.push(entry.name);
    }
    const borrowed: string[] = [];
    for (const named of depth < DEPTH ? await alternatesOf(store) : []) {
      const real = await realpath(named).catch(() => undefined);
      if (real === undefined) continue;
      if (isWithin(real, directory.within)) borrowed.push(await mirror(real, depth + 1));
      else alternatesOutside.push(named);
    }
    if (borrowed.length === 0) return to;
    mkdirSync(join(to, 'info'));
    writeFileSync(join(to, 'info', 'alternates'), `${borrowed.join('\n')}\n`);
    return to;
  };

  const remove = () => rmSync(path, { recursive: true, force: true });
  try {
    const store = await realpath(join(directory.common, 'objects'));
    if (isWithin(store, directory.within)) await mirror(store, 0);
    else {
      mkdirSync(join(path, 'objects'));
      alternatesOutside.push(store);
    }
    mkdirSync(join(path, 'refs'));
    writeFileSync(join(path, 'HEAD'), 'ref: refs/heads/none\n');
    const version = directory.objectFormat === 'sha256' ? 1 : 0;
    const extension = version === 1 ? '[extensions]\n\tobjectFormat = sha256\n' : '';
    writeFileSync(
      join(path, 'config'),
      `[core]\n\trepositoryFormatVersion = ${version}\n\tbare = true\n\tfsmonitor = false\n\tmultiPackIndex = false\n\tcommitGraph = false\n\thooksPath = /dev/null\n\tprecomposeUnicode = false\n\tignoreCase = false\n${extension}`,
    );
    await linkIndexParts(directory.path, path);
    return { path, alternatesOutside, unsafe, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** A split index stands in two files, of which git looks for the second in its own directory. */
async function linkIndexParts(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
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
