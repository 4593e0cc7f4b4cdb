import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as semver from './semver.ts';
import { type Semver, Unknown } from './value.ts';

const version = (text: string): Semver => semver.parseSemver(text) ?? assert.fail(text);
const why = (value: unknown): string =>
  value instanceof Unknown ? (value.causes[0]?.why ?? '') : 'no error';

/** The example of section 11 of the specification, with more steps, from the lowest to the highest. */
const ASCENDING = [
  '0.0.0-0',
  '0.0.1',
  '0.9.9',
  '1.0.0--',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.1.0',
  '1.0.0-alpha.beta',
  '1.0.0-beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-beta.99999999999999999999',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.10',
  '1.2.0',
  '1.10.0',
  '99999999999999999999.0.0',
];

test('versions order as section 11 says', () => {
  for (const [a, left] of ASCENDING.entries()) {
    for (const [b, right] of ASCENDING.entries()) {
      const order = Math.sign(a - b);
      assert.equal(semver.compareSemvers(version(left), version(right)), order, `${left} and ${right}`);
      assert.equal(semver.isLessThan(version(left), version(right)), order < 0);
      assert.equal(semver.isGreaterThan(version(left), version(right)), order > 0);
    }
  }
});

test('build metadata takes no part', () => {
  assert.equal(semver.compareSemvers(version('1.0.0+a'), version('1.0.0+b.001')), 0);
  assert.deepEqual(version('1.0.0-x+a'), version('1.0.0-x'));
});

test('what is no version is refused', () => {
  for (const text of [
    '',
    '1',
    '1.2',
    'v1.2.3',
    '1.2.3.4',
    '01.2.3',
    '1.02.3',
    '1.2.03',
    '1.2.3-',
    '1.2.3-01',
    '1.2.3-a..b',
    '1.2.3+',
    '1.2.3+a+b',
    '1.2.3-ä',
    ' 1.2.3',
    '1.2.3\n',
    '-1.2.3',
    `1.2.3-${'a'.repeat(300)}`,
  ]) {
    assert.equal(semver.isSemver(text), false, text);
    assert.match(why(semver.stringToSemver(text)), /is not a version/);
  }
});

test('numbers read back, and those beyond an int are an error', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 63n - 1n), fc.nat(), fc.nat(), (major, minor, patch) => {
      const value = version(`${major}.${minor}.${patch}-rc.1+build`);
      assert.equal(BigInt(semver.major(value) as bigint), major);
      assert.equal(semver.minor(value), minor);
      assert.equal(semver.patch(value), patch);
      assert.deepEqual(value.prerelease, ['rc', '1']);
    }),
  );
  assert.match(why(semver.major(version('9223372036854775808.0.0'))), /64 bits of an int/);
});
