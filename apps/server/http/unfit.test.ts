/** What is said of anything that does not fit a schema: never the words of the library, and always what to give. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unfit } from '@macadam/core/text/unfit';
import fc from 'fast-check';
import { z } from 'zod';

const wrong = (schema: z.ZodType, value: unknown) =>
  (schema.safeParse(value).error?.issues ?? []).map((issue) => {
    const { reason, fix } = unfit(issue);
    return `${reason}; ${fix}`;
  });

test('each sort of mistake has words of its own', () => {
  const union = z.discriminatedUnion('is', [
    z.object({ is: z.literal('a') }),
    z.object({ is: z.literal('b') }),
  ]);
  for (const [schema, value, says] of [
    [z.int(), 1.5, 'it is not a whole number; give a whole number'],
    [z.int(), undefined, 'it is missing; give a number'],
    [z.object({}), [], 'it is not an object; give an object'],
    [z.record(z.string(), z.string()), 3, 'it is not an object; give an object'],
    [z.array(z.string()), 'a', 'it is not a list; give a list'],
    [z.enum(['a', 'b']), 'c', 'it is none of what it can be; give one of a, b'],
    [z.literal('a'), 'c', 'it is not a; give a'],
    [z.string().min(1), '', 'it has fewer than 1 character; give at least 1 character'],
    [z.array(z.string()).max(2), ['', '', ''], 'it has more than 2 items; give at most 2 items'],
    [z.number().min(3), 2, 'it is less than 3; give at least 3'],
    [z.number().positive(), 0, 'it has to be more than 0; give more than 0'],
    [z.iso.date(), 'zzz', 'it is not a date; give it as 2027-03-01'],
    [z.iso.datetime(), 'zzz', 'it is not a time; give it as 2027-03-01T12:00:00Z (RFC 3339)'],
    [z.strictObject({}), { q: 1 }, '`q` is not known here; leave out `q`'],
    [union, { is: 'c' }, 'it has none of the forms that it can have; give one of a, b'],
    [z.string().regex(/x/, 'it has no x; put one in'), 'a', 'it has no x; put one in'],
  ] as const)
    assert.deepEqual(wrong(schema, value), [says]);
});

test('whatever is given, nothing is said in the words of the library', () => {
  const schema = z.strictObject({
    a: z.int().min(1),
    b: z.enum(['x', 'y']),
    c: z.iso.date(),
    d: z.array(z.string()).min(1),
    e: z.union([z.iso.date(), z.int()]),
    f: z.record(z.string(), z.boolean()),
    g: z.stringbool(),
  });
  fc.assert(
    fc.property(
      fc.anything(),
      fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'), fc.anything()),
      (any, near) => {
        for (const given of [any, near])
          for (const said of wrong(schema, given)) {
            assert.doesNotMatch(said, /Invalid|expected|received|Too (small|big)|\ba (object|int)\b/);
            assert.match(said, /^.+; (give|leave out) ./s);
          }
      },
    ),
  );
});
