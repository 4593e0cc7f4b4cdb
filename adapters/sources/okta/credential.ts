/** The token for an organisation, from the environment: it is never an argument, which other processes could read. */

export type Environment = Readonly<Record<string, string | undefined>>;

/** One organisation of Okta: `https://contoso.okta.com`. */
export interface OrganisationAddress {
  readonly url: string;
  readonly host: string;
}

/** Throws a TypeError for what is no address of an organisation. */
export function organisationAt(target: string): OrganisationAddress {
  const address = /^https?:\/\//i.test(target) ? target : `https://${target}`;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search !== '')
    throw new TypeError(
      `${JSON.stringify(target)} is not the address of an organisation; it is written like https://contoso.okta.com`,
    );
  return { url: url.origin, host: url.host.toLowerCase() };
}

/** `OKTA_TOKEN_` and the host, with `_` for what no name may hold; for one organisation alone `OKTA_TOKEN` will do. */
export const variableFor = ({ host }: OrganisationAddress): string =>
  `OKTA_TOKEN_${host.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;

/** Undefined when there is none. A token is of one organisation, so one for any is used only where a single one is asked. */
export function tokenFor(
  address: OrganisationAddress,
  organisations: number,
  environment: Environment,
): string | undefined {
  const own = environment[variableFor(address)]?.trim();
  if (own) return own;
  const any = environment.OKTA_TOKEN?.trim();
  return organisations === 1 && any ? any : undefined;
}

/** An access token is a JWT; what an administrator made in the console is not, and is sent by a scheme of its own. */
export const authorizationOf = (token: string): string =>
  /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token) ? `Bearer ${token}` : `SSWS ${token}`;
