/** An app in place of a person's token: what it signs, what it is given, and that its tokens are renewed in a long run. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fakeWorld, type World } from './fake-world.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
const HOUR = 3_600_000;

let world: World;
before(async () => {
  world = await fakeWorld();
});
after(() => world.close());

const scan = (pem = PEM, targets = ['acme'], app = '7') =>
  world.scan({ targets, token: undefined, options: { app }, environment: { GITHUB_APP_KEY: pem } });
const asked = (from: number) =>
  world.fake.exchanged.slice(from).map(({ method, path, status }) => `${method} ${path} ${status}`);
const POST = 'POST /app/installations/44/access_tokens 201';

test('an app reads what its permissions show, and the next run asks under the same name for what changed', async () => {
  world.state.app = { id: '7', publicKey, lifeMs: HOUR };
  const seen = await scan();
  assert.equal(seen.collection.principal, 'measures[bot]');
  assert.deepEqual(seen.collection.rights, ['administration: read', 'contents: read', 'members: read']);
  assert.deepEqual(seen.collection.problems, []);
  assert.deepEqual(seen.of('secret').visibility, { value: 'private' });
  assert.equal(asked(0).filter((one) => one === POST).length, 1);
  const from = world.fake.exchanged.length;
  await scan();
  const again = asked(from);
  assert.ok(again.includes('GET /orgs/acme/repos?type=all&sort=created&direction=asc&per_page=100 304'));
});

test('a token is renewed before its end, while a collection goes on', async () => {
  world.state.app = { id: '7', publicKey, lifeMs: 60_000 };
  const from = world.fake.exchanged.length;
  const seen = await scan();
  assert.deepEqual(seen.collection.problems, []);
  assert.ok(asked(from).filter((one) => one === POST).length > 1);
  const spare = await world.scan({
    token: undefined,
    options: { app: '7', budget: '2' },
    environment: { GITHUB_APP_KEY: PEM },
  });
  assert.match(JSON.stringify(spare.collection.problems), /this run's budget of \d+ requests is spent/);
});

test('an app that is not installed, or whose key is another, says so, and what is no key is no run', async () => {
  world.state.app = { id: '7', publicKey, lifeMs: HOUR };
  const elsewhere = await scan(PEM, ['other']);
  assert.deepEqual(
    elsewhere.collection.problems.map(({ message, remedy }) => `${message}; ${remedy}`),
    ['the app is not installed on `other`; install it there, and check `--github-app` and GITHUB_APP_KEY'],
  );
  assert.deepEqual(elsewhere.collection.partitions[0]?.complete, false);
  const another = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const refused = await scan(String(another.export({ type: 'pkcs8', format: 'pem' })));
  assert.match(refused.collection.problems[0]?.message ?? '', /^the app got no token for `acme`: A JSON web/);
  await assert.rejects(scan('not a key'), {
    name: 'TypeError',
    message: 'GITHUB_APP_KEY is no RSA key in PEM; take the file that the host gave for the app',
  });
  await assert.rejects(scan(''), { message: 'an app is asked as by its key: set GITHUB_APP_KEY' });
});

test('neither the key nor a token of it is in a file, an observation or a problem', async () => {
  const seen = await scan();
  const secrets = [
    PEM.split('\n')[1] ?? '',
    ...Object.keys(world.state.tokens).filter((one) => /^ghs_/.test(one)),
  ];
  const places = [JSON.stringify([seen.collection, seen.observations])];
  for (const path of globSync('**/*', { cwd: world.cache, withFileTypes: true }))
    if (path.isFile()) places.push(readFileSync(join(path.parentPath, path.name), 'latin1'));
  assert.ok(secrets.length > 1 && places.length > 20);
  for (const place of places) for (const secret of secrets) assert.ok(!place.includes(secret));
});
