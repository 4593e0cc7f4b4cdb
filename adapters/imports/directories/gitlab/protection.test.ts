/** Which branches a rule covers by its name. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from './protection.ts';

test('a name covers itself, and a star in it any characters, each of the branch once', () => {
  const cases: readonly (readonly [name: unknown, branch: string, expected: boolean])[] = [
    ['main', 'main', true],
    ['ma', 'main', false],
    ['m*', 'main', true],
    ['*', 'feature/x', true],
    ['*in*', 'main', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['release-*-stable', 'release-2.1-stable', true],
    ['release-*-stable', 'release-2.1-stable2', false],
    ['a*b*c', 'acb', false],
    ['m.in', 'main', false],
    [null, 'main', false],
  ];
  for (const [name, branch, expected] of cases)
    assert.equal(covers(name, branch), expected, `${name} ${branch}`);
});
