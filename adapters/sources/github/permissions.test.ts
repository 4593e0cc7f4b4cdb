/** Each permission taken away by itself: what is known only shrinks, and what is missing says which permission would show it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isUnobserved, type Observation, type Statement } from '@macadam/core/facts/observation';
import { githubDescription } from '../../imports/directories/github/description.ts';
import { fakeWorld, fillSample, refusalOf, type Seen, type World } from './fake-world.ts';

let world: World;
before(async () => {
  world = await fakeWorld({ fetched: true });
  fillSample(world);
});
after(() => world.close());

/** Whether a statement says nothing that the other one does not. */
function says(less: unknown, more: unknown): boolean {
  if (isUnobserved(less as Statement)) return true;
  if (Array.isArray(less) && Array.isArray(more))
    return less.every((one) => more.some((other) => says(one, other)));
  if (typeof less !== 'object' || less === null || typeof more !== 'object' || more === null)
    return less === more;
  return Object.entries(less).every(
    ([name, value]) => name === 'complete' || name === 'why' || says(value, Reflect.get(more, name)),
  );
}

/** A whole list that lost something says that it is none. */
function isClosed(less: Statement | undefined, more: Statement | undefined): boolean {
  if (!less || !more || !('value' in less) || !('value' in more) || !Array.isArray(more.value)) return false;
  return less.complete === true && Array.isArray(less.value) && less.value.length < more.value.length;
}

const byId = ({ observations }: Seen): ReadonlyMap<string, Observation> =>
  new Map(observations.map((one) => [one.id, one]));

test('each permission that is taken away leaves less known, nothing else, and is named', async () => {
  const { scan, state } = world;
  const whole = await scan();
  assert.deepEqual(whole.collection.problems, []);
  const known = byId(whole);
  const untold = ['/user', '/{owner}/{repo}.git', '/graphql', '/orgs/{org}/personal-access-tokens'];
  untold.push('/orgs/{org}/installation', '/app/installations/{installation_id}/access_tokens');
  // Asked after the collection, where somebody has a policy.
  untold.push('/orgs/{org}/attestations/{subject_digest}', '/orgs/{org}/attestations/repositories');
  // The list of repositories has the settings already.
  untold.push('/repos/{owner}/{repo}');
  // What the organisation does not tell at once, each repository does.
  const atOnce = '/orgs/{org}/secret-scanning/alerts';
  const foundAtOnce = '/orgs/{org}/dependabot/alerts';
  untold.push(atOnce, foundAtOnce);
  for (const { path, permission } of githubDescription.endpoints.filter(
    (one) => !untold.includes(one.path),
  )) {
    state.faults = [
      refusalOf(path),
      ...(path.endsWith('/secret-scanning/alerts') ? [refusalOf(atOnce)] : []),
      ...(path.endsWith('/dependabot/alerts') ? [refusalOf(foundAtOnce)] : []),
    ];
    const less = await scan();
    assert.ok((state.faults[0]?.times ?? 99) < 99, `${path} is asked`);
    state.faults = [];
    const found = byId(less);
    for (const [id, { attributes, kind }] of found) {
      const before = known.get(id);
      assert.ok(before, `${path}: ${id} appears`);
      for (const [name, statement] of Object.entries(attributes)) {
        const told = before.attributes[name];
        assert.ok(
          says(statement, told) && !isClosed(statement, told),
          `${path}: ${kind}.${name} is ${JSON.stringify(statement)}, and was ${JSON.stringify(told)}`,
        );
      }
    }
    const closed = less.collection.partitions.filter(({ complete }) => complete);
    for (const [id, { kind, container, format }] of known) {
      const gone = closed.find(
        (one) =>
          one.kind === kind &&
          one.format === format &&
          (container === undefined || one.container === container),
      );
      assert.ok(found.has(id) || gone === undefined, `${path}: ${id} is taken for gone`);
    }
    const [named = ''] = permission.split(/ \(|, |;/);
    const said = JSON.stringify([less.collection, less.observations]);
    // An account of which nothing is told has no permission to name but the right to see it.
    assert.ok(said.includes(path === '/orgs/{org}' ? 'token' : named), `${path}: nothing names ${named}`);
    const saidOf = ({ observations, collection: { partitions } }: Seen) => ({
      said: new Map(observations.map(({ id, attributes }) => [id, attributes])),
      partitions,
    });
    assert.notDeepEqual(saidOf(less), saidOf(whole), `${path} tells something`);
  }
});
