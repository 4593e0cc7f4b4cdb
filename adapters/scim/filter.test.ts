import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ScimFault } from './fault.ts';
import { matches, parseFilter } from './filter.ts';
import type { ScimData } from './path.ts';
import { RESOURCE_TYPES } from './schema.ts';

const type = RESOURCE_TYPES.User;
const ANN: ScimData = {
  id: 'ann',
  userName: 'Ann@Example.test',
  externalId: 'X1',
  active: true,
  title: 'Head of Tills',
  name: { givenName: 'Ann', familyName: "O'Hara" },
  emails: [
    { value: 'ann@example.test', type: 'work', primary: true },
    { value: 'ann@home.test', type: 'home' },
  ],
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': {
    department: 'Shops',
    manager: { value: 'bo' },
  },
  meta: { lastModified: '2026-03-01T00:00:00Z' },
};
const is = (filter: string) => matches(ANN, parseFilter(filter, type));

// Mostly the examples of RFC 7644 §3.4.2.2, with values of ours.
const TRUE = [
  'userName eq "ann@example.TEST"',
  'USERNAME Eq "ann@example.test"',
  'externalId eq "X1"',
  'name.familyName co "o\'har"',
  'userName sw "A"',
  'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "A"',
  'title pr',
  'meta.lastModified gt "2026-02-28T23:59:59Z"',
  'meta.lastModified ge "2026-03-01T01:00:00+01:00"',
  'title pr and userType ne "Employee"',
  'title pr or userType eq "Intern"',
  'userType eq null',
  'title ne null',
  'active eq true',
  'active eq True',
  'userType ne "Employee" and not (emails co "example.org" or emails.value co "example.com")',
  'emails[type eq "work" and value co "@example.test"]',
  'emails[type eq "home"] and emails.type eq "work"',
  'emails eq "ann@home.test"',
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "shops"',
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "bo"',
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr',
  'not(active eq false)',
  'userName eq "x" or active eq true and title pr',
];
for (const filter of TRUE) test(`it is so: ${filter}`, () => assert.equal(is(filter), true));

const FALSE = [
  'externalId eq "x1"',
  'id eq "ANN"',
  'emails[type eq "work" and value co "@home.test"]',
  'nickName pr',
  'nickName co "a"',
  'userName eq "x" and active eq true or nickName pr',
  'title lt "head"',
  'not (title pr)',
];
for (const filter of FALSE) test(`it is not so: ${filter}`, () => assert.equal(is(filter), false));

const REFUSED: readonly (readonly [filter: string, says: RegExp])[] = [
  ['', /an attribute is missing/],
  ['userName', /an operator is missing/],
  ['userName eq', /a value is missing/],
  ['userName eq ann', /`ann` is not a value; write texts in double quotes/],
  ['userName like "a"', /there is no operator `like`/],
  ['shoeSize eq "4"', /there is no attribute `shoeSize` of a User/],
  ['name.shoe eq "4"', /there is no attribute `name.shoe`/],
  ['name eq "x"', /`name` has parts/],
  ['active gt true', /`gt` asks for an order/],
  ['userName gt null', /`gt` asks for an order/],
  ['userName co 4', /`co` compares texts/],
  ['(title pr', /a `\)` is missing/],
  ['title pr)', /`\)` does not belong there/],
  ['userName[type eq "x"]', /only what has parts/],
  ['emails[shoe eq "x"]', /`emails` has no `shoe`/],
  ['userName eq "x', /cannot be read from ` ?"x` on/],
  [`${'not ('.repeat(60)}title pr${')'.repeat(60)}`, /nested more than 40 deep/],
  ['a'.repeat(9000), /longer than 8000/],
];
for (const [filter, says] of REFUSED)
  test(`refused: ${filter.slice(0, 40)}`, () => {
    assert.throws(
      () => parseFilter(filter, type),
      (error) => error instanceof ScimFault && error.scimType === 'invalidFilter' && says.test(error.message),
    );
  });

/** Filters with what they are of ANN, composed by the three words that RFC 7644 has. */
const leaf = fc.constantFrom(
  ...TRUE.slice(0, 11).map((text) => ({ text, is: true })),
  ...FALSE.slice(0, 5).map((text) => ({ text, is: false })),
);
const { filter: composed } = fc.letrec<{ filter: { text: string; is: boolean } }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4 },
    leaf,
    tie('filter').map(({ text, is: so }) => ({ text: `not (${text})`, is: !so })),
    fc
      .tuple(tie('filter'), tie('filter'))
      .map(([a, b]) => ({ text: `(${a.text}) AND (${b.text})`, is: a.is && b.is })),
    fc
      .tuple(tie('filter'), tie('filter'))
      .map(([a, b]) => ({ text: `(${a.text})  or (${b.text})`, is: a.is || b.is })),
  ),
}));

test('words mean what logic says, however they are nested', () => {
  fc.assert(fc.property(composed, ({ text, is: so }) => assert.equal(is(text), so)));
});

test('any text as a value is compared as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (given) => {
      const filter = parseFilter(`externalId eq ${JSON.stringify(given)}`, type);
      assert.equal(matches({ externalId: given }, filter), true);
      assert.equal(matches({ externalId: `${given}.` }, filter), false);
    }),
  );
});
