/** The small history: what is drawn is what the words say, and what cannot be drawn is not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from '@macadam/adapters/report-formats/html/markup';
import { type AccountEntry, CELLS, STEPS } from '@macadam/core/figures/accounting';
import fc from 'fast-check';
import { CAUSES_OF_CHANGE, causeOf, causesOf } from './causes.ts';
import { chart, type Point, shareOf, twin } from './chart.ts';

const day = (number: number) => new Date(Date.UTC(2026, 10, number));
const point = (number: number, pass: number, unknown: number, fail: number): Point => ({
  at: day(number),
  pass,
  unknown,
  fail,
  excepted: 0,
});

test('the chart says in words from where to where, and steps where a look was', () => {
  const drawn = chart('Locks', [point(1, 25, 50, 25), point(2, 50, 50, 0), point(3, 75, 0, 25)]);
  assert.ok(drawn);
  const text = textOf(drawn);
  assert.match(
    text,
    /role="img" aria-label="Locks: from at least 25 %, at most 75 % to at least 75 %, at most 75 %"/,
  );
  // 0 at the bottom and 1 at the top of 48, with a pixel of air.
  assert.match(text, /class="edge" d="M0,35.5H120V24H240V12.5"/);
  assert.match(text, /class="edge most" d="M0,12.5H120V1H240V12.5"/);
});

test('nothing is drawn of one look, or of a share of nothing', () => {
  assert.equal(chart('x', []), null);
  assert.equal(chart('x', [point(1, 1, 0, 0)]), null);
  assert.equal(chart('x', [point(1, 0, 0, 0), point(2, 1, 0, 0)]), null);
});

test('every point stays inside of the picture, and at-most never below at-least', () => {
  const count = fc.nat(1000);
  fc.assert(
    fc.property(fc.array(fc.tuple(count, count, count), { minLength: 2, maxLength: 9 }), (all) => {
      const points = all.map(([pass, unknown, fail], index) => point(index + 1, pass, unknown, fail + 1));
      const drawn = chart('x', points);
      assert.ok(drawn);
      const heights = (name: string) => {
        const path = new RegExp(`class="${name}" d="([^"]*)"`).exec(textOf(drawn))?.[1] ?? '';
        return [...path.matchAll(/(?:V|,)([\d.]+)/g)].map(([, y]) => Number(y));
      };
      const [low, high] = [heights('edge'), heights('edge most')];
      assert.equal(low.length, points.length);
      for (const [index, y] of low.entries()) {
        assert.ok(y >= 1 && y <= 47);
        assert.ok((high[index] ?? 0) <= y);
      }
    }),
  );
});

test('the twin has every look, the newest first, in the words of every other share', () => {
  const rows = [
    ...textOf(twin([point(1, 1, 0, 1), point(2, 2, 1, 0)])).matchAll(/<tr><th scope="row">.*?<\/tr>/g),
  ];
  assert.equal(rows.length, 2);
  assert.match(rows[0]?.[0] ?? '', /2 Nov 2026.*at least 2, at most 3 of 3/);
  assert.equal(shareOf(point(1, 0, 0, 0)), 'nothing in scope');
});

test('every cell under every step has a cause that is shown, and changed definitions are nobody’s fixing', () => {
  for (const cell of CELLS)
    for (const step of STEPS) {
      const cause = causeOf({ cell, step });
      assert.ok(CAUSES_OF_CHANGE.includes(cause), `${step} ${cell}`);
      assert.equal(step === 'definition', cause === 'tightened' || cause === 'relaxed');
    }
});

test('a handover is counted once', () => {
  const entry = (cell: AccountEntry['cell'], count: number) => ({ cell, step: 'reassigned' as const, count });
  assert.deepEqual(
    [...causesOf([entry('reassigned-in', 2), entry('reassigned-out', 2)])],
    [['reassigned', 2]],
  );
});
