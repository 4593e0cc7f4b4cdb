/**
 * Finds the git directory of a repository and what HEAD names, with plain file reads: git itself is never started
 * on the measured directory, so none of its configuration can run or redirect anything.
 * Format: gitrepository-layout(5), gitformat-index(5), git-pack-refs(1).
 */
import { constants, type Stats } from 'node:fs';
import { lstat, open, readdir, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { quote } from './listing.ts';
import { isOid } from './objects.ts';
import type { ProblemCode } from './problems.ts';

/** A reason not to go on, with the stable code of its problem. */
export interface UnreadableRepository {
  readonly refused: ProblemCode;
  readonly detail: string;
}

export interface GitDirectory {
  /** HEAD and index stand here. */
  readonly path: string;
  /** Refs and objects stand here; differs from `path` in a linked worktree. */
  readonly common: string;
  /** Root of the files; undefined for a bare repository. */
  readonly worktree: string | undefined;
  readonly objectFormat: 'sha1' | 'sha256';
  /** The clone left objects out on purpose (`git clone --filter`). */
  readonly partial: boolean;
  /** Commits whose parents were left out on purpose (`git clone --depth`). */
  readonly shallow: ReadonlySet<string>;
  /** Folders that may be read: the estate, and the common directory that acknowledges this one. */
  readonly within: readonly string[];
}

export type Head =
  | { readonly commit: string; readonly branch: string | undefined }
  | { readonly unborn: string }
  | UnreadableRepository;

const SMALL = 2 ** 20;
/** A mirror of a large host may pack a million refs; HEAD's is looked up in them. */
const PACKED_REFS = 256 * 2 ** 20;

export function isRefusal(value: unknown): value is UnreadableRepository {
  return typeof value === 'object' && value !== null && 'refused' in value;
}

export function refusalOf(error: unknown, what: string): UnreadableRepository {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const forbidden = code === 'EACCES' || code === 'EPERM';
  return { refused: forbidden ? 'permission-missing' : 'repository-invalid', detail: `${what}: ${code}` };
}

export function isWithin(path: string, roots: readonly string[]): boolean {
  return roots.some((root) => {
    const way = relative(root, path);
    return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && resolve(root, way) === path);
  });
}

/** What stands at a path, links not followed; undefined for nothing. */
export async function stat(path: string | Buffer): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/**
 * A regular file's bytes, or undefined for none. Never waits: pipes and devices are opened without blocking and
 * refused. A link in the last place is refused. Throws the system's error, or `EFBIG`.
 */
export async function readRegular(path: string | Buffer, limit: number): Promise<Buffer | undefined> {
  const found = await stat(path);
  if (found === undefined) return undefined;
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const facts = await file.stat();
    if (!facts.isFile()) throw Object.assign(new Error('not a regular file'), { code: 'not a regular file' });
    if (facts.size > limit) throw Object.assign(new Error('too large'), { code: 'EFBIG' });
    return await file.readFile();
  } finally {
    await file.close();
  }
}

async function readText(path: string, limit = SMALL): Promise<string | undefined> {
  return (await readRegular(path, limit))?.toString('utf8');
}

/** What stands in every git directory, and so at the top of a bare repository. */
export const BARE: readonly string[] = ['HEAD', 'objects', 'refs'];

/** Whether a folder without `.git` is laid out as a bare repository: what discovery looks for. */
export async function looksBare(path: string): Promise<boolean> {
  const [head, objects, refs] = await Promise.all(BARE.map((name) => stat(join(path, name))));
  return Boolean(head && !head.isDirectory() && objects?.isDirectory() && refs?.isDirectory());
}

async function namesBack(directory: string, root: string, dot: string): Promise<boolean> {
  const linked = await readText(join(directory, 'gitdir'));
  if (linked !== undefined) return (await realpath(linked.trim()).catch(() => undefined)) === dot;
  const config = (await readText(join(directory, 'config'))) ?? '';
  const worktree = /^[ \t]*worktree[ \t]*=[ \t]*"?([^"\n]+)/m.exec(config)?.[1]?.trim();
  return worktree !== undefined && resolve(directory, worktree) === root;
}

/** Follows `.git`, be it a folder, a link or a file, and `commondir`, as far as the roots allow. */
async function locate(
  path: string,
  within: readonly string[],
): Promise<
  { path: string; common: string; bare: boolean; within: readonly string[] } | UnreadableRepository
> {
  const dot = join(path, '.git');
  const found = await stat(dot);
  let directory = path;
  let named = true;
  if (found?.isDirectory() || found?.isSymbolicLink()) directory = await realpath(dot);
  else if (found?.isFile()) {
    const target = /^gitdir: (.+?)\r?\n?$/.exec((await readText(dot)) ?? '')?.[1];
    if (target === undefined)
      return { refused: 'repository-invalid', detail: '`.git` names no git directory' };
    directory = await realpath(resolve(path, target));
    named = false;
  } else if (found) return { refused: 'repository-invalid', detail: '`.git` is neither a folder nor a file' };

  const commonText = await readText(join(directory, 'commondir'));
  const common = commonText === undefined ? directory : await realpath(resolve(directory, commonText.trim()));
  // A linked worktree, or a submodule, and its git directory name each other. Without that, a hostile `.git` file
  // could show any repository of this machine as its own.
  const acknowledged = !named && (await namesBack(directory, path, dot));
  const family = dirname(directory) === join(common, 'worktrees');
  const outside =
    !(isWithin(directory, within) || acknowledged) ||
    (common !== directory && !isWithin(common, within) && !family);
  if (outside) return { refused: 'gitdir-outside', detail: `its git directory is ${quote(directory)}` };
  return { path: directory, common, bare: found === undefined, within: [...within, common] };
}

/** Settings that describe how objects are stored. Read as text, includes not followed; nothing else is looked at. */
function format(
  config: string,
): { objectFormat: 'sha1' | 'sha256'; partial: boolean } | UnreadableRepository {
  const setting = (name: string) =>
    new RegExp(`^\\s*${name}\\s*=\\s*"?([\\w-]+)`, 'im').exec(config)?.[1]?.toLowerCase();
  const version = setting('repositoryformatversion') ?? '0';
  const refs = setting('refstorage') ?? 'files';
  const objects = setting('objectformat') ?? 'sha1';
  if (version !== '0' && version !== '1')
    return { refused: 'format-unsupported', detail: `format version ${version}` };
  if (refs !== 'files') return { refused: 'format-unsupported', detail: `references are stored as ${refs}` };
  if (objects !== 'sha1' && objects !== 'sha256')
    return { refused: 'format-unsupported', detail: `objects are named by ${objects}` };
  const partial = setting('partialclone') !== undefined || /^[ \t]*promisor[ \t]*=[ \t]*true/im.test(config);
  return { objectFormat: objects, partial };
}

export async function openDirectory(
  path: string,
  within: readonly string[],
): Promise<GitDirectory | UnreadableRepository> {
  try {
    const root = await realpath(path);
    const found = await locate(root, within);
    if (isRefusal(found)) return found;
    const { common } = found;
    const [objects, refs] = await Promise.all([stat(join(common, 'objects')), stat(join(common, 'refs'))]);
    if (!objects || !refs) {
      return { refused: 'repository-invalid', detail: `it has no \`${objects ? 'refs' : 'objects'}\`` };
    }
    const stored = format((await readText(join(common, 'config'))) ?? '');
    if (isRefusal(stored)) return stored;
    const shallow = (await readText(join(common, 'shallow'), 16 * SMALL)) ?? '';
    // Inside a bare repository's own folder, or a `.git` that was named itself, there are no files to look at.
    const worktree = found.bare ? undefined : root;
    return {
      path: found.path,
      common,
      worktree,
      ...stored,
      shallow: new Set(shallow.split('\n').filter(isOid)),
      within: found.within,
    };
  } catch (error) {
    return refusalOf(error, 'its git directory could not be read');
  }
}

/** A name that cannot lead out of the git directory (git-check-ref-format(1), the part that matters here). */
function isRef(name: string): boolean {
  return /^refs\/[^\0-\x20\x7f~^:?*[\\]+$/.test(name) && !/(^|\/)\.|\.\.|\/\/|\/$/.test(name);
}

async function packedRefs(common: string): Promise<string> {
  return (await readRegular(join(common, 'packed-refs'), PACKED_REFS))?.toString('latin1') ?? '';
}

async function anyRef(common: string): Promise<boolean> {
  if (/^[0-9a-f]{40}/m.test(await packedRefs(common))) return true;
  const folders = [join(common, 'refs')];
  for (let looked = 0; looked < 1000; looked++) {
    const folder = folders.shift();
    if (folder === undefined) return false;
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.isFile()) return true;
      if (entry.isDirectory()) folders.push(join(folder, entry.name));
    }
  }
  return true;
}

/** What HEAD names. */
export async function readHead(directory: GitDirectory): Promise<Head> {
  try {
    const head = join(directory.path, 'HEAD');
    // In the oldest layout HEAD is a link to the branch's file; its target is a name like any other.
    const text = (await stat(head))?.isSymbolicLink()
      ? `ref: ${await readlink(head)}`
      : ((await readText(head)) ?? '').trim();
    return await follow(directory, text);
  } catch (error) {
    return refusalOf(error, 'HEAD could not be read');
  }
}

const ORIGIN = 'refs/remotes/origin/';

/**
 * What the default branch may be at: as the remote it came from names it, its own tip and the one that was fetched last.
 * Empty where no remote says which branch that is; then it is HEAD's.
 */
export async function readDefaultBranch(
  directory: GitDirectory,
): Promise<readonly { readonly commit: string; readonly branch: string }[]> {
  try {
    const named = ((await readText(join(directory.common, ORIGIN, 'HEAD'))) ?? '').trim();
    const branch = /^ref:\s*refs\/remotes\/origin\/(.+)$/.exec(named)?.[1]?.trim();
    if (branch === undefined) return [];
    const found: { readonly commit: string; readonly branch: string }[] = [];
    for (const name of [`refs/heads/${branch}`, `${ORIGIN}${branch}`]) {
      if (!isRef(name)) continue;
      const tip = await follow(directory, `ref: ${name}`);
      if ('commit' in tip) found.push({ commit: tip.commit, branch });
    }
    return found;
  } catch {
    // What cannot be read names no branch; HEAD's is then the best that is known.
    return [];
  }
}

/** Loose references win over packed ones; symbolic ones are followed five times, as git does. Throws where a file cannot be read. */
async function follow(directory: GitDirectory, from: string): Promise<Head> {
  const length = directory.objectFormat === 'sha256' ? 64 : 40;
  const isCommit = (text: string) => isOid(text) && text.length === length;
  let branch: string | undefined;
  let text = from;
  for (let hops = 0; hops < 5; hops++) {
    if (isCommit(text)) return { commit: text, branch: branch?.replace(/^refs\/heads\//, '') };
    const name = /^ref:(.+)$/.exec(text)?.[1]?.trim();
    if (name === undefined || !isRef(name)) {
      return {
        refused: 'head-invalid',
        detail: `\`${hops === 0 ? 'HEAD' : branch}\` names neither a branch nor a commit`,
      };
    }
    branch ??= name;
    const loose = join(directory.common, name);
    const entry = await stat(loose);
    if (entry?.isFile()) {
      if (!isWithin(await realpath(dirname(loose)), [directory.common])) {
        return {
          refused: 'head-invalid',
          detail: `\`${basename(loose)}\` stands outside of the repository`,
        };
      }
      text = ((await readText(loose)) ?? '').trim();
      continue;
    }
    const packed = await packedRefs(directory.common);
    const at = packed.indexOf(` ${Buffer.from(name).toString('latin1')}\n`);
    if (at >= length) {
      text = packed.slice(at - length, at);
      continue;
    }
    const short = branch.replace(/^refs\/heads\//, '');
    return (await anyRef(directory.common))
      ? {
          refused: 'head-missing',
          detail: `HEAD names the branch ${quote(short)}, which does not exist`,
        }
      : { unborn: short };
  }
  return { refused: 'head-invalid', detail: 'HEAD leads from reference to reference' };
}
