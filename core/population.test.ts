/** What must exist and has no name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unnamed } from './population.ts';

test('a surplus of the witness and an unfinished list are unnamed unknowns', () => {
  const partition = { kind: 'thing', container: 'c', containerName: 'c', seen: 3 };
  assert.equal(unnamed({ ...partition, complete: true }).length, 0);
  assert.equal(unnamed({ ...partition, complete: true, witness: { id: 'w', count: 3 } }).length, 0);
  assert.equal(unnamed({ ...partition, complete: true, witness: { id: 'w', count: 5 } }).length, 2);
  assert.equal(unnamed({ ...partition, complete: true, witness: { id: 'w', count: 2 } }).length, 0);
  assert.equal(unnamed({ ...partition, complete: false }).length, 1);
  assert.equal(unnamed({ ...partition, complete: false, witness: { id: 'w', count: 7 } }).length, 4);
  const [one] = unnamed({ ...partition, complete: true, witness: { id: 'w', count: 4 } });
  assert.deepEqual([one?.cause, one?.why], ['incomplete', 'w counts 4, 3 were seen']);
  assert.equal(one?.remedy, null);
  const told = { ...partition, complete: false, remedy: 'ask again' };
  assert.equal(unnamed(told)[0]?.remedy, 'ask again');
});
