/** Bytes that are to be text. */
import { isUtf8 } from 'node:buffer';

/** Where bytes stop being UTF-8: line and byte of the line, both from 1. */
export interface StrayByte {
  readonly line: number;
  readonly byte: number;
}

/**
 * The text, or the first place where there is none. Bytes that are no character are never replaced: two ids that differ in
 * such bytes alone would be one asset.
 */
export function utf8Text(bytes: Buffer): string | StrayByte {
  if (isUtf8(bytes)) return bytes.toString();
  let [line, start, at] = [1, 0, 0];
  for (let size = sizeOf(bytes, at); size > 0; size = sizeOf(bytes, at)) {
    at += size;
    if (bytes[at - 1] !== NEWLINE) continue;
    line += 1;
    start = at;
  }
  return { line, byte: at - start + 1 };
}

const NEWLINE = 10;

/** Bytes of the character that begins here, by its first (Unicode Standard, table 3-7); 0 where none does. */
function sizeOf(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0xff;
  if (first < 0x80) return 1;
  const size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return isUtf8(bytes.subarray(at, at + size)) ? size : 0;
}

export const strayReason = ({ byte }: StrayByte): string =>
  `is not UTF-8 from byte ${byte} of the line on; write it in UTF-8`;
