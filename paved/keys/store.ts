/** Where private keys live: a port with two implementations, a PKCS#11 token and, for development, files. */
import { createHash } from 'node:crypto';
import type { KeyAlgorithm, PublicJwk } from './ring.ts';

export interface MadeKey {
  readonly id: string;
  readonly algorithm: KeyAlgorithm;
  readonly jwk: PublicJwk;
}

/** What the store itself says of a key. */
export interface StoredKey {
  readonly id: string;
  readonly exportable: boolean;
  /** False where it was brought in: then there may be copies. */
  readonly madeInside: boolean;
}

export interface KeyStore {
  readonly storage: 'hsm' | 'software';
  /** Makes a pair; its id is the RFC 7638 thumbprint of its public part. */
  readonly create: (algorithm: KeyAlgorithm) => Promise<MadeKey>;
  /**
   * The signature, in the form of JWS, of exactly that key. Throws StoreUnavailable, or KeyMissing when the store has no such key; a later call tries anew.
   * `digest`: the SHA-256 of `data`, which the journal holds already, for a store that signs digests.
   */
  readonly sign: (id: string, algorithm: KeyAlgorithm, data: Buffer, digest?: Buffer) => Promise<Buffer>;
  readonly list: () => Promise<readonly StoredKey[]>;
  readonly destroy: (id: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The store does not answer, is locked, or is full: `cause` says which. Nothing was signed. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** The store answers and has no such key. */
export class KeyMissing extends Error {
  override readonly name = 'KeyMissing';
}

/** RFC 7638. */
export function thumbprint(jwk: PublicJwk): string {
  const names =
    jwk.kty === 'RSA' ? ['e', 'kty', 'n'] : jwk.kty === 'EC' ? ['crv', 'kty', 'x', 'y'] : ['crv', 'kty', 'x'];
  const canonical = JSON.stringify(Object.fromEntries(names.map((name) => [name, jwk[name]])));
  return createHash('sha256').update(canonical).digest('base64url');
}
