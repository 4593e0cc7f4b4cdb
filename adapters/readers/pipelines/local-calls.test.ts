/** One attack, written in the workflow itself and behind every kind of local call: it is found in all of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation } from '@macadam/core/facts/observation';
import { PLACES_BY_GLOBS } from '@macadam/testing/readers/places';
import { memoryTree } from '../tree.ts';
import { extractPipelines } from './extract.ts';

type Row = Readonly<Record<string, unknown>>;

const fence = (inner: string) => `\u0024{{ ${inner} }}`;

async function extract(files: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, Observation>> {
  const { observations, problems } = await extractPipelines(memoryTree(files), {
    repository: { id: 'repository/file/acme', name: 'acme' },
    source: 'git',
    now: new Date('2026-11-01T00:00:00Z'),
    parameters: {},
    places: PLACES_BY_GLOBS,
  });
  assert.deepEqual(problems, []);
  return new Map(observations.map((observation) => [observation.location?.path ?? '', observation]));
}

function list(found: ReadonlyMap<string, Observation>, path: string, name: string): readonly Row[] {
  const statement = found.get(path)?.attributes[name];
  assert.ok(statement !== undefined && 'value' in statement, `${path} has ${name}`);
  return statement.value as readonly Row[];
}

/** Text of outsiders that a file pastes, with the file and line where it stands. */
const pasted = (found: ReadonlyMap<string, Observation>, path: string) =>
  list(found, path, 'expansions')
    .filter(({ controlled_by: who }) => who === 'anyone')
    .map((each) => `${each.path ?? path}:${each.line} ${each.text}`);

const ISSUE = '.github/workflows/issue.yml';
const GREET = '.github/actions/greet/action.yml';

const workflow = (steps: string) => `on: issues
jobs:
  greet:
    runs-on: ubuntu-latest
    steps:
${steps}`;

const composite = (steps: string) => `name: greet
inputs:
  title: { required: true }
  mood: { default: fine }
runs:
  using: composite
  steps:
${steps}`;

const SAY = `    - run: echo "${fence('inputs.title')} ${fence('inputs.mood')}"\n      shell: bash\n`;

test('a local action is followed: what its caller hands to it decides, and both files say so', async () => {
  const found = await extract({
    [ISSUE]: workflow(
      `      - uses: ./.github/actions/greet\n        with:\n          title: ${fence('github.event.issue.title')}\n`,
    ),
    '.github/workflows/fixed.yml': workflow(
      '      - uses: ./.github/actions/greet\n        with: { title: hello }\n',
    ),
    [GREET]: composite(SAY),
  });
  const text = `inputs.title (github.event.issue.title from ${ISSUE}:8)`;
  assert.deepEqual(pasted(found, ISSUE), [`${GREET}:8 ${text}`]);
  assert.deepEqual(pasted(found, GREET), [`${GREET}:8 ${text}`]);
  assert.deepEqual(pasted(found, '.github/workflows/fixed.yml'), []);
});

test('nested actions, variables, defaults and the `$/` form are followed alike', async () => {
  const found = await extract({
    [ISSUE]: workflow(
      `      - uses: $/.github/actions/outer\n        env: { BODY: "${fence('github.event.comment.body')}" }\n`,
    ),
    '.github/actions/outer/action.yaml': composite(
      `    - uses: ./.github/actions/greet/\n      with: { title: "${fence('env.BODY')}" }\n`,
    ),
    [GREET]: composite(SAY).replace('default: fine', `default: "${fence('github.head_ref')}"`),
  });
  assert.deepEqual(pasted(found, ISSUE), [
    `${GREET}:8 inputs.title (github.event.comment.body from ${ISSUE}:7)`,
    `${GREET}:8 inputs.mood (github.head_ref)`,
  ]);
  // By itself the one in the middle hands on only what the default says.
  assert.equal(pasted(found, '.github/actions/outer/action.yaml').length, 1);
});

test('a reusable workflow is followed, with its own jobs, and a typed input stays what it is', async () => {
  const called = `on:
  workflow_call:
    inputs:
      title: { type: string }
      count: { type: number }
jobs:
  say:
    runs-on: ubuntu-latest
    steps:
      - run: echo "${fence('inputs.title')}" ${fence('inputs.count')}
`;
  const found = await extract({
    [ISSUE]: `on: [issues]
jobs:
  say:
    uses: ./.github/workflows/say.yml
    with:
      title: "${fence("format('new: {0}', github.event.issue.title)")}"
      count: ${fence('github.event.issue.body')}
`,
    '.github/workflows/say.yml': called,
  });
  assert.deepEqual(pasted(found, ISSUE), [
    `.github/workflows/say.yml:10 inputs.title (github.event.issue.title from ${ISSUE}:6)`,
  ]);
});

test('an outsider’s code that a local action fetches is run by the next step of its caller', async () => {
  const fetch = composite(
    `    - uses: actions/checkout@v5\n      with:\n        ref: ${fence('inputs.title')}\n`,
  );
  const call = (event: string, ref: string, then: string) =>
    workflow(
      `      - uses: ./.github/actions/greet\n        with: { title: "${ref}" }\n      - ${then}\n`,
    ).replace('on: issues', `on: ${event}`);
  const head = fence('github.event.pull_request.head.sha');
  const found = await extract({
    '.github/workflows/a.yml': call('pull_request_target', head, 'run: make'),
    '.github/workflows/b.yml': call('pull_request_target', fence('github.sha'), 'run: make'),
    '.github/workflows/c.yml': call('pull_request', head, 'run: make'),
    '.github/workflows/d.yml': call('pull_request_target', head, 'uses: actions/labeler@v5'),
    [GREET]: fetch,
  });
  const fetched = (path: string) =>
    list(found, path, 'untrusted_checkouts').map((each) => [each.path, each.line, each.executed]);
  assert.deepEqual(fetched('.github/workflows/a.yml'), [[GREET, 10, true]]);
  assert.deepEqual(fetched('.github/workflows/b.yml'), []);
  assert.deepEqual(fetched('.github/workflows/c.yml'), []);
  assert.deepEqual(fetched('.github/workflows/d.yml'), [[GREET, 10, false]]);
  assert.deepEqual(fetched(GREET), [[undefined, 10, true]]);
});

test('a reusable workflow that is called under an event of outsiders has that event', async () => {
  const build = `on:
  workflow_call:
    inputs: { ref: { type: string } }
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
        with: { ref: "${fence('inputs.ref')}" }
      - run: npm test
      - run: echo "${fence('inputs.ref')}" >> $GITHUB_ENV
`;
  const caller = (event: string) =>
    `on: ${event}\njobs:\n  build:\n    uses: ./.github/workflows/build.yml\n    with: { ref: "${fence('github.event.pull_request.head.ref')}" }\n`;
  const found = await extract({
    '.github/workflows/build.yml': build,
    '.github/workflows/target.yml': caller('pull_request_target'),
    '.github/workflows/own.yml': caller('pull_request'),
  });
  const executed = (path: string) =>
    list(found, path, 'untrusted_checkouts').filter((each) => each.executed).length;
  assert.equal(executed('.github/workflows/target.yml'), 1);
  assert.equal(executed('.github/workflows/own.yml'), 0);
  assert.equal(executed('.github/workflows/build.yml'), 1);
  const steered = (path: string) =>
    list(found, path, 'weaknesses')
      .filter(({ rule, stated }) => rule === 'environment-file' && stated)
      .map((each) => [each.path, each.line]);
  assert.deepEqual(steered('.github/workflows/target.yml'), [['.github/workflows/build.yml', 11]]);
  assert.deepEqual(steered('.github/workflows/own.yml'), []);
});

test('what is handed to code of elsewhere is named, and only there where it matters', async () => {
  const remote = (event: string, more: string) =>
    `on: ${event}\njobs:\n  a:\n    uses: other/templates/.github/workflows/x.yml@v1\n${more}`;
  const step = (uses: string) =>
    workflow(`      - uses: ${uses}\n        with: { text: "${fence('github.event.issue.title')}" }\n`);
  const found = await extract({
    '.github/workflows/a.yml': remote('push', '    secrets: inherit\n'),
    '.github/workflows/b.yml': remote('schedule', '    secrets: inherit\n'),
    '.github/workflows/c.yml': remote('issues', `    with: { t: "${fence('github.event.issue.title')}" }\n`),
    '.github/workflows/d.yml': step('other/greet@v1'),
    '.github/workflows/e.yml': step('actions/labeler@v5'),
    '.github/workflows/f.yml': step('other/greet@v1').replace('on: issues', 'on: pull_request'),
    '.github/workflows/g.yml': step('./not/there'),
    '.github/workflows/h.yml': step('other/greet@v1').replace('issue.title', 'issue.number'),
  });
  const handed = (name: string) =>
    list(found, `.github/workflows/${name}.yml`, 'handed_over').map(
      ({ what, to, line }) => `${line} ${what} → ${to}`,
    );
  assert.deepEqual(handed('a'), ['5 every secret → other/templates/.github/workflows/x.yml@v1']);
  assert.deepEqual(handed('b'), []);
  assert.deepEqual(handed('c'), ['5 github.event.issue.title → other/templates/.github/workflows/x.yml@v1']);
  assert.deepEqual(handed('d'), ['7 github.event.issue.title → other/greet@v1']);
  assert.deepEqual(handed('e'), []);
  assert.deepEqual(handed('f'), []);
  assert.deepEqual(handed('g'), ['7 github.event.issue.title → ./not/there']);
  assert.deepEqual(handed('h'), []);
});

test('rings, deep chains and many calls end', async () => {
  const files: Record<string, string> = {
    [ISSUE]: workflow(
      `      - uses: ./a0\n        with: { title: "${fence('github.event.issue.title')}" }\n`,
    ),
  };
  const pass = `with: { title: "${fence('inputs.title')}" }`;
  for (let at = 0; at < 40; at++)
    files[`a${at}/action.yml`] = composite(
      `    - uses: ./a${(at + 1) % 40}\n      ${pass}\n    - uses: ./a${(at + 2) % 40}\n      ${pass}\n`,
    );
  const tree = memoryTree(files);
  const { observations, problems } = await extractPipelines(tree, {
    repository: { id: 'repository/file/acme', name: 'acme' },
    source: 'git',
    now: new Date('2026-11-01T00:00:00Z'),
    parameters: {},
    places: PLACES_BY_GLOBS,
  });
  assert.equal(observations.length, 41);
  assert.ok(problems.every(({ message }) => /more files of its repository than are followed/.test(message)));
  assert.ok(problems.length > 0);
});
