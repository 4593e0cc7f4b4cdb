/** What every store of decisions must do, whatever it stands on. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { verifyAudit } from './audit.ts';
import {
  type Decisions,
  DecisionsError,
  type DecisionsOptions,
  type DecisionTransaction,
  type Principal,
} from './port.ts';

export interface OpenedDecisions {
  readonly decisions: Decisions;
  /** The same store once more, as another process would open it. */
  readonly again: () => Promise<Decisions>;
  /** Closes it, and deletes what it holds. */
  readonly dispose: () => Promise<void>;
}

export const system: Principal = { id: 'system', divisions: 'all' };
export const north: Principal = { id: 'nora', divisions: ['north'] };
export const south: Principal = { id: 'saul', divisions: ['south'] };
const other: Principal = { id: 'nils', divisions: ['north'] };

const DAY = 86_400_000;
export const day = (after: number, from: string | Date = new Date()): string =>
  new Date(new Date(from).getTime() + after * DAY).toISOString().slice(0, 10);
const digest = (letter: string) => letter.repeat(64);

export const batch = (id: string, assets: readonly string[], division = 'north') => ({
  id,
  standard: 'devices-are-patched',
  team: `${division}-team`,
  division,
  dueOn: day(14),
  members: assets.map((asset) => ({ asset, failingSince: new Date(Date.now() - DAY).toISOString() })),
});

export const request = (id: string, division = 'north') => ({
  id,
  standard: 'devices-are-patched',
  division,
  selectors: ['device:*'],
  reason: 'the vendor has no fix yet',
  until: day(30),
});

/** The rejection's fault, and its text against a pattern. */
export async function rejects(
  work: Promise<unknown>,
  fault: DecisionsError['fault'],
  says: RegExp,
): Promise<DecisionsError> {
  const error = await work.then(
    () => assert.fail(`it was accepted, and should say ${says}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof DecisionsError, `${error}`);
  assert.equal(error.fault, fault, error.message);
  assert.match(error.message, says);
  return error;
}

/** `open` gives an empty store at every call. */
export function decisionsContract(
  name: string,
  open: (options?: Partial<DecisionsOptions>) => Promise<OpenedDecisions>,
): void {
  const store = (
    what: string,
    body: (decisions: Decisions, opened: OpenedDecisions) => Promise<void>,
    options: Partial<DecisionsOptions> = {},
  ) =>
    test(`${name}: ${what}`, async () => {
      const opened = await open(options);
      try {
        await body(opened.decisions, opened);
      } finally {
        await opened.dispose();
      }
    });
  const as =
    (decisions: Decisions) =>
    <T>(principal: Principal, work: (tx: DecisionTransaction) => Promise<T>, at?: Date) =>
      decisions.transaction(principal, work, at ? { at } : {});

  store('what was decided is there, and in the log with who did it', async (decisions) => {
    const run = as(decisions);
    const attributes = { a_b: [1, { cD: null }], é: '"\\\n' };
    const ann = await run(system, (tx) => tx.organisation.putPerson({ id: 'ann', name: 'Ann', attributes }));
    assert.deepEqual(await run(north, (tx) => tx.organisation.person('ann')), ann);
    assert.deepEqual(ann.attributes, attributes);
    const again = await run(system, (tx) =>
      tx.organisation.putPerson({ id: 'ann', name: 'Ann B', externalId: 'x1', attributes }),
    );
    assert.deepEqual([again.name, again.version], ['Ann B', 2]);
    assert.equal((await run(north, (tx) => tx.organisation.personByExternalId('x1')))?.id, 'ann');
    const body = { team: 'a', under: 'b' };
    for (const effectiveOn of ['2026-03-01', '2026-01-01'])
      await run(system, (tx) => tx.organisation.recordEvent({ effectiveOn, kind: 'team-moved', body }));
    const on = async (until: string) =>
      (await run(north, (tx) => tx.organisation.events({ on: until }))).map((each) => each.effectiveOn);
    assert.deepEqual(await on('2026-02-28'), ['2026-01-01']);
    assert.deepEqual(await on('2026-03-01'), ['2026-01-01', '2026-03-01']);
    const entries = await run(system, (tx) => tx.auditEntries());
    assert.deepEqual(
      entries.map(({ number, action, principal, outcome }) => [number, action, principal, outcome]),
      [
        [4, 'organisation.team-moved', 'system', 'done'],
        [3, 'organisation.team-moved', 'system', 'done'],
        [2, 'person.put', 'system', 'done'],
        [1, 'person.put', 'system', 'done'],
      ],
    );
    assert.deepEqual(entries[0]?.detail, body);
    assert.deepEqual(await verifyAudit(decisions.auditLog()), {
      whole: true,
      entries: 4,
      digest: (await run(system, (tx) => tx.auditHead())).digest,
    });
  });

  store('all of a transaction happens or nothing, and the log with it', async (decisions) => {
    const run = as(decisions);
    const spoilt = new Error('the app failed');
    await assert.rejects(
      run(system, async (tx) => {
        await tx.organisation.putPerson({ id: 'ann', name: 'Ann' });
        throw spoilt;
      }),
      spoilt,
    );
    assert.equal(await run(system, (tx) => tx.organisation.person('ann')), null);
    assert.deepEqual(await run(system, (tx) => tx.auditEntries()), []);
    const reading = decisions.transaction(
      system,
      (tx) => tx.organisation.putPerson({ id: 'ann', name: 'Ann' }),
      { readOnly: true },
    );
    await rejects(reading, 'refused', /read-only transaction/);
    await rejects(
      run(system, (tx) => tx.organisation.putPerson({ id: 'nul', name: 'a\0b' })),
      'refused',
      /unsupported Unicode escape|invalid byte sequence/,
    );
    assert.deepEqual(await run(system, (tx) => tx.organisation.people()), []);
    assert.deepEqual(
      (await run(system, (tx) => tx.auditEntries())).map(({ action, outcome }) => [action, outcome]),
      [
        ['person.put', 'refused'],
        ['person.put', 'refused'],
      ],
    );
  });

  store('what is refused is in the log as refused, with the reason', async (decisions) => {
    const run = as(decisions);
    await run(north, (tx) => tx.permissions.request(request('e1')));
    const error = await rejects(
      run(north, (tx) => tx.permissions.approve('e1', [{ asset: 'device:1', accepted: null }])),
      'refused',
      /the one who asks and the one who approves are two people; have somebody else approve it/,
    );
    assert.deepEqual([error.field, error.fix], ['approvedBy', 'have somebody else approve it']);
    await decisions.refused(
      south,
      { action: 'exception.end', subject: 'e1', division: 'south' },
      'no policy permits it',
    );
    const [policy, constraint] = await run(system, (tx) => tx.auditEntries({ subject: 'e1' }));
    assert.deepEqual(
      [policy?.principal, policy?.action, policy?.outcome, policy?.reason],
      ['saul', 'exception.end', 'refused', 'no policy permits it'],
    );
    assert.deepEqual(
      [constraint?.principal, constraint?.action, constraint?.outcome, constraint?.division],
      ['nora', 'exception.approve', 'refused', 'north'],
    );
    assert.match(constraint?.reason ?? '', /two people/);
    assert.equal((await run(north, (tx) => tx.permissions.exception('e1')))?.approvedAt, null);
    assert.equal((await verifyAudit(decisions.auditLog())).whole, true);
  });

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
      (await run(north, (tx) => tx.work.openMembers())).map(({ batch: of, asset }) => [of, asset]),
      [
        ['b1', 'd1'],
        ['b1', 'd2'],
        ['b2', 'd3'],
      ],
    );
    const page = await run(north, (tx) =>
      tx.work.openMembers({ after: ['devices-are-patched', 'd1'], limit: 1 }),
    );
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
      run(north, (tx) => tx.work.dispute('b1', 'no such device', day(until)));
    await rejects(dispute(15), 'refused', /14 days at most/);
    const { number } = await dispute(14);
    await rejects(dispute(10), 'refused', /disputed already/);
    await rejects(
      run(north, (tx) => tx.work.settleDispute(number, 'upheld')),
      'refused',
      /one’s own dispute/,
    );
    await run(other, (tx) => tx.work.settleDispute(number, 'upheld'));
    await rejects(
      run(other, (tx) => tx.work.settleDispute(number, 'rejected')),
      'conflict',
      /settled already/,
    );
    assert.deepEqual(
      (await run(north, (tx) => tx.work.disputes('b1'))).map(({ outcome, endedBy }) => [outcome, endedBy]),
      [['upheld', 'nils']],
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
        (await tx.work.openMembers()).map(({ asset }) => asset),
        ['d2'],
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
    const odd: Principal = { id: 'x', divisions: ['*', '}"\\', "north'", 'north,south'] };
    assert.deepEqual(await run(odd, (tx) => tx.work.batches()), []);
    assert.equal((await run(system, (tx) => tx.work.batches())).length, 2);
  });

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
      const grant = (by: Principal) =>
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

  store('of two at once one is first: names are held, logs do not fork', async (decisions, { again }) => {
    const second = await again();
    try {
      let inside = 0;
      const counted = (through: Decisions, index: number) =>
        as(through)(system, async (tx) => {
          await tx.exclusive('reconcile');
          inside += 1;
          assert.equal(inside, 1);
          const people = await tx.organisation.people({ limit: 1000 });
          await tx.organisation.putPerson({ id: `p${index}`, name: `${people.length}` });
          inside -= 1;
        });
      const all = Array.from({ length: 20 }, (_, index) => counted(index % 2 ? decisions : second, index));
      await Promise.all(all);
      const people = await as(second)(system, (tx) => tx.organisation.people());
      assert.deepEqual(
        people.map(({ name: count }) => Number(count)).toSorted((a, b) => a - b),
        [...Array(20).keys()],
      );
      const comments = Array.from({ length: 20 }, (_, index) =>
        as(index % 2 ? decisions : second)(system, async (tx) =>
          tx.audit({ action: 'note.write', subject: `n${index}` }),
        ),
      );
      await Promise.all(comments);
      const verdict = await verifyAudit(decisions.auditLog());
      assert.deepEqual([verdict.whole, verdict.whole && verdict.entries], [true, 40]);
      assert.deepEqual(await verifyAudit(second.auditLog()), verdict);
    } finally {
      await second.close();
    }
  });

  store(
    'in a simulated store time is played, and in no other',
    async (decisions) => {
      const run = as(decisions);
      const at = new Date('2026-01-10T08:00:00.000Z');
      await run(
        system,
        async (tx) => {
          assert.equal(tx.at, '2026-01-10T08:00:00Z');
          await tx.work.open([{ ...batch('b1', ['d1']), dueOn: '2026-01-24' }]);
        },
        at,
      );
      assert.equal((await run(north, (tx) => tx.work.batch('b1'), at))?.openedAt, '2026-01-10T08:00:00Z');
      const asked = { ...request('e1'), until: '2026-06-01' };
      await run(north, (tx) => tx.permissions.request(asked), at);
      await rejects(
        run(
          other,
          (tx) => tx.permissions.approve('e1', [{ asset: 'd1', accepted: null }]),
          new Date('2026-06-02'),
        ),
        'refused',
        /over already/,
      );
      const [entry] = await run(system, (tx) => tx.auditEntries(), at);
      assert.equal(entry?.at, '2026-06-02T00:00:00.000000Z');
    },
    { simulated: true },
  );

  store('a real store takes no time from outside', async (decisions) => {
    await rejects(
      as(decisions)(system, async () => {}, new Date(0)),
      'refused',
      /time passes by itself in a real store/,
    );
  });

  store('a closed store says so', async (decisions) => {
    await decisions.close();
    await decisions.close();
    await rejects(
      as(decisions)(system, async () => {}),
      'unavailable',
      /is closed/,
    );
  });
}
