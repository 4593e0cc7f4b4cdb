import assert from 'node:assert/strict';
import test from 'node:test';
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
