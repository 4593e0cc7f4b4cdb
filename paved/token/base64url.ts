/**
 * Bytes of unpadded base64url (RFC 4648 §5), or null unless the text is exactly how these bytes are written. Node's own decoder
 * passes over what it does not know, so that one token would have many spellings, and a list of refused tokens many holes.
 */
export function decodeBase64url(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}
