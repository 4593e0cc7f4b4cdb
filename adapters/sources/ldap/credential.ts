/** Where a directory is, and the account that asks it, from the environment: a password is never an argument. */
import type { Environment } from '../token.ts';

export interface LdapAddress {
  /** As it was named. */
  readonly url: string;
  /** Scheme, host and port. */
  readonly server: string;
  readonly base: string;
  /** Whether TLS is begun on a connection in clear before anything else: with `ldap://` to another machine. */
  readonly startTls: boolean;
}

/** Throws a TypeError for what is no address of a directory. */
export function directoryAt(target: string): LdapAddress {
  const url = URL.canParse(target) ? new URL(target) : null;
  const base = url === null ? '' : decodeURIComponent(url.pathname.replace(/^\//, ''));
  if (
    url === null ||
    !['ldap:', 'ldaps:'].includes(url.protocol) ||
    url.hostname === '' ||
    !base.includes('=')
  )
    throw new TypeError(
      `${JSON.stringify(target)} is not the address of a directory; it is written like ldaps://ldap.example.com/dc=example,dc=com`,
    );
  if (url.username !== '' || url.password !== '')
    throw new TypeError(
      'an address of a directory holds no password; set LDAP_BIND_DN and LDAP_BIND_PASSWORD',
    );
  const own = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  return {
    url: target,
    server: `${url.protocol}//${url.host}`,
    base,
    startTls: url.protocol === 'ldap:' && !own,
  };
}

const suffix = ({ base }: LdapAddress): string => base.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_');

export const variablesFor = (address: LdapAddress): { readonly dn: string; readonly password: string } => ({
  dn: `LDAP_BIND_DN_${suffix(address)}`,
  password: `LDAP_BIND_PASSWORD_${suffix(address)}`,
});

/** Undefined when there is none. An account is of one directory, so one for any is used only where a single one is asked. */
export function accountFor(
  address: LdapAddress,
  directories: number,
  environment: Environment,
): { readonly dn: string; readonly password: string } | undefined {
  const names = variablesFor(address);
  const dn = environment[names.dn]?.trim();
  const password = environment[names.password];
  if (dn && password) return { dn, password };
  const anyDn = environment.LDAP_BIND_DN?.trim();
  const anyPassword = environment.LDAP_BIND_PASSWORD;
  return directories === 1 && anyDn && anyPassword ? { dn: anyDn, password: anyPassword } : undefined;
}
