import assert from 'node:assert/strict';
import { test } from 'node:test';
import { places } from './places.ts';

/** A machine that works on `bears` a second, whoever they are: the more at once, the longer each takes. Time is counted here. */
function machine(bears: number) {
  let now = 0;
  const own = places({ most: 100, least: 8, late: 200, window: 500, fewest: 10, monotonicMs: () => now });
  const under: (() => void)[] = [];
  const answered: number[] = [];
  return {
    places: own,
    /** Milliseconds that those took who were answered in the last second. */
    worst: () => Math.max(...answered.slice(-bears)),
    /** So many come a second, evenly; whoever finds no place is refused at once. Gives how many were. */
    load: (perSecond: number, seconds: number) => {
      let refused = 0;
      let due = 0;
      let done = 0;
      for (let at = 0; at < seconds * 1000; at += 1) {
        now += 1;
        due += perSecond / 1000;
        done = Math.min(done + bears / 1000, under.length === 0 ? 1 : Number.POSITIVE_INFINITY);
        for (; due >= 1; due -= 1) {
          if (under.length >= own.now()) refused += 1;
          else {
            const since = now;
            const end = own.begun();
            under.push(() => {
              end();
              answered.push(now - since);
            });
          }
        }
        for (; done >= 1 && under.length > 0; done -= 1) under.shift()?.();
      }
      return refused;
    },
    bears: (more: number) => {
      bears = more;
    },
  };
}

test('what a machine bears is worked on, and nobody is refused', () => {
  const quick = machine(60);
  assert.equal(quick.load(50, 60), 0);
  assert.equal(quick.places.now(), 100);
});

test('where more come than it bears, those who are answered are answered soon, and the others are refused', () => {
  const slow = machine(60);
  slow.load(200, 20);
  const refused = slow.load(200, 10);
  assert.ok(refused > 10 * (200 - 60) * 0.9, `${refused} are refused`);
  assert.ok(slow.worst() < 400, `the slowest takes ${slow.worst()} ms`);
  slow.load(40, 10);
  assert.equal(slow.load(40, 10), 0);
  assert.equal(slow.places.now(), 100);
});

test('where hardly anybody is answered any more few have a place, and all again when it goes on', () => {
  const stuck = machine(4);
  stuck.load(100, 60);
  assert.ok(stuck.places.now() <= 24, `${stuck.places.now()} places`);
  stuck.bears(60);
  stuck.load(40, 20);
  assert.equal(stuck.load(40, 20), 0);
  assert.equal(stuck.places.now(), 100);
});

test('a few that wait for something else keep nobody out', () => {
  const quick = machine(60);
  const waiting = Array.from({ length: 8 }, () => quick.places.begun());
  quick.load(40, 20);
  assert.equal(quick.load(40, 20), 0);
  for (const end of waiting) end();
});
