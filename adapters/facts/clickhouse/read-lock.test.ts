import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLock } from './read-lock.ts';

test('a write waits for the reads before it, and the reads after it wait for the write', async () => {
  const lock = readLock();
  const said: string[] = [];
  const part = (name: string) => {
    const until = Promise.withResolvers<void>();
    const run = async () => {
      said.push(`${name} begins`);
      await until.promise;
      said.push(`${name} ends`);
    };
    return { run, end: until.resolve };
  };
  const [early, alsoEarly, write, late] = [part('early'), part('also early'), part('write'), part('late')];
  const all = [
    lock.reading(early.run),
    lock.reading(alsoEarly.run),
    lock.writing(write.run),
    lock.reading(late.run),
  ];
  late.end();
  write.end();
  alsoEarly.end();
  await new Promise(setImmediate);
  early.end();
  await Promise.all(all);
  assert.deepEqual(said, [
    'early begins',
    'also early begins',
    'also early ends',
    'early ends',
    'write begins',
    'write ends',
    'late begins',
    'late ends',
  ]);
});

test('whatever fails, the next has its turn', async () => {
  const lock = readLock();
  const fails = async () => {
    throw new Error('no room');
  };
  const first = await Promise.allSettled([
    lock.reading(fails),
    lock.writing(fails),
    lock.reading(fails),
    lock.writing(async () => 'written'),
    lock.reading(async () => 'read'),
  ]);
  assert.deepEqual(
    first.map((one) => (one.status === 'fulfilled' ? one.value : 'failed')),
    ['failed', 'failed', 'failed', 'written', 'read'],
  );
});
