/** The encoding of ASN.1 that certificates and their stores are written in: DER, and of BER what stores of other programs use (indefinite lengths, strings in parts). */

export interface Element {
  /** First byte: class, whether it holds elements, number. */
  readonly tag: number;
  /** What it holds, as bytes; of one with an indefinite length without its end. */
  readonly bytes: Buffer;
  /** All of it, with tag and length. */
  readonly whole: Buffer;
}

/** The bytes are no such encoding: they end too early, or nest too deeply. */
export class EncodingError extends Error {
  override readonly name = 'EncodingError';
}

export const SEQUENCE = 0x30;
export const INTEGER = 0x02;
export const OCTETS = 0x04;
export const OBJECT_ID = 0x06;
/** `[0]`, around an element. */
export const EXPLICIT_0 = 0xa0;
const DEEPEST = 64;

/** Where an element of indefinite length ends: before its two zero bytes. */
function indefiniteEnd(bytes: Buffer, from: number, depth: number): number {
  let at = from;
  while (bytes.readUInt16BE(at) !== 0) at += elementAt(bytes, at, depth + 1).whole.length;
  return at;
}

function elementAt(bytes: Buffer, at: number, depth: number): Element {
  if (depth > DEEPEST) throw new EncodingError('it is nested too deeply');
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw new EncodingError('it ends too early');
  if ((tag & 0x1f) === 0x1f) throw new EncodingError('it has a tag of several bytes');
  if (first === 0x80) {
    const end = indefiniteEnd(bytes, at + 2, depth);
    return { tag, bytes: bytes.subarray(at + 2, end), whole: bytes.subarray(at, end + 2) };
  }
  const many = first < 0x80 ? 0 : first & 0x7f;
  if (many > 4 || at + 2 + many > bytes.length) throw new EncodingError('its length is too long');
  const length = many === 0 ? first : bytes.readUIntBE(at + 2, many);
  const start = at + 2 + many;
  if (start + length > bytes.length) throw new EncodingError('it ends too early');
  return { tag, bytes: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) };
}

/** The element that these bytes begin with. Throws EncodingError, or RangeError where they end within it. */
export const elementOf = (bytes: Buffer): Element => elementAt(bytes, 0, 0);

/** Elements within one. */
export function elementsIn({ bytes }: Pick<Element, 'bytes'>): readonly Element[] {
  const elements: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const element = elementAt(bytes, at, 0);
    elements.push(element);
    at += element.whole.length;
  }
  return elements;
}

/** The element at a place of a list, which must be of that tag. */
export function member(elements: readonly Element[], at: number, tag: number): Element {
  const element = elements[at];
  if (element?.tag !== tag) throw new EncodingError(`element ${at + 1} is not what it should be`);
  return element;
}

/** The bytes of a string, which may be written in parts. */
export function octets(element: Element | undefined): Buffer {
  if (element === undefined) throw new EncodingError('it lacks a string of bytes');
  const isWhole = (element.tag & 0x20) === 0;
  return isWhole ? element.bytes : Buffer.concat(elementsIn(element).map(octets));
}

/** `1.2.840.113549.1.7.1` */
export function objectId({ bytes }: Element): string {
  const numbers: number[] = [];
  let number = 0;
  for (const byte of bytes) {
    number = number * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(number);
      number = 0;
    }
  }
  const [first = 0, ...rest] = numbers;
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join('.');
}

/** A number of 6 bytes at most. */
export function integer({ bytes }: Element): number {
  if (bytes.length === 0 || bytes.length > 6) throw new EncodingError('a number is too large');
  return bytes.readUIntBE(0, bytes.length);
}
