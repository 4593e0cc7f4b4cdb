/** The laws of the account, through the store: generated days of collections, each judged and written down. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Asset } from '@macadam/core/facts/asset';
import type { Collection, Observation, Statement } from '@macadam/core/facts/observation';
import { change, described, type Figures, figures, type State } from '@macadam/core/figures/accounting';
import {
  cohortTally,
  type MeasureTally,
  NO_AMOUNTS,
  tallySum,
  withAmount,
} from '@macadam/core/figures/measure';
import { ownerOf } from '@macadam/core/figures/picture';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import { type CompiledStandard, compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { evaluate, judgeOf, rowOf } from '@macadam/core/verdicts/evaluate';
import { type Exception, exceptionFor } from '@macadam/core/verdicts/exception';
import { standardSchema } from '@macadam/core/verdicts/standard';
import fc from 'fast-check';
import { openStores } from '../open.ts';
import type { AmountChange } from './amounts.ts';
import type { History } from './open.ts';
import { type CellCount, changesIn } from './read.ts';
import type { Moment } from './record.ts';
import { NOBODY } from './teams.ts';

const kind: Kind = kindSchema.parse({
  kind: 'thing',
  description: 'A thing for tests.',
  key: ['name'],
  fresh_for: '3d',
  attributes: {
    name: { type: 'string', immutable: true, description: 'What it is called.' },
    locked: { type: 'bool', description: 'Whether it is locked.' },
    kept: { type: 'bool', description: 'Whether it is in scope.' },
    load: { type: 'int', description: 'What it carries.' },
    owners: { type: 'list', of: 'string', description: 'Who answers for it.' },
  },
});
const kinds = new Map([[kind.kind, kind]]);

function standard(check: string, id = 'locked', measure: object = { kind: 'share' }): CompiledStandard {
  const definition = standardSchema.parse({
    id,
    pillar: 'engineering',
    title: 'Things are locked',
    statement: 'Every thing is locked at night.',
    why: 'What is open is walked into.',
    origin: { report: 'none', lesson: 'Open things were walked into.' },
    scope: { kind: 'thing', where: 'asset.kept' },
    check,
    reasons: [{ id: 'open', when: 'true', say: 'it is open' }],
    severity: 'low',
    measure,
    rollout: { state: 'observe', on_unknown: 'allow' },
    toil: { owner_minutes: 0 },
  });
  const compiled = compileStandard(definition, kind, { file: id, lineOf: () => 1 });
  if ('mistakes' in compiled) throw new TypeError(compiled.mistakes[0]?.reason);
  return compiled;
}
const CHECKS = ['asset.locked', 'asset.locked || asset.name == "a"'].map((check) => standard(check));
const WEIGHED = standard('asset.locked', 'weighed', { kind: 'weighted', by: 'asset.load', unit: 'loads' });
/** From the second day on, so that a cohort is taken between two looks; its definition changes as the other one does. */
const ENDED = ['asset.locked', 'asset.locked || asset.name == "a"'].map((check) =>
  standard(check, 'ended', { kind: 'elimination', since: '2026-05-02', unit: 'things' }),
);
const SINCE = new Date('2026-05-02T00:00:00Z');
/** In force on the first three days. */
const EXCEPTION: Exception = {
  standard: 'locked',
  assets: ['a', 'b'],
  reason: 'a stated reason',
  approver: '@z',
  until: '2026-05-03',
};

const thing = fc.record({
  locked: fc.constantFrom<Statement>(
    { value: true },
    { value: false },
    { unobserved: 'forbidden', why: 'a door' },
  ),
  kept: fc.constantFrom(true, true, true, false),
  load: fc.constantFrom<Statement>({ value: 3 }, { value: 40 }, { unobserved: 'forbidden', why: 'a door' }),
  owner: fc.constantFrom('@x', '@y'),
});
type Thing = typeof thing extends fc.Arbitrary<infer T> ? T : never;
const days = fc
  .tuple(
    fc.boolean(),
    fc.array(
      fc.record({
        saw: fc.option(fc.dictionary(fc.constantFrom('a', 'b', 'c'), thing, { noNullPrototype: true }), {
          freq: 5,
        }),
        /** What a second source saw that day, and how many days later it is learned. */
        late: fc.option(
          fc.record({ name: fc.constantFrom('a', 'b', 'c'), thing, after: fc.integer({ min: 0, max: 3 }) }),
          { freq: 2 },
        ),
        definition: fc.constantFrom(0, 0, 1),
        excepted: fc.boolean(),
      }),
      { minLength: 3, maxLength: 5 },
    ),
  )
  // Where no rule and no exception changes, the past as it is known now can be judged anew.
  .map(([steady, all]) => all.map((day) => (steady ? { ...day, definition: 0, excepted: false } : day)));

const at = (day: number, hour: number) => new Date(Date.UTC(2026, 4, 1 + day, hour));

function collectionOf(
  source: string,
  when: Date,
  things: Readonly<Record<string, Thing>>,
  complete: boolean,
) {
  const time = when.toISOString();
  const observations = Object.entries(things).map(
    ([name, { locked, kept, load, owner }]): Observation => ({
      kind: 'thing',
      id: `thing/${name}`,
      name,
      source,
      assurance: 'effective',
      observedAt: time,
      receivedAt: time,
      attributes: { name: { value: name }, locked, kept: { value: kept }, load, owners: { value: [owner] } },
    }),
  );
  const seen = observations.length;
  const collection: Collection = {
    source,
    startedAt: time,
    finishedAt: time,
    status: complete ? 'complete' : 'incomplete',
    problems: [],
    // A glimpse claims to list nothing; what a list that ends early hides is `unnamed.test.ts`'s.
    partitions: complete
      ? [
          {
            kind: 'thing',
            container: source,
            containerName: source,
            complete,
            seen,
            witness: { id: 'register', count: seen },
          },
        ]
      : [],
  };
  return [collection, observations] as const;
}

const KEYS = ['pass', 'fail', 'unknown', 'excepted'] as const;
const plain = (rows: readonly Figures[]): Figures => {
  const [one = figures([])] = rows;
  return { pass: one.pass, fail: one.fail, unknown: one.unknown, excepted: one.excepted };
};
const TEAMS = ['@x', '@y'];
/** Everybody, each team, and two teams together, between which a handover moves nothing. */
const UNITS = [null, ['@x'], ['@y'], TEAMS];
type Units = readonly (readonly string[] | null)[];

/** The first of them, and another one each time; all of them by hand. */
const inTurn = <Of>(all: readonly Of[], turn: number): readonly Of[] =>
  all.filter((_, place) => ASKED !== undefined || place === 0 || place === 1 + (turn % (all.length - 1)));

test('accounts explain every figure over time and over teams, nothing published changes, and late evidence counts when it is learned', async () => {
  await fc.assert(
    fc.asyncProperty(days, async (all) => {
      const directory = mkdtempSync(join(tmpdir(), 'macadam-laws-'));
      const { facts, history, close } = await openStores(directory, { kinds, now: () => at(30, 0) });
      try {
        const sliceOf = async (moment: Moment) =>
          Promise.all(
            [undefined, ...TEAMS].map(async (team) =>
              plain(await history.slice(moment, { standard: 'locked', ...(team && { team }) })),
            ),
          );
        const published: {
          readonly moment: Moment;
          readonly slices: readonly Figures[];
          readonly amounts: ReadonlyMap<string, MeasureTally>;
          readonly cohort: ReadonlyMap<string, MeasureTally>;
        }[] = [];
        const amountsOf = async (moment: Moment) =>
          new Map((await history.amountsAt('weighed', moment))?.map(({ team, tally }) => [team, tally]));
        for (const [day, { saw, definition, excepted }] of all.entries()) {
          if (saw) await facts.append(...collectionOf('rounds', at(day, 6), saw, true), at(day, 7));
          for (const [then, { late }] of all.entries()) {
            if (!late || then + late.after !== day) continue;
            const glimpse = collectionOf('glimpses', at(then, 8), { [late.name]: late.thing }, false);
            await facts.append(...glimpse, at(day, 9));
          }
          const rule = CHECKS[definition];
          const ended = ENDED[definition];
          assert.ok(rule && ended);
          const exceptions = excepted ? [EXCEPTION] : [];
          const { moment } = await history.tick({
            facts,
            kinds,
            standards: [rule, WEIGHED, ended],
            exceptions,
            at: at(day, 12),
            // Queries judge on one day, closures on the next.
            few: day % 2 === 0 ? 0 : 100,
          });
          const slices = await sliceOf(moment);
          // Where everything stands is what judging what is known says.
          const clock = { asOf: at(day, 12), real: at(day, 12) };
          const standing: { readonly team: string; readonly state: State }[] = [];
          const weighed = new Map<string, MeasureTally>();
          for await (const asset of facts.assets('thing')) {
            standing.push(stands(rule, asset, exceptions, clock));
            addWeighed(weighed, asset, clock);
          }
          const amounts = await amountsOf(moment);
          for (const team of TEAMS)
            assert.deepEqual(
              amounts.get(team) ?? NO_AMOUNTS,
              weighed.get(team) ?? NO_AMOUNTS,
              `amounts of ${team} on day ${day}`,
            );
          for (const [index, team] of [undefined, ...TEAMS].entries()) {
            const own = standing.filter((one) => team === undefined || one.team === team);
            assert.deepEqual(
              slices[index],
              figures(own.map(({ state }) => state)),
              `day ${day}, ${team ?? 'all'}`,
            );
          }
          for (const { step, from, to } of await history.changesAt(moment, 'locked')) {
            if (step !== 'definition' || from === to) continue;
            assert.notEqual(all[day - 1]?.definition, definition, 'an old definition changed something');
          }
          published.push({
            moment,
            slices,
            amounts,
            cohort: await cohortOf(history, moment, inTurn(UNITS, day)),
          });
          if (all.some((one) => one.definition !== 0 || one.excepted)) continue;
          const learned = all.some(({ late }, then) => late && late.after > 0 && then + late.after === day);
          if (ASKED === undefined && !learned && day < all.length - 1) continue;
          // Every tick of the past, as it is known now, is what judging the facts of then, as they are known now, says.
          for (const { moment: then } of published) {
            const past = { valid: then.valid, known: moment.known };
            const clock = { asOf: then.valid, real: then.valid };
            const stood: State[] = [];
            for await (const asset of facts.assetsAsOf('thing', {
              valid: then.valid.toISOString(),
              known: moment.known,
            }))
              stood.push(stands(rule, asset, [], clock).state);
            assert.deepEqual(
              plain(await history.slice(past, { standard: 'locked' })),
              figures(stood),
              `the tick of ${then.valid.toISOString()}, as known on day ${day}`,
            );
          }
        }
        // What was published stays.
        for (const [turn, { moment, slices, amounts, cohort }] of published.entries()) {
          assert.deepEqual(await sliceOf(moment), slices);
          assert.deepEqual(await amountsOf(moment), amounts);
          assert.deepEqual(await cohortOf(history, moment, inTurn(UNITS, turn + 1)), cohort);
        }
        for (const [turn, [start, end]] of spansOf(published).entries()) {
          const isWhole = ASKED !== undefined || (start === published[0] && end === published.at(-1));
          const units = isWhole ? UNITS : inTurn(UNITS, turn);
          await explainsAmounts(history, start, end, units);
          await explainsCohort(history, start, end, { units, isWhole });
          const teams = [undefined, ...TEAMS];
          for (const team of isWhole ? teams : inTurn(teams, turn)) {
            const index = teams.indexOf(team);
            const cells = await history.account(start.moment, end.moment, {
              standard: 'locked',
              ...(team && { team }),
            });
            const explained = figures([]) as Record<(typeof KEYS)[number], number>;
            if (isWhole || team === undefined)
              await listsAsCounted(history, [start.moment, end.moment], { team, cells });
            for (const { cell, step, state, count } of cells) {
              if (step === 'definition') assert.match(described({ cell, step }), /^(tightened|relaxed)$/);
              for (const key of KEYS) explained[key] += change([{ cell, state }])[key] * count;
            }
            for (const key of KEYS) {
              const moved = (end.slices[index]?.[key] ?? 0) - (start.slices[index]?.[key] ?? 0);
              assert.equal(explained[key], moved, `${key} of ${team ?? 'all'}`);
            }
          }
        }
        assert.deepEqual(await history.broken(), []);
      } finally {
        await close();
        rmSync(directory, { recursive: true });
      }
    }),
    {
      // The stated ones are among them.
      numRuns: Number(ASKED ?? 4),
      endOnFailure: true,
      examples: [[HANDED], [OVERTAKEN], [TAKEN_EARLIER]],
    },
  );
});

/** So many histories are asked for by hand, and then every span of each, of every team. */
const ASKED = process.env.MACADAM_HISTORY_RUNS;

/**
 * Every step, the whole way, and the way from the second look: what lies between is summed in the same way. The whole way is asked of every
 * team, a step of everybody and of one in turn.
 */
function spansOf<Of>(looks: readonly Of[]): readonly (readonly [start: Of, end: Of])[] {
  return looks.flatMap((start, from) =>
    looks
      .slice(from + 1)
      .flatMap((end, after) =>
        ASKED !== undefined || after === 0 || (from < 2 && end === looks.at(-1))
          ? [[start, end] as const]
          : [],
      ),
  );
}

/** The list behind each cell has exactly the changes that the cell counts, an asset as often as it changed. */
async function listsAsCounted(
  history: History,
  [from, to]: readonly [Moment, Moment],
  { team, cells }: { readonly team: string | undefined; readonly cells: readonly CellCount[] },
): Promise<void> {
  const nameOf = ({ cell, step }: Pick<CellCount, 'cell' | 'step'>) => `${cell} in step ${step}`;
  const counted = new Map<string, number>();
  for (const one of cells)
    counted.set(nameOf(one), (counted.get(nameOf(one)) ?? 0) + changesIn(one) - (one.unnamed ?? 0));
  const own = new Map(
    cells.map(({ cell, step }) => [nameOf({ cell, step }), { standard: 'locked', cell, step }]),
  );
  const of = team === undefined ? {} : { team };
  const all = await history.assetsOf({ from, to, of, cells: [...own.values()], limit: 10_000 });
  const listed = Map.groupBy(all, nameOf);
  for (const [name, count] of counted)
    assert.equal(listed.get(name)?.length ?? 0, count, `${name} of ${team ?? 'all'}`);
}

type Published = {
  readonly moment: Moment;
  readonly amounts: ReadonlyMap<string, MeasureTally>;
  readonly cohort: ReadonlyMap<string, MeasureTally>;
};
const NAMES_OF_AMOUNTS = Object.keys(NO_AMOUNTS) as (keyof MeasureTally)[];

/** Causes sum to what the amounts of everybody and of each team moved by, and each has a list of as many assets as it counts. */
async function explainsAmounts(history: History, start: Published, end: Published, units: Units) {
  const moments = { from: start.moment, to: end.moment };
  const window = { ...moments, standard: 'weighed' };
  const lists = new Map<string, readonly AmountChange[]>();
  for (const teams of units) {
    const said = teams?.join() ?? 'all';
    const found = (await history.amountsBetween(moments, ['weighed'], teams)).get('weighed');
    const { now, before, causes } = found ?? { now: NO_AMOUNTS, before: null, causes: [] };
    assert.deepEqual(now, of(end.amounts, teams), `what ${said} have`);
    assert.deepEqual(before ?? NO_AMOUNTS, of(start.amounts, teams), `what ${said} had`);
    for (const name of NAMES_OF_AMOUNTS)
      assert.equal(
        causes.reduce((all, { moved }) => all + moved[name], 0),
        now[name] - (before ?? NO_AMOUNTS)[name],
        `${name} of ${said}`,
      );
    for (const cause of causes) {
      const name = `${cause.step} ${cause.cell}`;
      const list =
        lists.get(name) ?? (await history.amountChanges(window, cause, { offset: 0, limit: 1000 }));
      lists.set(name, list);
      const listed = list.filter(({ team }) => teams?.includes(team) !== false);
      assert.equal(listed.length, cause.changes, `${name} of ${said}`);
    }
  }
}

/** By team, as it stands then; before its day nobody is of it. What these have is the sum of it. */
async function cohortOf(
  history: History,
  moment: Moment,
  units: Units,
): Promise<ReadonlyMap<string, MeasureTally>> {
  if (moment.valid < SINCE) return new Map();
  const members = Map.groupBy(await history.cohortAt('ended', SINCE, moment), ({ team }) => team);
  const cohort = new Map([...members].map(([team, own]) => [team, cohortTally(own)]));
  for (const teams of units) {
    const { tally } = await history.cohortMeasured('ended', SINCE, moment, teams ?? undefined);
    assert.deepEqual(tally, of(cohort, teams), `the cohort of ${teams?.join() ?? 'all'}`);
  }
  return cohort;
}

/** Of everybody, or of some teams. */
const of = (all: ReadonlyMap<string, MeasureTally>, teams: readonly string[] | null): MeasureTally =>
  tallySum([...all].flatMap(([team, tally]) => (teams?.includes(team) === false ? [] : [tally])));

/** The same of a cohort; `isWhole`: also that teams have lists of their own, and that pages of a list are the list. */
async function explainsCohort(
  history: History,
  start: Published,
  end: Published,
  { units, isWhole }: { readonly units: Units; readonly isWhole: boolean },
) {
  for (const teams of units) {
    const window = {
      from: start.moment,
      to: end.moment,
      standard: 'ended',
      since: SINCE,
      ...(teams && { teams }),
    };
    const said = `${teams?.join() ?? 'all'} from ${start.moment.valid.toISOString()} to ${end.moment.valid.toISOString()}`;
    const causes = await history.cohortCauses(window);
    for (const name of NAMES_OF_AMOUNTS)
      assert.equal(
        causes.reduce((all, { moved }) => all + moved[name], 0),
        of(end.cohort, teams)[name] - of(start.cohort, teams)[name],
        `${name} of ${said}`,
      );
    if (teams !== null && !isWhole) continue;
    for (const cause of causes) {
      const list = await history.cohortChanges(window, cause, { offset: 0, limit: 1000 });
      assert.equal(list.length, cause.changes, `${cause.cell} of ${said}`);
      for (const { team } of list) assert.ok(teams?.includes(team) !== false, `${team} in ${said}`);
      // Whose it is chooses what is listed, and not how a list is cut.
      if (teams !== null || !isWhole || list.length < 2) continue;
      const limit = Math.ceil(list.length / 2);
      const pages = [0, limit].map((offset) => history.cohortChanges(window, cause, { offset, limit }));
      assert.deepEqual((await Promise.all(pages)).flat(), list, `pages of ${cause.cell} of ${said}`);
    }
  }
}

/** Adds what functions say of an asset. */
function addWeighed(
  weighed: Map<string, MeasureTally>,
  asset: Asset,
  clock: { asOf: Date; real: Date },
): void {
  const judge = judgeOf(WEIGHED, clock);
  const row = rowOf(kind, asset);
  const { verdict } = judge.judge(row);
  if (verdict === 'not-applicable' || WEIGHED.measure.kind !== 'weighted') return;
  const amount = WEIGHED.measure.by.run(judge.bindings(row), judge.around);
  const team = ownerOf(asset) ?? NOBODY;
  const known = typeof amount === 'number' ? amount : null;
  weighed.set(team, withAmount(weighed.get(team) ?? NO_AMOUNTS, verdict, known));
}

const HELD: Thing = { locked: { value: true }, kept: true, load: { value: 3 }, owner: '@x' };
/** Something is learned of the first day when what was seen since has long overtaken it. */
const OVERTAKEN = [0, 1, 2, 3].map((day) => ({
  saw: { a: HELD },
  late: day === 0 ? { name: 'a' as const, thing: { ...HELD, locked: { value: false } }, after: 3 } : null,
  definition: 0 as const,
  excepted: false,
}));

const OPEN: Thing = { ...HELD, locked: { value: false } };
const theirs = (thing: Thing): Thing => ({ ...thing, owner: '@y' });
/** What is to be eliminated is handed over, fixed, fails again, goes and comes back to another team. */
const HANDED = [
  { a: OPEN, b: { ...OPEN, locked: { unobserved: 'forbidden' as const, why: 'a door' } }, c: OPEN },
  { a: theirs(OPEN), b: OPEN },
  { a: theirs(HELD), b: theirs(OPEN), c: theirs(OPEN) },
  { a: OPEN, c: theirs(HELD) },
].map((saw) => ({ saw, late: null, definition: 0 as const, excepted: false }));

const UNTOLD: Thing = { ...HELD, locked: { unobserved: 'forbidden', why: 'a door' } };
/** Something is learned of a time before the first look, so that the cohort is of an earlier day than was said, and of other assets. */
const TAKEN_EARLIER = [
  { saw: null, late: { name: 'b' as const, thing: OPEN, after: 2 } },
  { saw: { b: UNTOLD, c: UNTOLD }, late: null },
  { saw: { c: HELD }, late: null },
].map((day) => ({ ...day, definition: 0 as const, excepted: false }));

const LETTERS = { pass: 'P', fail: 'F', unknown: 'U', 'not-applicable': 'O' } as const;

function stands(
  rule: CompiledStandard,
  asset: Asset,
  exceptions: readonly Exception[],
  clock: { asOf: Date; real: Date },
) {
  const letter = LETTERS[evaluate(rule, asset, clock).verdict];
  const excepted = letter === 'F' && exceptionFor(exceptions, 'locked', asset, clock.asOf) !== null;
  const state: State = excepted ? 'X' : letter;
  return { team: ownerOf(asset) ?? NOBODY, state };
}
