/**
 * What `npm start` promises, through the real process, on a real estate: first one person with one folder, no organisation, and nothing
 * that has to be done by hand; then a company of two teams who come in by its provider. A test waits for what the server says and never
 * for a time.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { promisify } from 'node:util';
import { CALLBACK_PATH } from '@macadam/adapters/identity/openid';
import { workAt } from '@macadam/adapters/report-formats/html/link';
import { launchBrowser } from '@macadam/testing/browser';
import { askCommandLine } from '@macadam/testing/command-line';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import {
  conformingProvider,
  logInAt,
  TRIAL_CLIENT,
  type TrialProvider,
} from '@macadam/testing/identity/identity-provider';
import { git } from '@macadam/testing/readers/built-repository';
import { bareEstate, pinned } from '@macadam/testing/readers/real-estate';
import { crawl } from '@macadam/testing/server/crawl';
import { rolloutAt, write } from '@macadam/testing/server/rolled-out';
import { StartedServer } from '@macadam/testing/server/started-server';
import { open, type Part, playChanges, playStories, type, type World } from '@macadam/testing/server/stories';
import { until } from '@macadam/testing/until';
import type { Page } from 'playwright-core';
import { HERE } from '../../apps/server/folder.ts';

const folder = trialFolder();
const estate = join(folder, 'estate');
const data = join(folder, 'data');
const { teams, unpinned, second } = bareEstate(estate);
const REPOSITORIES = teams.flat().length;
/** An address that is known before: a provider sends people back to one that it was told. */
const port = await new Promise<number>((done) => {
  const listening = createServer().listen(0, '127.0.0.1', () => {
    const found = (listening.address() as AddressInfo).port;
    listening.close(() => done(found));
  });
});
const origin = `http://127.0.0.1:${port}`;

let server: StartedServer;
let provider: TrialProvider;
let page: Page;
const STANDARD = 'pipeline-uses-pinned';
const OWN = 'security-policy-present';
const args = (...more: readonly string[]) => [
  ...['--estate', estate, '--data', data, '--every', '7d', '--port', String(port)],
  ...more,
];
const browser = await launchBrowser();

before(async () => {
  server = new StartedServer(args(), { cache: join(folder, 'cache') });
  await server.login();
  // Opened while nothing is known yet.
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await comeAs(server.cookie);
  await page.goto(server.url);
  await until(
    'the estate is measured',
    async () => (await server.json('/api/measuring')).last !== null,
    () => server.said,
  );
});
after(async () => {
  await browser.close();
  await server.end();
  await provider?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** From now on the page is of whoever logged in with this cookie. */
async function comeAs(cookie: string): Promise<void> {
  const [name = '', value = ''] = cookie.split('=');
  await page.context().clearCookies();
  await page.context().addCookies([{ name, value, url: server.url }]);
}

/** Asks for a measurement, and waits for one that began after that. */
async function measuredAnew(): Promise<void> {
  const before = (await server.json('/api/measuring')).last.startedAt;
  assert.equal((await server.ask('/api/measuring', { method: 'POST' })).status, 204);
  await until(
    'what was asked for is measured',
    async () => {
      const { last, running } = await server.json('/api/measuring');
      return last.startedAt !== before && last.reasons.includes('asked') && running === null;
    },
    () => server.said,
  );
}

/** What the folder states; a part stays as it was until it is stated anew. */
const stated: Record<string, unknown> = {};
function state(parts: Readonly<Record<string, unknown>>): void {
  Object.assign(stated, parts);
  writeFileSync(join(estate, 'macadam.yaml'), JSON.stringify(stated));
}
async function states(parts: Readonly<Record<string, unknown>>): Promise<void> {
  state(parts);
  await measuredAnew();
}

const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const heading = () => page.getByRole('heading', { level: 1 });
/** A standard as somebody would write it: what it says, and examples of it. */
const WRITTEN = {
  'standard.yaml': `id: ${OWN}
pillar: engineering
title: Every repository says how to report a vulnerability
label: Policy in every repository
statement: Every repository has a SECURITY.md in the root of its default branch.
why: Whoever finds a hole and nobody to tell it to tells everybody.
origin: { report: none, lesson: A hole was told to the public because no address was to be found. }
scope: { kind: repository }
check: asset.files['SECURITY.md']
reasons:
  - { id: no-policy, say: there is no SECURITY.md, fix: false }
severity: low
measure: { kind: share }
rollout: { state: draft, on_unknown: warn }
toil: { owner_minutes: 10 }
`,
  'README.md': '# Every repository says how to report a vulnerability\n',
  'examples/pass.yaml':
    'describe: One that has it.\nfiles:\n  SECURITY.md: "Write to us\\n"\nexpect: { verdict: pass, reason: meets }\n',
  'examples/fail.yaml':
    'describe: One with other files.\nfiles:\n  docs/SECURITY.md: "Elsewhere\\n"\nexpect: { verdict: fail, reason: no-policy }\n',
};

const itemOf = async (team: string) => {
  const { items } = await server.json(`/api/work-items?standard=${STANDARD}&team=${team}&open=true`);
  return items[0] as { readonly id: string; readonly team: string; readonly dueOn: string } | undefined;
};
/** What is left of everybody's item in a repository of the second team. */
async function ofOthers(): Promise<string> {
  const { remaining } = await server.json(`/api/work-items/${(await itemOf('everybody'))?.id}`);
  const found = remaining.find((id: string) => teams[1].some((name) => id.includes(`/${name}/`)));
  assert.ok(found, remaining.join());
  return found;
}

test('the first ten minutes of a small company, by keyboard: the page fills, the work is there, an exception is asked for', async () => {
  // Nobody reloads it: what showed how far the first run is becomes the overview.
  await heading()
    .getByText(/^\d+ of \d+ standards have failures/)
    .waitFor();
  const found = await itemOf('everybody');
  assert.ok(found, server.said);
  await page.keyboard.press('g');
  await page.keyboard.press('w');
  await heading()
    .getByText(/^\d+ things to fix, none of them late\.$/)
    .waitFor();
  await open(page, '/work?by=standard');
  await page.locator(`table.items tbody th a[href="${workAt(found.id)}"]`).press('Enter');
  await heading()
    .getByText(/assets? left/)
    .waitFor();
  await page.keyboard.press('e');
  const excused = page.getByRole('group', { name: 'Which may go on failing?' });
  await excused.getByRole('checkbox', { name: await ofOthers(), exact: true }).press('Space');
  await type(page, 'Why can it not be met now?', 'The new pipeline comes next week.');
  await type(page, 'What makes up for it meanwhile?', 'Nobody else can push there.');
  await page.getByLabel('Last day').fill(day(20));
  await page.getByRole('button', { name: 'Ask for it' }).press('Enter');
  // Whoever is alone cannot approve their own: the page says what to do instead.
  await page.getByText('Nobody else is deputy CISO here').waitFor();
  await page.getByText('states the exception in macadam.yaml instead').waitFor();
});

/** Who works there from then on, and as what. There are two of each. */
const PEOPLE = {
  ann: 'engineer',
  ada: 'engineer',
  ben: 'engineer',
  bea: 'engineer',
  dora: 'deputy-ciso',
  dan: 'deputy-ciso',
  sol: 'standard-owner',
  sam: 'standard-owner',
  vera: 'auditor',
  vic: 'auditor',
} as const;
const ORGANISATION = {
  divisions: [
    { id: 'libraries', name: 'Libraries' },
    { id: 'tools', name: 'Tools' },
  ],
  people: Object.keys(PEOPLE).map((login) => ({ login, email: `${login}@macadam.example` })),
  teams: [
    {
      name: 'web',
      parent: 'libraries',
      members: ['ann', 'ada'],
      repositories: teams[0],
      contacts: [
        { by: 'phone', address: '+44 20 7946 0000', verified: '2026-11-01' },
        { by: 'email', address: 'web@macadam.example', verified: '2026-11-01' },
      ],
    },
    { name: 'keys', parent: 'tools', members: ['ben', 'bea'], repositories: teams[1] },
  ],
  accountable: [
    { person: 'dora', unit: 'libraries' },
    { person: 'dan', unit: 'tools' },
    { person: 'sol', pillar: 'engineering' },
    { person: 'sam', pillar: 'networks' },
  ],
  // What repositories of the public name as owners is of another company.
  complete: false,
};

/** By account: the cookie of whoever logged in by the provider. */
const sessions = new Map<string, string>();
async function loggedIn(account: string): Promise<string> {
  const known = sessions.get(account);
  if (known !== undefined) return known;
  const start = new URL(`/login/openid?${new URLSearchParams({ issuer: provider.issuer, to: '/' })}`, origin);
  const begun = await fetch(start, { redirect: 'manual' });
  const cookies = (answer: Response) => answer.headers.getSetCookie().map((one) => one.split(';')[0] ?? '');
  const back = await logInAt(begun.headers.get('location') ?? '', account);
  const arrived = await fetch(back, { redirect: 'manual', headers: { cookie: cookies(begun).join('; ') } });
  const session = cookies(arrived).find((one) => one.startsWith('macadam='));
  assert.ok(session, `${account} is not logged in: ${await arrived.text()}`);
  sessions.set(account, session);
  return session;
}

/** As a program asks. */
const changed = (path: string, method: string, body: object) =>
  server.ask(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

test('after a restart every page answers from the store, and a company and an exception that were stated meanwhile are in force', async () => {
  const exception = {
    standard: STANDARD,
    // All of its repository: one change mends them.
    assets: [(await ofOthers()).replace(/\.git\/.*/, '.git/*')],
    reason: 'The new pipeline comes next week.',
    approver: '@ciso',
    until: day(20),
  };
  const { url, cookie } = server;
  assert.equal(await server.end(), 0);
  writeFileSync(join(estate, 'org.yaml'), JSON.stringify(ORGANISATION));
  state({ exceptions: [exception], org: 'org.yaml' });
  provider = await conformingProvider([origin + CALLBACK_PATH], 'localhost');
  const secret = join(folder, 'client-secret');
  writeFileSync(secret, TRIAL_CLIENT.secret);
  const env = {
    MACADAM_OIDC_ISSUER: provider.issuer,
    MACADAM_OIDC_CLIENT_ID: TRIAL_CLIENT.id,
    MACADAM_OIDC_CLIENT_SECRET_FILE: secret,
    MACADAM_OIDC_MATCH: 'mail',
  };
  server = new StartedServer(args('--origin', origin), { cache: join(folder, 'cache'), env });
  await server.resume(url, cookie);
  for (const path of ['/', '/history', '/work', `/standards/${STANDARD}`, '/scan.json', '/api/standards'])
    assert.equal((await server.ask(path)).status, 200, path);
  assert.ok((await (await server.ask('/report')).text()).includes(unpinned));
  await until(
    'it is measured again',
    async () => (await server.json('/api/measuring')).last !== null,
    () => server.said,
  );
  for (const [person, role] of Object.entries(PEOPLE)) {
    const granted = await changed('/api/roles', 'POST', { person, role, division: '' });
    assert.ok(granted.ok, await granted.text());
  }
  // What CODEOWNERS names counts before what the organisation states, and whom nobody knows owns nothing.
  const { rules, confirmFor } = await server.json('/api/owners/rules');
  const aliases = Object.fromEntries(second.map((name) => [name, 'keys']));
  const reason = 'As the second team calls itself';
  const known = await changed('/api/owners/rules', 'PUT', { rules, confirmFor, aliases, reason });
  assert.ok(known.ok, await known.text());
  // The item waits and still fails, and the page of exceptions has it.
  await page.goto(`${server.url}work?show=excepted`);
  await page.locator('.repo').getByText('still failing').first().waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await page.getByRole('link', { name: 'macadam.yaml' }).waitFor();
  await page
    .getByRole('row', { name: /^Pipelines pinned .*The new pipeline comes next week\..*@ciso/ })
    .waitFor();
});

const WHO: Readonly<Record<Part, string | null>> = {
  // Who installed it is still logged in.
  leader: null,
  engineer: 'ann',
  approver: 'dora',
  'owner of the standard': 'sol',
  responder: 'ada',
  auditor: 'vera',
};

/** As a commit is checked before it is made. */
async function gateStops(repository: string, team: string): Promise<boolean> {
  const about = join(folder, `${repository}.yaml`);
  writeFileSync(about, JSON.stringify({ files: { 'SECURITY.md': false }, owners: [team] }));
  const { status, stdout, stderr } = await askCommandLine().ask({
    args: ['gate', about, '--kind', 'repository', '--standard', OWN],
    cwd: estate,
  });
  assert.ok(status < 2, stdout + stderr);
  return status === 1;
}

const played: World = {
  name: 'a real estate',
  page: () => page,
  become: async (part) => {
    const account = WHO[part];
    await comeAs(account === null ? server.cookie : await loggedIn(account));
    await page.goto(server.url + (part === 'responder' ? 'who' : ''));
  },
  standard: {
    id: OWN,
    title: 'Every repository says how to report a vulnerability',
    typed: 'Policy in',
    stricter: ' && has(asset.codeowners)',
    states: async (step, patch) => {
      const own = join(estate, 'security');
      if (step === 'draft') write(join(own, 'standards/engineering', OWN), WRITTEN);
      if (patch !== undefined) {
        writeFileSync(join(folder, 'own.patch'), patch);
        git(own, ['apply', join(folder, 'own.patch')]);
      }
      await states({ catalogue: ['security'], rollouts: rolloutAt(OWN, step, 'web') });
    },
    stopped: async () => [await gateStops('first', 'web'), await gateStops('other', 'keys')],
  },
  item: async () => {
    const found = await itemOf('web');
    assert.ok(found, server.said);
    return found.id;
  },
  mend: async () => {
    for (const name of teams[0]) {
      const clone = join(folder, 'clones', name);
      git(folder, ['clone', '-q', join(estate, name), clone]);
      const workflows = join(clone, '.github/workflows');
      for (const file of existsSync(workflows) ? readdirSync(workflows) : []) {
        const path = join(workflows, file);
        writeFileSync(path, pinned(readFileSync(path, 'utf8')));
      }
      if (git(clone, ['status', '--porcelain']).length === 0) continue;
      git(clone, ['commit', '-qam', 'Name actions by their commits']);
      git(clone, ['push', '-q']);
    }
  },
  inHand: async () => ({ typed: `repository/file/${unpinned}`, answer: /’s\.$/, dial: /20 7946 0000/ }),
  folder,
  lastDay: day(15),
};
playStories(played);
playChanges(played);

test('what was pushed was measured without a hand on the server', async () => {
  const { watch, everySeconds, last } = await server.json('/api/measuring');
  assert.ok(last.reasons.includes('folder'), last.reasons.join());
  assert.deepEqual([watch.watched, watch.of, everySeconds], [REPOSITORIES, 'repositories', 604_800]);
  const overview = await (await server.ask('/')).text();
  assert.match(overview, /something changed in the folder/);
  assert.match(overview, new RegExp(`Watching ${REPOSITORIES} repositories`));
});

/** How many fail, by every way to ask: they are of one moment and have to say the same. */
async function figures(standard: string): Promise<unknown> {
  return until('all ways to ask are of one moment', async () => {
    const scan = await server.json('/scan.json');
    const [one] = scan.standards.filter(({ id }: { id: string }) => id === standard);
    const api = await server.json(`/api/standards/${standard}`);
    // A measurement in between makes two moments of it: then it is asked again.
    if (scan.collectedAt !== new Date(api.to).toISOString()) return false;
    const { pass, fail, unknown } = api;
    assert.deepEqual({ pass: one.pass, fail: one.fail, unknown: one.unknown }, { pass, fail, unknown });
    const listed = await server.json(`/api/standards/${standard}/assets?limit=500`);
    for (const { asset, verdict } of listed.items) {
      const shown = await server.json(`/api/assets/${encodeURIComponent(asset)}`);
      const own = shown.verdicts.find((each: { standard: string }) => each.standard === standard);
      assert.equal(own.verdict.split(',')[0], verdict, `${asset} is listed as ${verdict}`);
    }
    return { pass, fail, unknown };
  });
}

test('what is ingested beside the running server is in every figure', async () => {
  const before = (await figures('repository-owned')) as { unknown: number };
  const line = JSON.stringify({
    kind: 'repository',
    id: 'repository/elsewhere',
    name: 'elsewhere',
    source: 'inventory',
    observedAt: new Date(Date.now() - 60_000).toISOString(),
    assurance: 'configured',
    attributes: { archived: { value: false } },
  });
  const file = join(folder, 'seen.ndjson');
  writeFileSync(file, `${line}\n`);
  const ingest = () =>
    promisify(execFile)(process.execPath, [
      join(HERE, 'apps', 'cli', 'main.ts'),
      'ingest',
      file,
      '--data',
      data,
    ]);
  assert.match((await ingest()).stdout, /1 observation from inventory[\s\S]*the running server took it/);
  assert.match((await ingest()).stdout, /taken before/);
  await until(
    'what was ingested is shown',
    async () => (await server.json('/scan.json')).assets.repository === REPOSITORIES + 1,
    () => server.said,
  );
  const after = (await figures('repository-owned')) as { unknown: number };
  assert.equal(after.unknown, before.unknown + 1);
  assert.match(await (await server.ask('/report')).text(), /elsewhere/);
  assert.match(await (await server.ask('/scan.csv')).text(), /elsewhere/);
});

test('every link of every page leads somewhere, each figure is the length of its list, and each page logs out', async () => {
  const withoutLogOut: string[] = [];
  const found = await crawl({
    starts: ['/'],
    perShape: 1,
    turned: 3,
    ask: async (path) => {
      const answer = await server.ask(path, { redirect: 'manual' });
      const type = answer.headers.get('content-type') ?? '';
      const body = await answer.text();
      const { status } = answer;
      if (
        status === 200 &&
        type.startsWith('text/html') &&
        !body.includes('<form method="post" action="/logout">')
      )
        withoutLogOut.push(path);
      return { status, type, location: answer.headers.get('location'), body };
    },
  });
  assert.deepEqual(found.faults, []);
  // The description of the API is open to everybody.
  assert.deepEqual(withoutLogOut, ['/api']);
  for (const path of ['/work', '/assets', '/owners'])
    assert.match(
      await (await server.ask(`${path}?at=2026-01-01`)).text(),
      /This page shows only now, and nothing of 2026-01-01\./,
    );
  assert.ok(found.figures > 20, `${found.figures} figures were held`);
});
