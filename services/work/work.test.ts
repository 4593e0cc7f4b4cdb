/** Work over real parts: facts are collected, ticks written, batches opened, and people act. */
import assert from 'node:assert/strict';
import test, { after, mock } from 'node:test';
import type { DecisionPrincipal, DecisionTransaction } from '@macadam/adapters/decisions/port';
import { dayAfter } from '@macadam/core/work/batch';
import { rejects } from '@macadam/testing/decisions/sample';
import { DAY, stage } from '@macadam/testing/work/fixture';
import { ann, ben, cy, playedTeams } from '@macadam/testing/work/sample';
import { actOn, COLLECT, checkAgain, placesOf, shownBatch } from './acts.ts';
import { evidenceIn } from './evidence.ts';
import { approveException, exceptionsInForce, noticesDue } from './exceptions.ts';
import { passFaults } from './faults.ts';
import { askHandover, type HandoverOptions, moveHandover } from './handover.ts';
import { catchUp, eventsOf, RECONCILE, workOfTick } from './tick.ts';

const { scene, opened, end } = await stage();
after(end);

/** A test with stores of its own; the engine of facts has one at a time. */
const scenario = (what: string, body: (at: Awaited<ReturnType<typeof scene>>) => Promise<void>) =>
  test(what, async () => {
    const at = await scene();
    try {
      await body(at);
    } finally {
      await at.close();
    }
  });

const told = (worked: Awaited<ReturnType<typeof workOfTick>>) =>
  eventsOf(worked).map((one) => {
    if (one.event === 'left') return `left ${one.batch} ${one.departure.asset} ${one.departure.why}`;
    if (one.event === 'failing-again') return `again ${one.asset} ${one.why}`;
    if (one.event === 'paused') return `paused ${one.batch} ${one.asset} until ${one.until}`;
    return `${one.event} ${one.batch.id} ${one.batch.owner} ${one.batch.members.length}`;
  });

scenario('what is taken away and brought back keeps the date by which it is to be done', async (at) => {
  const [failing, passing] = [{ locked: false }, { locked: true }];
  const dueOf = async () => {
    const open = await at.as(RECONCILE, (tx) => tx.work.batches({ open: true }));
    return open.map(({ id, dueOn }) => `${id} ${dueOn}`);
  };
  const look = async (things: Parameters<typeof at.saw>[0]) => {
    await at.saw(things);
    return told(await workOfTick(await at.tick(), at.options()));
  };
  await look({ a: failing, c: passing });
  const [first = ''] = await dueOf();
  at.wait(1);
  assert.deepEqual(await look({ c: passing }), ['left locked/1 thing/a gone', 'closed locked/1 n1 1']);
  at.wait(8);
  assert.deepEqual(await look({ a: failing, c: passing }), ['opened locked/2 n1 1']);
  assert.deepEqual(await dueOf(), [first.replace('locked/1', 'locked/2')]);
  at.wait(1);
  await look({ a: passing, c: passing });
  at.wait(8);
  await look({ a: failing, c: passing });
  const [later = ''] = await dueOf();
  assert.ok(later.slice(-10) > first.slice(-10), 'what was mended and broken again is a new failure');
});

scenario('by ring work opens on the ring’s day, with nothing seen anew, and nowhere else', async (at) => {
  const [standard] = at.options().standards;
  assert.ok(standard);
  const ring = (name: string, owner: string, warn: string) => ({ name, owners: [owner], assets: [], warn });
  const rings = [ring('early', 'n1', '2026-01-01'), ring('later', 'south', '2026-03-05')];
  const rollout = { state: 'observe' as const, on_unknown: 'allow' as const, rings };
  at.define([{ ...standard, definition: { ...standard.definition, rollout } }]);
  const failing = (owner: string) => ({ locked: false, owner });
  await at.saw({ a: failing('n1'), b: failing('s1'), c: failing('n2') });
  assert.deepEqual(told(await workOfTick(await at.tick(), at.options())), ['opened locked/1 n1 1']);
  at.wait(1);
  assert.deepEqual(told(await catchUp(at.options())), []);
  at.wait(3);
  // `s1` lies in the south, whose day has come; of `n2` no ring says anything.
  assert.deepEqual(told(await catchUp(at.options())), ['opened locked/2 s1 1']);
});

scenario(
  'a tick opens batches, a later one closes them by what was seen, and a missed one is caught up',
  async (at) => {
    await at.saw({
      a: { locked: false },
      b: { locked: false },
      c: { locked: true },
      d: { locked: false, owner: 's1' },
    });
    const first = await at.tick();
    const worked = await workOfTick(first, at.options());
    assert.equal(worked.get('locked')?.from, 'whole');
    assert.deepEqual(told(worked), ['opened locked/1 n1 2', 'opened locked/2 s1 1']);
    assert.deepEqual(told(await workOfTick(first, at.options())), [], 'twice is once');
    assert.deepEqual(told(await catchUp(at.options())), []);

    at.wait(1);
    const digest = await at.saw({
      a: { locked: true },
      b: {},
      c: { locked: false },
      d: { locked: false, owner: 's1' },
    });
    const next = await at.tick();
    const second = await workOfTick(next, at.options());
    assert.equal(second.get('locked')?.from, 'changes');
    assert.deepEqual(told(second), ['left locked/1 thing/a passed']);
    const failing = await at.as(RECONCILE, (tx) => tx.failing.list('locked'));
    assert.deepEqual(
      failing.map(({ asset, name, unknown, since, batch }) => [
        asset,
        name,
        unknown,
        since === `${first.moment.valid.toISOString().slice(0, 19)}Z`,
        batch,
      ]),
      [
        ['thing/b', 'b', true, true, 'locked/1'],
        ['thing/c', 'c', false, false, null],
        ['thing/d', 'd', false, true, 'locked/2'],
      ],
    );
    // A history that is read anew says the same as its changes.
    const ever = await at.stores.history.everFailed('locked', next.moment);
    const fails = ever.flatMap(({ asset, state, since }) =>
      since === null ? [] : [`${asset} ${state} ${since.toISOString()}`],
    );
    assert.deepEqual(
      failing.map((one) => `${one.asset} ${one.unknown ? 'U' : 'F'} ${new Date(one.since).toISOString()}`),
      fails.sort(),
    );
    const left = await at.as(ann, (tx) => tx.work.members('locked/1'));
    assert.deepEqual(
      left.map(({ asset, observation }) => [asset, observation]),
      [
        ['thing/a', `${digest}#thing/a`],
        ['thing/b', null],
      ],
    );

    at.wait(1);
    // Two ticks are written, and nobody reconciles: as after a crash.
    await at.saw({ a: { locked: false }, b: { locked: true }, c: { locked: true } });
    await at.tick();
    at.wait(1);
    const gone = await at.saw({ a: { locked: false }, b: {}, c: { locked: true } });
    await at.tick();
    const caught = await catchUp(at.options());
    assert.equal(caught.get('locked')?.from, 'whole');
    assert.deepEqual(told(caught), ['left locked/2 thing/d gone', 'closed locked/2 s1 1']);
    const [member] = await at.as(cy, (tx) => tx.work.members('locked/2'));
    assert.match(member?.observation ?? '', /^[0-9a-f]{64}$/);
    assert.ok(gone);
    // It passed, and is unknown: it was seen to pass, but the newest word is that nothing can be told.
    const now = await at.as(RECONCILE, (tx) => tx.failing.list('locked'));
    assert.deepEqual(
      now.map(({ asset, batch }) => [asset, batch]),
      [
        ['thing/a', null],
        ['thing/b', 'locked/1'],
      ],
    );

    at.wait(7);
    assert.deepEqual(told(await catchUp(at.options())), ['opened locked/3 n1 1'], 'the week is over');
    at.define([]);
    at.wait(1);
    const withdrawn = told(await workOfTick(await at.tick(), at.options()));
    assert.ok(withdrawn.includes('left locked/3 thing/a out-of-scope'), `${withdrawn}`);
  },
);

scenario(
  'a tick passes over standards of which there is something to do, and takes the others on at once',
  async (at) => {
    const failing = { a: { locked: false }, b: { locked: true } };
    const passesLogged = async () => {
      const entries = await at.as(RECONCILE, (tx) => tx.auditEntries({ action: 'work.pass', limit: 1000 }));
      return entries.length;
    };
    const head = () => at.as(RECONCILE, (tx) => tx.failing.pass('standard/locked'));
    await at.saw(failing);
    await workOfTick(await at.tick(), at.options());
    at.wait(1);
    await at.saw(failing);
    const before = await passesLogged();
    const ticked = await at.tick();
    const worked = await workOfTick(ticked, at.options());
    assert.deepEqual([...worked.values()], [{ events: [], from: 'idle' }]);
    assert.equal(await passesLogged(), before + 1, 'one entry for all');
    assert.equal(Date.parse((await head())?.valid ?? ''), ticked.moment.valid.getTime());
    assert.equal((await head())?.known, ticked.moment.known);
    assert.deepEqual([...(await catchUp(at.options())).values()], [{ events: [], from: 'idle' }]);
    assert.equal(await passesLogged(), before + 1, 'nothing was taken on');
    at.wait(1);
    await at.saw({ a: { locked: true }, b: { locked: true } });
    const last = await workOfTick(await at.tick(), at.options());
    assert.equal(last.get('locked')?.from, 'changes', 'it goes on from the tick that it was taken to');
    assert.deepEqual(told(last), ['left locked/1 thing/a passed', 'closed locked/1 n1 1']);
  },
);

scenario('work closes of what was learned late to have been gone before anybody counted it', async (at) => {
  at.wait(2);
  await at.saw({ a: { locked: false }, b: { locked: false } }, { ago: 0.5 });
  assert.deepEqual(told(await workOfTick(await at.tick(), at.options())), ['opened locked/1 n1 2']);
  await at.saw({ b: { locked: false } }, { ago: 0.25 });
  assert.deepEqual(told(await workOfTick(await at.tick(), at.options())), ['left locked/1 thing/a gone']);
  const failing = await at.as(RECONCILE, (tx) => tx.failing.list('locked'));
  assert.deepEqual(
    failing.map(({ asset }) => asset),
    ['thing/b'],
  );
});

scenario(
  'people act by the rules of core, are told what is wrong, and the second of two hears of the first',
  async (at) => {
    await at.saw({
      a: { locked: false, path: 'x/one.yml' },
      b: { locked: false, path: 'x/one.yml' },
      c: { locked: false, path: 'y' },
    });
    await workOfTick(await at.tick(), at.options());
    const act = (who: DecisionPrincipal, what: Parameters<typeof actOn>[2], version?: number) =>
      at.as(who, (tx) => actOn(tx, 'locked/1', what, { by: who.id, version }));
    const claimed = await act(ann, { act: 'claim' }, 1);
    assert.deepEqual([claimed.claimedBy, claimed.version], ['ann', 2]);
    await rejects(act(ben, { act: 'claim' }, 1), 'conflict', /no longer at version 1/);
    await rejects(act(ben, { act: 'claim' }, 2), 'refused', /ann has claimed it; ask them to release it/);
    const until = dayAfter(at.now().toISOString(), 3);
    assert.equal((await act(ann, { act: 'snooze', until })).snoozes, 1);
    const far = await rejects(
      act(ann, { act: 'snooze', until: '2027-01-01' }),
      'refused',
      /it is too far away/,
    );
    assert.equal(far.field, 'until');
    await rejects(
      act(ann, { act: 'dispute', assets: ['thing/x'], why: 'it is locked' }),
      'refused',
      /not to be done here/,
    );
    await act(ann, { act: 'dispute', assets: ['thing/a'], why: 'it has no lock at all' });
    await rejects(
      act(ben, { act: 'dispute', assets: ['thing/a'], why: 'it has no lock' }),
      'refused',
      /disputed some of them/,
    );
    await act(ben, { act: 'dispute', assets: ['thing/b'], why: 'it has none either' });
    await rejects(
      act(ann, { act: 'settle', asset: 'thing/a', upheld: true, why: 'yes' }),
      'refused',
      /let the owner of the standard/,
    );
    at.wait(4);
    await act(ben, { act: 'settle', asset: 'thing/a', upheld: false, why: 'it has one' });
    await act(ann, { act: 'comment', text: 'on Monday' });
    await at.as(ann, (tx) => checkAgain(tx, 'locked/1', 'thing/c'));
    await rejects(
      at.as(ann, (tx) => checkAgain(tx, 'locked/1', 'thing/x')),
      'refused',
      /not to be done here/,
    );
    const [message] = await at.as(cy, (tx) => tx.delivery.takeMessages(COLLECT, 10, 1));
    assert.deepEqual(
      [message?.subject, message?.body],
      ['thing/c', { asset: 'thing/c', standard: 'locked', batch: 'locked/1' }],
    );
    at.wait(29);
    const [held] = await at.as(ann, (tx) => tx.work.hold(['locked/1']));
    assert.ok(held);
    const shown = shownBatch(held, at.now().toISOString());
    const due = held.batch.dueOn;
    assert.deepEqual(
      [shown.remaining, shown.overdue, shown.stopped, shown.defects],
      [
        ['thing/a', 'thing/b', 'thing/c'],
        ['thing/c'],
        [
          { asset: 'thing/a', due: dayAfter(`${due}T00:00:00Z`, 4) },
          { asset: 'thing/b', due: dayAfter(`${due}T00:00:00Z`, 14) },
        ],
        0,
      ],
    );
    const places = await evidenceIn(at.stores.driver).places('thing', shown.remaining);
    assert.deepEqual(placesOf(held, places), [
      { repository: 'house', path: 'x/one.yml', assets: ['thing/a', 'thing/b'] },
      { repository: 'house', path: 'y', assets: ['thing/c'] },
    ]);
    const refused = (await at.as(cy, (tx) => tx.auditEntries({ subject: 'locked/1' }))).filter(
      ({ outcome }) => outcome === 'refused',
    );
    assert.ok(
      refused.some(({ action, reason }) => action === 'batch.snooze' && /too far/.test(reason ?? '')),
    );
  },
);

scenario(
  'an exception freezes what fails, holds to its last second, and what drifts is a failure that says so',
  async (at) => {
    await at.saw({
      a: { locked: false },
      b: { locked: false },
      ok: { locked: true },
      s: { locked: false, owner: 's1' },
    });
    await workOfTick(await at.tick(), at.options());
    const questions = mock.method(at.stores.driver, 'query');
    const failing = await at.judge('locked', ['thing/a', 'thing/b', 'thing/ok', 'thing/s', 'thing/never']);
    assert.deepEqual([...failing.keys()], ['thing/a', 'thing/b', 'thing/s']);
    assert.equal(questions.mock.callCount(), 1, 'one question, however many assets');
    questions.mock.restore();
    const until = dayAfter(at.now().toISOString(), 10);
    await at.as(ann, (tx) =>
      tx.permissions.request({
        id: 'e1',
        standard: 'locked',
        division: 'north',
        selectors: ['thing/*'],
        until,
        reason: 'the lock is on order',
        compensating: 'somebody stands at it',
      }),
    );
    const approve = (who: DecisionPrincipal) =>
      at.as(who, (tx) => approveException(tx, 'e1', { by: who.id, proof: 'minutes 12', judge: at.judge }));
    await rejects(approve(ann), 'refused', /`approver`: ann asked for it; have somebody else approve it/);
    await approve(ben);
    const [exception] = await at.as(cy, (tx) => exceptionsInForce(tx));
    assert.deepEqual(
      Object.keys(exception?.accepted ?? {}),
      ['thing/a', 'thing/b'],
      'what fails, of its own division',
    );
    at.wait(0.01);
    // At once, without a new tick.
    assert.deepEqual(told(await catchUp(at.options())), [
      `paused locked/1 thing/a until ${until}`,
      `paused locked/1 thing/b until ${until}`,
    ]);
    const [paused] = await at.as(ann, (tx) => tx.work.view(['locked/1']));
    assert.ok(paused);
    const shown = shownBatch(paused, at.now().toISOString());
    assert.deepEqual(shown.remaining, ['thing/a', 'thing/b'], 'they fail still, and stay where they are');
    assert.deepEqual(
      shown.paused.map(({ asset, exception: by, until: last }) => [asset, by, last]),
      [
        ['thing/a', 'e1', until],
        ['thing/b', 'e1', until],
      ],
    );
    const entered = await at.as(cy, (tx) => tx.auditEntries({ action: 'batch.pause' }));
    assert.deepEqual(
      entered.map(({ subject }) => subject),
      ['locked/1'],
      'whoever is told of the batch hears of it',
    );
    at.wait(0.5);
    await at.saw({
      a: { locked: false, colour: 'blue' },
      b: { locked: false },
      ok: { locked: true },
      s: { locked: false, owner: 's1' },
    });
    const drifted = await at.tick();
    const changes = await at.stores.history.changesAt(drifted.moment, 'locked');
    assert.deepEqual(
      changes.map(({ asset, from, to }) => `${asset} ${from}>${to}`),
      ['thing/b F>X'],
    );
    await workOfTick(drifted, at.options());
    assert.deepEqual(
      (await at.as(ann, (tx) => tx.failing.list('locked'))).map(({ asset, excepted }) => [asset, excepted]),
      [
        ['thing/a', null],
        ['thing/b', 'e1'],
      ],
    );
    const notices = await at.as(ann, (tx) => noticesDue(tx, at.now(), new Date(`${until}T00:00:00Z`)));
    assert.deepEqual(
      notices.map(({ exception: { id } }) => id),
      ['e1', 'e1'],
    );
    // One second before its end, and at it.
    at.wait((Date.parse(`${until}T23:59:59Z`) - at.now().getTime()) / DAY);
    const last = await catchUp(at.options());
    assert.deepEqual(
      told(last).filter((text) => text.startsWith('again')),
      [],
    );
    assert.equal((await at.as(cy, (tx) => exceptionsInForce(tx))).length, 1);
    at.wait(1 / 86_400);
    assert.ok(told(await catchUp(at.options())).includes('again thing/b ended'));
    assert.equal((await at.as(cy, (tx) => exceptionsInForce(tx))).length, 0);
  },
);

scenario(
  'what drifts after a tick found it excepted is reopened as drifted; ended early is ended',
  async (at) => {
    await at.saw({ a: { locked: false }, b: { locked: false } });
    await workOfTick(await at.tick(), at.options());
    for (const id of ['e1', 'e2']) {
      await at.as(ann, (tx) =>
        tx.permissions.request({
          id,
          standard: 'locked',
          division: 'north',
          selectors: [id === 'e1' ? 'a' : 'b'],
          until: dayAfter(at.now().toISOString(), 20),
          reason: 'the lock is on order',
          compensating: 'somebody stands at it',
        }),
      );
      await at.as(ben, (tx) => approveException(tx, id, { by: 'ben', proof: 'minutes 12', judge: at.judge }));
    }
    at.wait(0.5);
    await workOfTick(await at.tick(), at.options());
    at.wait(8);
    await at.saw({ a: { locked: false, colour: 'blue' }, b: { locked: false } });
    assert.deepEqual(told(await workOfTick(await at.tick(), at.options())), ['again thing/a drifted']);
    await at.as(ann, (tx) => tx.permissions.end('e2', 'the lock came'));
    at.wait(0.01);
    assert.deepEqual(told(await catchUp(at.options())), ['again thing/b ended']);
  },
);

scenario('a source’s fault is one item for its owner, and closes on what it says', async (at) => {
  const pass = async () => {
    const ticked = await at.tick();
    return at.as(RECONCILE, (tx) =>
      passFaults(tx, {
        moment: ticked.moment,
        untold: () => at.stores.history.untold(ticked.moment),
        facts: at.stores.facts,
        ownerOf: ({ of }) => (of === 'source' ? 'n1' : null),
        definitionOf: () => 'd',
        teams: playedTeams(),
      }),
    );
  };
  await at.saw({ a: {}, b: {}, c: { locked: true } });
  assert.deepEqual(await pass(), { opened: 1, closed: 0 });
  const [item] = await at.as(ann, (tx) => tx.faults.faults());
  assert.deepEqual([item?.id, item?.team, item?.causes], ['source/rounds/1', 'n1', { forbidden: 2 }]);
  at.wait(1);
  await at.saw({ a: { locked: true }, b: {}, c: { locked: true } });
  assert.deepEqual(await pass(), { opened: 0, closed: 0 });
  assert.deepEqual((await at.as(ann, (tx) => tx.faults.faults()))[0]?.causes, { forbidden: 1 });
  at.wait(1);
  const digest = await at.saw({ a: { locked: true }, b: { locked: true }, c: { locked: true } });
  assert.deepEqual(await pass(), { opened: 0, closed: 1 });
  assert.equal((await at.as(ann, (tx) => tx.faults.faults()))[0]?.observation, digest);
});

test('“not mine” moves by acceptance, and after two bounces by the deputy CISO', async (context) => {
  const { decisions: store, dispose } = await opened();
  context.after(dispose);
  const as = <T>(who: DecisionPrincipal, body: (tx: DecisionTransaction) => Promise<T>): Promise<T> =>
    store.transaction(who, body);
  const owned = new Map<string, string | null>([
    ['thing/a', 'n1'],
    ['thing/b', 'n1'],
  ]);
  const options = (by: string, teams: readonly string[], deputy = false): HandoverOptions => ({
    by,
    teams: new Set(teams),
    deputy,
    why: 'they run it',
    exists: (team) => /^[ns]\d$/.test(team),
    organisation: playedTeams(),
    ownersOf: async (_, ids) => new Map([...owned].filter(([id]) => ids.includes(id))),
  });
  const sue: DecisionPrincipal = { id: 'sue', divisions: ['south'] };
  const assets = ['thing/a', 'thing/b'];
  await rejects(
    as(ann, (tx) => askHandover(tx, { assets, from: 'n1', to: 'x' }, options('ann', ['n1']))),
    'refused',
    /there is no team `x`; name a team of today/,
  );
  const ask = (given: readonly string[] = assets) =>
    as(ann, (tx) => askHandover(tx, { assets: given, from: 'n1', to: 's1' }, options('ann', ['n1'])));
  await rejects(ask(['thing/a', 'thing/c']), 'refused', /there is no asset `thing\/c`; correct its id/);
  const asked = await ask();
  assert.deepEqual([asked.state, asked.divisions], ['asked', ['north', 'south']]);
  await rejects(
    ask(['thing/b']),
    'refused',
    new RegExp(`\`thing/b\` is in hand-over ${asked.number} already; leave it out, or withdraw`),
  );
  const refused = await as(sue, (tx) =>
    moveHandover(tx, asked.number, { move: 'refuse', to: 'n2' }, options('sue', ['s1'])),
  );
  assert.deepEqual([refused.state, refused.toTeam, refused.bounces], ['asked', 'n2', 1]);
  await rejects(
    as(ben, (tx) =>
      moveHandover(tx, asked.number, { move: 'refuse' }, { ...options('ben', ['n2']), version: 1 }),
    ),
    'conflict',
    /no longer at version 1/,
  );
  await as(ben, (tx) => moveHandover(tx, asked.number, { move: 'refuse' }, options('ben', ['n2'])));
  await rejects(
    as(ann, (tx) => moveHandover(tx, asked.number, { move: 'decide', to: 'n2' }, options('ann', ['n1']))),
    'refused',
    /ann is not the deputy CISO/,
  );
  const done = await as(cy, (tx) =>
    moveHandover(tx, asked.number, { move: 'decide', to: 'n2' }, options('cy', [], true)),
  );
  assert.equal(done.state, 'done');
  // Whatever is still asked for, it is of another by now; and who has it by now may ask.
  owned.set('thing/a', 's2');
  await rejects(
    ask(['thing/a']),
    'refused',
    /`thing\/a` is of `s2`, not of `n1`; leave it out, or let `s2` ask/,
  );
  owned.set('thing/a', 'n1');
  const again = await ask(['thing/a']);
  owned.set('thing/a', 'n2');
  await rejects(
    as(sue, (tx) => moveHandover(tx, again.number, { move: 'accept' }, options('sue', ['s1']))),
    'refused',
    /`thing\/a` is of `n2`, not of `n1`/,
  );
  const decisions = await as(ann, (tx) => tx.organisation.ownersSettled(assets));
  assert.deepEqual(decisions.map(({ asset, team, previousTeam }) => [asset, team, previousTeam]).sort(), [
    ['thing/a', 'n2', 'n1'],
    ['thing/b', 'n2', 'n1'],
  ]);
  const steps = await as(sue, (tx) => tx.handovers.steps(asked.number));
  assert.deepEqual(
    steps.map(({ what, saidBy }) => `${what} ${saidBy}`),
    ['asked ann', 'refused sue', 'refused ben', 'decided cy'],
  );
});
