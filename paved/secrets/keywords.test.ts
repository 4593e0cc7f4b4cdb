import assert from 'node:assert/strict';
import test from 'node:test';
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

test('a keyword of two characters or beyond ASCII is misuse', () => {
  assert.throws(
    () => compileKeywords(['ab']),
    /keyword `ab` must be three or more printable ASCII characters/,
  );
  assert.throws(() => compileKeywords(['naïve']), /keyword `naïve` must be/);
});
