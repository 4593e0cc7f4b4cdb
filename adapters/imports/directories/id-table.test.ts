import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runs } from '@macadam/testing/runs';
import fc from 'fast-check';
import { idTable } from './id-table.ts';

test('a table of ids holds what a map holds, and the first number of each stays', () => {
  const asked = fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.nat()), { maxLength: 60 });
  fc.assert(
    fc.property(asked, (all) => {
      const table = idTable();
      const map = new Map<string, number>();
      for (const [id, number] of all) {
        assert.equal(table.add(id, number), !map.has(id));
        if (!map.has(id)) map.set(id, number);
      }
      assert.equal(table.size(), map.size);
      for (const [id] of all) assert.equal(table.get(id), map.get(id));
      assert.equal(table.get('one that nobody added'), undefined);
    }),
    { numRuns: runs(100) },
  );
});

test('it grows, and then every id still has its number', () => {
  const table = idTable();
  for (let number = 0; number < 20_000; number += 1) assert.ok(table.add(`id-${number}`, number));
  for (let number = 0; number < 20_000; number += 1) assert.equal(table.get(`id-${number}`), number);
  assert.equal(table.add('id-7', 8), false);
  assert.equal(table.size(), 20_000);
});
