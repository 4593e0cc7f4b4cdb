/** Between two looks exceptions begin and end; what is listed says so beside what the look found. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { exceptionsInForce } from '@macadam/services/work/exceptions';
import { worked } from '@macadam/testing/server/sample-work';

const { server, sheds, decisions, close } = await worked();
after(async () => {
  await close();
  assert.deepEqual(server.failures, []);
});

async function ask(who: string, method: 'GET' | 'POST', path: string, body?: unknown) {
  const answer = await server.ask(who, method, path, body);
  assert.ok(answer.statusCode < 300, answer.body);
  return answer.json();
}
const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const LIST = '/api/standards/sheds-locked/assets?team=team-02';
const rowOf = async (asset: string) => {
  const { items } = await ask('ann', 'GET', LIST);
  const row = items.find((one: { asset: string }) => one.asset === asset);
  return [row.verdict, row.excepted, row.exceptedNow, row.exception];
};
const page = async (path: string) => (await server.ask('ann', 'GET', path)).body;

test('what is excepted since the newest look, and what is no longer, is said beside it and on the asset', async () => {
  const { items } = await ask('ann', 'GET', `${LIST}&verdict=fail`);
  const asset: string = items[0].asset;
  const own = `/assets/${encodeURIComponent(asset)}`;
  assert.deepEqual(await rowOf(asset), ['fail', false, false, null]);
  assert.deepEqual((await ask('ann', 'GET', `/api${own}`)).exceptions, []);
  const until = day(20);
  const { id } = await ask('ann', 'POST', '/api/exceptions', {
    team: 'team-02',
    standard: 'sheds-locked',
    selectors: [asset],
    reason: 'the lock is on order',
    compensating: 'somebody stands at it',
    until,
  });
  assert.deepEqual(await rowOf(asset), ['fail', false, false, null], 'nobody has approved it');
  await ask('dora', 'POST', `/api/exceptions/${id}/approval`, { proof: 'minutes 12' });
  assert.deepEqual(await rowOf(asset), ['fail', false, true, id]);
  const held = {
    id,
    standard: 'sheds-locked',
    until,
    inForce: true,
    why: `it holds until the end of ${until}`,
  };
  assert.deepEqual((await ask('ann', 'GET', `/api${own}`)).exceptions, [held]);
  const list = await page('/standards/sheds-locked/assets?team=team-02&state=fail');
  assert.match(list, new RegExp(`; excepted now, by <a href="/exceptions/${id}">`));
  assert.match(list, /, as of <time[^>]*>[^<]*<\/time>; what is excepted now stands beside\./);
  assert.match(await page(own), new RegExp(`>in force: <a href="/exceptions/${id}">`));

  // The next look, in the time of the sheds, finds it excepted; then somebody ends it.
  const granted = await decisions.transaction({ id: 'reader', divisions: 'all' }, (tx) =>
    exceptionsInForce(tx),
  );
  const exceptions = granted.map(({ approved_at: _, ...one }) => one);
  const { kinds } = sheds.site.stores ?? assert.fail();
  await sheds.stores.history.tick({
    facts: sheds.stores.facts,
    kinds,
    exceptions,
    at: new Date('2026-11-03T12:00:01Z'),
    standards: [...sheds.site.standards.values()].map(({ compiled }) => compiled),
  });
  assert.deepEqual(await rowOf(asset), ['fail', true, true, id]);
  await ask('dora', 'POST', `/api/exceptions/${id}/end`, { reason: 'the lock has come' });
  assert.deepEqual(await rowOf(asset), ['fail', true, false, null]);
  const [over] = (await ask('ann', 'GET', `/api${own}`)).exceptions;
  assert.equal(over.inForce, false);
  assert.match(over.why, /^it was ended at 20/);
  assert.match(
    await page('/standards/sheds-locked/assets?team=team-02&state=excepted'),
    /; no exception that you may read is in force now/,
  );
  assert.match(await page(own), />not in force: <a/);
  const earlier = await ask('ann', 'GET', `${LIST}&to=2026-11-03T12:00:00Z`);
  assert.equal(earlier.items.find((one: { asset: string }) => one.asset === asset).exceptedNow, null);
});

test('an exception of the estate’s file names assets by what they are called', async () => {
  const { permittedIn } = await import('./active-exceptions.ts');
  const stated = {
    standard: 'sheds-locked',
    assets: ['shed-0*'],
    reason: 'they stand in a yard',
    approver: 'dora',
    until: day(9),
  };
  const site = { ...sheds.site, exceptions: [stated] };
  await decisions.transaction(
    { id: 'reader', divisions: 'all' },
    async (tx) => {
      const permitted = permittedIn(tx, site, new Date()) ?? assert.fail();
      const held = await permitted.inForce('sheds-locked', ['shed/shed-001', 'shed/shed-101']);
      assert.deepEqual([...held.keys()], ['shed/shed-001']);
      const named = await permitted.ofAsset({ id: 'shed/shed-001', name: 'shed-001' });
      assert.deepEqual(
        named.map(({ id, inForce }) => [id, inForce]),
        [[null, true]],
      );
    },
    { readOnly: true },
  );
});
