/** What was left out for the company is told as of any look, by what the collections of then say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leftOut, leftOutSentence } from '@macadam/adapters/sources/exclusion';
import type { Collection } from '@macadam/core/facts/observation';
import { sampleServer } from '@macadam/testing/server/sample-server';
import { leftOutAt } from './left-out.ts';
import type { ServerContext } from './pages/history/pages.ts';

const central = {
  paths: ['*/legacy/**'],
  reason: 'is being replaced: see RFC 12',
  owner: 'ann',
  approver: 'bob',
  until: '2027-01-31',
};
const { why } = leftOut({ pattern: '*/legacy/**', stated: 'macadam.yaml:3', central });
const own = leftOut({ pattern: 'x', stated: 'macadam.yaml:9' }).why;
const SAID =
  'left out until 2027-01-31 by bob: is being replaced: see RFC 12 (macadam.yaml:3, `*/legacy/**`)';

function collection(startedAt: string, container: string, sentences: readonly string[]): Collection {
  const problems = sentences.map((message) => ({ code: 'left-out', cause: 'incomplete' as const, message }));
  const partition = { kind: 'repository', container, containerName: 'e', complete: true, seen: 2 };
  return {
    source: 'git',
    rights: [],
    startedAt,
    finishedAt: startedAt,
    status: 'incomplete',
    partitions: [partition],
    problems,
  };
}
const kept = [
  collection('2026-11-01T00:00:00Z', '/a', [
    leftOutSentence('one', 12, why),
    leftOutSentence('two: b', 2, why),
    leftOutSentence('two', 5, own),
  ]),
  collection('2026-11-02T00:00:00Z', '/b', [leftOutSentence('three', 1, why)]),
  collection('2026-11-03T00:00:00Z', '/a', []),
].map((one) => ({ collection: one, retracted: false, retired: null }));
/** A store that holds these. */
const holding = (held: readonly unknown[]) =>
  ({
    facts: { newest: async () => held.length, collections: async () => [...held] },
  }) as unknown as ServerContext;
const site = holding(kept);
const at = (time: string) => leftOutAt(site, new Date(time));

test('files are counted over all repositories, of the newest look at each estate, and of the company’s words alone', async () => {
  assert.deepEqual(await at('2026-10-31T00:00:00Z'), []);
  assert.deepEqual(await at('2026-11-01T12:00:00Z'), [{ said: SAID, files: 14 }]);
  assert.deepEqual(await at('2026-11-02T12:00:00Z'), [{ said: SAID, files: 15 }]);
  assert.deepEqual(await at('2026-11-03T12:00:00Z'), [{ said: SAID, files: 1 }]);
});

test('the store is asked once for the same time, until something new is known', async () => {
  const held = kept.slice(0, 1);
  let asked = 0;
  const facts = {
    newest: async () => held.length,
    collections: async () => {
      asked += 1;
      return [...held];
    },
  };
  const growing = { facts } as unknown as ServerContext;
  const files = async () => (await leftOutAt(growing, new Date('2026-11-04T00:00:00Z')))[0]?.files;
  assert.deepEqual([await files(), await files(), asked], [14, 14, 1]);
  held.push(...kept.slice(1));
  assert.deepEqual([await files(), await files(), asked], [1, 1, 2]);
});

test('where repositories are read in turn, each says what is left out until it is read again', async () => {
  const startedAt = (day: number) => `2026-11-0${day}T00:00:00Z`;
  const inTurn = (day: number, read: Readonly<Record<string, number>>, part = false): Collection => {
    const list = collection(startedAt(day), '/h', []);
    const since = startedAt(1);
    return {
      ...list,
      ...(part && { part }),
      partitions: [
        ...(part
          ? []
          : list.partitions.map((one) => ({ ...one, contents: { since, unread: 0, waiting: 0 } }))),
        ...Object.keys(read).map((container) => ({
          kind: 'pipeline',
          container,
          containerName: container,
          complete: true,
          seen: 0,
        })),
      ],
      problems: Object.entries(read).flatMap(([asset, files]) =>
        files === 0
          ? []
          : [{ code: 'left-out', cause: 'incomplete', message: leftOutSentence(asset, files, why), asset }],
      ),
    };
  };
  const all = [
    collection(startedAt(1), '/h', [leftOutSentence('x', 9, why)]),
    inTurn(2, { a: 3, b: 4 }),
    inTurn(3, {}),
    inTurn(4, { a: 1 }, true),
    inTurn(5, { b: 0 }),
  ].map((one) => ({ collection: one, retracted: false, retired: null }));
  const turned = holding(all);
  const files = async (day: number) =>
    (await leftOutAt(turned, new Date(`2026-11-0${day}T12:00:00Z`))).map((one) => one.files);
  assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map(files)), [[9], [7], [7], [5], [1]]);
});

test('the API lists it, now or as of a time', async () => {
  const server = await sampleServer({
    people: { ann: { roles: [{ role: 'reader', division: '' }] } },
    site: () => site,
  });
  try {
    const asked = async (query: string) => {
      const given = await server.ask('ann', 'GET', `/api/left-out${query}`);
      assert.equal(given.statusCode, 200, given.body);
      return given.json().items;
    };
    assert.deepEqual(await asked('?at=2026-11-02T12:00:00Z'), [{ said: SAID, files: 15 }]);
    assert.deepEqual(await asked(''), [{ said: SAID, files: 1 }]);
  } finally {
    await server.close();
  }
});
