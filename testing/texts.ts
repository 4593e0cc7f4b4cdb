import fc from 'fast-check';

/** All characters there are; halves of a pair are none. */
const CHARACTERS = 0x110000 - 0x800;
const characterAt = (index: number) => String.fromCodePoint(index < 0xd800 ? index : index + 0x800);

/**
 * Text of any characters, as fast-check's unit `binary`, which first makes a map of all 1.1 million of them: a second and eighty megabytes
 * of each process.
 */
export const anyText = (length: fc.ArrayConstraints = {}): fc.Arbitrary<string> =>
  fc.array(fc.nat(CHARACTERS - 1), length).map((all) => all.map(characterAt).join(''));
