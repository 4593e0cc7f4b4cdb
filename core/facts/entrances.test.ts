/** The way from a change to an identity of a cloud: what both ends say of it, and what stays unknown where one of them is missing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entrances } from './entrances.ts';
import { assetId, type Observation, type Statement, type Value } from './observation.ts';

const ISSUER = 'token.actions.githubusercontent.com';
const AT = '2026-11-01T00:00:00Z';

const observation = (
  kind: string,
  key: readonly string[],
  attributes: Readonly<Record<string, Statement>>,
): Observation => ({
  kind,
  id: assetId(kind, key),
  name: key.join(' '),
  source: 'test',
  observedAt: AT,
  receivedAt: AT,
  assurance: 'configured',
  attributes,
});

const trust = (subject: string, from = 'environment', issuer = ISSUER): Value => ({
  id: `${issuer} ${subject}`,
  issuer,
  subject,
  from,
});
const role = (trusts: readonly Value[], complete = true) =>
  observation('application', ['aws/1', 'R'], { trusts: { value: [...trusts], complete } });
const environment = (name: string, attributes: Readonly<Record<string, Statement>> = {}) =>
  observation('deployment-environment', ['github.com', 'acme/shop', name], {
    changes: { value: 'named_branches' },
    approvers: { value: [], complete: true },
    self_approval: { value: false },
    runners: { value: [], complete: true },
    ...attributes,
  });

function joinedOf(application: Observation, seen: readonly Observation[], listed: readonly string[] = []) {
  const joined = entrances();
  joined.collected({
    partitions: listed.map((containerName) => ({
      kind: 'deployment-environment',
      container: assetId('repository', ['github.com', '7']),
      containerName,
      complete: true,
      seen: 0,
    })),
  });
  // Whoever is asked first: a role may come before the environment that it trusts.
  assert.equal(joined.waits(application), true);
  for (const one of seen) assert.equal(joined.waits(one), false);
  const { entrances: ways, machines } = joined.completed(application).attributes;
  return { ways, machines };
}

const changesIn = (ways: Statement | undefined) => {
  assert.ok(ways && 'value' in ways && Array.isArray(ways.value));
  return ways.value.map(({ changes }) => (typeof changes === 'string' ? changes : changes.why));
};

test('a role that trusts one environment says who may enter it, whatever case it is written in', () => {
  const shared = {
    id: '4',
    name: 'deploy-1',
    group: 'all',
    kept: true,
    takes: 'any_change',
    open_to: 'all',
    job: 'j',
  };
  const { ways, machines } = joinedOf(role([trust('repo:Acme/Shop:environment:Production')]), [
    environment('production', {
      approvers: { value: ['ada'], complete: true },
      self_approval: { value: true },
      runners: { value: [shared], complete: true },
    }),
  ]);
  const id = `${ISSUER} repo:Acme/Shop:environment:Production`;
  assert.deepEqual(ways, {
    value: [
      {
        id,
        environment: 'acme/shop production',
        changes: 'named_branches',
        approved: true,
        self_approval: true,
      },
    ],
    complete: true,
  });
  const { group: _, ...machine } = shared;
  assert.deepEqual(machines, {
    value: [{ ...machine, id: `${id} 4`, environment: 'acme/shop production' }],
    complete: true,
  });
});

test('an environment that is not there lets in whoever makes it, and one of a host that nobody asked is unknown', () => {
  const application = role([trust('repo:acme/shop:environment:production')]);
  assert.deepEqual(changesIn(joinedOf(application, [environment('staging')], ['acme/Shop']).ways), [
    'unmade',
  ]);
  const { ways, machines } = joinedOf(application, [], ['acme/other']);
  assert.match(changesIn(ways)[0], /was not seen in the same measurement; measure `--github acme` beside$/);
  assert.ok(machines && 'unobserved' in machines, 'no machine is known, and that is not none');
});

test('a trust of which nobody knows what it stands for leaves other ways open, beside one that is guarded', () => {
  const why = 'it is not known who may make a repository that fits its pattern';
  const open = { id: 'open', issuer: ISSUER, from: { unobserved: 'unobserved', why } } as const;
  const guarded = trust('repo:acme/shop:environment:production');
  const { ways, machines } = joinedOf(role([guarded, open]), [environment('production')]);
  assert.deepEqual(changesIn(ways), ['named_branches']);
  assert.ok(ways && 'value' in ways && ways.complete === false && ways.why === why);
  assert.deepEqual(machines, { unobserved: 'unobserved', why });
});

test('what the code host did not tell stays unknown, and a role whose trusts are not all known has more ways in', () => {
  const why = { unobserved: 'forbidden', why: 'it needs Actions: read' } as const;
  const { ways, machines } = joinedOf(role([trust('repo:acme/shop:environment:production')], false), [
    environment('production', { changes: why, approvers: why, runners: why }),
  ]);
  assert.deepEqual(changesIn(ways), ['it needs Actions: read']);
  assert.equal(ways && 'value' in ways && ways.complete, false);
  assert.deepEqual(machines, why);
});

test('who trusts a branch, or another issuer, waits for nobody', () => {
  const { waits } = entrances();
  assert.equal(waits(role([trust('repo:acme/shop:ref:refs/heads/main', 'branch')])), false);
  assert.equal(waits(role([trust('repo:acme/shop:environment:x', 'environment', 'ci.example.com')])), false);
  assert.equal(waits(role([])), false);
});
