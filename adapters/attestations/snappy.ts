/** Snappy's block format (https://github.com/google/snappy/blob/main/format_description.txt), as stores of attestations keep bundles. Pure. */

/** Throws TypeError for bytes that are none, or that would be larger than `most`. */
export function unsnapped(bytes: Uint8Array, most: number): Buffer {
  const { value: size, next } = lengthIn(bytes);
  if (size > most) throw new TypeError(`it would be ${size} bytes, and ${most} are taken`);
  const whole = Buffer.alloc(size);
  let from = next;
  let at = 0;
  while (from < bytes.length) {
    const element = elementAt(bytes, from);
    const { length } = element;
    if (at + length > size) throw new TypeError('it is longer than it says');
    if ('start' in element) {
      if (element.start + length > bytes.length) throw new TypeError('it ends in the middle');
      whole.set(bytes.subarray(element.start, element.start + length), at);
    } else {
      if (element.back === 0 || element.back > at)
        throw new TypeError('it repeats what was not there before');
      // What is repeated may reach into what this writes.
      for (let index = at; index < at + length; index++) whole[index] = whole[index - element.back] ?? 0;
    }
    at += length;
    from = element.next;
  }
  if (at !== size) throw new TypeError('it is shorter than it says');
  return whole;
}

type Element = { readonly length: number; readonly next: number } & (
  | { readonly start: number }
  | { readonly back: number }
);

/** What stands here itself, or a repetition of what was before; its two lowest bits say which. */
function elementAt(bytes: Uint8Array, from: number): Element {
  const tag = byteAt(bytes, from);
  const upper = tag >>> 2;
  switch (tag & 3) {
    case 0: {
      const more = upper < 60 ? 0 : upper - 59;
      const length = 1 + (more === 0 ? upper : numberAt(bytes, from + 1, more));
      const start = from + 1 + more;
      return { length, start, next: start + length };
    }
    case 1:
      return {
        length: 4 + (upper & 7),
        back: ((tag >>> 5) << 8) | byteAt(bytes, from + 1),
        next: from + 2,
      };
    case 2:
      return { length: 1 + upper, back: numberAt(bytes, from + 1, 2), next: from + 3 };
    default:
      return { length: 1 + upper, back: numberAt(bytes, from + 1, 4), next: from + 5 };
  }
}

/** Seven bits a byte, the lowest first; at most 32 of them. */
function lengthIn(bytes: Uint8Array): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let index = 0; index < 5; index++) {
    const byte = byteAt(bytes, index);
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: index + 1 };
  }
  throw new TypeError('it does not say how long it is');
}

/** The lowest byte first. */
function numberAt(bytes: Uint8Array, from: number, size: number): number {
  let value = 0;
  for (let index = 0; index < size; index++) value += byteAt(bytes, from + index) * 256 ** index;
  return value;
}

function byteAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index];
  if (byte === undefined) throw new TypeError('it ends in the middle');
  return byte;
}
