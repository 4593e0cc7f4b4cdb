import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import type { Caller } from '@macadam/adapters/authorisation/caller';
import { openDecisions } from '@macadam/adapters/decisions/open';
import { DecisionsError } from '@macadam/adapters/decisions/port';
import { openId } from '@macadam/adapters/identity/openid';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { z } from 'zod';
import { type AppOptions, createApp } from './app.ts';
import { openApi, operationId } from './openapi.ts';
import { problemOf } from './problem.ts';
import { act, answer, list, open, type Route, route } from './route.ts';

const folder = trialFolder();
const decisions = await openDecisions(preparedPlace(join(folder, 'decisions')), { now: () => new Date() });
after(async () => {
  await decisions.close();
  rmSync(folder, { recursive: true, force: true });
});

const ROLES = [
  { role: 'reader', division: '' },
  { role: 'deputy-ciso', division: 'south' },
] as const;
let rolesNow: Caller['roles'] = ROLES;
const caller = (person: string, via: Caller['via'] = 'machine'): Caller => ({
  person,
  name: person,
  via,
  roles: rolesNow,
  scopes: 'all',
  sources: 'all',
  teams: [],
  standards: [],
});

const sheds = Array.from({ length: 1200 }, (_, n) => ({ id: `shed-${n}`, number: n, note: `=${n}, "big"` }));
let built = 0;
let used = 0;

const painted = new Map<string, { readonly id: string; readonly colour: string }>();
const routes: Route[] = [
  list({
    path: '/api/sheds',
    summary: 'List sheds',
    action: 'Fact::read',
    of: 'anywhere',
    query: { from: z.coerce.number().int().optional().describe('The least number') },
    row: z.object({ id: z.string(), number: z.int(), note: z.string() }),
    sorts: ['number', '-number'],
    key: ({ number }) => number,
    rows: async ({ query }, _, { after: last, limit, sort }) => {
      const all = sheds
        .filter(({ number }) => number >= (query.from ?? 0))
        .map((one) => ({ ...one, hidden: 1 }));
      if (sort === '-number') all.reverse();
      const at = last === undefined ? 0 : all.findIndex(({ number }) => number === last) + 1;
      return all.slice(at, at + limit);
    },
  }),
  route({
    method: 'POST',
    path: '/api/sheds',
    summary: 'Build a shed',
    action: 'Exception::refuse',
    status: 201,
    of: ({ body }) => ({ id: body.id, division: body.id === 'forbidden' ? 'north' : 'south' }),
    body: z.strictObject({ id: z.string().min(3), size: z.enum(['small', 'large']) }),
    answer: z.object({ id: z.string(), size: z.string(), version: z.int() }),
    does: async ({ body, caller: { person } }, tx) => {
      await tx.organisation.putPerson({ id: person, name: person });
      built += 1;
      return { ...body, version: built, secret: 'never leaves' };
    },
  }),
  act({
    method: 'DELETE',
    path: '/api/sheds/:id',
    summary: 'Pull a shed down',
    action: 'Exception::refuse',
    of: ({ params }) => ({ id: params.id, division: 'south' }),
    params: { id: z.string() },
    versioned: true,
    does: async ({ params, version }, tx) => {
      await tx.work.claim(params.id, true, version);
    },
  }),
  route({
    method: 'PUT',
    path: '/api/sheds/:id',
    summary: 'Paint a shed',
    action: 'Exception::refuse',
    of: ({ params }) => ({ id: params.id, division: 'south' }),
    params: { id: z.string() },
    body: z.strictObject({ colour: z.string() }),
    answer: z.object({ id: z.string(), colour: z.string() }),
    versioned: async ({ params }) => painted.get(params.id) ?? null,
    does: async ({ params: { id }, body: { colour }, caller: { person } }, tx) => {
      await tx.organisation.putPerson({ id: person, name: person });
      painted.set(id, { id, colour });
      return { id, colour };
    },
  }),
  answer({
    method: 'GET',
    path: '/sheds',
    summary: 'Show sheds',
    action: 'Fact::read',
    of: 'anywhere',
    media: 'text/html',
    does: () => ({ headers: { 'content-type': 'text/html' }, body: '<p>sheds' }),
  }),
  open({
    method: 'GET',
    path: '/api/ticket',
    summary: 'Use a ticket up',
    media: 'text/plain',
    once: true,
    does: () => {
      used += 1;
      return { body: 'used' };
    },
  }),
  open({
    method: 'GET',
    path: '/api/broken',
    summary: 'Fail',
    media: 'text/plain',
    does: () => {
      throw new Error('a password stands here');
    },
  }),
];

const failures: string[] = [];
const options: AppOptions = {
  entry: { openId: openId({ decisions, now: () => new Date(), random: randomBytes }, []), secure: false },
  decisions,
  routes,
  site: () => null,
  now: () => new Date(),
  random: () => Buffer.alloc(0),
  identify: async ({ authorization, cookies }) =>
    authorization
      ? caller(authorization.slice(7))
      : cookies.macadam
        ? caller(cookies.macadam, 'session')
        : null,
  hosts: () => ['macadam.example'],
  troubled: ({ title }) => ({ headers: { 'content-type': 'text/html' }, body: `<p>${title}` }),
  picture: { state: () => 'history', around: () => ({ since: null, banner: null }), formats: [] },
  failed: (_, request) => failures.push(request),
};
const app = await createApp(options);
const limited = await createApp({ ...options, perMinute: 2 });
after(() => Promise.all([app.close(), limited.close()]));

const asked = (
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE',
  url: string,
  more: Record<string, unknown> = {},
) => {
  const { headers, ...rest } = more as { headers?: Record<string, string> };
  const who = { host: 'macadam.example', authorization: 'Bearer ann' };
  return app.inject({ method, url, headers: { ...who, ...headers }, ...rest });
};
const shed = { id: 'lake', size: 'small' };

test('a list comes a page at a time, in the order asked for, and says nothing that its schema does not name', async () => {
  const first = (await asked('GET', '/api/sheds?from=3&limit=2&sort=-number')).json();
  assert.deepEqual(Object.keys(first.items[0]), ['id', 'number', 'note']);
  assert.deepEqual(
    first.items.map(({ number }: { number: number }) => number),
    [1199, 1198],
  );
  const second = (await asked('GET', `/api/sheds?from=3&limit=2&sort=-number&after=${first.next}`)).json();
  assert.deepEqual(
    second.items.map(({ number }: { number: number }) => number),
    [1197, 1196],
  );
  const last = (await asked('GET', '/api/sheds?from=1199')).json();
  assert.equal(last.next, null);
  const other = await asked('GET', `/api/sheds?after=${first.next}`);
  assert.equal(other.statusCode, 400);
  assert.deepEqual(other.json().errors, [
    {
      field: 'query.after',
      reason: 'it is a cursor of another order',
      fix: 'give `next` of the page before',
    },
  ]);
});

test('as CSV a list is whole, and no cell is a formula', async () => {
  const given = await asked('GET', '/api/sheds?from=100', { headers: { accept: 'text/csv' } });
  assert.equal(given.headers['content-type'], 'text/csv; charset=utf-8');
  const lines = given.body.split('\r\n');
  assert.equal(lines[0], 'id,number,note');
  assert.equal(lines[1], 'shed-100,100,"\'=100, ""big"""');
  assert.equal(lines.length, 1 + 1100 + 1);
  assert.equal((await asked('GET', '/api/sheds?format=csv&from=1199')).body.split('\r\n').length, 3);
});

test('what is wrong is named field by field, with the fix', async () => {
  const bad = await asked('POST', '/api/sheds', { payload: { id: 'a', size: 'huge', colour: 'red' } });
  assert.equal(bad.statusCode, 400);
  assert.equal(bad.headers['content-type'], 'application/problem+json; charset=utf-8');
  const { type, errors } = bad.json();
  assert.equal(type, 'urn:macadam:problem:invalid');
  assert.deepEqual(
    errors.map(({ field, fix }: { field: string; fix: string }) => [field, fix]),
    [
      ['body.id', 'give at least 3 characters'],
      ['body.size', 'give one of small, large'],
      ['body', 'leave out `colour`'],
    ],
  );
  assert.equal((await asked('GET', '/api/sheds?limit=0')).statusCode, 400);
  assert.equal((await asked('GET', '/api/sheds?colour=red')).statusCode, 400);
  const broken = await asked('POST', '/api/sheds', {
    payload: '{',
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(broken.statusCode, 400);
  assert.equal(broken.json().errors[0].fix, 'send well-formed JSON');
  const xml = await asked('POST', '/api/sheds', { payload: '<a/>', headers: { 'content-type': 'text/xml' } });
  assert.equal(xml.statusCode, 415);
});

test('asked again with its key, a request is answered as before and done once', async () => {
  const before = built;
  const ask = (payload: object, key = 'k1') =>
    asked('POST', '/api/sheds', { payload, headers: { 'idempotency-key': key } });
  const [one, two] = await Promise.all([ask(shed), ask(shed)]);
  assert.deepEqual([one.statusCode, two.statusCode], [201, 201]);
  assert.deepEqual(one.json(), two.json());
  assert.equal(built, before + 1);
  const replayed = [one, two].map(({ headers }) => headers['idempotency-replayed'] === 'true');
  assert.deepEqual(replayed.sort(), [false, true]);
  const other = await ask({ ...shed, size: 'large' });
  assert.deepEqual([other.statusCode, other.json().errors[0].field], [409, 'Idempotency-Key']);
  assert.equal((await ask(shed, 'two words')).statusCode, 400);
  assert.equal((await ask(shed, 'k2')).statusCode, 201);
  assert.equal(built, before + 2);
});

test('a record has its version for an ETag, a list a digest, and what is known is not sent again', async () => {
  const made = await asked('POST', '/api/sheds', { payload: shed });
  assert.equal(made.headers.etag, `"${built}"`);
  assert.equal('secret' in made.json(), false);
  const first = await asked('GET', '/api/sheds?limit=1');
  const again = await asked('GET', '/api/sheds?limit=1', {
    headers: { 'if-none-match': String(first.headers.etag) },
  });
  assert.deepEqual([again.statusCode, again.body], [304, '']);
});

test('a change of what has changed since it was read is refused; where nothing can be compared, so is the wish', async () => {
  const paint = (id: string, colour: string, seen?: string) =>
    asked('PUT', `/api/sheds/${id}`, { payload: { colour }, headers: seen ? { 'if-match': seen } : {} });
  const said = ({ statusCode, json }: Awaited<ReturnType<typeof asked>>) => {
    const [{ field, reason, fix }] = json().errors;
    return [statusCode, field, reason, fix];
  };
  assert.deepEqual(said(await paint('none', 'red', '*')), [
    412,
    'If-Match',
    'there is no such record',
    'leave it out to make one',
  ]);
  const red = String((await paint('one', 'red')).headers.etag);
  assert.match(red, /^"[\w-]{22}"$/);
  const blue = await paint('one', 'blue', `W/${red}`);
  assert.equal(blue.statusCode, 200);
  const stale = [412, 'If-Match', 'it is no longer as it was read', 'read it again, then decide'];
  assert.deepEqual(said(await paint('one', 'green', red)), stale);
  assert.deepEqual(said(await paint('one', 'green', '"99"')), stale);
  assert.equal((await paint('one', 'green', `"x", ${blue.headers.etag}`)).statusCode, 200);
  assert.equal(painted.get('one')?.colour, 'green');
  for (const seen of ['*', '"1"', 'nonsense']) {
    const before = built;
    const given = await asked('POST', '/api/sheds', { payload: shed, headers: { 'if-match': seen } });
    assert.deepEqual(said(given).slice(0, 3), [
      400,
      'If-Match',
      'what this changes has no versions to compare',
    ]);
    assert.equal(built, before);
  }
});

test('what is gone is missing, and an ETag that is none is refused', async () => {
  const gone = await asked('DELETE', '/api/sheds/lake', { headers: { 'if-match': '"3"' } });
  assert.equal(gone.statusCode, 404);
  const odd = await asked('DELETE', '/api/sheds/lake', { headers: { 'if-match': 'W/"x"' } });
  assert.equal(odd.statusCode, 400);
});

test('the policy is asked of the record, its refusal is answered with the rule, and logged', async () => {
  const refused = await asked('POST', '/api/sheds', { payload: { ...shed, id: 'forbidden' } });
  assert.equal(refused.statusCode, 403);
  assert.equal(refused.json().detail, 'Exception::refuse takes the role deputy-ciso for division north');
  const entries = await decisions.transaction({ id: 'auditor', divisions: 'all' }, (tx) =>
    tx.auditEntries({ action: 'Exception::refuse' }),
  );
  assert.deepEqual(
    entries.map(({ principal, subject, outcome, division }) => ({ principal, subject, outcome, division })),
    [{ principal: 'ann', subject: 'forbidden', outcome: 'refused', division: 'north' }],
  );
});

test('nobody is told nothing: a program by a problem, a person by a page', async () => {
  const nobody = { authorization: '' };
  const program = await asked('GET', '/api/sheds', { headers: nobody });
  assert.equal(program.statusCode, 401);
  assert.equal(program.headers['www-authenticate'], 'Bearer realm="macadam"');
  const person = await asked('GET', '/sheds', { headers: nobody });
  assert.deepEqual([person.statusCode, person.body], [401, '<p>Nobody is logged in']);
});

test('what another site sends with the cookie of a session is refused', async () => {
  const ask = (headers: Record<string, string>) =>
    asked('POST', '/api/sheds', {
      payload: shed,
      headers: { authorization: '', cookie: 'macadam=ann', ...headers },
    });
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { origin: 'http://macadam.example', 'sec-fetch-site': 'same-site' },
  ])
    assert.equal((await ask(headers)).statusCode, 403, JSON.stringify(headers));
  for (const headers of [
    {},
    { origin: 'http://macadam.example' },
    { origin: 'null', 'sec-fetch-site': 'same-origin' },
  ])
    assert.equal((await ask(headers)).statusCode, 201, JSON.stringify(headers));
});

test('it answers to its own name, says what can be done where, and is closed to other sites', async () => {
  assert.equal((await asked('GET', '/api/sheds', { headers: { host: 'evil.example' } })).statusCode, 421);
  const put = await asked('PUT', '/api/sheds');
  assert.deepEqual([put.statusCode, put.headers.allow], [405, 'GET, HEAD, POST']);
  const missing = await asked('GET', '/api/nothing');
  assert.equal(missing.statusCode, 404);
  assert.equal(missing.json().detail, 'there is nothing at /api/nothing');
  for (const given of [put, missing])
    assert.equal(
      given.headers['content-security-policy'],
      "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
  assert.equal((await asked('HEAD', '/api/sheds?limit=1')).body, '');
});

test('what nobody foresaw is logged and not told', async () => {
  const broken = await asked('GET', '/api/broken');
  assert.equal(broken.statusCode, 500);
  assert.doesNotMatch(broken.body, /password/);
  assert.deepEqual(failures, ['GET /api/broken']);
});

test('nothing that the environment says makes an answer tell more of what went wrong', async () => {
  const talkative = { NODE_ENV: 'development', DEBUG: '*', NODE_DEBUG: 'http,net', LOG_LEVEL: 'trace' };
  const quiet = await asked('GET', '/api/broken');
  const before = Object.keys(talkative).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, talkative);
  try {
    const loud = await asked('GET', '/api/broken');
    assert.equal(loud.statusCode, 500);
    assert.equal(loud.body, quiet.body);
    assert.deepEqual(Object.keys(loud.headers).sort(), Object.keys(quiet.headers).sort());
    assert.doesNotMatch(loud.body, /password|\.ts:\d|node:|at /);
  } finally {
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  }
  for (const path of ['/debug', '/api/debug', '/metrics', '/trace', '/json/version', '/.git/config'])
    assert.equal((await asked('GET', path)).statusCode, 404, path);
});

test('who asks too often, or for too much at once, is told so', async () => {
  const large = await asked('POST', '/api/sheds', {
    payload: { ...shed, note: 'x'.repeat(4 * 1024 * 1024) },
  });
  assert.equal(large.statusCode, 413);
  const statuses: number[] = [];
  for (let count = 0; count < 3; count += 1) {
    const { statusCode, headers } = await limited.inject({
      url: '/api/sheds?limit=1',
      headers: { host: 'macadam.example' },
    });
    statuses.push(statusCode);
    if (statusCode === 429) assert.match(String(headers['retry-after']), /^\d+$/);
  }
  assert.deepEqual(statuses, [401, 401, 429]);
});

test('the description says what there is', () => {
  const { paths, openapi } = openApi(routes, '1') as {
    openapi: string;
    paths: Record<string, Record<string, never>>;
  };
  assert.equal(openapi, '3.1.0');
  assert.deepEqual(Object.keys(paths), ['/api/sheds', '/api/sheds/{id}', '/api/ticket', '/api/broken']);
  assert.equal(
    operationId({ method: 'GET', path: '/api/work-items/:id/members' }),
    'getWorkItemsByIdMembers',
  );
});

test('HEAD, which nobody means to do anything by, uses nothing up', async () => {
  const asked = await app.inject({
    method: 'HEAD',
    url: '/api/ticket',
    headers: { host: 'macadam.example' },
  });
  assert.deepEqual([asked.statusCode, asked.headers.allow, used], [405, 'GET', 0]);
  await app.inject({ method: 'GET', url: '/api/ticket', headers: { host: 'macadam.example' } });
  assert.equal(used, 1);
});

test('what somebody was answered once is not answered again when they may no longer', async () => {
  const headers = { host: 'macadam.example', authorization: 'Bearer ann', 'idempotency-key': 'later' };
  const ask = () => app.inject({ method: 'POST', url: '/api/sheds', headers, payload: shed });
  assert.equal((await ask()).statusCode, 201);
  rolesNow = [];
  assert.equal((await ask()).statusCode, 403);
  rolesNow = ROLES;
  assert.equal((await ask()).headers['idempotency-replayed'], 'true');
});

test('what a store that cannot be had says of folders and addresses is not told', () => {
  const error = new DecisionsError(
    'unavailable',
    'PostgreSQL cannot be reached: connect ENOENT /var/lib/x/.s.PGSQL',
  );
  const { status, body, headers } = problemOf(error);
  assert.deepEqual([status, headers['retry-after']], [503, '2']);
  assert.doesNotMatch(JSON.stringify(body), /PGSQL|var/);
});
