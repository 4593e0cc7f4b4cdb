/** An asset's page and the API lead to the line at the code host and show the code, read from where the server measures. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { textOf } from '@macadam/adapters/report-formats/html/markup';
import { assetsOf } from '@macadam/core/facts/asset';
import { CODE_ATTRIBUTES } from '@macadam/services/measure/code';
import { filesOf, measure } from '@macadam/services/measure/measure';
import { type FiguresSoFar, judgedSoFar } from '@macadam/services/measure/so-far';
import { folderRequest } from '@macadam/testing/server/folder-request';
import { assetBody } from './pages/assets/asset.ts';
import { verdictLine } from './pages/assets/asset-page.ts';
import { explainedWithPlaces, type ServerContext } from './pages/history/pages.ts';
import { placeForPrograms, withPlaces } from './shown-places.ts';

const root = realpathSync(mkdtempSync(join(tmpdir(), 'macadam-shown-places-')));
const env = { PATH: process.env.PATH, HOME: root, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };
function git(folder: string, ...words: readonly string[]): string {
  const asked = ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words];
  const { status, stdout, stderr } = spawnSync('git', asked, { cwd: folder, env, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

// Made of parts, so that this file holds none.
const SECRET = ['ghp', '_', '16C7e42F292c6912E7710c838347Ae178B4a'].join('');
const PATH = '.github/workflows/ci.yml';
const FILES = {
  [PATH]: `on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: x ${SECRET}\n      - uses: actions/checkout@v4\n`,
  'src/settings.py': `token = "${SECRET}"\n`,
};
const commits = new Map<string, string>();
for (const name of ['one', 'two']) {
  const folder = join(root, 'estate', name);
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  git(folder, 'init', '--quiet', '-b', 'main');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '-m', name);
  git(folder, 'remote', 'add', 'origin', `https://ann:hunter2@github.com/acme/${name}.git`);
  commits.set(name, git(folder, 'rev-parse', 'HEAD'));
}

const request = await folderRequest({ path: join(root, 'estate'), title: 'x', cache: join(root, 'cache') });
const measured = await measure({ ...request, progress: () => undefined });
assert.ok('collected' in measured);
const { catalogue, estate, collected } = measured;
const assets = new Map(
  assetsOf(
    catalogue.kinds,
    collected.flatMap(({ observations }) => observations),
  ).map((asset) => [asset.id, asset]),
);
const site = {
  past: { life: async () => [] },
  facts: { asset: async (id: string) => assets.get(id) ?? null },
  standards: new Map(catalogue.standards.map((one) => [one.id, one])),
  files: filesOf(request, estate),
  simulated: null,
  divisions: new Map(),
  title: 'x',
  now: () => new Date(),
} as unknown as ServerContext;
after(() => rmSync(root, { recursive: true, force: true }));

const idOf = (name: string) => `pipeline/repository/file/${name}/${PATH}`;
const page = async (id: string) => {
  const asset = assets.get(id) ?? null;
  const verdicts = (asset ? await explainedWithPlaces(site, asset) : []).map((one) => verdictLine(site, one));
  const nothing = { parts: [], changes: [], allChanges: 0, touched: [], exceptions: [] };
  const around = { repository: null, reached: null, now: new Date(), today: '2026-11-28' };
  return textOf(assetBody({ id, asset, verdicts, ...nothing, ...around }).body);
};

/** What `/api/assets/:id` says of its verdicts. */
async function verdictsOf(id: string) {
  const asset = assets.get(id);
  assert.ok(asset, id);
  return (await explainedWithPlaces(site, asset)).map(({ id: standard, message, text, finding }) => ({
    standard,
    message,
    explanation: text,
    places: (finding?.evidence ?? []).map(placeForPrograms),
  }));
}

test('the page and the API of an asset have each place with its link and its code', async () => {
  for (const name of ['one', 'two']) {
    const link = `https://github.com/acme/${name}/blob/${commits.get(name)}/${PATH}#L7`;
    const text = await page(idOf(name));
    assert.ok(text.includes(`href="${link}"`), text);
    assert.match(text, /- uses: actions\/checkout@v4/);
    assert.ok(text.indexOf('>fails <') < text.indexOf('>passes <'), 'what fails comes first');
    const pinned = (await verdictsOf(idOf(name))).find(({ standard }) => standard === 'pipeline-uses-pinned');
    const place = pinned?.places[0];
    assert.ok(place?.code);
    assert.deepEqual([place.path, place.line, place.link], [PATH, 7, link]);
    assert.equal(place.code.lines[7 - place.code.from], '- uses: actions/checkout@v4');
  }
});

test('neither shows a secret, of the finding or beside another', async () => {
  for (const id of [idOf('one'), 'repository/file/one']) {
    for (const text of [await page(id), JSON.stringify(await verdictsOf(id))]) {
      assert.ok(text.includes('••••••'), id);
      assert.ok(!text.includes(SECRET) && !text.includes('hunter2'), id);
    }
  }
});

test('all that is looked at of an asset to show its code is what is read of it', async () => {
  const looked = new Set<string>();
  class Watched<V> extends Map<string, V> {
    override get(name: string): V | undefined {
      looked.add(name);
      return super.get(name);
    }
  }
  const watched = [...assets.values()].map((one) => ({ ...one, attributes: new Watched(one.attributes) }));
  const facts = { asset: async (id: string) => watched.find((one) => one.id === id) ?? null };
  const shown = await withPlaces(
    { ...site, facts } as unknown as ServerContext,
    measured.report.scan.findings,
  );
  assert.ok(shown.some(({ code }) => code !== undefined));
  assert.deepEqual([...looked].sort(), CODE_ATTRIBUTES.toSorted());
});

test('a file that changed since it was judged is not shown, and its link stays at the commit that was', async () => {
  const folder = join(root, 'estate/two');
  writeFileSync(join(folder, PATH), `# more\n${FILES[PATH]}`);
  git(folder, 'commit', '--quiet', '-a', '-m', 'more');
  const text = await page(idOf('two'));
  assert.ok(text.includes(`/blob/${commits.get('two')}/${PATH}#L7`));
  assert.doesNotMatch(text, /- uses: actions/);
});

test('while it measures it tells what was read so far comes to, and at the end that is what stands there', async () => {
  let passed = Date.now();
  const told: (readonly FiguresSoFar[])[] = [];
  await measure({
    ...request,
    now: () => new Date(passed),
    progress: () => {
      passed += 20_000;
    },
    soFar: (figures) => told.push(figures),
  });
  const scopes = told.map((figures) =>
    figures.reduce((sum, { pass, fail, unknown }) => sum + pass + fail + unknown, 0),
  );
  assert.ok(scopes.length > 0 && (scopes.at(-1) ?? 0) > 0, String(scopes));
  assert.deepEqual(
    scopes,
    scopes.toSorted((a, b) => a - b),
  );
  const whole = judgedSoFar({
    kinds: catalogue.kinds,
    standards: catalogue.standards.map(({ compiled }) => compiled),
    observations: collected.flatMap(({ observations }) => observations),
    at: new Date(),
  });
  const ofScan = new Map(measured.report.scan.standards.map((one) => [one.id, one]));
  const judged = whole.filter(({ standard }) => ofScan.has(standard));
  assert.equal(judged.length, ofScan.size);
  for (const { standard, pass, fail } of judged)
    assert.deepEqual(
      { pass, fail },
      { pass: ofScan.get(standard)?.pass, fail: ofScan.get(standard)?.fail },
      standard,
    );
});
