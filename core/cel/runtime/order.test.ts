import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareBytes, compareStrings, compareTimes } from './order.ts';
import { Duration, Timestamp } from './value.ts';

/** The definition: the sequences of code points, compared one by one. */
function byCodePoints(a: string, b: string): number {
  const left = Array.from(a, (point) => point.codePointAt(0) ?? 0);
  const right = Array.from(b, (point) => point.codePointAt(0) ?? 0);
  for (const [index, point] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (point !== other) return point < other ? -1 : 1;
  }
  return left.length < right.length ? -1 : 0;
}

/** Units around every border that matters, lone surrogates included. */
const unit = fc.constantFrom(
  'a',
  'b',
  '\ud7ff',
  '\ud800',
  '\ud801',
  '\udbff',
  '\udc00',
  '\udc01',
  '\udfff',
  '\ue000',
  '\uffff',
);
const text = fc.array(unit, { maxLength: 6 }).map((units) => units.join(''));

test('strings order by code point, whatever surrogates they hold', () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ unit: 'grapheme' })), text, text, (start, a, b) => {
      assert.equal(Math.sign(compareStrings(start + a, start + b)), byCodePoints(start + a, start + b));
    }),
    { numRuns: 5000 },
  );
});

test('a character beyond U+FFFF comes after one below it, unlike in UTF-16 order', () => {
  assert.ok('\u{1f600}' < '\uff5e');
  assert.ok(compareStrings('\u{1f600}', '\uff5e') > 0);
  assert.ok(compareStrings('x\uff5e', 'x\u{1f600}') < 0);
  assert.equal(compareStrings('same', 'same'), 0);
});

test('bytes order byte by byte, a beginning before the whole', () => {
  assert.ok(compareBytes(Uint8Array.of(1, 255), Uint8Array.of(2)) < 0);
  assert.ok(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0)) < 0);
  assert.equal(compareBytes(Uint8Array.of(7), Uint8Array.of(7)), 0);
});

test('times order by seconds, then by nanoseconds', () => {
  assert.ok(compareTimes(new Timestamp(1, 999_999_999), new Timestamp(2, 0)) < 0);
  assert.ok(compareTimes(new Duration(-2, 500_000_000), new Duration(-2, 0)) > 0);
  assert.equal(compareTimes(new Duration(3, 4), new Duration(3, 4)), 0);
});
