import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Collection } from '@macadam/core/facts/observation';
import { sourceContract } from '@macadam/testing/sources/contract';
import { commitFiles, makeRepository } from '../fake-git.ts';
import { fakeWorld, MEMBER, OWNER, type Seen, type World } from './fake-world.ts';
import { source } from './source.ts';

for (const [who, token] of Object.entries({ owner: OWNER, member: MEMBER, nobody: undefined })) {
  sourceContract(`github, asked by ${who}`, async () => {
    const { request, close } = await fakeWorld({ fetched: true });
    const environment = { PATH: '/usr/bin:/bin' };
    return { source, request: request({ token, environment }), close };
  });
}

async function world(t: TestContext, { fetched = true } = {}): Promise<World> {
  const made = await fakeWorld({ fetched });
  t.after(made.close);
  return made;
}

/** Of which no collection has fetched anything yet. */
const newWorld = (t: TestContext) => world(t, { fetched: false });

function repositories({ collection }: Seen): Collection['partitions'][number] {
  const [partition] = collection.partitions.filter(({ kind }) => kind === 'repository');
  assert.ok(partition);
  return partition;
}

test('an owner sees everything: settings, protection, files, and the count agrees', async (t) => {
  const { scan, state, fake } = await newWorld(t);
  const seen = await scan();
  assert.deepEqual(seen.collection.problems, []);
  assert.equal(seen.collection.status, 'complete');
  assert.equal(seen.collection.principal, 'ada');
  assert.deepEqual(seen.collection.rights, ['repo', 'read:org']);
  const host = new URL(fake.url).host;
  assert.deepEqual(repositories(seen), {
    kind: 'repository',
    container: `${host}/acme`,
    containerName: 'acme',
    seen: 4,
    witness: { id: `${host}'s count for acme`, count: 4 },
    complete: true,
  });
  const strict = seen.of('strict');
  assert.deepEqual(strict.host, { value: host });
  assert.deepEqual(strict.path, { value: '101' });
  assert.deepEqual(strict.head, { value: state.heads.strict });
  assert.deepEqual(strict.default_branch, { value: 'main' });
  assert.deepEqual(strict.visibility, { value: 'public' });
  assert.deepEqual(strict.push_protection, { value: true });
  assert.deepEqual(strict.default_branch_protection, {
    value: {
      pull_request_required: true,
      approvals: 1,
      code_owner_review: true,
      force_push_allowed: false,
      deletion_allowed: false,
      applies_to_admins: true,
      bypass_allowed: false,
      signatures_required: false,
      status_checks: [],
    },
  });
  assert.deepEqual(seen.of('plain').default_branch_protection, { absent: true });
  assert.deepEqual(seen.of('plain').secret_scanning, { value: false });
  assert.deepEqual(seen.of('secret').visibility, { value: 'private' });
  const empty = seen.of('empty');
  assert.deepEqual(
    [empty.head, empty.default_branch, empty.archived],
    [{ absent: true }, { absent: true }, { value: true }],
  );
});

test('what a token may not see is unobserved with the permission named, and hidden repositories are counted', async (t) => {
  const { scan, state } = await newWorld(t);
  state.repositories = state.repositories.filter(({ name }) => name !== 'empty');
  const seen = await scan({ token: MEMBER });
  const push = seen.of('strict').push_protection;
  assert.deepEqual(push, {
    unobserved: 'forbidden',
    why: 'the token may not see its push protection: it needs Administration: read (classic tokens: repo, by a repository administrator)',
  });
  assert.deepEqual(seen.of('strict').default_branch_protection, {
    unobserved: 'forbidden',
    why: 'the token may not see its branch protection: it needs Administration: read',
  });
  // The branch itself says that nothing protects it.
  assert.deepEqual(seen.of('plain').default_branch_protection, { absent: true });
  const partition = repositories(seen);
  assert.equal(partition.complete, false);
  assert.equal(partition.cause, 'forbidden');
  assert.equal(partition.witness, undefined, 'a count of the public ones confirms nothing');
  assert.match(partition.why ?? '', /^acme may have private repositories that were not seen: how many/);
  assert.deepEqual(
    seen.codes(),
    Array.from({ length: 5 }, () => 'permission-missing'),
  );
  const counted = (count: number): string =>
    `push_protection of ${count} of ${count} repositories could not be seen: `;
  assert.ok(seen.collection.problems.some(({ message }) => message.startsWith(counted(2))));
});

test("a token that knows the count but not the repositories leaves the witness's surplus", async (t) => {
  const { scan, state } = await world(t);
  const list = state.repositories;
  state.faults.push({ match: /^GET \/orgs\/acme\/repos/, times: 9, status: 200, body: [] });
  const seen = await scan();
  const partition = repositories(seen);
  assert.equal(partition.witness?.count, list.length);
  assert.equal(partition.seen, 0);
  assert.equal(partition.cause, 'forbidden');
  assert.match(
    partition.why ?? '',
    /counts 4 repositories of acme, and showed 0: the token may not see the others$/,
  );
});

test('without a token everything public is read, and said to be only that', async (t) => {
  const { scan, fake } = await newWorld(t);
  const seen = await scan({ token: undefined, environment: { PATH: '/usr/bin:/bin' } });
  assert.deepEqual(seen.of('plain').head, { value: fake.state.heads.plain });
  assert.ok(seen.codes().includes('token-missing'));
  assert.equal(seen.collection.status, 'incomplete');
  assert.ok(fake.exchanged.every(({ path }) => path !== '/graphql'));
});

test('a token that is not accepted, and a name that does not exist, end the run with a reason', async (t) => {
  const { scan } = await world(t);
  const refused = await scan({ token: ['ghp', 'wrong'.repeat(7)].join('_') });
  assert.equal(refused.collection.status, 'failed');
  assert.deepEqual(refused.codes(), ['target-unreadable', 'token-refused']);
  const [message] = refused.collection.problems.map((problem) => problem.message);
  assert.equal(message, 'the host does not accept the token of GITHUB_TOKEN: Bad credentials');
  const nobody = await scan({ targets: ['nobody'] });
  assert.deepEqual(
    nobody.collection.problems.map((problem) => problem.message),
    ['no organisation or user `nobody` is visible'],
  );
});

test('rulesets and classic protection are merged, and who may bypass decides about administrators', async (t) => {
  const { scan, state } = await world(t);
  const [, plain] = state.repositories;
  assert.ok(plain);
  plain.rules = [
    { type: 'pull_request', ruleset_id: 5, parameters: rulePullRequest(2) },
    { type: 'non_fast_forward', ruleset_id: 5 },
  ];
  state.bypass[5] = [{ actor_id: 5, actor_type: 'RepositoryRole', bypass_mode: 'always' }];
  const protection = (await scan()).of('plain').default_branch_protection;
  assert.ok(protection !== undefined && 'value' in protection);
  const { approvals, applies_to_admins, force_push_allowed, deletion_allowed } = protection.value as Record<
    string,
    unknown
  >;
  assert.deepEqual(
    [approvals, applies_to_admins, force_push_allowed, deletion_allowed],
    [2, false, false, true],
  );

  const member = (await scan({ token: MEMBER })).of('plain').default_branch_protection;
  assert.ok(member !== undefined && 'value' in member);
  assert.equal((member.value as Record<string, unknown>).pull_request_required, true);
  assert.deepEqual((member.value as Record<string, unknown>).approvals, {
    unobserved: 'forbidden',
    why: 'the token may not see its branch protection: it needs Administration: read',
  });
});

function rulePullRequest(approvals: number) {
  return {
    required_approving_review_count: approvals,
    require_code_owner_review: false,
    dismiss_stale_reviews_on_push: false,
    require_last_push_approval: false,
    required_review_thread_resolution: false,
  };
}

test('a second scan starts no git and costs only what is never kept; a push is fetched', async (t) => {
  const { scan, fake, state, root } = await newWorld(t);
  await scan();
  fake.exchanged.length = 0;
  fake.fetched.length = 0;
  const again = await scan({ environment: { PATH: '/nonexistent' } });
  assert.deepEqual(again.collection.problems, []);
  assert.deepEqual(again.of('strict').head, { value: state.heads.strict });
  assert.equal(fake.fetched.length, 0);
  const whole = fake.exchanged
    .filter(({ status, method }) => status === 200 && method === 'GET')
    .map(({ path }) => path);
  assert.deepEqual(whole, ['/user', '/orgs/acme', '/orgs/acme']);

  state.heads.plain = commitFiles(join(root, 'acme/plain.git'), 'main', { 'a.txt': 'new\n' });
  const seen = await scan();
  assert.deepEqual(seen.of('plain').head, { value: state.heads.plain });
  assert.ok(
    fake.fetched.length > 0 && fake.fetched.every((line) => line.includes('/acme/plain.git/')),
    fake.fetched.join(),
  );

  // Another default branch at another commit: the copy is on the old one.
  const plain = state.repositories.find(({ name }) => name === 'plain');
  assert.ok(plain);
  plain.branch = 'trunk';
  state.heads.plain = commitFiles(join(root, 'acme/plain.git'), 'trunk', { 'b.txt': 'newer\n' });
  assert.deepEqual((await scan()).of('plain').head, { value: state.heads.plain });
});

test('faults of one request cost at most what it would have told', async (t) => {
  const { scan, state } = await world(t);
  state.faults.push(
    { match: /plain\/rules/, times: 1, status: 502 },
    { match: /strict\/rules/, times: 1, cut: true },
    { match: /orgs\/acme\/repos/, times: 1, status: 429, headers: { 'retry-after': '0' } },
  );
  const seen = await scan();
  assert.deepEqual(seen.of('plain').default_branch_protection, { absent: true });
  assert.equal(seen.observations.filter(({ kind }) => kind === 'repository').length, 4);
});

test('a limit that outlasts our patience leaves the rest unobserved, and says when to come back', async (t) => {
  const { scan, state, fake } = await world(t);
  state.faults.push({
    match: /secret\/branches/,
    times: 99,
    status: 403,
    body: { message: 'You have exceeded a secondary rate limit' },
    headers: { 'retry-after': '3600' },
  });
  const seen = await scan();
  const limited = seen.of('secret').default_branch_protection;
  assert.ok(limited !== undefined && 'unobserved' in limited);
  assert.equal(limited.unobserved, 'failed');
  assert.match(
    limited.why,
    /^its branch protection could not be read: the host's secondary rate limit is spent; scan again after \d{4}/,
  );
  const last = fake.exchanged.findLastIndex(({ status }) => status === 403);
  // Of each of the four repositories that are read at once two requests may be on their way.
  assert.ok(fake.exchanged.length - last <= 8, 'nothing more is sent while it lasts');
});

test('an interrupted run continues: what was read is not asked again, what failed is', async (t) => {
  const { scan, state, fake, cache } = await world(t);
  state.faults.push({ match: /secret\/branches\/main\/protection/, times: 99, status: 418 });
  const first = await scan();
  assert.ok(first.codes().includes('settings-unread'));
  assert.equal(globSync('github/*/journal/*.jsonl', { cwd: cache }).length, 1);
  state.faults.length = 0;
  fake.exchanged.length = 0;
  const second = await scan();
  assert.deepEqual(second.collection.problems, []);
  const asked = fake.exchanged.map(({ path }) => path);
  assert.ok(
    !asked.some((path) => path.includes('/strict/branches') || path.startsWith('/orgs/acme/repos')),
    asked.join(),
  );
  assert.ok(asked.some((path) => path.includes('/secret/branches/main/protection')));
  assert.equal(
    globSync('github/*/journal/*.jsonl', { cwd: cache }).length,
    0,
    'a finished run leaves nothing to continue',
  );
});

test('a repository that is deleted between two pages hides no other one', async (t) => {
  const { scan, state } = await world(t);
  const drop = () => {
    state.repositories = state.repositories.filter(({ name }) => name !== 'strict');
  };
  state.faults.push({ match: /orgs\/acme\/repos.*page=2/, times: 1, before: drop });
  const seen = await scan();
  const names = seen.observations.filter(({ kind }) => kind === 'repository').map(({ name }) => name);
  assert.deepEqual(names.sort(), ['acme/empty', 'acme/plain', 'acme/secret']);
  assert.deepEqual(seen.codes(), ['repository-vanished']);
  assert.equal(repositories(seen).complete, true);
});

test('a repository that is created between two pages is seen, and none twice', async (t) => {
  const { scan, state, root } = await world(t);
  const add = () => {
    state.heads.late = makeRepository(join(root, 'acme/late.git'), 'trunk/a', { 'b.txt': 'b\n' });
    state.repositories = [
      ...state.repositories,
      { id: 190, name: 'late', branch: 'trunk/a', analysis: { pushProtection: true, scanning: true } },
    ];
  };
  state.faults.push({ match: /orgs\/acme\/repos.*page=2/, times: 1, before: add });
  const seen = await scan();
  const names = seen.observations.filter(({ kind }) => kind === 'repository').map(({ name }) => name);
  assert.deepEqual(names.sort(), ['acme/empty', 'acme/late', 'acme/plain', 'acme/secret', 'acme/strict']);
  assert.deepEqual(seen.of('late').default_branch, { value: 'trunk/a' });
  assert.equal(repositories(seen).complete, true);
});

test('a list that cannot be read to its end is incomplete, and what was listed is still measured', async (t) => {
  const { scan, state } = await world(t);
  state.faults.push({ match: /orgs\/acme\/repos.*page=2/, times: 99, status: 418 });
  const seen = await scan();
  assert.equal(seen.observations.filter(({ kind }) => kind === 'repository').length, 2);
  const partition = repositories(seen);
  assert.deepEqual([partition.complete, partition.cause, partition.witness?.count], [false, 'failed', 4]);
  assert.ok(seen.codes().includes('list-incomplete'));
});

test('files that cannot be fetched are unobserved, settings stay', async (t) => {
  const { scan, root } = await newWorld(t);
  await rm(join(root, 'acme/plain.git'), { recursive: true });
  const seen = await scan();
  const { head, push_protection } = seen.of('plain');
  assert.ok(head !== undefined && 'unobserved' in head);
  assert.equal(head.unobserved, 'forbidden');
  assert.match(head.why, /^its files could not be fetched: /);
  assert.deepEqual(push_protection, { value: false });
  assert.ok(seen.codes().includes('fetch-failed'));
});

test('the host fills what CODEOWNERS leaves open', async (t) => {
  const { scan, state, root } = await world(t);
  const [, plain] = state.repositories;
  assert.ok(plain);
  state.users.ada = 'User';
  plain.unknownOwners = [{ line: 1, column: 8, source: '* @ada @gone' }];
  state.heads.plain = commitFiles(join(root, 'acme/plain.git'), 'main', { CODEOWNERS: '* @ada @gone\n' });
  const { codeowners } = (await scan()).of('plain');
  assert.ok(codeowners !== undefined && 'value' in codeowners);
  const { owners } = codeowners.value as { owners: { name: string; state: unknown }[] };
  assert.deepEqual(
    owners.map(({ name, state: said }) => [name, said]),
    [
      ['@ada', 'active'],
      ['@gone', 'missing'],
    ],
  );
});

test('a damaged cache is made anew', async (t) => {
  const { scan, cache, state } = await world(t);
  await scan();
  const [mirror] = globSync('github/*/repositories/102.git', { cwd: cache });
  assert.ok(mirror);
  for (const what of ['objects', 'objects/*']) {
    for (const lost of globSync(what, { cwd: join(cache, mirror) }))
      await rm(join(cache, mirror, lost), { recursive: true });
    const seen = await scan();
    assert.deepEqual(seen.of('plain').head, { value: state.heads.plain }, what);
    assert.deepEqual(seen.collection.problems, [], what);
  }
});

test('excluded repositories are not asked about, and are there as unknown with the line that says so', async (t) => {
  const { scan, fake } = await world(t);
  const seen = await scan({ excludes: ['pl*'] });
  const why = {
    unobserved: 'incomplete',
    why: 'macadam.yaml:2 leaves `pl*` out, so nobody looked; take that line out to measure it',
  };
  assert.deepEqual(seen.of('plain').secrets, why);
  assert.deepEqual(seen.of('plain').default_branch_protection, why);
  assert.ok(seen.codes().includes('left-out'));
  assert.ok(!fake.exchanged.some(({ path }) => path.startsWith('/repos/acme/plain')));
  assert.equal(repositories(seen).complete, true);
});

test('the budget ends a run, and the next one continues', async (t) => {
  const { scan } = await world(t);
  const first = await scan({ options: { budget: '6' } });
  assert.ok(
    first.collection.problems.some(({ message }) =>
      message.includes("this run's budget of 6 requests is spent"),
    ),
  );
  const second = await scan();
  assert.deepEqual(second.collection.problems, []);
});

test('no file, command line, observation or problem carries the token', async (t) => {
  const { scan, cache, state, root } = await newWorld(t);
  const folder = join(root, 'bin');
  execFileSync('mkdir', ['-p', folder]);
  // A git that writes down how it was called.
  const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  await writeFile(join(folder, 'git'), `#!/bin/sh\necho "$@" >> '${root}/calls'\nexec ${git} "$@"\n`);
  await chmod(join(folder, 'git'), 0o755);
  state.faults.push({ match: /plain\/branches/, times: 99, status: 403, body: { message: `no, ${OWNER}` } });
  const seen = await scan({ environment: { PATH: `${folder}:${process.env.PATH}` } });
  const basic = Buffer.from(`x-access-token:${OWNER}`).toString('base64');
  const calls = readFileSync(join(root, 'calls'), 'utf8');
  assert.match(calls, /fetch .*acme\/secret\.git/, 'the private repository was fetched');
  const places = [JSON.stringify([seen.collection, seen.observations]), calls];
  for (const path of globSync('**/*', { cwd: cache, withFileTypes: true })) {
    if (path.isFile()) places.push(readFileSync(join(path.parentPath, path.name), 'latin1'));
  }
  assert.ok(places.length > 20);
  for (const place of places)
    assert.ok(!place.includes(OWNER) && !place.includes(basic), place.slice(0, 300));
});

test('the token of the command line is asked for when the environment has none', async (t) => {
  const { scan, root } = await world(t);
  const folder = join(root, 'bin');
  execFileSync('mkdir', ['-p', folder]);
  await writeFile(
    join(folder, 'gh'),
    `#!/bin/sh\n[ "$1 $2 $3" = "auth token --hostname" ] && echo '${OWNER}'\n`,
  );
  await chmod(join(folder, 'gh'), 0o755);
  const seen = await scan({ token: undefined, environment: { PATH: `${folder}:${process.env.PATH}` } });
  assert.equal(seen.collection.principal, 'ada');
});

test('an aborted run rejects, and a broken request is misuse', async (t) => {
  const { scan, state } = await world(t);
  const abort = new AbortController();
  state.faults.push({
    match: /strict\/rules/,
    times: 1,
    before: () => abort.abort(new Error('enough')),
    slowMs: 50,
  });
  await assert.rejects(scan({ signal: abort.signal }), { message: 'enough' });
  await assert.rejects(scan({ targets: ['a/b'] }), {
    name: 'TypeError',
    message: '"a/b" is not the name of an organisation or a user',
  });
  await assert.rejects(scan({ options: { url: 'http://ghe.example' } }), {
    name: 'TypeError',
    message: '`http://ghe.example` is not https: a token would cross the network in clear',
  });
});

test('files are read once more from the copies that the collection keeps, at the commit that was judged', async (t) => {
  const { scan, request } = await newWorld(t);
  const seen = await scan();
  const texts = async (name: string, commit?: string) => {
    const found = seen.observations.find((each) => each.name === `acme/${name}`);
    const head = found?.attributes.head;
    const known = head && 'value' in head ? String(head.value) : null;
    const asked = { repository: found?.id ?? '', commit: commit ?? known, paths: ['README.md', 'none'] };
    return source.files?.(request()).texts(asked);
  };
  for (const name of ['strict', 'plain']) assert.deepEqual([...((await texts(name)) ?? [])].length, 1, name);
  assert.deepEqual(await texts('strict', '0'.repeat(40)), new Map());
  assert.deepEqual(await texts('empty'), new Map());
  const elsewhere = { repository: 'repository/file/x', commit: null, paths: ['README.md'] };
  assert.deepEqual(await source.files?.(request()).texts(elsewhere), new Map());
  const escaping = { ...elsewhere, repository: `${seen.observations[0]?.id}/../x` };
  assert.deepEqual(await source.files?.(request()).texts(escaping), new Map());
});

test('what was pushed past its protection is counted, with who settled it, and no secret is asked for', async (t) => {
  const { scan, state, fake } = await world(t);
  const strict = state.repositories.find(({ name }) => name === 'strict');
  const secret = state.repositories.find(({ name }) => name === 'secret');
  assert.ok(strict && secret);
  strict.alerts = [
    { number: 1 },
    { number: 2, bypassedBy: 'ada', resolution: 'used_in_tests', resolvedBy: 'ada' },
    { number: 3, bypassedBy: 'ada', resolution: 'used_in_tests', resolvedBy: 'ben' },
    { number: 4, bypassedBy: 'ada', resolution: 'revoked', resolvedBy: 'ada' },
    { number: 5, bypassedBy: 'ada', reviewer: 'ben' },
    { number: 6, bypassedBy: 'ada', resolution: 'wont_fix', resolvedBy: 'ben' },
    { number: 7, bypassedBy: null, reviewer: 'ben' },
  ];
  secret.alerts = [];
  const seen = await scan();
  const found = seen.of('strict').push_bypasses;
  assert.ok(found !== undefined && 'value' in found && Array.isArray(found.value));
  assert.equal(found.complete, true);
  const elements: { number: number; revoked: boolean; second_person: unknown }[] = found.value;
  assert.deepEqual(
    elements.map(({ number, revoked, second_person }) => [
      number,
      revoked,
      typeof second_person === 'boolean' ? second_person : 'unobserved',
    ]),
    [
      [2, false, false],
      [3, false, true],
      [4, true, false],
      [5, false, true],
      [6, false, false],
      [7, false, 'unobserved'],
    ],
  );
  assert.deepEqual(seen.of('secret').push_bypasses, { value: [], complete: true });
  assert.equal(seen.of('plain').push_bypasses, undefined, 'nothing can be bypassed where it is off');
  const asked = fake.exchanged.filter(({ path }) => path.includes('secret-scanning'));
  assert.ok(asked.length === 1 && asked[0]?.path.includes('hide_secret=true'), 'one question for all');
  // Where the organisation does not tell, each repository is asked, and says the same.
  state.faults.push({ match: /orgs\/acme\/secret-scanning/, times: 9, status: 404 });
  const single = await scan();
  assert.deepEqual(single.of('strict').push_bypasses, found);
  assert.ok(fake.exchanged.some(({ path }) => /strict\/secret-scanning.*hide_secret=true/.test(path)));
});

test('alerts that the token may not see leave bypasses unknown, with the permission', async (t) => {
  const { scan, state } = await world(t);
  state.faults.push({
    match: /secret-scanning/,
    times: 9,
    status: 403,
    headers: { 'x-accepted-github-permissions': 'secret_scanning_alerts=read' },
    body: { message: 'Resource not accessible by personal access token' },
  });
  const seen = await scan();
  assert.deepEqual(seen.of('strict').push_bypasses, {
    unobserved: 'forbidden',
    why: 'the token may not see what was pushed past its push protection: it needs Secret scanning alerts: read',
  });
  assert.deepEqual(seen.codes(), ['permission-missing']);
});

test('deploy keys are credentials with their age, one list a repository, and one that is switched off opens nothing', async (t) => {
  const { scan, state, fake } = await world(t);
  const plain = state.repositories.find(({ name }) => name === 'plain');
  assert.ok(plain);
  plain.keys = [
    { id: 7, title: 'mirror', createdAt: '2019-03-04T05:06:07Z' },
    { id: 8, title: '', createdAt: '2026-01-01T00:00:00Z', enabled: false },
  ];
  const keysIn = ({ observations }: Seen) =>
    observations
      .filter(({ kind }) => kind === 'credential')
      .map(({ id, name, attributes: { type, state: now, issued_at: issued, expires_at: end } }) => {
        const host = id.split('/')[1] ?? '';
        return [id.slice(`credential/${host}/`.length), name.replace(/^.*\//, ''), type, now, issued, end];
      });
  const value = (text: string) => ({ value: text });
  const seen = await scan();
  const end = { absent: true };
  assert.deepEqual(keysIn(seen), [
    ['deploy-key/7', 'mirror', value('ssh_key'), value('active'), value('2019-03-04T05:06:07.000Z'), end],
    ['deploy-key/8', '8', value('ssh_key'), value('revoked'), value('2026-01-01T00:00:00.000Z'), end],
  ]);
  const lists = ({ collection }: Seen) => collection.partitions.filter(({ kind }) => kind === 'credential');
  const one = lists(seen).find(({ seen: count }) => count === 2);
  assert.equal(one?.complete, true);
  const [first] = seen.observations.filter(({ kind }) => kind === 'credential');
  assert.equal(first?.container, one?.container, 'a key that is deleted is gone with the next list');
  state.faults.push({ match: /\/plain\/keys/, times: 9, status: 500, body: { message: 'no' } });
  const broken = await scan();
  const [open] = lists(broken).filter(({ complete }) => !complete);
  assert.equal(open?.cause, 'failed');
  assert.match(open?.why ?? '', /^its deploy keys could not be read: .*; scan again$/);
  // Whoever may not administer a repository sees none, and is not asked to wait for that.
  for (const token of Object.values(state.tokens)) Object.assign(token, { admin: false });
  const before = fake.exchanged.length;
  assert.deepEqual(lists(await scan()), []);
  assert.ok(fake.exchanged.slice(before).every(({ path }) => !path.includes('/keys')));
});

test('tokens and keys of people that open the organisation are credentials: to an owner what was authorised, to an app the others', async (t) => {
  const { scan, state } = await world(t);
  const app = ['ghs', 'app'.repeat(12)].join('_');
  state.tokens[app] = { login: 'measures[bot]', admin: true, seesPrivate: true };
  const lists = ({ collection }: Seen) =>
    collection.partitions.filter(
      ({ kind, container }) => kind === 'credential' && container.endsWith('/acme'),
    );
  assert.deepEqual(lists(await scan()), [], 'without single sign-on there is no list');
  state.authorised = [
    { id: 1, login: 'ada', type: 'SSH key', at: '2020-01-02T03:04:05Z', title: 'laptop' },
    { id: 2, login: 'bob', type: 'personal access token', at: '2026-01-01T00:00:00Z', expiresAt: null },
  ];
  state.personalTokens = [
    {
      id: 5,
      name: 'deploys',
      login: 'ada',
      grantedAt: '2026-10-01T00:00:00Z',
      expiresAt: '2026-10-05T00:00:00Z',
    },
  ];
  const told = ({ observations }: Seen) =>
    observations
      .filter(({ kind }) => kind === 'credential')
      .map(({ name, attributes: { type, issued_at: issued, expires_at: end } }) => [name, type, issued, end]);
  const owner = await scan();
  const [key, token] = told(owner);
  assert.deepEqual(key, [
    'ada laptop',
    { value: 'ssh_key' },
    { value: '2020-01-02T03:04:05.000Z' },
    { absent: true },
  ]);
  assert.deepEqual(
    [token?.[0], token?.[1], token?.[3]],
    ['bob a token', { value: 'personal_token' }, { absent: true }],
  );
  assert.match(JSON.stringify(token?.[2]), /not when it was made/);
  assert.deepEqual(
    lists(owner).map(({ complete, seen }) => [complete, seen]),
    [[true, 2]],
  );
  assert.deepEqual(told(await scan({ token: app })), [
    [
      'ada deploys',
      { value: 'personal_token' },
      { value: '2026-10-01T00:00:00.000Z' },
      { value: '2026-10-05T00:00:00.000Z' },
    ],
  ]);
  Object.assign(state.tokens[OWNER] ?? {}, { admin: false });
  const [refused] = lists(await scan());
  assert.deepEqual([refused?.complete, refused?.cause], [false, 'forbidden']);
  assert.match(refused?.why ?? '', /authorised for it/);
});

test('a pipeline says what its newest run was expanded from, and a run of a pull request says nothing', async (t) => {
  const { scan, state, root, fake } = await world(t);
  const plain = state.repositories.find(({ name }) => name === 'plain');
  assert.ok(plain);
  const call = (name: string) =>
    `on: push\njobs:\n  release:\n    uses: acme/templates/.github/workflows/${name}.yml@v1\n`;
  state.heads.plain = commitFiles(join(root, 'acme/plain.git'), 'main', {
    '.github/workflows/release.yml': call('release'),
    '.github/workflows/publish.yml': call('release'),
    '.github/workflows/test.yml':
      'on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make test\n',
  });
  plain.runs = [
    { path: '.github/workflows/release.yml', event: 'pull_request', referenced: [] },
    {
      path: '.github/workflows/release.yml@refs/heads/main',
      event: 'push',
      referenced: ['Acme/Templates/.github/workflows/release.yml@v1'],
    },
    { path: '.github/workflows/release.yml', event: 'push', referenced: [] },
  ];
  const built = async () => {
    const { observations } = await scan();
    return new Map(
      observations.flatMap(({ kind, location, attributes }) =>
        kind === 'pipeline' ? [[location?.path, attributes.built_from] as const] : [],
      ),
    );
  };
  const seen = await built();
  assert.deepEqual(seen.get('.github/workflows/release.yml'), {
    value: ['acme/templates/.github/workflows/release.yml'],
    complete: true,
    assurance: 'effective',
  });
  const never = seen.get('.github/workflows/publish.yml');
  assert.match((never as { why: string }).why, /^no successful run of it is among the newest hundred/);
  assert.equal(seen.get('.github/workflows/test.yml'), undefined, 'it names no template');
  const asked = fake.exchanged.filter(({ path }) => path.includes('/actions/runs'));
  assert.equal(asked.length, 1, 'one question, and none of repositories that name no template');
  state.faults.push({
    match: /actions\/runs/,
    times: 9,
    status: 403,
    headers: { 'x-accepted-github-permissions': 'actions=read' },
    body: { message: 'Resource not accessible by personal access token' },
  });
  assert.deepEqual((await built()).get('.github/workflows/release.yml'), {
    unobserved: 'forbidden',
    why: 'the token may not see the runs of its workflows: it needs Actions: read',
  });
});
