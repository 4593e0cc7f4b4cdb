/** Who signs: a port. `createSigner` of @macadam/keys fits it; the one here is for trying things out. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';

export type SigningAlgorithm = 'ES256' | 'RS256' | 'EdDSA';

/** The key whose turn it is. */
export interface SigningKey {
  /** Its `kid`. */
  readonly id: string;
  readonly algorithm: SigningAlgorithm;
}

export interface Signer {
  /**
   * Calls `write` with the key whose turn it is and signs what that returns; the signature is in the form of JWS. Where `write` throws, nothing is
   * signed and the promise rejects with what it threw.
   */
  readonly sign: (
    write: (key: SigningKey) => Buffer | string,
  ) => Promise<{ readonly signature: Buffer; readonly key: SigningKey }>;
  /** The key set (RFC 7517), with the headers to answer it with. All keys of it whose tokens may still be in use. */
  readonly keySet: () => { readonly body: string; readonly headers: Readonly<Record<string, string>> };
}

function pairOf(algorithm: SigningAlgorithm) {
  if (algorithm === 'RS256') return generateKeyPairSync('rsa', { modulusLength: 3072 });
  return algorithm === 'EdDSA'
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** One key in the memory of this process, which never changes and is gone when it ends. For development alone. */
export function developmentSigner(algorithm: SigningAlgorithm = 'ES256'): Signer {
  const { publicKey, privateKey } = pairOf(algorithm);
  const jwk = publicKey.export({ format: 'jwk' });
  const id = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url');
  const key: SigningKey = { id, algorithm };
  const body = JSON.stringify({ keys: [{ ...jwk, kid: id, use: 'sig', alg: algorithm }] });
  return {
    async sign(write) {
      const data = Buffer.from(write(key));
      const how = { key: privateKey, dsaEncoding: 'ieee-p1363' as const };
      return { key, signature: sign(algorithm === 'EdDSA' ? null : 'sha256', data, how) };
    },
    keySet: () => ({
      body,
      headers: { 'content-type': 'application/jwk-set+json', 'cache-control': 'no-store' },
    }),
  };
}
