/**
 * Which folders are one repository: linked worktrees of one git directory, clones of one address, and clones of a repository that
 * lies in the estate itself. Read from files alone: git is never asked what a measured repository would have it do.
 */
import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isRefusal } from '../../readers/git/directory.ts';
import type { Found } from './discovery.ts';
import type { Folders } from './folders.ts';

/** Folders of one repository, in the order in which they were found; the first gives it its name. */
export type Places = readonly [Found, ...Found[]];

export async function placesOf(found: readonly Found[], folders: Folders): Promise<Places[]> {
  const groups: Found[][] = [];
  const groupOf = new Map<string, Found[]>();
  for (const one of found) {
    const names = await namesOf(one.path, folders);
    const known = [...new Set(names.flatMap((name) => groupOf.get(name) ?? []))];
    const held = new Set(groups.filter((group) => group.some((each) => known.includes(each))));
    const [group = []] = held;
    if (held.size === 0) groups.push(group);
    group.push(one);
    for (const other of held) {
      if (other === group) continue;
      group.push(...other);
      groups.splice(groups.indexOf(other), 1);
      for (const [name, members] of groupOf) if (members === other) groupOf.set(name, group);
    }
    for (const name of names) groupOf.set(name, group);
  }
  const order = new Map(found.map((one, index) => [one, index]));
  const at = (one: Found) => order.get(one) ?? 0;
  return groups.flatMap((group) => {
    const [first, ...rest] = group.toSorted((a, b) => at(a) - at(b));
    return first ? [[first, ...rest]] : [];
  });
}

/** Everything by which a repository may be known: where it lies, its git directory, and what it was cloned from. */
async function namesOf(path: string, folders: Folders): Promise<readonly string[]> {
  const own = [`path ${path}`];
  const directory = await folders.directory(path);
  if (isRefusal(directory)) return own;
  own.push(`git ${directory.common}`);
  const origin = originIn(await folders.config(path));
  if (origin === null) return own;
  const address = addressOf(origin);
  return [...own, address === null ? `path ${await folderAt(path, origin)}` : `address ${address}`];
}

/** The folder of a repository that an origin without a host leads to, whether it is there or not. */
async function folderAt(path: string, origin: string): Promise<string> {
  const folder = resolve(path, origin.replace(/^file:\/\//, ''));
  const real = await realpath(folder).catch(() => folder);
  return real.endsWith('/.git') ? dirname(real) : real;
}

/** The folder of this machine that the repository in a folder was cloned from; null where it was not cloned, or from a host. */
export async function originFolder(path: string, folders: Folders): Promise<string | null> {
  const origin = originIn(await folders.config(path));
  return origin === null || addressOf(origin) !== null ? null : folderAt(path, origin);
}

/**
 * The address of the remote `origin` of the repository in a folder, or of the only remote that it has, as it is written; null
 * where there is none.
 */
export async function remoteOf(path: string, folders: Folders): Promise<string | null> {
  const text = await folders.config(path);
  return originIn(text) ?? onlyRemoteIn(text);
}

/** The URL of the one remote of a repository without `origin`; null where there are several, or none. */
function onlyRemoteIn(config: string): string | null {
  const sections = [...config.matchAll(/^[ \t]*\[remote "[^"\n]*"\][ \t]*$([^[]*)/gm)];
  const urls = sections.flatMap(([, section = '']) => urlIn(section) ?? []);
  return urls.length === 1 ? (urls[0] ?? null) : null;
}

function urlIn(section: string): string | null {
  const said = /^[ \t]*url[ \t]*=(.*)$/m.exec(section)?.[1]?.trim() ?? '';
  const url = said.replace(/^"|"$/g, '');
  return url === '' || url.includes('"') ? null : url;
}

/** The URL of the remote `origin`; null where there is none. */
function originIn(config: string): string | null {
  return urlIn(/^[ \t]*\[remote "origin"\][ \t]*$([^[]*)/m.exec(config)?.[1] ?? '');
}

/** Host and path in one spelling, without credentials; null for a folder of this machine. */
export function addressOf(url: string): string | null {
  const scp = /^(?:[^@/:]+@)?([^/:]+):(?!\/\/)(.+)$/.exec(url);
  const parsed = scp ? null : URL.parse(url);
  if (parsed?.protocol === 'file:') return null;
  const host = scp?.[1] ?? parsed?.host;
  const path = scp?.[2] ?? parsed?.pathname;
  if (!host || path === undefined) return null;
  const plain = path.replace(/^\/+|(?<!\/)\/+$/g, '').replace(/\.git$/i, '');
  return `${host.replace(/:22$/, '')}/${plain}`.toLowerCase();
}
