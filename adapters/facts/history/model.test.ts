/** The tick of the store beside the slow one: everything judged by closures at every tick, and the same path for each asset. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Asset } from '@macadam/core/facts/asset';
import type { Collection, Observation, Statement } from '@macadam/core/facts/observation';
import type { PreviousStatus, StandingChange } from '@macadam/core/figures/tick';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import { type CompiledStandard, compileStandard } from '@macadam/core/verdicts/compiled-standard';
import type { Exception } from '@macadam/core/verdicts/exception';
import { standardSchema } from '@macadam/core/verdicts/standard';
import { changesOf, withdrawn } from '@macadam/testing/facts/tick-model';
import fc from 'fast-check';
import { openStores } from '../open.ts';
import { pass } from '../sql/pass.ts';
import { digestOf } from './definitions.ts';
import { NAMED } from './teams.ts';

const kind: Kind = kindSchema.parse({
  kind: 'thing',
  description: 'A thing for tests.',
  key: ['name'],
  fresh_for: '3d',
  attributes: {
    name: { type: 'string', immutable: true, description: 'What it is called.' },
    locked: { type: 'bool', description: 'Whether it is locked.' },
    kept: { type: 'bool', description: 'Whether it is in scope.' },
    ends: { type: 'timestamp', optional: true, description: 'When its lock ends.' },
    owners: { type: 'list', of: 'string', description: 'Who answers for it.' },
  },
});
const kinds = new Map([[kind.kind, kind]]);

function standard(id: string, check: string): CompiledStandard {
  const definition = standardSchema.parse({
    id,
    pillar: 'engineering',
    title: 'Things are locked',
    statement: 'Every thing is locked at night.',
    why: 'What is open is walked into.',
    origin: { report: 'none', lesson: 'Open things were walked into.' },
    scope: { kind: 'thing', where: 'asset.kept' },
    check,
    reasons: [
      { id: 'over', when: 'has(asset.ends) && asset.ends <= now', say: 'its lock ended' },
      { id: 'open', when: 'true', say: 'it is open' },
    ],
    severity: 'low',
    measure: { kind: 'share' },
    rollout: { state: 'observe', on_unknown: 'allow' },
    toil: { owner_minutes: 0 },
  });
  const compiled = compileStandard(definition, kind, { file: id, lineOf: () => 1 });
  if ('mistakes' in compiled) throw new TypeError(compiled.mistakes[0]?.reason);
  return compiled;
}

const CHECKS = [
  'asset.locked',
  'asset.locked && (!has(asset.ends) || asset.ends - now > duration("12h"))',
  // Judged at every tick, because nobody can say when it changes.
  'asset.locked || now.getDayOfMonth() % 2 == 0',
];
/** The engine leaves it to closures. */
const REFUSED = standard('refused', 'asset.locked || asset.name.split("").size() > 1');
const LOCKED = CHECKS.map((check) => standard('locked', check));

const day = (at: number, hour = 0) => new Date(Date.UTC(2026, 4, 1 + at, hour));
const NAMES = ['a', 'b', 'c', 'dd'];
const thing = fc.record({
  locked: fc.constantFrom<Statement>(
    { value: true },
    { value: false },
    { unobserved: 'forbidden', why: 'a door' },
  ),
  kept: fc.constantFrom(true, true, false),
  ends: fc.option(fc.integer({ min: 0, max: 200 })),
  owner: fc.constantFrom('@x', '@y'),
});
type Thing = typeof thing extends fc.Arbitrary<infer T> ? T : never;
const EXCEPTIONS: readonly Exception[] = [
  {
    standard: 'locked',
    assets: ['a', 'thing/b'],
    reason: 'a stated reason',
    approver: '@z',
    until: '2026-05-03',
  },
  { standard: 'locked', assets: ['*d*'], reason: 'a stated reason', approver: '@z', until: '2026-05-09' },
];
type Sequence = typeof days extends fc.Arbitrary<infer T> ? T : never;
const days = fc.array(
  fc.record({
    saw: fc.option(fc.dictionary(fc.constantFrom(...NAMES), thing, { noNullPrototype: true }), { freq: 4 }),
    /** How many days the tick comes after the one before. */
    wait: fc.constantFrom(1, 1, 3),
    definition: fc.constantFrom(0, 1, 1, 2, null),
    /** Up to how many assets closures judge; queries judge the rest. */
    few: fc.constantFrom(0, 0, 2, 10),
    exceptions: fc.subarray([...EXCEPTIONS]),
  }),
  { minLength: 3, maxLength: 5 },
);

const GOES_WHILE_REDEFINED: Sequence = [
  { saw: null, wait: 1, definition: 2, few: 0, exceptions: [] },
  {
    saw: { b: { locked: { value: false }, kept: true, ends: 76, owner: '@y' } },
    wait: 1,
    definition: 2,
    few: 0,
    exceptions: [],
  },
  { saw: {}, wait: 1, definition: 0, few: 0, exceptions: [...EXCEPTIONS] },
];

const open: Thing = { locked: { value: false }, kept: true, ends: null, owner: '@x' };
const shut: Thing = { ...open, locked: { value: true } };
const [, OF_D] = EXCEPTIONS;
/** One definition throughout: where each stood is known from what it was judged as, but where an exception was over it. */
const LET_FAIL_FOR_A_WHILE: Sequence = (
  [
    [{ dd: open, a: shut, b: open }, OF_D],
    [{ dd: open, a: { ...open, owner: '@y' }, b: { ...open, owner: '@y' } }, undefined],
    [{ dd: open, a: shut, b: { ...open, kept: false } }, OF_D],
    [{ dd: shut, b: open }, undefined],
  ] as const
).map(([saw, exception]) => ({
  saw,
  wait: 1,
  definition: 0,
  few: 0,
  exceptions: exception ? [exception] : [],
}));

function listing(at: Date, things: Readonly<Record<string, Thing>>): readonly [Collection, Observation[]] {
  const time = at.toISOString();
  const observations = Object.entries(things).map(
    ([name, { locked, kept, ends, owner }]): Observation => ({
      kind: 'thing',
      id: `thing/${name}`,
      name,
      source: 'rounds',
      assurance: 'effective',
      observedAt: time,
      receivedAt: time,
      attributes: {
        name: { value: name },
        locked,
        kept: { value: kept },
        ends: ends === null ? { absent: true } : { value: day(0, ends).toISOString() },
        owners: { value: [owner] },
      },
    }),
  );
  const seen = observations.length;
  return [
    {
      source: 'rounds',
      startedAt: time,
      finishedAt: time,
      status: 'complete',
      problems: [],
      partitions: [
        {
          kind: 'thing',
          container: 'house',
          containerName: 'house',
          complete: true,
          seen,
          witness: { id: 'register', count: seen },
        },
      ],
    },
    observations,
  ];
}

const byPath = (changes: readonly StandingChange[]) =>
  changes.map((change) => JSON.stringify(change, Object.keys(change).sort()));

test('a tick of the store writes what judging everything by closures gives, rows and reasons', async () => {
  const { refused } = pass(kind, [REFUSED], { asOf: day(0), real: day(0) });
  assert.equal(refused.length, 1);
  let moves = 0;
  await fc.assert(
    fc.asyncProperty(days, async (all) => {
      const directory = mkdtempSync(join(tmpdir(), 'macadam-model-'));
      const { facts, history, close } = await openStores(directory, { kinds, now: () => day(100) });
      try {
        const stood = new Map<string, Map<string, PreviousStatus>>();
        let before: { readonly at: Date; readonly assets: ReadonlyMap<string, Asset> } | null = null;
        let digests: Readonly<Record<string, string>> = {};
        let now = 0;
        for (const { saw, wait, definition, few, exceptions } of all) {
          now += wait;
          if (saw) await facts.append(...listing(day(now, 6), saw), day(now, 7));
          const rule = definition === null ? undefined : LOCKED[definition];
          const standards = [REFUSED, ...(rule ? [rule] : [])];
          const at = day(now, 12);
          const { moment } = await history.tick({ facts, kinds, standards, exceptions, at, few });
          const assets = new Map<string, Asset>();
          for await (const asset of facts.assets('thing')) assets.set(asset.id, asset);
          const found = Object.fromEntries(standards.map((one) => [one.definition.id, digestOf(one)]));
          for (const id of ['locked', 'refused']) {
            const own = standards.find((one) => one.definition.id === id);
            const held = stood.get(id) ?? new Map<string, PreviousStatus>();
            const expected = own
              ? changesOf({
                  standard: own,
                  redefined: before !== null && digests[id] !== found[id],
                  stood: held,
                  before: before ?? { at, assets: new Map() },
                  after: { at, assets },
                  exceptions,
                  teamOf: NAMED.of,
                })
              : withdrawn(id, held);
            const told = await history.changesAt(moment, id);
            assert.deepEqual(byPath(told), byPath(expected), `${id} on day ${now}`);
            moves += told.length;
            for (const { asset, to, toTeam, toReason } of expected)
              if (to === 'O') held.delete(asset);
              else held.set(asset, { state: to, team: toTeam, reason: toReason });
            stood.set(id, held);
            const standing = await history.assetsAt(moment, { standard: id }, { limit: 100 });
            assert.deepEqual(
              standing.map(({ asset, state, team, reason }) => [asset, state, team, reason]),
              [...held].sort().map(([asset, { state, team, reason }]) => [asset, state, team, reason]),
            );
          }
          before = { at, assets };
          digests = found;
        }
        assert.deepEqual(await history.broken(), []);
      } finally {
        await close();
        rmSync(directory, { recursive: true });
      }
    }),
    {
      // The examples are among them.
      numRuns: Number(process.env.MACADAM_HISTORY_RUNS ?? 4),
      endOnFailure: true,
      // An asset that goes in the tick that redefines its standard and first hears of an exception that was in force before.
      examples: [
        [LET_FAIL_FOR_A_WHILE],
        ...([0, 10] as const).map((few): [Sequence] => [
          GOES_WHILE_REDEFINED.map((one) => ({ ...one, few })),
        ]),
      ],
    },
  );
  assert.ok(moves > 0);
});
