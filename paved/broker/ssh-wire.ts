/** How SSH writes numbers, texts, keys and signatures (RFC 4251, 4253, 5656, 8709). */
import { createPublicKey, type JsonWebKey } from 'node:crypto';

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function uint64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** Bytes with their length in front. */
export function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

/** A positive number without leading zeros, and with one where its first bit would make it negative. */
export function multiplePrecision(value: Buffer): Buffer {
  let start = 0;
  while (start < value.length && value[start] === 0) start++;
  const bytes = value.subarray(start);
  const isNegative = bytes.length > 0 && (bytes[0] ?? 0) >= 0x80;
  return text(isNegative ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

/** Reads what `text` and the others wrote. Throws a RangeError where the bytes end too early. */
export class SshReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes.readUInt8(this.#at);
    this.#at += 1;
    return value;
  }

  text(): Buffer {
    const length = this.#bytes.readUInt32BE(this.#at);
    const start = this.#at + 4;
    if (start + length > this.#bytes.length) throw new RangeError('it ends too early');
    this.#at = start + length;
    return this.#bytes.subarray(start, this.#at);
  }
}

const CURVES: Readonly<Record<string, string>> = {
  'P-256': 'nistp256',
  'P-384': 'nistp384',
  'P-521': 'nistp521',
};

/** A public key as SSH writes it. Throws a TypeError for a key that OpenSSH does not take. */
export function publicKeyBytes(jwk: JsonWebKey): Buffer {
  const { kty, crv = '', x = '', y = '', n = '', e = '' } = jwk;
  const bytes = (part: string) => Buffer.from(part, 'base64url');
  if (kty === 'OKP' && crv === 'Ed25519') return Buffer.concat([text('ssh-ed25519'), text(bytes(x))]);
  const curve = CURVES[crv];
  if (kty === 'EC' && curve !== undefined) {
    const point = Buffer.concat([Buffer.from([4]), bytes(x), bytes(y)]);
    return Buffer.concat([text(`ecdsa-sha2-${curve}`), text(curve), text(point)]);
  }
  if (kty === 'RSA')
    return Buffer.concat([text('ssh-rsa'), multiplePrecision(bytes(e)), multiplePrecision(bytes(n))]);
  throw new TypeError(`a key of type ${kty} ${crv} cannot be one of SSH`);
}

/** A signature in the form of JWS as SSH writes it. */
export function signatureBytes(algorithm: 'ES256' | 'RS256' | 'EdDSA', signature: Buffer): Buffer {
  if (algorithm === 'EdDSA') return Buffer.concat([text('ssh-ed25519'), text(signature)]);
  if (algorithm === 'RS256') return Buffer.concat([text('rsa-sha2-256'), text(signature)]);
  const half = signature.length / 2;
  const numbers = [signature.subarray(0, half), signature.subarray(half)].map(multiplePrecision);
  return Buffer.concat([text('ecdsa-sha2-nistp256'), text(Buffer.concat(numbers))]);
}

/** What may be certified: keys of people and machines, in a file or in hardware. By the name of the key, the name of its certificate. */
const CERTIFIED: Readonly<Record<string, string>> = {
  'ssh-ed25519': 'ssh-ed25519-cert-v01@openssh.com',
  'ecdsa-sha2-nistp256': 'ecdsa-sha2-nistp256-cert-v01@openssh.com',
  'ecdsa-sha2-nistp384': 'ecdsa-sha2-nistp384-cert-v01@openssh.com',
  'ecdsa-sha2-nistp521': 'ecdsa-sha2-nistp521-cert-v01@openssh.com',
  'sk-ssh-ed25519@openssh.com': 'sk-ssh-ed25519-cert-v01@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com': 'sk-ecdsa-sha2-nistp256-cert-v01@openssh.com',
};

export interface SshPublicKey {
  /** What the certificate of it is called. */
  readonly certificateType: string;
  /** Its bytes without the name in front. */
  readonly parts: Buffer;
}

/** Fields after the name, by type of key: a key with more or fewer is none. */
const FIELDS: Readonly<Record<string, number>> = {
  'ssh-ed25519': 1,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'sk-ssh-ed25519@openssh.com': 2,
  'sk-ecdsa-sha2-nistp256@openssh.com': 3,
};

/** A line of a file `id_….pub`, or null where it is none that may be certified (RSA and DSA keys may not). */
export function sshPublicKey(line: string): SshPublicKey | null {
  const [, type = '', encoded = ''] =
    /^(\S{1,50}) ([A-Za-z0-9+/]{20,4000}={0,2})(?: .*)?$/.exec(line.trim()) ?? [];
  const certificateType = CERTIFIED[type];
  if (certificateType === undefined) return null;
  const bytes = Buffer.from(encoded, 'base64');
  try {
    const reader = new SshReader(bytes);
    if (reader.text().toString() !== type) return null;
    const fields: Buffer[] = [];
    while (!reader.isAtEnd) fields.push(reader.text());
    if (fields.length !== FIELDS[type] || !isOnCurve(type, fields)) return null;
  } catch {
    return null;
  }
  return { certificateType, parts: bytes.subarray(4 + type.length) };
}

/** Node refuses a point that is on no curve. */
function isOnCurve(type: string, fields: readonly Buffer[]): boolean {
  if (type.includes('ed25519')) return fields[0]?.length === 32;
  const [name, point] = fields;
  const crv = Object.keys(CURVES).find((one) => CURVES[one] === name?.toString());
  if (crv === undefined || point === undefined || point[0] !== 4) return false;
  const half = (point.length - 1) / 2;
  const [x, y] = [point.subarray(1, 1 + half), point.subarray(1 + half)].map((part) =>
    part.toString('base64url'),
  );
  createPublicKey({ key: { kty: 'EC', crv, x, y } as JsonWebKey, format: 'jwk' });
  return true;
}
