/** Why a token was refused. The words are stable: count them, alert on them. */
export type Reason =
  | 'missing'
  | 'malformed'
  | 'too-large'
  | 'encrypted'
  | 'type-not-allowed'
  | 'algorithm-not-allowed'
  | 'critical-extension'
  | 'key-unknown'
  | 'keys-unavailable'
  | 'signature-wrong'
  | 'issuer-wrong'
  | 'audience-wrong'
  | 'claim-missing'
  | 'claim-malformed'
  | 'expired'
  | 'not-yet-valid'
  | 'lifetime-too-long'
  | 'identity-token'
  | 'binding-missing'
  | 'binding-wrong'
  | 'proof-malformed'
  | 'proof-wrong'
  | 'replayed'
  | 'replay-unknown'
  | 'inactive'
  | 'introspection-unavailable'
  | 'scope-missing';

export interface RefusedToken {
  readonly ok: false;
  readonly reason: Reason;
  /** For the log of the service: which check, with what was expected. Holds nothing of the token. */
  readonly detail: string;
}

export function refuse(reason: Reason, detail: string): RefusedToken {
  return { ok: false, reason, detail };
}

/** A setting that cannot be right; thrown while the service starts, never by a token. */
export class ConfigurationError extends TypeError {
  override readonly name = 'ConfigurationError';
}

/** Throws ConfigurationError for a setting that is not among `names`: what nobody reads protects nobody. */
export function requireKnown(options: object, names: string): void {
  if (options === null || typeof options !== 'object')
    throw new ConfigurationError(`settings: give an object of ${names.replaceAll(' ', ', ')}`);
  const known = names.split(' ');
  for (const name of Object.keys(options))
    if (!known.includes(name))
      throw new ConfigurationError(`${name}: is no setting; there is ${known.join(', ')}`);
}

/** Throws ConfigurationError unless `value` has each of these methods. */
export function requireMethods(name: string, value: unknown, methods: string, remedy: string): void {
  const held = (value ?? {}) as Readonly<Record<string, unknown>>;
  for (const method of methods.split(' '))
    if (typeof held[method] !== 'function') throw new ConfigurationError(`${name}: ${remedy}`);
}
