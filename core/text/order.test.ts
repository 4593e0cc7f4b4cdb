import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ascending } from './order.ts';

test('less is before, more is behind, the same is neither', () => {
  assert.deepEqual([ascending('a', 'b'), ascending('b', 'a'), ascending('a', 'a')], [-1, 1, 0]);
  assert.deepEqual([ascending(1, 2), ascending(2n, 1n), ascending(0, -0)], [-1, 1, 0]);
  assert.deepEqual(['ä', 'b', 'B', 'a'].sort(ascending), ['B', 'a', 'b', 'ä']);
});
