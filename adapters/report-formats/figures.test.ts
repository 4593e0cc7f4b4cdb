import assert from 'node:assert/strict';
import test from 'node:test';
import { sampleReport } from '@macadam/testing/report-formats/sample';
import fc from 'fast-check';
import {
  bar,
  counted,
  interval,
  measureText,
  percentDown,
  percentUp,
  share,
  standing,
  standings,
  unmeasured,
} from './figures.ts';

const figures = (pass: number, fail: number, unknown: number) => {
  const scope = pass + fail + unknown;
  const of = (part: number) => (scope === 0 ? null : part / scope);
  return {
    scope,
    pass,
    fail,
    unknown,
    atLeast: of(pass),
    atMost: of(pass + unknown),
    measured: of(pass + fail),
  };
};

test('a share is an interval that rounding only widens', () => {
  assert.equal(share(figures(629, 90, 290)), 'at least 62 %, at most 92 %');
  assert.equal(share(figures(29, 71, 0)), '29 %');
  assert.equal(share(figures(999_999, 1, 0)), '99 %');
  assert.equal(share(figures(9_999_998, 1, 1)), 'at least 99 %, at most 99.999 %');
  assert.equal(share(figures(1, 999, 0)), '0.1 %');
  assert.equal(share(figures(500, 0, 500)), 'at least 50 %, at most 100 %');
  assert.equal(interval(334 / 356, 334 / 356), '93 %', 'what is known whole is one number');
  assert.equal(interval(334 / 356, 335 / 356), 'at least 93 %, at most 95 %');
  assert.equal(share(figures(500, 1, 9_499)), 'at least 5 %, at most 99.99 %');
  assert.equal(share(figures(1_000, 0, 0)), '100 %');
});

test('under a hundred assets counts lead, and nothing has no share', () => {
  assert.equal(share(figures(12, 25, 3)), 'at least 12, at most 15 of 40');
  assert.equal(share(figures(12, 28, 0)), '12 of 40');
  assert.equal(share(figures(0, 0, 0)), 'nothing in scope');
  assert.equal(
    share({ ...figures(12, 28, 0), atLeast: 0.73, atMost: 0.73 }),
    '73 %',
    'a weighted share is no count',
  );
});

test('percentages bound the fraction, and only all is 100 %', () => {
  const fraction = fc.oneof(
    fc.tuple(fc.nat(10_000_000), fc.nat(10_000_000)).map(([a, b]) => (a + b === 0 ? 0 : a / (a + b))),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  fc.assert(
    fc.property(fraction, (value) => {
      const [down, up] = [percentDown(value), percentUp(value)].map((text) => Number(text.replace(' %', '')));
      assert.ok(down !== undefined && up !== undefined);
      assert.ok(down <= value * 100 + 1e-6, `${down} is above ${value}`);
      assert.ok(up >= value * 100 - 1e-3 && down <= up, `${up} is below ${value}`);
      if (value < 1) assert.ok(down < 100 && up < 100);
      else assert.deepEqual([down, up], [100, 100]);
      if (value === 0) assert.deepEqual([down, up], [0, 0]);
    }),
    { numRuns: 2_000 },
  );
});

test('what nothing measured is said', () => {
  assert.equal(unmeasured(figures(629, 90, 290)), '29 % unmeasured');
  assert.equal(unmeasured(figures(1, 0, 2)), '2 unmeasured');
  assert.equal(unmeasured(figures(100, 0, 0)), null);
  assert.equal(unmeasured(figures(0, 0, 0)), null);
});

test('a bar has its width, and touches an end only when all or none does', () => {
  fc.assert(
    fc.property(
      fc.nat(2_000),
      fc.nat(2_000),
      fc.nat(2_000),
      fc.integer({ min: 3, max: 40 }),
      (pass, fail, unknown, width) => {
        const drawn = bar(figures(pass, fail, unknown), width);
        if (pass + fail + unknown === 0) return assert.equal(drawn, null);
        assert.ok(drawn !== null);
        assert.equal(drawn.met + drawn.open + drawn.unmet, width);
        assert.ok(Math.min(drawn.met, drawn.open, drawn.unmet) >= 0);
        assert.equal(drawn.met === width, fail === 0 && unknown === 0);
        assert.equal(drawn.unmet > 0, fail > 0);
        if (pass === 0) assert.equal(drawn.met, 0);
      },
    ),
  );
});

test('standards are counted by where they stand, never pooled', () => {
  assert.equal(standing(figures(5, 1, 9)), 'failing');
  assert.equal(standing(figures(5, 0, 9)), 'undecided');
  assert.equal(standing(figures(5, 0, 0)), 'met');
  assert.equal(standing(figures(0, 0, 0)), 'empty');
  assert.equal(
    standings(sampleReport().scan.standards),
    '1 standard met, 3 failing, 1 undecided, 1 with nothing in scope',
  );
  assert.equal(counted(1, 'repository'), '1 repository');
  assert.equal(counted(12_000, 'repository'), '12,000 repositories');
});

test('a measure is said with its unit, what nobody knows of it, and what is pending', () => {
  const tally = { pass: 73, fail: 21, unknown: 6, blindPass: 0, blindFail: 0, blindUnknown: 0 };
  const of = (more: object) =>
    measureText({
      measure: {
        kind: 'weighted',
        unit: 'tokens a day',
        tally,
        amount: 100,
        atLeast: 0.73,
        atMost: 0.79,
        measured: 0.94,
        pending: null,
        medianSeconds: null,
        ...more,
      },
    });
  assert.equal(measureText({ measure: null }), null);
  assert.equal(of({}), 'at least 73 %, at most 79 % of tokens a day');
  assert.equal(of({ atMost: 0.73 }), '73 % of tokens a day');
  assert.equal(
    of({ tally: { ...tally, blindUnknown: 2 }, atLeast: 0, atMost: 1 }),
    'at least 0 %, at most 100 % of tokens a day; of 2 assets nobody knows how many',
  );
  assert.equal(
    of({ kind: 'duration', unit: 'cases', pending: 3, medianSeconds: 6 * 86_400 - 1 }),
    'at least 73 %, at most 79 % of cases; 3 pending; the middle one took 6 days',
  );
  const nothing = { pass: 0, fail: 0, unknown: 0, blindPass: 0, blindFail: 0, blindUnknown: 0 };
  assert.equal(
    of({ kind: 'elimination', unit: 'tenants', tally: nothing, atLeast: 0, atMost: 1 }),
    'what was eliminated only a history can tell',
  );
});
