import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { selfSigned } from '@macadam/testing/self-signed';
import { type AuditEntry, type ConnectorOptions, connect } from './connector.ts';
import { etagsIn } from './etags.ts';
import { isAnswer, unobservedBy } from './outcome.ts';

const CANARY = ['ghp', 'canary'.repeat(6)].join('_');
const closing: (() => Promise<unknown>)[] = [];
after(() => Promise.all(closing.map((close) => close())));

type Answering = (request: IncomingMessage, response: ServerResponse, number: number) => void;

/** A host that answers as told, and what it was asked. */
async function host(answering: Answering): Promise<{ url: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    request.resume();
    answering(request, response, asked.length);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(
    () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(done);
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'connector-'));
  closing.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A connector whose clock moves only when it sleeps. */
function connector(baseUrl: string, options: Partial<ConnectorOptions> = {}) {
  const audit: AuditEntry[] = [];
  const slept: number[] = [];
  let clock = Date.parse('2026-11-01T12:00:00Z');
  const made = connect({
    baseUrl,
    authorization: `Bearer ${CANARY}`,
    now: () => clock,
    random: () => 0.5,
    sleep: async (ms) => {
      slept.push(ms);
      clock += ms;
    },
    audit: (entry) => audit.push(entry),
    ...options,
  });
  return { ...made, audit, slept };
}

function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

test('faults are retried, audited one by one, and the answer comes through', async () => {
  const { url } = await host((_, response, number) => {
    if (number === 1) return json(response, 502, {});
    if (number === 2) {
      response.writeHead(200, { 'content-length': '100' }).write('{"a":');
      return setTimeout(() => response.destroy(), 5);
    }
    if (number === 3) return response.writeHead(200).end('{"a":');
    return json(response, 200, { a: 1 });
  });
  const made = connector(url);
  const outcome = await made.request({ path: '/thing?x=1' });
  assert.ok(isAnswer(outcome) && outcome.outcome === 'ok');
  assert.deepEqual(outcome.body, { a: 1 });
  assert.deepEqual(made.slept, [250, 500, 1000]);
  assert.deepEqual(
    made.audit.map(({ method, path, status }) => `${method} ${path} ${status}`),
    ['GET /thing?x=1 502', 'GET /thing?x=1 200', 'GET /thing?x=1 200', 'GET /thing?x=1 200'],
  );
});

test('an answer that was kept costs nothing the second time, and only its own principal reads it', async () => {
  const { url, asked } = await host((request, response) => {
    if (request.headers['if-none-match'] === '"v1"') return response.writeHead(304, { etag: '"v1"' }).end();
    json(response, 200, [1], { etag: '"v1"', link: '</next>; rel="next"' });
  });
  const directory = await folder();
  const first = connector(url, { etags: etagsIn(directory, CANARY) });
  assert.equal((await first.request({ path: '/list' })).outcome, 'ok');
  assert.deepEqual(first.spent(), { sent: 1, counted: 1 });

  const second = connector(url, { etags: etagsIn(directory, CANARY), budget: 1 });
  for (const _ of [1, 2]) {
    const outcome = await second.request({ path: '/list' });
    assert.ok(isAnswer(outcome) && outcome.outcome === 'not-modified');
    assert.deepEqual(outcome.body, [1]);
    assert.equal(outcome.headers.get('link'), '</next>; rel="next"');
  }
  assert.deepEqual(second.spent(), { sent: 2, counted: 0 });

  const other = connector(url, { etags: etagsIn(directory, 'somebody else') });
  assert.equal((await other.request({ path: '/list' })).outcome, 'ok');
  assert.equal(asked.at(-1)?.headers['if-none-match'], undefined);

  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    assert.ok(!`${path}${await readFile(path, 'utf8')}`.includes(CANARY));
    assert.equal((await stat(path)).mode & 0o077, 0, 'others may not read the cache');
  }
});

test('a spent limit is waited out within patience, and stops later requests without sending them beyond it', async () => {
  const reset = String(Date.parse('2026-11-01T12:00:30Z') / 1000);
  const late = String(Date.parse('2026-11-01T14:00:00Z') / 1000);
  const { url, asked } = await host((_, response, number) => {
    if (number === 1)
      return json(
        response,
        403,
        { message: 'API rate limit exceeded' },
        { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
      );
    if (number === 2) return json(response, 200, 'ok');
    json(
      response,
      403,
      { message: 'API rate limit exceeded' },
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': late },
    );
  });
  const made = connector(url);
  assert.equal((await made.request({ path: '/a' })).outcome, 'ok');
  assert.deepEqual(made.slept, [30_500]);
  const limited = {
    outcome: 'rate-limited',
    by: 'primary',
    until: '2026-11-01T14:00:00.000Z',
    message: "the host's primary rate limit is spent",
  };
  assert.deepEqual(await made.request({ path: '/b' }), limited);
  assert.deepEqual(await made.request({ path: '/c' }), limited);
  assert.equal(asked.length, 3, 'nothing is sent while the limit lasts');
  assert.equal((await made.request({ path: '/graphql', bucket: 'graphql' })).outcome, 'rate-limited');
  assert.equal(asked.length, 4, 'another bucket has a limit of its own');
});

test('the budget ends a run before the host does', async () => {
  const { url, asked } = await host((_, response) => json(response, 200, {}));
  const made = connector(url, { budget: 1 });
  await made.request({ path: '/a' });
  const outcome = await made.request({ path: '/b' });
  const message = "this run's budget of 1 requests is spent";
  assert.deepEqual(outcome, { outcome: 'rate-limited', by: 'budget', message });
  assert.equal(asked.length, 1);
});

test('size and time are bounded', async () => {
  const { url } = await host((request, response) => {
    if (request.url === '/big') return json(response, 200, 'x'.repeat(5000));
    if (request.url === '/slow-body') return void response.writeHead(200).write('[');
  });
  const small = connector(url, { maxBytes: 1000, policy: { attempts: 2 } });
  const big = { outcome: 'failed', code: 'body-too-large', message: 'its answer is over 1000 bytes' };
  assert.deepEqual(await small.request({ path: '/big' }), big);
  // Of its own: on a machine under load an answer that comes may take longer than this.
  const made = connector(url, { timeoutMs: 60, policy: { attempts: 2 } });
  const late = { outcome: 'failed', code: 'timed-out', message: 'the host did not answer in time' };
  assert.deepEqual(await made.request({ path: '/silent' }), late);
  assert.deepEqual(await made.request({ path: '/slow-body' }), late);
});

test('the token stays with its host', async () => {
  const other = await host((_, response) => json(response, 200, 'elsewhere'));
  const { url, asked } = await host((request, response) => {
    if (request.url === '/own') return response.writeHead(301, { location: '/moved' }).end();
    if (request.url === '/away') return response.writeHead(302, { location: `${other.url}/there` }).end();
    if (request.url === '/loop') return response.writeHead(302, { location: '/loop' }).end();
    if (request.url === '/scheme') return response.writeHead(302, { location: 'ftp://127.0.0.1/x' }).end();
    json(response, 200, 'here');
  });
  const made = connector(url);
  const own = await made.request({ path: '/own' });
  assert.ok(isAnswer(own) && own.redirectedTo === `${url}/moved`);
  assert.equal(asked.at(-1)?.headers.authorization, `Bearer ${CANARY}`);
  const away = await made.request({ path: '/away' });
  assert.ok(isAnswer(away) && away.body === 'elsewhere');
  assert.equal(other.asked[0]?.headers.authorization, undefined);

  const refused = [
    [await made.request({ path: `${other.url}/x` }), 'foreign-address'],
    [await made.request({ path: '//127.0.0.1:1/x' }), 'foreign-address'],
    [await made.request({ path: '/loop' }), 'redirect-loop'],
    [await made.request({ path: '/scheme' }), 'redirect-refused'],
    [await made.request({ method: 'POST', path: '/away', json: {}, repeatable: true }), 'redirect-refused'],
  ] as const;
  for (const [outcome, code] of refused) {
    assert.ok(outcome.outcome === 'failed');
    assert.equal(outcome.code, code);
  }
  assert.equal(other.asked.length, 1);
});

test('a base that would show the token is refused', () => {
  assert.throws(() => connect({ baseUrl: 'http://ghe.example/api/v3' }), {
    name: 'TypeError',
    message: '`http://ghe.example` is not https: a token would cross the network in clear',
  });
  assert.throws(
    () => connect({ baseUrl: 'https://ghe.example', authorization: `Bearer ${CANARY}\n` }),
    (error: Error) => {
      assert.equal(error.message, 'the token holds characters that no header can carry');
      return true;
    },
  );
});

test('no outcome, audit entry or error carries the token, even when the host or the platform echoes it', async () => {
  const { url } = await host((request, response) => {
    if (request.url?.startsWith('/data')) return json(response, 200, { echo: request.headers.authorization });
    json(
      response,
      403,
      { message: `no: ${request.headers.authorization}` },
      { 'x-accepted': `x=${request.headers.authorization}` },
    );
  });
  const permission = (headers: Headers): string | undefined => headers.get('x-accepted') ?? undefined;
  const made = connector(url, { permission });
  const broken = connector(url, {
    policy: { attempts: 1 },
    fetch: async (_, init) => {
      throw new TypeError(`cannot send ${JSON.stringify(init?.headers)}`);
    },
  });
  const outcomes = [
    await made.request({ path: '/refused' }),
    await made.request({ path: `/refused?token=${CANARY}` }),
    await made.request({ path: '/data' }),
    await broken.request({ path: '/x' }),
  ];
  const said = JSON.stringify([outcomes, made.audit, broken.audit]);
  assert.ok(!said.includes(CANARY), said);
  assert.ok(said.includes('[redacted]'), 'the host did echo it');
  const [refused] = outcomes;
  assert.ok(refused?.outcome === 'forbidden');
  assert.deepEqual(unobservedBy(refused, 'the settings of a/b', 'Administration: read'), {
    unobserved: 'forbidden',
    why: 'the token may not see the settings of a/b: it needs x=Bearer [redacted]',
  });
});

test('an aborted run rejects with its reason', async () => {
  const { url } = await host(() => {});
  const abort = new AbortController();
  const made = connector(url, { signal: abort.signal });
  const asking = made.request({ path: '/never' });
  setTimeout(() => abort.abort(new Error('enough')), 10);
  await assert.rejects(asking, { message: 'enough' });
});

test('a host with a certificate that nobody vouches for is asked nothing and gets no credential; one that is trusted is asked', async () => {
  const other = await selfSigned();
  try {
    const refused = await connector(other.url).request({ path: '/thing' });
    assert.equal(isAnswer(refused), false, JSON.stringify(refused));
    assert.equal(other.asked(), 0);
    // The same certificate is right in everything else.
    const trusting = request(`${other.url}/thing`, { ca: other.certificate });
    trusting.end();
    const [response] = (await once(trusting, 'response')) as [IncomingMessage];
    response.resume();
    assert.equal(response.statusCode, 200);
  } finally {
    await other.close();
  }
});

test('an address or a token that is too long for any host is refused here, and never sent', async () => {
  const there = await host((_, response) => response.end('{}'));
  const made = connector(there.url);
  const long = await made.request({ path: `/thing?x=${'x'.repeat(16_000)}` });
  assert.equal(long.outcome === 'failed' && long.code, 'address-too-long');
  assert.equal(there.asked.length, 0);
  assert.equal((await made.request({ path: `/thing?x=${'x'.repeat(15_000)}` })).outcome, 'ok');
  assert.throws(
    () => connector(there.url, { authorization: `Bearer ${'x'.repeat(8000)}` }),
    /the token has 8007 characters, and no host takes more than 8000/,
  );
});
