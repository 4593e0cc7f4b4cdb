import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { bar, widths } from './bar.ts';
import { textOf } from './markup.ts';

const figures = fc.record({
  pass: fc.nat(10_000_000),
  unknown: fc.nat(10_000_000),
  fail: fc.nat(10_000_000),
});

test('a part is drawn exactly when it exists, and the parts fill the bar', () => {
  fc.assert(
    fc.property(figures, ({ pass, unknown, fail }) => {
      const scope = pass + unknown + fail;
      fc.pre(scope > 0);
      const drawn = widths({ scope, pass, unknown, fail });
      assert.ok(Math.abs(drawn.pass + drawn.unknown + drawn.fail - 100) < 1e-9);
      for (const part of ['pass', 'unknown', 'fail'] as const) {
        const exact = { pass, unknown, fail }[part];
        assert.equal(drawn[part] > 0, exact > 0, part);
        assert.ok(exact === 0 || drawn[part] >= 1, `${part} can be seen`);
        assert.ok(Math.abs(drawn[part] - (exact / scope) * 100) <= 2, `${part} is true to two percent`);
      }
    }),
  );
});

test('one failure of a million shows', () => {
  assert.deepEqual(widths({ scope: 1_000_000, pass: 999_999, unknown: 0, fail: 1 }), {
    pass: 99,
    unknown: 0,
    fail: 1,
  });
});

test('nothing in scope is no bar', () => {
  const none = { scope: 0, pass: 0, unknown: 0, fail: 0 };
  assert.deepEqual(widths(none), { pass: 0, unknown: 0, fail: 0 });
  assert.doesNotMatch(textOf(bar(none)), /<rect/);
});

test('a target stands upright in the bar, also where it is all of it', () => {
  const half = { scope: 2, pass: 1, unknown: 0, fail: 1 };
  assert.doesNotMatch(textOf(bar(half)), /<rect x=/);
  assert.match(textOf(bar(half, 0.95)), /<rect x="95%"/);
  assert.match(textOf(bar(half, 1)), /<rect x="100%"/);
});
