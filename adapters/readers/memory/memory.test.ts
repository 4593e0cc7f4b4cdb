import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { prune } from '../../cache/prune.ts';
import { keyOf, openMemory } from './memory.ts';

const place = mkdtempSync(join(tmpdir(), 'macadam-memory-'));
after(() => rmSync(place, { recursive: true, force: true }));
let folders = 0;
const folder = () => join(place, String(folders++));

function kept(cache: string, version = 'one', repository = 'repository'): void {
  const memory = openMemory(cache, repository, version);
  memory.keep('secrets', 'a', { found: [1] });
  memory.close();
}

test('what one look kept, the next recalls', () => {
  const cache = folder();
  kept(cache);
  assert.deepEqual(openMemory(cache, 'repository', 'one').recall('secrets', 'a'), { found: [1] });
  assert.equal(openMemory(cache, 'repository', 'one').recall('secrets', 'b'), undefined);
  assert.equal(openMemory(cache, 'repository', 'one').recall('other', 'a'), undefined);
});

test('another repository, and another version of the code, remember nothing', () => {
  const cache = folder();
  kept(cache);
  assert.equal(openMemory(cache, 'another', 'one').recall('secrets', 'a'), undefined);
  assert.equal(openMemory(cache, 'repository', 'two').recall('secrets', 'a'), undefined);
});

test('what two looks did not ask for is forgotten, so that a memory is no larger than what it is about', () => {
  const cache = folder();
  kept(cache);
  for (const key of ['b', 'c']) {
    const memory = openMemory(cache, 'repository', 'one');
    memory.keep('secrets', key, key);
    memory.close();
  }
  const memory = openMemory(cache, 'repository', 'one');
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => memory.recall('secrets', key)),
    [undefined, 'b', 'c'],
  );
});

test('a look that learned nothing new leaves the file alone', () => {
  const cache = folder();
  kept(cache);
  const [name = ''] = readdirSync(join(cache, 'readings'));
  const written = readFileSync(join(cache, 'readings', name));
  const memory = openMemory(cache, 'repository', 'one');
  memory.recall('secrets', 'a');
  memory.close();
  assert.deepEqual(readFileSync(join(cache, 'readings', name)), written);
});

test('a damaged file is as good as none', () => {
  const cache = folder();
  kept(cache);
  const [name = ''] = readdirSync(join(cache, 'readings'));
  const path = join(cache, 'readings', name);
  const written = readFileSync(path);
  written[written.length - 3] = (written.at(-3) ?? 0) ^ 255;
  writeFileSync(path, written);
  assert.equal(openMemory(cache, 'repository', 'one').recall('secrets', 'a'), undefined);
  kept(cache);
  assert.deepEqual(openMemory(cache, 'repository', 'one').recall('secrets', 'a'), { found: [1] });
});

test('a key tells its parts apart', () => {
  assert.notEqual(keyOf('a', 'bc'), keyOf('ab', 'c'));
  assert.notEqual(keyOf('a'), keyOf('a', ''));
});

test('of a folder that grew too large the files that were written last stay', () => {
  const cache = folder();
  mkdirSync(cache);
  for (const [age, name] of ['new', 'middle', 'old'].entries()) {
    writeFileSync(join(cache, name), 'x'.repeat(100));
    utimesSync(join(cache, name), 1_000_000 - age, 1_000_000 - age);
  }
  prune(cache, 250);
  assert.deepEqual(readdirSync(cache).sort(), ['middle', 'new']);
  prune(join(place, 'not there'), 0);
});
