/** Who may enter an environment of a repository, and on whose machines its jobs run, as the host tells it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { commitFiles } from '../fake-git.ts';
import type { FakeRun } from './fake-answers.ts';
import { fakeWorld, MEMBER, type Seen, type World } from './fake-world.ts';

let world: World;
before(async () => {
  world = await fakeWorld({ fetched: true });
});
after(() => world.close());
beforeEach(() => {
  Object.assign(world.state, { runners: [], runnerGroups: [] });
  for (const one of world.state.repositories)
    Object.assign(one, { environments: undefined, runners: undefined });
});

const repository = (name: string) => {
  const found = world.state.repositories.find((one) => one.name === name);
  assert.ok(found);
  return found;
};
const write = (files: Readonly<Record<string, string>>) => {
  world.state.heads.plain = commitFiles(join(world.root, 'acme/plain.git'), 'main', files);
};
const deploy = (runsOn: string) =>
  `on: push\njobs:\n  ship:\n    environment: production\n    runs-on: ${runsOn}\n    steps:\n      - run: make deploy\n`;
const seenIn = ({ observations }: Seen) =>
  new Map(
    observations.flatMap(({ kind, name, attributes }) =>
      kind === 'deployment-environment' ? [[name.split('/')[1], attributes] as const] : [],
    ),
  );

test('an environment is as open as its branches let in, and protected branches count where there is one', async () => {
  repository('strict').environments = [{ name: 'Live', branches: 'protected', approvers: ['ada'] }];
  repository('plain').environments = [
    { name: 'open', branches: 'all', approvers: ['ada'], selfApproval: true },
    { name: 'none-protected', branches: 'protected' },
    { name: 'pattern', branches: [{ name: 'release/*', type: 'branch' }] },
    {
      name: 'named',
      branches: [
        { name: 'main', type: 'branch' },
        { name: 'v*', type: 'tag' },
      ],
    },
  ];
  const seen = await world.scan();
  const told = [...seenIn(seen)].map(([name, { changes, branches, approvers, self_approval: own }]) => [
    name,
    ...[changes, branches, approvers, own].map((one) => (one && 'value' in one ? one.value : one)),
  ]);
  // Repositories are read beside one another, in no order.
  assert.deepEqual(Object.fromEntries(told.map(([name, ...rest]) => [name, rest])), {
    'strict Live': ['protected_branches', [], ['ada'], false],
    'plain open': ['any_change', [], ['ada'], true],
    'plain none-protected': ['any_change', [], [], false],
    'plain pattern': ['any_change', ['release/*'], [], false],
    'plain named': ['named_branches', ['main', 'v*'], [], false],
  });
  const lists = seen.collection.partitions.filter(({ kind }) => kind === 'deployment-environment');
  assert.deepEqual(
    lists.map(({ containerName, complete, seen: count }) => [containerName, complete, count]),
    [
      ['acme/strict', true, 1],
      ['acme/plain', true, 4],
      ['acme/secret', true, 0],
    ],
  );
  const asked = world.fake.exchanged.map(({ path }) => path);
  assert.ok(!asked.some((path) => /secret\/environments/.test(path)), 'one that has none is not asked');
  assert.ok(!asked.some((path) => /\/runners/.test(path)), 'no job asks for a machine of the company');
});

test('machines that jobs of an environment run on are listed, with whose jobs they take and whether they stay', async () => {
  repository('plain').environments = [{ name: 'production', branches: 'all' }];
  write({ '.github/workflows/release.yml': deploy('[self-hosted, deploy]') });
  const labels = ['self-hosted', 'Linux', 'deploy'];
  world.state.runners = [
    { id: 1, name: 'stays', group: 1, labels, ephemeral: false },
    { id: 2, name: 'once', group: 1, labels, ephemeral: true },
    { id: 3, name: 'one-workflow', group: 2, labels, ephemeral: false },
    { id: 4, name: 'others', group: 3, labels, ephemeral: false },
    { id: 5, name: 'no-label', group: 1, labels: ['self-hosted'], ephemeral: false },
    { id: 6, name: 'private-only', group: 4, labels, ephemeral: false },
  ];
  world.state.runnerGroups = [
    { id: 1, name: 'all', visibility: 'all', allowsPublic: true },
    {
      id: 2,
      name: 'release',
      visibility: 'selected',
      allowsPublic: true,
      repositories: ['plain'],
      workflows: ['acme/plain/.github/workflows/release.yml@refs/heads/main'],
    },
    { id: 3, name: 'elsewhere', visibility: 'selected', allowsPublic: true, repositories: ['strict'] },
    { id: 4, name: 'private', visibility: 'private', allowsPublic: true },
  ];
  repository('plain').runners = [{ id: 9, name: 'own', labels }];
  const runnersOf = (seen: Seen) => seenIn(seen).get('plain production')?.runners;
  const found = runnersOf(await world.scan());
  assert.ok(found && 'value' in found && Array.isArray(found.value) && found.complete);
  assert.deepEqual(
    found.value.map(({ name, group, kept, takes, open_to: open }) => [
      name,
      group,
      typeof kept === 'boolean' ? kept : 'unknown',
      takes,
      open,
    ]),
    [
      ['own', undefined, 'unknown', 'any_change', 'acme/plain'],
      ['stays', 'all', true, 'any_change', 'all repositories of acme'],
      ['once', 'all', false, 'any_change', 'all repositories of acme'],
      ['one-workflow', 'release', true, 'named_workflows', 'acme/plain'],
    ],
  );
  assert.equal(found.value[0].job, '.github/workflows/release.yml: ship');
  const member = runnersOf(await world.scan({ token: MEMBER }));
  assert.ok(member && 'unobserved' in member);
  assert.match(member.why, /^the token may not see its own runners: it needs Administration: read/);
});

test('a job whose machine or environment the files do not say leaves the list open', async () => {
  repository('plain').environments = [{ name: 'production', branches: 'all' }];
  const whyOf = async (file: string) => {
    write({ '.github/workflows/release.yml': file });
    const found = seenIn(await world.scan()).get('plain production')?.runners;
    return found && 'value' in found ? [found.complete, found.why] : found;
  };
  assert.deepEqual(await whyOf(deploy('ubuntu-latest')), [true, undefined]);
  assert.deepEqual(await whyOf(deploy('$'.concat('{{ inputs.machine }}'))), [
    false,
    'an expression decides which machine .github/workflows/release.yml: ship runs on',
  ]);
});

test('a called workflow of another repository has the machines of its newest run, and one of the company leaves the list open', async () => {
  const plain = repository('plain');
  plain.environments = [{ name: 'production', branches: 'all' }];
  write({
    '.github/workflows/release.yml':
      'on: push\njobs:\n  ship:\n    name: Ship it\n    uses: acme/templates/.github/workflows/release.yml@v1\n',
  });
  const ran = (jobs: NonNullable<FakeRun['jobs']>): FakeRun => ({
    path: '.github/workflows/release.yml',
    event: 'push',
    referenced: [],
    jobs,
  });
  const whyAfter = async (runs: readonly FakeRun[]) => {
    plain.runs = runs;
    const found = seenIn(await world.scan()).get('plain production')?.runners;
    return found && 'value' in found ? [found.complete, found.why] : found;
  };
  const calls = '.github/workflows/release.yml: Ship it calls a workflow of another repository';
  const host = { name: 'Ship it / build', labels: ['ubuntu-latest'], group: 'GitHub Actions' };
  const own = { name: 'Ship it / deploy', labels: ['self-hosted'], group: 'Default' };
  const beside = { ...own, name: 'lint' };
  assert.deepEqual(await whyAfter([]), [
    false,
    `${calls}, and no successful run among the newest hundred shows its machines`,
  ]);
  assert.deepEqual(await whyAfter([ran([host, beside])]), [true, undefined]);
  assert.deepEqual(await whyAfter([ran([host, own])]), [
    false,
    `${calls}, which ran last on a machine of Default, and whether that job names the environment is not told`,
  ]);
  assert.deepEqual(await whyAfter([ran([{ ...host, name: 'Ship' }])]), [
    false,
    `${calls}, and its newest run shows no job of that`,
  ]);
  assert.deepEqual(await whyAfter([{ ...ran([own]), event: 'pull_request' }, ran([host])]), [
    true,
    undefined,
  ]);
});
