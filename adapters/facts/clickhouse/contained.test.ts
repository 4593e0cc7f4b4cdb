/** A store that was written before observations named their container, opened now. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Collection, Observation, Partition } from '@macadam/core/facts/observation';
import { kindSchema } from '@macadam/core/kinds/kind';
import { earlierReads } from '../earlier.ts';
import { openStores, type Stores } from '../open.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-contained-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const kindOf = (kind: string, more: object) =>
  kindSchema.parse({ kind, description: 'A thing for tests.', key: ['name'], fresh_for: '30d', ...more });
const name = { type: 'string', immutable: true, description: 'What it is called.' };
const kinds = new Map([
  ['shelf', kindOf('shelf', { attributes: { name } })],
  [
    'book',
    kindOf('book', {
      contained_in: 'shelf',
      attributes: { name, shelf: { type: 'string', description: 'Id of the shelf.' } },
    }),
  ],
]);
const open = () => openStores(join(folder, 'facts'), { kinds, now: () => new Date('2026-06-01T00:00:00Z') });

/** Shelf → names of its books, in one estate. */
function look(
  day: number,
  shelves: Readonly<Record<string, readonly string[]>>,
): [Collection, Observation[]] {
  const time = new Date(Date.UTC(2026, 4, day)).toISOString();
  const seen = { source: 'librarian', observedAt: time, receivedAt: time, assurance: 'configured' } as const;
  const partition = (one: Pick<Partition, 'kind' | 'container' | 'estate' | 'seen'>): Partition => ({
    ...one,
    containerName: one.container,
    complete: true,
    witness: { id: 'own', count: one.seen },
  });
  const observations = Object.entries(shelves).flatMap(([shelf, books]): Observation[] => [
    { ...seen, kind: 'shelf', id: `shelf/${shelf}`, name: shelf, container: 'library', attributes: {} },
    ...books.map((book) => ({
      ...seen,
      kind: 'book',
      id: `book/${shelf}/${book}`,
      name: book,
      container: `shelf/${shelf}`,
      estate: 'library',
      attributes: { shelf: { value: `shelf/${shelf}` } },
    })),
  ]);
  const collection: Collection = {
    source: 'librarian',
    startedAt: time,
    finishedAt: time,
    status: 'complete',
    problems: [],
    partitions: [
      partition({ kind: 'shelf', container: 'library', seen: Object.keys(shelves).length }),
      ...Object.entries(shelves).map(([shelf, books]) =>
        partition({ kind: 'book', container: `shelf/${shelf}`, estate: 'library', seen: books.length }),
      ),
    ],
  };
  return [collection, observations];
}

async function books({ facts }: Stores): Promise<readonly string[]> {
  await facts.settled();
  const found: string[] = [];
  for await (const { id } of facts.assets('book')) found.push(id);
  return found;
}

test('contents of what is gone leave when the store is opened, and so does what is missing at the next look', async () => {
  const old = await open();
  await old.facts.append(...look(1, { one: ['a', 'b'], two: ['c'], three: ['d'] }), new Date());
  await old.facts.settled();
  // As earlier versions wrote them: of several shelves no book said in which it stood, and no partition named its estate.
  for (const statement of [
    `ALTER TABLE observation UPDATE container = '', estate = '',
       body = replaceRegexpAll(body, '"(container|estate)":"[^"]*",', '') WHERE kind = 'book'`,
    `ALTER TABLE partition UPDATE estate = '' WHERE kind = 'book'`,
  ])
    await old.driver.command(statement);
  const [collection, observations] = look(2, { one: ['a', 'b'], three: ['d'] });
  const shelvesAlone = {
    ...collection,
    partitions: collection.partitions.filter(({ kind }) => kind === 'shelf'),
  };
  await old.facts.append(
    shelvesAlone,
    observations.filter(({ kind }) => kind === 'shelf'),
    new Date(),
  );
  assert.deepEqual(await books(old), ['book/one/a', 'book/one/b', 'book/three/d', 'book/two/c'], 'as it was');
  await old.close();

  const stores = await open();
  assert.deepEqual(await books(stores), ['book/one/a', 'book/one/b', 'book/three/d'], 'two is gone with c');
  await stores.facts.append(...look(3, { one: ['a'], three: ['d'] }), new Date());
  assert.deepEqual(await books(stores), ['book/one/a', 'book/three/d'], 'b is not there any more');
  const [row] = await stores.driver.query<{ lacking: string }>(
    `SELECT count() AS lacking FROM observation WHERE kind = 'book' AND (container = '' OR estate = '')`,
  );
  assert.equal(Number(row?.lacking), 0);
  const day = (number: number) => Date.UTC(2026, 4, number);
  assert.deepEqual(
    Object.fromEntries(await earlierReads(stores.driver, 'librarian', 'library')),
    {
      'shelf/one': { at: day(3), any: true },
      'shelf/three': { at: day(3), any: true },
      'shelf/two': { at: day(1), any: true },
    },
    'when each was read last',
  );
  assert.equal((await earlierReads(stores.driver, 'librarian', 'another')).size, 0);
  const contents = { since: new Date(day(3)).toISOString(), unread: 0, waiting: 1 };
  const [listed, seen] = look(4, { one: ['a'], three: ['d'] });
  const inTurn = listed.partitions.flatMap((one) => (one.kind === 'shelf' ? [{ ...one, contents }] : []));
  const unread = { ...listed, partitions: inTurn };
  await stores.facts.append(
    unread,
    seen.filter(({ kind }) => kind === 'shelf'),
    new Date(),
  );
  assert.deepEqual(await books(stores), ['book/one/a', 'book/three/d'], 'what was not read stays');
  const [newest] = (await stores.facts.collections()).slice(-1);
  assert.deepEqual(newest?.collection.partitions[0]?.contents, contents);
  await stores.close();
});
