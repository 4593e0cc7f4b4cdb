/** `macadam source` as somebody types it, against a Keycloak that answers: what it needs, what is missing, what is kept, and no secret anywhere. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { discoverSources } from '@macadam/adapters/discover';
import { type FakeKeycloak, fakeKeycloak, sampleRealm } from '@macadam/adapters/sources/keycloak/fake';
import { fakeOkta, sampleOrganisation } from '@macadam/adapters/sources/okta/fake';
import { measure } from '@macadam/services/measure/measure';
import { asksIn } from '@macadam/services/sources/configured';
import { askCommandLine } from '@macadam/testing/command-line';

const folder = mkdtempSync(join(tmpdir(), 'macadam-source-'));
const file = join(folder, 'sources.json');
const line = askCommandLine();
const now = new Date();
const north = sampleRealm('north', 'canary-of-north-own-wren', now);
const south = sampleRealm('south', 'canary-of-south-own-wren', now);
let fake: FakeKeycloak;

before(async () => {
  fake = await fakeKeycloak([north, south]);
});
after(async () => {
  await fake.close();
  rmSync(folder, { recursive: true, force: true });
});

async function source(
  args: readonly string[],
  { env = {}, input }: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
) {
  const answer = await line.ask({
    args: ['source', ...args, '--file', file],
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, ...env },
    ...(input === undefined ? {} : { input }),
  });
  assert.ok(!/own-wren|hush-wren/.test(answer.stdout + answer.stderr), 'no secret is shown');
  return answer;
}

const realm = (name: string) => `${fake.url}/realms/${name}`;
const NORTH = { KEYCLOAK_CLIENT_ID: 'macadam', KC_NORTH: 'canary-of-north-own-wren' };

test('a source says what it needs and why, is tried, and is kept with where its credential is', async () => {
  north.permissions.delete('view-events');
  const { status, stdout } = await source(
    [
      'add',
      'keycloak',
      realm('north'),
      '--name',
      'staff',
      '--option',
      'environment=production',
      '--credential',
      'KEYCLOAK_CLIENT_SECRET=env:KC_NORTH',
    ],
    { env: NORTH },
  );
  north.permissions.add('view-events');
  assert.equal(status, 0, stdout);
  assert.match(stdout, /is only read, never changed/);
  assert.match(stdout, /view-clients\n +\/clients: clients, with the kind and age of their credentials/);
  assert.match(stdout, /showed 3 user, 2 application/);
  assert.match(
    stdout,
    /Missing: view-events\. Without it stays unknown: user\.weak_sign_ins, application\.last_used_at/,
  );
  assert.match(stdout, /application\.last_used_at: known of 0 of 2;/);
  assert.match(stdout, /Kept as `staff` in/);
  const kept = JSON.parse(readFileSync(file, 'utf8'));
  assert.deepEqual(kept.sources[0].credentials, {
    KEYCLOAK_CLIENT_ID: 'env:KEYCLOAK_CLIENT_ID',
    KEYCLOAK_CLIENT_SECRET: 'env:KC_NORTH',
  });
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a secret that is typed is kept sealed, and a second realm is measured beside the first', async () => {
  const added = await source(
    [
      'add',
      'keycloak',
      realm('south'),
      '--name',
      'partners',
      '--credential',
      'KEYCLOAK_CLIENT_ID=ask',
      '--credential',
      'KEYCLOAK_CLIENT_SECRET=ask',
    ],
    { input: 'macadam\ncanary-of-south-own-wren\n' },
  );
  assert.equal(added.status, 0, added.stdout + added.stderr);
  assert.ok(!readFileSync(file, 'utf8').includes('own-wren'));
  assert.equal(statSync(join(folder, 'sources.key')).mode & 0o777, 0o600);
  const { stdout } = await source(['list']);
  assert.match(stdout, /staff {2}keycloak .*north {2}KEYCLOAK_CLIENT_ID env:KEYCLOAK_CLIENT_ID/);
  assert.match(stdout, /partners {2}keycloak .*south .*KEYCLOAK_CLIENT_SECRET sealed/);
  const { asks, problems } = await asksIn(file, NORTH);
  assert.deepEqual(problems, []);
  const measured = await measure({
    estateFolder: folder,
    catalogueRoots: [join(import.meta.dirname, '../../..')],
    standards: [],
    pillars: ['identities', 'tenants'],
    cacheDirectory: folder,
    now: () => now,
    asks,
    view: 'head',
    engine: 'test',
    title: 'test',
    environment: {},
    progress: () => {},
  });
  assert.ok('report' in measured);
  const seen = measured.collected.map(({ collection, observations }) => [
    collection.status,
    observations.length,
  ]);
  assert.deepEqual(seen, [
    ['complete', 11],
    ['complete', 11],
  ]);
  assert.ok(!JSON.stringify(measured.report.scan).includes('own-wren'));
});

test('a source whose credential is gone is asked all the same, and says so; the others are measured', async () => {
  const { asks, problems } = await asksIn(file, {});
  assert.equal(asks.length, 2);
  assert.match(problems.join('\n'), /`staff`: KEYCLOAK_CLIENT_ID: the environment has no KEYCLOAK_CLIENT_ID/);
  writeFileSync(join(folder, 'sources.key'), `${Buffer.alloc(32, 7).toString('base64url')}\n`);
  const other = await asksIn(file, NORTH);
  assert.match(other.problems.join('\n'), /`partners`: KEYCLOAK_CLIENT_ID: it cannot be opened with the key/);
});

test('an organisation of Okta is added by its token, and a scope that the token lacks is named with what rests on it', async (t) => {
  const organisation = sampleOrganisation('00o1', 'canary-of-okta-own-wren');
  const okta = await fakeOkta(organisation);
  t.after(okta.close);
  organisation.permissions.delete('okta.groups.read');
  const added = await source(['add', 'okta', okta.url, '--credential', 'OKTA_TOKEN=ask'], {
    input: 'canary-of-okta-own-wren\n',
  });
  assert.equal(added.status, 0, added.stdout + added.stderr);
  assert.match(added.stdout, /okta\.groups\.read\n +\/groups: groups, and which of them give power/);
  assert.match(
    added.stdout,
    /Missing: okta\.groups\.read\. Without it stays unknown: .*privileged-group\.members/,
  );
  assert.equal((await source(['remove', 'okta'])).status, 0);
});

test('one is tried again by its name, and taken out', async () => {
  const tested = await source(['test', 'staff'], { env: NORTH });
  assert.equal(tested.status, 0, tested.stdout);
  const wrong = await source(['test', 'staff'], { env: { ...NORTH, KC_NORTH: 'another-own-wren' } });
  assert.equal(wrong.status, 2);
  assert.match(wrong.stdout, /gives no token: unauthorized_client/);
  const removed = await source(['remove', 'staff']);
  assert.match(removed.stdout, /Removed `staff`.*its credential may still be good/s);
  assert.equal((await source(['test', 'staff'])).status, 2);
});

test('what is typed wrong says what is right, and what shows nothing is not kept', async () => {
  const before = readFileSync(file, 'utf8');
  const said = async (...args: readonly string[]) => {
    const { status, stderr, stdout } = await source(['add', ...args], { env: NORTH });
    assert.equal(status, 2);
    return stderr + stdout;
  };
  assert.match(await said('keyclock', realm('north')), /no source `keyclock`, did you mean `keycloak`\?/);
  assert.match(await said('keycloak', realm('north')), /say where KEYCLOAK_CLIENT_SECRET is: --credential/);
  assert.match(
    await said('keycloak', realm('north'), '--credential', 'KEYCLOAK_CLIENT_SECRET=canary-of-north-own-wren'),
    /a value is never typed here/,
  );
  assert.match(
    await said('keycloak', realm('north'), '--option', 'enviroment=test'),
    /did you mean `environment`/,
  );
  const secret = ['--credential', 'KEYCLOAK_CLIENT_SECRET=env:KC_NORTH', '--name', 'x'];
  assert.match(await said('keycloak', 'north', ...secret), /is not the address of a realm/);
  assert.match(await said('keycloak', realm('south'), ...secret), /Nothing was kept/);
  assert.equal(readFileSync(file, 'utf8'), before);
});

test('a source that takes a credential says by which variables it is asked', async () => {
  const known = await discoverSources();
  for (const id of ['entra', 'github', 'keycloak', 'ldap']) {
    const names = (known.find((one) => one.id === id)?.credentials ?? []).map(({ name }) => name);
    assert.ok(names.length > 0, id);
    for (const name of names) assert.match(name, /^[A-Z][A-Z_]+$/);
  }
});
