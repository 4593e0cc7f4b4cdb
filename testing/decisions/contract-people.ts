/** Of the contract: owners, people, and what is delivered once. */
import assert from 'node:assert/strict';
import type { Decisions } from '@macadam/adapters/decisions/port';
import type { OnStore } from './contract.ts';
import { as, DAY, north, other, rejects, request, south, system } from './sample.ts';

export function peopleContract(store: OnStore): void {
  store('owners are decided in the open, newest first', async (decisions) => {
    const run = as(decisions);
    const decide = (act: 'assign' | 'hand-over' | 'accept', team: string, previousTeam: string | null) =>
      run(north, (tx) =>
        tx.organisation.decideOwner({
          asset: 'd1',
          act,
          team,
          previousTeam,
          division: 'north',
          reason: 'they run it',
        }),
      );
    await decide('assign', 'a', null);
    await decide('hand-over', 'b', 'a');
    await decide('accept', 'b', 'a');
    const decided = await run(other, (tx) => tx.organisation.ownersSettled(['d1', 'd2']));
    assert.deepEqual(
      decided.map(({ act, team, decidedBy }) => [act, team, decidedBy]),
      [['accept', 'b', 'nora']],
    );
  });

  store('many owners are decided in one act, and the newest that settles holds', async (decisions) => {
    const run = as(decisions);
    const assets = Array.from({ length: 12 }, (_, at) => `d${String(at).padStart(2, '0')}`);
    const base = { previousTeam: null, reason: 'they run it' };
    await run(system, (tx) =>
      tx.organisation.decideOwners(
        assets.map((asset, at) => {
          const division = at < 10 ? 'north' : 'south';
          return { ...base, asset, act: 'assign', team: `${division}-team`, division };
        }),
      ),
    );
    await run(north, (tx) =>
      tx.organisation.decideOwners([
        { ...base, asset: 'd01', act: 'hand-over', team: 'b', previousTeam: 'a', division: 'north' },
        { ...base, asset: 'd02', act: 'release', team: 'a', division: 'north' },
      ]),
    );
    const settled = await run(other, (tx) => tx.organisation.ownersDecided({ limit: 3 }));
    assert.deepEqual(
      settled.map(({ asset, act, team }) => [asset, act, team]),
      [
        ['d00', 'assign', 'north-team'],
        ['d01', 'assign', 'north-team'],
        ['d02', 'release', 'a'],
      ],
    );
    const rest = await run(other, (tx) => tx.organisation.ownersDecided({ after: 'd02' }));
    assert.equal(rest.length, 7, 'those of the other division are not to be seen');
    const entries = await run(system, (tx) => tx.auditEntries({ action: 'owner.assign' }));
    assert.deepEqual(
      entries.map(({ subject, division }) => [subject, division]),
      [
        ['2 assets', 'south'],
        ['10 assets', 'north'],
      ],
    );
  });

  store('rules about owners are versions, of which the newest holds', async (decisions) => {
    const run = as(decisions);
    const set = (confirmFor: number, reason = 'the order that was agreed') =>
      run(system, (tx) =>
        tx.organisation.setOwnerRules({
          rules: [{ id: 'decided', by: 'explicit' }],
          aliases: {},
          confirmFor,
          reason,
        }),
      );
    assert.equal(await run(system, (tx) => tx.organisation.ownerRules()), null);
    const { number } = await set(90);
    await set(180);
    await rejects(set(0), 'refused', /not a number of days/);
    await rejects(set(90, 'because'), 'refused', /fewer than ten characters/);
    const [newest, first] = await run(south, async (tx) => [
      await tx.organisation.ownerRules(),
      await tx.organisation.ownerRules(number),
    ]);
    assert.deepEqual([newest?.confirmFor, first?.confirmFor], [180, 90]);
  });

  store('people and groups are a directory’s, and who is taken out stays on record', async (decisions) => {
    const run = as(decisions);
    await run(system, async ({ organisation }) => {
      await organisation.putPeople([
        { id: 'ann', name: 'Ann', userName: 'Ann@example.test', externalId: 'x1' },
        { id: 'bo', name: 'Bo' },
      ]);
      await organisation.putGroup({ id: 'g1', name: 'Shop', unit: 'shop' });
      await organisation.putGroup({ id: 'g2', name: 'All' });
      await organisation.setGroupMembers('g1', {
        add: ['ann', 'bo'].map((member) => ({ member, sort: 'person' })),
        remove: [],
      });
      await organisation.setGroupMembers('g2', { add: [{ member: 'g1', sort: 'group' }], remove: [] });
      await organisation.setGroupMembers('g1', { add: [], remove: [{ member: 'bo', sort: 'person' }] });
    });
    const named = () => run(system, (tx) => tx.organisation.personByUserName('ANN@example.test'));
    const before = await named();
    assert.deepEqual([before?.id, before?.version], ['ann', 1]);
    const held = await run(system, async ({ organisation }) => [
      (await organisation.groupMembers(['g1'])).map(({ member }) => member),
      (await organisation.groupsOf(['g1'])).map(({ group }) => group),
    ]);
    assert.deepEqual(held, [['ann'], ['g2']]);
    const second = (id: string, given: object) =>
      run(system, (tx) => tx.organisation.putPerson({ id, name: 'x', ...given }));
    await rejects(second('other', { userName: 'ann@EXAMPLE.test' }), 'refused', /whatever its case/);
    await rejects(
      run(system, (tx) => tx.organisation.putGroup({ id: 'g3', name: 'x', unit: 'shop' })),
      'refused',
      /another group stands for that unit/,
    );
    const removedAt = new Date().toISOString();
    await rejects(second('ann', { removedAt }), 'refused', /person_removed/);
    await second('ann', { active: false, userName: 'Ann@example.test', removedAt });
    assert.equal(await named(), null);
    assert.equal((await run(system, (tx) => tx.organisation.person('ann')))?.removedAt !== null, true);
    await second('other', { userName: 'ann@EXAMPLE.test' });
    assert.equal((await named())?.id, 'other');
  });

  store('a repeated request has one effect, from two processes at once', async (decisions, { again }) => {
    const second = await again();
    try {
      const ask = (through: Decisions) =>
        as(through)(north, async (tx) => {
          const { fresh, answer } = await tx.delivery.claimKey('key', 'POST /exceptions {…}');
          if (!fresh) return answer;
          const { id } = await tx.permissions.request(request('once'));
          await tx.delivery.answer('key', { id });
          return { id };
        });
      const answers = await Promise.all([decisions, second, decisions, second].map(ask));
      assert.deepEqual(answers, Array(4).fill({ id: 'once' }));
      const run = as(decisions);
      assert.equal((await run(system, (tx) => tx.auditEntries())).length, 1);
      await rejects(
        run(north, (tx) => tx.delivery.claimKey('key', 'DELETE /')),
        'conflict',
        /used for another request/,
      );
      assert.equal((await run(other, (tx) => tx.delivery.claimKey('key', 'DELETE /'))).fresh, true);
      const gone = await run(system, (tx) =>
        tx.delivery.forgetKeys(new Date(Date.now() + DAY).toISOString()),
      );
      assert.equal(gone, 2);
    } finally {
      await second.close();
    }
  });

  store('messages leave once and in order, whoever takes them', async (decisions, { again }) => {
    const second = await again();
    try {
      const run = as(decisions);
      await run(system, async (tx) => {
        for (let index = 0; index < 12; index += 1)
          await tx.delivery.post({
            destination: 'jira',
            division: index % 2 ? 'north' : 'south',
            subject: `b${index % 4}`,
            body: { index },
          });
      });
      const seen: unknown[] = [];
      for (let round = 0; round < 3; round += 1) {
        const taken = await Promise.all(
          [decisions, second].map((one) => as(one)(system, (tx) => tx.delivery.takeMessages('jira', 2, 60))),
        );
        for (const message of taken.flat()) {
          seen.push(message.body);
          await run(system, (tx) => tx.delivery.delivered(message.number));
        }
      }
      const indexes = seen.map((body) => (body as { index: number }).index);
      assert.deepEqual(
        indexes.toSorted((a, b) => a - b),
        [...Array(12).keys()],
      );
      for (const subject of [0, 1, 2, 3])
        assert.deepEqual(
          indexes.filter((index) => index % 4 === subject),
          [subject, subject + 4, subject + 8],
        );
      await run(system, (tx) =>
        tx.delivery.post({ destination: 'jira', division: '', subject: 'x', body: 1 }),
      );
      const [first] = await run(system, (tx) => tx.delivery.takeMessages('jira', 5, 60));
      assert.deepEqual(await run(system, (tx) => tx.delivery.takeMessages('jira', 5, 60)), []);
      await run(system, (tx) => tx.delivery.failed(first?.number ?? 0, '503', new Date(0).toISOString()));
      const [retried] = await run(system, (tx) => tx.delivery.takeMessages('jira', 5, 60));
      assert.deepEqual([retried?.attempts, retried?.problem], [2, '503']);
    } finally {
      await second.close();
    }
  });
}
