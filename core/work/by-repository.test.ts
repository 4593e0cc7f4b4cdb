import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { byRepository, isShown, type OpenWork, ROW_FILTERS, rowCounts, rowsOf } from './by-repository.ts';

const TODAY = '2026-11-30';
const asset = (id: string, repository: string | null, more: Partial<OpenWork['left'][number]> = {}) => ({
  id,
  repository,
  path: `${id}.yml`,
  due: '2026-12-20',
  exceptedUntil: null,
  disputed: false,
  ...more,
});
const work = (id: string, left: OpenWork['left']): OpenWork => ({
  id,
  standard: id.slice(0, id.indexOf('/')),
  left,
  claimed: false,
  snoozed: false,
});

test('an item that lies in two repositories stands in each, and no row holds two', () => {
  const rows = rowsOf(
    [
      work('pinned/1', [asset('a', 'one'), asset('b', 'two', { due: '2026-11-27' }), asset('c', 'one')]),
      work('locked/2', [asset('d', 'one', { due: '2026-12-02' })]),
    ],
    TODAY,
  );
  const shown = byRepository(rows).map(({ repository, rows: own }) => ({
    repository,
    rows: own.map(({ work: { id }, assets, due, late }) => [id, assets.map((one) => one.id), due, late]),
  }));
  assert.deepEqual(shown, [
    { repository: 'two', rows: [['pinned/1', ['b'], '2026-11-27', 1]] },
    {
      repository: 'one',
      rows: [
        ['locked/2', ['d'], '2026-12-02', 0],
        ['pinned/1', ['a', 'c'], '2026-12-20', 0],
      ],
    },
  ]);
  assert.deepEqual(
    [rowCounts(rows, TODAY).open, rowCounts(rows, TODAY).overdue, rowCounts(rows, TODAY).soon],
    [3, 1, 1],
  );
});

test('a row is excepted as a whole only where an exception allows all of it, until the first of them ends', () => {
  const until = (day: string) => ({ exceptedUntil: day });
  const [whole, part] = [
    [asset('a', 'one', until('2027-01-31')), asset('b', 'one', until('2026-12-31'))],
    [asset('a', 'one', until('2027-01-31')), asset('b', 'one')],
  ].map((left) => rowsOf([work('pinned/1', left)], TODAY)[0]);
  assert.deepEqual([whole?.exceptedUntil, part?.exceptedUntil], ['2026-12-31', null]);
  assert.ok(part && isShown(part, 'excepted', TODAY));
});

test('what lies in no repository is a row of its own, and comes last', () => {
  const rows = rowsOf(
    [work('keys/1', [asset('k', null, { due: '2026-11-01' }), asset('l', null), asset('a', 'one')])],
    TODAY,
  );
  assert.deepEqual(
    byRepository(rows).map(({ repository, rows: own }) => [repository, own.length]),
    [
      ['one', 1],
      [null, 2],
    ],
  );
});

test('every asset that is left stands in exactly one row, and each count is the length of its list', () => {
  const anAsset = fc.record({
    id: fc.string({ minLength: 1, maxLength: 4 }),
    repository: fc.constantFrom('one', 'two', null),
    path: fc.constant('x'),
    due: fc.constantFrom('2026-11-01', TODAY, '2026-12-07', '2026-12-08'),
    exceptedUntil: fc.constantFrom(null, '2026-12-31'),
    disputed: fc.boolean(),
  });
  const anItem = fc.record({
    id: fc.string({ minLength: 1 }),
    standard: fc.constantFrom('a', 'b'),
    left: fc.uniqueArray(anAsset, { selector: ({ id }) => id, minLength: 1, maxLength: 8 }),
    claimed: fc.boolean(),
    snoozed: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.uniqueArray(anItem, { selector: ({ id }) => id, maxLength: 6 }), (open) => {
      const rows = rowsOf(open, TODAY);
      const placed = rows.flatMap(({ work: { id }, assets }) => assets.map((one) => `${id}\n${one.id}`));
      const left = open.flatMap(({ id, left: own }) => own.map((one) => `${id}\n${one.id}`));
      assert.deepEqual(placed.sort(), left.sort());
      const counts = rowCounts(rows, TODAY);
      for (const filter of ROW_FILTERS)
        assert.equal(counts[filter], rows.filter((row) => isShown(row, filter, TODAY)).length);
      assert.equal(
        byRepository(rows).reduce((sum, one) => sum + one.rows.length, 0),
        counts.open,
      );
    }),
  );
});
