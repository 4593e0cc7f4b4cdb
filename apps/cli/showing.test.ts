/** What a newcomer sees of a failure: the standard by its id, the place, its line at the host and the code; never a secret. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import type { Finding, Scan } from '@macadam/core/figures/scan';
import { run } from './program.ts';

const root = mkdtempSync(join(tmpdir(), 'macadam-showing-'));
after(() => rmSync(root, { recursive: true, force: true }));
const env = { PATH: process.env.PATH, HOME: root, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' };

function git(folder: string, ...words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(
    'git',
    ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words],
    {
      cwd: folder,
      env,
      encoding: 'utf8',
    },
  );
  assert.equal(status, 0, stderr);
  return stdout.trim();
}

function put(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

// Made of parts, so that this file holds none.
const TOKEN = ['ghp', '_', '16C7e42F292c6912E7710c838347Ae178B4a'].join('');
const PASSWORD = ['q7Vz', 'K2mXw', '9RtLp4'].join('');
const KEY = ['AKIA', 'Q6GLPJ', 'RXWMVZ4T', 'KD'].join('');
const KEY_BODY = ['MIIEpAIBAAKCAQEA', 'x9Vq2mZr7TtYwB1kLdNsHcEoGfPjUaRi'].join('');
const PEM = `-----BEGIN RSA ${'PRIVATE'} KEY-----\n${KEY_BODY}\n${KEY_BODY}\n-----END RSA ${'PRIVATE'} KEY-----\n`;
const SECRETS = [TOKEN, PASSWORD, KEY, KEY_BODY];

const WORKFLOW = `on: push
jobs:
  a:
    runs-on: x
    steps:
      - run: deploy --token ${TOKEN}
      - uses: actions/checkout@v4
      - run: login ${PASSWORD}
        env: { KEY: "${KEY}" } # \u001b[2J\u202e
`;
const FILES = {
  '.github/workflows/ci.yml': WORKFLOW,
  'src/settings.py': `password = "${PASSWORD}"\ntoken = "${TOKEN}"\nid = "${KEY}"\n`,
  'src/key.pem': PEM,
  'package.json': '{\n  "name": "x",\n  "private": true,\n  "dependencies": { "a": "^1" }\n}\n',
};
const REMOTES: Readonly<Record<string, string | null>> = {
  github: 'https://ann:hunter2@github.com/acme/shop.git',
  gitlab: 'git@gitlab.example.com:acme/web/shop.git',
  own: 'ssh://git@git.example.com:2222/acme/own.git',
  folder: '/srv/git/github.com/acme/shop.git',
  none: null,
  other: 'git@bitbucket.org:acme/other.git',
};

const estate = join(root, 'estate');
const commits: Record<string, string> = {};
for (const [name, remote] of Object.entries(REMOTES)) {
  const folder = join(estate, name);
  put(folder, { ...FILES, 'NAME.txt': name });
  git(folder, 'init', '--quiet', '-b', 'main');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '-m', 'x');
  if (remote !== null) git(folder, 'remote', 'add', name === 'other' ? 'upstream' : 'origin', remote);
  commits[name] = git(folder, 'rev-parse', 'HEAD');
}

/** The command line in this process: the same code, without starting a process for every output. */
async function scan(...words: readonly string[]): Promise<string> {
  const out = join(root, 'out');
  await run(['scan', estate, '--quiet', '--out', out, ...words]);
  return readFileSync(out, 'utf8');
}
const scanned = async (...words: readonly string[]): Promise<Scan> =>
  JSON.parse(await scan('--format', 'json', ...words));

const now = await scanned();
const failures = (of: Scan, name: string): readonly Finding[] =>
  of.findings.filter(({ asset, verdict }) => verdict === 'fail' && (asset.container ?? asset.name) === name);
const pinning = (of: Scan, name: string) => {
  const found = failures(of, name).find(({ standard }) => standard === 'pipeline-uses-pinned');
  assert.ok(found, `${name} fails pipeline-uses-pinned`);
  return found;
};

test('a finding links to its line at the host, at the commit that was judged, without credentials', () => {
  const path = '.github/workflows/ci.yml';
  assert.equal(pinning(now, 'github').link, `https://github.com/acme/shop/blob/${commits.github}/${path}#L7`);
  assert.equal(
    pinning(now, 'gitlab').link,
    `https://gitlab.example.com/acme/web/shop/-/blob/${commits.gitlab}/${path}#L7`,
  );
  assert.equal(
    pinning(now, 'other').link,
    `https://bitbucket.org/acme/other/src/${commits.other}/${path}#lines-7`,
    'the only remote, whatever its name',
  );
  for (const found of failures(now, 'github').filter(({ location }) => location !== null)) {
    assert.match(found.link ?? '', /^https:\/\/github\.com\/acme\/shop\/blob\//, found.standard);
    for (const one of found.evidence.filter(({ location }) => location !== undefined)) assert.ok(one.link);
  }
  for (const name of ['own', 'folder', 'none']) {
    assert.equal(pinning(now, name).link, undefined, name);
    assert.equal(pinning(now, name).location?.path, path);
  }
});

test('a company names its own host in macadam.yaml', async () => {
  put(estate, { 'macadam.yaml': 'collection:\n  code_hosts: { git.example.com: gitlab }\n' });
  assert.equal(
    pinning(await scanned(), 'own').link,
    `https://git.example.com/acme/own/-/blob/${commits.own}/.github/workflows/ci.yml#L7`,
  );
  rmSync(join(estate, 'macadam.yaml'));
});

test('a finding shows its lines as they were judged, and nothing that acts on a screen', () => {
  for (const name of Object.keys(REMOTES)) {
    const { code, location } = pinning(now, name);
    assert.ok(code && location?.line === 7, name);
    assert.equal(code.lines[location.line - code.from], '- uses: actions/checkout@v4');
    assert.ok(code.lines.length <= 3);
  }
});

test('what is not committed is not at the host, and shows its own lines', async () => {
  const workflow = join(estate, 'github/.github/workflows/ci.yml');
  writeFileSync(workflow, `# one line more\n${WORKFLOW}`);
  const found = pinning(await scanned('--worktree'), 'github');
  writeFileSync(workflow, WORKFLOW);
  assert.equal(found.location?.line, 8);
  assert.equal(found.link, undefined);
  assert.equal(found.code?.lines[8 - (found.code?.from ?? 0)], '- uses: actions/checkout@v4');
});

test('no format ever prints the value of a secret, neither of the finding nor of a line beside another', async () => {
  const secret = failures(now, 'github').find(({ standard }) => standard === 'secrets-not-in-code');
  assert.ok(secret, 'the secrets are found');
  assert.ok(secret.evidence.some(({ code }) => code?.lines.some((line) => line.includes('••••••'))));
  for (const format of ['table', 'json', 'html', 'markdown', 'csv', 'sarif', 'ocsf']) {
    const text = await scan('--format', format);
    for (const value of SECRETS) assert.ok(!text.includes(value), `${format} prints ${value.slice(0, 4)}…`);
    assert.ok(!text.includes('hunter2'), `${format} prints the password of the remote`);
  }
});

test('the table names every failing standard by id, with its two worst places, their code and links', async () => {
  const text = await scan('--format', 'table');
  const failing = now.standards.filter(({ fail }) => fail > 0);
  for (const { id } of failing) {
    const block = text.slice(text.indexOf(`✗ ${id}`)).split('\n\n')[0] ?? '';
    assert.ok(text.includes(`✗ ${id}`), id);
    const places = block
      .split('\n')
      .filter((line) => /^ {4}\S/.test(line) && !/^ {4}(?:and|for) /.test(line));
    assert.equal(places.length, 2, block);
  }
  assert.ok(text.indexOf('FAILING') < text.indexOf('WHAT THIS PICTURE CANNOT SEE'));
  assert.match(text, /│ - uses: actions\/checkout@v4\n/);
  assert.match(text, /\n {6}https:\/\/github\.com\/acme\/shop\/blob\/[0-9a-f]{40}\/\S+#L\d+\n/);
});
