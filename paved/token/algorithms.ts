/** Signature algorithms of JWS, and what a key must be for them (RFC 7518, RFC 8037, RFC 9864). */
import { constants } from 'node:crypto';

export type Algorithm =
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'EdDSA'
  | 'Ed25519';

/** Known to the lower layer alone: who can check a MAC can make one, so no access token is validated by it. */
export type SharedSecretAlgorithm = 'HS256' | 'HS384' | 'HS512';

export interface AlgorithmProfile {
  readonly keyType: 'EC' | 'RSA' | 'OKP' | 'oct';
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null;
  readonly curve?: 'P-256' | 'P-384' | 'P-521' | 'Ed25519';
  /** Bytes of a signature; of RSA as many as the modulus has. */
  readonly signatureBytes?: number;
  readonly padding?: number;
  readonly saltLength?: number;
}

const rsa = (hash: 'sha256' | 'sha384' | 'sha512'): AlgorithmProfile => ({
  keyType: 'RSA',
  hash,
  padding: constants.RSA_PKCS1_PADDING,
});
const pss = (hash: 'sha256' | 'sha384' | 'sha512', saltLength: number): AlgorithmProfile => ({
  keyType: 'RSA',
  hash,
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength,
});
const edwards: AlgorithmProfile = { keyType: 'OKP', hash: null, curve: 'Ed25519', signatureBytes: 64 };

export const PROFILES: Readonly<Record<Algorithm | SharedSecretAlgorithm, AlgorithmProfile>> = {
  ES256: { keyType: 'EC', hash: 'sha256', curve: 'P-256', signatureBytes: 64 },
  ES384: { keyType: 'EC', hash: 'sha384', curve: 'P-384', signatureBytes: 96 },
  ES512: { keyType: 'EC', hash: 'sha512', curve: 'P-521', signatureBytes: 132 },
  RS256: rsa('sha256'),
  RS384: rsa('sha384'),
  RS512: rsa('sha512'),
  PS256: pss('sha256', 32),
  PS384: pss('sha384', 48),
  PS512: pss('sha512', 64),
  EdDSA: edwards,
  Ed25519: edwards,
  HS256: { keyType: 'oct', hash: 'sha256', signatureBytes: 32 },
  HS384: { keyType: 'oct', hash: 'sha384', signatureBytes: 48 },
  HS512: { keyType: 'oct', hash: 'sha512', signatureBytes: 64 },
};

/** Whether an access token may be signed with it. `none`, MACs and names that nobody knows may not. */
export function isAlgorithm(name: unknown): name is Algorithm {
  return typeof name === 'string' && Object.hasOwn(PROFILES, name) && !name.startsWith('HS');
}
