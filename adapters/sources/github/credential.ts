/** The token that a run asks with where it names no app: GITHUB_TOKEN, else what the `gh` command line is signed in with. */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export interface Credential {
  readonly token: string;
  readonly from: 'GITHUB_TOKEN' | 'GITHUB_APP_KEY' | 'gh auth token';
  /** Whose it is, where tokens come and go; the token itself where it is left out. */
  readonly of?: string;
}

/** What is kept of answers is kept for whoever asked. */
export const holderOf = (credential: Credential | undefined): string =>
  credential?.of ?? credential?.token ?? '';

/** A token of an installed app, and not of a person: `ghs_`. */
export const isOfApp = (credential: Credential | undefined): boolean =>
  credential?.token.startsWith('ghs_') === true;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Undefined when there is none. `host` is the host's name, without scheme. */
export async function credentialFor(host: string, environment: Environment): Promise<Credential | undefined> {
  const given = environment.GITHUB_TOKEN?.trim();
  if (given !== undefined && given !== '') return { token: given, from: 'GITHUB_TOKEN' };
  const gh = await findOnPath('gh', environment.PATH ?? '');
  if (gh === undefined) return undefined;
  const token = await new Promise<string>((done) => {
    const options = { env: { ...environment }, timeout: 10_000, maxBuffer: 64 * 1024 };
    execFile(gh, ['auth', 'token', '--hostname', host], options, (error, stdout) =>
      done(error === null ? stdout.trim() : ''),
    );
  });
  return token === '' ? undefined : { token, from: 'gh auth token' };
}

async function findOnPath(name: string, path: string): Promise<string | undefined> {
  for (const directory of path.split(delimiter)) {
    // A relative or empty entry means the current folder, which may hold anything.
    if (!directory.startsWith('/')) continue;
    const file = join(directory, name);
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  return undefined;
}
