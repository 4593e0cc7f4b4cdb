import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OrgTree, refusalsOf, treeAt } from '@macadam/core/org/org';
import { beginning } from '@macadam/core/org/snapshot';
import { describeFileDiagnostic } from '@macadam/core/text/diagnostic';
import fc from 'fast-check';
import { readBackstage } from './backstage.ts';
import { csvRows, readOrgCsv } from './csv.ts';
import type { OrgFormat } from './port.ts';
import { readOrgYaml } from './yaml.ts';

const YAML = `
company: { id: acme, name: Acme }
divisions:
  - { id: cloud, name: Cloud }
organisations:
  - { id: edge, name: Edge, parent: cloud }
people:
  - { login: Ada, email: Ada@example.com }
  - { login: bo }
  - { login: cy }
  - { login: di, state: left }
teams:
  - { name: shop, parent: edge, members: [ada, bo] }
  - { name: till, members: [bo] }
accountable:
  - { person: ada, unit: cloud }
`;
const CSV = `person,name,email,company,division,organisation,team,accountable_for
ada,,Ada@example.com,Acme,Cloud,Edge,shop,cloud
bo,,,Acme,Cloud,Edge,shop,
bo,,,Acme,,,till,
cy,,,Acme,,,,
`;
const BACKSTAGE = `
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: { name: acme, title: Acme }
spec: { type: organization, children: [cloud] }
---
kind: Group
metadata: { name: cloud, annotations: { macadam/deputy-ciso: user:default/ada } }
spec: { type: business-unit, profile: { displayName: Cloud }, children: [group:default/edge] }
---
kind: Group
metadata: { name: edge, title: Edge }
spec: { type: product-area, children: [] }
---
kind: Group
metadata: { name: shop }
spec: { type: team, parent: edge, children: [], members: [user:default/bo] }
---
kind: Group
metadata: { name: till }
spec: { type: team, parent: group:default/acme, members: [bo] }
---
kind: User
metadata: { name: ada }
spec: { profile: { email: Ada@example.com }, memberOf: [group:default/shop] }
---
kind: User
metadata: { name: bo }
spec: { memberOf: [] }
---
kind: User
metadata: { name: cy }
spec: { memberOf: [] }
---
kind: Component
metadata: { name: website }
spec: { type: website }
`;

function treeOf(format: OrgFormat, text: string): OrgTree {
  const reading = format(text, 'org');
  assert.ok('snapshot' in reading, JSON.stringify(reading));
  const begun = beginning(reading.snapshot, '2026-01-01');
  assert.ok('events' in begun);
  assert.deepEqual(refusalsOf(begun.events), []);
  return treeAt(begun.events, '2026-01-01');
}
const plain = ({ units, people, accountabilities }: OrgTree) => ({
  units: [...units.values()].map(({ id, level, name, parent }) => [id, level, name, parent]).sort(),
  people: [...people.values()].map(({ id, email, units: own }) => [id, email, [...own].sort()]).sort(),
  accountable: [...accountabilities.values()].map((one) => [one.person, one.for]),
});

test('one company in three formats is one tree', () => {
  const expected = {
    units: [
      ['acme', 'company', 'Acme', null],
      ['cloud', 'division', 'Cloud', 'acme'],
      ['edge', 'organisation', 'Edge', 'cloud'],
      ['shop', 'team', 'shop', 'edge'],
      ['till', 'team', 'till', 'acme'],
    ],
    people: [
      ['ada', 'ada@example.com', ['shop']],
      ['bo', null, ['shop', 'till']],
      ['cy', null, ['acme']],
    ],
    accountable: [['ada', { unit: 'cloud' }]],
  };
  assert.deepEqual(plain(treeOf(readOrgYaml, YAML)), expected);
  assert.deepEqual(plain(treeOf(readOrgCsv, CSV)), expected);
  assert.deepEqual(
    plain(treeOf(readOrgCsv, `\uFEFF${CSV.replaceAll(',', ';').replaceAll('\n', '\r\n')}`)),
    expected,
  );
  assert.deepEqual(plain(treeOf(readBackstage, BACKSTAGE)), expected);
});

test('a file of teams alone is a company of teams', () => {
  assert.deepEqual(plain(treeOf(readOrgYaml, 'teams: [{ name: "@acme/shop", members: [ada] }]')), {
    units: [
      ['acme/shop', 'team', 'acme/shop', 'company'],
      ['company', 'company', 'Company', null],
    ],
    people: [['ada', null, ['acme/shop']]],
    accountable: [],
  });
  assert.deepEqual(plain(treeOf(readOrgYaml, '')).units.length, 1);
  assert.deepEqual(plain(treeOf(readBackstage, 'kind: User\nmetadata: { name: ada }\n')).people, [
    ['ada', null, ['company']],
  ]);
});

test('contacts and what was merged come along', () => {
  const text = `divisions: [{ id: cloud, name: Cloud, contacts: [{ by: phone, address: "+49 30 1", verified: 2026-10-01 }] }]
merged: { old: cloud }`;
  const reading = readOrgYaml(text, 'org.yaml');
  assert.ok('snapshot' in reading);
  assert.deepEqual(reading.snapshot.merged, { old: 'cloud' });
  assert.deepEqual(treeOf(readOrgYaml, text).units.get('cloud')?.contacts, [
    { by: 'phone', address: '+49 30 1', verified: '2026-10-01' },
  ]);
});

const wrong: readonly (readonly [string, OrgFormat, string, readonly RegExp[]])[] = [
  [
    'a parent that is not there',
    readOrgYaml,
    'divisions: [{ id: cloud, name: C }]\nteams:\n  - { name: shop, parent: clod }\n',
    [/^f:3:1: `parent`: there is no unit `clod`, did you mean `cloud`\?$/],
  ],
  [
    'a team below a team',
    readOrgYaml,
    'teams:\n  - { name: shop }\n  - { name: till, parent: shop }\n',
    [/^f:3:1: `parent`: `shop` is a team, which no team lies below; name a higher unit$/],
  ],
  [
    'an id twice',
    readOrgYaml,
    'teams:\n  - { name: shop }\n  - { name: "@Shop" }\n',
    [/^f:3:1: `id`: `shop` stands twice; give each unit/],
  ],
  [
    'a person twice',
    readOrgYaml,
    'people:\n  - { login: ada }\n  - { login: Ada }\n',
    [/^f:3:1: `person`: `ada` stands twice; join the two$/],
  ],
  [
    'a member nobody knows',
    readOrgYaml,
    'people: [{ login: ada }]\nteams:\n  - { name: shop, members: [bo] }\n',
    [/^f:3:\d+: `teams\.0\.members\.0`: `bo` is not among the people/],
  ],
  [
    'an accountability for nothing',
    readOrgYaml,
    'people: [{ login: ada }]\naccountable:\n  - { person: ada }\n',
    [/^f:3:1: `accountable\.0`: it covers nothing; name a unit, a pillar or a kind$/],
  ],
  [
    'accountable strangers',
    readOrgYaml,
    'people: [{ login: ada }]\naccountable:\n  - { person: ad, unit: clod }\n',
    [
      /`accountable`: there is no person `ad`, did you mean `ada`\?$/,
      /`accountable`: there is no unit `clod`; add it$/,
    ],
  ],
  [
    'a merger with nobody',
    readOrgYaml,
    'teams: [{ name: shop }]\nmerged: { shop: till }\n',
    [/`merged\.shop`: `shop` is still listed/, /`merged\.shop`: there is no unit `till`/],
  ],
  [
    'a field that is not there',
    readOrgYaml,
    'team: []\n',
    [/^f:1:1: `team`: there is no such field, did you mean `teams`\?$/],
  ],
  ['no columns', readOrgCsv, '', [/the file is empty; its first line names columns/]],
  [
    'a column that is missing',
    readOrgCsv,
    'person,name\nada,Ada\n',
    [/^f:1:1: `team`: the column is missing/],
  ],
  [
    'a column that is not there',
    readOrgCsv,
    'person,team,emal\n',
    [/^f:1:1: `emal`: there is no such column, did you mean `email`\?$/],
  ],
  [
    'too many cells',
    readOrgCsv,
    'person,team\nada,shop\nbo,"a\nb"\ncy,shop,x\n',
    [/^f:5:1: it has 3 cells, the first line 2/],
  ],
  [
    'a quote without an end',
    readOrgCsv,
    'person,team\nada,shop\nbo,"till\n',
    [/^f:3:1: a quote that opens here never closes/],
  ],
  [
    'one name, two places',
    readOrgCsv,
    'person,division,team\nada,Cloud,Platform\nbo,Office,Platform\n',
    [
      /^f:3:1: `platform`: it is a team below `cloud` in line 2 and a team below `office` here; give one an id of its own in `team_id`$/,
    ],
  ],
  [
    'accountable for what is not',
    readOrgCsv,
    'person,team,accountable_for\nada,shop,shp\n',
    [/^f:2:1: `accountable`: there is no unit `shp`, did you mean `shop`\?$/],
  ],
  [
    'a type of group that is not known',
    readBackstage,
    'kind: Group\nmetadata: { name: a }\nspec: { type: guild, children: [] }\n',
    [/^f:1:1: `spec\.type`: `guild` is no level that is known here; there are company, /],
  ],
  [
    'a group without a type',
    readBackstage,
    'kind: User\nmetadata: { name: a }\n---\nkind: Group\nmetadata: { name: a }\nspec: { children: [] }\n',
    [/^f:4:1: `spec\.type`: it is missing; write a text/],
  ],
  [
    'a group of nobody knows whom',
    readBackstage,
    'kind: User\nmetadata: { name: a }\nspec: { memberOf: [shop] }\n',
    [/^f:1:1: `person`: `a`: there is no unit `shop`; add it$/],
  ],
  ['no YAML', readBackstage, 'kind: User\nmetadata: { name: [ }\n', [/^f:2:1: /]],
];
for (const [what, format, text, reasons] of wrong) {
  test(`told with its line, and nothing is taken: ${what}`, () => {
    const reading = format(text, 'f');
    assert.ok('mistakes' in reading, JSON.stringify(reading));
    const told = reading.mistakes.map(describeFileDiagnostic);
    for (const reason of reasons)
      assert.ok(
        told.some((one) => reason.test(one)),
        told.join('\n'),
      );
    if (what !== 'no YAML') assert.equal(told.length, reasons.length, told.join('\n'));
  });
}

test('two teams of one name have ids of their own', () => {
  const text = 'person,division,team,team_id\nada,Cloud,Platform,cloud-platform\nbo,Office,Platform,\n';
  const tree = treeOf(readOrgCsv, text);
  assert.deepEqual([...tree.units.keys()].sort(), [
    'cloud',
    'cloud-platform',
    'company',
    'office',
    'platform',
  ]);
  assert.equal(tree.units.get('cloud-platform')?.name, 'Platform');
});

test('functions across divisions', () => {
  const tree = treeOf(readOrgCsv, 'person,team,accountable_for\nada,shop,"pillar:identities, kind:device"\n');
  assert.deepEqual(plain(tree).accountable, [
    ['ada', { pillar: 'identities' }],
    ['ada', { kind: 'device' }],
  ]);
});

test('what is written as CSV is read as it was', () => {
  const cell = fc
    .string({ unit: fc.constantFrom('a', ',', '"', '\n', ';', ' ', 'é') })
    .map((text) => text.trim());
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1 }), (rows) => {
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const text = `a,b\n${rows.map((row) => row.map(quoted).join(',')).join('\r\n')}`;
      const read = csvRows(text);
      assert.ok(!('openedAt' in read));
      assert.deepEqual(
        read.slice(1).map(({ cells }) => cells),
        rows.filter((row) => row.some((one) => one !== '')),
      );
    }),
  );
});

test('any text at all is a snapshot or mistakes with a line, never a throw', () => {
  const piece = fc.constantFrom(
    'kind: Group',
    'kind: User',
    'metadata:',
    '  name: a',
    '---',
    'teams:',
    '- {',
    'a,b',
    '"',
    '\n',
    '*x',
    '&x',
    ': ',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      for (const format of [readOrgYaml, readOrgCsv, readBackstage]) {
        const reading = format(pieces.join('\n'), 'f');
        if ('mistakes' in reading)
          for (const { line, reason } of reading.mistakes) assert.ok(line >= 1 && reason !== '');
      }
    }),
  );
});
