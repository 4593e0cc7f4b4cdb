import assert from 'node:assert/strict';
import test from 'node:test';
import { anyText } from '@macadam/testing/texts';
import fc from 'fast-check';
import { excerptOf, MASK } from './excerpt.ts';

const plain = { around: 1, width: 40, masked: [] };

test('a line stands among its neighbours, without the indent that all share', () => {
  const text = 'jobs:\n  build:\n    steps:\n      - uses: a/b@v1\n      - run: x\n';
  assert.deepEqual(excerptOf({ ...plain, text, line: 4 }), {
    from: 3,
    lines: ['steps:', '  - uses: a/b@v1', '  - run: x'],
  });
  assert.deepEqual(excerptOf({ ...plain, text, line: 1 })?.lines, ['jobs:', '  build:']);
  assert.deepEqual(excerptOf({ ...plain, text, line: 5 })?.lines, ['- uses: a/b@v1', '- run: x']);
  assert.deepEqual(excerptOf({ ...plain, text: '\n a\n  \n', line: 2 }), { from: 2, lines: ['a'] });
  for (const line of [6, 7, 1e9]) assert.equal(excerptOf({ ...plain, text, line }), null);
});

test('what must not be seen is replaced wherever it begins and ends, and tells no length', () => {
  const text = 'key = AAAA\nBBBB\nCCCC # end\n';
  const masked = [{ start: 6, end: 20 }];
  assert.deepEqual(excerptOf({ ...plain, text, line: 2, masked })?.lines, [
    `key = ${MASK}`,
    MASK,
    `${MASK} # end`,
  ]);
});

test('a text that must not be seen is replaced wherever it stands', () => {
  const text = 'login hunter2hunter2\nrun: x hunter2hunter2 hunter2hunter2\n';
  assert.deepEqual(excerptOf({ ...plain, text, line: 2, values: ['hunter2hunter2', ''] })?.lines, [
    `login ${MASK}`,
    `run: x ${MASK} ${MASK}`,
  ]);
});

test('nothing that acts on a screen is left, and no line is longer than asked for', () => {
  const text = `a\u001b[2J\u202eb\u0007\r\n${'x'.repeat(5000)}\n\ud800`;
  const shown = excerptOf({ ...plain, text, line: 2 });
  assert.deepEqual(shown?.lines, ['a⟨U+001B⟩[2J⟨U+202E⟩b⟨U+0007⟩', `${'x'.repeat(39)}…`, '\ufffd']);
});

test('whatever the text: bounded, well-formed, and without any character of what is masked', () => {
  fc.assert(
    fc.property(
      fc.array(anyText({ maxLength: 60 }), { maxLength: 8 }),
      fc.array(fc.tuple(fc.nat(200), fc.nat(40)), { maxLength: 4 }),
      fc.integer({ min: 1, max: 10 }),
      (parts, spans, line) => {
        const masked = spans.map(([start, length]) => ({ start, end: start + length }));
        // A letter of a script that nothing else here has stands for the secret.
        const text = [...parts.join('\n').replaceAll('ჵ', '')]
          .join('')
          .split('')
          .map((unit, at) =>
            masked.some(({ start, end }) => at >= start && at < end) && unit !== '\n' ? 'ჵ' : unit,
          )
          .join('');
        const shown = excerptOf({ text, line, around: 1, width: 30, masked });
        if (shown === null) return;
        assert.ok(shown.lines.length >= 1 && shown.lines.length <= 3);
        for (const one of shown.lines) {
          assert.ok(one.length <= 30 && one.isWellFormed());
          assert.doesNotMatch(one, /[\p{Cc}ჵ]/u);
        }
      },
    ),
  );
});
