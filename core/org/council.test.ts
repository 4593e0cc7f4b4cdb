import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attended, councilOf } from './council.ts';
import { type OrgEvent, treeAt } from './org.ts';

const ON = '2026-01-01';
const unit = (
  id: string,
  level: 'company' | 'division' | 'team',
  name: string,
  parent: string | null,
): OrgEvent => ({
  on: ON,
  event: 'created',
  unit: id,
  level,
  name,
  parent,
});
const accountable = (id: string, person: string, of: Record<string, string>): OrgEvent => ({
  on: ON,
  event: 'accountable',
  id,
  person,
  for: of,
});
const LOG: readonly OrgEvent[] = [
  unit('acme', 'company', 'Acme', null),
  unit('cloud', 'division', 'Cloud', 'acme'),
  unit('office', 'division', 'Office', 'acme'),
  unit('shop', 'team', 'Shop', 'cloud'),
  { on: ON, event: 'joined', person: 'ada', unit: 'cloud', name: 'Ada' },
  { on: ON, event: 'joined', person: 'bo', unit: 'shop', name: 'Bo' },
  accountable('one', 'ada', { unit: 'cloud' }),
  accountable('two', 'bo', { pillar: 'identities' }),
  accountable('three', 'bo', { unit: 'cloud', kind: 'signing-key' }),
  accountable('four', 'bo', { unit: 'shop' }),
];

test('the council has a seat for each division, also where nobody is accountable, and for each function', () => {
  const seats = councilOf(treeAt(LOG, '2026-02-01'));
  assert.deepEqual(
    seats.map(({ of, for: what, name }) => [of, what, name]),
    [
      ['division', 'Cloud', 'Ada'],
      ['division', 'Office', null],
      ['function', 'identities', 'Bo'],
      ['function', 'signing key of Cloud', 'Bo'],
    ],
  );
  const noted = attended(seats, [{ person: 'ada', present: false }]);
  assert.deepEqual(
    noted.map(({ present }) => present),
    [false, null, null, null],
  );
});
