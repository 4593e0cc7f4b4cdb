/** Undecided operands join: a set of causes, whatever the order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { condition, join, joinAll, strict1, strict2 } from './logic.ts';
import { type Data, Unknown, unknown } from './value.ts';

const a = unknown('forbidden', 'a', 'no right');
const b = unknown('failed', 'b', 'broken');
const paths = (value: Data): readonly string[] | Data =>
  value instanceof Unknown ? value.causes.map(({ path }) => path).sort() : value;

test('of two operands those that are undecided are told, and one alone comes back itself', () => {
  assert.equal(join(a, 1), a);
  assert.equal(join(1, b), b);
  assert.equal(join(a, a), a);
  assert.deepEqual(paths(join(a, b)), ['a', 'b']);
  assert.deepEqual(paths(join(b, a)), ['a', 'b']);
  assert.deepEqual(paths(join(join(a, b), a)), ['a', 'b']);
});

test('of many operands those that are undecided are told, each cause once', () => {
  assert.equal(joinAll([1, a, true]), a);
  assert.equal(joinAll([b]), b);
  assert.deepEqual(paths(joinAll([a, 1, b, a])), ['a', 'b']);
});

test('a strict function runs on what is known, and on nothing else', () => {
  const ran: Data[] = [];
  const one = (value: number) => {
    ran.push(value);
    return value + 1;
  };
  const two = (x: number, y: number) => {
    ran.push(x, y);
    return x - y;
  };
  assert.equal(strict1(one as never, 1), 2);
  assert.equal(strict2(two as never, 5, 3), 2);
  assert.deepEqual(ran, [1, 5, 3]);
  assert.equal(strict1(one as never, a), a);
  assert.equal(strict2(two as never, a, 3), a);
  assert.equal(strict2(two as never, 5, b), b);
  assert.deepEqual(paths(strict2(two as never, a, b)), ['a', 'b']);
  assert.deepEqual(ran, [1, 5, 3]);
});

test('a condition is a bool or undecided, and anything else is an error', () => {
  assert.equal(condition(true), true);
  assert.equal(condition(false), false);
  assert.equal(condition(a), a);
  for (const wrong of [1, 'true', null, []]) {
    const result = condition(wrong);
    assert.ok(result instanceof Unknown);
    assert.deepEqual(result.causes, [
      { cause: 'undefined', path: '', why: 'a condition is needed here, and this is none' },
    ]);
  }
});
