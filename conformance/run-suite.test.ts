import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSuite } from './run-suite.ts';
import type { Case, Suite } from './suite.ts';

function suite(cases: Record<string, string | null | (() => never)>): Suite {
  const list = Object.entries(cases).map(
    ([id, answer]): Case => ({ id, run: () => (typeof answer === 'function' ? answer() : answer) }),
  );
  return { name: 'example', proves: 'nothing', vectors: [], load: async () => list };
}

test('a difference is a problem unless the ledger lists it', async () => {
  const cases = suite({ a: null, b: 'says 1, we say 2', c: 'says 3, we say 4' });
  const result = await runSuite(cases, { b: 'the other side counts from 0' }, '');
  assert.deepEqual(result, {
    agree: 1,
    listed: 1,
    stale: [],
    problems: [{ id: 'c', what: 'says 3, we say 4' }],
  });
});

test('a throw is a difference, with its message', async () => {
  const result = await runSuite(
    suite({
      a: () => {
        throw new TypeError('odd input');
      },
    }),
    {},
    '',
  );
  assert.deepEqual(result.problems, [{ id: 'a', what: 'threw TypeError: odd input' }]);
});

test('the ledger may only shrink: what agrees or is no case must leave it', async () => {
  const ledger = { a: 'it used to differ here', gone: 'it used to exist once' };
  const result = await runSuite(suite({ a: null }), ledger, '');
  assert.deepEqual(result.stale, ['a', 'gone']);
  assert.deepEqual(
    result.problems.map(({ what }) => what.split(':')[0]),
    ['agrees now', 'is in the ledger, but there is no such case'],
  );
});

test('an entry without a reason, an empty suite and a repeated id are problems', async () => {
  assert.match((await runSuite(suite({ a: 'x' }), { a: ' ' }, '')).problems[0]?.what ?? '', /no reason/);
  assert.match((await runSuite(suite({}), {}, '')).problems[0]?.what ?? '', /holds no case/);
  const twice: Suite = {
    ...suite({}),
    load: async () => [
      { id: 'a', run: () => null },
      { id: 'a', run: () => null },
    ],
  };
  assert.match((await runSuite(twice, {}, '')).problems[0]?.what ?? '', /second case/);
});

test('a suite that cannot be loaded fails rather than disappears', async () => {
  const broken: Suite = { ...suite({}), load: () => Promise.reject(new Error('bad file')) };
  assert.deepEqual((await runSuite(broken, {}, '')).problems, [
    { id: 'example', what: 'could not be loaded: bad file' },
  ]);
});
