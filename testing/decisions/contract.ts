/** What every store of decisions must do, whatever it stands on. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { verifyAudit } from '@macadam/adapters/decisions/audit';
import type { Decisions, DecisionsOptions } from '@macadam/adapters/decisions/port';
import { accessContract } from './contract-access.ts';
import { listingContract } from './contract-listing.ts';
import { peopleContract } from './contract-people.ts';
import { rulesContract } from './contract-rules.ts';
import { as, batch, north, other, rejects, request, south, system } from './sample.ts';

export interface OpenedDecisions {
  readonly decisions: Decisions;
  /** The same store once more, as another process would open it. */
  readonly again: () => Promise<Decisions>;
  /** Closes it, and deletes what it holds. */
  readonly dispose: () => Promise<void>;
}

/** Declares a test that has a store of its own. */
export type OnStore = (
  what: string,
  body: (decisions: Decisions, opened: OpenedDecisions) => Promise<void>,
  options?: Partial<DecisionsOptions>,
) => void;

/** `open` gives an empty store at every call. */
export function decisionsContract(
  name: string,
  open: (options?: Partial<DecisionsOptions>) => Promise<OpenedDecisions>,
): void {
  const store: OnStore = (what, body, options = {}) => {
    test(`${name}: ${what}`, async () => {
      const opened = await open(options);
      try {
        await body(opened.decisions, opened);
      } finally {
        await opened.dispose();
      }
    });
  };
  logContract(store);
  rulesContract(store);
  peopleContract(store);
  accessContract(store);
  listingContract(store);
}

function logContract(store: OnStore): void {
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
    const moves = ['2026-03-01', '2026-01-01'].map((effectiveOn) => ({ effectiveOn, kind: 'moved', body }));
    await run(system, (tx) => tx.organisation.recordEvents(moves, 'a file'));
    const on = async (until: string) =>
      (await run(north, (tx) => tx.organisation.events({ on: until }))).map((each) => each.effectiveOn);
    assert.deepEqual(await on('2026-02-28'), ['2026-01-01']);
    assert.deepEqual(await on('2026-03-01'), ['2026-01-01', '2026-03-01']);
    const entries = await run(system, (tx) => tx.auditEntries());
    assert.deepEqual(
      entries.map(({ number, action, principal, outcome }) => [number, action, principal, outcome]),
      [
        [3, 'organisation.import', 'system', 'done'],
        [2, 'person.put', 'system', 'done'],
        [1, 'person.put', 'system', 'done'],
      ],
    );
    assert.deepEqual(entries[0]?.detail, { events: moves });
    assert.deepEqual(await verifyAudit(decisions.auditLog()), {
      whole: true,
      entries: 3,
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
      /none that can be kept/,
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
