/** What `login` keeps: a server and a token for it, in the user's own folder, for their eyes alone. */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { UsageError } from './terminal.ts';

export interface StoredLogin {
  /** As `serverUrl` writes it. */
  readonly server: string;
  readonly token: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function loginFile({ XDG_CONFIG_HOME }: Environment): string {
  return join(XDG_CONFIG_HOME || join(homedir(), '.config'), 'macadam', 'login.json');
}

/** Null where nobody logged in. Throws for a file that others can read, since the token is not a secret any more. */
export function storedLogin(environment: Environment): StoredLogin | null {
  const file = loginFile(environment);
  let text: string;
  try {
    if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0)
      throw new UsageError(
        `\`${file}\` can be read by others; revoke the token in it, then run \`macadam logout\` and \`macadam login\``,
      );
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new UsageError(`\`${file}\` cannot be read (${code})`);
  }
  const damaged = new UsageError(`\`${file}\` is damaged; run \`macadam login\` again`);
  let stored: Partial<StoredLogin> | null;
  try {
    stored = JSON.parse(text);
  } catch {
    throw damaged;
  }
  const { server, token } = stored ?? {};
  if (typeof server !== 'string' || typeof token !== 'string') throw damaged;
  return { server, token };
}

/** Whole or not at all, and never for a moment readable by others. */
export function storeLogin(environment: Environment, login: StoredLogin): string {
  const file = loginFile(environment);
  const partial = `${file}.${process.pid}.partial`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    rmSync(partial, { force: true });
    writeFileSync(partial, `${JSON.stringify(login)}\n`, { mode: 0o600, flag: 'wx' });
    chmodSync(partial, 0o600);
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw new UsageError(`\`${file}\` cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
  return file;
}

/** Whether there was one. */
export function forgetLogin(environment: Environment): boolean {
  const file = loginFile(environment);
  try {
    rmSync(file);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    throw new UsageError(`\`${file}\` cannot be removed (${code})`);
  }
}
