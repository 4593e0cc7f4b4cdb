import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  accountableFor,
  heirOf,
  LEVELS,
  type OrgEvent,
  type OrgTree,
  pathOf,
  peopleOf,
  record,
  refusalsOf,
  treeAt,
} from './org.ts';
import { beginning, changesTo, type OrgSnapshot } from './snapshot.ts';

const LOG: readonly OrgEvent[] = [
  { on: '2026-01-01', event: 'created', unit: 'acme', level: 'company', name: 'Acme', parent: null },
  { on: '2026-01-01', event: 'created', unit: 'cloud', level: 'division', name: 'Cloud', parent: 'acme' },
  { on: '2026-01-01', event: 'created', unit: 'office', level: 'division', name: 'Office', parent: 'acme' },
  { on: '2026-01-01', event: 'created', unit: 'shop', level: 'team', name: 'Shop', parent: 'cloud' },
  { on: '2026-01-01', event: 'created', unit: 'till', level: 'team', name: 'Till', parent: 'office' },
  { on: '2026-01-01', event: 'joined', person: 'ada', unit: 'cloud', name: 'Ada', email: 'ada@example.com' },
  { on: '2026-01-01', event: 'joined', person: 'bo', unit: 'shop' },
  { on: '2026-01-01', event: 'accountable', id: 'one', person: 'ada', for: { unit: 'cloud' } },
  { on: '2026-02-01', event: 'accountable', id: 'two', person: 'bo', for: { pillar: 'identities' } },
  { on: '2026-03-01', event: 'moved', unit: 'shop', parent: 'office' },
  { on: '2026-04-01', event: 'renamed', unit: 'shop', name: 'Store' },
  { on: '2026-05-01', event: 'merged', unit: 'shop', into: 'till' },
  { on: '2026-06-01', event: 'left', person: 'ada' },
];
const ids = (tree: OrgTree, unit: string) => pathOf(tree, unit).map(({ id }) => id);

test('each day has the tree that it had, whenever one asks', () => {
  assert.deepEqual(refusalsOf(LOG), []);
  assert.deepEqual(ids(treeAt(LOG, '2025-12-31'), 'shop'), []);
  assert.deepEqual(ids(treeAt(LOG, '2026-02-28'), 'shop'), ['shop', 'cloud', 'acme']);
  assert.deepEqual(ids(treeAt(LOG, '2026-03-01'), 'shop'), ['shop', 'office', 'acme']);
  assert.equal(treeAt(LOG, '2026-03-31').units.get('shop')?.name, 'Shop');
  assert.equal(treeAt(LOG, '2026-04-01').units.get('shop')?.name, 'Store');
  const after = treeAt(LOG, '2026-05-01');
  assert.equal(heirOf(after, 'shop'), 'till');
  assert.equal(heirOf(after, 'till'), 'till');
  assert.equal(heirOf(after, 'nowhere'), null);
  assert.deepEqual(
    peopleOf(after, 'till').map(({ id, name }) => [id, name]),
    [['bo', 'bo']],
  );
  assert.equal(treeAt(LOG, '2026-06-01').people.has('ada'), false);
});

test('who is accountable: the smallest unit first, then functions', () => {
  const who = (day: string, what: Parameters<typeof accountableFor>[1]) =>
    accountableFor(treeAt(LOG, day), what).map(({ person }) => person);
  assert.deepEqual(who('2026-02-01', { owner: 'shop', pillar: 'identities' }), ['ada', 'bo']);
  assert.deepEqual(who('2026-02-01', { owner: 'shop', pillar: 'networks' }), ['ada']);
  assert.deepEqual(who('2026-02-01', { owner: null, pillar: 'identities' }), ['bo']);
  assert.deepEqual(who('2026-03-01', { owner: 'shop' }), [], 'the team has moved away');
  assert.deepEqual(who('2026-06-01', { owner: 'cloud' }), [], 'an accountability ends with the person');
  const more = record(LOG, [
    { on: '2026-02-01', event: 'accountable', id: 'three', person: 'bo', for: { unit: 'acme' } },
    {
      on: '2026-02-01',
      event: 'accountable',
      id: 'four',
      person: 'bo',
      for: { unit: 'acme', kind: 'device' },
    },
  ]);
  assert.ok('events' in more);
  const tree = treeAt(more.events, '2026-02-02');
  const found = accountableFor(tree, { owner: 'shop', kind: 'device', pillar: 'identities' });
  assert.deepEqual(
    found.map(({ id }) => id),
    ['one', 'four', 'three', 'two'],
  );
});

const refused: readonly (readonly [string, OrgEvent, string, RegExp, RegExp])[] = [
  [
    'an id twice',
    { on: '2026-02-01', event: 'created', unit: 'shop', level: 'team', name: 'S', parent: 'acme' },
    'unit',
    /there is a unit `shop`/,
    /never used/,
  ],
  [
    'an id of the past',
    { on: '2026-07-01', event: 'created', unit: 'shop', level: 'team', name: 'S', parent: 'acme' },
    'unit',
    /was the id of a unit that has ended/,
    /never used/,
  ],
  [
    'a company below another',
    { on: '2026-02-01', event: 'created', unit: 'x', level: 'company', name: 'X', parent: 'acme' },
    'parent',
    /a company has none/,
    /leave it out/,
  ],
  [
    'a team on its own',
    { on: '2026-02-01', event: 'created', unit: 'x', level: 'team', name: 'X', parent: null },
    'parent',
    /a team lies below another unit/,
    /name the unit above/,
  ],
  [
    'an unknown parent',
    { on: '2026-02-01', event: 'created', unit: 'x', level: 'team', name: 'X', parent: 'y' },
    'parent',
    /no unit `y` on that day/,
    /create it first/,
  ],
  [
    'a team below a team',
    { on: '2026-02-01', event: 'moved', unit: 'shop', parent: 'till' },
    'parent',
    /`till` is a team/,
    /above team/,
  ],
  [
    'a unit below itself',
    { on: '2026-02-01', event: 'moved', unit: 'cloud', parent: 'cloud' },
    'parent',
    /`cloud` is a division/,
    /above division/,
  ],
  [
    'moving nothing',
    { on: '2026-02-01', event: 'moved', unit: 'y', parent: 'acme' },
    'unit',
    /no unit `y`/,
    /correct the id/,
  ],
  [
    'a name for nothing',
    { on: '2026-02-01', event: 'renamed', unit: 'y', name: 'Y' },
    'unit',
    /no unit `y`/,
    /correct the id/,
  ],
  [
    'contacts of what has ended',
    { on: '2026-07-01', event: 'contacts', unit: 'shop', contacts: [] },
    'unit',
    /`shop` has ended/,
    /name `till`/,
  ],
  [
    'merging into itself',
    { on: '2026-02-01', event: 'merged', unit: 'shop', into: 'shop' },
    'into',
    /the unit itself/,
    /another unit/,
  ],
  [
    'merging levels',
    { on: '2026-02-01', event: 'merged', unit: 'shop', into: 'office' },
    'into',
    /`office` is a division, `shop` a team/,
    /one level/,
  ],
  [
    'merging into nothing',
    { on: '2026-02-01', event: 'merged', unit: 'shop', into: 'y' },
    'into',
    /no unit `y`/,
    /correct the id/,
  ],
  [
    'merging before it is moved',
    { on: '2026-02-15', event: 'merged', unit: 'shop', into: 'till' },
    'unit',
    /`shop` has ended/,
    /name `till`/,
  ],
  [
    'joining nothing',
    { on: '2026-02-01', event: 'joined', person: 'cy', unit: 'y' },
    'unit',
    /no unit `y`/,
    /correct the id/,
  ],
  [
    'leaving without being here',
    { on: '2026-02-01', event: 'left', person: 'cy' },
    'person',
    /`cy` is not here/,
    /correct the person/,
  ],
  [
    'leaving another unit',
    { on: '2026-02-01', event: 'left', person: 'bo', unit: 'till' },
    'person',
    /not in `till`/,
    /correct the person/,
  ],
  [
    'accountable strangers',
    { on: '2026-02-01', event: 'accountable', id: 'x', person: 'cy', for: { unit: 'acme' } },
    'person',
    /`cy` is not here/,
    /join a unit/,
  ],
  [
    'accountable for nothing',
    { on: '2026-02-01', event: 'accountable', id: 'x', person: 'bo', for: {} },
    'for',
    /covers nothing/,
    /name a unit/,
  ],
  [
    'accountable for what is not',
    { on: '2026-02-01', event: 'accountable', id: 'x', person: 'bo', for: { unit: 'y' } },
    'for.unit',
    /no unit `y`/,
    /correct the id/,
  ],
  [
    'two for one thing',
    { on: '2026-02-01', event: 'accountable', id: 'x', person: 'bo', for: { unit: 'cloud' } },
    'for',
    /`ada` is accountable for the same/,
    /end that first/,
  ],
  [
    'an id of an accountability twice',
    { on: '2026-02-01', event: 'accountable', id: 'one', person: 'bo', for: { unit: 'acme' } },
    'id',
    /there is an accountability `one`/,
    /another id/,
  ],
  [
    'ending nothing',
    { on: '2026-02-01', event: 'ended', id: 'x' },
    'id',
    /no accountability `x`/,
    /in force/,
  ],
  ['no day', { on: '1 March', event: 'left', person: 'bo' }, 'on', /is not a day/, /2027-03-01/],
];
for (const [what, event, field, reason, fix] of refused) {
  test(`refused, and the log stays as it was: ${what}`, () => {
    const found = record(LOG, [event]);
    assert.ok('refusals' in found);
    const [first] = found.refusals;
    assert.equal(first?.field, field);
    assert.match(first?.reason ?? '', reason);
    assert.match(first?.fix ?? '', fix);
    assert.deepEqual(
      treeAt([...LOG, ...(what === 'merging before it is moved' ? [] : [event])], '2026-12-31'),
      treeAt(LOG, '2026-12-31'),
    );
  });
}

const unit = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const person = fc.constantFrom('ada', 'bo', 'cy');
const day = fc.integer({ min: 10, max: 28 }).map((one) => `2026-01-${one}`);
const event: fc.Arbitrary<OrgEvent> = fc.oneof(
  fc.record({
    on: day,
    event: fc.constant('created' as const),
    unit,
    level: fc.constantFrom(...LEVELS),
    name: unit,
    parent: fc.option(unit),
  }),
  fc.record({ on: day, event: fc.constant('moved' as const), unit, parent: unit }),
  fc.record({ on: day, event: fc.constant('merged' as const), unit, into: unit }),
  fc.record({ on: day, event: fc.constant('joined' as const), person, unit }),
  fc.record({ on: day, event: fc.constant('left' as const), person }),
  fc.record({
    on: day,
    event: fc.constant('accountable' as const),
    id: unit,
    person,
    for: fc.record({ unit }),
  }),
);

test('any log at all: a tree of every day without loops, where later days change nothing of earlier ones', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), day, (log, when) => {
      const tree = treeAt(log, when);
      const events = log.filter(({ on }) => on <= when);
      assert.deepEqual(treeAt(events, when), tree);
      for (const { id, parent } of tree.units.values()) {
        const path = pathOf(tree, id);
        assert.equal(path.at(-1)?.level === 'company', true, 'every unit is part of a company');
        assert.equal(new Set(path).size, path.length);
        assert.ok(parent === null || tree.units.has(parent));
        assert.equal(
          tree.merged.has(id),
          false,
          'what has ended is not there, and its id is not given again',
        );
      }
      for (const { units } of tree.people.values()) for (const id of units) assert.ok(tree.units.has(id));
      for (const { person: who, for: covers } of tree.accountabilities.values()) {
        assert.ok(tree.people.has(who));
        assert.ok(covers.unit !== undefined && tree.units.has(covers.unit));
      }
      for (const id of tree.merged.keys()) assert.ok(heirOf(tree, id) !== null, `${id} left nobody its work`);
    }),
    { numRuns: 1000 },
  );
});

test('a log only grows by what can be, or not at all', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), fc.array(event, { maxLength: 4 }), (log, more) => {
      const accepted = log.reduce<readonly OrgEvent[]>((all, one) => {
        const next = record(all, [one]);
        return 'events' in next ? next.events : all;
      }, []);
      assert.deepEqual(refusalsOf(accepted), []);
      const next = record(accepted, more);
      if ('events' in next) assert.deepEqual(refusalsOf(next.events), []);
      else assert.ok(next.refusals.length > 0);
    }),
  );
});

/** A company of up to three divisions with teams, and people in them. */
const snapshot: fc.Arbitrary<OrgSnapshot> = fc
  .record({
    teams: fc.dictionary(fc.constantFrom('t1', 't2', 't3', 't4'), fc.constantFrom('d1', 'd2', 'acme')),
    members: fc.dictionary(
      person,
      fc.uniqueArray(fc.constantFrom('t1', 't2', 't3', 't4', 'd1', 'acme'), { minLength: 1 }),
    ),
    lead: fc.option(fc.constantFrom('acme', 'd1', 'd2')),
    name: fc.constantFrom('One', 'Two'),
  })
  .map(({ teams, members, lead, name }) => {
    const units = [
      { id: 'acme', level: 'company' as const, name, parent: null },
      { id: 'd1', level: 'division' as const, name, parent: 'acme' },
      { id: 'd2', level: 'division' as const, name: 'D2', parent: 'acme' },
      ...Object.entries(teams).map(([id, parent]) => ({ id, level: 'team' as const, name: id, parent })),
    ];
    const known = new Set(units.map(({ id }) => id));
    const people = Object.entries(members).map(([id, own]) => ({
      id,
      name: `${id} ${name}`,
      units: own.some((one) => known.has(one)) ? own.filter((one) => known.has(one)) : ['acme'],
    }));
    const accountable = lead === null || !people[0] ? [] : [{ person: people[0].id, for: { unit: lead } }];
    return { units, people, accountable };
  });

const seen = (tree: OrgTree) => ({
  units: [...tree.units.values()].map(({ id, level, name, parent }) => [id, level, name, parent]).sort(),
  people: [...tree.people.values()].map(({ id, name, units }) => [id, name, [...units].sort()]).sort(),
  accountable: [...tree.accountabilities.values()].map((one) => [one.person, one.for]).sort(),
});

test('the events between two snapshots lead from one to the other, and none leads from one to itself', () => {
  fc.assert(
    fc.property(snapshot, snapshot, (first, second) => {
      const begun = beginning(first, '2026-01-01');
      assert.ok('events' in begun);
      assert.deepEqual(refusalsOf(begun.events), []);
      const before = treeAt(begun.events, '2026-01-01');
      const want = ({ units, people, accountable }: OrgSnapshot) => ({
        units: units.map((one) => [one.id, one.level, one.name, one.parent]).sort(),
        people: people.map((one) => [one.id, one.name, [...one.units].sort()]).sort(),
        accountable: (accountable ?? []).map((one) => [one.person, one.for]).sort(),
      });
      assert.deepEqual(seen(before), want(first));
      const same = changesTo(before, first, '2026-01-02');
      assert.deepEqual(same, { events: [] });
      const gone = first.units.map(({ id }) => id).filter((id) => !second.units.some((one) => one.id === id));
      if (gone.length > 0) {
        const silent = changesTo(before, second, '2026-01-02');
        assert.ok('refusals' in silent);
        assert.deepEqual(
          silent.refusals.map(({ field }) => field),
          gone.map((id) => `merged.${id}`),
        );
      }
      const heir = second.units.find(({ level }) => level === 'team');
      if (gone.length > 0 && !heir) return;
      const merged = Object.fromEntries(gone.map((id) => [id, heir?.id ?? '']));
      const changes = changesTo(before, { ...second, merged }, '2026-01-02');
      assert.ok('events' in changes);
      const log = record(begun.events, changes.events);
      assert.ok('events' in log, JSON.stringify(log));
      assert.deepEqual(seen(treeAt(log.events, '2026-01-02')), want(second));
      assert.deepEqual(seen(treeAt(log.events, '2026-01-01')), want(first), 'yesterday stays as it was');
    }),
    { numRuns: 500 },
  );
});
