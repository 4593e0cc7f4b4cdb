import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readCached, writeCached } from './file.ts';

const folder = mkdtempSync(join(tmpdir(), 'macadam-cached-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const VALUE = { text: 'a "quoted" line\nand é', list: [1, { deep: true }] };

test('what was written is read under its key, and under no other', () => {
  const path = join(folder, 'below', 'kept.json');
  writeCached(path, 'one', VALUE);
  assert.deepEqual(readCached(path, 'one'), VALUE);
  assert.equal(readCached(path, 'two'), undefined);
  writeCached(path, 'two', [2]);
  assert.deepEqual(readCached(path, 'two'), [2]);
  assert.equal(readCached(path, 'one'), undefined);
  assert.deepEqual(readdirSync(join(folder, 'below')), ['kept.json']);
});

test('one changed byte anywhere, or an end that is missing, makes it no answer', () => {
  const path = join(folder, 'damaged.json');
  writeCached(path, 'key', VALUE);
  const written = readFileSync(path);
  for (let at = 0; at < written.length; at++) {
    const damaged = Buffer.from(written);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    writeFileSync(path, damaged);
    assert.equal(readCached(path, 'key'), undefined, `byte ${at}`);
    writeFileSync(path, written.subarray(0, at));
    assert.equal(readCached(path, 'key'), undefined, `cut at ${at}`);
  }
  assert.equal(readCached(join(folder, 'nothing.json'), 'key'), undefined);
  assert.equal(readCached(folder, 'key'), undefined);
});

test('nobody else can read it', () => {
  const path = join(folder, 'mine', 'kept.json');
  writeCached(path, 'key', VALUE);
  assert.equal(statSync(path).mode & 0o077, 0);
  assert.equal(statSync(join(folder, 'mine')).mode & 0o077, 0);
});

test('where a file stands in the place of a folder, nothing is thrown either', () => {
  writeFileSync(join(folder, 'file'), '');
  writeCached(join(folder, 'file', 'kept.json'), 'key', VALUE);
  assert.equal(readCached(join(folder, 'file', 'kept.json'), 'key'), undefined);
});
