/** Where a host of GitLab is, and which group of it is meant. */

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
