const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** By what is left of the length after whole groups of four: bits of the last letter that belong to no byte. */
const SPARE_BITS = [0, -1, 0b1111, 0b11];

/**
 * Bytes of unpadded base64url (RFC 4648 §5), or null unless the text is exactly how these bytes are written. Node's own decoder
 * passes over what it does not know, so that one token would have many spellings, and a list of refused tokens many holes.
 */
export function decodeBase64url(text: string): Buffer | null {
  const { length } = text;
  const spare = SPARE_BITS[length % 4] ?? 0;
  if (spare < 0) return null;
  const bytes = Buffer.from(text, 'base64url');
  // A letter that was passed over leaves a byte less. Three kinds are not passed over but read as another letter.
  if (bytes.length !== Math.floor((length * 3) / 4)) return null;
  if (text.includes('+') || text.includes('/') || Buffer.byteLength(text) !== length) return null;
  return spare > 0 && (LETTERS.indexOf(text.charAt(length - 1)) & spare) !== 0 ? null : bytes;
}
