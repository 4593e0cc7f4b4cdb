import assert from 'node:assert/strict';
import test from 'node:test';
import { type OrgEvent, treeAt } from './org.ts';
import { rollUp, unitsBelow } from './roll-up.ts';

const created = (unit: string, level: 'company' | 'division' | 'team', parent: string | null): OrgEvent => ({
  on: '2026-01-01',
  event: 'created',
  unit,
  level,
  name: unit,
  parent,
});
const tree = treeAt(
  [
    created('all', 'company', null),
    created('north', 'division', 'all'),
    created('south', 'division', 'all'),
    created('one', 'team', 'north'),
    created('two', 'team', 'north'),
    created('old', 'team', 'south'),
    { on: '2026-02-01', event: 'merged', unit: 'old', into: 'one' },
  ],
  '2026-03-01',
);

test('every unit has the sum of what lies below it; what has ended counts for its heir, and strangers stand beside', () => {
  const { units, elsewhere } = rollUp(tree, [
    ['one', { fail: 2, late: 1 }],
    ['two', { fail: 3, late: 0 }],
    ['old', { fail: 5, late: 1 }],
    ['', { fail: 7, late: 0 }],
    ['stranger', { fail: 1, late: 0 }],
  ]);
  assert.deepEqual(Object.fromEntries(units), {
    all: { fail: 10, late: 2 },
    north: { fail: 10, late: 2 },
    one: { fail: 7, late: 2 },
    two: { fail: 3, late: 0 },
  });
  assert.deepEqual(Object.fromEntries(elsewhere), {
    '': { fail: 7, late: 0 },
    stranger: { fail: 1, late: 0 },
  });
});

test('what lies below a unit is named with it', () => {
  assert.deepEqual([...unitsBelow(tree, 'north')].sort(), ['north', 'one', 'two']);
  assert.deepEqual(unitsBelow(tree, 'nothing'), ['nothing']);
});
