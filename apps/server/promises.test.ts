/**
 * What `npm start` promises, through the real process: one person with one folder, no organisation, and nothing that has
 * to be done by hand. A test waits for what the server says and never for a time.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test, { after, before } from 'node:test';
import { promisify } from 'node:util';
import { launchBrowser } from '@macadam/testing/browser';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { git, working } from '@macadam/testing/readers/built-repository';
import { crawl } from '@macadam/testing/server/crawl';
import { StartedServer } from '@macadam/testing/server/started-server';
import { until } from '@macadam/testing/until';
import type { Page } from 'playwright-core';
import { HERE } from './folder.ts';

const folder = trialFolder();
const estate = join(folder, 'estate');
const data = join(folder, 'data');

const pipeline = (action: string) => `on: push
permissions: {}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@${action}
        with: { persist-credentials: false }
`;
const FLAW = pipeline('v4');
const PINNED = pipeline('11bd71901bbe5b1630ceea73d27597364c9af683');

let server: StartedServer;
let page: Page;
const STANDARD = 'pipeline-uses-pinned';
const OWN = 'readme-present';
const args = () => ['--estate', estate, '--data', data, '--every', '7d'];
const browser = await launchBrowser();

before(async () => {
  const files: Record<string, string> = { '.github/workflows/ci.yml': FLAW };
  working(join(estate, 'two'), files);
  working(join(estate, 'one'), { 'README.md': 'What it is for\n', '.github/workflows/ci.yml': FLAW });
  server = new StartedServer(args(), { cache: join(folder, 'cache') });
  await server.login();
  // Opened while nothing is known yet.
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const [name = '', value = ''] = server.cookie.split('=');
  await page.context().addCookies([{ name, value, url: server.url }]);
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
  rmSync(folder, { recursive: true, force: true });
});

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

/** What the folder states, written and measured. */
async function states(macadamYaml: string): Promise<void> {
  writeFileSync(join(estate, 'macadam.yaml'), macadamYaml);
  await measuredAnew();
}

const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const heading = () => page.getByRole('heading', { level: 1 });
/** Types what a keyboard types: no element is clicked. */
const types = async (label: string, text: string) => {
  await page.getByLabel(label).focus();
  await page.keyboard.type(text);
};
/** A standard as somebody would write it: what it says, and examples of it. */
const WRITTEN = {
  'standard.yaml': `id: ${OWN}
pillar: engineering
title: Every repository has a README.md
label: README in every repository
statement: Every repository has a README.md in the root of its default branch.
why: Whoever finds a repository without one has to guess what it is for.
origin: { report: none, lesson: Repositories without a description were kept because nobody knew better. }
scope: { kind: repository }
check: asset.files['README.md']
reasons:
  - { id: no-readme, say: there is no README.md, fix: false }
severity: low
measure: { kind: share }
rollout: { state: draft, on_unknown: warn }
toil: { owner_minutes: 10 }
`,
  'README.md': '# Every repository has a README.md\n',
  'examples/pass.yaml':
    'describe: One that has it.\nfiles:\n  README.md: "What it is for\\n"\nexpect: { verdict: pass, reason: meets }\n',
  'examples/fail.yaml':
    'describe: One with other files.\nfiles:\n  docs/README.md: "Elsewhere\\n"\nexpect: { verdict: fail, reason: no-readme }\n',
};
const EXCEPTION = (asset: string) => `exceptions:
  - standard: ${STANDARD}
    assets: ["${asset}"]
    reason: The new pipeline comes next week.
    approver: "@ciso"
    until: ${day(20)}
catalogue: [security]
`;

const item = async () =>
  (await server.json(`/api/work-items?standard=${STANDARD}&open=true`)).items[0] as
    | { readonly id: string; readonly team: string; readonly dueOn: string }
    | undefined;

test('the first ten minutes of a small company, by keyboard: the page fills, the work is there, an exception is asked for', async () => {
  // Nobody reloads it: what showed how far the first run is becomes the overview.
  await heading()
    .getByText(/^\d+ of \d+ standards have failures/)
    .waitFor();
  const found = await item();
  assert.equal(found?.team, 'everybody', server.said);
  await page.keyboard.press('g');
  await page.keyboard.press('w');
  await heading()
    .getByText(/^\d+ things to fix, none of them late\.$/)
    .waitFor();
  await page.locator('.repo a.hit').filter({ hasText: 'Pipelines pinned' }).first().press('Enter');
  await page.locator('.detail').getByText(`work item ${found.id}`).press('Enter');
  await page.getByRole('button', { name: 'Claim it' }).press('Enter');
  await page.getByRole('status').getByText('It is yours now.').waitFor();
  await page.keyboard.press('e');
  const excused = page.getByRole('group', { name: 'Which may go on failing?' });
  await excused.getByRole('checkbox', { name: /\/one\// }).press('Space');
  await types('Why can it not be met now?', 'The new pipeline comes next week.');
  await types('What makes up for it meanwhile?', 'Nobody else can push there.');
  await page.getByLabel('Last day').fill(day(20));
  await page.getByRole('button', { name: 'Ask for it' }).press('Enter');
  // Whoever is alone cannot approve their own: the page says what to do instead.
  await page.getByText('Nobody else is deputy CISO here').waitFor();
  await page.getByText('states the exception in macadam.yaml instead').waitFor();
});

test('what is stated in macadam.yaml is in force: the item waits and still fails, and the page of exceptions has it', async () => {
  const found = await item();
  const { remaining } = await server.json(`/api/work-items/${found?.id}`);
  for (const [path, text] of Object.entries(WRITTEN)) {
    const file = join(estate, 'security/standards/engineering', OWN, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  await states(EXCEPTION(remaining.find((id: string) => id.includes('/one/'))));
  await page.goto(`${server.url}work?show=excepted`);
  await page.locator('.repo').getByText('still failing').waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('e');
  await page.getByRole('link', { name: 'macadam.yaml' }).waitFor();
  await page
    .getByRole('row', { name: /^Pipelines pinned .*\/one\/.*The new pipeline comes next week\..*@ciso/ })
    .waitFor();
});

test('on the same estate an engineer says that one is wrong, by keyboard: it still fails, and the list of such has it', async () => {
  await page.goto(`${server.url}work?by=standard`);
  await page.locator('table.items tbody th a').filter({ hasText: 'Pipelines pinned' }).press('Enter');
  await heading()
    .getByText(/assets? left/)
    .waitFor();
  await page.keyboard.press('d');
  const wrong = page.getByRole('group', { name: 'Which verdicts are false?' });
  await wrong.getByRole('checkbox', { name: /two/ }).press('Space');
  await types('Why is this wrong?', 'Nothing runs this workflow any more.');
  await page.getByRole('button', { name: 'Say that it is wrong' }).press('Enter');
  await page.getByText(/disputed 1 verdict/).waitFor();
  await page.goto(`${server.url}work?show=disputed&by=standard`);
  await page.getByText('1 of 2 said to be wrong').waitFor();
  const found = await item();
  const { remaining } = await server.json(`/api/work-items/${found?.id}`);
  assert.equal(remaining.length, 2);
});

test('a new standard from draft to enforcement, by keyboard: examples, who would fail, ring by ring, and what its change did', async () => {
  await page.keyboard.press('ControlOrMeta+k');
  await page.getByRole('dialog', { name: 'Go to' }).getByRole('searchbox').waitFor();
  await page.keyboard.type('README in');
  await page.getByRole('dialog').locator('li', { hasText: 'standard' }).getByRole('link').waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await heading().getByText('Every repository has a README.md').waitFor();
  await page.locator('.facts').getByText('Draft: asks nothing of anybody').waitFor();
  await page.getByText('Enforced today, it would stop changes to 1 that fails').waitFor();
  const work = async () => (await server.json(`/api/work-items?standard=${OWN}&open=true`)).items;
  assert.deepEqual(await work(), []);
  await page.getByRole('link', { name: 'Definition' }).press('Enter');
  await page.getByText('2 of 2 come out as they say').waitFor();
  await page.locator('cel-editor').first().waitFor();
  await page.getByRole('textbox', { name: 'Check' }).focus();
  await page.keyboard.press('End');
  await page.keyboard.type(' && asset.owners.size() > 0');
  await heading()
    .getByText('1 more repository would fail; 1 team is concerned. Nothing is saved yet.')
    .waitFor();
  const patch = await page.getByRole('link', { name: 'As a patch' }).getAttribute('href');
  writeFileSync(join(folder, 'own.patch'), await (await server.ask(patch ?? '')).text());

  // One repository is warned from today on, everybody else is observed.
  const rolled = (days: string) => `${EXCEPTION('one/*')}rollouts:
  ${OWN}: { state: observe, rings: [{ name: first, assets: [two], ${days} }] }
`;
  await states(rolled(`warn: ${day(0)}`));
  await page.goto(`${server.url}standards/${OWN}`);
  await page.getByRole('row', { name: /^first\s*two Warn/ }).waitFor();
  const [opened, ...more] = await work();
  assert.deepEqual(more, []);
  assert.match((await server.json(`/api/work-items/${opened.id}`)).remaining.join(), /two$/);

  // Enforced for that ring, and stricter for all: who fails by that has broken nothing.
  git(join(estate, 'security'), ['apply', join(folder, 'own.patch')]);
  await states(rolled(`warn: ${day(-1)}, enforce: ${day(0)}`));
  await page.goto(`${server.url}standards/${OWN}`);
  await page.getByRole('row', { name: /^first\s*two Enforce/ }).waitFor();
  const cause = page.locator('table.waterfall tbody tr').filter({ hasText: 'By a stricter standard' });
  assert.equal((await cause.locator('td.num').textContent())?.trim(), '−1');
  await cause.getByRole('link').press('Enter');
  await page.getByText('1 change: by a stricter standard').waitFor();
  assert.equal(await page.locator('tbody tr').count(), 1);
});

test('a Monday and a night on the same estate, by keyboard: the lists behind the figures, and whom to call', async () => {
  await page.goto(server.url);
  await heading()
    .getByText(/^\d+ of \d+ standards? /)
    .waitFor();
  await page.locator('table.standards tr:has(td:nth-child(8) a) th a').first().press('Enter');
  await page.waitForURL((url) => url.pathname.startsWith('/standards/'));
  const failing = page.locator('table.mini tbody tr').filter({ hasText: 'Fail' });
  const number = (await failing.locator('td.num').first().textContent()) ?? '';
  await failing.getByRole('link', { name: 'Fail' }).press('Enter');
  await page
    .locator('p.answer')
    .getByText(new RegExp(`^${number} assets?`))
    .waitFor();
  assert.equal(await page.locator('table.past tbody tr').count(), Number(number));
  await page.keyboard.press('/');
  await page.keyboard.type('two');
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === '/who');
  await heading().getByText('two').waitFor();
});

test('a commit that mends it closes the work, without a hand on the server', async () => {
  const found = await item();
  assert.ok(found);
  await page.goto(`${server.url}work/${encodeURIComponent(found.id)}`);
  for (const name of ['one', 'two']) {
    writeFileSync(join(estate, name, '.github/workflows/ci.yml'), PINNED);
    git(join(estate, name), ['commit', '-qam', 'pin it']);
  }
  await until(
    'the item closes',
    async () => (await server.json(`/api/work-items/${found.id}`)).closedAt !== null,
    () => server.said,
  );
  // It closes while somebody looks at it.
  await heading().getByText('everything is done').waitFor();
  const { watch, everySeconds } = await until(
    'a change in the folder is measured',
    async () => {
      const status = await server.json('/api/measuring');
      return status.last.reasons.includes('folder') && status;
    },
    () => server.said,
  );
  assert.deepEqual([watch.watched, watch.of, everySeconds], [2, 'repositories', 604_800]);
  const overview = await (await server.ask('/')).text();
  assert.match(overview, /something changed in the folder/);
  assert.match(overview, /Watching 2 repositories/);
});

test('whoever mended something has it looked at again without waiting', measuredAnew);

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
    async () => (await server.json('/scan.json')).assets.repository === 3,
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

test('after a restart every page answers from the store, before anything is measured', async () => {
  assert.equal(await server.end(), 0);
  server = new StartedServer(args(), { cache: join(folder, 'cache') });
  await server.login();
  for (const path of ['/', '/history', '/work', `/standards/${STANDARD}`, '/scan.json', '/api/standards'])
    assert.equal((await server.ask(path)).status, 200, path);
  assert.match(await (await server.ask('/report')).text(), /elsewhere/);
});

test('an auditor derives again what this estate decided, from its folder alone and in part without this program', async () => {
  assert.equal(await server.end(), 0);
  const asked = (program: string, ...args: readonly string[]) =>
    new Promise<{ readonly code: number; readonly stdout: string }>((done) => {
      execFile(process.execPath, [join(HERE, program), ...args], (error, stdout) =>
        done({ code: Number(error?.code ?? 0), stdout }),
      );
    });
  const audit = (...args: readonly string[]) => asked('apps/cli/main.ts', 'audit', ...args);
  const verified = await audit('verify', '--data', data);
  assert.deepEqual([verified.code, /whole/.test(verified.stdout)], [0, true], verified.stdout);
  const sample = join(folder, 'sample.json');
  assert.equal((await audit('sample', '--seed', 'four', '--out', sample, '--data', data)).code, 0);
  // Without this program evidence is derived again, and what it means is not judged: 3 says both.
  const derived = await asked('docs/audit/verify-sample.mjs', sample);
  assert.equal(derived.code, 3, derived.stdout);
  assert.match(derived.stdout, /its observations hold/);
  const judged = await audit('judge', sample);
  const [, same] =
    /^\d+ verdicts: (\d+) the same, 0 another one, \d+ not judged again$/m.exec(judged.stdout) ?? [];
  assert.ok(Number(same) > 0, judged.stdout);
  // One observation that was changed afterwards is found.
  const changed = readFileSync(sample, 'utf8').replace(/"observedAt": "2\d/, '"observedAt": "19');
  const forged = join(folder, 'forged.json');
  writeFileSync(forged, changed);
  assert.equal((await asked('docs/audit/verify-sample.mjs', forged)).code, 1);
});
