/** Of the contract: lists in the order in which people need them, and what is counted of their rows. */
import assert from 'node:assert/strict';
import { EXCEPTION_STAGES, type ExceptionStage, type WorkStage } from '@macadam/adapters/decisions/listing';
import type { DecisionTransaction } from '@macadam/adapters/decisions/port';
import type { OnStore } from './contract.ts';
import { as, batch, DAY, day, north, other, request, south, system } from './sample.ts';

export function listingContract(store: OnStore): void {
  store(
    'work is listed by its last day, with what is left, late and disputed of it',
    async (decisions) => {
      const run = as(decisions);
      const past = new Date(Date.now() - 20 * DAY);
      const old = (id: string, dueOn: string, assets: readonly string[]) => ({
        ...batch(id, assets),
        dueOn,
        members: assets.map((asset) => ({ asset, failingSince: past.toISOString() })),
      });
      await run(
        system,
        (tx) => tx.work.open([old('d/1', day(-2), ['a1', 'a2', 'a3']), old('d/2', day(-1), ['b1'])]),
        past,
      );
      await run(system, (tx) =>
        tx.work.open([batch('d/3', ['c1']), { ...batch('d/4', ['e1'], 'south'), dueOn: day(3) }]),
      );
      // One clock stood still for all of its days, one until it was decided.
      const dispute = (assets: readonly string[]) => (tx: DecisionTransaction) =>
        tx.work.dispute('d/1', { assets, reason: 'it is not so', untilOn: day(-4) });
      const first = await run(north, dispute(['a1']), new Date(Date.now() - 18 * DAY));
      const second = await run(north, dispute(['a2']), new Date(Date.now() - 18 * DAY));
      await run(
        other,
        (tx) => tx.work.settleDispute(second.number, 'rejected', 'it is so'),
        new Date(Date.now() - 17.5 * DAY),
      );
      const seen = async (who: typeof north, stage: WorkStage, more: object = {}) =>
        (await run(who, (tx) => tx.listing.work({ stage, limit: 10, ...more }))).map(({ id }) => id);
      assert.deepEqual(await seen(north, 'open'), ['d/1', 'd/2', 'd/3']);
      assert.deepEqual(await seen(system, 'open'), ['d/1', 'd/2', 'd/4', 'd/3']);
      assert.deepEqual(await seen(system, 'soon'), ['d/4']);
      assert.deepEqual(await seen(system, 'overdue'), ['d/1', 'd/2']);
      const byTeam = [...(await run(system, (tx) => tx.listing.openByTeam())).values()];
      assert.deepEqual(
        [byTeam.reduce((sum, team) => sum + team.open, 0), byTeam.reduce((sum, team) => sum + team.late, 0)],
        [4, 2],
      );
      const [one, next] = await run(system, (tx) => tx.listing.work({ stage: 'open', limit: 2 }));
      assert.ok(one && next);
      // Of a1 the clock stood still for 14 days, of a2 for one; a3 was never disputed.
      assert.deepEqual([one.members, one.left, one.late, one.disputed, one.nextDue], [3, 3, 2, 1, day(-2)]);
      assert.deepEqual(await seen(system, 'open', { after: next.key }), ['d/4', 'd/3']);
      assert.deepEqual(await seen(system, 'disputed'), ['d/1']);
      await run(system, (tx) =>
        tx.work.leave([
          { batch: 'd/1', asset: 'a3', as: 'passed', observation: 'o1' },
          { batch: 'd/2', asset: 'b1', as: 'gone', observation: 'o2' },
        ]),
      );
      const left = await run(system, (tx) => tx.listing.departures('d/1', 10));
      assert.deepEqual(
        left.map(({ asset, leftAs }) => [asset, leftAs]),
        [['a3', 'passed']],
      );
      assert.deepEqual(await run(system, (tx) => tx.listing.openOf('a1', [one.standard])), ['d/1']);
      assert.deepEqual(await run(system, (tx) => tx.listing.openOf('a3', [one.standard])), []);
      assert.deepEqual(await run(system, (tx) => tx.listing.openOf('a1', ['none'])), []);
      // What is gone was not fixed.
      const fixed = (await run(system, (tx) => tx.listing.timeToFix([one.standard, 'none']))).get(
        one.standard,
      );
      assert.deepEqual([Math.round((fixed?.medianSeconds ?? 0) / 86_400), fixed?.fixes], [20, 1]);
      await run(other, (tx) => tx.work.settleDispute(first.number, 'upheld', 'it was false'));
      await run(north, (tx) => tx.work.claim('d/3', true));
      const counts = (of: object, who = system) => run(who, (tx) => tx.listing.workCounts(of));
      assert.deepEqual(await counts({}), {
        open: 3,
        overdue: 1,
        soon: 1,
        unclaimed: 2,
        disputed: 0,
        excepted: 0,
        snoozed: 0,
      });
      assert.equal((await counts({ concerning: { person: 'nora', teams: [] } })).open, 1);
      assert.equal((await counts({ concerning: { person: 'x', teams: ['south-team'] } })).open, 1);
      assert.equal((await counts({ division: 'south' }, north)).open, 0);
      assert.deepEqual(await seen(north, 'closed'), ['d/2']);
      const done = (await run(system, (tx) => tx.listing.workDone([one.standard, 'none']))).get(one.standard);
      assert.ok(done);
      const { items, closed, assets, reassigned, disputes, teams, exceptions } = done;
      assert.deepEqual([items, closed, assets, done.fixed, reassigned], [4, 1, 6, 1, 0]);
      assert.deepEqual(disputes, { opened: 2, upheld: 1, rejected: 1 });
      assert.deepEqual(exceptions, { asked: 0, approved: 0, refused: 0 });
      assert.equal(
        [...teams.values()].reduce((sum, count) => sum + count, 0),
        4,
      );
      // Whoever sees one division hears of that one.
      const of = (await run(north, (tx) => tx.listing.workDone([one.standard]))).get(one.standard);
      assert.equal(of?.items, 3);
      assert.deepEqual(await seen(system, 'closed', { division: 'south' }), []);
    },
    { simulated: true },
  );

  store(
    'what an exception allows is left and not due yet, and what is closed is never overdue',
    async (decisions) => {
      const run = as(decisions);
      const past = new Date(Date.now() - 20 * DAY);
      const old = (id: string, assets: readonly string[]) => ({
        ...batch(id, assets),
        dueOn: day(-2),
        members: assets.map((asset) => ({ asset, failingSince: past.toISOString() })),
      });
      const three = [old('d/1', ['a1']), old('d/2', ['b1', 'b2']), old('d/3', ['c1'])];
      await run(system, (tx) => tx.work.open(three), past);
      const failing = (asset: string, excepted: string | null) => ({
        asset,
        name: asset,
        team: 'north-team',
        division: 'north',
        since: past.toISOString(),
        observation: 'o1',
        unknown: false,
        value: null,
        excepted,
        exceptedUntil: excepted === null ? null : day(5),
        dueFrom: day(20),
        handedOverAt: null,
      });
      await run(system, (tx) =>
        tx.failing.put('devices-are-patched', [
          failing('a1', 'e1'),
          failing('b1', 'e1'),
          failing('c1', null),
        ]),
      );
      const overdue = async () =>
        (await run(system, (tx) => tx.work.batches({ overdue: true }))).map(({ id }) => id);
      assert.deepEqual(
        await overdue(),
        ['d/2'],
        'all that is left of the others waits for an exception, or did',
      );
      const listed = await run(system, (tx) => tx.listing.work({ stage: 'excepted', limit: 10 }));
      assert.deepEqual(
        listed.map(({ id, left, late, excepted, nextDue }) => ({ id, left, late, excepted, nextDue })),
        [
          { id: 'd/1', left: 1, late: 0, excepted: 1, nextDue: day(20) },
          { id: 'd/2', left: 2, late: 1, excepted: 1, nextDue: day(-2) },
        ],
      );
      const [held] = await run(system, (tx) => tx.work.view(['d/2']));
      assert.deepEqual(held?.pauses, [{ asset: 'b1', exception: 'e1', until: day(5), dueFrom: day(20) }]);
      await run(system, (tx) =>
        tx.work.leave(
          ['b1', 'b2'].map((asset) => ({ batch: 'd/2', asset, as: 'passed', observation: 'o2' })),
        ),
      );
      assert.deepEqual(await overdue(), []);
    },
    { simulated: true },
  );

  store('exceptions are listed by how they stand, and seen by their division alone', async (decisions) => {
    const run = as(decisions);
    for (const id of ['late', 'soon', 'refused', 'ended', 'open'])
      await run(north, (tx) =>
        tx.permissions.request({ ...request(id), until: day(id === 'soon' ? 3 : 40) }),
      );
    await run(south, (tx) => tx.permissions.request(request('elsewhere', 'south')));
    const assets = ['d1', 'd2'].map((asset) => ({ asset, accepted: null }));
    for (const id of ['late', 'soon', 'ended']) await run(other, (tx) => tx.permissions.approve(id, assets));
    await run(other, (tx) => tx.permissions.refuse('refused'));
    await run(other, (tx) => tx.permissions.end('ended', 'it was fixed'));
    const listed = (who: typeof north, stage: ExceptionStage, more: object = {}) =>
      run(who, (tx) => tx.listing.exceptions({ stage, limit: 10, ...more }));
    const ids: Partial<Record<ExceptionStage, string[]>> = {};
    for (const stage of EXCEPTION_STAGES) ids[stage] = (await listed(north, stage)).map(({ id }) => id);
    assert.deepEqual(ids, { 'in-force': ['soon', 'late'], waiting: ['open'], over: ['ended', 'refused'] });
    const [first] = await listed(north, 'in-force');
    assert.equal(first?.assets, 2);
    assert.deepEqual(
      (await listed(north, 'in-force', { after: first?.key })).map(({ id }) => id),
      ['late'],
    );
    const [over] = await listed(north, 'over');
    assert.deepEqual(
      (await listed(north, 'over', { after: over?.key })).map(({ id }) => id),
      ['refused'],
    );
    assert.deepEqual(await run(north, (tx) => tx.listing.exceptionCounts()), {
      'in-force': 2,
      waiting: 1,
      over: 2,
    });
    assert.deepEqual(await run(system, (tx) => tx.listing.exceptionCounts()), {
      'in-force': 2,
      waiting: 2,
      over: 2,
    });
    assert.deepEqual(await listed(north, 'waiting', { standard: 'another' }), []);
    const none = { 'in-force': 0, waiting: 0, over: 0 };
    assert.deepEqual(await run(system, (tx) => tx.listing.exceptionCounts('another')), none);
  });
}
