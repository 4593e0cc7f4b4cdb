import assert from 'node:assert/strict';
import test from 'node:test';
import type { GiveBack } from '@macadam/adapters/turns';
import { LIMITS, limiter } from './limits.ts';

const tight = { perCaller: 2, altogether: 3, waiting: 0, patience: 1 };
const limits = { ...LIMITS, download: tight };

test('one caller holds so much and no more, and then the others still get theirs', async () => {
  const { take } = limiter(limits);
  const [first] = [await take('download', 'ann'), await take('download', 'ann')];
  await assert.rejects(take('download', 'ann'), { status: 429, headers: { 'retry-after': '2' } });
  await take('download', 'ben');
  first();
  await take('download', 'ann');
});

test('all callers together hold so much and no more, and are told to ask again', async () => {
  const { take } = limiter(limits);
  const held = [await take('download', 'ann'), await take('download', 'ann'), await take('download', 'ben')];
  await assert.rejects(take('download', 'cyd'), { status: 503, headers: { 'retry-after': '2' } });
  for (const giveBack of held) giveBack();
  await take('download', 'cyd');
  await take('download', 'cyd');
});

test('what one sort of request holds is not held from another sort', async () => {
  const { take } = limiter(limits);
  for (const who of ['ann', 'ann', 'ben']) await take('download', who);
  await take('search', 'ann');
});

test('where requests take long, fewer are begun, and a program is told at once to ask again while a person waits', async () => {
  let now = 0;
  const { take } = limiter(LIMITS, () => now);
  const { altogether } = LIMITS.request;
  const held: GiveBack[] = [];
  for (let number = 0; number < altogether; number += 1) held.push(await take('request', `caller ${number}`));
  // Hardly anybody is answered, and others come.
  for (let turn = 0; turn < altogether - 10; turn += 1) {
    now += 200;
    held.shift()?.();
  }
  const others = Array.from({ length: 20 }, (_, number) => take('request', `person ${number}`));
  await new Promise(setImmediate);
  now += 1000;
  await assert.rejects(take('request', 'a program', true), { status: 503, headers: { 'retry-after': '2' } });
  for (const giveBack of held) giveBack();
  for (const other of others) (await other)();
});
