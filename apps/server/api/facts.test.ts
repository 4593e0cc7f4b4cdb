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

test('a simulated company takes nothing real', async () => {
  site = { ...sheds.site, simulated: 'made up' };
  const given = await send('collector', [observation('y', { value: true })]);
  site = sheds.site;
  assert.equal(given.statusCode, 422);
  assert.match(given.json().detail, /a simulated company takes nothing real/);
});
