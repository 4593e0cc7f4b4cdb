import assert from 'node:assert/strict';
import test from 'node:test';
import type { Collection } from './observation.ts';
import { sourceState } from './source-state.ts';

const NOW = new Date('2026-11-30T12:00:00Z');
const kinds = new Map([
  ['repository', { fresh_for: '7d' }],
  ['device', { fresh_for: '24h' }],
]);
const run = (more: Partial<Collection> = {}, kind = 'repository'): Collection => ({
  source: 's',
  startedAt: '2026-11-29T11:00:00Z',
  finishedAt: '2026-11-29T11:30:00Z',
  status: 'complete',
  partitions: [{ kind, container: 'c', containerName: 'c', complete: true, seen: 1 }],
  problems: [],
  ...more,
});
const problem = { code: 'x', cause: 'forbidden' as const, message: 'it may not look' };

test('a source is as its newest run says, and late where what it said ages', () => {
  assert.equal(sourceState(run(), kinds, NOW), 'complete');
  assert.equal(sourceState(run({}, 'device'), kinds, NOW), 'late');
  assert.equal(sourceState(run({ status: 'incomplete' }), kinds, NOW), 'incomplete');
  assert.equal(sourceState(run({ problems: [problem] }), kinds, NOW), 'refused');
  assert.equal(sourceState(run({ status: 'failed' }), kinds, NOW), 'failed');
  assert.equal(sourceState(run({ status: 'failed', problems: [problem] }), kinds, NOW), 'refused');
});

test('a run that lists nothing is never late', () => {
  assert.equal(sourceState(run({ partitions: [] }), kinds, NOW), 'complete');
});
