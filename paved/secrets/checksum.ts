/** Checksums that issuers put into their tokens, so that a scanner can tell a real one without asking anybody. */
import { crypto, zlib } from './late.ts';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';

/**
 * The last six characters are the CRC-32 of the 30 before them in base 62, padded with zeros: GitHub's format
 * (Behind GitHub's new authentication token formats, 2021), which npm took over.
 */
export function crc32Base62(secret: string): boolean {
  const body = secret.slice(-36, -6);
  let rest = zlib().crc32(body);
  let digits = '';
  for (let i = 0; i < 6; i++) {
    digits = BASE62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return digits === secret.slice(-6);
}

/** BIP 173: the last six characters of a Bech32 string are a BCH code over its human-readable part and data. */
export function bech32(secret: string): boolean {
  const text = secret.toLowerCase();
  const split = text.lastIndexOf('1');
  const prefix = [...text.slice(0, split)].map((char) => char.charCodeAt(0));
  const data = [...text.slice(split + 1)].map((char) => BECH32.indexOf(char));
  if (split < 1 || data.length < 6 || data.includes(-1)) return false;
  let check = 1;
  for (const value of [...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...data]) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3].forEach((generator, bit) => {
      if ((top >> bit) & 1) check ^= generator;
    });
  }
  return check >>> 0 === 1;
}

/** Base58Check: the last four bytes are the start of a double SHA-256 of the rest. */
export function base58Check(secret: string): boolean {
  let number = 0n;
  for (const char of secret) {
    const digit = BASE58.indexOf(char);
    if (digit === -1) return false;
    number = number * 58n + BigInt(digit);
  }
  const hex = number.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  const body = bytes.subarray(0, -4);
  const { createHash } = crypto();
  const once = createHash('sha256').update(body).digest();
  return createHash('sha256').update(once).digest().subarray(0, 4).equals(bytes.subarray(-4));
}
