/** The token for a host, from the environment: it is never an argument, which other processes could read. */

export type Environment = Readonly<Record<string, string | undefined>>;

/** A host, or one group of it with all inside: `https://gitlab.example.com/company/platform`. */
export interface GitlabAddress {
  /** What the API and repositories lie below, without a slash at its end. */
  readonly web: string;
  readonly host: string;
  /** Path of the group; null for the whole host. */
  readonly group: string | null;
}

const NAMES = /^[A-Za-z0-9_][\w.-]*(?:\/[A-Za-z0-9_][\w.-]*)*$/;

/** Throws a TypeError for what is no address of a host or a group. */
export function gitlabAt(target: string): GitlabAddress {
  const address = /^https?:\/\//i.test(target) ? target : `https://${target}`;
  const url = URL.canParse(address) ? new URL(address) : null;
  const path = url?.pathname.replaceAll(/^\/+|\/+$/g, '') ?? '';
  if (
    url === null ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== '' ||
    !(path === '' || NAMES.test(path))
  )
    throw new TypeError(
      `${JSON.stringify(target)} is not the address of a GitLab host or group; it is written like https://gitlab.example.com/company`,
    );
  return { web: url.origin, host: url.host.toLowerCase(), group: path === '' ? null : path };
}

/** `GITLAB_TOKEN_` and the host, with `_` for what no name may hold; for one host alone `GITLAB_TOKEN` will do. */
export const variableFor = (host: string): string =>
  `GITLAB_TOKEN_${host.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;

/** Undefined when there is none. A token is of one host, so one for any is used only where a single one is asked. */
export function tokenFor(host: string, hosts: number, environment: Environment): string | undefined {
  const own = environment[variableFor(host)]?.trim();
  if (own) return own;
  const any = environment.GITLAB_TOKEN?.trim();
  return hosts === 1 && any ? any : undefined;
}
