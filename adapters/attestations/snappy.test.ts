/** Blocks that Google's format describes, written by another program; and what is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unsnapped } from './snappy.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const MOST = 1000;

test('what stands there and what is repeated are put together, also where a repetition reaches into itself', () => {
  const media = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  assert.equal(unsnapped(bytesOf('64 00 61 fe 01 00 8a 01 00'), MOST).toString(), 'a'.repeat(100));
  const bundle = Buffer.from(
    'efA8eyJtZWRpYVR5cGUiOiJhcHBsaWNhdGlvbi92bmQuZGV2LnNpZ3N0b3JlLmJ1bmRsZS52MC4zK2pzb24iLOo8AAB9',
    'base64',
  );
  assert.equal(unsnapped(bundle, MOST).toString(), `{"mediaType":"${media}","mediaType":"${media}"}`);
  // Repetitions by one, two and four bytes of distance.
  assert.equal(unsnapped(bytesOf('08 0c 61626364 01 04'), MOST).toString(), 'abcdabcd');
  assert.equal(unsnapped(bytesOf('08 0c 61626364 0e 0400'), MOST).toString(), 'abcdabcd');
  assert.equal(unsnapped(bytesOf('08 0c 61626364 0f 04000000'), MOST).toString(), 'abcdabcd');
  assert.equal(unsnapped(bytesOf('00'), MOST).length, 0);
});

test('what is damaged, or larger than asked for, is refused and takes no memory', () => {
  const wrong: readonly [string, RegExp][] = [
    ['', /ends in the middle/],
    ['ff ff ff ff ff', /does not say how long/],
    ['ff ff ff ff 0f', /would be 4294967295 bytes/],
    ['08 0c 616263', /ends in the middle/],
    ['08 0c 61626364 01', /ends in the middle/],
    ['08 0c 61626364', /shorter than it says/],
    ['03 0c 61626364', /longer than it says/],
    ['08 0c 61626364 01 05', /was not there before/],
    ['08 0c 61626364 01 00', /was not there before/],
  ];
  for (const [text, why] of wrong) assert.throws(() => unsnapped(bytesOf(text), MOST), why, text);
});
