/** SSH signatures over files and commits. Format: OpenSSH PROTOCOL.sshsig. */
import { createHash } from 'node:crypto';
import { dearmor } from './commit.ts';
import {
  isCertificate,
  isSecurityKey,
  type Presence,
  parseKey,
  parseSignature,
  type SshSignature,
  verifySignature,
  wire,
  wireString,
} from './ssh-key.ts';

export interface FileSignature {
  readonly publicKey: Buffer;
  readonly keyType: string;
  readonly securityKey: boolean;
  readonly namespace: string;
  readonly reserved: Buffer;
  readonly hash: string;
  readonly signature: SshSignature;
  readonly presence: Presence | undefined;
}

const MAGIC = 'SSHSIG';
const HASHES = ['sha256', 'sha512'];

export function parseFileSignature(armored: string): FileSignature | undefined {
  const blob = dearmor(armored, 'SSH SIGNATURE');
  if (blob === undefined) return undefined;
  try {
    const reader = wire(blob);
    if (reader.take(MAGIC.length).toString('latin1') !== MAGIC || reader.uint32() !== 1) return undefined;
    const publicKey = reader.bytes();
    const namespace = reader.text();
    const reserved = reader.bytes();
    const hash = reader.text();
    const signature = parseSignature(reader.bytes());
    if (!reader.done() || signature === undefined || !HASHES.includes(hash)) return undefined;
    const keyType = wire(publicKey).text();
    const securityKey = isSecurityKey(keyType);
    if (securityKey !== (signature.presence !== undefined)) return undefined;
    return {
      publicKey,
      keyType,
      securityKey,
      namespace,
      reserved,
      hash,
      signature,
      presence: signature.presence,
    };
  } catch {
    return undefined;
  }
}

/** The bytes that the key signs: the message is hashed, so that authenticators need not see it. */
export function signedData(namespace: string, reserved: Buffer, hash: string, message: Buffer): Buffer {
  const digest = createHash(hash).update(message).digest();
  return Buffer.concat([
    Buffer.from(MAGIC),
    wireString(namespace),
    wireString(reserved),
    wireString(hash),
    wireString(digest),
  ]);
}

/**
 * Whether the signature holds over the message with the key that it carries, or why that is not decided here. git
 * signs in the namespace `git`; a signature made for something else is none.
 */
export function verifyFileSignature(
  parsed: FileSignature,
  message: Buffer,
): boolean | { readonly undecided: string } {
  if (parsed.namespace !== 'git') return false;
  if (isCertificate(parsed.keyType)) {
    return { undecided: 'it was made with an SSH certificate; `git verify-commit` with its authority tells' };
  }
  if (parsed.signature.web) {
    return { undecided: 'it was made by a browser; `git verify-commit` tells' };
  }
  const key = parseKey(parsed.publicKey);
  if (key === undefined) return false;
  return verifySignature(
    key,
    parsed.signature,
    signedData(parsed.namespace, parsed.reserved, parsed.hash, message),
  );
}
