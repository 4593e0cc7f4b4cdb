/** What of an observation does not fit its kind, and what is said of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KIND, observation } from '../verdicts/generated.test.ts';
import { merge } from './asset.ts';
import { ingest, misfitProblems } from './ingest.ts';
import { isUnobserved, type Statement, type Value } from './observation.ts';

const kinds = new Map([[KIND.kind, KIND]]);
const messages = (attributes: Readonly<Record<string, Statement>>) =>
  misfitProblems(kinds, observation('x', attributes)).map(({ message }) => message);

test('a value of another type is told with its place, what came and what is wanted', () => {
  assert.deepEqual(messages({ b: { value: 'yes' }, a: { value: true } }), [
    'of `b` of x the source says "yes", which is no bool',
  ]);
  assert.deepEqual(
    messages({
      n: { value: 1.5 },
      k: { value: [{ id: 1, p: 'no' }, 7] },
      o: { absent: true },
      l: { unobserved: 'failed', why: 'broken' },
    }),
    [
      'of `n` of x the source says 1.5, which is no int',
      'of `k[].p` of x the source says "no", which is no bool',
      'of `k[]` of x the source says 7, which is no thing.k[]',
    ],
  );
  assert.deepEqual(misfitProblems(kinds, observation('x', {}, { kind: 'stranger' })), []);
  // Which attributes there are, and which may be absent, is asked where observations come in.
  const { problems } = ingest(kinds, observation('x', { b: { absent: true }, z: { value: 'yes' } }));
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['attribute-absent', 'attribute-unknown'],
  );
});

test('whatever is reported is left out of the merge, and whatever is left out is reported', () => {
  const names = Object.keys(KIND.attributes);
  const junk = fc.dictionary(
    fc.constantFrom(...names),
    fc.jsonValue().map((value) => ({ value }) as Statement),
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(junk, (attributes) => {
      const left = [...merge(KIND, [observation('x', attributes)]).attributes].filter(
        ([name, { statement }]) =>
          name in attributes && isUnobserved(statement) && statement.unobserved === 'failed',
      );
      const told = messages(attributes).filter((text) => /^of `[a-z]+` /.test(text));
      assert.deepEqual(
        left.map(([name]) => name).sort(),
        told.map((text) => /`(.*?)`/.exec(text)?.[1]).sort(),
      );
      for (const [name, { statement }] of left)
        assert.match((statement as { readonly why: string }).why, /^one says .*, which is no /, name);
    }),
  );
  assert.ok(
    isUnobserved(
      merge(KIND, [observation('x', { b: { value: null as unknown as Value } })]).attributes.get('b')
        ?.statement,
    ),
  );
});
