/** The client that asks a realm, from the environment: its secret is never an argument, which other processes could read. */
import { type Environment, variableOf } from '../token.ts';

export interface ClientCredential {
  readonly id: string;
  readonly secret: string;
}

/** One realm of one host: `https://sso.example.com/realms/staff`. */
export interface RealmAddress {
  /** As it was named, without a slash at its end. */
  readonly url: string;
  /** What lies before `/realms/`. */
  readonly base: string;
  readonly realm: string;
}

/** Throws a TypeError for what is no address of a realm. */
export function realmAt(target: string): RealmAddress {
  const url = target.replace(/(?<!\/)\/+$/, '');
  const [, base, name] = /^(https?:\/\/[^?#]+?)\/realms\/([^/?#]+)$/.exec(url) ?? [];
  if (base === undefined || name === undefined || !URL.canParse(url))
    throw new TypeError(
      `${JSON.stringify(target)} is not the address of a realm; it is written like https://sso.example.com/realms/staff`,
    );
  return { url, base, realm: decodeURIComponent(name) };
}

/** Names of the variables of a realm; for one realm alone those without its name will do. */
export const variablesFor = ({ realm }: RealmAddress): { readonly id: string; readonly secret: string } => ({
  id: variableOf('KEYCLOAK_CLIENT_ID', realm),
  secret: variableOf('KEYCLOAK_CLIENT_SECRET', realm),
});

/** Undefined when there is none. A client is of one realm, so one for any is used only where a single one is asked. */
export function credentialFor(
  realm: RealmAddress,
  realms: number,
  environment: Environment,
): ClientCredential | undefined {
  const names = variablesFor(realm);
  const id = environment[names.id]?.trim();
  const secret = environment[names.secret]?.trim();
  if (id && secret) return { id, secret };
  const anyId = environment.KEYCLOAK_CLIENT_ID?.trim();
  const anySecret = environment.KEYCLOAK_CLIENT_SECRET?.trim();
  return realms === 1 && anyId && anySecret ? { id: anyId, secret: anySecret } : undefined;
}
