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
