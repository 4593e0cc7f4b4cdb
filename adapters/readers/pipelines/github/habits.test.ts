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

test('a command is read as words: options may stand anywhere, and the value of one is no package', () => {
  const rules = (command: string): readonly string[] =>
    found(job(`      - run: ${command}\n`)).map((each) => each.replace(/^7 /, ''));
  for (const command of [
    'gem --silent install rake',
    'gem i rake -v 13.0.6',
    'npm --no-fund i "left"',
    'npm install -g --registry https://own.example left',
    'pnpm --filter web add left',
    'yarn --cwd web add left',
    'bundle add rails --skip-install',
  ])
    assert.deepEqual(rules(command), ['unlocked-install'], command);
  for (const command of [
    'npm install --prefix web',
    'npm --prefix web ci',
    'pnpm -C web install',
    'gem install --help',
    'yarn global',
    'bundle install --jobs 4',
  ])
    assert.deepEqual(rules(command), [], command);
  for (const command of [
    'npm -w web publish --provenance=false',
    'cargo +nightly publish -p one',
    'bundle exec gem push x.gem',
    'poetry -C x publish',
    'uv run twine upload dist/*',
    'pipx run twine==5.1.1 upload dist/*',
    'python3 -m twine upload dist/*',
    'yarn workspace web publish',
    'bunx npm@11 publish',
    'dotnet nuget push x.nupkg',
  ])
    assert.deepEqual(rules(command), ['registry-token'], command);
  for (const command of [
    'cargo publish -n',
    'npm install publish --dry-run',
    'pnpm publish -r --dry-run',
    'twine check dist/*',
    'uvx ruff upload',
    'poetry build',
    'dotnet push',
  ])
    assert.ok(!rules(command).includes('registry-token'), command);
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
