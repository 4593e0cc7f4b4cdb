import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { Agent, get, request } from 'node:http';
import { join } from 'node:path';
import test, { after, type TestContext } from 'node:test';
import { openDecisions } from '@macadam/adapters/decisions/open';
import { discoverFormats } from '@macadam/adapters/discover';
import { page } from '@macadam/adapters/report-formats/html/page';
import type { Report } from '@macadam/adapters/report-formats/port';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { sampleReport } from '@macadam/testing/report-formats/sample';
import { kept } from '@macadam/testing/server/sample';
import { type SampleServer, sampleServer } from '@macadam/testing/server/sample-server';
import { clockBanner } from '../pages/history/frame.ts';
import { unkept } from '../pages/history/overview.ts';
import type { Measuring } from '../pages/progress/progress-page.ts';

const measuring: Measuring = { title: 'shop', source: 'git', name: 'shop\u202e-1', done: 3, total: 12 };

const folder = trialFolder();
const decisions = await openDecisions(preparedPlace(join(folder, 'decisions')), { now: () => new Date() });

/** As a browser sees it that has logged in. */
const AS_ANN = {
  people: { ann: { roles: [{ role: 'reader' as const, division: '' }] } },
  anybody: 'ann',
  port: 0,
};

async function open(
  t: TestContext,
  options: Partial<Parameters<typeof sampleServer>[0]>,
): Promise<SampleServer> {
  const server = await sampleServer({ decisions, ...AS_ANN, ...options });
  t.after(server.close);
  return server;
}

/** What the server shows that most of these tests ask. */
let state: Report | Measuring = sampleReport();
const { url, close } = await sampleServer({
  decisions,
  ...AS_ANN,
  picture: { state: () => state, formats: await discoverFormats() },
});
after(async () => {
  await close();
  await decisions.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A request whose `Host` says what `fetch` would not let it say. */
function named(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { host } }, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });
}

test('the report stands in the frame of the server, and is a file of its own under the policy that it states', async () => {
  const framed = await fetch(url);
  assert.equal(framed.status, 200);
  assert.equal(
    framed.headers.get('content-security-policy'),
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types macadam; report-uri /policy-reports",
  );
  const text = await framed.text();
  // Nothing of it is inline but its data, which no browser runs.
  assert.doesNotMatch(text, /<style|style=|<script>/);
  assert.match(text, /<script type="application\/json" id="payload">/);
  const file = await fetch(`${url}scan.html`);
  const { text: own, policy } = page(sampleReport());
  assert.equal(await file.text(), own);
  assert.equal(
    file.headers.get('content-security-policy'),
    `${policy}; frame-ancestors 'none'; report-uri /policy-reports`,
  );
  for (const one of [framed, file]) assert.equal(one.headers.get('content-type'), 'text/html; charset=utf-8');
});

test('what pages are made of has addresses that change with its bytes, and is kept for good', async () => {
  const text = await (await fetch(url)).text();
  const found = [...text.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map(([, path]) => path ?? '');
  assert.equal(found.length, 5);
  for (const path of found) {
    const answer = await fetch(new URL(path, url));
    assert.equal(answer.status, 200, path);
    assert.match(answer.headers.get('cache-control') ?? '', /immutable/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    assert.ok((await answer.arrayBuffer()).byteLength > 100, path);
  }
  assert.equal((await fetch(new URL('/static/console-0000000000000000.css', url))).status, 404);
});

test('single keys can be turned off, and on again', async () => {
  const choose = async (keys: string) => {
    const chosen = await fetch(new URL('/keys', url), {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ keys, to: '/' }).toString(),
    });
    assert.equal(chosen.status, 303);
    return chosen.headers.getSetCookie()[0] ?? '';
  };
  const off = await choose('off');
  const text = async (cookie: string) => (await fetch(url, { headers: { cookie } })).text();
  assert.match(await text(''), /static\/keys-/);
  assert.doesNotMatch(await text(off.split(';')[0] ?? ''), /static\/keys-/);
  assert.match(await choose('on'), /Max-Age=0/);
});

test('pages are made smaller on the way for whoever can read that, and answers for programs are not', async () => {
  const asked = async (path: string, encoding: string) => {
    const { headers } = await fetch(new URL(path, url), { headers: { 'accept-encoding': encoding } });
    return [headers.get('content-encoding'), headers.get('vary')];
  };
  assert.deepEqual(await asked('/', 'gzip, br'), ['gzip', 'accept-encoding']);
  assert.deepEqual(await asked('/', 'gzip;q=0'), [null, 'accept-encoding']);
  assert.deepEqual(await asked('/', 'identity'), [null, 'accept-encoding']);
  assert.deepEqual(await asked('/scan.json', 'gzip'), [null, null]);
});

test('a theme is chosen by a form, kept in a cookie and said in every page; none follows the system', async () => {
  const choose = (theme: string, to: string, headers = {}) =>
    fetch(new URL('/theme', url), {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams({ theme, to }).toString(),
    });
  const chosen = await choose('dark', '/login?to=%2F');
  assert.equal(chosen.status, 303);
  assert.equal(chosen.headers.get('location'), '/login?to=%2F');
  const cookie = chosen.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const root = async (path: string, sent: string) =>
    /<html[^>]*>/.exec(
      await (await fetch(new URL(path, url), { headers: { cookie: sent, accept: 'text/html' } })).text(),
    )?.[0];
  for (const path of ['/', '/login', '/nothing-here'])
    assert.equal(await root(path, cookie), '<html lang="en" data-theme="dark">', path);
  assert.equal(await root('/', ''), '<html lang="en">');
  assert.equal(await root('/', cookie.replace('dark', '"><script>')), '<html lang="en">');
  assert.match((await choose('auto', '/')).headers.getSetCookie()[0] ?? '', /Max-Age=0/);
  assert.equal((await choose('dark', 'https://evil.example/')).headers.get('location'), '/');
  assert.equal((await choose('dark', '/', { 'sec-fetch-site': 'cross-site' })).status, 403);
  assert.equal((await choose('pink', '/')).status, 400);
});

test('every answer, of whatever status, is closed to other sites', async () => {
  for (const path of ['', 'scan.json', 'progress.json', 'nothing', '%00', 'scan.../../etc/passwd']) {
    const { headers } = await fetch(url + path);
    assert.match(
      headers.get('content-security-policy') ?? '',
      /^default-src 'none'; (.*; )?frame-ancestors 'none'/,
    );
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin');
    assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('access-control-allow-origin'), null);
  }
});

test('every format has an address, and what has none is said so', async () => {
  for (const format of await discoverFormats()) {
    const response = await fetch(`${url}scan.${format.id}`);
    assert.equal(response.status, 200, format.id);
    assert.equal(response.headers.get('content-type')?.split(';')[0], format.mediaType.split(';')[0]);
    // A byte order mark is part of what is sent, and `text()` would drop it.
    const sent = Buffer.from(await response.arrayBuffer()).toString('utf8');
    assert.equal(sent, await format.render(sampleReport(), { color: false }));
  }
  const missing = await fetch(`${url}<script>`);
  assert.equal(missing.status, 404);
  assert.equal((await missing.json()).detail, 'there is nothing at /%3Cscript%3E');
  const shown = await fetch(`${url}<script>`, { headers: { accept: 'text/html' } });
  assert.equal(shown.status, 404);
  assert.match(
    await shown.text(),
    /<h1>Nothing is at this address<\/h1>[\s\S]*there is nothing at \/%3Cscript%3E/,
  );
});

test('a name that was made to point here is refused', async () => {
  const { port } = new URL(url);
  assert.equal(await named(url, `127.0.0.1:${port}`), 200);
  assert.equal(await named(url, `localhost:${port}`), 200);
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1',
    'localhost',
    `127.0.0.1:${port}.evil.example`,
  ]) {
    assert.equal(await named(url, host), 421, host);
  }
});

test('it can only be read', async () => {
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const response = await fetch(url, { method });
    assert.equal(response.status, 405, method);
    assert.equal(response.headers.get('allow'), 'GET, HEAD');
  }
  const head = await fetch(`${url}scan.html`, { method: 'HEAD', headers: { 'accept-encoding': 'identity' } });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get('content-length'), String(Buffer.byteLength(page(sampleReport()).text)));
});

test('while it measures it says how far it is, and changes when the report is there', async (t) => {
  state = measuring;
  t.after(() => {
    state = sampleReport();
  });
  const waiting = await fetch(url);
  assert.equal(waiting.status, 200);
  assert.match(waiting.headers.get('content-security-policy') ?? '', /connect-src 'self'/);
  assert.match(await waiting.text(), /git: 3 of 12 · shop⟨U\+202E⟩-1/);
  const progress = await (await fetch(`${url}progress.json`)).json();
  assert.deepEqual(progress, {
    ready: false,
    doing: 'git: 3 of 12 · shop⟨U+202E⟩-1',
    done: 3,
    total: 12,
    stage: 1,
  });
  const early = await fetch(`${url}scan.json`);
  assert.equal(early.status, 503);
  assert.equal(early.headers.get('retry-after'), '2');
  state = sampleReport();
  assert.deepEqual(await (await fetch(`${url}progress.json`)).json(), { ready: true });
  assert.match(await (await fetch(url)).text(), /How honest is this picture\?/);
  assert.equal((await (await fetch(`${url}scan.json`)).json()).schema, 'macadam.scan/1');
});

test('a format that breaks is an answer, and the rest goes on', async (t) => {
  const broken = {
    id: 'broken',
    description: 'breaks',
    mediaType: 'text/plain',
    render: () => Promise.reject(new Error('no paper')),
  };
  const server = await open(t, { picture: { state: () => sampleReport(), formats: [broken] } });
  const response = await fetch(`${server.url}scan.broken`);
  assert.equal(response.status, 500);
  assert.equal((await response.json()).title, 'The server failed');
  assert.deepEqual(server.failures.map(String), ['Error: no paper']);
  assert.equal((await fetch(server.url)).status, 200);
});

test('closing does not wait for connections that a browser keeps open', async (t) => {
  const server = await open(t, { picture: { state: () => measuring } });
  const agent = new Agent({ keepAlive: true });
  await new Promise((resolve) =>
    request(server.url, { agent }, (response) => response.resume().on('end', resolve)).end(),
  );
  await server.close();
  await assert.rejects(fetch(server.url));
  agent.destroy();
});

test('a port that is taken is a reason, not a crash', async (t) => {
  const port = Number(new URL(url).port);
  await assert.rejects(open(t, { port }), { code: 'EADDRINUSE' });
});

test('the history is at its own addresses, under the policy of all pages', async (t) => {
  const sheds = await kept();
  t.after(sheds.remove);
  let state: Report | Measuring | 'history' = measuring;
  let site: typeof sheds.site | null = null;
  const around = { since: unkept('the disk is full'), banner: clockBanner('It says 2031.') };
  const server = await open(t, { site: () => site, picture: { state: () => state, around: () => around } });
  assert.equal((await fetch(`${server.url}history`)).status, 503);
  state = sampleReport();
  assert.match(await (await fetch(server.url)).text(), /no history is kept\.<\/p><p>the disk is full/);
  const missing = await fetch(`${server.url}history`);
  assert.equal(missing.status, 404);
  assert.match(await missing.text(), /no history is kept/);
  site = sheds.site;
  for (const path of [
    'history',
    'standards/sheds-locked?search=team',
    'changes?cause=lost',
    'assets/shed%2Fshed-001',
  ]) {
    const response = await fetch(server.url + path);
    assert.equal(response.status, 200, path);
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; /);
    assert.doesNotMatch(policy, /unsafe|\*|https?:|data:/);
  }
  for (const path of ['standards/none', 'api/none', 'historyx'])
    assert.equal((await fetch(server.url + path)).status, 404, path);
  state = 'history';
  const overview = await (await fetch(server.url)).text();
  assert.match(overview, /sheds-locked/);
  assert.match(overview, /The clock is wrong\.<\/strong> It says 2031\./);
  assert.equal((await fetch(`${server.url}scan.html`)).status, 404);
});

/** Runs `npm start`'s script and gives what it says; `until` ends it with Ctrl-C's signal. */
function started(args: readonly string[], until?: RegExp): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts'), ...args]);
  let said = '';
  let ending = false;
  return new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        // Once: a second one ends it without waiting for anything.
        if (ending || !until?.test(said)) return;
        ending = true;
        child.kill('SIGINT');
      });
    child.on('close', (code) => resolve({ code, said }));
  });
}

test('npm start prints one link, and ends cleanly also while it measures', async (t) => {
  const folder = trialFolder();
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const { code, said } = await started(['--estate', folder, '--data', join(folder, 'data')], /The report/);
  assert.equal(said.match(/http:\/\/127\.0\.0\.1:\d+\//g)?.length, 1, said);
  assert.match(said, /^Measuring macadam-trial-\w+\. The report: http/);
  assert.doesNotMatch(said, /Error/);
  assert.equal(code, 0);
});

test('what cannot be started says why', async () => {
  const missing = await started(['--estate', 'no/such/folder']);
  assert.equal(missing.code, 2);
  assert.match(missing.said, /^macadam: --estate: there is no folder `no\/such\/folder`/);
});
