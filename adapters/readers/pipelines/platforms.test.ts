import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Observation } from '@macadam/core/facts/observation';
import { PLACES_BY_GLOBS } from '@macadam/testing/readers/places';
import { memoryTree } from '../tree.ts';
import { extractPipelines } from './extract.ts';
import { DETECTORS, detectorOf } from './platforms.ts';

type Row = Readonly<Record<string, unknown>>;

const extract = (files: Readonly<Record<string, string>>) =>
  extractPipelines(memoryTree(files), {
    repository: { id: 'repository/file/acme', name: 'acme' },
    source: 'git',
    now: new Date('2026-11-01T00:00:00Z'),
    parameters: {},
    places: PLACES_BY_GLOBS,
  });

async function only(
  path: string,
  text: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Observation> {
  const { observations, problems } = await extract({ [path]: text, ...more });
  assert.deepEqual(problems, []);
  const found = observations.find(({ location }) => location?.path === path);
  assert.ok(found !== undefined);
  return found;
}

function list({ attributes }: Observation, name: string): readonly Row[] {
  const statement = attributes[name];
  assert.ok(statement !== undefined && 'value' in statement);
  return statement.value as readonly Row[];
}

const uses = (found: Observation) =>
  list(found, 'uses').map(
    ({ line, kind, ref, pinned }) => `${line} ${kind} ${ref} ${typeof pinned === 'object' ? 'open' : pinned}`,
  );

test('docs/pipelines.md shows the detectors', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/pipelines.md'), 'utf8');
  const rows = [...page.matchAll(/^\| (.+?) +\| (yes|no) +\| (.+?) +\|$/gm)].map(([, name, read, globs]) => [
    name?.trim(),
    read,
    [...(globs ?? '').matchAll(/`([^`]+)`/g)].map(([, glob]) => glob),
  ]);
  assert.deepEqual(
    rows,
    DETECTORS.map(({ name, read, globs }) => [name, read ? 'yes' : 'no', [...globs]]),
  );
});

test('paths say which platform a file belongs to', () => {
  for (const [path, id] of [
    ['.github/workflows/ci.yml', 'github-actions'],
    ['.github/workflows/deep/ci.yml', undefined],
    ['tools/action.yaml', 'github-actions'],
    ['.gitlab-ci.yml', 'gitlab-ci'],
    ['ci/build.gitlab-ci.yml', 'gitlab-ci'],
    ['.circleci/config.yml', 'circleci'],
    ['deploy/Jenkinsfile.release', 'jenkins'],
    ['.tekton/push.yaml', 'tekton'],
    ['a/.tekton/push.yaml', 'tekton'],
    ['.buildkite/pipeline.yml', 'buildkite'],
    ['cron/cloudbuild/worker.yaml', 'cloud-build'],
    ['packages/db/buildspec.yml', 'codebuild'],
    ['node_modules/x/action.yml', undefined],
    ['src/pipeline.yml', undefined],
  ] as const)
    assert.equal(detectorOf(path)?.id, id, path);
});

test('what is recognised and not read makes the list of its own platform incomplete, by name', async () => {
  const { observations, partitions, problems } = await extract({
    Jenkinsfile: 'node {}',
    'sub/Jenkinsfile': 'node {}',
    '.travis.yml': 'script: make',
    '.github/workflows/a.yml': 'on: push\njobs:\n  a:\n    steps: []\n',
  });
  assert.equal(observations.length, 1);
  assert.deepEqual(
    partitions.map(({ format, complete, why }) => [format, complete, why]),
    [
      [undefined, true, undefined],
      ['travis', false, '.travis.yml is a pipeline of Travis CI, which is not read'],
      ['jenkins', false, 'Jenkinsfile is a pipeline of Jenkins, which is not read; and 1 more'],
    ],
  );
  assert.equal(problems.length, 3);
});

test('GitLab: images, services and includes, with variables and what jobs extend', async () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const found = await only(
    '.gitlab-ci.yml',
    `variables:
  BASE: "alpine:3.20"
include:
  - local: /ci/more.yml
  - project: group/templates
    ref: main
    file: /build.yml
  - project: group/templates
    ref: ${'b'.repeat(40)}
    file: [/a.yml, /b.yml]
  - remote: https://ci.example/x.yml
  - component: gitlab.example/group/lint/check@1.2.3
  - template: Jobs/SAST.gitlab-ci.yml
default:
  image: ruby:3.3
.base: &base
  image: { name: "node@${digest}" }
build:
  <<: *base
  services: [postgres:16, "$BASE"]
  script: [make]
test:
  extends: .base
  image: $CI_REGISTRY_IMAGE:latest
  script: make test
`,
    { 'ci/more.yml': 'lint:\n  image: golang\n  script: [make lint]\n' },
  );
  assert.deepEqual(found.attributes.role, { value: 'pipeline' });
  assert.deepEqual(
    uses(found).toSorted(),
    [
      '11 template https://ci.example/x.yml false',
      '12 template gitlab.example/group/lint/check@1.2.3 false',
      '15 container ruby:3.3 false',
      `17 container node@${digest} true`,
      '20 container $BASE false',
      '20 container postgres:16 false',
      '24 container $CI_REGISTRY_IMAGE:latest open',
      '5 template group/templates@main false',
      `8 template group/templates@${'b'.repeat(40)} true`,
    ].toSorted(),
  );
  assert.deepEqual(
    list(found, 'templates').map(({ source, local }) => [source, local]),
    [
      ['ci/more.yml', true],
      ['group/templates/build.yml', false],
      ['group/templates/a.yml', false],
      ['ci.example/x.yml', false],
      ['group/lint/check', false],
    ],
  );
  assert.deepEqual(
    list(found, 'jobs').map(({ key }) => key),
    ['build', 'test'],
  );
});

test('GitLab: what reaches production, and what may', async () => {
  const found = await only(
    '.gitlab-ci.yml',
    `.deploy:
  script: [kubectl apply -f x]
live:
  extends: .deploy
  environment: production
stop:
  environment: { name: production, action: stop }
  script: [echo]
review:
  environment: review/test
  script: [kubectl apply -f x]
push:
  script:
    - docker push registry.example/a
pages:
  script: [make site]
go:
  stage: deploy
  script: [./ship]
check:
  script: [make check]
`,
  );
  assert.deepEqual(
    list(found, 'production').map(({ job, what, certain }) => [job, what, certain === true]),
    [
      ['live', 'environment `production`', true],
      ['push', 'runs `docker push`', true],
      ['pages', 'publishes pages', true],
      ['go', 'is called `deploy`', false],
    ],
  );
});

test('GitLab: inputs are pasted into scripts, and the header of a component keeps the lines', async () => {
  const text = `# a component
spec:
  inputs:
    title: { type: string }
    level: { options: [low, high] }
---
say:
  script:
    - echo "$[[ inputs.title ]]"
    - echo $[[ inputs.level | expand_vars ]] $CI_COMMIT_MESSAGE
`;
  const own = await only('.gitlab/ci/say.yml', text);
  assert.deepEqual(
    list(own, 'expansions').map(({ line, expression, controlled_by: who }) => [line, expression, who]),
    [
      [9, 'inputs.title', 'writer'],
      [10, 'inputs.level', 'nobody'],
    ],
  );
  const { observations } = await extract({
    '.gitlab-ci.yml': 'include: /templates/say.yml\n',
    'templates/say.yml': text,
  });
  const component = observations.find(({ location }) => location?.path === 'templates/say.yml');
  assert.ok(component !== undefined);
  assert.equal(list(component, 'expansions')[0]?.controlled_by, 'caller');
});

test('CircleCI: orbs, images, what is pasted, and what reaches production', async () => {
  const found = await only(
    '.circleci/config.yml',
    `version: 2.1
parameters:
  level: { type: enum, enum: [a], default: a }
  name: { type: string, default: x }
orbs:
  node: circleci/node@5.2.0
  aws: circleci/aws-cli@4
  own: acme/tools@volatile
executors:
  default:
    docker: [{ image: "cimg/base:2024.01" }]
commands:
  greet:
    parameters: { to: { type: string } }
    steps: [{ run: "echo << parameters.to >>" }]
jobs:
  build:
    docker:
      - image: cimg/node@sha256:${'c'.repeat(64)}
      - image: << pipeline.parameters.name >>
    steps:
      - checkout
      - run:
          command: echo << pipeline.event.github.pull_request.title >> << pipeline.parameters.level >>
      - when:
          condition: << pipeline.parameters.level >>
          steps: [{ run: "echo << pipeline.git.branch >> << pipeline.odd.x >>" }]
  release:
    machine: { image: "ubuntu-2204:current" }
    steps: [{ run: npm publish }]
  deploy:
    docker: [{ image: "cimg/base@sha256:${'c'.repeat(64)}" }]
    steps: [{ run: ./go }]
  publish-docs:
    docker: [{ image: "cimg/base@sha256:${'c'.repeat(64)}" }]
    steps: [{ add_ssh_keys: {} }, { run: ./go }]
  publish-notes:
    docker: [{ image: "cimg/base@sha256:${'c'.repeat(64)}" }]
    steps: [{ run: ./go }]
workflows:
  all:
    jobs:
      - build
      - release
      - deploy: { context: [prod] }
      - aws/publish: { context: prod }
`,
  );
  assert.deepEqual(uses(found), [
    '6 orb circleci/node@5.2.0 true',
    '7 orb circleci/aws-cli@4 false',
    '8 orb acme/tools@volatile false',
    '11 container cimg/base:2024.01 false',
    `19 container cimg/node@sha256:${'c'.repeat(64)} true`,
    '20 container << pipeline.parameters.name >> open',
    ...[32, 35, 38].map((line) => `${line} container cimg/base@sha256:${'c'.repeat(64)} true`),
  ]);
  assert.deepEqual(
    list(found, 'expansions').map(({ line, expression, controlled_by: who }) => [line, expression, who]),
    [
      [24, 'pipeline.event.github.pull_request.title', 'anyone'],
      [24, 'pipeline.parameters.level', 'nobody'],
      [27, 'pipeline.git.branch', 'writer'],
      [27, 'pipeline.odd.x', 'nobody'],
      [15, 'parameters.to', 'writer'],
    ],
  );
  assert.deepEqual(
    list(found, 'production').map(({ job, what, certain }) => [job, what, certain === true]),
    [
      ['release', 'runs `npm publish`', true],
      ['deploy', 'is called `deploy`', false],
      ['publish-docs', 'is called `publish-docs`', false],
      ['aws/publish', 'calls aws/publish', true],
    ],
  );
});

test('a file of any platform that cannot be understood is an asset with nothing observed', async () => {
  for (const path of ['.gitlab-ci.yml', '.circleci/config.yml']) {
    const { observations, problems } = await extract({ [path]: 'a: [\n' });
    assert.equal(observations.length, 1);
    assert.equal(problems.length, 1);
    assert.ok('unobserved' in (observations[0]?.attributes.uses ?? {}));
  }
});
