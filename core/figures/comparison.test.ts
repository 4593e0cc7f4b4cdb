/** What changed since an earlier scan: pairs, each with one cause. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type ComparedState,
  type Comparison,
  compare,
  type EarlierScan,
  earlierSchema,
} from './comparison.ts';
import type { Remembered } from './listing.ts';
import type { Scan } from './scan.ts';

interface Given {
  /** Standard → digest of its definition. */
  readonly definitions?: Readonly<Record<string, string>>;
  /** Standard and asset → where it stands; what is not there is absent. */
  readonly states: Readonly<Record<string, ComparedState>>;
  /** Container → whether it was listed whole; the asset `x/1` is in `x`. */
  readonly listed?: Readonly<Record<string, boolean>>;
  readonly notJudged?: Readonly<Record<string, string>>;
}

const fingerprint = (standard: string, asset: string) => `${standard} ${asset}`;

function scan({
  definitions = { s: 'd' },
  states,
  listed = { x: true },
  notJudged = {},
}: Given): EarlierScan {
  const entries = Object.entries(states).map(([key, state]) => {
    const [standard = '', asset = ''] = key.split(' ');
    return { standard, asset, state };
  });
  const of = (standard: string, wanted: ComparedState) =>
    entries.flatMap((one) => (one.standard === standard && one.state === wanted ? [one.asset] : []));
  const assets = new Set(entries.map(({ asset }) => asset));
  return {
    collectedAt: '2026-11-01T00:00:00.000Z',
    standards: Object.entries(definitions).map(([id, definition]) => ({ id, definition })),
    notJudged: Object.entries(notJudged).map(([standard, why]) => ({ standard, why })),
    findings: entries.flatMap(({ standard, asset, state }) =>
      state === 'fail' || state === 'excepted' || state === 'unknown'
        ? [
            {
              fingerprint: fingerprint(standard, asset),
              standard,
              verdict: state === 'unknown' ? ('unknown' as const) : ('fail' as const),
              asset: { id: asset, name: asset },
              ...(state === 'excepted' && { exception: {} }),
            },
          ]
        : [],
    ),
    remembered: {
      settled: Object.keys(definitions).map((standard) => ({
        standard,
        pass: of(standard, 'pass'),
        notApplicable: of(standard, 'not-applicable'),
      })),
      listings: Object.entries(listed).map(([container, complete]) => ({
        kind: 'thing',
        container,
        complete,
        assets: [...assets].filter((id) => id.startsWith(`${container}/`)),
      })),
    },
  };
}

const compared = (earlier: Given, now: Given): Comparison => {
  const is = scan(now);
  return compare(
    scan(earlier),
    { scan: is as unknown as Scan, remembered: is.remembered as Remembered },
    fingerprint,
  );
};
const causes = (earlier: Given, now: Given) =>
  compared(earlier, now).changes.map(({ asset, from, to, cause }) => `${asset.id} ${from} ${to}: ${cause}`);

test('only what was looked at now, under the same definition, and passes is fixed', () => {
  const earlier: Given = { states: { 's x/1': 'fail' } };
  assert.deepEqual(causes(earlier, { states: { 's x/1': 'pass' } }), ['x/1 fail pass: fixed']);
  assert.deepEqual(causes(earlier, { states: { 's x/1': 'unknown' } }), ['x/1 fail unknown: became-unknown']);
  assert.deepEqual(causes(earlier, { states: {} }), ['x/1 fail absent: left']);
  assert.deepEqual(causes(earlier, { states: {}, listed: { x: false } }), ['x/1 fail absent: not-looked-at']);
  assert.deepEqual(causes(earlier, { states: {}, listed: {} }), ['x/1 fail absent: not-looked-at']);
  assert.deepEqual(causes(earlier, { states: { 's x/1': 'pass' }, definitions: { s: 'other' } }), [
    'x/1 fail pass: relaxed',
  ]);
  assert.deepEqual(causes(earlier, { states: {}, definitions: {}, notJudged: { s: 'it did not load' } }), [
    'x/1 fail not-judged: not-looked-at',
  ]);
  assert.deepEqual(causes(earlier, { states: {}, definitions: {} }), ['x/1 fail not-judged: relaxed']);
});

test('what a changed definition or a new standard makes fail is nobody’s new failure', () => {
  const tightened = compared(
    { states: { 's x/1': 'pass' } },
    { states: { 's x/1': 'fail', 't x/1': 'fail' }, definitions: { s: 'other', t: 'd' } },
  );
  assert.deepEqual(
    tightened.changes.map(({ standard, cause }) => [standard, cause]),
    [
      ['s', 'tightened'],
      ['t', 'newly-judged'],
    ],
  );
  assert.deepEqual([tightened.new, tightened.redefined], [[], ['s']]);
});

test('what is new fails newly, and what moves both ways does not cancel', () => {
  const found = compared(
    { states: { 's x/1': 'pass', 's x/2': 'fail', 's x/4': 'unknown' } },
    { states: { 's x/1': 'fail', 's x/2': 'pass', 's x/3': 'fail', 's x/4': 'fail' } },
  );
  assert.deepEqual(found.new, ['s x/1', 's x/4', 's x/3']);
  assert.deepEqual([found.counts.fixed, found.counts.regressed, found.counts.added], [1, 1, 1]);
});

test('nothing changes between a scan and itself', () => {
  const same: Given = { states: { 's x/1': 'fail', 's x/2': 'unknown', 's x/3': 'pass' } };
  const { changes, new: fresh, stillFailing } = compared(same, same);
  assert.deepEqual([changes, fresh, stillFailing], [[], [], ['s x/1']]);
});

test('the pairs of a standard add up to the change of its figures', () => {
  const state = fc.constantFrom<ComparedState>(
    'pass',
    'fail',
    'excepted',
    'unknown',
    'not-applicable',
    'absent',
  );
  const side = fc.record({
    all: fc.array(state, { minLength: 6, maxLength: 6 }),
    digest: fc.constantFrom('d', 'e'),
    whole: fc.boolean(),
  });
  const given = ({
    all,
    digest,
    whole,
  }: {
    all: ComparedState[];
    digest: string;
    whole: boolean;
  }): Given => ({
    definitions: { s: digest },
    states: Object.fromEntries(
      all.flatMap((one, at) => (one === 'absent' ? [] : [[`s x/${at}`, one] as const])),
    ),
    listed: { x: whole },
  });
  fc.assert(
    fc.property(side, side, (a, b) => {
      const { changes, counts } = compared(given(a), given(b));
      for (const one of ['pass', 'fail', 'excepted', 'unknown', 'not-applicable'] as const) {
        const count = (all: readonly ComparedState[]) => all.filter((each) => each === one).length;
        const moved = count(changes.map(({ to }) => to)) - count(changes.map(({ from }) => from));
        assert.equal(count(b.all) - count(a.all), moved, one);
      }
      assert.equal(
        Object.values(counts).reduce((sum, each) => sum + each, 0),
        changes.length,
      );
      for (const { cause, to } of changes)
        if (cause === 'fixed') assert.ok(to === 'pass' && a.digest === b.digest);
    }),
    { numRuns: 300 },
  );
});

test('an earlier scan comes from a file: what is read of it has its shape', () => {
  const whole = scan({ states: { 's x/1': 'fail' } });
  assert.equal(earlierSchema.safeParse(whole).success, true);
  for (const broken of [
    { ...whole, collectedAt: 'yesterday' },
    { ...whole, standards: [{}] },
    { ...whole, remembered: undefined },
    { ...whole, findings: [{ fingerprint: 'x', standard: 's', verdict: 'fail', asset: null }] },
  ])
    assert.equal(earlierSchema.safeParse(broken).success, false);
});
