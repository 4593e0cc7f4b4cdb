/** Finds the PostgreSQL that the contract of the decisions store is run on beside the embedded one. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where Debian and its kin, Red Hat and its kin, and Homebrew put a release's programs. */
const HOMES = ['/usr/lib/postgresql', '/usr/pgsql', '/opt/homebrew/opt', '/usr/local/opt'];

/** Folder whose `bin/` has `initdb` and `postgres`, of the newest release; null where there is none. */
export function findPostgres(): string | null {
  const { POSTGRES_HOME } = process.env;
  const candidates = POSTGRES_HOME
    ? [POSTGRES_HOME]
    : HOMES.filter((home) => existsSync(home)).flatMap((home) =>
        readdirSync(home)
          .filter((name) => /^(postgresql@)?\d+$/.test(name))
          .sort((a, b) => Number(b.replace(/\D/g, '')) - Number(a.replace(/\D/g, '')))
          .map((name) => join(home, name)),
      );
  const complete = (home: string) =>
    ['initdb', 'postgres'].every((name) => existsSync(join(home, 'bin', name)));
  return candidates.find(complete) ?? null;
}
