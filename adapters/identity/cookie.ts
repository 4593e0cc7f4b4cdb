/** Cookies as values: what to set, and what came. RFC 6265bis. */

/** `theme` and `keys` hold no secret: how a person likes to look at pages, and to move through them. */
export type CookieName = 'session' | 'login' | 'theme' | 'keys';

/**
 * `__Host-` binds a cookie to this host, over TLS, for all paths; a browser takes it under no other terms, so neither a
 * neighbouring host nor anybody on the wire can plant one. Without TLS (one's own machine) it has no prefix.
 */
const cookieName = (name: CookieName, secure: boolean): string =>
  `${secure ? '__Host-' : ''}macadam${name === 'session' ? '' : `-${name}`}`;

/**
 * Value of `Set-Cookie`. The session's is `Strict`: it never comes along from another site. The one of a log-in with a provider is
 * `Lax`, because the provider's answer is a visit from another site; it is good for nothing else, and for minutes. So is a theme's.
 */
export function setCookie(name: CookieName, value: string, seconds: number, secure: boolean): string {
  const parts = [
    `${cookieName(name, secure)}=${value}`,
    'Path=/',
    `Max-Age=${Math.max(0, Math.floor(seconds))}`,
    'HttpOnly',
    `SameSite=${name === 'session' ? 'Strict' : 'Lax'}`,
  ];
  return [...parts, ...(secure ? ['Secure'] : [])].join('; ');
}

export const dropCookie = (name: CookieName, secure: boolean): string => setCookie(name, '', 0, secure);

export type Cookies = Readonly<Record<string, string | undefined>>;

/** Over TLS only the bound one counts: the other could be anybody's. */
export const cookieIn = (cookies: Cookies, name: CookieName, secure: boolean): string | undefined =>
  cookies[cookieName(name, secure)];
