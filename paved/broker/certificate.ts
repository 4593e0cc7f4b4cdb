/** OpenSSH certificates for people (PROTOCOL.certkeys) and lists of those that were taken back (PROTOCOL.krl). */
import type { JsonWebKey } from 'node:crypto';
import type { Signer } from './signer.ts';
import { publicKeyBytes, type SshPublicKey, signatureBytes, text, uint32, uint64 } from './ssh-wire.ts';

const FOR_PEOPLE = 1;

export interface CertificateRequest {
  readonly key: SshPublicKey;
  /** Counts up; what a list of revoked ones names. */
  readonly serial: number;
  /** What the server writes into its log. */
  readonly keyId: string;
  /** Accounts of the server that it is good for. */
  readonly principals: readonly string[];
  /** Seconds since 1970. */
  readonly validAfter: number;
  readonly validBefore: number;
  /** The one command that the server runs, whatever is asked for. */
  readonly forceCommand: string;
  readonly nonce: Buffer;
}

/** The line of a file `id_…-cert.pub`. Nothing but running that command is allowed: no terminal, no forwarding. */
export async function certificate(request: CertificateRequest, signer: Signer): Promise<string> {
  const { key, serial, keyId, principals, validAfter, validBefore, forceCommand, nonce } = request;
  let signed: Buffer = Buffer.alloc(0);
  const { signature, key: by } = await signer.sign((authority) => {
    signed = Buffer.concat([
      text(key.certificateType),
      text(nonce),
      key.parts,
      uint64(serial),
      uint32(FOR_PEOPLE),
      text(keyId),
      text(Buffer.concat(principals.map((one) => text(one)))),
      uint64(validAfter),
      uint64(validBefore),
      text(Buffer.concat([text('force-command'), text(text(forceCommand))])),
      text(''),
      text(''),
      text(publicKeyBytes(authorityKey(signer, authority.id))),
    ]);
    return signed;
  });
  const whole = Buffer.concat([signed, text(signatureBytes(by.algorithm, signature))]);
  return `${key.certificateType} ${whole.toString('base64')} ${keyId}`;
}

const keysOf = (signer: Signer): readonly (JsonWebKey & { readonly kid?: string })[] =>
  JSON.parse(signer.keySet().body).keys;

function authorityKey(signer: Signer, id: string): JsonWebKey {
  const found = keysOf(signer).find(({ kid }) => kid === id);
  if (found === undefined) throw new Error(`the key set does not hold the key ${id} that signs`);
  return found;
}

/** The lines of `TrustedUserCAKeys`: every key whose certificates may still be in use. */
export function authorities(signer: Signer): string {
  return keysOf(signer)
    .map((jwk) => publicKeyBytes(jwk))
    .map((bytes) => `${bytes.subarray(4, 4 + bytes.readUInt32BE()).toString()} ${bytes.toString('base64')}\n`)
    .join('');
}

const CERTIFICATES = 1;
const SERIALS = 0x20;

/** The file of `RevokedKeys`: certificates of any of our keys with these serial numbers. */
export function revocationList(
  signer: Signer,
  serials: readonly number[],
  { version, at }: { readonly version: number; readonly at: number },
): Buffer {
  const head = [
    Buffer.from('SSHKRL\n\0'),
    uint32(1),
    uint64(version),
    uint64(at),
    uint64(0),
    text(''),
    text(''),
  ];
  const numbers = Buffer.concat([...serials].sort((a, b) => a - b).map((one) => uint64(one)));
  const section = (jwk: JsonWebKey) => {
    const body = Buffer.concat([text(publicKeyBytes(jwk)), text(''), Buffer.from([SERIALS]), text(numbers)]);
    return Buffer.concat([Buffer.from([CERTIFICATES]), text(body)]);
  };
  return Buffer.concat([...head, ...(serials.length === 0 ? [] : keysOf(signer).map(section))]);
}
