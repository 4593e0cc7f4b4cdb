/** Who may see an organisation, who owns it and which groups administer its repositories, as the host tells it to owners, members and strangers. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fakeWorld, MEMBER, OWNER, type Seen, type World } from './fake-world.ts';

let world: World;
before(async () => {
  world = await fakeWorld({ fetched: true });
  const { state } = world;
  state.people = [
    ...state.people,
    { id: 11, login: 'cyd', role: 'member', secondStep: 'none' },
    { id: 12, login: 'dot', role: 'member', secondStep: 'sms' },
    { id: 13, login: 'eve', role: 'outside', secondStep: 'none' },
  ];
  state.teams = [
    { id: 31, slug: 'platform', members: ['bob'], repositories: { strict: true, plain: false } },
    { id: 32, slug: 'on-call', parent: 31, members: ['cyd'], repositories: { plain: false } },
    { id: 33, slug: 'release', members: ['ada', 'dot'], repositories: { plain: true } },
  ];
});
after(() => world.close());

const of = ({ observations }: Seen, kind: string) =>
  new Map(observations.flatMap((one) => (one.kind === kind ? [[one.name, one.attributes] as const] : [])));
const lists = ({ collection }: Seen) =>
  collection.partitions
    .filter(({ kind }) => ['user', 'privileged-assignment', 'privileged-group'].includes(kind))
    .map(({ kind, format, complete, seen }) => [format ?? kind, complete, seen]);

test('an owner is told of everybody: who signs in with less than a key, who owns it, and which teams administer what', async () => {
  const seen = await world.scan({ options: { environment: 'production' } });
  assert.deepEqual(lists(seen), [
    ['member', true, 4],
    ['outside-collaborator', true, 1],
    ['privileged-assignment', true, 1],
    ['privileged-group', true, 3],
    ['repository', true, 0],
  ]);
  const users = of(seen, 'user');
  const blocked = [...users].map(([name, { account, weak_sign_in_blocked: said }]) => [
    name,
    account && 'value' in account ? account.value : undefined,
    said && 'value' in said ? [said.value, said.assurance] : said,
  ]);
  const unknown = {
    unobserved: 'unobserved',
    why: 'the host says that there is a second step, and not which; let people sign in through the company’s directory',
  };
  assert.deepEqual(blocked, [
    ['ada', undefined, unknown],
    ['bob', undefined, unknown],
    ['cyd', undefined, [false, 'effective']],
    ['dot', undefined, [false, 'effective']],
    ['eve', 'guest', [false, 'effective']],
  ]);
  const dot = users.get('dot')?.methods;
  assert.ok(dot && 'value' in dot && !dot.complete);
  assert.match(JSON.stringify(dot.value), /"type":"sms","phishing_resistant":false/);
  const [owner] = of(seen, 'privileged-assignment');
  assert.equal(owner?.[0], 'Owner of acme: ada');
  assert.deepEqual(owner?.[1].mode, { value: 'standing' });
  assert.deepEqual(owner?.[1].environment, { value: 'production', assurance: 'attested' });

  const groups = of(seen, 'privileged-group');
  assert.deepEqual([...groups.keys()], ['Owners of acme', 'acme/platform', 'acme/release']);
  const membersOf = (name: string) => {
    const { members } = groups.get(name) ?? {};
    assert.ok(members && 'value' in members && Array.isArray(members.value));
    return [members.value.map((one) => [one.id, one.kind]), members.complete];
  };
  assert.deepEqual(membersOf('Owners of acme'), [[['7', 'person']], true]);
  assert.deepEqual(membersOf('acme/platform'), [[['team/32', 'group']], false]);
  assert.deepEqual(membersOf('acme/release'), [
    [
      ['7', 'person'],
      ['12', 'person'],
    ],
    true,
  ]);
  assert.deepEqual(groups.get('acme/release')?.grants, { value: ['administers acme/plain'], complete: true });
});

test('whoever administers a single repository by a grant of their own has a standing role; owners and teams have it elsewhere', async () => {
  const { state, fake } = world;
  const [strict, plain] = state.repositories;
  assert.ok(strict && plain);
  strict.collaborators = [
    { id: 13, login: 'eve', permission: 'ADMIN', by: 'Repository' },
    { id: 8, login: 'bob', permission: 'ADMIN', by: 'Team' },
    { id: 11, login: 'cyd', permission: 'WRITE', by: 'Repository' },
  ];
  plain.collaborators = [{ id: 13, login: 'eve', permission: 'ADMIN', by: 'Repository' }];
  const from = fake.exchanged.length;
  const seen = await world.scan();
  const asked = fake.exchanged.slice(from).filter(({ sent }) => JSON.stringify(sent)?.includes('DIRECT'));
  assert.equal(asked.length, 1, 'all repositories at once');
  const assignments = of(seen, 'privileged-assignment');
  assert.deepEqual(
    [...assignments.keys()],
    ['Owner of acme: ada', 'Admin of acme/strict: eve', 'Admin of acme/plain: eve'],
  );
  const { role, mode, resource } = assignments.get('Admin of acme/strict: eve') ?? {};
  assert.deepEqual([role, mode], [{ value: 'Admin' }, { value: 'standing' }]);
  assert.match(JSON.stringify(resource), /\/repositories\/101"/);

  const why = async (options: object = {}): Promise<string | undefined> =>
    (await world.scan(options)).collection.partitions.find(({ format }) => format === 'repository')?.why;
  assert.match((await why({ token: MEMBER })) ?? '', /of somebody who may push/);
  assert.match((await why({ excludes: ['plain'] })) ?? '', /1 repositories are left out/);
  for (const collaborators of [
    undefined,
    { pageInfo: { hasNextPage: true }, edges: [] },
    { pageInfo: { hasNextPage: false }, edges: [{ node: { login: 'eve' }, permissionSources: [] }] },
    { pageInfo: { hasNextPage: false }, edges: [{ node: { databaseId: 1, login: 'eve' } }] },
  ]) {
    const nodes = state.repositories.map(({ id }) => ({ id: `R_${id}`, collaborators }));
    // The first question is about heads.
    state.faults = [
      {
        match: {
          test: (one) =>
            one.startsWith('POST') &&
            fake.exchanged.at(-1)?.path === '/graphql' &&
            JSON.stringify(fake.exchanged.at(-1)?.sent).includes('DIRECT'),
        },
        times: 1,
        status: 200,
        body: { data: { nodes } },
      },
    ];
    assert.notEqual(await why(), undefined, JSON.stringify(collaborators));
  }
  state.faults = [];
  strict.collaborators = [];
  plain.collaborators = [];
});

test('a member is not told who has which second step, nor of secret teams; a stranger only of whom everybody may know', async () => {
  const member = await world.scan({ token: MEMBER });
  assert.deepEqual(lists(member), [
    ['member', true, 4],
    ['outside-collaborator', true, 1],
    ['privileged-assignment', true, 1],
    ['privileged-group', false, 3],
    ['repository', false, 0],
  ]);
  const cyd = of(member, 'user').get('cyd');
  assert.deepEqual(cyd?.weak_sign_in_blocked, {
    unobserved: 'forbidden',
    why: 'the token may not see who signs in with which second step: it needs a token of an owner of the organisation',
  });
  const stranger = ['ghp', 'nobody'.repeat(6)].join('_');
  world.state.tokens[stranger] = { login: 'zoe', admin: false, seesPrivate: false };
  const outside = await world.scan({ token: stranger });
  assert.deepEqual(lists(outside), [
    ['member', false, 0],
    ['outside-collaborator', false, 0],
    ['privileged-assignment', false, 0],
    ['privileged-group', false, 1],
    ['repository', false, 0],
  ]);
  const [hidden] = outside.collection.partitions.filter(({ format }) => format === 'member');
  assert.match(hidden?.why ?? '', /^only who shows it is listed: the token is of nobody in acme; /);
  const owners = of(outside, 'privileged-group').get('Owners of acme')?.members;
  assert.ok(owners && 'unobserved' in owners, 'owners that are hidden are not none');
});

test('nothing is asked of a person’s own account, nor without a token', async () => {
  const { fake } = world;
  for (const options of [
    { targets: ['ada'] },
    { token: undefined, environment: { PATH: '/usr/bin:/bin' } },
  ]) {
    const from = fake.exchanged.length;
    await world.scan({ token: OWNER, ...options });
    assert.ok(!fake.exchanged.slice(from).some(({ path }) => /members|collaborators|teams/.test(path)));
  }
});
