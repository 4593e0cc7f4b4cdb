import assert from 'node:assert/strict';
import test from 'node:test';
import { findSecrets } from './index.ts';
import { checksummed, samples } from './samples.ts';

test('every sample is found by its own detector, alone, in quotes and in code', () => {
  for (const [detector, secret] of Object.entries(samples('every'))) {
    for (const text of [secret, `x = "${secret}";`, `curl -H 'X: ${secret}' y`, `a\n\t${secret}\nb`]) {
      const found = findSecrets(text, { reveal: true });
      assert.deepEqual(
        found.map((match) => [match.detector, match.secret]),
        [[detector, secret]],
        `in a text of ${text.length} characters`,
      );
    }
  }
});

test('a right checksum proves the secret, a wrong one makes it doubtful', () => {
  const good = checksummed(`gh${'p'}_`, 'checksum');
  const bad = good.slice(0, -1) + (good.endsWith('a') ? 'b' : 'a');
  assert.deepEqual(
    findSecrets(good).map(({ checked, confidence }) => [checked, confidence]),
    [[true, 'high']],
  );
  assert.deepEqual(
    findSecrets(bad).map(({ checked, confidence }) => [checked, confidence]),
    [[false, 'low']],
  );
});
