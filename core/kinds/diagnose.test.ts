/** Every way in which plain data can miss its kind, with the message that people get. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose, statementOf } from './diagnose.ts';
import { kindSchema } from './kind.ts';

const KIND = kindSchema.parse({
  kind: 'thing',
  description: 'A thing for tests.',
  key: ['ok'],
  fresh_for: '7d',
  attributes: {
    ok: { type: 'bool', description: 'Whether it is well.' },
    state: { type: 'enum(open, closed)', description: 'Open or closed.' },
    size: { type: 'int', optional: true, description: 'How large it is.' },
    share: { type: 'double', description: 'How much of it.' },
    since: { type: 'timestamp', description: 'When it began.' },
    lasts: { type: 'duration', description: 'How long it lasts.' },
    names: { type: 'list', of: 'string', description: 'What it is called.' },
    counts: { type: 'map', of: 'int', description: 'How many of each.' },
    parts: {
      type: 'list',
      description: 'Its parts.',
      of: { name: { type: 'string' }, line: { type: 'int' } },
    },
    at: { type: 'record', description: 'Where it is.', fields: { path: { type: 'string' } } },
  },
});

const said = (attributes: Readonly<Record<string, unknown>>) =>
  diagnose(KIND, attributes).map(({ path, reason }) => `${path.join('.')}: ${reason}`);

test('what fits is not spoken of', () => {
  const gap = { unobserved: 'forbidden', why: 'no right to read it' };
  assert.deepEqual(
    said({
      ok: true,
      state: 'open',
      size: { absent: true },
      share: 0.5,
      since: '2026-11-01T00:00:00Z',
      lasts: '7d',
      names: { absent: true },
      counts: { a: 1, b: gap },
      at: gap,
      parts: { value: [{ name: 'a', line: gap }, gap], complete: false },
    }),
    [],
  );
});

const cases: readonly (readonly [string, unknown, string])[] = [
  ['oks', true, 'oks: the kind thing has no attribute `oks`, did you mean `ok`?'],
  ['ok', 'yes', 'ok: "yes" is no bool; write true or false'],
  ['state', 'opn', 'state: "opn" is no enum(open, closed), did you mean `open`?'],
  ['size', 1.5, 'size: 1.5 is no int'],
  ['size', 2 ** 53, 'size: 9007199254740992 is no int'],
  ['share', '1', 'share: "1" is no double'],
  ['since', '2026-11-01', 'since: "2026-11-01" is no timestamp; write it like "2026-11-01T08:30:00Z"'],
  ['lasts', 7, 'lasts: 7 is no duration; write it like "2160h" or "7d"'],
  ['names', 'a', 'names: "a" is no list of string; write it like [a, b]'],
  ['names', ['a', 2], 'names.1: 2 is no string; write it in quotes'],
  ['counts', { a: 'x' }, 'counts.a: "x" is no int'],
  ['parts', [{ nam: 'a' }], 'parts.0.nam: thing.parts[] has no field `nam`, did you mean `name`?'],
  ['at', { path: true }, 'at.path: true is no string; write it in quotes'],
  [
    'ok',
    { absent: true },
    'ok: it is not optional, so it cannot be absent; give a bool, or {unobserved: …, why: …}',
  ],
  ['size', { absent: false }, 'size.absent: it can only be true'],
  [
    'ok',
    { unobserved: 'forbiden', why: 'x' },
    'ok.unobserved: there is no cause `forbiden`, did you mean `forbidden`?; there are disputed, stale, incomplete, forbidden, failed, unobserved, undefined',
  ],
  ['names', { value: [], complet: false }, 'names.complet: there is no such field, did you mean `complete`?'],
  [
    'names',
    { value: [], complete: 'false' },
    'names.complete: is "false"; give true or false, without quotes',
  ],
  [
    'names',
    { value: [], assurance: 'nonsense' },
    'names.assurance: is "nonsense"; give one of attested, configured, effective, tested',
  ],
  ['names', { value: [], window: 'junk' }, 'names.window: is "junk"; give a duration such as 2160h'],
  [
    'names',
    { value: [], absent: true },
    'names: says value and absent; give one of value, absent, unobserved',
  ],
  ['ok', { value: null }, 'ok: null is no bool; write true or false'],
  ['ok', { unobserved: 'forbidden' }, 'ok: it does not say why it is unobserved; add `why`'],
];
for (const [name, given, expected] of cases) {
  test(expected, () => assert.deepEqual(said({ [name]: given }), [expected]));
}

test('a plain value is a statement, and a statement stays what it is', () => {
  assert.deepEqual(statementOf(['a']), { value: ['a'] });
  assert.deepEqual(statementOf({ path: 'x' }), { value: { path: 'x' } });
  assert.deepEqual(statementOf({ absent: true }), { absent: true });
});
