import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOBODY } from '@macadam/adapters/facts/history/teams';
import { type OrgEvent, treeAt } from '@macadam/core/org/org';
import { teamsOf } from './teams.ts';

const on = '2026-01-01';
const events: readonly OrgEvent[] = [
  { on, event: 'created', unit: 'acme', level: 'company', name: 'Acme', parent: null },
  { on, event: 'created', unit: 'north', level: 'division', name: 'North', parent: 'acme' },
  { on, event: 'created', unit: 'shop', level: 'team', name: 'Shop', parent: 'north' },
  { on, event: 'created', unit: 'till', level: 'team', name: 'Till', parent: 'north' },
  { on, event: 'created', unit: 'staff', level: 'team', name: 'Staff', parent: 'acme' },
  { on: '2026-02-01', event: 'merged', unit: 'till', into: 'shop' },
];

test('what a merged team had is its heir’s, and lies in its heir’s division', () => {
  const teams = teamsOf(treeAt(events, '2026-03-01'));
  assert.deepEqual([teams.of('till', 'a'), teams.division('till')], ['shop', 'north']);
  assert.deepEqual([teams.of('staff', 'a'), teams.division('staff')], ['staff', '']);
  assert.deepEqual(
    [teams.of('stranger', 'a'), teams.of(NOBODY, 'a'), teams.division(null)],
    [null, null, ''],
  );
});

test('before anybody has said anything, every name is taken for a team, and what has none is everybody’s', () => {
  const teams = teamsOf(treeAt([], '2026-03-01'));
  assert.deepEqual(
    [teams.of('till', 'a'), teams.of(NOBODY, 'a'), teams.division('till')],
    ['till', 'everybody', ''],
  );
});
