import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_PATTERN, patternSize } from './pattern.ts';

test('a pattern as people write them is as large as it is long, or smaller', () => {
  for (const pattern of [
    '',
    'abc',
    '^a.*b$',
    '(a|b|c)+',
    '[a-z0-9_-]{2,8}',
    '\\d+\\.\\d+',
    '[]a]',
    '(?i:abc)',
    'a{,2}',
  ])
    assert.ok(patternSize(pattern) <= 4 * pattern.length + 4, pattern);
});

test('what is repeated counts as often as it may come, also in one another', () => {
  assert.ok(patternSize('a{100}') >= 100);
  assert.ok(patternSize('(a{1,100}){1,100}') >= 10_000);
  assert.ok(patternSize('((a{30}){30}){30}') > MAX_PATTERN);
  assert.ok(patternSize('\\pL{200}') > MAX_PATTERN);
  assert.ok(patternSize('[\\p{Greek}x]{200}') > MAX_PATTERN);
  assert.ok(patternSize('((((a{2}){2}){2}){2}|b{3})') >= 16);
});

test('no text keeps it busy, and a longer pattern is never smaller', () => {
  for (const pattern of [
    ')'.repeat(5000),
    '['.repeat(5000),
    '\\p{',
    '(',
    '{9999}',
    'a{999999999999}'.repeat(100),
  ])
    assert.ok(patternSize(pattern) >= 0, pattern.slice(0, 20));
  assert.ok(patternSize('(ab){3}c') >= patternSize('(ab){3}'));
});
