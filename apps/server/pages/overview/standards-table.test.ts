import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StandardRow } from './reading.ts';
import { changeOf } from './standards-table.ts';

const stands = (atLeast: number, atMost: number) => ({
  figures: { pass: 0, fail: 0, unknown: 0, excepted: 0 },
  shares: { scope: 10, atLeast, atMost },
  measure: null,
});
const change = (before: object | null, now: object) =>
  changeOf({ now, before } as unknown as Pick<StandardRow, 'now' | 'before'> as StandardRow);

test('a share that nobody knew before did not rise, and one that nobody knows now did not fall', () => {
  assert.equal(change(stands(0, 1), stands(0.69, 0.7)), null);
  assert.equal(change(stands(0.69, 0.7), stands(0, 1)), null);
  assert.equal(change(null, stands(0.5, 0.5)), null);
  assert.equal(change(stands(0.5, 0.5), stands(0.75, 0.8)), 0.25);
  // That everything failed is knowledge.
  assert.equal(change(stands(0, 0), stands(0.5, 0.5)), 0.5);
});
