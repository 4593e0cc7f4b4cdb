/** Leaving out is not looking: what macadam.yaml leaves out is unknown, names its line, and is shown in every output. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Scan } from '@macadam/core/figures/scan';
import { run } from './program.ts';

const root = mkdtempSync(join(tmpdir(), 'macadam-leaving-out-'));
after(() => rmSync(root, { recursive: true, force: true }));
const env = { PATH: process.env.PATH, HOME: root, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };

function git(folder: string, ...words: readonly string[]): void {
  const { status, stderr } = spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
}

function put(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** The command line in this process: the same code, without starting a process for every output. */
async function scan(...words: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const out = join(root, 'out');
  const code = await run(['scan', estate, '--quiet', '--out', out, ...words]);
  return { code, text: readFileSync(out, 'utf8') };
}

const scanned = async (): Promise<Scan> => JSON.parse((await scan('--format', 'json')).text);

// Made of parts, so that this file holds none.
const SECRET = ['ghp', '_', '16C7e42F292c6912E7710c838347Ae178B4a'].join('');
const WORKFLOW = 'on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v4\n';
const FILES = {
  '.github/workflows/ci.yml': WORKFLOW,
  'legacy/settings.py': `token = "${SECRET}"\n`,
  'legacy/package.json': '{"name":"x","private":true,"dependencies":{"a":"^1"}}',
};

const estate = join(root, 'estate');
for (const name of ['one', 'two']) {
  const folder = join(estate, name);
  put(folder, FILES);
  git(folder, 'init', '--quiet', '-b', 'main');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '-m', 'x');
}
const before = await scanned();

for (const [what, patterns] of [
  ['files', ['*/legacy/**', '**/.github']],
  ['a repository', ['two']],
  ['everything', ['**']],
] as const) {
  describe(`leaving out ${what}`, async () => {
    put(estate, { 'macadam.yaml': `excludes:\n${patterns.map((one) => `  - "${one}"\n`).join('')}` });
    const asJson = await scan('--format', 'json');
    const now = JSON.parse(asJson.text) as Scan;
    const outputs: [string, Awaited<ReturnType<typeof scan>>][] = [['json', asJson]];
    for (const format of ['table', 'html', 'markdown', 'csv', 'sarif', 'ocsf'])
      outputs.push([format, await scan('--format', format)]);

    test('lets nothing pass that did not, and nothing leave the scope', () => {
      for (const { id, pass, scope, atMost, atLeast } of before.standards) {
        const left = now.standards.find((standard) => standard.id === id);
        assert.ok(left, `${id} is still judged`);
        assert.ok(left.pass <= pass, `${id}: ${left.pass} pass, ${pass} passed`);
        const short = left.containers !== null && left.containers.whole < left.containers.total;
        assert.ok(
          left.scope >= Math.min(scope, 1) || short,
          `${id}: ${left.scope} in scope, there were ${scope}, and every container counts as listed`,
        );
        assert.ok((left.atLeast ?? 0) <= (atLeast ?? 0), id);
        assert.ok((left.atMost ?? 1) >= (atMost ?? 0), id);
      }
    });

    test('what failed there is unknown and names the line', () => {
      const failed = before.findings.filter(
        ({ verdict, asset }) =>
          verdict === 'fail' && (what === 'files' || (asset.container ?? asset.name) === 'two'),
      );
      for (const { standard } of failed) {
        const unknowns = now.findings.filter((one) => one.standard === standard && one.verdict === 'unknown');
        const said = [...unknowns.map(({ message }) => message), ...now.notListed.map(({ why }) => why)];
        assert.ok(
          said.some((one) => /macadam\.yaml:\d leaves `.*` out/.test(one)),
          `${standard}: ${unknowns.map(({ message }) => message).join('; ')}`,
        );
      }
    });

    for (const [format, { code, text }] of outputs)
      test(`${format} says so, and the exit code is no pass`, () => {
        assert.match(text, /macadam\.yaml:2 leaves/);
        assert.notEqual(code, 0);
      });
  });
}

test('settings that hid failures are gone, and say what to do instead', () => {
  put(estate, {
    'macadam.yaml': 'collection:\n  commits_since: 2026-01-01\n  dependency_fixtures: [spec]\n',
  });
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'main.ts'), 'scan', estate],
    {
      env,
      encoding: 'utf8',
    },
  );
  assert.equal(status, 2);
  assert.match(stderr, /macadam\.yaml:2:\d+: `collection\.commits_since`: this field was removed.*`recent`/);
  assert.match(
    stderr,
    /macadam\.yaml:3:\d+: `collection\.dependency_fixtures`: this field was removed.*docs\/places\.md/,
  );
});

test('targets in macadam.yaml stand over those of standards, and half a target is a mistake with its line', async () => {
  const targets = 'targets:\n  repository-owned: { share: 0.5, by: 2027-03-31, accountable: "@head" }\n';
  put(estate, { 'macadam.yaml': targets });
  const { standards } = await scanned();
  const of = (id: string) => standards.find((one) => one.id === id);
  const { label, target, accountable, status, statusCause } = of('repository-owned') ?? {};
  assert.deepEqual(
    { label, target, accountable },
    { label: 'Repositories owned', target: { share: 0.5, by: '2027-03-31' }, accountable: '@head' },
  );
  assert.deepEqual([status, statusCause], ['cannot-tell', 'too-few-steps']);
  assert.equal(of('dependencies-locked')?.status, 'no-target');
  put(estate, { 'macadam.yaml': 'targets:\n  dependencies-locked: { share: 0.5 }\n' });
  const said: string[] = [];
  const write = process.stderr.write;
  process.stderr.write = (text: string | Uint8Array) => said.push(String(text)) > 0;
  const code = await run(['scan', estate, '--quiet', '--out', join(root, 'none')]).finally(() => {
    process.stderr.write = write;
  });
  assert.equal(code, 2);
  assert.match(
    said.join(''),
    /macadam\.yaml:2:1: `targets\.dependencies-locked`: the target of `dependencies-locked` has a `share` and no day/,
  );
  rmSync(join(estate, 'macadam.yaml'));
});
