import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { clip, columns, fit, visible, wrap } from './text.ts';

test('what acts on a terminal is shown instead', () => {
  assert.equal(visible('\u001b[31mred\u0007'), '␛[31mred␇');
  assert.equal(visible('a\r\nb\tc\u2028d'), 'a b c d');
  assert.equal(visible('\u009b31m\u007f'), '\\u{9b}31m␡');
  assert.equal(visible('user\u202egnp.exe'), 'user\\u{202e}gnp.exe');
  assert.equal(visible('\ud800'), '\ufffd');
  assert.equal(visible('漢字 é 👩‍👩‍👧'), '漢字 é 👩‍👩‍👧');
});

test('columns are what a terminal gives', () => {
  assert.equal(columns('abc'), 3);
  assert.equal(columns('漢字'), 4);
  assert.equal(columns('e\u0301'), 1);
  assert.equal(columns('👩‍👩‍👧'), 2);
  assert.equal(columns('✓ █░'), 4);
});

test('fitted text has exactly its width, wrapped lines at most theirs', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.integer({ min: 1, max: 30 }),
      (text, width) => {
        const shown = visible(text);
        assert.equal(columns(fit(shown, width)), width);
        assert.ok(columns(clip(shown, width)) <= width);
        for (const line of wrap(shown, width)) assert.ok(columns(line) <= width);
      },
    ),
  );
  assert.equal(fit('漢字漢字', 4), '漢… ');
  assert.equal(fit('7', 3, 'end'), '  7');
  assert.deepEqual(wrap('the quick brown fox', 9), ['the quick', 'brown fox']);
});
