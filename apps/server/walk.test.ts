/** One way from a `uses:` line to the team's page and the tracker's issue: the files that ARCHITECTURE.md names, and the real server. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, normalize } from 'node:path';
import test, { after } from 'node:test';
import { PAGE_SECTIONS } from '@macadam/adapters/report-formats/html/sections';
import { startIssueHost } from '@macadam/adapters/trackers/github/fake';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { working } from '@macadam/testing/readers/built-repository';
import { StartedServer } from '@macadam/testing/server/started-server';
import { until } from '@macadam/testing/until';

const WORK = PAGE_SECTIONS.work.href;
const ROOT = join(import.meta.dirname, '../..');

/** The steps of the walk, each with its files. */
function stepsOfWalk(): readonly (readonly string[])[] {
  const text = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8');
  const [, after = ''] = text.split(/^## From a `uses:` line.*$/m);
  const [section = ''] = after.split(/^## /m);
  return section
    .split(/^\d+\. /m)
    .slice(1)
    .map((step) =>
      [...(step.split(/^$/m)[0]?.matchAll(/`([\w/-]+\.ts)`/g) ?? [])].map(([, path = '']) => path),
    );
}

const importsOf = (path: string): readonly string[] =>
  [...readFileSync(join(ROOT, path), 'utf8').matchAll(/(?: from |import\()'([^']+)'/g)].map(
    ([, from = '']) =>
      from.startsWith('.') ? normalize(join(dirname(path), from)) : `${from.replace('@macadam/', '')}.ts`,
  );

test('fewer than 25 files are on the way, and none that another of them does not lead to', () => {
  const steps = stepsOfWalk();
  const files = steps.flat();
  assert.equal(new Set(files).size, files.length);
  assert.ok(files.length > 15 && files.length < 25, `${files.length} files`);
  for (const path of files) assert.ok(existsSync(join(ROOT, path)), path);
  const imported = new Set(files.flatMap(importsOf));
  for (const [, ...rest] of steps)
    for (const path of rest) assert.ok(imported.has(path), `no file of the walk imports ${path}`);
});

const flaw = (action: string) => `on: push
permissions: {}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: ${action}
        with: { persist-credentials: false }
`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  assert.ok(address !== null && typeof address === 'object');
  return address.port;
}

const STANDARD = 'pipeline-uses-pinned';
const TEAMS = ['shop', 'till'];

test('an unpinned line is on the page of its team and in the issue of its tracker, which leads to the page of the item', async () => {
  const folder = trialFolder();
  const estate = join(folder, 'estate');
  const host = await startIssueHost();
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  for (const team of TEAMS)
    working(join(estate, `${team}-code`), {
      '.github/workflows/ci.yml': flaw(`acme/${team}-action@v1`),
      CODEOWNERS: `* @acme/${team}\n`,
    });
  writeFileSync(join(estate, 'macadam.yaml'), 'org: org.yaml\n');
  writeFileSync(
    join(estate, 'org.yaml'),
    `company: { id: acme, name: Acme }
divisions: [{ id: cloud, name: Cloud }]
teams: [${TEAMS.map((team) => `{ name: acme/${team}, parent: cloud }`).join(', ')}]
`,
  );
  const project = host.settings.project;
  const server = new StartedServer(
    [
      ...['--estate', estate, '--data', join(folder, 'data')],
      ...['--port', String(port), '--origin', origin],
    ],
    {
      cache: join(folder, 'cache'),
      env: {
        TRACKER_TOKEN: host.secret,
        MACADAM_TRACKER_SECRETS: `env:TRACKER_TOKEN@${host.url}?division=cloud&project=${project}`,
      },
    },
  );
  after(async () => {
    if (!server.hasEnded) await server.end();
    await host.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await server.login();
  const made = await until('the organisation is read', async () => {
    const answer = await server.ask('/api/trackers/desk', {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        kind: 'github',
        division: 'cloud',
        team: '',
        baseUrl: host.url,
        project,
        secret: 'env:TRACKER_TOKEN',
        options: {},
        active: true,
      }),
    });
    // Until the organisation is read there is no such division.
    return answer.status === 422 ? undefined : answer;
  });
  assert.equal(made.status, 200, await made.text());
  const items = await until(
    'each team has its item',
    async () => {
      const { items: open } = await server.json(`/api/work-items?standard=${STANDARD}&open=true`);
      return (
        open?.length === TEAMS.length && (open as readonly { readonly id: string; readonly team: string }[])
      );
    },
    () => server.said,
  );
  assert.deepEqual(items.map(({ team }) => team.replace('acme/', '')).sort(), TEAMS);
  for (const { id, team } of items) {
    const address = `${WORK}/${encodeURIComponent(id)}`;
    const page = await (await server.ask(`${WORK}?team=${encodeURIComponent(team)}`)).text();
    const others = items.filter((one) => one.id !== id).map((one) => `${WORK}/${encodeURIComponent(one.id)}`);
    assert.ok(page.includes(`href="${address}"`), `${team} does not see ${id}`);
    for (const other of others) assert.ok(!page.includes(`href="${other}"`), `${team} sees ${other}`);
    const issue = await until(
      `${id} has an issue`,
      () => host.issues.find((one) => host.shown(one).includes(`${origin}${address}`)),
      () => `${server.said}\n${host.issues.map((one) => host.shown(one)).join('\n')}`,
    );
    const text = host.shown(issue);
    assert.match(text, new RegExp(`${team.replace('acme/', '')}-code`));
    assert.doesNotMatch(text, /\/api\//);
    const shown = await server.ask(address);
    assert.equal(shown.headers.get('content-type')?.startsWith('text/html'), true);
    assert.match(await shown.text(), /ci\.yml/);
  }
  // Each item has one issue.
  for (const { id } of items)
    assert.equal(host.issues.filter((one) => host.shown(one).includes(encodeURIComponent(id))).length, 1);
  assert.match(server.said, /^Measuring estate\. The report: http/);
  assert.equal(server.said.match(/http:\/\/127\.0\.0\.1:\d+\//g)?.length, 1, server.said);
  assert.doesNotMatch(server.said, /no history is kept/);
  assert.equal(await server.end(), 0);
});
