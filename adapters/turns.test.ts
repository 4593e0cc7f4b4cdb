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

test('where somebody has waited all the time, whoever is in a hurry is soon told to ask again, and the others go on waiting', async () => {
  let now = 0;
  const congestion = { after: 300_000, patience: 1, monotonicMs: () => now };
  const own = turns({ atOnce: 1, waiting: 10, patience: 600_000, congestion });
  const first = await own.take();
  const second = own.take(true);
  now = 299_000;
  const third = own.take(true);
  now = 301_000;
  const patient = own.take();
  await assert.rejects(own.take(true), { name: 'NoTurn', why: 'late' });
  assert.deepEqual(own.pressure(), { taken: 1, waiting: 3 });
  first();
  (await second)();
  (await third)();
  (await patient)();
  // Nobody waits any more: it begins anew.
  const again = await own.take();
  const worthIt = own.take(true);
  again();
  (await worthIt)();
  assert.equal(own.idle, true);
});

test('how many have a turn may change, and nobody overtakes those who wait', async () => {
  let atOnce = 1;
  const own = turns({ atOnce: () => atOnce, waiting: 10, patience: 600_000 });
  const order: number[] = [];
  const take = async (number: number) => {
    const giveBack = await own.take();
    order.push(number);
    return giveBack;
  };
  const first = await take(1);
  const others = [take(2), take(3)];
  atOnce = 2;
  others.push(take(4));
  (await others[0])?.();
  (await others[1])?.();
  (await others[2])?.();
  first();
  assert.deepEqual(order, [1, 2, 3, 4]);
  assert.equal(own.idle, true);
});
