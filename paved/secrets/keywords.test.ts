import assert from 'node:assert/strict';
import test from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { compileKeywords } from './keywords.ts';

/** The same by looking everywhere for everything. */
function naive(words: readonly string[], text: string): string[] {
  const folded = text.replaceAll(/[A-Z]/g, (char) => char.toLowerCase());
  const found: string[] = [];
  words.forEach((word, index) => {
    for (
      let at = folded.indexOf(word.toLowerCase());
      at !== -1;
      at = folded.indexOf(word.toLowerCase(), at + 1)
    ) {
      found.push(`${index} ${at} ${at + word.length}`);
    }
  });
  return found.sort();
}

test('finds what looking for each keyword finds', () => {
  const letters = fc.constantFrom('a', 'b', 'A', '-', 'é', '\ud83d');
  const word = fc
    .array(fc.constantFrom('a', 'b', '-'), { minLength: 3, maxLength: 5 })
    .map((chars) => chars.join(''));
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), fc.array(letters, { maxLength: 60 }), (words, chars) => {
      const text = chars.join('');
      const found: string[] = [];
      compileKeywords(words).scan(text, (keyword, start, end) => found.push(`${keyword} ${start} ${end}`));
      assert.deepEqual(found.sort(), naive(words, text));
    }),
  );
});

test('of bytes it finds the same in the same order, wherever a stretch begins', () => {
  const word = fc.array(fc.constantFrom('a', 'b', '-'), { minLength: 3, maxLength: 9 });
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 0, max: 200_000 }),
      fc.integer(),
      (parts, length, seed) => {
        const words = parts.map((chars) => chars.join(''));
        let state = seed | 1;
        const bytes = Buffer.alloc(length);
        for (let i = 0; i < length; i++) {
          state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + i;
          bytes[i] = 'aabA-\u00e9'.charCodeAt((state >>> 3) % 6);
        }
        const of = (given?: Uint8Array) => {
          const found: number[] = [];
          keywords.scan(text, (keyword, start, end) => found.push(keyword, start, end), given);
          return found;
        };
        const keywords = compileKeywords(words);
        const text = bytes.toString('latin1');
        assert.ok(
          isDeepStrictEqual(Int32Array.from(of(bytes)), Int32Array.from(of())),
          `${words.join(' ')} in ${length} bytes of seed ${seed}`,
        );
      },
    ),
    { numRuns: 30 },
  );
});

test('a keyword of two characters or beyond ASCII is misuse', () => {
  assert.throws(
    () => compileKeywords(['ab']),
    /keyword `ab` must be three or more printable ASCII characters/,
  );
  assert.throws(() => compileKeywords(['naïve']), /keyword `naïve` must be/);
});
