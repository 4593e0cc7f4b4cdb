import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type OrgEvent, treeAt } from '../org/org.ts';
import type { Exception } from '../verdicts/exception.ts';
import { MS_OF_DAY } from './batch.ts';
import { type DigestItem, digestsOf, weekOf } from './digest.ts';

const START = '2026-01-01';
const created = (unit: string, level: 'company' | 'team', parent: string | null): OrgEvent => ({
  on: START,
  event: 'created',
  unit,
  level,
  name: unit,
  parent,
});
const joined = (person: string, unit: string): OrgEvent => ({ on: START, event: 'joined', person, unit });
const tree = treeAt(
  [
    created('acme', 'company', null),
    created('paving', 'team', 'acme'),
    created('empty', 'team', 'acme'),
    joined('ann', 'paving'),
    joined('bob', 'paving'),
    joined('cleo', 'acme'),
    { on: START, event: 'accountable', id: 'a1', person: 'cleo', for: { unit: 'acme' } },
  ],
  '2026-11-23',
);

const week = '2026-11-23';
const now = new Date('2026-11-23T07:00:00Z');
const item = (batch: string, more: Partial<DigestItem> = {}): DigestItem => ({
  batch,
  standard: 's',
  owner: 'paving',
  openedAt: '2026-11-01T00:00:00Z',
  due: '2027-02-01',
  claimedBy: null,
  snoozedUntil: null,
  ...more,
});
const exception = (id: string, until: string, requester = 'ann'): Exception => ({
  id,
  standard: 's',
  assets: ['a'],
  reason: 'the vendor has no fix',
  approver: 'bob',
  requester,
  until,
  approved_at: '2026-09-01T00:00:00Z',
});
const digests = (items: readonly DigestItem[], exceptions: readonly Exception[] = []) =>
  digestsOf({ week, now, tree, items, exceptions });
const partsOf = (items: readonly DigestItem[]) =>
  digests(items).digests.map(({ person, overdue, soon, fresh }) =>
    [person, ...[overdue, soon, fresh].map((part) => part.map(({ batch }) => batch).join())].join(' / '),
  );

test('weeks begin on Monday, UTC', () => {
  assert.deepEqual(
    ['2026-11-22T23:59:59Z', '2026-11-23T00:00:00Z', '2026-11-29T23:59:59Z'].map((at) =>
      weekOf(new Date(at)),
    ),
    ['2026-11-16', '2026-11-23', '2026-11-23'],
  );
});

test('overdue, due soon and new are told, the rest and what sleeps is not', () => {
  const items = [
    item('far'),
    item('late', { due: '2026-11-22' }),
    item('today', { due: '2026-11-23' }),
    item('soon', { due: '2026-12-06' }),
    item('then', { due: '2026-12-07' }),
    item('new', { openedAt: '2026-11-16T00:00:00Z' }),
    item('newer', { openedAt: '2026-11-23T00:00:00Z' }),
    item('asleep', { due: '2026-12-01', snoozedUntil: '2026-11-30' }),
    item('asleep-late', { due: '2026-11-20', snoozedUntil: '2026-11-30' }),
  ];
  const line = '/ asleep-late,late / today,soon / new';
  assert.deepEqual(partsOf(items), [`ann ${line}`, `bob ${line}`]);
});

test('whoever took it on is told alone, until it is overdue; a team without people has who answers for it', () => {
  const items = [
    item('taken', { due: '2026-12-01', claimedBy: 'bob' }),
    item('taken-late', { due: '2026-11-01', claimedBy: 'bob' }),
    item('gone', { due: '2026-12-02', claimedBy: 'zoe' }),
    item('orphan', { due: '2026-11-01', owner: 'empty' }),
    item('nobody', { due: '2026-11-01', owner: 'never-was' }),
  ];
  assert.deepEqual(partsOf(items), [
    'ann / taken-late / gone / ',
    'bob / taken-late / taken,gone / ',
    'cleo / orphan /  / ',
  ]);
});

test('of what nobody can be told is said', () => {
  const bare = treeAt([created('acme', 'company', null)], week);
  const input = { week, now, tree: bare, items: [item('b', { due: '2026-11-01' })] };
  assert.deepEqual(digestsOf({ ...input, exceptions: [exception('e', '2026-11-24')] }), {
    digests: [],
    untold: ['b', 'e'],
  });
});

test('an exception that ends is told in time, in each week of a notice once', () => {
  const ends = (until: string) =>
    digests([], [exception('e', until)]).digests.flatMap(({ ending }) => ending);
  assert.deepEqual(ends('2026-11-25'), [
    { exception: 'e', standard: 's', reason: 'the vendor has no fix', until: '2026-11-25' },
  ]);
  assert.equal(ends('2027-01-20').length, 0);
  assert.equal(ends('2026-12-24').length, 1);
});

test('nobody gets two, each item stands in one part, and over the weeks every notice is told', () => {
  const day = fc.integer({ min: 0, max: 80 }).map((n) => new Date(Date.parse('2026-11-02') + n * MS_OF_DAY));
  const anItem = fc.record({
    opened: day,
    due: day,
    owner: fc.constantFrom('paving', 'empty'),
    claimed: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(anItem, { maxLength: 12 }), day, (made, end) => {
      const items = made.map(({ opened, due, owner, claimed }, index) =>
        item(`b${index}`, {
          openedAt: opened.toISOString(),
          due: due.toISOString().slice(0, 10),
          owner,
          claimedBy: claimed ? 'ann' : null,
        }),
      );
      const until = end.toISOString().slice(0, 10);
      let told = 0;
      for (let at = 0; at < 14; at += 1) {
        const monday = new Date(Date.parse('2026-10-26') + at * 7 * MS_OF_DAY);
        const input = { week: weekOf(monday), now: monday, tree, items, exceptions: [exception('e', until)] };
        const { digests: all, untold } = digestsOf(input);
        assert.deepEqual(untold, []);
        assert.equal(new Set(all.map(({ person }) => person)).size, all.length);
        for (const { overdue, soon, fresh, ending } of all) {
          const named = [...overdue, ...soon, ...fresh].map(({ batch }) => batch);
          assert.equal(new Set(named).size, named.length);
          assert.ok(named.length + ending.length > 0, 'who has nothing gets no mail');
          assert.ok(overdue.every(({ due }) => due < input.week));
          told += ending.length;
        }
      }
      assert.ok(told >= 1, 'it was told before it ended');
    }),
  );
});
