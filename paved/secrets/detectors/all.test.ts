import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { RE2JS } from 're2js';
import { DETECTORS } from './all.ts';

test('every family of the folder is listed', () => {
  const list = readFileSync(join(import.meta.dirname, 'all.ts'), 'utf8');
  for (const file of readdirSync(import.meta.dirname)) {
    if (file.startsWith('all.') || file.endsWith('.test.ts')) continue;
    assert.ok(list.includes(`'./${file}'`), `${file} is not in all.ts`);
  }
});

test('ids are kebab-case and unique', () => {
  const ids = DETECTORS.map((detector) => detector.id);
  assert.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  );
  assert.deepEqual(
    ids.filter((id) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)),
    [],
  );
});

test('every pattern is RE2, never matches nothing, and every keyword is lower case', () => {
  for (const detector of DETECTORS) {
    assert.ok(detector.keywords.length > 0, detector.id);
    for (const keyword of detector.keywords) assert.equal(keyword, keyword.toLowerCase(), detector.id);
    if ('pattern' in detector) assert.ok(!RE2JS.compile(detector.pattern).matches(''), detector.id);
  }
});

test('what follows a keyword is looked for right behind it', () => {
  for (const detector of DETECTORS) {
    if ('pattern' in detector && detector.follows) assert.ok(detector.follows.sticky, detector.id);
  }
});
