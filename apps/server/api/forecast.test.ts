import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { kept } from '@macadam/testing/server/sample';
import { sampleServer } from '@macadam/testing/server/sample-server';

const COMMITMENTS = { 'sheds-locked': { share: 0.1, by: '2027-03-31', accountable: 'Head of sheds' } };
const sheds = { ...(await kept({ commitments: COMMITMENTS })) };
const server = await sampleServer({
  people: { ann: { roles: [{ role: 'reader', division: '' }] } },
  site: () => sheds.site,
});
after(async () => {
  await server.close();
  await sheds.remove();
});

test('three days of history are too few weeks, and it says so', async () => {
  const given = await server.ask(
    'ann',
    'GET',
    '/api/standards/sheds-locked/forecast?share=0.9&by=2027-03-31',
  );
  assert.equal(given.statusCode, 200, given.body);
  const { outcome, why, weeks, atRisk } = given.json();
  assert.deepEqual(
    { outcome, why, weeks, atRisk },
    { outcome: 'cannot-tell', why: 'too-few-steps', weeks: 0, atRisk: null },
  );
});

test('a target that is reached is met', async () => {
  const given = await server.ask(
    'ann',
    'GET',
    '/api/standards/sheds-locked/forecast?share=0.1&by=2027-03-31',
  );
  assert.equal(given.json().outcome, 'met');
});

test('without a target, and without a standard, it says what is missing', async () => {
  sheds.site = { ...sheds.site, commitments: {} };
  const none = await server.ask('ann', 'GET', '/api/standards/sheds-locked/forecast');
  assert.equal(none.statusCode, 422);
  assert.match(none.json().detail, /has no target: give `share` and `by`/);
  assert.equal((await server.ask('ann', 'GET', '/api/standards/none/forecast')).statusCode, 404);
});

test('a list, one standard and its forecast say the same of a promise that the company made', async () => {
  sheds.site = { ...sheds.site, commitments: COMMITMENTS };
  const asked = async (path: string) => (await server.ask('ann', 'GET', path)).json();
  const [listed] = (await asked('/api/standards')).items;
  const one = await asked('/api/standards/sheds-locked');
  const expected = {
    label: 'Sheds are <locked> & "kept" so',
    accountable: 'Head of sheds',
    target: { share: 0.1, by: '2027-03-31' },
    status: 'met',
    statusCause: null,
  };
  for (const found of [listed, one]) {
    const { label, accountable, target, status, statusCause } = found;
    assert.deepEqual({ label, accountable, target, status, statusCause }, expected);
  }
  assert.equal((await asked('/api/standards/sheds-locked/forecast')).outcome, 'met');
  sheds.site = { ...sheds.site, commitments: { 'sheds-locked': { share: 0.9, by: '2027-03-31' } } };
  const { status, statusCause } = await asked('/api/standards/sheds-locked');
  assert.deepEqual({ status, statusCause }, { status: 'cannot-tell', statusCause: 'too-few-steps' });
});
