import assert from 'node:assert/strict';
import test from 'node:test';
import { NoTurn, turns } from './turns.ts';

test('so many have a turn at once, and the others get one in the order in which they came', async () => {
  const { take } = turns({ atOnce: 2, waiting: 10, patience: 60_000 });
  const [first, second] = [await take(), await take()];
  const order: string[] = [];
  const third = take().then((giveBack) => {
    order.push('third');
    return giveBack;
  });
  const fourth = take().then((giveBack) => {
    order.push('fourth');
    return giveBack;
  });
  first();
  const giveBack = await third;
  assert.deepEqual(order, ['third']);
  giveBack();
  (await fourth)();
  second();
  assert.deepEqual(order, ['third', 'fourth']);
});

test('a turn that is given back twice is free once', async () => {
  const own = turns({ atOnce: 1, waiting: 0, patience: 60_000 });
  const giveBack = await own.take();
  giveBack();
  const other = await own.take();
  giveBack();
  await assert.rejects(own.take(), { name: 'NoTurn', why: 'crowded' });
  other();
  assert.equal(own.idle, true);
});

test('a wait ends, and whoever came too late takes no turn from anybody', async () => {
  const own = turns({ atOnce: 1, waiting: 5, patience: 1 });
  const giveBack = await own.take();
  await assert.rejects(own.take(), (error) => error instanceof NoTurn && error.why === 'late');
  giveBack();
  assert.equal(own.idle, true);
  (await own.take())();
});
