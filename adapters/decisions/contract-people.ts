/** Of the contract: owners, access, and what is delivered once. */
import assert from 'node:assert/strict';
import type { OnStore } from './contract.ts';
import type { DecisionPrincipal, Decisions } from './port.ts';
import { as, DAY, day, digest, north, other, rejects, request, south, system } from './sample.ts';

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
    const decided = await run(other, (tx) => tx.organisation.ownerDecisions(['d1', 'd2']));
    assert.deepEqual(
      decided.map(({ act, team, decidedBy }) => [act, team, decidedBy]),
      [
        ['accept', 'b', 'nora'],
        ['hand-over', 'b', 'nora'],
        ['assign', 'a', 'nora'],
      ],
    );
    await run(system, async (tx) => {
      await tx.organisation.putPerson({ id: 'ann', name: 'Ann' });
      const selector = { division: 'north' };
      await tx.organisation.recordAccountability({
        person: 'ann',
        role: 'deputy-ciso',
        selector,
        fromOn: day(-10),
      });
    });
    const [ann] = await run(south, (tx) => tx.organisation.accountabilities(day(0)));
    assert.deepEqual([ann?.person, ann?.selector], ['ann', { division: 'north' }]);
    assert.deepEqual(await run(south, (tx) => tx.organisation.accountabilities(day(-11))), []);
    await run(system, (tx) => tx.organisation.endAccountability(ann?.number ?? 0));
    assert.deepEqual(await run(south, (tx) => tx.organisation.accountabilities(day(0))), []);
  });

  store(
    'tokens live for seven days at most, roles come from others, secrets are digests',
    async (decisions) => {
      const run = as(decisions);
      const hour = (after: number) => new Date(Date.now() + after * 3_600_000).toISOString();
      await run(system, (tx) => tx.organisation.putPerson({ id: 'nora', name: 'Nora' }));
      const issue = (expiresAt: string, value = digest('a')) =>
        run(north, (tx) =>
          tx.access.issueToken({
            id: `t${value[0]}`,
            person: 'nora',
            digest: value,
            name: 'pipeline',
            scopes: ['work:read'],
            expiresAt,
          }),
        );
      await rejects(issue(hour(24 * 7 + 1)), 'refused', /seven days at most/);
      await rejects(issue(hour(1), 'the token itself'), 'refused', /api_token_digest/);
      const token = await issue(hour(24 * 7 - 1));
      assert.deepEqual(token.scopes, ['work:read']);
      const known = () => run(system, (tx) => tx.access.token(digest('a')));
      assert.equal((await known())?.person, 'nora');
      assert.deepEqual(await run(other, (tx) => tx.access.tokens('nora')), []);
      await run(north, (tx) => tx.access.revokeToken('ta'));
      assert.equal(await known(), null);
      const grant = (by: DecisionPrincipal) =>
        run(by, (tx) => tx.access.grant({ person: 'nora', role: 'engineer', division: 'north' }));
      await rejects(grant(north), 'refused', /nobody gives a role to oneself/);
      const { number } = await grant(other);
      await rejects(grant(other), 'refused', /has it already/);
      assert.deepEqual(
        (await run(north, (tx) => tx.access.roles('nora'))).map(({ role }) => role),
        ['engineer'],
      );
      await run(other, (tx) => tx.access.revoke(number));
      assert.deepEqual(await run(north, (tx) => tx.access.roles('nora')), []);
      await run(system, (tx) =>
        tx.access.startSession({ digest: digest('b'), person: 'nora', expiresAt: hour(1) }),
      );
      assert.equal((await run(system, (tx) => tx.access.session(digest('b'))))?.person, 'nora');
      await run(system, (tx) => tx.access.endSession(digest('b')));
      assert.equal(await run(system, (tx) => tx.access.session(digest('b'))), null);
      await run(system, (tx) =>
        tx.access.link({ issuer: 'https://id.example', subject: '7', person: 'nora' }),
      );
      assert.equal(await run(system, (tx) => tx.access.personOf('https://id.example', '7')), 'nora');
      const entries = JSON.stringify(await run(system, (tx) => tx.auditEntries()));
      assert.doesNotMatch(entries, /a{64}|b{64}/);
    },
  );

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
