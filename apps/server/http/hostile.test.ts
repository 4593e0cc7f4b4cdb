/** What nobody in their right mind sends, to every route there is: it is refused by name, and never breaks anything. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { kept } from '@macadam/testing/server/sample';
import { sampleServer } from '@macadam/testing/server/sample-server';
import { discoverRoutes } from './discover.ts';
import type { Route } from './route.ts';

const routes = await discoverRoutes();
const sheds = await kept();
// As the first pass over owners leaves them.
const server = await sampleServer({
  people: {
    ann: {
      roles: (['administrator', 'reader', 'engineer', 'deputy-ciso', 'standard-owner'] as const).map(
        (role) => ({ role, division: '' }),
      ),
    },
  },
  site: () => sheds.site,
});
// Somebody has looked: before that an empty list is no answer.
await server.decisions.transaction({ id: 'reconcile', divisions: 'all' }, (tx) =>
  tx.failing.recordPass({ subject: 'faults', valid: '2026-01-02T00:00:00Z', known: 1, opened: 0 }, {}),
);
after(async () => {
  await server.close();
  await sheds.remove();
});

const named = ({ method, path }: Route) => `${method} ${path}`;
const filled = ({ path }: Route, value: string) => path.replaceAll(/:[a-zA-Z]+/g, encodeURIComponent(value));
/** Parameters that a route knows; every list has some of its own. */
const parametersOf = ({ query, gives }: Route): readonly string[] => [
  ...Object.keys(query),
  ...(gives.as === 'list' ? ['after', 'format', 'limit', 'sort'] : []),
];
const json = { 'content-type': 'application/json' };
const WRITES = routes.filter(({ method }) => method !== 'GET' && method !== 'DELETE');

/** `fields`: every one of them is named in the answer. */
async function refused(route: Route, path: string, fields: readonly RegExp[], body?: string): Promise<void> {
  const given = await server.ask('ann', route.method, path, body, body === undefined ? {} : json);
  const said = `${named(route)} ${path.slice(0, 100)}: ${given.statusCode} ${given.body.slice(0, 300)}`;
  assert.equal(given.statusCode, 400, said);
  for (const field of fields) assert.match(given.body, field, said);
}

async function bears(route: Route, path: string, body?: string): Promise<void> {
  const given = await server.ask('ann', route.method, path, body, body === undefined ? {} : json);
  const said = `${named(route)} ${path.slice(0, 100)}: ${given.statusCode} ${given.body.slice(0, 300)}`;
  assert.ok(given.statusCode < 500, said);
  assert.deepEqual(server.failures, [], said);
}

test('a NUL or half a character is refused with the name of its field, wherever it stands', async () => {
  for (const route of routes) {
    if (Object.keys(route.params).length > 0)
      await refused(route, filled(route, 'a\0b'), [/path\.\w+.*it holds a NUL character/]);
    const names = parametersOf(route);
    if (names.length > 0)
      await refused(
        route,
        `${filled(route, '1')}?${names.map((name) => `${name}=a%00b`).join('&')}`,
        names.map((name) => new RegExp(`query\\.${name}: it holds a NUL`)),
      );
  }
  for (const route of WRITES)
    await refused(
      route,
      filled(route, '1'),
      [/body\.one\.0\.two: it holds a NUL/, /body\.three: it holds half a character/],
      '{"one":[{"two":"\\u0000"}],"three":"\\ud800"}',
    );
});

test('what would reach a prototype, or the end of the stack, is refused', async () => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  for (const route of WRITES) {
    await refused(route, filled(route, '1'), [/well-formed JSON/], '{"__proto__":{"admin":true}}');
    await refused(
      route,
      filled(route, '1'),
      [/well-formed JSON/],
      '{"constructor":{"prototype":{"admin":true}}}',
    );
    await refused(route, filled(route, '1'), [/nested more than 100 deep/], deep);
  }
  assert.equal(({} as { admin?: boolean }).admin, undefined);
});

test('a parameter that is given twice is refused, not chosen from', async () => {
  for (const route of routes) {
    const names = parametersOf(route);
    if (names.length === 0) continue;
    const twice = names.map((name) => `${name}=1&${name}=2`).join('&');
    await refused(
      route,
      `${filled(route, '1')}?${twice}`,
      names.map((name) => new RegExp(`query\\.${name}:`)),
    );
  }
});

test('no route opens a file, so none can be named by a request', () => {
  const opening = ['http', 'api'].flatMap((folder) =>
    readdirSync(join(import.meta.dirname, '..', folder))
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .filter((file) =>
        /['"](node:)?fs\b/.test(readFileSync(join(import.meta.dirname, '..', folder, file), 'utf8')),
      ),
  );
  assert.deepEqual(opening, ['discover.ts'], 'which reads the folder of routes');
});

test('no answer names what it is made of, or a version of that', async () => {
  const parts = [
    process.version,
    `Node.js ${process.versions.node}`,
    process.versions.v8,
    process.versions.openssl,
    'chdb',
    'ClickHouse 2',
    'PostgreSQL 1',
    'Fastify',
  ];
  const headers = ['server', 'x-powered-by', 'via', 'x-runtime', 'x-version'];
  const reading = routes.filter(({ method }) => method === 'GET').map((route) => filled(route, '1'));
  const answered = ['/api/health', '/api/health/ready', '/api/me', '/api/standards', '/login', '/'];
  for (const path of [...answered, ...reading.map((one) => `${one}?nothing=1`), '/nothing', '/api/nothing']) {
    const given = await server.ask('ann', 'GET', path);
    const named = parts.filter((part) => given.body.toLowerCase().includes(part.toLowerCase()));
    assert.deepEqual(named, [], `${path}: ${given.statusCode}`);
    const telling = headers.filter((name) => given.headers[name] !== undefined);
    assert.deepEqual(telling, [], path);
  }
});

test('no cursor that was made by hand breaks a list', async () => {
  const keys = ['x', '', -1, Number.MAX_SAFE_INTEGER, ['x', 'y'], [1, 2, 3], ["'; drop", 0]];
  for (const route of routes) {
    const { gives } = route;
    if (gives.as !== 'list') continue;
    const path = filled(route, '1');
    for (const sort of gives.sorts)
      for (const key of [...keys, null, {}, 1e300, [], [[]], 'a\0b']) {
        const after = Buffer.from(JSON.stringify([sort, key])).toString('base64url');
        await bears(route, `${path}?sort=${encodeURIComponent(sort)}&after=${after}`);
      }
  }
});

test('odd ids, addresses, parameters and bodies are borne', async () => {
  const ids = [
    '..',
    '../../etc/passwd',
    '%00 \u{1f4a9} e\u0301 \u202e a\r\nb',
    "'; drop table x; --",
    '9'.repeat(400),
    'constructor',
    '__proto__',
    'x'.repeat(1999),
  ];
  for (const route of routes) {
    const path = filled(route, '1');
    if (Object.keys(route.params).length > 0) for (const id of ids) await bears(route, filled(route, id));
    // Given twice they are refused, as is shown above.
    const known = parametersOf(route);
    for (const name of known)
      for (const given of [`${name}=`, `${name}=9e999`]) await bears(route, `${path}?${given}`);
    // What is no UTF-8 is read before any route sees it, and what a route does not know is one thing to it, whatever it is called: all of that at once.
    const broken = known.map((name) => `${name}=%ff`);
    const unknown = ['limit', 'sort'].filter((name) => !known.includes(name));
    const strange = [
      ...['limit', ...known].map((name) => `${name}[x]=1`),
      ...unknown.map((name) => `${name}=9e999&${name}=%ff`),
    ];
    for (const given of [broken, strange])
      if (given.length > 0) await bears(route, `${path}?${given.join('&')}`);
  }
  for (const route of WRITES)
    for (const body of ['null', '[]', '"x"', '1e999', '{"a":1,"a":2,"id":9007199254740993}'])
      await bears(route, filled(route, '1'), body);
});
