/**
 * SSH public keys and signatures, read from their wire format and handed to node:crypto.
 * Formats: RFC 4251 §5, RFC 4253 §6.6, RFC 5656 §3.1, RFC 8332, RFC 8709; security keys: OpenSSH PROTOCOL.u2f.
 */
import { createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';

/** Reads length-prefixed strings; throws RangeError at the end of the data. */
export function wire(data: Buffer) {
  let at = 0;
  const take = (length: number): Buffer => {
    if (at + length > data.length) throw new RangeError('ends early');
    at += length;
    return data.subarray(at - length, at);
  };
  const uint32 = () => take(4).readUInt32BE();
  const bytes = () => take(uint32());
  return {
    take,
    uint32,
    bytes,
    byte: () => take(1)[0] ?? 0,
    text: () => bytes().toString('latin1'),
    done: () => at === data.length,
  };
}

export function wireString(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export interface SshKey {
  readonly type: string;
  readonly key: KeyObject;
  /** For keys that live on an authenticator: the application that they belong to. */
  readonly application?: Buffer;
}

const CURVES: Readonly<
  Record<string, { readonly crv: string; readonly bytes: number; readonly hash: string }>
> = {
  nistp256: { crv: 'P-256', bytes: 32, hash: 'sha256' },
  nistp384: { crv: 'P-384', bytes: 48, hash: 'sha384' },
  nistp521: { crv: 'P-521', bytes: 66, hash: 'sha512' },
};
/** OpenSSH refuses shorter keys of this kind. */
const RSA_BITS = 1024;

const url = (bytes: Buffer) => bytes.toString('base64url');

export function isCertificate(type: string): boolean {
  return type.endsWith('-cert-v01@openssh.com');
}

export function isSecurityKey(type: string): boolean {
  return type.startsWith('sk-');
}

/** A key, or undefined for one that is malformed or of a type that is not verified here. */
export function parseKey(blob: Buffer): SshKey | undefined {
  try {
    const reader = wire(blob);
    const type = reader.text();
    const jwk = jwkOf(type, reader);
    if (jwk === undefined) return undefined;
    const application = isSecurityKey(type) ? reader.bytes() : undefined;
    if (!reader.done()) return undefined;
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    if (type === 'ssh-rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < RSA_BITS) return undefined;
    return { type, key, ...(application ? { application } : {}) };
  } catch {
    return undefined;
  }
}

function jwkOf(type: string, reader: ReturnType<typeof wire>): JsonWebKey | undefined {
  if (type === 'ssh-ed25519' || type === 'sk-ssh-ed25519@openssh.com') {
    return { kty: 'OKP', crv: 'Ed25519', x: url(reader.bytes()) };
  }
  if (type === 'ssh-rsa') {
    const e = reader.bytes();
    return { kty: 'RSA', e: url(e), n: url(reader.bytes()) };
  }
  const name = /^(?:ecdsa-sha2-(nistp\d+)|sk-ecdsa-sha2-(nistp256)@openssh\.com)$/.exec(type);
  const curve = CURVES[name?.[1] ?? name?.[2] ?? ''];
  if (curve === undefined || reader.text() !== (name?.[1] ?? name?.[2])) return undefined;
  const point = reader.bytes();
  if (point[0] !== 4 || point.length !== 1 + 2 * curve.bytes) return undefined;
  return {
    kty: 'EC',
    crv: curve.crv,
    x: url(point.subarray(1, 1 + curve.bytes)),
    y: url(point.subarray(1 + curve.bytes)),
  };
}

/** What an authenticator said about the person in front of it. */
export interface Presence {
  readonly present: boolean;
  readonly verified: boolean;
  readonly counter: number;
}

export interface SshSignature {
  readonly algorithm: string;
  readonly value: Buffer;
  readonly presence?: Presence;
  /** Flags and counter as they were signed. */
  readonly authenticated?: Buffer;
  /** Made by a browser over its own wrapping, which is not verified here. */
  readonly web?: boolean;
}

export function parseSignature(blob: Buffer): SshSignature | undefined {
  try {
    const reader = wire(blob);
    const algorithm = reader.text();
    const value = reader.bytes();
    const web = algorithm.startsWith('webauthn-');
    if (!web && !isSecurityKey(algorithm)) return reader.done() ? { algorithm, value } : undefined;
    const authenticated = reader.take(5);
    if (!web && !reader.done()) return undefined;
    const flags = authenticated[0] ?? 0;
    const counter = authenticated.readUInt32BE(1);
    const presence = { present: (flags & 0x01) !== 0, verified: (flags & 0x04) !== 0, counter };
    return { algorithm, value, presence, authenticated, ...(web ? { web } : {}) };
  } catch {
    return undefined;
  }
}

/** r and s at the curve's width, as node:crypto takes them. */
function fixedWidth(value: Buffer, width: number): Buffer | undefined {
  const reader = wire(value);
  const parts = [reader.bytes(), reader.bytes()].map((part) => {
    const stripped = part[0] === 0 ? part.subarray(1) : part;
    return stripped.length > width
      ? undefined
      : Buffer.concat([Buffer.alloc(width - stripped.length), stripped]);
  });
  const [r, s] = parts;
  return r && s && reader.done() ? Buffer.concat([r, s]) : undefined;
}

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest();

/** Whether the signature is one of this key over these bytes. */
export function verifySignature(
  { type, key, application }: SshKey,
  signature: SshSignature,
  signed: Buffer,
): boolean {
  const { algorithm, value, authenticated } = signature;
  try {
    if (type === 'ssh-rsa') {
      const hash =
        algorithm === 'rsa-sha2-512' ? 'sha512' : algorithm === 'rsa-sha2-256' ? 'sha256' : undefined;
      return hash !== undefined && verify(hash, signed, key, value);
    }
    if (algorithm !== type) return false;
    const message =
      application && authenticated
        ? Buffer.concat([sha256(application), authenticated, sha256(signed)])
        : signed;
    if (type.includes('ed25519')) return verify(null, message, key, value);
    const curve = CURVES[/nistp\d+/.exec(type)?.[0] ?? ''];
    const raw = curve && fixedWidth(value, curve.bytes);
    return raw !== undefined && verify(curve?.hash, message, { key, dsaEncoding: 'ieee-p1363' }, raw);
  } catch {
    return false;
  }
}
