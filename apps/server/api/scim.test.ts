import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import test, { after } from 'node:test';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { OrgEvent } from '@macadam/core/org/org';
import { orgTree, recordEvents } from '@macadam/services/ownership/log';
import { sampleServer } from '@macadam/testing/server/sample-server';

const server = await sampleServer({
  people: {
    directory: { via: 'machine', roles: [{ role: 'administrator', division: '' }] },
    northern: { via: 'machine', roles: [{ role: 'administrator', division: 'north' }] },
  },
  random: randomBytes,
});
after(async () => {
  await server.close();
  assert.deepEqual(server.failures, []);
});
const run = <T>(work: (tx: DecisionTransaction) => Promise<T>) =>
  server.decisions.transaction({ id: 'test', divisions: 'all' }, work);
const [USER, GROUP, PATCH] = [
  'urn:ietf:params:scim:schemas:core:2.0:User',
  'urn:ietf:params:scim:schemas:core:2.0:Group',
  'urn:ietf:params:scim:api:messages:2.0:PatchOp',
];
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
interface AskInput {
  readonly method: Method;
  readonly path: string;
  readonly body?: object;
  readonly headers?: Record<string, string>;
  readonly who?: string;
}

const ask = async ({ method, path, body, headers = {}, who = 'directory' }: AskInput) => {
  const type: Record<string, string> = body ? { 'content-type': 'application/scim+json' } : {};
  const answer = await server.ask(who, method, `/scim/v2/${path}`, body && JSON.stringify(body), {
    ...type,
    ...headers,
  });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: answer.body === '' ? null : answer.json(),
  };
};
const user = (userName: string, more: object = {}) => ({ schemas: [USER], userName, active: true, ...more });
const patch = (...Operations: readonly object[]) => ({ schemas: [PATCH], Operations });

const on = '2026-01-01';
const COMPANY: readonly OrgEvent[] = [
  { on, event: 'created', unit: 'acme', level: 'company', name: 'Acme', parent: null },
  { on, event: 'created', unit: 'shop', level: 'team', name: 'The Shop', parent: 'acme' },
];
await run((tx) => recordEvents(tx, COMPANY, 'a test'));
const tree = () => run((tx) => orgTree(tx, tx.at.slice(0, 10)));
const unitsOf = async (person: string) => [...((await tree()).people.get(person)?.units ?? [])];

test('a person is made with an id of their own, found, and named but once', async () => {
  const made = await ask({
    method: 'POST',
    path: 'Users',
    body: user('Ann@Example.test', { externalId: 'x1', name: { givenName: 'Ann', familyName: 'O' } }),
  });
  assert.equal(made.status, 201);
  assert.match(String(made.headers['content-type']), /^application\/scim\+json/);
  assert.equal(made.body.id, 'ann');
  assert.equal(made.headers.location, 'http://macadam.example/scim/v2/Users/ann');
  assert.equal(made.headers.etag, made.body.meta.version);
  const again = await ask({ method: 'POST', path: 'Users', body: user('ann@example.TEST') });
  assert.deepEqual(
    [again.status, again.body],
    [
      409,
      {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
        status: '409',
        scimType: 'uniqueness',
        detail: 'there is a User with the userName `ann@example.TEST`',
      },
    ],
  );
  const found = await ask({
    method: 'GET',
    path: `Users?filter=${encodeURIComponent('externalId eq "x1"')}&attributes=userName`,
  });
  assert.deepEqual(found.body.Resources, [{ schemas: [USER], id: 'ann', userName: 'Ann@Example.test' }]);
  assert.equal((await run((tx) => tx.organisation.person('ann')))?.name, 'Ann O');
});

test('a group of a unit’s name makes its people the unit’s, and takes them out again', async () => {
  const made = await ask({
    method: 'POST',
    path: 'Groups',
    body: {
      schemas: [GROUP],
      displayName: 'The Shop',
      members: [{ value: 'ann' }],
    },
  });
  assert.equal(made.status, 201);
  assert.deepEqual(await unitsOf('ann'), ['shop']);
  assert.deepEqual((await ask({ method: 'GET', path: 'Users/ann' })).body.groups, [
    {
      value: made.body.id,
      display: 'The Shop',
      type: 'direct',
      $ref: `http://macadam.example/scim/v2/Groups/${made.body.id}`,
    },
  ]);
  await ask({ method: 'POST', path: 'Users', body: user('bo') });
  const path = `Groups/${made.body.id}`;
  await ask({ method: 'PATCH', path, body: patch({ op: 'add', path: 'members', value: [{ value: 'bo' }] }) });
  assert.deepEqual(await unitsOf('bo'), ['shop']);
  const gone = await ask({
    method: 'PATCH',
    path,
    body: patch({ op: 'remove', path: 'members[value eq "ann"]' }),
  });
  assert.deepEqual(
    gone.body.members.map(({ value }: { value: string }) => value),
    ['bo'],
  );
  assert.deepEqual(await unitsOf('ann'), []);
  const stranger = await ask({
    method: 'PATCH',
    path,
    body: patch({ op: 'add', path: 'members', value: [{ value: 'zoe' }] }),
  });
  assert.deepEqual([stranger.status, stranger.body.detail], [400, 'there is no User or Group `zoe`']);
});

test('who is deactivated has no session, token or role from then on, and leaves; who comes back is back in the unit', async () => {
  const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
  await run(async ({ access }) => {
    await access.grant({ person: 'bo', role: 'engineer', division: 'north' });
    await access.startSession({
      digest: 'e'.repeat(64),
      person: 'bo',
      expiresAt,
      means: 'link',
      issuer: null,
    } as never);
  });
  const off = await ask({
    method: 'PATCH',
    path: 'Users/bo',
    body: patch({ op: 'Replace', path: 'active', value: 'False' }),
  });
  assert.deepEqual([off.status, off.body.active], [200, false]);
  const left = await run(async ({ access }) => [
    (await access.roles('bo')).length,
    await access.session('e'.repeat(64)),
  ]);
  assert.deepEqual(left, [0, null]);
  assert.equal((await tree()).people.has('bo'), false);
  await ask({ method: 'PATCH', path: 'Users/bo', body: patch({ op: 'replace', value: { active: true } }) });
  assert.deepEqual(await unitsOf('bo'), ['shop']);
  const [entry] = await run((tx) => tx.auditEntries({ action: 'access.shut-out' }));
  assert.deepEqual([entry?.subject, entry?.principal], ['bo', 'directory']);
});

test('a change of what has changed since is refused; what did not change need not be sent again', async () => {
  const read = await ask({ method: 'GET', path: 'Users/ann' });
  const etag = String(read.headers.etag);
  assert.equal(
    (await ask({ method: 'GET', path: 'Users/ann', headers: { 'if-none-match': etag } })).status,
    304,
  );
  const changed = await ask({
    method: 'PUT',
    path: 'Users/ann',
    body: user('ann@example.test', { title: 'Head' }),
    headers: {
      'if-match': etag,
    },
  });
  assert.equal(changed.status, 200);
  assert.notEqual(changed.headers.etag, etag);
  assert.equal(changed.body.externalId, undefined, 'a replacement leaves out what it does not name');
  const late = await ask({
    method: 'PATCH',
    path: 'Users/ann',
    body: patch({ op: 'remove', path: 'title' }),
    headers: { 'if-match': etag },
  });
  assert.deepEqual([late.status, late.body.status], [412, '412']);
  assert.equal(
    (await ask({ method: 'DELETE', path: 'Users/ann', headers: { 'if-match': etag } })).status,
    412,
  );
});

test('who is taken out is there no more, stays on record, and the id is never given again', async () => {
  await ask({ method: 'POST', path: 'Users', body: user('cy@example.test') });
  assert.equal((await ask({ method: 'DELETE', path: 'Users/cy' })).status, 204);
  assert.equal((await ask({ method: 'GET', path: 'Users/cy' })).status, 404);
  assert.equal((await ask({ method: 'DELETE', path: 'Users/cy' })).status, 404);
  assert.ok((await run((tx) => tx.organisation.person('cy')))?.removedAt);
  const again = await ask({ method: 'POST', path: 'Users', body: user('cy@example.test') });
  assert.deepEqual([again.status, again.body.id], [201, 'cy@example.test']);
});

test('somebody whom the organisation knows by the same address is that person', async () => {
  await run((tx) =>
    tx.organisation.putPeople([
      { id: 'dee', name: 'Dee', mail: 'dee@example.test' },
      { id: 'eve', name: 'Eve', mail: 'other@example.test' },
    ]),
  );
  assert.equal((await ask({ method: 'POST', path: 'Users', body: user('dee@example.test') })).body.id, 'dee');
  assert.equal(
    (await ask({ method: 'POST', path: 'Users', body: user('eve@example.test') })).body.id,
    'eve@example.test',
  );
});

test('of whom no directory made, a directory says whether they are active, and changes nothing else', async () => {
  await run(async ({ organisation, access }) => {
    await organisation.putPeople([
      { id: 'fay', name: 'Fay', mail: 'fay@example.test' },
      { id: 'gus', name: 'Gus', mail: 'gus@example.test' },
      { id: 'machine:pipe', name: 'The pipe' },
    ]);
    await access.grant({ person: 'fay', role: 'administrator', division: '' });
    await access.grant({ person: 'gus', role: 'administrator', division: '' });
  });
  const person = (id: string) => run((tx) => tx.organisation.person(id));
  // Named by the address that the organisation knows: the name and the address stay what they were.
  const named = await ask({
    method: 'POST',
    path: 'Users',
    body: user('fay@example.test', {
      displayName: 'Mallory',
      externalId: 'x-fay',
      emails: [{ value: 'm@evil.test' }],
    }),
  });
  assert.deepEqual([named.status, named.body.id], [201, 'fay']);
  const fay = await person('fay');
  assert.deepEqual([fay?.name, fay?.mail], ['Fay', 'fay@example.test']);
  for (const change of [
    { op: 'replace', path: 'displayName', value: 'Mallory II' },
    { op: 'replace', path: 'userName', value: 'mallory' },
    { op: 'replace', path: 'externalId', value: 'x-mallory' },
    { op: 'replace', path: 'emails', value: [{ value: 'mallory@evil.test' }] },
  ]) {
    const refused = await ask({ method: 'PATCH', path: 'Users/fay', body: patch(change) });
    assert.deepEqual([refused.status, refused.body.scimType], [403, 'mutability'], change.path);
    assert.match(refused.body.detail, /no directory made `fay`, so it does not change/);
  }
  assert.equal((await ask({ method: 'DELETE', path: 'Users/fay' })).status, 403);
  const shop = (await ask({ method: 'GET', path: 'Groups' })).body.Resources[0].id;
  const joining = patch({ op: 'add', path: 'members', value: [{ value: 'fay' }] });
  assert.equal((await ask({ method: 'PATCH', path: `Groups/${shop}`, body: joining })).status, 403);
  // Whom it has not named it changes in no way, and of machines it knows nothing.
  const off = patch({ op: 'replace', path: 'active', value: false });
  assert.equal((await ask({ method: 'PATCH', path: 'Users/gus', body: off })).status, 403);
  assert.equal((await ask({ method: 'GET', path: 'Users/machine:pipe' })).status, 404);
  assert.equal((await ask({ method: 'PATCH', path: 'Users/machine:pipe', body: off })).status, 404);
  assert.equal((await ask({ method: 'DELETE', path: 'Users/machine:pipe' })).status, 404);
  const all = await ask({ method: 'GET', path: 'Users?count=500' });
  assert.ok(all.body.Resources.every(({ id }: { id: string }) => !id.startsWith('machine:')));
  assert.equal((await ask({ method: 'PATCH', path: 'Users/fay', body: off })).body.active, false);
  assert.equal((await person('fay'))?.active, false);
});

test('a directory does not take the last administrator', async () => {
  await run(async ({ organisation, access }) => {
    await organisation.putPerson({ id: 'hal', name: 'Hal', fromDirectory: true });
    await access.grant({ person: 'hal', role: 'administrator', division: '' });
    const [role] = await access.roles('gus');
    await access.revoke(role?.number ?? 0);
  });
  const suspended = await ask({
    method: 'PATCH',
    path: 'Users/hal',
    body: patch({ op: 'replace', path: 'active', value: false }),
  });
  assert.equal(suspended.status, 422, JSON.stringify(suspended.body));
  assert.match(suspended.body.detail, /hal is the last administrator of the company/);
  assert.equal((await ask({ method: 'DELETE', path: 'Users/hal' })).status, 422);
  assert.equal((await run((tx) => tx.organisation.person('hal')))?.active, true);
});

test('lists are filtered, sorted and paged, and searched by a body', async () => {
  const names = (body: { Resources: { userName: string }[] }) =>
    body.Resources.map(({ userName }) => userName);
  const listed = await ask({
    method: 'GET',
    path: 'Users?sortBy=userName&sortOrder=descending&startIndex=3&count=2',
  });
  assert.deepEqual(names(listed.body), ['fay@example.test', 'eve@example.test']);
  assert.deepEqual([listed.body.totalResults, listed.body.itemsPerPage, listed.body.startIndex], [9, 2, 3]);
  const search = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
    filter: 'userName sw "c"',
  };
  assert.deepEqual(names((await ask({ method: 'POST', path: 'Users/.search', body: search })).body), [
    'cy@example.test',
  ]);
  assert.deepEqual(names((await ask({ method: 'POST', path: '.search', body: search })).body), [
    'cy@example.test',
  ]);
  assert.equal((await ask({ method: 'GET', path: 'Users?count=0' })).body.totalResults, 9);
  const wrong = await ask({ method: 'GET', path: `Users?filter=${encodeURIComponent('shoe eq 4')}` });
  assert.deepEqual([wrong.status, wrong.body.scimType], [400, 'invalidFilter']);
});

test('what a fault undoes is undone whole', async () => {
  const before = await run((tx) => tx.organisation.groups());
  const broken = await ask({
    method: 'POST',
    path: 'Groups',
    body: {
      schemas: [GROUP],
      displayName: 'Half',
      members: [{ value: 'ann' }, { value: 'nobody' }],
    },
  });
  assert.equal(broken.status, 400);
  assert.deepEqual(await run((tx) => tx.organisation.groups()), before);
});

test('only an administrator of the whole company pushes: it ends roles of any division', async () => {
  const refused = await ask({
    method: 'POST',
    path: 'Users',
    body: user('mallory'),
    headers: {},
    who: 'northern',
  });
  assert.equal(refused.status, 403);
  assert.deepEqual(refused.body.schemas, ['urn:ietf:params:scim:api:messages:2.0:Error']);
  assert.equal((await ask({ method: 'GET', path: 'Users', headers: {}, who: 'nobody' })).status, 401);
});
