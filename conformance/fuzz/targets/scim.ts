/** Any text as a filter, as a path and as the body of a PATCH: an answer or a fault in SCIM's own words, and soon. */
import { ScimFault } from '@macadam/adapters/scim/fault';
import { matches, parseFilter } from '@macadam/adapters/scim/filter';
import { PATCH_SCHEMA, patched } from '@macadam/adapters/scim/patch';
import { readResource } from '@macadam/adapters/scim/resource';
import { ENTERPRISE, RESOURCE_TYPES } from '@macadam/adapters/scim/schema';
import type { Target } from '../target.ts';

const type = RESOURCE_TYPES.User;
const ANN = {
  userName: 'ann',
  active: true,
  name: { givenName: 'Ann' },
  emails: [{ value: 'a@x.test', type: 'work', primary: true }, { value: 'a@y.test' }],
  [ENTERPRISE]: { department: 'Shops', manager: { value: 'bo' } },
};
const BEFORE = JSON.stringify(ANN);

function faulty(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof ScimFault)) throw error;
    if (error.message.length > 2000 || error.status < 400) throw new Error('a fault that nobody can read');
  }
}

export const target: Target = {
  seeds: () => [
    'userName eq "ann" and not (emails[type eq "work" and value co "@x"] or title pr)',
    `${ENTERPRISE}:manager.value sw "b" or meta.lastModified gt "2026-01-01T00:00:00Z"`,
    JSON.stringify({
      schemas: [PATCH_SCHEMA],
      Operations: [
        { op: 'add', path: 'emails[type eq "home"].value', value: 'a@z.test' },
        { op: 'Replace', value: { 'name.givenName': 'x', [ENTERPRISE]: { department: 'y' } } },
        { op: 'remove', path: 'emails[primary eq true]' },
      ],
    }),
    JSON.stringify({ schemas: [type.schema], ...ANN }),
  ],
  words: [
    'eq ',
    'ne ',
    'co ',
    'pr',
    ' and ',
    ' or ',
    'not (',
    ')',
    '[',
    ']',
    '"',
    'null',
    'true',
    '.value',
    ':',
    '"op":"add",',
    '"path":"',
    '"value":',
    '"Operations":[',
    '__proto__',
    'constructor',
    ENTERPRISE,
    '\\u0000',
  ],
  fuzz: (text) => {
    faulty(() => {
      const filter = parseFilter(text, type);
      const is = matches(ANN, filter);
      if (matches(ANN, { is: 'not', of: filter }) === is) throw new Error('it is so and not so');
    });
    faulty(() =>
      patched(ANN, { schemas: [PATCH_SCHEMA], Operations: [{ op: 'add', path: text, value: 'x' }] }, type),
    );
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return;
    }
    faulty(() => {
      const read = readResource(body, type);
      const again = readResource({ ...read, schemas: [type.schema] }, type);
      if (JSON.stringify(again) !== JSON.stringify(read)) throw new Error('what was read reads otherwise');
    });
    faulty(() => {
      const after = patched(ANN, body, type);
      if (Object.getPrototypeOf(after) !== Object.prototype) throw new Error('it has another prototype');
    });
    if (JSON.stringify(ANN) !== BEFORE || 'polluted' in {}) throw new Error('what was there has changed');
  },
};
