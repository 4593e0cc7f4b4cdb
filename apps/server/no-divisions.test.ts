/** A company with an organisation and no divisions: its work, its exceptions and its pages are as everybody's. */
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openDecisions } from '@macadam/adapters/decisions/open';
import type { Decisions } from '@macadam/adapters/decisions/port';
import { preparedPlace } from '@macadam/testing/decisions/prepared';
import { trialFolder } from '@macadam/testing/decisions/test-database';
import { working } from '@macadam/testing/readers/built-repository';
import { folderRequest } from '@macadam/testing/server/folder-request';
import { PIPELINES, partOfCatalogue } from '@macadam/testing/server/part-of-catalogue';
import { type SampleServer, sampleServer } from '@macadam/testing/server/sample-server';
import { measureEstate, openEstate } from './estate.ts';
import { nothingShown } from './startup.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'macadam-no-divisions-')));
const estate = join(root, 'estate');
const catalogue = partOfCatalogue(join(root, 'catalogue'), PIPELINES);
const decisionsFolder = trialFolder();
const shown = nothingShown('no divisions');
const STANDARD = 'pipeline-uses-pinned';
const WORKFLOW = 'on: push\njobs: { a: { runs-on: x, steps: [{ uses: "a/b@v1" }, { run: "echo" }] } }\n';
let clock = Date.now();
const now = () => new Date(clock);
let decisions: Decisions;
let server: SampleServer;

async function measured(): Promise<void> {
  clock += 3_600_000;
  const folder = { path: estate, title: 'no divisions', cache: join(root, 'cache') };
  const request = { ...(await folderRequest(folder)), catalogueRoots: [catalogue], now };
  const options = { data: join(root, 'data'), decisions, now, request, say: () => {} };
  if (shown.stores === null) await openEstate(shown, options);
  await measureEstate(shown, { ...options, progress: () => {} });
}

before(async () => {
  for (const team of ['shop', 'till'])
    working(join(estate, team), { '.github/workflows/ci.yml': WORKFLOW, CODEOWNERS: `* @${team}\n` });
  writeFileSync(join(estate, 'org.yaml'), 'teams: [{ name: shop }, { name: till }]\n');
  writeFileSync(join(estate, 'macadam.yaml'), 'org: org.yaml\n');
  decisions = await openDecisions(preparedPlace(join(decisionsFolder, 'decisions')), { now });
  const whole = (role: 'administrator' | 'engineer' | 'deputy-ciso') => ({ roles: [{ role, division: '' }] });
  server = await sampleServer({
    people: {
      ann: { ...whole('engineer'), teams: ['shop'] },
      deputy: whole('deputy-ciso'),
      root: whole('administrator'),
    },
    decisions,
    now,
    site: () => shown.site,
  });
  await measured();
});
after(async () => {
  await server.close();
  await shown.close();
  await decisions.close();
  rmSync(root, { recursive: true, force: true });
  rmSync(decisionsFolder, { recursive: true, force: true });
  assert.deepEqual(server.failures, []);
});

test('every team has its work, and every page of the company answers', async () => {
  const { items } = (await server.ask('ann', 'GET', '/api/work-items')).json();
  const teams = items.filter((one: { standard: string }) => one.standard === STANDARD);
  assert.deepEqual(teams.map((one: { team: string }) => one.team).sort(), ['shop', 'till']);
  const pages = ['/work', '/exceptions', '/handovers', '/owners', '/history', `/standards/${STANDARD}`];
  for (const path of [...pages, '/organisation']) {
    const { statusCode, body } = await server.ask('root', 'GET', path);
    assert.ok([200, 403].includes(statusCode), `${path}: ${statusCode} ${body.slice(0, 300)}`);
  }
  for (const path of ['/work', '/exceptions', `/standards/${STANDARD}`])
    assert.equal((await server.ask('ann', 'GET', path)).statusCode, 200, path);
});

test('a team asks for an exception of what it fails, another person approves it, and it counts', async () => {
  const pipeline = 'pipeline/repository/file/shop/.github/workflows/ci.yml';
  const asked = await server.ask('ann', 'POST', '/api/exceptions', {
    team: 'shop',
    standard: STANDARD,
    selectors: [pipeline],
    reason: 'The new pipeline comes next week.',
    compensating: 'Nobody else can push there.',
    until: new Date(clock + 20 * 86_400_000).toISOString().slice(0, 10),
  });
  assert.equal(asked.statusCode, 201, asked.body);
  const { id, division } = asked.json();
  assert.equal(division, '', 'the whole company');
  assert.equal((await server.ask('deputy', 'GET', `/exceptions/${id}`)).statusCode, 200);
  const etag = (await server.ask('deputy', 'GET', `/api/exceptions/${id}`)).headers.etag ?? '';
  const approved = await server.ask(
    'deputy',
    'POST',
    `/api/exceptions/${id}/approval`,
    { proof: 'minutes 12' },
    { 'if-match': String(etag) },
  );
  assert.ok(approved.statusCode < 300, approved.body);
  const { items } = (await server.ask('deputy', 'GET', `/api/exceptions/${id}/assets`)).json();
  assert.deepEqual(
    items.map(({ asset }: { asset: string }) => asset),
    [pipeline],
  );
  await measured();
  const { excepted, fail } = (await server.ask('ann', 'GET', `/api/standards/${STANDARD}`)).json();
  assert.deepEqual({ excepted, fail }, { excepted: 1, fail: 2 });
});
