/** What is offered for a mistyped name, and what is too far from any. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { didYouMean, suggestionFor } from './suggestion.ts';

test('letters that changed places are one mistake', () => {
  for (const [typed, meant] of [
    ['idel', 'idle'],
    ['nmae', 'name'],
    ['hihg', 'high'],
    ['fial', 'fail'],
    ['on', 'no'],
  ] as const)
    assert.equal(didYouMean(typed, ['other', meant]), `, did you mean \`${meant}\`?`);
});

test('a third of a word may be wrong, and no more', () => {
  assert.equal(suggestionFor('assurence', ['assurance', 'attributes']), 'assurance');
  assert.equal(suggestionFor('abc', ['xyz']), null);
  assert.equal(suggestionFor('kind', ['name', 'id']), null);
  assert.equal(suggestionFor('', ['a', 'b']), 'a');
  assert.equal(suggestionFor('locked', []), null);
});

test('a name that is there is its own nearest, and whichever two neighbours change places it is found', () => {
  const name = fc.string({ unit: fc.constantFrom(...'abcdef'), minLength: 3, maxLength: 12 });
  fc.assert(
    fc.property(name, fc.nat(), (meant, where) => {
      assert.equal(suggestionFor(meant, ['zzzzzzzzzzzzzz', meant]), meant);
      const at = where % (meant.length - 1);
      const swapped = meant.slice(0, at) + meant[at + 1] + meant[at] + meant.slice(at + 2);
      assert.equal(suggestionFor(swapped, ['zzzzzzzzzzzzzz', meant]), meant);
    }),
  );
});
