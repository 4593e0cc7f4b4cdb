/** Core dumps made by hand: small ones, and such as no kernel writes. */

export interface MemorySegment {
  readonly address: number;
  readonly content: Buffer;
}

const LOAD = 1;
const NOTES = 4;
const AUXV = 6;
const NAME_OF_PROGRAM = 31;

/** An ELF core of notes and the given segments of memory, in the order in which they lie in the file. */
export function elfOf(segments: readonly MemorySegment[], notes: Buffer = Buffer.alloc(0)): Buffer {
  const parts = [
    { address: 0, content: notes, type: NOTES },
    ...segments.map((one) => ({ ...one, type: LOAD })),
  ];
  const header = Buffer.alloc(64 + 56 * parts.length);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(4, 16);
  header.writeUInt16LE(62, 18);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(parts.length, 56);
  let place = header.length;
  for (const [index, { address, content, type }] of parts.entries()) {
    const at = 64 + 56 * index;
    header.writeUInt32LE(type, at);
    header.writeBigUInt64LE(BigInt(place), at + 8);
    header.writeBigUInt64LE(BigInt(address), at + 16);
    header.writeBigUInt64LE(BigInt(content.length), at + 32);
    header.writeBigUInt64LE(BigInt(content.length), at + 40);
    place += content.length;
  }
  return Buffer.concat([header, ...parts.map(({ content }) => content)]);
}

const wordsOf = (numbers: readonly number[]): Buffer => {
  const words = Buffer.alloc(8 * numbers.length);
  for (const [index, number] of numbers.entries()) words.writeBigUInt64LE(BigInt(number), index * 8);
  return words;
};

/** A note of a core dump. */
export function noteOf(name: string, type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(name.length + 1, 0);
  head.writeUInt32LE(body.length, 4);
  head.writeUInt32LE(type, 8);
  return Buffer.concat([head, Buffer.from(name.padEnd(8, '\0')), body]);
}

/** A first stack as the kernel lays it, and the note that tells where. */
export function startedWith(parameters: readonly string[], variables: readonly string[]) {
  const address = 0x7000_0000;
  const texts = [...parameters, ...variables, '/srv/program'].map((text) => Buffer.from(`${text}\0`));
  const count = 1 + parameters.length + 1 + variables.length + 1 + 4;
  let place = address + 8 * count;
  const pointers = texts.map((text) => {
    const own = place;
    place += text.length;
    return own;
  });
  const table = wordsOf([NAME_OF_PROGRAM, pointers.at(-1) ?? 0, 0, 0]);
  const words = wordsOf([
    parameters.length,
    ...pointers.slice(0, parameters.length),
    0,
    ...pointers.slice(parameters.length, -1),
    0,
  ]);
  const notes = noteOf('CORE', AUXV, table);
  return { notes, segment: { address, content: Buffer.concat([words, table, ...texts]) } };
}
