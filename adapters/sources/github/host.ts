/** Where a GitHub is: github.com, a data-residency tenant (`*.ghe.com`) or an Enterprise Server. */

export interface Host {
  /** As part of every repository's key: `github.com`, or the enterprise's host. */
  readonly name: string;
  readonly api: string;
  readonly graphql: string;
  /** What repositories are cloned from. */
  readonly web: string;
}

/** `url` is the base of the API, or the address people browse. Throws TypeError for what is no address. */
export function hostOf(url = 'https://api.github.com'): Host {
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new TypeError(`\`${url}\` is not the address of a GitHub API`);
  const { origin, protocol, host, pathname } = new URL(url);
  if (host === 'github.com' || host === 'api.github.com' || host.endsWith('.ghe.com')) {
    const name = host.replace(/^api\./, '');
    const api = `${protocol}//api.${name}`;
    return { name, api, graphql: `${api}/graphql`, web: `${protocol}//${name}` };
  }
  const root = `${origin}${pathname.replace(/(\/api(\/v3)?)?\/*$/, '')}`;
  return { name: host, api: `${root}/api/v3`, graphql: `${root}/api/graphql`, web: root };
}

/** Run by GitHub itself, and not by the company. */
export const isCloud = ({ name }: Host): boolean => name === 'github.com' || name.endsWith('.ghe.com');
