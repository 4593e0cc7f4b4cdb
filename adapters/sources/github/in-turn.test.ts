/** Repositories that are read in turn, as a store keeps them: what a quiet look asks, who comes first, and that what is told of changes only when it is known. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { assetsOf } from '@macadam/core/facts/asset';
import {
  arrivals,
  containersListed,
  enumerations,
  newestEnumerations,
  ofExisting,
} from '@macadam/core/facts/enumeration';
import { type Collection, isUnobserved, type Observation } from '@macadam/core/facts/observation';
import { kindSchema } from '@macadam/core/kinds/kind';
import { runs } from '@macadam/testing/runs';
import fc from 'fast-check';
import { parse } from 'yaml';
import { commitFiles } from '../fake-git.ts';
import type { CollectRequest, EarlierRead, Progress } from '../port.ts';
import type { ListedRepository } from './account.ts';
import { fakeWorld, type World } from './fake-world.ts';
import { source } from './source.ts';
import { byUrgency, dueOf, queueOf, ROUND_MS } from './turn.ts';

const KINDS = new Map(
  readdirSync(join(import.meta.dirname, '../../../kinds'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) =>
      kindSchema.parse(parse(readFileSync(join(import.meta.dirname, '../../../kinds', name), 'utf8'))),
    )
    .map((kind) => [kind.kind, kind]),
);
const HOUR = 3_600_000;

/** What a store keeps of the source's collections, as far as the source is told of it. */
interface Kept {
  readonly seen: { readonly collection: Collection; readonly observations: readonly Observation[] }[];
  /** Milliseconds that its clock is ahead. */
  ahead: number;
}

const kept = (): Kept => ({ seen: [], ahead: 0 });

function earlierIn({ seen }: Kept, estate: string): ReadonlyMap<string, EarlierRead> {
  const found = new Map<string, EarlierRead>();
  for (const { collection } of seen) {
    const at = Date.parse(collection.startedAt);
    for (const [container, all] of Map.groupBy(collection.partitions, (one) => one.container))
      if (all.some((one) => one.estate === estate))
        found.set(container, { at, any: all.some(({ complete }) => complete) });
    for (const { container, format, complete } of collection.partitions)
      if (container === estate && format !== undefined)
        found.set(`${container} ${format}`, { at, any: complete });
  }
  return found;
}

interface Look {
  readonly collection: Collection;
  readonly observations: readonly Observation[];
  /** `METHOD path` of each request of the API. */
  readonly asked: readonly string[];
}

let world: World;
before(async () => {
  world = await fakeWorld({ fetched: true });
});
after(() => world.close());

async function look(
  store: Kept,
  more: Partial<CollectRequest> = {},
  report: (progress: Progress) => void = () => {},
): Promise<Look> {
  const observations: Observation[] = [];
  const from = world.fake.exchanged.length;
  const collection = await source.collect(
    {
      ...world.request(),
      earlier: async (_, estate) => earlierIn(store, estate),
      now: () => new Date(Date.now() + store.ahead),
      ...more,
    },
    (observation) => observations.push(observation),
    report,
  );
  store.seen.push({ collection, observations });
  // The next one begins at another millisecond.
  store.ahead += 1;
  const asked = world.fake.exchanged.slice(from).map(({ method, path }) => `${method} ${path}`);
  return { collection, observations, asked };
}

const readIn = ({ collection }: Look): readonly string[] =>
  [
    ...new Set(collection.partitions.flatMap((one) => (one.kind === 'pipeline' ? [one.containerName] : []))),
  ].sort();

const contentsOf = ({ collection }: Look) =>
  collection.partitions.find(({ kind }) => kind === 'repository')?.contents;

/** What all of it says together, without when it was said. */
const factsOf = ({ seen }: Kept): ReadonlyMap<string, unknown> =>
  new Map(
    assetsOf(
      KINDS,
      seen.flatMap((one) => one.observations),
    ).map((asset) => [
      asset.id,
      Object.fromEntries([...asset.attributes].map(([name, { statement }]) => [name, statement])),
    ]),
  );

const saidOf = (store: Kept, name: string, attribute: string): unknown => {
  const newest = store.seen
    .flatMap((one) => one.observations)
    .findLast((one) => one.name === `acme/${name}` && one.kind === 'repository');
  return Reflect.get(Object(factsOf(store).get(newest?.id ?? '')), attribute);
};

function listedWhole({ seen }: Kept) {
  const all = seen.flatMap(({ collection, observations }) =>
    enumerations(collection, arrivals(collection, observations)),
  );
  const assets = assetsOf(
    KINDS,
    seen.flatMap((one) => one.observations),
  );
  return containersListed('pipeline', ofExisting(newestEnumerations(all), assets, KINDS), KINDS);
}

test('a quiet look lists, reads no repository, and leaves everything known as it was, with its age', async () => {
  const store = kept();
  const first = await look(store);
  assert.deepEqual(readIn(first), ['acme/empty', 'acme/plain', 'acme/secret', 'acme/strict']);
  const facts = factsOf(store);
  store.ahead = HOUR;
  const quiet = await look(store);
  assert.deepEqual(readIn(quiet), []);
  assert.deepEqual(
    quiet.asked.filter((one) => /\/repos\/|graphql/.test(one)),
    [],
    'nothing is asked of a repository',
  );
  assert.deepEqual(quiet.collection.problems, []);
  assert.equal(quiet.collection.status, 'complete');
  assert.deepEqual(contentsOf(quiet), { since: first.collection.startedAt, unread: 0, waiting: 0 });
  assert.deepEqual(factsOf(store), facts);
  const known = quiet.observations.find(({ name }) => name === 'acme/plain');
  assert.deepEqual(Object.keys(known?.attributes ?? {}).sort(), [
    'archived',
    'host',
    'hosted_at',
    'path',
    'push_protection',
    'secret_scanning',
    'visibility',
  ]);
  assert.deepEqual(listedWhole(store), { whole: 4, total: 4 });
});

test('what was pushed or set is read in the next look; what the list does not show waits for its turn, or for somebody who tells', async () => {
  const { state, root } = world;
  const store = kept();
  await look(store);
  store.ahead = 2 * HOUR;
  const now = new Date(Date.now() + HOUR).toISOString();
  const [strict, plain] = state.repositories;
  assert.ok(strict && plain);
  state.heads.plain = commitFiles(join(root, 'acme/plain.git'), 'main', { 'new.md': 'new\n' });
  plain.pushedAt = now;
  const { classic } = strict;
  strict.classic = undefined;
  const next = await look(store);
  assert.deepEqual(readIn(next), ['acme/plain']);
  assert.deepEqual(saidOf(store, 'plain', 'head'), { value: state.heads.plain });
  assert.ok('value' in Object(saidOf(store, 'strict', 'default_branch_protection')), 'nobody told of it');
  assert.equal(contentsOf(next)?.since, store.seen[0]?.collection.startedAt);
  store.ahead = 3 * HOUR;
  const told = await look(store, {
    told: () => new Map([['acme/strict', new Date(Date.now() + store.ahead)]]),
  });
  assert.deepEqual(readIn(told), ['acme/strict']);
  assert.deepEqual(saidOf(store, 'strict', 'default_branch_protection'), { absent: true });
  strict.classic = classic;
  delete plain.pushedAt;
  store.ahead = 4 * HOUR;
  const single = await look(store, { alone: ['acme/strict', 'acme/gone', 'other/strict', '../x', 'acme'] });
  assert.deepEqual(readIn(single), ['acme/strict']);
  assert.equal(
    single.collection.partitions.some(({ kind }) => kind === 'repository'),
    false,
    'what was not listed is no list',
  );
  assert.ok(single.observations.some(({ kind }) => kind === 'user'));
  assert.ok('value' in Object(saidOf(store, 'strict', 'default_branch_protection')));
  store.ahead = 4 * HOUR + ROUND_MS;
  const late = await look(store);
  assert.equal(readIn(late).length, 4);
});

test('what time and limit leave out is listed and says so, keeps what is known, and is read by the runs that follow', async () => {
  const { state } = world;
  const before = state.repositories;
  state.repositories = [
    ...before,
    ...[105, 106, 107, 108].map((id) => ({ id, name: `empty-${id}`, archived: true })),
  ];
  const store = kept();
  const limit = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Date.now() / 1000 + 3000) };
  state.faults = [
    {
      match: /graphql/,
      times: 99,
      status: 403,
      headers: limit,
      body: { message: 'API rate limit exceeded' },
    },
  ];
  const refused = await look(store);
  const nothing = { since: refused.collection.startedAt, unread: 8, waiting: 8, limited: true };
  assert.deepEqual([readIn(refused), contentsOf(refused)], [[], nothing]);
  assert.deepEqual(
    refused.collection.partitions.find(({ kind }) => kind === 'repository')?.complete,
    true,
    'all were listed',
  );
  assert.equal(listedWhole(store), null);
  state.faults = [];
  store.ahead += 1000;
  const short = await look(store, {}, ({ done, name }) => {
    // Four are read at once; when the first is done the time is over.
    if (done > 0 && name !== 'acme') store.ahead += 4 * 60_000;
  });
  const contents = contentsOf(short);
  assert.ok(contents && contents.unread >= 4 && contents.unread < 8, 'some were read and some were not');
  assert.equal(contents.waiting, contents.unread);
  assert.deepEqual(listedWhole(store), { whole: 8 - contents.unread, total: 8 });
  const waits = short.observations.filter(({ attributes: { head } }) =>
    /not read yet/.test(JSON.stringify(head ?? '')),
  );
  assert.equal(waits.length, contents.unread);
  store.ahead += 1000;
  const rest = await look(store);
  assert.deepEqual(contentsOf(rest), { since: short.collection.startedAt, unread: 0, waiting: 0 });
  assert.equal(readIn(rest).length, contents.unread);
  assert.deepEqual(listedWhole(store), { whole: 8, total: 8 });
  const whole = kept();
  await look(whole);
  assert.deepEqual(factsOf(store), factsOf(whole));
  state.repositories = before;
});

test('a reading that failed in a part is repeated in the next look', async () => {
  const store = kept();
  world.state.faults = [
    { match: /plain\/branches\/main\/protection/, times: 99, status: 502, headers: { 'retry-after': '999' } },
  ];
  await look(store);
  world.state.faults = [];
  assert.match(JSON.stringify(saidOf(store, 'plain', 'default_branch_protection')), /"failed"/);
  store.ahead = HOUR;
  assert.deepEqual(readIn(await look(store)), ['acme/plain']);
  assert.deepEqual(saidOf(store, 'plain', 'default_branch_protection'), { absent: true });
  store.ahead = 2 * HOUR;
  assert.deepEqual(readIn(await look(store)), []);
});

test('whatever is told, in any order, never or twice, changes when something is known and not what', async () => {
  const names = ['acme/strict', 'acme/plain', 'acme/secret', 'acme/empty', 'acme', 'acme/nothing', 'other/x'];
  const plain = world.state.repositories.find(({ name }) => name === 'plain');
  assert.ok(plain);
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          tells: fc.array(fc.constantFrom(...names), { maxLength: 3 }),
          lists: fc.boolean(),
          isOpen: fc.boolean(),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      async (steps) => {
        const store = kept();
        await look(store);
        for (const { tells, lists, isOpen } of steps) {
          store.ahead += HOUR;
          plain.classic = isOpen ? undefined : { allow_deletions: { enabled: true } };
          const told = new Map(tells.map((name) => [name, new Date(Date.now() + store.ahead)]));
          await (lists ? look(store, { told: () => told }) : look(store, { alone: tells }));
        }
        store.ahead += ROUND_MS;
        await look(store);
        const other = kept();
        await look(other);
        const now = factsOf(other);
        const told = factsOf(store);
        assert.deepEqual([...told.keys()], [...now.keys()]);
        // What is said only while it is so (pushes past rules, while there are any) stays known to whoever looked then.
        for (const [id, attributes] of now)
          for (const [name, statement] of Object.entries(Object(attributes)))
            if (!isUnobserved(statement))
              assert.deepEqual(Reflect.get(Object(told.get(id)), name), statement, `${name} of ${id}`);
      },
    ),
    { numRuns: runs(10) },
  );
});

const listed = (id: number, more: Partial<ListedRepository> = {}): ListedRepository => ({
  id,
  node_id: `R_${id}`,
  full_name: `acme/r${id}`,
  pushed_at: '2026-01-02T03:04:05Z',
  ...more,
});

/** Takes the right to administer from whoever asks, and gives it back, at the end in any case. */
function rightsOfTheAsker(t: TestContext) {
  const token = Object.values(world.state.tokens).find(({ login }) => login === 'ada');
  assert.ok(token);
  const permitted = { ...token };
  const permit = () => void Object.assign(token, permitted);
  t.after(permit);
  return { refuse: () => void Object.assign(token, { admin: false }), permit };
}

test('who administers single repositories is asked once in 20 hours, and an hour later where it could not be told', async (t) => {
  const { refuse, permit } = rightsOfTheAsker(t);
  const store = kept();
  const listed = async (hours: number) => {
    store.ahead = hours * HOUR;
    const { collection } = await look(store);
    return collection.partitions.find(({ format }) => format === 'repository')?.complete;
  };
  refuse();
  assert.equal(await listed(0), false);
  permit();
  assert.equal(await listed(0.9), undefined, 'it is not asked');
  assert.equal(await listed(1.1), true);
  assert.equal(await listed(20), undefined, 'it is not asked');
  assert.equal(await listed(21.2), true);
});

test('what could not be seen of a repository stays a problem of each look until it is read again', async (t) => {
  const { refuse, permit } = rightsOfTheAsker(t);
  const store = kept();
  const problems = async (hours: number, more: Partial<CollectRequest> = {}) => {
    store.ahead = hours * HOUR;
    const { collection } = await look(store, more);
    return collection.problems
      .filter(({ code }) => code === 'permission-missing')
      .map(({ message }) => message.split(' could not')[0]);
  };
  refuse();
  const first = await problems(0);
  assert.ok(first.includes('push_protection of 4 of 4 repositories'), first.join());
  permit();
  const quiet = await problems(1);
  assert.ok(quiet.includes('vulnerability_alerts of 3 of 4 repositories'), quiet.join());
  await problems(2, { alone: ['acme/plain'] });
  const told = await problems(3);
  assert.ok(told.includes('vulnerability_alerts of 2 of 4 repositories'), told.join());
  assert.deepEqual(await problems(3 + ROUND_MS / HOUR), []);
});

test('each is read again within a round, not all at once, and the more urgent first', () => {
  const start = Date.parse('2026-11-01T00:00:00Z');
  const asked = { told: undefined, toldAll: undefined, failed: false };
  const at = (id: number, hours: number) =>
    dueOf(listed(id), {
      ...asked,
      earlier: { at: start, any: true },
      now: new Date(start + hours * HOUR),
    });
  const ids = Array.from({ length: 1000 }, (_, index) => index + 1);
  const due = (hours: number) => ids.filter((id) => at(id, hours) !== null).length;
  assert.deepEqual([due(17), due(36)], [0, 1000]);
  const middle = due(27);
  assert.ok(middle > 450 && middle < 550, `${middle} of 1000 are due in the middle of their time`);
  const shortest = Math.min(
    ...[...KINDS.values()]
      .filter(({ kind }) =>
        ['repository', 'pipeline', 'dependency', 'deployment-environment', 'credential'].includes(kind),
      )
      .map(({ fresh_for: life }) => Number.parseInt(life, 10) * 24 * HOUR),
  );
  assert.ok(2 * ROUND_MS <= shortest, 'what is read once in a round does not grow too old before the next');
  const now = new Date(start + 20 * HOUR);
  const reason = (more: Partial<Parameters<typeof dueOf>[1]>, one = listed(1)) =>
    dueOf(one, { ...asked, earlier: { at: start, any: true }, now, ...more })?.reason ?? null;
  assert.equal(reason({ earlier: undefined }), 'never');
  assert.equal(reason({ earlier: { at: start, any: false } }), 'failed');
  assert.equal(reason({ failed: true }), 'failed');
  assert.equal(reason({ told: new Date(start) }), 'told');
  assert.equal(reason({ told: new Date(start - 1) }), null, 'it was read since');
  assert.equal(reason({ toldAll: now }), 'all');
  assert.equal(reason({}, listed(1, { pushed_at: '2026-10-31T23:51:00Z' })), 'changed', 'clocks differ');
  assert.equal(reason({}, listed(1, { pushed_at: '2026-10-31T23:49:00Z' })), null);
  assert.equal(reason({}, listed(1, { updated_at: '2026-11-01T10:00:00Z' })), 'changed');
  assert.equal(reason({}, listed(1, { pushed_at: undefined })), 'changed', 'the host does not say');
  assert.equal(reason({}, listed(1, { pushed_at: null })), null, 'it has no commit');
  const queue = queueOf(2);
  const all = (['old', 'never', 'told', 'changed'] as const).map((one, index) => ({
    repository: listed(index + 1),
    reason: one,
    readAt: 0,
  }));
  const late = all.flatMap((one) => [...queue.add(one)]);
  assert.deepEqual(
    [queue.next(), queue.next(), queue.next()].map((one) => one?.reason),
    ['told', 'changed', undefined],
  );
  assert.deepEqual(late.map((one) => one.reason).sort(), ['never', 'old']);
  assert.ok(byUrgency({ ...all[0], readAt: 1 } as never, { ...all[0], readAt: 2 } as never) < 0);
});
