/** Git directories of the folders of one measurement: each is looked at once, however many questions are about it. */
import { join } from 'node:path';
import {
  type GitDirectory,
  isRefusal,
  openDirectory,
  readRegular,
  type UnreadableRepository,
} from '../../readers/git/directory.ts';

export interface Folders {
  /** Real paths of the folders that are measured. */
  readonly roots: readonly string[];
  /** The git directory of a repository, by the real path of its folder. */
  directory(path: string): Promise<GitDirectory | UnreadableRepository>;
  /** The text of its configuration; empty where it cannot be read: git then opens the repository as little as we do. */
  config(path: string): Promise<string>;
}

const CONFIG_BYTES = 2 ** 20;

export function foldersWithin(roots: readonly string[]): Folders {
  const directories = new Map<string, Promise<GitDirectory | UnreadableRepository>>();
  const configs = new Map<string, Promise<string>>();
  const directory = (path: string) => {
    const known = directories.get(path) ?? openDirectory(path, roots);
    directories.set(path, known);
    return known;
  };
  const readConfig = async (path: string): Promise<string> => {
    const found = await directory(path);
    if (isRefusal(found)) return '';
    const bytes = await readRegular(join(found.common, 'config'), CONFIG_BYTES).catch(() => undefined);
    return bytes?.toString('utf8') ?? '';
  };
  return {
    roots,
    directory,
    config: (path) => {
      const known = configs.get(path) ?? readConfig(path);
      configs.set(path, known);
      return known;
    },
  };
}
