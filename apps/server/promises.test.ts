/**
 * What `npm start` promises, through the real process: one person with one folder, no organisation, and nothing that has
 * to be done by hand. A test waits for what the server says and never for a time.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { promisify } from 'node:util';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { git, working } from '@macadam/testing/readers/built-repository';
import { crawl } from '@macadam/testing/server/crawl';
import { StartedServer } from '@macadam/testing/server/started-server';
import { until } from '@macadam/testing/until';
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
const STANDARD = 'pipeline-uses-pinned';
const args = () => ['--estate', estate, '--data', data, '--every', '7d'];

before(async () => {
  for (const name of ['one', 'two']) working(join(estate, name), { '.github/workflows/ci.yml': FLAW });
  server = new StartedServer(args(), { cache: join(folder, 'cache') });
  await server.login();
  await until(
    'the estate is measured',
    async () => (await server.json('/api/measuring')).last !== null,
    () => server.said,
  );
});
after(async () => {
  await server.end();
  rmSync(folder, { recursive: true, force: true });
});

const item = async () =>
  (await server.json(`/api/work-items?standard=${STANDARD}&open=true`)).items[0] as
    | { readonly id: string; readonly team: string; readonly dueOn: string }
    | undefined;

test('one person without an organisation sees the work, and can act on it', async () => {
  const found = await item();
  assert.ok(found, server.said);
  assert.equal(found.team, 'everybody');
  const shown = await server.json(`/api/work-items/${found.id}`);
  assert.equal(shown.remaining.length, 2);
  const post = (path: string, body: unknown) =>
    server.ask(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });
  const claimed = await post(`/api/work-items/${found.id}/claim`, { claimed: true });
  assert.equal(claimed.status, 200, await claimed.text());
  const asked = await post('/api/exceptions', {
    team: 'everybody',
    standard: STANDARD,
    selectors: [shown.remaining[0]],
    reason: 'The new pipeline comes next week.',
    compensating: 'Nobody else can push there.',
    until: new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10),
  });
  assert.equal(asked.status, 201, await asked.clone().text());
  const { id } = (await asked.json()) as { readonly id: string };
  const page = await (await server.ask(`/exceptions/${id}`)).text();
  assert.match(page, /Nobody else is deputy CISO here/);
  assert.match(page, /states the exception in macadam\.yaml instead/);
});

test('a commit that mends it closes the work, without a hand on the server', async () => {
  const found = await item();
  assert.ok(found);
  for (const name of ['one', 'two']) {
    writeFileSync(join(estate, name, '.github/workflows/ci.yml'), PINNED);
    git(join(estate, name), ['commit', '-qam', 'pin it']);
  }
  await until(
    'the item closes',
    async () => (await server.json(`/api/work-items/${found.id}`)).closedAt !== null,
    () => server.said,
  );
  const { watch, everySeconds } = await until(
    'a change in the folder is measured',
    async () => {
      const status = await server.json('/api/measuring');
      return status.last.reasons.includes('folder') && status;
    },
    () => server.said,
  );
  assert.deepEqual([watch.watched, watch.of, everySeconds], [2, 'repositories', 604_800]);
  const page = await (await server.ask('/')).text();
  assert.match(page, /something changed in the folder/);
  assert.match(page, /Watching 2 repositories/);
});

test('whoever mended something has it looked at again without waiting', async () => {
  const asked = await server.ask('/api/measuring', { method: 'POST' });
  assert.equal(asked.status, 204);
  await until(
    'what was asked for is measured',
    async () => (await server.json('/api/measuring')).last.reasons.includes('asked'),
    () => server.said,
  );
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
    async () => (await server.json('/scan.json')).assets.repository === 3,
    () => server.said,
  );
  const after = (await figures('repository-owned')) as { unknown: number };
  assert.equal(after.unknown, before.unknown + 1);
  assert.match(await (await server.ask('/report')).text(), /elsewhere/);
  assert.match(await (await server.ask('/scan.csv')).text(), /elsewhere/);
});

test('every link of every page leads somewhere, and each figure is the length of its list', async () => {
  const found = await crawl({
    starts: ['/'],
    perShape: 1,
    turned: 3,
    ask: async (path) => {
      const answer = await server.ask(path, { redirect: 'manual' });
      return {
        status: answer.status,
        type: answer.headers.get('content-type') ?? '',
        location: answer.headers.get('location'),
        body: await answer.text(),
      };
    },
  });
  assert.deepEqual(found.faults, []);
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
