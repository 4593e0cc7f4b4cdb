/** Who vouches for people, and how a log-in fails. */

export interface OpenIdProvider {
  /** `https://id.example`, exactly as the provider says it. */
  readonly issuer: string;
  readonly clientId: string;
  /** Left out: a public client, held by PKCE alone. */
  readonly clientSecret?: string;
  /** For people to choose by. */
  readonly name: string;
  /** Where the browser comes back to: our own address and `/login/openid/callback`. */
  readonly redirectUri: string;
  /** How an account that is new to us finds its person; else only one that was linked before comes in. */
  readonly match?: AccountMatch;
}

/** `mail` believes only an address that the provider has verified; a claim is compared with the directory's id (SCIM `externalId`). */
export type AccountMatch = { readonly by: 'mail' } | { readonly by: 'external-id'; readonly claim: string };

/** A log-in that does not happen; the message is for people and holds no secret. */
export class LoginError extends Error {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.name = 'LoginError';
  }
}
