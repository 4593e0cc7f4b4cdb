import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ScimFault, type ScimType } from './fault.ts';
import { PATCH_SCHEMA, patched } from './patch.ts';
import type { ScimData } from './path.ts';
import { projected, readResource } from './resource.ts';
import { ENTERPRISE, RESOURCE_TYPES } from './schema.ts';

const { User, Group } = RESOURCE_TYPES;
const patch = (resource: ScimData, ...Operations: readonly object[]) =>
  patched(resource, { schemas: [PATCH_SCHEMA], Operations }, 'userName' in resource ? User : Group);
const ANN = readResource(
  {
    schemas: [User.schema],
    USERNAME: 'ann',
    active: 'True',
    shoeSize: 4,
    id: 'forged',
    groups: [{ value: 'g' }],
    name: { givenName: 'Ann', shoe: 1 },
    emails: [
      { value: 'a@x.test', type: 'work', primary: true },
      { value: 'a@y.test', type: 'home' },
    ],
    [ENTERPRISE]: { department: 'Shops' },
  },
  User,
);

test('what comes in is spelled by the schema, without what is unknown or the server’s', () => {
  assert.deepEqual(ANN, {
    userName: 'ann',
    active: true,
    name: { givenName: 'Ann' },
    emails: [
      { value: 'a@x.test', type: 'work', primary: true },
      { value: 'a@y.test', type: 'home' },
    ],
    [ENTERPRISE]: { department: 'Shops' },
  });
});

const changes: readonly (readonly [what: string, operation: object, after: object])[] = [
  ['a value is set', { op: 'add', path: 'title', value: 'Head' }, { title: 'Head' }],
  ['operations have no case', { op: 'Replace', path: 'ACTIVE', value: 'False' }, { active: false }],
  [
    'a part is set beside others',
    { op: 'add', path: 'name.familyName', value: 'O' },
    { name: { givenName: 'Ann', familyName: 'O' } },
  ],
  [
    'parts are merged',
    { op: 'replace', path: 'name', value: { familyName: 'O' } },
    { name: { givenName: 'Ann', familyName: 'O' } },
  ],
  ['the last part takes the record along', { op: 'remove', path: 'name.givenName' }, { name: undefined }],
  [
    'without a path names are paths',
    { op: 'replace', value: { 'name.givenName': 'An', title: 'T', id: 'x' } },
    { name: { givenName: 'An' }, title: 'T' },
  ],
  [
    'an extension’s attribute',
    { op: 'replace', path: `${ENTERPRISE}:department`, value: 'Tills' },
    { [ENTERPRISE]: { department: 'Tills' } },
  ],
  [
    'an extension’s attribute without a path',
    { op: 'add', value: { [ENTERPRISE]: { costCenter: '7' } } },
    { [ENTERPRISE]: { department: 'Shops', costCenter: '7' } },
  ],
  [
    'an extension goes with its last attribute',
    { op: 'remove', path: `${ENTERPRISE}:department` },
    { [ENTERPRISE]: undefined },
  ],
  [
    'an element is found by a filter',
    { op: 'replace', path: 'emails[type eq "home"].value', value: 'b@y.test' },
    {
      emails: [
        { value: 'a@x.test', type: 'work', primary: true },
        { value: 'b@y.test', type: 'home' },
      ],
    },
  ],
  [
    'an element is removed by a filter',
    { op: 'remove', path: 'emails[type eq "work"]' },
    { emails: [{ value: 'a@y.test', type: 'home' }] },
  ],
  ['all elements are removed', { op: 'remove', path: 'emails' }, { emails: undefined }],
  [
    'a list is replaced',
    { op: 'replace', path: 'emails', value: [{ value: 'z@z.test' }] },
    { emails: [{ value: 'z@z.test' }] },
  ],
  [
    'what becomes primary is the only one',
    { op: 'add', path: 'emails', value: [{ value: 'z@z.test', primary: true }] },
    {
      emails: [
        { value: 'a@x.test', type: 'work', primary: false },
        { value: 'a@y.test', type: 'home' },
        { value: 'z@z.test', primary: true },
      ],
    },
  ],
  [
    'an element that the filter describes is made',
    { op: 'add', path: 'phoneNumbers[type eq "work"].value', value: '+49 30 1' },
    { phoneNumbers: [{ type: 'work', value: '+49 30 1' }] },
  ],
];
for (const [what, operation, after] of changes)
  test(what, () => {
    const wanted = Object.fromEntries(
      Object.entries({ ...ANN, ...after }).filter(([, value]) => value !== undefined),
    );
    assert.deepEqual(patch(ANN, operation), wanted);
  });

test('members are added once, and removed by a filter or by name', () => {
  const group = { displayName: 'g', members: [{ value: 'a' }, { value: 'b' }, { value: 'c' }] };
  const members = (...operations: readonly object[]) =>
    (patch(group, ...operations).members as { value: string }[] | undefined)?.map(({ value }) => value);
  assert.deepEqual(members({ op: 'add', path: 'members', value: [{ value: 'a' }, { value: 'd' }] }), [
    ...'abcd',
  ]);
  assert.deepEqual(members({ op: 'remove', path: 'members[value eq "b"]' }), ['a', 'c']);
  assert.deepEqual(members({ op: 'Remove', path: 'members', value: [{ value: 'a' }, { value: 'c' }] }), [
    'b',
  ]);
  assert.equal(members({ op: 'remove', path: 'members' }), undefined);
});

const REFUSED: readonly (readonly [what: string, operation: object, sort: ScimType, says: RegExp])[] = [
  [
    'the server’s own',
    { op: 'replace', path: 'id', value: 'x' },
    'mutability',
    /`id` is the server’s to say/,
  ],
  ['groups of a person', { op: 'add', path: 'groups', value: [] }, 'mutability', /`groups` is the server’s/],
  ['an unknown attribute', { op: 'add', path: 'shoe', value: 1 }, 'invalidPath', /no attribute `shoe`/],
  ['a broken filter', { op: 'remove', path: 'emails[type eq]' }, 'invalidFilter', /a value is missing/],
  ['a bracket without an end', { op: 'remove', path: 'emails[type eq "x"' }, 'invalidPath', /is not a path/],
  [
    'nothing that is meant',
    { op: 'replace', path: 'emails[type eq "x"].value', value: 'y' },
    'noTarget',
    /nothing in `emails`/,
  ],
  ['remove of nothing', { op: 'remove' }, 'noTarget', /needs a path/],
  ['what is needed', { op: 'remove', path: 'userName' }, 'invalidValue', /`userName` cannot be taken away/],
  [
    'a wrong type',
    { op: 'replace', path: 'active', value: 'perhaps' },
    'invalidValue',
    /neither true nor false/,
  ],
  ['an unknown operation', { op: 'copy', path: 'title' }, 'invalidSyntax', /none of add, remove and replace/],
  ['no value', { op: 'add', path: 'title' }, 'invalidValue', /`add` needs a value/],
];
for (const [what, operation, sort, says] of REFUSED)
  test(`refused: ${what}`, () => {
    assert.throws(
      () => patch(ANN, operation),
      (error) => error instanceof ScimFault && error.scimType === sort && says.test(error.message),
    );
  });

const operation = fc.record(
  {
    op: fc.constantFrom('add', 'replace', 'remove', 'Add'),
    path: fc.constantFrom(
      'title',
      'emails',
      'emails[type eq "work"]',
      'emails[type eq "work"].value',
      'name',
      'name.givenName',
      `${ENTERPRISE}:department`,
      ENTERPRISE,
      '__proto__',
    ),
    value: fc.oneof(
      fc.string(),
      fc.record({ value: fc.string(), primary: fc.boolean() }),
      fc.array(fc.record({ value: fc.string(), primary: fc.boolean() }), { maxLength: 3 }),
      fc.object(),
    ),
  },
  { requiredKeys: ['op'] },
);

test('any operations give a resource that could have come in as it is, or a fault; the one before stays as it was', () => {
  const before = JSON.stringify(ANN);
  fc.assert(
    fc.property(fc.array(operation, { minLength: 1, maxLength: 4 }), (operations) => {
      try {
        const after = patch(ANN, ...operations);
        assert.deepEqual(readResource({ ...after, schemas: [User.schema] }, User), after);
        // Setting twice is setting once.
        const sets = operations.filter(({ op }) => op === 'replace').slice(0, 1);
        if (sets.length === 1) assert.deepEqual(patch(patch(ANN, ...sets), ...sets), patch(ANN, ...sets));
      } catch (error) {
        if (!(error instanceof ScimFault)) throw error;
      }
      assert.equal(JSON.stringify(ANN), before);
    }),
    { numRuns: 500 },
  );
});

test('no more is given than was asked for, and never less than what is always given', () => {
  const resource = { schemas: [User.schema], id: 'ann', ...ANN };
  const give = (attributes: readonly string[], excludedAttributes: readonly string[] = []) =>
    projected(resource, User, { attributes, excludedAttributes });
  assert.deepEqual(give(['userName', 'nothing']), { schemas: [User.schema], id: 'ann', userName: 'ann' });
  assert.deepEqual(give(['emails.type', 'emails.value', 'name.givenName']), {
    schemas: [User.schema],
    id: 'ann',
    name: { givenName: 'Ann' },
    emails: [
      { type: 'work', value: 'a@x.test' },
      { type: 'home', value: 'a@y.test' },
    ],
  });
  assert.deepEqual(give([`${ENTERPRISE}:department`])[ENTERPRISE], { department: 'Shops' });
  const less = give([], ['id', 'emails.value', 'name', ENTERPRISE]);
  assert.deepEqual(less, {
    schemas: [User.schema],
    id: 'ann',
    userName: 'ann',
    active: true,
    emails: [{ type: 'work', primary: true }, { type: 'home' }],
  });
});
