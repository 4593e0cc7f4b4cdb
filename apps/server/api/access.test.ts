import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test, { after } from 'node:test';
import { newToken } from '@macadam/adapters/identity/token';
import { importOrganisation } from '@macadam/services/ownership/intake';
import { sampleServer } from '@macadam/testing/server/sample-server';
import { entryOf } from '../session/authentication.ts';

const system = { id: 'machine:test', divisions: 'all' } as const;
const server = await sampleServer({
  people: {},
  logIns: (parts) => entryOf({ ...parts, belonging: async () => ({ teams: ['crew'], standards: [] }) }),
});
after(server.close);
const { decisions, app } = server;

await decisions.transaction(system, async (tx) => {
  for (const id of ['ann', 'bob', 'dora']) await tx.organisation.putPerson({ id, name: id.toUpperCase() });
  await tx.access.grant({ person: 'ann', role: 'administrator', division: '' });
  await tx.access.grant({ person: 'bob', role: 'engineer', division: 'payments' });
  await tx.access.grant({ person: 'dora', role: 'administrator', division: 'games' });
});

const CSV = `person,name,email,company,division,team,accountable_for
pat,Pat,pat@example.test,Acme,Payments,Till,
gil,Gil,gil@example.test,Acme,Games,Dice,
`;
await decisions.transaction(system, async (tx) => {
  const taken = await importOrganisation(tx, { format: 'csv', text: CSV, file: 'p.csv', on: '2026-01-01' });
  assert.deepEqual(taken.refusals, []);
});

/** Cookies of people who came by a link. */
const { makeLink } = await import('@macadam/adapters/identity/link');
async function loggedIn(person: string): Promise<string> {
  const link = await makeLink({ decisions, now: () => new Date(), random: randomBytes }, person);
  const answer = await app.inject({ url: link, headers: { host: 'macadam.example' } });
  assert.equal(answer.statusCode, 200, answer.body);
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
}
const [ann, bob, dora] = [await loggedIn('ann'), await loggedIn('bob'), await loggedIn('dora')];

const by = (carried: string) =>
  carried.startsWith('macadam=') ? { cookie: carried } : { authorization: `Bearer ${carried}` };
interface AskInput {
  readonly carried: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly payload?: object;
  readonly headers?: Record<string, string>;
}

async function ask({ carried, method, url, payload, headers = {} }: AskInput) {
  const answer = await app.inject({
    method,
    url,
    headers: { host: 'macadam.example', ...by(carried), ...headers },
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
}

test('who one is, by what one came', async () => {
  const { body } = await ask({ carried: bob, method: 'GET', url: '/api/me' });
  assert.deepEqual(body, {
    person: 'bob',
    name: 'BOB',
    via: 'session',
    roles: [{ role: 'engineer', division: 'payments' }],
    scopes: 'all',
    teams: ['crew'],
    standards: [],
  });
  for (const carried of ['macadam=x', `macadam=${'A'.repeat(43)}`, newToken(randomBytes), 'x'])
    assert.equal((await ask({ carried, method: 'GET', url: '/api/me' })).status, 401, carried);
});

test('an administrator gives and takes roles, of the own division alone, and never to oneself', async () => {
  const give = (carried: string, body: object) =>
    ask({ carried, method: 'POST', url: '/api/roles', payload: body });
  const reader = { person: 'bob', role: 'reader', division: 'games' };
  assert.match(
    (await give(bob, { ...reader, person: 'ann' })).body.detail,
    /Access::grant takes the role administrator for division games/,
  );
  assert.equal((await give(dora, { ...reader, division: 'payments' })).status, 403);
  assert.match(
    (await give(dora, { ...reader, person: 'dora' })).body.detail,
    /nobody gives a role to oneself \(nobody-grants-themselves\)/,
  );
  const given = await give(dora, reader);
  assert.deepEqual(
    [given.status, given.body.grantedBy, given.body.role, given.body.division],
    [201, 'dora', 'reader', 'games'],
  );
  assert.equal((await give(ann, { ...reader, person: 'nobody' })).status, 404);
  assert.equal((await give(ann, { ...reader, role: 'king' })).status, 400);
  assert.equal(
    (await ask({ carried: bob, method: 'GET', url: '/api/me' })).body.roles.length,
    2,
    'it holds from the next request on',
  );
  assert.equal(
    (await ask({ carried: bob, method: 'DELETE', url: `/api/roles/${given.body.number}` })).status,
    403,
  );
  assert.equal(
    (await ask({ carried: ann, method: 'DELETE', url: `/api/roles/${given.body.number}` })).status,
    204,
  );
  assert.equal((await ask({ carried: bob, method: 'GET', url: '/api/me' })).body.roles.length, 1);
  const listed = await ask({ carried: dora, method: 'GET', url: '/api/roles' });
  assert.deepEqual(
    listed.body.items.map(({ person }: { person: string }) => person),
    ['dora'],
    'a division sees its own',
  );
  assert.equal((await ask({ carried: bob, method: 'GET', url: '/api/roles' })).status, 403);
});

test('a token is shown once, does what it names and no more, and is taken back at once', async () => {
  const issued = await ask({
    carried: bob,
    method: 'POST',
    url: '/api/tokens',
    payload: {
      name: 'pipeline',
      scopes: ['Access::readRoles'],
      hours: 1,
    },
  });
  assert.equal(issued.status, 201);
  const { token, id } = issued.body;
  assert.deepEqual((await ask({ carried: token, method: 'GET', url: '/api/me' })).body.scopes, [
    'Access::readRoles',
  ]);
  const refused = await ask({ carried: token, method: 'GET', url: '/api/tokens' });
  assert.match(refused.body.detail, /the token was not issued for it \(tokens-are-held-to-their-scopes\)/);
  assert.match(
    (
      await ask({
        carried: token,
        method: 'POST',
        url: '/api/tokens',
        payload: { name: 'another', scopes: ['*::read'], hours: 1 },
      })
    ).body.detail,
    /tokens-make-no-tokens/,
  );
  const listed = await ask({ carried: bob, method: 'GET', url: '/api/tokens' });
  assert.equal(JSON.stringify(listed.body).includes(token), false);
  assert.equal('digest' in listed.body.items[0], false);
  assert.match(listed.body.items[0].lastUsedAt, /^\d{4}-/);
  assert.equal(
    (await ask({ carried: dora, method: 'DELETE', url: `/api/tokens/${id}` })).status,
    404,
    'one sees no token of others',
  );
  assert.equal((await ask({ carried: bob, method: 'DELETE', url: `/api/tokens/${id}` })).status, 204);
  assert.equal((await ask({ carried: token, method: 'GET', url: '/api/me' })).status, 401);
});

test('what would keep a token, issue it in another’s name or for longer is refused', async () => {
  const asked = { name: 'n', scopes: ['*::read'], hours: 1 };
  const kept = await ask({
    carried: bob,
    method: 'POST',
    url: '/api/tokens',
    payload: asked,
    headers: { 'idempotency-key': 'k' },
  });
  assert.match(kept.body.detail, /a secret that is shown once/);
  assert.equal(
    (await ask({ carried: bob, method: 'POST', url: '/api/tokens', payload: { ...asked, hours: 169 } }))
      .status,
    400,
  );
  assert.equal(
    (await ask({ carried: ann, method: 'POST', url: '/api/tokens', payload: { ...asked, person: 'bob' } }))
      .status,
    403,
  );
  const odd = await ask({
    carried: bob,
    method: 'POST',
    url: '/api/tokens',
    payload: { ...asked, scopes: ['all'] },
  });
  assert.deepEqual([odd.status, odd.body.errors[0].field], [422, 'scopes']);
});

test('an administrator makes a machine, and a token for it', async () => {
  assert.equal(
    (await ask({ carried: bob, method: 'PUT', url: '/api/machines/ci', payload: { title: 'Pipelines' } }))
      .status,
    403,
  );
  assert.equal(
    (await ask({ carried: ann, method: 'PUT', url: '/api/machines/ci', payload: { title: 'Pipelines' } }))
      .status,
    200,
  );
  const machine = (await ask({ carried: ann, method: 'GET', url: '/api/machines/ci' })).body;
  assert.deepEqual([machine.id, machine.title], ['machine:ci', 'Pipelines']);
  const rename = (seen: number) =>
    ask({
      carried: ann,
      method: 'PUT',
      url: '/api/machines/ci',
      payload: { title: 'Builds' },
      headers: { 'if-match': `"${seen}"` },
    });
  assert.equal((await rename(machine.version + 1)).status, 412);
  assert.deepEqual((await rename(machine.version)).body, {
    ...machine,
    title: 'Builds',
    version: machine.version + 1,
  });
  assert.equal((await rename(machine.version)).status, 412);
  const body = { person: 'machine:ci', name: 'n', scopes: ['Access::readRoles'], hours: 168 };
  const issued = await ask({ carried: ann, method: 'POST', url: '/api/tokens', payload: body });
  assert.equal(issued.status, 201);
  const me = (await ask({ carried: issued.body.token, method: 'GET', url: '/api/me' })).body;
  assert.deepEqual([me.person, me.name, me.via, me.roles], ['machine:ci', 'Builds', 'machine', []]);
});

test('sessions are seen and ended, one’s own and by an administrator, and their secrets are nowhere', async () => {
  const other = await loggedIn('bob');
  const { body } = await ask({ carried: bob, method: 'GET', url: '/api/sessions' });
  assert.equal(body.items.length, 2);
  assert.equal(JSON.stringify(body).includes(other.split('=')[1] ?? ''), false);
  assert.equal((await ask({ carried: dora, method: 'GET', url: '/api/sessions?person=bob' })).status, 403);
  const [one] = body.items;
  assert.equal((await ask({ carried: ann, method: 'DELETE', url: `/api/sessions/${one.id}` })).status, 204);
  const left = [
    await ask({ carried: bob, method: 'GET', url: '/api/me' }),
    await ask({ carried: other, method: 'GET', url: '/api/me' }),
  ].map(({ status }) => status);
  assert.deepEqual(left.sort(), [200, 401]);
});

test('what an administrator was refused is in the log', async () => {
  const entries = await decisions.transaction(system, (tx) =>
    tx.auditEntries({ action: 'Access::grant', limit: 100 }),
  );
  assert.ok(
    entries.some(
      ({ principal, outcome, reason }) =>
        principal === 'dora' && outcome === 'refused' && /oneself/.test(reason ?? ''),
    ),
  );
  assert.deepEqual(server.failures, []);
});
