import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Asset, Attribute } from '../facts/asset.ts';
import type { Statement } from '../facts/observation.ts';
import { type OrgEvent, treeAt } from './org.ts';
import {
  OWNER_RULES,
  type OwnerAnswer,
  type OwnerContext,
  type OwnerRule,
  ownerRuleSchema,
  owning,
} from './owner.ts';
import { suggestions } from './suggestion.ts';

const on = '2026-01-01';
const LOG: readonly OrgEvent[] = [
  { on, event: 'created', unit: 'acme', level: 'company', name: 'Acme', parent: null },
  ...['shop', 'till', 'old'].map(
    (unit): OrgEvent => ({ on, event: 'created', unit, level: 'team', name: unit, parent: 'acme' }),
  ),
  { on, event: 'joined', person: 'ada', unit: 'shop', email: 'ada@example.com' },
  { on, event: 'joined', person: 'bo', unit: 'shop' },
  { on, event: 'joined', person: 'bo', unit: 'till' },
  { on, event: 'merged', unit: 'old', into: 'till' },
];
const NOW = new Date('2026-11-01T00:00:00Z');
const SEEN = '2026-10-31T00:00:00Z';

const attribute = (statement: Statement): Attribute => ({
  statement,
  source: 'git',
  observedAt: SEEN,
  receivedAt: SEEN,
  assurance: 'configured',
});
const asset = (name: string, attributes: Readonly<Record<string, Statement>>): Asset => ({
  id: `thing/${name}`,
  kind: 'thing',
  name,
  attributes: new Map(Object.entries(attributes).map(([key, statement]) => [key, attribute(statement)])),
});
const context = (change: Partial<OwnerContext> = {}): OwnerContext => ({
  tree: treeAt(LOG, '2026-11-01'),
  rules: OWNER_RULES,
  decided: new Map(),
  aliases: new Map(),
  assetOf: () => undefined,
  now: NOW,
  confirmFor: 180,
  ...change,
});
const dark: Statement = { unobserved: 'forbidden', why: 'the token may not read it' };
const owners = (...names: readonly string[]): Statement => ({ value: names });
const short = ({ owner, state, rule }: OwnerAnswer) => [owner, state, rule];

test('the first rule that names somebody decides, and the chain shows how each fared', () => {
  const found = owning(
    asset('x', { owners: owners('@acme/nobody', '@acme/Shop'), tags: owners('owner=till') }),
    context(),
  );
  assert.deepEqual(found, {
    asset: 'thing/x',
    owner: 'shop',
    state: 'confirmed',
    confirmedAt: SEEN,
    rule: 'codeowners',
    chain: [
      { rule: 'decided', by: 'explicit', outcome: 'silent', why: 'nobody has decided' },
      {
        rule: 'codeowners',
        by: 'codeowners',
        outcome: 'decides',
        why: '`owners` names `@acme/Shop`, which is `shop`',
      },
      { rule: 'tag', by: 'tag', outcome: 'not-asked', why: 'codeowners has decided' },
      { rule: 'repository', by: 'relation', outcome: 'not-asked', why: 'codeowners has decided' },
    ],
  });
});

test('names that sources use: aliases, people of one team, addresses, teams that were merged', () => {
  const of = (...names: readonly string[]) =>
    owning(asset('x', { owners: owners(...names) }), context({ aliases: new Map([['@acme/s', 'shop']]) }))
      .owner;
  assert.equal(of('@acme/S'), 'shop');
  assert.equal(of('@ada'), 'shop');
  assert.equal(of('Ada@example.com'), 'shop');
  assert.equal(of('@bo'), null, 'somebody in two teams says nothing');
  assert.equal(of('@bo', '@acme/old'), 'till');
  const nobody = owning(asset('x', { owners: owners('@acme/gone') }), context());
  assert.deepEqual(short(nobody), [null, 'nobody', null]);
  assert.match(nobody.chain[1]?.why ?? '', /`@acme\/gone`, whom the organisation does not know/);
});

test('tags: words, records and maps', () => {
  const of = (value: Statement) => owning(asset('x', { tags: value }), context());
  assert.equal(of(owners('a=b', 'owner=till')).owner, 'till');
  assert.equal(of({ value: [{ key: 'owner', value: 'till' }] }).owner, 'till');
  assert.equal(of({ value: { owner: 'till' } }).owner, 'till');
  const none = of(owners('a=b'));
  assert.match(none.chain[2]?.why ?? '', /it has no tag `owner`/);
  assert.match(of({ absent: true }).chain[2]?.why ?? '', /`tags` is empty/);
});

const rule = (one: unknown): OwnerRule => ownerRuleSchema.parse(one);

test('paths, and what nobody else owns: as confirmed as the rule says', () => {
  const rules = [
    rule({ id: 'shops', by: 'path', match: 'shop-*', owner: 'shop', confirmed: '2026-10-01' }),
    rule({ id: 'rest', by: 'fallback', owner: 'till' }),
  ];
  assert.deepEqual(short(owning(asset('shop-x', {}), context({ rules }))), ['shop', 'confirmed', 'shops']);
  assert.deepEqual(short(owning(asset('x', {}), context({ rules }))), ['till', 'unconfirmed', 'rest']);
  const later = context({ rules, now: new Date('2027-03-30T00:00:00Z') });
  assert.deepEqual(short(owning(asset('shop-x', {}), later)), ['shop', 'confirmed', 'shops']);
  const old = context({ rules, now: new Date('2027-03-30T00:00:00.001Z') });
  assert.deepEqual(short(owning(asset('shop-x', {}), old)), ['shop', 'unconfirmed', 'shops']);
});

test('the owner of another asset, as sure as that is, and never in a circle', () => {
  const repository = asset('r', { owners: owners('shop') });
  const all = new Map(
    [
      repository,
      asset('a', { repository: { value: 'thing/b' } }),
      asset('b', { repository: { value: 'thing/a' } }),
    ].map((one) => [one.id, one]),
  );
  const assetOf = (id: string) => all.get(id);
  const found = owning(asset('x', { repository: { value: 'thing/r' } }), context({ assetOf }));
  assert.deepEqual(short(found), ['shop', 'confirmed', 'repository']);
  assert.equal(found.chain[3]?.why, 'thing/r belongs to `shop` (codeowners)');
  const circle = owning(asset('x', { repository: { value: 'thing/a' } }), context({ assetOf }));
  assert.deepEqual(short(circle), [null, 'nobody', null]);
  const unseen = owning(asset('x', { repository: { value: 'thing/z' } }), context({ assetOf }));
  assert.equal(unseen.chain[3]?.outcome, 'unobserved');
  all.set('thing/r', asset('r', { owners: dark }));
  const blind = owning(asset('x', { repository: { value: 'thing/r' } }), context({ assetOf }));
  assert.deepEqual(blind.chain[3], {
    rule: 'repository',
    by: 'relation',
    outcome: 'unobserved',
    why: 'thing/r has no owner: `owners` is forbidden: the token may not read it',
  });
});

test('people decide before files, and a source that falls silent takes no owner away', () => {
  const decided = new Map([['thing/x', { owner: 'till', by: 'cy', at: SEEN }]]);
  const own = asset('x', { owners: owners('shop') });
  assert.deepEqual(short(owning(own, context({ decided }))), ['till', 'confirmed', 'decided']);
  const before = owning(own, context());
  const silent = asset('x', { owners: dark, tags: owners('owner=till') });
  const after = owning(silent, context(), before);
  assert.deepEqual(short(after), ['shop', 'unconfirmed', 'codeowners']);
  assert.equal(after.confirmedAt, SEEN);
  assert.deepEqual(
    short(owning(silent, context())),
    ['till', 'unconfirmed', 'tag'],
    'nothing is known from before',
  );
  const newer = owning(asset('x', { owners: owners() }), context(), after);
  assert.deepEqual(short(newer), [null, 'nobody', null], 'somebody looked, and nobody is named');
});

const statement: fc.Arbitrary<Statement> = fc.oneof(
  fc.constant(dark),
  fc.constant(owners()),
  fc.constantFrom('shop', 'till', '@acme/old', 'stranger').map((name) => owners(name)),
);
const thing = fc.record({ owners: statement, tags: statement }).map((attributes) => asset('x', attributes));

test('looking less takes no owner away and confirms none', () => {
  fc.assert(
    fc.property(thing, fc.constantFrom('owners', 'tags'), (own, hidden) => {
      const before = owning(own, context());
      const less: Asset = { ...own, attributes: new Map([...own.attributes, [hidden, attribute(dark)]]) };
      const after = owning(less, context(), before);
      if (before.owner !== null && before.rule !== null) assert.equal(after.owner, before.owner);
      if (after.state === 'confirmed') assert.equal(before.state, 'confirmed');
      for (const answer of [before, after]) assert.equal(answer.chain.length, OWNER_RULES.length);
    }),
  );
});

test('suggestions have reasons, the best first, and none decides', () => {
  const hints = {
    committers: [
      { person: 'ada', commits: 9 },
      { person: 'bo', commits: 3 },
    ],
    neighbours: [
      { owner: 'till', assets: 1 },
      { owner: 'shop', assets: 1 },
    ],
    tags: ['tilll', 'production'],
  };
  assert.deepEqual(
    suggestions(hints, context()).map(({ owner, because, reason }) => [owner, because, reason]),
    [
      ['shop', 'committers', '9 of 12 commits are by its people'],
      ['shop', 'neighbours', 'it owns 1 of 2 assets beside it'],
      ['till', 'neighbours', 'it owns 1 of 2 assets beside it'],
      ['till', 'tags', 'it is tagged `tilll`'],
    ],
  );
  assert.deepEqual(suggestions({ committers: [], neighbours: [], tags: [] }, context()), []);
});
