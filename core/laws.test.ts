/** The laws of honest arithmetic as properties over generated estates. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assetsOf, merge } from './asset.ts';
import { canonical } from './canonical.ts';
import { evaluate } from './evaluate.ts';
import { exceptionFor } from './exception.ts';
import {
  attributes,
  CLOCK,
  completions,
  condition,
  KIND,
  NOW,
  observation,
  standard,
} from './generated.test.ts';
import type { Collection, Observation, Statement } from './observation.ts';
import { CAUSES } from './observation.ts';
import { picture } from './picture.ts';
import { unnamed } from './population.ts';
import { share } from './share.ts';

const kinds = new Map([['thing', KIND]]);
const judge = (check: string, statements: Record<string, Statement>, where = 'true') =>
  evaluate(standard(check, where), merge(KIND, [observation('x', statements)]), CLOCK);
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

test('oracle: a definite verdict is the verdict of every completion', () => {
  fc.assert(
    fc.property(condition, condition, attributes, (check, where, statements) => {
      const verdict = judge(check, statements, where);
      if (verdict.verdict === 'unknown') return;
      for (const one of completions(statements)) {
        const completed = judge(check, one, where);
        // A completion may have no result of its own (a division by zero); it then contradicts nothing.
        if (completed.verdict !== 'unknown')
          assert.equal(completed.verdict, verdict.verdict, JSON.stringify(one));
      }
    }),
    { numRuns: 1500 },
  );
});

test('with nothing unknown and every operation defined, every verdict is definite', () => {
  const whole = attributes.map((statements) => completions(statements)[0] ?? {});
  fc.assert(
    fc.property(condition, whole, (check, statements) => {
      if (check.includes('/')) return;
      assert.notEqual(judge(check, statements).verdict, 'unknown');
    }),
    { numRuns: 500 },
  );
});

test('widening: withholding anything leaves a verdict unchanged or makes it unknown', () => {
  fc.assert(
    fc.property(
      condition,
      attributes,
      fc.subarray(['a', 'b', 'n', 'o', 'l', 'k']),
      fc.boolean(),
      (check, statements, held, partly) => {
        const less = Object.fromEntries(
          Object.entries(statements).map(([name, statement]): [string, Statement] => {
            if (!held.includes(name)) return [name, statement];
            if (partly && 'value' in statement && Array.isArray(statement.value))
              return [name, { ...statement, complete: false }];
            return [name, { unobserved: 'failed', why: 'withheld' }];
          }),
        );
        const [before, after] = [judge(check, statements).verdict, judge(check, less).verdict];
        assert.ok(after === before || after === 'unknown', `${before} became ${after}`);
      },
    ),
    { numRuns: 1500 },
  );
});

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

test('failure: whatever is asked of whatever, there is exactly one verdict and a reason', () => {
  const junk = fc.dictionary(
    fc.constantFrom('a', 'b', 'n', 'o', 'l', 'k'),
    fc.anything().map((value) => ({ value }) as Statement),
  );
  fc.assert(
    fc.property(condition, junk, (check, statements) => {
      const verdict = judge(check, statements);
      assert.ok(['pass', 'fail', 'unknown'].includes(verdict.verdict));
      assert.ok(verdict.reason.length > 0 && verdict.message.length > 0);
      if (verdict.verdict === 'unknown') assert.ok((CAUSES as readonly string[]).includes(verdict.reason));
    }),
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

test('an undecided scope is in scope and unknown, whatever the check says', () => {
  for (const check of ['true', 'false']) {
    const verdict = judge(check, { b: { value: true } }, 'asset.a');
    assert.deepEqual(
      [verdict.verdict, verdict.reason, verdict.causes[0]?.path],
      ['unknown', 'unobserved', 'asset.a'],
    );
  }
});

test('a fail has the first reason that holds, and an unknown one is passed over', () => {
  assert.equal(judge('asset.b', { a: { value: true }, b: { value: false } }).reason, 'first');
  assert.equal(judge('asset.b', { a: { value: false }, b: { value: false } }).reason, 'other');
  assert.equal(judge('asset.b', { b: { value: false } }).reason, 'other');
});

test('of several causes the first of the stated order is shown, then by path', () => {
  const forbidden: Statement = { unobserved: 'forbidden', why: 'no right' };
  const failed: Statement = { unobserved: 'failed', why: 'broken' };
  assert.equal(judge('asset.a && asset.b', { a: failed, b: forbidden }).reason, 'forbidden');
  assert.equal(judge('asset.b && asset.a', { a: failed, b: failed }).causes[0]?.path, 'asset.a');
});

test('staleness: what is older than allowed is unobserved, and logic decides without it', () => {
  const old = observation('x', { a: { value: true } }, { observedAt: '2026-10-20T00:00:00Z' });
  const fresh = observation('x', { b: { value: true } });
  const asset = merge(KIND, [old, fresh]);
  assert.equal(evaluate(standard('asset.a'), asset, CLOCK).reason, 'stale');
  assert.equal(evaluate(standard('asset.a || asset.b'), asset, CLOCK).verdict, 'pass');
});

test('staleness: exactly as old as allowed is fresh, a moment more is not', () => {
  const at = (observedAt: string) => merge(KIND, [observation('x', { a: { value: true } }, { observedAt })]);
  assert.equal(evaluate(standard('asset.a'), at('2026-10-25T00:00:00Z'), CLOCK).verdict, 'pass');
  assert.equal(evaluate(standard('asset.a'), at('2026-10-24T23:59:59.999Z'), CLOCK).reason, 'stale');
});

test('two clocks: asking about a later day does not age the evidence', () => {
  const asset = merge(KIND, [observation('x', { a: { value: true } })]);
  const later = { real: NOW, asOf: new Date('2027-11-01T00:00:00Z') };
  assert.equal(evaluate(standard('asset.a'), asset, later).verdict, 'pass');
  assert.equal(evaluate(standard('now < timestamp("2027-01-01T00:00:00Z")'), asset, later).verdict, 'fail');
});

test('a verdict is as strong as the weakest statement that it read', () => {
  const strong = observation('x', { a: { value: true } }, { assurance: 'tested' });
  const weak = observation('x', { b: { value: true } }, { assurance: 'attested' });
  const asset = merge(KIND, [strong, weak]);
  assert.equal(evaluate(standard('asset.a'), asset, CLOCK).assurance, 'tested');
  assert.equal(evaluate(standard('asset.a && asset.b'), asset, CLOCK).assurance, 'attested');
});

const arrivals = fc
  .array(
    fc.record({
      source: fc.constantFrom('one', 'two'),
      hour: fc.constantFrom(0, 1, 30, 60),
      a: fc.option(
        fc.oneof(
          fc.boolean().map((value): Statement => ({ value })),
          fc.constant<Statement>({ unobserved: 'failed', why: 'x' }),
        ),
      ),
      l: fc.option(
        fc.record({
          value: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
          complete: fc.boolean(),
        }),
      ),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((list) =>
    list.map(({ source, hour, a, l }) =>
      observation(
        'x',
        { ...(a && { a }), ...(l && { l }) },
        { source, observedAt: new Date(NOW.getTime() - hour * 3_600_000).toISOString() },
      ),
    ),
  );
const said = (observations: readonly Observation[]) => canonical([...merge(KIND, observations).attributes]);

test('merge: order, duplicates and grouping of arrivals do not matter', () => {
  fc.assert(
    fc.property(arrivals, fc.infiniteStream(fc.nat()), (list, order) => {
      const shuffled = list
        .map((one) => ({ one, key: order.next().value ?? 0 }))
        .sort((x, y) => x.key - y.key)
        .map(({ one }) => one);
      assert.equal(said(shuffled), said(list));
      assert.equal(said([...list, ...shuffled.slice(0, 2)]), said(list));
    }),
    { numRuns: 500 },
  );
});

test('merge: what is unobserved never enters and erases nothing', () => {
  fc.assert(
    fc.property(arrivals, (list) => {
      const held = merge(KIND, list).attributes.get('a');
      const silent = observation('x', { a: { unobserved: 'forbidden', why: 'x' } }, { source: 'three' });
      const after = merge(KIND, [...list, silent]).attributes.get('a');
      if (held?.source) assert.deepEqual(after, held);
      else assert.ok(after && 'unobserved' in after.statement);
    }),
  );
});

test('merge: the newest wins, unless another source differs within the time to settle', () => {
  const at = (hours: number, source: string, value: boolean) =>
    observation(
      'x',
      { a: { value } },
      { source, observedAt: new Date(NOW.getTime() - hours * 3_600_000).toISOString() },
    );
  const a = (...list: Observation[]) => merge(KIND, list).attributes.get('a')?.statement;
  assert.deepEqual(a(at(0, 'one', true), at(25, 'two', false)), { value: true });
  assert.deepEqual(a(at(0, 'one', true), at(24, 'two', false)), {
    unobserved: 'disputed',
    why: 'one and two disagree',
  });
  assert.deepEqual(a(at(0, 'one', true), at(1, 'one', false)), { value: true });
  assert.deepEqual(a(at(0, 'one', true), at(0, 'one', false)), {
    unobserved: 'disputed',
    why: 'one says two things at the same time',
  });
  assert.deepEqual(a(at(0, 'one', true), at(0, 'two', true)), { value: true });
});

test('merge: partial lists unite, only a complete one removes', () => {
  const l = (...list: Statement[]) =>
    merge(
      KIND,
      list.map((one, index) => observation('x', { l: one }, { source: `s${index}` })),
    ).attributes.get('l')?.statement;
  assert.deepEqual(l({ value: [1], complete: false }, { value: [2], complete: false }), {
    value: [1, 2],
    complete: false,
  });
  assert.deepEqual(l({ value: [1] }), { value: [1] });
});

test('merge: weaker than the kind asks for is shown and is no statement', () => {
  const strict = {
    ...KIND,
    attributes: { ...KIND.attributes, a: { ...KIND.attributes.a, assurance: 'effective', window: '90d' } },
  } as typeof KIND;
  const a = (statement: Statement) =>
    merge(strict, [observation('x', { a: statement })]).attributes.get('a')?.statement;
  assert.deepEqual(a({ value: true }), {
    unobserved: 'unobserved',
    why: 'one only knows it as configured, effective is asked for',
  });
  assert.deepEqual(a({ value: true, assurance: 'tested', window: '30d' }), {
    unobserved: 'unobserved',
    why: 'one looked back 30d, 90d is asked for',
  });
  assert.deepEqual(a({ value: true, assurance: 'tested', window: '90d' }), {
    value: true,
    assurance: 'tested',
    window: '90d',
  });
});

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

test('population: a surplus of the witness and an unfinished list are unnamed unknowns', () => {
  const partition = { kind: 'thing', container: 'c', containerName: 'c', seen: 3 };
  assert.equal(unnamed({ ...partition, complete: true }).length, 0);
  assert.equal(unnamed({ ...partition, complete: true, witness: { id: 'w', count: 3 } }).length, 0);
  assert.equal(unnamed({ ...partition, complete: true, witness: { id: 'w', count: 5 } }).length, 2);
  assert.equal(unnamed({ ...partition, complete: true, witness: { id: 'w', count: 2 } }).length, 0);
  assert.equal(unnamed({ ...partition, complete: false }).length, 1);
  assert.equal(unnamed({ ...partition, complete: false, witness: { id: 'w', count: 7 } }).length, 4);
  const [one] = unnamed({ ...partition, complete: true, witness: { id: 'w', count: 4 } });
  assert.deepEqual([one?.cause, one?.why], ['incomplete', 'w counts 4, 3 were seen']);
  assert.equal(one?.remedy, null);
  const told = { ...partition, complete: false, remedy: 'ask again' };
  assert.equal(unnamed(told)[0]?.remedy, 'ask again');
});

test('exceptions: laid over, never a pass, and over by themselves at the end of their last day', () => {
  const exception = {
    standard: 'generated',
    assets: ['x*'],
    reason: 'a stated reason',
    approver: '@a',
    until: '2026-11-02',
  };
  const asset = { id: 'thing/x1', name: 'x1' };
  const at = (time: string) => exceptionFor([exception], 'generated', asset, new Date(time));
  assert.equal(at('2026-11-02T23:59:59.999Z'), exception);
  assert.equal(at('2026-11-03T00:00:00Z'), null);
  assert.equal(exceptionFor([exception], 'another', asset, NOW), null);
  assert.equal(exceptionFor([exception], 'generated', { id: 'thing/y', name: 'y' }, NOW), null);
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
