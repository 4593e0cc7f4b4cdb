import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import { kept } from '@macadam/testing/server/sample';
import { sampleServer } from '@macadam/testing/server/sample-server';

const sheds = await kept();
let site: typeof sheds.site | null = sheds.site;
const server = await sampleServer({
  people: {
    collector: { via: 'machine', roles: [{ role: 'engineer', division: '' }] },
    ann: { roles: [{ role: 'engineer', division: '' }] },
    patrol: {
      via: 'machine',
      roles: [{ role: 'engineer', division: '' }],
      sources: [{ source: 'patrol', kinds: ['shed'] }],
    },
    mute: { via: 'machine', roles: [{ role: 'engineer', division: '' }], sources: [] },
  },
  site: () => site,
});
after(async () => {
  await server.close();
  await sheds.remove();
});

const observation = (name: string, locked: unknown) => ({
  kind: 'shed',
  id: `shed/${name}`,
  name,
  source: 'patrol',
  observedAt: '2026-11-03T12:30:00Z',
  receivedAt: '2026-11-03T12:30:00Z',
  assurance: 'effective',
  attributes: { name: { value: name }, locked, owners: { value: ['team-1'] } },
});
const NOON = '2026-11-03T12:00:00Z';
const send = (who: string, lines: readonly unknown[], search = '') =>
  server.app.inject({
    method: 'POST',
    url: `/api/observations${search}`,
    headers: {
      host: 'macadam.example',
      authorization: `Bearer ${who}`,
      'content-type': 'application/x-ndjson',
    },
    payload: `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`,
  });

test('a machine sends observations by line; again they change nothing', async () => {
  const first = await send('collector', [observation('new-shed', { value: true })]);
  assert.equal(first.statusCode, 201, first.body);
  const [one] = first.json().collections;
  assert.deepEqual([one.source, one.observations, one.repeated], ['patrol', 1, false]);
  const again = (await send('collector', [observation('new-shed', { value: true })])).json();
  assert.deepEqual([again.collections[0].batch, again.collections[0].repeated], [one.batch, true]);
  const listed = await server.ask('ann', 'GET', '/api/collections?source=patrol');
  assert.deepEqual(
    listed.json().items.map(({ batch, source }: { batch: number; source: string }) => [source, batch]),
    [['patrol', one.batch]],
  );
  await sheds.stores.facts.settled();
  const asset = await server.ask('ann', 'GET', '/api/assets/shed%2Fnew-shed');
  assert.equal(asset.statusCode, 200, asset.body);
});

test('a line that is wrong is named, and people send nothing', async () => {
  const wrong = await send('collector', [observation('odd', { value: true }), { kind: 'shed' }]);
  assert.equal(wrong.statusCode, 422, wrong.body);
  assert.match(wrong.json().errors[0].field, /^line 2/);
  assert.equal((await send('ann', [observation('x', { value: true })])).statusCode, 403);
  const json = await server.ask('collector', 'POST', '/api/observations', observation('x', { value: true }));
  assert.equal(json.statusCode, 400);
  assert.match(json.body, /application\/x-ndjson/);
});

test('what was sent is in the log before it is stored, and what came of it after, also where a part was refused', async () => {
  const entries = async () =>
    server.decisions.transaction({ id: 'test', divisions: 'all' }, (tx) => tx.auditEntries({ limit: 2 }), {
      readOnly: true,
    });
  await send('collector', [observation('in-the-log', { value: true })]);
  const [after, before] = await entries();
  assert.deepEqual(
    [before?.action, after?.action, after?.principal],
    ['fact.receive', 'fact.ingest', 'collector'],
  );
  const partly = [
    { collection: { source: 'a', startedAt: NOON, finishedAt: NOON, status: 'complete' } },
    { ...observation('part', { value: true }), source: 'a' },
    { collection: { source: 'b', startedAt: NOON, finishedAt: NOON, status: 'complete' } },
    { kind: 'shed' },
  ];
  assert.equal((await send('collector', partly)).statusCode, 422);
  const [told] = await entries();
  const { batches, mistakes } = (told as NonNullable<typeof told>).detail as {
    batches: readonly { source: string }[];
    mistakes: number;
  };
  assert.deepEqual(
    [told?.action, batches.map(({ source }) => source), mistakes > 0],
    ['fact.ingest', ['a'], true],
  );
});

test('asked again with its key, a body that came by itself is answered as before', async () => {
  const ask = (name: string) =>
    server.app.inject({
      method: 'POST',
      url: '/api/observations',
      headers: {
        host: 'macadam.example',
        authorization: 'Bearer collector',
        'content-type': 'application/x-ndjson',
        'idempotency-key': 'once',
      },
      payload: `${JSON.stringify(observation(name, { value: true }))}\n`,
    });
  const first = await ask('keyed');
  assert.equal(first.statusCode, 201, first.body);
  const again = await ask('keyed');
  assert.deepEqual([again.statusCode, again.headers['idempotency-replayed']], [201, 'true']);
  assert.deepEqual(again.json(), first.json());
  assert.equal((await ask('other')).statusCode, 409);
});

test('a token speaks for the sources and kinds that it was issued for, and for nobody else', async () => {
  assert.equal((await send('patrol', [observation('by-patrol', { value: true })])).statusCode, 201);
  const asHr = await send('patrol', [{ ...observation('by-hr', { value: true }), source: 'hr' }]);
  assert.equal(asHr.statusCode, 403);
  assert.match(asHr.json().detail, /does not speak for the source `hr`; issue one whose `sources` name it/);
  const otherKind = await send('patrol', [
    { ...observation('x', { value: true }), kind: 'barn', id: 'barn/x' },
  ]);
  assert.match(otherKind.json().detail, /speaks for the source `patrol`, and not of the kind `barn`/);
  // A collection that claims to have listed a kind removes what it did not list.
  const claims = await send('patrol', [
    {
      collection: {
        source: 'patrol',
        startedAt: NOON,
        finishedAt: NOON,
        status: 'complete',
        partitions: [{ kind: 'barn', container: 'all', containerName: 'All', complete: true, seen: 0 }],
      },
    },
  ]);
  assert.equal(claims.statusCode, 403, claims.body);
  assert.equal((await send('mute', [observation('x', { value: true })])).statusCode, 403);
  const [refusal] = await server.decisions.transaction(
    { id: 'test', divisions: 'all' },
    (tx) => tx.auditEntries({ action: 'fact.ingest', limit: 1 }),
    { readOnly: true },
  );
  assert.deepEqual([refusal?.outcome, refusal?.principal], ['refused', 'mute']);
});

test('a single value that calls itself incomplete is no value, however the line is read', async () => {
  const half = observation('half', { value: true, complete: false });
  const sent = await send('collector', [half]);
  assert.match(sent.body, /of locked whether it is complete, and it is not a list or map/);
});

test('whoever lists what was collected holds no connection to the decisions while the engine is asked', async () => {
  let asked = 0;
  // Where the list stood in a transaction, this one would be within it, which is refused.
  const collections: typeof sheds.site.facts.collections = async (filter) => {
    asked += 1;
    await server.decisions.transaction({ id: 'test', divisions: 'all' }, async () => {}, { readOnly: true });
    return sheds.site.facts.collections(filter);
  };
  site = { ...sheds.site, facts: { ...sheds.site.facts, collections } };
  const listed = await server.ask('ann', 'GET', '/api/collections?limit=1');
  const csv = await server.ask('ann', 'GET', '/api/collections?format=csv');
  const stranger = await server.ask('nobody', 'GET', '/api/collections');
  site = sheds.site;
  assert.deepEqual([listed.statusCode, csv.statusCode, stranger.statusCode], [200, 200, 401], listed.body);
  assert.ok(listed.json().items.length === 1 && csv.body.split('\n').length > 1);
  assert.equal(asked, 2);
});

test('a simulated company takes nothing real', async () => {
  site = { ...sheds.site, simulated: 'made up' };
  const given = await send('collector', [observation('y', { value: true })]);
  site = sheds.site;
  assert.equal(given.statusCode, 422);
  assert.match(given.json().detail, /a simulated company takes nothing real/);
});
