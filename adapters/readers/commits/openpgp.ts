/**
 * What an OpenPGP signature says about itself: key and algorithm. Whether it holds needs the public key, which no
 * commit carries. Format: RFC 9580 §4.2 (packets), §5.2 (signature), §5.2.3.7 (subpackets), §9.1 (algorithms).
 */
import { dearmor } from '@macadam/secrets/signatures';

export interface OpenPgpSignature {
  readonly version: number;
  readonly algorithm: string;
  /** Upper case hexadecimal. Written by whoever made the signature: proves nothing by itself. */
  readonly fingerprint?: string;
  readonly keyId?: string;
}

const ALGORITHMS: Readonly<Record<number, string>> = {
  1: 'RSA',
  3: 'RSA',
  17: 'DSA',
  19: 'ECDSA',
  22: 'EdDSA',
  27: 'Ed25519',
  28: 'Ed448',
};
const ISSUER = 16;
const ISSUER_FINGERPRINT = 33;

export function parseOpenPgp(armored: string): OpenPgpSignature | undefined {
  const data = dearmor(armored, 'PGP SIGNATURE') ?? dearmor(armored, 'PGP MESSAGE');
  const body = data && signatureBody(data);
  if (body === undefined) return undefined;
  const version = body[0] ?? 0;
  if (version === 3) {
    const algorithm = ALGORITHMS[body[15] ?? 0];
    const keyId = body.toString('hex', 7, 15).toUpperCase();
    return algorithm === undefined ? undefined : { version, algorithm, keyId };
  }
  // Version 6 counts its subpackets with four bytes instead of two.
  const algorithm = ALGORITHMS[body[2] ?? 0];
  if (algorithm === undefined || (version !== 4 && version !== 6)) return undefined;
  const width = version === 6 ? 4 : 2;
  const found: { fingerprint?: string; keyId?: string } = {};
  let at = 4;
  for (let area = 0; area < 2; area++) {
    if (at + width > body.length) return undefined;
    const length = body.readUIntBE(at, width);
    at += width;
    if (at + length > body.length) return undefined;
    for (const { type, content } of subpackets(body.subarray(at, at + length))) {
      if (type === ISSUER && content.length === 8) found.keyId = content.toString('hex').toUpperCase();
      if (type === ISSUER_FINGERPRINT) found.fingerprint = content.toString('hex', 1).toUpperCase();
    }
    at += length;
  }
  return { version, algorithm, ...found };
}

/** The first packet's body, if that is a signature. */
function signatureBody(data: Buffer): Buffer | undefined {
  const first = data[0] ?? 0;
  if ((first & 0x80) === 0) return undefined;
  if ((first & 0x40) !== 0) {
    const length = newLength(data, 1);
    return (first & 0x3f) === 2 && length
      ? data.subarray(length.next, length.next + length.value)
      : undefined;
  }
  const width = [1, 2, 4][first & 3];
  if (((first >> 2) & 0xf) !== 2 || width === undefined || data.length < 1 + width) return undefined;
  return data.subarray(1 + width, 1 + width + data.readUIntBE(1, width));
}

function newLength(data: Buffer, at: number): { value: number; next: number } | undefined {
  const first = data[at];
  if (first === undefined) return undefined;
  if (first < 192) return { value: first, next: at + 1 };
  if (first < 255) return { value: ((first - 192) << 8) + (data[at + 1] ?? 0) + 192, next: at + 2 };
  return data.length < at + 5 ? undefined : { value: data.readUInt32BE(at + 1), next: at + 5 };
}

function* subpackets(area: Buffer): Generator<{ type: number; content: Buffer }> {
  for (let at = 0; at < area.length; ) {
    const length = newLength(area, at);
    if (length === undefined || length.value === 0) return;
    yield {
      type: (area[length.next] ?? 0) & 0x7f,
      content: area.subarray(length.next + 1, length.next + length.value),
    };
    at = length.next + length.value;
  }
}

/** Whether armored text is a signed message of CMS (RFC 5652 §5): a sequence that opens with the id of `signedData`. */
export function isCms(armored: string): boolean {
  const data = dearmor(armored, 'SIGNED MESSAGE');
  if (data?.[0] !== 0x30) return false;
  const signedDataId = Buffer.from('06092a864886f70d010702', 'hex');
  const lengthBytes = (data[1] ?? 0) < 0x80 ? 0 : (data[1] ?? 0) & 0x7f;
  return data.subarray(2 + lengthBytes, 2 + lengthBytes + signedDataId.length).equals(signedDataId);
}
