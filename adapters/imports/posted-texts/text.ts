/** The text of what people share, out of the form in which it was exported: JSON, tables, HTML, plain text and Office files. */

import { inflateRawSync } from 'node:zlib';
import { markupText } from '@macadam/core/text/markup';

/** A stretch of text, and what stands where it begins: a pointer into JSON, a part of an archive. Null: the lines are the file's own. */
export interface Stretch {
  readonly at: string | null;
  readonly text: string;
}

/** Bytes that the texts of one Office file may have together. */
const MOST_INFLATED = 64 << 20;
const MOST_DEPTH = 100;

/** The stretches of a file, or why it cannot be read. Pure; throws nothing. */
export function stretchesOf(path: string, bytes: Buffer): readonly Stretch[] | { readonly why: string } {
  if (/\.(docx|xlsx|pptx)$/i.test(path)) return officeText(bytes);
  const text = decoded(bytes);
  if (text === null) return { why: 'is not text in UTF-8 or UTF-16; save it as UTF-8' };
  if (/\.json$/i.test(path)) return jsonText(text);
  return [{ at: null, text: /\.html?$/i.test(path) ? markupText(text) : text }];
}

function decoded(bytes: Buffer): string | null {
  const wide = bytes[0] === 0xff && bytes[1] === 0xfe;
  try {
    return new TextDecoder(wide ? 'utf-16le' : 'utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Said by the caller: a file that is no text.
    return null;
  }
}

function jsonText(text: string): readonly Stretch[] | { readonly why: string } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { why: 'is no whole JSON; export it again' };
  }
  const stretches: Stretch[] = [];
  const walk = (value: unknown, name: string, at: string, depth: number): boolean => {
    if (typeof value === 'string') stretches.push({ at, text: name === '' ? value : `${name}: ${value}` });
    if (typeof value !== 'object' || value === null) return true;
    if (depth > MOST_DEPTH) return false;
    const isArray = Array.isArray(value);
    return Object.entries(value).every(([key, item]) => {
      const step = key.replaceAll('~', '~0').replaceAll('/', '~1');
      return walk(item, isArray ? name : key, `${at}/${step}`, depth + 1);
    });
  };
  return walk(body, '', '', 0)
    ? stretches
    : { why: `is nested deeper than ${MOST_DEPTH}; save a part of it` };
}

/** Parts of Office files that hold what people wrote. */
const WRITTEN =
  /^(?:word\/(?:document|comments|footnotes|endnotes|header\d*|footer\d*)|xl\/(?:sharedStrings|comments\d*|worksheets\/[^/]+)|ppt\/(?:slides|notesSlides|comments)\/[^/]+)\.xml$/;

function officeText(bytes: Buffer): readonly Stretch[] | { readonly why: string } {
  const stretches: Stretch[] = [];
  let left = MOST_INFLATED;
  try {
    for (const { name, method, start, size } of partsOf(bytes)) {
      if (!WRITTEN.test(name)) continue;
      const packed = bytes.subarray(start, start + size);
      const plain = method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(1, left) });
      left -= plain.length;
      stretches.push({ at: name, text: markupText(plain.toString('utf8')) });
    }
  } catch {
    return { why: 'is no whole Office file, or a larger one than is read; save its text' };
  }
  return stretches.length > 0
    ? stretches
    : { why: 'is no Office file, or one with a password; save its text' };
}

interface Part {
  readonly name: string;
  readonly method: number;
  readonly start: number;
  readonly size: number;
}

/** The parts of a ZIP archive, by its directory. Throws a RangeError where it leads outside of the file. */
function partsOf(bytes: Buffer): readonly Part[] {
  const end = bytes.lastIndexOf(Buffer.from('PK\u0005\u0006', 'latin1'));
  if (end < 0) return [];
  const parts: Part[] = [];
  let at = bytes.readUInt32LE(end + 16);
  for (let count = bytes.readUInt16LE(end + 10); count > 0; count -= 1) {
    const length = bytes.readUInt16LE(at + 28);
    const local = bytes.readUInt32LE(at + 42);
    parts.push({
      name: bytes.toString('utf8', at + 46, at + 46 + length),
      method: bytes.readUInt16LE(at + 10),
      start: local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28),
      size: bytes.readUInt32LE(at + 20),
    });
    at += 46 + length + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return parts;
}
