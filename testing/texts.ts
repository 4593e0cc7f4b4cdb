import fc from 'fast-check';

/** All characters there are; halves of a pair are none. */
const CHARACTERS = 0x110000 - 0x800;
const characterAt = (index: number) => String.fromCodePoint(index < 0xd800 ? index : index + 0x800);

/**
 * Text of any characters, and as often of the first 256, which are written otherwise in many places. fast-check's unit `binary` first makes
 * a map of all 1.1 million: a second and 150 megabytes of each process.
 */
export const anyText = (length: fc.ArrayConstraints = {}): fc.Arbitrary<string> =>
  fc
    .oneof(fc.array(fc.nat(0xff), length), fc.array(fc.nat(CHARACTERS - 1), length))
    .map((all) => all.map(characterAt).join(''));
