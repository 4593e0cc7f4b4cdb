/** Packs and their indexes as bytes, honest or not: git's Documentation/gitformat-pack.txt, versions 2 of both. */
import { hash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

/** One object of a pack. What is left out is as it should be. */
export interface PackEntry {
  /** 1 commit, 2 tree, 3 blob, 4 tag; 6 and 7: a difference, from what stands `back` bytes before or from `base`. */
  readonly kind: number;
  readonly content: Uint8Array;
  readonly back?: number;
  readonly base?: string;
  /** Under which the index lists it; default: that of a blob of this content. */
  readonly oid?: string;
  /** Bytes that it claims to unpack to. */
  readonly claimed?: number;
}

export interface PackFile {
  readonly pack: Buffer;
  readonly index: Buffer;
  readonly oids: readonly string[];
  /** Where each entry begins. */
  readonly offsets: readonly number[];
}

export function packFile(entries: readonly PackEntry[]): PackFile {
  const head = Buffer.concat([Buffer.from('PACK'), fourBytes(2), fourBytes(entries.length)]);
  const parts: Buffer[] = [head];
  const offsets: number[] = [];
  let length = head.length;
  for (const entry of entries) {
    const written = entryBytes(entry);
    offsets.push(length);
    parts.push(written);
    length += written.length;
  }
  const body = Buffer.concat(parts);
  const pack = Buffer.concat([body, digest(body)]);
  const oids = entries.map(({ oid, content }) => oid ?? blobId(content));
  return { pack, oids, offsets, index: indexOf(oids, offsets, pack.subarray(-20)) };
}

export const blobId = (content: Uint8Array): string =>
  digest(Buffer.concat([Buffer.from(`blob ${content.length}\0`), content])).toString('hex');

/** A difference: it copies `length` bytes from the start of its base and adds `text`. Both sizes may be lies. */
export function difference(copied: {
  readonly base: number;
  readonly to: number;
  readonly length: number;
  readonly text: string;
}): Buffer {
  const { base, to, length, text } = copied;
  const added = Buffer.from(text);
  const copy = Buffer.from([0x80 | 0x10 | 0x20, length & 255, (length >> 8) & 255]);
  const add = added.length === 0 ? [] : [Buffer.from([added.length]), added];
  return Buffer.concat([number(base), number(to), copy, ...add]);
}

function entryBytes({ kind, content, back, base, claimed }: PackEntry): Buffer {
  const size = claimed ?? content.length;
  const rest = Math.floor(size / 16);
  const first = Buffer.from([(rest > 0 ? 128 : 0) | (kind << 4) | (size % 16)]);
  const from = back === undefined ? Buffer.from(base ?? '', 'hex') : offsetBytes(back);
  return Buffer.concat([first, rest > 0 ? number(rest) : Buffer.alloc(0), from, deflateSync(content)]);
}

/** Seven bits a byte, the lowest first. */
function number(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 | (rest % 128));
  return Buffer.from([...bytes, rest]);
}

/** Seven bits a byte, the highest first, with one added for each further byte. */
function offsetBytes(back: number): Buffer {
  const bytes = [back % 128];
  for (let rest = Math.floor(back / 128) - 1; rest >= 0; rest = Math.floor(rest / 128) - 1)
    bytes.unshift(128 | (rest % 128));
  return Buffer.from(bytes);
}

function indexOf(oids: readonly string[], offsets: readonly number[], packDigest: Uint8Array): Buffer {
  const order = oids.map((_, index) => index).sort((a, b) => ((oids[a] ?? '') < (oids[b] ?? '') ? -1 : 1));
  const fanout = Array.from({ length: 256 }, (_, digit) =>
    fourBytes(oids.filter((oid) => Number.parseInt(oid.slice(0, 2), 16) <= digit).length),
  );
  const body = Buffer.concat([
    Buffer.from([0xff, 0x74, 0x4f, 0x63]),
    fourBytes(2),
    ...fanout,
    ...order.map((index) => Buffer.from(oids[index] ?? '', 'hex')),
    ...order.map(() => fourBytes(0)),
    ...order.map((index) => fourBytes(offsets[index] ?? 0)),
    packDigest,
  ]);
  return Buffer.concat([body, digest(body)]);
}

function fourBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const digest = (bytes: Uint8Array): Buffer => hash('sha1', bytes, 'buffer');
