import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Collection, Observation, Statement } from '@macadam/core/facts/observation';
import { type Kind, kindSchema } from '@macadam/core/kinds/kind';
import { type CompiledStandard, compileStandard } from '@macadam/core/verdicts/compiled-standard';
import { standardSchema } from '@macadam/core/verdicts/standard';
import type { Driver } from '../clickhouse/driver.ts';
import { openStores, type Stores } from '../open.ts';
import { manyOf } from './judged.ts';
import { openHistory } from './open.ts';
import { pastOf } from './retrospect.ts';
import type { Ticked } from './tick.ts';

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

function standard(check: string): CompiledStandard {
  const definition = standardSchema.parse({
    id: 'locked',
    pillar: 'engineering',
    title: 'Things are locked',
    statement: 'Every thing is locked at night.',
    why: 'What is open is walked into.',
    origin: { report: 'none', lesson: 'Open things were walked into.' },
    scope: { kind: 'thing' },
    check,
    reasons: [{ id: 'open', when: 'true', say: 'it is open' }],
    severity: 'low',
    measure: { kind: 'share' },
    rollout: { state: 'observe', on_unknown: 'allow' },
    toil: { owner_minutes: 0 },
  });
  const compiled = compileStandard(definition, kind, { file: 'locked', lineOf: () => 1 });
  if ('mistakes' in compiled) throw new TypeError(compiled.mistakes[0]?.reason);
  return compiled;
}

const directory = mkdtempSync(join(tmpdir(), 'macadam-tick-'));
let stores: Stores;
before(async () => {
  stores = await openStores(directory, { kinds, now: () => new Date('2026-06-01T00:00:00Z') });
});
after(async () => {
  await stores.close();
  rmSync(directory, { recursive: true });
});

const day = (number: number, hour = 0) => new Date(Date.UTC(2026, 4, number, hour));

/** One collection on a day that saw these things, and is complete. */
async function saw(
  at: Date,
  things: Readonly<Record<string, boolean | null>>,
  receivedAt = at,
): Promise<void> {
  const observations: Observation[] = Object.entries(things).map(([name, locked]) => ({
    kind: 'thing',
    id: `thing/${name}`,
    name,
    source: 'rounds',
    assurance: 'effective',
    observedAt: at.toISOString(),
    receivedAt: receivedAt.toISOString(),
    attributes: {
      name: { value: name },
      locked: (locked === null
        ? { unobserved: 'forbidden', why: 'behind a door' }
        : { value: locked }) as Statement,
      owners: { value: [`team-${name[0]}`] },
    },
  }));
  const collection: Collection = {
    source: 'rounds',
    startedAt: at.toISOString(),
    finishedAt: at.toISOString(),
    status: 'complete',
    problems: [],
    partitions: [
      {
        kind: 'thing',
        container: 'house',
        containerName: 'the house',
        complete: true,
        seen: observations.length,
        witness: { id: 'register', count: observations.length },
      },
    ],
  };
  await stores.facts.append(collection, observations, receivedAt);
}

const tick = (at: Date, check = 'asset.locked', few = 0) =>
  stores.history.tick({ facts: stores.facts, kinds, standards: [standard(check)], exceptions: [], at, few });

const told = async ({ moment }: Ticked) =>
  (await stores.history.changesAt(moment, 'locked')).map(
    ({ asset, step, from, to, toReason }) => `${asset} ${step} ${from}>${to} ${toReason}`,
  );

test('ticks tell what changed, by its cause', async () => {
  await saw(day(1), { a1: true, a2: false, b1: null });
  const first = await tick(day(1, 12));
  assert.equal(first.previous, null);
  assert.deepEqual(await told(first), [
    'thing/a1 evidence O>P meets',
    'thing/a2 evidence O>F open',
    'thing/b1 evidence O>U forbidden',
  ]);
  await saw(day(2), { a1: true, a2: true });
  const second = await tick(day(2, 12));
  assert.deepEqual(await told(second), ['thing/a2 evidence F>P meets', 'thing/b1 evidence U>O ']);
  const nothing = await tick(day(3, 12));
  assert.deepEqual(await told(nothing), []);
  const old = await tick(day(6, 12));
  assert.deepEqual(await told(old), ['thing/a1 clock P>U stale', 'thing/a2 clock P>U stale']);
  const [now] = await stores.history.slice(old.moment);
  assert.deepEqual(now, { standard: 'locked', pass: 0, fail: 0, unknown: 2, excepted: 0 });
  const cells = await stores.history.account(first.moment, old.moment);
  assert.deepEqual(cells.map(({ step, cell, count }) => `${step} ${cell} ${count}`).sort(), [
    'clock lost-pass 2',
    'evidence fixed 1',
    'evidence gone-unknown 1',
  ]);
});

test('what was so at a moment is asked of the engine once, however many want to know, until ticks are taken back', async () => {
  await saw(day(6, 13), { a1: true, a2: false });
  await tick(day(6, 14));
  await saw(day(6, 15), { a1: false, a2: false });
  await tick(day(6, 16));
  const { driver } = stores;
  let asked = 0;
  const history = await openHistory({
    place: driver.place,
    database: driver.database,
    query: (sql, parameters) => {
      asked += 1;
      return driver.query(sql, parameters);
    },
    insert: driver.insert,
    command: driver.command,
    background: driver.background,
    close: driver.close,
  });
  const overview = async () => {
    // A new one, as after each tick.
    const past = pastOf(history);
    const between = await past.between({});
    assert.ok(between !== null && !('fault' in between));
    return { moments: await past.ticks(), went: await past.standards(between) };
  };
  asked = 0;
  const [first, second] = await Promise.all([overview(), overview()]);
  const once = asked;
  assert.deepEqual(second, first);
  assert.ok(once > 0);
  assert.deepEqual(await overview(), first);
  assert.equal(asked, once);
  await history.retractTicks(day(6, 15));
  const { moments, went } = await overview();
  assert.equal(moments.length, first.moments.length - 1);
  assert.notDeepEqual(went, first.went);
});

test('a changed definition is nobody’s fixing', async () => {
  await saw(day(7), { a1: true, a2: false });
  await tick(day(7, 12));
  const looser = await tick(day(8, 12), 'asset.locked || asset.name == "a2"');
  assert.deepEqual(await told(looser), ['thing/a2 definition F>P meets']);
});

test('late evidence changes what is known of the past, and not what was published', async () => {
  const before = (await stores.history.ticks()).at(-1);
  assert.ok(before);
  // Learned now: on day 7 at noon a1 had long been open.
  await saw(day(7, 6), { a1: false, a2: false }, day(9));
  const now = await tick(day(9, 12), 'asset.locked || asset.name == "a2"');
  // Of both something was learned late; of one it changes the past.
  assert.equal(now.late, 1);
  const [published] = await stores.history.slice(before);
  const [amended] = await stores.history.slice({ valid: before.valid, known: now.moment.known });
  assert.deepEqual(published, { standard: 'locked', pass: 2, fail: 0, unknown: 0, excepted: 0 });
  assert.deepEqual(amended, { standard: 'locked', pass: 1, fail: 1, unknown: 0, excepted: 0 });
  assert.deepEqual(await told(now), []);
  assert.deepEqual(await stores.history.broken(), []);
});

test('whose an asset is can be said by the organisation, in place of what sources name', async () => {
  const standards = [standard('asset.locked')];
  const given = { facts: stores.facts, kinds, standards, exceptions: [] };
  await stores.driver.command(
    'CREATE TABLE answers (asset String, kind String, owner String, pass UInt64) ENGINE = MergeTree ORDER BY asset',
  );
  const answered = async (pass: number, at: Date, of: (name: string) => string) => {
    for (const name of ['a1', 'a2'])
      await stores.driver.command(
        `INSERT INTO answers VALUES ('thing/${name}', 'thing', '${of(name)}', ${pass})`,
      );
    return stores.history.tick({ ...given, at, teams: { of: ({ name }) => of(name), answers: 'answers' } });
  };
  const first = await answered(1, day(10, 12), (name) => `unit-${name}`);
  const next = await answered(2, day(10, 13), () => 'unit-a1');
  const teams = async (moment: typeof first.moment) =>
    (await stores.history.assetsAt(moment, { standard: 'locked' }, { limit: 9 }))
      .map(({ team }) => team)
      .sort();
  assert.deepEqual(await teams(first.moment), ['unit-a1', 'unit-a2']);
  assert.deepEqual(await teams(next.moment), ['unit-a1', 'unit-a1']);
  assert.deepEqual(await told(next), ['thing/a2 reassigned U>U stale']);
  // Only the one whose team is another was judged.
  assert.equal(next.judged, 1);
  const none = await stores.history.tick({
    ...given,
    at: day(10, 14),
    teams: { of: () => 'unit-a1', answers: 'answers' },
  });
  assert.equal(none.judged, 0);
});

test('a tick goes on where observations were forgotten since the last one', async () => {
  const at = day(20);
  await saw(day(19), { a1: true, a2: false });
  await tick(day(19, 1));
  await saw(at, { a1: true, a2: true });
  const { observations } = await stores.facts.forget({ observations: '1d' }, at);
  assert.ok(observations > 0);
  assert.deepEqual(await told(await tick(day(20, 1))), ['thing/a2 evidence F>P meets']);
  await saw(day(21), { a1: true, a2: false });
  assert.deepEqual(await told(await tick(day(21, 1))), ['thing/a2 evidence P>F open']);
  assert.deepEqual(await stores.history.broken(), []);
});

test('what late truth takes back and what it gives are two changes, and hide neither each other nor a change', async () => {
  await saw(day(30), { a1: false, a2: false });
  await tick(day(30, 1));
  await saw(day(31), { a1: true, a2: false });
  const second = await tick(day(31, 12));
  // Learned late: it was the other one that had been closed by then.
  await saw(day(31, 6), { a1: false, a2: true }, day(31, 13));
  const third = await tick(day(31, 14));
  assert.equal(third.late, 2);
  const figuresAt = async (moment: typeof third.moment) => (await stores.history.slice(moment))[0];
  assert.deepEqual(await figuresAt(third.moment), await figuresAt(second.moment));
  const past = pastOf(stores.history);
  const between = { from: second.moment, to: third.moment, known: false, fromFirst: false };
  const [went] = await past.standards(between, 'locked');
  assert.deepEqual(
    went?.cells.map(({ step, cell, count, takenBack }) => [step, cell, count, takenBack]),
    [['evidence', 'fixed', 0, 1]],
  );
  const changed = await past.changed(between, {}, () => true, { offset: 0, limit: 10 });
  assert.equal(changed.changes, 2);
  assert.deepEqual(changed.assets.map(({ asset }) => asset).sort(), ['thing/a1', 'thing/a2']);
});

test('few assets are judged by closures, with the reasons and causes of a query', async () => {
  await saw(day(40), { a1: true, a2: false, b1: null });
  await tick(day(40, 1));
  await saw(day(41), { a1: false, a2: true, b1: null });
  const some = await tick(day(41, 12), 'asset.locked', 100);
  assert.deepEqual(await told(some), ['thing/a1 evidence P>F open', 'thing/a2 evidence F>P meets']);
  assert.equal(some.judged, 3);
  const nothing = await tick(day(42, 12), 'asset.locked', 100);
  assert.deepEqual([await told(nothing), nothing.judged], [[], 0]);
  const old = await tick(day(45, 12), 'asset.locked', 100);
  assert.deepEqual(await told(old), ['thing/a1 clock F>U stale', 'thing/a2 clock P>U stale']);
});

test('a tick does not go back', async () => {
  await assert.rejects(tick(day(1)), /is not after the last one/);
});

test('what is learned late is judged by the rules of its own day, and no exception reaches back to it', async () => {
  const strict = standard('asset.locked');
  const looser = standard('asset.locked || asset.name == "a2"');
  const exception = {
    standard: 'locked',
    assets: ['thing/a1'],
    reason: 'The door is replaced next week.',
    approver: '@keeper',
    until: '2026-06-30',
    approved_at: day(47, 10).toISOString(),
  };
  const given = { facts: stores.facts, kinds };
  await saw(day(46), { a1: true, a2: true, b1: true });
  const before = await stores.history.tick({
    ...given,
    standards: [strict],
    exceptions: [],
    at: day(46, 12),
  });
  await saw(day(47), { a1: true, a2: true, b1: true });
  const since = { ...given, standards: [looser], exceptions: [exception] };
  const after = await stores.history.tick({ ...since, at: day(47, 12) });
  // Learned on the day after: on both days all three had been open.
  for (const late of [46, 47]) await saw(day(late, 6), { a1: false, a2: false, b1: false }, day(48));
  const { moment } = await stores.history.tick({ ...since, at: day(48, 12) });
  const asKnownNow = async ({ valid }: typeof moment) =>
    (await stores.history.slice({ valid, known: moment.known }))[0];
  assert.deepEqual(await asKnownNow(before.moment), {
    standard: 'locked',
    pass: 0,
    fail: 3,
    unknown: 0,
    excepted: 0,
  });
  // What is excepted fails still, and is counted beside.
  assert.deepEqual(await asKnownNow(after.moment), {
    standard: 'locked',
    pass: 1,
    fail: 2,
    unknown: 0,
    excepted: 1,
  });
  const [published] = await stores.history.slice(before.moment);
  assert.equal(published?.pass, 3);
});

test('closures judge each of many once, on pages of what is due', async () => {
  const many = (locked: (number: number) => boolean) =>
    Object.fromEntries(Array.from({ length: 1050 }, (_, number) => [`c${number}`, locked(number)]));
  // They are gone at the second.
  const others = Object.fromEntries(Array.from({ length: 20 }, (_, number) => [`c5${number}x`, true]));
  await saw(day(60), { ...many(() => true), ...others });
  await tick(day(60, 1), 'asset.locked', 2000);
  await saw(
    day(60, 2),
    many((number) => number % 2 === 0),
    day(60, 2),
  );
  const some = await tick(day(60, 3), 'asset.locked', 2000);
  const moved = await told(some);
  assert.equal(moved.filter((one) => one.endsWith(' evidence P>F open')).length, 525);
  assert.equal(moved.filter((one) => one.endsWith(' evidence P>O ')).length, 20);
  assert.deepEqual([moved.length, some.judged], [545, 1070]);
  const old = await tick(day(64, 1), 'asset.locked', 2000);
  assert.equal((await told(old)).filter((one) => / clock [PF]>U stale$/.test(one)).length, 1050);
});

test('up to how many closures judge follows how many there are', () => {
  const alone = [standard('asset.locked')];
  assert.deepEqual(
    [0, 1000, 1_000_000, 100_000_000].map((assets) => manyOf(assets, alone)),
    [2000, 2020, 22_000, 50_000],
  );
});

test('what was written of ticks is read once, until they are taken back', async () => {
  let read = 0;
  const driver: Driver = {
    ...stores.driver,
    get background() {
      return driver;
    },
    query: (sql, parameters) => {
      if (sql.includes('definitions, around')) read += 1;
      return stores.driver.query(sql, parameters);
    },
  };
  const history = await openHistory(driver);
  const { facts } = stores;
  const next = (at: Date) =>
    history.tick({ facts, kinds, standards: [standard('asset.locked')], exceptions: [], at });
  await saw(day(70), { d1: true });
  for (const hour of [1, 2, 3]) await next(day(70, hour));
  assert.equal(read, 1);
  await history.retractTicks(day(70, 1));
  const { previous } = await next(day(70, 2));
  assert.deepEqual(previous?.valid, day(70, 1));
});
