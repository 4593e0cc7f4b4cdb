/** Who signs certificates: a port, which `createSigner` of @macadam/keys fits. The one here is for trying things out. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';

export interface SigningKey {
  /** Its `kid` in the key set. */
  readonly id: string;
  readonly algorithm: 'ES256' | 'RS256' | 'EdDSA';
}

export interface Signer {
  /** Signs what `write` returns for the key whose turn it is; the signature is in the form of JWS. */
  readonly sign: (
    write: (key: SigningKey) => Buffer | string,
  ) => Promise<{ readonly signature: Buffer; readonly key: SigningKey }>;
  /** The key set (RFC 7517): every key whose certificates may still be in use. */
  readonly keySet: () => { readonly body: string };
}

/** One Ed25519 key in the memory of this process, gone when it ends. For development alone. */
export function developmentSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwk = publicKey.export({ format: 'jwk' });
  const id = createHash('sha256').update(JSON.stringify(jwk)).digest('base64url');
  const key: SigningKey = { id, algorithm: 'EdDSA' };
  const body = JSON.stringify({ keys: [{ ...jwk, kid: id, use: 'sig', alg: 'EdDSA' }] });
  return {
    sign: async (write) => ({ key, signature: sign(null, Buffer.from(write(key)), privateKey) }),
    keySet: () => ({ body }),
  };
}
