const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** By what is left of the length after whole groups of four: bits of the last letter that belong to no byte. */
const SPARE_BITS = [0, -1, 0b1111, 0b11];

/** Whether there are letters of plain base64 in it, which Node's decoder takes for those of base64url. */
export function hasPlainLetters(text: string): boolean {
  return text.includes('+') || text.includes('/');
}

/**
 * Whether there are letters in it that Node's decoder would read as others: those of plain base64, and characters beyond Latin-1, of which it takes the lower
 * half. Whatever else is no letter it passes over, which leaves a byte less.
 */
export function hasForeignLetters(text: string): boolean {
  return hasPlainLetters(text) || Buffer.byteLength(text) !== text.length;
}

/** Whether `count` bytes are what a text decodes to that was written in one way only: nothing passed over, and no bit set that belongs to no byte. */
function isExact(text: string, count: number): boolean {
  const { length } = text;
  const spare = SPARE_BITS[length % 4] ?? 0;
  if (spare < 0 || count !== Math.floor((length * 3) / 4)) return false;
  return spare === 0 || (LETTERS.indexOf(text.charAt(length - 1)) & spare) === 0;
}

/** As `decodeBase64url`, of a text without foreign letters. */
export function decodeLetters(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return isExact(text, bytes.length) ? bytes : null;
}

/** As `decodeLetters`, into the beginning of `room`: how many bytes there are, or -1; also where they have no room. */
export function decodeLettersInto(room: Buffer, text: string): number {
  const count = room.write(text, 0, 'base64url');
  return isExact(text, count) ? count : -1;
}

/**
 * Bytes of unpadded base64url (RFC 4648 §5), or null unless the text is exactly how these bytes are written. Node's own decoder
 * passes over what it does not know, so that one token would have many spellings, and a list of refused tokens many holes.
 */
export function decodeBase64url(text: string): Buffer | null {
  return hasForeignLetters(text) ? null : decodeLetters(text);
}
