/** What must exist and has no name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Partition } from './observation.ts';
import { unnamed as unnamedOf } from './population.ts';

test('a surplus of the witness and an unfinished list are unnamed unknowns', () => {
  const unnamed = (one: Partition, named = one.seen) => unnamedOf(one, named);
  const partition = { kind: 'thing', container: 'c', containerName: 'c', seen: 3 };
  assert.equal(unnamed({ ...partition, complete: true }).length, 0);
  assert.equal(unnamed({ ...partition, complete: true, witness: { id: 'w', count: 3 } }).length, 0);
  assert.equal(unnamed({ ...partition, complete: true, witness: { id: 'w', count: 5 } }).length, 2);
  assert.equal(unnamed({ ...partition, complete: true, witness: { id: 'w', count: 2 } }).length, 0);
  assert.equal(unnamed({ ...partition, complete: false }).length, 1);
  assert.equal(unnamed({ ...partition, complete: false, witness: { id: 'w', count: 7 } }).length, 4);
  // What the source saw and did not arrive has no name either; what is known by name from before has one.
  assert.equal(unnamed({ ...partition, complete: true }, 1).length, 2);
  assert.equal(
    unnamed({ ...partition, complete: true }, 1)[0]?.why,
    'the source says that it saw 3, and 1 arrived',
  );
  assert.equal(unnamed({ ...partition, complete: true, witness: { id: 'w', count: 2 } }, 1).length, 2);
  assert.equal(unnamed({ ...partition, complete: false, witness: { id: 'w', count: 7 } }, 9).length, 1);
  assert.equal(unnamed({ ...partition, complete: false }, 9)[0]?.why, 'not every thing could be listed');
  const [one] = unnamed({ ...partition, complete: true, witness: { id: 'w', count: 4 } });
  assert.deepEqual([one?.cause, one?.why], ['incomplete', 'w counts 4, 3 were seen']);
  assert.equal(one?.remedy, null);
  const told = { ...partition, complete: false, remedy: 'ask again' };
  assert.equal(unnamed(told)[0]?.remedy, 'ask again');
});
