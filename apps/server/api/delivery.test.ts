/** Trackers and webhooks over HTTP: who may, what is refused and why, and that no credential goes in or out; and webhooks of hosts that come in. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { discoverSources } from '@macadam/adapters/discover';
import { webhookSecret } from '@macadam/adapters/webhooks/signature';
import { toldSources } from '@macadam/services/sources/events';
import { sampleServer } from '@macadam/testing/server/sample-server';

const folder = mkdtempSync(join(tmpdir(), 'told-'));
const HOOK = 'a-secret-of-the-webhook';
const told = toldSources({
  file: join(folder, 'told.ndjson'),
  sources: null,
  typed: ['github'],
  known: await discoverSources(),
  environment: { GITHUB_WEBHOOK_SECRET: HOOK },
  now: () => new Date(),
});
const server = await sampleServer({
  parts: { told },
  people: {
    root: { roles: [{ role: 'administrator', division: '' }] },
    nora: { roles: [{ role: 'administrator', division: 'north' }] },
    rita: { roles: [{ role: 'reader', division: 'north' }] },
  },
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
  assert.deepEqual(server.failures, []);
});

const CSV = `person,name,email,company,division,team,accountable_for
pat,Pat,pat@example.test,Acme,North,Desk,
`;
const imported = await server.ask('root', 'POST', '/api/organisation/imports', {
  format: 'csv',
  text: CSV,
  file: 'people.csv',
  on: '2026-01-01',
});
assert.equal(imported.statusCode, 200, imported.body);

const tracker = {
  kind: 'github',
  division: 'north',
  team: '',
  baseUrl: 'https://api.github.com',
  project: 'acme/road',
  secret: 'env:TOKEN',
  options: {},
  active: true,
};
const webhook = { url: 'https://hooks.example/in', events: ['batch.*'], division: 'north', active: true };

test('an administrator of the division sets up its tracker, and nobody else', async () => {
  const made = await server.ask('nora', 'PUT', '/api/trackers/desk', tracker);
  assert.equal(made.statusCode, 200, made.body);
  assert.equal((await server.ask('rita', 'PUT', '/api/trackers/other', tracker)).statusCode, 403);
  assert.equal(
    (await server.ask('nora', 'PUT', '/api/trackers/all', { ...tracker, division: '' })).statusCode,
    403,
  );
  const listed = await server.ask('nora', 'GET', '/api/trackers');
  assert.deepEqual(
    listed.json().items.map(({ id, secret }: { id: string; secret: string }) => [id, secret]),
    [['desk', 'env:TOKEN']],
  );
  const stale = await server.ask('nora', 'PUT', '/api/trackers/desk', tracker, { 'if-match': '"7"' });
  assert.equal(stale.statusCode, 412, stale.body);
});

test('an endpoint that somebody read is not made, nor changed over what somebody else did', async () => {
  const put = (seen: string) =>
    server.ask('nora', 'PUT', '/api/webhooks/seen', webhook, { 'if-match': seen });
  assert.equal((await put('"1"')).statusCode, 412);
  assert.equal((await put('*')).statusCode, 412);
  const { headers } = await server.ask('nora', 'PUT', '/api/webhooks/seen', webhook);
  assert.equal((await put(String(headers.etag))).statusCode, 200);
  assert.equal((await put(String(headers.etag))).statusCode, 412);
  const rotation = await server.ask('nora', 'POST', '/api/webhooks/seen/rotation', undefined, {
    'if-match': '*',
  });
  assert.equal(rotation.statusCode, 400);
});

test('what cannot be is refused with field, reason and fix', async () => {
  const bad = { ...tracker, baseUrl: 'http://tracker.example', project: '../..' };
  const refused = await server.ask('nora', 'PUT', '/api/trackers/desk', bad);
  assert.equal(refused.statusCode, 422);
  assert.deepEqual(
    refused.json().errors.map(({ field }: { field: string }) => field),
    ['baseUrl', 'project'],
  );
  const pasted = await server.ask('nora', 'PUT', '/api/trackers/desk', { ...tracker, secret: 'ghp_0000' });
  assert.match(pasted.json().detail, /it is not a reference to a secret; name where it is/);
  const event = await server.ask('nora', 'PUT', '/api/webhooks/w1', { ...webhook, events: ['everything'] });
  assert.equal(event.statusCode, 400);
});

test('what can never be told is refused before it is kept', async () => {
  const put = async (more: object) => {
    const answer = await server.ask('root', 'PUT', '/api/webhooks/never', { ...webhook, ...more });
    return [
      answer.statusCode,
      ...answer.json().errors.map((one: Record<string, string>) => `${one.field}: ${one.reason}`),
    ];
  };
  const hidden = (host: string) => [422, `url: ${host} is not on the internet and not allowed`];
  for (const [url, host] of [
    ['https://169.254.169.254/x', '169.254.169.254'],
    ['http://127.0.0.1:7499/x', '127.0.0.1'],
    ['https://localhost/x', 'localhost'],
    ['https://[::1]/', '::1'],
    ['https://[::ffff:10.0.0.1]/', '::ffff:a00:1'],
    ['https://0x7f000001/', '127.0.0.1'],
  ] as const)
    assert.deepEqual(await put({ url }), hidden(host), url);
  assert.deepEqual(await put({ url: 'http://hooks.example/' }), [
    422,
    'url: hooks.example would be told in clear',
  ]);
  assert.deepEqual(await put({ url: 'https://user:pass@hooks.example/' }), [
    422,
    'url: it holds a name or a password, which everybody who lists webhooks would read',
  ]);
  assert.deepEqual(await put({ events: ['*', 'batch.opened'] }), [
    422,
    'events.1: nothing is ever logged as `batch.opened`, did you mean `batch.open`?',
  ]);
  assert.deepEqual(await put({ division: 'nort' }), [
    422,
    'division: there is no division `nort`, did you mean `north`?',
  ]);
  assert.equal((await server.ask('root', 'GET', '/api/webhooks/never')).statusCode, 404);
  const team = await server.ask('nora', 'PUT', '/api/trackers/desk', { ...tracker, team: 'dask' });
  assert.equal(team.json().errors[0].reason, 'there is no team `dask`, did you mean `desk`?');
});

test('how an endpoint answers is said where it is listed', async () => {
  assert.equal((await server.ask('nora', 'PUT', '/api/webhooks/ill', webhook)).statusCode, 200);
  const shown = async () => (await server.ask('nora', 'GET', '/api/webhooks/ill')).json();
  assert.equal((await shown()).failing, null);
  const system = { id: 'test', divisions: 'all' } as const;
  const next = '2026-12-01T00:00:00Z';
  await server.decisions.transaction(system, (tx) => tx.webhooks.failing('ill', 'it answered 500', next));
  const { failing } = await shown();
  assert.deepEqual([failing.failures, failing.problem, failing.nextTry], [1, 'it answered 500', next]);
  const { items } = (await server.ask('nora', 'GET', '/api/webhooks')).json();
  assert.equal(items.find(({ id }: { id: string }) => id === 'ill').failing.problem, 'it answered 500');
});

test('a webhook’s secret is shown to whoever may change it, which is written down, and can be changed', async () => {
  assert.equal((await server.ask('nora', 'PUT', '/api/webhooks/w1', webhook)).statusCode, 200);
  assert.equal((await server.ask('rita', 'POST', '/api/webhooks/w1/secret')).statusCode, 403);
  const shown = await server.ask('nora', 'POST', '/api/webhooks/w1/secret');
  const key = 'k'.repeat(43);
  assert.deepEqual(shown.json(), { secret: webhookSecret(key, 'w1', 1) });
  const again = await server.ask('nora', 'POST', '/api/webhooks/w1/secret');
  assert.deepEqual(
    [again.statusCode, again.json().detail],
    [409, 'the secret of w1 was shown already; give it a new one'],
  );
  const rotated = await server.ask('nora', 'POST', '/api/webhooks/w1/rotation');
  assert.deepEqual(rotated.json(), { secret: webhookSecret(key, 'w1', 2) });
  for (const way of ['secret', 'rotation']) {
    const kept = await server.ask('nora', 'POST', `/api/webhooks/w1/${way}`, undefined, {
      'idempotency-key': 'kept',
    });
    assert.equal(kept.statusCode, 400, 'an answer with a secret in it is not kept to be given again');
  }
  const entries = await server.decisions.transaction({ id: 'test', divisions: 'all' }, (tx) =>
    tx.auditEntries({ subject: 'w1' }),
  );
  const done = entries.filter(({ outcome }) => outcome === 'done').map(({ action }) => action);
  assert.deepEqual(done, ['webhook.rotate', 'webhook.reveal', 'webhook.put']);
  assert.ok(!JSON.stringify(entries).includes('whsec_'));
  assert.equal((await server.ask('nora', 'GET', '/api/webhooks/gone')).statusCode, 403);
  assert.equal((await server.ask('root', 'GET', '/api/webhooks/gone')).statusCode, 404);
});

/** As GitHub sends one. */
const hosted = (path: string, text: string, headers: Readonly<Record<string, string>> = {}) =>
  server.app.inject({
    method: 'POST',
    url: path,
    payload: text,
    headers: {
      'content-type': 'application/json',
      host: 'macadam.example',
      'x-github-event': 'push',
      'x-hub-signature-256': `sha256=${createHmac('sha256', HOOK).update(text).digest('hex')}`,
      ...headers,
    },
  });
const pushed = (name: string, more: object = {}) =>
  JSON.stringify({
    ref: 'refs/heads/main',
    repository: { full_name: name, default_branch: 'main' },
    ...more,
  });

test('an event of a host is taken by its signature alone, over every byte of it, and names what is read again', async () => {
  const text = pushed('Acme/Shop', {
    commits: Array.from({ length: 2048 }, (_, id) => ({ id, added: ['a'] })),
  });
  for (const time of ['first', 'again']) {
    const taken = await hosted('/webhooks/github', text);
    assert.equal(taken.statusCode, 202, `${time}: ${taken.body}`);
  }
  assert.deepEqual(told.pending('github'), ['acme/shop'], 'the same once more is the same');
  assert.equal(
    (await hosted('/webhooks/github', pushed('acme/x'), { 'x-github-event': 'star' })).statusCode,
    202,
  );
  const wrong = 'sha256='.padEnd(71, '0');
  const refused = await hosted('/webhooks/github', pushed('acme/forged'), { 'x-hub-signature-256': wrong });
  assert.equal(refused.statusCode, 401);
  const unknown = await hosted('/webhooks/nobody', pushed('acme/forged'));
  assert.deepEqual([unknown.statusCode, unknown.json().detail], [401, refused.json().detail]);
  const other = await hosted('/webhooks/git', pushed('acme/forged'));
  assert.equal(other.statusCode, 401, 'a source whose host sends nothing');
  const { 'x-hub-signature-256': of } = {
    'x-hub-signature-256': createHmac('sha256', HOOK).update('{}').digest('hex'),
  };
  assert.equal(
    (await hosted('/webhooks/github', '{ }', { 'x-hub-signature-256': `sha256=${of}` })).statusCode,
    401,
    'the same JSON in other bytes is another body',
  );
  assert.deepEqual(told.pending('github'), ['acme/shop']);
});

test('an event that is no JSON, a form, or too large is refused, and one of another shape names nothing', async () => {
  const form = new URLSearchParams({ payload: pushed('acme/form') }).toString();
  const asForm = await hosted('/webhooks/github', form, {
    'content-type': 'application/x-www-form-urlencoded',
  });
  assert.equal(asForm.statusCode, 415);
  assert.match(asForm.body, /choose `application\/json` at the host/);
  assert.equal((await hosted('/webhooks/github', '{')).statusCode, 400);
  assert.equal(
    (await hosted('/webhooks/github', pushed('acme/large', { x: 'x'.repeat(5_000_000) }))).statusCode,
    413,
  );
  for (const body of ['[]', '7', '{"repository":7}', '{"repository":{"full_name":"../.."}}'])
    assert.equal((await hosted('/webhooks/github', body)).statusCode, 202, body);
  assert.deepEqual(told.pending('github'), ['acme/shop']);
});
