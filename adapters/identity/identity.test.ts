/** Links, sessions, tokens and first roles, on a real store. What was made long ago is made so by the owner of the tables. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { rejects } from '@macadam/testing/decisions/sample';
import { asOwner, trialFolder, trialsOn } from '@macadam/testing/decisions/test-database';
import { startEngine } from '../decisions/postgres/engine.ts';
import { setCookie } from './cookie.ts';
import { firstStart } from './first-start.ts';
import { identify } from './identify.ts';
import { followLink, makeLink } from './link.ts';
import { IDENTITY_PART } from './part.ts';
import { recover } from './recovery.ts';
import { digestOf, newSecret } from './secret.ts';
import { endSession, IDLE_SECONDS, SESSION_SECONDS } from './session.ts';
import { issueToken, newToken } from './token.ts';

const root = trialFolder();
const engine = await startEngine(preparedPlace(join(root, 'store')), { fleeting: true });
const trials = trialsOn(engine.address);
after(async () => {
  await engine.stop();
  rmSync(root, { recursive: true });
});

async function opened() {
  const { decisions, dispose, address } = await trials.open();
  const parts = { decisions, now: () => new Date(), random: randomBytes };
  const options = {
    ...parts,
    secure: false,
    belonging: async () => ({ teams: ['crew'], standards: [] }),
  };
  const keyOf = async (person: string) => (await makeLink(parts, person)).split('key=')[1] ?? '';
  return {
    decisions,
    dispose,
    parts,
    keyOf,
    bySession: (secret: string) =>
      identify(options, { authorization: undefined, cookies: { macadam: secret } }),
    byToken: (token: string) => identify(options, { authorization: `Bearer ${token}`, cookies: {} }),
    both: (token: string, secret: string) =>
      identify(options, { authorization: `Bearer ${token}`, cookies: { macadam: secret } }),
    logIn: async (person: string) => (await followLink(parts, await keyOf(person)))?.secret ?? assert.fail(),
    /** Moves every time of a table into the past; no rule of ours permits that, so they are put aside. */
    age: (table: string, columns: readonly string[], seconds: number) =>
      asOwner(address, (client) =>
        client.query(
          `set session_replication_role = replica; update macadam.${table} set ${columns
            .map((column) => `${column} = ${column} - interval '${seconds} seconds'`)
            .join(', ')}`,
        ),
      ),
  };
}

test('the first who starts it is made administrator, by the machine and on the record; nobody after', async () => {
  const { decisions, dispose } = await opened();
  const start = (id: string) => firstStart(decisions, { id, name: id });
  assert.deepEqual((await Promise.all([start('ann'), start('bob')])).sort(), [false, true]);
  const roles = await decisions.transaction(IDENTITY_PART, (tx) => tx.access.allRoles());
  const [first] = roles;
  assert.deepEqual(
    roles.map(({ role, division, grantedBy }) => [role, division, grantedBy]),
    [
      ['administrator', '', 'machine:first-start'],
      ['reader', '', 'machine:first-start'],
    ],
  );
  const log = await decisions.transaction(IDENTITY_PART, (tx) => tx.auditEntries({ action: 'role.grant' }));
  assert.equal(log.filter(({ principal }) => principal === 'machine:first-start').length, 2);
  // Not even when that administrator has gone.
  const person = first?.person ?? '';
  await decisions.transaction({ id: 'machine:x', divisions: 'all' }, async (tx) => {
    await tx.organisation.putPerson({ id: 'other', name: 'Other' });
    await tx.access.grant({ person: 'other', role: 'administrator', division: '' });
    await tx.access.revoke(first?.number ?? 0);
  });
  assert.equal(await start('eve'), false);
  await rejects(
    decisions.transaction({ id: person, divisions: 'all' }, (tx) =>
      tx.access.grant({ person, role: 'administrator', division: '' }),
    ),
    'refused',
    /nobody gives a role to oneself/,
  );
  await dispose();
});

test('a link logs in once, for minutes, and whose it was is in the log without its secret', async () => {
  const { decisions, dispose, parts, keyOf, bySession, age } = await opened();
  await firstStart(decisions, { id: 'ann', name: 'Ann' });
  const key = await keyOf('ann');
  const both = await Promise.all([followLink(parts, key), followLink(parts, key)]);
  const [session] = both.filter((one) => one !== null);
  assert.equal(both.filter((one) => one === null).length, 1, 'it was good twice');
  assert.deepEqual(await bySession(session?.secret ?? ''), {
    person: 'ann',
    name: 'Ann',
    via: 'session',
    scopes: 'all',
    sources: [],
    roles: [
      { role: 'administrator', division: '' },
      { role: 'reader', division: '' },
    ],
    teams: ['crew'],
    standards: [],
  });
  const old = await keyOf('ann');
  await age('login_link', ['made_at', 'expires_at'], 601);
  assert.equal(await followLink(parts, old), null);
  for (const wrong of ['', newSecret(randomBytes), `${key} `])
    assert.equal(await followLink(parts, wrong), null);
  const log = JSON.stringify(
    await decisions.transaction(IDENTITY_PART, (tx) => tx.auditEntries({ limit: 500 })),
  );
  for (const secret of [key, digestOf(key), session?.secret ?? '', digestOf(session?.secret ?? '')])
    assert.equal(log.includes(secret), false);
  assert.match(log, /link\.use/);
  await dispose();
});

test('a log-in ends the session that the browser had, and log-out ends it in the store', async () => {
  const { decisions, dispose, parts, keyOf, bySession, logIn } = await opened();
  await firstStart(decisions, { id: 'ann', name: 'Ann' });
  const first = await logIn('ann');
  const second = await followLink(parts, await keyOf('ann'), first);
  assert.equal(await bySession(first), null);
  assert.equal((await bySession(second?.secret ?? ''))?.person, 'ann');
  assert.notEqual(first, second?.secret);
  assert.equal((await endSession(parts, second?.secret ?? ''))?.person, 'ann');
  assert.equal(await bySession(second?.secret ?? ''), null);
  assert.equal(await endSession(parts, second?.secret ?? ''), null);
  await dispose();
});

test('a session ends when nobody uses it, and when its day is over', async () => {
  const { decisions, dispose, bySession, logIn, age } = await opened();
  await firstStart(decisions, { id: 'ann', name: 'Ann' });
  const idle = await logIn('ann');
  await age('session', ['started_at', 'expires_at'], IDLE_SECONDS - 5);
  assert.notEqual(await bySession(idle), null);
  await age('session_use', ['used_at'], IDLE_SECONDS - 5);
  assert.notEqual(await bySession(idle), null, 'it was used within the hour');
  await age('session_use', ['used_at'], IDLE_SECONDS + 1);
  assert.equal(await bySession(idle), null);
  const long = await logIn('ann');
  assert.notEqual(await bySession(long), null);
  await age('session', ['started_at', 'expires_at'], SESSION_SECONDS);
  assert.equal(await bySession(long), null, 'it is over however lately it was used');
  await dispose();
});

test('who has left is nobody at once, by session and by token', async () => {
  const { decisions, dispose, parts, bySession, byToken, logIn, keyOf } = await opened();
  await firstStart(decisions, { id: 'ann', name: 'Ann' });
  const secret = await logIn('ann');
  const { token } = await decisions.transaction({ id: 'ann', divisions: 'all' }, (tx) =>
    issueToken(tx, randomBytes, { person: 'ann', name: 'ci', scopes: ['*::read'], hours: 1 }),
  );
  const key = await keyOf('ann');
  assert.equal((await byToken(token))?.via, 'token');
  await decisions.transaction(IDENTITY_PART, async (tx) => {
    await tx.organisation.putPerson({ id: 'other', name: 'Other' });
    await tx.access.grant({ person: 'other', role: 'administrator', division: '' });
  });
  await decisions.transaction(IDENTITY_PART, (tx) =>
    tx.organisation.putPerson({ id: 'ann', name: 'Ann', active: false }),
  );
  assert.deepEqual(
    [await bySession(secret), await byToken(token), await followLink(parts, key)],
    [null, null, null],
  );
  await dispose();
});

test('a token is of its person, for seven days at most, for what it names, and noted when it is used', async () => {
  const { decisions, dispose, byToken, both, logIn, age } = await opened();
  await firstStart(decisions, { id: 'ann', name: 'Ann' });
  const issue = (person: string, hours: number, scopes: readonly string[], by = 'ann') =>
    decisions.transaction({ id: by, divisions: 'all' }, (tx) =>
      issueToken(tx, randomBytes, { person, name: 'ci', scopes, hours }),
    );
  await rejects(issue('ann', 169, ['*::read']), 'refused', /seven days at most/);
  await rejects(issue('ann', 1, ['WorkItem::burn']), 'refused', /there is no scope WorkItem::burn/);
  await decisions.transaction(IDENTITY_PART, async (tx) => {
    await tx.organisation.putPerson({ id: 'bob', name: 'Bob' });
    await tx.organisation.putPerson({ id: 'machine:ci', name: 'Pipelines' });
  });
  await rejects(issue('bob', 1, ['*::read']), 'refused', /nobody issues one for another person/);
  const machine = await issue('machine:ci', 168, ['Fact::ingest']);
  const { via, scopes, person } = (await byToken(machine.token)) ?? {};
  assert.deepEqual(
    { via, scopes, person },
    { via: 'machine', scopes: ['Fact::ingest'], person: 'machine:ci' },
  );
  const use = () => decisions.transaction(IDENTITY_PART, (tx) => tx.login.tokenUse([machine.record.id]));
  const first = (await use()).get(machine.record.id);
  await byToken(machine.token);
  assert.equal((await use()).get(machine.record.id), first, 'noted twice within the minute');
  await age('token_use', ['used_at'], 61);
  const aged = (await use()).get(machine.record.id) ?? '';
  await byToken(machine.token);
  assert.ok(((await use()).get(machine.record.id) ?? '') > aged);
  assert.equal(
    await both(newToken(randomBytes), await logIn('ann')),
    null,
    'the session stood in for a wrong token',
  );
  await age('api_token', ['issued_at', 'expires_at'], 168 * 3600);
  assert.equal(await byToken(machine.token), null);
  const { token, record } = await issue('ann', 1, ['*::read']);
  await decisions.transaction({ id: 'ann', divisions: [] }, (tx) => tx.access.revokeToken(record.id));
  assert.equal(await byToken(token), null);
  const log = JSON.stringify(
    await decisions.transaction(IDENTITY_PART, (tx) => tx.auditEntries({ limit: 500 })),
  );
  assert.equal(log.includes(token) || log.includes(digestOf(token)), false);
  await dispose();
});

test('a machine never logs in', async () => {
  const { decisions, dispose, parts } = await opened();
  await decisions.transaction(IDENTITY_PART, (tx) =>
    tx.organisation.putPerson({ id: 'machine:ci', name: 'Pipelines' }),
  );
  await rejects(makeLink(parts, 'machine:ci'), 'refused', /a machine does not log in/);
  const expiresAt = new Date(Date.now() + 60_000).toISOString();
  await rejects(
    decisions.transaction(IDENTITY_PART, (tx) =>
      tx.access.startSession({ digest: digestOf('x'), person: 'machine:ci', expiresAt }),
    ),
    'refused',
    /a machine does not log in/,
  );
  await rejects(
    decisions.transaction(IDENTITY_PART, (tx) =>
      tx.access.link({ issuer: 'https://id.example', subject: '1', person: 'machine:ci' }),
    ),
    'refused',
    /a machine does not log in/,
  );
  await dispose();
});

test('what no cookie and no header can be is nobody, without a look into the store', async () => {
  const store = await opened();
  await store.dispose();
  for (const secret of ['', 'x', "' or true --", '\u0000'.repeat(43)])
    assert.equal(await store.bySession(secret), null);
  for (const token of ['', 'x', 'mcd_x', 'Basic']) assert.equal(await store.byToken(token), null);
  assert.match(setCookie('session', 'x', 1, true), /^__Host-/);
});

test('whoever has the disk makes an administrator where none is left, and the log says who, whom and why', async () => {
  const { decisions, dispose, parts } = await opened();
  await firstStart(decisions, { id: 'ann', name: 'Ann' });
  const asked = { person: 'ben', reason: 'Ann has left, and nobody else is an administrator' };
  const { link, granted } = await recover(decisions, asked, parts);
  assert.equal(granted, true);
  const session = await followLink(parts, new URL(link, 'http://x').searchParams.get('key') ?? '');
  assert.equal(session?.person, 'ben');
  assert.equal((await recover(decisions, asked, parts)).granted, false);
  const log = await decisions.transaction(IDENTITY_PART, (tx) => tx.auditEntries({ subject: 'ben' }));
  const said = log.find(({ action }) => action === 'access.recover');
  assert.deepEqual([said?.principal, said?.detail], ['machine:recovery', { reason: asked.reason }]);
  assert.ok(log.some(({ action, principal }) => action === 'role.grant' && principal === 'machine:recovery'));
  await dispose();
});
