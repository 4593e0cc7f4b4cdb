/**
 * The version of the code that reads and extracts, for the keys of caches: a digest of its text and of the packages that it
 * uses, so that nobody has to remember to raise a number when an extractor changes. The published command line is a
 * bundle without these files: packing replaces this module by one that knows the digest.
 */
import { hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
/** All that what is kept in a cache depends on. */
const FOLDERS = ['core', 'adapters/cache', 'adapters/readers', 'services/catalogue', 'paved/secrets'];

let known: string | undefined;

export function codeDigest(): string {
  known ??= hash(
    'sha256',
    [...FOLDERS.flatMap((folder) => textsIn(join(ROOT, folder))), packages()].join('\0'),
  );
  return known;
}

function textsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : textsIn(path);
      const counts = /\.(ts|json)$/.test(entry.name) && !entry.name.endsWith('.test.ts');
      return counts ? [entry.name, readFileSync(path, 'utf8')] : [];
    });
}

/** What npm was asked to install. */
function packages(): string {
  const lock = join(ROOT, 'package-lock.json');
  return existsSync(lock) ? readFileSync(lock, 'utf8') : '';
}
