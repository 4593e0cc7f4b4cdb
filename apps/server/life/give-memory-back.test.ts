import assert from 'node:assert/strict';
import test from 'node:test';
import { getHeapStatistics } from 'node:v8';
import { collectAndGiveBack, memoryGiver, type Spent } from './give-memory-back.ts';

const MB = 1 << 20;
const LOOK_MS = 5000;

/** Looks at a server that does what is said, one look after the other; gives the looks after which memory was given back. */
async function givenBack(looks: readonly Partial<Spent & { busyMs: number }>[]): Promise<readonly number[]> {
  let processorMs = 0;
  let residentBytes = 700 * MB;
  let objectBytes = 70 * MB;
  const given: number[] = [];
  const giver = memoryGiver({
    spent: () => ({ processorMs, residentBytes, objectBytes }),
    collect: async () => {
      processorMs += 300;
      residentBytes = 500 * MB;
    },
  });
  for (const [at, look] of looks.entries()) {
    processorMs += look.busyMs ?? 100;
    residentBytes = look.residentBytes ?? residentBytes;
    objectBytes = look.objectBytes ?? objectBytes;
    if (await giver.look(LOOK_MS)) given.push(at);
  }
  return given;
}

test('memory is given back once the server had nothing to do for a while, and not again where nothing was taken since', async () => {
  const quiet = {};
  assert.deepEqual(await givenBack([quiet, quiet, quiet, quiet, quiet, quiet, quiet]), [2]);
  const taken = { residentBytes: 600 * MB };
  assert.deepEqual(await givenBack([quiet, quiet, quiet, taken, quiet, quiet, quiet, quiet]), [2, 5]);
  const little = { residentBytes: 520 * MB };
  assert.deepEqual(await givenBack([quiet, quiet, quiet, little, quiet, quiet, quiet]), [2]);
});

test('who is at work is not stopped for it: any work begins the quiet anew', async () => {
  const busy = { busyMs: 1000 };
  assert.deepEqual(await givenBack([busy, busy, busy, busy, busy]), []);
  assert.deepEqual(await givenBack([{}, {}, busy, {}, {}, busy, {}, {}, {}]), [8]);
});

test('of very many objects the collection would take long, so it is left to V8', async () => {
  const many = { objectBytes: 900 * MB };
  assert.deepEqual(await givenBack([many, {}, {}, {}, {}]), []);
  assert.deepEqual(await givenBack([many, {}, {}, { objectBytes: 90 * MB }]), [3]);
});

test('a server that cannot give memory back says why', async () => {
  const giver = memoryGiver({
    spent: () => ({ processorMs: 0, residentBytes: 900 * MB, objectBytes: 0 }),
    collect: () => Promise.reject(new Error('no inspector')),
  });
  assert.equal(await giver.look(LOOK_MS), false);
  assert.equal(await giver.look(LOOK_MS), false);
  await assert.rejects(giver.look(LOOK_MS), /no inspector/);
});

test('what is collected is given back to the system, with the pages that V8 kept for the next time', async () => {
  let kept: { readonly number: number; readonly text: string }[] = [];
  for (let number = 0; number < 1_000_000; number += 1) kept.push({ number, text: `of ${number}` });
  const before = getHeapStatistics().total_physical_size;
  assert.ok(kept.length > 0 && before > 50 * MB);
  kept = [];
  await collectAndGiveBack();
  const after = getHeapStatistics().total_physical_size;
  assert.ok(after < before - 30 * MB, `${Math.round(before / MB)} MB, then ${Math.round(after / MB)}`);
});
