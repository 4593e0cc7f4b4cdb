/** Names of repositories, and what a request of git asks of one. */
import type { Access } from './store.ts';

/** `acme/shop`: parts of letters, digits, `.`, `_` and `-`, none that begins with a dot or ends in `.git`. */
const NAME = /^(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,99}\/){1,5}[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;

export const isRepositoryName = (name: string): boolean =>
  NAME.test(name) && !name.split('/').some((part) => part.endsWith('.git'));

/** Whether a pattern of a rule (`acme/shop`, `acme/*`) covers a repository. */
export const covers = (pattern: string, name: string): boolean =>
  pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;

export interface GitRequest {
  readonly repository: string;
  readonly access: Access;
}

/** What an address of git's smart protocol over HTTP asks; null for any other address, the dumb protocol's too. */
export function gitRequestOf(address: string): GitRequest | null {
  const url = URL.parse(address, 'http://git.invalid');
  const [, name = '', action = ''] =
    /^\/([^?]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(url?.pathname ?? '') ?? [];
  if (url === null || !isRepositoryName(name)) return null;
  const [wanted, ...others] = action === 'info/refs' ? url.searchParams.getAll('service') : [action];
  if (others.length > 0) return null;
  if (wanted === 'git-upload-pack') return { repository: name, access: 'read' };
  return wanted === 'git-receive-pack' ? { repository: name, access: 'write' } : null;
}

export interface GitCommand extends GitRequest {
  /** `upload-pack`, `receive-pack` or `upload-archive`. */
  readonly verb: string;
}

/** What a command over SSH asks (`git-upload-pack '/acme/shop.git'`); null for any other command. */
export function gitCommandOf(command: string): GitCommand | null {
  const [, verb = '', path = ''] =
    /^git[ -](upload-pack|receive-pack|upload-archive) '\/?([^']{1,600})'$/.exec(command) ?? [];
  const repository = path.replace(/\.git$/, '');
  if (!isRepositoryName(repository)) return null;
  return { verb, repository, access: verb === 'receive-pack' ? 'write' : 'read' };
}
