import assert from 'node:assert/strict';
import test from 'node:test';
import { merkleRoot } from '@macadam/testing/facts/auditor';
import fc from 'fast-check';
import { leafDigest } from './manifest.ts';
import { leavesOf } from './merkle.ts';

test('the root over leaves is the one that an auditor computes, whatever their order and number', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 70 }), (texts) => {
      const leaves = leavesOf();
      for (const text of texts) leaves.add(Buffer.from(`\0${text}`));
      assert.equal(leaves.count(), texts.length);
      assert.equal(leaves.root(), merkleRoot(texts.map(leafDigest)));
    }),
  );
});

test('digests that begin alike are told apart', () => {
  // Among so many, five pairs or so have their first 32 bits in common.
  const texts = Array.from({ length: 200_000 }, (_, index) => `${index}`);
  const leaves = leavesOf();
  for (const text of texts) leaves.add(Buffer.from(`\0${text}`));
  assert.equal(leaves.root(), merkleRoot(texts.map(leafDigest)));
});
