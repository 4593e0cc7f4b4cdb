/** Where the history of an estate is kept when nobody says otherwise: in the user's state folder, by the estate's path. */
import { hash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

export function dataFolder(estate: string, environment: Environment): string {
  const path = existsSync(estate) ? realpathSync(estate) : resolve(estate);
  const name = basename(path).replaceAll(/[^\w.-]/g, '_') || 'root';
  return join(stateFolder(environment), `${name}-${hash('sha256', path).slice(0, 8)}`);
}

/** The same of an estate that is no folder alone: `names` say what it is, as `github acme`. */
export function remoteDataFolder(
  { folder, names }: { readonly folder: string | null; readonly names: readonly string[] },
  environment: Environment,
): string {
  const own = folder === null ? [] : [existsSync(folder) ? realpathSync(folder) : resolve(folder)];
  const name = [...own.map((path) => basename(path)), ...names].join('-').replaceAll(/[^\w.-]/g, '_');
  const key = hash('sha256', JSON.stringify([...own, ...names])).slice(0, 8);
  return join(stateFolder(environment), `${name.slice(0, 80)}-${key}`);
}

/** Where the two stores of a place are: of a folder, in it; of a ClickHouse server by URL, the decisions beside it on this machine. */
export function storesIn(
  place: string,
  beside: string,
  { DATABASE_URL }: Environment,
): { readonly facts: string; readonly decisions: string } {
  const remote = /^https?:\/\//.test(place);
  return {
    facts: remote ? place : join(place, 'facts'),
    decisions: DATABASE_URL || join(remote ? beside : place, 'decisions'),
  };
}

/**
 * XDG Base Directory Specification: state lies in `$XDG_STATE_HOME`, else in `~/.local/state`. Root's home is closed to the
 * account under which PostgreSQL runs for root, so its state lies where a machine's does (Filesystem Hierarchy Standard).
 */
const stateFolder = ({ XDG_STATE_HOME: state, HOME: home }: Environment): string => {
  if (!state && process.getuid?.() === 0) return '/var/lib/macadam';
  return join(state || join(home || homedir(), '.local', 'state'), 'macadam');
};

/** A simulated company never lies beside what is real. */
export const simulatedFolder = (size: string, environment: Environment): string =>
  join(stateFolder(environment), 'simulated', size);
