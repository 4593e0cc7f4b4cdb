import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { overflow } from './overflow.ts';

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'overflow-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('what comes after the first few lies in a file that no name leads to, and all of it is given in order, again and again', (t) => {
  const place = join(folder(t), 'made');
  const aside = overflow<{ readonly name: string }>(place, 2);
  t.after(aside.close);
  const all = ['ann', 'bö', '', 'c'.repeat(70_000), '𝔡'].map((name) => ({ name }));
  for (const one of all) aside.add(one);
  assert.equal(aside.laidAside(), 3);
  assert.deepEqual(readdirSync(place), []);
  assert.deepEqual([...aside.all()], all);
  aside.add({ name: 'last' });
  assert.deepEqual([...aside.all()].at(-1), { name: 'last' });
  assert.equal([...aside.all()].length, 6);
  aside.clear();
  assert.deepEqual([...aside.all()], []);
  for (const one of all) aside.add(one);
  assert.deepEqual([...aside.all()], all);
});

test('what was let go of is not taken for nothing, also by whoever is in the midst of it', (t) => {
  for (const held of [1, 9]) {
    const aside = overflow<number>(folder(t), held);
    for (const one of [1, 2, 3]) aside.add(one);
    const [reading, later] = [aside.all(), aside.all()];
    assert.equal(reading.next().value, 1);
    aside.close();
    for (const ask of [() => reading.next(), () => later.next(), () => aside.add(4)])
      assert.throws(ask, /let go of before it was read/);
  }
});

test('few need no file, and where none can be made all stay in memory', (t) => {
  const place = folder(t);
  writeFileSync(join(place, 'file'), '');
  const small = overflow<number>(join(place, 'never'), 2);
  for (const one of [1, 2]) small.add(one);
  assert.deepEqual([[...small.all()], small.laidAside()], [[1, 2], 0]);
  assert.deepEqual(readdirSync(place), ['file']);
  const nowhere = overflow<number>(join(place, 'file', 'inside'), 1);
  for (const one of [1, 2, 3]) nowhere.add(one);
  assert.deepEqual([[...nowhere.all()], nowhere.laidAside()], [[1, 2, 3], 0]);
  nowhere.close();
});
