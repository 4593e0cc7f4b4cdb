/** Of the contract: exceptions, standards and work, and what a division sees of them. */
import assert from 'node:assert/strict';
import type { DecisionPrincipal } from '@macadam/adapters/decisions/port';
import type { BatchFilter } from '@macadam/adapters/decisions/work';
import type { OnStore } from './contract.ts';
import { as, batch, DAY, day, digest, north, other, rejects, request, south, system } from './sample.ts';

export function rulesContract(store: OnStore): void {
  store('an exception has two people, frozen assets, an end, and no past', async (decisions) => {
    const run = as(decisions);
    const ask = (over: object) => run(north, (tx) => tx.permissions.request({ ...request('x'), ...over }));
    await rejects(ask({ until: day(181) }), 'refused', /after at most 180 days/);
    await rejects(ask({ until: day(-1) }), 'refused', /over already/);
    await rejects(ask({ reason: 'because' }), 'refused', /fewer than ten/);
    await rejects(ask({ selectors: [] }), 'refused', /there are none; name at least one/);
    await rejects(ask({ renews: 'none' }), 'missing', /refers to does not exist/);
    await ask({ id: 'e1', until: day(180) });
    await rejects(ask({ id: 'e1' }), 'conflict', /there is such a exception already/);
    await rejects(
      run(other, (tx) => tx.permissions.approve('e1', [])),
      'refused',
      /mean no asset/,
    );
    const assets = [
      { asset: 'device:1', accepted: '["idle"]' },
      { asset: 'device:2', accepted: null },
    ];
    const approved = await run(other, (tx) => tx.permissions.approve('e1', assets, 'https://example.test/1'));
    assert.deepEqual([approved.approvedBy, approved.requestedBy], ['nils', 'nora']);
    assert.deepEqual(
      (await run(north, (tx) => tx.permissions.exceptedAssets('e1'))).map(({ asset, accepted }) => ({
        asset,
        accepted,
      })),
      assets,
    );
    await rejects(
      run(other, (tx) => tx.permissions.approve('e1', assets)),
      'conflict',
      /answered already/,
    );
    await rejects(
      run(other, (tx) => tx.permissions.refuse('e1')),
      'conflict',
      /answered already/,
    );
    const holds = async (on: string) =>
      (await run(north, (tx) => tx.permissions.exceptions({ inForceOn: on }))).map(({ id }) => id);
    assert.deepEqual([await holds(day(180)), await holds(day(181))], [['e1'], []]);
    await ask({ id: 'e2', renews: 'e1' });
    assert.deepEqual(
      (await run(north, (tx) => tx.permissions.exceptions({ waiting: true }))).map(({ id }) => id),
      ['e2'],
    );
    await rejects(
      run(north, (tx) => tx.permissions.end('e2', 'not needed')),
      'refused',
      /only an approved/,
    );
    await run(north, (tx) => tx.permissions.end('e1', 'patched'));
    await rejects(
      run(north, (tx) => tx.permissions.end('e1', 'again')),
      'conflict',
      /ended already/,
    );
    assert.deepEqual(await holds(day(0)), []);
    await rejects(
      run(system, (tx) => tx.permissions.end('e9', 'none')),
      'missing',
      /no exception e9/,
    );
  });

  store('a standard has an author, another one who approves, and a time to come', async (decisions) => {
    const run = as(decisions);
    const soon = new Date(Date.now() + 60_000).toISOString();
    const version = { standard: 's', digest: digest('a'), definition: 'id: s', rollout: { state: 'warn' } };
    const propose = (fromAt: string) =>
      run(north, (tx) => tx.permissions.proposeStandard({ ...version, fromAt }));
    await rejects(propose(new Date(Date.now() - DAY).toISOString()), 'refused', /before it is approved/);
    const { number } = await propose(soon);
    await rejects(
      run(north, (tx) => tx.permissions.approveStandard(number)),
      'refused',
      /two people/,
    );
    const later = new Date(Date.now() + DAY).toISOString();
    assert.deepEqual(await run(south, (tx) => tx.permissions.standardsInForce(later)), []);
    await run(south, (tx) => tx.permissions.approveStandard(number));
    await rejects(
      run(south, (tx) => tx.permissions.approveStandard(number)),
      'conflict',
      /approved already/,
    );
    const inForce = (at: string) => run(south, (tx) => tx.permissions.standardsInForce(at));
    assert.deepEqual(await inForce(new Date().toISOString()), []);
    assert.deepEqual(
      (await inForce(later)).map(({ standard, rollout }) => [standard, rollout]),
      [['s', { state: 'warn' }]],
    );
  });

  store('a batch freezes its members, moves no date, and closes when it is empty', async (decisions) => {
    const run = as(decisions);
    await run(system, (tx) => tx.work.open([batch('b1', ['d1', 'd2']), batch('b2', ['d3'])]));
    await rejects(
      run(system, (tx) => tx.work.open([batch('b3', ['d9', 'd1'])])),
      'refused',
      /in an open batch of this standard already/,
    );
    await rejects(
      run(system, (tx) => tx.work.open([{ ...batch('b3', ['d9']), dueOn: day(-1) }])),
      'refused',
      /would arrive overdue/,
    );
    assert.deepEqual(
      (await run(north, (tx) => tx.work.members('b1'))).map(({ asset }) => asset),
      ['d1', 'd2'],
    );
    const page = await run(north, (tx) => tx.work.members('b1', { after: 'd1', limit: 1 }));
    assert.deepEqual(
      page.map(({ asset }) => asset),
      ['d2'],
    );
    const leave = (asset: string, observation?: string) =>
      run(system, (tx) =>
        tx.work.leave([
          { batch: 'b1', asset, as: 'passed', ...(observation !== undefined && { observation }) },
        ]),
      );
    await rejects(leave('d1'), 'refused', /without an observation/);
    await rejects(leave('d3', 'o1'), 'missing', /are no members/);
    assert.deepEqual(await leave('d1', 'o1'), []);
    await rejects(leave('d1', 'o2'), 'refused', /does not come back/);
    const rehome = (division: string) =>
      run(system, (tx) => tx.work.rehome('devices-are-patched', new Map([['north-team', division]])));
    await rehome('south');
    const moved = await run(system, (tx) => tx.work.members('b1'));
    assert.deepEqual(
      moved.map(({ asset, division, leftAs }) => [asset, division, leftAs]),
      [
        ['d1', 'south', 'passed'],
        ['d2', 'south', null],
      ],
    );
    await rehome('north');
    assert.deepEqual(await leave('d2', 'o3'), ['b1']);
    const closed = await run(north, (tx) => tx.work.batch('b1'));
    assert.equal(closed?.closedBy, 'system');
    await rejects(
      run(north, (tx) => tx.work.claim('b1', true)),
      'refused',
      /the batch is closed/,
    );
    assert.deepEqual(
      (await run(north, (tx) => tx.work.batches({ open: true }))).map(({ id }) => id),
      ['b2'],
    );
    const listed = async (filter: BatchFilter) =>
      (await run(north, (tx) => tx.work.batches(filter))).map(({ id }) => id);
    assert.deepEqual(await listed({ overdue: true }), []);
    assert.deepEqual(await listed({ teams: [] }), []);
    assert.deepEqual(await listed({ teams: ['nobody', closed?.team ?? ''], open: false }), ['b1']);
    await run(system, (tx) => tx.work.open([batch('b3', ['d1'])]));
    assert.deepEqual(
      (await run(system, (tx) => tx.auditEntries({ subject: 'b1' })))
        .map(({ action, outcome }) => [action, outcome].join(' '))
        .slice(0, 2),
      ['batch.claim refused', 'batch.close done'],
    );
  });

  store('people claim, snooze, comment and dispute, each within limits', async (decisions) => {
    const run = as(decisions);
    await run(system, (tx) => tx.work.open([batch('b1', ['d1'])]));
    const claimed = await run(north, (tx) => tx.work.claim('b1', true, 1));
    assert.deepEqual([claimed.claimedBy, claimed.version], ['nora', 2]);
    await rejects(
      run(other, (tx) => tx.work.claim('b1', true, 1)),
      'conflict',
      /no longer at version 1/,
    );
    await rejects(
      run(north, (tx) => tx.work.snooze('b1', day(15))),
      'refused',
      /beyond its due date/,
    );
    const snoozed = await run(north, (tx) => tx.work.snooze('b1', day(7)));
    assert.deepEqual([snoozed.snoozedUntil, snoozed.dueOn, snoozed.version], [day(7), day(14), 3]);
    await run(north, (tx) => tx.work.comment('b1', 'the vendor answers on Monday'));
    await rejects(
      run(north, (tx) => tx.work.comment('b1', '')),
      'refused',
      /it is empty/,
    );
    assert.deepEqual(
      (await run(other, (tx) => tx.work.comments('b1'))).map(({ saidBy, text }) => [saidBy, text]),
      [['nora', 'the vendor answers on Monday']],
    );
    const dispute = (until: number) =>
      run(north, (tx) =>
        tx.work.dispute('b1', { assets: ['d1'], reason: 'no such device', untilOn: day(until) }),
      );
    await rejects(dispute(15), 'refused', /14 days at most/);
    const { number } = await dispute(14);
    await rejects(dispute(10), 'refused', /were disputed in this batch already/);
    await rejects(
      run(north, (tx) => tx.work.settleDispute(number, 'upheld')),
      'refused',
      /one’s own dispute/,
    );
    await run(other, (tx) => tx.work.settleDispute(number, 'upheld', 'it was sold'));
    await rejects(
      run(other, (tx) => tx.work.settleDispute(number, 'rejected')),
      'conflict',
      /settled already/,
    );
    assert.deepEqual(
      (await run(north, (tx) => tx.work.disputes('b1'))).map((one) => [
        one.assets,
        one.outcome,
        one.endedBy,
        one.endReason,
      ]),
      [[['d1'], 'upheld', 'nils', 'it was sold']],
    );
    await rejects(
      run(north, (tx) => tx.work.comment('b9', 'x')),
      'missing',
      /no batch b9/,
    );
  });

  store('two divisions never see each other’s records, nor write into them', async (decisions) => {
    const run = as(decisions);
    await run(system, (tx) => tx.work.open([batch('bn', ['d1']), batch('bs', ['d2'], 'south')]));
    await run(north, (tx) => tx.work.comment('bn', 'a secret of the north'));
    await run(north, (tx) => tx.permissions.request(request('en')));
    await run(system, (tx) =>
      tx.delivery.post({ destination: 't', division: 'north', subject: 'bn', body: {} }),
    );
    await run(south, async (tx) => {
      assert.deepEqual(
        (await tx.work.batches()).map(({ id }) => id),
        ['bs'],
      );
      assert.deepEqual(
        [await tx.work.members('bn'), await tx.work.members('bs')].map((some) =>
          some.map(({ asset }) => asset),
        ),
        [[], ['d2']],
      );
      assert.equal(await tx.work.batch('bn'), null);
      assert.deepEqual(await tx.work.comments('bn'), []);
      assert.equal(await tx.permissions.exception('en'), null);
      assert.deepEqual(await tx.delivery.takeMessages('t', 10, 1), []);
      assert.deepEqual(
        (await tx.auditEntries()).map(({ subject }) => subject),
        ['bs'],
      );
    });
    await rejects(
      run(south, (tx) => tx.work.comment('bn', 'hello')),
      'missing',
      /no batch bn/,
    );
    await rejects(
      run(south, (tx) => tx.permissions.request(request('e2'))),
      'refused',
      /not yours/,
    );
    await rejects(
      run(south, (tx) => tx.work.open([batch('b4', ['d4'])])),
      'refused',
      /not yours/,
    );
    assert.deepEqual(await run({ id: 'guest', divisions: [] }, (tx) => tx.work.batches()), []);
    const odd: DecisionPrincipal = { id: 'x', divisions: ['*', '}"\\', "north'", 'north,south'] };
    assert.deepEqual(await run(odd, (tx) => tx.work.batches()), []);
    assert.equal((await run(system, (tx) => tx.work.batches())).length, 2);
  });
}
