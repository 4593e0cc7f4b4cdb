/** The laws of verdicts as properties over generated standards and statements. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runs } from '@macadam/testing/runs';
import fc from 'fast-check';
import { merge } from '../facts/asset.ts';
import { CAUSES, type Known, type Statement, type Value } from '../facts/observation.ts';
import { canonical } from '../text/canonical.ts';
import { evaluate } from './evaluate.ts';
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

const judge = (check: string, statements: Record<string, Statement>, where = 'true') =>
  evaluate(standard(check, where), merge(KIND, [observation('x', statements)]), CLOCK);

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
    { numRuns: runs(1500) },
  );
});

test('oracle: where sources differ about elements, a definite verdict is that of whichever is right', () => {
  const words = fc.uniqueArray(fc.record({ id: fc.nat(3), one: fc.boolean(), two: fc.boolean() }), {
    selector: ({ id }) => id,
    maxLength: 3,
  });
  const rest = fc.record({ a: fc.boolean(), b: fc.boolean(), n: fc.nat(3) });
  fc.assert(
    fc.property(
      condition,
      words,
      rest,
      fc.record({ first: fc.boolean(), second: fc.boolean(), together: fc.boolean() }),
      (check, all, known, { first, second, together }) => {
        const others = Object.fromEntries(Object.entries(known).map(([name, value]) => [name, { value }]));
        const list = (p: (word: (typeof all)[number]) => boolean, complete: boolean): Statement => ({
          value: all.map((word) => ({ id: word.id, p: p(word) })),
          complete,
        });
        const [one, two] = [list((word) => word.one, first), list((word) => word.two, second)];
        // Or one source says both in one breath.
        const both = { value: [...((one as Known).value as Value[]), ...((two as Known).value as Value[])] };
        const asset = together
          ? merge(KIND, [observation('x', { ...others, k: { ...both, complete: first } })])
          : merge(KIND, [
              observation('x', { ...others, k: one }),
              observation('x', { k: two }, { source: 'two' }),
            ]);
        const { verdict } = evaluate(standard(check), asset, CLOCK);
        if (verdict === 'unknown') return;
        const complete = together ? first : first || second;
        for (let choice = 0; choice < 2 ** all.length; choice += 1) {
          const k = list((word) => (choice & (1 << all.indexOf(word)) ? word.one : word.two), complete);
          const chosen = judge(check, { ...others, k }).verdict;
          if (chosen !== 'unknown') assert.equal(chosen, verdict, JSON.stringify(k));
        }
      },
    ),
    { numRuns: runs(1500) },
  );
});

test('with nothing unknown and every operation defined, every verdict is definite', () => {
  const whole = attributes.map((statements) => completions(statements)[0] ?? {});
  fc.assert(
    fc.property(condition, whole, (check, statements) => {
      // Nor is anything said twice, and differently.
      if (
        check.includes('/') ||
        canonical([...merge(KIND, [observation('x', statements)]).attributes]).includes('disputed')
      )
        return;
      assert.notEqual(judge(check, statements).verdict, 'unknown');
    }),
    { numRuns: runs(500) },
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
    { numRuns: runs(1500) },
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
    { numRuns: runs(500) },
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
