/** Logging in as people do: in a Chromium, by the printed link and by a provider at another site; and by hand where others attack. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { after } from 'node:test';
import { makeLink } from '@macadam/adapters/identity/link';
import { CALLBACK_PATH } from '@macadam/adapters/identity/openid';
import { launchBrowser } from '@macadam/testing/browser';
import { conformingProvider, TRIAL_CLIENT } from '@macadam/testing/identity/identity-provider';
import { sampleServer } from '@macadam/testing/server/sample-server';
import { until } from '@macadam/testing/until';
import type { Page } from 'playwright-core';
import { TURNED_AWAY } from '../http/turned-away.ts';
import { entryOf, providersIn } from '../session/authentication.ts';

/** Where to listen has to be known before: a provider sends people back to an address that it was told. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const port = await freePort();
const origin = `http://127.0.0.1:${port}`;
const provider = await conformingProvider([origin + CALLBACK_PATH], 'localhost');
const server = await sampleServer({
  people: {},
  port,
  limits: { countedEveryMs: 100 },
  logIns: (parts) =>
    entryOf({
      ...parts,
      belonging: async () => ({ teams: [], standards: [] }),
      providers: [
        {
          issuer: provider.issuer,
          clientId: TRIAL_CLIENT.id,
          clientSecret: TRIAL_CLIENT.secret,
          name: 'The directory',
          redirectUri: origin + CALLBACK_PATH,
          match: { by: 'mail' },
        },
      ],
    }),
});
const browser = await launchBrowser();
after(async () => {
  await browser.close();
  await server.close();
  await provider.close();
});
await server.decisions.transaction({ id: 'machine:test', divisions: 'all' }, async (tx) => {
  await tx.organisation.putPerson({ id: 'ann', name: 'Ann', mail: 'ann@macadam.example' });
  await tx.access.grant({ person: 'ann', role: 'reader', division: '' });
});
const link = () =>
  makeLink({ decisions: server.decisions, now: () => new Date(), random: randomBytes }, 'ann');
/** Who the server takes a browser for; null for nobody. */
async function person(page: Page): Promise<string | null> {
  await page.goto(`${origin}/api/me`);
  return JSON.parse((await page.locator('pre').textContent()) ?? '').person ?? null;
}

test('in a browser, a one-time link logs in, once, and its secret is not in the address that stays', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const url = origin + (await link());
  await page.goto(url);
  await page.waitForURL(`${origin}/`);
  assert.equal(await person(page), 'ann');
  const [cookie] = await context.cookies();
  assert.deepEqual(
    [cookie?.name, cookie?.httpOnly, cookie?.sameSite, cookie?.secure],
    ['macadam', true, 'Strict', false],
  );
  assert.equal(await page.evaluate('document.cookie'), '');
  const again = await (await browser.newContext()).newPage();
  await again.goto(url);
  await again.getByText('this link was used already, or is over').waitFor();
  assert.equal(await person(again), null);
});

test('in a browser, a provider at another site logs in, and logging out ends it', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${origin}/login?to=/api/me`);
  await page.getByText('Log in with The directory').click();
  await page.locator('input[name=login]').fill('ann');
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  await page.getByText('Continue').click();
  await page.waitForURL(`${origin}/api/me`);
  assert.match(await page.content(), /"person":"ann"/);
  const names = (await context.cookies(origin)).map(({ name }) => name);
  assert.deepEqual(names, ['macadam'], 'the cookie of the log-in is gone');
  const [before] = await context.cookies(origin);
  await page.goto(`${origin}/login`);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL(/\/session\/end\?/);
  assert.equal(await person(page), null);
  const replayed = await fetch(`${origin}/api/me`, { headers: { cookie: `macadam=${before?.value}` } });
  assert.equal(replayed.status, 401, 'the store remembers that it ended');
});

test('in a browser, a link at another site takes a click', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const url = origin + (await link());
  await page.goto(`${provider.issuer}/nothing`);
  await page.evaluate(`location.href = ${JSON.stringify(url)}`);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL(`${origin}/`);
  assert.equal(await person(page), 'ann');
});

const ask = (path: string, options: RequestInit = {}) =>
  fetch(origin + path, { redirect: 'manual', ...options });

test('a browser that leaves out what protects its user is told before it goes on, and refused nothing', async () => {
  const told = /This browser is old, or leaves out what protects you here/;
  const current = { headers: { 'sec-fetch-site': 'none' } };
  assert.match(await (await ask('/login')).text(), told);
  assert.doesNotMatch(await (await ask('/login', current)).text(), told);
  const old = await ask(await link());
  assert.match(await old.text(), told);
  assert.equal(old.headers.get('refresh'), null, 'it stays until it was read');
  assert.match(old.headers.get('set-cookie') ?? '', /^macadam=/, 'and lets in');
  const known = await ask(await link(), current);
  assert.doesNotMatch(await known.text(), told);
  assert.equal(known.headers.get('refresh'), '0; url=/');
});

/** Waits until the log has counted reports of these parts of the policy, and of no other. */
const untilCounted = (parts: readonly string[]) =>
  until(
    `the log counts ${parts.join(', ')}`,
    async () => {
      const entries = await server.decisions.transaction(
        { id: 'auditor', divisions: 'all' },
        (tx) => tx.auditEntries({ action: TURNED_AWAY, limit: 100 }),
        { readOnly: true },
      );
      const counted = entries.flatMap(({ detail }) =>
        Object.keys((detail as { readonly refused: object }).refused),
      );
      const broken = new Set(counted.filter((sort) => sort.startsWith('the policy of a page: ')));
      return (
        broken.symmetricDifference(new Set(parts.map((part) => `the policy of a page: ${part}`))).size === 0
      );
    },
    () => '',
  );

test('what breaks the policy of a page is reported by the browser, and counted in the log', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${origin}/login`);
  await page.evaluate("document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/x' }))");
  await untilCounted(['img-src']);
  const headers = { 'content-type': 'application/csp-report' };
  for (const part of ['script-src-elem', 'what <strangers> write']) {
    const body = JSON.stringify({ 'csp-report': { 'effective-directive': part } });
    assert.equal((await ask('/policy-reports', { method: 'POST', headers, body })).status, 204);
  }
  await untilCounted(['another part', 'img-src', 'script-src-elem']);
  await context.close();
});

test('another site presses no button', async () => {
  const key = (await link()).split('key=')[1] ?? '';
  const headers = { 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' };
  for (const path of ['/login/link', '/logout'])
    assert.equal((await ask(path, { method: 'POST', headers, body: `key=${key}` })).status, 403, path);
  assert.equal((await ask('/logout', { method: 'POST', headers: { origin: 'null' } })).status, 403);
  const seen = await ask(`/login/link?key=${key}`, { headers: { 'sec-fetch-site': 'cross-site' } });
  assert.equal(seen.headers.get('set-cookie'), null);
  assert.equal((await ask(`/login/link?key=${key}`)).status, 200, 'looking at it did not use it up');
});

test('an answer of a provider that nobody asked for is refused, and unknown parameters do no harm', async () => {
  const answer = await ask(`${CALLBACK_PATH}?code=c&state=s&iss=${provider.issuer}&authuser=0`);
  assert.equal(answer.status, 403);
  assert.match(await answer.text(), /is over, or was begun in another browser; begin again/);
});

test('a log-in goes to the provider and comes back to us only', async () => {
  const begun = await ask(
    `/login/openid?${new URLSearchParams({ issuer: provider.issuer, to: '//evil.example' })}`,
  );
  assert.equal(begun.status, 303);
  assert.equal(new URL(begun.headers.get('location') ?? '').origin, provider.issuer);
  assert.match(begun.headers.get('set-cookie') ?? '', /^macadam-login=[\w-]{43}; .*SameSite=Lax$/);
  assert.equal((await ask('/login/openid?issuer=https://evil.example')).status, 403);
});

test('nobody is told who exists: a wrong link is as wrong as an old one', async () => {
  const old = await link();
  await ask(old);
  const [used, never] = await Promise.all([ask(old), ask(`/login/link?key=${'A'.repeat(43)}`)]);
  assert.equal(await used.text(), await never.text());
});

test('over TLS the cookie is bound to the host, browsers keep to TLS, and log-out clears what they kept', async () => {
  const { decisions } = server;
  const behind = await sampleServer({
    people: {},
    decisions,
    logIns: (parts) =>
      entryOf({
        ...parts,
        origin: 'https://macadam.example',
        belonging: async () => ({ teams: [], standards: [] }),
      }),
  });
  const headers = { host: 'macadam.example' };
  const arrived = await behind.app.inject({ url: await link(), headers });
  const [cookie = ''] = String(arrived.headers['set-cookie']).split(';');
  assert.match(
    String(arrived.headers['set-cookie']),
    /^__Host-macadam=[\w-]{43}; .*SameSite=Strict; Secure$/,
  );
  for (const url of ['/login', '/nothing', '/api/assets/%zz', '/api/me']) {
    const given = await behind.app.inject({ url, headers });
    assert.equal(given.headers['strict-transport-security'], 'max-age=63072000; includeSubDomains', url);
  }
  assert.equal(
    (await behind.app.inject({ url: '/api/me', headers: { ...headers, cookie } })).statusCode,
    200,
  );
  const planted = cookie.replace('__Host-', '');
  const asked = await behind.app.inject({ url: '/api/me', headers: { ...headers, cookie: planted } });
  assert.equal(asked.statusCode, 401, 'a cookie that any host may set was believed');
  const out = await behind.app.inject({ method: 'POST', url: '/logout', headers: { ...headers, cookie } });
  assert.equal(out.headers['clear-site-data'], '"cache", "storage"');
  assert.match(String(out.headers['set-cookie']), /^__Host-macadam=; .*Max-Age=0;/);
  assert.equal(
    (await behind.app.inject({ url: '/api/me', headers: { ...headers, cookie } })).statusCode,
    401,
  );
  await behind.close();
});

test('who started the server gets a link; a company’s log shows the first one only, and a stranger none', async () => {
  const parts = { decisions: server.decisions, now: () => new Date(), random: randomBytes };
  const belonging = async () => ({ teams: [], standards: [] });
  const alone = entryOf({ ...parts, belonging });
  const company = entryOf({ ...parts, belonging, origin: 'https://macadam.example' });
  const root = { id: 'root', name: 'root' };
  assert.match(await company.linkFor(root, false), /^\/login\/link\?key=/);
  assert.equal(await company.linkFor(root, false), '/login');
  assert.match(await company.linkFor(root, true), /^\/login\/link\?key=/);
  assert.match(await alone.linkFor(root, false), /^\/login\/link\?key=/);
  assert.equal(await alone.linkFor({ id: 'stranger', name: 'stranger' }, true), '/login');
  const roles = await server.decisions.transaction({ id: 'machine:test', divisions: 'all' }, (tx) =>
    tx.access.roles('root'),
  );
  assert.deepEqual(
    roles.map(({ role }) => role),
    ['administrator', 'reader'],
  );
});

test('a provider’s settings are read from the environment, and a wrong one is named', () => {
  const issuer = 'https://id.example';
  const env = { MACADAM_OIDC_ISSUER: issuer, MACADAM_OIDC_CLIENT_ID: 'macadam' };
  assert.deepEqual(providersIn({}, undefined), []);
  assert.deepEqual(
    providersIn({ ...env, MACADAM_OIDC_MATCH: 'external-id:oid' }, 'https://macadam.example'),
    [
      {
        issuer,
        clientId: 'macadam',
        name: 'your organisation',
        redirectUri: 'https://macadam.example/login/openid/callback',
        match: { by: 'external-id', claim: 'oid' },
      },
    ],
  );
  assert.throws(() => providersIn(env, undefined), /--origin: a provider sends people back/);
  assert.throws(
    () => providersIn({ MACADAM_OIDC_ISSUER: issuer }, 'https://a.example'),
    /MACADAM_OIDC_CLIENT_ID/,
  );
  assert.throws(
    () => providersIn({ ...env, MACADAM_OIDC_MATCH: 'name' }, 'https://a.example'),
    /MACADAM_OIDC_MATCH/,
  );
  assert.deepEqual(server.failures, []);
});
