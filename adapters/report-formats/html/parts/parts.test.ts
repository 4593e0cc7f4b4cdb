import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { textOf } from '../markup.ts';
import { axisStart, bandChart, NARROW, WIDE } from './band-chart.ts';
import { heatStep } from './heat-map.ts';
import { intervalEnds, percentAtLeast, percentAtMost, points, signed } from './interval.ts';
import { spanOf, sparkline } from './sparkline.ts';
import { waterfall } from './waterfall.ts';

const fraction = fc.double({ min: 0, max: 1, noNaN: true });

test('an end of a share is never rounded towards the other, and nothing but all is 100', () => {
  fc.assert(
    fc.property(fraction, (share) => {
      const [least, most] = [Number(percentAtLeast(share)), Number(percentAtMost(share))];
      assert.ok(least <= share * 100 + 1e-6);
      assert.ok(share >= 0.999 || most >= share * 100 - 1e-6);
      assert.equal(least === 100 || most === 100, share === 1);
    }),
  );
});

test('counts stand for the share of few assets, and a dash for none', () => {
  const of = (pass: number, unknown: number, scope: number) =>
    intervalEnds({
      pass,
      unknown,
      scope,
      atLeast: scope === 0 ? null : pass / scope,
      atMost: scope === 0 ? null : (pass + unknown) / scope,
    });
  assert.deepEqual(of(12, 3, 40), { least: '12', most: '15 of 40' });
  assert.deepEqual(of(620, 290, 1000), { least: '62.0', most: '91.0' });
  assert.deepEqual(of(0, 0, 0), { least: '–', most: '' });
});

test('differences say their sign with a minus, and zero has none', () => {
  assert.deepEqual([signed(1208), signed(-3), signed(0)], ['+1,208', '−3', '0']);
  assert.deepEqual([points(0.006), points(-0.026), points(0.0002)], ['+0.6', '−2.6', '0.0']);
});

const day = (index: number) => new Date(Date.UTC(2026, 5, 1 + 7 * index));
const history = fc.array(fc.tuple(fraction, fraction), { minLength: 2, maxLength: 27 }).map((pairs) =>
  pairs.map(([a, b], index) => ({
    at: day(index),
    atLeast: Math.min(a, b),
    atMost: Math.max(a, b),
    scope: 120,
  })),
);

test('a chart of any history has numbers alone in its paths, and says its ends in words', () => {
  fc.assert(
    fc.property(history, fraction, (drawn, share) => {
      const spark = textOf(sparkline(drawn) ?? assert.fail());
      const [low, high] = spanOf(drawn, 0.12);
      assert.ok(low >= 0 && high <= 1 && high - low > 0.119);
      const chart = {
        title: 'Sheds locked',
        noun: 'sheds',
        points: drawn,
        target: { share, by: new Date('2027-06-30') },
        forecast: { low: share / 2, high: share },
        events: [{ at: day(1), number: 1 }],
      };
      for (const size of [WIDE, NARROW]) {
        const text = textOf(bandChart(chart, size) ?? assert.fail());
        assert.doesNotMatch(text + spark, /NaN|Infinity|undefined/);
        assert.match(text, /role="img" aria-label="Sheds locked: at least [\d.]+ %/);
      }
      assert.ok(axisStart(chart) >= 0 && axisStart(chart) < 100);
    }),
    { numRuns: 60 },
  );
});

test('one moment is no history', () => {
  const one = [{ at: day(0), atLeast: 0.5, atMost: 0.6, scope: 10 }];
  assert.equal(sparkline(one), null);
  assert.equal(
    bandChart({ title: 'x', noun: 'x', points: one, target: null, forecast: null, events: [] }, WIDE),
    null,
  );
});

test('a waterfall shows each cause with its figure and its list, and stays within its width', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5000, max: 5000 }), { minLength: 1, maxLength: 8 }), (values) => {
      const rows = values.map((value, index) => ({
        label: `cause ${index}`,
        value,
        href: `/changes?cause=${index}`,
        kind: 'better' as const,
      }));
      const begin = { label: 'before', value: 10_000 };
      const end = { label: 'after', value: 10_000 + values.reduce((sum, one) => sum + one, 0) };
      const text = textOf(waterfall({ caption: 'why', rows, ends: { begin, end } }));
      assert.doesNotMatch(text, /NaN|Infinity/);
      for (const [, place = ''] of text.matchAll(/(?:x|x1|x2|cx)="(-?[\d.]+)%"/g))
        assert.ok(Number(place) >= 0 && Number(place) <= 100, place);
      for (const { href, value } of rows) assert.ok(text.includes(href) && text.includes(signed(value)));
    }),
    { numRuns: 60 },
  );
});

test('heat is darker for a larger part of what applies', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((bad) => heatStep({ bad, of: 4 })),
    [0, 1, 2, 3, 4],
  );
  assert.equal(heatStep({ bad: 0, of: 0 }), 0);
});
