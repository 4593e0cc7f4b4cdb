import assert from 'node:assert/strict';
import { test } from 'node:test';
import { affectedBy, type OsvEvent } from './osv.ts';

const by = (version: string, ...events: readonly OsvEvent[]) =>
  affectedBy(version, { versions: [], ranges: [{ type: 'SEMVER', events }] });

test('versions stand in the order of semantic versioning', () => {
  // As clause 11 of semver.org has it, each before the next.
  const order =
    '1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 2.0.0 2.1.0 2.1.1 2.1.10'.split(
      ' ',
    );
  for (const [at, version] of order.entries())
    for (const [from, introduced] of order.entries())
      assert.equal(by(version, { introduced }).affected, at >= from, `${version} from ${introduced}`);
  assert.equal(by('v1.0.0+build', { introduced: '1.0.0' }).affected, true, 'what was built does not count');
});

test('each event of a range counts where it stands, whatever their order', () => {
  const events = [{ fixed: '2.0.5' }, { introduced: '1.0.0' }, { introduced: '2.0.0' }, { fixed: '1.4.0' }];
  const of = (version: string) => by(version, ...events);
  assert.deepEqual(of('0.9.0'), { affected: false });
  assert.deepEqual(of('1.3.9'), { affected: true, fixedIn: '1.4.0' });
  assert.deepEqual(of('1.4.0'), { affected: false });
  assert.deepEqual(of('2.0.4'), { affected: true, fixedIn: '2.0.5' });
  assert.deepEqual(of('3.0.0'), { affected: false });
  const last = [{ introduced: '0' }, { last_affected: '1.2.0' }];
  assert.deepEqual(by('1.2.0', ...last), { affected: true, fixedIn: null });
  assert.deepEqual(by('1.2.1', ...last), { affected: false });
  assert.deepEqual(by('5.0.0', { introduced: '0' }, { limit: '5.0.0' }), { affected: false });
});

test('what cannot be put in order is undecided, and commits say nothing of a version', () => {
  assert.deepEqual(by('1.2', { introduced: '0' }), { affected: 'undecided' });
  assert.deepEqual(by('1.2.0', { introduced: 'first' }), { affected: 'undecided' });
  assert.deepEqual(by(`1.0.${'9'.repeat(1_000_000)}`, { introduced: '0' }), { affected: 'undecided' });
  const git = { versions: [], ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }] };
  assert.deepEqual(affectedBy('1.2.0', git), { affected: false });
});
