/** The laws of the whole picture: figures, intervals and what stands beside them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assetsOf } from './asset.ts';
import { attributes, CLOCK, condition, KIND, NOW, observation, standard } from './generated.test.ts';
import type { Collection, Observation } from './observation.ts';
import { picture } from './picture.ts';

const kinds = new Map([['thing', KIND]]);
const collection = (more: Partial<Collection> = {}): Collection => ({
  source: 'one',
  startedAt: NOW.toISOString(),
  finishedAt: NOW.toISOString(),
  status: 'complete',
  partitions: [],
  problems: [],
  ...more,
});
const pictureOf = (
  check: string,
  observations: readonly Observation[],
  collections = [collection()],
  where = 'true',
) =>
  picture({
    engine: 'test',
    catalogue: 'test',
    standards: [standard(check, where)],
    assets: assetsOf(kinds, observations),
    collections,
    exceptions: [],
    clock: CLOCK,
  }).scan;

test('widening: an estate that is seen less has an interval that contains the earlier one', () => {
  const estate = fc.array(attributes, { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(
      condition,
      estate,
      fc.integer({ min: 0, max: 5 }),
      fc.boolean(),
      (check, all, blinded, lost) => {
        const before = pictureOf(
          check,
          all.map((one, index) => observation(`${index}`, one)),
        ).standards[0];
        const after = pictureOf(
          check,
          all.map((one, index) => observation(`${index}`, index === blinded ? {} : one)),
          [
            collection(
              lost
                ? {
                    status: 'incomplete',
                    partitions: [
                      {
                        kind: 'thing',
                        container: 'c',
                        containerName: 'c',
                        complete: false,
                        seen: all.length,
                      },
                    ],
                  }
                : {},
            ),
          ],
        ).standards[0];
        assert.ok(
          before?.atLeast != null && before.atMost != null && after?.atLeast != null && after.atMost != null,
        );
        assert.ok(after.atLeast <= before.atLeast + 1e-12, 'the lower end rose');
        assert.ok(after.atMost >= before.atMost - 1e-12, 'the upper end fell');
      },
    ),
    { numRuns: 500 },
  );
});

test('every asset has one verdict, and the figures add up', () => {
  fc.assert(
    fc.property(condition, condition, fc.array(attributes, { maxLength: 6 }), (check, where, all) => {
      const scan = pictureOf(
        check,
        all.map((one, index) => observation(`${index}`, one)),
        [collection()],
        where,
      );
      const figures = scan.standards[0];
      assert.ok(figures);
      assert.equal(figures.pass + figures.fail + figures.unknown, figures.scope);
      assert.equal(figures.scope + figures.notApplicable, all.length);
      assert.equal(scan.findings.length, figures.fail + figures.unknown);
      assert.equal(new Set(scan.findings.map(({ fingerprint }) => fingerprint)).size, scan.findings.length);
      if (figures.scope === 0) assert.equal(figures.atLeast ?? figures.atMost ?? figures.measured, null);
    }),
    { numRuns: 300 },
  );
});

test('an exception is laid over a failure and never makes a pass', () => {
  const exception = {
    standard: 'generated',
    assets: ['x*'],
    reason: 'a stated reason',
    approver: '@a',
    until: '2026-11-02',
  };
  const { scan } = picture({
    engine: 'test',
    catalogue: 'test',
    standards: [standard('asset.a')],
    assets: assetsOf(kinds, [observation('x1', { a: { value: false } }), observation('x2', {})]),
    collections: [],
    exceptions: [exception],
    clock: CLOCK,
  });
  assert.deepEqual(
    scan.standards[0] && [
      scan.standards[0].fail,
      scan.standards[0].excepted,
      scan.standards[0].atLeast,
      scan.standards[0].adjustedAtLeast,
    ],
    [1, 1, 0, 0.5],
  );
  assert.deepEqual(
    scan.findings.map(({ verdict, exception: found }) => [verdict, found?.until]),
    [
      ['fail', '2026-11-02'],
      ['unknown', undefined],
    ],
  );
});
