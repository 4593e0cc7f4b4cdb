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

test('long hostile lines end soon', () => {
  const words = 'terraform npm --a '.repeat(8_000);
  assert.deepEqual(found(job(`      - run: npm i ${'--a '.repeat(20_000)}-\n      - run: ${words}\n`)), []);
});
