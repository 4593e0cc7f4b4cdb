/** The laws of the whole picture: figures, intervals and what stands beside them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runs } from '@macadam/testing/runs';
import fc from 'fast-check';
import { assetsOf, merge } from '../facts/asset.ts';
import type { Collection, Observation, Statement } from '../facts/observation.ts';
import { PLACES } from '../facts/place.ts';
import { compileStandard } from '../verdicts/compiled-standard.ts';
import {
  attributes,
  CLOCK,
  condition,
  KIND,
  NOW,
  observation,
  standard,
} from '../verdicts/generated.test.ts';
import {
  containersOf,
  couldHaveJudged,
  fingerprint,
  ownerOf,
  type PictureInput,
  picture,
  somethingNotListed,
} from './picture.ts';

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
    { numRuns: runs(500) },
  );
});

test('widening of a weighted share: whoever sees less of amounts or verdicts knows less, and never more', () => {
  const weighed = standard('asset.a', 'true', KIND, { kind: 'weighted', by: 'asset.n', unit: 'numbers' });
  const at = (all: readonly Observation[]) =>
    picture({
      engine: 'test',
      catalogue: 'test',
      standards: [weighed],
      assets: assetsOf(kinds, all),
      collections: [collection()],
      exceptions: [],
      clock: CLOCK,
    }).scan.standards[0]?.measure;
  const unseen: Statement = { unobserved: 'failed', why: 'withheld' };
  fc.assert(
    fc.property(
      fc.array(attributes, { minLength: 1, maxLength: 6 }),
      fc.nat(5),
      fc.constantFrom('a', 'n'),
      (all, blinded, name) => {
        const before = at(all.map((one, index) => observation(`${index}`, one)));
        const after = at(
          all.map((one, index) =>
            observation(`${index}`, index === blinded ? { ...one, [name]: unseen } : one),
          ),
        );
        assert.ok(before && after);
        if (before.atLeast === null || before.atMost === null) return;
        assert.ok(after.atLeast !== null && after.atMost !== null);
        assert.ok(after.atLeast <= before.atLeast && before.atMost <= after.atMost);
      },
    ),
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
    { numRuns: runs(300) },
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

const run = (more: Partial<PictureInput>) =>
  picture({
    engine: 'engine',
    catalogue: 'catalogue',
    standards: [],
    assets: [],
    collections: [],
    exceptions: [],
    clock: CLOCK,
    ...more,
  });
const things = (...states: Statement[]) =>
  assetsOf(
    kinds,
    states.map((a, index) => observation(`${index}`, { a })),
  );
const OK: Statement = { value: true };
const BAD: Statement = { value: false };
const UNSEEN: Statement = { unobserved: 'unobserved', why: 'nobody looks' };
const FORBIDDEN: Statement = { unobserved: 'forbidden', why: 'no right' };
const named = (id: string, check = 'asset.a') => {
  const one = standard(check);
  return { ...one, definition: { ...one.definition, id } };
};

test('standards come by id, verdicts by standard and asset, and every verdict is told', () => {
  const { scan, verdicts } = run({
    standards: [named('b'), named('c', '!asset.a'), named('a')],
    assets: things(OK, BAD),
  });
  assert.deepEqual(
    scan.standards.map(({ id }) => id),
    ['a', 'b', 'c'],
  );
  assert.deepEqual(
    verdicts.map(({ standard: id, asset, verdict }) => `${id} ${asset.name} ${verdict}`),
    ['a 0 pass', 'a 1 fail', 'b 0 pass', 'b 1 fail', 'c 0 fail', 'c 1 pass'],
  );
});

test('kinds are counted by name, and a standard looks at its own', () => {
  const other = { ...KIND, kind: 'another' };
  const assets = assetsOf(
    new Map([
      ['thing', KIND],
      ['another', other],
    ]),
    [
      observation('x', { a: OK }),
      observation('y', { a: OK }, { kind: 'another', id: 'another/y' }),
      observation('z', { a: OK }, { kind: 'zebra', id: 'zebra/z' }),
      observation('w', { a: OK }),
    ],
  );
  const { scan } = run({ standards: [standard('asset.a')], assets: assets.toReversed() });
  assert.deepEqual(Object.entries(scan.assets), [
    ['another', 1],
    ['thing', 2],
  ]);
  assert.equal(scan.standards[0]?.scope, 2);
});

test('a fingerprint is 32 digits of the standard and the asset, and of nothing else', () => {
  assert.equal(fingerprint('generated', 'thing/x'), '588463fce84796658aafda49d804afaa');
  const [found] = run({ standards: [standard('asset.a')], assets: things(BAD) }).scan.findings;
  assert.equal(found?.fingerprint, fingerprint('generated', 'thing/0'));
});

test('out of reach is a standard that nothing was judged by, because no source looks at what it asks', () => {
  const partition = { kind: 'thing', container: 'c', containerName: 'c', complete: false, seen: 1 };
  const cases: readonly (readonly [string, readonly Statement[], boolean])[] = [
    ['no asset at all', [], false],
    ['one that nobody looks at', [UNSEEN], true],
    ['two that nobody looks at', [UNSEEN, UNSEEN], true],
    ['one that may not be looked at', [FORBIDDEN], false],
    ['one of two that may not be looked at', [UNSEEN, FORBIDDEN], false],
    ['one that passes', [UNSEEN, OK], false],
    ['one that fails', [UNSEEN, BAD], false],
    ['as many that pass as fail', [UNSEEN, OK, BAD], false],
  ];
  for (const [what, states, expected] of cases) {
    const { scan } = run({ standards: [standard('asset.a')], assets: things(...states) });
    assert.equal(scan.standards[0]?.outOfReach, expected, what);
  }
  const { scan } = run({
    standards: [standard('asset.a')],
    assets: things(UNSEEN),
    collections: [collection({ partitions: [partition] })],
  });
  assert.equal(scan.standards[0]?.outOfReach, false, 'one that could not be listed');
  assert.equal(
    run({
      standards: [standard('asset.a')],
      assets: things(UNSEEN, OK),
      collections: [collection({ partitions: [partition] })],
    }).scan.standards[0]?.outOfReach,
    false,
  );
});

test('what nobody looks at and may not be looked at either is not out of reach', () => {
  const [asset] = assetsOf(kinds, [observation('x', { a: UNSEEN, b: FORBIDDEN })]);
  const { scan } = run({ standards: [standard('asset.a && asset.b')], assets: asset ? [asset] : [] });
  assert.deepEqual([scan.standards[0]?.unknown, scan.standards[0]?.outOfReach], [1, false]);
});

test('what a source of the run could have judged: what went wrong, and what could not be listed', () => {
  const partition = { kind: 'thing', container: 'c', containerName: 'c', complete: false, seen: 4 };
  const result = run({
    standards: [standard('asset.a')],
    assets: things(OK, BAD, UNSEEN, FORBIDDEN),
    collections: [collection({ partitions: [partition] })],
  });
  assert.deepEqual(
    couldHaveJudged(result).map(({ asset, reason }) => [asset.name, reason]),
    [['3', 'forbidden']],
  );
  assert.equal(somethingNotListed(result), true, 'a listing that came to no end, whatever it may hide');
  const whole = run({ standards: [standard('asset.a')], assets: things(OK), collections: [collection()] });
  assert.equal(somethingNotListed(whole), false);
});

test('what is counted and has no name is an unknown of every standard of its kind, without owner or place', () => {
  const partition = {
    kind: 'thing',
    container: 'c',
    containerName: 'c',
    complete: false,
    seen: 0,
    cause: 'forbidden' as const,
    why: 'no right',
    remedy: 'ask for it',
    witness: { id: 'register', count: 1 },
  };
  const { scan, verdictOf } = run({
    standards: [standard('asset.a'), named('other')],
    collections: [collection({ partitions: [partition] })],
  });
  assert.deepEqual(
    scan.findings.map(({ standard: id, verdict, reason, message, owner, location, evidence }) => [
      id,
      verdict,
      reason,
      message,
      owner,
      location,
      evidence.map(({ text }) => text),
    ]),
    ['generated', 'other'].map((id) => [id, 'unknown', 'forbidden', 'no right', null, null, ['ask for it']]),
  );
  assert.deepEqual([...verdictOf], []);
  assert.deepEqual(
    scan.standards.map(({ scope, unknown }) => [scope, unknown]),
    [
      [1, 1],
      [1, 1],
    ],
  );
  const { witness: _, ...uncounted } = partition;
  const without = run({
    standards: [standard('asset.a')],
    collections: [collection({ partitions: [uncounted] })],
  });
  assert.deepEqual(
    without.scan.standards.map(({ scope, containers }) => [scope, containers]),
    [[0, { whole: 0, total: 1 }]],
    'what nobody counts is no figure: that the container is missing stands beside it',
  );
  assert.deepEqual(without.scan.notListed, [
    { kind: 'thing', container: 'c', name: 'c', cause: 'forbidden', why: 'no right', remedy: 'ask for it' },
  ]);
});

test('who owns an asset are the names that are known, else nobody: never a guess', () => {
  const owner = (owners?: Statement) =>
    ownerOf(merge(KIND, [observation('x', { ...(owners && { owners }) })]));
  assert.equal(owner({ value: ['@a', '@b'] }), '@a, @b');
  assert.equal(owner({ value: ['@a'] }), '@a');
  assert.equal(owner({ value: ['@a', { unobserved: 'failed', why: 'x' }] }), '@a');
  assert.equal(owner({ value: [] }), null);
  assert.equal(owner({ value: '@a' }), null);
  assert.equal(owner({ absent: true }), null);
  assert.equal(owner({ unobserved: 'failed', why: 'x' }), null);
  assert.equal(owner(), null);
  assert.equal(ownerOf({ ...merge(KIND, [observation('x', {})]), attributes: new Map() }), null);
});

test('an asset stands in the repository that it names, where that was seen', () => {
  const kind = {
    ...KIND,
    attributes: { ...KIND.attributes, repository: { ...KIND.attributes.a, type: 'string' } },
  } as typeof KIND;
  const asset = (name: string, repository?: Statement) =>
    merge(kind, [observation(name, { a: BAD, ...(repository && { repository }) })]);
  const assets = [
    asset('home'),
    asset('in', { value: 'thing/home' }),
    asset('lost', { value: 'thing/elsewhere' }),
    asset('dark', { unobserved: 'failed', why: 'x' }),
  ];
  assert.deepEqual([...containersOf(assets)], [['thing/in', { container: 'home' }]]);
  const { scan } = run({ standards: [standard('asset.a')], assets });
  assert.deepEqual(
    scan.findings.map(({ asset: { name, container } }) => [name, container]),
    [
      ['home', undefined],
      ['in', 'home'],
      ['lost', undefined],
      ['dark', undefined],
    ],
  );
});

test('a source says how it ended, and who else counts', () => {
  const counted = { kind: 'thing', container: 'c', containerName: 'c', complete: true, seen: 1 };
  const witness = { id: 'w', count: 1 };
  const problem = { code: 'x', cause: 'failed' as const, message: 'x' };
  const { scan } = run({
    collections: [
      collection({ partitions: [counted, { ...counted, witness }] }),
      collection({ source: 'two', status: 'incomplete', partitions: [counted], problems: [problem] }),
      collection({ source: 'three', status: 'failed' }),
    ],
  });
  assert.deepEqual(scan.sources, [
    { id: 'one', status: 'complete', complete: true, witness, problems: [] },
    { id: 'two', status: 'incomplete', complete: false, witness: null, problems: [problem] },
    { id: 'three', status: 'failed', complete: false, witness: null, problems: [] },
  ]);
});

test('the two clocks of a picture are told apart', () => {
  const asOf = new Date('2027-03-01T00:00:00Z');
  const { scan } = run({ clock: { asOf, real: NOW } });
  assert.deepEqual([scan.collectedAt, scan.asOf], [NOW.toISOString(), asOf.toISOString()]);
});

test('assets of several places are counted apart, and the counts add up; a reason may have a severity of its own', () => {
  const kind = {
    ...KIND,
    attributes: {
      ...KIND.attributes,
      place: { ...KIND.attributes.a, type: `enum(${PLACES.join(', ')})` },
    },
  } as typeof KIND;
  const asset = (name: string, a: Statement, place: Statement) =>
    merge(kind, [observation(name, { a, place })]);
  const one = compileStandard(
    {
      ...named('apart').definition,
      severity: 'high',
      reasons: [
        {
          id: 'elsewhere',
          when: 'asset.place != "product"',
          severity: 'low',
          say: 'not in the product',
          fix: true,
        },
        { id: 'in-product', when: 'true', say: 'in the product', fix: true },
      ],
    },
    kind,
    { file: 'standard.yaml', lineOf: () => 1 },
  );
  assert.ok(!('mistakes' in one));
  const { scan } = run({
    standards: [one],
    assets: [
      asset('p1', OK, { value: 'product' }),
      asset('p2', BAD, { value: 'product' }),
      asset('t1', BAD, { value: 'test' }),
      asset('t2', UNSEEN, { value: 'test' }),
      asset('u1', BAD, UNSEEN),
    ],
    exceptions: [
      { standard: 'apart', assets: ['t1'], reason: 'a stated reason', approver: '@a', until: '2026-11-02' },
    ],
  });
  const [figures] = scan.standards;
  assert.deepEqual(
    figures?.places?.map(({ place, pass, fail, unknown, excepted, atLeast, atMost }) => [
      place,
      pass,
      fail,
      unknown,
      excepted,
      atLeast,
      atMost,
    ]),
    [
      ['product', 1, 1, 0, 0, 0.5, 0.5],
      ['test', 0, 1, 1, 1, 0, 0.5],
      [null, 0, 1, 0, 0, 0, 0],
    ],
  );
  for (const name of ['scope', 'pass', 'fail', 'unknown', 'notApplicable', 'excepted'] as const)
    assert.equal(
      figures?.places?.reduce((sum, place) => sum + place[name], 0),
      figures?.[name],
      name,
    );
  assert.deepEqual(
    scan.findings.map(({ asset: { name, place }, severity, reason }) => [name, place, severity, reason]),
    [
      ['p2', 'product', 'high', 'in-product'],
      ['t1', 'test', 'low', 'elsewhere'],
      ['t2', 'test', 'high', 'unobserved'],
      ['u1', undefined, 'high', 'in-product'],
    ],
  );
});
