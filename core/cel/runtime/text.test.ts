import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { format } from './format.ts';
import * as text from './text.ts';
import { type Data, MapValue, Unknown } from './value.ts';

const why = (value: unknown): string =>
  value instanceof Unknown ? (value.causes[0]?.why ?? '') : 'no error';

/** Few different characters, so that parts are found; pairs and lone surrogates among them. */
const character = fc.constantFrom('a', 'b', '©', '😀', '😁', '\ud83d', '\ude00');
const some = fc.array(character, { maxLength: 8 }).map((parts) => parts.join(''));
const part = fc.array(character, { maxLength: 2 }).map((parts) => parts.join(''));

const points = (value: string): string[] => Array.from(value);
/** The definition of a search: where the code points of `part` stand among those of `whole`. */
const found = (whole: string, sought: string): number[] => {
  const all = points(whole);
  const wanted = points(sought);
  return all
    .concat('')
    .flatMap((_, start) => (wanted.every((point, index) => all[start + index] === point) ? [start] : []));
};

test('sizes, positions and parts are those of the arrays of code points', () => {
  fc.assert(
    fc.property(
      some,
      part,
      fc.integer({ min: -1, max: 9 }),
      fc.integer({ min: -1, max: 9 }),
      (whole, sought, from, to) => {
        const all = points(whole);
        const places = found(whole, sought);
        const length = all.length;
        const inside = from >= 0 && from <= length;
        assert.equal(text.size(whole), length);
        assert.equal(text.indexOf(whole, sought), places.at(0) ?? -1);
        assert.equal(text.lastIndexOf(whole, sought), places.at(-1) ?? -1);
        assert.equal(text.contains(whole, sought), places.length > 0);
        assert.equal(text.startsWith(whole, sought), places[0] === 0);
        assert.equal(text.endsWith(whole, sought), places.includes(length - points(sought).length));
        assert.equal(text.reverse(whole), all.toReversed().join(''));

        const character = text.charAt(whole, from);
        if (inside) assert.equal(character, all[from] ?? '');
        else assert.equal(why(character), `position ${from} is outside the string`);

        const rest = text.substring(whole, from);
        if (inside) assert.equal(rest, all.slice(from).join(''));
        else assert.ok(rest instanceof Unknown);

        const middle = text.substringTo(whole, from, to);
        if (inside && to >= from && to <= length) assert.equal(middle, all.slice(from, to).join(''));
        else assert.ok(middle instanceof Unknown);

        const next = text.indexOfFrom(whole, sought, from);
        const last = text.lastIndexOfFrom(whole, sought, from);
        if (!inside || (from === length && sought !== '')) {
          assert.ok(next instanceof Unknown);
          assert.ok(last instanceof Unknown);
        } else {
          assert.equal(next, places.find((place) => place >= from) ?? -1);
          assert.equal(last, places.findLast((place) => place <= from) ?? -1);
        }
      },
    ),
    { numRuns: 5000 },
  );
});

test('a position that is no index of memory is outside the string', () => {
  assert.equal(why(text.charAt('abc', 2n ** 62n)), `position ${2n ** 62n} is outside the string`);
  assert.equal(why(text.substringTo('tacocat', 4, 3)), 'a substring cannot begin at 4 and end at 3');
});

test('replace: each, the first few, none, and around every code point', () => {
  assert.equal(text.replace('{0} days {0} hours', '{0}', '2'), '2 days 2 hours');
  assert.equal(text.replaceSome('{0} days {0} hours', '{0}', '2', 1), '2 days {0} hours');
  assert.equal(text.replaceSome('aaa', 'a', 'b', 0), 'aaa');
  assert.equal(text.replaceSome('aaa', 'a', 'b', -1), 'bbb');
  assert.equal(text.replaceSome('aaa', 'a', 'b', 2n ** 62n), 'bbb');
  assert.equal(text.replace('1 ©αT taco', 'αT', 'o©α'), '1 ©o©α taco');
  assert.equal(text.replace('a$1b', '$1', '$&'), 'a$&b');
  assert.equal(text.replace('a😀', '', '-'), '-a-😀-');
  assert.equal(text.replaceSome('a😀', '', '-', 2), '-a-😀');
  assert.equal(text.replace('', '', '-'), '-');
});

test('split: every part, at most so many, and code points', () => {
  assert.deepEqual(text.split('a,b,,c', ','), ['a', 'b', '', 'c']);
  assert.deepEqual(text.split('', ','), ['']);
  assert.deepEqual(text.split('a😀', ''), ['a', '😀']);
  assert.deepEqual(text.split('', ''), []);
  assert.deepEqual(text.splitSome('a b c', ' ', 0), []);
  assert.deepEqual(text.splitSome('a b c', ' ', 1), ['a b c']);
  assert.deepEqual(text.splitSome('a b c', ' ', 2), ['a', 'b c']);
  assert.deepEqual(text.splitSome('a b c', ' ', 9), ['a', 'b', 'c']);
  assert.deepEqual(text.splitSome('o©o©o©o', '©', -1), ['o', 'o', 'o', 'o']);
  assert.deepEqual(text.splitSome('a😀b', '', 2), ['a', '😀b']);
});

test('join undoes split', () => {
  fc.assert(
    fc.property(some, part, fc.integer({ min: 1, max: 5 }), (whole, separator, limit) => {
      assert.equal(text.joinBy(text.splitSome(whole, separator, limit), separator), whole);
    }),
  );
  assert.equal(text.join(['x', 'y']), 'xy');
  assert.equal(text.join([]), '');
});

test("trim takes Unicode's white space and nothing else", () => {
  const spaces = '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2006\u2009\u200a\u2028\u2029\u202f\u205f\u3000';
  assert.equal(text.trim(`${spaces}te xt${spaces}`), 'te xt');
  assert.equal(text.trim(spaces), '');
  for (const other of ['\u180e', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u0008', '\u001f']) {
    assert.equal(text.trim(`${other}x${other}`), `${other}x${other}`);
  }
  for (let unit = 0; unit < 0x10000; unit++) {
    const isSpace = /^\p{White_Space}$/u.test(String.fromCharCode(unit));
    if (isSpace !== (text.trim(String.fromCharCode(unit)) === '')) assert.fail(`U+${unit.toString(16)}`);
  }
});

test('case changes of ASCII alone', () => {
  assert.equal(text.lowerAscii('TacoCÆt Xii'), 'tacocÆt xii');
  assert.equal(text.upperAscii('tacoCαt'), 'TACOCαT');
  assert.equal(text.lowerAscii('İK'), 'İK'.replace('K', 'k'));
  // The Kelvin sign lowers to an ASCII letter elsewhere.
  assert.equal(text.lowerAscii('\u212a'), '\u212a');
});

test('quote escapes what a literal cannot hold', () => {
  assert.equal(text.quote('a"\\\u0007\b\f\n\r\t\v'), '"a\\"\\\\\\a\\b\\f\\n\\r\\t\\v"');
  assert.equal(text.quote('🐱😀'), '"🐱😀"');
  assert.equal(text.quote('\ud83d'), '"\ufffd"');
});

test('a message shows the beginning of a long text', () => {
  assert.equal(text.excerpt('short'), '"short"');
  assert.equal(text.excerpt('x'.repeat(100)), `"${'x'.repeat(80)}…"`);
});

test('no text grows beyond its limit, whatever makes it', () => {
  const half = 'x'.repeat(text.MAX_TEXT / 2);
  const long: readonly (readonly [string, Data, Data])[] = [
    ['+', text.concatenated(half, half), text.concatenated(half, `${half}x`)],
    ['join', text.join([half, half]), text.join([half, half, 'x'])],
    ['join by', text.joinBy(['', half, half], ''), text.joinBy([half, half], ',')],
    ['replace', text.replace('aa', 'a', half), text.replace('aaa', 'a', half)],
    ['replace some', text.replaceSome('aaa', 'a', half, 1), text.replaceSome('aaa', 'a', half, 2)],
    ['replace nothing', text.replace('', '', half), text.replace('ab', '', half)],
    ['quote', text.quote('x'), text.quote(`${half}x`)],
    ['format', format('%s', [half]), format('%s%s%s', [half, half, 'x'])],
    ['format a list', format('%s', [[half]]), format('%s', [[half, half]])],
    [
      'format a map',
      format('%s', [new MapValue(new Map())]),
      format('%s', [new MapValue(new Map([['k', ['k', half + half]]]))]),
    ],
  ];
  for (const [what, short, over] of long) {
    assert.equal(typeof short, 'string', what);
    assert.ok(over instanceof Unknown, what);
    assert.equal(over.causes[0]?.why, `a text would have more than ${text.MAX_TEXT} characters`);
  }
});
