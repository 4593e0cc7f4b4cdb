import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Asset } from '../facts/asset.ts';
import type { Value } from '../facts/observation.ts';
import { type OrgEvent, treeAt } from './org.ts';
import type { OwnerAnswer } from './owner.ts';
import { companyOf, identifiersOf, keysOf, lookedUnder, type WhoContext, who } from './who.ts';

const thing = (kind: string, name: string, attributes: Readonly<Record<string, Value>> = {}): Asset => ({
  id: `${kind}/${name}`,
  kind,
  name,
  attributes: new Map(
    Object.entries(attributes).map(([key, value]) => [
      key,
      { statement: { value }, source: 's', observedAt: null, receivedAt: null, assurance: null },
    ]),
  ),
});
const hex = 'ab'.repeat(20);
const digest = `sha256:${'0f'.repeat(32)}`;
const ASSETS = [
  thing('server', 'db', {
    hostname: 'DB.example.com.',
    addresses: ['10.1.2.3', '2001:db8::1'],
    thumbprint: hex,
  }),
  thing('subnet', 'wide', { prefix: '10.0.0.0/8' }),
  thing('subnet', 'small', { prefix: '10.1.2.0/24' }),
  thing('application', 'mail', { client_id: 'AB-12' }),
  thing('repository', 'shop', { host: 'code.example.com', path: 'acme/shop' }),
  thing('dependency', 'one', { purl: 'pkg:npm/left-pad@1.3.0?arch=any' }),
  thing('dependency', 'two', { purl: 'pkg:npm/%40acme/left-pad@2.0.0' }),
  thing('workload', 'api', { image_digest: digest }),
];
const on = '2026-01-01';
const LOG: readonly OrgEvent[] = [
  { on, event: 'created', unit: 'acme', level: 'company', name: 'Acme', parent: null },
  { on, event: 'created', unit: 'cloud', level: 'division', name: 'Cloud', parent: 'acme' },
  { on, event: 'created', unit: 'shop', level: 'team', name: 'Shop', parent: 'cloud' },
  { on, event: 'joined', person: 'ada', unit: 'cloud' },
  { on, event: 'accountable', id: 'one', person: 'ada', for: { unit: 'cloud' } },
  {
    on,
    event: 'contacts',
    unit: 'cloud',
    contacts: [{ by: 'phone', address: '+49 30 1', verified: '2026-10-01' }],
  },
];
const owner = (asset: string): OwnerAnswer => ({
  asset,
  owner: 'shop',
  state: 'confirmed',
  confirmedAt: null,
  rule: 'tag',
  chain: [],
});
/** Key → ids of assets. */
function whoIndex(assets: Iterable<Asset>): ReadonlyMap<string, readonly string[]> {
  const index = new Map<string, string[]>();
  for (const asset of assets)
    for (const key of identifiersOf(asset)) {
      const own = index.get(key);
      if (own) own.push(asset.id);
      else index.set(key, [asset.id]);
    }
  return index;
}
const index = whoIndex(ASSETS);
const context: WhoContext = {
  tree: treeAt(LOG, '2026-11-01'),
  assetOf: (id) => ASSETS.find((one) => one.id === id),
  ownerOf: (id) => (id === 'subnet/wide' ? undefined : owner(id)),
  runbookOf: (kind) => (kind === 'application' ? 'docs/disable-application.md' : null),
  company: 'acme',
};
const find = (text: string) => who(text, (key) => index.get(key), context);
const found = (text: string) => find(text).answers.map(({ asset }) => asset.id);

const asked: readonly (readonly [string, readonly string[]])[] = [
  ['db.example.com', ['server/db']],
  ['https://DB.example.com:8443/login?x=1', ['server/db']],
  ['10.1.2.3', ['server/db']],
  ['10.1.2.4', ['subnet/small']],
  ['10.200.0.1', ['subnet/wide']],
  ['11.0.0.1', []],
  ['2001:0db8:0::1', ['server/db']],
  ['10.1.2.99/24', ['subnet/small']],
  ['10.1.2.3/24', ['subnet/small']],
  ['10.1.2.3:443', ['server/db']],
  ['https://10.1.2.3/x', ['server/db']],
  ['https://10.1.2.3:8443/x?y=1#z', ['server/db']],
  ['ssh://root@10.1.2.3:22', ['server/db']],
  ['::ffff:10.1.2.3', ['server/db']],
  ['[::FFFF:10.1.2.3]:443', ['server/db']],
  ['[2001:db8::1]:443', ['server/db']],
  ['https://[2001:db8::1]/x', ['server/db']],
  ['2001:db8::1%eth0', ['server/db']],
  ['//db.example.com/x', ['server/db']],
  ['*.DB.example.com', ['server/db']],
  ['db.example.com.:443', ['server/db']],
  ['ab-12', ['application/mail']],
  ['mail', ['application/mail']],
  ['application/mail', ['application/mail']],
  ['shop', ['repository/shop']],
  ['code.example.com/acme/shop', ['repository/shop']],
  ['git@code.example.com:acme/shop.git', ['repository/shop']],
  ['https://code.example.com/acme/shop/', ['repository/shop']],
  ['ssh://git@code.example.com/acme/shop.git', ['repository/shop']],
  ['other.example.com/acme/till', []],
  ['pkg:npm/left-pad@1.3.0', ['dependency/one']],
  ['pkg:npm/left-pad@9.9.9', []],
  ['pkg:npm/left-pad', ['dependency/one']],
  ['pkg:npm/%40acme/left-pad', ['dependency/two']],
  [`${'AB:AB:'.repeat(9)}ab:ab`, ['server/db']],
  [digest, ['workload/api']],
  [`registry.example.com/api@${digest}`, ['workload/api']],
  ['nothing', []],
  ['', []],
];
for (const [text, expected] of asked) {
  test(`who: ${text || 'an empty text'} → ${expected.join(', ') || 'nobody'}`, () => {
    assert.deepEqual(found(text), expected);
  });
}

test('the answer says whom to call, how, and when that was tried last', () => {
  assert.deepEqual(find('mail'), {
    key: 'name:mail',
    count: 1,
    answers: [
      {
        asset: { id: 'application/mail', kind: 'application', name: 'mail' },
        owner: owner('application/mail'),
        path: ['shop', 'cloud', 'acme'].map((id) => context.tree.units.get(id)),
        accountable: [{ id: 'one', person: 'ada', for: { unit: 'cloud' } }],
        contacts: [{ by: 'phone', address: '+49 30 1', verified: '2026-10-01', unit: 'cloud' }],
        runbook: 'docs/disable-application.md',
        instead: null,
      },
    ],
  });
  const [nobody] = find('wide').answers;
  assert.deepEqual([nobody?.owner, nobody?.path, nobody?.contacts, nobody?.runbook], [null, [], [], null]);
});

test('about what nobody owns the company is called, and it is said that it stands in', () => {
  const contact = { by: 'page', address: 'duty', verified: null } as const;
  const tree = treeAt(
    [
      ...LOG,
      { on, event: 'joined', person: 'eve', unit: 'acme' },
      { on, event: 'accountable', id: 'top', person: 'eve', for: { unit: 'acme' } },
      { on, event: 'contacts', unit: 'acme', contacts: [contact] },
    ],
    '2026-11-01',
  );
  const asked = (company: string | null) =>
    who('wide', (key) => index.get(key), { ...context, tree, company }).answers[0];
  assert.equal(companyOf(tree), 'acme');
  const found = asked(companyOf(tree));
  assert.deepEqual(found?.instead, { id: 'acme', name: 'Acme' });
  assert.deepEqual(found?.contacts, [{ ...contact, unit: 'acme' }]);
  assert.deepEqual(
    found?.accountable.map(({ person }) => person),
    ['eve'],
  );
  assert.deepEqual([found?.owner, found?.path], [null, []], 'nobody owns it all the same');
  assert.deepEqual([asked(null)?.instead, asked(null)?.contacts], [null, []]);
});

test('what was looked up is said without what a log adds', () => {
  assert.deepEqual(lookedUnder('https://ann@Web.example.com.:8443/x'), [
    'application:https://ann@web.example.com.:8443/x',
    'host:web.example.com',
    'repository:web.example.com.:8443/x',
  ]);
  assert.deepEqual(lookedUnder('10.1.2.3:443').slice(0, 1), ['address:10.1.2.3']);
});

test('many are counted, and the first are shown', () => {
  const many = Array.from({ length: 30 }, (_, at) => thing('dependency', `d${at}`, { purl: 'pkg:npm/x@1' }));
  const all = whoIndex(many);
  const answers = who(
    'pkg:npm/x',
    (key) => all.get(key),
    { ...context, assetOf: (id) => many.find((one) => one.id === id) },
    5,
  );
  assert.deepEqual([answers.count, answers.answers.length, answers.key], [30, 5, 'purl:pkg:npm/x']);
});

test('whatever an asset is called, its own id and name find it; no text at all breaks the search', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (text) => {
      const asset = thing('thing', text.trim() || 'x', {
        hostname: text,
        purl: text,
        url: text,
        address: text,
      });
      const keys = new Set(identifiersOf(asset));
      assert.ok(keysOf(asset.name).some((key) => keys.has(key)));
      assert.ok(keysOf(asset.id).some((key) => keys.has(key)));
    }),
  );
});
