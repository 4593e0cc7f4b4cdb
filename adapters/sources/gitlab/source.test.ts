/** A GitLab over the network and by git: pages, waiting, refusals, what each permission that is missing leaves unknown, and no token anywhere. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { assetId, type Statement } from '@macadam/core/facts/observation';
import { collectedFrom, type SourceRun, statementOf } from '@macadam/testing/sources/collected';
import { sourceContract } from '@macadam/testing/sources/contract';
import { commitFiles } from '../fake-git.ts';
import type { CollectRequest } from '../port.ts';
import { allPermissions, type FakeGitlab, fakeGitlab, fillSample, type GitlabRecord } from './fake.ts';
import { source } from './source.ts';

const NOW = new Date('2026-11-01T00:00:00Z');
const TOKEN = 'token-of-measurer-own-wren';

const folder = mkdtempSync(join(tmpdir(), 'macadam-gitlab-'));
const repositories = join(folder, 'repositories');
let fake: FakeGitlab;
let host: string;
/** What its answers are made of at the beginning of each test; files are fetched once for all of them. */
let sample: FakeGitlab['lists'];
before(async () => {
  fake = await fakeGitlab(repositories, TOKEN);
  fillSample(fake, repositories);
  host = new URL(fake.url).host;
  sample = new Map(fake.lists);
});
beforeEach(() => {
  fake.refusals.length = 0;
  fake.lists.clear();
  for (const [path, list] of sample) fake.lists.set(path, list);
});
after(async () => {
  await fake.close();
  rmSync(folder, { recursive: true, force: true });
});

const request = (targets: readonly string[], more: Partial<CollectRequest> = {}): CollectRequest => ({
  targets: targets.map((path) => `${fake.url}${path}`),
  options: {},
  view: 'head',
  excludes: [],
  parameters: {},
  cacheDirectory: join(folder, 'cache'),
  environment: { PATH: process.env.PATH, GITLAB_TOKEN: TOKEN },
  now: () => NOW,
  ...more,
});

const collected = (request: CollectRequest): Promise<SourceRun> => collectedFrom(source, request);

const partition = ({ collection }: SourceRun, kind: string, container?: string) => {
  const found = collection.partitions.find(
    (one) => one.kind === kind && (container === undefined || one.container === container),
  );
  assert.ok(found, `${kind} ${container}`);
  return found;
};

sourceContract('gitlab', async () => ({ source, request: request(['']) }));

test('a whole host: every list is whole, no request is wrong, and files are read beside settings', async () => {
  const all = await collected(request(['']));
  assert.deepEqual(fake.refusals, []);
  assert.deepEqual(all.collection.problems, []);
  assert.equal(all.collection.status, 'complete');
  const counts = Object.entries(Object.groupBy(all.observations, ({ kind }) => kind)).map(
    ([kind, some]) => `${kind} ${some?.length}`,
  );
  assert.deepEqual(counts.filter((count) => !/^(dependency|manifest)/.test(count)).toSorted(), [
    'credential 6',
    'pipeline 1',
    'privileged-assignment 4',
    'repository 4',
    'user 3',
  ]);
  const app = assetId('repository', [host, '11']);
  assert.deepEqual(statementOf(all, app, 'default_branch_protection'), {
    value: {
      pull_request_required: true,
      approvals: 2,
      code_owner_review: true,
      force_push_allowed: false,
      deletion_allowed: false,
      applies_to_admins: true,
      bypass_allowed: false,
      signatures_required: true,
      status_checks: ['pipeline'],
    },
  });
  assert.equal((statementOf(all, app, 'head') as { value: string }).value.length, 40);
  assert.deepEqual(statementOf(all, app, 'hosted_at'), {
    value: { host: 'gitlab', address: 'https://gitlab.example.com/north/app' },
  });
  const site = statementOf(all, assetId('repository', [host, '12']), 'default_branch_protection') as {
    value: Record<string, unknown>;
  };
  assert.equal(site.value.pull_request_required, false, 'maintainers push past it');
  assert.equal(site.value.force_push_allowed, true);
  const empty = assetId('repository', [host, '13']);
  for (const name of ['head', 'default_branch', 'default_branch_protection'])
    assert.deepEqual(statementOf(all, empty, name), { absent: true }, name);
  assert.deepEqual(
    statementOf(all, assetId('repository', [host, '14']), 'default_branch_protection'),
    { absent: true },
    'nothing covers its branch',
  );
});

test('tokens have their ends, and who holds power is named with when that ends', async () => {
  const all = await collected(request([''], { options: { environment: 'production' } }));
  const credential = (id: string, name: string) => statementOf(all, assetId('credential', [host, id]), name);
  assert.deepEqual(credential('personal/21', 'expires_at'), { absent: true });
  assert.deepEqual(credential('access/22', 'expires_at'), { value: '2026-12-01T00:00:00Z' });
  assert.deepEqual(credential('access/23', 'state'), { value: 'revoked' });
  assert.deepEqual(credential('access/24', 'state'), { value: 'expired' });
  assert.deepEqual(credential('key/31', 'type'), { value: 'ssh_key' });
  const right = (where: string, who: string, role: string, name: string) =>
    statementOf(all, assetId('privileged-assignment', [where, who, role]), name);
  assert.deepEqual(right(`${host}/groups/1`, '2', 'Owner', 'ends_at'), { absent: true });
  assert.deepEqual(right(`${host}/groups/2`, '3', 'Maintainer', 'ends_at'), {
    value: '2026-11-20T00:00:00Z',
  });
  assert.deepEqual(right(`${host}/projects/11`, '4', 'Maintainer', 'principal_kind'), { value: 'workload' });
  assert.deepEqual(right(host, '1', 'Administrator', 'environment'), {
    value: 'production',
    assurance: 'attested',
  });
  assert.deepEqual(statementOf(all, assetId('user', [host, '3']), 'enabled'), { value: false });
});

test('a group is measured with the groups inside of it, and says nothing of the rest of the host', async () => {
  const all = await collected(request(['/north', '/north/tools']));
  assert.deepEqual(fake.refusals, []);
  const repositories = partition(all, 'repository', `${host}/north`);
  assert.deepEqual([repositories.complete, repositories.seen], [true, 3]);
  assert.ok(!all.observations.some(({ name }) => name.includes('ann/own')));
  assert.match(partition(all, 'user').why ?? '', /only members of groups were read/);
  assert.match(partition(all, 'credential').why ?? '', /personal_access_tokens.*administrator/);
  const unknown = await collected(request(['/south']));
  assert.equal(unknown.collection.status, 'failed');
  assert.match(unknown.collection.problems[0]?.message ?? '', /shows no group `south`/);
});

test('what may be hidden is not whole: a host without an administrator, a group without being a member', async () => {
  fake.lists.set('/user', { id: 9, username: 'stranger' });
  const whole = await collected(request(['']));
  for (const kind of ['repository', 'user', 'credential', 'privileged-assignment'])
    assert.equal(partition(whole, kind).complete, false, kind);
  assert.match(partition(whole, 'repository').why ?? '', /read_api of an administrator/);
  const group = await collected(request(['/north']));
  assert.match(partition(group, 'repository', `${host}/north`).why ?? '', /read_api of a member/);
});

test('a limit is waited out, and what does not change is fetched once', async () => {
  fake.limited.set('/projects/11/members', '0.05');
  const first = await collected(request(['']));
  assert.equal(first.collection.status, 'complete');
  const again = await collected(request(['']));
  assert.deepEqual(
    again.observations.map(({ id }) => id).toSorted(),
    first.observations.map(({ id }) => id).toSorted(),
  );
});

test('every permission that is taken away is named, and nothing is known better without it', async () => {
  const whole = await collected(request(['']));
  for (const permission of allPermissions()) {
    fake.permissions.delete(permission);
    const { collection, observations } = await collected(request(['']));
    fake.permissions.add(permission);
    const told = JSON.stringify([collection, observations]);
    assert.ok(told.includes(permission), `${permission} is named`);
    for (const one of observations) {
      const full = whole.observations.find(({ id }) => id === one.id);
      assert.ok(full, `${one.id} without ${permission}`);
      for (const [name, less] of Object.entries(one.attributes)) {
        const more: Statement | undefined = full.attributes[name];
        const isPartial = [less, more].some((each) => each && 'complete' in each && each.complete === false);
        if ('unobserved' in less || isPartial || name === 'default_branch_protection') continue;
        assert.deepEqual(less, more, `${name} of ${one.id} without ${permission}`);
      }
    }
    for (const less of collection.partitions) {
      const before = whole.collection.partitions.find(
        ({ kind, container, format }) =>
          kind === less.kind && container === less.container && format === less.format,
      );
      assert.ok(
        !less.complete || (before?.complete && before.seen === less.seen),
        `${less.kind} without ${permission}`,
      );
    }
  }
});

test('protection without a part of it is unknown in that part, and never stronger', async () => {
  const app = assetId('repository', [host, '11']);
  const protection = async (): Promise<Record<string, unknown>> =>
    (
      statementOf(await collected(request(['/north'])), app, 'default_branch_protection') as {
        value: Record<string, unknown>;
      }
    ).value;
  fake.lists.set('/projects/11/merge_request_approval_setting', {
    allow_author_approval: { value: true },
    allow_overrides_to_approver_list_per_merge_request: { value: false },
  });
  assert.equal((await protection()).approvals, 1, 'the author may be one of two');
  fake.lists.set('/projects/11/merge_request_approval_setting', {
    allow_author_approval: { value: false },
    allow_overrides_to_approver_list_per_merge_request: { value: true },
  });
  assert.match(JSON.stringify((await protection()).approvals), /may change its own rules/);
  fake.lists.set('/metadata', { enterprise: false });
  const free = await protection();
  assert.deepEqual([free.approvals, free.code_owner_review, free.signatures_required], [0, false, false]);
  fake.lists.set('/projects/11/protected_branches', [
    { id: 1, name: 'main', push_access_levels: [{ access_level: 0 }], allow_force_push: false },
    {
      id: 2,
      name: 'm*',
      push_access_levels: [{ access_level: 0, deploy_key_id: 31 }],
      allow_force_push: true,
    },
  ]);
  const two = await protection();
  assert.equal(two.pull_request_required, false, 'a deploy key pushes past it');
  assert.match(JSON.stringify(two.force_push_allowed), /several rules cover the branch/);
});

test('push protection is read from the settings, and what got past it from the log, which does not say what that was', async () => {
  const look = () => collected(request(['']));
  const of = (all: SourceRun, id: string) => {
    const asset = assetId('repository', [host, id]);
    return [statementOf(all, asset, 'push_protection'), statementOf(all, asset, 'push_bypasses')] as const;
  };
  const first = await look();
  const [on, past] = of(first, '11');
  assert.deepEqual(on, { value: true });
  assert.ok(past && 'value' in past && Array.isArray(past.value));
  assert.equal(past.complete, true);
  const told = past.value.map((one) => [one.number, one.at, one.by, 'unobserved' in one.second_person]);
  assert.deepEqual(told, [
    [81, '2026-10-01T08:00:00.000Z', '2', true],
    [83, '2026-10-03T08:00:00.000Z', undefined, true],
    [84, '2026-10-04T08:00:00.000Z', '2', true],
  ]);
  assert.deepEqual(of(first, '12'), [{ value: false }, undefined], 'by its older name');
  const [unsaid] = of(first, '14');
  assert.ok(unsaid && 'unobserved' in unsaid, 'a host that does not say');
  fake.lists.set('/projects/11/audit_events', [{ id: 81, details: { custom_message: 'Something' } }]);
  const [, older] = of(await look(), '11');
  assert.deepEqual(older, { value: [], complete: false }, 'events without a name may be any');
  fake.lists.set('/metadata', { enterprise: false });
  assert.deepEqual(of(await look(), '11'), [{ value: false }, undefined], 'no free edition has it');
});

test('the file that settings name is the pipeline, and one that lies elsewhere leaves the list open', async () => {
  commitFiles(join(repositories, 'north/tools/site.git'), 'trunk', {
    'build/main.yml': 'test:\n  image: node:24\n  script: [npm test]\n',
  });
  const projects = (fake.lists.get('/projects') as readonly GitlabRecord[]).map((one) => {
    if (one.id === 12) return { ...one, ci_config_path: 'build/main.yml' };
    return one.id === 14 ? { ...one, ci_config_path: 'all.yml@north/templates' } : one;
  });
  fake.lists.set('/projects', projects);
  const { collection, observations } = await collected(request(['']));
  const pipelines = observations.filter(({ kind }) => kind === 'pipeline').map(({ name }) => name);
  assert.deepEqual(pipelines.toSorted(), ['north/app/.gitlab-ci.yml', 'north/tools/site/build/main.yml']);
  assert.deepEqual(
    collection.problems.map(({ code }) => code),
    ['pipeline-elsewhere'],
  );
  const open = collection.partitions.filter(({ kind, complete }) => kind === 'pipeline' && !complete);
  assert.ok(open.length > 0, 'a list of pipelines is not whole');
  assert.match(
    open[0]?.why ?? '',
    /ann\/own runs a pipeline that lies outside of its files: all\.yml@north\/templates/,
  );
});

test('no token, and no other secret of an answer, stands in what is kept', async () => {
  const seen = [
    await collected(request([''])),
    await collected(request([''], { environment: {} })),
    await collected(request([''], { environment: { GITLAB_TOKEN: 'stranger-own-wren' } })),
  ];
  assert.ok(!/own-wren|hush-wren/.test(JSON.stringify(seen)), 'no secret is shown');
  assert.equal(seen[1]?.collection.problems[0]?.code, 'credential-missing');
  assert.equal(seen[2]?.collection.status, 'failed');
  const files = readdirSync(join(folder, 'cache'), { recursive: true, withFileTypes: true });
  for (const file of files.filter((one) => one.isFile()))
    assert.ok(
      !/own-wren|hush-wren/.test(readFileSync(join(file.parentPath, file.name), 'latin1')),
      file.name,
    );
  await assert.rejects(
    collected({ ...request(['']), targets: ['https://gitlab.example.com/?x=1'] }),
    TypeError,
  );
});
