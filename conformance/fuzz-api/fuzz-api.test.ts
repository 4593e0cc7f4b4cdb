import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { after } from 'node:test';
import { fuzz } from './fuzz.ts';
import { fuzzable } from './server.ts';

const server = await fuzzable();
after(server.close);

test('some hundred requests, right and wrong, are all answered as the description says', async () => {
  const { url, callers, known } = server;
  const { faults, succeeded, operations, statuses } = await fuzz({
    url,
    callers,
    known,
    requests: 600,
    seed: 11,
  });
  assert.deepEqual(faults, []);
  assert.deepEqual(server.failures, []);
  assert.ok(succeeded > operations / 8, `${succeeded} of ${operations} operations succeeded`);
  for (const status of [200, 400, 401, 403, 404])
    assert.ok((statuses[status] ?? 0) > 0, `no ${status} was seen`);
});

test('a server that keeps to nothing is found out', async () => {
  const described = (await server.ask('', 'GET', '/api/openapi.json')).body;
  const answers = ['<p>', '{"items":[{"at":1}],"next":null}', '{"detail":"no"}'];
  let turn = 0;
  const liar = createServer((request, response) => {
    if (request.url === '/api/openapi.json') return response.end(described);
    turn += 1;
    const status = [200, 418, 500, 400][turn % 4] ?? 200;
    const type = turn % 2 === 0 ? 'application/json' : 'application/problem+json';
    return response.writeHead(status, { 'content-type': type }).end(answers[turn % 3]);
  }).listen(0, '127.0.0.1');
  after(() => liar.close());
  await once(liar, 'listening');
  const url = `http://127.0.0.1:${(liar.address() as AddressInfo).port}/`;
  const { faults } = await fuzz({ url, callers: [''], known: [], requests: 300, seed: 1 });
  const said = faults.map(({ what }) => what).join('\n');
  for (const expected of [
    /^500$/m,
    /418 is not described/,
    /a problem that is none/,
    /is not as its schema says/,
  ])
    assert.match(said, expected);
});
