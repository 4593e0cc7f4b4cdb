/**
 * Which dependency files are the repository's own. A copy of somebody's package (its place is `vendored`) brings its
 * manifests along, and nobody resolves anything by them: what it needs lies beside it. A fixture of a test is material
 * to be read, often broken or outdated on purpose: it is judged, as a test, and nobody has to keep it up to date. What
 * is neither judged nor kept up to date is counted, folder by folder, as `manifests_left_out`.
 */
import type { Places } from '../places/places.ts';
import type { Tree } from '../tree.ts';
import { folder } from './format.ts';
import { formatOf } from './formats.ts';

export interface LeftOut {
  readonly directory: string;
  readonly reason: 'vendored' | 'fixture';
  readonly files: number;
}

export interface OwnFiles {
  /** Of every file that is the repository's own, its path. */
  readonly own: readonly string[];
  /** The same without fixtures: what somebody installs from. */
  readonly installed: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

const FIXTURES: ReadonlySet<string> = new Set([
  'fixtures',
  '__fixtures__',
  '.fixtures',
  'fixture',
  'testdata',
  'test-data',
  'test_data',
  'test-fixtures',
  'test_fixtures',
]);

/** Symbolic links are left alone: what they point to is read where it lies. */
export function ownFiles(tree: Tree, places: Places): OwnFiles {
  const own: string[] = [];
  const installed: string[] = [];
  const folders = new Map<string, LeftOut>();
  for (const { path, type } of tree.entries) {
    if (type !== 'file' && type !== 'executable') continue;
    const vendored = places.of(path) === 'vendored';
    const fixture = vendored || places.of(path) === 'product' ? undefined : fixtureAbove(path);
    if (!vendored) own.push(path);
    if (!vendored && fixture === undefined) installed.push(path);
    else if (formatOf(path) !== undefined) {
      const directory = fixture ?? outermost(path, places);
      const files = (folders.get(directory)?.files ?? 0) + 1;
      folders.set(directory, { directory, reason: vendored ? 'vendored' : 'fixture', files });
    }
  }
  return { own, installed, leftOut: [...folders.values()] };
}

/** The outermost folder of fixtures that a path lies in. */
function fixtureAbove(path: string): string | undefined {
  const parts = folder(path).split('/');
  const at = parts.findIndex((part) => FIXTURES.has(part));
  return at < 0 ? undefined : parts.slice(0, at + 1).join('/');
}

/** The outermost folder of a path that is vendored as a whole. */
function outermost(path: string, places: Places): string {
  const parts = folder(path).split('/');
  const at = parts.findIndex(
    (_, end) => places.of(`${parts.slice(0, end + 1).join('/')}/file`) === 'vendored',
  );
  return at < 0 ? folder(path) : parts.slice(0, at + 1).join('/');
}
