/** An ELF core of the given segments of memory, in the order in which they lie in the file. */
export function elfOf(segments: readonly { readonly address: number; readonly content: Buffer }[]): Buffer {
  const header = Buffer.alloc(64 + 56 * segments.length);
  header.write('\x7fELF\x02\x01\x01', 'latin1');
  header.writeUInt16LE(4, 16);
  header.writeUInt16LE(62, 18);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(segments.length, 56);
  let place = header.length;
  for (const [index, { address, content }] of segments.entries()) {
    const at = 64 + 56 * index;
    header.writeUInt32LE(1, at);
    header.writeBigUInt64LE(BigInt(place), at + 8);
    header.writeBigUInt64LE(BigInt(address), at + 16);
    header.writeBigUInt64LE(BigInt(content.length), at + 32);
    header.writeBigUInt64LE(BigInt(content.length), at + 40);
    place += content.length;
  }
  return Buffer.concat([header, ...segments.map(({ content }) => content)]);
}
