/**
 * A sorted map from texts to data in one file, signed, of which a look-up reads a few kilobytes however large it is: a static
 * B-tree whose inner nodes carry the SHA-256 digests of the nodes below them (a Merkle tree, R. Merkle, 1979), so that the
 * signature over the root's digest covers every byte that is read.
 *
 * The file is: nodes, each JSON under raw deflate (RFC 1951); a head as JSON; the Ed25519 signature (RFC 8032) of the schema's
 * name, a line feed and the head; the head's length in four bytes; eight bytes that say what it is. A leaf is a list of `[key,
 * value]`, an inner node a list of `[first key below, offset, length, digest]`. Keys rise by code point.
 */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

const MAGIC = 'MACADAM1';
const SIGNATURE = 64;
const TAIL = SIGNATURE + 4 + MAGIC.length;
/** Text of a node before it is deflated: small enough to read at once, large enough to shrink well. */
const NODE = 32_768;
/** No node that we write comes near; a stranger's file cannot make us take more. */
const MOST = 64 << 20;

type Link = readonly [first: string, offset: number, length: number, digest: string];

export interface SealedMapWriter {
  /** Keys rise; anything else is a mistake of the caller and throws. */
  readonly add: (key: string, value: unknown) => void;
  /** Signs with an Ed25519 key (PKCS #8 PEM). `head` is what readers see before they look anything up. */
  readonly seal: (head: Readonly<Record<string, unknown>>, privateKey: string) => { readonly bytes: number };
  readonly abandon: () => void;
}

/** Writes a map into a file, replacing what is there. Constant memory, but for a link to each node. */
export function writeSealedMap(file: string, schema: string): SealedMapWriter {
  const to = openSync(file, 'w', 0o600);
  let offset = 0;
  let last: string | null = null;
  let size = 0;
  let held: [string, unknown][] = [];
  const leaves: Link[] = [];

  const node = (kind: 'leaf' | 'tree', entries: readonly (readonly unknown[])[]): Link => {
    const bytes = deflateRawSync(JSON.stringify({ [kind]: entries }));
    const link: Link = [String(entries[0]?.[0] ?? ''), offset, bytes.length, digestOf(bytes)];
    writeSync(to, bytes);
    offset += bytes.length;
    return link;
  };
  const flush = () => {
    if (held.length > 0 || leaves.length === 0) leaves.push(node('leaf', held));
    [held, size] = [[], 0];
  };

  return {
    add: (key, value) => {
      if (last !== null && byCodePoint(last, key) >= 0)
        throw new RangeError(`${key} does not come after ${last}`);
      last = key;
      held.push([key, value]);
      size += key.length + JSON.stringify(value).length;
      if (size >= NODE) flush();
    },
    seal: (head, privateKey) => {
      if (held.length > 0 || leaves.length === 0) flush();
      let level: readonly Link[] = leaves;
      while (level.length > 1) {
        const above: Link[] = [];
        for (let at = 0; at < level.length; at += FAN) above.push(node('tree', level.slice(at, at + FAN)));
        level = above;
      }
      const text = Buffer.from(JSON.stringify({ ...head, schema, root: level[0] }));
      const length = Buffer.alloc(4);
      length.writeUInt32BE(text.length);
      const signature = sign(null, signed(schema, text), createPrivateKey(privateKey));
      const end = Buffer.concat([text, signature, length, Buffer.from(MAGIC)]);
      writeSync(to, end);
      closeSync(to);
      return { bytes: offset + end.length };
    },
    abandon: () => closeSync(to),
  };
}

const FAN = 256;

const digestOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const signed = (schema: string, head: Buffer) => Buffer.concat([Buffer.from(`${schema}\n`), head]);

export interface SealedMap {
  readonly head: Readonly<Record<string, unknown>>;
  /** Undefined for what is not there. Throws `SealError` for a node that is not what was signed. */
  readonly get: (key: string) => unknown;
  readonly close: () => void;
}

/** What is wrong with the file, for people; nothing in it is to be believed. */
export class SealError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SealError';
  }
}

/** Opens a map whose signature is by the key (SPKI PEM). Throws `SealError`. */
export function openSealedMap(file: string, schema: string, publicKey: string): SealedMap {
  const from = opened(file);
  try {
    const { head, root } = headOf(from, schema, publicKey);
    const nodes = new Map<number, SealedNode>();
    const nodeAt = ([, offset, length, digest]: Link): SealedNode => {
      const known = nodes.get(offset);
      if (known) return known;
      const bytes = bytesAt(from, offset, length);
      if (digestOf(bytes) !== digest)
        throw new SealError(
          `the bytes from ${offset} on are not those that were signed; fetch the file anew`,
        );
      const read = JSON.parse(inflateRawSync(bytes, { maxOutputLength: MOST }).toString()) as SealedNode;
      nodes.set(offset, read);
      return read;
    };
    const get = (key: string): unknown => {
      let at = nodeAt(root);
      while ('tree' in at) {
        const link = at.tree[lastUpTo(at.tree, key)];
        if (!link) return undefined;
        at = nodeAt(link);
      }
      const entry = at.leaf[lastUpTo(at.leaf, key)];
      return entry?.[0] === key ? entry[1] : undefined;
    };
    return { head, get, close: () => closeSync(from) };
  } catch (error) {
    closeSync(from);
    throw error;
  }
}

type SealedNode =
  | { readonly leaf: readonly (readonly [string, unknown])[] }
  | { readonly tree: readonly Link[] };

function opened(file: string): number {
  try {
    return openSync(file, 'r');
  } catch (error) {
    throw new SealError(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code}); name a file that was exported`,
    );
  }
}

function headOf(from: number, schema: string, publicKey: string) {
  const { size } = fstatSync(from);
  if (size < TAIL) throw new SealError('it is no such export: it is too short; fetch the file anew');
  const tail = bytesAt(from, size - TAIL, TAIL);
  if (tail.subarray(-MAGIC.length).toString() !== MAGIC)
    throw new SealError('it is no such export, or was cut short; fetch the file anew');
  const length = tail.readUInt32BE(SIGNATURE);
  if (length > MOST || length > size - TAIL)
    throw new SealError('its head does not fit into it; fetch the file anew');
  const text = bytesAt(from, size - TAIL - length, length);
  if (!verify(null, signed(schema, text), keyOf(publicKey), tail.subarray(0, SIGNATURE)))
    throw new SealError('its signature is not by that key; get the key from whoever runs the server');
  const { root, ...head } = JSON.parse(text.toString()) as { readonly root: Link };
  return { head, root };
}

function keyOf(text: string) {
  try {
    const key = createPublicKey(text);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Said below.
  }
  throw new SealError('that is not a public Ed25519 key in PEM; get it from whoever runs the server');
}

function bytesAt(from: number, offset: number, length: number): Buffer {
  if (!Number.isSafeInteger(offset) || offset < 0 || !(length >= 0 && length <= MOST))
    throw new SealError('a link in it leads nowhere; fetch the file anew');
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const read = readSync(from, bytes, done, length - done, offset + done);
    if (read === 0) throw new SealError('it was cut short; fetch the file anew');
    done += read;
  }
  return bytes;
}

/** Index of the last entry whose key is not greater; -1 for none. */
function lastUpTo(entries: readonly (readonly [string, ...unknown[]])[], key: string): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (byCodePoint(entries[middle]?.[0] ?? '', key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** As UTF-8 orders bytes, and the store its keys; units of UTF-16 would put what is beyond U+FFFF too early. */
function byCodePoint(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at += 1) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x !== y) return x >= 0xd800 && y >= 0xd800 ? lifted(x) - lifted(y) : x - y;
  }
  return a.length - b.length;
}

/** Surrogates above all other units. */
const lifted = (unit: number) => (unit >= 0xe000 ? unit - 0x800 : unit + 0x2000);
