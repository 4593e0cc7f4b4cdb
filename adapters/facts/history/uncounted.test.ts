/** What was counted and never named, through the store: in whole standards, in the past as it is known, and in every account. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Asset } from '@macadam/core/facts/asset';
import type { Collection, Observation } from '@macadam/core/facts/observation';
import { change, type Figures, figures } from '@macadam/core/figures/accounting';
import { picture } from '@macadam/core/figures/picture';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import { type CompiledStandard, compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { evaluate } from '@macadam/core/verdicts/evaluate';
import { standardSchema } from '@macadam/core/verdicts/standard';
import fc from 'fast-check';
import { openStores, type Stores } from '../open.ts';
import type { Moment } from './record.ts';
import { pastOf } from './retrospect.ts';

const kind: Kind = kindSchema.parse({
  kind: 'thing',
  description: 'A thing for tests.',
  key: ['name'],
  fresh_for: '3d',
  attributes: {
    name: { type: 'string', immutable: true, description: 'What it is called.' },
    locked: { type: 'bool', description: 'Whether it is locked.' },
    owners: { type: 'list', of: 'string', description: 'Who answers for it.' },
  },
});
const kinds = new Map([[kind.kind, kind]]);

function standard(id: string, check = 'asset.locked'): CompiledStandard {
  const definition = standardSchema.parse({
    id,
    pillar: 'engineering',
    title: 'Things are locked',
    check,
    scope: { kind: 'thing' },
    statement: 'Every thing is locked at night.',
    why: 'What is open is walked into.',
    origin: { report: 'none', lesson: 'Open things were walked into.' },
    reasons: [{ id: 'open', when: 'true', say: 'it is open' }],
    severity: 'low',
    measure: { kind: 'share' },
    rollout: { state: 'observe', on_unknown: 'allow' },
    toil: { owner_minutes: 0 },
  });
  const compiled = compileStandard(definition, kind, { file: id, lineOf: () => 1 });
  if ('mistakes' in compiled) throw new TypeError(compiled.mistakes[0]?.reason);
  return compiled;
}
const RULE = standard('locked');

const at = (day: number, hour = 0) => new Date(Date.UTC(2026, 4, 1 + day, hour));

interface Round {
  /** Name → whether it is locked. */
  readonly things: Readonly<Record<string, boolean>>;
  /** How many more the source says that it saw. */
  readonly lost?: number;
  readonly complete?: boolean;
  /** How many more, or fewer, a witness counts. */
  readonly surplus?: number | null;
  readonly failed?: boolean;
}

function round(
  container: string,
  when: Date,
  { things, lost = 0, complete = true, surplus = null, failed }: Round,
) {
  const time = when.toISOString();
  const observations = Object.entries(things).map(
    ([name, locked]): Observation => ({
      kind: 'thing',
      id: `thing/${name}`,
      name,
      source: 'rounds',
      assurance: 'effective',
      container,
      observedAt: time,
      receivedAt: time,
      attributes: { name: { value: name }, locked: { value: locked }, owners: { value: [`@${name}`] } },
    }),
  );
  const seen = observations.length + lost;
  const collection: Collection = {
    source: 'rounds',
    startedAt: time,
    finishedAt: time,
    problems: [],
    status: failed ? 'failed' : complete ? 'complete' : 'incomplete',
    partitions: [
      {
        kind: 'thing',
        container,
        containerName: container,
        complete,
        seen,
        ...(surplus !== null && { witness: { id: 'bill', count: Math.max(0, seen + surplus) } }),
        ...(!complete && { cause: 'forbidden' as const, why: 'no right' }),
      },
    ],
  };
  return [collection, observations] as const;
}

async function opened<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'macadam-unnamed-'));
  const stores = await openStores(directory, { kinds, now: () => at(300) });
  try {
    return await work(stores);
  } finally {
    await stores.close();
    rmSync(directory, { recursive: true });
  }
}

const tickOf = ({ facts, history }: Stores, when: Date, standards = [RULE]) =>
  history.tick({ facts, kinds, standards, exceptions: [], at: when });
const told = (cells: readonly { cell: string; step: string; count: number; unnamed?: number }[]) =>
  cells.map(({ cell, step, count, unnamed = 0 }) => `${step} ${cell} ${count} (${unnamed})`).sort();

test('a share counts what a witness counts, whole standards have it and teams do not', () =>
  opened(async (stores) => {
    const { facts, history } = stores;
    // What there was none of at one tick there is at the next.
    const empty = (await tickOf(stores, new Date(at(0).getTime() - 3_600_000))).moment;
    assert.deepEqual(await history.slice(empty), []);
    await facts.append(...round('house', at(0), { things: { a: true }, surplus: 99 }), at(0));
    const first = (await tickOf(stores, at(0, 1))).moment;
    const whole = { pass: 1, fail: 0, unknown: 99, excepted: 0, unnamed: 99 };
    assert.deepEqual(await history.slice(first), [{ standard: 'locked', ...whole }]);
    assert.deepEqual(await history.slice(first, { standard: 'locked' }, []), [whole]);
    const own = { pass: 1, fail: 0, unknown: 0, excepted: 0 };
    assert.deepEqual(await history.slice(first, {}, ['team']), [{ team: '@a', ...own }]);
    assert.deepEqual(await history.slice(first, { team: '@a' }), [{ standard: 'locked', ...own }]);
    assert.deepEqual(await history.untold(first), [
      { standard: 'locked', cause: 'incomplete', source: 'rounds', count: 99 },
    ]);
    // Who looks less, and is told no number, learns nothing of how many there are.
    await facts.append(...round('house', at(1), { things: {}, complete: false }), at(1));
    const blind = (await tickOf(stores, at(1, 1))).moment;
    assert.deepEqual(await history.slice(blind), [{ standard: 'locked', ...whole }]);
    // The same of them for another reason: no cell, and another cause.
    assert.deepEqual(told(await history.account(first, blind)), []);
    assert.deepEqual(
      (await history.untold(blind)).map(({ cause, count }) => [cause, count]),
      [['forbidden', 99]],
    );
    // Two more get names: the others are still the witness's.
    const three = { a: true, b: true, c: false };
    await facts.append(...round('house', at(2), { things: three, surplus: 2 }), at(2));
    const more = (await tickOf(stores, at(2, 1))).moment;
    assert.deepEqual(await history.slice(more), [
      { standard: 'locked', pass: 2, fail: 1, unknown: 2, excepted: 0, unnamed: 2 },
    ]);
    assert.deepEqual(told(await history.account(blind, more)), [
      'evidence entered-fail 1 (0)',
      'evidence entered-pass 1 (0)',
      'evidence gone-unknown 97 (97)',
    ]);
    // A list behind a number says how many of it have no name.
    const past = pastOf(history);
    const between = { from: first, to: more, known: false, fromFirst: false };
    const changed = await past.changed(between, {}, () => true, { offset: 0, limit: 10 });
    assert.deepEqual(
      [changed.assets.map(({ asset }) => asset).sort(), changed.changes, changed.unnamed, changed.more],
      [['thing/b', 'thing/c'], 2 + 97, 97, false],
    );
    // A standard that comes, and one that goes, takes them in and out by its definition.
    const two = (await tickOf(stores, at(2, 2), [RULE, standard('anew')])).moment;
    assert.deepEqual(told(await history.account(more, two, { standard: 'anew' })), [
      'definition entered-fail 1 (0)',
      'definition entered-pass 2 (0)',
      'definition entered-unknown 2 (2)',
    ]);
    const left = (await tickOf(stores, at(2, 3))).moment;
    assert.deepEqual(told(await history.account(two, left, { standard: 'anew' })), [
      'definition out-of-scope-fail 1 (0)',
      'definition out-of-scope-pass 2 (0)',
      'definition out-of-scope-unknown 2 (2)',
    ]);
    assert.deepEqual(
      (await history.slice(left)).map(({ standard: of }) => of),
      ['locked'],
    );
    // What a person confirms hides nothing.
    const doubted = (await facts.collections()).at(-1);
    assert.ok(doubted);
    await facts.confirm(doubted.digest, 'counted by hand', at(2, 4));
    const sure = (await tickOf(stores, at(2, 5))).moment;
    assert.deepEqual(await history.slice(sure), [
      { standard: 'locked', pass: 2, fail: 1, unknown: 0, excepted: 0 },
    ]);
    // What a tick left behind that did not come to its end is taken back by the next.
    await stores.driver.command(
      `INSERT INTO verdict_unnamed SELECT 'locked', toDateTime({at:Int64}, 'UTC'), {known:UInt64}, 'rounds', 'house',
         'incomplete', 'evidence', 'O', 'U', 0, 'new', 5`,
      { at: at(2, 6).getTime() / 1000, known: sure.known },
    );
    await stores.driver.command("INSERT INTO tick_begun SELECT toDateTime({at:Int64}, 'UTC')", {
      at: at(2, 6).getTime() / 1000,
    });
    const next = (await tickOf(stores, at(2, 7))).moment;
    assert.deepEqual(await history.slice(next), await history.slice(sure));
    assert.deepEqual(told(await history.account(sure, next)), []);
    assert.deepEqual(await history.broken(), []);
  }));

const roundOf = fc.record({
  things: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.boolean(), { noNullPrototype: true }),
  lost: fc.constantFrom(0, 0, 2),
  complete: fc.constantFrom(true, true, false),
  surplus: fc.constantFrom(null, null, 0, 3, -1),
  failed: fc.constantFrom(false, false, false, true),
  /** How many days later it is learned. */
  after: fc.constantFrom(0, 0, 0, 1, 2),
});
type Generated = typeof roundOf extends fc.Arbitrary<infer T> ? T : never;
const PLACES = ['house', 'shed'] as const;
const days = fc.array(
  fc.record({ house: fc.option(roundOf, { freq: 4 }), shed: fc.option(roundOf, { freq: 2 }) }),
  { minLength: 3, maxLength: 5 },
);
/** Each place is gone over at its own hour. */
const hourOf = (place: string) => (place === 'house' ? 6 : 7);

const SEEN: Omit<Generated, 'things'> = { lost: 0, complete: true, surplus: null, failed: false, after: 0 };
/** What two places list within an hour has a name in both. */
const IN_BOTH = [
  {
    house: { ...SEEN, things: { a: true, b: false } },
    shed: { ...SEEN, things: { a: true }, surplus: 3 } satisfies Generated,
  },
];

const KEYS = ['pass', 'fail', 'unknown', 'excepted'] as const;
const plain = (one: Figures | undefined): Figures => {
  const { pass, fail, unknown, excepted } = one ?? figures([]);
  return { pass, fail, unknown, excepted };
};

interface Heard extends Generated {
  readonly began: Date;
}

/** Written a second way: how many a place must have, and how many of these have a name. */
function countedIn(
  heard: readonly Heard[],
  sightings: ReadonlyMap<string, string>,
  place: string,
  assets: readonly Asset[],
): { readonly named: number; readonly hides: number } {
  const newest = heard.at(-1);
  const seen = new Set(Object.keys(newest?.things ?? {}));
  const named = assets.filter(({ name }) => sightings.get(name) === place || seen.has(name)).length;
  if (!newest) return { named, hides: 0 };
  let expected = 0;
  for (const one of heard) {
    const seen = Object.keys(one.things).length + one.lost;
    const witness = one.surplus === null ? null : Math.max(0, seen + one.surplus);
    const whole = one.complete && !one.failed;
    expected = Math.max(seen, witness ?? 0, whole || witness !== null ? 0 : expected);
  }
  return { named, hides: Math.max(0, expected - named) };
}

test('every slice is what is named and what must be there besides, every account explains it, and a scan says the same', async () => {
  await fc.assert(
    fc.asyncProperty(days, (all) =>
      opened(async (stores) => {
        const { facts, history } = stores;
        const heardOf = (place: (typeof PLACES)[number], day: number, known: number): readonly Heard[] =>
          all.slice(0, day + 1).flatMap((rounds, began) => {
            const one = rounds[place];
            return one && began + one.after <= known ? [{ ...one, began: at(began, hourOf(place)) }] : [];
          });
        const counted = (day: number, known: number, assets: readonly Asset[]) => {
          const sightings = new Map(
            PLACES.flatMap((place) => heardOf(place, day, known).map((one) => ({ ...one, place })))
              .sort((a, b) => a.began.getTime() - b.began.getTime())
              .flatMap(({ things, place }) => Object.keys(things).map((name) => [name, place] as const)),
          );
          return PLACES.map((place) => countedIn(heardOf(place, day, known), sightings, place, assets));
        };
        const expected = (day: number, known: number, assets: readonly Asset[]): Figures => {
          const clock = { asOf: at(day, 12), real: at(day, 12) };
          const named = figures(
            assets.map((one) => {
              const { verdict } = evaluate(RULE, one, clock);
              return verdict === 'pass' ? 'P' : verdict === 'fail' ? 'F' : 'U';
            }),
          );
          const hides = counted(day, known, assets).reduce((sum, one) => sum + one.hides, 0);
          return { ...named, unknown: named.unknown + hides };
        };
        const sliceAt = async (moment: Moment) => plain((await history.slice(moment))[0]);
        const published: { readonly moment: Moment; readonly figures: Figures }[] = [];
        for (const day of all.keys()) {
          for (const place of PLACES)
            for (const [began, rounds] of all.entries()) {
              const one = rounds[place];
              if (one && began + one.after === day)
                await facts.append(...round(place, at(began, hourOf(place)), one), at(day, 9));
            }
          const { moment } = await tickOf(stores, at(day, 12));
          const assets = await Array.fromAsync(facts.assets('thing'));
          const slice = await sliceAt(moment);
          assert.deepEqual(slice, expected(day, day, assets), `day ${day}`);
          published.push({ moment, figures: slice });
          // Teams have what is named, and nothing else.
          const teams = await history.slice(moment, {}, ['team']);
          assert.equal(
            teams.reduce((sum, one) => sum + one.pass + one.fail + one.unknown, 0),
            assets.length,
          );
          // The picture of the same assets and the newest collections, where these say how many there are.
          const counts = counted(day, day, assets);
          const rounds = PLACES.flatMap((place, index) => {
            const one = heardOf(place, day, day).at(-1);
            const [collection] = one ? round(place, one.began, one) : [];
            const partition = collection?.partitions[0];
            const alone = one !== undefined && ((one.complete && !one.failed) || one.surplus !== null);
            return collection && partition
              ? [{ collection, partition, alone, named: counts[index]?.named ?? 0 }]
              : [];
          });
          if (rounds.every(({ alone }) => alone)) {
            const { scan } = picture({
              engine: 'test',
              catalogue: 'test',
              standards: [RULE],
              assets,
              exceptions: [],
              collections: rounds.map(({ collection }) => collection),
              arrived: new Map(rounds.map(({ partition, named }) => [partition, named])),
              clock: { asOf: at(day, 12), real: at(day, 12) },
            });
            const { pass = 0, fail = 0, unknown = 0 } = scan.standards[0] ?? {};
            assert.deepEqual({ pass, fail, unknown, excepted: 0 }, slice, `a scan on day ${day}`);
          }
          // Every tick of the past as it is known now.
          for (const [then, one] of published.entries()) {
            const asOf = { valid: at(then, 12).toISOString(), known: moment.known };
            const were = await Array.fromAsync(facts.assetsAsOf('thing', asOf));
            const past = { valid: one.moment.valid, known: moment.known };
            assert.deepEqual(
              await sliceAt(past),
              expected(then, day, were),
              `day ${then}, known on day ${day}`,
            );
            assert.deepEqual(await sliceAt(one.moment), one.figures, 'what was published stays');
            const cells = await history.account(one.moment, moment);
            const explained: Record<(typeof KEYS)[number], number> = { ...figures([]) };
            for (const { cell, state, count } of cells) {
              for (const key of KEYS) explained[key] += change([{ cell, state }])[key] * count;
            }
            for (const key of KEYS) assert.equal(explained[key], slice[key] - one.figures[key], key);
          }
        }
        assert.deepEqual(await history.broken(), []);
      }),
    ),
    {
      numRuns: Number(process.env.MACADAM_HISTORY_RUNS ?? 2),
      endOnFailure: true,
      examples: [[IN_BOTH]],
    },
  );
});
