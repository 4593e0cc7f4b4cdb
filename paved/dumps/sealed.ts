/**
 * A cleaned dump at rest: AES-256-GCM in pieces, under a key that only the holder of the store's private key can derive (X25519, HKDF-SHA256). Whoever takes
 * dumps in has the public key alone, and can read none.
 *
 * `macadam.dump/1`, a line of JSON with the public key of this one dump, then pieces: 16 bytes of tag, and what it is of. A nonce is the number of the
 * piece and whether it is the last, so that none is moved, left out or added.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import type { Bytes } from './elf.ts';
import { DumpError } from './refused.ts';

const FORMAT = 'macadam.dump/1';
const PIECE = 1 << 20;
const TAG = 16;
const LONGEST_HEAD = 4096;

const rawKey = (key: KeyObject): string => String(key.export({ format: 'jwk' }).x);

function keyOf(privateKey: KeyObject, publicKey: KeyObject, salt: string): Buffer {
  const shared = diffieHellman({ privateKey, publicKey });
  return Buffer.from(hkdfSync('sha256', shared, salt, FORMAT, 32));
}

function nonceOf(piece: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(piece, 7);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

export interface SealedDigests {
  /** SHA-256 of what was sealed, and of the file, in hex. */
  readonly content: string;
  readonly file: string;
}

/** Writes all of `bytes`, sealed, to an open file. */
export function seal(
  bytes: Bytes,
  recipient: KeyObject,
  { id, file }: { readonly id: string; readonly file: number },
): SealedDigests {
  const own = generateKeyPairSync('x25519');
  const head = `${JSON.stringify({ format: FORMAT, id, key: rawKey(own.publicKey) })}\n`;
  const key = keyOf(own.privateKey, recipient, rawKey(own.publicKey) + rawKey(recipient));
  const content = createHash('sha256');
  const written = createHash('sha256');
  const put = (part: Buffer) => {
    written.update(part);
    for (let at = 0; at < part.length; ) at += writeSync(file, part, at);
  };
  put(Buffer.from(head));
  const pieces = Math.max(1, Math.ceil(bytes.size / PIECE));
  for (let piece = 0; piece < pieces; piece++) {
    const part = Buffer.allocUnsafe(Math.min(PIECE, bytes.size - piece * PIECE));
    bytes.read(part, piece * PIECE);
    content.update(part);
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(piece, piece === pieces - 1));
    cipher.setAAD(Buffer.from(head));
    const encrypted = cipher.update(part);
    cipher.final();
    put(Buffer.concat([cipher.getAuthTag(), encrypted]));
  }
  return { content: content.digest('hex'), file: written.digest('hex') };
}

/** Gives the pieces of a sealed file to `write`, each after its tag was right; throws where the file is not what was sealed. */
export function unseal(
  path: string,
  privateKey: KeyObject,
  id: string,
  write: (part: Uint8Array) => void,
): void {
  const wrong = (why: string) =>
    new DumpError(
      path,
      why,
      'nothing more of it was given; find out who changed it, and take it in again where the original is left',
    );
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const start = Buffer.alloc(Math.min(LONGEST_HEAD, size));
    readSync(file, start, 0, start.length, 0);
    const end = start.indexOf('\n') + 1;
    const head = headOf(start.toString('latin1', 0, end));
    if (head === null || head.id !== id) throw wrong(`is not the dump ${id}`);
    const sender = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: head.key }, format: 'jwk' });
    const key = keyOf(privateKey, sender, head.key + rawKey(createPublicKey(privateKey)));
    const pieces = Math.ceil((size - end) / (PIECE + TAG));
    for (let piece = 0; piece < pieces; piece++) {
      const at = end + piece * (PIECE + TAG);
      const whole = Buffer.allocUnsafe(Math.min(PIECE + TAG, size - at));
      readSync(file, whole, 0, whole.length, at);
      const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(piece, piece === pieces - 1), {
        authTagLength: TAG,
      });
      decipher.setAAD(start.subarray(0, end));
      decipher.setAuthTag(whole.subarray(0, TAG));
      const part = decipher.update(whole.subarray(TAG));
      try {
        decipher.final();
      } catch {
        throw wrong('was changed, cut, or sealed for another key');
      }
      write(part);
    }
    if (pieces === 0) throw wrong('holds no dump');
  } finally {
    closeSync(file);
  }
}

export function headOf(line: string): { readonly id: string; readonly key: string } | null {
  try {
    const head = JSON.parse(line);
    return head?.format === FORMAT && typeof head.id === 'string' && typeof head.key === 'string'
      ? head
      : null;
  } catch {
    return null;
  }
}
