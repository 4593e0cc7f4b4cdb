/** Which partition an observation belongs to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Partition } from './observation.ts';
import { partitionFinder } from './partition.ts';

const partition = (more: Partial<Partition>): Partition => ({
  kind: 'book',
  container: 'shelf/a',
  containerName: 'a',
  complete: true,
  seen: 0,
  ...more,
});

test('a format has its own partition, else that of its container and estate', () => {
  const whole = partition({});
  const maps = partition({ format: 'map' });
  const elsewhere = partition({ estate: 'branch' });
  const other = partition({ container: 'shelf/b' });
  const find = partitionFinder([whole, maps, elsewhere, other]);
  assert.equal(find({ kind: 'book', container: 'shelf/a' }), whole);
  assert.equal(find({ kind: 'book', container: 'shelf/a', format: 'map' }), maps);
  assert.equal(find({ kind: 'book', container: 'shelf/a', format: 'novel' }), whole);
  assert.equal(find({ kind: 'book', container: 'shelf/a', format: 'map', estate: 'branch' }), elsewhere);
  assert.equal(find({ kind: 'book', container: 'shelf/b', format: 'map' }), other);
  assert.equal(find({ kind: 'book', container: 'shelf/c' }), undefined);
  assert.equal(find({ kind: 'book' }), undefined, 'of several, none is guessed');
  assert.equal(partitionFinder([whole])({ kind: 'book' }), whole);
});
