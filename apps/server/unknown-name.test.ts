/** What names nothing is said, with the nearest that there is; what is left out names nothing wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { treeAt } from '@macadam/core/org/org';
import { HttpProblem } from './http/problem.ts';
import { requireNone, unknownDivision, unknownName, unknownStandard, unknownUnit } from './unknown-name.ts';

const on = '2026-01-01';
const tree = treeAt(
  [
    { on, event: 'created', unit: 'acme', level: 'company', name: 'Acme', parent: null },
    { on, event: 'created', unit: 'cloud', level: 'division', name: 'Cloud', parent: 'acme' },
    { on, event: 'created', unit: 'shop', level: 'team', name: 'Shop', parent: 'cloud' },
  ],
  '2026-02-01',
);
const reasons = (found: readonly { readonly field: string; readonly reason: string }[]) =>
  found.map(({ field, reason }) => `${field}: ${reason}`);

test('a name is held against what there is', () => {
  assert.deepEqual(reasons(unknownName('f', 'thing', 'loked', ['locked'])), [
    'f: there is no thing `loked`, did you mean `locked`?',
  ]);
  assert.deepEqual(unknownName('f', 'thing', undefined, []), []);
  assert.deepEqual(unknownStandard('standard', 'any', null), []);
  assert.deepEqual(unknownDivision('', tree), []);
  assert.deepEqual(unknownDivision('cloud', tree), []);
  assert.deepEqual(reasons(unknownDivision('shop', tree)), ['division: there is no division `shop`']);
  assert.deepEqual(reasons(unknownUnit('team', 'shup', tree)), [
    'team: there is no team `shup`, did you mean `shop`?',
  ]);
});

test('what is wrong is refused with all of it at once', () => {
  requireNone(400, []);
  assert.throws(
    () => requireNone(422, [...unknownDivision('zzz', tree), ...unknownUnit('team', 'zzz', tree)]),
    (error: unknown) => error instanceof HttpProblem && error.status === 422 && error.errors.length === 2,
  );
});
