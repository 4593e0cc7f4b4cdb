/** Where an organisation of Okta is, and how its tokens are sent. */

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

/** An access token is a JWT; what an administrator made in the console is not, and is sent by a scheme of its own. */
export const authorizationOf = (token: string): string =>
  /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token) ? `Bearer ${token}` : `SSWS ${token}`;
