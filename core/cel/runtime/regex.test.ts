import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matches, regexOf } from './regex.ts';
import { Unknown } from './value.ts';

test('a pattern is compiled once', () => {
  assert.equal(regexOf('^a+$'), regexOf('^a+$'));
});

test('anywhere in the text, unless anchored', () => {
  assert.equal(matches('hubba', 'ubb'), true);
  assert.equal(matches('hubba', '^ubb'), false);
  assert.equal(matches('', ''), true);
  assert.equal(matches('🐱😀😀', '(a|😀){2}'), true);
  assert.equal(matches('🐱', '^.$'), true);
  assert.equal(matches('ab\n', '^ab$'), false);
  assert.equal(matches('AB', '(?i)ab'), true);
});

test('what RE2 does not have is an error that shows the pattern', () => {
  for (const pattern of ['(', 'a**', '(?=a)', '(a)\\1', '[z-a]', 'a{1001}']) {
    assert.equal(regexOf(pattern), null, pattern);
    const result = matches('a', pattern);
    assert.ok(result instanceof Unknown);
    assert.equal(result.causes[0]?.why, `"${pattern}" is not a valid RE2 pattern`);
  }
});

const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '(a|bc)', '(?:ab)');
const repeated = fc
  .tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{1,2}', '*?'))
  .map((parts) => parts.join(''));
const pattern = fc
  .tuple(
    fc.constantFrom('', '^'),
    fc.array(repeated, { minLength: 1, maxLength: 5 }),
    fc.constantFrom('', '$'),
  )
  .map(([start, parts, end]) => start + parts.join('') + end);

test('on what both have, RE2 and JavaScript agree', () => {
  fc.assert(
    fc.property(
      pattern,
      fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '😀'), maxLength: 8 }),
      (source, text) => {
        assert.equal(matches(text, source), new RegExp(source, 'u').test(text));
      },
    ),
    { numRuns: 1000 },
  );
});
