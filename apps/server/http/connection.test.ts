/** What no client of HTTP sends, as bytes on a connection. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import test, { after } from 'node:test';
import { sampleServer } from '@macadam/testing/server/sample-server';
import { z } from 'zod';
import { list, open, route } from './route.ts';

const people = { ann: { roles: [{ role: 'reader' as const, division: '' }] } };
const rows = Array.from({ length: 500 }, (_, number) => ({ number, note: 'x'.repeat(20_000) }));
let given = 0;
let left: (() => void) | null = null;

const routes = [
  list({
    path: '/api/endless',
    summary: 'List without an end',
    action: 'Fact::read',
    of: 'anywhere',
    row: z.object({ number: z.int(), note: z.string() }),
    sorts: ['number'],
    key: ({ number }) => number,
    rows: async ({ signal }) => {
      given += 1;
      signal.addEventListener('abort', () => left?.(), { once: true });
      return rows;
    },
  }),
  route({
    method: 'GET',
    path: '/api/sheds/:id',
    summary: 'Show a shed',
    action: 'Fact::read',
    of: 'anywhere',
    params: { id: z.string() },
    answer: z.object({ id: z.string() }),
    does: ({ params }) => params,
  }),
  open({
    method: 'POST',
    path: '/api/sheds',
    summary: 'Build a shed',
    media: 'text/plain',
    body: z.object({}),
    does: () => ({ body: 'built' }),
  }),
];
const server = await sampleServer({
  people,
  routes,
  port: 0,
  limits: { patience: { request: 1000, silence: 3000 } },
});
after(() => server.close());
const { host, port } = new URL(server.url);
// The first request reads the policy, which a slow machine would take for silence.
await server.ask('ann', 'GET', '/api/sheds/1');

/** All that comes back until the server ends the connection. */
function sent(...bytes: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const socket = connect(Number(port), '127.0.0.1', () => {
      for (const some of bytes) socket.write(some);
    });
    socket.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    socket.on('close', () => resolve(said)).on('error', reject);
  });
}

const asking = (path: string, ...headers: readonly string[]) =>
  [`GET ${path} HTTP/1.1`, `Host: ${host}`, 'Authorization: Bearer ann', ...headers, '', ''].join('\r\n');

function assertProblem(said: string, status: number, detail: RegExp): void {
  const [head = '', body = ''] = said.split('\r\n\r\n');
  assert.equal(said.match(/HTTP\/1\.1 /g)?.length, 1, said);
  assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `), said);
  assert.match(head, /content-type: application\/problem\+json; charset=utf-8/);
  assert.match(
    head,
    /content-security-policy: default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'/,
  );
  assert.match(head, /x-content-type-options: nosniff/);
  assert.match(head, /cache-control: no-store/);
  assert.equal(JSON.parse(body).status, status);
  assert.match(JSON.parse(body).detail, detail);
}

test('headers and bodies that never end are ended', async () => {
  assertProblem(await sent('GET / HTTP/1.1\r\nHost: '), 408, /did not arrive in time/);
  const begun = (path: string, ...headers: readonly string[]) =>
    `${asking(path, 'Content-Length: 1000', ...headers).replace('GET', 'POST')}{"a":`;
  assertProblem(
    await sent(begun('/api/sheds', 'Content-Type: application/json')),
    408,
    /did not arrive in time/,
  );
  // Whoever is answered early is not answered twice, or a proxy takes the second for the answer to somebody else.
  assertProblem(await sent(begun('/api/sheds/1')), 405, /POST cannot be done/);
  assertProblem(await sent(), 408, /did not arrive in time/);
  assert.deepEqual(server.failures, []);
});

test('a reader that stops reading is given up, with its transaction', async () => {
  const gone = new Promise<void>((resolve) => {
    left = resolve;
  });
  const socket = connect(Number(port), '127.0.0.1', () =>
    socket.write(asking('/api/endless', 'Accept: text/csv')),
  );
  socket.pause().on('error', () => undefined);
  await gone;
  socket.destroy();
  assert.deepEqual(server.failures, [], 'nothing failed: somebody left');
  const before = given;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(given, before, 'nothing is read for somebody who has gone');
});

test('what is too large or no HTTP is refused as every other request', async () => {
  assertProblem(await sent(asking('/', `X-Large: ${'x'.repeat(20_000)}`)), 431, /more than 16 KB/);
  assertProblem(await sent(asking(`/${'x'.repeat(20_000)}`)), 431, /more than 16 KB/);
  assertProblem(await sent('\x16\x03\x01\x02'), 400, /no HTTP/);
});

test('where one request ends and the next begins is never in doubt', async () => {
  const both = ['Content-Length: 4', 'Transfer-Encoding: chunked'];
  for (const headers of [
    both,
    ['Content-Length: 4', 'Content-Length: 5'],
    ['Transfer-Encoding: chunked, identity'],
    ['Content-Length: +4'],
    ['X-Folded: a', ' b'],
    ['X-Bad: a\rb: c'],
    ['X-Nul: a\0b'],
  ]) {
    assertProblem(await sent(`${asking('/api/sheds/1', ...headers)}0\r\n\r\n`), 400, /no HTTP/);
  }
});

test('a request that names two hosts is refused, whichever of them is ours', async () => {
  for (const hosts of [
    [host, 'evil.example'],
    ['evil.example', host],
    [host, host],
  ]) {
    const lines = [
      'GET /api/sheds/1 HTTP/1.1',
      ...hosts.map((one) => `Host: ${one}`),
      'Connection: close',
      '',
      '',
    ];
    assertProblem(await sent(lines.join('\r\n')), 400, /names two hosts/);
  }
});

test('an address that nothing can be made of is refused as every other request', async () => {
  const close = 'Connection: close';
  assertProblem(await sent(asking('/api/sheds/%zz', close)), 400, /not a valid url/);
  assertProblem(await sent(asking('/api/sheds/%c3%28', close)), 400, /not a valid url/);
  assertProblem(await sent(asking(`/api/sheds/${'x'.repeat(2001)}`, close)), 414, /max param length/);
  assert.match(await sent(asking(`/api/sheds/${'x'.repeat(2000)}`, close)), /^HTTP\/1\.1 200 /);
  assert.match(await sent(asking('/api/sheds/caf%C3%A9', close)), /\{"id":"café"\}$/);
});

test('other methods do nothing, and a preflight is permitted nothing', async () => {
  for (const method of ['OPTIONS', 'TRACE', 'PROPFIND', 'PUT']) {
    const said = await sent(
      asking('/api/sheds/1', 'Connection: close', 'Origin: https://evil.example', 'X-Echo: secret').replace(
        'GET',
        method,
      ),
    );
    assertProblem(said, 405, new RegExp(`^${method} cannot be done`));
    assert.match(said, /\r\nallow: GET, HEAD\r\n/);
    assert.doesNotMatch(said, /access-control|secret/i);
  }
  const head = await sent(asking('/api/sheds/1', 'Connection: close').replace('GET', 'HEAD'));
  assert.match(head, /^HTTP\/1\.1 200 [\s\S]*content-length: 10\r\n[\s\S]*\r\n\r\n$/);
});

test('behind a proxy that is named, each address has its own limit; elsewhere nobody names their own', async (t) => {
  const asked = async (proxies?: string): Promise<readonly number[]> => {
    const { app, close } = await sampleServer({
      people,
      routes,
      limits: { perMinute: 1, ...(proxies !== undefined && { proxies }) },
    });
    t.after(close);
    const statuses: number[] = [];
    for (const [remoteAddress, forwarded] of [
      ['127.0.0.1', '192.0.2.1'],
      ['127.0.0.1', '192.0.2.2'],
      ['192.0.2.9', '192.0.2.3'],
      ['192.0.2.9', '192.0.2.4'],
    ] as const) {
      const { statusCode } = await app.inject({
        url: '/api/sheds/1',
        remoteAddress,
        headers: { host: 'macadam.example', 'x-forwarded-for': forwarded, authorization: 'Bearer ann' },
      });
      statuses.push(statusCode);
    }
    return statuses;
  };
  assert.deepEqual(await asked('loopback'), [200, 200, 200, 429]);
  assert.deepEqual(await asked('192.0.2.8/31'), [200, 429, 200, 200]);
  assert.deepEqual(await asked(), [200, 429, 200, 429]);
});
