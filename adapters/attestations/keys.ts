/** Signatures of attestations by keys of one's own: Ed25519, ECDSA on P-256 and P-384, RSA of 2048 bits or more (PKCS #1). */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { type Envelope, signedBytes } from './envelope.ts';

/** How a key signs; null for one that none should sign with. */
function digestFor(key: KeyObject): { readonly hash: string | null } | null {
  const { namedCurve, modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ed25519') return { hash: null };
  if (key.asymmetricKeyType === 'rsa') return modulusLength >= 2048 ? { hash: 'sha256' } : null;
  if (namedCurve === 'prime256v1') return { hash: 'sha256' };
  return namedCurve === 'secp384r1' ? { hash: 'sha384' } : null;
}

const KEYS = 'give an Ed25519 key, an ECDSA key on P-256 or P-384, or an RSA key of 2048 bits or more';

/** Throws TypeError with what is wrong with it. A private key is refused: whoever verifies needs none. */
export function publicKeyOf(pem: string): KeyObject {
  if (/PRIVATE KEY/.test(pem)) throw new TypeError('holds a private key; give the public one');
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    throw new TypeError('is not a public key in PEM');
  }
  if (digestFor(key) === null) throw new TypeError(`is a key that proves nothing; ${KEYS}`);
  return key;
}

export function signingKeyOf(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new TypeError('is not a private key in PEM without a password');
  }
  if (digestFor(key) === null) throw new TypeError(`is a key that proves nothing; ${KEYS}`);
  return key;
}

export const isSignedBy = (key: KeyObject, envelope: Envelope): boolean => {
  const { hash } = digestFor(key) ?? { hash: null };
  const bytes = signedBytes(envelope);
  return envelope.signatures.some((signature) => verify(hash, bytes, key, signature));
};

/** A DSSE envelope around a statement, as JSON. */
export function signedEnvelope(payloadType: string, statement: object, key: KeyObject): string {
  const payload = Buffer.from(JSON.stringify(statement));
  const { hash } = digestFor(key) ?? { hash: null };
  const sig = sign(hash, signedBytes({ payloadType, payload }), key).toString('base64');
  return JSON.stringify({ payloadType, payload: payload.toString('base64'), signatures: [{ sig }] });
}
