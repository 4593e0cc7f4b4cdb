import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Observation, Statement } from '@macadam/core/facts/observation';
import { PLACES_BY_GLOBS } from '@macadam/testing/readers/places';
import fc from 'fast-check';
import { type ExtractContext, memoryTree, type Tree } from '../tree.ts';
import { extractPipelines, flavourOf } from './extract.ts';
import { CONTENT_ATTRIBUTES } from './facts.ts';

const context: ExtractContext = {
  repository: { id: 'repository/file/acme', name: 'acme' },
  source: 'git',
  now: new Date('2026-11-01T00:00:00Z'),
  parameters: {},
  places: PLACES_BY_GLOBS,
};

async function only(path: string, text: string): Promise<Observation> {
  const { observations } = await extractPipelines(memoryTree({ [path]: text }), context);
  const [observation] = observations;
  assert.ok(observation !== undefined, `${path} is an asset`);
  return observation;
}

type Row = Readonly<Record<string, unknown>>;

function list(observation: Observation, name: string): readonly Row[] {
  const statement: Statement | undefined = observation.attributes[name];
  assert.ok(
    statement !== undefined && 'value' in statement && Array.isArray(statement.value),
    `${name} is a list`,
  );
  return statement.value as readonly Row[];
}

// Fences are what GitHub expands, not JavaScript's.
const fence = (inner: string) => `\u0024{{ ${inner} }}`;

const WORKFLOW = `name: ci
on:
  pull_request_target:
  push: { branches: [main] }
permissions:
  contents: read
jobs:
  build:
    runs-on: ubuntu-latest
    container: node:24
    steps:
      - uses: actions/checkout@v5 # tag
        with:
          ref: \${{ github.event.pull_request.head.sha }}
      - name: Say
        run: |
          ./say "\${{ github.event.pull_request.title }}"
  release:
    needs: build
    environment: production
    secrets: inherit
    uses: acme/templates/.github/workflows/release.yml@main
`;

test('paths say what a file is', () => {
  assert.equal(flavourOf('.github/workflows/a.yaml'), 'workflow');
  assert.equal(flavourOf('.github/workflows/sub/a.yaml'), undefined);
  assert.equal(flavourOf('tools/x/action.yml'), 'action');
  assert.equal(flavourOf('node_modules/x/action.yml'), undefined);
  assert.equal(flavourOf('build/azure-pipelines-release.yml'), 'azure');
  assert.equal(flavourOf('.pipelines/steps/a.yml'), 'azure');
  assert.equal(flavourOf('azure-pipelines/signing.yml'), 'azure');
  assert.equal(flavourOf('docs/pipeline.yml'), undefined);
});

test('a workflow gives its facts with lines', async () => {
  const found = await only('.github/workflows/ci.yml', WORKFLOW);
  assert.deepEqual(
    list(found, 'triggers').map(({ event, privileged, line }) => [event, privileged, line]),
    [
      ['pull_request_target', true, 3],
      ['push', false, 4],
    ],
  );
  assert.deepEqual(
    list(found, 'uses').map(({ ref, kind, pinned, line }) => [ref, kind, pinned, line]),
    [
      ['node:24', 'container', false, 10],
      ['actions/checkout@v5', 'action', false, 12],
      ['acme/templates/.github/workflows/release.yml@main', 'workflow', false, 22],
    ],
  );
  assert.deepEqual(
    list(found, 'expansions').map(({ expression, controlled_by, line, col }) => [
      expression,
      controlled_by,
      line,
      col,
    ]),
    [['github.event.pull_request.title', 'anyone', 17, 22]],
  );
  assert.deepEqual(
    list(found, 'untrusted_checkouts').map(({ line, executed, executed_line }) => [
      line,
      executed,
      executed_line,
    ]),
    [[14, true, 15]],
  );
  assert.deepEqual(
    list(found, 'production').map(({ template, line }) => [template, line]),
    [['acme/templates/.github/workflows/release.yml', 18]],
  );
  assert.deepEqual(
    list(found, 'weaknesses').map(({ rule }) => rule),
    ['privileged-trigger', 'persisted-credentials', 'secrets-inherited', 'runs-unlimited'],
  );
});

test('a file that cannot be understood is an asset with nothing observed and a problem with its line', async () => {
  const cases: readonly [string, string, RegExp, number | undefined][] = [
    ['.github/workflows/a.yml', 'on: push\njobs: {\n', /cannot be judged/, 3],
    ['.github/workflows/a.yml', '', /the file is empty/, 1],
    ['.github/workflows/a.yml', '- a\n- b\n', /a workflow is a mapping/, 1],
    ['.github/workflows/a.yml', 'on: push\non: push\njobs: {}\n', /`on` is defined twice/, 2],
    ['action.yml', 'name: x\n', /an action has a mapping `runs`/, 1],
    ['azure-pipelines.yml', 'name: x\n', /neither `stages`/, 1],
  ];
  for (const [path, text, message, line] of cases) {
    const { observations, problems } = await extractPipelines(memoryTree({ [path]: text }), context);
    assert.match(problems[0]?.message ?? '', message);
    assert.equal(problems[0]?.location?.line, line, message.source);
    assert.equal(problems[0]?.asset, observations[0]?.id);
    for (const name of CONTENT_ATTRIBUTES.filter((each) => each !== 'role')) {
      const statement = observations[0]?.attributes[name];
      assert.ok(statement !== undefined && 'unobserved' in statement, `${name} of ${path} is unobserved`);
      assert.equal(statement.unobserved, 'failed');
    }
  }
});

test('setup-node caches by itself only for a manager of packages that package.json names and it knows', async () => {
  const caching = async (version: number, project?: string, at = 'package.json') => {
    const path = '.github/workflows/release.yml';
    const workflow = `on: release
jobs:
  a:
    runs-on: x
    steps:
      - uses: actions/setup-node@v${version}
      - run: npm publish
`;
    const files = { [path]: workflow, ...(project !== undefined && { [at]: project }) };
    const { observations } = await extractPipelines(memoryTree(files), context);
    const [found] = observations;
    assert.ok(found);
    return list(found, 'weaknesses').some(({ rule }) => rule === 'cache-in-release');
  };
  assert.deepEqual(
    [await caching(4), await caching(5), await caching(6)],
    [false, true, true],
    'nobody knows',
  );
  const named = (manager: string) => JSON.stringify({ packageManager: manager });
  const npm = named('npm@11.0.0');
  assert.deepEqual(
    [await caching(4, npm), await caching(5, npm), await caching(7, npm)],
    [false, true, true],
  );
  const pnpm = named('pnpm@10.0.0');
  assert.deepEqual([await caching(5, pnpm), await caching(6, pnpm)], [true, false]);
  assert.equal(await caching(6, named('bun@1.2.20')), false);
  assert.equal(await caching(6, '{}'), false);
  assert.equal(await caching(6, '{"devEngines":{"packageManager":{"name":"npm"}}}'), true);
  assert.equal(await caching(6, '{'), true, 'a file that cannot be read says nothing');
  assert.equal(await caching(6, npm, 'docs/package.json'), false, 'it is asked in the root alone');
});

test('code of an outsider that a script lets through by who the author is, is not known to be run by outsiders', async () => {
  const job = (guard: string) => `on: issue_comment
jobs:
  a:
    runs-on: x
    steps:
      - id: config
        uses: actions/github-script@0123456789abcdef0123456789abcdef01234567
        with:
          script: |
            ${guard}
      - uses: actions/checkout@0123456789abcdef0123456789abcdef01234567
        with:
          ref: \${{ steps.config.outputs.head_sha }}
      - run: make
`;
  const executed = async (guard: string) =>
    list(await only('.github/workflows/a.yml', job(guard)), 'untrusted_checkouts').map((one) => one.executed);
  const asks = "if (!['MEMBER'].includes('${{ github.event.comment.author_association }}'))";
  const [guarded] = await executed(`${asks} core.setFailed('no')`);
  assert.match(JSON.stringify(guarded), /unobserved.*a script at line 6 asks who the author is/);
  // To ask and to go on all the same, or to end without asking, lets everybody through.
  assert.deepEqual(await executed(`${asks} core.info('no')`), [true]);
  assert.deepEqual(await executed("core.setFailed('no')"), [true]);
});

test('what a step found out of the author may be asked for by a condition behind it', async () => {
  const asks = (more = '') =>
    `      - { id: who, run: "gh api repos/a/collaborators/x/permission >> $GITHUB_OUTPUT" ${more}}\n`;
  const ends = "      - { if: steps.who.outputs.may != 'true', run: exit 1 }\n";
  const checkout = `      - uses: actions/checkout@v3\n        with: { ref: "\${{ github.head_ref }}" }\n`;
  const isUnknown = async (steps: string, last = 'make') =>
    typeof (await fetchedCode(last, `${steps}${checkout}`))[0] === 'object';
  assert.equal(await isUnknown(asks() + ends), true);
  assert.equal(await isUnknown(asks()), false);
  assert.equal(await isUnknown(ends + asks()), false);
  assert.equal(await isUnknown('      - uses: actions-cool/check-user-permission@v2\n'), true);
  const jobs = (condition: string) =>
    `on: pull_request_target\njobs:\n  gate:\n    runs-on: x\n    steps:\n${asks()}  a:\n    needs: gate\n    if: ${condition}\n    runs-on: x\n    steps:\n${checkout}      - run: make\n`;
  const [held] = list(
    await only('.github/workflows/a.yml', jobs("needs.gate.outputs.may == 'true'")),
    'untrusted_checkouts',
  );
  assert.match(JSON.stringify(held?.executed), /job `gate` at line 6 may end the run/);
  const [open] = list(
    await only('.github/workflows/a.yml', jobs('github.repository_owner')),
    'untrusted_checkouts',
  );
  assert.equal(open?.executed, true);
});

test('a job that has to succeed before may end the run for outsiders: what is not read of it leaves open what runs', async () => {
  const executed = async (gate: string, of = 'needs: gate') => {
    const checkout = `      - uses: actions/checkout@v3\n        with: { ref: "\${{ github.event.pull_request.head.sha }}" }\n      - run: make\n`;
    const text = `on: pull_request_target\njobs:\n  gate:\n    ${gate}\n  lint:\n    runs-on: x\n    needs: gate\n    steps: []\n  test:\n    runs-on: x\n    ${of}\n    steps:\n${checkout}`;
    const [found] = list(await only('.github/workflows/a.yml', text), 'untrusted_checkouts');
    return found?.executed;
  };
  const called = 'uses: acme/workflows/.github/workflows/check-run.yml@main';
  assert.match(JSON.stringify(await executed(called)), /unobserved.*job `gate` at line 3 may end the run/);
  assert.match(JSON.stringify(await executed(called, 'needs: [lint]')), /unobserved/);
  const asks =
    'steps: [{ run: "test $(gh api repos/a/collaborators/$WHO/permission -q .permission) = admin || exit 1" }]';
  assert.match(JSON.stringify(await executed(`runs-on: x\n    ${asks}`)), /asks who the author is/);
  // Nothing waits for the gate, or runs only if it succeeds, or it is none.
  assert.equal(await executed(called, 'env: {}'), true);
  assert.equal(await executed(called, 'needs: gate\n    if: always()'), true);
  assert.equal(await executed('runs-on: x\n    steps: [{ run: make lint }]'), true);
});

test('a fork is refused by a release of the checkout that does so, for what it looks at, under two events, unless it is let in', async () => {
  const sha = '0123456789abcdef0123456789abcdef01234567';
  const head = `\${{ github.event.pull_request.head.sha }}`;
  const refused = async (uses: string, inputs = `ref: "${head}"`, on = 'pull_request_target') => {
    const [version = '', comment = ''] = uses.split(' ');
    const steps = `      - uses: actions/checkout@${version} ${comment && `# ${comment}`}\n        with: { ${inputs} }\n      - run: make`;
    const text = `on: [${on}]\njobs:\n  a:\n    runs-on: x\n    steps:\n${steps}\n`;
    const [found] = list(await only('.github/workflows/a.yml', text), 'untrusted_checkouts');
    assert.equal(found?.executed, true);
    return found.refused === true;
  };
  for (const uses of ['v4', 'v6', 'v7.0.0', 'v5.1.0', 'v9', 'main', `${sha} v7.0.1`, `${sha} tag=v4.4.0`])
    assert.equal(await refused(uses), true, uses);
  for (const uses of ['v3', 'v4.3', 'v6.0.2', sha, `${sha} v5.0.1`, `${sha} v5`, 'other-branch'])
    assert.equal(await refused(uses), false, uses);
  const fork = `\${{ github.event.pull_request.head.repo.full_name }}`;
  const number = `\${{ github.event.pull_request.number }}`;
  for (const inputs of [
    `ref: "\${{ github.head_ref }}", repository: "${fork}"`,
    `ref: "refs/pull/${number}/merge"`,
    `ref: "${head}", allow-unsafe-pr-checkout: false`,
    `ref: "\${{ github.event.pull_request.head.sha || github.sha }}"`,
  ])
    assert.equal(await refused('v6', inputs), true, inputs);
  for (const inputs of [
    `ref: "\${{ github.head_ref }}"`,
    `ref: "pull/${number}/head"`,
    `ref: "\${{ github.event.pull_request.head.sha || github.head_ref }}"`,
    `ref: "${head}", allow-unsafe-pr-checkout: true`,
    `ref: "${head}", allow-unsafe-pr-checkout: "\${{ inputs.open }}"`,
  ])
    assert.equal(await refused('v6', inputs), false, inputs);
  const run = `ref: "\${{ github.event.workflow_run.head_sha }}"`;
  assert.equal(await refused('v6', run, 'workflow_run'), true);
  assert.equal(
    await refused('v6', `ref: "refs/pull/${number}/merge"`, 'pull_request_target, issue_comment'),
    false,
  );
});

/** What is said of the code that a script under `pull_request_target` fetches, or asks for with `given` in front of it. */
async function fetchedCode(run: string, given = '', job = ''): Promise<readonly unknown[]> {
  const script = run.replaceAll('\n', '\n          ');
  const text = `on: pull_request_target\njobs:\n  a:\n    runs-on: x\n${job}    steps:\n${given}      - run: |\n          ${script}\n        env: { HEAD: "\${{ github.event.pull_request.head.sha }}" }\n`;
  return list(await only('.github/workflows/a.yml', text), 'untrusted_checkouts').map((one) => one.executed);
}

test('code that was fetched is run by a command, and not by one that reads, or speaks with a host', async () => {
  const checkout = `      - uses: actions/checkout@v4\n        with: { ref: "\${{ github.head_ref }}" }\n`;
  for (const run of [
    'gh pr merge --merge --auto',
    '# a comment; ./go\ngh issue list \\\n  --limit 3',
    'git status && git push origin HEAD:main',
    'FILES=$(git diff --name-only main | wc -l)\nif [ "$FILES" -gt 3 ]; then\n  echo "many" && exit 1\nfi',
  ])
    assert.deepEqual(await fetchedCode(run, checkout), [false], run);
  for (const run of [
    'make',
    'gh pr merge && ./go',
    'gh pr view $(./a)',
    'echo a | sh',
    'gh extension-of-mine',
    'git rebase main --exec make',
    'git config core.hooksPath hooks',
    'if [ -f go ]; then ./go; fi',
  ])
    assert.deepEqual(await fetchedCode(run, checkout), [true], run);
  const hooks = `      - run: npm ci\n${checkout}`;
  assert.deepEqual(await fetchedCode('git push origin HEAD', hooks), [true]);
  assert.deepEqual(await fetchedCode('git diff', hooks), [false]);
  const script = (text: string): string =>
    `      - uses: actions/github-script@v8\n        with:\n          script: |\n            ${text}\n`;
  assert.deepEqual(await fetchedCode('true', `${checkout}${script('core.info("a")')}`), [false]);
  assert.deepEqual(await fetchedCode('true', `${checkout}${script('require("./a.js")()')}`), [true]);
});

test('the script that fetches code may run it itself', async () => {
  for (const fetches of [
    'gh pr checkout 3',
    'git fetch origin pull/3/head\ngit checkout FETCH_HEAD',
    'git checkout "$HEAD"',
  ]) {
    assert.deepEqual(await fetchedCode(`${fetches}\nnpm ci`), [true], fetches);
    assert.deepEqual(await fetchedCode(`${fetches} && ./go`), [true], fetches);
    assert.deepEqual(await fetchedCode(`npm ci\n${fetches}\ngit push`), [false], fetches);
  }
});

test('an action may be made to fetch the code of a pull request', async () => {
  const fetches = '      - uses: r-lib/actions/pr-fetch@v2\n';
  assert.deepEqual(await fetchedCode('make', fetches), [true]);
  assert.deepEqual(await fetchedCode('make', fetches.replace('fetch', 'push')), []);
});

test('commits in the store of git run nothing until a command takes their files out', async () => {
  const stores = '      - run: git fetch origin pull/3/head:theirs\n';
  for (const run of [
    'git diff main...theirs > a.diff\npython3 review.py a.diff',
    'git merge-base main theirs; make',
  ])
    assert.deepEqual(await fetchedCode(run, stores), [], run);
  for (const run of [
    'git merge theirs\nmake',
    'git show theirs:go > go; sh go',
    'git diff main theirs > p; patch -p1 < p; make',
  ])
    assert.deepEqual(await fetchedCode(run, stores), [true], run);
  assert.deepEqual(await fetchedCode('make', `${stores}      - run: git switch theirs\n`), [true]);
  for (const run of [
    'git fetch other \\\n  "$HEAD"\ngit checkout FETCH_HEAD\nmake',
    'git remote add theirs $' +
      '{{ github.event.pull_request.head.repo.clone_url }}\ngit fetch theirs\ngit switch x; make',
  ])
    assert.deepEqual(await fetchedCode(run), [true], run);
  assert.deepEqual(await fetchedCode('git fetch other main\ngit checkout FETCH_HEAD\nmake'), []);
  assert.deepEqual(await fetchedCode('git switch theirs', `${stores}      - run: make\n`), [false]);
});

test('an environment may let nobody on without a person, and only its settings say so', async () => {
  const gate = `    environment: \${{ github.event.pull_request.head.repo.fork && 'outsiders' || 'ours' }}\n`;
  const [own] = (await fetchedCode('gh pr checkout 3; make', '', gate)) as readonly { why?: string }[];
  assert.match(own?.why ?? '', /job `a` at line 3 .* waits for the environment .*outsiders/);
  const text = `on: pull_request_target\njobs:\n  before:\n    runs-on: x\n${gate}    steps: [{ run: 'true' }]\n  a:\n    needs: before\n    runs-on: x\n    steps: [{ run: gh pr checkout 3; make }]\n`;
  const [needed] = list(await only('.github/workflows/a.yml', text), 'untrusted_checkouts');
  assert.match(JSON.stringify(needed?.executed), /job `before` at line 3 /);
  const anyway = text.replace('needs: before', 'needs: before\n    if: always()');
  assert.equal(list(await only('.github/workflows/a.yml', anyway), 'untrusted_checkouts')[0]?.executed, true);
});

test('a condition keeps outsiders out, from the checkout or from what runs', async () => {
  const own = '    if: github.event.pull_request.head.repo.full_name == github.repository\n';
  const checkout = `      - uses: actions/checkout@v4\n        with: { ref: "\${{ github.head_ref }}" }\n`;
  const titled = 'echo "${' + '{ github.event.pull_request.title }}"';
  assert.deepEqual(await fetchedCode('make', checkout, own), []);
  assert.deepEqual(await fetchedCode('make', checkout, '    if: github.event.pull_request.merged\n'), [true]);
  assert.deepEqual(
    await fetchedCode('git checkout "$HEAD"; make', '', '    if: github.event.pull_request.merged\n'),
    [],
  );
  assert.deepEqual(await fetchedCode('true', `${checkout}      - run: make\n    ${own}`), [false]);
  const [asked] = (await fetchedCode(
    'make',
    checkout,
    "    if: github.event.label.name == 'ok'\n",
  )) as readonly { why?: string }[];
  assert.match(asked?.why ?? '', /one of us started or labelled/);
  const text = `on: pull_request_target\njobs:\n  a:\n    runs-on: x\n${own}    steps: [{ run: '${titled}' }]\n`;
  const who = async (written: string) =>
    list(await only('.github/workflows/a.yml', written), 'expansions').map((one) => one.controlled_by);
  assert.deepEqual(await who(text), ['writer']);
  assert.deepEqual(await who(text.replace(own, '')), ['anyone']);
});

test('what the tree cannot give, and a symbolic link, say so', async () => {
  const tree: Tree = {
    ...memoryTree({ '.github/workflows/a.yml': '' }),
    read: async () => ({ unobserved: 'failed', why: 'the file is not valid UTF-8' }),
  };
  const unread = await extractPipelines(tree, context);
  assert.match(unread.problems[0]?.message ?? '', /not valid UTF-8/);
  const linked = await extractPipelines(
    { ...tree, entries: [{ path: '.github/workflows/a.yml', type: 'symlink' }] },
    context,
  );
  assert.match(linked.problems[0]?.message ?? '', /symbolic link/);
});

test('a part without the right shape leaves the lists open', async () => {
  const found = await only('.github/workflows/a.yml', 'on: push\njobs:\n  a: nothing\n');
  assert.deepEqual(found.attributes.uses, { value: [], complete: false });
  const odd = await only(
    '.github/workflows/a.yml',
    `on: push\njobs:\n  a:\n    steps:\n      - run: echo ${fence("'x")}\n      - run: echo ${fence('a b')}\n`,
  );
  assert.deepEqual(odd.attributes.expansions, { value: [], complete: false });
});

test('a local reusable workflow counts for its caller, and a ring of calls ends', async () => {
  const call = (name: string) =>
    `on: workflow_call\njobs:\n  next:\n    uses: ./.github/workflows/${name}.yml\n`;
  const { observations } = await extractPipelines(
    memoryTree({
      '.github/workflows/a.yml': call('b').replace('workflow_call', 'push'),
      '.github/workflows/b.yml': `${call('a')}  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish\n`,
    }),
    context,
  );
  const [first] = observations;
  assert.ok(first !== undefined);
  assert.deepEqual(
    list(first, 'production').map(({ path, line, what }) => [path, line, what]),
    [['.github/workflows/b.yml', 8, 'runs `npm publish`']],
  );
});

test('azure templates with any name are found through the pipeline that names them', async () => {
  const { observations } = await extractPipelines(
    memoryTree({
      'ci/azure-pipelines.yml': 'extends:\n  template: ../eng/build.yml\n',
      'eng/build.yml': 'steps:\n  - template: /eng/more.yml\n  - bash: echo $(Build.SourceVersionMessage)\n',
      'eng/more.yml': 'parameters: []\nsteps:\n  - script: make\n',
      'eng/other.yml': 'steps: []\n',
    }),
    context,
  );
  assert.deepEqual(
    observations.map(({ location, attributes }) => [location?.path, attributes.role]),
    [
      ['ci/azure-pipelines.yml', { value: 'pipeline' }],
      ['eng/build.yml', { value: 'template' }],
      ['eng/more.yml', { value: 'template' }],
    ],
  );
  const build = observations[1];
  assert.ok(build !== undefined);
  assert.deepEqual(
    list(build, 'expansions').map(({ expression, controlled_by }) => [expression, controlled_by]),
    [['$(Build.SourceVersionMessage)', 'anyone']],
  );
});

test('no text makes the extractor throw, and every asset says something of every attribute', async () => {
  const words = [
    'on',
    'jobs',
    'steps',
    'uses',
    'run',
    'with',
    'env',
    'if',
    'permissions',
    'matrix',
    'include',
    'strategy',
    'template',
    'extends',
    'resources',
  ];
  const scalar = fc.oneof(
    fc.constantFrom(
      'push',
      'write-all',
      fence('github.head_ref'),
      fence("fromJSON('[')"),
      '${{',
      'a/b@v1',
      './x',
      'docker://a:b',
      '$(Build.SourceBranch)',
    ),
    fc.string({ maxLength: 12 }),
    fc.integer(),
    fc.constant(null),
    fc.boolean(),
  );
  const { node } = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      scalar,
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom(...words), tie('node'), { maxKeys: 5 }),
    ),
  }));
  const mutated = fc
    .record({
      at: fc.nat(WORKFLOW.length),
      drop: fc.nat(20),
      put: fc.constantFrom('', '{', '[', '\t', '*a', '&a ', '- ', ':', '${{', "'", '\u0000', '\r'),
    })
    .map(({ at, drop, put }) => WORKFLOW.slice(0, at) + put + WORKFLOW.slice(at + drop));
  const text = fc.oneof(
    mutated,
    node.map((value) => JSON.stringify(value)),
    fc.string(),
  );
  const paths = ['.github/workflows/a.yml', 'action.yml', 'azure-pipelines.yml'];
  await fc.assert(
    fc.asyncProperty(text, fc.constantFrom(...paths), async (content, path) => {
      const { observations, problems } = await extractPipelines(memoryTree({ [path]: content }), context);
      assert.equal(observations.length, 1);
      for (const name of CONTENT_ATTRIBUTES) assert.ok(observations[0]?.attributes[name] !== undefined, name);
      const open = Object.values(observations[0]?.attributes ?? {}).some(
        (statement) => 'unobserved' in statement || ('complete' in statement && statement.complete === false),
      );
      assert.equal(open, problems.length > 0, 'what is open has a problem, and the other way round');
    }),
    { numRuns: 400 },
  );
});
