import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInvalid, parseYaml } from '../document.ts';
import { habitWeaknesses } from './habits.ts';
import { workflowOf } from './workflow.ts';

function found(text: string): readonly string[] {
  const document = parseYaml(text);
  assert.ok(!isInvalid(document));
  const read = workflowOf(document);
  assert.ok(!('message' in read));
  return habitWeaknesses(read).map(({ rule, line }) => `${line} ${rule}`);
}

const job = (steps: string, more = '') =>
  `on: push\nconcurrency: { group: a, cancel-in-progress: true }\njobs:\n  a:\n    runs-on: x\n${more}    steps:\n${steps}`;

test('packages that a script installs by name, wherever the command stands', () => {
  const script = job(`      - run: |
          npm ci
          cd x && npm install left
          if true; then sudo gem install right; fi
          # npm install no
          yarn global \\
            add far
          npm install --omit=dev
          npm install -g npm@11
`);
  assert.deepEqual(found(script), [
    '9 unlocked-install',
    '10 unlocked-install',
    '12 unlocked-install',
    '15 unlocked-install',
  ]);
});

test('a token publishes where an identity would do', () => {
  const publish =
    '      - run: npm publish\n      - run: twine upload --dry-run x\n      - run: uvx twine upload x\n';
  assert.deepEqual(found(job(publish)), ['7 registry-token', '9 registry-token']);
  assert.deepEqual(found(job(publish, '    permissions: { id-token: write }\n')), []);
  const password = (more: string) =>
    job(`      - uses: pypa/gh-action-pypi-publish@v1\n        with: { password: x${more} }\n`);
  assert.deepEqual(found(password('')), ['7 registry-token']);
  assert.deepEqual(found(password(', repository-url: "https://own.example"')), []);
  assert.deepEqual(found(password(', repository-url: "::"')), []);
});

test('runs that nothing limits, odd shells, and actions that nobody mends', () => {
  assert.deepEqual(found('on: push\njobs:\n  a:\n    runs-on: x\n    steps: []\n'), ['1 runs-unlimited']);
  assert.deepEqual(found('on: workflow_call\njobs:\n  a:\n    runs-on: x\n    steps: []\n'), []);
  assert.deepEqual(
    found(
      job(
        '      - run: a\n        shell: cmd\n      - uses: actions-rs/toolchain@v1\n      - uses: extractions/setup-just@v1\n',
      ),
    ),
    ['8 odd-setting', '9 archived-action', '10 unpinned-tool'],
  );
});

test('a name that is one slip away from a well-known action of somebody else', () => {
  const uses = (name: string): readonly string[] => found(job(`      - uses: ${name}\n`));
  for (const name of [
    'action/checkout@v4',
    'actons/setup-node@v4',
    'dokcer/login-action@v3',
    'astral-shh/setup-uv@v6',
    'Azur/login@v2',
  ])
    assert.deepEqual(uses(name), ['7 lookalike-action'], name);
  // Their own owner has the name already, a fork has another one, and well-known ones may be near each other.
  for (const name of [
    'actions/chekout@v4',
    'actions/checkout/sub@v4',
    'our-fork/checkout@v4',
    'acme/login@v1',
    './action/checkout',
    'docker://action/checkout',
  ])
    assert.deepEqual(uses(name), [], name);
  assert.deepEqual(
    found('on: workflow_call\njobs:\n  a:\n    uses: gihtub/codeql-action/.github/workflows/x.yml@v3\n'),
    ['4 lookalike-action'],
  );
});

test('a token of a GitHub App that outlives the job, reaches every repository or has every right', () => {
  const token = (more: string): readonly string[] =>
    found(
      job(
        `      - uses: actions/create-github-app-token@v2\n        with:\n          app-id: 1\n          private-key: x\n${more}`,
      ),
    );
  assert.deepEqual(token(''), ['7 broad-app-token']);
  assert.deepEqual(token('          permission-contents: read\n'), []);
  assert.deepEqual(token('          permission-contents: read\n          skip-token-revoke: "true"\n'), [
    '12 broad-app-token',
  ]);
  assert.deepEqual(token('          permission-contents: read\n          skip-token-revoke: false\n'), []);
  assert.deepEqual(token('          owner: acme\n          permission-contents: read\n'), [
    '11 broad-app-token',
  ]);
  assert.deepEqual(
    token('          owner: acme\n          repositories: "a,b"\n          permission-contents: read\n'),
    [],
  );
  assert.deepEqual(token('          owner: acme\n          permission-members: read\n'), []);
});

test('a tool of whatever version, said or left out', () => {
  const trivy = (more: string): readonly string[] =>
    found(job(`      - uses: aquasecurity/setup-trivy@v0.2.4\n${more}`));
  assert.deepEqual(trivy(''), ['7 unpinned-tool']);
  assert.deepEqual(trivy('        with: { version: latest }\n'), ['8 unpinned-tool']);
  assert.deepEqual(trivy('        with: { version: v0.66.0 }\n'), []);
});

test('a step or a job that a constant switches off does nothing', () => {
  for (const off of ['false', '${{ false }}', '"!true"'])
    assert.deepEqual(found(job(`      - uses: actions-rs/toolchain@v1\n        if: ${off}\n`)), [], off);
  assert.deepEqual(found(job('      - uses: actions-rs/toolchain@v1\n', '    if: false\n')), []);
  for (const on of ['true', 'github.ref == false', '${{ false }} || x', '"${{ false }} "', 'failure()'])
    assert.deepEqual(
      found(job(`      - uses: actions-rs/toolchain@v1\n        if: ${on}\n`)),
      ['7 archived-action'],
      on,
    );
});

test('long hostile lines end soon', () => {
  const words = 'terraform npm --a '.repeat(8_000);
  assert.deepEqual(found(job(`      - run: npm i ${'--a '.repeat(20_000)}-\n      - run: ${words}\n`)), []);
});
