/**
 * An authenticator in software, for tests: what a hardware key does to a commit, with a key that is only in memory.
 * Formats: OpenSSH PROTOCOL.u2f and PROTOCOL.sshsig.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { signedData, wireString } from '@macadam/secrets/signatures';

export interface Authenticator {
  readonly publicKey: Buffer;
  /** As it stands in an allowed signers file: type and base64. */
  readonly line: string;
  /** Armored signature over a message, with these flags. */
  sign(message: Buffer, flags?: number, namespace?: string): string;
}

const APPLICATION = 'ssh:';

function wireInteger(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const stripped = bytes.subarray(first < 0 ? bytes.length : first);
  return wireString((stripped[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), stripped]) : stripped);
}

function armored(blob: Buffer): string {
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----'].join('\n');
}

export function authenticator(
  type: 'sk-ssh-ed25519@openssh.com' | 'sk-ecdsa-sha2-nistp256@openssh.com',
): Authenticator {
  const ed25519 = type.includes('ed25519');
  const pair = ed25519 ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = keyBlob(type, pair.publicKey);
  const sha256 = (content: Buffer | string) => createHash('sha256').update(content).digest();
  return {
    publicKey,
    line: `${type} ${publicKey.toString('base64')}`,
    sign: (message, flags = 0x01, namespace = 'git') => {
      const authenticated = Buffer.from([flags, 0, 0, 0, 7]);
      const data = signedData(namespace, Buffer.alloc(0), 'sha512', message);
      const signed = Buffer.concat([sha256(APPLICATION), authenticated, sha256(data)]);
      const raw = ed25519
        ? sign(null, signed, pair.privateKey)
        : sign('sha256', signed, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' });
      const value = ed25519
        ? raw
        : Buffer.concat([wireInteger(raw.subarray(0, 32)), wireInteger(raw.subarray(32))]);
      const version = Buffer.from([0, 0, 0, 1]);
      const signature = Buffer.concat([wireString(type), wireString(value), authenticated]);
      return armored(
        Buffer.concat([
          Buffer.from('SSHSIG'),
          version,
          wireString(publicKey),
          wireString(namespace),
          wireString(''),
          wireString('sha512'),
          wireString(signature),
        ]),
      );
    },
  };
}

function keyBlob(type: string, key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const [left, right] = [Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')];
  const parts =
    y === ''
      ? [wireString(left)]
      : [wireString('nistp256'), wireString(Buffer.concat([Buffer.from([4]), left, right]))];
  return Buffer.concat([wireString(type), ...parts, wireString(APPLICATION)]);
}

/** A raw commit with a signature in it, as git writes one. */
export function withSignature(payload: Buffer, signature: string): Buffer {
  const end = payload.indexOf('\n\n') + 1;
  const header = `gpgsig ${signature.trimEnd().replaceAll('\n', '\n ')}\n`;
  return Buffer.concat([payload.subarray(0, end), Buffer.from(header), payload.subarray(end)]);
}
