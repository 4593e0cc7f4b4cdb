/** Log-in by OpenID Connect: with oidc-provider as it should be, and with one that answers what it should not. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder, trialsOn } from '@macadam/testing/decisions/test-database';
import {
  conformingProvider,
  logInAt,
  type Rogue,
  rogueProvider,
  TRIAL_CLIENT,
} from '@macadam/testing/identity/identity-provider';
import { startEngine } from '../decisions/postgres/engine.ts';
import { accountOf } from './account.ts';
import { CALLBACK_PATH, type OpenId, openId } from './openid.ts';
import { IDENTITY_PART } from './part.ts';
import { type AccountMatch, LoginError, type OpenIdProvider } from './provider.ts';
import { digestOf, newSecret } from './secret.ts';

const root = trialFolder();
const engine = await startEngine(preparedPlace(join(root, 'store')), { fleeting: true });
const trials = trialsOn(engine.address);
const { decisions, again, dispose } = await trials.open();
const back = `http://macadam.example${CALLBACK_PATH}`;
const [first, second] = [await conformingProvider([back]), await conformingProvider([back])];
after(async () => {
  await Promise.all([first.close(), second.close()]);
  await dispose();
  await engine.stop();
  rmSync(root, { recursive: true });
});
await decisions.transaction(IDENTITY_PART, async (tx) => {
  for (const id of ['ann', 'bob', 'new-carl', 'dora', 'eve'])
    await tx.organisation.putPerson({ id, name: id, mail: `${id}@Macadam.example`, externalId: `x-${id}` });
  await tx.organisation.putPerson({ id: 'eva', name: 'Eva', mail: 'eve@macadam.example' });
  await tx.organisation.putPerson({ id: 'gone', name: 'Gone', mail: 'gone@macadam.example', active: false });
});

const provider = (issuer: string, match?: AccountMatch): OpenIdProvider => ({
  issuer,
  clientId: TRIAL_CLIENT.id,
  clientSecret: TRIAL_CLIENT.secret,
  name: 'The directory',
  redirectUri: back,
  ...(match && { match }),
});
const parts = { decisions, now: () => new Date(), random: randomBytes };
const logIns = openId(parts, [
  provider(first.issuer, { by: 'mail' }),
  provider(second.issuer, { by: 'external-id', claim: 'employee' }),
]);
const failed = (work: Promise<unknown>, says: RegExp) =>
  assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof LoginError, String(error));
    assert.match(error.message, says);
    return true;
  });
const personOf = async (secret: string) =>
  (await decisions.transaction(IDENTITY_PART, (tx) => tx.access.session(digestOf(secret))))?.person;

async function logIn(account: string, through: OpenId = logIns): Promise<string | undefined> {
  const { url, secret } = await through.begin(first.issuer, '/work');
  const { secret: session, returnTo } = await through.finish(await logInAt(url, account), secret);
  assert.equal(returnTo, '/work');
  return personOf(session);
}

test('who logs in with the provider is the person whose verified address it says, from then on by account', async () => {
  assert.equal(await logIn('ann'), 'ann');
  assert.equal(await logIn('ann'), 'ann');
  const known = await decisions.transaction(IDENTITY_PART, (tx) => tx.access.identities('ann'));
  assert.deepEqual(
    known.map(({ issuer, subject, linkedBy }) => [issuer, subject, linkedBy]),
    [[first.issuer, 'ann', 'machine:identity']],
  );
  const [session] = await decisions.transaction(IDENTITY_PART, (tx) => tx.access.sessions('ann'));
  assert.deepEqual([session?.means, session?.issuer], ['openid', first.issuer]);
  assert.match((await logIns.logOutUrl(first.issuer, 'http://macadam.example/')) ?? '', /\/session\/end\?/);
});

test('what a log-in asks for is code, PKCE, state and nonce, each new', async () => {
  const asked = await Promise.all([1, 2].map(() => logIns.begin(first.issuer, '/')));
  const [one, two] = asked.map(({ url }) => new URL(url).searchParams);
  assert.deepEqual(
    ['response_type', 'code_challenge_method', 'scope', 'redirect_uri'].map((name) => one?.get(name)),
    ['code', 'S256', 'openid email', back],
  );
  for (const name of ['state', 'nonce', 'code_challenge']) {
    assert.match(one?.get(name) ?? '', /^[\w-]{43}$/, name);
    assert.notEqual(one?.get(name), two?.get(name), name);
  }
});

test('another process finishes what one began', async () => {
  const store = await again();
  const other = openId({ ...parts, decisions: store }, logIns.providers);
  const { url, secret } = await logIns.begin(first.issuer, '/');
  const { secret: session } = await other.finish(await logInAt(url, 'ann'), secret);
  assert.equal(await personOf(session), 'ann');
  await store.close();
});

test('an answer is used once, in the browser that asked, and while it is young', async () => {
  const { url, secret } = await logIns.begin(first.issuer, '/');
  const answer = await logInAt(url, 'ann');
  const over = /is over, or was begun in another browser/;
  await failed(logIns.finish(answer, newSecret(randomBytes)), over);
  await failed(logIns.finish(answer, ''), over);
  const both = await Promise.allSettled([logIns.finish(answer, secret), logIns.finish(answer, secret)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  await failed(logIns.finish(answer, secret), over);
});

test('a replayed code is refused by the provider, though the log-in is new', async () => {
  const one = await logIns.begin(first.issuer, '/');
  const used = await logInAt(one.url, 'ann');
  await logIns.finish(used, one.secret);
  const { url, secret } = await logIns.begin(first.issuer, '/');
  const replayed = new URL(await logInAt(url, 'ann'));
  replayed.searchParams.set('code', used.searchParams.get('code') ?? '');
  await failed(logIns.finish(replayed, secret), /did not confirm the log-in: it answered invalid_grant/);
});

test('a state that is not the browser’s, or none, is refused', async () => {
  for (const change of [
    (url: URL) => url.searchParams.set('state', newSecret(randomBytes)),
    (url: URL) => url.searchParams.delete('state'),
  ]) {
    const { url, secret } = await logIns.begin(first.issuer, '/');
    const answer = await logInAt(url, 'ann');
    change(answer);
    await failed(logIns.finish(answer, secret), /"state"/);
  }
});

test('an answer of one provider is no answer of another (mix-up)', async () => {
  const asked = await logIns.begin(first.issuer, '/');
  const answer = await logInAt(asked.url, 'ann');
  answer.searchParams.set('iss', second.issuer);
  await failed(logIns.finish(answer, asked.secret), /"iss"/);
  const silent = await logIns.begin(first.issuer, '/');
  const unnamed = await logInAt(silent.url, 'ann');
  unnamed.searchParams.delete('iss');
  await failed(logIns.finish(unnamed, silent.secret), /"iss"/);
});

test('who refuses at the provider is told so', async () => {
  const { url, secret } = await logIns.begin(first.issuer, '/');
  const answer = new URL(back);
  answer.search = new URLSearchParams({
    error: 'access_denied',
    error_description: 'secret text',
    state: new URL(url).searchParams.get('state') ?? '',
    iss: first.issuer,
  }).toString();
  await failed(logIns.finish(answer, secret), /it answered access_denied; begin again$/);
});

test('an address that is not verified, of nobody, of two, or of somebody who left opens nothing, and is logged', async () => {
  await failed(logIn('new-carl'), /nobody here is known by this account; ask an administrator/);
  await failed(logIn('stranger'), /nobody here is known by this account/);
  await failed(logIn('eve'), /nobody here is known by this account/);
  await failed(logIn('gone'), /nobody here is known by this account/);
  const refused = await decisions.transaction(IDENTITY_PART, (tx) =>
    tx.auditEntries({ action: 'session.start', subject: 'openid' }),
  );
  assert.deepEqual(
    refused.slice(0, 2).map(({ outcome, detail }) => [outcome, detail]),
    [
      ['refused', { issuer: first.issuer, subject: 'gone' }],
      ['refused', { issuer: first.issuer, subject: 'eve' }],
    ],
  );
});

test('an address that went to a successor does not open the account of who had it', async () => {
  await decisions.transaction(IDENTITY_PART, (tx) =>
    tx.access.link({ issuer: first.issuer, subject: 'somebody before', person: 'dora' }),
  );
  await failed(logIn('dora'), /has another account/);
});

test('a provider that says it cannot be reached, or names another issuer, lets nobody in', async () => {
  const none = openId(parts, [provider('http://127.0.0.1:9')]);
  await failed(none.begin('http://127.0.0.1:9', '/'), /The directory cannot be reached/);
  await failed(logIns.begin('https://unknown.example', '/'), /there is no such provider/);
  const liar = await rogueProvider({ says: first.issuer });
  await failed(openId(parts, [provider(liar.issuer)]).begin(liar.issuer, '/'), /cannot be reached/);
  await liar.close();
});

const now = Math.floor(Date.now() / 1000);
const ROGUES: readonly (readonly [what: string, rogue: Rogue, says: RegExp])[] = [
  ['of another log-in (nonce)', { claims: { nonce: 'other' } }, /"nonce"/],
  ['without a nonce', { claims: { nonce: undefined } }, /"nonce"/],
  ['of another provider', { claims: { iss: first.issuer } }, /"iss"/],
  ['for another application', { claims: { aud: 'other' } }, /"aud"/],
  ['that is over', { claims: { exp: now - 120, iat: now - 600 } }, /"exp"/],
  ['that was not issued yet', { claims: { nbf: now + 600 } }, /"nbf"/],
  ['signed with a key that is not published', { otherKey: true }, /signature/],
  ['that is not signed', { header: { alg: 'none' }, unsigned: true }, /"alg"/],
  ['signed by another algorithm than was agreed', { header: { alg: 'RS256' } }, /"alg"/],
  ['of nobody', { claims: { sub: undefined } }, /"sub"/],
];
for (const [what, rogue, says] of ROGUES)
  test(`an ID token ${what} lets nobody in`, async () => {
    const server = await rogueProvider(rogue);
    const through = openId(parts, [provider(server.issuer, { by: 'mail' })]);
    const { url, secret } = await through.begin(server.issuer, '/');
    await failed(through.finish(server.begun(url), secret), says);
    await server.close();
  });

test('groups that a provider names give no role, and an id of the directory finds its person', async () => {
  const rogue: Rogue = {
    claims: { sub: '77', employee: 'x-bob', groups: ['administrators'], roles: ['administrator'] },
  };
  const server = await rogueProvider(rogue);
  const through = openId(parts, [provider(server.issuer, { by: 'external-id', claim: 'employee' })]);
  const enter = async () => {
    const { url, secret } = await through.begin(server.issuer, '/');
    return personOf((await through.finish(server.begun(url), secret)).secret);
  };
  assert.equal(await enter(), 'bob');
  assert.deepEqual(await decisions.transaction(IDENTITY_PART, (tx) => tx.access.roles('bob')), []);
  // The same account is the same person, whatever else is said of it later.
  rogue.claims = { sub: '77', employee: 'x-ann' };
  assert.equal(await enter(), 'bob');
  rogue.claims = { sub: '78', employee: '' };
  await failed(enter(), /nobody here is known/);
  await server.close();
});

test('a clock that is a little off does no harm, and one that is far off is noticed', async () => {
  const rogue: Rogue = { claims: { sub: '79', employee: 'x-ann', iat: now - 40, exp: now - 40 } };
  const server = await rogueProvider(rogue);
  const match = { by: 'external-id', claim: 'employee' } as const;
  const enter = async (ahead: number) => {
    const clock = () => new Date(Date.now() + ahead * 1000);
    const through = openId({ ...parts, now: clock }, [provider(server.issuer, match)]);
    const { url, secret } = await through.begin(server.issuer, '/');
    return personOf((await through.finish(server.begun(url), secret)).secret);
  };
  assert.equal(await enter(0), 'ann');
  await failed(enter(90), /"exp"/);
  rogue.claims = { sub: '79', iat: now, exp: now + 300, nbf: now + 40 };
  assert.equal(await enter(0), 'ann');
  await failed(enter(-90), /"nbf"/);
  await server.close();
});

test('an address or an id that is newer than the roles of its person opens nothing, until they are given again', async () => {
  const admin = { id: 'admin', divisions: 'all' } as const;
  const person = { id: 'rex', name: 'Rex' };
  const give = () =>
    decisions.transaction(admin, (tx) => tx.access.grant({ person: 'rex', role: 'reader', division: '' }));
  const put = (more: object) =>
    decisions.transaction(admin, (tx) => tx.organisation.putPerson({ ...person, ...more }));
  const arriving = (more: object) =>
    accountOf(parts, provider(first.issuer, { by: 'mail' }), { sub: 'stranger', ...more });
  await put({ mail: 'rex@macadam.example' });
  const role = await give();
  await put({ mail: 'stranger@evil.example' });
  const stranger = { email: 'stranger@evil.example', email_verified: true };
  await failed(arriving(stranger), /is newer than the roles of that person/);
  const byId = provider(second.issuer, { by: 'external-id', claim: 'employee' });
  await put({ mail: 'rex@macadam.example', externalId: 'x-stranger' });
  await failed(
    accountOf(parts, byId, { sub: 'stranger', employee: 'x-stranger' }),
    /is newer than the roles of that person/,
  );
  await decisions.transaction(admin, (tx) => tx.access.revoke(role.number));
  await give();
  assert.equal(await accountOf(parts, byId, { sub: 'rex', employee: 'x-stranger' }), 'rex');
});
