/**
 * Bytes as text: UTF-8, strictly (CEL specification, "Type Conversions": bytes that are not UTF-8 are an error), and
 * base64 (cel-go's encoders extension; RFC 4648, section 4).
 */
import { type Unknown, undefinedHere } from './value.ts';

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A lone surrogate, which UTF-8 has no form for, becomes U+FFFD. */
export function stringToBytes(text: string): Uint8Array {
  return ENCODER.encode(text);
}

export function bytesToString(bytes: Uint8Array): string | Unknown {
  try {
    return DECODER.decode(bytes);
  } catch {
    return undefinedHere('the bytes are not valid UTF-8');
  }
}

/** With padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** With or without padding. */
export function decodeBase64(text: string): Uint8Array | Unknown {
  const body = text.length % 4 === 0 ? text.replace(/={1,2}$/, '') : text;
  if (body.length % 4 === 1 || !/^[A-Za-z0-9+/]*$/.test(body))
    return undefinedHere('the text is not valid base64');
  return Uint8Array.from(atob(body), (unit) => unit.charCodeAt(0));
}
