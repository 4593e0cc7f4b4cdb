/** What a PKCS#12 store (RFC 7292) holds: certificates, and private keys in the form that Node reads. Its integrity is not checked: nothing of it is used, only named. */
import { createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto';
import {
  type Element,
  EncodingError,
  EXPLICIT_0,
  elementOf,
  elementsIn,
  INTEGER,
  integer,
  member,
  OBJECT_ID,
  OCTETS,
  objectId,
  octets,
  SEQUENCE,
} from '@macadam/core/text/der';

export interface StoreContents {
  /** Each as X.509 in DER. */
  readonly certificates: readonly Buffer[];
  /** Each as PKCS#8 in DER, encrypted by the store's password where `encrypted`. */
  readonly keys: readonly { readonly der: Buffer; readonly encrypted: boolean }[];
}

/** The store is encrypted by what is not known here, or its password is another one. */
class StoreLocked extends Error {
  override readonly name = 'StoreLocked';
}

const DATA = '1.2.840.113549.1.7.1';
const ENCRYPTED = '1.2.840.113549.1.7.6';
const BAG = '1.2.840.113549.1.12.10.1.';
const X509 = '1.2.840.113549.1.9.22.1';
const PBES2 = '1.2.840.113549.1.5.13';
const TRIPLE_DES = '1.2.840.113549.1.12.1.3';
const RC2 = new Set(['1.2.840.113549.1.12.1.5', '1.2.840.113549.1.12.1.6']);
/** More than any program writes; it is time at the will of whoever made the file. */
const MOST_ITERATIONS = 2_000_000;

interface Cipher {
  readonly name: string;
  readonly keyBytes: number;
}
const CIPHERS: Readonly<Record<string, Cipher>> = {
  '2.16.840.1.101.3.4.1.2': { name: 'aes-128-cbc', keyBytes: 16 },
  '2.16.840.1.101.3.4.1.22': { name: 'aes-192-cbc', keyBytes: 24 },
  '2.16.840.1.101.3.4.1.42': { name: 'aes-256-cbc', keyBytes: 32 },
  '1.2.840.113549.3.7': { name: 'des-ede3-cbc', keyBytes: 24 },
};
const HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.7': 'sha1',
  '1.2.840.113549.2.8': 'sha224',
  '1.2.840.113549.2.9': 'sha256',
  '1.2.840.113549.2.10': 'sha384',
  '1.2.840.113549.2.11': 'sha512',
};

function iterations(element: Element): number {
  const count = integer(element);
  if (count < 1 || count > MOST_ITERATIONS)
    throw new StoreLocked(
      `its password is stretched ${count} times, which is not of 1 to ${MOST_ITERATIONS}`,
    );
  return count;
}

/** Key or initial value from a password (RFC 7292, appendix B.2, SHA-1). `purpose`: 1 a key, 2 an initial value. */
function derive(
  password: string,
  salt: Buffer,
  use: { purpose: number; count: number; bytes: number },
): Buffer {
  const block = 64;
  const filled = (bytes: Buffer) =>
    bytes.length === 0 ? bytes : Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
  const text = Buffer.from(`${password}\0`, 'utf16le').swap16();
  const input = Buffer.concat([filled(salt), filled(text)]);
  const made: Buffer[] = [];
  for (let length = 0; length < use.bytes; length += 20) {
    let digest = createHash('sha1').update(Buffer.alloc(block, use.purpose)).update(input).digest();
    for (let round = 1; round < use.count; round++) digest = createHash('sha1').update(digest).digest();
    made.push(digest);
    const added = BigInt(`0x${Buffer.alloc(block, digest).toString('hex')}`) + 1n;
    for (let at = 0; at < input.length; at += block) {
      const part = input.subarray(at, at + block);
      const sum = BigInt.asUintN(512, BigInt(`0x${part.toString('hex')}`) + added);
      part.write(sum.toString(16).padStart(128, '0'), 'hex');
    }
  }
  return Buffer.concat(made).subarray(0, use.bytes);
}

function decipher(cipher: Cipher, secrets: { key: Buffer; iv: Buffer }, data: Buffer): Buffer {
  try {
    const by = createDecipheriv(cipher.name, secrets.key, secrets.iv);
    return Buffer.concat([by.update(data), by.final()]);
  } catch (cause) {
    throw new StoreLocked('its password is another one', { cause });
  }
}

function pbes2(parameters: Element, password: string, data: Buffer): Buffer {
  const [derivation, encryption] = elementsIn(parameters);
  const [, stretching] = elementsIn(derivation ?? parameters);
  const parts = elementsIn(stretching ?? parameters);
  const salt = member(parts, 0, OCTETS).bytes;
  const count = iterations(member(parts, 1, INTEGER));
  const named = parts.slice(2).find(({ tag }) => tag === SEQUENCE);
  const hash = named === undefined ? 'sha1' : HASHES[objectId(member(elementsIn(named), 0, OBJECT_ID))];
  const [method, iv] = elementsIn(encryption ?? parameters);
  const id = method === undefined ? '' : objectId(method);
  const cipher = CIPHERS[id];
  if (cipher === undefined || hash === undefined)
    throw new StoreLocked(`its encryption (${id}) is not known here`);
  const key = pbkdf2Sync(password, salt, count, cipher.keyBytes, hash);
  return decipher(cipher, { key, iv: octets(iv) }, data);
}

function decrypted(algorithm: Element, password: string, data: Buffer): Buffer {
  const parts = elementsIn(algorithm);
  const id = objectId(member(parts, 0, OBJECT_ID));
  const parameters = member(parts, 1, SEQUENCE);
  if (id === PBES2) return pbes2(parameters, password, data);
  if (RC2.has(id))
    throw new StoreLocked(
      'it is encrypted by RC2, which OpenSSL 3 no longer has; write it anew with a newer program',
    );
  if (id !== TRIPLE_DES) throw new StoreLocked(`its encryption (${id}) is not known here`);
  const inner = elementsIn(parameters);
  const salt = member(inner, 0, OCTETS).bytes;
  const count = iterations(member(inner, 1, INTEGER));
  const key = derive(password, salt, { purpose: 1, count, bytes: 24 });
  const iv = derive(password, salt, { purpose: 2, count, bytes: 8 });
  return decipher({ name: 'des-ede3-cbc', keyBytes: 24 }, { key, iv }, data);
}

/** The bytes of one part of the store, with what encrypts them taken off. */
function contentOf(info: Element, password: string): Buffer {
  const parts = elementsIn(info);
  const type = objectId(member(parts, 0, OBJECT_ID));
  const content = elementsIn(member(parts, 1, EXPLICIT_0));
  if (type === DATA) return octets(content[0]);
  if (type !== ENCRYPTED)
    throw new StoreLocked(`a part of it (${type}) is encrypted for a key, not by a password`);
  const encrypted = elementsIn(member(elementsIn(member(content, 0, SEQUENCE)), 1, SEQUENCE));
  const data = octets(encrypted[2]);
  return decrypted(member(encrypted, 1, SEQUENCE), password, data);
}

interface Found {
  readonly certificates: Buffer[];
  readonly keys: { readonly der: Buffer; readonly encrypted: boolean }[];
}

function takeBags(contents: Buffer, found: Found, depth = 0): void {
  if (depth > 8) throw new EncodingError('it is nested too deeply');
  for (const bag of elementsIn(elementOf(contents))) {
    const parts = elementsIn(bag);
    const id = objectId(member(parts, 0, OBJECT_ID));
    const [value] = elementsIn(member(parts, 1, EXPLICIT_0));
    if (value === undefined) throw new EncodingError('a bag is empty');
    if (id === `${BAG}1`) found.keys.push({ der: value.whole, encrypted: false });
    else if (id === `${BAG}2`) found.keys.push({ der: value.whole, encrypted: true });
    else if (id === `${BAG}6`) takeBags(value.whole, found, depth + 1);
    else if (id === `${BAG}3`) {
      const inner = elementsIn(value);
      if (objectId(member(inner, 0, OBJECT_ID)) !== X509) continue;
      found.certificates.push(octets(elementsIn(member(inner, 1, EXPLICIT_0))[0]));
    }
  }
}

/** Whether these bytes begin as such a store does: a sequence that begins with the number 3. */
export function isPkcs12(bytes: Buffer): boolean {
  try {
    const [version] = elementsIn(elementOf(bytes));
    return version?.tag === INTEGER && integer(version) === 3;
  } catch {
    return false;
  }
}

/** Throws StoreLocked, or EncodingError where the file is damaged. */
export function readPkcs12(bytes: Buffer, password: string): StoreContents {
  const parts = elementsIn(elementOf(bytes));
  const found: Found = { certificates: [], keys: [] };
  for (const info of elementsIn(elementOf(contentOf(member(parts, 1, SEQUENCE), password))))
    takeBags(contentOf(info, password), found);
  return found;
}
