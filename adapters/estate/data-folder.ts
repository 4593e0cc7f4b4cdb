/** Where the history of an estate is kept when nobody says otherwise: in the user's state folder, by the estate's path. */
import { hash } from 'node:crypto';
import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';

/** XDG Base Directory Specification: state lives in `$XDG_STATE_HOME`, else in `~/.local/state`. */
export function dataFolder(
  estate: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const state = environment.XDG_STATE_HOME || join(environment.HOME || homedir(), '.local', 'state');
  const path = existsSync(estate) ? realpathSync(estate) : resolve(estate);
  const name = basename(path).replaceAll(/[^\w.-]/g, '_') || 'root';
  return join(state, 'macadam', `${name}-${hash('sha256', path).slice(0, 8)}`);
}
