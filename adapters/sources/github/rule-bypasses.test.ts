/** What went past the rules of a default branch: by the host's record of what its rules decided. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { isUnobserved, type Statement, type Unobserved, type Value } from '@macadam/core/facts/observation';
import type { FakeSuite } from './fake-suites.ts';
import { fakeWorld, MEMBER, type World } from './fake-world.ts';

const COMMIT = 'dedd88641a362b6b4ea872da4847d6131a164d01';
const TEAM = [{ actor_id: 31, actor_type: 'Team', bypass_mode: 'always' }];
const suite = (id: number, changed: Partial<FakeSuite> = {}): FakeSuite => ({
  id,
  by: 'ada',
  at: '2026-10-20T08:43:03Z',
  commit: COMMIT,
  branch: 'main',
  result: 'bypass',
  evaluations: [
    { rule: 'pull_request', enforcement: 'active', result: 'fail' },
    { rule: 'required_signatures', enforcement: 'active', result: 'pass' },
    { rule: 'commit_message_pattern', enforcement: 'evaluate', result: 'fail' },
  ],
  ...changed,
});

let world: World;
before(async () => {
  world = await fakeWorld({ fetched: true });
});
after(() => world.close());
beforeEach(() => {
  const { state } = world;
  state.faults = [];
  state.signatures[COMMIT] = null;
  state.pullRequests = {};
  state.bypass[5] = TEAM;
  plain().rules = [
    { type: 'pull_request', ruleset_id: 5, parameters: { required_approving_review_count: 1 } },
  ];
  plain().suites = [];
});

function plain() {
  const found = world.state.repositories.find(({ name }) => name === 'plain');
  if (found === undefined) throw new Error('there is no repository `plain`');
  return found;
}

const ask = async (token?: string): Promise<Statement | undefined> =>
  (await world.scan(token === undefined ? {} : { token })).of('plain').rule_bypasses;

const elements = (said: Statement | undefined): readonly Readonly<Record<string, Value>>[] => {
  assert.ok(said !== undefined && 'value' in said, JSON.stringify(said));
  return said.value as unknown as readonly Readonly<Record<string, Value>>[];
};

const whyOf = (one: Readonly<Record<string, Value>> | undefined): string =>
  (one?.unreviewed as Unobserved | undefined)?.why ?? '';

const merged = (changed: object = {}, reviewer = 'bob') => ({
  merged: true,
  baseRefName: 'main',
  mergeCommit: { oid: COMMIT },
  author: { login: 'ada' },
  latestOpinionatedReviews: { nodes: [{ state: 'APPROVED', author: { login: reviewer } }] },
  ...changed,
});

test('a push past the rule of pull requests is unreviewed; what passed, was refused or went to another branch is none', async () => {
  plain().suites = [
    suite(1),
    suite(2, { result: 'pass' }),
    suite(3, { result: 'fail' }),
    suite(4, { branch: 'topic' }),
  ];
  assert.deepEqual(await ask(), {
    value: [
      {
        number: 1,
        at: '2026-10-20T08:43:03.000Z',
        by: 'ada',
        commit: COMMIT,
        rules: ['pull_request'],
        unreviewed: true,
        took_away: false,
      },
    ],
    complete: true,
    window: '672h',
    assurance: 'effective',
  });
  assert.ok(
    world.fake.exchanged.some(({ path }) => path.includes('time_period=month')),
    'the whole month is asked for',
  );
});

test('a merge that somebody else approved is reviewed; by its author, into another branch, or as another commit it is not', async () => {
  plain().suites = [suite(1)];
  const cases: readonly [object, boolean][] = [
    [merged(), false],
    [merged({}, 'ada'), true],
    [merged({ baseRefName: 'develop' }), true],
    [merged({ mergeCommit: { oid: '0'.repeat(40) } }), true],
  ];
  for (const [request, unreviewed] of cases) {
    world.state.pullRequests[COMMIT] = [request];
    assert.equal(elements(await ask())[0]?.unreviewed, unreviewed, JSON.stringify(request));
  }
});

test('what lacked a check alone is reviewed as far as the rules say, and a rewritten or deleted branch lost something', async () => {
  const broke = (rule: string, id: number): FakeSuite =>
    suite(id, { evaluations: [{ rule, enforcement: 'active', result: 'fail' }] });
  plain().suites = [
    broke('required_status_checks', 1),
    broke('non_fast_forward', 2),
    { ...broke('deletion', 3), commit: '0'.repeat(40) },
  ];
  assert.deepEqual(
    elements(await ask()).map(({ number, unreviewed, took_away }) => [number, unreviewed, took_away]),
    [
      [1, false, false],
      [2, false, true],
      [3, false, true],
    ],
  );
});

test('rules of a ruleset that was deleted since count only where nothing else explains the passing', async () => {
  const deleted = { rule: 'pull_request', enforcement: 'deleted ruleset', result: 'fail' } as const;
  plain().suites = [
    suite(1, { evaluations: [deleted] }),
    suite(2, {
      evaluations: [deleted, { rule: 'required_signatures', enforcement: 'active', result: 'fail' }],
    }),
  ];
  const [one, two] = elements(await ask());
  assert.equal(one?.unreviewed, true);
  assert.match(whyOf(two), /deleted since/);
});

test('nothing is asked where nobody may pass the rules, or where there are none', async () => {
  plain().suites = [suite(1)];
  const asked = async (): Promise<boolean> => {
    const before = world.fake.exchanged.length;
    assert.equal(await ask(), undefined);
    return world.fake.exchanged.slice(before).some(({ path }) => path.includes('rule-suites'));
  };
  world.state.bypass[5] = [];
  assert.equal(await asked(), false);
  plain().rules = [];
  assert.equal(await asked(), false);
});

test('who is exempt leaves no record, so nobody can say that the list is whole; what is on it is known', async () => {
  world.state.bypass[5] = [{ actor_id: 9, actor_type: 'Integration', bypass_mode: 'exempt' }];
  plain().suites = [suite(1)];
  const said = await ask();
  assert.equal(elements(said).length, 1);
  assert.ok(said !== undefined && 'value' in said && said.complete === false);
  assert.match(said.why ?? '', /exempts somebody/);
});

test('what is refused or has another shape is unknown, and says which permission or field', async () => {
  plain().suites = [suite(1)];
  const refused = await ask(MEMBER);
  assert.ok(refused !== undefined && isUnobserved(refused));
  assert.match(refused.why, /Administration: read/);
  const shaped = async (match: RegExp, body: unknown): Promise<Statement | undefined> => {
    world.state.faults = [{ match, times: 1, status: 200, body }];
    return ask();
  };
  const list = /GET .*\/plain\/rulesets\/rule-suites\?/;
  const listed = (changed: object) => [
    {
      id: 1,
      after_sha: COMMIT,
      ref: 'refs/heads/main',
      pushed_at: '2026-10-20T08:43:03Z',
      result: 'bypass',
      ...changed,
    },
  ];
  for (const changed of [
    { result: 'exempt' },
    { after_sha: null },
    { pushed_at: undefined },
    { ref: null },
  ]) {
    const said = await shaped(list, listed(changed));
    assert.ok(said !== undefined && isUnobserved(said), JSON.stringify([changed, said]));
  }
  // A host that does not know a part of the question lists what was not asked for.
  for (const changed of [{ result: 'pass' }, { ref: 'refs/heads/topic' }])
    assert.deepEqual(elements(await shaped(list, listed(changed))), []);
  const one = /GET .*\/rule-suites\/1$/;
  for (const body of [
    {},
    { rule_evaluations: null },
    { rule_evaluations: [{ enforcement: 'dreamt', result: 'fail', rule_type: 'pull_request' }] },
    { rule_evaluations: [{ enforcement: 'active', result: null, rule_type: 'pull_request' }] },
  ]) {
    const [found] = elements(await shaped(one, body));
    assert.match(whyOf(found), /`rule_evaluations/, JSON.stringify(body));
    assert.ok(isUnobserved(found?.took_away as Statement));
  }
  const [strange] = elements(
    await shaped(one, {
      rule_evaluations: [{ enforcement: 'active', result: 'fail', rule_type: 'reviewed_twice' }],
    }),
  );
  assert.match(whyOf(strange), /`reviewed_twice`/);
  assert.ok(isUnobserved(strange?.took_away as Statement));
  const [none] = elements(await shaped(one, { rule_evaluations: [] }));
  assert.match(whyOf(none), /not which/);
  world.state.faults = [];
  delete world.state.signatures[COMMIT];
  const [gone] = elements(await ask());
  assert.match(whyOf(gone), /no longer/);
});
