/** The command line as people meet it: real repositories, real processes, exit codes and messages. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import type { Scan } from '@macadam/core/figures/scan';
import { startCommandLine } from '@macadam/testing/command-line';

const place = mkdtempSync(join(tmpdir(), 'macadam-cli-'));
after(() => rmSync(place, { recursive: true, force: true }));
const env = {
  PATH: process.env.PATH,
  HOME: place,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
};

function run(command: string, args: readonly string[], cwd: string) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: 'utf8' });
  return { status, stdout, stderr };
}
const commandLine = startCommandLine();
const macadam = (cwd: string, ...args: string[]) => commandLine.run({ args, cwd, env });

function put(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** A repository with one commit of these files. */
function repository(name: string, files: Readonly<Record<string, string>>): string {
  const folder = join(place, name);
  put(folder, { '.keep': '', ...files });
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', '-A'],
    ['commit', '-q', '-m', 'first'],
  ]) {
    assert.equal(run('git', args, folder).status, 0);
  }
  return folder;
}

const WORKFLOW = (ref: string) =>
  `on: push\npermissions:\n  contents: read\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@${ref}\n`;
const COMMIT = '11bd71901bbe5b1630ceea73d27597364c9af683';
const PINNED = ['--standard', 'pipeline-uses-pinned'];
const good = repository('good', { '.github/workflows/ci.yml': WORKFLOW(COMMIT) });
const bad = repository('bad', { '.github/workflows/ci.yml': WORKFLOW('v4') });

const scanned = (folder: string, ...args: string[]): Scan =>
  JSON.parse(macadam(folder, 'scan', '--format', 'json', ...args).stdout);

test('0: nothing fails', () => {
  const { status, stdout } = macadam(good, 'scan', ...PINNED);
  assert.equal(status, 0);
  assert.match(stdout, /1 of 1/);
});

test('1: something fails, with the place, and the command that mends it', () => {
  const { status, stdout } = macadam(bad, 'scan', ...PINNED);
  assert.equal(status, 1);
  assert.match(stdout, /\.github\/workflows\/ci\.yml:8/);
  assert.match(stdout, /macadam fix --standard pipeline-uses-pinned/);
  assert.equal(macadam(bad, 'scan', '--soft-fail', ...PINNED).status, 0);
});

test('a clone that nobody fetched for long is judged as it is, and the first lines say how old it is and what to do', () => {
  const upstream = repository('upstream', { '.github/workflows/ci.yml': WORKFLOW('v4') });
  const longAgo = new Date(Date.now() - 50 * 86_400_000).toISOString();
  const amend = ['commit', '-q', '--amend', '--no-edit'];
  assert.equal(
    spawnSync('git', amend, { cwd: upstream, env: { ...env, GIT_COMMITTER_DATE: longAgo } }).status,
    0,
  );
  const folder = join(place, 'my clones');
  mkdirSync(folder);
  for (const name of ['one', 'two']) {
    assert.equal(run('git', ['clone', '-q', upstream, name], folder).status, 0);
    const clone = join(folder, name);
    const remote = `https://code.example/acme/${name}.git`;
    assert.equal(run('git', ['remote', 'set-url', 'origin', remote], clone).status, 0);
    const at = new Date(Date.now() - (name === 'one' ? 40 : 30) * 86_400_000);
    for (const file of ['description', 'info/exclude', 'config']) {
      const path = join(clone, '.git', file);
      if (existsSync(path)) utimesSync(path, at, at);
    }
  }
  const both = macadam(folder, 'scan', ...PINNED);
  assert.equal(both.status, 1);
  assert.match(both.stdout, /✗ pipeline-uses-pinned\s+HIGH\s+2 of 2 pipelines/);
  assert.match(both.stdout, /git complete/);
  assert.match(
    both.stdout.replaceAll(/\s+/g, ' '),
    /^Macadam .* listed whole 2 clones were not fetched for long, and are judged as they are here; .* The oldest, one, was fetched last on \d{4}-\d\d-\d\d, 40 days ago\. .* git -C '[^']*\/my clones\/one' fetch .*FAILING/,
  );
  const { sources } = scanned(folder, ...PINNED);
  assert.deepEqual(
    sources.map(({ complete, oldClones }) => [complete, oldClones?.map(({ name }) => name)]),
    [[true, ['one', 'two']]],
  );
  const single = macadam(join(folder, 'two'), 'scan', ...PINNED).stdout.replaceAll(/\s+/g, ' ');
  assert.match(single, /two was fetched last on \S+, 30 days ago, and is judged as it is here/);
  assert.match(
    macadam(folder, 'scan', '--format', 'markdown', ...PINNED).stdout,
    /2 clones were not fetched/,
  );
  assert.match(macadam(folder, 'scan', '--format', 'html', ...PINNED).stdout, /2 clones were not fetched/);
});

test('a folder of links to repositories says that they are not followed, and what to do', () => {
  const folder = join(place, 'links');
  mkdirSync(folder);
  for (const to of [good, bad]) symlinkSync(to, join(folder, basename(to)));
  const { status, stdout, stderr } = macadam(folder, 'scan');
  assert.deepEqual([status, stdout], [2, ''], 'it judged nothing');
  assert.match(
    stderr,
    /"good" is a link to a repository outside of the folder and is not measured; name that folder/,
  );
  assert.match(stderr, /"bad" is a link to a repository/);
});

test('every reason of a file is shown at once, with its lines, in the table, as JSON and as SARIF', () => {
  const workflow = WORKFLOW('v4').replace('    steps:', '    container: node:24\n    steps:');
  const two = repository('two', {
    '.github/workflows/ci.yml': workflow,
    '.github/workflows/release.yml': workflow.replace('node:24', 'node:22'),
  });
  const { findings } = scanned(two, ...PINNED);
  assert.deepEqual(
    findings.map(({ reason, message }) => [reason, message]),
    Array(2).fill([
      'unpinned',
      '1 reference names a tag or branch, which can be moved; also 1 image is named without a digest',
    ]),
  );
  assert.deepEqual(
    findings.flatMap(({ evidence }) =>
      evidence.map(({ reason, text, location }) => [reason, text, location?.line]),
    ),
    [
      ['unpinned', 'actions/checkout@v4', 9],
      ['unpinned-image', 'node:24', 7],
      ['unpinned', 'actions/checkout@v4', 9],
      ['unpinned-image', 'node:22', 7],
    ],
  );
  assert.match(
    macadam(two, 'scan', ...PINNED).stdout,
    /release\.yml:9\n.*\n.*names a tag.*\n +also \.github\/workflows\/release\.yml:7: 1 image is named without/,
  );
  const sarif = JSON.parse(macadam(two, 'scan', '--format', 'sarif', ...PINNED).stdout);
  const alerts: { message: { text: string }; properties: { reason: string } }[] = sarif.runs[0].results;
  assert.deepEqual(alerts.map(({ message, properties }) => [properties.reason, message.text]).slice(0, 2), [
    ['unpinned', '1 reference names a tag or branch, which can be moved: actions/checkout@v4'],
    ['unpinned-image', '1 image is named without a digest: node:24'],
  ]);
});

test('2: each wrong request names what is wrong and what would be right', () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['scan', '--format', 'jsn'], /--format: there is no `jsn`, did you mean `json`\?/],
    [['scan', 'nowhere'], /there is no folder "nowhere"/],
    [['scan', '--standard', 'pipeline-uses-pined'], /did you mean `pipeline-uses-pinned`\?/],
    [['scan', '--pillar', 'engeneering'], /did you mean `engineering`\?/],
    [['scan', '--as-of', '2020-01-01'], /--as-of: 2020-01-01 is in the past/],
    [['scan', '--as-of', 'soon'], /--as-of: `soon` is not a date/],
    [['scan', '--as-of', '2026-02-30'], /--as-of: `2026-02-30` is not a date/],
    [['scan', '--as-of', '2099-02-29T12:00:00Z'], /--as-of: `2099-02-29T12:00:00Z` is not a date/],
    [['scan', '--staged', '--worktree'], /exclude each other/],
    [['scan', '--baseline', 'nowhere.json'], /--baseline: `nowhere.json` cannot be read/],
    [['scan', '--baseline', '.github/workflows/ci.yml'], /cannot be read as JSON/],
    [['scan', '--colour'], /unknown option '--colour'/],
    [['explain', 'pipeline-uses-pined'], /did you mean `pipeline-uses-pinned`\?/],
    [['new', 'standard', 'Bad Name'], /is not a name/],
    [['frobnicate'], /unknown command/],
  ];
  for (const [args, message] of cases) {
    const { status, stderr } = macadam(bad, ...args);
    assert.equal(status, 2, args.join(' '));
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n\s+at /, 'no stack for people');
  }
});

test('2: every mistake in macadam.yaml has its line, its field and the nearest right name', () => {
  const folder = repository('mistaken', {
    'macadam.yaml': [
      'parameters:',
      '  pipeline-uses-pined: { x: 1 }',
      '  secrets-not-in-code: { confidense: [high] }',
      'exceptions:',
      '  - { standard: repository-owned, assets: ["*"], reason: because it is so, approver: "@a", until: 2099-01-01 }',
      '',
    ].join('\n'),
  });
  const { status, stderr } = macadam(folder, 'scan');
  assert.equal(status, 2);
  assert.match(
    stderr,
    /macadam\.yaml:5:\d+: `exceptions\.0\.until`: an exception ends after at most 180 days/,
  );
  put(folder, {
    'macadam.yaml':
      'parameters:\n  pipeline-uses-pined: { x: 1 }\n  secrets-not-in-code: { confidense: [high] }\n',
  });
  const second = macadam(folder, 'scan');
  assert.match(
    second.stderr,
    /macadam\.yaml:2:\d+: `parameters\.pipeline-uses-pined`: .*did you mean `pipeline-uses-pinned`\?/,
  );
  assert.match(
    second.stderr,
    /macadam\.yaml:3:\d+: `parameters\.secrets-not-in-code\.confidense`: .*did you mean `confidence`\?/,
  );
  put(folder, { 'macadam.yaml': 'exclude: []\n' });
  assert.match(
    macadam(folder, 'scan').stderr,
    /macadam\.yaml:1:1: `exclude`: there is no such field, did you mean `excludes`\?/,
  );
});

test('3: nothing fails, but a repository that could have been judged could not be read', () => {
  const folder = repository('broken', { '.github/workflows/ci.yml': WORKFLOW(COMMIT) });
  rmSync(join(folder, '.git', 'objects'), { recursive: true });
  mkdirSync(join(folder, '.git', 'objects'));
  const { status, stdout } = macadam(folder, 'scan', ...PINNED);
  assert.equal(status, 3, stdout);
  const scan = scanned(folder);
  for (const standard of scan.standards) {
    assert.equal(standard.pass, 0, standard.id);
    assert.ok(standard.unknown > 0 || standard.containers?.whole === 0, standard.id);
  }
  assert.ok(scan.sources[0]?.problems.length);
});

test('a standard about a kind that nobody looked for has no row, and is shown as a blind spot', () => {
  const { stdout } = macadam(good, 'scan', '--pillar', 'identities', '--pillar', 'engineering');
  assert.doesNotMatch(stdout, /Token signing keys live in hardware/);
  assert.match(stdout, /What other standards are about \(\d+\):.*signing-key/s);
  const asked = macadam(good, 'scan', '--standard', 'signing-keys-in-hardware').stdout;
  assert.match(asked, /signing-keys-in-hardware .*nothing in scope/);
  assert.doesNotMatch(asked, /What other standards are about/);
});

test('3 only by --strict: what no source of this run can see', () => {
  assert.equal(macadam(good, 'scan', '--standard', 'push-protection-on').status, 0);
  assert.equal(macadam(good, 'scan', '--strict', '--standard', 'push-protection-on').status, 3);
});

test('a baseline: only what is new fails', () => {
  const before = join(place, 'before.json');
  assert.equal(macadam(bad, 'scan', '--format', 'json', '--out', before, ...PINNED).status, 1);
  assert.equal(macadam(bad, 'scan', '--baseline', before, ...PINNED).status, 0);
  put(bad, { '.github/workflows/new.yml': WORKFLOW('v4') });
  assert.equal(macadam(bad, 'scan', '--worktree', '--baseline', before, ...PINNED).status, 1);
  rmSync(join(bad, '.github/workflows/new.yml'));
});

test('HEAD, the index and the files are three views', () => {
  const folder = repository('views', { '.github/workflows/ci.yml': WORKFLOW(COMMIT) });
  put(folder, { '.github/workflows/ci.yml': WORKFLOW('v4') });
  assert.equal(macadam(folder, 'scan', '--staged', ...PINNED).status, 0);
  assert.equal(macadam(folder, 'scan', '--worktree', ...PINNED).status, 1);
  run('git', ['add', '-A'], folder);
  assert.equal(macadam(folder, 'scan', '--staged', ...PINNED).status, 1);
  assert.equal(macadam(folder, 'scan', ...PINNED).status, 0);
});

test('two runs of one tree give the same JSON but for the time', () => {
  const still = () =>
    macadam(bad, 'scan', '--format', 'json').stdout.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'then');
  assert.equal(still(), still());
});

test('an exception lets a failure be, and the share stays as it is', () => {
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  const folder = repository('excepted', {
    '.github/workflows/ci.yml': WORKFLOW('v4'),
    'macadam.yaml': `exceptions:\n  - { standard: pipeline-uses-pinned, assets: ["*"], reason: replaced in spring, approver: "@a", until: ${until} }\n`,
  });
  assert.equal(macadam(folder, 'scan', ...PINNED).status, 0);
  const [standard] = scanned(folder, ...PINNED).standards;
  assert.deepEqual(
    standard && [standard.fail, standard.excepted, standard.atLeast, standard.adjustedAtLeast],
    [1, 1, 0, 1],
  );
});

test('an exception that has ended, and a name that nothing answers to, are announced with their lines', () => {
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const exception = (assets: string, until: string, standard = 'pipeline-uses-pinned') =>
    `  - { standard: ${standard}, assets: [${assets}], reason: replaced in spring, approver: "@a", until: ${until} }`;
  const folder = repository('idle', {
    '.github/workflows/ci.yml': WORKFLOW('v4'),
    'macadam.yaml': [
      'exceptions:',
      exception('"*"', day(-1)),
      exception('"*ci.yml", "*cd.yml"', day(30)),
      exception('"*elsewhere"', day(30), 'repository-owned'),
      '',
    ].join('\n'),
  });
  const { status, stderr } = macadam(folder, 'scan', ...PINNED);
  const [ended, unknown, ...more] = stderr.trim().split('\n');
  assert.match(
    ended ?? '',
    new RegExp(
      `macadam\\.yaml:2:1: \`exceptions\\.0\\.until\`: the exception ended on ${day(-1)} and covers nothing`,
    ),
  );
  assert.match(
    unknown ?? '',
    /macadam\.yaml:3:1: `exceptions\.1\.assets\.1`: no asset .* is called `\*cd\.yml`/,
  );
  assert.deepEqual(more, [], 'a standard that was left out of the run says nothing of its exceptions');
  assert.equal(status, 0, 'what is excepted stays so, and a notice is no failure');
  const later = macadam(folder, 'scan', ...PINNED, '--as-of', day(60));
  assert.match(
    later.stderr,
    /`exceptions\.1\.until`: the exception ended on /,
    'as of a day, the day counts',
  );
  assert.equal(later.status, 1);
});

test('fix: what is wrong in macadam.yaml stops it as it stops a scan', () => {
  const folder = repository('fix-mistaken', {
    '.github/workflows/ci.yml': WORKFLOW('v4'),
    'macadam.yaml':
      'parameters:\n  pipeline-uses-pined: { x: 1 }\n  secrets-not-in-code: { confidense: [high] }\n',
  });
  const fixed = macadam(folder, 'fix', '--resolve', `actions/checkout@v4=${COMMIT}`, ...PINNED);
  assert.equal(fixed.status, 2);
  assert.equal(fixed.stderr, macadam(folder, 'scan', ...PINNED).stderr);
  assert.match(fixed.stderr, /`parameters\.secrets-not-in-code\.confidense`: .*did you mean `confidence`\?/);
  assert.equal(readFileSync(join(folder, '.github/workflows/ci.yml'), 'utf8'), WORKFLOW('v4'));
});

test('fix: a patch, written once, and nothing more the second time', () => {
  const folder = repository('fixable', { '.github/workflows/ci.yml': WORKFLOW('v4') });
  const table = join(place, 'commits.json');
  writeFileSync(table, JSON.stringify({ 'actions/checkout@v4': COMMIT }));
  const file = join(folder, '.github/workflows/ci.yml');
  const fix = (...args: string[]) => macadam(folder, 'fix', '--resolve', table, ...PINNED, ...args);
  const dry = fix('--dry-run');
  assert.match(dry.stdout, new RegExp(`\\+ {6}- uses: actions/checkout@${COMMIT} # v4`));
  assert.equal(readFileSync(file, 'utf8'), WORKFLOW('v4'));
  assert.equal(fix().status, 0);
  assert.match(readFileSync(file, 'utf8'), new RegExp(`${COMMIT} # v4`));
  assert.equal(macadam(folder, 'scan', '--worktree', ...PINNED).status, 0);
  assert.match(fix().stderr, /nothing to change/);
});

test('fix: a dirty file is left alone without --force; without commits it says so', () => {
  const folder = repository('dirty', { '.github/workflows/ci.yml': WORKFLOW('v4') });
  const table = join(place, 'commits.json');
  const dirty = `${WORKFLOW('v4')}# being edited\n`;
  put(folder, { '.github/workflows/ci.yml': dirty });
  assert.match(
    macadam(folder, 'fix', '--resolve', table, ...PINNED).stderr,
    /has uncommitted changes and is left alone/,
  );
  assert.equal(readFileSync(join(folder, '.github/workflows/ci.yml'), 'utf8'), dirty);
  const { stdout, stderr } = macadam(folder, 'fix', ...PINNED);
  assert.match(stdout, /--resolve/);
  assert.match(stderr, /nothing to change/);
});

test('explain: a standard, and a finding by its fingerprint', () => {
  assert.match(macadam(bad, 'explain', 'pipeline-uses-pinned').stdout, /Why: /);
  const [finding] = scanned(bad, ...PINNED).findings;
  const { status, stdout } = macadam(bad, 'explain', finding?.fingerprint.slice(0, 12) ?? '');
  assert.equal(status, 0);
  assert.match(stdout, /ci\.yml:8 {2}actions\/checkout@v4/);
  assert.match(stdout, /What was looked at/);
});

test('sbom: CycloneDX 1.6 of what the lockfile names', () => {
  const lock = {
    name: 'x',
    lockfileVersion: 3,
    packages: {
      '': { name: 'x', dependencies: { a: '^1.0.0' } },
      'node_modules/a': { version: '1.0.0', integrity: `sha512-${'A'.repeat(86)}==` },
    },
  };
  const folder = repository('locked', {
    'package.json': '{"name":"x","dependencies":{"a":"^1.0.0"}}',
    'package-lock.json': JSON.stringify(lock),
  });
  const { status, stdout } = macadam(folder, 'sbom', '.');
  assert.equal(status, 0);
  const bom = JSON.parse(stdout);
  assert.deepEqual(
    [bom.bomFormat, bom.specVersion, bom.components[0].purl],
    ['CycloneDX', '1.6', 'pkg:npm/a@1.0.0'],
  );
});

test('a kind is shown as what follows from its definition', () => {
  const folder = repository('kinds', { '.keep': '' });
  const shown = (...args: string[]) => macadam(folder, 'catalogue', ...args);
  assert.match(shown('--kind', 'application').stdout, /^# application\n/);
  assert.match(shown('--kind', 'application', '--as', 'types').stdout, /^export type Application = \{$/m);
  const schema = JSON.parse(shown('--kind', 'application', '--as', 'schema').stdout);
  assert.equal(schema.properties.kind.const, 'application');
  assert.match(shown('--kind', 'application', '--as', 'table').stdout, /^CREATE TABLE .*`kind_application`/);
  const wrong = shown('--kind', 'aplication');
  assert.deepEqual([wrong.status, /did you mean `application`\?/.test(wrong.stderr)], [2, true]);
  assert.match(shown('--kind', 'application', '--as', 'xml').stderr, /there are docs, schema, table, types/);
  assert.match(shown('--as', 'types').stderr, /name it with --kind/);
});

test('a new repository of every language passes all that it decides itself, from its first commit on', () => {
  const folder = join(place, 'new-repositories');
  mkdirSync(folder);
  const made = [
    ['npm', 'repository'],
    ['npm', 'library'],
    ...['npm', 'python', 'go', 'java', 'dotnet'].map((language) => [language, 'service']),
  ];
  for (const [language = '', sort = ''] of made) {
    const name = `${language}-${sort}`;
    const options = ['--language', language, '--owner', '@acme/payments'];
    const { status, stderr } = macadam(folder, 'new', sort, name, ...options);
    assert.equal(status, 0, stderr);
    for (const args of [
      ['add', '-A'],
      ['commit', '-q', '-m', 'Begin'],
    ])
      assert.equal(run('git', args, join(folder, name)).status, 0);
  }
  const scan: Scan = JSON.parse(macadam(folder, 'scan', '.', '--format', 'json', '--quiet').stdout);
  const withState = (state: 'fail' | 'unknown') =>
    scan.standards.filter((standard) => standard[state] > 0).map(({ id }) => id);
  // Who signs is a person's to do; the rest only a code host or an org file can tell.
  assert.deepEqual(withState('fail'), ['commits-signed-with-presence']);
  assert.deepEqual(withState('unknown'), [
    'default-branch-protected',
    'push-protection-on',
    'repository-owned',
    'vulnerable-dependencies-updated',
  ]);
  const passed = scan.standards.filter(({ pass }) => pass >= made.length).map(({ id }) => id);
  assert.ok(passed.length >= 6, passed.join());
  for (const [args, said] of [
    [['--owner', '@acme/payments'], /--language is missing: one of npm, python, go, java, dotnet/],
    [['--language', 'rust', '--owner', '@a/b'], /--language: there is no `rust`/],
    [['--language', 'go'], /--owner is missing/],
    [['--language', 'go', '--owner', 'payments'], /--owner: `payments` is neither/],
  ] as const) {
    const { status, stderr } = macadam(folder, 'new', 'service', 'another', ...args);
    assert.equal(status, 2);
    assert.match(stderr, said);
  }
  assert.match(
    macadam(folder, 'new', 'service', 'go-service', '--language', 'go', '--owner', '@a/b').stderr,
    /go-service is already there; choose another name/,
  );
});

test('catalogue folders of an estate are found, tested and scanned with; a broken one is said and stops no other', () => {
  const folder = repository('own', { 'macadam.yaml': 'catalogue: [security]\n', 'security/.keep': '' });
  assert.equal(macadam(folder, 'new', 'standard', 'things-are-so').status, 0);
  assert.equal(macadam(folder, 'test', 'things-are-so').status, 0);
  assert.equal(macadam(folder, 'scan', '--standard', 'things-are-so').status, 1);
  const path = join(folder, 'security/things-are-so.yaml');
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace("asset.files['README.md']", 'has(asset.codeownerz)'),
  );
  const broken = macadam(folder, 'scan', ...PINNED);
  assert.equal(broken.status, 2);
  assert.match(broken.stderr, /`check`: repository has no `codeownerz`, did you mean `codeowners`\?/);
  assert.match(broken.stdout, /pipeline-uses-pinned/);
});
