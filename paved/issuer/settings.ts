/** What is asked of settings before anything is issued by them. */

/** Why a configuration is refused, by what would go wrong with it. */
export class IssuerConfigurationError extends Error {
  override readonly name = 'IssuerConfigurationError';
}

const fault = (text: string) => new IssuerConfigurationError(text);

/** Nothing but these settings, because nobody would read another. */
export function requireKnown(options: object, names: string): void {
  if (options === null || typeof options !== 'object')
    throw fault(`settings: give an object of ${names.replaceAll(' ', ', ')}`);
  const known = names.split(' ');
  for (const name of Object.keys(options))
    if (!known.includes(name)) throw fault(`${name}: is no setting; there is ${known.join(', ')}`);
}

export function requireMethods(name: string, value: unknown, methods: string, remedy: string): void {
  const held = (value ?? {}) as Readonly<Record<string, unknown>>;
  for (const method of methods.split(' '))
    if (typeof held[method] !== 'function') throw fault(`${name}: ${remedy}`);
}

/** An object by name, such as `resources`. */
export function requireTable(name: string, value: unknown): void {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw fault(`${name}: is no object, with an entry for each`);
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export const isLoopback = (address: string): boolean => LOOPBACK.has(new URL(address).hostname);

/** An address of https, or of this machine: tokens and secrets of clients go there. */
export function requireIssuer(issuer: unknown): void {
  if (typeof issuer !== 'string' || !URL.canParse(issuer)) throw fault(`issuer: ${issuer} is no address`);
  const { protocol, search, hash } = new URL(issuer);
  if (protocol !== 'https:' && !(protocol === 'http:' && isLoopback(issuer)))
    throw fault(`issuer: ${issuer} is no address of https, nor of this machine`);
  if (search !== '' || hash !== '') throw fault(`issuer: ${issuer} has a query or a fragment`);
}

/** What every issuer is given. */
export function requireParts({ signer, log }: { readonly signer?: unknown; readonly log?: unknown }): void {
  requireMethods(
    'signer',
    signer,
    'sign keySet',
    'give what has `sign` and `keySet`, as developmentSigner() has',
  );
  requireMethods('log', log, 'append', 'give fileIssuanceLog(path)');
}
