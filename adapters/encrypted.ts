/** Stores on another machine are reached over TLS: what goes there is who may do what, and what is wrong in a company. */

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[?::1\]?)$/;
/** Words of libpq for a connection that is encrypted and to whoever its certificate says. */
const ENCRYPTED: ReadonlySet<string> = new Set(['require', 'verify-ca', 'verify-full']);

/**
 * Null where nothing of a connection to this address can be read on the way: it stays on this machine, or is encrypted. Else what is wrong and what to
 * do about it. Of a `postgres://` URL with or without the name of a host, or an `http(s)` one; throws `TypeError` for what is no URL.
 */
export function clearAddress(address: string): string | null {
  // A socket in a folder may stand for the host, which no URL takes.
  const socket = /^(postgres(?:ql)?:\/\/(?:[^@/]*@)?)(?=\/|$)/.exec(address);
  const url = new URL(socket ? `${socket[1]}localhost${address.slice(socket[0].length)}` : address);
  if (url.protocol === 'https:') return null;
  // Of a word that is said twice, the last counts.
  const named = url.searchParams.getAll('host').at(-1) ?? url.hostname;
  const host = decodeURIComponent(named);
  if (host.startsWith('/') || LOOPBACK.test(host)) return null;
  if (url.protocol === 'http:')
    return `${host} is on another machine, and http:// encrypts nothing on the way there; give its address with https://`;
  const mode = url.searchParams.getAll('sslmode').at(-1);
  if (mode !== undefined && ENCRYPTED.has(mode)) return null;
  const said = mode === undefined ? 'its address asks for no encryption' : `sslmode=${mode} is not enough`;
  return `${host} is on another machine, and ${said}; add sslmode=verify-full to the address`;
}
