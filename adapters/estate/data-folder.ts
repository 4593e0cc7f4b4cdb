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

/** XDG Base Directory Specification: state lies in `$XDG_STATE_HOME`, else in `~/.local/state`. */
const stateFolder = ({ XDG_STATE_HOME: state, HOME: home }: Environment): string =>
  join(state || join(home || homedir(), '.local', 'state'), 'macadam');

/** A simulated company never lies beside what is real. */
export const simulatedFolder = (size: string, environment: Environment): string =>
  join(stateFolder(environment), 'simulated', size);
