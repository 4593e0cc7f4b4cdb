/** The one arithmetic. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { share } from './share.ts';

const tallies = fc
  .record({ pass: fc.nat(50), fail: fc.nat(50), unknown: fc.nat(50), notApplicable: fc.nat(50) })
  .chain((tally) => fc.nat(tally.fail).map((excepted) => ({ ...tally, excepted })));

test('a share is an interval over what is in scope, and nothing has none', () => {
  fc.assert(
    fc.property(tallies, (tally) => {
      const figures = share(tally);
      const n = tally.pass + tally.fail + tally.unknown;
      assert.equal(figures.scope, n);
      if (n === 0)
        return assert.deepEqual(
          [figures.atLeast, figures.atMost, figures.measured, figures.adjustedAtLeast],
          [null, null, null, null],
        );
      assert.equal(figures.atLeast, tally.pass / n);
      assert.equal(figures.atMost, (tally.pass + tally.unknown) / n);
      assert.equal(figures.measured, (tally.pass + tally.fail) / n);
      assert.equal(figures.adjustedAtLeast, (tally.pass + tally.excepted) / n);
    }),
  );
  const nothing = { pass: 0, fail: 0, unknown: 0, notApplicable: 3, excepted: 0 };
  assert.deepEqual([share(nothing).scope, share(nothing).atLeast], [0, null]);
});
